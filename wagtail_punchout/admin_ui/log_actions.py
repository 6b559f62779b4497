"""What our own operations are called in the history.

A message may use what its entry holds, but never a name that some reader of the history might not be allowed to know:
``history.Reader`` adds such details for each reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter

from wagtail_punchout.models import ImportKind, Mode, Reason, Role

#: What is done, and how it reads afterwards.
ACTIONS = {
    "company_moved": (_("Move a company"), _("Moved to another place in the tree")),
    "switched_on": (_("Switch on"), _("Switched on")),
    "switched_off": (_("Switch off"), _("Switched off")),
    "staff_assigned": (_("Assign staff"), _("Assigned staff changed")),
    "group_chosen": (_("Put into a group"), _("Put into another group")),
    "removed": (_("Delete something of a company"), _("Deleted: %(kind)s “%(name)s”")),
    "secret_issued": (_("Make a secret"), _("New secret for %(mode)s")),
    "secret_revealed": (_("Reveal a secret"), _("Secret for %(mode)s revealed")),
    "secret_revoked": (_("Revoke a secret"), _("Secret for %(mode)s revoked")),
    "role_assigned": (_("Assign a role"), _("Role “%(role)s” assigned")),
    "role_removed": (_("Remove a role"), _("Role “%(role)s” removed")),
    "contact_adopted": (_("Adopt a first contact"), _("Names adopted from a first contact: %(names)s")),
    "user_added": (_("Add a user by a call"), _("Added by a call: “%(name)s”")),
    "user_invited": (_("Invite a user"), _("Invited: %(email)s")),
    "user_joined": (_("Join a group"), _("Joined: “%(name)s”")),
    "invitation_sent_again": (_("Send an invitation again"), _("Invitation sent again: %(email)s")),
    "invitation_withdrawn": (_("Withdraw an invitation"), _("Invitation withdrawn: %(email)s")),
    "sheet_applied": (_("Upload a sheet"), _("Uploaded: %(sheet)s, %(added)s added, %(edited)s changed (%(name)s)")),
    "sheet_undone": (_("Undo an upload"), _("Upload undone: %(sheet)s (%(name)s)")),
    "order_received": (_("Receive a purchase order"), _("Received (version %(version)s)")),
    "order_changed": (_("Change a purchase order"), _("Changed by the buyer (version %(version)s)")),
    "order_cancelled": (_("Cancel a purchase order"), _("Cancelled by the buyer")),
    "order_conflict": (_("Refuse another content"), _("Version %(version)s came again with other content: refused")),
    "order_late": (_("Keep a late version"), _("Version %(version)s came late and was not applied")),
    "order_repeated": (_("Receive a purchase order again"), _("The same content came again")),
    "order_turned_down": (_("Refuse a purchase order by rule"), _("Refused by the link's rule")),
    "order_held": (_("Hold a purchase order"), _("Held: %(why)s")),
    "order_accepted": (_("Accept a purchase order"), _("Accepted")),
    "order_refused": (_("Refuse a purchase order"), _("Refused: %(why)s")),
    "order_looked_at": (_("Look at a purchase order"), _("Looked at")),
    "order_handed_over": (_("Hand over a purchase order"), _("Handed to the shop: %(number)s")),
    "order_queued": (_("Hand over a purchase order again"), _("To be handed to the shop again")),
    # Who may see the order need not know of the client.
    "order_acknowledged": (_("Acknowledge a purchase order"), _("Acknowledged by an ERP: %(number)s")),
    "order_exported": (_("Export a purchase order"), _("Exported as %(format)s")),
    "attachment_read": (_("Download an attachment"), _("Attachment “%(name)s” downloaded")),
    "delivery_retry": (_("Try a delivery again"), _("%(document)s: to be tried again")),
    "delivery_stop": (_("Stop a delivery"), _("%(document)s: stopped")),
    "order_answered": (_("Answer a purchase order"), _("%(document)s queued")),
    "order_status": (_("Receive a status"), _("The buyer says of %(document)s: %(said)s")),
    "hand_over_failed": (_("Fail to hand over"), _("Handing over failed: %(said)s")),
    "group_activated": (_("Switch to active mode"), _("Switched to active mode")),
    "group_back_to_test": (_("Switch back to test mode"), _("Switched back to test mode")),
    "secret_link_made": (_("Make a one-time link"), _("One-time link made for the secret for %(mode)s")),
    "secret_link_opened": (
        _("Open a one-time link"),
        _("One-time link opened from %(address)s, secret for %(mode)s shown"),
    ),
    "secret_link_withdrawn": (_("Withdraw a one-time link"), _("One-time link withdrawn")),
    "erp_token_issued": (_("Make a token"), _("New token")),
    "erp_webhook_secret_issued": (_("Make a webhook secret"), _("New secret for webhooks")),
    "routing_changed": (_("Change the routing table"), _("Routing table changed: %(rules)s")),
}
#: What can be done to rules of a routing table.
RULES = {"added": _("added"), "changed": _("changed"), "moved": _("moved"), "removed": _("removed")}


def register(actions: Any) -> None:
    for name, (label, message) in ACTIONS.items():
        formatter = type("Formatter", (_Formatter,), {"label": label, "message": message})
        actions.register_action(f"wagtail_punchout.{name}")(formatter)


class _Formatter(LogFormatter):
    def format_message(self, log_entry: Any) -> str:
        return str(self.message) % _Told(log_entry.data or {})


class _Told(dict):
    """What an entry holds, in words for people. What it should hold and does not is left blank."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        if code := data.get("reason"):
            self["why"] = dict(Reason.choices).get(code, code)
        if mode := data.get("mode"):
            self["mode"] = dict(Mode.choices).get(mode, mode)
        if kind := data.get("kind"):
            self["kind"] = apps.get_model(kind)._meta.verbose_name
        if rules := data.get("rules"):
            self["rules"] = ", ".join(f"{rules[name]} {label}" for name, label in RULES.items() if name in rules)
        if sheet := data.get("sheet"):
            self["sheet"] = dict(ImportKind.choices).get(sheet, sheet)
        if slug := data.get("role"):
            self["role"] = Role.objects.filter(slug=slug).values_list("name", flat=True).first() or slug

    def __missing__(self, key: str) -> str:
        return "–"
