from decimal import Decimal

from django import forms
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from demo_site.buyer.models import (
    OPEN_STATES,
    SHIP_TO,
    Connection,
    Format,
    Location,
    Person,
    Requisition,
    State,
    Window,
)
from demo_site.buyer.templatetags.kontor import rounded
from wagtail_punchout.testing.documents import Address

# The supplier's values stand together, as the supplier's own page lists them. The last of each is whom they are for.
GROUPS = (
    (_("Connection"), ("supplier", "name", "company", "mode", "format", "window", "needs_approval"), ""),
    (_("Sign-in"), ("sender_identity", "secret"), ""),
    (_("The shop by OCI"), ("oci_url", "method", "charset", "target", "parameters"), "oci"),
    (
        _("Values from the supplier"),
        ("sender_domain", "from_domain", "from_identity", "to_domain", "to_identity", "setup_url", "order_url"),
        "cxml",
    ),
    (_("User"), ("first_name", "last_name", "email", "unique_name", "extrinsics"), "cxml"),
    (_("Ship to"), SHIP_TO, "cxml"),
)
NEEDED = {"cxml": ("from_identity", "to_identity", "setup_url"), "oci": ("oci_url",)}


def _form_field(field: models.Field, **given) -> forms.Field | None:
    if isinstance(field, models.URLField):
        given["assume_scheme"] = "https"  # Django's default from 6.0 on
    return field.formfield(**given)


class ConnectionForm(forms.ModelForm):
    """The values of the supplier, and who we are. Grouped as a buyer's settings screen would."""

    WIDE = {"setup_url", "order_url", "oci_url", "extrinsics", "parameters", "street"}

    class Meta:
        model = Connection
        fields = [name for _legend, names, _for in GROUPS for name in names]
        formfield_callback = _form_field
        widgets = {
            "secret": forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
            "extrinsics": forms.Textarea(attrs={"rows": 3}),
            "parameters": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean(self) -> dict:
        cleaned = super().clean()
        kind = "cxml" if cleaned.get("format") == Format.CXML else "oci"
        for name in NEEDED[kind]:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        return cleaned

    def fieldsets(self) -> list[tuple[str, list, str]]:
        return [(legend, [self[name] for name in names], kind) for legend, names, kind in GROUPS]


class RequestForm(forms.Form):
    """What a user may choose when the shop is opened."""

    window = forms.ChoiceField(choices=Window)
    location = forms.ModelChoiceField(Location.objects.all(), required=False)
    part_number = forms.CharField(max_length=100, required=False, strip=True)
    words = forms.CharField(max_length=200, required=False, strip=True)


class SearchForm(forms.Form):
    """Words for the shop's catalog, and the requisition that the hits are for, if there is one."""

    words = forms.CharField(max_length=200, strip=True)
    requisition = forms.IntegerField(required=False, max_value=2**31)
    location = forms.ModelChoiceField(Location.objects.all(), required=False)


class HitForm(forms.Form):
    """One hit of a search, by its number, and how many of it."""

    hit = forms.IntegerField(min_value=0)
    quantity = forms.DecimalField(min_value=Decimal("0.001"), max_digits=14, decimal_places=3)


class ApproveForm(forms.Form):
    """What the approver adds to a requisition before it becomes an order."""

    WIDE = {"comment"}
    MOST_BYTES = 20 * 1024 * 1024

    together = forms.ModelMultipleChoiceField(
        Requisition.objects.none(),
        label=_("Order together with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    comment = forms.CharField(label=_("Comment for the supplier"), max_length=500, required=False)
    requested_on = forms.DateField(
        label=_("Requested delivery"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    cost_center = forms.CharField(label=_("Cost center"), max_length=100, required=False)
    attachment = forms.FileField(label=_("Attachment"), required=False)
    address_id = forms.CharField(label=_("Address ID"), max_length=100, required=False)
    address_name = forms.CharField(label=_("Recipient"), max_length=200, required=False)
    street = forms.CharField(label=_("Street"), max_length=200, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    country_code = forms.CharField(label=_("Country"), max_length=2, required=False, help_text=_("ISO code."))

    def __init__(self, draft: Requisition, *args, purchaser: Person | None = None) -> None:
        connection, location = draft.connection, draft.location
        # A location has its address: the fields are for another one.
        initial = {} if location else {name: getattr(connection, name) for name in SHIP_TO}
        initial["cost_center"] = connection.as_extrinsics().get("CostCenter", "")
        super().__init__(*args, initial=initial, auto_id="%s", label_suffix="")
        self.draft, self.purchaser = draft, purchaser
        if location and not location.allows_other_address:
            for name in SHIP_TO:
                del self.fields[name]
        self.fields["together"].queryset = self._companions()
        self.fields["together"].label_from_instance = lambda each: (
            f"{each.number}: {rounded(each.total, each.currency)}, {date_format(each.filled_at, 'SHORT_DATE_FORMAT')}"
        )

    def _companions(self) -> models.QuerySet[Requisition]:
        """What may go along: for the same place, and as far on its way."""
        connection = self.draft.connection
        return Requisition.objects.filter(
            connection=connection,
            location=self.draft.location,
            currency=self.draft.currency,
            order=None,
            filled_at__isnull=False,
            state__in=[State.APPROVED] if connection.needs_approval else [State.APPROVED, *OPEN_STATES],
        ).exclude(pk=self.draft.pk)

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.draft.location and any(cleaned.get(name) for name in SHIP_TO):
            for name in ("street", "city", "country_code"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Another address needs street, city and country."))
        return cleaned

    def clean_attachment(self):
        attachment = self.cleaned_data["attachment"]
        if attachment and attachment.size > self.MOST_BYTES:
            raise forms.ValidationError(_("The attachment is too large."))
        return attachment

    @property
    def requisitions(self) -> list[Requisition]:
        return [self.draft, *self.cleaned_data["together"].order_by("pk")]

    @property
    def attachments(self) -> list[tuple[str, str, bytes]]:
        file = self.cleaned_data["attachment"]
        return [(file.name, file.content_type or "application/octet-stream", file.read())] if file else []

    @property
    def ship_to(self) -> Address | None:
        given = {name: self.cleaned_data.get(name, "") for name in SHIP_TO}
        location = self.draft.location
        if location is None:
            return self.draft.connection.as_address(**given)
        other = given if any(given.values()) else None
        return location.as_address(other, requester=self.draft.requester, purchaser=self.purchaser)

    def order_terms(self) -> list[forms.BoundField]:
        return [self[name] for name in ("requested_on", "cost_center", "comment", "attachment")]

    def address_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in SHIP_TO if name in self.fields]

    def has_wrong_address(self) -> bool:
        return any(name in self.errors for name in SHIP_TO)
