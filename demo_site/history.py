"""A past for the demo: a year of visits, carts, orders and failures, written in bulk. The same one for the same seed.

Documents are real ones of the connection, with numbers of their own; nothing is sent, and the shop makes no order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from demo_site.connecting import Organization, make_company
from demo_site.regulars import NAMES, SHIP_TO, Buyer, Goods
from wagtail_punchout.models import (
    Exchange,
    LinkFormat,
    Mode,
    OrderDocument,
    OrderLine,
    OrderState,
    PunchoutCustomer,
    PunchoutSession,
    PurchaseOrder,
    Quote,
    QuoteLine,
    Reason,
    company_root,
)
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.models.orders import Action, Verdict
from wagtail_punchout.models.sessions import State
from wagtail_punchout.protocol.cart import Text
from wagtail_punchout.protocol.cxml.item import ItemDetail, ItemID
from wagtail_punchout.protocol.errors import STATUS_TEXTS
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.money import Money
from wagtail_punchout.protocol.order import Order, header_json, line_json
from wagtail_punchout.protocol.order import OrderLine as Line
from wagtail_punchout.protocol.snapshot import as_json

#: Thirteen months.
DAYS = 396
#: Visits written at once.
BATCH = 1000
STRANGER = "stranger@unknown.example"
PEOPLE = ("Jana Groß", "Olaf Petersen", "Mina Yılmaz", "Chloé Martin", "Tom Baker", "Ida Sørensen", "Ben König")
#: How visits end, and how often.
ENDS = {State.RETURNED: 70, State.CANCELLED: 11, State.EXPIRED: 19}
ORDER_ENDS = {OrderState.HANDED_OVER: 90, OrderState.HELD: 2, OrderState.CANCELLED: 5, OrderState.REFUSED: 3}
#: Why calls fail, with which status, and how often.
FAILURES = {
    (Failure.SECRET_WRONG, 401): 30,
    (Failure.SENDER_UNKNOWN, 401): 20,
    (Failure.RETURN_FOREIGN, 403): 8,
    (Failure.LINK_OFF, 403): 6,
    (Failure.USER_UNKNOWN, 403): 10,
    (Failure.CONTENT, 400): 12,
    (Failure.UNREADABLE, 406): 8,
    (Failure.SHOP_UNAVAILABLE, 560): 4,
    (Failure.CRASH, 500): 2,
}
#: For each hundred visits.
FAILED, TESTS = 5, 4


class History:
    """Writes visits day by day, and keeps what it has written so far."""

    def __init__(self, buyers: list[Buyer], *, seed: int, today: datetime) -> None:
        self.buyers, self.random, self.today = buyers, Random(seed), today  # noqa: S311
        self.orders = PurchaseOrder.objects.count()
        self.start_batch()

    def start_batch(self) -> None:
        self.rows: dict[type[Model], list] = {
            each: [] for each in (PunchoutSession, Quote, QuoteLine, PurchaseOrder, OrderLine, Exchange, OrderDocument)
        }

    def write(self, number: int) -> Iterator[int]:
        """Write so many visits; yields how many there are so far."""
        times = sorted(self._time() for _ in range(number))
        for done, at in enumerate(times, 1):
            self._visit(at)
            if self.random.randrange(100) < FAILED:
                self._failure(at)
            if done % BATCH == 0 or done == number:
                self._flush()
                yield done

    def _time(self) -> datetime:
        """In working hours, seldom at a weekend, and the more the nearer to today."""
        while True:
            back = int(DAYS * (1 - self.random.random() ** 0.7))
            day = timezone.localdate(self.today) - timedelta(days=back)
            if day.weekday() > 4 and self.random.random() > 0.08:
                continue
            hour = min(max(self.random.gauss(12, 2.6), 6), 20)
            at = datetime.combine(day, time(), tzinfo=timezone.get_current_timezone()) + timedelta(hours=hour)
            if at < self.today:
                return at

    def _buyer(self, at: datetime) -> Buyer:
        awake = [each for each in self.buyers if (self.today - at).days >= each.silent_days]
        return self.random.choices(awake, [each.weight for each in awake])[0]

    def _pick(self, kinds: dict):
        return self.random.choices(list(kinds), list(kinds.values()))[0]

    def _visit(self, at: datetime) -> None:
        buyer, person = self._buyer(at), self.random.choice(PEOPLE)
        goods, state = self.random.choice(buyer.goods), self._pick(ENDS)
        mode = Mode.TEST if self.random.randrange(100) < TESTS else Mode.PRODUCTION
        over = min(at + timedelta(minutes=self.random.randrange(3, 50)), self.today)
        first, _, last = person.partition(" ")
        visit = PunchoutSession(
            id=UUID(int=self.random.getrandbits(128), version=4),
            customer=buyer.customer,
            company=buyer.customer.company,
            link=buyer.link,
            mode=mode,
            state=state,
            buyer_cookie=f"{self.random.getrandbits(64):016X}",
            return_url="https://buyer.example/hook",
            payload_id=f"{at:%Y%m%d%H%M%S}.{self.random.getrandbits(32):08x}@buyer.example",
            dtd_version="1.2.014",
            language="en",
            user_agent="Example",
            parties=buyer.header(),
            requester={
                "email": f"{first.lower()}@buyer.example",
                "name": person,
                "first_name": first,
                "last_name": last,
            },
            ship_to=SHIP_TO.as_dict(),
            created_at=at,
            start_until=at + timedelta(minutes=10),
            started_at=at + timedelta(seconds=4) if self.random.random() < 0.97 or state != State.EXPIRED else None,
            seen_at=over,
            ends_at=at + timedelta(hours=12),
            over_at=over,
        )
        visit.start_hash = visit.hash_token(visit.start_token)
        self.rows[PunchoutSession].append(visit)
        self._document(visit, Direction.IN, "PunchOutSetupRequest", self._marked(goods.setup, visit), at)
        if state == State.RETURNED:
            self._cart(visit, goods, over)

    def _marked(self, document: str, visit: PunchoutSession) -> str:
        return re.sub("(?<=<BuyerCookie>)[^<]*", visit.buyer_cookie, document)

    def _document(
        self, visit: PunchoutSession, direction: str, kind: str, document: str, at: datetime, **facts: object
    ) -> Exchange:
        made = Exchange(
            direction=direction,
            kind=kind,
            customer=visit.customer,
            session=visit,
            sender=visit.customer.sender_identity if direction == Direction.IN else "",
            user_agent=visit.user_agent,
            document=document,
            digest=hashlib.sha256(document.encode()).hexdigest(),
            size=len(document),
            milliseconds=self.random.randrange(8, 60),
            payload_id=visit.payload_id,
            created_at=at,
            **facts,
        )
        self.rows[Exchange].append(made)
        return made

    def _cart(self, visit: PunchoutSession, goods: Goods, at: datetime) -> None:
        prefix = f"{self.random.getrandbits(48):012x}-"
        document = self._marked(goods.message, visit).replace("EXAMPLE-", prefix)
        quote = Quote(
            session=visit,
            customer=visit.customer,
            currency=goods.cart.currency,
            total=goods.total,
            line_count=len(goods.cart.lines),
            document=document,
            cart=as_json(goods.cart),
            created_at=at,
        )
        self.rows[Quote].append(quote)
        lines = [
            QuoteLine(
                quote=quote,
                position=position,
                auxiliary_id=f"{prefix}{line.line_id}",
                sku=line.item.sku,
                description=line.item.name,
                quantity=line.quantity,
                unit=line.item.unit,
                unit_price=line.item.price.of(Decimal(1)).amount,
                currency=goods.cart.currency,
            )
            for position, line in enumerate(goods.cart.lines, 1)
        ]
        self.rows[QuoteLine] += lines
        self._document(visit, Direction.OUT, "PunchOutOrderMessage", document, at)
        ordered_at = at + timedelta(hours=self.random.expovariate(1 / 30))
        if self.random.random() < 0.72 and ordered_at < self.today:
            self._order(visit, goods, lines, ordered_at)

    def _order(self, visit: PunchoutSession, goods: Goods, quoted: list[QuoteLine], at: datetime) -> None:
        self.orders += 1
        number = f"45{self.orders:08}"
        state = OrderState.ACCEPTED if visit.mode == Mode.TEST else self._pick(ORDER_ENDS)
        if state == OrderState.HELD and (self.today - at).days > 3:
            state = OrderState.HANDED_OVER  # somebody has looked at it since
        is_home = state == OrderState.HANDED_OVER
        said = [
            Line(
                number=each.position,
                position=each.position,
                quantity=each.quantity,
                item_id=ItemID(each.sku, each.auxiliary_id),
                detail=ItemDetail(
                    unit_price=Money(each.unit_price, each.currency),
                    descriptions=(Text(each.description),),
                    unit=each.unit,
                ),
            )
            for each in quoted
        ]
        header = Order(
            order_id=number, order_date=at, order_date_text=at.isoformat(), ship_to=SHIP_TO,
            total=Money(goods.total, goods.cart.currency),
        )  # fmt: skip
        order = PurchaseOrder(
            key=UUID(int=self.random.getrandbits(128), version=4),
            customer=visit.customer,
            company=visit.company,
            link=visit.link,
            mode=visit.mode,
            parties=visit.parties,
            number=number,
            ordered_at=at,
            currency=goods.cart.currency,
            total=goods.total,
            line_count=len(quoted),
            ship_to=SHIP_TO.as_dict(),
            header=header_json(header),
            state=state,
            reasons=[{"code": Reason.SHIP_TO}] if state == OrderState.HELD else [],
            needs_person=state == OrderState.HELD,
            shop_number=f"NS-{self.orders:06}" if is_home else "",
            handed_over_at=at + timedelta(seconds=3) if is_home else None,
            handed_version=1 if is_home else None,
            created_at=at,
        )
        self.rows[PurchaseOrder].append(order)
        self.rows[OrderLine] += [
            OrderLine(
                order=order,
                position=each.position,
                number=each.number,
                sku=quote_line.sku,
                auxiliary_id=quote_line.auxiliary_id,
                description=quote_line.description,
                quantity=each.quantity,
                unit=quote_line.unit,
                unit_price=quote_line.unit_price,
                amount=each.amount.amount,
                currency=quote_line.currency,
                quote_line=quote_line,
                data=line_json(each),
            )
            for each, quote_line in zip(said, quoted, strict=True)
        ]
        numbered = re.sub('EXAMPLE-[^"]*', number, goods.order)
        document = self._document(visit, Direction.IN, "OrderRequest", numbered, at)
        document.order, document.session = order, None
        self.rows[OrderDocument].append(
            OrderDocument(
                order=order,
                customer=visit.customer,
                exchange=document,
                dedup_key=number,
                payload_id=f"{number}@buyer.example",
                digest=document.digest,
                action=Action.NEW,
                version=1,
                verdict=Verdict.APPLIED,
                answer="",
                received_at=at,
            )
        )

    def _failure(self, at: datetime) -> None:
        buyer = self._buyer(at)
        reason, status = self._pick(FAILURES)
        is_known = reason not in (Failure.SENDER_UNKNOWN, Failure.UNREADABLE)
        document = buyer.goods[0].setup
        self.rows[Exchange].append(
            Exchange(
                direction=Direction.IN,
                kind="" if reason == Failure.UNREADABLE else "PunchOutSetupRequest",
                customer=buyer.customer if is_known and status != 401 else None,
                sender=buyer.customer.sender_identity if is_known else STRANGER,
                status=status,
                sentence=STATUS_TEXTS[status],
                reason=reason,
                document=document[:-40] if reason == Failure.UNREADABLE else document,
                size=len(document),
                milliseconds=self.random.randrange(3, 30),
                created_at=at,
            )
        )

    @transaction.atomic
    def _flush(self) -> None:
        """Each kind after those that it speaks of."""
        with times_as_given(*self.rows):
            for model, made in self.rows.items():
                model.objects.bulk_create(made, batch_size=500)
        for document in self.rows[OrderDocument]:
            document.order.current = document
        PurchaseOrder.objects.bulk_update(
            [each.order for each in self.rows[OrderDocument]], ["current"], batch_size=200
        )
        self.start_batch()


@contextmanager
def times_as_given(*models: type[Model]) -> Iterator[None]:
    """The past is written down today: let ``auto_now_add`` not put today everywhere."""
    fields = [each for model in models for each in model._meta.concrete_fields if getattr(each, "auto_now_add", False)]
    for each in fields:
        each.auto_now_add = False
    try:
        yield
    finally:
        for each in fields:
            each.auto_now_add = True


def make_history(visits: int, *, seed: int = 7) -> Iterator[int]:
    """Connections of invented companies, and so many visits; yields how many have been written."""
    random = Random(seed)  # noqa: S311
    for number, name in enumerate(NAMES):
        code = f"77{number:04}"
        make_company(
            Organization(name=name, code=code, customer=f"{name} purchasing", facts={"currency": "EUR"}),
            parent=company_root(),
            buyer="https://buyer.example",
        )
    customers = PunchoutCustomer.objects.filter(group__links__format=LinkFormat.CXML).select_related("company", "group")
    buyers = [
        # A few use it much, many little; some have stopped.
        Buyer(each, weight=1 / (1 + place), silent_days=random.choice((9, 16, 33)) if place % 7 == 3 else 0)
        for place, each in enumerate(customers.order_by("pk").distinct())
    ]
    yield from History(buyers, seed=seed, today=timezone.now()).write(visits)
