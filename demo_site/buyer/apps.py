from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BuyerConfig(AppConfig):
    name = "demo_site.buyer"
    label = "buyer"
    verbose_name = _("Kontor Procurement")
    default_auto_field = "django.db.models.BigAutoField"
