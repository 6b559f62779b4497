"""Times in documents: written strictly, read leniently.

The guide (p. 24) wants ``YYYY-MM-DDThh:mm:ss+hh:mm`` and forbids ``Z``. Senders use ``-0500``, ``Z``, no offset, a
blank for the ``T``, mail dates and Ruby's ``Mon May 19 18:29:48 +0000 2008``. No message is refused for its time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_RUBY = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\S+) (\d{4})")
_LONGEST = 64


def format(moment: datetime) -> str:
    """Write with a numeric offset; ``ValueError`` for a time without a zone, which would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a document needs a time with a zone")
    return moment.isoformat(timespec="seconds")


def read(value: str) -> datetime | None:
    """Read whatever was sent, as UTC where no offset is given; ``None`` when it is no time at all."""
    value = " ".join(value.split())
    if not value or len(value) > _LONGEST:
        return None
    for reader in (datetime.fromisoformat, _mail_date, _line_wrapped):
        try:
            moment = reader(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _mail_date(value: str) -> datetime:
    return parsedate_to_datetime(_RUBY.sub(r"\2 \1 \5 \3 \4", value))


def _line_wrapped(value: str) -> datetime:
    return datetime.fromisoformat(value.replace(" ", ""))
