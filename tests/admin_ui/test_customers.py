"""PunchOut customers in the admin: added with one field, changed with advice, listed with filters."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.connections import connect
from wagtail_punchout.admin_ui.connection import obstacles
from wagtail_punchout.models import Credential, PunchoutCustomer, Right

ADD = reverse("punchout_customers:add")
LIST = reverse("punchout_customers:index_results")
IDENTITY = "punchout-114729@shop.example"


@pytest.fixture
def city(add_company):
    return add_company("City", code="114729")


def edit_url(customer) -> str:
    return reverse("punchout_customers:edit", args=[customer.pk])


def add_below(company) -> str:
    return f"{ADD}?company={company.pk}"


def complaint_of(answer, field: str = "sender_identity") -> str:
    assert answer.status_code == 200
    assert not PunchoutCustomer.objects.filter(company__code="114729").exists()
    return " ".join(answer.context["form"].errors[field])


# Adding


def test_one_field_is_enough(admin_client, admin_user, city):
    answer = admin_client.post(add_below(city), {"sender_identity": IDENTITY, "name": ""})
    customer = PunchoutCustomer.objects.get()
    assert answer.url == f"{edit_url(customer)}#tab-details"
    assert (customer.name, customer.company, customer.user.get_username()) == ("City", city, IDENTITY)
    assert customer.group.links.get().live
    assert customer.credentials.filter(created_by=admin_user).count() == 2
    page = admin_client.get(answer.url).content.decode()
    assert f"{edit_url(customer)}#tab-developer_fields" in page


def test_company_is_fixed_when_it_is_given(admin_client, city, add_company):
    page = admin_client.get(add_below(city))
    assert "company" not in page.context["form"].fields
    assert "New PunchOut customer of City" in page.content.decode()
    other = add_company("Other")
    admin_client.post(add_below(city), {"sender_identity": IDENTITY, "name": "", "company": other.pk})
    assert PunchoutCustomer.objects.get().company == city


def test_company_is_chosen_when_none_is_given(admin_client, city):
    assert "company" in admin_client.get(ADD).context["form"].fields
    admin_client.post(ADD, {"company": city.pk, "sender_identity": IDENTITY, "name": "Purchasing"})
    assert PunchoutCustomer.objects.get().name == "Purchasing"


def test_a_name_is_suggested(admin_client, city, settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": "https://shop.example"}
    form = admin_client.get(add_below(city)).context["form"]
    assert form["sender_identity"].value() == IDENTITY


@pytest.mark.parametrize("asked", ["0", "x", "999999999999999999999", "1;2"])
def test_a_company_that_is_not_there_is_no_page(admin_client, city, asked):
    assert admin_client.get(ADD, {"company": asked}).status_code == 404


@pytest.mark.parametrize(
    ("identity", "advice"),
    [
        ("", "required"),
        ("two words", "letters, digits"),
        ("boss", "staff account"),
        ("off", "switched off"),
        ("PUNCHOUT-ACME@shop.example", "“Acme” of Acme has this name already"),
    ],
)
def test_errors_say_what_to_do(admin_client, city, acme, identity, advice):
    get_user_model().objects.create_user("boss", is_staff=True)
    get_user_model().objects.create_user("off", is_active=False)
    assert advice in complaint_of(admin_client.post(add_below(city), {"sender_identity": identity, "name": ""}))


def test_a_company_that_is_switched_off_is_complained_of(admin_client, city):
    city.is_active = False
    city.save()
    data = {"sender_identity": IDENTITY, "name": ""}
    assert "Switch it on first" in complaint_of(admin_client.post(add_below(city), data))
    assert "Switch it on first" in complaint_of(admin_client.post(ADD, {**data, "company": city.pk}), "company")


@pytest.mark.parametrize("identity", ["punchout-acme@shop.example", "somebody"])
def test_whose_a_name_is_stays_untold(signed_in, city, acme, identity):
    """A foreign customer and somebody's shop user are refused with the same words."""
    get_user_model().objects.create_user("somebody")
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.ADD_CUSTOMER, companies=[city])
    answer = clerk.post(add_below(city), {"sender_identity": identity, "name": ""})
    assert complaint_of(answer) == "This name is taken already. Choose another one."
    assert "Acme" not in answer.content.decode()


def test_adding_needs_its_right_and_the_company(signed_in, city, add_company):
    data = {"sender_identity": IDENTITY, "name": ""}
    assert signed_in(Right.CRM_COMPANY_EDIT, companies=[city]).post(add_below(city), data).status_code == 302
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.ADD_CUSTOMER, companies=[add_company("Own")])
    assert clerk.post(add_below(city), data).status_code == 404
    assert "company" in clerk.post(ADD, {**data, "company": city.pk}).context["form"].errors
    assert not PunchoutCustomer.objects.exists()


# Editing


@pytest.fixture
def fields(acme) -> dict:
    customer = acme.customer
    names = ["name", "sender_domain", "sender_identity", "from_domain", "from_identity"]
    return {name: getattr(customer, name) for name in names} | {
        "company": acme.company.pk,
        "group": customer.group_id,
        "user": customer.user_id,
        "is_active": "on",
    }


def test_edit_leaves_secrets_alone(admin_client, acme, fields):
    answer = admin_client.post(edit_url(acme.customer), fields | {"name": "Renamed"})
    assert answer.status_code == 302
    before = acme.credential.ciphertext
    acme.credential.refresh_from_db()
    assert acme.credential.ciphertext == before
    assert ModelLogEntry.objects.filter(action="wagtail.edit", object_id=str(acme.customer.pk)).exists()


def test_a_changed_identity_says_what_the_buyer_must_change(admin_client, acme, fields):
    answer = admin_client.post(edit_url(acme.customer), fields | {"sender_identity": "acme-new"}, follow=True)
    assert "Enter this in the buyer&#x27;s system, too: Sender identity “acme-new”." in answer.content.decode()


def test_an_unchanged_identity_says_nothing(admin_client, acme, fields):
    answer = admin_client.post(edit_url(acme.customer), fields | {"name": "Renamed"}, follow=True)
    assert "in the buyer&#x27;s system, too" not in answer.content.decode()


@pytest.mark.parametrize(
    ("value", "advice"),
    [("a<b", "cannot write"), ("punchout-globex@shop.example", "“Globex” of Globex"), ("a\tb", "cannot write")],
)
def test_a_changed_identity_is_looked_at(admin_client, acme, fields, value, advice):
    connect("globex")
    answer = admin_client.post(edit_url(acme.customer), fields | {"sender_identity": value})
    assert advice in " ".join(answer.context["form"].errors["sender_identity"])


def test_staff_cannot_become_the_shop_user(admin_client, acme, fields):
    boss = get_user_model().objects.create_user("boss", is_staff=True)
    answer = admin_client.post(edit_url(acme.customer), fields | {"user": boss.pk})
    assert "user" in answer.context["form"].errors


def test_only_who_works_everywhere_changes_the_shop_user(signed_in, acme, fields):
    somebody = get_user_model().objects.create_user("somebody")
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])
    clerk.post(edit_url(acme.customer), fields | {"user": somebody.pk, "name": "Renamed"})
    acme.customer.refresh_from_db()
    assert (acme.customer.name, acme.customer.user.get_username()) == ("Renamed", "punchout-acme@shop.example")


# While typing


def ask(client, **query):
    return client.get(reverse("punchout_customers:check_identity"), query)


def test_typing_a_new_name_is_answered_like_adding_it(admin_client, acme):
    assert ask(admin_client, field="sender_identity", text=IDENTITY).json() == {"error": "", "advice": ""}
    assert "letters" in ask(admin_client, field="sender_identity", text="a b").json()["error"]
    assert "“Acme”" in ask(admin_client, text=acme.customer.sender_identity).json()["error"]
    assert not get_user_model().objects.filter(username=IDENTITY).exists()


def test_typing_another_identity_of_a_live_connection_gives_advice(admin_client, acme):
    told = ask(admin_client, customer=acme.customer.pk, field="sender_identity", text="acme-new").json()
    assert (told["error"], "Until then it is refused" in told["advice"]) == ("", True)
    told = ask(admin_client, customer=acme.customer.pk, field="from_identity", text="114729").json()
    assert (told["error"], "recorded, not checked" in told["advice"]) == ("", True)
    told = ask(admin_client, customer=acme.customer.pk, field="sender_identity", text=acme.customer.sender_identity)
    assert told.json() == {"error": "", "advice": ""}


def test_typing_tells_no_more_than_saving(signed_in, city, acme):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, Right.ADD_CUSTOMER, companies=[city])
    told = ask(clerk, text=acme.customer.sender_identity).json()
    assert told["error"] == "This name is taken already. Choose another one."
    assert ask(clerk, customer=acme.customer.pk, field="sender_identity", text="x").status_code == 404
    assert ask(clerk, customer="x", field="sender_identity", text="x").status_code == 404
    assert ask(signed_in(Right.CRM_COMPANY_EDIT, companies=[city]), text="x").status_code == 302


@pytest.mark.parametrize("field", ["", "notes", "user", "company__code"])
def test_other_fields_cannot_be_asked_for(admin_client, acme, field):
    told = ask(admin_client, customer=acme.customer.pk, field=field, text="<")
    assert told.json() == {"error": "", "advice": ""}


# The page, and what keeps a customer out


def test_tabs_have_addresses(admin_client, acme):
    page = admin_client.get(edit_url(acme.customer)).content.decode()
    for name in ("details", "roles", "routing", "visits", "more", "developer_fields"):
        assert f'id="tab-{name}"' in page
    assert page.index('id="tab-more"') < page.index('id="tab-developer_fields"')


def test_obstacles_name_what_keeps_a_customer_out(admin_client, acme):
    assert obstacles(acme.customer) == []
    acme.link.live = False
    acme.link.save()
    acme.company.is_active = False
    acme.company.save()
    assert len(obstacles(PunchoutCustomer.objects.get())) == 2
    page = admin_client.get(edit_url(acme.customer)).content.decode()
    assert page.count("Nobody can enter through this connection at present") == 2  # on Details, and Developer fields


# The list


def found(client, **query) -> list[str]:
    return sorted(each.name for each in client.get(LIST, query).context["object_list"])


def test_search_finds_by_company_too(admin_client, acme):
    assert found(admin_client, q="ACME punchout") == ["Acme"]


def test_filter_by_branch(admin_client, acme, add_company):
    child = add_company("Branch", below=acme.company)
    connect("globex")
    PunchoutCustomer.objects.filter(name="Globex").update(company=child)
    connect("other")
    assert found(admin_client, branch="acme") == ["Acme", "Globex"]
    assert found(admin_client, branch="Branch") == ["Globex"]
    assert found(admin_client, branch="nowhere") == []


def test_filter_by_last_use(admin_client, acme):
    now = timezone.now()
    for name, days in (("today", 0), ("lately", 10), ("idle", 50)):
        connection = connect(name)
        Credential.objects.filter(pk=connection.credential.pk).update(last_used_at=now - timedelta(days=days))
    assert found(admin_client, used="1") == ["Today"]
    assert found(admin_client, used="30") == ["Lately", "Today"]
    assert found(admin_client, used="idle") == ["Idle"]
    assert found(admin_client, used="never") == ["Acme"]


def test_filters_offer_and_find_only_what_is_ones_own(signed_in, acme, city):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[city])
    assert "acme buyers" not in clerk.get(reverse("punchout_customers:index")).content.decode()
    for query in ({"branch": "acme"}, {"group": acme.customer.group_id}, {"used": "never"}, {"q": "acme"}):
        assert found(clerk, **query) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_has_ones_own_customers_and_no_secrets(signed_in, acme, city, kind):
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[acme.company])
    connect("globex")
    answer = clerk.get(reverse("punchout_customers:index"), {"export": kind})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if kind == "csv":
        assert b"punchout-acme@shop.example" in content
    assert b"globex" not in content.lower()
    assert acme.secret.encode() not in content
    assert quote(acme.credential.path_key).encode() not in content
