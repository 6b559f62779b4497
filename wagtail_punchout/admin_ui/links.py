"""PunchOut links: drafts, history and comparison by Wagtail; what is live is what buyers meet."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TabbedInterface
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.views import chooser
from wagtail.snippets.views import snippets as views

from wagtail_punchout.admin_ui.choosers import ChoosesOnly, Scoped
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.listing import WIDE, ActiveColumn, Guidance, SafeCsv, WordSearch
from wagtail_punchout.admin_ui.policies import policy_of
from wagtail_punchout.admin_ui.scoped import ScopedForm, ScopedViews
from wagtail_punchout.admin_ui.sections import Section, SectionsView, Tab
from wagtail_punchout.models import CustomerGroup, PunchoutLink

GENERAL = ["name", "group", "format", "is_active", "operation_allowed", "visit_minutes"]
RETURN = [
    "return_origins",
    "default_return_url",
    "allow_http_return",
    "return_encoding",
    "post_on_cancel",
    "send_price_basis",
]
FRAME = ["frame_origins", "window_target"]


class LinkList(Guidance, SafeCsv, WordSearch, views.IndexView):
    word_lookups = ("group__company__search_text__contains",)
    plain_lookups = ("name__icontains", "group__name__icontains")
    empty_advice = _("A link lets the customers of one group in. Add one, and publish it.")

    def get_base_queryset(self) -> QuerySet:
        return PunchoutLink.objects.select_related("group")

    @cached_property
    def columns(self) -> list:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="snippet"),
            self._get_title_column("name"),
            Column("group", label=_("Group"), sort_key="group__name"),
            Column("get_format_display", label=_("Format"), sort_key="format", classname=WIDE),
            ActiveColumn(label=_("Switch")),
            LiveStatusTagColumn(label=_("Published")),
            UpdatedAtColumn(),
        ]


class LinkCreate(views.CreateView):
    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("group", "")
        which = {"pk": int(asked)} if asked.isdecimal() else {"links": None}
        groups = policy_of(CustomerGroup).limit(CustomerGroup.objects.all(), self.request.user, "change")
        only = list(groups.filter(**which)[:2])
        return super().get_initial() | ({"group": only[0], "name": str(only[0])} if len(only) == 1 else {})


class LinkDelete(SafeDelete, views.DeleteView):
    pass


class LinkInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        return [
            self.facts("general", gettext("General"), GENERAL),
            self.facts("return", gettext("Return"), RETURN),
            self.facts("frame", gettext("Frame"), FRAME),
        ]


class LinkForm(ScopedForm):
    """A link belongs to a group that its editor may change: a shared group can be seen by many who may not."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if group := self.fields.get("group"):
            group.queryset = policy_of(CustomerGroup).limit(group.queryset, self.for_user, "change")


class LinkScope(Scoped):
    def choosable(self) -> QuerySet:
        return super().choosable().select_related("group")


class LinkChooser(ChoosesOnly, chooser.SnippetChooserViewSet):
    choose_view_class = type("ChooseView", (LinkScope, chooser.ChooseView), {})
    choose_results_view_class = type("ChooseResultsView", (LinkScope, chooser.ChooseResultsView), {})
    chosen_view_class = type("ChosenView", (LinkScope, chooser.SnippetChosenView), {})
    chosen_multiple_view_class = type("ChosenMultipleView", (LinkScope, chooser.SnippetChosenMultipleView), {})


class LinkViewSet(ScopedViews, views.SnippetViewSet):
    model = PunchoutLink
    url_namespace = "punchout_links"
    url_prefix = "punchout/links"
    chooser_admin_url_namespace = "punchout_link_chooser"
    chooser_base_url_path = "punchout/choose/link"
    menu_item_is_registered = True  # in our own menu, and not among the snippets
    menu_label = _("Links")
    icon = "link"
    index_view_class = LinkList
    add_view_class = LinkCreate
    delete_view_class = LinkDelete
    inspect_view_class = LinkInspect
    chooser_viewset_class = LinkChooser
    inspect_template_name = SectionsView.template_name
    index_results_template_name = Guidance.results_template_name
    inspect_view_enabled = True
    ordering = "name"
    list_filter = ["format", "is_active", "live"]
    edit_handler = TabbedInterface(
        [
            Tab("general", [FieldPanel(each) for each in GENERAL], heading=_("General")),
            Tab("return", [FieldPanel(each) for each in RETURN], heading=_("Return")),
            Tab("frame", [FieldPanel(each) for each in FRAME], heading=_("Frame")),
        ],
        base_form_class=LinkForm,
    )


links = LinkViewSet()
