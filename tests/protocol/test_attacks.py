"""What strangers try. Every answer is a refusal or a harmless tree, without much memory."""

from __future__ import annotations

import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import pytest

from tests.hanging import never_hangs
from tests.protocol.attacks import HEAVY, MEGABYTE, TRICKS, take
from tests.protocol.factories import SETUP
from wagtail_punchout.protocol.cxml import envelope, tree
from wagtail_punchout.protocol.errors import DocumentTooLarge, Refused, UnreadableDocument


@pytest.mark.parametrize("raw", TRICKS.values(), ids=list(TRICKS))
def test_trick_is_refused(raw):
    with never_hangs(), pytest.raises((UnreadableDocument, DocumentTooLarge)) as refusal:
        tree.parse(raw)
    assert len(refusal.value.sentence) < 250
    assert not any(word in refusal.value.sentence for word in ("/etc", "libxml", "lxml", "xmlParse", "Entity:"))


def test_external_dtd_is_not_opened(tmp_path):
    (tmp_path / "evil.dtd").write_text('<!ENTITY x "PWNED"><!ATTLIST a b CDATA "PWNED">')
    document = tree.parse(f'<!DOCTYPE a SYSTEM "{tmp_path}/evil.dtd"><a/>'.encode())
    assert document.root.attrib == {}
    assert document.system_id == f"{tmp_path}/evil.dtd"
    with pytest.raises(UnreadableDocument):
        tree.parse(f'<!DOCTYPE a SYSTEM "{tmp_path}/evil.dtd"><a>&x;</a>'.encode())


def test_inclusions_and_stylesheets_are_only_text():
    raw = b"""<?xml-stylesheet href="file:///etc/passwd"?>
    <a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></a>"""
    assert "".join(tree.parse(raw).root.itertext()) == ""


def test_comment_does_not_make_another_identity():
    for split in ("<!--x-->", "<?x y?>", "<![CDATA[]]>"):
        markup = SETUP.replace("<Identity>AN01", f"<Identity>admin{split}.evil")
        header = envelope.decode_request(tree.parse(markup.encode())).header
        assert header.from_[0].identity == header.sender[0].identity == "admin.evil"


@pytest.mark.parametrize("inside", ["<b/>", "<b>x</b>", "<Identity>evil</Identity>"])
def test_element_does_not_make_another_identity(inside):
    markup = SETUP.replace("<Identity>AN01", f"<Identity>admin{inside}.evil")
    with pytest.raises(UnreadableDocument):
        envelope.decode_request(tree.parse(markup.encode()))


@pytest.mark.parametrize("raw", HEAVY.values(), ids=list(HEAVY))
def test_heaviest_bodies_are_done_with(raw):
    assert len(raw) <= MEGABYTE
    with never_hangs():
        take(raw)


def _grown(raw: bytes) -> int:
    """Kilobytes a fresh process grew by while taking the body three times."""
    take(SETUP.encode())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        _parse_only(raw)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def _parse_only(raw: bytes) -> None:
    with suppress(Refused):
        tree.parse(raw)


@pytest.mark.parametrize("name", ["elements", "attributes", "names", "wide and deep", "namespaces"])
def test_heaviest_bodies_need_little_memory(name):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        assert fresh.submit(_grown, HEAVY[name]).result() < 150_000
