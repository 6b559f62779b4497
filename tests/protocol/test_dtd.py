from __future__ import annotations

import pytest

from tests.hanging import never_hangs
from tests.protocol.factories import message_bytes, order
from wagtail_punchout.protocol.cxml import dtd
from wagtail_punchout.protocol.errors import Refused

DOCUMENT = message_bytes(order())


def test_findings_name_line_and_element(dtds):
    bent = DOCUMENT.replace(b"<UserAgent>Buyer 1.0</UserAgent>", b"")
    (finding,) = dtd.problems(bent, dtds, "1.2.071")
    assert finding.startswith("line 3: Element Sender content does not follow the DTD")


def test_nearest_version_that_is_not_older_counts(dtds):
    newer = DOCUMENT.replace(b"</SupplierPartAuxiliaryID>", b"</SupplierPartAuxiliaryID><BuyerPartID>x</BuyerPartID>")
    assert dtd.validator(dtds, "1.2.015")(newer) != []  # 1.2.020 does not know BuyerPartID
    assert dtd.validator(dtds, "1.2.021")(newer) == []
    assert dtd.validator(dtds, "9.9.999")(newer) == []


@pytest.mark.parametrize("version", ["../../etc", "", "1.2.014/../../x"])
def test_the_senders_version_is_no_path(dtds, version):
    assert isinstance(dtd.problems(DOCUMENT, dtds, version), list)


def test_missing_module_is_told(dtds):
    with pytest.raises(LookupError, match=r"Nonsense\.dtd"):
        dtd.validator(dtds, "1.2.014", "Nonsense")


def test_other_modules_check_other_documents(dtds):
    response = b'<cXML payloadID="1" timestamp="2"><Response><Status code="200" text="OK"/></Response></cXML>'
    for module in ("cXML", "Fulfill", "InvoiceDetail"):
        assert dtd.problems(response, dtds, "1.2.071", module) == []


def test_entities_do_not_reach_the_validator(dtds):
    with pytest.raises(Refused):
        dtd.problems(b'<!DOCTYPE cXML [<!ENTITY x SYSTEM "file:///etc/passwd">]><cXML>&x;</cXML>', dtds, "1.2.071")


def test_of_a_hundred_thousand_findings_a_hundred_are_told(dtds):
    raw = b'<cXML payloadID="1" timestamp="2">' + b"<x/>" * 190_000 + b"</cXML>"
    with never_hangs():
        assert len(dtd.problems(raw, dtds, "1.2.071")) == 100
