"""The form of a link, in tabs.

A cXML call is a document and an OCI call an address, so half of the fields mean nothing to the other format. They are
put out of sight by Wagtail's own rules, in the browser: they stay in the form, so that nothing is lost on save, and
without script everything is in sight.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel, TabbedInterface

from wagtail_punchout.admin_ui.mapping_editor import MappingPanel, SentAnywayPanel, UnitPanel
from wagtail_punchout.admin_ui.policies import policy_of
from wagtail_punchout.admin_ui.profiles import LimitsPanel, ProfileField, ProfilePanel, fill
from wagtail_punchout.admin_ui.scoped import ScopedForm
from wagtail_punchout.admin_ui.sections import Tab
from wagtail_punchout.models import CustomerGroup
from wagtail_punchout.models.links import OCI, LinkFormat

CXML_ONLY, OCI_ONLY = (LinkFormat.CXML,), OCI

GENERAL = ["name", "group", "format", "is_active", "buyer_profile", "visit_minutes", "operation_allowed"]
CALL = ["allow_get", "parameter_names", "search_hits"]
WHERE = ["return_origins", "default_return_url", "allow_http_return", "allow_sapevent"]
HOW = ["return_method", "hook_mode", "return_charset", "return_encoding", "send_empty_fields", "echo_fields"]
HOW += ["most_fields", "post_on_cancel"]
WHAT = ["prices", "send_price_basis", "shipping_as", "tax_as"]
RETURN = [*WHERE, *HOW, *WHAT]
RULES = ["order_rule", "price_tolerance", "price_tolerance_percent", "takes_changes", "mode_conflict"]
ANSWERS = ["documents_url", "sends_confirmation", "sends_ship_notice", "sends_status_update", "sends_invoice"]
ANSWERS += ["private_networks"]
SHOP = ["landing_page", "notice", "return_label"]
FRAME = ["frame_origins", "window_target", "window_name"]

#: Fields that mean something in some formats only.
USED_IN = {
    **dict.fromkeys(("operation_allowed", "return_encoding", "send_price_basis"), CXML_ONLY),
    **dict.fromkeys((*RULES, *ANSWERS), CXML_ONLY),
    **dict.fromkeys(CALL, OCI_ONLY),
    **dict.fromkeys(("allow_sapevent", "return_method", "hook_mode", "return_charset"), OCI_ONLY),
    **dict.fromkeys(("send_empty_fields", "echo_fields", "most_fields"), OCI_ONLY),
}


def shown_for(formats: tuple[str, ...]) -> dict[str, str]:
    """The attributes with which Wagtail's script shows something for links of these formats alone."""
    return {"data-w-rules-target": "show", "data-w-rules": json.dumps({"format": [str(each) for each in formats]})}


class LinkFieldPanel(FieldPanel):
    """A field that is in sight when the link's format uses it, or when something is wrong with it."""

    class BoundPanel(FieldPanel.BoundPanel):
        @property
        def attrs(self) -> dict[str, str]:
            formats = USED_IN.get(self.field_name)
            is_wrong = self.bound_field is not None and self.bound_field.errors
            return {**self.panel.attrs, **(shown_for(formats) if formats and not is_wrong else {})}


class LinkForm(ScopedForm):
    """A link belongs to a group that its editor may change: a shared group can be seen by many who may not.

    A new link is filled from its profile; what has been entered by hand goes before. ``filled`` names what was.
    """

    buyer_profile = ProfileField(required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filled: list[str] = []
        for rows in self.formsets.values():
            rows.instance = self.instance  # those of a new link would otherwise not know its format
        if group := self.fields.get("group"):
            group.queryset = policy_of(CustomerGroup).limit(group.queryset, self.for_user, "change")
        if self.instance.pk:
            del self.fields["buyer_profile"]  # filling an existing link has a page of its own, which asks

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if profile := cleaned.get("buyer_profile"):
            self.filled = fill(self.instance, cleaned, profile, keep=self.changed_data)
        return cleaned


def tabs() -> TabbedInterface:
    def fields(names: list[str]) -> list[FieldPanel]:
        return [LinkFieldPanel(each) for each in names]

    no_call = HelpPanel(
        content=_("A cXML call is a document that says all by itself: there is nothing to set."),
        attrs=shown_for(CXML_ONLY),
    )
    no_orders = HelpPanel(
        content=_("OCI knows no purchase orders: they come by cXML, by mail or by hand."), attrs=shown_for(OCI_ONLY)
    )
    watched = TabbedInterface.BASE_ATTRS | {
        "data-controller": "w-tabs w-rules",
        "data-action": f"{TabbedInterface.BASE_ATTRS['data-action']} change->w-rules#resolve",
    }
    return TabbedInterface(
        [
            Tab("general", [*fields(GENERAL), ProfilePanel()], heading=_("General")),
            Tab("call", [*fields(CALL), no_call], heading=_("Call")),
            Tab(
                "return",
                [
                    MultiFieldPanel(fields(WHERE), heading=_("Where carts go")),
                    MultiFieldPanel(fields(HOW), heading=_("How they are sent")),
                    MultiFieldPanel(fields(WHAT), heading=_("What they say of money")),
                ],
                heading=_("Return"),
            ),
            Tab(
                "orders",
                [
                    MultiFieldPanel(fields(RULES), heading=_("Purchase orders"), attrs=shown_for(CXML_ONLY)),
                    MultiFieldPanel(fields(ANSWERS), heading=_("Documents to the buyer"), attrs=shown_for(CXML_ONLY)),
                    no_orders,
                ],
                heading=_("Orders"),
            ),
            Tab("mapping", [MappingPanel(), SentAnywayPanel(), LimitsPanel()], heading=_("Mapping")),
            Tab("units", [UnitPanel()], heading=_("Units")),
            Tab("shop", fields(SHOP), heading=_("Shop")),
            Tab("frame", fields(FRAME), heading=_("Frame")),
        ],
        base_form_class=LinkForm,
        attrs=watched,
    )
