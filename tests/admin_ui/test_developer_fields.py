"""The two tables of identifiers: complete, ready to copy, and what they say opens the door."""

from __future__ import annotations

from itertools import product
from urllib.parse import quote

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from lxml.html import HtmlElement, fromstring

from tests.connections import Connection
from wagtail_punchout.admin_ui.connection import obstacles
from wagtail_punchout.admin_ui.developer_fields import MASK
from wagtail_punchout.flows.issue import issue_secret
from wagtail_punchout.models import Credential, PunchoutLink, PunchoutSession
from wagtail_punchout.testing.browsing import DjangoTransport
from wagtail_punchout.testing.buyer import BuyerSettings, FakeBuyer

HOST = "http://testserver"
ROWS = ("from_domain", "from_identity", "to_domain", "to_identity", "sender_domain", "sender_identity", "secret")
ROWS = (*ROWS, "setup_url", "order_url")
MODES, COLUMNS = ("test", "production"), ("known", "default")


@pytest.fixture
def connected(acme, settings) -> Connection:
    """A customer with a key for each mode, in a shop that knows itself."""
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BASE_URL": HOST, "SUPPLIER_IDENTITY": "our-shop"}
    issue_secret(acme.customer, "production", by=None, at=timezone.now())
    return acme


def page_of(client, customer) -> HtmlElement:
    return fromstring(client.get(reverse("punchout_customers:edit", args=[customer.pk])).content.decode())


def cells(page: HtmlElement, mode: str, name: str) -> list[HtmlElement]:
    return page.xpath(f"//*[@data-punchout-side='{mode}']//tr[@data-punchout-row='{name}']/td")


def shown(page: HtmlElement, mode: str, column: str) -> dict[str, str]:
    """What stands in one column, read as people read it."""
    found = {}
    for name in ROWS:
        row = cells(page, mode, name)
        cell = row[0] if len(row) == 1 or column == "known" else row[1]
        found[name] = "".join(cell.xpath(".//code")[0].itertext())
    return found


def set_shop(settings, **values) -> None:
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, **values}


@pytest.mark.parametrize(("mode", "column"), list(product(MODES, COLUMNS)))
@pytest.mark.parametrize("known", ["nothing", "duns", "network_id", "from_identity"])
def test_what_a_table_shows_connects(admin_client, connected, mode, column, known):
    if known == "from_identity":
        connected.customer.from_identity = "buyer-42"
        connected.customer.save()
    elif known != "nothing":
        setattr(connected.company, known, {"duns": "31-549-1127", "network_id": "AN01000000042"}[known])
        connected.company.save()
    given = shown(page_of(admin_client, connected.customer), mode, column)
    revealed = admin_client.post(
        reverse("punchout_credentials:reveal", args=[connected.customer.credentials.get(mode=mode).pk]),
        HTTP_ACCEPT="application/json",
    )
    buyer = FakeBuyer(BuyerSettings(**given | {"secret": revealed.json()["secret"], "mode": mode}), DjangoTransport())
    assert buyer.setup().is_ok
    visit = PunchoutSession.objects.get()
    assert visit.mode == mode
    assert visit.parties == {
        side: [{"domain": given[f"{side}_domain"], "identity": given[f"{side}_identity"]}]
        for side in ("from", "to", "sender")
    }


def test_tables_are_complete(admin_client, connected):
    page = page_of(admin_client, connected.customer)
    for mode in MODES:
        assert page.xpath(f"//*[@data-punchout-side='{mode}']//tr/@data-punchout-row") == list(ROWS)


def test_identifiers_of_the_table(admin_client, connected, settings):
    set_shop(settings, SUPPLIER_DUNS="94-288-8711")
    connected.company.duns = "31-549-1127"
    connected.company.save()
    page = page_of(admin_client, connected.customer)
    key = connected.credential.path_key
    same = {
        "sender_domain": "NetworkID",
        "sender_identity": "punchout-acme@shop.example",
        "setup_url": f"{HOST}/punchout/cxml/{key}/setup/",
        "order_url": f"{HOST}/punchout/cxml/{key}/orders/",
    }
    known = {"from_domain": "DUNS", "from_identity": "315491127", "to_domain": "DUNS", "to_identity": "942888711"}
    default = {"from_domain": "NetworkID", "from_identity": "acme", "to_domain": "NetworkID", "to_identity": "our-shop"}
    for column, values in (("known", known), ("default", default)):
        read = shown(page, "test", column)
        assert MASK in read.pop("secret")
        assert read == same | values


def test_a_shop_known_by_its_duns_says_so(admin_client, connected, settings):
    set_shop(settings, SUPPLIER_DOMAIN="DUNS", SUPPLIER_IDENTITY="94-288-8711")
    read = shown(page_of(admin_client, connected.customer), "test", "known")
    assert (read["to_domain"], read["to_identity"]) == ("DUNS", "942888711")


def test_shop_with_a_domain_of_its_own_is_told_under_it(admin_client, connected, settings):
    set_shop(settings, SUPPLIER_DOMAIN="AribaNetworkUserId", SUPPLIER_IDENTITY="sales@shop.example", SUPPLIER_DUNS="")
    for column in COLUMNS:
        read = shown(page_of(admin_client, connected.customer), "test", column)
        assert (read["to_domain"], read["to_identity"]) == ("AribaNetworkUserId", "sales@shop.example")


def test_what_is_not_known_says_where_to_fill_it_in(admin_client, connected, settings):
    page = page_of(admin_client, connected.customer)
    [known, default] = cells(page, "test", "from_identity")
    assert "DUNS number or network ID" in known.text_content()
    assert known.xpath(".//a/@href") == [reverse("punchout_companies:edit", args=[connected.company.pk])]
    assert "Not known" not in default.text_content()
    assert "SUPPLIER_DUNS" in cells(page, "test", "to_identity")[0].text_content()
    set_shop(settings, SUPPLIER_IDENTITY="")
    [_, default] = cells(page_of(admin_client, connected.customer), "test", "to_identity")
    assert default.xpath(".//code")[0].text == "testserver"
    assert "SUPPLIER_IDENTITY" in default.text_content()


def test_an_identifier_that_not_every_system_takes_is_remarked_on(admin_client, connected, settings):
    set_shop(settings, SUPPLIER_IDENTITY="our shop")
    [_, default] = cells(page_of(admin_client, connected.customer), "test", "to_identity")
    assert "letters, digits" in default.text_content()


def test_behind_a_hub_there_is_no_choice_of_from(admin_client, connected):
    connected.customer.behind_hub, connected.customer.from_identity = True, "buyer-42"
    connected.customer.save()
    page = page_of(admin_client, connected.customer)
    assert [shown(page, "test", column)["from_identity"] for column in COLUMNS] == ["buyer-42"] * 2


def test_every_value_has_a_button_that_copies_just_it(admin_client, connected):
    page = page_of(admin_client, connected.customer)
    values = page.xpath("//code[@data-punchout-value]")
    assert len(values) == 2 * (4 * 2 + 4)  # From and To twice, the rest once, for each mode
    for value in values:
        [button] = value.xpath("../button")
        assert button.get("data-w-clipboard-value-param") == value.text
    labels = page.xpath("//code[@data-punchout-value]/../button/@aria-label")
    assert len(set(labels)) == len(labels)


def test_secrets_are_masks_of_one_length(admin_client, connected):
    page = page_of(admin_client, connected.customer)
    masks = page.xpath("//code[@data-punchout-secret-target='value']/span[@aria-hidden]/text()")
    assert masks == [MASK] * 4  # as a key and in the table, for each mode


def test_without_a_key_the_table_says_what_to_do(admin_client, connected):
    Credential.objects.all().delete()
    page = page_of(admin_client, connected.customer)
    for name in ("secret", "setup_url", "order_url"):
        assert "Make a key first." in cells(page, "test", name)[0].text_content()


def test_the_newest_key_is_the_one_to_hand_over(admin_client, connected):
    new = issue_secret(connected.customer, "test", by=None, at=timezone.now())
    [cell] = cells(page_of(admin_client, connected.customer), "test", "secret")
    [url] = cell.xpath(".//@data-punchout-secret-url-value")
    assert url == reverse("punchout_credentials:reveal", args=[new.pk])


def test_nothing_in_it_is_a_field_of_the_form(admin_client, connected):
    [panel] = page_of(admin_client, connected.customer).xpath("//*[@id='tab-developer_fields']")
    assert panel.xpath(".//input[not(ancestor::template)] | .//select | .//textarea") == []


# OCI


@pytest.fixture
def oci_link(connected) -> PunchoutLink:
    return PunchoutLink.objects.create(name="OCI", group=connected.customer.group, format="oci4", live=True)


def oci_values(client, customer, mode: str = "test") -> dict[str, str]:
    rows = page_of(client, customer).xpath(f"//table[@data-punchout-oci='{mode}']//tr")
    return {row.get("data-punchout-row"): " ".join(row.find("td").text_content().split()) for row in rows}


def test_oci_call_is_ready_to_copy(admin_client, connected, oci_link):
    url = f"{HOST}/ocihome/{connected.credential.path_key}/"
    read = oci_values(admin_client, connected.customer)
    assert read["oci_url"] == url
    assert read["oci_username"] == "punchout-acme@shop.example"
    assert read["oci_call"] == f"{url}?USERNAME=punchout-acme%40shop.example&PASSWORD=•••&HOOK_URL=…"


def test_oci_call_with_the_key_gets_in(admin_client, connected, oci_link, client):
    shown = oci_values(admin_client, connected.customer)["oci_call"]
    call = shown.replace("•••", quote(connected.secret)).replace("…", quote("https://buyer.example.com/hook"))
    answer = client.get(call.removeprefix(HOST))
    assert answer.status_code == 303, answer.content
    assert PunchoutSession.objects.get().mode == "test"


def test_oci_parameters_have_the_names_of_the_link(admin_client, connected, oci_link):
    PunchoutLink.objects.filter(pk=oci_link.pk).update(parameter_names="username = ORGANIZATION\npassword = PIN")
    assert (
        "?ORGANIZATION=punchout-acme%40shop.example&PIN=•••&HOOK_URL=…"
        in oci_values(admin_client, connected.customer)["oci_call"]
    )


def test_link_that_takes_no_get_shows_no_whole_address(admin_client, connected, oci_link):
    PunchoutLink.objects.filter(pk=oci_link.pk).update(allow_get=False)
    assert oci_values(admin_client, connected.customer)["oci_call"] == "This link takes calls by POST only."


def test_without_a_key_everybody_s_address_is_shown(admin_client, connected, oci_link):
    Credential.objects.all().delete()
    assert oci_values(admin_client, connected.customer)["oci_url"] == f"{HOST}/ocihome"


def test_project_without_the_short_address_shows_the_long_one(admin_client, connected, oci_link, monkeypatch):
    monkeypatch.setattr("wagtail_punchout.admin_ui.connection.reverse", _without_short_address)
    path_key = connected.credential.path_key
    assert oci_values(admin_client, connected.customer)["oci_url"] == f"{HOST}/punchout/oci/{path_key}/"


def _without_short_address(name, **kwargs):
    if name.startswith("punchout_oci:"):
        raise NoReverseMatch
    return reverse(name, **kwargs)


@pytest.mark.parametrize("change", [{"live": False}, {"is_active": False}, {"format": "oci3", "live": False}])
def test_oci_is_shown_only_where_a_published_link_speaks_it(admin_client, connected, oci_link, change):
    PunchoutLink.objects.filter(pk=oci_link.pk).update(**change)
    assert oci_values(admin_client, connected.customer) == {}


def test_each_oci_value_has_a_button_that_copies_just_it(admin_client, connected, oci_link):
    for value in page_of(admin_client, connected.customer).xpath("//table[@data-punchout-oci]//code"):
        [button] = value.xpath("../button")
        assert button.get("data-w-clipboard-value-param") == value.text


def test_one_published_link_of_several_is_no_obstacle(connected, oci_link):
    connected.link.live = False
    connected.link.save()
    assert obstacles(connected.customer) == []
