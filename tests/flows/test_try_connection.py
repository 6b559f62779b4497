"""A connection is tried: the whole conversation with ourselves, through the real endpoints."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone, translation

from demo_site.shop.adapter import DemoShopAdapter
from tests.connections import SECRET, connect
from wagtail_punchout.flows.try_connection import MOST_KEPT, STEPS, CannotTry, try_connection
from wagtail_punchout.models import (
    Address,
    ConnectionTest,
    CustomerGroup,
    Mode,
    NamedUsers,
    PunchoutLink,
    PunchoutSession,
    PurchaseOrder,
    Role,
    RoleAssignment,
)
from wagtail_punchout.models.links import Allowed
from wagtail_punchout.shop import Problem, ProblemCode, PutLine

pytestmark = pytest.mark.django_db

WHOLE = [
    "setup",
    "start",
    "article",
    "cart",
    "return",
    "edit",
    "again",
    "cancel",
    "order",
    "retry",
    "change",
    "withdraw",
]


def run(customer, by=None) -> ConnectionTest:
    test = try_connection(customer, by=by, at=timezone.now())
    return ConnectionTest.objects.get(pk=test.pk)


def names(test: ConnectionTest) -> list[str]:
    return [each["name"] for each in test.steps]


def step(test: ConnectionTest, name: str) -> dict:
    return next(each for each in test.steps if each["name"] == name)


def test_whole_conversation_goes_well(acme, goods, django_user_model):
    boss = django_user_model.objects.create_user("boss")
    test = run(acme.customer, by=boss)
    assert (test.is_ok, test.failure, test.complaints, test.started_by) == (True, "", [], boss)
    assert names(test) == WHOLE
    assert all(each["is_ok"] for each in test.steps)
    assert set(names(test)) <= set(STEPS)


def test_what_it_leaves_is_a_test_and_nobodys_work(acme, goods):
    test = run(acme.customer)
    assert {each.mode for each in PunchoutSession.objects.all()} == {Mode.TEST}
    order = PurchaseOrder.objects.get()
    assert (order, order.mode, order.state, order.needs_person) == (test.order, Mode.TEST, "cancelled", False)
    assert order.hand_overs.count() == 0
    assert test.session.user_agent == ConnectionTest.AGENT
    assert not PunchoutSession.objects.filter(state__in=("created", "started")).exists()


def test_no_secret_is_kept(acme, goods):
    test = run(acme.customer)
    kept = str(test.steps)
    assert SECRET not in kept
    assert all(each.start_token not in kept for each in PunchoutSession.objects.all())
    assert "[struck out]" in step(test, "setup")["answer"]
    assert "<BuyerCookie>" in step(test, "setup")["sent"]


def test_oci_is_tried_by_post_so_that_the_key_stays_secret(goods):
    made = connect("acme", format="oci4")
    test = run(made.customer)
    assert (test.is_ok, test.failure, test.complaints) == (True, "", [])
    assert names(test) == ["start", "article", "cart", "return", "validate", "again", "cancel"]
    made.credential.refresh_from_db()
    assert made.credential.seen_in_address_at is None
    assert SECRET not in str(test.steps)


def test_every_format_of_the_group_is_tried(acme, goods):
    PunchoutLink.objects.create(name="OCI", group=acme.customer.group, format="oci5", live=True)
    test = run(acme.customer)
    assert [each["format"] for each in test.steps] == ["cXML"] * 12 + ["OCI 5"] * 7


def test_own_parameter_names_of_a_link_are_used(goods):
    made = connect("acme", format="oci4", parameter_names="username = ORGANIZATION\npassword = KEYWORD")
    test = run(made.customer)
    assert test.is_ok, test.failure
    assert "ORGANIZATION=" in step(test, "start")["sent"]


@pytest.mark.parametrize("allowed", [Allowed.CREATE, Allowed.INSPECT])
def test_final_cart_is_not_opened_again(goods, allowed):
    test = run(connect("acme", operation_allowed=allowed).customer)
    assert test.is_ok, test.failure
    assert "edit" not in names(test)


def test_link_without_changes_is_not_sent_any(goods):
    test = run(connect("acme", takes_changes=False).customer)
    assert test.is_ok, test.failure
    assert names(test)[-1] == "retry"


def test_silent_cancel_is_no_failure(goods):
    test = run(connect("acme", post_on_cancel=False).customer)
    assert test.is_ok, test.failure


def test_cart_goes_to_a_host_that_the_link_allows(goods):
    test = run(connect("acme", return_origins="https://only.example").customer)
    assert test.is_ok, test.failure
    assert "https://only.example/" in step(test, "setup")["sent"]


# What goes wrong


def test_shop_without_goods_gets_the_sentence_of_the_step(acme):
    test = run(acme.customer)
    assert not test.is_ok
    assert names(test) == ["setup", "start", "article"]
    assert "add-to-cart" in test.failure


class NeverFinds(DemoShopAdapter):
    def get_cart(self, request):
        raise LookupError("the price list is gone")


@override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False)
def test_bad_adapter_is_named_with_what_it_raised(acme, goods, settings):
    name = f"{__name__}.NeverFinds"
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ADAPTER": name}
    test = run(acme.customer)
    assert not test.is_ok
    assert "LookupError: the price list is gone" in test.failure
    assert test.steps[-1]["is_ok"] is False


class LosesTheCart(DemoShopAdapter):
    def put_lines(self, request, lines):
        return [
            PutLine(key=each.key, problem=Problem(each.ref.sku, ProblemCode.UNKNOWN_ITEM, "Gone.")) for each in lines
        ]


class SendsAway(DemoShopAdapter):
    def landing_url(self, request, target=None):
        return "/no-such-page/"


class SellsNothingAgain(DemoShopAdapter):
    def get_item(self, ref, pricing, quantity=1):
        return None

    def get_items(self, refs, pricing):
        return [None for _ in refs]


@pytest.mark.parametrize(
    ("adapter", "format", "failed", "sentence"),
    [
        ("LosesTheCart", "cxml", "edit", ""),
        ("SendsAway", "cxml", "start", "404"),
        ("SendsAway", "oci4", "start", "404"),
        ("SellsNothingAgain", "oci4", "validate", "not known"),
    ],
)
def test_bad_adapter_fails_at_its_step(goods, settings, adapter, format, failed, sentence):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "ADAPTER": f"{__name__}.{adapter}"}
    test = run(connect("acme", format=format).customer)
    assert not test.is_ok
    assert test.steps[-1]["name"] == failed, test.failure
    assert sentence in test.failure


def test_cart_page_without_buttons_is_found_out(acme, goods, settings, tmp_path):
    (tmp_path / "wagtail_punchout").mkdir()
    (tmp_path / "wagtail_punchout" / "buttons.html").write_text("")
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine.get("DIRS", [])]}]
    test = run(acme.customer)
    assert names(test) == ["setup", "start", "article", "cart"]
    assert "data-test=“return”" in test.failure


def test_old_tests_make_room(acme, goods):
    at = timezone.now() - timedelta(days=1)
    ConnectionTest.objects.bulk_create(
        [ConnectionTest(customer=acme.customer, started_at=at) for _ in range(MOST_KEPT)]
    )
    test = run(acme.customer)
    assert ConnectionTest.objects.count() == MOST_KEPT
    assert ConnectionTest.objects.first() == test


def test_refusal_comes_with_its_true_cause(acme, goods):
    type(acme.customer).objects.update(is_active=False)
    test = run(acme.customer)
    assert names(test) == ["setup"]
    assert "401" in test.failure
    assert "switched off" in test.failure
    assert test.steps[0]["reason"] == "customer_off"


def test_one_format_that_fails_leaves_the_other_its_turn(acme, goods):
    PunchoutLink.objects.filter(pk=acme.link.pk).update(default_return_url="", return_origins="http://plain.example")
    PunchoutLink.objects.create(name="OCI", group=acme.customer.group, format="oci5", live=True)
    test = run(acme.customer)
    assert not test.is_ok
    assert [each["is_ok"] for each in test.steps] == [False] + [True] * 7


def test_without_a_test_key_there_is_nothing_to_try(acme):
    acme.customer.credentials.update(mode=Mode.PRODUCTION)
    with pytest.raises(CannotTry, match="API key for test"):
        run(acme.customer)
    assert not ConnectionTest.objects.exists()


def test_key_that_cannot_be_read_is_told(acme):
    acme.customer.credentials.update(ciphertext="another shop's")
    with pytest.raises(CannotTry, match="cannot be decrypted"):
        run(acme.customer)
    assert not ConnectionTest.objects.exists()


def test_without_a_link_there_is_nothing_to_try(acme):
    PunchoutLink.objects.update(is_active=False)
    with pytest.raises(CannotTry, match="no link"):
        run(acme.customer)


# As whom, and where to


@pytest.mark.parametrize("named", [NamedUsers.KNOWN, NamedUsers.MAKE])
def test_named_group_is_tried_as_one_of_its_people(acme, goods, named, django_user_model):
    CustomerGroup.objects.update(named_users=named)
    with pytest.raises(CannotTry, match="invite somebody"):
        run(acme.customer)
    member = django_user_model.objects.create_user("mia", email="mia@buyer.example")
    RoleAssignment.objects.create(role=Role.objects.get(slug="punchoutBuyer"), user=member, group=acme.customer.group)
    test = run(acme.customer)
    assert test.is_ok, test.failure
    assert test.session.user == member
    assert set(django_user_model.objects.values_list("username", flat=True)) == {
        "mia",
        acme.customer.user.get_username(),
    }


def test_order_goes_to_the_book_where_nothing_else_is_taken(acme, goods):
    CustomerGroup.objects.update(own_address=False)
    entry = Address.objects.create(
        company=acme.company, address_id="HH-1", name="Dock", street="Quay 7", city="Hamburg", country="DE"
    )
    test = run(acme.customer)
    assert test.is_ok, test.failure
    assert test.order.address == entry
    assert 'addressID="HH-1"' in step(test, "order")["sent"]


# Inside the running process


def test_request_around_it_stays_as_it_was(acme, goods):
    with translation.override("de"):
        run(acme.customer)
        assert translation.get_language() == "de"


def test_address_of_the_shop_with_tls_is_called_with_tls(acme, goods, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["shop.example"]
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": "https://shop.example"}
    test = run(acme.customer)
    assert test.is_ok, test.failure


def test_host_that_is_not_allowed_is_told(acme, goods, settings):
    settings.ALLOWED_HOSTS = ["elsewhere.example"]
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": "https://shop.example"}
    test = run(acme.customer)
    assert "HTTP 400" in test.failure
