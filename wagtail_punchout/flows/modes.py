"""Modes: whether something counts or is only tried. What one side takes for a trial never becomes real."""

from __future__ import annotations

from wagtail_punchout.flows.identify import Caller
from wagtail_punchout.models import Mode, PunchoutLink
from wagtail_punchout.models.links import ModeConflict
from wagtail_punchout.protocol.errors import NotAllowed
from wagtail_punchout.protocol.failures import Failure


def mode_of(caller: Caller, deployment_mode: str, link: PunchoutLink) -> Mode:
    """Test if the secret, the document or the customer's group says so.

    Raises ``NotAllowed`` where secret and document disagree and the link wants that refused.
    """
    is_test = caller.credential.mode == Mode.TEST
    if link.mode_conflict == ModeConflict.REFUSE and is_test != (deployment_mode == "test"):
        raise NotAllowed(
            f"The document's deploymentMode is {deployment_mode}, but its secret is the one for "
            f"{caller.credential.mode}. Use the secret of the same mode.",
            code=Failure.MODE_CONFLICT,
        )
    return Mode.TEST if is_test or deployment_mode == "test" or is_trying(caller) else Mode.PRODUCTION


def is_trying(caller: Caller) -> bool:
    """Whether the customer's group has not been switched to active mode: then nothing counts."""
    return caller.credential.group_mode == Mode.TEST
