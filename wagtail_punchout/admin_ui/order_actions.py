"""What staff do with a purchase order: each action has a page that says what will happen, and a button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.order_answers import AnswerView
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.flows import decide
from wagtail_punchout.flows.answer_order import CONFIRMATION, obstacle
from wagtail_punchout.models import PurchaseOrder


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=500, required=False)


class RefuseForm(WhyForm):
    tell_buyer = forms.BooleanField(
        label=_("Tell the buyer's system by a confirmation that rejects the order"), required=False, initial=True
    )


@dataclass(frozen=True)
class Action:
    """``consequence`` is said before, ``done`` afterwards."""

    label: Any
    consequence: Any
    done: Any
    do: Callable[..., PurchaseOrder]
    is_possible: Callable[[PurchaseOrder], bool]
    form: type[forms.Form] = forms.Form
    is_serious: bool = False


ACTIONS = {
    "accept": Action(
        _("Accept"),
        _("The order goes to the shop as the buyer has sent it, whatever differs."),
        _("Accepted."),
        decide.accept,
        decide.can_accept,
    ),
    "hold": Action(
        _("Hold"),
        _("The order stays here until somebody accepts or refuses it. The buyer is told nothing."),
        _("Held."),
        decide.hold,
        decide.can_hold,
        WhyForm,
    ),
    "refuse": Action(
        _("Refuse"),
        _("The order will not go to the shop."),
        _("Refused."),
        decide.refuse,
        decide.can_refuse,
        RefuseForm,
        is_serious=True,
    ),
    "again": Action(
        _("Hand over again"),
        _("The shop is asked once more. However often that happens, it makes one order."),
        _("It will be handed over in a moment."),
        decide.hand_over_again,
        decide.can_hand_over_again,
    ),
    "cancel": Action(
        _("Cancel in the shop"),
        _("The shop is asked to cancel the order, too."),
        _("The shop will be asked in a moment."),
        decide.cancel_in_shop,
        decide.can_cancel_in_shop,
        is_serious=True,
    ),
    "look": Action(
        _("Looked at"),
        _("The order no longer needs a person. Nothing else changes."),
        _("The order needs nobody any more."),
        decide.look_at,
        decide.can_look_at,
    ),
}
TEST = _("This is a test order: whatever is decided, it never goes to the shop and nothing is sent of it.")


class ActionView(InScopeOnly, WagtailAdminTemplateMixin, TemplateView):
    template_name = "wagtail_punchout/admin/order_action.html"
    header_icon = "list-ul"

    @cached_property
    def order(self) -> PurchaseOrder:
        return self.within(PurchaseOrder, self.kwargs["pk"], "act")

    @cached_property
    def action(self) -> Action:
        try:
            return ACTIONS[self.kwargs["name"]]
        except KeyError:
            raise Http404 from None

    @cached_property
    def form(self) -> forms.Form:
        form = self.action.form(self.request.POST if self.request.method == "POST" else None)
        if "tell_buyer" in form.fields and obstacle(self.order, CONFIRMATION):
            del form.fields["tell_buyer"]
        return form

    @property
    def back(self) -> str:
        return reverse("punchout_orders:inspect", args=[self.order.pk])

    @cached_property
    def is_changed(self) -> bool:
        """Whether the order is not as it was seen any more. What is done already counts as done, for a second click."""
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        seen = asked.get("seen", "")
        return bool(seen) and seen != stamp(self.order) and self.action.is_possible(self.order)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.is_changed:
            messages.error(request, decide.changed_meanwhile(self.order))
            return HttpResponseRedirect(self.back)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.action.is_possible(self.order):
            messages.warning(request, self._not_possible())
            return HttpResponseRedirect(self.back)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        try:
            self.action.do(self.order, **self.form.cleaned_data, by=request.user, at=timezone.now())
        except decide.NotPossible as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{self.order.number}: {self.action.done}")
        return HttpResponseRedirect(self.back)

    def _not_possible(self) -> str:
        facts = {"number": self.order.number, "state": self.order.get_state_display()}
        return gettext("The order %(number)s is %(state)s: that cannot be done now.") % facts

    def get_page_title(self) -> str:
        return str(self.action.label)

    def get_page_subtitle(self) -> str:
        return self.order.number

    def get_breadcrumbs_items(self) -> list[dict]:
        return [*super().get_breadcrumbs_items(), *crumbs(self.order), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict:
        sentences = [self.action.consequence, *([TEST] if self.order.is_test else [])]
        return super().get_context_data(
            sentences=sentences,
            form=self.form,
            hidden={"seen": stamp(self.order)},
            submit_label=self.action.label,
            is_serious=self.action.is_serious,
            back=self.back,
            heading=f"{self.get_page_title()}: {self.order.number}",
            media=STYLES,
            **kwargs,
        )


def stamp(order: PurchaseOrder) -> str:
    """Says as what an order was seen: it goes from its page to the page of an action, and on with the button."""
    return order.updated_at.isoformat()


def crumbs(order: PurchaseOrder) -> list[dict]:
    return [
        {"url": reverse("punchout_orders:index"), "label": gettext("Purchase orders")},
        {"url": reverse("punchout_orders:inspect", args=[order.pk]), "label": order.number},
    ]


urlpatterns = [
    path("<int:pk>/do/<str:name>/", ActionView.as_view(), name="action"),
    path("<int:pk>/answer/<str:name>/", AnswerView.as_view(), name="answer"),
]
