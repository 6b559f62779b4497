"""Pack a cart as the fields of an OCI form, the way its link wants it.

What goes into which field is said by mapping rows: the ones every OCI cart begins with, replaced by those of the link.
Before anything is measured the text is made to fit the charset of the page that will post it, or the browser would turn
what the charset lacks into ``&#8364;``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from wagtail_punchout.flows.prepare import chosen
from wagtail_punchout.flows.quoted import QuotedLine
from wagtail_punchout.flows.rows import given_values
from wagtail_punchout.flows.visit_facts import visit_facts
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import PunchoutLink, PunchoutSession
from wagtail_punchout.models.links import Echo
from wagtail_punchout.protocol import limits, mapping, units
from wagtail_punchout.protocol.cart import Cart
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.facts import cart_facts, facts_of
from wagtail_punchout.protocol.oci import charset, hook
from wagtail_punchout.protocol.oci.fields import Kind, Version, field_of
from wagtail_punchout.protocol.oci.items import encode
from wagtail_punchout.protocol.oci.prices import PLACES, per_price_unit

#: What SAP's older systems want to find in every return (OCI 2.0 and 3.0).
CONTROL = (("~OkCode", "ADDI"), ("~TARGET", "_top"), ("~CALLER", "CTLG"))

Fields = tuple[tuple[str, str], ...]


def form_fields(session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine]) -> Fields:
    """Names and values of the form's hidden inputs, not yet escaped for HTML.

    Raises ``UnsendableCart`` for what the fields cannot hold and for a required row that gives nothing.
    """
    told = values(session, link, cart, lines, quote_id=session.id.hex)
    return (*control_fields(session, link), *encode(told, Version(link.format), send_empty=link.send_empty_fields))


def values(
    session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine], *, quote_id: str = ""
) -> list[dict[str, str]]:
    """For each line what goes into which field, by names without ``NEW_ITEM-``."""
    found = limits.limits_from(link.limits)
    tell = teller(session, link, cart, lines, quote_id=quote_id)
    return [limited(tell(each), found, sku=each.line.item.sku) for each in lines]


def teller(
    session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine], *, quote_id: str = ""
) -> Callable[[QuotedLine], dict[str, str]]:
    """Tells of one of ``lines`` after the other what goes into which field, before anything is limited."""
    numbers = {each.line.line_id: number for number, each in enumerate(lines, start=1)}
    whole = chosen(cart)
    originals = {line.line_id: line for line in whole.lines}
    rows = mapping.with_defaults(link.rows, link.format)
    visit = visit_facts(session) | cart_facts(whole) | {"line.quote_id": quote_id}
    own = {row.target for row in link.rows}
    presets = {name: value for name, value in session.call.get("presets", ()) if value}
    page = page_charset(session, link)
    places = _places(link)

    def tell(each: QuotedLine) -> dict[str, str]:
        line = originals.get(each.line.line_id, each.line)  # freight that became a line was none before
        extra = visit | _of_line(each, cart, numbers, link, places)
        facts = facts_of(whole, line, position=numbers[line.line_id], extra=extra)
        given = given_values(rows, facts, link, sku=each.line.item.sku)
        # Constants that the buyer's system hands over with the call come back on every line (IFS, Unite), where the
        # link has no row for them.
        said = presets | {name: value for name, value in given.items() if value or name in own}
        return {name: charset.fitting(value, page) for name, value in said.items()}

    return tell


def control_fields(session: PunchoutSession, link: PunchoutLink) -> Fields:
    """``~OkCode`` and its like, as they came with the call or as old systems want them."""
    came = tuple((name, value) for name, value in session.call.get("echo", ()))
    if link.echo_fields == Echo.NEVER:
        return ()
    if link.echo_fields == Echo.AS_CALLED:
        return came
    spelled = {name.lower() for name, _value in came}
    return (*came, *(each for each in CONTROL if each[0].lower() not in spelled))


def page_charset(session: PunchoutSession, link: PunchoutLink) -> str:
    """The charset of the page that posts the cart. What the link says counts, for somebody has had a reason."""
    return link.return_charset or charset.known(session.call.get("charset", "")) or charset.DEFAULT


def _places(link: PunchoutLink) -> int:
    """Digits behind the point of a PRICE."""
    limit = limits.limits_from(link.limits).get("PRICE")
    return PLACES if limit is None or limit.decimals is None else min(PLACES, limit.decimals)


def _of_line(
    quoted: QuotedLine, cart: Cart, numbers: Mapping[str, int], link: PunchoutLink, places: int
) -> dict[str, str]:
    line, sold = quoted.line, quoted.line.item
    price, price_unit = _price(quoted, cart.currency, link, places)
    return {
        "line.unit": units.to_buyer(sold.unit, link.units, link.format),
        "line.price": price,
        "line.price_unit": price_unit,
        "line.auxiliary_id": quoted.auxiliary_id,
        "line.item_type": _item_type(line.bundle is not None, bool(line.parent_id)),
        "line.parent_number": str(numbers.get(line.parent_id, "")),
        # The sku alone does not find a configured thing again; the quoted line does.
        "product.product_id": quoted.auxiliary_id if sold.configuration and quoted.auxiliary_id else sold.sku,
    }


def _price(quoted: QuotedLine, currency: str, link: PunchoutLink, places: int) -> tuple[str, str]:
    line, sold = quoted.line, quoted.line.item
    if sold.price is None:
        if line.parent_id or line.bundle:
            return "", ""  # it stands at the other end of the bundle
        raise UnsendableCart(_("%(sku)s has no price.") % {"sku": sold.sku}, sku=sold.sku)
    if sold.price.net.currency != currency:
        told = {"sku": sold.sku, "other": sold.price.net.currency, "currency": currency}
        raise UnsendableCart(_("%(sku)s is priced in %(other)s, the cart is in %(currency)s.") % told, sku=sold.sku)
    price, price_unit = per_price_unit(sold.price, Version(link.format), places)
    return f"{price:f}", str(price_unit)


def _item_type(is_heading: bool, is_part: bool) -> str:
    """Root, outline or leaf of a bundle; nothing for a line that belongs to none (OCI 5.0)."""
    if is_heading:
        return "O" if is_part else "R"
    return "L" if is_part else ""


def limited(told: Mapping[str, str], found: Mapping[str, limits.Limit], *, sku: str) -> dict[str, str]:
    """Cut what may be cut, refuse what means something else when it is shorter."""
    kept = dict(told)
    for name, limit in found.items():
        value = kept.get(name, "")
        field = field_of(name, Version.OCI5)
        if field is None or field.cuts or field.kind is Kind.LONGTEXT:
            kept[name] = limits.cut(value, limit)
        elif problem := limits.broken(value, limit):
            message = _("%(sku)s cannot be sent to this procurement system. %(target)s: %(problem)s")
            raise UnsendableCart(message % {"sku": sku, "target": name, "problem": translated(problem)}, sku=sku)
    return kept


def address_length(url: str, fields: Iterable[tuple[str, str]], page: str) -> int:
    """How long the address gets when a browser takes ``fields`` home by GET from a page in the charset ``page``."""
    action, query = hook.split(url, page)
    codec = charset.CHARSETS[page][1]
    pairs = [(name, value.replace("\n", "\r\n")) for name, value in (*query, *fields)]
    # Browsers leave * and escape ~, Python does it the other way round.
    return len(f"{action}?{urlencode(pairs, safe='*', encoding=codec, errors='xmlcharrefreplace')}".replace("~", "%7E"))
