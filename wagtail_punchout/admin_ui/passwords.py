"""Was it really you who sat down here? Some acts ask for the password again when it was entered long ago.

The time of the last sign-in or confirmation is kept in the session of the admin. Signing in anew always counts, so
that people without a password of ours (single sign-on) have a way, too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, user_logged_in
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.conf import conf
from wagtail_punchout.flows.throttle import may_try_password
from wagtail_punchout.models import Credential

#: Where the session keeps whose password was entered, and when.
KEY = "punchout_password_entered"
URL_NAME = "punchout_credentials:password"


@receiver(user_logged_in, dispatch_uid="wagtail_punchout.passwords")
def note_sign_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """An ordinary sign-in counts; a buyer's visit, which has a session of its own, does not."""
    if hasattr(request, "session") and not getattr(request, "in_visit_jar", False):
        _note(request, user)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the user of this session has entered the password a short while ago."""
    whose, entered_at = request.session.get(KEY) or ("", "")
    if whose != str(request.user.pk):
        return False
    age = (timezone.now() - datetime.fromisoformat(entered_at)).total_seconds()
    return 0 <= age < conf().PASSWORD_FRESH_SECONDS


def _note(request: HttpRequest, user: Any) -> None:
    request.session[KEY] = (str(user.pk), timezone.now().isoformat())


class AsksForPassword:
    """For views: nothing of them can be reached without a fresh password, and they are answered ``no-store``.

    A browser is sent to the question and from there to this view again, by GET. A script is told by status 401.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs) if is_fresh(request) else _ask(request)
        patch_cache_control(response, no_store=True, private=True)
        return response


def _ask(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"needs": "password"}, status=401)
    return redirect(f"{reverse(URL_NAME)}?{urlencode({'next': request.path})}")


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    @sensitive_variables("password")
    def clean_password(self) -> None:
        """Asks the project's own backends. The password itself is not kept, neither here nor anywhere."""
        password = self.cleaned_data["password"]
        user = self.request.user
        if not may_try_password(user.pk, at=timezone.now()):
            raise forms.ValidationError(gettext("Too many tries. Wait a minute, then try again."), code="wait")
        found = authenticate(self.request, username=user.get_username(), password=password)
        if found is None or found.pk != user.pk:
            raise forms.ValidationError(gettext("This is not your password."), code="wrong")


@method_decorator([sensitive_post_parameters("password"), never_cache], name="dispatch")
class EnterPassword(WagtailAdminTemplateMixin, View):
    """The question. As a page it leads on to ``next``; a script gets 204, or the complaint to show."""

    http_method_names = ["get", "post"]
    template_name = "wagtail_punchout/admin/password.html"
    page_title = _("Enter your password")
    header_icon = "lock"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, "view", Credential):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        if is_fresh(request) and get_valid_next_url_from_request(request):
            return redirect(self._next())
        return self._page(PasswordForm(request=request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasswordForm(request.POST, request=request)
        if has_password(request.user) and form.is_valid():
            _note(request, request.user)
            return HttpResponse(status=204) if wants_json(request) else redirect(self._next())
        if wants_json(request):
            return JsonResponse({"error": " ".join(form.errors.get("password", [sign_in_again()]))}, status=400)
        return self._page(form)

    def _page(self, form: PasswordForm) -> HttpResponse:
        return TemplateResponse(self.request, self.template_name, self.get_context_data(form=form))

    def _next(self) -> str:
        return get_valid_next_url_from_request(self.request) or reverse("wagtailadmin_home")

    def get_breadcrumbs_items(self) -> list[dict]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict:
        minutes = max(1, conf().PASSWORD_FRESH_SECONDS // 60)
        own = {"has_password": has_password(self.request.user), "sign_in_url": sign_in_url(self._next())}
        return super().get_context_data(minutes=minutes, next=self._next(), **own, **kwargs)


def has_password(user: Any) -> bool:
    return user.has_usable_password()


def sign_in_again() -> str:
    return gettext("Your account has no password here. Sign out and sign in again, then come back.")


def sign_in_url(back: str) -> str:
    """The project's own way to sign in, if it has one; Wagtail's page sends away whoever is signed in."""
    own = getattr(settings, "WAGTAILADMIN_LOGIN_URL", "")
    return f"{resolve_url(own)}?{urlencode({'next': back})}" if own else ""
