from __future__ import annotations

import pytest

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.errors import UnreadableDocument

TEXT = "<a>Größe €</a>"


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        b'\n  <?xml version="1.0"?>' + TEXT.encode(),
        b'<?xml version="1.0" encoding="iso-8859-15"?>' + TEXT.encode("iso-8859-15"),
        b"<?xml version='1.0' encoding = 'windows-1252' ?>" + TEXT.encode("windows-1252"),
        f'<?xml version="1.0" encoding="UTF-16"?>{TEXT}'.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
)
def test_accepted_encodings_say_the_same(raw):
    assert tree.parse(raw).root.text == "Größe €"


def test_utf_8_under_a_wrong_label_is_still_utf_8():
    # Oracle EBS declares ISO-8859-15, .NET's StringWriter utf-16.
    for label in ("ISO-8859-15", "utf-16", "us-ascii"):
        document = tree.parse(f'<?xml version="1.0" encoding="{label}"?>{TEXT}'.encode())
        assert (document.root.text, document.encoding) == ("Größe €", "utf-8")


def test_charset_of_http_beats_the_declaration():
    raw = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + "<a>€</a>".encode("iso-8859-15")
    assert tree.parse(raw, content_type='text/xml; charset="ISO-8859-15"').root.text == "€"


def test_bytes_that_are_no_utf_8_are_taken_for_latin_1():
    assert tree.parse("<a>Größe</a>".encode("latin-1")).encoding == "iso-8859-1"


@pytest.mark.parametrize(
    ("raw", "content_type", "hint"),
    [
        (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "", "UTF-7"),
        (b"<a/>", "text/xml; charset=utf-7", "utf-7"),
        (b"<a/>", "text/xml; charset=unicode_escape", "unicode_escape"),
        (b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>', "", "EBCDIC"),
        ("<a/>".encode("utf-32"), "", "utf-32"),
        ("<a/>".encode("utf-32-be"), "", "utf-32"),
        ('<?xml version="1.0" encoding="UTF-8"?><a/>'.encode("utf-16"), "", "says 'UTF-8'"),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "", "says 'ISO-8859-1'"),
        (b"\xff\xfe<\x00a", "", "Byte"),
        (b"\x1f\x8b\x08\x00", "", "gzip"),
    ],
)
def test_other_encodings_and_contradictions_are_refused(raw, content_type, hint):
    with pytest.raises(UnreadableDocument, match=hint):
        tree.parse(raw, content_type=content_type)
