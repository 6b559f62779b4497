from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hanging import never_hangs
from wagtail_punchout.protocol.cxml.multipart import LONGEST_NAME, is_multipart, resolve, split
from wagtail_punchout.protocol.errors import DocumentTooLarge, Refused, UnreadableDocument
from wagtail_punchout.protocol.order import AttachmentRef

RELATED = 'multipart/related; boundary="b"; start="<root@x>"; type="text/xml"'
MIXED = "multipart/mixed; boundary=b"
FILE = bytes(range(256)) * 40


def part(body: bytes, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"--b\r\n{lines}\r\n".encode() + body + b"\r\n"


def message(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


ROOT = part(b"<cXML/>", Content_Type="text/xml", Content_ID="<root@x>")
PDF = part(
    base64.encodebytes(FILE),
    Content_Type="application/pdf",
    Content_ID="<plan@x>",
    Content_Transfer_Encoding="base64",
    Content_Disposition='attachment; filename="plan.pdf"',
)


def content(part) -> bytes:
    return b"".join(part.decoded_chunks())


@pytest.mark.parametrize("content_type", [RELATED, MIXED])
def test_document_and_file_come_apart(content_type):
    found = split(message(ROOT, PDF), content_type=content_type)
    assert content(found.root) == b"<cXML/>"
    [file] = found.attachments
    assert (file.content_id, file.media_type, file.name) == ("plan@x", "application/pdf", "plan.pdf")
    assert content(file) == FILE


def test_start_names_the_document_wherever_it_stands():
    assert content(split(message(PDF, ROOT), content_type=RELATED).root) == b"<cXML/>"


def test_bare_line_feeds_preamble_and_epilogue():
    raw = b"for people\r\n" + message(ROOT, PDF) + b"and after"
    for each in (raw, raw.replace(b"\r\n", b"\n")):
        assert len(split(each, content_type=RELATED).attachments) == 1


def test_boundary_inside_a_text_cuts_nothing():
    tricky = part(b"x --b y\r\n--bb\r\n--b-\r\nz", Content_ID="<t@x>")
    assert content(split(message(ROOT, tricky), content_type=RELATED).attachments[0]) == b"x --b y\r\n--bb\r\n--b-\r\nz"


@pytest.mark.parametrize(
    ("encoding", "body", "says"),
    [
        ("quoted-printable", b"a=3Db", b"a=b"),
        ("8bit", FILE, FILE),
        ("binary", FILE, FILE),
        ("7bit", b"x", b"x"),
        ("", b"", b""),
    ],
)
def test_encodings(encoding, body, says):
    headers = {"Content_Transfer_Encoding": encoding} if encoding else {"Content_Type": "text/plain"}
    assert content(split(message(ROOT, part(body, **headers)), content_type=RELATED).attachments[0]) == says


@pytest.mark.parametrize("body", [b"!!!!", b"QUJ", b"QQ==QUJD", b"=QUJ", b"QUJD\x00"])
def test_base64_that_is_none_is_said(body):
    found = split(message(ROOT, part(body, Content_Transfer_Encoding="base64")), content_type=RELATED)
    with pytest.raises(UnreadableDocument):
        content(found.attachments[0])


def test_long_base64_is_decoded_piece_by_piece():
    file = FILE * 100
    found = split(
        message(ROOT, part(base64.encodebytes(file), Content_Transfer_Encoding="base64")), content_type=RELATED
    )
    chunks = list(found.attachments[0].decoded_chunks())
    assert b"".join(chunks) == file
    assert len(chunks) > 10
    assert max(map(len, chunks)) <= 64 * 1024


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('"C:\\\\evil\\\\plan.pdf"', "plan.pdf"),
        ('"../../etc/passwd"', "passwd"),
        ('"a\x07b.pdf"', "ab.pdf"),
        (f'"{"x" * 300}.pdf"', "x" * LONGEST_NAME),
        ("*=utf-8''Pl%C3%A4n.pdf", "Plän.pdf"),
        ("*=nonsense''x", "x"),
    ],
)
def test_name_is_a_label_and_no_path(sent, kept):
    disposition = f"attachment; filename{'' if sent.startswith('*') else '='}{sent}"
    found = split(message(ROOT, part(b"x", Content_Disposition=disposition)), content_type=RELATED)
    assert found.attachments[0].name == kept


# Strangers


@pytest.mark.parametrize(
    ("raw", "content_type", "error"),
    [
        (b"--b\r\n\r\nx\r\n" * 100_000 + b"--b--", MIXED, DocumentTooLarge),
        (b"--b\r\n\r\n" * 100_000, MIXED, DocumentTooLarge),
        (b"--b\r\nContent-Type: x" + b";a=b" * 60_000 + b"\r\n\r\nx\r\n--b--", MIXED, UnreadableDocument),
        (b"--b\r\n" + b"A: b\r\n" * 1_000 + b"\r\nx\r\n--b--", MIXED, UnreadableDocument),
        (message(ROOT), "multipart/mixed" + ";a=b" * 60_000, UnreadableDocument),
        (message(ROOT), "multipart/mixed", UnreadableDocument),
        (b"", MIXED, UnreadableDocument),
        (b"--b--", MIXED, UnreadableDocument),
        (ROOT, MIXED, UnreadableDocument),
        (
            message(part(b"--c\r\n\r\nx\r\n--c--", Content_Type="multipart/mixed; boundary=c")),
            MIXED,
            UnreadableDocument,
        ),
    ],
)
def test_attacks_and_broken_messages_are_refused(raw, content_type, error):
    with never_hangs(), pytest.raises(error):
        split(raw, content_type=content_type)


@given(st.binary(max_size=400), st.sampled_from([MIXED, RELATED, 'multipart/mixed; boundary=""', "multipart/related"]))
def test_any_bytes_are_a_message_or_refused(raw, content_type):
    for body in (raw, message(ROOT, b"--b\r\n" + raw + b"\r\n")):
        try:
            found = split(body, content_type=content_type)
            for each in (found.root, *found.attachments):
                content(each)
        except Refused:
            pass


@pytest.mark.parametrize(
    ("content_type", "is_one"),
    [
        (RELATED, True),
        (MIXED.upper(), True),
        ("multipart/form-data; boundary=b", False),
        ("text/xml", False),
        ("", False),
    ],
)
def test_what_counts_as_a_message_of_parts(content_type, is_one):
    assert is_multipart(content_type) is is_one


# Which file is meant


def refs(*urls: str):
    return [(None, AttachmentRef(url=url)) for url in urls]


@pytest.mark.parametrize("url", ["cid:plan@x", "CID:plan@x", "cid: plan@x", "cid:plan%40x"])
def test_reference_leads_to_its_part(url):
    [found] = resolve(refs(url), split(message(ROOT, PDF), content_type=RELATED).attachments)
    assert (found.part.name, found.problem) == ("plan.pdf", "")


@pytest.mark.parametrize("url", ["http://buyer.example/plan.pdf", "file:///etc/passwd", "plan.pdf"])
def test_other_addresses_are_noted_and_not_called(url):
    [found] = resolve(refs(url), ())
    assert (found.part, "not called" in found.problem) == (None, True)


def test_missing_and_ambiguous_parts_are_said():
    parts = split(message(ROOT, PDF, PDF), content_type=RELATED).attachments
    missing, ambiguous, *_orphans = resolve(refs("cid:gone@x", "cid:plan@x"), parts)
    assert ("No part" in missing.problem, "Several" in ambiguous.problem) == (True, True)


def test_file_that_nobody_names_is_kept_all_the_same():
    [found] = resolve((), split(message(ROOT, PDF), content_type=RELATED).attachments)
    assert found.part.name == "plan.pdf"
