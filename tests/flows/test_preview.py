"""Preview: real past carts under a link and its draft, before a buyer meets the draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from tests.connections import connect
from tests.protocol.carts import cart, item, line
from wagtail_punchout.flows import preview
from wagtail_punchout.flows.preview import past_quotes, preview_quotes, preview_sample
from wagtail_punchout.models import (
    LinkFormat,
    MappingRow,
    Mode,
    PunchoutCustomer,
    PunchoutLink,
    PunchoutSession,
    Quote,
    QuoteLine,
)
from wagtail_punchout.protocol.snapshot import as_json

PREFIX = "X" * 34


@pytest.fixture
def oci(db):
    return connect("oci", format="oci4")


@pytest.fixture
def returned():
    """A cart that went home: ``returned(connection, cart)``."""

    def make(connection, given=None, **values) -> Quote:
        now = timezone.now()
        session = PunchoutSession(
            customer=connection.customer,
            company=connection.company,
            mode=Mode.TEST,
            state="returned",
            start_until=now,
            ends_at=now,
            over_at=now,
            link=values.pop("link", connection.link),
        )
        session.start_hash = session.hash_token(session.start_token)
        session.save()
        given = given or cart()
        quote = Quote.objects.create(
            **{
                "session": session,
                "customer": connection.customer,
                "line_count": len(given.lines),
                "document": "[]",
                "cart": as_json(given),
                **values,
            }
        )
        QuoteLine.objects.bulk_create(
            QuoteLine(
                quote=quote,
                position=number,
                auxiliary_id=f"aux-{number}",
                sku=each.item.sku,
                quantity=each.quantity,
                unit="EA",
                unit_price=1,
                currency="EUR",
            )
            for number, each in enumerate(given.lines, start=1)
        )
        return quote

    return make


def draft_of(link: PunchoutLink, *rows: dict, **values) -> PunchoutLink:
    """The newest draft with these rows of the mapping, while the link itself stays as it is."""
    draft = PunchoutLink.objects.get(pk=link.pk)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.mapping_rows = [MappingRow(sort_order=number, **row) for number, row in enumerate(rows)]
    draft.save_revision()
    return PunchoutLink.objects.get(pk=link.pk).get_latest_revision_as_object()


def row(target: str, source: str, kind: str = "field", **values) -> dict:
    return {"target": target, "kind": kind, "source": source, **values}


def looked_at(link: PunchoutLink, new: PunchoutLink | None = None) -> preview.LinePreview:
    """The first line of the only cart."""
    [one] = preview_quotes(past_quotes(link, Quote.objects.all()), old=link, new=new or link)
    return one.lines[0]


def fields(told: preview.LinePreview) -> dict[str, preview.FieldPreview]:
    return {each.target: each for each in told.fields}


@pytest.mark.parametrize(
    ("format", "target", "old"), [("oci4", "DESCRIPTION", "Desk chair"), ("cxml", "ShortName", "Desk chair")]
)
def test_old_and_new_value_of_a_changed_row(db, returned, format, target, old):
    acme = connect("acme", format=format)
    returned(acme)
    told = looked_at(acme.link, draft_of(acme.link, row(target, "product.sku")))
    assert (fields(told)[target].old.text, fields(told)[target].new.text) == (old, "KD-5555")
    assert [each.target for each in told.fields if each.is_changed] == [target]


def test_other_settings_of_the_draft_count_too(oci, returned):
    returned(oci)
    told = looked_at(oci.link, draft_of(oci.link, prices="gross"))
    assert (fields(told)["PRICE"].old.text, fields(told)["PRICE"].new.text) == ("104.990", "1249.381")


def test_field_that_is_gone_and_one_that_is_new(oci, returned):
    returned(oci)
    told = looked_at(oci.link, draft_of(oci.link, row("LEADTIME", "", "constant"), row("CUST_FIELD1", "X", "constant")))
    found = fields(told)
    assert (found["LEADTIME"].old.text, found["LEADTIME"].new.text) == ("3", "")
    assert (found["CUST_FIELD1"].old.text, found["CUST_FIELD1"].new.text) == ("", "X")


def test_what_the_field_cuts_is_marked_with_its_width(oci, returned):
    returned(oci)
    shown = fields(looked_at(oci.link, draft_of(oci.link, row("DESCRIPTION", "product.description"))))
    new = shown["DESCRIPTION"].new
    assert (len(new.text) <= 40, new.text + new.lost) == (True, item().descriptions[0].text)
    assert (new.overwide.room, new.overwide.size, new.overwide.is_cut) == (40, 58, True)


def test_what_the_field_refuses_is_marked_and_told(oci, returned):
    returned(oci)
    told = looked_at(oci.link, draft_of(oci.link, row("VENDORMAT", PREFIX + "{{ product.sku }}", "template")))
    new = fields(told)["VENDORMAT"].new
    assert (new.text, new.overwide.is_cut, new.overwide.room) == (f"{PREFIX}KD-5555", False, 40)
    assert "VENDORMAT has room for 40 characters" in told.new_problem
    assert not told.old_problem


def test_what_the_field_refuses_is_told_in_german(oci, returned):
    returned(oci)
    with override("de"):
        told = looked_at(oci.link, draft_of(oci.link, row("VENDORMAT", PREFIX + "{{ product.sku }}", "template")))
    assert told.new_problem == "VENDORMAT hat in OCI 4.0 Platz für 40 Zeichen, dies sind 41."


@pytest.mark.parametrize(("format", "target"), [("oci4", "VENDORMAT"), ("cxml", "SupplierPartID")])
def test_limit_of_the_buyers_system_is_told_in_german(db, returned, format, target):
    acme = connect("acme", format=format, limits={target: {"characters": 4, "forbidden": "-"}})
    returned(acme)
    with override("de"):
        told = looked_at(acme.link).new_problem
    assert told.endswith(
        f"{target}: Es sind 7 Zeichen, und höchstens 4 werden angenommen. Nicht enthalten sein darf „-“."
    )


@pytest.mark.parametrize(
    ("format", "target", "limit", "mark"),
    [
        ("oci4", "DESCRIPTION", {"characters": 4}, (10, 4, False, True)),
        ("oci4", "VENDORMAT", {"characters": 4}, (7, 4, False, False)),
        ("oci4", "VENDORMAT", {"bytes": 3}, (7, 3, True, False)),
        ("cxml", "ShortName", {"characters": 4}, (10, 4, False, True)),
        ("cxml", "SupplierPartID", {"characters": 4}, (7, 4, False, False)),
        ("cxml", "Extrinsic:GTIN", {"bytes": 3}, (14, 3, True, True)),
    ],
)
def test_limits_of_the_buyers_system_are_marked_too(db, returned, format, target, limit, mark):
    acme = connect("acme", format=format, limits={target: limit})
    returned(acme)
    told = looked_at(acme.link)
    over = fields(told)[target].new.overwide
    assert (over.size, over.room, over.in_bytes, over.is_cut) == mark
    assert bool(told.new_problem) is not over.is_cut


def test_line_that_cannot_be_sent_does_not_hide_the_others(oci, returned):
    unpriced = line(line_id="8", item=item(sku="FREE-1", price=None))
    returned(oci, cart(line(), unpriced, line(line_id="9")))
    [one] = preview_quotes(past_quotes(oci.link, Quote.objects.all()), old=oci.link, new=oci.link)
    assert [each.new_problem for each in one.lines] == ["", "FREE-1 has no price.", ""]
    assert [fields(each)["EXT_QUOTE_ITEM"].new.text for each in one.lines if each.fields] == ["1", "3"]


def test_cart_that_cannot_be_sent_at_all_says_why(oci, returned):
    returned(oci, cart(line(item=item(tax_rate=None))))
    new = draft_of(oci.link, prices="gross")
    [one] = preview_quotes(past_quotes(oci.link, Quote.objects.all()), old=oci.link, new=new)
    assert (one.old_problem, "no tax rate" in one.new_problem) == ("", True)


def test_row_that_can_never_work_says_which(oci, returned):
    returned(oci)
    told = looked_at(oci.link, draft_of(oci.link, row("MATNR", "product.sku", transforms="shout")))
    assert "1: There is no transform “shout”" in told.new_problem
    assert told.fields == ()


def test_lines_keep_the_key_they_went_home_with(oci, returned):
    returned(oci, cart(line(), line(line_id="8")))
    new = draft_of(oci.link, row("CUST_FIELD4", "line.auxiliary_id"))
    [one] = preview_quotes(past_quotes(oci.link, Quote.objects.all()), old=oci.link, new=new)
    assert [fields(each)["CUST_FIELD4"].new.text for each in one.lines] == ["aux-1", "aux-2"]


def test_charge_that_becomes_a_line_is_a_new_line(oci, returned):
    returned(oci, replace(cart(), shipping=preview.sample_cart().shipping))
    new = draft_of(oci.link, shipping_as="omit")
    [one] = preview_quotes(past_quotes(oci.link, Quote.objects.all()), old=oci.link, new=new)
    assert [each.sku for each in one.lines] == ["KD-5555", "FREIGHT"]
    assert {each.new.text for each in one.lines[1].fields} == {""}


def test_unreadable_cart_says_so(oci, returned):
    returned(oci, cart=as_json(cart()) | {"version": 99})
    [one] = preview_quotes(past_quotes(oci.link, Quote.objects.all()), old=oci.link, new=oci.link)
    assert "another release" in one.new_problem


# Which carts


def test_newest_carts_of_the_link_come_first(oci, returned, monkeypatch):
    monkeypatch.setattr(preview, "MOST_CARTS", 2)
    now = timezone.now()
    quotes = [returned(oci) for _ in range(3)]
    for days, quote in enumerate(quotes):
        Quote.objects.filter(pk=quote.pk).update(created_at=now - timedelta(days=days))
    assert past_quotes(oci.link, Quote.objects.all()) == quotes[:2]


def test_cancelled_and_empty_carts_are_left_out(oci, returned):
    returned(oci, is_cancel=True)
    returned(oci, line_count=0)
    returned(oci, cart={})
    assert past_quotes(oci.link, Quote.objects.all()) == []


def test_link_without_carts_is_tried_on_those_of_its_customers(oci, returned):
    new_link = PunchoutLink.objects.create(name="New", group=oci.link.group, format=LinkFormat.OCI5)
    quote = returned(oci)
    returned(connect("other", format="oci4"))
    assert past_quotes(new_link, Quote.objects.all()) == [quote]
    [one] = preview_quotes([quote], old=None, new=new_link)
    assert not one.is_changed
    assert fields(one.lines[0])["VENDORMAT"].new.text == "KD-5555"


def test_only_carts_that_may_be_seen(oci, returned):
    returned(oci)
    assert past_quotes(oci.link, Quote.objects.none()) == []


# The sample


@pytest.mark.parametrize("format", LinkFormat.values)
def test_sample_cart_can_be_sent_in_every_format(db, format):
    link = connect("acme", format=format).link
    told = preview_sample(old=link, new=link)
    assert len(told.lines) >= 3
    assert {each.new_problem for each in told.lines} == {""}


def test_sample_cart_shows_what_goes_wrong_first(oci):
    new = draft_of(oci.link, row("DESCRIPTION", "product.description"), return_charset="iso-8859-1")
    first, second, *_ = preview_sample(old=oci.link, new=new).lines
    assert fields(first)["DESCRIPTION"].new.overwide
    assert "€" not in fields(first)["LONGTEXT"].new.text
    assert fields(second)["PRICEUNIT"].new.text == "100"


# What it costs


def test_queries_do_not_grow_with_the_lines(oci, returned):
    new = draft_of(oci.link, row("DESCRIPTION", "product.sku"))

    def queries() -> int:
        link = PunchoutLink.objects.get(pk=oci.link.pk)
        with CaptureQueriesContext(
            database,
        ) as captured:
            preview_quotes(past_quotes(link, Quote.objects.all()), old=link, new=new)
        return len(captured)

    quote = returned(oci)
    few = queries()
    many = cart(*(line(line_id=str(number)) for number in range(40)))
    Quote.objects.filter(pk=quote.pk).update(cart=as_json(many))
    assert queries() == few


def test_nothing_is_written(oci, returned):
    returned(oci)
    new = draft_of(oci.link, row("DESCRIPTION", "product.sku"))
    before = list(Quote.objects.values()), PunchoutSession.objects.count(), PunchoutCustomer.objects.count()
    looked_at(oci.link, new)
    preview_sample(old=oci.link, new=new)
    assert before == (list(Quote.objects.values()), PunchoutSession.objects.count(), PunchoutCustomer.objects.count())


def test_long_cart_says_how_many_lines_are_left_out(oci, returned):
    returned(oci, cart(*(line(line_id=str(number)) for number in range(25))))
    [one] = preview_quotes(past_quotes(oci.link, Quote.objects.all()), old=oci.link, new=oci.link)
    assert (len(one.lines), one.more_lines) == (20, 5)
