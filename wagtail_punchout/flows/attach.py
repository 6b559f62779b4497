"""Attach: files that come with an order go into the storage, under names of our own.

They are kept and handed out, never opened. What cannot be taken is noted with the order, so that somebody asks the
buyer for it; the order itself is taken all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.core.files.base import File
from django.core.files.temp import NamedTemporaryFile

from wagtail_punchout.conf import conf
from wagtail_punchout.models import OrderAttachment
from wagtail_punchout.protocol.cxml.multipart import Multipart, Part, resolve
from wagtail_punchout.protocol.errors import Refused
from wagtail_punchout.protocol.order import Order
from wagtail_punchout.protocol.snapshot import storable


def store(order: Order, multipart: Multipart | None) -> list[OrderAttachment]:
    """A row for each attachment the order names or that came along, none saved; their files are."""
    found = resolve(order.attachments, multipart.attachments if multipart else ())
    stored: list[OrderAttachment] = []
    try:
        for each in found:
            row = OrderAttachment(
                line_number=each.line_number, content_id=storable(each.content_id), problem=storable(each.problem)
            )
            stored.append(row)
            if each.part is not None:
                _fill(row, each.part)
    except BaseException:
        withdraw(stored)
        raise
    return stored


def withdraw(attachments: Sequence[OrderAttachment]) -> None:
    """Delete the files of rows that will not be saved."""
    for each in attachments:
        if each.file:
            each.file.storage.delete(each.file.name)


def _fill(row: OrderAttachment, part: Part) -> None:
    row.name, row.media_type = storable(part.name)[:100], storable(part.media_type)[:100]
    if part.media_type not in conf().ATTACHMENT_TYPES:
        row.problem = f"Files of the type {part.media_type or 'unknown'} are not kept."
        return
    digest = hashlib.sha256()
    with NamedTemporaryFile() as copy:
        try:
            for chunk in part.decoded_chunks():
                digest.update(chunk)
                copy.write(chunk)
        except Refused as refusal:
            row.problem = refusal.sentence
            return
        row.size, row.digest = copy.tell(), digest.hexdigest()
        copy.seek(0)
        row.file.save(row.name or "attachment", File(copy), save=False)
