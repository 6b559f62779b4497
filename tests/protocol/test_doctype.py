from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.doctype import blank_prolog, read_prolog
from wagtail_punchout.protocol.errors import DocumentTooLarge, Refused, UnreadableDocument

URL = "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd"


@pytest.mark.parametrize(
    ("prolog", "system_id", "public_id"),
    [
        ("", "", ""),
        ("<!DOCTYPE cXML>", "", ""),
        (f'<!DOCTYPE cXML SYSTEM "{URL}">', URL, ""),
        ("<!-- Oracle Gateway -->\n<!DOCTYPE cXML SYSTEM 'cXML.dtd'>", "cXML.dtd", ""),
        (f'<?xml version="1.0"?>\n <!DOCTYPE cXML\n  SYSTEM "\n{URL}"  >\n<!-- x --> <?pi y?>', URL, ""),
        (f'<!DOCTYPE cXML PUBLIC "-//cXML//DTD" "{URL}">', URL, "-//cXML//DTD"),
        (f'<!DOCTYPE cXML SYSTEM "{URL}" [ ]>', URL, ""),
        ("<!DOCTYPE cXML [<!-- ]> --><!ELEMENT cXML ANY> <!ATTLIST cXML a CDATA ']>'>]>", "", ""),
    ],
)
def test_prologs_of_real_senders_are_read_and_cut(prolog, system_id, public_id):
    document = tree.parse(f"{prolog}<cXML/>".encode())
    assert (document.system_id, document.public_id) == (system_id, public_id)
    assert document.root.getroottree().docinfo.doctype == ""


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE cXML [<!ENTITY x "y">]>',
        '<!DOCTYPE cXML [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>',
        "<!DOCTYPE cXML [%x;]>",
        '<!DOCTYPE cXML [<!ELEMENT a ANY><!ENTITY x "y">]>',
        "<!DOCTYPE cXML [<!ATTLIST cXML a CDATA '&x;'>]>",
        "<!DOCTYPE cXML [<![INCLUDE[]]>]>",
        "<!DOCTYPE cXML><!DOCTYPE cXML>",
        "<!DOCTYPE>",
        '<!DOCTYPE cXML PUBLIC "only one">',
        "<!doctype cXML>",
        "<!ENTITY x 'y'>",
        '<?xml version="1.0"?><?xml version="1.0"?>',
        "text",
        "<!-- never closed ",
    ],
)
def test_anything_else_before_the_root_is_refused(prolog):
    with pytest.raises(UnreadableDocument):
        tree.parse(f"{prolog}<cXML/>".encode())


def test_prolog_has_a_length():
    limits = tree.Limits(prolog=100)
    tree.parse(f"{' ' * 500}<!--{'x' * 93}--><cXML/>".encode(), limits=limits)
    with pytest.raises(DocumentTooLarge):
        tree.parse(f"<!--{'x' * 94}--><cXML/>".encode(), limits=limits)


def test_position_of_an_error_is_the_senders_own():
    with pytest.raises(UnreadableDocument, match="line 4, column"):
        tree.parse(b'\n<?xml version="1.0"?>\n<!DOCTYPE cXML>\n<cXML><a></cXML>')


MARKS = ["<", "!", ">", "[", "]", "]>", "/", "'", '"', "--", "<!--", "-->", "<?", "?>", "%x;", "&x;"]
WORDS = ["DOCTYPE", "<!DOCTYPE", "cXML", "SYSTEM", "PUBLIC", '"file:///etc/passwd"', "<?xml", "<cXML", "<cXML>", "x"]
DECLARATIONS = ["<!ENTITY", "<!ENTITY x 'PWNED'>", "<!ELEMENT", "<!ATTLIST", " ", "\n", "\ufeff", "\x00", "\u2028"]
PIECES = st.sampled_from([*MARKS, *WORDS, *DECLARATIONS])


@given(st.lists(PIECES, max_size=14).map("".join))
def test_no_declaration_reaches_the_parser(prolog):
    markup = f"{prolog}<cXML>&x;</cXML>"
    try:
        end = read_prolog(markup, limit=4096)
    except Refused:
        return
    rest = blank_prolog(markup, end).lstrip()
    assert rest[0] == "<" and (rest[1].isalpha() or rest[1] == "_")
    with pytest.raises(Refused):  # the entity is not declared, whatever stood before
        tree.parse(markup.encode())


@given(st.lists(PIECES, max_size=14).map("".join))
def test_a_prolog_changes_nothing_in_the_document(prolog):
    try:
        document = tree.parse(f"{prolog}<cXML><a>b</a></cXML>".encode())
    except Refused:
        return
    assert document.root.xpath("string(//a[last()])") == "b"
    assert document.root.getroottree().docinfo.internalDTD is None
