"""What stands in the header of an order as well as in its lines: freight, tax, terms, comments, accounting, dates.

Oracle EBS sends dozens of empty elements (seen), so what is empty counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from lxml.etree import _Element

from wagtail_punchout.protocol.cxml import timestamps, tree
from wagtail_punchout.protocol.cxml.item import read_extrinsics
from wagtail_punchout.protocol.cxml.party import Address, read_address
from wagtail_punchout.protocol.cxml.redaction import last_four
from wagtail_punchout.protocol.cxml.tree import LANG
from wagtail_punchout.protocol.errors import UnacceptableContent
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import (
    AttachmentRef,
    Comment,
    Distribution,
    OrderCharge,
    Payment,
    PaymentTerm,
    Segment,
    Tax,
    TaxDetail,
    TermsOfDelivery,
    Transport,
)

#: More of one amount than this is a mistake, and more than databases keep.
MOST_MONEY = Decimal(10) ** 12


def told(parent: _Element, path: str) -> str:
    """All the text at ``path``, also where it has elements in it; nobody's order is refused for a description."""
    found = parent.find(path)
    return "" if found is None else all_text(found)


def all_text(element: _Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def attribute(element: _Element, name: str) -> str:
    return element.get(name, "").strip()


def is_yes(element: _Element, name: str) -> bool:
    """``yes`` is the standard's word, ``true`` is printed in the guide (p. 138)."""
    return attribute(element, name).lower() in ("yes", "true", "1")


def moment(element: _Element, *names: str) -> datetime | None:
    """The first of these attributes that can be read as a time."""
    found = (timestamps.read(element.get(each, "")) for each in names)
    return next((each for each in found if each), None)


def money(parent: _Element, path: str) -> Money | None:
    """The amount at ``path``; ``UnacceptableContent`` for one that nobody orders for."""
    found = tree.money(parent, path)
    if found is not None and not -MOST_MONEY < found.amount < MOST_MONEY:
        raise UnacceptableContent(f"{parent.tag}/{path}/Money is {found.amount:.3e}, which is more than is taken.")
    return found


def percent(element: _Element, name: str) -> Decimal | None:
    try:
        return tree.decimal(element.get(name, "").strip().rstrip("%"), what=f"{element.tag}/@{name}")
    except UnacceptableContent:
        return None  # not worth an order


def read_address_in(parent: _Element, name: str) -> Address | None:
    """The address of a ShipTo or BillTo; one that says nothing counts as none."""
    address = parent.find(f"{name}/Address")
    found = None if address is None else read_address(address)
    return found if found and found != Address() else None


def read_carriers(parent: _Element) -> tuple[tuple[str, str], ...]:
    """Who carries it to the ShipTo: domain, such as SCAC or companyName, and name."""
    found = ((attribute(each, "domain"), all_text(each)) for each in parent.findall("ShipTo/CarrierIdentifier"))
    return tuple((domain, name) for domain, name in found if name)


def read_transports(parent: _Element) -> tuple[Transport, ...]:
    """How the buyer wants it carried to the ShipTo."""
    found = []
    for each in parent.findall("ShipTo/TransportInformation"):
        route = each.find("Route")
        transport = Transport(
            method="" if route is None else attribute(route, "method").lower(),
            means="" if route is None else attribute(route, "means"),
            contract_number=told(each, "ShippingContractNumber"),
            instructions=told(each, "ShippingInstructions"),
        )
        if transport != Transport():
            found.append(transport)
    return tuple(found)


def read_charge(parent: _Element) -> OrderCharge | None:
    shipping = parent.find("Shipping")
    if shipping is None:
        return None
    return OrderCharge(
        amount=money(shipping, ""),
        description=told(shipping, "Description"),
        tracking_domain=attribute(shipping, "trackingDomain"),
        tracking_id=attribute(shipping, "trackingId"),
    )


def read_tax(parent: _Element) -> Tax | None:
    tax = parent.find("Tax")
    if tax is None:
        return None
    details = tuple(
        TaxDetail(
            category=attribute(each, "category"),
            purpose=attribute(each, "purpose"),
            percent=percent(each, "percentageRate"),
            taxable=money(each, "TaxableAmount"),
            amount=money(each, "TaxAmount"),
            location=told(each, "TaxLocation"),
            description=told(each, "Description"),
        )
        for each in tax.findall("TaxDetail")
    )
    return Tax(amount=money(tax, ""), description=told(tax, "Description"), details=details)


def read_payment(parent: _Element) -> Payment | None:
    """How it is paid. Of a card number nothing but the last four digits leaves this function."""
    payment = parent.find("Payment")
    if payment is None:
        return None
    card = payment.find("PCard")
    if card is None:
        kind = next((each.tag for each in payment), "")
        return Payment(kind=kind) if kind else None
    return Payment(
        kind="PCard",
        card_last_four=last_four(card.get("number", "")),
        card_name=attribute(card, "name"),
        expiration=attribute(card, "expiration"),
    )


def read_terms(parent: _Element) -> tuple[PaymentTerm, ...]:
    found = []
    for term in parent.findall("PaymentTerm"):
        days, discount = attribute(term, "payInNumberOfDays"), term.find("Discount/DiscountPercent")
        found.append(
            PaymentTerm(
                days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else None,
                discount_percent=None if discount is None else percent(discount, "percent"),
                discount_amount=money(term, "Discount/DiscountAmount"),
                extrinsics=read_open_extrinsics(term),
            )
        )
    return tuple(found)


def read_comments(parent: _Element) -> tuple[Comment, ...]:
    found = []
    for each in parent.findall("Comments"):
        attachments = tuple(
            AttachmentRef(
                url=url, name=attribute(attachment, "name"), visibility=attribute(attachment, "visibility").lower()
            )
            for attachment in each.findall("Attachment")
            if (url := told(attachment, "URL"))
        )
        comment = Comment(
            text="".join(_own_text(each)).strip(),
            language=tree.language_tag(each.get(LANG, "")),
            type=attribute(each, "type"),
            attachments=attachments,
        )
        if comment.text or comment.attachments:
            found.append(comment)
    return tuple(found)


def _own_text(comments: _Element) -> Iterator[str]:
    """All but the Attachments. "Anything well formed in XML can go here", says the example of 1.1 (seen)."""
    yield comments.text or ""
    for child in comments:
        if child.tag != "Attachment":
            yield "".join(map(str, child.itertext()))
        yield child.tail or ""


def read_open_extrinsics(parent: _Element) -> tuple[tuple[str, str], ...]:
    """Extrinsics, without what their names say is secret: an order is shown to many."""
    return without_secrets(read_extrinsics(parent))


def without_secrets(extrinsics: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, tree.struck_if_secret(name, value)) for name, value in extrinsics)


def read_terms_of_delivery(parent: _Element) -> TermsOfDelivery | None:
    terms = parent.find("TermsOfDelivery")
    if terms is None:
        return None

    def coded(name: str) -> str:
        element = terms.find(name)
        if element is None:
            return ""
        code, words = attribute(element, "value"), all_text(element)
        return words or code if code.lower() == "other" else code or words

    return TermsOfDelivery(
        code=coded("TermsOfDeliveryCode"),
        payment_method=coded("ShippingPaymentMethod"),
        transport_terms=coded("TransportTerms"),
        comments=read_comments(terms),
    )


def read_distributions(parent: _Element) -> tuple[Distribution, ...]:
    found = []
    for each in parent.findall("Distribution"):
        accounting = each.find("Accounting")
        old = () if accounting is None else accounting.findall("Segment")
        new = () if accounting is None else accounting.findall("AccountingSegment")
        segments = [
            Segment(type=attribute(one, "type"), id=attribute(one, "id"), description=attribute(one, "description"))
            for one in old
        ]
        segments += [
            Segment(type=told(one, "Name"), id=attribute(one, "id"), description=told(one, "Description"))
            for one in new
        ]
        name = "" if accounting is None else attribute(accounting, "name")
        found.append(Distribution(name=name, segments=tuple(segments), charge=money(each, "Charge")))
    return tuple(found)
