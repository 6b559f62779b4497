"""What the buyer's side must be told: the values of one customer's connection, for test and for production.

The secret is not among them. It is shown by one action of its own (see ``credentials``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import Media
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.panels import Panel

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.conf import conf
from wagtail_punchout.models import Credential, Mode, PunchoutCustomer


@dataclass(frozen=True)
class Value:
    """One thing to copy. Without ``text`` there is a ``remark`` instead."""

    name: str
    label: str
    text: str
    remark: str = ""


@dataclass(frozen=True)
class Side:
    """One mode of the connection: its values, and its secrets."""

    mode: str
    label: str
    values: Sequence[Value]
    credentials: Sequence[Credential]

    @property
    def can_take_another(self) -> bool:
        return len(self.credentials) < len(Credential.SLOTS)


def sides(customer: PunchoutCustomer) -> list[Side]:
    now = timezone.now()
    known = list(customer.credentials.order_by("-created_at", "-pk"))
    found = []
    for mode in Mode:
        of_mode = [each for each in known if each.mode == mode]
        live = [each for each in of_mode if each.revoked_at is None and not (each.ends_at and each.ends_at <= now)]
        # The URLs outlive each secret: the newest knows them even when none is live.
        path_key = of_mode[0].path_key if of_mode else ""
        found.append(Side(mode.value, str(mode.label), values(customer, path_key), live))
    return found


def values(customer: PunchoutCustomer, path_key: str) -> list[Value]:
    ours = conf()
    no_identity = _("Not set: SUPPLIER_IDENTITY in the settings of this site.")
    no_url = _("Make a secret first.")
    return [
        Value("from_domain", _("From domain"), customer.from_domain or "NetworkID"),
        Value("from_identity", _("From identity"), customer.told_from_identity),
        Value("to_domain", _("To domain"), ours.SUPPLIER_DOMAIN),
        Value("to_identity", _("To identity"), ours.SUPPLIER_IDENTITY, no_identity),
        Value("sender_domain", _("Sender domain"), customer.sender_domain),
        Value("sender_identity", _("Sender identity"), customer.sender_identity),
        Value("setup_url", _("PunchOut URL"), _address("setup", path_key), no_url),
        Value("order_url", _("Order URL"), _address("orders", path_key), no_url),
        Value("general_url", _("URL for everything"), conf().base_url + reverse("punchout:cxml")),
    ]


def _address(name: str, path_key: str) -> str:
    return conf().base_url + reverse(f"punchout:{name}", args=(path_key,)) if path_key else ""


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
        (not customer.credentials.live().exists(), _("There is no live secret: make one.")),
    ]
    return [text for is_so, text in found if is_so]


class ConnectionPanel(Panel):
    """Both sides next to each other, every value with a button that copies it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_punchout/admin/panels/connection.html"

        def is_shown(self) -> bool:
            return bool(self.instance and self.instance.pk)

        @property
        def media(self) -> Media:
            return STYLES

        def get_context_data(self, parent_context: Any = None) -> dict:
            customer = self.instance
            return super().get_context_data(parent_context) | {
                "customer": customer,
                "sides": sides(customer),
                "obstacles": obstacles(customer),
                "may_handle_secrets": self.request.user.has_perm("wagtail_punchout.change_credential"),
            }
