"""ERPs are told of orders: who, of what, and how they know that it was us."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests.connections import connect
from tests.flows.test_deliver import Buyer, serving
from tests.order_documents import order_request
from tests.orders import AT, make_order
from wagtail_punchout.conf import conf
from wagtail_punchout.flows import decide
from wagtail_punchout.flows.announce import EVENTS, announce, headers_for
from wagtail_punchout.flows.erp_clients import new_webhook_secret
from wagtail_punchout.flows.work import run_due
from wagtail_punchout.models import Delivery, ErpClient, Mode, OrderState, PurchaseOrder
from wagtail_punchout.models.outbox import WorkState

pytestmark = pytest.mark.django_db

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
URL = "https://erp.example/hook"


@pytest.fixture
def buyer(db):
    return connect("acme", mode=Mode.PRODUCTION)


def erp(name: str = "ERP", *, url: str = URL, mode: str = Mode.PRODUCTION, **facts) -> ErpClient:
    client = ErpClient.objects.create(name=name, mode=mode, token_hash=name, webhook_url=url, **facts)
    new_webhook_secret(client, by=None)
    return client


def told() -> list[str]:
    return [each.client.name for each in Delivery.objects.filter(kind="webhook").order_by("client__name")]


def is_genuine(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As the reference tells people to do it."""
    (sample,) = re.findall(r"```python\n(.*?)```", REFERENCE.read_text(), re.DOTALL)
    found: dict = {}
    exec(sample, found)  # noqa: S102
    return found["is_genuine"](headers, body, secret)


# Who


def test_those_are_told_that_may_see_the_order(buyer):
    rival = connect("rival").company
    below = buyer.company.add_child(name="Below", code="below")
    erp("1 all")
    erp("2 its company", company=buyer.company)
    erp("3 below", company=below)
    erp("4 rival", company=rival)
    erp("5 test", mode=Mode.TEST)
    erp("6 switched off", is_active=False)
    erp("7 only asks", url="")
    announce(make_order(buyer), "order.accepted", at=AT)
    assert told() == ["1 all", "2 its company"]


def test_erp_without_a_webhook_secret_is_told_nothing(buyer):
    ErpClient.objects.create(name="ERP", mode=Mode.PRODUCTION, token_hash="x", webhook_url=URL)
    announce(make_order(buyer), "order.accepted", at=AT)
    assert told() == []


def test_test_order_is_announced_to_test_clients_alone(buyer):
    erp("production")
    erp("test", mode=Mode.TEST)
    announce(make_order(buyer, mode=Mode.TEST), "order.held", at=AT)
    assert told() == ["test"]


# Of what


def test_webhook_says_which_order_and_not_what_is_in_it(buyer):
    erp()
    order = make_order(buyer, buyer="jane@acme.example")
    (delivery,) = announce(order, "order.accepted", at=AT)
    said = json.loads(delivery.body)
    assert (said["type"], said["timestamp"], said["id"]) == ("order.accepted", AT.isoformat(), delivery.payload_id)
    assert said["data"] == {
        "key": str(order.key),
        "number": "PO-1",
        "version": 1,
        "state": "accepted",
        "mode": "production",
        "url": f"{conf().base_url}/punchout/api/orders/{order.key}",
    }


def test_address_in_the_webhook_is_that_of_the_order(buyer, client):
    erp()
    (delivery,) = announce(make_order(buyer), "order.accepted", at=AT)
    url = json.loads(delivery.body)["data"]["url"]
    assert client.get(url.removeprefix(conf().base_url)).status_code == 401


@pytest.mark.parametrize(
    ("state", "do", "event"),
    [
        (OrderState.HELD, decide.accept, "order.accepted"),
        (OrderState.HELD, lambda order, **facts: decide.refuse(order, "No", **facts), "order.refused"),
        (OrderState.ACCEPTED, lambda order, **facts: decide.hold(order, "Wait", **facts), "order.held"),
    ],
)
def test_decisions_are_told(buyer, state, do, event):
    erp()
    do(make_order(buyer, state=state), by=get_user_model().objects.create_user("clerk"), at=timezone.now())
    assert Delivery.objects.get(kind="webhook").event == event


def test_what_the_buyer_does_is_told(buyer, client):
    erp("test", mode=Mode.TEST)
    erp()
    for action in ("new", "delete"):
        document = order_request(action=action, deployment_mode="production")
        assert client.post("/punchout/cxml/", document, content_type="text/xml").status_code == 200
    order = PurchaseOrder.objects.get()
    events = [each.event for each in order.deliveries.filter(kind="webhook").order_by("pk")]
    assert events[-1] == "order.cancelled"
    assert {each.client.mode for each in order.deliveries.filter(kind="webhook")} == {order.mode}


def test_every_event_is_described():
    said = REFERENCE.read_text()
    assert [each for each in EVENTS if f"`{each}`" not in said] == []


def test_no_other_event_is_announced():
    flows = Path(__file__).parents[2] / "wagtail_punchout" / "flows"
    used = {found for each in flows.glob("*.py") for found in re.findall(r'"(order\.[a-z_]+)"', each.read_text())}
    assert used == set(EVENTS)


# How they know that it was us


def test_signature_is_the_one_of_standard_webhooks(buyer):
    """The example that the libraries of Standard Webhooks test themselves with."""
    client = erp()
    client.set_webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    delivery = Delivery(client=client, payload_id="msg_p5jXN8AQM9LWM0D4loKWxJek", body='{"test": 2432232314}')
    assert headers_for(delivery, datetime.fromtimestamp(1614265330, UTC)) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secret_is_long_and_nowhere_in_clear(buyer):
    client = erp()
    secret = client.webhook_secret()
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret.removeprefix("whsec_") not in str(ErpClient.objects.values())


def test_webhook_arrives_signed_and_is_told_from_a_forged_one(buyer):
    system = Buyer()
    with serving(system) as url:
        client = erp(url=url)
        announce(make_order(buyer, "PO-ä"), "order.accepted", at=timezone.now())
        run_due()
    assert Delivery.objects.get().state == WorkState.DONE
    ((headers, body),) = system.posted
    given = {name.lower(): value for name, value in headers.items()}
    assert (given["content-type"], json.loads(body)["data"]["number"]) == ("application/json", "PO-ä")
    assert is_genuine(given, body, client.webhook_secret())
    assert not is_genuine(given, body + b" ", client.webhook_secret())
    assert not is_genuine(given | {"webhook-id": "msg_other"}, body, client.webhook_secret())
    assert not is_genuine(given, body, f"whsec_{base64.b64encode(b'another').decode()}")


def test_webhook_sent_again_keeps_its_name_and_bears_a_new_time(buyer):
    erp()
    (delivery,) = announce(make_order(buyer), "order.accepted", at=AT)
    first, second = (headers_for(delivery, AT + timedelta(hours=each)) for each in (0, 1))
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    assert first["webhook-signature"] != second["webhook-signature"]


def test_number_that_looks_like_a_placeholder_stays_a_number(buyer):
    """No secret of a buyer is ever put into a webhook."""
    system = Buyer()
    with serving(system) as url:
        erp(url=url)
        announce(make_order(buyer, "{{shared-secret}}"), "order.accepted", at=timezone.now())
        run_due()
    ((_headers, body),) = system.posted
    assert json.loads(body)["data"]["number"] == "{{shared-secret}}"


def test_erp_that_was_switched_off_meanwhile_hears_nothing(buyer):
    system = Buyer()
    with serving(system) as url:
        erp(url=url)
        announce(make_order(buyer), "order.accepted", at=timezone.now())
        ErpClient.objects.update(is_active=False)
        run_due()
    assert (system.posted, Delivery.objects.get().state) == ([], WorkState.STOPPED)
