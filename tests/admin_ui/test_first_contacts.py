"""The inbox of first contacts: found, understood, adopted or settled."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from openpyxl import load_workbook

from tests.connections import connect, post, setup_request
from wagtail_punchout.flows.fixes import FIXES
from wagtail_punchout.models import Credential, Exchange, FirstContact, PunchoutCustomer, Right
from wagtail_punchout.protocol.failures import Failure

pytestmark = pytest.mark.django_db

REQUEST = '<Request deploymentMode="test">'
INDEX = "/admin/punchout/first-contacts/"


def make(name: str = "buyer@stranger.example", reason: str = "sender_unknown", **facts) -> FirstContact:
    now = timezone.now()
    usual = {
        "key": f"{name} {reason}",
        "sender": [{"domain": "NetworkID", "identity": name}],
        "from_party": [{"domain": "DUNS", "identity": "123456789"}],
        "first_at": now,
        "last_at": now,
    }
    return FirstContact.objects.create(reason=reason, **{**usual, **facts})


def url(name: str, contact: FirstContact, *more) -> str:
    return reverse(f"punchout_first_contacts:{name}", args=[contact.pk, *more])


def test_a_call_in_vain_stands_in_the_inbox_with_what_to_change(client, admin_client):
    post(client, setup_request("buyer@stranger.example", from_identity="AN0100"))
    listed = admin_client.get(INDEX).content.decode()
    assert "buyer@stranger.example" in listed
    assert "The Sender identity is unknown" in listed
    page = admin_client.get(url("inspect", FirstContact.objects.get())).content.decode()
    for told in ("NetworkID: AN0100", "DUNS: 123456789", "Test Buyer", "127.0.0.1", "adopt the values into a customer"):
        assert told in page


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_its_fix_on_the_screen(admin_client, failure):
    exchange = Exchange.objects.create(direction="in", status=400, reason=failure, cause="Why.", sentence="What.")
    contact = make(reason=failure)
    pages = [
        admin_client.get(reverse("punchout_documents:inspect", args=[exchange.pk])),
        admin_client.get(url("inspect", contact)),
    ]
    for page in pages:
        assert escape(str(FIXES[failure].mend)) in page.content.decode()


def test_a_document_kept_before_reasons_were_opens_all_the_same(admin_client, refusal):
    page = admin_client.get(reverse("punchout_documents:inspect", args=[refusal.pk]))
    assert page.status_code == 200
    assert "What to change" not in page.content.decode()


def test_open_ones_come_first(admin_client, admin_user):
    make("settled", settled_at=timezone.now(), settled_by=admin_user)
    make("older", last_at=timezone.now() - timedelta(days=3))
    assert [str(each) for each in admin_client.get(INDEX).context["object_list"]] == ["older", "settled"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open", {"anna", "bert"}),
        ("state=settled", {"carl"}),
        ("reason=secret_wrong", {"bert"}),
        ("reason=secret_wrong&reason=no_link", {"bert", "carl"}),
        ("q=ann", {"anna"}),
        ("q=123456789", {"anna", "bert", "carl"}),
        ("q=coupa", {"bert"}),
        ("q=203.0.113.9", {"carl"}),
        ("customer=acme", {"carl"}),
    ],
)
def test_the_list_is_filtered_and_searched(admin_client, acme, query, found):
    make("anna")
    make("bert", "secret_wrong", user_agent="Coupa Procurement")
    make("carl", "no_link", settled_at=timezone.now(), remote_address="203.0.113.9", customer=acme.customer)
    assert {str(each) for each in admin_client.get(f"{INDEX}?{query}").context["object_list"]} == found


def test_filters_count(admin_client):
    for name in "abc":
        make(name)
    make("d", "secret_wrong", settled_at=timezone.now())
    page = admin_client.get(INDEX).content.decode()
    assert "open (3)" in page and "settled (1)" in page
    assert "The secret is wrong, revoked or past its end (1)" in page


def test_the_list_asks_as_often_for_many_as_for_few(admin_client, acme, django_assert_max_num_queries):
    for number in range(30):
        make(f"buyer {number}", customer=acme.customer)
    admin_client.get(INDEX)
    with django_assert_max_num_queries(14):
        admin_client.get(INDEX)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_list_is_exported(admin_client, format):
    make()
    answer = admin_client.get(f"{INDEX}?export={format}")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert format == "xlsx" or "NetworkID: buyer@stranger.example" in content.decode()
    assert len(content) > 100


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_letters_that_no_spreadsheet_takes_do_not_keep_the_list_from_being_exported(admin_client, format):
    make("buyer\x01\x1b@stranger.example", user_agent="\x02=1+1")
    answer = admin_client.get(f"{INDEX}?export={format}")
    content = b"".join(answer.streaming_content)
    if format == "xlsx":
        cells = {cell.value for row in load_workbook(BytesIO(content)).active for cell in row}
        assert {"NetworkID: buyer@stranger.example", "=1+1"} <= cells


def test_of_two_who_adopt_the_same_names_the_second_is_told(admin_client, acme, monkeypatch):
    contact, clean = make(), PunchoutCustomer.full_clean
    faster = PunchoutCustomer.objects.filter(pk=connect("globex").customer.pk)

    def meanwhile(customer: PunchoutCustomer, **kwargs) -> None:
        clean(customer, **kwargs)
        faster.update(sender_identity="buyer@stranger.example", sender_key="buyer@stranger.example")

    monkeypatch.setattr(PunchoutCustomer, "full_clean", meanwhile)
    form = {"customer": acme.customer.pk, "field": ["sender_identity"]}
    page = admin_client.post(url("adopt", contact), form).content.decode()
    assert "Another customer already has this Sender identity." in page
    acme.customer.refresh_from_db()
    assert acme.customer.sender_identity == "punchout-acme@shop.example"


def test_names_of_strangers_are_no_markup(admin_client):
    contact = make("<script>alert(1)</script>", cause="<b>bold</b>")
    for address in (INDEX, url("inspect", contact), url("adopt", contact), url("adopt_new", contact)):
        page = admin_client.get(address).content.decode()
        assert "<script>alert(1)" not in page and "<b>bold" not in page


def test_the_page_says_what_keeps_the_customer_out_today(admin_client, acme):
    acme.customer.is_active = False
    acme.customer.save()
    contact = make(acme.customer.sender_identity, "customer_off", customer=acme.customer)
    assert "The customer is switched off." in admin_client.get(url("inspect", contact)).content.decode()


# Settling


def test_settled_and_open_again(admin_client, admin_user):
    contact = make()
    admin_client.post(url("mark", contact, "settle"))
    contact.refresh_from_db()
    assert contact.settled_by == admin_user and contact.settled_at
    admin_client.post(url("mark", contact, "reopen"))
    contact.refresh_from_db()
    assert contact.settled_by is None and contact.settled_at is None


def test_other_marks_lead_nowhere(admin_client):
    contact = make()
    assert admin_client.post(url("mark", contact, "burn")).status_code == 404
    assert admin_client.get(url("mark", contact, "settle")).status_code == 405


# Adopting into a new customer


def adopt_new(client, contact, company, **given):
    return client.post(url("adopt_new", contact), {"company": company.pk, "name": "", **given})


def test_adopted_into_a_new_customer_that_only_needs_its_secret(client, admin_client, admin_user, own):
    post(client, setup_request("buyer@stranger.example", from_identity="AN0100", secret="theirs"))
    contact = FirstContact.objects.get()
    answer = adopt_new(admin_client, contact, own)
    customer = PunchoutCustomer.objects.get()
    assert answer.url == reverse("punchout_customers:edit", args=[customer.pk])
    assert (customer.company, customer.sender_identity) == (own, "buyer@stranger.example")
    assert (customer.from_domain, customer.from_identity) == ("NetworkID", "AN0100")
    contact.refresh_from_db()
    assert (contact.customer, contact.settled_by) == (customer, admin_user)
    secrets = {each.mode: each.secret() for each in Credential.objects.all()}
    assert "theirs" not in secrets.values()
    document = setup_request("buyer@stranger.example", from_identity="AN0100", secret=secrets["test"])
    assert post(client, document.replace("<Request>", REQUEST)).code == 200


def test_a_stranger_chooses_nobodys_account(admin_client, own):
    victim = get_user_model().objects.create_user("anna@shop.example", email="anna@shop.example")
    adopt_new(admin_client, make("anna@shop.example"), own)
    customer = PunchoutCustomer.objects.get()
    assert customer.sender_identity == "anna@shop.example"
    assert customer.user != victim


def test_the_company_is_guessed_from_the_call(admin_client, add_company):
    company = add_company("Guessed", duns="12-345-6789")
    form = admin_client.get(url("adopt_new", make())).context["form"]
    assert form.initial["company"] == company


def test_a_name_that_another_customer_has_is_told(admin_client, own, acme):
    contact = make(acme.customer.sender_identity)
    answer = adopt_new(admin_client, contact, own)
    assert "has this name already" in answer.content.decode()
    assert PunchoutCustomer.objects.count() == 1
    contact.refresh_from_db()
    assert contact.settled_at is None


def test_a_buyer_behind_a_known_hub_becomes_a_customer_of_its_own(admin_client, own):
    connect("first", customer={"sender_identity": "hub", "from_identity": "first", "behind_hub": True})
    contact = make("hub", "hub_unknown", from_party=[{"domain": "NetworkID", "identity": "second"}])
    assert admin_client.get(url("adopt_new", contact)).context["form"].initial["behind_hub"]
    adopt_new(admin_client, contact, own, behind_hub="on")
    assert PunchoutCustomer.objects.get(from_identity="second").behind_hub


def test_behind_a_hub_without_from_is_no_customer(admin_client, own):
    answer = adopt_new(admin_client, make("hub", from_party=[]), own, behind_hub="on")
    assert "Behind a hub only the From identity tells buyers apart" in answer.content.decode()
    assert not PunchoutCustomer.objects.exists()


def test_of_several_names_one_is_chosen(admin_client, own):
    two = [{"domain": "NetworkID", "identity": "one"}, {"domain": "DUNS", "identity": "two"}]
    contact = make("one", sender=two)
    adopt_new(admin_client, contact, own, sender="1")
    customer = PunchoutCustomer.objects.get()
    assert (customer.sender_domain, customer.sender_identity) == ("DUNS", "two")


def test_an_oci_call_gives_no_domain(admin_client, own):
    adopt_new(admin_client, make(sender=[{"domain": "USERNAME", "identity": "oci-buyer"}], from_party=[]), own)
    customer = PunchoutCustomer.objects.get()
    assert (customer.sender_domain, customer.sender_identity) == ("NetworkID", "oci-buyer")


def test_a_name_that_no_system_could_write_is_not_adopted(admin_client, own):
    answer = adopt_new(admin_client, make("<b>"), own)
    assert "characters that some buyer" in answer.content.decode()
    assert not PunchoutCustomer.objects.exists()


# Adopting into an existing one


def adopt(client, contact, customer, *fields):
    return client.post(url("adopt", contact), {"customer": customer.pk, "field": fields})


def test_the_difference_is_shown_before_anything_changes(admin_client, acme):
    contact = make("other@buyer.example")
    rows = admin_client.get(url("adopt", contact), {"customer": acme.customer.pk}).context["rows"]
    assert [(each["name"], each["own"], each["new"]) for each in rows if each["differs"]] == [
        ("sender_identity", "punchout-acme@shop.example", "other@buyer.example"),
        ("from_domain", "NetworkID", "DUNS"),
        ("from_identity", "", "123456789"),
    ]
    acme.customer.refresh_from_db()
    assert acme.customer.from_identity == ""


def test_what_is_ticked_is_adopted(client, admin_client, acme):
    contact = make("other@buyer.example")
    answer = adopt(admin_client, contact, acme.customer, "sender_identity")
    assert answer.url == reverse("punchout_customers:edit", args=[acme.customer.pk])
    acme.customer.refresh_from_db()
    assert (acme.customer.sender_identity, acme.customer.from_identity) == ("other@buyer.example", "")
    assert post(client, setup_request("other@buyer.example")).code == 200
    history = admin_client.get(reverse("punchout_customers:history", args=[acme.customer.pk])).content.decode()
    assert "Names adopted from a first contact: other@buyer.example" in history


def test_nothing_ticked_changes_nothing(admin_client, acme):
    answer = adopt(admin_client, make("other@buyer.example"), acme.customer)
    assert "Tick what is to be adopted." in answer.content.decode()


def test_nothing_that_the_call_did_not_say_is_adopted(admin_client, acme):
    adopt(admin_client, make("other@buyer.example"), acme.customer, "sender_identity", "is_active", "user")
    acme.customer.refresh_from_db()
    assert acme.customer.is_active


def test_who_has_the_names_already_is_told_so(admin_client, acme):
    contact = make(acme.customer.sender_identity, from_party=[])
    page = admin_client.get(url("adopt", contact), {"customer": acme.customer.pk}).content.decode()
    assert "what keeps it out is something else" in page


def test_the_name_of_another_customer_is_not_adopted(admin_client, acme):
    other = connect("globex")
    answer = adopt(admin_client, make(other.customer.sender_identity), acme.customer, "sender_identity")
    assert "has this name already" in answer.content.decode()
    acme.customer.refresh_from_db()
    assert acme.customer.sender_identity == "punchout-acme@shop.example"


@pytest.mark.parametrize("customer", ["", "987654321"])
def test_no_customer_chosen_is_told(admin_client, customer):
    contact = make()
    assert admin_client.get(url("adopt", contact), {"customer": customer}).status_code == 200
    assert admin_client.post(url("adopt", contact), {"customer": customer}).status_code == 200


def test_no_customer_at_all_leads_nowhere(admin_client):
    contact = make()
    assert admin_client.get(url("adopt", contact), {"customer": "x"}).status_code == 404
    assert admin_client.post(url("adopt", contact), {"customer": "x"}).status_code == 404


# Whose


def test_of_strangers_only_those_learn_who_work_everywhere(signed_in, acme):
    make("a stranger")
    make("ours", "secret_wrong", customer=acme.customer)
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS, companies=[acme.company])
    assert [str(each) for each in clerk.get(INDEX).context["object_list"]] == ["ours"]


def test_nobody_adopts_into_a_company_of_others(signed_in, acme, foreign):
    contact = make("ours", "secret_wrong", customer=acme.customer)
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.SEE_DOCUMENTS, Right.ADD_CUSTOMER, companies=[acme.company])
    assert adopt_new(clerk, contact, foreign).status_code == 200
    stranger = connect("globex").customer
    assert adopt(clerk, contact, stranger, "sender_identity").status_code == 200
    assert PunchoutCustomer.objects.count() == 2
    stranger.refresh_from_db()
    assert stranger.sender_identity != "ours"


# Whatever is asked


@pytest.mark.parametrize("query", ['q="', "state=x", "reason=x", "last_at_from=x", "p=999", "ordering=x", "customer=x"])
def test_the_list_survives_any_query(admin_client, query):
    make()
    assert admin_client.get(f"{INDEX}?{query}").status_code == 200


@pytest.mark.parametrize("key", ["reason", "-is_settled", "times", "-last_at"])
def test_the_list_is_sorted_by_its_headings(admin_client, key):
    make()
    make("other", "secret_wrong")
    assert admin_client.get(f"{INDEX}?ordering={key}&q=e").status_code == 200


def test_an_empty_inbox_says_what_will_stand_there(admin_client):
    assert "Nobody has called in vain." in admin_client.get(INDEX).content.decode()
