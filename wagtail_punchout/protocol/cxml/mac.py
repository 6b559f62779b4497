"""CredentialMac: a hub vouches for a buyer who then comes directly (guide pp. 30, 48-50, 571-572).

The hub signs who comes from where and until when, with the secret it shares with us. The proof covers no more than that
and counts for anybody who holds it, so it is short-lived and good for a PunchOutSetupRequest only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from wagtail_punchout.protocol.cxml import timestamps
from wagtail_punchout.protocol.cxml.header import Credential, CredentialMac

TYPE = "FromSenderCredentials"
ALGORITHM = "HMAC-SHA1-96"

_BYTES = 96 // 8
_CASE_MATTERS = "aribanetworkuserid"  # the one domain the guide names as case-sensitive (p. 572)
_OFFSET_WITHOUT_COLON = re.compile(r"([+-]\d\d)(\d\d)$")


def compute(from_: Credential, sender: Credential, created: str, expires: str, secret: str) -> str:
    """The value over names and dates exactly as given; ``normalized`` is the caller's business."""
    parts = (from_.domain, from_.identity, sender.domain, sender.identity, created, expires)
    data = b"".join(part.encode("utf-8", "surrogatepass") + b"\0" for part in parts)
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), data, hashlib.sha1).digest()
    return base64.b64encode(digest[:_BYTES]).decode("ascii")


def normalized(credential: Credential) -> Credential:
    """Domain and identity as they enter the hash."""
    return Credential(credential.domain.strip().lower(), credential.identity.strip().lower())


def verify(
    mac: CredentialMac,
    from_: Sequence[Credential],
    sender: Credential,
    secret: str,
    *,
    now: datetime,
    max_life: timedelta = timedelta(hours=24),
    skew: timedelta = timedelta(minutes=5),
) -> bool:
    """Whether the proof is genuine and counts now. It does not say that this buyer is wanted."""
    if mac.type.lower() != TYPE.lower() or mac.algorithm.upper() != ALGORITHM or not secret:
        return False
    if not _counts_now(mac, now, max_life, skew):
        return False
    sent = mac.value.encode("utf-8", "surrogatepass")
    genuine = False
    for each in _possible(mac, from_, sender, secret):
        genuine |= hmac.compare_digest(sent, each.encode("ascii"))  # no early end: time must not tell which one fits
    return genuine


def _counts_now(mac: CredentialMac, now: datetime, max_life: timedelta, skew: timedelta) -> bool:
    created, expires = timestamps.read(mac.creation_date), timestamps.read(mac.expiration_date)
    if created is None or expires is None:
        return False
    return created <= now + skew and now - skew <= expires and timedelta(0) < expires - created <= max_life


def _possible(mac: CredentialMac, from_: Sequence[Credential], sender: Credential, secret: str) -> Iterator[str]:
    # The guide computes over dates with a colon and prints them without; and it does not say which of several From
    # credentials counts. So each is tried.
    as_sent = (mac.creation_date, mac.expiration_date)
    with_colons = (_with_colon(mac.creation_date), _with_colon(mac.expiration_date))
    for each in from_:
        for one in _spellings(each):
            for other in _spellings(sender):
                for created, expires in dict.fromkeys((as_sent, with_colons)):
                    yield compute(one, other, created, expires, secret)


def _spellings(credential: Credential) -> list[Credential]:
    plain = normalized(credential)
    return [plain, credential] if plain.domain == _CASE_MATTERS else [plain]


def _with_colon(date: str) -> str:
    return _OFFSET_WITHOUT_COLON.sub(r"\1:\2", date)
