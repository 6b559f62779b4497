from __future__ import annotations

import pytest
from lxml import etree

from tests.protocol.factories import SETUP
from wagtail_punchout.protocol.cxml import tree

HIDING_PLACES = [
    "<From><Credential><SharedSecret>canary</SharedSecret></Credential></From>",
    "<Sender><SharedSecret><![CDATA[canary]]></SharedSecret></Sender>",
    "<Sender><SharedSecret1>canary</SharedSecret1></Sender>",
    "<Sender><SharedSecret value='canary'/></Sender>",
    "<Sender><SharedSecret>x<b>canary</b>canary</SharedSecret></Sender>",
    "<Sender><Credential password='canary'/></Sender>",
    "<Sender><CredentialMac type='x'>canary</CredentialMac></Sender>",
    "<Sender><DigitalSignature><ds:X xmlns:ds='urn:ds'>canary</ds:X></DigitalSignature></Sender>",
    "<Extrinsic name='UserPassword'>canary</Extrinsic>",
    "<Extrinsic name='access_TOKEN'><b>canary</b></Extrinsic>",
    "<Payment><PCard number='canary' expiration='2030-01-01'/></Payment>",
    "<Sender><!-- canary --></Sender>",
    "<e:SharedSecret xmlns:e='urn:e'>canary</e:SharedSecret>",
]


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_no_secret_survives(place):
    document = tree.parse(f"<cXML>{place}<Identity>AN01</Identity></cXML>".encode())
    kept = etree.tostring(tree.without_secrets(document.root)).decode()
    assert "canary" not in kept
    assert "AN01" in kept


def test_length_and_surroundings_stay():
    document = tree.parse(SETUP.encode())
    kept = etree.tostring(tree.without_secrets(document.root)).decode()
    assert "<SharedSecret>[struck out, 6 characters]</SharedSecret></Credential>" in kept
    assert document.root.findtext("Header/Sender/Credential/SharedSecret") == "canary"


def test_dates_of_a_mac_stay():
    mac = '<CredentialMac creationDate="2026" type="FromSenderCredentials">canary</CredentialMac>'
    kept = etree.tostring(tree.without_secrets(etree.fromstring(f"<a>{mac}</a>"))).decode()
    assert 'creationDate="2026"' in kept


@pytest.mark.parametrize(
    "broken",
    [
        "<SharedSecret>canary",
        "<SharedSecret>can<!-- x -->ary canary</SharedSecret><x",
        "<SharedSecret><![CDATA[canary]]></SharedSecret>",
        "<SharedSecret><b></b>canary",
        "SharedSecret>canary</SharedSecret>",
        "<Credential secret='canary'",
        "<Extrinsic name='Password'>canary</Extrinsic>",
        "\x00<\x00S\x00h\x00a\x00r\x00e\x00d\x00S\x00e\x00c\x00r\x00e\x00t\x00>\x00c\x00a\x00n\x00a\x00r\x00y",
    ],
)
def test_broken_documents_are_kept_without_secrets(broken):
    kept = tree.redact_text(f"<cXML>{broken}")
    assert "canary" not in kept and "<cXML>" in kept


def test_broken_documents_are_kept_short():
    kept = tree.redact_text("<cXML>" + "x" * 1_000_000 + "\ud800")
    assert "1000007 characters" in kept
    assert len(kept) < 400


def test_retry_has_the_same_fingerprint():
    again = SETUP.replace("7@buyer", "8@buyer").replace("12:00:00", "12:05:00").replace("canary", "rotated")
    assert _fingerprint(SETUP) == _fingerprint(again)


@pytest.mark.parametrize(
    "change", [("AN01", "AN02"), ("PPZO", "PPZ0"), ('quantity="2"', 'quantity="3"'), ("edit", "inspect")]
)
def test_another_request_has_another_fingerprint(change):
    assert _fingerprint(SETUP) != _fingerprint(SETUP.replace(*change))


def test_fingerprint_survives_relative_namespaces():
    assert len(_fingerprint('<a xmlns:q="relative"><q:b/></a>')) == 64


def _fingerprint(markup: str) -> str:
    return tree.fingerprint(tree.parse(markup.encode()).root)
