"""Adopting a first contact: its names become those of a customer, after somebody has seen what changes.

The secret of a call is never taken over, nor kept: the customer's own is handed to the buyer.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_punchout.admin_ui.choosers import company_chooser, customer_chooser
from wagtail_punchout.admin_ui.credentials import developer_url
from wagtail_punchout.admin_ui.first_contacts import names_of
from wagtail_punchout.admin_ui.identities import complaint, told
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly, key_of
from wagtail_punchout.flows.first_contacts import adopt_into, adopt_new
from wagtail_punchout.flows.onboard import CannotAdd
from wagtail_punchout.models import Company, FirstContact, PunchoutCustomer
from wagtail_punchout.protocol.failures import Failure

#: Fields of a customer, and where a call has them: the party, and the part of its name.
TAKEN = {
    "sender_domain": ("sender", "domain"),
    "sender_identity": ("sender", "identity"),
    "from_domain": ("from_party", "domain"),
    "from_identity": ("from_party", "identity"),
}
#: What a browser calls by OCI gives no domain, and no From.
OCI_DOMAIN = "USERNAME"


def values_of(contact: FirstContact, sender: int = 0, from_: int = 0) -> dict[str, str]:
    """What a call gives for a customer's fields, where it gives anything; of several names those with these numbers."""
    numbers = {"sender": sender, "from_party": from_}
    found = {}
    for field, (party, part) in TAKEN.items():
        names = getattr(contact, party)
        value = names[numbers[party]].get(part, "").strip() if numbers[party] < len(names) else ""
        if value and value != OCI_DOMAIN:
            found[field] = value
    return found


class NamesForm(forms.Form):
    """Which of its names a call is to be known by; asked only where it gave several."""

    sender = forms.TypedChoiceField(label="Sender", coerce=int, empty_value=0, required=False)
    from_ = forms.TypedChoiceField(label="From", coerce=int, empty_value=0, required=False)

    def __init__(self, *args: Any, contact: FirstContact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, party in (("sender", contact.sender), ("from_", contact.from_party)):
            self.fields[name].choices = [(number, names_of([each])) for number, each in enumerate(party)]
            if len(party) < 2:
                del self.fields[name]

    @property
    def numbers(self) -> tuple[int, int]:
        given = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return given.get("sender") or 0, given.get("from_") or 0


class IntoForm(NamesForm):
    customer = forms.ModelChoiceField(
        PunchoutCustomer.objects.none(), label=_("Customer"), widget=customer_chooser.widget_class
    )
    field_order = ("customer", "sender", "from_")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = visible(PunchoutCustomer.objects.all(), user)


class NewForm(NamesForm):
    company = forms.ModelChoiceField(
        Company.objects.none(),
        label=_("Company"),
        widget=company_chooser.widget_class,
        help_text=_("Whose system called. It gets a customer of its own, with new secrets."),
    )
    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("For you alone. Empty: the company's name.")
    )
    behind_hub = forms.BooleanField(
        label=_("Behind a hub"),
        required=False,
        help_text=_("The Sender is a network that speaks for several buyers: From decides which one calls."),
    )
    field_order = ("company", "name", "sender", "from_", "behind_hub")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["company"].queryset = visible(Company.objects.all(), user)

    def clean_company(self) -> Company:
        company = self.cleaned_data["company"]
        if not can(self.user, "add", PunchoutCustomer(company=company)):
            raise ValidationError(_("Choose another company."))
        return company


class AdoptView(InScopeOnly, WagtailAdminTemplateMixin, TemplateView):
    header_icon = "warning"

    @cached_property
    def contact(self) -> FirstContact:
        return self.within(FirstContact, self.kwargs["pk"], "change")

    @property
    def back(self) -> str:
        return reverse("punchout_first_contacts:inspect", args=[self.contact.pk])

    def get_page_subtitle(self) -> str:
        return str(self.contact)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("punchout_first_contacts:index"), "label": gettext("First contacts")},
            {"url": self.back, "label": str(self.contact)},
            {"url": "", "label": self.page_title},
        ]

    def page(self, form: forms.Form, **more: Any) -> HttpResponse:
        context = self.get_context_data(
            form=form, contact=self.contact, back=self.back, media=STYLES + form.media, **more
        )
        return self.render_to_response(context)

    def adopted(self, customer: PunchoutCustomer, message: str) -> HttpResponse:
        button = messages.button(developer_url(customer), gettext("Developer fields"))
        messages.success(self.request, message % {"customer": customer}, buttons=[button])
        return redirect(reverse("punchout_customers:edit", args=[customer.pk]))


class AdoptNew(AdoptView):
    """A new customer that calls as the contact did."""

    template_name = "wagtail_punchout/admin/adopt_new.html"
    page_title = _("Adopt into a new customer")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        initial = {"company": self._guessed(), "behind_hub": self.contact.reason == Failure.HUB_UNKNOWN}
        return self._page(NewForm(contact=self.contact, user=request.user, initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        contact = self.contact
        form = NewForm(request.POST, contact=contact, user=request.user)
        if not form.is_valid():
            return self._page(form)
        given = form.cleaned_data
        values = values_of(contact, *form.numbers) | {"behind_hub": given["behind_hub"]}
        wrong = _complaints(values, PunchoutCustomer(behind_hub=given["behind_hub"]), request.user)
        if not wrong:
            try:
                customer = adopt_new(
                    contact, given["company"], values, by=request.user, at=timezone.now(), name=given["name"]
                )
            except CannotAdd as error:
                wrong = [told(error, request.user)]
            except ValidationError as error:
                wrong = error.messages
            else:
                return self.adopted(customer, gettext("“%(customer)s” has been added. Now give the buyer its secret."))
        for each in wrong:
            form.add_error(None, each)
        return self._page(form)

    def _page(self, form: NewForm) -> HttpResponse:
        values = values_of(self.contact, *form.numbers)
        rows = [(PunchoutCustomer._meta.get_field(name).verbose_name, value) for name, value in values.items()]
        return self.page(form, rows=rows)

    def _guessed(self) -> Company | None:
        """The company that has a name of the call's From as its code, DUNS number or network ID."""
        names = {each.get("identity", "").strip() for each in self.contact.from_party} - {""}
        called_so = Q()
        for each in names:
            called_so |= Q(code__iexact=each) | Q(network_id__iexact=each)
            called_so |= Q(duns__in=[each, re.sub(r"^(\d{2})(\d{3})(\d{4})$", r"\1-\2-\3", each)])
        found = list(visible(Company.objects.filter(called_so), self.request.user)[:2]) if names else []
        return found[0] if len(found) == 1 else None


class AdoptInto(AdoptView):
    """An existing customer, with what would change."""

    template_name = "wagtail_punchout/admin/adopt.html"
    page_title = _("Adopt into a customer")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if key_of(getattr(request, request.method, {}).get("customer") or "0") is None:
            raise Http404  # Wagtail's widget can show nothing that is no key
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        data = request.GET if "customer" in request.GET else None
        return self._page(IntoForm(data, contact=self.contact, user=request.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = IntoForm(request.POST, contact=self.contact, user=request.user)
        if not form.is_valid():
            return self._page(form)
        customer = form.cleaned_data["customer"]
        self._check(customer)
        offered = values_of(self.contact, *form.numbers)
        values = {name: value for name, value in offered.items() if name in request.POST.getlist("field")}
        wrong = _complaints(values, customer, request.user)
        if not values:
            wrong = [gettext("Tick what is to be adopted.")]
        if not wrong:
            try:
                adopt_into(self.contact, customer, values, by=request.user, at=timezone.now())
            except ValidationError as error:
                wrong = error.messages
            else:
                message = gettext("“%(customer)s” now goes by the names of the call. Its secrets are what they were.")
                return self.adopted(customer, message)
        for each in wrong:
            form.add_error(None, each)
        return self._page(form)

    def _page(self, form: IntoForm) -> HttpResponse:
        rows, customer = [], None
        if form.is_bound and form.errors.keys() <= {NON_FIELD_ERRORS}:
            customer = form.cleaned_data["customer"]
            self._check(customer)
            for name, value in values_of(self.contact, *form.numbers).items():
                own = getattr(customer, name)
                label = PunchoutCustomer._meta.get_field(name).verbose_name
                rows.append({"name": name, "label": label, "own": own, "new": value, "differs": own != value})
        differs = any(each["differs"] for each in rows)
        hidden = {field.html_name: field.value() for field in form}
        return self.page(form, rows=rows, customer=customer, differs=differs, hidden=hidden)

    def _check(self, customer: PunchoutCustomer) -> None:
        if not can(self.request.user, "change", customer):
            raise PermissionDenied


def _complaints(values: dict[str, Any], customer: PunchoutCustomer, user: Any) -> list[str]:
    """What is wrong with the names of a call, in the words of a customer's own form."""
    found = []
    for name in TAKEN:
        if name in values and (wrong := complaint(name, values[name], customer, user)):
            found.append(f"{PunchoutCustomer._meta.get_field(name).verbose_name}: {wrong}")
    return found
