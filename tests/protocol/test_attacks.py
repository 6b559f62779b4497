"""What strangers try. Every answer is a refusal or a harmless tree, soon and without much memory."""

from __future__ import annotations

import gzip
import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import pytest

from tests.protocol.factories import SETUP
from wagtail_punchout.protocol.cxml import envelope, setup, tree
from wagtail_punchout.protocol.errors import DocumentTooLarge, Refused, UnreadableDocument

MEGABYTE = 1_048_576
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

TRICKS = {
    "utf-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE a +AFs-+ADw-!ENTITY x "y"+AD4-+AF0-+AD4-<a/>',
    "utf-7 by content": "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".encode("utf-7"),
    "utf-32": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-32"),
    "utf-16 that says utf-8": '<?xml version="1.0" encoding="UTF-8"?><a/>'.encode("utf-16"),
    "file by entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "file by parameter entity": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
    "address by entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><a>&x;</a>',
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>'.encode(),
    "quadratic blow-up": f'<!DOCTYPE a [<!ENTITY x "{"x" * 1000}">]><a>{"&x;" * 100_000}</a>'.encode(),
    "entity in an attribute default": b'<!DOCTYPE a [<!ENTITY x "y"><!ATTLIST a b CDATA "&x;">]><a/>',
    "second doctype": b'<!DOCTYPE a><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "doctype after the root": b'<a/><!DOCTYPE a [<!ENTITY x "y">]>',
    "doctype inside the root": b'<a><!DOCTYPE a [<!ENTITY x "y">]>&x;</a>',
    "entity nobody declared": b"<a>&x;</a>",
    "two documents": b"<a/><a/>",
    "document in front of a document": SETUP.encode() * 2,
    "nul": b"<a>admin\x00.evil</a>",
    "nul by reference": b"<a>&#0;</a>",
    "gzip": gzip.compress(SETUP.encode()),
    "truncated": SETUP[:700].encode(),
    "half a character": SETUP.encode("utf-16")[:-1],
    "endless prolog": b"<!--" + b"x" * 100_000 + b"--><a/>",
    "dashes": b"<!--" + b"-" * MEGABYTE,
    "quotes": b"<!DOCTYPE a SYSTEM '" + b"'" * 500_000,
    "brackets": b"<!DOCTYPE a [" + b"<!--" * 250_000,
    "declarations": b"<!DOCTYPE a [" + b"<!ELEMENT a ANY>" * 60_000,
    "blanks": b" " * MEGABYTE,
    "deep": b"<a>" * 150_000 + b"</a>" * 150_000,
    "deep enough for our limit only": b"<a>" * 40 + b"</a>" * 40,
    "too large": b" " * (MEGABYTE + 1),
    "signs": b"<a>" + b"<b/>" * 200_000 + b"<" * 200_001,
    "equals": b"<a>" + b"=" * 200_001 + b"</a>",
    "attributes": b"<a " + b" ".join(b"a%d=''" % n for n in range(65)) + b"/>",
    "attribute flood": b"<a " + b" ".join(b"a%d=''" % n for n in range(80_000)) + b"/>",
}


@pytest.mark.parametrize("raw", TRICKS.values(), ids=list(TRICKS))
def test_trick_is_refused_in_a_blink(raw):
    started = time.process_time()
    with pytest.raises((UnreadableDocument, DocumentTooLarge)) as refusal:
        tree.parse(raw)
    assert time.process_time() - started < 2
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


# The worst that is just small enough to be parsed.
HEAVY = {
    "elements": b"<a>" + b"<b/>" * 262_000 + b"</a>",
    "pairs": b"<a>" + b"<b>x</b>" * 131_000 + b"</a>",
    "attributes": b"<a>" + b"<b c='' d=''/>" * 74_000 + b"</a>",
    "names": b"<a>" + b"".join(b"<n%x/>" % n for n in range(120_000)) + b"</a>",
    "wide and deep": b"<a>" + b"<b>" * 30 + b"<c/>" * 250_000 + b"</b>" * 30 + b"</a>",
    "one long text": b"<a>" + b"&amp;" * 200_000 + b"</a>",
    "namespaces": b"<a>" + b"<b xmlns='urn:x'/>" * 58_000 + b"</a>",
    "long names": b"<" + b"a" * 49_000 + b"/>",
    "extrinsics": SETUP.replace(
        "<BrowserFormPost>", '<Extrinsic name="a">b</Extrinsic>' * 28_000 + "<BrowserFormPost>"
    ).encode(),
    "lines": SETUP.replace(
        "</PunchOutSetupRequest>", '<ItemOut quantity="1"/>' * 40_000 + "</PunchOutSetupRequest>"
    ).encode(),
    "credentials": SETUP.replace(
        "<UserAgent>", "<Credential><Identity>x</Identity></Credential>" * 20_000 + "<UserAgent>"
    ).encode(),
}


def _take(raw: bytes) -> None:
    try:
        document = tree.parse(raw)
        tree.without_secrets(document.root)
        tree.fingerprint(document.root)
        setup.requester(setup.decode_setup_request(envelope.decode_request(document).body))
    except Refused:
        pass


@pytest.mark.parametrize("raw", HEAVY.values(), ids=list(HEAVY))
def test_heaviest_bodies_take_seconds_at_most(raw):
    assert len(raw) <= MEGABYTE
    started = time.process_time()
    _take(raw)
    assert time.process_time() - started < 6


def _grown(raw: bytes) -> int:
    """Kilobytes a fresh process grew by while taking the body three times."""
    _take(SETUP.encode())
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


def test_time_grows_with_the_length_and_no_faster():
    def seconds(count: int) -> float:
        raw = SETUP.replace(
            "<BrowserFormPost>", '<Extrinsic name="a">b</Extrinsic>' * count + "<BrowserFormPost>"
        ).encode()
        started = time.process_time()
        for _ in range(3):
            _take(raw)
        return time.process_time() - started

    seconds(100)
    assert seconds(20_000) < 25 * seconds(2_000) + 0.1
