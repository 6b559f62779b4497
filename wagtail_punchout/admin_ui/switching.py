"""Switching companies and customers off and on again.

Nothing else is touched: who may enter is decided anew with every call and every click, so that a switch takes effect at
once, and switching back brings everything back as it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.company_tree import Crumbs, page
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.models import Company, PunchoutCustomer, PunchoutSession
from wagtail_punchout.models.sessions import State


def switch(thing: Company | PunchoutCustomer, *, on: bool, by: Any) -> None:
    """Let the customers in, or keep them out, from this moment on."""
    # Not save(): a company's place in the tree may have changed since it was read.
    type(thing).objects.filter(pk=thing.pk).update(is_active=on, updated_at=timezone.now())
    thing.is_active = on
    note_switch(thing, on=on, by=by)


def note_switch(thing: Company | PunchoutCustomer, *, on: bool, by: Any) -> None:
    action = "wagtail_punchout.switched_on" if on else "wagtail_punchout.switched_off"
    # A key of its own: Wagtail shows one entry for all that have the same key and action.
    log(thing, action, user=by, content_changed=True, uuid=uuid.uuid4())


@dataclass(frozen=True)
class Effect:
    """What switching would do at this moment: to how many customers, and to how many visits under way."""

    on: bool
    customers: int
    visits: int = 0

    def expected(self) -> list[str]:
        """Sentences for before."""
        told = [self._on_customers(), self._on_visits()]
        if not self.on:
            told.append(gettext("Nothing is deleted. Switching on again brings everything back as it was."))
        return [each for each in told if each]

    def happened(self) -> str:
        """The same for afterwards, in one line."""
        if self.on:
            customers = ngettext(
                "%(count)d customer can enter again.", "%(count)d customers can enter again.", self.customers
            )
        else:
            customers = ngettext(
                "%(count)d customer cannot enter any more.",
                "%(count)d customers cannot enter any more.",
                self.customers,
            )
        visits = ngettext(
            "%(count)d visit under way ends with its next click.",
            "%(count)d visits under way end with their next click.",
            self.visits,
        )
        told = [customers % {"count": self.customers}, *([visits % {"count": self.visits}] if self.visits else [])]
        return " ".join(told)

    def _on_customers(self) -> str:
        if not self.customers and self.on:
            return gettext("No customer can enter because of it: there are none, or something else is switched off.")
        if not self.customers:
            return gettext("No customer is affected: none of them could enter anyway.")
        if self.on:
            sentence = ngettext(
                "%(count)d customer can enter again at once.",
                "%(count)d customers can enter again at once.",
                self.customers,
            )
        else:
            sentence = ngettext(
                "%(count)d customer can no longer enter: from now on the call of its system is refused.",
                "%(count)d customers can no longer enter: from now on the calls of their systems are refused.",
                self.customers,
            )
        return sentence % {"count": self.customers}

    def _on_visits(self) -> str:
        if not self.visits:
            return ""
        return ngettext(
            "%(count)d visit is under way at this moment. It ends with its next click, and its cart cannot be "
            "returned.",
            "%(count)d visits are under way at this moment. They end with their next click, and their carts cannot be "
            "returned.",
            self.visits,
        ) % {"count": self.visits}


def effect_on_companies(companies: Sequence[Company], *, on: bool) -> Effect:
    """What switching these companies changes. What other companies keep closed stays closed, and is not counted."""
    off = Company.switched_off_above("company__path")
    if on:
        off = off.exclude(pk__in=[each.pk for each in companies])
    customers = _below(PunchoutCustomer.objects.filter(is_active=True), companies).filter(~Exists(off))
    return Effect(on, customers.count(), 0 if on else _under_way(_below(PunchoutSession.objects.all(), companies)))


def effect_on_customers(customers: Sequence[PunchoutCustomer], *, on: bool) -> Effect:
    pks = [each.pk for each in customers if each.is_active != on]
    changed = PunchoutCustomer.objects.filter(pk__in=pks).filter(~Exists(Company.switched_off_above("company__path")))
    return Effect(on, changed.count(), 0 if on else _under_way(PunchoutSession.objects.filter(customer__in=pks)))


def _below(things: QuerySet, companies: Sequence[Company]) -> QuerySet:
    """Those of ``things`` that belong to these companies or to one below them."""
    return things.filter(reduce(or_, (Q(company__path__startswith=each.path) for each in companies)))


def _under_way(visits: QuerySet) -> int:
    now = timezone.now()
    open_ones = visits.filter(
        Q(state=State.STARTED, ends_at__gt=now) | Q(state=State.CREATED, start_until__gt=now), customer__is_active=True
    )
    return open_ones.filter(~Exists(Company.switched_off_above("company__path"))).count()


def tell_switched(request: HttpRequest, company: Company, effect: Effect) -> None:
    """The message after it: what has happened, and how to reverse it."""
    if effect.on:
        told = gettext("“%(company)s” is switched on.") % {"company": company}
        buttons = []
    else:
        told = gettext("“%(company)s” is switched off.") % {"company": company}
        buttons = [messages.button(page("switch", company), gettext("Switch on again"))]
    messages.success(request, f"{told} {effect.happened()}", buttons=buttons)


class CompanySwitch(Crumbs, PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """Asks before a company is switched, and says what it means. The form says which way: twice is once."""

    model = Company
    permission_required = "change"
    template_name = "wagtail_punchout/admin/confirm.html"
    header_icon = "site"

    @cached_property
    def on(self) -> bool:
        wanted = self.request.POST.get("switch")
        return wanted == "on" if wanted in ("on", "off") else not self.object.is_active

    @cached_property
    def effect(self) -> Effect:
        return effect_on_companies([self.object], on=self.on)

    def get_page_title(self) -> str:
        return gettext("Switch on") if self.on else gettext("Switch off")

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object, (self.get_page_title(), ""))

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(
            sentences=[self._where(), *self.effect.expected()],
            hidden={"switch": "on" if self.on else "off"},
            submit_label=gettext("Switch on now") if self.on else gettext("Switch off now"),
            is_serious=not self.on,
            back=page("edit", self.object),
            media=STYLES,
            **kwargs,
        )

    def _where(self) -> str:
        below = self.object.get_descendant_count()
        if not below:
            return gettext("This concerns “%(company)s” alone: there is no company below it.") % {
                "company": self.object
            }
        return ngettext(
            "This concerns “%(company)s” and the company below it.",
            "This concerns “%(company)s” and the %(count)d companies below it.",
            below,
        ) % {"company": self.object, "count": below}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        effect = self.effect
        if self.object.is_active != self.on:
            switch(self.object, on=self.on, by=request.user)
            tell_switched(request, self.object, effect)
        return redirect(page("edit", self.object))
