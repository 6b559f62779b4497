"""Stored: an attachment out of the storage, as it may be handed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wagtail_punchout.conf import conf
from wagtail_punchout.models import OrderAttachment

UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Stored:
    file: Any
    name: str
    content_type: str


def attachment_file(attachment: OrderAttachment) -> Stored | None:
    """The open file with a type that is on the list, else none in particular; ``None`` when the storage has lost it."""
    if not attachment.file:
        return None
    try:
        file = attachment.file.open("rb")
    except FileNotFoundError:
        return None
    is_known = attachment.media_type in conf().ATTACHMENT_TYPES
    name = attachment.name or f"attachment-{attachment.pk}"
    return Stored(file, name, attachment.media_type if is_known else UNKNOWN)
