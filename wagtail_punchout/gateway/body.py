"""How much of a call is read. Little of a stranger's, much of a known sender's.

Orders of thousands of lines, with drawings, are as large as attacks. So what is larger than any other document is read
on only when the Header at its beginning has proven who sends it; the whole document is then proven again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from wagtail_punchout.conf import conf
from wagtail_punchout.flows.identify import identify
from wagtail_punchout.protocol.cxml import header, tree
from wagtail_punchout.protocol.errors import DocumentTooLarge, UnacceptableContent, UnreadableDocument

if TYPE_CHECKING:
    from wagtail_punchout.gateway.cxml import Conversation

#: Where a Header must have ended. Real ones end within two thousand bytes.
LONGEST_HEAD = 64 * 1024
#: Signs a megabyte of a real document has at most, with room to spare.
ELEMENTS_A_MEGABYTE, EQUALS_A_MEGABYTE = 400_000, 200_000


def read(request: HttpRequest, talk: Conversation, *, most: int) -> bytes:
    """The whole body, at most ``most`` bytes of it; ``DocumentTooLarge`` above.

    Not ``request.body``: Django's own limit would answer with an HTML page.
    """
    usual = conf().MAX_DOCUMENT_BYTES
    raw = request.read(usual + 1)
    if len(raw) <= usual:
        return raw
    if most > usual:
        _prove(raw[:LONGEST_HEAD], talk)
        raw += request.read(most + 1 - len(raw))
    if len(raw) > max(most, usual):
        raise DocumentTooLarge(f"The document has more than {max(most, usual)} bytes, which is too much.")
    return raw


def limits(size: int) -> tree.Limits:
    """For a document of ``size`` bytes, which was let in: as many signs as a document of that size needs."""
    megabytes = max(1, -(-size // (1024 * 1024)))
    return tree.Limits(
        size=max(size, conf().MAX_DOCUMENT_BYTES),
        elements=ELEMENTS_A_MEGABYTE * megabytes,
        equals=EQUALS_A_MEGABYTE * megabytes,
    )


def _prove(head: bytes, talk: Conversation) -> None:
    """Raises ``NotAuthorized`` for a wrong sender, ``DocumentTooLarge`` where no Header can be read."""
    begin, end = head.find(b"<cXML"), head.find(b"</Header>")
    if begin < 0 or end < begin:
        raise DocumentTooLarge(
            f"The document has more than {conf().MAX_DOCUMENT_BYTES} bytes, and its Header does not stand at its "
            "beginning in UTF-8. Only of senders who are known by then more is read."
        )
    try:
        document = tree.parse(head[begin:end] + b"</Header></cXML>", limits=tree.Limits(size=LONGEST_HEAD * 2))
        said = header.read_header(document.root)
    except (UnreadableDocument, UnacceptableContent) as refusal:
        raise DocumentTooLarge(f"The document is large, and its Header cannot be read. {refusal.sentence}") from None
    identify(said, at=talk.at, path_key=talk.path_key)
