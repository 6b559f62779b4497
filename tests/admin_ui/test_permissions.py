"""Who may open which screen and do what: one table, asked for every kind of staff and for own and foreign companies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from openpyxl import load_workbook
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from tests.admin_ui.worlds import World, make_world
from wagtail_punchout.admin_ui.policies import policy_of
from wagtail_punchout.models import (
    Address,
    Company,
    ConnectionTest,
    Credential,
    CustomerGroup,
    Delivery,
    ErpClient,
    Exchange,
    FirstContact,
    Invitation,
    OrderAttachment,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    Quote,
    Right,
    Role,
    RoleAssignment,
    RoutingRule,
    SecretLink,
    SheetImport,
    UnknownAddress,
)

User = get_user_model()

#: All there is to hold but the sight of every company.
EVERY_RIGHT_BUT_EVERYWHERE = [code for code, _ in Right._meta.permissions if code != Right.COMPANY_EDIT]
#: Kinds of staff: the groups that come ready, and narrower ones with single rights.
KINDS = {
    "superuser": None,
    "administrator": Group,
    "companyEdit": Group,
    "crmCompanyEdit": Group,
    "adds customers": [Right.CRM_COMPANY_EDIT, Right.ADD_CUSTOMER],
    "reveals": [Right.CRM_COMPANY_EDIT, Right.REVEAL_SECRET],
    "rotates": [Right.CRM_COMPANY_EDIT, Right.ROTATE_SECRET],
    "reads documents": [Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS],
    "edits links": [Right.CRM_COMPANY_EDIT, Right.EDIT_LINKS],
    "acts on orders": [Right.CRM_COMPANY_EDIT, Right.ACT_ON_ORDERS],
    "invites": [Right.CRM_COMPANY_EDIT, Right.INVITE_USERS],
    "all for some": EVERY_RIGHT_BUT_EVERYWHERE,
    "reveals nowhere": [Right.REVEAL_SECRET],
    "editor": [],
}
EVERYWHERE = {"superuser", "administrator", "companyEdit"}
FULL = {"superuser", "administrator"}
SINGLE = ("adds customers", "reveals", "rotates", "reads documents", "edits links", "acts on orders", "invites")
SCOPED = {"crmCompanyEdit", "all for some", *SINGLE}
CRM = EVERYWHERE | SCOPED
ADDS, REVEALS, ROTATES, READS, LINKS, ACTS, INVITES = (FULL | {"all for some", kind} for kind in SINGLE)


@dataclass(frozen=True)
class Row:
    """One address: who may open it. ``everywhere`` marks what is not tied to one company's thing."""

    may: set[str]
    method: str = "get"


def rows(prefix: str, may: set[str], *names: str, method: str = "get") -> dict[str, Row]:
    return {f"punchout_{prefix}:{name}": Row(may, method) for name in names}


#: Everything that can be addressed, and who may. Of a foreign company's thing only those do who work everywhere.
TABLE = {
    **rows("companies", CRM, "index", "index_results", "children", "children_results", "edit"),
    **rows("companies", CRM, "history", "history_results", "switch"),
    **rows("companies", EVERYWHERE, "add", "add_child", "move"),
    **rows("customers", CRM, "index", "index_results", "edit", "inspect", "history", "history_results"),
    **rows("customers", ADDS, "add", "delete", "check_identity"),
    **rows("customers", ROTATES, "new_secret", method="post"),
    **rows("connection_tests", ADDS, "index", "index_results", "inspect", "new"),
    **rows("credentials", CRM, "index", "index_results", "inspect", "password"),
    **rows("credentials", ROTATES, "history", "history_results", "edit", "revoke"),
    **rows("credentials", REVEALS, "reveal", method="post"),
    **rows("roles", CRM, "index", "index_results", "inspect"),
    **rows("roles", FULL, "add", "edit", "delete", "history", "history_results"),
    **rows("role_assignments", CRM, "index", "index_results", "add"),
    **rows("role_assignments", CRM, "remove", method="post"),
    **rows("users", CRM, "index", "index_results", "inspect", "switch_off", "switch_on"),
    **rows("addresses", CRM, "index", "index_results", "add", "edit", "delete", "history", "history_results"),
    **rows("addresses", CRM, "dismiss", method="post"),
    **rows("routing", CRM, "index", "index_results", "settings", "try", "add", "upload", "download"),
    **rows("routing", CRM, "edit", "delete"),
    **rows("routing", CRM, "reorder", method="post"),
    **rows("groups", CRM, "index", "index_results", "inspect"),
    **rows("groups", LINKS, "add", "edit", "delete", "history", "history_results"),
    **rows("links", CRM, "list", "list_results", "inspect"),
    **rows("links", LINKS, "add", "edit", "delete", "history", "history_results", "unpublish"),
    **rows("links", LINKS, "revisions_revert", "revisions_compare", "revisions_unschedule", "profile"),
    **rows("links", LINKS, "check_mapping", method="post"),
    **rows("links", LINKS, "preview_carts", "mapping_files", "mapping_download", "missing_units", "unit_report"),
    **rows("site_options", {"superuser"}, "edit"),
    **rows("overview", CRM, "overview"),
    **rows("reports", CRM, "conversion", "conversion_results", "orders", "orders_results"),
    **rows("reports", CRM, "secrets", "secrets_results"),
    **rows("reports", READS, "failures", "failures_results"),
    **rows("visits", CRM, "index", "index_results", "inspect"),
    **rows("quotes", CRM, "index", "index_results", "inspect"),
    **rows("quotes", READS, "download"),
    **rows("documents", READS, "index", "index_results", "inspect", "try_again", "download"),
    **rows("first_contacts", READS, "index", "index_results", "inspect"),
    **rows("first_contacts", ADDS & READS, "adopt", "adopt_new"),
    **rows("first_contacts", ADDS & READS, "mark", method="post"),
    **rows("orders", CRM, "index", "index_results", "inspect"),
    **rows("orders", ACTS, "action", "answer"),
    **rows("order_downloads", CRM, "export", "together"),
    **rows("order_downloads", READS, "attachment"),
    **rows("deliveries", CRM, "index", "index_results", "inspect"),
    **rows("deliveries", ACTS, "credit"),
    **rows("deliveries", ACTS, "do", method="post"),
    **rows("erp_clients", ROTATES, "index", "index_results", "inspect"),
    **rows("erp_clients", ROTATES, "add", "edit", "delete", "history", "history_results", "key"),
    **rows("go_live", LINKS, "activate", "test"),
    **rows("invitations", INVITES, "new"),
    **rows("invitations", INVITES, "resend", "withdraw", method="post"),
    **rows("uploads", INVITES, "users", "users_file", "upload"),
    **rows("uploads", INVITES, "do", method="post"),
    **rows("uploads", CRM, "addresses", "addresses_file"),
    **rows("sheet", CRM, "sheet", "pdf", "example"),
    **rows("sheet", REVEALS, "ready", "link"),
    **rows("sheet", REVEALS, "withdraw", method="post"),
    **rows("company_chooser", CRM, "choose", "choose_results", "chosen", "chosen_multiple"),
    **rows("branch_chooser", CRM, "choose", "choose_results", "chosen_multiple"),
    **rows("customer_chooser", CRM, "choose", "choose_results", "chosen", "chosen_multiple"),
    **rows("group_chooser", CRM, "choose", "choose_results", "chosen", "chosen_multiple"),
    **rows("link_chooser", CRM, "choose", "choose_results", "chosen", "chosen_multiple"),
    **rows("user_chooser", CRM, "choose", "choose_results", "chosen", "chosen_multiple"),
    **rows("shop_user_chooser", CRM, "choose", "choose_results", "chosen_multiple"),
}
#: What lists need to show anything is in their address; these are the models whose things the addresses name.
MODELS = {
    "companies": Company,
    "company_chooser": Company,
    "branch_chooser": Company,
    "customers": PunchoutCustomer,
    "customer_chooser": PunchoutCustomer,
    "connection_tests": ConnectionTest,
    "punchout_connection_tests:new": PunchoutCustomer,
    "credentials": Credential,
    "roles": Role,
    "role_assignments": RoleAssignment,
    "groups": CustomerGroup,
    "group_chooser": CustomerGroup,
    "links": PunchoutLink,
    "link_chooser": PunchoutLink,
    "site_options": PunchoutLink,  # whose address names nothing
    "overview": PunchoutSession,  # whose address names nothing
    "reports": PunchoutSession,  # whose address names nothing
    "visits": PunchoutSession,
    "quotes": Quote,
    "documents": Exchange,
    "first_contacts": FirstContact,
    "addresses": Address,
    "punchout_addresses:dismiss": UnknownAddress,
    "routing": RoutingRule,
    "users": User,
    "user_chooser": User,
    "shop_user_chooser": User,
    "orders": PurchaseOrder,
    "order_downloads": PurchaseOrder,
    "punchout_order_downloads:attachment": OrderAttachment,
    "deliveries": Delivery,
    "erp_clients": ErpClient,
    "go_live": CustomerGroup,
    "punchout_invitations:new": CustomerGroup,
    "invitations": Invitation,
    "uploads": SheetImport,
    **dict.fromkeys(("punchout_uploads:users", "punchout_uploads:users_file"), CustomerGroup),
    **dict.fromkeys(("punchout_uploads:addresses", "punchout_uploads:addresses_file"), Company),
    "sheet": PunchoutCustomer,
    "punchout_sheet:withdraw": SecretLink,
}
#: Which of several things an address does.
NAMES = {
    "punchout_orders:action": "accept",
    "punchout_orders:answer": "confirm",
    "punchout_deliveries:do": "retry",
    "punchout_first_contacts:mark": "settle",
    "punchout_erp_clients:key": "token",
    "punchout_uploads:do": "drop",
    "punchout_sheet:example": "OrderRequest",
    "punchout_sheet:ready": "OrderRequest",
}
QUERIES = {"punchout_routing:reorder": "?position=0"}
SHARED = {"roles"}  # a role belongs to no company
UNKNOWN = {int: 987654321, str: "987654321", UUID: UUID(int=7)}


def addressable() -> Iterator[tuple[str, URLPattern]]:
    """Every address of ours that the resolver knows."""

    def walk(patterns: list, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
        for each in patterns:
            if isinstance(each, URLPattern):
                yield f"{namespace}:{each.name}", each
            else:
                yield from walk(each.url_patterns, each.namespace or namespace)

    ours = ((name, each) for name, each in walk(get_resolver().url_patterns) if name.startswith("punchout_"))
    # Where buyers and ERPs come in is no screen.
    return ((name, each) for name, each in ours if not name.startswith(("punchout_oci:", "punchout_api:")))


def parts_of(name: str) -> set[str]:
    """What an address is made of: ``pk``, ``mode`` and the like."""
    pattern = dict(addressable())[name].pattern
    return set(pattern.converters or re.compile(str(pattern)).groupindex)


@pytest.fixture
def own(db) -> World:
    return make_world("ownco")


@pytest.fixture
def foreign(db) -> World:
    return make_world("zyxforeign")


@pytest.fixture
def browser(own, staff):
    """The browser of one kind of staff, who looks after our own company."""

    def open_for(kind: str) -> Client:
        rights = KINDS[kind]
        user = staff(*(rights if isinstance(rights, list) else ()), companies=[own.company])
        if rights is Group:
            user.groups.add(Group.objects.get(name=kind))
        elif rights is None:
            User.objects.filter(pk=user.pk).update(is_superuser=True)
        client = Client()
        client.force_login(User.objects.get(pk=user.pk))
        return client

    return open_for


def address(name: str, world: World, *, unknown: bool = False) -> str:
    """The address of ``world``'s thing, or of none that there is."""
    namespace = name.partition(":")[0].removeprefix("punchout_")
    thing = world.thing(MODELS.get(name) or MODELS[namespace])
    pk = UNKNOWN[type(thing.pk)] if unknown else thing.pk
    of_customer = UNKNOWN[int] if unknown else world.thing(PunchoutCustomer).pk
    extra = {"mode": "test", "form": "csv", "first": 1, "sheet": "mapping", "format": "csv"}
    extra["name"] = NAMES.get(name, "")
    if name.partition(":")[2].startswith("revisions_"):
        revision = world.thing(PunchoutLink).save_revision()
        extra |= {"revision_id": revision.pk, "revision_id_a": revision.pk, "revision_id_b": "live"}
    keys = extra | {"pk": pk, "parent_pk": pk, "customer_pk": of_customer}
    return reverse(name, kwargs={key: keys[key] for key in parts_of(name)})


def ask(client: Client, name: str, url: str) -> HttpResponse:
    """What is answered; what has been done is undone, so that the next one finds things as they were."""
    with transaction.atomic():
        answer = getattr(client, TABLE[name].method)(url + QUERIES.get(name, ""))
        transaction.set_rollback(True)
    return answer


def cells(workbook: bytes) -> list:
    return [row for sheet in load_workbook(BytesIO(workbook)) for row in sheet.iter_rows(values_only=True)]


def is_open(answer: HttpResponse) -> bool:
    sent_away = answer.status_code == 302 and answer.url == reverse("wagtailadmin_home")
    return answer.status_code < 400 and not sent_away


def test_table_knows_every_address():
    # These two depend on what else is asked; the tests of their screens look at them.
    elsewhere = {"punchout_shop_user_chooser:chosen", "punchout_branch_chooser:chosen"}
    assert {name for name, _ in addressable()} == set(TABLE) | elsewhere


@pytest.mark.parametrize("name", TABLE)
def test_own_things_open_for_whom_the_table_says(own, browser, name):
    opened = {kind for kind in KINDS if is_open(ask(browser(kind), name, address(name, own)))}
    assert opened == TABLE[name].may


#: Addresses of one thing that belongs to a company.
OF_ONE_THING = [
    each
    for each in TABLE
    if each.partition("_")[2].partition(":")[0] not in SHARED and parts_of(each) & {"pk", "parent_pk", "customer_pk"}
]


@pytest.mark.parametrize("name", OF_ONE_THING)
def test_foreign_things_open_only_for_those_who_work_everywhere(own, foreign, browser, name):
    url = address(name, foreign)
    assert url != address(name, own)
    opened = {kind for kind in KINDS if is_open(ask(browser(kind), name, url))}
    assert opened == TABLE[name].may & EVERYWHERE


@pytest.mark.parametrize("kind", sorted(SCOPED))
def test_foreign_thing_and_no_thing_get_the_same_answer(own, foreign, browser, kind):
    client = browser(kind)
    for name in OF_ONE_THING:
        told_foreign = ask(client, name, address(name, foreign))
        told_unknown = ask(client, name, address(name, foreign, unknown=True))
        assert told_foreign.status_code == told_unknown.status_code, name
        assert "zyxforeign" not in told_foreign.content.decode().replace(address(name, foreign), "").lower(), name


LISTS = [each for each in TABLE if re.search(r":(index|list|children|choose)(_results)?$", each)]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["", "?q=zyxfor", "?customer=zyxfor", "?export=csv", "?export=xlsx"])
def test_lists_say_nothing_of_foreign_companies(own, foreign, browser, name, query):
    answer = browser("all for some").get(address(name, own) + query)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if query.endswith("xlsx") and answer["Content-Type"].startswith("application/vnd"):
        content = str(cells(content)).encode()
    assert answer.status_code == 200
    assert b"zyxforeign" not in content.lower()


@pytest.mark.parametrize(("kind", "status"), [("superuser", 200), ("all for some", 404)])
def test_shop_user_of_nobody_can_be_chosen_only_by_those_who_work_everywhere(own, browser, kind, status):
    nobody = User.objects.create_user("somebody-else")
    url = reverse("punchout_shop_user_chooser:chosen", args=[nobody.pk])
    assert browser(kind).get(url).status_code == status


def bulk_actions() -> list[tuple[type, str]]:
    bulk_action_registry._scan_for_bulk_actions()
    ours = bulk_action_registry.actions["wagtail_punchout"].items()
    return [(apps.get_model("wagtail_punchout", model), name) for model, found in ours for name in found]


def test_bulk_actions_name_no_foreign_things(own, foreign, browser):
    """Also those that Wagtail has for all snippets."""
    client = browser("all for some")
    for model, name in bulk_actions():
        url = reverse("wagtail_bulk_action", args=["wagtail_punchout", model._meta.model_name, name])
        both = client.get(url, {"id": [own.thing(model).pk, foreign.thing(model).pk], "next": "/admin/"})
        alone = client.get(url, {"id": [foreign.thing(model).pk], "next": "/admin/"})
        unknown = client.get(url, {"id": ["987654321"], "next": "/admin/"})
        assert "zyxforeign" not in both.content.decode().lower(), (model, name)
        assert alone.status_code == unknown.status_code, (model, name)
        assert "zyxforeign" not in alone.content.decode().lower(), (model, name)


def test_links_are_deleted_in_bulk_where_one_may(own, foreign, browser):
    links = [world.thing(PunchoutLink) for world in (own, foreign)]
    third = make_world("third").thing(PunchoutLink)
    PunchoutSession.objects.all().update(link=third)
    PurchaseOrder.objects.all().update(link=third)
    url = reverse("wagtail_bulk_action", args=["wagtail_punchout", "punchoutlink", "delete"])
    browser("edits links").post(f"{url}?id={links[0].pk}&id={links[1].pk}&next=/admin/")
    assert [PunchoutLink.objects.filter(pk=each.pk).exists() for each in links] == [False, True]


@pytest.mark.parametrize("name", ["index", "index_results", "edit", "inspect", "history"])
@pytest.mark.parametrize("query", ["", "?export=csv", "?ordering=group"])
def test_group_of_a_company_above_is_not_named(own, foreign, browser, name, query):
    customer = own.thing(PunchoutCustomer)
    PunchoutCustomer.objects.filter(pk=customer.pk).update(group=foreign.thing(CustomerGroup))
    answer = browser("all for some").get(address(f"punchout_customers:{name}", own) + query)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200
    assert b"zyxforeign" not in content.lower()


def test_page_of_a_company_names_no_foreign_group(own, foreign, browser):
    PunchoutCustomer.objects.filter(pk=own.thing(PunchoutCustomer).pk).update(group=foreign.thing(CustomerGroup))
    answer = browser("all for some").get(address("punchout_companies:edit", own))
    assert "zyxforeign" not in answer.content.decode().lower()


def test_those_who_may_are_found_wherever_their_rights_come_from(own, staff):
    revealers = Group.objects.create(name="revealers")
    revealers.permissions.add(*Permission.objects.filter(codename=Right.REVEAL_SECRET))
    both, only_here, only_reveals = staff(), staff(), staff()
    both.groups.add(Group.objects.get(name="crmCompanyEdit"), revealers)
    only_here.groups.add(Group.objects.get(name="crmCompanyEdit"))
    only_reveals.groups.add(revealers)
    root = User.objects.create_superuser("root")
    assert set(policy_of(Credential).users_with_permission("reveal")) == {both, root}
    assert set(policy_of(Company).users_with_permission("change")) == {both, only_here, root}
    assert set(policy_of(Company).users_with_permission("move")) == {root}
