from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from wagtail_punchout.protocol.cxml import mac
from wagtail_punchout.protocol.cxml.envelope import Credential, CredentialMac

# The example of the guide (pp. 571-572), recomputed.
BUYER = Credential("NetworkId", " AN9900000100 ")
SECRET = "abracadabra"
PROOF = CredentialMac(
    type="FromSenderCredentials",
    algorithm="HMAC-SHA1-96",
    creation_date="2003-01-15T08:42:46-08:00",
    expiration_date="2003-01-15T11:42:46-08:00",
    value="cR6Jpz58nriXERDN",
)
WITHOUT_COLONS = replace(PROOF, creation_date="2003-01-15T08:42:46-0800", expiration_date="2003-01-15T11:42:46-0800")
NOW = datetime.fromisoformat("2003-01-15T10:00:00-08:00")


def is_genuine(proof: CredentialMac = PROOF, *, from_=(BUYER,), sender=BUYER, secret=SECRET, now=NOW) -> bool:
    return mac.verify(proof, from_, sender, secret, now=now)


def test_value_is_that_of_the_guide():
    assert mac.compute(*[mac.normalized(BUYER)] * 2, PROOF.creation_date, PROOF.expiration_date, SECRET) == PROOF.value


@pytest.mark.parametrize("proof", [PROOF, WITHOUT_COLONS, replace(WITHOUT_COLONS, value="LCn7axI2CgWs6QTT")])
def test_both_spellings_of_the_dates_are_taken(proof):
    assert is_genuine(proof)


def test_any_of_the_from_credentials_may_be_the_one():
    assert is_genuine(from_=(Credential("DUNS", "1"), BUYER))


def test_case_counts_where_the_guide_says_so():
    user = Credential("AribaNetworkUserId", "Admin@Acme.com")
    value = mac.compute(user, user, PROOF.creation_date, PROOF.expiration_date, SECRET)
    assert is_genuine(replace(PROOF, value=value), from_=(user,), sender=user)


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "Abracadabra"},
        {"secret": ""},
        {"from_": ()},
        {"from_": (Credential("NetworkId", "AN9900000101"),)},
        {"sender": Credential("DUNS", "AN9900000100")},
        {"proof": replace(PROOF, value="")},
        {"proof": replace(PROOF, value="ü")},
        {"proof": replace(PROOF, type="Other")},
        {"proof": replace(PROOF, algorithm="HMAC-MD5")},
        {"proof": replace(PROOF, expiration_date="never")},
        {"proof": replace(PROOF, expiration_date="2003-01-15T11:42:47-08:00")},
    ],
)
def test_anything_else_is_no_proof(changes):
    assert not is_genuine(**changes)


def test_proof_counts_between_its_dates_and_five_minutes_more():
    minutes = [-6, -4, 184, 186]
    created = datetime.fromisoformat(PROOF.creation_date)
    assert [is_genuine(now=created + timedelta(minutes=each)) for each in minutes] == [False, True, True, False]


def test_long_lived_proof_is_refused():
    expires = "2003-01-16T08:42:47-08:00"
    value = mac.compute(*[mac.normalized(BUYER)] * 2, PROOF.creation_date, expires, SECRET)
    assert not is_genuine(replace(PROOF, expiration_date=expires, value=value))
