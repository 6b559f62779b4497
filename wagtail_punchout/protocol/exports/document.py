"""cXML: the OrderRequest as it came, or written anew, in an envelope of our own.

The envelope it came in names the connection, and may say another mode than the one the order was taken in. Ours holds
no secret, and its ``deploymentMode`` is the order's.
"""

from __future__ import annotations

from dataclasses import replace

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import envelope, timestamps
from wagtail_punchout.protocol.cxml.order_writing import encode_order_request
from wagtail_punchout.protocol.exports import Facts
from wagtail_punchout.protocol.order import Order

USER_AGENT = "wagtail-punchout"


def order_cxml(order: Order, facts: Facts, *, supplier: envelope.Credential, body: _Element | None) -> bytes:
    """The whole file. ``body`` is the element that came, secrets struck out; it is moved into the file.

    Without one the order is written from what is known of it; ``ValueError`` says what cXML demands and it lacks.
    """
    return envelope.encode_request(
        envelope.Request(
            payload_id=f"{facts.key}.{facts.version}@{USER_AGENT}",
            timestamp=timestamps.format(facts.received),
            dtd_version=envelope.NEWER_DTD,
            deployment_mode="test" if facts.mode == "test" else "production",
            header=envelope.Header(
                from_=(envelope.Credential(facts.buyer_domain or "NetworkID", facts.buyer),),
                to=(supplier,),
                sender=(supplier,),
                user_agent=USER_AGENT,
            ),
            name="OrderRequest",
            body=_written(order, facts) if body is None else body,
        )
    )


def _written(order: Order, facts: Facts) -> _Element:
    """With the sum of the lines where no total was said, and the day it came where no date was."""
    total, date = order.total or order.lines_total, order.order_date or facts.received
    return encode_order_request(replace(order, total=total, order_date=date))
