"""What needs a person: everything that waits for somebody, each with the way to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Value
from django.urls import reverse
from django.utils.translation import ngettext

from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.models import Credential, Delivery, FirstContact, PunchoutLink, PurchaseOrder, UnknownAddress
from wagtail_punchout.models.outbox import WorkState

#: A secret that ends so soon is told.
SOON = timedelta(days=14)
#: Companies with unknown addresses that are named one by one.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Need:
    """``number`` things of one kind; ``sentence`` says which, without the number."""

    number: int
    sentence: str
    url: str


def needs(user: Any, now: datetime) -> list[Need]:
    """What waits for somebody and can be seen by ``user``; what there is none of is left out."""
    numbers = _numbers(user, now)
    found = (*(make(numbers.get(kind, 0)) for kind, make in WORDS.items()), *_addresses(user))
    return [each for each in found if each.number]


def _numbers(user: Any, now: datetime) -> dict[str, int]:
    """How many there are of each kind, asked all at once."""
    first, *others = (
        visible(things, user).order_by().values_list(Value(kind)).annotate(number=Count("pk"))
        for kind, things in (
            ("orders", PurchaseOrder.objects.filter(needs_person=True)),
            ("deliveries", Delivery.objects.filter(state=WorkState.FAILED)),
            ("contacts", FirstContact.objects.filter(settled_at=None)),
            ("secrets", Credential.objects.live(now).filter(ends_at__lte=now + SOON, customer__is_active=True)),
        )
    )
    # Django 6.1 would order by the first model's default, which is none of the columns.
    return dict(first.union(*others, all=True).order_by())


def _orders(number: int) -> Need:
    words = ngettext("purchase order needs a decision", "purchase orders need a decision", number)
    return Need(number, words, _list("orders", needs_person="true"))


def _deliveries(number: int) -> Need:
    words = ngettext("document could not be delivered", "documents could not be delivered", number)
    return Need(number, words, _list("deliveries", state=WorkState.FAILED))


def _contacts(number: int) -> Need:
    words = ngettext("first contact is not settled", "first contacts are not settled", number)
    return Need(number, words, _list("first_contacts", state="open"))


def _secrets(number: int) -> Need:
    words = ngettext("secret ends within two weeks", "secrets end within two weeks", number)
    return Need(number, words, _list("reports", view="secrets", why="ends"))


WORDS = {"orders": _orders, "deliveries": _deliveries, "contacts": _contacts, "secrets": _secrets}


def _addresses(user: Any) -> Iterator[Need]:
    # An address belongs to a company and to nothing else.
    open_ones = UnknownAddress.objects.filter(scope_of(user).condition("company__"), dismissed_at=None)
    companies = open_ones.order_by().values_list("company", "company__name").annotate(number=Count("pk"))
    for company, name, number in companies.order_by("-number", "company")[:NAMED]:
        words = ngettext(
            "delivery address of %(company)s is unknown", "delivery addresses of %(company)s are unknown", number
        )
        url = reverse("punchout_companies:edit", args=[company]) + "#tab-addresses"
        yield Need(number, words % {"company": name}, url)


def units(user: Any) -> Need:
    """Apart from the others, as it takes longer to find out."""
    from wagtail_punchout.admin_ui.unit_report import links_without_units

    number = len(links_without_units(user)) if can(user, "change", PunchoutLink) else 0
    words = ngettext("link has units to translate", "links have units to translate", number)
    return Need(number, words, reverse("punchout_links:unit_report"))


def _list(name: str, *, view: str = "index", **filters: str) -> str:
    return f"{reverse(f'punchout_{name}:{view}')}?{urlencode(filters)}"
