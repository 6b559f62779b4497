"""The page behind an invitation: a newcomer makes an account, whoever has one joins with it."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from wagtail_punchout.client_address import client_address
from wagtail_punchout.flows.invite import Closed, InvitationClosed, accept, account_of, find_invitation
from wagtail_punchout.flows.throttle import is_flooding
from wagtail_punchout.models import Invitation
from wagtail_punchout.storefront.pages import message, page, private

CLOSED = {
    Closed.UNKNOWN: _("This address leads to no invitation. Perhaps it was not copied to its end."),
    Closed.ACCEPTED: _("You have joined already: there is nothing left to do."),
    Closed.WITHDRAWN: _("The invitation was withdrawn. Please ask whoever has invited you."),
    Closed.LATE: _("The invitation has run out. Please ask whoever has invited you for a new one."),
    Closed.STAFF: _("Your account belongs to the shop's staff, who do not shop for customers. Use another address."),
}


class AccountForm(forms.Form):
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    again = forms.CharField(
        label=_("Password once more"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ."))
        return cleaned


@csrf_exempt  # the token in the address is the proof, and nobody is signed in
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables("form")
def invitation_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what will happen and uses nothing up; POST joins."""
    now = timezone.now()
    try:
        invitation = find_invitation(token, at=now)
        form = None
        if account_of(invitation.email) is None:
            form = AccountForm(request.POST if request.method == "POST" else None)
        if request.method != "POST":
            return _asking(request, invitation, form)
        return _join(request, invitation, token, form)
    except InvitationClosed as refusal:
        is_flood = refusal.why is Closed.UNKNOWN and is_flooding(client_address(request), at=now)
        title = gettext("This invitation is closed")
        return private(message(request, title, str(CLOSED[refusal.why]), status=429 if is_flood else 410))


@sensitive_variables()
def _join(request: HttpRequest, invitation: Invitation, token: str, form: AccountForm | None) -> HttpResponse:
    if form is not None and not form.is_valid():
        return _asking(request, invitation, form, status=422)
    said = form.cleaned_data if form else {}
    try:
        accept(
            token,
            at=timezone.now(),
            **{each: said.get(each, "") for each in ("first_name", "last_name", "password")},
        )
    except ValidationError as error:
        return _refused(request, invitation, form, error)
    return private(page(request, "invitation_accepted", {"invitation": invitation}))


def _asking(
    request: HttpRequest, invitation: Invitation, form: AccountForm | None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"invitation": invitation, "form": form, "problem": problem}
    return private(page(request, "invitation", context, status=status))


def _refused(
    request: HttpRequest, invitation: Invitation, form: AccountForm | None, error: ValidationError
) -> HttpResponse:
    """A password too simple belongs to its field; roles that do not go together are for the supplier to mend."""
    if form is not None and getattr(error, "code", "") != "conflict":
        form.add_error("password", error)
        return _asking(request, invitation, form, status=422)
    return _asking(request, invitation, form, problem=" ".join(error.messages), status=409)
