"""InvoiceDetailRequest: what is to be paid for an order, or given back (guide pp. 343-386)."""

from __future__ import annotations

from decimal import Decimal

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.fulfilment_parts import add_comment, add_document_reference, add_order_reference
from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.fulfilment import Invoice, InvoicedLine
from wagtail_punchout.protocol.money import Money

MODULE = "InvoiceDetail"


def encode_invoice(invoice: Invoice, *, language: str = "en") -> _Element:
    """The body; tax stands in the summary alone (guide p. 350).

    ``ValueError`` where currencies are mixed, or a quantity does not have the sign of the document (guide p. 348).
    """
    _check(invoice)
    tag = tree.language_tag(language, fallback="en")
    body = tree.element("InvoiceDetailRequest")
    header = tree.add(
        body,
        "InvoiceDetailRequestHeader",
        {
            "invoiceID": tree.clean(invoice.number),
            "purpose": "lineLevelCreditMemo" if invoice.credits else "standard",
            "operation": "new",
            "invoiceDate": timestamps.format(invoice.date),
        },
    )
    tree.add(header, "InvoiceDetailHeaderIndicator")
    tree.add(header, "InvoiceDetailLineIndicator")
    if invoice.credits:
        add_document_reference(header, invoice.credits)
    add_comment(header, invoice.comment, language)
    order = tree.add(body, "InvoiceDetailOrder")
    add_order_reference(tree.add(order, "InvoiceDetailOrderInfo"), invoice.reference)
    for number, line in enumerate(invoice.lines, start=1):
        _add_line(order, number, line, tag)
    _add_summary(body, invoice, tag)
    return body


def _add_line(order: _Element, number: int, line: InvoicedLine, tag: str) -> None:
    attributes = {"invoiceLineNumber": str(number), "quantity": plain_number(line.quantity)}
    item = tree.add(order, "InvoiceDetailItem", attributes)
    tree.add_text(item, "UnitOfMeasure", line.unit)
    tree.add_money(item, "UnitPrice", line.unit_price)
    reference = tree.add(item, "InvoiceDetailItemReference", {"lineNumber": str(line.line_number)})
    if line.sku:
        tree.add_text(tree.add(reference, "ItemID"), "SupplierPartID", line.sku)
    if line.description:
        tree.add_text(reference, "Description", line.description, {LANG: tag})
    tree.add_money(item, "SubtotalAmount", line.subtotal)


def _add_summary(body: _Element, invoice: Invoice, tag: str) -> None:
    summary = tree.add(body, "InvoiceDetailSummary")
    tree.add_money(summary, "SubtotalAmount", invoice.subtotal)
    tax = tree.add_money(summary, "Tax", invoice.tax)
    tree.add_text(tax, "Description", invoice.tax_category, {LANG: tag})
    if invoice.tax_percent is not None:
        attributes = {
            "category": tree.clean(invoice.tax_category),
            "percentageRate": plain_number(invoice.tax_percent),
        }
        detail = tree.add(tax, "TaxDetail", attributes)
        shipping = invoice.shipping or Money(Decimal(0), invoice.currency)
        tree.add_money(detail, "TaxableAmount", (invoice.subtotal + shipping).rounded())
        tree.add_money(detail, "TaxAmount", invoice.tax)
    if invoice.shipping:
        tree.add_money(summary, "ShippingAmount", invoice.shipping)
    tree.add_money(summary, "GrossAmount", invoice.gross)
    tree.add_money(summary, "NetAmount", invoice.gross)
    tree.add_money(summary, "DueAmount", invoice.gross)


def _check(invoice: Invoice) -> None:
    amounts = [each.unit_price for each in invoice.lines] + [
        invoice.tax,
        *([invoice.shipping] if invoice.shipping else []),
    ]
    if {each.currency for each in amounts} != {invoice.currency}:
        raise ValueError("an invoice has one currency")
    if not invoice.lines or any((each.quantity < 0) != bool(invoice.credits) for each in invoice.lines):
        raise ValueError("an invoice demands lines, a credit note gives them back")
