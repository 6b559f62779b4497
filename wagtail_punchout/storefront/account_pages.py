"""The pages of the company account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from babel.numbers import format_currency, format_decimal
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows import account as of_company
from wagtail_punchout.flows.roles import give_role, name_of, take_role
from wagtail_punchout.models import Company, PunchoutSession, Quote, Role, RoleAssignment
from wagtail_punchout.shop import AdapterUnavailable, Money
from wagtail_punchout.storefront.account import (
    CARTS,
    CONNECTION,
    ORDERS,
    USERS,
    VISITS,
    Account,
    Section,
    not_there,
    page,
)

PER_PAGE = 20
#: In a list of companies, those below stand a little further in.
INDENT = "\N{NO-BREAK SPACE}" * 3
#: Where the session keeps what the next page has to say. Django's messages may be in a cookie that frames do not take.
SAID = "punchout_account_said"


@require_GET
@page()
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """The first page there is for this person."""
    return HttpResponseRedirect(account.sections[0]["url"])


@require_GET
@page(VISITS)
def visits(request: HttpRequest, account: Account) -> HttpResponse:
    found = (
        of_company.visits_of(account.standing)
        .select_related("company", "quote")
        .defer("carried", "parties", "extrinsics", "contacts", "ship_to", "quote__document")
    )
    shown = _shown(request, found)
    rows = [{"visit": each, "by": _requester(each)} for each in shown]
    return _render(request, account, VISITS, "visits", {"shown": shown, "rows": rows})


@require_GET
@page(CARTS)
def carts(request: HttpRequest, account: Account) -> HttpResponse:
    shown = _shown(request, _carts(account))
    rows = [{"cart": each, "by": _requester(each.session), "total": _total(each)} for each in shown]
    return _render(request, account, CARTS, "carts", {"shown": shown, "rows": rows})


@require_GET
@page(CARTS)
def cart(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    found = _carts(account).filter(pk=pk).first()
    if found is None:
        return not_there(request)
    lines = []
    for line in found.lines.all():
        price = Money(line.unit_price, line.currency)
        lines.append(
            {
                "line": line,
                "quantity": format_decimal(line.quantity.normalize(), locale=_locale(), decimal_quantization=False),
                "price": readable(price),
                "sum": readable((price * line.quantity).rounded()),
            }
        )
    context = {"cart": found, "by": _requester(found.session), "lines": lines, "total": _total(found)}
    return _render(request, account, CARTS, "cart", context)


@require_GET
@page(ORDERS)
def orders(request: HttpRequest, account: Account) -> HttpResponse:
    """The shop's own orders, if its adapter knows for which company they are."""
    names = dict(of_company.companies_of(account.standing).values_list("code", "name"))
    number, is_unavailable = _number(request), False
    try:
        # One more than a page takes says whether there is a next one.
        found = get_adapter().company_orders(list(names), offset=(number - 1) * PER_PAGE, limit=PER_PAGE + 1)
    except AdapterUnavailable:
        found, is_unavailable = [], True
    rows = [
        {"order": each, "total": readable(each.total), "company": names.get(each.company_code, "")}
        for each in (found or ())[:PER_PAGE]
    ]
    context = {
        "rows": rows,
        "is_unavailable": is_unavailable,
        "is_told": found is not None,
        "previous": number - 1,
        "next": number + 1 if len(found or ()) > PER_PAGE else 0,
    }
    return _render(request, account, ORDERS, "orders", context)


@require_GET
@page(USERS)
def users(request: HttpRequest, account: Account) -> HttpResponse:
    shown = _shown(request, of_company.people_of(account.standing))
    rows = [
        {"person": each, "name": name_of(each), "url": account.url("account_user", each.pk), "held": _held(each)}
        for each in shown
    ]
    return _render(request, account, USERS, "users", {"shown": shown, "rows": rows})


@require_http_methods(["GET", "POST"])
@page(USERS)
def user(request: HttpRequest, account: Account, pk: int) -> HttpResponse:
    """One person: the roles held, each with a button that takes it away, and a form that gives another."""
    person = of_company.people_of(account.standing).filter(pk=pk).first()
    if person is None:
        return not_there(request)
    roles = of_company.roles_to_give(account.standing)
    companies = list(of_company.companies_of(account.standing).order_by("path"))
    if request.method == "POST":
        _give(request, person, roles, companies)
        return HttpResponseRedirect(account.url("account_user", pk))
    held = [
        {
            **each,
            "take_url": account.url("account_take_role", pk, each["assignment"].pk)
            if _may_take(request, account, person, each["assignment"])
            else "",
        }
        for each in _held(person)
    ]
    context = {
        "person": person,
        "name": name_of(person),
        "is_oneself": person == request.user,
        "held": held,
        "roles": roles,
        "companies": [{"company": each, "indent": INDENT * (each.depth - account.company.depth)} for each in companies],
        "own_company": _company_of(person, account),
        "users_url": account.url("account_users"),
    }
    return _render(request, account, USERS, "user", context)


@require_POST
@page(USERS)
def take(request: HttpRequest, account: Account, pk: int, assignment_pk: int) -> HttpResponse:
    """Take one role away from one person."""
    person = of_company.people_of(account.standing).filter(pk=pk).first()
    held = of_company.roles_held_by(person) if person else []
    assignment = next((each for each in held if each.pk == assignment_pk), None)
    if assignment is None:
        return not_there(request)
    facts = {"name": name_of(person), "role": assignment.role}
    if _may_take(request, account, person, assignment):
        take_role(assignment, by=request.user)
        _say(request, _("%(name)s no longer has the role “%(role)s”.") % facts)
    else:
        _say(request, _("You cannot take the role “%(role)s” from %(name)s.") % facts, is_error=True)
    # With the last role somebody is no longer one of the company's people.
    is_there = of_company.people_of(account.standing).filter(pk=pk).exists()
    return HttpResponseRedirect(account.url("account_user", pk) if is_there else account.url("account_users"))


@require_GET
@page(CONNECTION)
def connection(request: HttpRequest, account: Account) -> HttpResponse:
    customers = of_company.customers_of(account.standing).select_related("company").order_by("name", "pk")
    shown = _shown(request, customers, per_page=5)
    context = {"shown": shown, "connections": of_company.connections(list(shown))}
    return _render(request, account, CONNECTION, "connection", context)


def readable(money: Money) -> str:
    """As many digits as the amount has, in the reader's language."""
    return format_currency(money.amount.normalize(), money.currency, locale=_locale(), decimal_quantization=False)


def _locale() -> str:
    return to_locale(get_language() or "en")


def _give(request: HttpRequest, person: Any, roles: Sequence[Role], companies: Sequence[Company]) -> None:
    """Both are looked for among what may be given, and nowhere else."""
    role = next((each for each in roles if each.slug == request.POST.get("role")), None)
    company = next((each for each in companies if each.code == request.POST.get("company")), None)
    if role is None or company is None:
        _say(request, _("Choose a role and a company from the lists."), is_error=True)
        return
    try:
        known = of_company.roles_held_by(person)
        give_role(role, user=person, company=company, by=request.user, sees=known.__contains__)
    except ValidationError as error:
        _say(request, " ".join(error.messages), is_error=True)
    else:
        _say(request, _("%(name)s now has the role “%(role)s”.") % {"name": name_of(person), "role": role})


def _may_take(request: HttpRequest, account: Account, person: Any, assignment: RoleAssignment) -> bool:
    """Nobody takes their own roles away: a company would be left without anybody who can give them back."""
    return person != request.user and of_company.may_hand_out(account.standing, assignment.role)


def _held(person: Any) -> list[dict[str, Any]]:
    return [{"assignment": each, "role": each.role, "where": each.where} for each in of_company.roles_held_by(person)]


def _company_of(person: Any, account: Account) -> Company:
    """Where a new role of this person is best given: at the company they are known in."""
    if person.customer_here:
        return person.customer_here.company
    known = [each.company for each in person.roles_of_their_own if each.company]
    return min(known, key=lambda each: each.path) if known else account.company


def _carts(account: Account) -> QuerySet:
    return of_company.carts_of(account.standing).select_related("session__company").defer("document")


def _requester(visit: PunchoutSession) -> str:
    """Who it was, as far as the buyer's system has told."""
    told = visit.requester
    return told.get("name") or told.get("email") or told.get("unique_name") or ""


def _total(cart: Quote) -> str:
    return readable(Money(cart.total, cart.currency)) if cart.total is not None and cart.currency else ""


def _shown(request: HttpRequest, things: QuerySet, per_page: int = PER_PAGE) -> Page:
    return Paginator(things, per_page).get_page(request.GET.get("page"))


def _number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), 100_000) if asked.isascii() and asked.isdecimal() else 1


def _say(request: HttpRequest, text: str, *, is_error: bool = False) -> None:
    request.session[SAID] = {"text": text, "is_error": is_error}


def _render(
    request: HttpRequest, account: Account, section: Section, name: str, context: dict[str, Any]
) -> HttpResponse:
    values = {
        "account": account,
        "section": section,
        "said": request.session.pop(SAID, None),
        "is_read_only": bool(request.punchout and request.punchout.is_inspect),
    }
    return render(request, f"wagtail_punchout/account/{name}.html", values | context)
