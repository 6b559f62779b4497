from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from tests.protocol.factories import CHAIR, NOON, OFFICE, SETUP, parsed, request
from wagtail_punchout.protocol.cxml import dtd, envelope, setup, tree
from wagtail_punchout.protocol.cxml.envelope import Status
from wagtail_punchout.protocol.cxml.item import ItemID
from wagtail_punchout.protocol.cxml.party import Contact
from wagtail_punchout.protocol.cxml.setup import ItemOut, Operation, Requester, SetupRequest
from wagtail_punchout.protocol.errors import NotImplementedHere, UnacceptableContent

VISIT = SetupRequest(operation=Operation.CREATE, buyer_cookie="1CX3L4843PPZO")

CASES = {
    "least": VISIT,
    "cookie-with-blanks": replace(VISIT, buyer_cookie="\n  1CX3L 4843PPZO\t"),
    "everything": SetupRequest(
        operation=Operation.EDIT,
        buyer_cookie="1CX3L4843PPZO",
        return_url="https://buyer.example/return?a=1&b=<2>",
        extrinsics=(("UserEmail", "jana@example.com"), ("CostCenter", "610")),
        contacts=(Contact(role="endUser", name="Jana Beispiel", email="jana@example.com"),),
        ship_to=OFFICE,
        selected_item=ItemID("KD5555", "variant-2"),
        lines=(
            ItemOut(item_id=ItemID("KD5555", "line-1"), quantity=Decimal("2.5"), line_number="00001"),
            ItemOut(item_id=ItemID("666"), quantity=Decimal(5), detail=CHAIR.detail),
        ),
    ),
}


@pytest.mark.parametrize("visit", CASES.values(), ids=list(CASES))
def test_request_is_read_as_it_was_written(visit, dtds):
    raw = envelope.encode_request(request(setup.encode_setup_request(visit)))
    assert setup.decode_setup_request(envelope.decode_request(tree.parse(raw)).body) == visit
    for version in ("1.2.014", "1.2.071"):
        assert dtd.problems(raw, dtds, version) == []


def read(markup: str) -> SetupRequest:
    return setup.decode_setup_request(etree.fromstring(markup))


def visit(inside: str = "", operation: str = "create") -> SetupRequest:
    return read(
        f'<PunchOutSetupRequest operation="{operation}"><BuyerCookie>c</BuyerCookie>{inside}</PunchOutSetupRequest>'
    )


def test_children_are_found_in_any_order():
    body = envelope.decode_request(parsed(SETUP)).body
    turned = etree.Element("PunchOutSetupRequest", {"operation": "edit"})
    turned.extend(reversed(list(body)))
    assert setup.decode_setup_request(turned) == setup.decode_setup_request(envelope.decode_request(parsed(SETUP)).body)


def test_blanks_are_trimmed_except_in_the_cookie():
    found = setup.decode_setup_request(envelope.decode_request(parsed(SETUP)).body)
    assert found.lines[0].item_id == ItemID("KD5555", "line-1")
    assert (
        visit("<BrowserFormPost><URL>\n https://b.example \n</URL></BrowserFormPost>").return_url == "https://b.example"
    )
    assert visit('<Extrinsic name="CostCenter "> 610 </Extrinsic>').extrinsics == (("CostCenter", "610"),)


def test_operations_are_read_in_any_case():
    assert visit(operation=" Edit").operation is Operation.EDIT


@pytest.mark.parametrize("operation", ["source", "destroy"])
def test_unknown_operation_is_answered_with_what_is_known(operation):
    with pytest.raises(NotImplementedHere, match=f"{operation}.*create, edit and inspect"):
        visit(operation=operation)


@pytest.mark.parametrize(
    ("markup", "missing"),
    [
        ("<PunchOutSetupRequest><BuyerCookie>c</BuyerCookie></PunchOutSetupRequest>", "operation"),
        ("<PunchOutSetupRequest operation='edit'/>", "BuyerCookie"),
        ("<PunchOutSetupRequest operation='edit'><BuyerCookie> </BuyerCookie></PunchOutSetupRequest>", "BuyerCookie"),
    ],
)
def test_what_is_missing_is_named(markup, missing):
    with pytest.raises(UnacceptableContent, match=missing):
        read(markup)


@pytest.mark.parametrize("quantity", ["", "-1", "two", "NaN"])
def test_lines_need_a_quantity(quantity):
    item_id = "<ItemID><SupplierPartID>KD5555</SupplierPartID></ItemID>"
    with pytest.raises(UnacceptableContent, match="quantity"):
        visit(f'<ItemOut quantity="{quantity}">{item_id}</ItemOut>')


def test_empty_selection_is_none():
    empty = "<ItemID><SupplierPartID/><SupplierPartAuxiliaryID/></ItemID>"
    assert visit(f"<SelectedItem>{empty}</SelectedItem>").selected_item is None


# Who is shopping


def asked(*contacts: Contact, ship_to: Any = None, **extrinsics: str) -> Requester:
    return setup.requester(replace(VISIT, contacts=contacts, ship_to=ship_to, extrinsics=tuple(extrinsics.items())))


def test_nobody_is_legal():
    assert asked() == Requester()


@pytest.mark.parametrize(
    ("extrinsics", "email"),
    [
        ({"UserEmail": "a@x.com", "Email": "b@x.com"}, "a@x.com"),
        ({"useremail": "a@x.com"}, "a@x.com"),
        ({"UserEmail": "jsmith", "Email": "b@x.com"}, "b@x.com"),
        ({"UserEmail": "1234@remotehost"}, "1234@remotehost"),
        ({"UserEmail": "null"}, "user@x.com"),
        ({}, "user@x.com"),
    ],
)
def test_email_is_the_first_that_is_one(extrinsics, email):
    contacts = Contact(role="technicalSupport", email="tech@x.com"), Contact(role="endUser", email="user@x.com")
    assert asked(*contacts, **extrinsics).email == email


def test_email_of_the_address_helps_out():
    assert asked(ship_to=OFFICE).email == "jana@example.com"


@pytest.mark.parametrize(
    ("contact", "extrinsics", "name"),
    [
        ("Jane Example", {"FirstName": "J", "LastName": "E"}, "Jane Example"),
        ("null Quentin null Example", {}, "Quentin Example"),
        ("Robert Null", {}, "Robert Null"),
        ("203140", {"UniqueName": "203140", "FirstName": "Jane", "LastName": "Example"}, "Jane Example"),
        ("203140", {"UniqueName": "203140"}, "203140"),
        ("", {"LastName": "Doe"}, "Doe"),
        ("", {"UserFullName": "A B", "FullName": "C D", "UniqueName": "u"}, "A B"),
        ("", {"FullName": "C D", "User": "u"}, "C D"),
        ("", {"UniqueName": "u", "User": "v"}, "u"),
        ("", {"UserEmail": "jsmith"}, "jsmith"),
    ],
)
def test_name_is_the_most_human_one(contact, extrinsics, name):
    assert asked(Contact(name=contact), **extrinsics).name == name


def test_login_in_user_email_is_the_unique_name():
    assert asked(UserEmail="jsmith").unique_name == "jsmith"
    assert asked(UserEmail="jsmith", UniqueName="John_Smith").unique_name == "John_Smith"


# The answer


@pytest.mark.parametrize("url", ["https://shop.example/punchout/start/abc/", "https://shop.example/?a=1&b=2"])
def test_answer_is_read_as_it_was_written(url, dtds):
    raw = envelope.encode_response(Status(200), payload_id="1", timestamp=NOON, body=setup.setup_response(url))
    assert setup.decode_setup_response(envelope.decode_response(tree.parse(raw)).body) == url
    for version in ("1.2.014", "1.2.071"):
        assert dtd.problems(raw, dtds, version) == []


def test_answer_without_a_start_page_is_refused():
    with pytest.raises(UnacceptableContent, match="StartPage/URL"):
        setup.decode_setup_response(setup.setup_response(" "))
