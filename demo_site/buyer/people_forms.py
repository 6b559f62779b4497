"""Our own people and places, and what they say on the way of a requisition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from demo_site.buyer.models import SHIP_TO, Connection, Location, Person


class _OfACompany(forms.ModelForm):
    """Something that belongs to one of our companies; others of that company may be chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        known = Connection.objects.order_by("company").values_list("company", flat=True).distinct()
        if self.instance.company:
            known = {*known, self.instance.company}
        self.fields["company"] = forms.ChoiceField(
            label=self.fields["company"].label, choices=[(each, each) for each in sorted(known)]
        )

    def _check_company(self, name: str) -> None:
        other, company = self.cleaned_data.get(name), self.cleaned_data.get("company")
        if other and company and other.company != company:
            self.add_error(name, _("This one belongs to %(company)s.") % {"company": other.company})


class PersonForm(_OfACompany):
    class Meta:
        model = Person
        fields = (
            "company",
            "first_name",
            "last_name",
            "email",
            "unique_name",
            "location",
            "may_approve",
            "may_purchase",
        )

    def clean(self) -> dict:
        cleaned = super().clean()
        self._check_company("location")
        return cleaned


class LocationForm(_OfACompany):
    WIDE = {"street"}

    class Meta:
        model = Location
        fields = ("company", "name", "purchaser", "contact", "allows_other_address", *SHIP_TO)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purchaser"].queryset = Person.objects.filter(may_purchase=True)

    def clean(self) -> dict:
        cleaned = super().clean()
        self._check_company("purchaser")
        return cleaned


class DecisionForm(forms.Form):
    """What an approver decides, and why. Whoever asked is told the reason of a no."""

    is_approved = forms.TypedChoiceField(choices=[("yes", _("Approve")), ("no", _("Decline"))])
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("Needed to decline."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, auto_id="%s", label_suffix="")

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("is_approved") == "no" and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Please say why."))
        return cleaned
