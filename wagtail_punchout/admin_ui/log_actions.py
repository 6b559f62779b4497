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

from wagtail_punchout.models import Mode, Role

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
        return str(self.message) % _Told(log_entry.data)


class _Told(dict):
    """What an entry holds, in words for people. What it should hold and does not is left blank."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        if mode := data.get("mode"):
            self["mode"] = dict(Mode.choices).get(mode, mode)
        if kind := data.get("kind"):
            self["kind"] = apps.get_model(kind)._meta.verbose_name
        if rules := data.get("rules"):
            self["rules"] = ", ".join(f"{rules[name]} {label}" for name, label in RULES.items() if name in rules)
        if slug := data.get("role"):
            self["role"] = Role.objects.filter(slug=slug).values_list("name", flat=True).first() or slug

    def __missing__(self, key: str) -> str:
        return "–"
