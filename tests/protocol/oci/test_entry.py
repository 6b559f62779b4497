"""What a call-up says, whoever spelled it."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.errors import UnacceptableContent
from wagtail_punchout.protocol.oci.entry import SPELLINGS, Function, read_call_up, read_names

HOOK = "https://buyer.example/hook?sid=1"
SECRET = "Geheim & 100 %"


def call(body="", query="", **fields):
    return read_call_up(query, body or urlencode(fields))


@pytest.mark.parametrize("name", ["HOOK_URL", "hook_url", "Hook_Url", "HOOK-URL", "hook-url", "MM_HOOK_URL"])
def test_the_hook_has_many_spellings(name):
    assert call(**{name: HOOK}).hook_url == HOOK


@pytest.mark.parametrize(
    "name", ["USERNAME", "username", "UserName", "login", "LOGINNAME", "cid", "NAME", "u", "VIEW_ID", "view-id"]
)
def test_the_user_has_many_spellings(name):
    assert call(**{name: "jane"}).username == "jane"


@pytest.mark.parametrize("name", ["PASSWORD", "password", "p", "VIEW_PASSWD", "TOKEN"])
def test_the_password_has_many_spellings(name):
    assert call(**{name: SECRET}).password == SECRET


def test_the_more_telling_name_counts():
    said = call(NAME="Jane Smith", USERNAME="jane", USERID="J1")
    assert (said.username, said.given("name"), said.given("userid")) == ("jane", "Jane Smith", "J1")


def test_a_link_may_know_other_names_and_tries_them_first():
    body = "ORGANIZATION=acme&USERNAME=jane&KEY=secret-key&BACK=http%3A%2F%2Fh%2F"
    said = read_call_up("", body, names={"username": ["organization"], "password": ["KEY"], "hook_url": ["BACK"]})
    assert (said.username, said.password, said.hook_url) == ("acme", "secret-key", "http://h/")
    assert said.given("KEY") == ""


def test_the_other_names_are_tried_in_their_order_and_may_be_missing():
    assert read_call_up("", "NAME=n&USERNAME=u", names={"username": ["FIRMA", "NAME"]}).username == "n"
    assert read_call_up("", "USERNAME=u", names={"username": ["FIRMA", "NAME"]}).username == "u"


@pytest.mark.parametrize(
    ("said", "function", "unknown"),
    [
        ("", Function.SHOP, ""),
        ("DETAIL", Function.DETAIL, ""),
        ("detail ", Function.DETAIL, ""),
        ("PRODUCTDETAILS", Function.DETAIL, ""),
        ("DETAILADD", Function.DETAILADD, ""),
        ("VALIDATE", Function.VALIDATE, ""),
        ("BACKGROUND_SEARCH", Function.BACKGROUND_SEARCH, ""),
        ("SOURCING", Function.SOURCING, ""),
        ("QUANTITYCHECK", Function.SHOP, "QUANTITYCHECK"),
        ("SHOP", Function.SHOP, "SHOP"),
        ("x" * 100, Function.SHOP, "x" * 40),
    ],
)
def test_a_function_is_one_of_six(said, function, unknown):
    read = call(FUNCTION=said)
    assert (read.function, read.unknown_function) == (function, unknown)


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ("5", "5"),
        ("1.500", "1.5"),
        (" 00000000010.000 ", "10"),
        ("", None),
        ("1,5", None),
        ("NaN", None),
        ("1e9", None),
    ],
)
def test_a_quantity_is_a_plain_number(said, quantity):
    assert call(QUANTITY=said).quantity == (quantity and Decimal(quantity))


def test_control_fields_come_back_as_they_were_spelled():
    said = call("~okcode=ADDI&~Target=_blank&%7ECALLER=CTLG&~ForceTarget=Yes")
    assert said.echo == (("~okcode", "ADDI"), ("~Target", "_blank"), ("~CALLER", "CTLG"))
    assert said.target == "_blank"


def test_the_newer_target_counts():
    assert call("~target=_top&returntarget=_parent").target == "_parent"


def test_presets_lose_their_prefix_and_their_index():
    said = call(
        "NEW_ITEM-VENDOR=4711&new_item-cust_field1[1]=a&NEW_ITEM-LONGTEXT_1%3A132%5B%5D=text&NEW_ITEM-MATGROUP=&NEW_ITEM-=x"
    )
    assert said.presets == (("VENDOR", "4711"), ("CUST_FIELD1", "a"), ("LONGTEXT", "text"))


@pytest.mark.parametrize(
    ("name", "codec"),
    [("UTF-8", "utf-8"), ("latin1", "latin-1"), ("windows-1252", "cp1252"), ("klingon", ""), ("", "")],
)
def test_the_charset_is_a_codec(name, codec):
    assert call(http_content_charset=name).charset == codec


@pytest.mark.parametrize(("said", "language"), [("FR", "FR"), ("E", "EN"), ("D", "DE"), ("en-US", "en-US"), ("X", "X")])
def test_a_language_may_be_one_of_saps_letters(said, language):
    assert call(**{"sap-language": said}).language == language


def test_the_body_counts_more_than_the_query_and_its_last_word_most():
    said = read_call_up("username=q&password=q-secret&LANGU=DE", "USERNAME=b1&Username=b2&PASSWORD=b-secret")
    assert (said.username, said.password, said.language) == ("b2", "b-secret", "DE")


# The hook.


@pytest.mark.parametrize(
    "hook",
    [
        "https://buyer.example/hook?a=1&b=x%26y",
        "https://buyer.example/hook?next=%2525&plus=1+1",
        "http://p09319.wdf.sap-ag.de:1080/scripts/wgate.dll/MEW0/?~",
        "https://buyer.example/hook?~caller=sisweb&sap-client=001",
        "SAPEVENT:POST",
        "https://bücher.example/ü?q=ß",
    ],
)
@pytest.mark.parametrize("encode", [lambda hook: quote(hook, safe=""), lambda hook: urlencode({"": hook})[1:]])
def test_an_encoded_hook_is_decoded_once(hook, encode):
    said = call(f"HOOK_URL={encode(hook)}&COSTCENTER=1&~OkCode=ADDI")
    assert said.hook_url == hook


@pytest.mark.parametrize(
    ("query", "hook"),
    [
        ("HOOK_URL=https://h/r?uniqueid=1", "https://h/r?uniqueid=1"),
        ("HOOK_URL=https://h/r?uniqueid=1&foo=2&~OkCode=ADDI&bar", "https://h/r?uniqueid=1&foo=2&bar"),
        ("HOOK_URL=https://h/r?a=1+1&OCI_VERSION=4.0&PASSWORD=x&mypwd=y", "https://h/r?a=1+1"),
        ("HOOK_URL=https://h/r?a=1%2526b&NEW_ITEM-VENDOR=1&LANGU=DE&EMAIL=x", "https://h/r?a=1%26b"),
        ("HOOK_URL=https://h/r&foo=2", "https://h/r"),
        ("foo=2&HOOK_URL=https://h/r?a=1", "https://h/r?a=1"),
        ("HOOK_URL=https%3A%2F%2Fh%2Fr%3Fa%3D1&foo=2", "https://h/r?a=1"),
    ],
)
def test_a_hook_that_nobody_encoded_keeps_its_query(query, hook):
    assert read_call_up(query, "").hook_url == hook


def test_the_hook_of_the_query_does_not_reach_into_the_body():
    assert read_call_up("HOOK_URL=https://h/r?a=1", "foo=2").hook_url == "https://h/r?a=1"


# Texts.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("X=%FC", "ü"),
        ("X=%C3%BC", "ü"),
        ("X=\xc3\xbc", "ü"),
        ("http_content_charset=windows-1252&X=%80", "€"),
        ("http_content_charset=iso-8859-2&X=%B3", "ł"),
        ("http_content_charset=us-ascii&X=%FC", "ü"),
        ("http_content_charset=utf-8&X=%FC", "ü"),
    ],
)
def test_text_is_utf_8_or_what_the_call_says_or_latin_1(body, said):
    assert read_call_up("", body).given("x") == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("X=a%00b", "ab"),
        ("X=%", "%"),
        ("X=%zz%4", "%zz%4"),
        ("X=a+b%2B", "a b+"),
        ("X=a%0D%0Ab", "a\nb"),
        ("X=%ED%A0%80", "í\xa0"),
        ("X=\ud800", "?"),
        ("X", ""),
        ("&&=&X=1&=", "1"),
        ("X=1=2", "1=2"),
        ("X=1;Y=2", "1;Y=2"),
    ],
)
def test_broken_text_is_read_as_well_as_it_goes(body, said):
    assert read_call_up("", body).given("X") == said


WORDS = ["HOOK_URL", "PASSWORD", "NEW_ITEM-A[", "=", "&", "%", "%00", "%FF", "+", "://", "?", "~", "\x00", "ü"]
pieces = st.lists(st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=[]))).map("".join)


@given(pieces, pieces)
def test_nothing_crashes_the_reader(query, body):
    said = read_call_up(query, body)
    for text in (said.username, said.hook_url, said.product_id, *(value for pair in said.said for value in pair)):
        text.encode()
        assert "\x00" not in text


@pytest.mark.parametrize("query", ["a=1&" * 5000, "&" * 5000, "a=" + "x" * 300_000])
def test_a_call_larger_than_any_buyers_is_refused(query):
    with pytest.raises(UnacceptableContent):
        read_call_up(query, "")
    with pytest.raises(UnacceptableContent):
        read_call_up("", query)


def test_a_thousand_parameters_are_read():
    assert len(read_call_up("&".join(["a=1"] * 400), "&".join(["a=1"] * 600)).said) == 1000


# The password.


@pytest.mark.parametrize(
    "fields",
    [
        {"PASSWORD": SECRET},
        {"password": "other-one", "PASSWORD": SECRET},
        {"VIEW_PASSWD": SECRET, "USERNAME": SECRET},
        {"PASSWORD": SECRET, "COSTCENTER": SECRET},
        {"PASSWORD": SECRET, "COMMENT": f"it is {SECRET}, remember"},
        {"PASSWORD": SECRET, "NEXT": "https://shop.example/?PASSWORD=" + quote(SECRET, safe="")},
        {"PASSWORD": SECRET, "HOOK_URL": "https://buyer.example/?x=" + SECRET},
        {"PASSWORD": SECRET, SECRET: "1"},
        {"PASSWORD": "other-one", "apiKey": SECRET, "sharedSecret": SECRET},
        {f"PASSWORD={SECRET}&USERNAME=u": ""},  # encoded twice
    ],
)
def test_a_password_is_struck_out_wherever_it_occurs(fields):
    said = call(urlencode(fields))
    record = repr(said) + str(said) + repr(said.said)
    assert not [each for each in (SECRET, quote(SECRET, safe=""), "other-one", "Geheim") if each in record]
    assert "***" in record
    assert said.given("PASSWORD") == said.given("costcenter") == said.given("apikey") == ""


@pytest.mark.parametrize(
    "name", ["PASS", "user-pass", "PW", "USER_PW", "KENNWORT", "Passwort", "PIN", "mdp", "clave", "contraseña"]
)
def test_words_for_a_password_are_known_in_other_languages(name):
    assert [value for _name, value in call(**{name: SECRET}).said] == ["***"]


@pytest.mark.parametrize("name", ["BYPASS_OUTB_HANDLER", "SHIPPING", "OPINION", "PWC_NUMBER"])
def test_a_name_that_only_looks_like_one_is_kept(name):
    assert call(**{name: "1"}).said == ((name, "1"),)


def test_what_is_not_secret_is_kept_as_it_was_said():
    body = "USERNAME=jane&PASSWORD=abc&HOOK_URL=https%3A%2F%2Fh%2F%3Ftoken%3D1&CODE=abcdef&p="
    assert call(body).said == (
        ("USERNAME", "jane"),
        ("PASSWORD", "***"),
        ("HOOK_URL", "https://h/?token=1"),
        ("CODE", "abcdef"),
        ("p", ""),
    )


def test_a_refusal_does_not_quote_the_call():
    with pytest.raises(UnacceptableContent) as caught:
        read_call_up(f"PASSWORD={quote(SECRET)}&" * 1001, "")
    assert "Geheim" not in caught.value.sentence + caught.value.cause


# The link's own names.


def test_further_names_are_written_a_line_each():
    text = "username = ORGANIZATION, NAME\n\n hook_url=BACK\r\nusername = FIRMA"
    assert read_names(text) == {"username": ["ORGANIZATION", "NAME", "FIRMA"], "hook_url": ["BACK"]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("username = A\nshoe = B", "Line 2: there is no 'shoe', only username, password, "),
        ("username", "Line 1: write it like this"),
        ("\nusername = ,", "Line 2: write it like this"),
    ],
)
def test_a_line_that_says_nothing_is_named(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_names(text)


@pytest.mark.parametrize("role", SPELLINGS)
def test_every_role_can_have_further_names(role):
    value = "1" if role == "quantity" else "utf-8" if role == "charset" else "VALIDATE"
    said = read_call_up("", f"MY-NAME={value}", names=read_names(f"{role} = my-name"))
    assert str(getattr(said, role)) == value
