from __future__ import annotations

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from wagtail_punchout.admin_ui.world import postal_lines
from wagtail_punchout.models import Address, Company

LIST = reverse("punchout_addresses:index")
ADD = reverse("punchout_addresses:add")


def form(company: Company, **values) -> dict:
    address = {"name": "Quay depot", "street": "Quay 7", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
    address["phone"] = "+49 40 1234567"
    return {"company": company.pk, "address_id": "HH-0042", **address, **values}


def names(answer) -> list[str]:
    return [each.name for each in answer.context["object_list"]]


def tab(client, company: Company) -> str:
    return client.get(reverse("punchout_companies:edit", args=[company.pk])).content.decode()


@pytest.fixture
def add_address(db):
    def add(company: Company, **values) -> Address:
        return Address.objects.create(**{**form(company), **values, "company": company})

    return add


def test_company_without_addresses_says_what_to_do(clerk, own):
    assert "No address yet" in tab(clerk, own)
    assert f"{ADD}?company={own.pk}" in tab(clerk, own)


def test_address_is_added_on_the_tab_of_its_company(clerk, own):
    new = clerk.get(ADD, {"company": own.pk})
    assert new.context["form"].initial["company"] == own.pk
    answer = clerk.post(ADD, form(own, street=" Quay 7 \r\n\r\n Gate B "))
    assert answer.url == f"{reverse('punchout_companies:edit', args=[own.pk])}#tab-addresses"
    assert Address.objects.get().street == "Quay 7\nGate B"
    assert "20457 Hamburg" in tab(clerk, own)


def test_address_has_the_form_of_its_country(own):
    german = Address(**{**form(own), "company": own, "deliver_to": "Gate B"})
    assert postal_lines(german) == ["Quay depot", "Gate B", "Quay 7", "20457 Hamburg", "Germany"]
    american = Address(
        name="School", street="14 Lake Street", city="Bellevue", state="WA", postal_code="98005", country="US"
    )
    assert postal_lines(american) == ["School", "14 Lake Street", "Bellevue, WA 98005", "United States"]


@pytest.mark.parametrize(("field", "value"), [("country", "XX"), ("country", ""), ("email", "nobody"), ("name", "")])
def test_what_nobody_could_deliver_to_is_a_form_error(clerk, own, field, value):
    answer = clerk.post(ADD, form(own, **{field: value}))
    assert list(answer.context["form"].errors) == [field]


def test_id_is_unique_within_a_company_in_any_case(clerk, own, add_address):
    add_address(own)
    answer = clerk.post(ADD, form(own, address_id=" hh-0042 "))
    assert "This company has an address with this ID already." in str(answer.context["form"].errors)
    assert clerk.post(ADD, form(own, address_id="")).status_code == 302
    assert clerk.post(ADD, form(own, address_id="")).status_code == 302


def test_other_companies_addresses_do_not_exist(clerk, admin_client, own, foreign, add_address):
    hidden = add_address(foreign, name="Hidden depot")
    add_address(own)
    assert names(clerk.get(LIST)) == ["Quay depot"]
    assert names(clerk.get(LIST, {"q": "hidden"})) == []
    assert names(admin_client.get(LIST)) == ["Hidden depot", "Quay depot"]
    for name in ("edit", "delete", "history"):
        assert clerk.get(reverse(f"punchout_addresses:{name}", args=[hidden.pk])).status_code == 404
    assert clerk.get(ADD, {"company": foreign.pk}).status_code == 404
    export = b"".join(clerk.get(LIST, {"export": "csv"}).streaming_content).decode()
    assert "Quay depot" in export
    assert "Hidden" not in export


def test_address_cannot_be_given_to_another_company(clerk, own, foreign, add_address):
    address = add_address(own)
    for url in (ADD, reverse("punchout_addresses:edit", args=[address.pk])):
        answer = clerk.post(url, form(foreign, address_id="new"))
        assert list(answer.context["form"].errors) == ["company"]
    assert set(Address.objects.values_list("company", flat=True)) == {own.pk}


@pytest.mark.parametrize("query", ["quay", "hh-0042", "20457 hamb", "own"])
def test_search_finds_words_of_the_address_and_its_company(clerk, own, add_address, query):
    add_address(own)
    add_address(own, address_id="x", name="Other", street="Elsewhere 1", city="Kiel", postal_code="24103")
    assert "Quay depot" in names(clerk.get(LIST, {"q": query}))
    assert names(clerk.get(LIST, {"q": "kiel"})) == ["Other"]


def test_list_is_filtered_by_country(clerk, own, add_address):
    add_address(own)
    add_address(own, address_id="x", name="Basel", country="CH")
    assert names(clerk.get(LIST, {"country": "CH"})) == ["Basel"]


def test_edit_says_in_the_history_what_was_changed(clerk, own, add_address):
    address = add_address(own)
    clerk.post(
        reverse("punchout_addresses:edit", args=[address.pk]), form(own, postal_code="1010", city="Wien", country="AT")
    )
    page = clerk.get(reverse("punchout_addresses:history", args=[address.pk])).content.decode()
    assert "City: Hamburg → Wien" in page
    assert "Country: DE → AT" in page


def test_deleted_address_is_remembered_by_its_company(clerk, own, add_address):
    address = add_address(own)
    clerk.post(reverse("punchout_addresses:delete", args=[address.pk]))
    assert not Address.objects.exists()
    assert "Deleted: address “Quay depot, Hamburg”" in tab(clerk, own)
    assert ModelLogEntry.objects.filter(action="wagtail.delete", deleted=True).count() == 1
