"""Try a connection: have the whole conversation with ourselves, and keep how it went.

What is tried here is our side: the customer's settings, its links, the adapter and the shop's pages. It says nothing of
the buyer's system, and is told apart from what that has proven (:mod:`wagtail_punchout.flows.go_live`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.address_book import as_postal
from wagtail_punchout.flows.named_user import members_of
from wagtail_punchout.flows.role_conflicts import conflicts_among, roles_in
from wagtail_punchout.flows.trial import Broken, Trial, try_cxml, try_oci
from wagtail_punchout.models import (
    Ability,
    Address,
    ConnectionTest,
    Credential,
    LinkFormat,
    Mode,
    NamedUsers,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
)
from wagtail_punchout.models.links import OCI
from wagtail_punchout.models.orders import Reason
from wagtail_punchout.models.secretbox import UnreadableSecret
from wagtail_punchout.testing import documents
from wagtail_punchout.testing.buyer import SHOPPER, BuyerSettings
from wagtail_punchout.testing.documents.oci_call import NAMES, OciSettings

#: What each step is called, and what to look at when it fails.
STEPS: dict[str, tuple[Promise, Promise]] = {
    "setup": (
        _("The buyer's system asks to come in"),
        _("Look at the customer, its group and its link: the sentence says which of them refused."),
    ),
    "start": (
        _("Its user arrives in the shop"),
        _("The start page must lead to a page of the shop. Look at landing_url and sign_in of the adapter."),
    ),
    "article": (
        _("An article is looked for"),
        _(
            "The shop's form that puts an article into the cart needs the mark data-test=“add-to-cart”, and its page "
            "must be reached by links from where visits begin."
        ),
    ),
    "cart": (
        _("It is put into the cart"),
        _(
            "The form must work without scripts, and the cart page must be reached by a link and show the buttons "
            "of the tag punchout_buttons."
        ),
    ),
    "return": (
        _("The cart goes home"),
        _("Look at get_cart of the adapter, and at the mapping of the link."),
    ),
    "edit": (
        _("The returned cart is opened again"),
        _("Look at get_items and put_lines of the adapter: they must find what get_cart has named."),
    ),
    "again": (_("The user comes back"), _("Look at the first visit: it has left something behind.")),
    "cancel": (
        _("The user leaves without a cart"),
        _("The cart page must show the buttons of the tag punchout_buttons in a fresh visit, too."),
    ),
    "validate": (
        _("The price of the article is asked again"),
        _("Look at get_item of the adapter: it must find what get_cart has named, without a request."),
    ),
    "order": (
        _("A purchase order comes in, in test mode"),
        _("Look at the rules for orders in the link: the sentence says which of them refused."),
    ),
    "retry": (_("The same order comes again"), _("Two orders may have been made: tell the developers.")),
    "change": (_("The order is changed"), _("Look at the rules for orders in the link.")),
    "withdraw": (_("The order is cancelled"), _("Look at the rules for orders in the link.")),
}
#: Tests kept of one customer: each has its documents with it.
MOST_KEPT = 20
BROKEN_OFF = "The test was broken off before its end."


class OwnSettings(BuyerSettings):
    """By its name our own documents are told apart from a buyer's."""

    user_agent = ConnectionTest.AGENT


class CannotTry(Exception):
    """There is nothing to try yet. The text says what is missing, to staff (translated)."""


def hindrance(customer: PunchoutCustomer) -> str:
    """Why this customer cannot be tried, with what to do about it; empty when it can."""
    key = _key(customer)
    if key is None:
        return str(_("There is no live API key for test: make one in Developer fields."))
    if not _is_readable(key):
        return str(_("This key cannot be decrypted: SECRET_KEYS of this site lacks the key that encrypted it."))
    if not _links(customer):
        return str(_("The customer's group has no link that is published and switched on."))
    if customer.group.named_users != NamedUsers.SHARED and _member(customer) is None:
        return str(_("Nobody of the group may shop yet: invite somebody. The test shops as one of them."))
    return ""


def try_connection(customer: PunchoutCustomer, *, by: Any, at: datetime) -> ConnectionTest:
    """One run, kept whatever comes of it. Raises ``CannotTry`` when there is nothing to try."""
    customer = PunchoutCustomer.objects.select_related("group", "company", "user").get(pk=customer.pk)
    if reason := hindrance(customer):
        raise CannotTry(reason)
    test = ConnectionTest.objects.create(customer=customer, started_by=by, started_at=at, failure=BROKEN_OFF)
    trial = Trial(customer)
    for link in _links(customer):
        trial.format = link.get_format_display()
        try:
            _converse(trial, link)
        except Broken:
            continue  # the other formats are worth a try
    _keep(test, trial)
    return test


def _converse(trial: Trial, link: PunchoutLink) -> None:
    if link.format in OCI:
        try_oci(trial, link, _oci_settings(trial.customer, link))
    else:
        try_cxml(trial, link, _cxml_settings(trial.customer), _user(trial.customer), lambda: _ship_to(trial))


def _keep(test: ConnectionTest, trial: Trial) -> None:
    visits = PunchoutSession.objects.filter(customer=test.customer, created_at__gte=test.started_at)
    if trial.buyer_cookie:
        visits = visits.filter(buyer_cookie=trial.buyer_cookie)
    test.session = visits.filter(user_agent=ConnectionTest.AGENT).order_by("created_at").first()
    test.order = _order_of(trial)
    if test.order:
        _nobody_needs_to_look(test.order, trial)
    test.steps, test.complaints, test.failure = trial.steps, trial.complaints, trial.failure
    test.is_ok = not trial.failure
    test.save()
    kept = test.customer.connection_tests.order_by("-started_at", "-pk").values_list("pk", flat=True)
    ConnectionTest.objects.filter(pk__in=list(kept[MOST_KEPT:])).delete()


def _nobody_needs_to_look(order: PurchaseOrder, trial: Trial) -> None:
    """Why a real one would have been held stands with the step; our own trial is nobody's work."""
    held = [str(Reason(each["code"]).label) for each in order.reasons]
    for step in trial.steps:
        if held and step["name"] == "order" and step["is_ok"]:
            step["held"] = [each["code"] for each in order.reasons]
    order.drop_reasons()
    order.save(update_fields=["reasons", "needs_person", "updated_at"])


def _order_of(trial: Trial) -> PurchaseOrder | None:
    found = PurchaseOrder.objects.filter(customer=trial.customer, mode=Mode.TEST, number=trial.order_number)
    return found.first() if trial.order_number else None


# Who calls


def _key(customer: PunchoutCustomer) -> Credential | None:
    return customer.credentials.live().filter(mode=Mode.TEST).order_by("-created_at", "-pk").first()


def _is_readable(key: Credential) -> bool:
    try:
        key.secret()
    except UnreadableSecret:
        return False
    return True


def _links(customer: PunchoutCustomer) -> list[PunchoutLink]:
    """One of each format, cXML first."""
    found = customer.group.links.filter(live=True, is_active=True).order_by("-pk")
    by_format = {each.format: each for each in found}
    return [by_format[each] for each in (LinkFormat.CXML, *OCI) if each in by_format]


def _member(customer: PunchoutCustomer) -> Any | None:
    """Somebody of the group who would be let in."""
    for user in members_of(customer.group, customer.company)[:50]:
        held = roles_in(user, customer.group, customer.company)
        may_return = any(Ability.TRANSFER_CART in each.role.abilities for each in held)
        if user.is_active and may_return and not conflicts_among(held):
            return user
    return None


def _user(customer: PunchoutCustomer) -> documents.User:
    if customer.group.named_users == NamedUsers.SHARED:
        return SHOPPER
    member = _member(customer)
    return documents.User(
        first_name=getattr(member, "first_name", ""),
        last_name=getattr(member, "last_name", ""),
        unique_name=member.get_username(),
    )


def _cxml_settings(customer: PunchoutCustomer) -> BuyerSettings:
    key, ours = _key(customer), conf()
    from_domain, from_identity = _from(customer)
    return OwnSettings(
        from_domain=from_domain,
        from_identity=from_identity,
        to_domain=ours.SUPPLIER_DOMAIN,
        to_identity=ours.SUPPLIER_IDENTITY or ours.host,
        sender_domain=customer.sender_domain or "NetworkID",
        sender_identity=customer.sender_identity,
        secret=key.secret(),
        setup_url=ours.base_url + reverse("punchout:setup", args=[key.path_key]),
        order_url=ours.base_url + reverse("punchout:orders", args=[key.path_key]),
        mode="test",
    )


def _from(customer: PunchoutCustomer) -> tuple[str, str]:
    """As Developer fields hand it over; behind a hub it tells who calls."""
    company = customer.company
    if customer.from_identity:
        return customer.from_domain or "NetworkID", customer.from_identity
    if company.duns:
        return "DUNS", "".join(filter(str.isalnum, company.duns))
    return "NetworkID", company.network_id or company.code


def _oci_settings(customer: PunchoutCustomer, link: PunchoutLink) -> OciSettings:
    key, user = _key(customer), _user(customer)
    names = {role: spelled[0] for role, spelled in link.names.items() if role in NAMES}
    return OciSettings(
        oci_url=conf().base_url + reverse("punchout:oci_own", args=[key.path_key]),
        username=customer.sender_identity,
        password=key.secret(),
        version=f"{link.format[-1]}.0",
        method="post",  # by GET the key would count as known to others
        charset=link.return_charset or "utf-8",
        extra={} if user is SHOPPER else {"USERID": user.unique_name},
        names=names,
        agreed=tuple(each.target for each in link.rows),
    )


def _ship_to(trial: Trial) -> documents.Address | None:
    """Where the order goes: to where the visit was for, else to one of the book where nothing else is taken."""
    customer = trial.customer
    visit = PunchoutSession.objects.filter(customer=customer, buyer_cookie=trial.buyer_cookie).first()
    entry = visit.address if visit else None
    if entry is None and not customer.group.own_address:
        entry = customer.group.addresses.first() or Address.objects.filter(company=customer.company).first()
    if entry is None:
        return None
    told = as_postal(entry)
    return documents.Address(
        address_id=told.address_id,
        name=told.name,
        deliver_to=told.deliver_to,
        street=told.street,
        city=told.city,
        state=told.state,
        postal_code=told.postal_code,
        country_code=told.country_code,
    )
