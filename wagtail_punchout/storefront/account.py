"""The company account: whose it is, and which of its pages somebody may open.

In a visit it is the account of the visit's company; without one, of the company for which a signed-in person has a
role. Who has roles for several companies chooses with ``?company=`` and a code. Each page is there for those whose
roles allow it, and for all others it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from wagtail_punchout.flows import start
from wagtail_punchout.flows.abilities import Standing
from wagtail_punchout.models import Ability, Company
from wagtail_punchout.storefront import pages
from wagtail_punchout.storefront.standing import standings


@dataclass(frozen=True)
class Section:
    """A page of the account and what it takes to open it; some things cannot be divided by groups."""

    url_name: str
    label: str
    ability: Ability
    whole_company: bool = False

    def is_open_to(self, standing: Standing) -> bool:
        return standing.may_for_all(self.ability) if self.whole_company else standing.may(self.ability)


VISITS = Section("account_visits", gettext_lazy("Visits"), Ability.SEE_COMPANY_VISITS)
CARTS = Section("account_carts", gettext_lazy("Returned carts"), Ability.SEE_COMPANY_VISITS)
ORDERS = Section("account_orders", gettext_lazy("Orders"), Ability.SEE_COMPANY_ORDERS, whole_company=True)
USERS = Section("account_users", gettext_lazy("Users"), Ability.MANAGE_COMPANY_USERS, whole_company=True)
CONNECTION = Section("account_connection", gettext_lazy("Connection"), Ability.SEE_CONNECTION)
SECTIONS = (VISITS, CARTS, ORDERS, USERS, CONNECTION)


@dataclass(frozen=True)
class Account:
    """One company's account, for whoever asks; ``companies`` are those to choose from."""

    company: Company
    standing: Standing
    companies: Sequence[Company]

    def __contains__(self, section: Section) -> bool:
        return section.is_open_to(self.standing)

    @property
    def sections(self) -> list[dict[str, Any]]:
        """For the navigation."""
        return [
            {"name": each.url_name, "label": each.label, "url": self.url(each.url_name)}
            for each in SECTIONS
            if each in self
        ]

    @property
    def has_companies_below(self) -> bool:
        return bool(self.company.numchild)

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The companies to choose from, where there are several."""
        if len(self.companies) < 2:
            return []
        return [
            {"company": each, "url": _url("account", each), "is_current": each == self.company}
            for each in self.companies
        ]

    def url(self, name: str, *args: object) -> str:
        """An address of this account; the company is in it where there is a choice."""
        return _url(name, self.company if len(self.companies) > 1 else None, *args)


def account_url(request: HttpRequest) -> str:
    """Where the company account is, or nothing for those who have none."""
    return reverse("punchout:account") if any(_has_a_page(each) for each in standings(request)) else ""


def page(section: Section | None = None) -> Callable[..., Callable[..., HttpResponse]]:
    """For views: they are called with the :class:`Account` of whoever asks, if ``section`` of it is open to them."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if refusal := _refusal(request):
                return refusal
            account = _account(request)
            if account is None or (section and section not in account):
                return not_there(request)
            return view(request, account, *args, **kwargs)

        return answer

    return decorate


def not_there(request: HttpRequest) -> HttpResponse:
    """The same for what does not exist and for what one may not see."""
    return pages.message(
        request,
        _("There is no such page for you"),
        _("Which pages of the company account you see depends on your roles. Ask whoever looks after them."),
        status=404,
    )


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """What is answered before any company is looked up."""
    visit = request.punchout
    if visit:
        start.seen(visit.session, at=timezone.now())
        return pages.read_only(request) if visit.is_inspect and request.method == "POST" else None
    if request.in_visit_jar:
        return pages.visit_over(request)
    return None if request.user.is_authenticated else redirect_to_login(request.get_full_path())


def _account(request: HttpRequest) -> Account | None:
    by_path = {each.path: each for each in standings(request) if _has_a_page(each)}
    if request.punchout:
        companies = [request.punchout.session.company] if by_path else []
    else:
        companies = list(Company.objects.filter(path__in=by_path).order_by("path"))
    asked = request.GET.get("company")
    chosen = next((each for each in companies if asked in (None, each.code)), None)
    return Account(chosen, by_path[chosen.path], companies) if chosen else None


def _has_a_page(standing: Standing) -> bool:
    return bool(standing.path) and any(each.is_open_to(standing) for each in SECTIONS)


def _url(name: str, company: Company | None, *args: object) -> str:
    query = f"?{urlencode({'company': company.code})}" if company else ""
    return reverse(f"punchout:{name}", args=args) + query
