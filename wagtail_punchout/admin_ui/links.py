"""PunchOut links: drafts, history and comparison by Wagtail; what is live is what buyers meet."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import (
    BooleanColumn,
    BulkActionsCheckboxColumn,
    Column,
    UpdatedAtColumn,
)
from wagtail.snippets.action_menu import ActionMenuItem, PublishMenuItem, UnpublishMenuItem
from wagtail.snippets.views import chooser
from wagtail.snippets.views import snippets as views

from wagtail_punchout.admin_ui.choosers import ChoosesOnly, Scoped
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.link_drafts import OffersDrafts
from wagtail_punchout.admin_ui.link_form import CALL, FRAME, GENERAL, RETURN, SHOP, USED_IN, tabs
from wagtail_punchout.admin_ui.listing import (
    WIDE,
    ActiveColumn,
    Guidance,
    PublishedColumn,
    SafeCsv,
    Settled,
    WordSearch,
)
from wagtail_punchout.admin_ui.mapping_editor import CheckMapping
from wagtail_punchout.admin_ui.mapping_files import Download, Files
from wagtail_punchout.admin_ui.mapping_preview import Preview
from wagtail_punchout.admin_ui.policies import can, policy_of
from wagtail_punchout.admin_ui.profile_words import filled_in_words, name_of
from wagtail_punchout.admin_ui.profiles import FillFromProfile, facts_of, limits_of
from wagtail_punchout.admin_ui.scoped import ScopedViews, key_of
from wagtail_punchout.admin_ui.sections import Facts, Rows, Section, SectionsView
from wagtail_punchout.admin_ui.unit_report import MissingUnits, UnitReport
from wagtail_punchout.models import CustomerGroup, PunchoutLink
from wagtail_punchout.models.links import LinkFormat


class LinkList(Guidance, SafeCsv, WordSearch, Settled, views.IndexView):
    word_lookups = ("group__company__search_text__contains",)
    plain_lookups = ("name__icontains", "group__name__icontains")
    empty_advice = _("A link lets the customers of one group in. Add one, and publish it.")

    def get_base_queryset(self) -> QuerySet:
        return PunchoutLink.objects.select_related("group__company")

    @cached_property
    def columns(self) -> list:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="snippet"),
            self._get_title_column("name"),
            Column("group", label=_("Group"), sort_key="group__name"),
            Column("get_format_display", label=_("Format"), sort_key="format", classname=WIDE),
            ActiveColumn(label=_("Switch")),
            PublishedColumn(),
            UpdatedAtColumn(),
        ]


class LinkCreate(views.CreateView):
    """Not saved while somebody types: it is filled from its profile once, when all has been entered."""

    def setup(self, *args: Any, **kwargs: Any) -> None:
        super().setup(*args, **kwargs)
        self.autosave_enabled = False

    def get_initial(self) -> dict[str, Any]:
        asked = key_of(self.request.GET.get("group"))
        which = {"links": None} if asked is None else {"pk": asked}
        groups = policy_of(CustomerGroup).limit(CustomerGroup.objects.all(), self.request.user, "change")
        only = list(groups.filter(**which)[:2])
        return super().get_initial() | ({"group": only[0], "name": str(only[0])} if len(only) == 1 else {})

    def save_instance(self) -> PunchoutLink:
        link = super().save_instance()
        if link.buyer_profile:
            system = {"system": name_of(link.buyer_profile), "fields": filled_in_words(link, self.form.filled)}
            filled = gettext("Filled with what is known of %(system)s: %(fields)s.")
            nothing = gettext("Nothing had to be filled in for %(system)s.")
            messages.info(self.request, (filled if self.form.filled else nothing) % system)
        return link


class LinkEdit(OffersDrafts, views.EditView):
    pass


class LinkDelete(SafeDelete, views.DeleteView):
    pass


class LinkInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        link = self.object
        general = [each for each in GENERAL if each != "buyer_profile"]
        system = (gettext("Procurement system"), name_of(link.buyer_profile))
        return [
            Facts("general", gettext("General"), [*map(self.fact, self._used(general)), system]),
            self.facts("call", gettext("Call"), self._used(CALL)),
            self.facts("return", gettext("Return"), self._used(RETURN)),
            mapping_of(link),
            units_of(link),
            self.facts("shop", gettext("Shop"), SHOP),
            self.facts("frame", gettext("Frame"), FRAME),
            *limits_of(link),
            *facts_of(link),
        ]

    def _used(self, names: list[str]) -> list[str]:
        """Fields that mean something in the link's format."""
        return [each for each in names if self.object.format in USED_IN.get(each, LinkFormat.values)]


def mapping_of(link: PunchoutLink) -> Section:
    columns = [
        Column("target", label=_("Field of the buyer")),
        Column("get_kind_display", label=_("Comes from")),
        Column("source", label=_("Content")),
        Column("transforms", label=_("Changed by")),
        Column("only_when", label=_("Only when")),
        BooleanColumn("required", label=_("Required")),
    ]
    empty = gettext("No row: what is sent is what the format has by itself.")
    return Rows("mapping", gettext("Mapping"), columns, link.mapping_rows.all(), empty=empty)


def units_of(link: PunchoutLink) -> Section:
    columns = [Column("ours", label=_("Our unit")), Column("theirs", label=_("Unit of the buyer"))]
    empty = gettext("No unit is translated for this buyer.")
    return Rows("units", gettext("Units"), columns, link.unit_rows.all(), empty=empty)


def offer_publishing(items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]) -> None:
    """Wagtail's menu asks for Django's own right to publish; the view behind it, and now the menu too, asks ours."""
    if context["model"] is not PunchoutLink:
        return
    link = context.get("instance")
    kept = [each for each in items if not isinstance(each, PublishMenuItem | UnpublishMenuItem)]
    if can(request.user, "publish", link or PunchoutLink) and not context.get("locked_for_user"):
        kept.append(PublishMenuItem(order=30))
        if context["view"] == "edit" and link.live:
            kept.append(UnpublishMenuItem(order=20))
    items[:] = sorted(kept, key=lambda each: each.order)


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
    edit_view_class = LinkEdit
    delete_view_class = LinkDelete
    inspect_view_class = LinkInspect
    chooser_viewset_class = LinkChooser
    inspect_template_name = SectionsView.template_name
    index_results_template_name = Guidance.results_template_name
    inspect_view_enabled = True
    ordering = "name"
    list_filter = ["format", "is_active", "live"]
    edit_handler = tabs()

    def get_urlpatterns(self) -> list:
        return [
            *super().get_urlpatterns(),
            path("check-mapping/", CheckMapping.as_view(), name="check_mapping"),
            path("profile/<int:pk>/", FillFromProfile.as_view(), name="profile"),
            path("preview/<int:pk>/", Preview.as_view(), name="preview_carts"),
            path("files/<int:pk>/", Files.as_view(), name="mapping_files"),
            path("files/<int:pk>/<slug:sheet>/<slug:form>/", Download.as_view(), name="mapping_download"),
            path("units/<int:pk>/", MissingUnits.as_view(), name="missing_units"),
            path("units/", UnitReport.as_view(), name="unit_report"),
        ]


links = LinkViewSet()
