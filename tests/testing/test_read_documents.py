"""What the fake buyer reads, and what it complains about."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.shared import SAMPLES, needs_shared
from tests.testing.canned import (
    DETAIL,
    OPEN,
    SETTINGS,
    a_cancel,
    a_message,
    a_response,
    a_start_page,
    an_item,
    base64_of,
)
from wagtail_punchout.testing.documents import (
    Unreadable,
    complaints_for,
    read_order_message,
    read_response,
    read_return_form,
)


def test_a_start_page_is_read():
    answer = read_response(a_start_page("https://shop.example/start/x/").encode())
    assert (answer.is_ok, answer.start_url, answer.complaints) == (True, "https://shop.example/start/x/", ())


def test_a_refusal_keeps_its_sentence():
    answer = read_response(a_response("401", "Unauthorized", "The secret is wrong.").encode())
    assert not answer.is_ok
    assert answer.verdict == "401 Unauthorized: The secret is wrong."


def test_a_profile_lists_what_the_shop_takes():
    body = (
        '<ProfileResponse effectiveDate="2026-01-01T00:00:00+00:00"><Transaction requestName="OrderRequest">'
        '<URL>https://shop.example/o/</URL><Option name="changes">Yes</Option></Transaction></ProfileResponse>'
    )
    [order] = read_response(a_response(body=body).encode()).transactions
    assert (order.name, order.url, order.options) == ("OrderRequest", "https://shop.example/o/", {"changes": "Yes"})


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "empty"),
        (b"<html>login</html>", "root element is html"),
        (b"<cXML><Response>", "not well-formed"),
        (a_message().encode(), "no Response"),
        (a_response(code="fine").encode(), "numeric code"),
        (b'<!DOCTYPE cXML [<!ENTITY a "b">]><cXML>&a;</cXML>', "entities"),
        (b"x" * 11_000_000, "not read"),
    ],
)
def test_what_is_no_answer_is_unreadable(document, reason):
    with pytest.raises(Unreadable, match=reason):
        read_response(document)


def test_a_start_page_with_blanks_around_it_is_trimmed_and_told():
    answer = read_response(a_start_page("\n https://shop.example/s?a=1&amp;b=2 \n").encode())
    assert answer.start_url == "https://shop.example/s?a=1&b=2"
    assert len(answer.complaints) == 2


def test_a_good_cart_is_read_whole_and_without_complaint():
    cart = read_return_form({"cXML-base64": base64_of(a_message(an_item()))})
    [line] = cart.lines
    assert cart.complaints == ()
    assert (cart.buyer_cookie, cart.operation_allowed, str(cart.total)) == ("c", "edit", "1526.40 EUR")
    assert (line.part_id, line.auxiliary_id, line.quantity, line.unit) == ("KD5555", "L-1", Decimal(2), "EA")
    assert line.classifications == {"UNSPSC": "56112102"}
    assert line.extrinsics == {"Color": "black"}
    assert (line.manufacturer_name, line.manufacturer_part_id, line.lead_time) == ("Excelsior", "EX-1", "3")
    assert line.description("de").short_name == "Bürostuhl"
    assert line.description("fr").text == "With arms and a high back."


def test_base64_is_looked_for_first_whatever_the_case_of_its_name():
    cart = read_return_form({"cxml-urlencoded": "<nothing/>", "CXML-BASE64": base64_of(a_message(an_item()))})
    assert cart.lines
    assert "Both form fields" in cart.complaints[0]


def test_an_urlencoded_field_is_read_as_text():
    cart = read_return_form({"cxml-urlencoded": a_message(an_item())})
    assert cart.field == "cxml-urlencoded"
    assert cart.complaints == ()


def test_a_form_without_a_cart_says_which_fields_it_had():
    with pytest.raises(Unreadable, match="its fields: a, b"):
        read_return_form({"a": "", "b": ""})


def test_shipping_and_tax_are_read():
    header = (
        '<Shipping><Money currency="EUR">9.90</Money><Description xml:lang="en">Parcel</Description></Shipping>'
        '<Tax><Money currency="EUR">290.02</Money><Description xml:lang="en">19 %</Description></Tax>'
    )
    cart = read_order_message(a_message(an_item(), header=header))
    assert (str(cart.shipping.money), cart.tax.description) == ("9.90 EUR", "19 %")
    assert cart.complaints == ()


def test_status_204_is_a_cancel():
    cart = read_order_message(a_cancel())
    assert cart.is_cancelled
    assert cart.complaints == ()


def test_a_price_basis_counts():
    basis = (
        '<UnitOfMeasure>EA</UnitOfMeasure><PriceBasisQuantity quantity="100" conversionFactor="1">'
        "<UnitOfMeasure>EA</UnitOfMeasure></PriceBasisQuantity>"
    )
    cart = read_order_message(
        a_message(an_item(DETAIL.replace("<UnitOfMeasure>EA</UnitOfMeasure>", basis)), total="15.26")
    )
    assert cart.lines[0].amount == Decimal("15.264")
    assert cart.complaints == ()


@pytest.mark.parametrize(
    ("detail", "complaint"),
    [
        (DETAIL.replace('domain="UNSPSC"', 'domain="custom"'), "no UNSPSC code"),
        (DETAIL.replace("56112102", "5611210200"), "not eight digits"),
        (DETAIL.replace(">EA<", ">each one<"), "no UN/CEFACT code"),
        (DETAIL.replace("763.20", "1,763.20"), "plain digits"),
        (DETAIL.replace("763.20", "1E999999999"), "not a number"),
        (DETAIL.replace("763.20", "TBD"), "not a number"),
        (DETAIL.replace("763.20", "0.00"), "price is 0.00"),
        (DETAIL.replace("763.20", "763.20001"), "four decimals"),
        (DETAIL.replace('currency="EUR"', 'currency="€"'), "no ISO 4217 code"),
        (DETAIL.replace(' xml:lang="en"', ""), "no xml:lang"),
        (DETAIL.replace("With arms", "&lt;b&gt;With&lt;/b&gt; arms"), "contains HTML"),
        (DETAIL.replace("With arms", "GrÃ¶ÃŸe"), "decoded twice"),
        (DETAIL.replace("Desk chair", "x" * 51), "more than 50"),
        (DETAIL.replace("<LeadTime>3", "<LeadTime>3 days"), "not a number of days"),
        (DETAIL.replace("<LeadTime>3</LeadTime>", "") + "<LeadTime>3</LeadTime>", "order of the DTD"),
        (DETAIL + "<Weight>3</Weight>", "does not know there"),
    ],
)
def test_a_faulty_line_is_complained_about(detail, complaint):
    assert complaint in " ".join(read_order_message(a_message(an_item(detail))).complaints)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (a_message(an_item(), total="1500.00"), "lines add up to 1526.40"),
        (a_message(an_item(quantity="0"), total="0"), "quantity is 0"),
        (a_message(an_item(), an_item(), total="3052.80"), "comes 2 times"),
        (a_message(an_item(item_id="<SupplierPartID/>")), "no SupplierPartID"),
        (a_message(an_item(attributes=' parentLineNumber="9"')), "belongs to line 9"),
        (a_message(an_item(), opening=OPEN.replace("+01:00", "")), "numeric offset"),
        (a_message(an_item(), opening=OPEN.replace("+01:00", "Z")), "numeric offset"),
        (a_message(an_item(), opening=OPEN.replace('payloadID="1.2@shop.example" ', "")), "no payloadID"),
        (a_message(an_item()).replace("<UserAgent>", "<SharedSecret>x</SharedSecret><UserAgent>"), "SharedSecret"),
        (a_message(an_item(), status='<Status code="204" text="x"/>'), "carries lines"),
        (a_message(an_item()).replace("1.2.014/cXML.dtd", "nowhere"), "not a cXML DTD"),
        (" " + a_message(an_item()), "stands before"),
        (a_message(an_item(), header="<Tax><Money currency='EUR'>1</Money></Tax>"), "no Description"),
        (a_message(an_item()).replace('operationAllowed="edit"', ""), "operationAllowed"),
    ],
)
def test_a_faulty_message_is_complained_about(document, complaint):
    assert complaint in " ".join(read_order_message(document).complaints)


def test_foreign_letters_in_the_urlencoded_field_are_complained_about():
    cart = read_return_form({"cxml-urlencoded": a_message(an_item(DETAIL.replace("&#252;", "ü")))})
    assert cart.lines[0].description("de").short_name == "Bürostuhl"
    assert "outside ASCII" in cart.complaints[0]


def test_line_breaks_in_the_base64_field_are_complained_about():
    packed = base64_of(a_message(an_item()))
    cart = read_return_form({"cXML-base64": f"{packed[:76]}\r\n{packed[76:]}"})
    assert cart.complaints == ("The base64 field has line breaks or blanks inside.",)


@pytest.mark.parametrize(("mode", "total"), [("groupLevel", "1526.40"), ("itemLevel", "763.20")])
def test_a_bundle_is_counted_once(mode, total):
    parent = an_item(attributes=f' itemType="composite" compositeItemType="{mode}"')
    part = an_item(
        attributes=' itemType="item" parentLineNumber="1"', item_id="<SupplierPartID>P</SupplierPartID>", quantity="1"
    ).replace('lineNumber="1" itemType', 'lineNumber="2" itemType')
    assert read_order_message(a_message(parent, part, total=total)).complaints == ()


def test_a_cart_of_another_visit_is_noticed():
    cart = read_order_message(a_message(an_item()))
    assert complaints_for(cart, SETTINGS, "c") == ()
    assert "BuyerCookie came back" in complaints_for(cart, SETTINGS, "another")[0]
    assert "inspection only" in complaints_for(cart, SETTINGS, "c", "inspect")[0]


def test_a_message_that_gives_the_secret_away_is_noticed():
    document = a_message(an_item(DETAIL.replace("black", "s3cret")))
    settings = type(SETTINGS)(from_identity="114729", to_identity="nordlicht", sender_identity="x", secret="s3cret",
                              setup_url="", mode="test")  # fmt: skip
    assert "shared secret" in complaints_for(read_order_message(document), settings, "c")[0]


@needs_shared
def test_no_sample_makes_the_reader_stumble():
    """Read, or refused in one sentence; never a traceback."""
    read = 0
    for sample in SAMPLES.glob("*.xml"):
        for reader in (read_order_message, read_response):
            try:
                reader(sample.read_bytes())
                read += 1
            except Unreadable as error:
                assert str(error)
    assert read > 15
