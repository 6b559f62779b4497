from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailPunchoutConfig(AppConfig):
    name = "wagtail_punchout"
    label = "wagtail_punchout"
    verbose_name = _("PunchOut")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_punchout import checks  # noqa: F401  (registers the system checks)
        from wagtail_punchout.admin_ui import policies

        policies.register()
