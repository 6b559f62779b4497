from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError

from demo_site.shop.models import Article


def variants() -> list[Article]:
    return [
        Article(sku="A1-S", option="Small", option_de="Klein", price="3"),
        Article(sku="A1-L", option="Large", option_de="Groß", price="5"),
    ]


def text(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_category_lists_its_products(client, product):
    product("A1", title="Pen & pencil")
    assert "Pen &amp; pencil" in text(client, "/office/")


def test_every_product_in_a_listing_can_be_bought_there(client, product):
    product("A1")
    product("A2")
    assert text(client, "/office/").count('data-test="add-to-cart"') == 2


def test_variants_are_chosen_on_the_card_or_on_the_products_page(client, product):
    page = product(articles=variants())
    assert text(client, "/office/").count("<option value=") == 2
    assert "from" in text(client, "/office/")
    assert text(client, page.url).count('type="radio"') == 2


def test_the_variant_in_the_address_is_chosen_already(client, product):
    page = product(articles=variants())
    assert 'value="A1-L" checked' in " ".join(text(client, f"{page.url}?sku=A1-L").split())


def test_a_variant_that_is_sold_out_cannot_be_chosen(client, product):
    first, second = variants()
    first.stock = 0
    page = product(articles=[first, second])
    assert 'value="A1-S" disabled' in " ".join(text(client, page.url).split())


def test_a_product_without_price_says_so(client, product):
    page = product(price=None)
    assert "Price on request" in text(client, page.url)


def test_texts_come_in_the_visitors_language(client, product):
    page = product(title="Pen", title_de="Stift")
    client.cookies["django_language"] = "de"
    german = text(client, page.url)
    assert "Stift" in german
    assert "In den Korb" in german
    assert "2,50" in german


def test_an_english_text_stands_in_for_a_german_one_that_is_missing(client, product):
    page = product(title="Pen")
    client.cookies["django_language"] = "de"
    assert "Pen" in text(client, page.url)


@pytest.mark.parametrize("wanted", ["mullsacke", "MÜLLSÄCKE", "müll säcke", "a-77", "skriva"])
def test_the_search_does_not_mind_case_and_umlauts(client, product, wanted):
    product("A-77", title="Waste bag", title_de="Müllsäcke", manufacturer="Skriva AB")
    product("B-1", title="Pen")
    found = text(client, f"/search/?q={wanted}")
    assert "1 product found" in found
    assert "Waste bag" in found


def test_the_search_needs_every_word(client, product):
    product("A1", title="Blue pen")
    assert "1 product found" in text(client, "/search/?q=pen+blue")
    assert "0 products found" in text(client, "/search/?q=pen+red")


def test_a_search_for_nothing_finds_nothing(client, product):
    product()
    assert "add-to-cart" not in text(client, "/search/?q=")


@pytest.mark.parametrize("strange", ["%00", "%25", "'; DROP TABLE", "<script>", "x" * 5000, "日本"])
def test_strange_searches_do_no_harm(client, product, strange):
    product()
    assert "<script>" not in text(client, f"/search/?q={strange}")


def test_an_address_that_leads_nowhere_gets_a_page_of_the_shop(client, shelf):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "This shelf is empty" in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/office/", "/cart/", "/nowhere/"])
def test_pages_carry_no_script_or_style_of_their_own(client, product, path):
    product()
    response = client.get(path)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", response.content.decode())


def test_a_smallest_quantity_must_fit_the_steps(product):
    page = product()
    page.min_quantity, page.quantity_step = 15, 10
    with pytest.raises(ValidationError, match="multiple of the step"):
        page.clean()


def test_a_listing_needs_no_more_queries_for_more_products(client, product, django_assert_max_num_queries):
    for number in range(12):
        product(f"A{number}", title=f"Pen {number}")
    client.get("/office/")
    with django_assert_max_num_queries(14):
        client.get("/office/")
