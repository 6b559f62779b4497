"""UBL 2.1 Order, as ERPs of Europe's public buyers and many others read it (OASIS, 2013).

Elements stand in the order of the schema. What UBL demands and the order does not say is said in the plainest way.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.protocol.cxml.item import plain_number
from wagtail_punchout.protocol.exports import Facts
from wagtail_punchout.protocol.exports.ubl_parts import (
    CAC,
    CBC,
    add,
    add_address,
    add_given,
    add_money,
    add_party,
    add_period,
    add_tax,
    add_tax_category,
    part,
)
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import Order, OrderLine, PaymentTerm, ScheduleLine

ORDER = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
#: UN/ECE 1001, as Peppol wants it.
TYPE_CODES = {"regular": "220", "blanket": "221", "release": "226"}
NAME_LENGTH = 100


def order_ubl(order: Order, facts: Facts, *, supplier: str) -> bytes:
    """The whole file; ``ValueError`` for an order without lines, of which UBL knows none."""
    if not order.lines:
        raise ValueError("the order has no lines")
    root = etree.Element(f"{{{ORDER}}}Order", nsmap={None: ORDER, "cac": CAC, "cbc": CBC})  # type: ignore[dict-item]
    _add_facts(root, order, facts)
    _add_references(root, order)
    _add_parties(root, order, facts, supplier)
    _add_delivery(root, order)
    _add_conditions(root, order)
    _add_total(root, order)
    for line in order.lines:
        _add_line(root, line)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_facts(root: _Element, order: Order, facts: Facts) -> None:
    ordered = order.order_date or facts.received
    total = order.total or order.lines_total
    add(root, "UBLVersionID", "2.1")
    add(root, "ID", order.order_id)
    add(root, "UUID", facts.key)
    add(root, "IssueDate", ordered.date().isoformat())
    add(root, "IssueTime", ordered.timetz().isoformat(timespec="seconds"))
    if code := TYPE_CODES.get(order.order_type):
        add(root, "OrderTypeCode", code, listID="UNCL1001")
    if facts.mode == "test":
        add(root, "Note", "TEST ORDER - not to be delivered")
    if facts.state in ("held", "refused", "cancelled"):
        add(root, "Note", f"{facts.state.upper()} - not to be delivered")
    add_given(root, *(("Note", each.text) for each in order.comments))
    if total:
        add(root, "DocumentCurrencyCode", total.currency)
    add(root, "LineCountNumeric", str(len(order.lines)))


def _add_references(root: _Element, order: Order) -> None:
    add_period(root, "ValidityPeriod", order.effective_date, order.expiration_date)
    if order.requisition_id:
        add(part(root, "OriginatorDocumentReference"), "ID", order.requisition_id)
    if order.agreement_id:
        add(part(root, "Contract"), "ID", order.agreement_id)


def _add_parties(root: _Element, order: Order, facts: Facts, supplier: str) -> None:
    name = facts.company or facts.buyer
    contact = order.contacts[0] if order.contacts else None
    buyer = part(root, "BuyerCustomerParty")
    add_party(buyer, name, number=facts.company_code, address=order.bill_to, contact=contact)
    add_party(part(root, "SellerSupplierParty"), supplier)
    if order.bill_to:
        add_party(part(root, "AccountingCustomerParty"), order.bill_to.name or name, address=order.bill_to)


def _add_delivery(root: _Element, order: Order) -> None:
    begin = order.requested_delivery or order.delivery_begin
    if not (order.ship_to or begin or order.delivery_end):
        return
    delivery = part(root, "Delivery")
    if order.ship_to:
        add_address(part(delivery, "DeliveryAddress"), order.ship_to)
    add_period(delivery, "RequestedDeliveryPeriod", begin, order.delivery_end)
    if order.ship_to and order.ship_to.name:
        add(part(part(delivery, "DeliveryParty"), "PartyName"), "Name", order.ship_to.name)


def _add_conditions(root: _Element, order: Order) -> None:
    terms = order.terms_of_delivery
    said = [terms.code, terms.payment_method, terms.transport_terms] if terms else []
    if any(said):
        add(part(root, "DeliveryTerms"), "SpecialTerms", " ".join(filter(None, said)))
    for term in order.terms:
        if term.days is not None or term.discount_percent is not None or term.discount_amount:
            _add_payment_term(root, term)
    if order.shipping and order.shipping.amount:
        charge = part(root, "AllowanceCharge")
        add(charge, "ChargeIndicator", "true")
        add(charge, "AllowanceChargeReason", order.shipping.description or "Freight")
        add_money(charge, "Amount", order.shipping.amount)
    add_tax(root, order.tax)


def _add_payment_term(root: _Element, term: PaymentTerm) -> None:
    element = part(root, "PaymentTerms")
    if term.days is not None:
        add(element, "Note", f"{term.days} days")
    if term.discount_percent is not None:
        add(element, "SettlementDiscountPercent", plain_number(term.discount_percent))
    if term.discount_amount:
        add_money(element, "SettlementDiscountAmount", term.discount_amount)


def _add_total(root: _Element, order: Order) -> None:
    """The total of cXML is that of the goods; freight and tax come on top (guide p. 113)."""
    goods = order.total or order.lines_total
    if goods is None:
        return
    freight = _in_currency(order.shipping.amount if order.shipping else None, goods.currency)
    tax = _in_currency(order.tax.amount if order.tax else None, goods.currency)
    amounts = part(root, "AnticipatedMonetaryTotal")
    add_money(amounts, "LineExtensionAmount", (order.lines_total or goods).rounded())
    if freight.amount:
        add_money(amounts, "ChargeTotalAmount", freight.rounded())
    add_money(amounts, "PayableAmount", (goods + freight + tax).rounded())


def _in_currency(money: Money | None, currency: str) -> Money:
    """The money, or nothing of it where it cannot be added."""
    return money if money and money.currency == currency else Money(Decimal(0), currency)


def _add_line(root: _Element, line: OrderLine) -> None:
    holder = part(root, "OrderLine")
    if line.is_return:
        add(holder, "Note", "RETURN - goods come back")
    add_given(holder, *(("Note", each.text) for each in line.comments))
    item = part(holder, "LineItem")
    add(item, "ID", str(line.number))
    _add_quantity(item, "Quantity", line.quantity, line.unit)
    if line.amount:
        add_money(item, "LineExtensionAmount", line.amount.rounded())
    if line.distributions and line.distributions[0].segments:
        add_given(item, ("AccountingCost", line.distributions[0].segments[0].id))
    for schedule in line.schedule or (ScheduleLine(requested_delivery=line.requested_delivery),):
        _add_line_delivery(item, line, schedule)
    _add_price(item, line)
    _add_goods(item, line)
    add_tax(item, line.tax)


def _add_quantity(parent: _Element, name: str, quantity: Decimal, unit: str) -> None:
    add(parent, name, plain_number(quantity), **({"unitCode": unit} if unit else {}))


def _add_line_delivery(item: _Element, line: OrderLine, schedule: ScheduleLine) -> None:
    if not (schedule.quantity or schedule.requested_delivery or line.ship_to):
        return
    delivery = part(item, "Delivery")
    if schedule.quantity is not None:
        _add_quantity(delivery, "Quantity", schedule.quantity, schedule.unit or line.unit)
    if line.ship_to:
        add_address(part(delivery, "DeliveryAddress"), line.ship_to)
    add_period(delivery, "RequestedDeliveryPeriod", schedule.requested_delivery)


def _add_price(item: _Element, line: OrderLine) -> None:
    """A price for a hundred stays one for a hundred: divided, it may have no end."""
    price, basis = line.unit_price, line.detail.price_basis if line.detail else None
    if price is None:
        return
    element = part(item, "Price")
    if basis and basis.quantity:
        add_money(element, "PriceAmount", price * basis.conversion_factor)
        _add_quantity(element, "BaseQuantity", basis.quantity, line.unit)
    else:
        add_money(element, "PriceAmount", price)


def _add_goods(item: _Element, line: OrderLine) -> None:
    goods, detail, ids = part(item, "Item"), line.detail, line.item_id
    add_given(goods, ("Description", line.description))
    add(goods, "Name", line.description[:NAME_LENGTH] or ids.supplier_part_id)
    if ids.buyer_part_id:
        add(part(goods, "BuyersItemIdentification"), "ID", ids.buyer_part_id)
    if ids.supplier_part_id:
        seller = part(goods, "SellersItemIdentification")
        add_given(seller, ("ID", ids.supplier_part_id), ("ExtendedID", ids.supplier_part_auxiliary_id))
    if detail and detail.manufacturer_part_id:
        add(part(goods, "ManufacturersItemIdentification"), "ID", detail.manufacturer_part_id)
    for each in detail.classifications if detail else ():
        add(part(goods, "CommodityClassification"), "ItemClassificationCode", each.code, listID=each.domain)
    for rate in line.tax.details if line.tax else ():
        if rate.percent is not None:
            add_tax_category(goods, "ClassifiedTaxCategory", rate)
    for name, value in line.extrinsics:
        _add_property(goods, name, value)
    if detail and detail.manufacturer_name:
        add(part(part(goods, "ManufacturerParty"), "PartyName"), "Name", detail.manufacturer_name)


def _add_property(goods: _Element, name: str, value: str) -> None:
    element = part(goods, "AdditionalItemProperty")
    add(element, "Name", name)
    add(element, "Value", value)
