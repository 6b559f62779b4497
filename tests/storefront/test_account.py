"""The company account: who sees which page of it, of which companies, and which roles can be given there."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import SECRET, Connection, connect, post, setup_request
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.models import (
    Ability,
    Company,
    CustomerGroup,
    Mode,
    PunchoutCustomer,
    PunchoutSession,
    Quote,
    QuoteLine,
    Role,
    RoleAssignment,
)
from wagtail_punchout.models.sessions import State
from wagtail_punchout.shop import AdapterUnavailable, CompanyOrder, Money, ShopAdapter

pytestmark = pytest.mark.django_db

PAGES = {
    "account_visits": Ability.SEE_COMPANY_VISITS,
    "account_carts": Ability.SEE_COMPANY_VISITS,
    "account_orders": Ability.SEE_COMPANY_ORDERS,
    "account_users": Ability.MANAGE_COMPANY_USERS,
    "account_connection": Ability.SEE_CONNECTION,
}
numbers = itertools.count(1)


def url(name: str, *args: object) -> str:
    return reverse(f"punchout:{name}", args=args)


def text(answer) -> str:
    return answer.content.decode()


def make_role(*abilities: str, name: str = "") -> Role:
    number = next(numbers)
    return Role.objects.create(name=name or f"Role {number}", slug=f"role-{number}", abilities=list(abilities))


def give(*abilities: str, **holder) -> RoleAssignment:
    return RoleAssignment.objects.create(role=make_role(*abilities), **holder)


def make_person(name: str, *, staff: bool = False):
    return get_user_model().objects.create_user(name, f"{name}@people.example", is_staff=staff)


def make_visit(connection: Connection, company: Company, name: str, **values) -> PunchoutSession:
    now = timezone.now()
    visit = PunchoutSession(
        **{
            "customer": connection.customer,
            "company": company,
            "link": connection.link,
            "mode": Mode.PRODUCTION,
            "state": State.RETURNED,
            "requester": {"name": name},
            "start_until": now,
            "ends_at": now,
            "over_at": now,
            **values,
        }
    )
    visit.start_hash = visit.hash_token(visit.start_token)
    visit.save()
    return visit


def make_cart(connection: Connection, company: Company, name: str, **values) -> Quote:
    visit = make_visit(connection, company, name)
    facts = {"currency": "EUR", "total": Decimal("57.5"), "line_count": 1, "document": "<cXML/>", **values}
    quote = Quote.objects.create(session=visit, customer=connection.customer, **facts)
    QuoteLine.objects.create(
        quote=quote,
        position=1,
        auxiliary_id="a1",
        sku=f"LAMP-{name}",
        description="Desk lamp",
        quantity=Decimal(1000),
        unit="EA",
        unit_price=Decimal("0.0575"),
        currency="EUR",
    )
    return quote


@pytest.fixture
def below(acme) -> Company:
    return Company.objects.get(pk=acme.company.pk).add_child(name="Below", code="below")


@pytest.fixture
def beside(acme) -> Company:
    """The company of somebody else, in the same tree."""
    return connect("rival").company


@pytest.fixture
def family(acme, below, beside) -> dict[str, Company]:
    """Acme between a company above it, one below it, and one beside it."""
    above = Company.objects.get(pk=acme.company.pk).get_parent().add_child(name="Above", code="above")
    Company.objects.get(pk=acme.company.pk).move(above, "last-child")
    Company.objects.get(pk=beside.pk).move(Company.objects.get(code="above"), "last-child")
    return {each.code: each for each in Company.objects.filter(depth__gt=1)}


@pytest.fixture
def person():
    return make_person("jane")


@pytest.fixture
def browser(client, person):
    """Jane has signed in, and has come from nowhere."""
    client.force_login(person)
    return client


@pytest.fixture
def enter(client, acme):
    """Comes in from the procurement system."""

    def walk_in(operation: str = "create", **kwargs) -> Client:
        answer = post(Client(), setup_request(operation=operation, **kwargs))
        assert answer.code == 200, answer.sentence
        client.get(client.post(answer.start_path)["Location"])
        return client

    return walk_in


# Who has an account


def test_whoever_has_not_signed_in_is_asked_to(client, acme):
    answer = client.get(url("account_carts"))
    assert answer.status_code == 302
    assert answer.url == f"/account/login/?next={url('account_carts')}"


@pytest.mark.parametrize("name", ["account", *PAGES])
def test_without_a_role_there_is_no_account(browser, acme, name):
    answer = browser.get(url(name))
    assert answer.status_code == 404
    assert "depends on your roles" in text(answer)


@pytest.mark.parametrize("ability", [each for each in Ability if each not in PAGES.values()])
def test_abilities_of_another_kind_open_no_account(browser, acme, person, ability):
    give(ability, user=person, company=acme.company)
    assert browser.get(url("account")).status_code == 404


@pytest.mark.parametrize("ability", sorted(set(PAGES.values())))
@pytest.mark.parametrize("in_visit", [True, False], ids=["visit", "person"])
def test_each_page_asks_for_its_ability(request, acme, person, ability, in_visit):
    if in_visit:
        give(ability, customer=acme.customer)
        browser = request.getfixturevalue("enter")()
    else:
        give(ability, user=person, company=acme.company)
        browser = request.getfixturevalue("browser")
    answers = {name: browser.get(url(name)) for name in PAGES}
    opened = {name for name, answer in answers.items() if answer.status_code == 200}
    assert opened == {name for name, needed in PAGES.items() if needed == ability}
    assert browser.get(url("account")).url in {url(each) for each in opened}
    for name in opened:
        linked = {each for each in PAGES if f'href="{url(each)}"' in text(answers[name])}
        assert linked == opened


def test_staff_see_no_account_without_a_role(client, acme, admin_user):
    client.force_login(admin_user)
    assert client.get(url("account_visits")).status_code == 404


def test_a_visit_that_is_over_leaves_nobody_signed_in(enter, acme):
    give(*PAGES.values(), customer=acme.customer)
    browser = enter()
    assert browser.get(url("account_visits")).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=3), tick=False):
        answer = browser.get(url("account_visits"))
    assert answer.status_code == 410
    assert "Your visit has ended" in text(answer)


def test_looking_into_the_account_keeps_a_visit_alive(enter, acme):
    give(*PAGES.values(), customer=acme.customer)
    browser, began = enter(), timezone.now()
    for minutes in (40, 80, 120):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            assert browser.get(url("account_visits")).status_code == 200


def test_account_can_be_framed_by_the_buyer_and_by_nobody_without_a_visit(enter, acme, person):
    give(*PAGES.values(), customer=acme.customer)
    give(*PAGES.values(), user=person, company=acme.company)
    answer = enter().get(url("account_visits"))
    assert "frame-ancestors 'self' https://buyer.example.com" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    alone = Client()
    alone.force_login(person)
    answer = alone.get(url("account_visits"))
    assert answer["X-Frame-Options"] == "DENY"
    assert "private" in answer["Cache-Control"]


# Of which companies


@pytest.fixture
def carts_of_all(acme, family):
    return {code: make_cart(acme, company, f"by-{code}") for code, company in family.items()}


def names_on(answer) -> set[str]:
    return {code for code in ("above", "acme", "below", "rival") if f"by-{code}" in text(answer)}


@pytest.mark.parametrize("page", ["account_visits", "account_carts"])
def test_what_is_below_shows_and_what_is_beside_or_above_never_does(browser, person, family, carts_of_all, page):
    give(*PAGES.values(), user=person, company=family["acme"])
    assert names_on(browser.get(url(page))) == {"acme", "below"}


def test_a_routed_visit_shows_the_company_it_was_routed_to(enter, acme, family, carts_of_all):
    give(*PAGES.values(), customer=acme.customer)
    browser = enter()
    PunchoutSession.objects.filter(state=State.STARTED).update(company=family["below"])
    assert names_on(browser.get(url("account_carts"))) == {"below"}
    assert "Acme" not in text(browser.get(url("account_visits")))
    assert "no connection of its own" in text(browser.get(url("account_connection")))


def test_a_cart_of_a_company_beside_or_above_answers_like_one_that_is_not_there(browser, person, family, carts_of_all):
    give(*PAGES.values(), user=person, company=family["acme"])
    assert browser.get(url("account_cart", carts_of_all["below"].pk)).status_code == 200
    unknown = browser.get(url("account_cart", 987654))
    for code in ("above", "rival"):
        foreign = browser.get(url("account_cart", carts_of_all[code].pk))
        assert (foreign.status_code, foreign.content.count(b"by-")) == (unknown.status_code, 0) == (404, 0)


def test_who_has_roles_for_several_companies_chooses(browser, person, family, carts_of_all):
    give(Ability.SEE_COMPANY_VISITS, user=person, company=family["acme"])
    give(Ability.SEE_COMPANY_VISITS, user=person, company=family["rival"])
    first = browser.get(url("account_carts"))
    assert names_on(first) == {"acme", "below"}
    assert f'href="{url("account")}?company=rival"' in text(first)
    other = browser.get(url("account") + "?company=rival", follow=True)
    assert names_on(other) == {"rival"}
    assert f"{url('account_cart', carts_of_all['rival'].pk)}?company=rival" in text(other)
    assert browser.get(url("account_carts") + "?company=above").status_code == 404


def test_a_role_for_a_group_shows_that_groups_visits_alone(browser, person, acme):
    other = CustomerGroup.objects.create(name="Others", company=acme.company)
    user = make_person("other")
    customer = PunchoutCustomer.objects.create(
        name="Other", company=acme.company, user=user, group=other, sender_identity="other"
    )
    make_visit(acme, acme.company, "in the group")
    make_visit(Connection(customer, acme.link, acme.credential, ""), acme.company, "in another group")
    give(*PAGES.values(), user=person, group=acme.customer.group)
    page = text(browser.get(url("account_visits")))
    assert "in the group" in page
    assert "in another group" not in page
    assert "punchout-acme@" in text(browser.get(url("account_connection")))
    # What cannot be divided by groups stays closed.
    assert browser.get(url("account_orders")).status_code == 404
    assert browser.get(url("account_users")).status_code == 404


def test_a_company_that_is_switched_off_has_no_account(browser, person, acme):
    give(*PAGES.values(), user=person, company=acme.company)
    Company.objects.filter(pk=acme.company.pk).update(is_active=False)
    assert browser.get(url("account_visits")).status_code == 404


# What stands there


def test_a_cart_shows_its_lines_and_total(browser, person, acme):
    give(*PAGES.values(), user=person, company=acme.company)
    page = text(browser.get(url("account_cart", make_cart(acme, acme.company, "x").pk)))
    assert "LAMP-x" in page
    assert "1,000 EA" in page
    assert "€0.0575" in page
    assert page.count("€57.50") == 2


def test_a_cart_that_was_not_returned_is_not_among_them(browser, person, acme):
    give(*PAGES.values(), user=person, company=acme.company)
    cancelled = make_cart(acme, acme.company, "cancelled", is_cancel=True)
    assert "No cart has been returned" in text(browser.get(url("account_carts")))
    assert url("account_cart", cancelled.pk) not in text(browser.get(url("account_visits")))
    assert browser.get(url("account_cart", cancelled.pk)).status_code == 404


@pytest.mark.parametrize("page", ["account_visits", "account_carts", "account_users"])
def test_long_lists_have_pages(browser, person, acme, page):
    give(*PAGES.values(), user=person, company=acme.company)
    for number in range(25):
        make_cart(acme, acme.company, f"visitor-{number:02}")
        give("transfer_cart", user=make_person(f"visitor-{number:02}"), company=acme.company)
    first, second = (text(browser.get(url(page), {"page": number})) for number in (1, 2))
    assert "Page 1 of 2" in first
    assert 'href="?page=2"' in first
    on_first, on_second = ({n for n in range(25) if f"visitor-{n:02}" in each} for each in (first, second))
    assert on_first | on_second == set(range(25))
    assert not on_first & on_second
    assert browser.get(url(page), {"page": "no number"}).status_code == 200


@pytest.mark.parametrize("page", list(PAGES))
def test_rows_cost_no_queries(browser, person, acme, django_assert_max_num_queries, page):
    give(*PAGES.values(), user=person, company=acme.company)
    for number in range(12):
        make_cart(acme, acme.company, f"visitor-{number:02}")
        visitor = make_person(f"visitor-{number:02}")
        give("transfer_cart", user=visitor, company=acme.company)
    browser.get(url(page))
    with django_assert_max_num_queries(14):
        browser.get(url(page))


def test_connection_shows_every_value_but_the_secret(browser, person, acme, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "SUPPLIER_IDENTITY": "the-shop"}
    give(Ability.SEE_CONNECTION, user=person, company=acme.company)
    page = text(browser.get(url("account_connection")))
    key = acme.credential.path_key
    for value in ("punchout-acme@shop.example", "the-shop", f"/cxml/{key}/setup/", f"/cxml/{key}/orders/", ">acme<"):
        assert value in page
    assert SECRET not in page
    assert "••" not in page
    assert "***" not in page


# Orders


def order(number: str, code: str = "acme") -> CompanyOrder:
    return CompanyOrder(
        number=number,
        placed_at=timezone.now(),
        total=Money(Decimal("12.5"), "EUR"),
        company_code=code,
        url=f"/orders/{number}/",
    )


@pytest.fixture
def orders(monkeypatch):
    """What the shop answers, and what it was asked."""
    asked = SimpleNamespace(answer=[], codes=None)

    def company_orders(self, company_codes, *, offset=0, limit=20):
        asked.codes = set(company_codes)
        if isinstance(asked.answer, Exception):
            raise asked.answer
        return asked.answer and list(asked.answer)[offset : offset + limit]

    monkeypatch.setattr(type(get_adapter()), "company_orders", company_orders)
    return asked


def test_orders_are_asked_for_the_company_and_those_below(browser, person, family, orders):
    give(Ability.SEE_COMPANY_ORDERS, user=person, company=family["acme"])
    orders.answer = [order("N-1"), order("N-2", "below")]
    page = text(browser.get(url("account_orders")))
    assert orders.codes == {"acme", "below"}
    assert 'href="/orders/N-1/"' in page
    assert "€12.50" in page
    assert "Below" in page


def test_orders_have_pages(browser, person, acme, orders):
    give(Ability.SEE_COMPANY_ORDERS, user=person, company=acme.company)
    orders.answer = [order(f"N-{number:02}") for number in range(41)]
    first, last = (text(browser.get(url("account_orders"), {"page": number})) for number in (1, 3))
    assert "N-19" in first
    assert "N-20" not in first
    assert 'rel="next"' in first
    assert "N-40" in last
    assert 'rel="next"' not in last
    assert 'rel="prev"' in last


def test_a_shop_that_knows_no_companies_says_where_orders_will_be(browser, person, acme, monkeypatch):
    give(Ability.SEE_COMPANY_ORDERS, user=person, company=acme.company)
    monkeypatch.setattr(type(get_adapter()), "company_orders", ShopAdapter.company_orders)
    assert "they appear here" in text(browser.get(url("account_orders")))


def test_a_shop_that_cannot_answer_says_so(browser, person, acme, orders):
    give(Ability.SEE_COMPANY_ORDERS, user=person, company=acme.company)
    orders.answer = AdapterUnavailable()
    assert "right now" in text(browser.get(url("account_orders")))


# Users


ADMIN = (Ability.MANAGE_COMPANY_USERS, Ability.SEE_COMPANY_VISITS, Ability.SEE_COMPANY_ORDERS)


@pytest.fixture
def manager(browser, person, family):
    """Jane looks after the people of Acme."""
    give(*ADMIN, user=person, company=family["acme"])
    return browser


@pytest.fixture
def colleague(family):
    colleague = make_person("colleague")
    give(Ability.SEE_COMPANY_ORDERS, user=colleague, company=family["below"])
    return colleague


def give_in_shop(browser, to, role: Role, company: str = "acme") -> str:
    answer = browser.post(url("account_user", to.pk), {"role": role.slug, "company": company}, follow=True)
    return text(answer)


def take_in_shop(browser, assignment: RoleAssignment, holder):
    return browser.post(url("account_take_role", holder.pk, assignment.pk), follow=True)


def test_users_are_those_of_the_company_and_below(manager, acme, family, colleague):
    for code in ("above", "rival"):
        give(Ability.SEE_COMPANY_VISITS, user=make_person(f"from-{code}"), company=family[code])
    give(Ability.SEE_COMPANY_VISITS, user=make_person("clerk", staff=True), company=family["acme"])
    page = text(manager.get(url("account_users")))
    assert "jane" in page
    assert "colleague" in page
    assert acme.customer.user.get_username() in page
    assert "from-" not in page
    assert "punchout-rival" not in page
    assert "clerk" not in page


def test_a_user_of_another_company_answers_like_one_that_is_not_there(manager, family):
    stranger = make_person("stranger")
    held = give(Ability.SEE_COMPANY_VISITS, user=stranger, company=family["rival"])
    assert manager.get(url("account_user", stranger.pk)).status_code == 404
    assert manager.post(url("account_user", stranger.pk), {}).status_code == 404
    assert take_in_shop(manager, held, stranger).status_code == 404
    assert RoleAssignment.objects.filter(pk=held.pk).exists()


def test_a_role_is_given_and_written_down(manager, person, colleague, family):
    role = make_role(Ability.SEE_COMPANY_VISITS, name="Watcher")
    assert "colleague now has the role “Watcher”." in give_in_shop(manager, colleague, role)
    held = colleague.punchout_role_assignments.get(role=role)
    assert held.company == family["acme"]
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.role_assigned")
    assert (entry.user, entry.object_id, entry.data) == (person, str(colleague.pk), {"role": role.slug})


def test_a_role_given_twice_is_told(manager, colleague):
    role = make_role(Ability.SEE_COMPANY_VISITS, name="Watcher")
    give_in_shop(manager, colleague, role)
    assert "has the role “Watcher” already (Acme)." in give_in_shop(manager, colleague, role)
    assert colleague.punchout_role_assignments.filter(role=role).count() == 1


def test_a_conflict_tells_nothing_of_a_role_at_the_company_above(manager, colleague, family, settings):
    above = give(Ability.SEE_COMPANY_VISITS, user=colleague, company=family["above"]).role
    role = make_role(Ability.SEE_COMPANY_VISITS, name="Watcher")
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ROLE_CONFLICTS": [(role.slug, above.slug)]}
    page = give_in_shop(manager, colleague, role)
    assert "a role that this person holds elsewhere" in page
    assert family["above"].name not in page
    assert not role.assignments.exists()


def test_nobody_gives_more_than_they_may_do_themselves(manager, colleague):
    more = make_role(Ability.SEE_COMPANY_VISITS, Ability.SEE_CONNECTION, name="More")
    assert more.slug not in text(manager.get(url("account_user", colleague.pk)))
    assert "Choose a role and a company from the lists." in give_in_shop(manager, colleague, more)
    assert not more.assignments.exists()


@pytest.mark.parametrize("code", ["above", "rival", "nowhere", ""])
def test_nobody_gives_a_role_for_another_company(manager, colleague, code):
    role = make_role(Ability.SEE_COMPANY_VISITS)
    assert "Choose a role and a company from the lists." in give_in_shop(manager, colleague, role, code)
    assert not role.assignments.exists()


def test_what_holds_for_a_group_alone_is_not_handed_out_for_the_company(manager, person, colleague, acme):
    give(Ability.SEE_CONNECTION, user=person, group=acme.customer.group)
    role = make_role(Ability.SEE_CONNECTION)
    give_in_shop(manager, colleague, role)
    assert not role.assignments.exists()


def test_a_role_is_taken_away_and_written_down(manager, person, colleague):
    held = colleague.punchout_role_assignments.get()
    answer = take_in_shop(manager, held, colleague)
    assert "colleague no longer has the role" in text(answer)
    # It was the last one: there is nobody left to be shown.
    assert answer.redirect_chain[-1][0] == url("account_users")
    assert not RoleAssignment.objects.filter(pk=held.pk).exists()
    assert ModelLogEntry.objects.filter(action="wagtail_punchout.role_removed", user=person).count() == 1


def test_a_role_that_allows_more_is_not_taken_away(manager, colleague, family):
    held = give(Ability.SEE_CONNECTION, user=colleague, company=family["acme"])
    assert url("account_take_role", colleague.pk, held.pk) not in text(manager.get(url("account_user", colleague.pk)))
    assert "You cannot take the role" in text(take_in_shop(manager, held, colleague))
    assert RoleAssignment.objects.filter(pk=held.pk).exists()


def test_a_role_that_a_colleague_has_elsewhere_is_neither_shown_nor_taken(manager, colleague, family):
    elsewhere = give(Ability.SEE_COMPANY_VISITS, user=colleague, company=family["rival"])
    page = text(manager.get(url("account_user", colleague.pk)))
    assert "Rival" not in page
    assert url("account_take_role", colleague.pk, elsewhere.pk) not in page
    assert take_in_shop(manager, elsewhere, colleague).status_code == 404
    assert RoleAssignment.objects.filter(pk=elsewhere.pk).exists()


def test_a_role_of_somebody_else_is_not_taken_under_another_name(manager, colleague, family):
    other = give(Ability.SEE_COMPANY_VISITS, user=make_person("other"), company=family["acme"])
    assert take_in_shop(manager, other, colleague).status_code == 404
    assert RoleAssignment.objects.filter(pk=other.pk).exists()


def test_nobody_takes_their_own_roles_away(manager, person):
    held = person.punchout_role_assignments.get()
    page = text(manager.get(url("account_user", person.pk)))
    assert "your own roles" in page
    assert url("account_take_role", person.pk, held.pk) not in page
    take_in_shop(manager, held, person)
    assert RoleAssignment.objects.filter(pk=held.pk).exists()


def test_roles_of_the_connection_can_be_taken(manager, acme):
    held = give(Ability.SEE_COMPANY_ORDERS, customer=acme.customer)
    assert take_in_shop(manager, held, acme.customer.user).status_code == 200
    assert not RoleAssignment.objects.filter(pk=held.pk).exists()


def test_taking_needs_a_post_and_a_token(manager, person, colleague):
    held = colleague.punchout_role_assignments.get()
    path = url("account_take_role", colleague.pk, held.pk)
    assert manager.get(path).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(path).status_code == 403
    assert RoleAssignment.objects.filter(pk=held.pk).exists()


def test_an_inspect_visit_reads_and_changes_nothing(enter, acme):
    give(*ADMIN, customer=acme.customer)
    colleague = make_person("colleague")
    held = give(Ability.SEE_COMPANY_ORDERS, user=colleague, company=acme.company)
    browser = enter("inspect")
    page = text(browser.get(url("account_user", colleague.pk)))
    assert "colleague" in page
    assert '<form method="post"' not in page.partition('class="punchout-account"')[2]
    answer = take_in_shop(browser, held, colleague)
    assert answer.status_code == 403
    assert "only look" in text(answer)
    assert browser.post(url("account_user", colleague.pk), {"role": held.role.slug}).status_code == 403
    assert RoleAssignment.objects.filter(pk=held.pk).exists()


def test_a_visit_can_give_roles(enter, acme):
    give(*ADMIN, customer=acme.customer)
    colleague = make_person("colleague")
    give(Ability.SEE_COMPANY_ORDERS, user=colleague, company=acme.company)
    role = make_role(Ability.SEE_COMPANY_VISITS, name="Watcher")
    assert "now has the role “Watcher”" in give_in_shop(enter(), colleague, role)


# Tags


def rendered(request, template: str) -> str:
    return Template("{% load punchout_tags %}" + template).render(Context({"request": request} if request else {}))


@pytest.fixture
def ask(rf, person):
    """A request of Jane's, without a visit."""
    request = rf.get("/")
    request.punchout, request.in_visit_jar, request.user = None, False, person
    return request


def test_tag_says_whether_there_is_an_account(ask, acme, person):
    assert rendered(ask, "{% punchout_account_url as url %}{{ url|default:'none' }}") == "none"
    del ask._punchout_standings
    give(Ability.SEE_COMPANY_VISITS, user=person, company=acme.company)
    assert rendered(ask, "{% punchout_account_url as url %}{{ url }}") == url("account")


def test_tag_says_what_somebody_may(ask, acme, person):
    give(Ability.SEE_COMPANY_ORDERS, user=person, company=acme.company)
    asks = "{% punchout_may 'see_company_orders' as a %}{% punchout_may 'see_connection' as b %}{{ a }} {{ b }}"
    assert rendered(ask, asks) == "True False"


def test_tags_ask_once_and_not_at_all_for_strangers(ask, acme, django_assert_num_queries, rf):
    both = "{% punchout_account_url as url %}{% punchout_may 'see_connection' as ok %}"
    with django_assert_num_queries(1):
        rendered(ask, both)
    stranger = rf.get("/")
    stranger.user = SimpleNamespace(is_authenticated=False)
    with django_assert_num_queries(0):
        assert rendered(stranger, both + "{{ url }}{{ ok }}") == "False"
        assert rendered(None, both + "{{ url }}{{ ok }}") == "False"
