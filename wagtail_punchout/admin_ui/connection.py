"""What the buyer's side must be told: the values of one customer's connection, for test and for production.

The secrets are not among them: a page shows a mask, and ``credentials`` has the one way to what is behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_punchout.conf import conf
from wagtail_punchout.models import Credential, Mode, PunchoutCustomer
from wagtail_punchout.models.companies import identifier

DUNS, NETWORK_ID = "DUNS", "NetworkID"


@dataclass(frozen=True)
class Value:
    """One thing to copy. ``remark`` says what it stands in for, and where to fill that in (``url``)."""

    text: str
    remark: str = ""
    url: str = ""


@dataclass(frozen=True)
class Row:
    """One field of the buyer's system: its value with known identifiers, and with defaults."""

    name: str
    label: str
    known: Value
    default: Value | None = None

    @property
    def is_one(self) -> bool:
        """Whether there is nothing to choose: one value stands for both columns."""
        return self.default is None


@dataclass(frozen=True)
class Side:
    """One mode of the connection: its values, and its live secrets, newest first."""

    mode: str
    label: str
    rows: Sequence[Row]
    credentials: Sequence[Credential]

    @property
    def current(self) -> Credential | None:
        """The secret to hand over: the newest."""
        return self.credentials[0] if self.credentials else None


def sides(customer: PunchoutCustomer) -> list[Side]:
    now = timezone.now()
    known = list(customer.credentials.select_related("created_by").order_by("-created_at", "-pk"))
    found = []
    for mode in Mode:
        of_mode = [each for each in known if each.mode == mode]
        live = [each for each in of_mode if each.revoked_at is None and not (each.ends_at and each.ends_at <= now)]
        # The URLs outlive each secret: the newest knows them even when none is live.
        path_key = of_mode[0].path_key if of_mode else ""
        found.append(Side(mode.value, str(mode.label), rows(customer, path_key), live))
    return found


def rows(customer: PunchoutCustomer, path_key: str) -> list[Row]:
    known_from, known_to = _known_from(customer), _known_to()
    default_from, default_to = _default_from(customer, known_from), (Value(NETWORK_ID), _shop_identity())
    return [
        Row("from_domain", _("From domain"), known_from[0], default_from[0]),
        Row("from_identity", _("From identity"), known_from[1], default_from[1]),
        Row("to_domain", _("To domain"), known_to[0], default_to[0]),
        Row("to_identity", _("To identity"), known_to[1], default_to[1]),
        Row("sender_domain", _("Sender domain"), Value(customer.sender_domain)),
        Row("sender_identity", _("Sender identity"), Value(customer.sender_identity)),
        Row("secret", _("Sender shared secret"), Value("")),
        Row("setup_url", _("Setup request URL"), _address("setup", path_key)),
        Row("order_url", _("Order request URL"), _address("orders", path_key)),
    ]


def general_url() -> str:
    """For systems that have one address for everything; the secret tells test from production."""
    return conf().base_url + reverse("punchout:cxml")


def _known_from(customer: PunchoutCustomer) -> tuple[Value, Value]:
    company = customer.company
    if customer.from_identity:
        return Value(customer.from_domain or NETWORK_ID), Value(customer.from_identity)
    if company.duns:
        return Value(DUNS), Value(_digits(company.duns))
    if company.network_id:
        return Value(NETWORK_ID), Value(company.network_id)
    remark = _("Not known. The company's code stands in until you enter its DUNS number or network ID.")
    url = reverse("punchout_companies:edit", args=(company.pk,))
    return Value(NETWORK_ID), Value(company.code, remark, url)


def _default_from(customer: PunchoutCustomer, known: tuple[Value, Value]) -> tuple[Value, Value]:
    # Behind a hub it is the From identity that tells who calls: there is nothing to choose.
    return known if customer.behind_hub else (Value(NETWORK_ID), Value(customer.company.code))


def _known_to() -> tuple[Value, Value]:
    ours = conf()
    if ours.SUPPLIER_DUNS:
        return Value(DUNS), Value(_digits(ours.SUPPLIER_DUNS))
    if ours.SUPPLIER_DOMAIN == DUNS and ours.SUPPLIER_IDENTITY:
        return Value(DUNS), Value(_digits(ours.SUPPLIER_IDENTITY))
    shop = _shop_identity()
    remark = _("Not known. The shop's identifier stands in until SUPPLIER_DUNS is set for this site.")
    return Value(NETWORK_ID), Value(shop.text, remark)


def _shop_identity() -> Value:
    """The shop's identifier; a host name has only characters that every system accepts."""
    if identity := conf().SUPPLIER_IDENTITY:
        is_safe = identifier.regex.search(identity)
        return Value(identity, "" if is_safe else _("Some systems take letters, digits and . _ - only."))
    host = conf().host.partition(":")[0]
    return Value(host, _("The shop's host name stands in until SUPPLIER_IDENTITY is set for this site."))


def _digits(duns: str) -> str:
    """Buyers' systems write the number without its hyphens."""
    return re.sub(r"^(\d{2})-?(\d{3})-?(\d{4})", r"\1\2\3", duns)


def _address(name: str, path_key: str) -> Value:
    if not path_key:
        return Value("", _("Make a key first."))
    return Value(conf().base_url + reverse(f"punchout:{name}", args=(path_key,)))


def obstacles(customer: PunchoutCustomer) -> list[str]:
    """Why this customer cannot enter at present, each with what to do about it."""
    user, link = customer.user, customer.group.links.first()
    company_is_on = all(each.is_active for each in customer.company.lineage)
    found = [
        (not customer.is_active, _("The customer is switched off.")),
        (not company_is_on, _("The company, or a company above it, is switched off.")),
        (not user.is_active, _("The shop user is switched off.")),
        (user.is_staff or user.is_superuser, _("The shop user is staff: choose another one.")),
        (link is None, _("The customer's group has no link yet: add one.")),
        (link is not None and not link.live, _("The link of the customer's group is a draft: publish it.")),
        (link is not None and link.live and not link.is_active, _("The link of the customer's group is switched off.")),
        (not customer.credentials.live().exists(), _("There is no live API key: make one.")),
    ]
    return [text for is_so, text in found if is_so]
