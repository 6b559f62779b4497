"""ShipNoticeRequest: goods are on their way (guide pp. 315-336)."""

from __future__ import annotations

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.fulfilment_parts import add_comment, add_order_reference, dates
from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.fulfilment import ShipNotice

MODULE = "Fulfill"


def encode_ship_notice(notice: ShipNotice, *, language: str = "en") -> _Element:
    """The body. A notice needs dates and a service level (guide pp. 316-319).

    ``ValueError`` where a line is named twice or is empty, or a carrier or tracking number stands alone.
    """
    _check(notice)
    tag = tree.language_tag(language, fallback="en")
    body = tree.element("ShipNoticeRequest")
    header = tree.add(
        body,
        "ShipNoticeHeader",
        {
            "shipmentID": tree.clean(notice.number),
            "operation": "new",
            "noticeDate": timestamps.format(notice.notice_date),
            **dates(shipmentDate=notice.shipment_date, deliveryDate=notice.delivery_date),
            "shipmentType": "actual",
            "fulfillmentType": "complete" if notice.is_complete else "partial",
        },
    )
    tree.add_text(header, "ServiceLevel", "standard", {LANG: tag})
    add_comment(header, notice.comment, language)
    if notice.tracking_numbers:
        control = tree.add(body, "ShipControl")
        if notice.scac:
            tree.add_text(control, "CarrierIdentifier", notice.scac, {"domain": "SCAC"})
        if notice.carrier:
            tree.add_text(control, "CarrierIdentifier", notice.carrier, {"domain": "companyName"})
        for number in notice.tracking_numbers:
            tree.add_text(control, "ShipmentIdentifier", number)
    portion = tree.add(body, "ShipNoticePortion")
    add_order_reference(portion, notice.reference)
    for line in notice.lines:
        attributes = {"lineNumber": str(line.line_number), "quantity": plain_number(line.quantity)}
        tree.add_text(tree.add(portion, "ShipNoticeItem", attributes), "UnitOfMeasure", line.unit)
    return body


def _check(notice: ShipNotice) -> None:
    if bool(notice.carrier or notice.scac) != bool(notice.tracking_numbers):
        raise ValueError("ShipControl names a carrier and a shipment, or is left out")
    if len({each.line_number for each in notice.lines}) != len(notice.lines):
        raise ValueError("a line is named twice")
    if any(each.quantity <= 0 for each in notice.lines):
        raise ValueError("nothing is shipped of a line")
