"""A message of several parts: a document and the files that go with it (guide pp. 20-22).

Python's own mail parser is not for strangers: one header line with 60,000 parameters keeps it busy for half a minute.
So the message is cut at its boundary, one level deep, and only the few short header lines of each part are read.
``multipart/mixed`` and ``multipart/related`` are taken alike.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from urllib.parse import unquote

from wagtail_punchout.protocol.errors import DocumentTooLarge, UnreadableDocument
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.order import AttachmentRef

MOST_PARTS = 20
#: Bytes of the headers of one part, and characters of the message's own.
LONGEST_HEADERS = 8_192
LONGEST_NAME = 100
#: Bytes decoded at once; a multiple of four, in which base64 comes.
CHUNK = 64 * 1024

_BLANKS = b" \t\r\n"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part. ``content_id`` is without its angle brackets, ``name`` a label and never a path."""

    content_type: str = ""
    media_type: str = ""
    content_id: str = ""
    name: str = ""
    encoding: str = ""
    body: memoryview = field(repr=False)

    def decoded_chunks(self) -> Iterator[bytes]:
        """The content in pieces; ``UnreadableDocument`` for what its encoding says it is and is not."""
        if self.encoding == "base64":
            yield from _base64(self.body)
        elif self.encoding == "quoted-printable":
            yield quopri.decodestring(bytes(self.body))
        elif self.encoding in _PLAIN:
            for start in range(0, len(self.body), CHUNK):
                yield bytes(self.body[start : start + CHUNK])
        else:
            raise UnreadableDocument(
                f"The Content-Transfer-Encoding {self.encoding[:40]!r} of a part is not known.", code=Failure.MULTIPART
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Multipart:
    """``root`` is the document, ``attachments`` are all other parts in their order."""

    root: Part
    attachments: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One attachment, and what is wrong with it: then somebody should ask the buyer."""

    line_number: int | None = None
    content_id: str = ""
    part: Part | None = None
    problem: str = ""


def is_multipart(content_type: str) -> bool:
    return content_type.strip().lower().startswith(("multipart/related", "multipart/mixed"))


def split(raw: bytes, *, content_type: str) -> Multipart:
    """Cut a message. Raises ``UnreadableDocument`` or ``DocumentTooLarge`` and nothing else."""
    if len(content_type) > LONGEST_HEADERS:
        raise UnreadableDocument("The Content-Type of the message is longer than any real one.", code=Failure.MULTIPART)
    said = _headers(b"Content-Type: " + content_type.encode("latin-1", "replace"))
    boundary = said.get_boundary()
    if not boundary or len(boundary) > 200:
        raise UnreadableDocument("The Content-Type of the message names no boundary.", code=Failure.MULTIPART)
    parts = [_part(each) for each in _cut(raw, boundary.encode("latin-1", "replace"))]
    if not parts:
        raise UnreadableDocument("The message has no part between its boundaries.", code=Failure.MULTIPART)
    start = _content_id(str(said.get_param("start") or ""))
    root = next((each for each in parts if start and each.content_id == start), parts[0])
    if root.media_type.startswith("multipart/"):
        raise UnreadableDocument(
            "The first part must be the cXML document itself, not a message in the message.", code=Failure.MULTIPART
        )
    return Multipart(root=root, attachments=tuple(each for each in parts if each is not root))


def resolve(references: Iterable[tuple[int | None, AttachmentRef]], parts: Sequence[Part]) -> tuple[Found, ...]:
    """Which part each reference means. What leads nowhere, and parts that nobody names, come back with a problem.

    Addresses other than ``cid:`` are noted and never called: they would let a stranger choose whom we call.
    """
    by_id: dict[str, list[Part]] = {}
    for part in parts:
        by_id.setdefault(part.content_id, []).append(part)
    found, named = [], set()
    for line_number, reference in references:
        url = reference.url.strip()
        if not url.lower().startswith("cid:"):
            problem = f"It is named as {url[:200]!r}, which is no part of the message; other addresses are not called."
            found.append(Found(line_number=line_number, content_id=url[:500], problem=problem))
            continue
        # The guide itself prints a blank after the colon (p. 123).
        content_id = unquote(url[4:].strip())
        meant = by_id.get(content_id, [])
        if len(meant) == 1:
            named.add(content_id)
            found.append(Found(line_number=line_number, content_id=content_id, part=meant[0]))
        else:
            problem = (
                "No part of the message has this ID." if not meant else "Several parts of the message have this ID."
            )
            found.append(Found(line_number=line_number, content_id=content_id[:500], problem=problem))
    found += [Found(content_id=each.content_id, part=each) for each in parts if each.content_id not in named]
    return tuple(found)


def _cut(raw: bytes, boundary: bytes) -> list[memoryview]:
    """The stretches between the boundary's lines; nothing is copied."""
    whole, mark = memoryview(raw), b"--" + boundary
    found: list[memoryview] = []
    begin, at = None, 0
    while (hit := raw.find(mark, at)) >= 0:
        at = hit + len(mark)
        end_of_line = raw.find(b"\n", at)
        rest = raw[at : end_of_line if end_of_line >= 0 else len(raw)]
        is_last = rest.startswith(b"--")
        if (hit and raw[hit - 1 : hit] != b"\n") or (rest[2:] if is_last else rest).strip(_BLANKS):
            continue  # the mark of a longer boundary, or one in the middle of a text
        if begin is not None:
            found.append(whole[begin : _without_line_end(raw, begin, hit)])
            if len(found) > MOST_PARTS:
                raise DocumentTooLarge(f"The message has more than {MOST_PARTS} parts.")
        if is_last:
            return found
        begin = end_of_line + 1 if end_of_line >= 0 else len(raw)
    if begin is None:
        return []
    raise UnreadableDocument("The message ends before the line that closes its last part.", code=Failure.MULTIPART)


def _without_line_end(raw: bytes, begin: int, end: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if end > begin and raw[end - 1 : end] == b"\n":
        end -= 1
    return end - 1 if end > begin and raw[end - 1 : end] == b"\r" else end


def _part(stretch: memoryview) -> Part:
    beginning = bytes(stretch[: LONGEST_HEADERS + 4])
    gaps = [(found, len(gap)) for gap in (b"\r\n\r\n", b"\n\n") if (found := beginning.find(gap)) >= 0]
    if beginning.startswith((b"\r\n", b"\n")):
        head, body = b"", stretch[2 if beginning.startswith(b"\r\n") else 1 :]
    elif gaps:
        end, length = min(gaps)
        head, body = beginning[:end], stretch[end + length :]
    elif len(stretch) > LONGEST_HEADERS:
        raise UnreadableDocument(
            f"The headers of a part are longer than {LONGEST_HEADERS} bytes.", code=Failure.MULTIPART
        )
    else:
        head, body = beginning, stretch[len(stretch) :]
    said = _headers(head)
    content_type = str(said.get("Content-Type", "")).strip()
    return Part(
        content_type=content_type,
        media_type=content_type.partition(";")[0].strip().lower(),
        content_id=_content_id(str(said.get("Content-ID", ""))),
        name=_name(said),
        encoding=str(said.get("Content-Transfer-Encoding", "")).strip().lower(),
        body=body,
    )


def _headers(head: bytes) -> Message:
    if head.count(b";") > 50 or head.count(b"\n") > 50:
        raise UnreadableDocument(
            "A part has more header lines or parameters than any real one.", code=Failure.MULTIPART
        )
    return BytesHeaderParser(policy=compat32).parsebytes(head)


def _content_id(text: str) -> str:
    return text.strip().removeprefix("<").removesuffix(">").strip()


def _name(said: Message) -> str:
    try:
        name = said.get_filename() or ""
    except (LookupError, ValueError, TypeError):  # an unknown charset, or half an encoding
        name = ""
    basename = re.split(r"[/\\]", name)[-1]
    return _CONTROLS.sub("", basename).strip()[:LONGEST_NAME]


def _base64(body: memoryview) -> Iterator[bytes]:
    left = b""
    for start in range(0, len(body), CHUNK):
        left += bytes(body[start : start + CHUNK]).translate(None, _BLANKS)
        whole = len(left) - len(left) % 4
        ready, left = left[:whole], left[whole:]
        if b"=" in ready.rstrip(b"=") or (ready.endswith(b"=") and (left or _says_more(body, start + CHUNK))):
            raise UnreadableDocument("A part says that it is base64 and goes on after its end.", code=Failure.MULTIPART)
        yield _decoded(ready)
    if left:
        raise UnreadableDocument("A part says that it is base64 and ends in the middle of it.", code=Failure.MULTIPART)


def _says_more(body: memoryview, start: int) -> bool:
    return any(bytes(body[at : at + CHUNK]).translate(None, _BLANKS) for at in range(start, len(body), CHUNK))


def _decoded(ready: bytes) -> bytes:
    try:
        return base64.b64decode(ready, validate=True)
    except binascii.Error:
        raise UnreadableDocument("A part says that it is base64 and is not.", code=Failure.MULTIPART) from None
