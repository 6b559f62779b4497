"""Compare: an order beside the carts it came from, and beside what the shop says today.

An order splits and merges carts, comes months later and brings lines that were never in a cart (guide p. 197). So each
line finds its own way back: by our auxiliary ID, and where a system sends one ID on all lines, by the part number among
the carts that were found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wagtail_punchout.flows.prepare import CHARGES, told_price
from wagtail_punchout.models import OrderLine, PunchoutLink, PurchaseOrder, QuoteLine
from wagtail_punchout.models.links import OrderRule
from wagtail_punchout.protocol import comparison, order, units
from wagtail_punchout.protocol.comparison import Cause, Difference, Said, Tolerance
from wagtail_punchout.protocol.cxml import envelope, order_message, tree
from wagtail_punchout.protocol.cxml.item import ItemDetail
from wagtail_punchout.protocol.errors import PunchoutError
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.shop import ItemRef, PricingContext, ShopAdapter

#: Lines asked for in one query: databases take only so many values.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Traced:
    """A line of an order with the line of the returned cart it comes from, if there is one."""

    line: order.OrderLine
    quoted: QuoteLine | None
    differences: tuple[Difference, ...]


def tolerance_of(link: PunchoutLink) -> Tolerance:
    return Tolerance(link.price_tolerance, link.price_tolerance_percent)


def compare_with_quotes(customer_id: int, lines: Sequence[order.OrderLine], link: PunchoutLink) -> list[Traced]:
    """Each line with what it was in its cart; the shop is not asked."""
    quoted = _Quoted(customer_id, [each.item_id.supplier_part_auxiliary_id for each in lines], link)
    tolerance = tolerance_of(link)
    traced = []
    for line in lines:
        found = quoted.line_of(line)
        told = quoted.said(found) if found else None
        traced.append(Traced(line, found, comparison.against_quote(_said(line), told, tolerance)))
    return traced


def compare_with_today(purchase_order: PurchaseOrder, adapter: ShopAdapter) -> dict[int, tuple[Difference, ...]]:
    """Differences by the lines' primary keys; may take as long as the shop takes to answer for all of them."""
    pricing, link = order_pricing(purchase_order), purchase_order.link
    lines = [each for each in purchase_order.lines.select_related("quote_line") if each.sku not in CHARGES]
    references = [ref_of(each) for each in lines]
    items = adapter.get_items(references, pricing) if lines else []
    tolerance = tolerance_of(link)
    found = {}
    for line, reference, item in zip(lines, references, items, strict=True):
        said = Said(sku=line.sku, price=order.line_from(line.data).unit_price_of_one)
        price = told_price(item, link) if item and item.price else None
        differences = comparison.against_today(said, item, price, tolerance)
        if Cause.PRICE_AGED in comparison.causes(differences):
            # What was ordered is dearer or cheaper than one piece: there may be a price for this quantity.
            item = adapter.get_item(reference, pricing, line.quantity)
            price = told_price(item, link) if item and item.price else None
            differences = comparison.against_today(said, item, price, tolerance)
        found[line.pk] = differences
    return found


def keep_today(purchase_order: PurchaseOrder, found: Mapping[int, tuple[Difference, ...]]) -> bool:
    """Write today's differences beside those of the cart. Whether there are any."""
    changed = []
    for line in purchase_order.lines.filter(pk__in=found):
        others = [each for each in line.differences if each["code"] not in comparison.TODAY]
        differences = others + [each.as_json() for each in found[line.pk]]
        if differences != line.differences:
            line.differences = differences
            changed.append(line)
    OrderLine.objects.bulk_update(changed, ["differences"], batch_size=AT_ONCE)
    return any(found.values())


def is_serious(traced: Iterable[Traced]) -> bool:
    """Whether anything differs that a buyer may not change by itself."""
    return any(comparison.causes(each.differences) & comparison.AGAINST_QUOTE for each in traced)


def is_unquoted(traced: Iterable[Traced]) -> bool:
    return any(Cause.NOT_QUOTED in comparison.causes(each.differences) for each in traced)


def is_watched(link: PunchoutLink) -> bool:
    """Whether anybody wants to be asked about differences."""
    return link.order_rule != OrderRule.ACCEPT


def ref_of(line: OrderLine) -> ItemRef:
    """The thing itself: a returned cart knows its exact configuration, a part number alone does not."""
    quoted = line.quote_line
    return ItemRef(quoted.sku, quoted.configuration) if quoted else ItemRef(line.sku)


def order_pricing(purchase_order: PurchaseOrder) -> PricingContext:
    """For whom the prices of an order are."""
    company = purchase_order.company
    return PricingContext(
        user_id=purchase_order.customer.user_id,
        company_code=company.code,
        price_group=company.inherited("price_group"),
        currency=purchase_order.currency or company.inherited("currency"),
        language=purchase_order.language,
    )


class _Quoted:
    """The lines of returned carts that an order may speak of; another customer's are nobody's."""

    def __init__(self, customer_id: int, auxiliary_ids: Iterable[str], link: PunchoutLink) -> None:
        asked = sorted({each for each in auxiliary_ids if each and len(each) <= 255})
        lines: list[QuoteLine] = []
        for start in range(0, len(asked), AT_ONCE):
            known = QuoteLine.objects.filter(
                quote__customer_id=customer_id, auxiliary_id__in=asked[start : start + AT_ONCE]
            )
            lines += known.select_related("quote__session").defer("quote__cart", "quote__document")
        lines.sort(key=lambda each: (each.quote.created_at, each.pk))
        self.link = link
        self.by_id = {each.auxiliary_id: each for each in lines}
        self.quotes = {each.quote_id: each.quote for each in lines}
        self._sent: dict[int, dict[str, Said]] = {}
        self._by_part: dict[str, QuoteLine] | None = None

    def line_of(self, line: order.OrderLine) -> QuoteLine | None:
        found = self.by_id.get(line.item_id.supplier_part_auxiliary_id)
        sku = line.item_id.supplier_part_id
        if found is None or not sku or sku in (found.sku, self.said(found).sku):
            return found
        # One auxiliary ID on all lines was seen: then the part number says which of the cart's lines it is.
        return self.by_part.get(sku, found)

    @property
    def by_part(self) -> dict[str, QuoteLine]:
        if self._by_part is None:
            lines = QuoteLine.objects.filter(quote__in=self.quotes).select_related("quote__session")
            self._by_part = {each.sku: each for each in lines.defer("quote__cart", "quote__document").order_by("pk")}
        return self._by_part

    def said(self, line: QuoteLine) -> Said:
        """What the buyer was told: the very document, for a mapping may have put other words into it."""
        if line.quote_id not in self._sent:
            self._sent[line.quote_id] = self._read(line)
        return self._sent[line.quote_id].get(line.auxiliary_id) or Said(
            sku=line.sku,
            quantity=line.quantity,
            unit=units.to_buyer(line.unit, self.link.units, self.link.format),
            price=Money(line.unit_price, line.currency),
        )

    def _read(self, line: QuoteLine) -> dict[str, Said]:
        document = line.quote.document
        if not document.lstrip().startswith("<"):
            return {}  # an OCI form, kept as JSON
        try:
            limits = tree.Limits(size=len(document) * 4 + 1, elements=4_000_000, equals=4_000_000)
            message = envelope.decode_message(tree.parse(document.encode(), limits=limits))
            items = order_message.decode(message.body).lines
        except PunchoutError:
            return {}
        return {
            each.item_id.supplier_part_auxiliary_id: Said(
                sku=each.item_id.supplier_part_id,
                quantity=each.quantity,
                unit=each.detail.unit,
                price=_for_one(each.detail),
                descriptions=tuple(text for told in each.detail.descriptions for text in (told.text, told.short)),
            )
            for each in items
        }


def _said(line: order.OrderLine) -> Said:
    return Said(
        sku=line.item_id.supplier_part_id,
        quantity=line.quantity,
        unit=line.unit,
        price=line.unit_price_of_one,
        descriptions=tuple(text for each in line.descriptions for text in (each.text, each.short)),
    )


def _for_one(detail: ItemDetail) -> Money | None:
    """The price of one ordered unit, whatever number of them the price is for (guide p. 361)."""
    price, basis = detail.unit_price, detail.price_basis
    if price is None or basis is None or not basis.quantity:
        return price
    return Money(price.amount * basis.conversion_factor / basis.quantity, price.currency)


def summary(differences: Iterable[Traced], *, most: int = 3) -> str:
    """For the buyer's system: which lines are wrong and how, in English."""
    wrong = [
        f"line {each.line.number}: {found.sentence}"
        for each in differences
        for found in each.differences
        if found.cause in comparison.AGAINST_QUOTE
    ]
    more = f" … and {len(wrong) - most} more" if len(wrong) > most else ""
    return " ".join(wrong[:most]) + more
