from django import forms
from django.utils.translation import gettext_lazy as _

from demo_site.shop.models import Order
from demo_site.shop.models.pages import MAX_QUANTITY

ANY_QUANTITY = {"min_value": 0, "max_value": MAX_QUANTITY, "max_digits": 9, "decimal_places": 3}


class AddForm(forms.Form):
    sku = forms.CharField(max_length=40)
    quantity = forms.DecimalField(**ANY_QUANTITY, required=False)


class QuantityForm(forms.Form):
    """Nothing, or 0, removes the line."""

    quantity = forms.DecimalField(**ANY_QUANTITY, required=False)


class CheckoutForm(forms.ModelForm):
    class Meta:
        model = Order
        fields = ["company", "name", "email", "street", "postcode", "city", "country", "reference"]
        widgets = {
            "company": forms.TextInput({"autocomplete": "organization"}),
            "name": forms.TextInput({"autocomplete": "name"}),
            "email": forms.EmailInput({"autocomplete": "email"}),
            "street": forms.TextInput({"autocomplete": "street-address"}),
            "postcode": forms.TextInput({"autocomplete": "postal-code"}),
            "city": forms.TextInput({"autocomplete": "address-level2"}),
            "country": forms.TextInput({"autocomplete": "country-name"}),
        }
        help_texts = {"reference": _("A cost centre or order number, printed on the invoice.")}
