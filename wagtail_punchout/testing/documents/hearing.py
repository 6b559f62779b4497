"""What a supplier sends after an order, as a buyer's system reads it: hard, and with complaints."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from lxml import etree

from wagtail_punchout.testing.documents.opening import Unreadable, open_document, text_of

KINDS = ("ConfirmationRequest", "ShipNoticeRequest", "StatusUpdateRequest", "InvoiceDetailRequest")
_CONFIRMED = {"accept", "reject", "except", "detail", "allDetail", "backordered"}


@dataclass(frozen=True, slots=True)
class HeardLine:
    """What is said of (a part of) one line: ``what`` is accept, reject, backordered, detail, shipped or invoiced.

    ``amount`` is what an invoice asks for it.
    """

    number: int
    what: str
    quantity: Decimal
    note: str = ""
    unit: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One document. ``secret`` is what its Sender shows: whoever takes the document checks it."""

    kind: str
    payload_id: str
    number: str
    operation: str = "new"
    order_number: str
    order_payload_id: str
    says: str
    note: str = ""
    lines: tuple[HeardLine, ...] = ()
    sender: str = ""
    secret: str = field(default="", repr=False)
    document: str = ""
    complaints: tuple[str, ...] = ()


def read_supplier_document(raw: bytes) -> Heard:
    """Read it; ``Unreadable`` when it is none of those a buyer takes."""
    opened = open_document(raw)
    # A request is the one document that may carry a secret.
    complaints = [each for each in opened.complaints if "SharedSecret" not in each]
    request = opened.root.find("Request")
    body = request[0] if request is not None and len(request) else None
    if body is None or body.tag not in KINDS:
        raise Unreadable(f"Nothing of this kind is taken: {'no Request' if body is None else body.tag}.")
    reference = next(body.iter("OrderReference"), None)
    header = next(iter(body), body)
    number = header.get("confirmID") or header.get("shipmentID") or header.get("invoiceID") or ""
    says, lines = _read(body, complaints)
    document_of_order = reference if reference is not None else body
    if reference is None and body.tag != "StatusUpdateRequest":
        complaints.append("The document does not say which order it is about.")
    if not number and body.tag != "StatusUpdateRequest":
        complaints.append("The document has no number of its own.")
    replaced = document_of_order.find("DocumentReference")
    return Heard(
        kind=body.tag,
        payload_id=opened.payload_id,
        number=number,
        operation=header.get("operation", "new"),
        order_number=reference.get("orderID", "") if reference is not None else "",
        order_payload_id=replaced.get("payloadID", "") if replaced is not None else "",
        says=says,
        note=text_of(header, "Comments"),
        lines=tuple(lines),
        sender=text_of(opened.root, "Header/Sender/Credential/Identity"),
        secret=text_of(opened.root, "Header/Sender/Credential/SharedSecret"),
        document=opened.source,
        complaints=tuple(complaints),
    )


def response(code: int, text: str, sentence: str, *, payload_id: str, timestamp: str) -> bytes:
    """What a buyer's system answers with."""
    root = etree.Element("cXML", payloadID=payload_id, timestamp=timestamp)
    status = etree.SubElement(etree.SubElement(root, "Response"), "Status", code=str(code), text=text)
    status.text = sentence
    doctype = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">'
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=doctype)


def _read(body: etree._Element, complaints: list[str]) -> tuple[str, list[HeardLine]]:
    return {
        "ConfirmationRequest": _confirmation,
        "ShipNoticeRequest": _ship_notice,
        "InvoiceDetailRequest": _invoice,
        "StatusUpdateRequest": _status,
    }[body.tag](body, complaints)


def _confirmation(body: etree._Element, complaints: list[str]) -> tuple[str, list[HeardLine]]:
    says = next(iter(body), body).get("type", "")
    if says not in _CONFIRMED:
        complaints.append(f"A confirmation cannot be of the type “{says}”.")
    lines = []
    for item in body.findall("ConfirmationItem"):
        number, ordered = _whole(item.get("lineNumber")), _decimal(item.get("quantity"))
        states = item.findall("ConfirmationStatus")
        for state in states:
            price = text_of(state, "UnitPrice/Money")
            date = state.get("deliveryDate", "")[:10]
            note = " ".join(filter(None, [price, date, text_of(state, "Comments")]))
            unit = text_of(state, "UnitOfMeasure")
            lines.append(HeardLine(number, state.get("type", ""), _decimal(state.get("quantity")), note, unit))
        if sum((_decimal(each.get("quantity")) for each in states), Decimal(0)) != ordered:
            complaints.append(f"The parts of line {number} do not add up to its quantity.")
    if says in ("except", "detail") and not lines:
        complaints.append(f"A confirmation of the type “{says}” must name lines.")
    return says, lines


def _ship_notice(body: etree._Element, complaints: list[str]) -> tuple[str, list[HeardLine]]:
    header = next(iter(body), body)
    for name in ("shipmentDate", "deliveryDate"):
        if not header.get(name):
            complaints.append(f"The ship notice has no {name}.")
    carrier, tracking = text_of(body, "ShipControl/CarrierIdentifier"), text_of(body, "ShipControl/ShipmentIdentifier")
    note = f"{carrier} {tracking}".strip()
    lines = [
        HeardLine(
            _whole(each.get("lineNumber")),
            "shipped",
            _decimal(each.get("quantity")),
            note,
            text_of(each, "UnitOfMeasure"),
        )
        for each in body.iter("ShipNoticeItem")
    ]
    return " ".join(filter(None, [header.get("fulfillmentType", ""), note])), lines


def _invoice(body: etree._Element, complaints: list[str]) -> tuple[str, list[HeardLine]]:
    lines, total = [], Decimal(0)
    for item in body.iter("InvoiceDetailItem"):
        reference = item.find("InvoiceDetailItemReference")
        number = _whole(reference.get("lineNumber") if reference is not None else "")
        subtotal, quantity = text_of(item, "SubtotalAmount/Money"), _decimal(item.get("quantity"))
        unit = text_of(item, "UnitOfMeasure")
        lines.append(HeardLine(number, "invoiced", quantity, subtotal, unit, _decimal(subtotal)))
        total += _decimal(subtotal)
    summary = body.find("InvoiceDetailSummary")
    said = {name: _decimal(text_of(summary, f"{name}/Money")) for name in ("SubtotalAmount", "Tax", "NetAmount")}
    if said["SubtotalAmount"] != total:
        complaints.append("The lines do not add up to the SubtotalAmount.")
    freight = _decimal(text_of(summary, "ShippingAmount/Money"))
    if said["SubtotalAmount"] + said["Tax"] + freight != said["NetAmount"]:
        complaints.append("Goods, tax and freight do not add up to the NetAmount.")
    return text_of(summary, "NetAmount/Money"), lines


def _status(body: etree._Element, complaints: list[str]) -> tuple[str, list[HeardLine]]:
    status = body.find("Status")
    if status is None:
        complaints.append("A status update without a Status says nothing.")
        return "", []
    return f"{status.get('code', '')} {status.get('text', '')} {text_of(status)}".strip(), []


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _decimal(text: str | None) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)
