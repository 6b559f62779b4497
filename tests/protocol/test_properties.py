"""Carts and documents that nobody would think of."""

from __future__ import annotations

import html
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.protocol.factories import CHAIR, SETUP, message_bytes, order
from wagtail_punchout.protocol.cart import Charge, Classification, Text
from wagtail_punchout.protocol.cxml import dtd, envelope, order_message, setup, tree
from wagtail_punchout.protocol.cxml.browser_form import form_fields, read_form
from wagtail_punchout.protocol.cxml.item import ItemID
from wagtail_punchout.protocol.cxml.order_message import ItemIn, OrderMessage
from wagtail_punchout.protocol.errors import Refused
from wagtail_punchout.protocol.money import Money

NASTY = [
    '"><script>alert(1)</script>',
    "</textarea>",
    "]]>",
    "<![CDATA[",
    "<!--",
    "&amp;",
    "&#x41;",
    "&",
    "\u2028",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\U0001f600",
    "\u202e",
    "עברית",
    "%41%%s",
    "a=b;c+d",
    "\r\n",
    "\t",
    "{{ x }}",
    "ü€",
]

any_text = st.lists(st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=[]), max_size=6))).map(
    "".join
)
said = any_text.filter(lambda text: text.strip() and tree.clean(text).strip())
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
texts = st.builds(Text, said, st.sampled_from(["en", "de-DE"]), any_text)

details = st.builds(
    replace,
    st.just(CHAIR.detail),
    unit_price=amounts.map(lambda amount: Money(amount, "EUR")),
    descriptions=st.lists(texts, min_size=1, max_size=2).map(tuple),
    unit=said,
    classifications=st.lists(st.builds(Classification, said, said), min_size=1, max_size=2).map(tuple),
    manufacturer_name=any_text,
    url=any_text,
    extrinsics=st.lists(st.tuples(any_text, any_text), max_size=2).map(tuple),
)
lines = st.builds(
    ItemIn,
    item_id=st.builds(ItemID, said, any_text),
    quantity=st.decimals(min_value=Decimal("0.001"), max_value=10**6, places=3),
    detail=details,
    line_number=st.integers(1, 10**6),
)
carts = st.builds(
    OrderMessage,
    buyer_cookie=said,
    operation_allowed=st.sampled_from(order_message.OperationAllowed),
    total=amounts.map(lambda amount: Money(amount, "EUR")),
    shipping=st.none() | st.builds(Charge, amounts.map(lambda amount: Money(amount, "EUR")), texts),
    lines=st.lists(lines, max_size=3).map(tuple),
)


class Browser(HTMLParser):
    """Reads the page and sends its form, with the line ends that browsers write."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        assert tag == "input", "a value broke out of its attribute"
        given = dict(attributes)
        self.fields.append((given["name"], given["value"].replace("\r\n", "\n").replace("\n", "\r\n")))

    def sent(self) -> list[tuple[str, str]]:
        return parse_qsl(urlencode(self.fields), keep_blank_values=True)


def travelled(document: bytes, encoding: str) -> bytes:
    page = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in form_fields(document, encoding=encoding)
    )
    return read_form(Browser(page).sent())


def as_received(cart: OrderMessage) -> OrderMessage:
    """What the cart may lose on the way: forbidden characters, blanks at the ends, a name that repeats the text."""

    def trim(value: str) -> str:
        return tree.clean(value).strip()

    def text(each: Text) -> Text:
        return Text(trim(each.text), each.language, "" if each.short == each.text else trim(each.short))

    def line(each: ItemIn) -> ItemIn:
        detail = replace(
            each.detail,
            descriptions=tuple(map(text, each.detail.descriptions)),
            unit=trim(each.detail.unit),
            classifications=tuple(Classification(trim(c.domain), trim(c.code)) for c in each.detail.classifications),
            manufacturer_name=trim(each.detail.manufacturer_name),
            url=trim(each.detail.url),
            extrinsics=tuple((trim(name), trim(value)) for name, value in each.detail.extrinsics),
        )
        item_id = ItemID(trim(each.item_id.supplier_part_id), trim(each.item_id.supplier_part_auxiliary_id))
        return replace(each, item_id=item_id, detail=detail)

    shipping = cart.shipping and replace(cart.shipping, description=text(cart.shipping.description))
    return replace(
        cart, buyer_cookie=tree.clean(cart.buyer_cookie), shipping=shipping, lines=tuple(map(line, cart.lines))
    )


@given(carts, st.sampled_from(["base64", "urlencoded"]))
@settings(max_examples=60)
def test_hostile_cart_comes_home_whole(cart, encoding):
    received = envelope.decode_message(tree.parse(travelled(message_bytes(cart), encoding)))
    assert order_message.decode(received.body) == as_received(cart)


@given(carts)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_cart_is_valid(dtds, cart):
    raw = message_bytes(cart)
    assert dtd.problems(raw, dtds, "1.2.014") == dtd.problems(raw, dtds, "1.2.071") == []


@given(any_text)
def test_cleaning_keeps_all_that_can_be_written(text):
    root = tree.element("a")
    tree.add_text(root, "b", text)
    written = tree.parse(tree.serialize(root, dtd_version="1.2.014")).root.findtext("b")
    assert written == tree.clean(text)
    assert tree.clean(written) == written


# Strangers


def take(raw: bytes) -> None:
    """All that is done with foreign bytes; only ``Refused`` may come out of it."""
    for decode in (
        lambda document: setup.requester(setup.decode_setup_request(envelope.decode_request(document).body)),
        lambda document: order_message.decode(envelope.decode_message(document).body),
        envelope.decode_response,
    ):
        try:
            document = tree.parse(raw)
            tree.without_secrets(document.root)
            tree.fingerprint(document.root)
            decode(document)
        except Refused as refusal:
            assert refusal.sentence


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_random_bytes_are_refused_and_nothing_else(raw):
    take(raw)


ORIGINALS = [SETUP.encode(), message_bytes(order()), SETUP.encode("utf-16")]
edits = st.tuples(
    st.floats(0, 1),
    st.integers(0, 12),
    st.one_of(st.binary(max_size=4), st.sampled_from(NASTY).map(lambda text: text.encode("utf-8", "surrogatepass"))),
)


@given(st.sampled_from(ORIGINALS), st.lists(edits, min_size=1, max_size=4))
@settings(max_examples=200)
def test_mutated_documents_are_read_or_refused(raw, changes):
    for where, removed, inserted in changes:
        at = int(where * len(raw))
        raw = raw[:at] + inserted + raw[at + removed :]
    take(raw)


ENVELOPE = ["Header", "From", "Sender", "Credential", "Request", "Message", "Response", "Status", "Extrinsic"]
PAYLOAD = ["PunchOutSetupRequest", "BuyerCookie", "ItemOut", "ItemID", "ItemDetail", "UnitPrice", "Description"]
CART = ["PunchOutOrderMessage", "PunchOutOrderMessageHeader", "Total", "ItemIn"]
LEAVES = ["<ItemID/>", "<Money currency='EUR'>1e99</Money>", "<Identity/>", "text", "<Credential/>", "<URL> </URL>"]

fragments = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.builds(
        "<{0} quantity='1' code='200' operation='edit' name=''>{1}</{0}>".format,
        st.sampled_from([*ENVELOPE, *PAYLOAD, *CART]),
        st.lists(inner, max_size=4).map("".join),
    ),
    max_leaves=20,
)


@given(st.lists(fragments, max_size=5).map("".join))
@settings(max_examples=100)
def test_cxml_in_any_disorder_is_read_or_refused(inside):
    take(f"<cXML>{inside}</cXML>".encode())
