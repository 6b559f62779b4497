"""Deleting, where something may still hang on what is to be deleted.

Visits, carts and documents protect what they refer to. Wagtail's delete views would answer with an error page then;
here they say what is in the way and what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth import get_user_model
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages

from wagtail_punchout.models import PunchoutCustomer


class SafeDelete:
    """For delete views: a page that says no, instead of an error."""

    def form_valid(self, form: object) -> HttpResponse:
        if in_the_way := obstacles([self.object]):
            messages.error(self.request, explanation([self.object], in_the_way))
            return redirect(self.get_success_url())
        return super().form_valid(form)


def keep_user_with_customer(request: HttpRequest, user: Model) -> HttpResponse | None:
    """``before_delete_user``: the user behind a PunchOut customer stays as long as the customer."""
    customer = PunchoutCustomer.objects.filter(user=user).first()
    if customer is None:
        return None
    messages.error(
        request,
        _("“%(user)s” is the shop user of the PunchOut customer “%(customer)s”. Delete the customer first.")
        % {"user": user, "customer": customer},
    )
    return redirect("wagtailusers_users:edit", user.pk)


def keep_protected(
    request: HttpRequest, action_type: str, things: Sequence[Model], action: object
) -> HttpResponse | None:
    """``before_bulk_action``: the same for several things at once."""
    ours = action.model._meta.app_label == "wagtail_punchout" or action.model is get_user_model()
    if action_type != "delete" or not ours:
        return None
    in_the_way = obstacles(things)
    if not in_the_way:
        return None
    messages.error(request, explanation(things, in_the_way))
    return redirect(action.next_url)


def obstacles(things: Sequence[Model]) -> set[Model]:
    """What forbids deleting these things, as the database would see it."""
    try:
        Collector(using=things[0]._state.db, origin=things).collect(things)
    except ProtectedError as error:
        return error.protected_objects
    except RestrictedError as error:
        return error.restricted_objects
    return set()


def explanation(things: Iterable[Model], obstacles: Iterable[Model]) -> str:
    kinds = sorted({str(each._meta.verbose_name_plural) for each in obstacles})
    return _(
        "%(things)s cannot be deleted: %(kinds)s refer to it. What is not needed any more can be switched off."
    ) % {
        "things": ", ".join(_("“%s”") % each for each in things),
        "kinds": ", ".join(kinds),
    }
