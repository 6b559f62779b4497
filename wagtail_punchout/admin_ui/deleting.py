"""Deleting, where something may still hang on what is to be deleted.

Visits, carts and documents protect what they refer to. Wagtail's delete views would answer with an error page then;
here they say what is in the way, as far as their user may know of it, and what to do instead. What is deleted leaves an
entry in the history of its company, where people look for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.policies import can, policy_of, visible
from wagtail_punchout.models import Company, PunchoutCustomer, PunchoutLink

#: How many of a kind are looked at to say that this kind is in the way.
ENOUGH = 500


class SafeDelete:
    """For delete views: a page that says no, instead of an error."""

    def form_valid(self, form: object) -> HttpResponse:
        if in_the_way := obstacles([self.object]):
            messages.error(self.request, explanation([self.object], in_the_way, self.request.user))
            return redirect(self.get_success_url())
        with transaction.atomic():
            note_removal(self.object, by=self.request.user)
            return super().form_valid(form)


def delete_and_note(thing: Model, *, by: Any) -> None:
    """Delete something that nothing hangs on; its own history and its company's say so."""
    note_removal(thing, by=by)
    log(thing, "wagtail.delete", user=by, deleted=True, uuid=uuid.uuid4())
    thing.delete()


def note_removal(thing: Model, *, by: Any) -> None:
    """An entry in the history of the company that the thing belongs to, if it belongs to one."""
    holder = getattr(thing, "group", None) if isinstance(thing, PunchoutLink) else thing
    company = getattr(holder, "company", None)
    if isinstance(company, Company):
        data = {"kind": thing._meta.label_lower, "name": str(thing)}
        log(company, "wagtail_punchout.removed", user=by, data=data, uuid=uuid.uuid4())


def keep_user_with_customer(request: HttpRequest, user: Model) -> HttpResponse | None:
    """``before_delete_user``: the user behind a PunchOut customer stays as long as the customer."""
    customer = PunchoutCustomer.objects.filter(user=user).first()
    if customer is None:
        return None
    if can(request.user, "view", customer):
        sentence = _("“%(user)s” is the shop user of the PunchOut customer “%(customer)s”. Delete the customer first.")
    else:
        sentence = _("“%(user)s” cannot be deleted: it is in use. What is not needed any more can be switched off.")
    messages.error(request, sentence % {"user": user, "customer": customer})
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
    messages.error(request, explanation(things, in_the_way, request.user))
    return redirect(action.next_url)


def obstacles(things: Sequence[Model]) -> set[Model]:
    """What forbids deleting these things, as the database would see it."""
    if not things:
        return set()
    try:
        Collector(using=things[0]._state.db, origin=things).collect(things)
    except ProtectedError as error:
        return error.protected_objects
    except RestrictedError as error:
        return error.restricted_objects
    return set()


def explanation(things: Iterable[Model], obstacles: Iterable[Model], user: Any) -> str:
    """Why not. What ``user`` may not see is in the way as much as the rest, but not named."""
    named = ", ".join(_("“%s”") % each for each in things)
    kinds = _kinds_seen(obstacles, user)
    if not kinds:
        sentence = _("%(things)s cannot be deleted: it is in use. What is not needed any more can be switched off.")
        return sentence % {"things": named}
    return _(
        "%(things)s cannot be deleted: %(kinds)s refer to it. What is not needed any more can be switched off."
    ) % {"things": named, "kinds": ", ".join(kinds)}


def _kinds_seen(things: Iterable[Model], user: Any) -> list[str]:
    by_model: dict[type[Model], list[Any]] = {}
    for each in things:
        by_model.setdefault(type(each), []).append(each.pk)
    seen = []
    for model, pks in by_model.items():
        rows = model._default_manager.filter(pk__in=pks[:ENOUGH])
        if policy_of(model) is None or visible(rows, user).exists():
            seen.append(str(model._meta.verbose_name_plural))
    return sorted(seen)
