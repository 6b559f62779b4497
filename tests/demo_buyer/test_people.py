"""Who requests, who approves, who orders: the way of a requisition through the buyer's own house."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from demo_site.buyer import approving
from demo_site.buyer.models import Connection, Contact, Line, Location, Person, PurchaseOrder, Requisition, State, Visit
from demo_site.buyer.seeding import seed
from tests.testing.canned import DETAIL, a_message, a_response, an_item, base64_of


@pytest.fixture
def supplier(supplier, shop):
    supplier.order_url = shop.url + "orders/"
    supplier.needs_approval = True
    supplier.save()
    return supplier


def a_person(first_name: str, **facts) -> Person:
    given = {"company": "ACME", "last_name": "Berg", "email": f"{first_name.lower()}@acme.example", **facts}
    return Person.objects.create(first_name=first_name, **given)


@pytest.fixture
def paul(db):
    return a_person("Paul", may_purchase=True)


@pytest.fixture
def gate(db, paul):
    place = {"address_id": "GATE-3", "street": "Kai 3", "city": "Hamburg", "postal_code": "20457"}
    return Location.objects.create(company="ACME", name="Gate 3", purchaser=paul, **place)


@pytest.fixture
def rita(gate):
    """Requests, and does nothing else."""
    return a_person("Rita", unique_name="rberg", location=gate)


@pytest.fixture
def anna(db):
    return a_person("Anna", may_approve=True)


@pytest.fixture
def draft(draft, rita, gate):
    draft.requester, draft.location, draft.currency, draft.filled_at = rita, gate, "EUR", timezone.now()
    draft.save()
    facts = {"quantity": 2, "unit": "EA", "price": Decimal("5"), "amount": Decimal("10"), "currency": "EUR"}
    Line.objects.create(
        requisition=draft, position=1, part_id="KD5555", detail=f"<ItemDetail>{DETAIL}</ItemDetail>", **facts
    )
    return draft


def act_as(client, person) -> None:
    client.post(reverse("you_are"), {"person": person.pk if person else ""})


def press(client, person, name, draft, **given) -> str:
    """Somebody presses a button of the requisition; what the page says afterwards."""
    act_as(client, person)
    return client.post(reverse(name, args=[draft.pk]), given, follow=True).content.decode()


def page_of(client, person, found) -> str:
    act_as(client, person)
    return client.get(found.get_absolute_url()).content.decode()


def state_of(draft) -> str:
    return Requisition.objects.get(pk=draft.pk).state


def sent(shop) -> etree._Element:
    return etree.fromstring(shop.last.encode()).find("Request")


def approved(draft, rita, anna) -> None:
    approving.submit(draft, rita)
    approving.decide(draft, anna, is_approved=True)


# The whole way


def test_requisition_goes_from_draft_to_order(client, draft, rita, anna, paul, shop):
    shop.answer = a_response()
    assert 'data-test="submit"' in page_of(client, rita, draft)
    assert "waits for approval" in press(client, rita, "submit", draft)
    assert draft.number in client_page(client, anna, "approvals")
    assert 'data-test="decide"' in page_of(client, anna, draft)
    assert "is approved" in press(client, anna, "decide", draft, is_approved="yes")
    assert draft.number in client_page(client, paul, "approvals")
    assert 'data-test="approve"' in page_of(client, paul, draft)
    assert "The supplier answers: 200 OK" in press(client, paul, "approve", draft)
    assert state_of(draft) == State.ORDERED
    order = PurchaseOrder.objects.get()
    assert (order.requester, order.purchaser) == (rita, paul)
    page = page_of(client, None, order)
    assert "Rita Berg" in page
    assert "Paul Berg" in page


def client_page(client, person, name) -> str:
    act_as(client, person)
    return client.get(reverse(name)).content.decode()


def test_only_an_approver_sees_what_waits(client, draft, rita, anna, paul):
    approving.submit(draft, rita)
    assert 'data-test="waits"' in page_of(client, anna, draft)
    for person in (rita, paul):
        assert 'data-test="waits"' not in page_of(client, person, draft)
        assert draft.number not in client_page(client, person, "approvals")


def test_declined_requisition_says_why_and_may_be_submitted_again(client, draft, rita, anna):
    approving.submit(draft, rita)
    press(client, anna, "decide", draft, is_approved="no", reason="Too many pens already")
    assert state_of(draft) == State.DECLINED
    page = page_of(client, rita, draft)
    assert "Too many pens already" in page
    assert "Declined by Anna Berg" in page
    press(client, rita, "submit", draft)
    assert state_of(draft) == State.WAITING
    assert "Too many pens already" not in page_of(client, rita, draft)


def test_no_without_a_reason_decides_nothing(client, draft, rita, anna):
    approving.submit(draft, rita)
    assert "Please say why." in press(client, anna, "decide", draft, is_approved="no")
    assert state_of(draft) == State.WAITING


def test_requester_takes_it_back_to_change_it(client, draft, rita, anna):
    draft.operation_allowed = "edit"
    draft.save()
    approved(draft, rita, anna)
    assert 'data-test="edit"' not in page_of(client, rita, draft)
    press(client, rita, "take_back", draft)
    assert state_of(draft) == State.DRAFT
    assert 'data-test="edit"' in page_of(client, rita, draft)


# Who may not


def stranger() -> Person:
    return a_person("Sven", company="Another", may_approve=True, may_purchase=True)


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("nobody", "Please choose first who of ACME you are."),
        ("stranger", "Please choose first who of ACME you are."),
        ("rita", "Rita Berg does not approve."),
        ("requesting approver", "Nobody approves what they have requested themselves."),
    ],
)
def test_who_may_not_decide(client, draft, rita, who, sentence):
    approving.submit(draft, rita)
    if who == "requesting approver":
        Person.objects.filter(pk=rita.pk).update(may_approve=True)
    person = {"nobody": None, "stranger": stranger()}.get(who, rita)
    assert sentence in press(client, person, "decide", draft, is_approved="yes")
    assert state_of(draft) == State.WAITING


def test_nobody_submits_without_saying_who_they_are(client, draft):
    assert "Please choose in the header who of ACME you are." in page_of(client, None, draft)
    assert "Please choose first who of ACME you are." in press(client, None, "submit", draft)
    assert state_of(draft) == State.DRAFT


def test_only_whoever_requested_takes_it_back(client, draft, rita, paul):
    approving.submit(draft, rita)
    assert "Only Rita Berg takes it back." in press(client, paul, "take_back", draft)
    assert state_of(draft) == State.WAITING


def test_only_a_purchaser_orders(client, draft, rita, anna, shop):
    approved(draft, rita, anna)
    page = page_of(client, rita, draft)
    assert 'data-test="approve"' not in page
    assert "Paul Berg is the default purchaser of this location." in page
    for person in (None, rita, anna, stranger()):
        assert "Only a purchaser of ACME orders." in press(client, person, "approve", draft)
    assert not PurchaseOrder.objects.exists()
    assert not shop.received


@pytest.mark.parametrize("state", [State.DRAFT, State.WAITING, State.DECLINED])
def test_nothing_is_ordered_that_nobody_has_approved(client, draft, paul, shop, state):
    Requisition.objects.update(state=state)
    assert "cannot be ordered" in press(client, paul, "approve", draft)
    assert not shop.received


def test_what_is_ordered_together_was_approved(client, draft, rita, anna, paul, shop):
    other = Requisition.objects.create(
        connection=draft.connection, location=draft.location, currency="EUR", filled_at=timezone.now()
    )
    approved(draft, rita, anna)
    assert "Please look at the marked fields." in press(client, paul, "approve", draft, together=[other.pk])
    Requisition.objects.filter(pk=other.pk).update(state=State.APPROVED)
    shop.answer = a_response()
    press(client, paul, "approve", draft, together=[other.pk])
    assert set(PurchaseOrder.objects.get().requisitions.all()) == {draft, other}


def test_second_decision_comes_too_late(draft, rita, anna):
    approving.submit(draft, rita)
    approving.decide(draft, anna, is_approved=False, reason="No")
    with pytest.raises(approving.NotAllowed, match="Meanwhile something else happened"):
        approving.decide(draft, anna, is_approved=True)


def test_empty_requisition_is_not_submitted(client, draft, rita):
    draft.lines.all().delete()
    assert "has no lines" in press(client, rita, "submit", draft)
    assert state_of(draft) == State.DRAFT


# What somebody decides about stays as it is


def test_cart_that_comes_home_too_late_changes_nothing(client, draft, rita):
    visit = Visit.objects.create(requisition=draft, operation="edit", buyer_cookie="c1")
    approving.submit(draft, rita)
    fields = {"cXML-base64": base64_of(a_message(an_item(), cookie=visit.buyer_cookie))}
    assert client.post(reverse("hook", args=[draft.key]), fields).status_code == 400
    assert [each.part_id for each in draft.lines.all()] == ["KD5555"]


@pytest.mark.parametrize("state", [State.WAITING, State.APPROVED, State.ORDERED])
def test_what_is_under_way_is_neither_edited_nor_deleted(client, draft, rita, shop, state):
    Requisition.objects.update(state=state)
    press(client, rita, "reopen", draft, operation="edit")
    press(client, rita, "requisition_delete", draft)
    assert Requisition.objects.filter(pk=draft.pk).exists()
    assert not shop.received


def test_approver_looks_at_it_in_the_shop_under_their_own_name(client, draft, rita, anna, shop):
    approving.submit(draft, rita)
    press_only(client, anna, "reopen", draft, operation="inspect")
    assert named(shop)["UserEmail"] == "anna@acme.example"


# What the shop hears


def press_only(client, person, name, found, **given):
    act_as(client, person)
    return client.post(reverse(name, args=[found.pk]), given)


def named(shop) -> dict[str, str]:
    return {each.get("name"): each.text for each in sent(shop).iter("Extrinsic")}


def test_call_names_the_person_and_the_location(client, supplier, rita, shop):
    press_only(client, rita, "request", supplier)
    assert (named(shop)["UserEmail"], named(shop)["UniqueName"]) == ("rita@acme.example", "rberg")
    address = sent(shop).find(".//ShipTo/Address")
    assert address.get("addressID") == "GATE-3"
    assert address.findtext("PostalAddress/DeliverTo") == "Rita Berg"
    found = Requisition.objects.get()
    assert (found.requester, found.location) == (rita, rita.location)


def test_call_may_be_for_another_location_of_the_company(client, supplier, rita, shop):
    depot = Location.objects.create(company="ACME", name="Depot", address_id="DEP", street="Hof 1", city="Kiel")
    press_only(client, rita, "request", supplier, window="same", location=depot.pk)
    assert sent(shop).find(".//ShipTo/Address").get("addressID") == "DEP"
    depot.company = "Another"
    depot.save()
    press_only(client, rita, "request", supplier, window="same", location=depot.pk)
    assert sent(shop).find(".//ShipTo/Address").get("addressID") == "GATE-3"


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_others_go_as_the_user_of_the_connection(client, supplier, shop, who):
    press_only(client, stranger() if who == "stranger" else None, "request", supplier)
    assert named(shop)["UserEmail"] == "robin.vogel@example.com"
    assert sent(shop).find(".//ShipTo/Address").get("addressID") == "BER-01"
    assert Requisition.objects.get().requester is None


def test_oci_call_names_whoever_goes(client, draft, supplier, rita, anna):
    supplier.format, supplier.oci_url = "oci4", "https://shop.example/oci"
    supplier.save()
    for person, name in ((rita, "Rita"), (anna, "Anna"), (None, "Rita")):
        visit = Visit.objects.create(requisition=draft, operation="create", buyer_cookie=f"{name} {person}")
        act_as(client, person)
        told = dict(parse_qsl(urlsplit(client.get(reverse("call", args=[visit.pk])).url).query))
        assert (told["first_name"], told["email"]) == (name, f"{name.lower()}@acme.example")
        visit.refresh_from_db()
        assert name.lower() in visit.request


def test_search_from_outside_is_theirs_too(client, supplier, rita, shop):
    supplier.format, supplier.oci_url = "oci4", shop.url
    supplier.save()
    press_only(client, rita, "search", supplier, words="pen")
    found = Requisition.objects.get()
    assert (found.requester, found.location) == (rita, rita.location)
    assert "userid=rberg" in shop.last


def test_order_names_its_requester(client, draft, rita, anna, paul, shop):
    approved(draft, rita, anna)
    press(client, paul, "approve", draft)
    assert named(shop)["UserEmail"] == "rita@acme.example"


@pytest.mark.parametrize(("contact", "name"), [(Contact.REQUESTER, "Rita"), (Contact.PURCHASER, "Paul")])
def test_goods_are_for_whoever_the_location_says(client, draft, gate, rita, anna, paul, shop, contact, name):
    gate.contact = contact
    gate.save()
    approved(draft, rita, anna)
    press(client, paul, "approve", draft)
    address = sent(shop).find(".//ShipTo/Address")
    assert address.findtext("PostalAddress/DeliverTo") == f"{name} Berg"
    assert address.findtext("Email") == f"{name.lower()}@acme.example"


ELSEWHERE = {"street": "Messe 1", "postal_code": "30521", "city": "Hannover", "country_code": "DE"}


def test_alternative_shipping_address_where_the_location_allows_it(client, draft, gate, rita, anna, paul, shop):
    gate.allows_other_address = True
    gate.save()
    approved(draft, rita, anna)
    assert "Ship to another address" in page_of(client, paul, draft)
    press(client, paul, "approve", draft, **ELSEWHERE)
    address = sent(shop).find(".//ShipTo/Address")
    assert (address.get("addressID"), address.findtext("PostalAddress/Street")) == (None, "Messe 1")
    assert address.findtext("PostalAddress/DeliverTo") == "Rita Berg"


def test_half_an_address_is_none(client, draft, gate, rita, anna, paul, shop):
    gate.allows_other_address = True
    gate.save()
    approved(draft, rita, anna)
    page = press(client, paul, "approve", draft, street="Messe 1")
    assert page.count("Another address needs street, city and country.") == 2
    assert not shop.received


def test_location_that_allows_no_other_address_keeps_its_own(client, draft, rita, anna, paul, shop):
    approved(draft, rita, anna)
    page = page_of(client, paul, draft)
    assert "receives goods at its own address only" in page
    assert 'name="street"' not in page
    press(client, paul, "approve", draft, **ELSEWHERE)
    assert sent(shop).find(".//ShipTo/Address").get("addressID") == "GATE-3"


# An order that is cancelled here


@pytest.fixture
def order(client, draft, rita, anna, paul, shop):
    shop.answer = a_response()
    approved(draft, rita, anna)
    press(client, paul, "approve", draft)
    return PurchaseOrder.objects.get()


def test_cancelling_here_tells_the_supplier_nothing(client, order, shop):
    heard = len(shop.received)
    page = client.post(reverse("order_withdraw", args=[order.pk]), follow=True).content.decode()
    assert "The supplier was not told." in page
    assert "order still stands" in page
    assert len(shop.received) == heard
    order.refresh_from_db()
    assert (order.is_withdrawn, order.is_cancelled) == (True, False)
    assert "Cancelled here only" in client.get(reverse("orders")).content.decode()


def test_order_cancelled_here_is_not_changed_but_may_be_cancelled_there(client, order, shop):
    client.post(reverse("order_withdraw", args=[order.pk]))
    heard = len(shop.received)
    client.post(reverse("order_change", args=[order.pk]), {"quantity-1": "7"})
    assert len(shop.received) == heard
    client.post(reverse("order_cancel", args=[order.pk]))
    assert sent(shop).find("OrderRequest/OrderRequestHeader").get("type") == "delete"
    page = client.get(order.get_absolute_url()).content.decode()
    assert "Cancelled here only" not in page
    assert 'data-test="cancel"' not in page


# People and locations


def test_whoever_was_chosen_stays_on_the_page(client, rita, supplier):
    answer = client.post(reverse("you_are"), {"person": rita.pk, "next": "/orders/"})
    assert answer.url == "/orders/"
    page = client.get(supplier.get_absolute_url()).content.decode()
    assert f'<option value="{rita.pk}" selected>' in page
    assert "You go as Rita Berg." in page


@pytest.mark.parametrize("given", ["", "x", "4711", "9" * 30, "²"])
def test_unknown_person_is_nobody(client, rita, given):
    act_as(client, rita)
    assert client.post(reverse("you_are"), {"person": given, "next": "https://evil.example/"}).url == "/"
    assert "You go as Rita" not in client.get("/").content.decode()


def test_without_people_there_is_nothing_to_choose(client, supplier):
    page = client.get("/").content.decode()
    assert 'data-test="you-are"' not in page
    assert 'href="/approvals/"' not in page


def test_person_and_location_are_made_changed_and_deleted(client, supplier):
    client.post(
        reverse("person_new"), {"company": "ACME", "first_name": "Ada", "last_name": "L", "email": "a@acme.example"}
    )
    ada = Person.objects.get()
    place = {
        "company": "ACME",
        "name": "Gate",
        "contact": "requester",
        "address_id": "G",
        "street": "S 1",
        "city": "Kiel",
    }
    client.post(reverse("location_new"), {**place, "country_code": "DE"})
    gate = Location.objects.get()
    form = {"company": "ACME", "first_name": "Ada", "last_name": "M", "email": "a@acme.example", "location": gate.pk}
    client.post(reverse("person", args=[ada.pk]), form)
    ada.refresh_from_db()
    assert (ada.last_name, ada.location) == ("M", gate)
    listed = client.get(reverse("people")).content.decode()
    assert "Ada M" in listed
    client.post(reverse("location_delete", args=[gate.pk]))
    client.post(reverse("person_delete", args=[ada.pk]))
    assert not Person.objects.exists()
    assert not Location.objects.exists()


def test_people_of_other_companies_do_not_mix(client, supplier, gate):
    supplier.pk, supplier.company = None, "Another"
    supplier.save()
    form = {"company": "Another", "first_name": "S", "last_name": "S", "email": "s@s.example", "location": gate.pk}
    assert "This one belongs to ACME." in client.post(reverse("person_new"), form).content.decode()
    sven = stranger()
    form = {"company": "ACME", "name": "New", "contact": "requester", "address_id": "N", "street": "S", "city": "K"}
    form |= {"country_code": "DE", "purchaser": sven.pk}
    assert "This one belongs to Another." in client.post(reverse("location_new"), form).content.decode()


def test_two_people_have_two_addresses(client, supplier, rita):
    form = {"company": "ACME", "first_name": "X", "last_name": "Y", "email": rita.email}
    assert "already exists" in client.post(reverse("person_new"), form).content.decode()


def test_requisition_outlives_its_people(client, draft, rita, anna, gate):
    approved(draft, rita, anna)
    for each in (rita, anna, gate):
        each.delete()
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert client.get(reverse("requisitions")).status_code == 200


# Where nobody has to approve


def test_connection_without_approval_orders_at_once(client, draft, supplier, rita, shop):
    supplier.needs_approval = False
    supplier.save()
    shop.answer = a_response()
    page = page_of(client, rita, draft)
    assert "Approve and send the order" in page
    assert 'data-test="submit"' not in page
    press(client, rita, "approve", draft)
    assert PurchaseOrder.objects.get().purchaser == rita


def test_approved_oci_requisition_goes_by_mail(client, draft, supplier, rita, anna, paul):
    supplier.format = "oci4"
    supplier.save()
    assert "by mail" not in page_of(client, rita, draft)
    approved(draft, rita, anna)
    assert "by mail" in page_of(client, paul, draft)
    assert draft.number not in client_page(client, paul, "approvals")


def test_article_shown_to_an_approver_does_not_come_into_the_cart(client, draft, supplier, rita):
    supplier.format, supplier.oci_url = "oci4", "https://shop.example/"
    supplier.save()
    approving.submit(draft, rita)
    visit = Visit.objects.create(requisition=draft, operation="detail", buyer_cookie="key")
    fields = {"NEW_ITEM-DESCRIPTION[1]": "Pen", "NEW_ITEM-QUANTITY[1]": "1", "NEW_ITEM-UNIT[1]": "EA"}
    fields |= {"NEW_ITEM-PRICE[1]": "1.00", "NEW_ITEM-CURRENCY[1]": "EUR", "NEW_ITEM-VENDORMAT[1]": "P"}
    client.post(
        f"{reverse('hook', args=[draft.key])}?source=kontor&company=ACME&visit={visit.buyer_cookie}",
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
    )
    visit.refresh_from_db()
    assert visit.outcome == "inspected"
    assert draft.lines.count() == 1


# The demo


def test_schools_of_the_demo_have_people_once(db):
    values = {
        "name": "Lakeside schools",
        "setup_url": "https://shop.example/cxml/",
        "sender_identity": "x",
        "secret": "s",
    }
    customers = [{**values, "company": "Lakeside School District"}, {**values, "company": "Hansen"}]
    for _ in range(2):
        seed(customers)
    assert {each.company for each in Connection.objects.filter(needs_approval=True)} == {"Lakeside School District"}
    assert Person.objects.filter(may_approve=True).count() == Person.objects.filter(may_purchase=True).count() == 1
    assert Person.objects.count() == 4
    assert {each.purchaser.first_name for each in Location.objects.all()} == {"Omar"}


def test_migration_says_what_is_ordered(draft):
    from django.apps import apps

    migration = import_module("demo_site.buyer.migrations.0004_people")
    order = PurchaseOrder.objects.create(connection=draft.connection)
    other = Requisition.objects.create(connection=draft.connection)
    Requisition.objects.filter(pk=draft.pk).update(order=order)
    migration.say_what_is_ordered(apps, None)
    assert (state_of(draft), state_of(other)) == (State.ORDERED, State.DRAFT)


def test_people_need_a_company_first(client, db):
    assert "Add a supplier first" in client.get(reverse("people")).content.decode()
