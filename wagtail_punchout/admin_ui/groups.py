"""Customer groups: who may use which links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TabbedInterface
from wagtail.admin.ui.tables import BaseColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.connection import sides, with_connection
from wagtail_punchout.admin_ui.connection_tests import new_url
from wagtail_punchout.admin_ui.credentials import developer_url
from wagtail_punchout.admin_ui.deleting import SafeDelete
from wagtail_punchout.admin_ui.go_live import mode_of_group
from wagtail_punchout.admin_ui.history import History, RecordsChanges
from wagtail_punchout.admin_ui.identities import told
from wagtail_punchout.admin_ui.invitations import users_of_group
from wagtail_punchout.admin_ui.listing import WIDE, ActiveColumn, ListView, PublishedColumn, TestColumn
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.profiles import ProfileField
from wagtail_punchout.admin_ui.scoped import ScopedForm, ScopedViewSet, key_of
from wagtail_punchout.admin_ui.sections import (
    SMALL_BUTTON,
    Facts,
    ReadingPanel,
    Rows,
    Section,
    SectionsView,
    Tab,
    url_of,
)
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.onboard import CannotAdd, connect_group
from wagtail_punchout.models import Address, Company, CustomerGroup, Mode, PunchoutCustomer, PunchoutLink


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
            TestColumn(),
            NumberColumn("customers_count", label=_("Customers"), sort_key="customers_count", classname=WIDE),
            NumberColumn("links_count", label=_("Links"), sort_key="links_count"),
        ]


def how_many(things: QuerySet) -> Coalesce:
    """The number of ``things`` of one group: counted for the rows that are shown, and not by joining everything."""
    counted = things.order_by().values("group").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


NAMED_HELP = _(
    "A call can name a user: UserEmail, UniqueName and the like. Say whether that person shops, or one user for all."
)

#: Addresses that can be ticked one by one; of a larger book a group uses all.
MOST_ADDRESSES = 200


class GroupForm(ScopedForm):
    """A group without company serves everybody's customers: to be made by those who see them all."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if (company := self.fields.get("company")) and not scope_of(self.for_user).everywhere:
            company.required = True
        if "buyer_profile" in self.fields:
            self.fields["buyer_profile"] = ProfileField(
                label=self.fields["buyer_profile"].label,
                required=False,
                help_text=_(
                    "Begin to type its name. A group of a company that has no connection yet then gets one with values "
                    "of its own, and a link as this system wants it."
                ),
            )
        self._offer_payment()
        self._offer_addresses()

    def _offer_payment(self) -> None:
        offered = [(each.code, each.label) for each in get_adapter().payment_methods()]
        known = {code for code, _label in offered}
        gone = [(each, each) for each in self.instance.payment_methods if each not in known]
        if not (offered or gone):
            self.fields.pop("payment_methods", None)
        elif old := self.fields.get("payment_methods"):
            self.fields["payment_methods"] = forms.MultipleChoiceField(
                label=old.label,
                help_text=old.help_text,
                required=False,
                choices=[*offered, *gone],
                widget=forms.CheckboxSelectMultiple,
            )

    def _offer_addresses(self) -> None:
        if "addresses" not in self.fields:
            return
        company = self.instance.company
        book = Address.objects.filter(company__in=company.lineage if company else ()).select_related("company")
        book = visible(book, self.for_user)
        chosen = self.instance.addresses.all() if self.instance.pk else Address.objects.none()
        has_hidden = chosen.exclude(pk__in=visible(chosen, self.for_user)).exists()
        if has_hidden or not 0 < book[: MOST_ADDRESSES + 1].count() <= MOST_ADDRESSES:
            del self.fields["addresses"]
            return
        old = self.fields["addresses"]
        offered = forms.ModelMultipleChoiceField(
            book, label=old.label, help_text=old.help_text, required=False, widget=forms.CheckboxSelectMultiple
        )
        offered.widget.choices = list(offered.choices)  # it is rendered twice
        self.fields["addresses"] = offered


class Connects:
    """Saving a company's group with a purchasing system makes its connection, if it has none yet."""

    is_connected = False

    def form_valid(self, form: GroupForm) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except CannotAdd as error:
            form.add_error("company", told(error, self.request.user))
            if not self.object:
                form.instance.pk = None  # the row is gone with the transaction
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)

    def save_instance(self) -> CustomerGroup:
        group = super().save_instance()
        user = self.request.user
        is_bare = not (group.customers.exists() or group.links.exists())
        wants_one = is_bare and group.company and group.buyer_profile
        if wants_one and can(user, "add", PunchoutCustomer(company=group.company)):
            connect_group(group, by=user, at=timezone.now())
            self.is_connected = True
        return group

    def get_success_url(self) -> str:
        return self.get_edit_url() + "#tab-connection" if self.is_connected else super().get_success_url()


class GroupCreate(Connects, generic.CreateView):
    """``?company=`` says for whom."""

    def get_initial(self) -> dict[str, Any]:
        companies = visible(Company.objects.all(), self.request.user)
        company = companies.filter(pk=key_of(self.request.GET.get("company"))).first()
        return super().get_initial() | ({"company": company, "name": company.name} if company else {})


class GroupEdit(Connects, RecordsChanges, generic.EditView):
    pass


class GroupDelete(SafeDelete, generic.DeleteView):
    pass


class GroupInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        return [
            self.facts("details", gettext("Details"), ["name", "company", "notes", "created_at", "updated_at"]),
            *mode_of_group(self.object, self.request),
            *connection_of(self.object, self.request),
            shopping_of(self.object, self.request),
            *users_of_group(self.object, self.request),
            *customers_of(self.object, self.request),
            *links_of(self.object, self.request),
        ]


def shopping_of(group: CustomerGroup, request: Any) -> Facts:
    """Who shops, where to and how it is paid. What may not be seen is not named."""
    labels = {each.code: each.label for each in get_adapter().payment_methods()}
    addresses = visible(group.addresses.all(), request.user)
    rows = [
        (gettext("Who shops"), group.get_named_users_display()),
        (gettext("Own addresses"), gettext("Yes") if group.own_address else gettext("No")),
        (gettext("Shared addresses"), "; ".join(map(str, addresses))),
        (gettext("Payment methods"), "; ".join(str(labels.get(each, each)) for each in group.payment_methods)),
        (gettext("Approval at the buyer's"), gettext("Yes") if group.asks_approval else gettext("No")),
    ]
    return Facts("shopping", gettext("Shopping"), rows)


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


#: Customers whose values stand on their group's page.
CONNECTIONS_SHOWN = 3


def connection_of(group: CustomerGroup, request: Any) -> list[Section]:
    """What the buyer's system must be told, for each connection of the group and each mode; never the secret."""
    if not group.pk:
        return []
    columns = [
        Column("label", label=_("Field")),
        Column("text", label=_("Value"), accessor=lambda each: each.known.text),
    ]
    found: list[Section] = []
    for customer in visible(with_connection(group.customers.all()), request.user)[:CONNECTIONS_SHOWN]:
        for side in sides(customer):
            url = reverse("punchout_sheet:sheet", args=[customer.pk, side.mode])
            buttons = [
                Button(_("Hand-over sheet"), url=url, classname=SMALL_BUTTON),
                Button(_("The secret"), url=developer_url(customer), classname=SMALL_BUTTON),
            ]
            if side.mode == Mode.TEST and can(request.user, "add", customer):
                buttons.append(Button(_("Test this connection"), url=new_url(customer), classname=SMALL_BUTTON))
            heading = f"{customer} · {side.label}"
            values = [each for each in side.rows if each.known.text]
            found.append(Rows(f"connection-{customer.pk}-{side.mode}", heading, columns, values, buttons=buttons))
    if not found:
        empty = gettext("No connection yet. Choose the purchasing system under Details, and save.")
        found.append(Rows("connection", gettext("Connection"), columns, [], empty=empty))
    return found


def book_of(group: CustomerGroup, request: Any) -> list[Section]:
    """The way to the addresses that can be ticked, or that are wanted first."""
    if group.company is None or not can(request.user, "change", group.company):
        return []
    url = f"{reverse('punchout_companies:edit', args=[group.company.pk])}#tab-addresses"
    count = visible(Address.objects.filter(company__in=group.company.lineage), request.user).count()
    said = ngettext("The company has %(count)d address.", "The company has %(count)d addresses.", count)
    buttons = [Button(_("Address book of the company"), url=url, classname=SMALL_BUTTON)]
    return [Rows("book", gettext("Address book"), [], [], empty=said % {"count": count}, buttons=buttons)]


def links_of(group: CustomerGroup, request: Any) -> list[Section]:
    columns = [
        TitleColumn("name", label=_("Name"), get_url=lambda each: url_of(each, request.user)),
        Column("get_format_display", label=_("Format")),
        ActiveColumn(sort_key=None),
        PublishedColumn(sort_key=None),
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
                [FieldPanel("name"), FieldPanel("company"), FieldPanel("buyer_profile"), FieldPanel("notes")],
                heading=_("Details"),
            ),
            Tab("connection", [ReadingPanel(connection_of)], heading=_("Connection")),
            Tab(
                "rules",
                [
                    FieldPanel("asks_approval"),
                    FieldPanel("own_address"),
                    FieldPanel("addresses"),
                    ReadingPanel(book_of),
                    FieldPanel("payment_methods"),
                ],
                heading=_("Shopping"),
            ),
            Tab("mode", [ReadingPanel(mode_of_group)], heading=_("Mode")),
            Tab(
                "users",
                [FieldPanel("named_users", heading=_("Who shops"), help_text=NAMED_HELP), ReadingPanel(users_of_group)],
                heading=_("Users"),
            ),
            Tab("customers", [ReadingPanel(customers_of)], heading=_("Customers")),
            Tab("links", [ReadingPanel(links_of)], heading=_("Links")),
        ],
        base_form_class=GroupForm,
    )


groups = GroupViewSet()
