"""Developer fields: what is handed over to whoever sets up the buyer's system, ready to copy.

Nothing here is a field of the form around it. The API keys are behind masks; what may be done with them depends on the
rights of whoever looks.
"""

from __future__ import annotations

from typing import Any

from django.forms import Media
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel, TabbedInterface

from wagtail_punchout.admin_ui.connection import general_url, obstacles, sides
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.passwords import has_password
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.sections import Tab
from wagtail_punchout.models import Credential

#: As long for every secret, so that it tells nothing of it.
MASK = "•" * 16
SCRIPTS = Media(js=["wagtail_punchout/developer_fields.js"])


class ForExistingCustomers(Panel.BoundPanel):
    def is_shown(self) -> bool:
        return bool(self.instance and self.instance.pk)

    @property
    def media(self) -> Media:
        return STYLES + SCRIPTS


class DeveloperFieldsPanel(Panel):
    """Test and production next to each other: API keys, and the two tables of identifiers."""

    class BoundPanel(ForExistingCustomers):
        template_name = "wagtail_punchout/admin/panels/developer_fields.html"

        def get_context_data(self, parent_context: Any = None) -> dict:
            customer, user = self.instance, self.request.user
            key = Credential(customer=customer)  # rights depend on whose a secret is, not on which
            return super().get_context_data(parent_context) | {
                "customer": customer,
                "sides": sides(customer),
                "obstacles": obstacles(customer),
                "general_url": general_url(),
                "mask": MASK,
                "request": self.request,
                "has_password": has_password(user),
                "may_reveal": can(user, "reveal", key),
                "may_rotate": can(user, "rotate", key),
                "may_edit_company": can(user, "change", customer.company),
            }


class ObstaclesPanel(Panel):
    """Nothing at all, or why nobody can enter through this connection at present."""

    class BoundPanel(ForExistingCustomers):
        template_name = "wagtail_punchout/admin/panels/obstacles.html"

        @cached_property
        def obstacles(self) -> list[str]:
            return obstacles(self.instance)

        def is_shown(self) -> bool:  # asked for many times
            return super().is_shown() and bool(self.obstacles)

        def get_context_data(self, parent_context: Any = None) -> dict:
            return super().get_context_data(parent_context) | {"obstacles": self.obstacles}


class MoreTab(TabbedInterface):
    """The last tab, with tabs of its own. Its address does not change with the language of its heading."""

    @property
    def clean_name(self) -> str:
        return "more"


def more_tab() -> MoreTab:
    developer = Tab("developer_fields", [DeveloperFieldsPanel()], heading=_("Developer fields"))
    return MoreTab([developer], heading=_("More"))
