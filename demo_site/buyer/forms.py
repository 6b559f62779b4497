from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from demo_site.buyer.models import Connection, Window

# The supplier's eight values stand together, as the supplier's own page lists them.
GROUPS = (
    (_("Connection"), ("supplier", "name", "company", "mode", "window")),
    (
        _("Values from the supplier"),
        (
            "sender_domain",
            "sender_identity",
            "secret",
            "from_domain",
            "from_identity",
            "to_domain",
            "to_identity",
            "setup_url",
            "order_url",
        ),
    ),
    (_("User"), ("first_name", "last_name", "email", "unique_name", "extrinsics")),
    (_("Ship to"), ("address_id", "address_name", "street", "postal_code", "city", "country_code")),
)


def _form_field(field: models.Field, **given) -> forms.Field | None:
    if isinstance(field, models.URLField):
        given["assume_scheme"] = "https"  # Django's default from 6.0 on
    return field.formfield(**given)


class ConnectionForm(forms.ModelForm):
    """The eight values of the supplier, and who we are. Grouped as a buyer's settings screen would."""

    WIDE = {"setup_url", "order_url", "secret", "extrinsics", "street"}

    class Meta:
        model = Connection
        fields = [name for _legend, names in GROUPS for name in names]
        formfield_callback = _form_field
        widgets = {
            "secret": forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
            "extrinsics": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def fieldsets(self) -> list[tuple[str, list]]:
        return [(legend, [self[name] for name in names]) for legend, names in GROUPS]


class RequestForm(forms.Form):
    """What a user may choose when the shop is opened."""

    window = forms.ChoiceField(choices=Window)
    part_number = forms.CharField(max_length=100, required=False, strip=True)
