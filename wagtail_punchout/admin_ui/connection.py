"""What the buyer's side must be told: the values of one customer's connection, for test and for production.

The secrets are not among them: a page shows a mask, and ``credentials`` has the one way to what is behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_punchout.conf import conf
from wagtail_punchout.models import Credential, Mode, PunchoutCustomer, PunchoutLink
from wagtail_punchout.models.companies import identifier
from wagtail_punchout.models.links import OCI

DUNS, NETWORK_ID = "DUNS", "NetworkID"
#: What an OCI call says who it is with, by what the parameters stand for in a link.
OCI_PARAMETERS = {"username": "USERNAME", "password": "PASSWORD", "hook_url": "HOOK_URL"}

#: The values of a connection by the standard's words, as buyers' profiles call them (``buyers.reading.FIELDS``).
LABELS = {
    "from_domain": gettext_lazy("From domain"),
    "from_identity": gettext_lazy("From identity"),
    "to_domain": gettext_lazy("To domain"),
    "to_identity": gettext_lazy("To identity"),
    "sender_domain": gettext_lazy("Sender domain"),
    "sender_identity": gettext_lazy("Sender identity"),
    "secret": gettext_lazy("Sender shared secret"),
    "setup_url": gettext_lazy("Setup request URL"),
    "order_url": gettext_lazy("Order request URL"),
    "oci_url": gettext_lazy("Call-up URL"),
    "oci_username": OCI_PARAMETERS["username"],
    "oci_password": OCI_PARAMETERS["password"],
    "oci_call": gettext_lazy("As one address"),
}


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
    """One mode of the connection: its values, those of OCI if the customer calls by it, and its live secrets, newest
    first."""

    mode: str
    label: str
    rows: Sequence[Row]
    oci: Sequence[Row]
    credentials: Sequence[Credential]

    @property
    def current(self) -> Credential | None:
        """The secret to hand over: the newest."""
        return self.credentials[0] if self.credentials else None


def with_connection(customers: QuerySet) -> QuerySet:
    """What :func:`sides` and :func:`obstacles` read, asked for once and not once a customer."""
    related = customers.select_related("company", "group__company", "user")
    return related.prefetch_related("group__links", "credentials__created_by")


def sides(customer: PunchoutCustomer) -> list[Side]:
    known = sorted(customer.credentials.all(), key=lambda each: (each.created_at, each.pk), reverse=True)
    spoken = [each for each in customer.group.links.all() if each.live and each.is_active and each.format in OCI]
    oci_link = min(spoken, key=lambda each: OCI.index(each.format), default=None)
    found = []
    for mode in Mode:
        of_mode = [each for each in known if each.mode == mode]
        live = [each for each in of_mode if each.is_live]
        # The URLs outlive each secret: the newest knows them even when none is live.
        path_key = of_mode[0].path_key if of_mode else ""
        oci = oci_rows(customer, oci_link, path_key) if oci_link else []
        found.append(Side(mode.value, str(mode.label), rows(customer, path_key), oci, live))
    return found


def rows(customer: PunchoutCustomer, path_key: str) -> list[Row]:
    known_from, known_to = _known_from(customer), _known_to()
    default_from, default_to = _default_from(customer, known_from), (Value(_shop_domain()), _shop_identity())
    values: list[tuple[str, Value, Value | None]] = [
        ("from_domain", known_from[0], default_from[0]),
        ("from_identity", known_from[1], default_from[1]),
        ("to_domain", known_to[0], default_to[0]),
        ("to_identity", known_to[1], default_to[1]),
        ("sender_domain", Value(customer.sender_domain), None),
        ("sender_identity", Value(customer.sender_identity), None),
        ("secret", Value(""), None),
        ("setup_url", _address("setup", path_key), None),
        ("order_url", _address("orders", path_key), None),
    ]
    return [Row(name, str(LABELS[name]), known, default) for name, known, default in values]


def oci_rows(customer: PunchoutCustomer, link: PunchoutLink, path_key: str) -> list[Row]:
    """An OCI call is an address with parameters; the password is the API key, which no page spells out in one."""
    url = _oci_address(path_key)
    own_names = link.names if path_key else {}  # which count at the customer's own address
    name, password, hook = (own_names.get(role, [usual])[0] for role, usual in OCI_PARAMETERS.items())
    user = customer.sender_identity
    by_post = Value("", _("This link takes calls by POST only."))
    whole = Value(f"{url}?{name}={quote(user, safe='')}&{password}=•••&{hook}=…")
    return [
        Row("oci_url", str(LABELS["oci_url"]), Value(url)),
        Row("oci_username", name, Value(user)),
        Row("oci_password", password, Value("", _("The API key above."))),
        Row("oci_call", str(LABELS["oci_call"]), whole if link.allow_get else by_post),
    ]


def _oci_address(path_key: str) -> str:
    """The customer's own, else the one for everybody; the short one where the project has it."""
    own, key = ("own", [path_key]) if path_key else ("home", [])
    try:
        path = reverse(f"punchout_oci:{own}", args=key)
    except NoReverseMatch:
        path = reverse("punchout:oci_own" if path_key else "punchout:oci", args=key)
    return conf().base_url + path


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
    # Behind a hub it is the From identity that tells who calls, and a group has one of its own: nothing to choose.
    return known if customer.behind_hub or customer.from_identity else (Value(NETWORK_ID), Value(customer.company.code))


def _known_to() -> tuple[Value, Value]:
    ours = conf()
    if ours.SUPPLIER_DUNS:
        return Value(DUNS), Value(_digits(ours.SUPPLIER_DUNS))
    if ours.SUPPLIER_DOMAIN == DUNS and ours.SUPPLIER_IDENTITY:
        return Value(DUNS), Value(_digits(ours.SUPPLIER_IDENTITY))
    shop = _shop_identity()
    remark = _("Not known. The shop's identifier stands in until SUPPLIER_DUNS is set for this site.")
    return Value(_shop_domain()), Value(shop.text, remark)


def _shop_domain() -> str:
    """Of the shop's identifier, which for those who do not use DUNS numbers is none."""
    ours = conf()
    return ours.SUPPLIER_DOMAIN if ours.SUPPLIER_IDENTITY and ours.SUPPLIER_DOMAIN != DUNS else NETWORK_ID


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
    user, links = customer.user, list(customer.group.links.all())
    published = [each for each in links if each.live]
    in_use = [each for each in published if each.is_active]
    company_is_on = all(each.is_active for each in customer.company.lineage)
    found = [
        (not customer.is_active, _("The customer is switched off.")),
        (not company_is_on, _("The company, or a company above it, is switched off.")),
        (not user.is_active, _("The shop user is switched off.")),
        (user.is_staff or user.is_superuser, _("The shop user is staff: choose another one.")),
        (not links, _("The customer's group has no link yet: add one.")),
        (links and not published, _("The link of the customer's group is a draft: publish it.")),
        (published and not in_use, _("The link of the customer's group is switched off.")),
        (not any(each.is_live for each in customer.credentials.all()), _("There is no live API key: make one.")),
    ]
    return [text for is_so, text in found if is_so]
