"""What our own operations are called in the history."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter

from wagtail_punchout.models import Mode

ACTIONS = {
    "wagtail_punchout.secret_issued": (gettext_lazy("Make a secret"), gettext_lazy("New secret for %(mode)s")),
    "wagtail_punchout.secret_revealed": (gettext_lazy("Reveal a secret"), gettext_lazy("Secret for %(mode)s revealed")),
    "wagtail_punchout.secret_revoked": (gettext_lazy("Revoke a secret"), gettext_lazy("Secret for %(mode)s revoked")),
}


def register(actions: Any) -> None:
    for name, (label, message) in ACTIONS.items():
        formatter = type("Formatter", (_SecretFormatter,), {"label": label, "message": message})
        actions.register_action(name)(formatter)
    actions.register_action("wagtail_punchout.company_moved")(_MoveFormatter)


class _SecretFormatter(LogFormatter):
    def format_message(self, log_entry: Any) -> str:
        mode = log_entry.data.get("mode", "")
        return self.message % {"mode": dict(Mode.choices).get(mode, mode)}


class _MoveFormatter(LogFormatter):
    label = gettext_lazy("Move a company")

    def format_message(self, log_entry: Any) -> str:
        to = log_entry.data.get("to")
        return _("Moved below %(company)s") % {"company": to} if to else _("Moved to the top level")
