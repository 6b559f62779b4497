"""What the fake buyer writes is valid, complete and says nothing it should not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from lxml import etree

from tests.shared import DTDS, needs_shared
from tests.testing.canned import DETAIL, SETTINGS, a_message, an_item
from wagtail_punchout.testing.documents import (
    Address,
    ItemOut,
    Setup,
    User,
    profile_request,
    punchout_setup_request,
    read_order_message,
    without_secrets,
)

ROBIN = User(first_name="Robin", last_name="Böhm", email="robin@example.com", unique_name="rb")
BERLIN = Address(
    address_id="BER-01", name="ACME & Co", deliver_to=("Robin",), street=("Weg 1",), city="Berlin", country_code="DE"
)


def a_setup(**changes) -> Setup:
    given = {"buyer_cookie": "KP:1:abc", "post_url": "https://buyer.example/hook?a=1&b=2", "user": ROBIN}
    return Setup(**given | changes)


def written(**changes) -> etree._Element:
    return etree.fromstring(punchout_setup_request(SETTINGS, a_setup(**changes)))


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", with_tail=False).replace(b"\n", b"").replace(b"  ", b"")


@needs_shared
@pytest.mark.parametrize("version", ["1.2.014", "1.2.071"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"user": User()},
        {"ship_to": BERLIN, "selected_item": ("KD5555", ""), "extrinsics": {"CostCenter": "4711"}},
        {"operation": "edit", "lines": (ItemOut(part_id="KD5555", auxiliary_id="L-1"),)},
        {"operation": "inspect", "lines": read_order_message(a_message(an_item())).item_outs()},
    ],
)
def test_a_setup_request_is_valid(version, changes):
    dtd = etree.DTD(str(DTDS / version / "cXML.dtd"))
    assert dtd.validate(written(**changes)), dtd.error_log


def test_the_envelope_names_all_parties_and_the_mode():
    root = etree.fromstring(profile_request(SETTINGS))
    identities = [element.text for element in root.iter("Identity")]
    assert identities == ["114729", "nordlicht", "punchout@shop.example"]
    assert root.findtext("Header/Sender/Credential/SharedSecret") == SETTINGS.secret
    assert root.find("Request").get("deploymentMode") == "test"


def test_a_timestamp_has_a_numeric_offset():
    at = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert b'timestamp="2026-11-22T10:00:00-05:00"' in profile_request(SETTINGS, at=at)


def test_two_documents_never_share_a_payload_id():
    first, second = (etree.fromstring(profile_request(SETTINGS)).get("payloadID") for _ in range(2))
    assert first != second


def test_the_user_travels_as_extrinsics_and_as_contact():
    request = written().find("Request/PunchOutSetupRequest")
    extrinsics = {each.get("name"): each.text for each in request.findall("Extrinsic")}
    assert extrinsics == {
        "UserEmail": "robin@example.com",
        "UniqueName": "rb",
        "FirstName": "Robin",
        "LastName": "Böhm",
    }
    assert request.findtext("Contact/Name") == "Robin Böhm"


def test_the_hook_url_keeps_its_query():
    assert written().findtext(".//BrowserFormPost/URL") == "https://buyer.example/hook?a=1&b=2"


def test_a_returned_line_goes_back_with_its_ids_and_its_whole_detail():
    [line] = read_order_message(a_message(an_item())).item_outs()
    item = written(operation="edit", lines=(line,)).find(".//ItemOut")
    assert (item.get("quantity"), item.get("lineNumber")) == ("2", "1")
    assert item.findtext("ItemID/SupplierPartAuxiliaryID") == "L-1"
    assert canonical(item.find("ItemDetail")) == canonical(etree.fromstring(f"<ItemDetail>{DETAIL}</ItemDetail>"))


def test_a_part_of_a_bundle_goes_back_as_a_part():
    bundle = an_item(attributes=' itemType="composite" compositeItemType="groupLevel"')
    [line] = read_order_message(a_message(bundle)).item_outs()
    assert written(lines=(line,)).find(".//ItemOut").get("compositeItemType") == "groupLevel"


def test_secrets_are_struck_out_and_nothing_else_changes():
    document = punchout_setup_request(SETTINGS, a_setup()).decode()
    shown = without_secrets(document)
    assert "s3cret" not in shown
    assert shown.replace("[struck out]", "s3cret &amp; &lt;more&gt;") == document


def test_a_secret_never_shows_in_a_traceback():
    assert SETTINGS.secret not in repr(SETTINGS)
