from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from tests.protocol.factories import NOON
from wagtail_punchout.protocol.cxml import dtd, envelope, profile, tree
from wagtail_punchout.protocol.cxml.envelope import Status
from wagtail_punchout.protocol.cxml.profile import Profile, Transaction
from wagtail_punchout.protocol.errors import UnacceptableContent

SPOKEN = Profile(
    effective_date=NOON,
    transactions=(
        Transaction(
            name="PunchOutSetupRequest",
            url="https://shop.example/cxml/?a=1&b=2",
            options=(("operationAllowed", "create inspect edit"), ("Direct.URL", "https://shop.example/cxml/")),
        ),
        Transaction(name="ProfileRequest", url="https://shop.example/cxml/"),
    ),
)


@pytest.mark.parametrize("sent", [SPOKEN, replace(SPOKEN, options=(("Locale", "de"),))])
def test_profile_is_read_as_it_was_written(sent, dtds):
    raw = envelope.encode_response(Status(200), payload_id="1", timestamp=NOON, body=profile.encode(sent))
    assert profile.decode(envelope.decode_response(tree.parse(raw)).body) == sent
    for version in ("1.2.014", "1.2.071"):
        assert dtd.problems(raw, dtds, version) == []


@pytest.mark.parametrize("changes", [{"transactions": ()}, {"effective_date": None}])
def test_profile_that_says_nothing_is_not_written(changes):
    with pytest.raises(ValueError, match="profile"):
        profile.encode(replace(SPOKEN, **changes))


def test_profile_without_transactions_is_refused():
    with pytest.raises(UnacceptableContent, match="Transaction"):
        profile.decode(etree.fromstring("<ProfileResponse effectiveDate=''/>"))
