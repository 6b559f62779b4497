"""What strangers try: for tests, and for the benchmark of what it costs."""

from __future__ import annotations

import gzip

from tests.protocol.factories import SETUP
from wagtail_punchout.protocol.cxml import envelope, setup, tree
from wagtail_punchout.protocol.errors import Refused

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


def take(raw: bytes) -> None:
    """What the gateway does with the document of a set-up request before it asks who sends it."""
    try:
        document = tree.parse(raw)
        tree.without_secrets(document.root)
        tree.fingerprint(document.root)
        setup.requester(setup.decode_setup_request(envelope.decode_request(document).body))
    except Refused:
        pass
