"""OrderRequests as buyers' systems write them, by hand: they share nothing with our codecs."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from tests.secret import SECRET

LINE = ("MUG-BLUE", "2", "4.50")
SHIP_TO = (
    '<ShipTo><Address addressID="DOCK-7" isoCountryCode="DE"><Name xml:lang="en">Acme</Name><PostalAddress>'
    "<DeliverTo>Jane Doe</DeliverTo><Street>Harbour Road 1</Street><City>Kiel</City><PostalCode>24103</PostalCode>"
    '<Country isoCountryCode="DE">Germany</Country></PostalAddress></Address></ShipTo>'
)


def item_out(
    number: int,
    sku: str,
    quantity: str,
    price: str,
    *,
    auxiliary_id: str = "",
    unit: str = "EA",
    currency: str = "EUR",
    text: str = "A thing",
    more: str = "",
) -> str:
    return (
        f'<ItemOut quantity="{quantity}" lineNumber="{number}"><ItemID><SupplierPartID>{escape(sku)}</SupplierPartID>'
        f"<SupplierPartAuxiliaryID>{escape(auxiliary_id)}</SupplierPartAuxiliaryID></ItemID><ItemDetail><UnitPrice>"
        f'<Money currency="{currency}">{price}</Money></UnitPrice><Description xml:lang="en">{escape(text)}'
        f"</Description><UnitOfMeasure>{unit}</UnitOfMeasure>"
        f'<Classification domain="UNSPSC">44000000</Classification></ItemDetail>{more}</ItemOut>'
    )


def order_request(
    number: str = "PO-1",
    *,
    lines: Sequence[str] = (),
    action: str = "new",
    version: str = "",
    total: str = "",
    header: str = SHIP_TO,
    more: str = "",
    sender: str = "punchout-acme@shop.example",
    secret: str = SECRET,
    from_identity: str = "buyer",
    payload_id: str = "",
    deployment_mode: str = "production",
    timestamp: str = "2026-11-26T10:00:00+00:00",
    attributes: str = "",
) -> str:
    given = f" orderVersion={quoteattr(version)}" if version else ""
    money = f'<Total><Money currency="EUR">{total}</Money></Total>' if total else ""
    items = "".join(lines or (item_out(1, *LINE),))
    payload_id = payload_id or f"{number}.{version or 1}.{action}@buyer.example.com"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">\n'
        f'<cXML payloadID="{payload_id}" timestamp="{timestamp}" xml:lang="en-US"><Header>'
        f'<From><Credential domain="NetworkID"><Identity>{from_identity}</Identity></Credential></From>'
        '<To><Credential domain="DUNS"><Identity>123456789</Identity></Credential></To>'
        f'<Sender><Credential domain="NetworkID"><Identity>{sender}</Identity>'
        f"<SharedSecret>{escape(secret)}</SharedSecret></Credential><UserAgent>Test Buyer</UserAgent></Sender></Header>"
        f'<Request deploymentMode="{deployment_mode}"><OrderRequest><OrderRequestHeader orderID={quoteattr(number)} '
        f'orderDate="2026-11-26T09:59:00+00:00" type="{action}"{given}{attributes}>{money}{header}{more}'
        f"</OrderRequestHeader>{items}</OrderRequest></Request></cXML>"
    )
