"""Identities as people type them: what is wrong with one, and what follows from a change, in words that help.

The same sentences are used by the forms and, while somebody types, by a small address of its own. Whose an identity is
already is said only to those who may see that customer.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.cache import never_cache

from wagtail_punchout.admin_ui.policies import can, scope_of
from wagtail_punchout.admin_ui.scoped import InScopeOnly, key_of
from wagtail_punchout.flows.onboard import CannotAdd, Hindrance, user_called
from wagtail_punchout.models import PunchoutCustomer
from wagtail_punchout.models.folding import identity_key

#: On the customer's form. Of these the first two decide who is calling.
FIELDS = ("sender_identity", "sender_domain", "from_identity", "from_domain")
#: What an identity given by a buyer may hold: no control characters, nothing that has a meaning in XML, single blanks.
WRITABLE = re.compile(r"[^\s<>&\"'\x00-\x1f\x7f]+( [^\s<>&\"'\x00-\x1f\x7f]+)*")


def may_take_user(user: Any) -> bool:
    """An existing shop user may belong to anybody: only who works everywhere may put it behind a new customer."""
    return scope_of(user).everywhere


def told(error: CannotAdd, user: Any) -> str:
    """What is in the way of a new customer, and what to do about it."""
    if error.customer is not None and can(user, "view", error.customer):
        return gettext("“%(customer)s” of %(company)s has this name already. Every connection needs its own.") % {
            "customer": error.customer,
            "company": error.customer.company,
        }
    return {
        Hindrance.UNUSABLE: gettext(
            "Use letters, digits and the characters . _ - + @ only, at most 150: every buyer's system accepts these."
        ),
        Hindrance.STAFF: gettext(
            "This is the name of a staff account, which a buyer's system must not open. Choose another name."
        ),
        Hindrance.USER_OFF: gettext(
            "The shop user of this name is switched off. Switch it on, or choose another name."
        ),
        Hindrance.AMBIGUOUS: gettext("Several shop users go by this name or e-mail. Choose another name."),
        Hindrance.COMPANY_OFF: gettext(
            "This company, or one above it, is switched off. Switch it on first: nobody could enter."
        ),
        Hindrance.NO_USER: gettext("The shop could not make a user of this name. Choose another name."),
    }.get(error.why) or gettext("This name is taken already. Choose another one.")


def complaint(field: str, text: str, customer: PunchoutCustomer, user: Any) -> str:
    """What is wrong with a changed field of ``customer``; empty when nothing is."""
    text = text.strip()
    if field == "sender_identity" and not text:
        return gettext("Without a Sender identity the customer cannot be recognized.")
    if text and not WRITABLE.fullmatch(text):
        return gettext("This holds characters that some buyer's systems cannot write: no < > & or quotation marks.")
    limit = PunchoutCustomer._meta.get_field(field).max_length
    if len(text) > limit:
        return gettext("At most %(limit)s characters fit.") % {"limit": limit}
    if field != "sender_identity" or customer.behind_hub:
        return ""
    same = PunchoutCustomer.objects.filter(sender_key=identity_key(text), from_key="").exclude(pk=customer.pk).first()
    return told(CannotAdd(Hindrance.TAKEN, same), user) if same else ""


def advice(field: str, text: str, customer: PunchoutCustomer) -> str:
    """What a change of a live connection asks of the buyer; empty when it asks nothing."""
    is_changed = identity_key(text) != identity_key(getattr(customer, field))
    if not is_changed or not customer.credentials.live(timezone.now()).exists():
        return ""
    if field == "sender_identity" or (field == "from_identity" and customer.behind_hub):
        return gettext(
            "This connection is live: enter the new value in the buyer's system, too. Until then it is refused."
        )
    return gettext("This is recorded, not checked: calls with the old value are let in as well.")


@method_decorator(never_cache, name="dispatch")
class CheckIdentity(InScopeOnly, View):
    """While somebody types: ``?field=…&text=…`` for a new customer, with ``&customer=…`` for one that is there."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> JsonResponse:
        field, text = request.GET.get("field", ""), request.GET.get("text", "")[:1000]
        if pk := request.GET.get("customer", ""):
            customer = self.within(PunchoutCustomer, key_of(pk), "change")
            is_known = field in FIELDS
            error = complaint(field, text, customer, request.user) if is_known else ""
            return JsonResponse({"error": error, "advice": advice(field, text, customer) if is_known else ""})
        if not can(request.user, "add", PunchoutCustomer):
            raise PermissionDenied
        return JsonResponse({"error": self._of_new(text.strip()), "advice": ""})

    def _of_new(self, text: str) -> str:
        try:
            user_called(text, may_take_user=may_take_user(self.request.user))
        except CannotAdd as error:
            return told(error, self.request.user)
        return ""


def check_url(customer: PunchoutCustomer | None = None) -> str:
    url = reverse("punchout_customers:check_identity")
    return f"{url}?customer={customer.pk}" if customer else url
