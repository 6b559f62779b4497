from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.protocol.factories import HEADER, NOON, SETUP, order, parsed, request
from wagtail_punchout.protocol.cxml import dtd, envelope, order_message, tree
from wagtail_punchout.protocol.cxml.envelope import Credential, CredentialMac, Message, Response, Status
from wagtail_punchout.protocol.errors import NotImplementedHere, Refused, UnacceptableContent, UnreadableDocument

SECRETLESS = replace(HEADER, sender=(Credential("NetworkId", "AN01"),))
MAC = CredentialMac(
    type="FromSenderCredentials",
    algorithm="HMAC-SHA1-96",
    creation_date="2026-03-01T11:00:00+00:00",
    expiration_date="2026-03-01T13:00:00+00:00",
    value="cR6Jpz58nriXERDN",
)


def bent(old: str, new: str) -> tree.Document:
    assert old in SETUP
    return parsed(SETUP.replace(old, new))


def same(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", with_tail=False)


# Requests


@pytest.mark.parametrize(
    "sender",
    [
        HEADER.sender,
        (Credential("DUNS", "1", " blanks kept "), Credential("NetworkId", "2")),
        (Credential("", "", mac=MAC),),
    ],
)
def test_request_is_read_as_it_was_written(sender, dtds):
    sent = request(
        '<PunchOutSetupRequest operation="create"><BuyerCookie>x</BuyerCookie></PunchOutSetupRequest>',
        header=replace(HEADER, sender=sender),
        deployment_mode="test",
    )
    raw = envelope.encode_request(sent)
    received = envelope.decode_request(tree.parse(raw))
    assert replace(received, body=sent.body) == sent
    assert same(received.body) == same(sent.body)
    assert dtd.problems(raw, dtds, "1.2.014") == []


def test_secrets_are_not_shown():
    assert "s3cr3t" not in repr(request())
    assert "cR6J" not in repr(MAC)


def test_request_says_what_stands_in_it():
    found = envelope.decode_request(parsed(SETUP))
    assert found.name == "PunchOutSetupRequest"
    assert (found.payload_id, found.timestamp) == ("7@buyer.example", "2026-03-01T12:00:00+00:00")
    assert (found.language, found.dtd_version, found.deployment_mode) == ("en-US", "1.2.014", "test")
    assert found.header.sender == (Credential("NetworkId", "AN01", "canary"),)
    assert found.header.user_agent == "Buyer 1.0"


def test_identity_is_trimmed_and_the_secret_is_not():
    document = bent(
        "<Identity>AN01</Identity><SharedSecret>canary<", "<Identity>\n AN01 </Identity><SharedSecret> can&amp;ary\t<"
    )
    assert envelope.decode_request(document).header.sender == (Credential("NetworkId", "AN01", " can&ary\t"),)


@pytest.mark.parametrize("mode", ["", ' deploymentMode=""', ' deploymentMode="Production "'])
def test_production_is_the_default(mode):
    assert envelope.decode_request(bent(' deploymentMode="test"', mode)).deployment_mode == "production"


def test_unknown_deployment_mode_is_refused():
    with pytest.raises(UnacceptableContent, match="staging"):
        envelope.decode_request(bent('deploymentMode="test"', 'deploymentMode="staging"'))


def test_version_attribute_counts_only_without_doctype():
    both = bent('<cXML payloadID="7', '<cXML version="1.1.007" payloadID="7')
    assert envelope.decode_request(both).dtd_version == "1.2.014"
    alone = parsed(both.text[both.text.index("<cXML ") :])
    assert envelope.decode_request(alone).dtd_version == "1.1.007"


@pytest.mark.parametrize("name", ["To", "UserAgent"])
def test_parts_that_real_senders_forget_may_be_missing(name):
    root = parsed(SETUP).root
    for element in root.findall(f".//{name}"):
        element.getparent().remove(element)
    header = envelope.decode_request(tree.Document(root=root)).header
    assert (header.to if name == "To" else header.user_agent) in ((), "")


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("cXML", "cxml", 406),
        ("<cXML ", '<cXML xmlns="urn:x" ', 406),
        ('Request deploymentMode="test"', "Inquiry/><Other", 406),
        ("Header>", "Haeder>", 406),
        ("From>", "form>", 406),
        ("Sender>", "sender>", 406),
        ("Identity>", "identity>", 406),
        ("PunchOutSetupRequest", "e:PunchOutSetupRequest", 406),
        ("</Header>", "</Header><Header/>", 406),
        ("<To>", "<To/><To>", 406),
        ("<From>", "<From/><From>", 406),
        ("<Sender>", "<Sender/><Sender>", 406),
        ("<SharedSecret>", "<SharedSecret>x</SharedSecret><SharedSecret>", 406),
        ("<Identity>", "<Identity>x</Identity><Identity>", 406),
        ("<Identity>AN01", "<Identity>AN<b/>01", 406),
        ("<SharedSecret>", "<SharedSecret><b/>", 406),
        ("</PunchOutSetupRequest>", "</PunchOutSetupRequest><ProfileRequest/>", 406),
        ("</cXML>", "<Message/></cXML>", 406),
        ("</Request>", "</Request><Request><ProfileRequest/></Request>", 406),
    ],
)
def test_envelopes_with_two_readings_or_none_are_refused(old, new, status):
    markup = SETUP.replace("<cXML ", '<cXML xmlns:e="urn:e" ').replace(old, new)
    with pytest.raises(Refused) as refusal:
        envelope.decode_request(parsed(markup))
    assert refusal.value.status == status


@pytest.mark.parametrize("shape", ["Message", "Response"])
def test_other_shapes_are_not_spoken_here(shape):
    with pytest.raises(NotImplementedHere, match=shape):
        envelope.decode_request(parsed(f"<cXML><Header/><{shape}/></cXML>"))


def test_unknown_requests_reach_the_caller_by_name():
    markup = SETUP.replace("PunchOutSetupRequest", "GarbageRequest")
    assert envelope.decode_request(parsed(markup)).name == "GarbageRequest"


PARTS = {
    "From": "<From><Credential domain='A'><Identity>from</Identity></Credential></From>",
    "To": "<To><Credential domain='B'><Identity>to</Identity></Credential></To>",
    "Sender": (
        "<Sender><UserAgent>U</UserAgent><Credential domain='C'>"
        "<SharedSecret>right</SharedSecret><Identity>sender</Identity></Credential></Sender>"
    ),
}
DECOYS = [
    "<Sender><Credential domain='C'><Identity>evil</Identity><SharedSecret>evil</SharedSecret></Credential></Sender>",
    "<Identity>evil</Identity>",
    "<SharedSecret>evil</SharedSecret>",
    "<Credential domain='C'><Identity>evil</Identity></Credential>",
    "<e:Sender xmlns:e='urn:e'><Identity>evil</Identity></e:Sender>",
    "<OriginalDocument><Header><Sender/><From/></Header></OriginalDocument>",
]


@given(
    st.permutations(["From", "To", "Sender"]),
    st.lists(st.tuples(st.sampled_from(["cXML", "Header", "Path", "Request"]), st.sampled_from(DECOYS)), max_size=4),
)
def test_order_and_decoys_never_change_who_is_speaking(names, decoys):
    def hidden(place: str) -> str:
        return "".join(decoy for where, decoy in decoys if where == place)

    markup = (
        f"<cXML>{hidden('cXML')}<Header>{hidden('Header')}{''.join(PARTS[name] for name in names)}"
        f"<Path>{hidden('Path')}</Path></Header><Request><X>{hidden('Request')}</X></Request></cXML>"
    )
    try:
        header = envelope.decode_request(parsed(markup)).header
    except Refused:
        assert any(where == "Header" and decoy.startswith("<Sender>") for where, decoy in decoys)
        return
    assert header.from_ == (Credential("A", "from"),)
    assert header.sender == (Credential("C", "sender", "right"),)


# Messages


def test_message_is_read_as_it_was_written(dtds):
    sent = Message(
        header=SECRETLESS,
        payload_id="1@shop.example",
        timestamp=NOON,
        language="de",
        deployment_mode="test",
        in_reply_to="7@buyer.example",
        status=Status(204, "No Content", "Nothing was changed."),
        body=order_message.encode(order()),
    )
    raw = envelope.encode_message(sent)
    received = envelope.decode_message(tree.parse(raw))
    assert replace(received, body=sent.body) == sent
    assert same(received.body) == same(sent.body)
    assert dtd.problems(raw, dtds, "1.2.014") == []


def test_message_never_holds_a_secret():
    with_proof = replace(HEADER, sender=(*HEADER.sender, Credential("NetworkId", "AN01", mac=MAC)))
    body = order_message.encode(order())
    raw = envelope.encode_message(Message(header=with_proof, payload_id="1", timestamp=NOON, body=body))
    assert b"s3cr3t" not in raw and b"Secret" not in raw and b"Mac" not in raw


# Responses


@pytest.mark.parametrize("status", [Status(200, "OK", "Ping"), Status(401, "Unauthorized", "Größe <&>", "de")])
def test_response_is_read_as_it_was_written(status, dtds):
    raw = envelope.encode_response(status, payload_id="1@shop", timestamp=NOON)
    assert envelope.decode_response(tree.parse(raw)) == Response(status=status, payload_id="1@shop")
    for version in ("1.2.014", "1.2.071"):
        assert dtd.problems(raw, dtds, version) == []


def test_canonical_phrase_is_filled_in():
    raw = envelope.encode_response(Status(560), payload_id="1", timestamp=NOON)
    assert envelope.decode_response(tree.parse(raw)).status.text == "Temporary server error"


def test_refusal_has_no_body():
    with pytest.raises(ValueError, match="401"):
        envelope.encode_response(Status(401), payload_id="1", timestamp=NOON, body=tree.element("ProfileResponse"))


@pytest.mark.parametrize(
    "response", ["", "<Status/>", "<Status code='ok'/>", "<Status code='200'/><Status code='400'/>"]
)
def test_response_without_a_clear_status_is_refused(response):
    with pytest.raises(UnreadableDocument, match="Status"):
        envelope.decode_response(parsed(f"<cXML><Response>{response}</Response></cXML>"))


@pytest.mark.parametrize(
    ("requested", "needed", "answered"),
    [
        ("1.2.040", "1.2.014", "1.2.040"),
        ("1.2.007", "1.2.014", "1.2.007"),
        ("1.1.010", "1.2.014", "1.2.014"),
        ("", "1.2.014", "1.2.014"),
        ("1.2.9/../../etc", "1.2.014", "1.2.014"),
        ("1.2.014", "1.2.048", "1.2.048"),
        ("1.2.071", "1.2.048", "1.2.071"),
    ],
)
def test_answers_name_the_version_the_buyer_knows(requested, needed, answered):
    assert envelope.answer_version(requested, needed=needed) == answered
