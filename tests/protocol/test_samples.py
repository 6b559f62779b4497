"""Documents of real senders, and what a person reads in them.

The table of setup requests was typed from the files, so it can disagree with the code. Other documents only have to
come through: to a value, or to a refusal that says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from tests.shared import SAMPLES, needs_shared
from wagtail_punchout.protocol.cxml import envelope, order_message, profile, setup, timestamps, tree
from wagtail_punchout.protocol.errors import Refused, UnreadableDocument

pytestmark = needs_shared


@dataclass(frozen=True, kw_only=True)
class Visit:
    cookie: str
    url: str = ""
    email: str = ""
    name: str = ""
    ship_to: tuple[str, str] | None = None  # addressID, City
    selected: str = ""
    lines: int = 0
    operation: str = "create"
    mode: str = "production"
    sender: str
    secret: str


METROPOLIS = ("", "Metropolis")
ARIBA_RETURN = (
    "https://s1-eu.ariba.com/Buyer/punchout"
    "?client=HTML.E7956A53DA0600904DC5B8B02445CF2F.Node14app299eu1&responseid=a&locale=en"
)
IESA = Visit(
    cookie="demoSCAWIGP",
    url="http://return_to_supplier_url.com",
    sender="88888888",
    secret="{shared secret in here}",
)

VISITS = {
    "ariba-buyer-14s2-posr-multi-credential.xml": Visit(
        cookie="1TEZ7HFKTBP2M",
        url=ARIBA_RETURN,
        email="Jana.Beispiel@example.com",
        name="HG0031048",
        ship_to=("0100", "Hamburg"),
        selected="AAA",
        sender="CHILD1",
        secret="fakesecret89",
    ),
    "ariba-orms-6.1-posr.xml": Visit(
        cookie="1CX3L4843PPZO",
        url="http://kit08wmisd:5556/web/viewshoppingcart.jsp",
        email="SysAdmin@example.com",
        name="CLTRGS:Example,Ray",
        ship_to=("NGALL:BAL13", "Charlotte"),
        sender="sysadmin@ariba.com",
        secret="fakesecret",
    ),
    "ariba-style-posr-edit-two-items.xml": Visit(
        operation="edit",
        cookie="edit-cookie-456",
        url="https://buyer.ariba.com/punchback",
        lines=2,
        sender="buyer-org",
        secret="test-secret",
    ),
    "birchstreet-posr-2016.xml": Visit(
        cookie="x-yz-2016-16-34-19-286-BABABUBAM",
        url="https://example.com/receive-itemsp-unchout",
        sender="superman42",
        secret="12345",
    ),
    "business-cxml-punchoutsetup1-request.xml": Visit(
        cookie="buyer1234",
        url="https://example.com/punchout_return",
        email="1234@remotehost",
        name="John Smith",
        ship_to=METROPOLIS,
        sender="remotehost",
        secret="password",
    ),
    "business-cxml-punchoutsetup2-request.xml": Visit(
        cookie="buyer1234",
        url="https://example.com/punchout_return",
        email="1234@remotehost",
        name="John Smith",
        ship_to=METROPOLIS,
        mode="test",
        sender="remotehost",
        secret="password",
    ),
    "business-cxml-punchoutsetup3-request.xml": Visit(
        cookie="buyer1234",
        url="https://example.com/punchout_return",
        email="1234@remotehost",
        name="John Smith",
        ship_to=METROPOLIS,
        mode="test",
        sender="remotehost",
        secret="password",
    ),
    "business-cxml-punchoutsetup4-request.xml": Visit(
        cookie="buyer1234",
        url="https://example.com/punchout_return",
        email="1234@remotehost",
        name="jsmith",
        ship_to=METROPOLIS,
        mode="test",
        sender="remotehost",
        secret="password",
    ),
    "business-cxml-punchoutsetup5-request.xml": Visit(
        cookie="buyer1234", email="1234@remotehost", mode="test", sender="remotehost", secret="password"
    ),
    "business-cxml-punchoutsetup6-request.xml": Visit(
        cookie="buyer1234", email="1234@remotehost", name="John", mode="test", sender="remotehost", secret="password"
    ),
    "business-cxml-punchoutsetup7-request.xml": Visit(
        cookie="buyer1234", name="John Smith", mode="test", sender="remotehost", secret="password"
    ),
    "buyerquest-posr-2016-truncated.xml": 406,
    "coupa-posr-2008-rfc2822-timestamp.xml": Visit(
        cookie="c64af92dc27e68172e030d3dfd1bc944",
        url="https://qa.coupahost.com/punchout/checkout/4",
        email="jim@example.com",
        name="Jim Halpert",
        sender="coupa-t",
        secret="test",
    ),
    "coupa-posr-2020-indented-before-declaration.xml": Visit(
        cookie="99ea3c4c8cf9f6dc905a6b6772daa0d1",
        url="https://example-demo.coupacloud.com/punchout/checkout?id=2",
        email="jane.example@example.com",
        name="Jane Anne Example",
        sender="COUPA1",
        secret="FAKE-SECRET",
    ),
    "coupa-posr-2024-shipto.xml": Visit(
        cookie="99df85a3c958a552b26ba6dc04a9242f",
        url="https://carmax.coupahost.com/punchout/checkout?id=27",
        email="Jane_Example@example.com",
        name="Jane Example",
        ship_to=("171210", "White Marsh"),
        sender="identityFromApi",
        secret="SharedSecretFromApi",
    ),
    "cxml-1.1.010-example-PunchOutSetupRequest.xml": Visit(
        cookie="34234234ADFSDF234234",
        url="http://ariba.acme.com:1616/punchoutexit",
        sender="admin@acme.com",
        secret="coyote",
    ),
    "foc-posr-selecteditem-and-itemout.xml": Visit(
        cookie="550bce3e592023b2e7b015307f965133",
        url="https://prominate-platform.com/hook-url",
        email="john-doe@domain.com",
        ship_to=("", "Sunnyvale"),
        selected="4545321",
        lines=2,
        mode="test",
        sender="inbound@prominate-platform.com",
        secret="s3cr3t",
    ),
    "guide-1.2.051-posr-edit.xml": Visit(
        operation="edit",
        cookie="1CX3L4843PPZO",
        url="https://bigbuyer.com:2600/punchout?client=NAwliuo",
        name="John_Smith",
        lines=1,
        sender="AN200001",
        secret="abracadabra",
    ),
    "iesa-posr-2007-no-doctype.xml": IESA,
    "iesa-posr-2007-shipto.xml": Visit(
        cookie="demoSCAWIGP",
        url="http://return_to_supplier_url.com",
        email="jmadden@example.com",
        ship_to=("3119", "san leandro"),
        sender="88888888",
        secret="{shared secret in here}",
    ),
    "nickyhk4you-posr-synthetic.xml": Visit(
        cookie="BUYER_COOKIE_TEST_001",
        url="https://buyer.example.com/cart/return",
        email="test.user@example.com",
        name="Test User",
        sender="AN01000000001",
        secret="secret123",
    ),
    "oracle-exchange-posr-2022-one-line.xml": Visit(
        cookie="12345678",
        url="https://osn.com",
        email="quentin.example@example.com",
        name="Quentin Example",
        sender="testexchange.oracle.com",
        secret="Fake&Secret",
    ),
    "powerschool-posr-2012-no-offset.xml": Visit(
        cookie="V02360_GARY_A_PR.SEED_GLJL_101250_5001_RSO_PR_RSO_True_GEN__",
        url="http://localhost/Ifas7/punchout/receiver.aspx",
        sender="POWERSCHOOLtestid",
        secret="FAKE_S3cr3t",
    ),
    "punchoutcommerce-style-PunchOutSetupRequest.xml": Visit(
        cookie="550bce3e592023b2e7b015307f965133",
        url="https://example.com/cxml_cart",
        email="jdoe@example.com",
        name="John Doe",
        ship_to=("TEST", "Mountain View"),
        sender="buyer",
        secret="fake1s$ecR",
    ),
    "purchasingplatform-posr.xml": Visit(
        cookie="fookie",
        url="https://buyer.host/endpoint",
        email="user@e.mail",
        name="foouser",
        ship_to=("address_id", "Chicago"),
        sender="from",
        secret="shared_foo",
    ),
}

# Carts of other shops: lines, Total, currency.
CARTS = {
    "6mils-poom-duplicate-lines.xml": (2, "763.20", "USD"),
    "business-cxml-punchoutorder-message.xml": (1, "0.00", "USD"),
    "business-cxml-punchoutorder2-message.xml": (0, "12.99", "CAD"),
    "foc-poom-pricebasisquantity.xml": (1, "104.99", "USD"),
    "globalindustrial-poom-2018-single.xml": (1, "455.95", "USD"),
    "poom-lowercase-root-empty.xml": 406,
}

STATUSES = {
    "6mils-orderresponse-400.xml": 400,
    "business-cxml-unauthorized-response.xml": 401,
    "business-cxml-unknown-response.xml": 450,
    "business-cxml-ping-response.xml": 200,
    "globalindustrial-setupresponse-cdata-url.xml": 200,
}


def document(name: str) -> tree.Document:
    return tree.parse((SAMPLES / name).read_bytes())


def test_every_setup_request_is_in_the_table():
    written = {
        path.name for path in SAMPLES.glob("*.xml") if "<PunchOutSetupRequest" in path.read_text(errors="replace")
    }
    assert written == set(VISITS) and len(VISITS) == 25


@pytest.mark.parametrize(("name", "read"), VISITS.items())
def test_setup_request_says_what_a_person_reads(name, read):
    if read == 406:
        with pytest.raises(UnreadableDocument, match="ends before its last end tag"):
            document(name)
        return
    request = envelope.decode_request(document(name))
    visit = setup.decode_setup_request(request.body)
    person = setup.requester(visit)
    assert request.name == "PunchOutSetupRequest"
    assert (
        Visit(
            operation=visit.operation.value,
            cookie=visit.buyer_cookie,
            url=visit.return_url,
            email=person.email,
            name=person.name,
            ship_to=(visit.ship_to.address_id, visit.ship_to.city) if visit.ship_to else None,
            selected=visit.selected_item.supplier_part_id if visit.selected_item else "",
            lines=len(visit.lines),
            mode=request.deployment_mode,
            sender=request.header.sender[0].identity,
            secret=request.header.sender[0].shared_secret or "",
        )
        == read
    )


@pytest.mark.parametrize(("name", "read"), CARTS.items())
def test_cart_says_what_a_person_reads(name, read):
    if read == 406:
        with pytest.raises(UnreadableDocument, match="must be cXML, not cxml"):
            envelope.decode_message(document(name))
        return
    cart = order_message.decode(envelope.decode_message(document(name)).body)
    assert (len(cart.lines), str(cart.total.amount), cart.total.currency) == read


@pytest.mark.parametrize(("name", "code"), STATUSES.items())
def test_answer_says_what_a_person_reads(name, code):
    assert envelope.decode_response(document(name)).status.code == code


def test_several_credentials_are_all_kept():
    header = envelope.decode_request(document("ariba-buyer-14s2-posr-multi-credential.xml")).header
    assert [each.domain for each in header.from_] == ["SystemID", "NetworkId", "EndPointID"]
    assert [each.identity for each in header.to] == ["0000001524", "0000001524", "an01685232445-t", "an01685232445-t"]
    assert {each.shared_secret for each in header.sender} == {"fakesecret89"}


def test_lines_that_come_back_have_their_names():
    lines = setup.decode_setup_request(envelope.decode_request(document("guide-1.2.051-posr-edit.xml")).body).lines
    assert [(each.item_id.supplier_part_id, each.item_id.supplier_part_auxiliary_id) for each in lines] == [
        ("220-6338", "E000028901")
    ]


def test_utf_8_under_a_false_label_is_read():
    found = document("oracle-ebs-orderrequest-2015-iso8859-15.xml")
    assert (found.encoding, found.system_id) == ("utf-8", "cXML.dtd")
    assert "\ufffd" not in found.text and "Ã" not in found.text


def _read(path: Path) -> object:
    found = tree.parse(path.read_bytes())
    if found.root.find("Request") is not None:
        return envelope.decode_request(found)
    if found.root.find("Message") is not None:
        return order_message.decode(envelope.decode_message(found).body)
    response = envelope.decode_response(found)
    if response.body is not None and response.body.tag == "ProfileResponse":
        return profile.decode(response.body)
    if response.body is not None and response.body.tag == "PunchOutSetupResponse":
        return setup.decode_setup_response(response.body)
    return response


# Broken markup; a Response without Status; an empty start URL; roots other than cXML.
REFUSED = {
    "business-cxml-unintelligible-response.xml",
    "business-cxml-garbage-response.xml",
    "business-cxml-punchoutsetup2-response.xml",
    "buyerquest-posr-2016-truncated.xml",
    "cxml-1.1.010-example-Index.xml",
    "foc-index-add.xml",
    "guide-1.2.051-getpendingresponse-inline.xml",
    "poom-lowercase-root-empty.xml",
}


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("*.xml")) or [None], ids=lambda path: path.name if path else "none"
)
def test_every_sample_comes_through_or_is_refused_with_a_reason(path):
    if path.name in REFUSED:
        with pytest.raises(Refused) as refusal:
            _read(path)
        assert len(refusal.value.sentence) > 20
    else:
        assert _read(path) is not None


@pytest.mark.parametrize(
    "path", sorted(SAMPLES.glob("*.xml")) or [None], ids=lambda path: path.name if path else "none"
)
def test_every_sample_is_kept_without_its_secrets(path):
    try:
        root = tree.parse(path.read_bytes()).root
    except Refused:
        return
    kept = [each.text for each in tree.without_secrets(root).iter("SharedSecret")]
    assert all(text is None or text.startswith("[struck out") for text in kept)
    assert len(tree.fingerprint(root)) == 64


def test_every_time_is_read_except_the_mock():
    sent = {etree.parse(path).getroot().get("timestamp") for path in SAMPLES.glob("purchasingplatform-*.xml")}
    assert sent == {"timestamp_mock"}
    for path in SAMPLES.glob("*-posr*.xml"):
        try:
            raw = tree.parse(path.read_bytes()).root.get("timestamp")
        except Refused:
            continue
        assert (timestamps.read(raw) is None) == (raw == "timestamp_mock")
