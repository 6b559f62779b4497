"""What a visit knows, under the names that mapping rows use for it."""

from __future__ import annotations

from wagtail_punchout.models import PunchoutSession
from wagtail_punchout.protocol.cxml import tree


def visit_facts(session: PunchoutSession) -> dict[str, str]:
    """All of ``session.…``, ``requester.…``, ``customer.…``, ``company.…`` and ``call.…``. No secret is among them."""
    customer, company = session.customer, session.company
    return {
        "session.id": session.id.hex,
        "session.language": session.language,
        "session.mode": session.mode,
        "session.operation": session.operation,
        "session.ship_to_id": (session.ship_to or {}).get("address_id", ""),
        "customer.name": customer.name,
        "customer.identity": customer.sender_identity,
        "company.code": company.code,
        "company.name": company.name,
        "company.duns": company.duns,
        "company.network_id": company.network_id,
        "company.price_group": company.inherited("price_group"),
        **{f"requester.{name}": value for name, value in session.requester.items()},
        **_open("session.extrinsic", session.extrinsics.items()),
        **_open("call", session.call.get("said", ())),
    }


def _open(prefix: str, pairs: object) -> dict[str, str]:
    return {f"{prefix}.{name}": tree.struck_if_secret(name, value) for name, value in pairs}
