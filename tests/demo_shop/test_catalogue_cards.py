"""Cards in a listing: whatever can be bought can be put into the cart right there."""

from __future__ import annotations

import pytest
from lxml import html

from tests.goods import stock

pytestmark = pytest.mark.django_db


def test_a_product_with_variants_is_added_from_its_card(client):
    stock()
    [form] = [
        each
        for each in html.document_fromstring(client.get("/workshop/").content).xpath("//form[@data-test='add-to-cart']")
        if each.xpath(".//select")
    ]
    skus = form.xpath(".//select[@name='sku']/option/@value")
    assert skus == ["NL-30100-616", "NL-30100-830", "NL-30100-1040"]
    client.post("/cart/add/", {"sku": skus[1], "quantity": "100"})
    assert "M8 × 30" in client.get("/cart/").content.decode()


def test_variants_come_in_the_catalogues_order_whatever_the_database_likes():
    places = [list(page.articles.values_list("sku", "sort_order")) for page in stock().values()]
    assert max(map(len, places)) > 2
    assert all([place for _sku, place in each] == [*range(len(each))] for each in places)


def test_a_variant_that_cannot_be_bought_is_no_choice(client):
    stock(of_each=3)
    page = client.get("/office/").content.decode()
    assert 'value="NL-10200-BU"' in page
    assert 'value="NL-10200-RD"' not in page
