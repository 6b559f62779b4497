"""Customer groups: who may use which links."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TabbedInterface
from wagtail.admin.ui.tables import BaseColumn, Column, LiveStatusTagColumn, NumberColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.history import History, RecordsChanges
from wagtail_punchout.admin_ui.listing import WIDE, ActiveColumn, ListView
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.scoped import ScopedForm, ScopedViewSet
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, ReadingPanel, Rows, Section, SectionsView, Tab, url_of
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, PunchoutLink


class GroupList(ListView):
    related = ("company",)
    word_lookups = ("company__search_text__contains",)
    plain_lookups = ("name__icontains",)
    empty_advice = _("A group joins customers that connect in the same way. One is enough to begin with.")

    def get_base_queryset(self) -> QuerySet:
        customers = visible(PunchoutCustomer.objects.filter(group=OuterRef("pk")), self.request.user)
        links = PunchoutLink.objects.filter(group=OuterRef("pk"))
        counts = {"customers_count": how_many(customers), "links_count": how_many(links)}
        return super().get_base_queryset().annotate(**counts)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [
            self._get_title_column("name"),
            Column("company", label=_("Company"), sort_key="company__name"),
            NumberColumn("customers_count", label=_("Customers"), sort_key="customers_count", classname=WIDE),
            NumberColumn("links_count", label=_("Links"), sort_key="links_count"),
        ]


def how_many(things: QuerySet) -> Coalesce:
    """The number of ``things`` of one group: counted for the rows that are shown, and not by joining everything."""
    counted = things.order_by().values("group").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class GroupForm(ScopedForm):
    """A group without company serves everybody's customers: to be made by those who see them all."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if (company := self.fields.get("company")) and not scope_of(self.for_user).everywhere:
            company.required = True


class GroupCreate(generic.CreateView):
    """``?company=`` says for whom."""

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("company", "")
        companies = visible(Company.objects.all(), self.request.user)
        company = companies.filter(pk=int(asked)).first() if asked.isdecimal() else None
        return super().get_initial() | ({"company": company, "name": company.name} if company else {})


class GroupEdit(RecordsChanges, generic.EditView):
    pass


class GroupDelete(SafeDelete, generic.DeleteView):
    pass


class GroupInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        return [
            self.facts("details", gettext("Details"), ["name", "company", "notes", "created_at", "updated_at"]),
            *customers_of(self.object, self.request),
            *links_of(self.object, self.request),
        ]


def customers_of(group: CustomerGroup, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=lambda each: url_of(each, request.user)),
        Column("company", label=_("Company")),
        Column("sender_identity", label=_("Sender identity")),
        ActiveColumn(sort_key=None),
    ]
    customers = visible(group.customers.select_related("company"), request.user)[:100]
    empty = gettext("No customer is in this group yet. The group is chosen on the customer's page.")
    return [Rows("customers", gettext("Customers"), columns, customers, empty=empty)]


def links_of(group: CustomerGroup, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=lambda each: url_of(each, request.user)),
        Column("get_format_display", label=_("Format")),
        ActiveColumn(sort_key=None),
        LiveStatusTagColumn(sort_key=None, label=_("Published")),
    ]
    links = list(group.links.all())
    buttons = []
    if not links and can(request.user, "add", PunchoutLink):
        url = f"{reverse('punchout_links:add')}?group={group.pk}"
        buttons = [Button(_("Add a link"), url=url, classname=SMALL_BUTTON)]
    empty = gettext("Without a published link nobody in this group can enter.")
    return [Rows("links", gettext("Links"), columns, links, empty=empty, buttons=buttons)]


class GroupViewSet(ScopedViewSet):
    model = CustomerGroup
    name = "punchout_groups"
    url_prefix = "punchout/groups"
    menu_label = pgettext_lazy("PunchOut", "Groups")  # Wagtail has groups, too
    icon = "group"
    index_view_class = GroupList
    add_view_class = GroupCreate
    edit_view_class = GroupEdit
    delete_view_class = GroupDelete
    history_view_class = History
    inspect_view_class = GroupInspect
    inspect_view_enabled = True
    ordering = "name"
    edit_handler = TabbedInterface(
        [
            Tab(
                "details",
                [FieldPanel("name"), FieldPanel("company"), FieldPanel("notes")],
                heading=_("Details"),
            ),
            Tab("customers", [ReadingPanel(customers_of)], heading=_("Customers")),
            Tab("links", [ReadingPanel(links_of)], heading=_("Links")),
        ],
        base_form_class=GroupForm,
    )


groups = GroupViewSet()
