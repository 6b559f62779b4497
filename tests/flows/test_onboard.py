"""A company and a name become a customer that can connect."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import connect, post, setup_request
from wagtail_punchout.flows.onboard import CannotAdd, Hindrance, add_customer, suggested_identity
from wagtail_punchout.models import Company, Credential, CustomerGroup, PunchoutCustomer, PunchoutLink, company_root
from wagtail_punchout.shop import AdapterUnavailable, ShopAdapter

pytestmark = pytest.mark.django_db

IDENTITY = "punchout-114729@shop.example"
User = get_user_model()


@pytest.fixture
def city(db) -> Company:
    return company_root().add_child(name="City of Kiel", code="114729")


@pytest.fixture
def clerk(db):
    return User.objects.create_superuser("clerk")


def add(company, identity=IDENTITY, *, by=None, **values):
    return add_customer(company, identity, by=by, at=timezone.now(), **values)


def why(company, identity=IDENTITY, **values) -> CannotAdd:
    before = [model.objects.count() for model in (PunchoutCustomer, Credential, CustomerGroup, PunchoutLink, User)]
    with pytest.raises(CannotAdd) as caught:
        add(company, identity, **values)
    after = [model.objects.count() for model in (PunchoutCustomer, Credential, CustomerGroup, PunchoutLink, User)]
    assert after == before
    return caught.value


@pytest.mark.parametrize("mode", ["test", "production"])
def test_a_company_and_a_name_are_enough_to_connect(client, city, mode):
    customer = add(city)
    secret = customer.credentials.get(mode=mode).secret()
    assert post(client, setup_request(IDENTITY, secret)).code == 200


def test_everything_is_made(city, clerk):
    customer = add(city, by=clerk)
    assert customer.name == "City of Kiel"
    assert customer.user.get_username() == customer.user.email == IDENTITY
    assert not customer.user.has_usable_password()
    assert (customer.group.name, customer.group.company) == ("City of Kiel", city)
    link = customer.group.links.get()
    assert link.live and link.is_active and link.format == "cxml"
    assert sorted(customer.credentials.values_list("mode", "slot", "created_by")) == [
        ("production", 1, clerk.pk),
        ("test", 1, clerk.pk),
    ]


def test_the_log_says_who(city, clerk):
    customer = add(city, by=clerk)
    actions = ModelLogEntry.objects.filter(user=clerk).values_list("action", flat=True)
    assert sorted(actions.filter(object_id=str(customer.pk), content_type__model="punchoutcustomer")) == [
        "wagtail.create",
        "wagtail_punchout.secret_issued",
        "wagtail_punchout.secret_issued",
    ]
    assert "wagtail.publish" in actions


def test_a_plain_user_name_will_do(city):
    customer = add(city, "kiel-purchasing", name="Purchasing")
    assert (customer.name, customer.user.get_username(), customer.user.email) == ("Purchasing", "kiel-purchasing", "")


def test_a_second_one_can_be_told_apart(city):
    assert [add(city).name, add(city, "second").name] == ["City of Kiel", "second"]


def test_a_group_with_an_open_link_is_used(city):
    first = add(city)
    second = add(city, "second@shop.example")
    assert second.group == first.group
    assert PunchoutLink.objects.count() == 1


@pytest.mark.parametrize("closed", [{"live": False}, {"is_active": False}])
def test_a_group_whose_link_is_closed_is_not_used(city, closed):
    first = add(city)
    PunchoutLink.objects.update(**closed)
    second = add(city, "second@shop.example")
    assert second.group != first.group
    assert second.group.name == "City of Kiel 2"


def test_an_existing_user_stands_behind_it(city):
    user = User.objects.create_user("jane", email="Jane@kiel.example")
    assert add(city, "jane@kiel.example").user == user


def test_an_existing_user_is_left_alone_where_it_must_be(city):
    User.objects.create_user("jane")
    assert why(city, "jane", may_take_user=False).why == Hindrance.USER_EXISTS


@pytest.mark.parametrize("values", [{"is_staff": True}, {"is_superuser": True}])
def test_staff_is_never_taken(city, values):
    User.objects.create_user("Boss", email="boss@shop.example", **values)
    assert why(city, "boss").why == Hindrance.STAFF
    assert why(city, "BOSS@shop.example").why == Hindrance.STAFF


def test_a_user_who_is_switched_off_is_not_taken(city):
    User.objects.create_user("jane", is_active=False)
    assert why(city, "jane").why == Hindrance.USER_OFF


def test_an_e_mail_of_several_users_is_not_guessed_at(city):
    for name in ("one", "two"):
        User.objects.create_user(name, email="both@kiel.example")
    assert why(city, "both@kiel.example").why == Hindrance.AMBIGUOUS


def test_an_identity_belongs_to_one_customer_in_any_spelling(city):
    first = add(city)
    error = why(city, IDENTITY.upper())
    assert (error.why, error.customer) == (Hindrance.TAKEN, first)


def test_a_user_belongs_to_one_customer(city):
    acme = connect("acme", customer={"sender_identity": "acme-system"})
    error = why(city, "punchout-acme@shop.example")
    assert (error.why, error.customer) == (Hindrance.TAKEN, acme.customer)


def test_a_hubs_identity_is_taken(city):
    connect("hubbed", customer={"sender_identity": "hub", "behind_hub": True, "from_identity": "one"})
    assert why(city, "hub").why == Hindrance.TAKEN


@pytest.mark.parametrize("identity", ["", "  ", "two words", "über@kiel.example", "a<b", "a\nb", "x" * 151])
def test_what_not_every_system_can_write_is_refused(city, identity):
    assert why(city, identity).why == Hindrance.UNUSABLE


def test_a_company_that_is_switched_off_gets_no_customer(city):
    city.is_active = False
    city.save()
    child = city.add_child(name="School", code="114730")
    assert why(city).why == Hindrance.COMPANY_OFF
    assert why(child).why == Hindrance.COMPANY_OFF


@pytest.mark.parametrize("error", [AdapterUnavailable(), "twice"])
def test_nothing_is_left_when_the_shop_can_make_no_user(city, monkeypatch, error):
    def refuse(self, name, *, email=""):
        User.objects.create_user(name)
        if error == "twice":
            return User.objects.create_user(name)
        raise error

    monkeypatch.setattr(ShopAdapter, "create_user", refuse)
    assert why(city).why == Hindrance.NO_USER


def test_a_free_name_is_suggested(city, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": "https://shop.example:8443"}
    assert suggested_identity(city) == IDENTITY
    add(city)
    assert suggested_identity(city) == "punchout-114729-2@shop.example"
