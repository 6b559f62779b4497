"""What a returned cart does to a requisition: the standard's table, row by row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo_site.buyer.arriving import AlreadyHome, NotOurs, take_home
from demo_site.buyer.models import Outcome, Visit
from tests.testing.canned import DETAIL, a_cancel, a_message, an_item
from wagtail_punchout.testing.documents import read_order_message


def a_visit(draft, operation="create", cookie="c") -> Visit:
    return Visit.objects.create(requisition=draft, operation=operation, buyer_cookie=cookie)


def come_home(draft, document) -> Visit:
    return take_home(draft, read_order_message(document))


def lines(draft) -> list[str]:
    return [line.part_id for line in draft.lines.all()]


@pytest.fixture
def filled(draft):
    a_visit(draft, cookie="first")
    come_home(draft, a_message(an_item(), cookie="first"))
    return draft


def test_a_cart_becomes_a_draft(filled):
    filled.refresh_from_db()
    [line] = filled.lines.all()
    assert (filled.total, filled.currency, filled.may_edit) == (Decimal("1526.40"), "EUR", True)
    assert (line.quantity, line.unit, line.price, line.amount) == (2, "EA", Decimal("763.2"), Decimal("1526.4"))
    assert line.facts == {"UNSPSC": "56112102", "Manufacturer": "Excelsior EX-1", "LeadTime": "3", "Color": "black"}
    assert [text["language"] for text in line.texts] == ["en", "de-DE"]


@pytest.mark.parametrize(
    ("operation", "document", "left", "outcome"),
    [
        ("create", a_message(total="0"), [], Outcome.RETURNED),
        ("create", a_cancel(), [], Outcome.CANCELLED),
    ],
)
def test_nothing_comes_of_an_empty_create(draft, operation, document, left, outcome):
    a_visit(draft, operation)
    assert come_home(draft, document).outcome == outcome
    draft.refresh_from_db()
    assert (lines(draft), draft.filled_at) == (left, None)


OTHER = an_item(item_id="<SupplierPartID>OTHER</SupplierPartID>")


@pytest.mark.parametrize(
    ("operation", "document", "left", "outcome"),
    [
        ("edit", a_message(OTHER), ["OTHER"], Outcome.RETURNED),
        ("edit", a_message(total="0"), [], Outcome.RETURNED),
        ("edit", a_cancel(), ["KD5555"], Outcome.CANCELLED),
        ("inspect", a_message(OTHER), ["KD5555"], Outcome.INSPECTED),
        ("inspect", a_message(total="0"), ["KD5555"], Outcome.INSPECTED),
        ("inspect", a_cancel(), ["KD5555"], Outcome.CANCELLED),
    ],
)
def test_coming_back_follows_the_table(filled, operation, document, left, outcome):
    a_visit(filled, operation)
    assert come_home(filled, document).outcome == outcome
    assert lines(filled) == left


def test_the_same_cart_twice_changes_nothing(filled):
    again = come_home(filled, a_message(an_item(), cookie="first"))
    assert again.outcome == Outcome.RETURNED
    assert lines(filled) == ["KD5555"]


def test_another_cart_of_a_visit_that_has_ended_is_refused(filled):
    with pytest.raises(AlreadyHome):
        come_home(filled, a_message(OTHER, cookie="first"))
    assert lines(filled) == ["KD5555"]


def test_a_late_cart_does_not_undo_a_cancel(filled):
    a_visit(filled, "edit")
    come_home(filled, a_cancel())
    with pytest.raises(AlreadyHome):
        come_home(filled, a_message(OTHER))


def test_a_foreign_cookie_is_refused(filled):
    with pytest.raises(NotOurs):
        come_home(filled, a_message(OTHER, cookie="unknown"))


def test_a_cart_that_gives_the_secret_away_is_kept_without_it(draft):
    draft.connection.secret = "giveaway"
    draft.connection.save()
    a_visit(draft)
    document = a_message(an_item(DETAIL.replace("black", "giveaway")))
    visit = come_home(draft, document)
    assert "giveaway" not in visit.cart
    assert any("shared secret" in sentence for sentence in visit.complaints)
    assert come_home(draft, document) == visit


def test_complaints_are_kept_with_the_visit(draft):
    a_visit(draft)
    assert come_home(draft, a_message(an_item(), total="9.99")).complaints == [
        "The Total is 9.99 EUR, but the lines add up to 1526.40."
    ]


def test_unreadable_numbers_do_not_lose_the_line(draft):
    a_visit(draft)
    come_home(draft, a_message(an_item(DETAIL.replace("763.20", "on request"))))
    [line] = draft.lines.all()
    assert (line.price, line.amount) == (None, None)
