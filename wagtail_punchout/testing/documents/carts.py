"""The PunchOutOrderMessage: the cart as the browser brought it home."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lxml import etree

from wagtail_punchout.testing.documents import scrutiny
from wagtail_punchout.testing.documents.opening import Opened, Unreadable, open_document, text_of
from wagtail_punchout.testing.documents.writing import ItemOut

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# The guide: a receiver looks for base64 first, and does not mind the case of the names.
FIELDS = ("cXML-base64", "cXML-urlencoded")
NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d{0,12})?|\.\d{1,12})")
Complain = Callable[[str], None]
CARRIED = ("parentLineNumber", "itemType", "compositeItemType")


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    language: str = ""
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """Freight or tax of the whole cart."""

    money: Money | None
    description: str = ""


@dataclass(frozen=True, slots=True)
class PriceBasis:
    """The price is for ``quantity`` of ``unit``; ``conversion`` of those make one ordered unit."""

    quantity: Decimal
    conversion: Decimal
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedLine:
    """One ItemIn. Numbers that cannot be read are ``None`` and complained about."""

    part_id: str
    auxiliary_id: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Money | None = None
    basis: PriceBasis | None = None
    descriptions: tuple[Text, ...] = ()
    classifications: Mapping[str, str] = field(default_factory=dict)
    manufacturer_name: str = ""
    manufacturer_part_id: str = ""
    url: str = ""
    lead_time: str = ""
    extrinsics: Mapping[str, str] = field(default_factory=dict)
    line_number: str = ""
    parent_line_number: str = ""
    item_type: str = ""
    composite_item_type: str = ""
    detail: str = ""

    @property
    def amount(self) -> Decimal | None:
        """Quantity times conversion by basis times price, not rounded."""
        if self.quantity is None or self.unit_price is None:
            return None
        if self.basis is None or not self.basis.quantity:
            return self.quantity * self.unit_price.amount
        return self.quantity * self.basis.conversion / self.basis.quantity * self.unit_price.amount

    def description(self, language: str = "en") -> Text:
        """The text nearest to ``language``: exact, same primary language, else the first."""
        wanted = language.lower().replace("_", "-")
        ranked = sorted(self.descriptions, key=lambda each: _distance(each.language.lower(), wanted))
        return ranked[0] if ranked else Text(self.part_id)

    def as_item_out(self) -> ItemOut:
        """The line on its way back to the shop, as little changed as a good buyer's system manages."""
        kept = zip(CARRIED, (self.parent_line_number, self.item_type, self.composite_item_type), strict=True)
        return ItemOut(
            part_id=self.part_id,
            auxiliary_id=self.auxiliary_id,
            quantity=self.quantity or Decimal(1),
            line_number=self.line_number,
            detail=self.detail,
            attributes={name: value for name, value in kept if value},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnedCart:
    """A PunchOutOrderMessage, read. ``field`` is the form field it came in."""

    buyer_cookie: str
    status: int = 200
    operation_allowed: str = ""
    quote_status: str = "final"
    deployment_mode: str = "production"
    total: Money | None = None
    shipping: Charge | None = None
    tax: Charge | None = None
    lines: tuple[ReturnedLine, ...] = ()
    from_identity: tuple[str, str] = ("", "")
    to_identity: tuple[str, str] = ("", "")
    in_reply_to: str = ""
    field: str = ""
    document: str = ""
    complaints: tuple[str, ...] = ()

    @property
    def is_cancelled(self) -> bool:
        """Status 204: the visit is over and nothing changes at the buyer (guide, p. 86)."""
        return self.status == 204

    def item_outs(self) -> tuple[ItemOut, ...]:
        return tuple(line.as_item_out() for line in self.lines)


def read_return_form(fields: Mapping[str, str]) -> ReturnedCart:
    """Read what the browser posted to the hook. ``Unreadable`` when neither field holds a cart."""
    by_name = {name.strip().lower(): (name, value) for name, value in fields.items()}
    present = [by_name[known.lower()] for known in FIELDS if known.lower() in by_name]
    if not present:
        names = ", ".join(fields) or "none"
        raise Unreadable(f"The form has neither cXML-base64 nor cXML-urlencoded (its fields: {names}).")
    name, value = present[0]
    complaints = ["Both form fields were sent; one is enough and only one is read."] if len(present) > 1 else []
    if name.lower() == "cxml-base64":
        document, more = _from_base64(value)
    else:
        document, more = value, scrutiny.of_urlencoded(value)
    return read_order_message(document, field=name, complaints=(*complaints, *more))


def read_order_message(document: bytes | str, *, field: str = "", complaints: tuple[str, ...] = ()) -> ReturnedCart:
    """Read the document itself; ``Unreadable`` when it is no PunchOutOrderMessage."""
    opened = open_document(document)
    message = opened.root.find("Message")
    body = message.find("PunchOutOrderMessage") if message is not None else None
    if body is None:
        raise Unreadable("The document is cXML but holds no PunchOutOrderMessage.")
    opened.complaints[:0] = complaints
    cart = _cart(opened, message, body, field)
    found = (*opened.complaints, *scrutiny.of_tree(opened.root, body), *scrutiny.of_cart(cart))
    return replace(cart, complaints=tuple(dict.fromkeys(found)))


def _cart(opened: Opened, message: etree._Element, body: etree._Element, field: str) -> ReturnedCart:
    complain = opened.complaints.append
    header = body.find("PunchOutOrderMessageHeader")
    if header is None:
        complain("PunchOutOrderMessage has no header.")
        header = etree.Element("PunchOutOrderMessageHeader")
    code = (message.find("Status").get("code", "") if message.find("Status") is not None else "") or "200"
    if not code.isdigit():
        complain(f"Message/Status has the code “{code}”.")
    cookie = body.find("BuyerCookie")
    return ReturnedCart(
        buyer_cookie="".join(cookie.itertext()) if cookie is not None else "",
        status=int(code) if code.isdigit() else 0,
        operation_allowed=header.get("operationAllowed", ""),
        quote_status=header.get("quoteStatus", "final"),
        deployment_mode=message.get("deploymentMode", "production"),
        total=_money(header.find("Total"), "Total", complain),
        shipping=_charge(header.find("Shipping"), complain),
        tax=_charge(header.find("Tax"), complain),
        lines=tuple(_line(item, complain) for item in body.findall("ItemIn")),
        from_identity=_party(opened.root, "From"),
        to_identity=_party(opened.root, "To"),
        in_reply_to=message.get("inReplyTo", ""),
        field=field,
        document=opened.source,
    )


def _line(item: etree._Element, complain: Complain) -> ReturnedLine:
    part_id = text_of(item, "ItemID/SupplierPartID")
    detail = item.find("ItemDetail")
    if detail is None:
        complain(f"Line {part_id} has no ItemDetail.")
        detail = etree.Element("ItemDetail")
    name = f"Line {part_id}"
    return ReturnedLine(
        part_id=part_id,
        auxiliary_id=text_of(item, "ItemID/SupplierPartAuxiliaryID"),
        quantity=_number(item.get("quantity", ""), f"{name}: quantity", complain),
        unit=text_of(detail, "UnitOfMeasure"),
        unit_price=_money(detail.find("UnitPrice"), f"{name}: UnitPrice", complain),
        basis=_basis(detail.find("PriceBasisQuantity"), name, complain),
        descriptions=tuple(_text(each) for each in detail.findall("Description")),
        classifications={each.get("domain", ""): _classification(each) for each in detail.findall("Classification")},
        manufacturer_name=text_of(detail, "ManufacturerName"),
        manufacturer_part_id=text_of(detail, "ManufacturerPartID"),
        url=text_of(detail, "URL"),
        lead_time=text_of(detail, "LeadTime"),
        extrinsics={each.get("name", ""): text_of(each) for each in detail.findall("Extrinsic")},
        line_number=item.get("lineNumber", ""),
        parent_line_number=item.get("parentLineNumber", ""),
        item_type=item.get("itemType", ""),
        composite_item_type=item.get("compositeItemType", ""),
        detail=etree.tostring(detail, encoding="unicode", with_tail=False),
    )


def _from_base64(value: str) -> tuple[bytes, list[str]]:
    packed = "".join(value.split())
    complaints = ["The base64 field has line breaks or blanks inside."] if packed != value else []
    try:
        return base64.b64decode(packed, validate=True), complaints
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"The field cXML-base64 is not base64: {error}") from error


def _number(raw: str, name: str, complain: Complain) -> Decimal | None:
    bare = raw.strip().replace(",", "")
    # Short and without an exponent: “1E999999999” is a number too, and printing it would take a gigabyte.
    if not NUMBER.fullmatch(bare):
        complain(f"{name} “{raw[:40]}” is not a number.")
        return None
    if bare != raw:
        complain(f"{name} is written “{raw}”; plain digits with a point are understood everywhere.")
    return Decimal(bare)


def _money(parent: etree._Element | None, name: str, complain: Complain) -> Money | None:
    money = parent.find("Money") if parent is not None else None
    if money is None:
        complain(f"{name} is missing.")
        return None
    amount = _number("".join(money.itertext()), name, complain)
    currency = money.get("currency", "")
    if not (len(currency) == 3 and currency.isupper()):
        complain(f"{name} has the currency “{currency}”, which is no ISO 4217 code.")
    return Money(amount, currency) if amount is not None else None


def _charge(element: etree._Element | None, complain: Complain) -> Charge | None:
    if element is None:
        return None
    description = text_of(element, "Description")
    if not description:
        complain(f"{element.tag} has no Description, which the DTD demands.")
    return Charge(_money(element, element.tag, complain), description)


def _basis(element: etree._Element | None, name: str, complain: Complain) -> PriceBasis | None:
    if element is None:
        return None
    quantity = _number(element.get("quantity", ""), f"{name}: PriceBasisQuantity", complain)
    conversion = _number(element.get("conversionFactor", ""), f"{name}: conversionFactor", complain)
    if quantity is None or conversion is None:
        return None
    return PriceBasis(quantity, conversion, text_of(element, "UnitOfMeasure"))


def _text(element: etree._Element) -> Text:
    short = element.find("ShortName")
    own = (element.text or "") + "".join(child.tail or "" for child in element)
    return Text(own.strip(), element.get(XML_LANG, ""), text_of(short) if short is not None else "")


def _classification(element: etree._Element) -> str:
    return text_of(element) or element.get("code", "")


def _party(root: etree._Element, tag: str) -> tuple[str, str]:
    credential = root.find(f"Header/{tag}/Credential")
    return (credential.get("domain", ""), text_of(credential, "Identity")) if credential is not None else ("", "")


def _distance(language: str, wanted: str) -> int:
    if language == wanted:
        return 0
    return 1 if language.split("-")[0] == wanted.split("-")[0] else 2
