"""Preview: what a link, as it is and as its draft would have it, makes of carts that once went home.

A mapping is tried before a buyer meets it. Carts are kept as the shop gave them, so each can be packed again under any
link; nothing is written and nothing is sent. What a buyer's system would cut or refuse is marked, for it will not say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from wagtail_punchout.flows import pack_cxml, pack_oci
from wagtail_punchout.flows.prepare import prepare
from wagtail_punchout.flows.quoted import QuotedLine
from wagtail_punchout.flows.sample_cart import sample_cart, sample_session
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import PunchoutLink, PunchoutSession, Quote
from wagtail_punchout.protocol.cart import Cart
from wagtail_punchout.protocol.cxml.elements import EXTRINSIC, as_values
from wagtail_punchout.protocol.errors import UnsendableCart
from wagtail_punchout.protocol.limits import Limit, cut, limits_from
from wagtail_punchout.protocol.oci.fields import FIELDS, FREE_WIDTH, Version, fit
from wagtail_punchout.protocol.oci.items import fault
from wagtail_punchout.protocol.snapshot import cart_from

MOST_CARTS = 20
#: Lines of a cart that are tried; the rest would say the same again.
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Overwide:
    """A value of ``size`` characters (or bytes) where the buyer's system takes ``room`` of them."""

    size: int
    room: int
    in_bytes: bool
    is_cut: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A value as it is sent, and what is cut off before."""

    text: str = ""
    lost: str = ""
    overwide: Overwide | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldPreview:
    """One field of one line, under the link as it is (``old``) and as it would be."""

    target: str
    old: Shown
    new: Shown

    @property
    def is_changed(self) -> bool:
        return self.old.text != self.new.text


@dataclass(frozen=True, kw_only=True, slots=True)
class LinePreview:
    """One line; a problem is why it could not be sent. ``number`` is its place in the cart it would go home in."""

    number: int
    sku: str
    name: str
    fields: tuple[FieldPreview, ...]
    old_problem: str = ""
    new_problem: str = ""

    @property
    def is_changed(self) -> bool:
        return self.old_problem != self.new_problem or any(each.is_changed for each in self.fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class CartPreview:
    """One cart; the problems are those of the cart as a whole. Without ``quote`` it is the sample."""

    quote: Quote | None
    lines: tuple[LinePreview, ...] = ()
    more_lines: int = 0
    old_problem: str = ""
    new_problem: str = ""

    @property
    def is_changed(self) -> bool:
        return self.old_problem != self.new_problem or any(each.is_changed for each in self.lines)


def past_quotes(link: PunchoutLink, among: QuerySet[Quote]) -> list[Quote]:
    """The newest carts that came home through ``link``, or else those of its group's customers through any link.

    ``among`` are those that whoever asks may see.
    """
    kept = (
        among.filter(is_cancel=False, line_count__gt=0)
        .exclude(cart={})
        .select_related("session__company", "session__customer")
        .defer("document")
        .prefetch_related("lines")
        .order_by("-created_at")
    )
    own = list(kept.filter(session__link_id=link.pk)[:MOST_CARTS])
    return own or list(kept.filter(customer__group_id=link.group_id)[:MOST_CARTS])


def preview_quotes(quotes: Iterable[Quote], *, old: PunchoutLink | None, new: PunchoutLink) -> list[CartPreview]:
    """The carts of ``quotes`` under both links; ``old`` is ``None`` where nothing has been published."""
    return [_preview_quote(quote, old, new) for quote in quotes]


def preview_sample(*, old: PunchoutLink | None, new: PunchoutLink) -> CartPreview:
    """The sample cart under both links."""
    return _preview(None, sample_session(new), sample_cart(), {}, old, new)


def _preview_quote(quote: Quote, old: PunchoutLink | None, new: PunchoutLink) -> CartPreview:
    try:
        cart = cart_from(quote.cart)
    except ValueError:
        message = _("This cart was kept by another release of the shop's software and cannot be read.")
        return CartPreview(quote=quote, old_problem=message, new_problem=message)
    known = defaultdict(list)
    for line in quote.lines.all():
        known[line.sku].append(line.auxiliary_id)
    return _preview(quote, quote.session, cart, known, old, new)


def _preview(
    quote: Quote | None,
    session: PunchoutSession,
    cart: Cart,
    known: Mapping[str, Sequence[str]],
    old: PunchoutLink | None,
    new: PunchoutLink,
) -> CartPreview:
    after = _side(session, cart, known, new)
    before = _side(session, cart, known, old) if old else after
    line_ids = list(dict.fromkeys((*after.lines, *before.lines)))
    return CartPreview(
        quote=quote,
        lines=tuple(_line(before.lines.get(each), after.lines.get(each)) for each in line_ids[:MOST_LINES]),
        more_lines=max(0, max(before.count, after.count) - MOST_LINES),
        old_problem=before.problem,
        new_problem=after.problem,
    )


# One link


@dataclass(slots=True)
class _Told:
    """What one link makes of one line."""

    number: int
    quoted: QuotedLine
    values: dict[str, Shown] = field(default_factory=dict)
    problem: str = ""


@dataclass(slots=True)
class _Side:
    """What one link makes of one cart: its lines by the shop's ``line_id``."""

    lines: dict[str, _Told] = field(default_factory=dict)
    count: int = 0
    problem: str = ""


def _side(session: PunchoutSession, cart: Cart, known: Mapping[str, Sequence[str]], link: PunchoutLink) -> _Side:
    try:
        sent = prepare(cart, link)
    except UnsendableCart as problem:
        return _Side(problem=str(problem))
    lines = list(_quoted(sent, known))
    tell = (_of_oci if link.is_oci else _of_cxml)(session, link, sent, lines)
    told = {}
    for number, each in enumerate(lines[:MOST_LINES], start=1):
        line = told[each.line.line_id] = _Told(number, each)
        try:
            line.values, line.problem = tell(each)
        except UnsendableCart as problem:
            line.problem = str(problem)
    return _Side(told, len(lines))


def _quoted(cart: Cart, known: Mapping[str, Sequence[str]]) -> Iterator[QuotedLine]:
    """The lines with the IDs they went home under; freight or a part that did not go home has its own."""
    left = {sku: iter(ids) for sku, ids in known.items()}
    for line in cart.lines:
        yield QuotedLine(line, next(left.get(line.item.sku, iter(())), line.line_id))


_Teller = Callable[[QuotedLine], tuple[dict[str, Shown], str]]


def _of_oci(session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine]) -> _Teller:
    given = pack_oci.teller(session, link, cart, lines, quote_id=session.id.hex)
    version, found = Version(link.format), limits_from(link.limits)
    places = {name: place for place, name in enumerate(FIELDS)}

    def tell(quoted: QuotedLine) -> tuple[dict[str, Shown], str]:
        values = given(quoted)
        shown = {
            name: _oci_field(name, values[name], version, found.get(name, Limit()))
            for name in sorted(values, key=lambda each: (places.get(each, len(places)), each))
        }
        try:
            limited = pack_oci.limited(values, found, sku=quoted.line.item.sku)
        except UnsendableCart as problem:
            return shown, str(problem)
        return shown, translated(fault(limited, version))

    return tell


def _oci_field(name: str, value: str, version: Version, limit: Limit) -> Shown:
    known = FIELDS.get(name)
    width = known.widths.get(version) if known else FREE_WIDTH
    # Measured as it is sent, but for the cut: a name that is in no table is never cut.
    whole = fit(name if known and not known.cuts else "", value, version)
    kept = cut(value, limit) if known is None or known.cuts else value
    return _shown(whole, fit(name, kept, version), characters=_narrowest(width, limit.characters), bytes=limit.bytes)


def _of_cxml(session: PunchoutSession, link: PunchoutLink, cart: Cart, lines: Sequence[QuotedLine]) -> _Teller:
    given = pack_cxml.teller(session, link, cart, lines)
    found = limits_from(link.limits)

    def tell(quoted: QuotedLine) -> tuple[dict[str, Shown], str]:
        item = given(quoted)
        shown = {name: _cxml_field(name, value, found.get(name, Limit())) for name, value in as_values(item).items()}
        try:
            pack_cxml.limited(item, found)
        except UnsendableCart as problem:
            return shown, str(problem)
        return shown, ""

    return tell


def _cxml_field(name: str, value: str, limit: Limit) -> Shown:
    is_cut = name in pack_cxml.WORDS or name.startswith(EXTRINSIC)
    return _shown(value, cut(value, limit) if is_cut else value, characters=limit.characters, bytes=limit.bytes)


def _shown(whole: str, sent: str, *, characters: int | None, bytes: int | None) -> Shown:
    overwide, is_cut = None, len(sent) < len(whole)
    if characters is not None and len(whole) > characters:
        overwide = Overwide(len(whole), characters, in_bytes=False, is_cut=is_cut)
    elif bytes is not None and len(whole.encode()) > bytes:
        overwide = Overwide(len(whole.encode()), bytes, in_bytes=True, is_cut=is_cut)
    return Shown(text=sent, lost=whole[len(sent) :] if is_cut else "", overwide=overwide)


def _narrowest(*widths: int | None) -> int | None:
    return min((each for each in widths if each is not None), default=None)


# Both links


def _line(old: _Told | None, new: _Told | None) -> LinePreview:
    told = new or old
    # Where one of them says nothing at all, each field would look as if it were to go.
    is_comparable = all(each.values or not each.problem for each in (old, new) if each)
    before, after = (each.values if each else {} for each in (old, new))
    fields = (
        FieldPreview(target=target, old=before.get(target, Shown()), new=after.get(target, Shown()))
        for target in dict.fromkeys((*after, *before))
    )
    return LinePreview(
        number=told.number,
        sku=told.quoted.line.item.sku,
        name=told.quoted.line.item.name,
        fields=tuple(each for each in fields if is_comparable and (each.old.text or each.new.text)),
        old_problem=old.problem if old else "",
        new_problem=new.problem if new else "",
    )
