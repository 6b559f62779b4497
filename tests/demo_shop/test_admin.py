"""Editors find the shop in Wagtail's admin."""

from __future__ import annotations

import pytest


@pytest.fixture
def editor(admin_client):
    return admin_client


def test_a_product_can_be_opened_and_saved(editor, product):
    page = product("A1", price="2.50")
    path = f"/admin/pages/{page.pk}/edit/"
    assert editor.get(path).status_code == 200
    article = page.articles.get()
    form = {
        "title": "Better pen", "title_de": "", "slug": page.slug, "summary": "", "summary_de": "", "unit": "EA",
        "price_basis": "1", "min_quantity": "1", "quantity_step": "1", "unspsc": "44121704", "manufacturer": "",
        "lead_time_days": "1", "body-count": "0", "articles-TOTAL_FORMS": "1", "articles-INITIAL_FORMS": "1",
        "articles-MIN_NUM_FORMS": "1", "articles-MAX_NUM_FORMS": "1000", "articles-0-id": str(article.pk),
        "articles-0-ORDER": "1", "articles-0-sku": "A1", "articles-0-price": "3.00", "action-publish": "yes",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert editor.post(path, form).status_code == 302
    page.refresh_from_db()
    assert page.title == "Better pen"
    assert "better pen" in page.found_by
    assert page.articles.get().pk == article.pk  # carts hold on to it


def test_the_price_list_is_in_the_menu_and_can_be_searched(editor, priced):
    priced("A1", "2.00", group="industry")
    page = editor.get("/admin/shop_prices/?q=A1")
    assert page.status_code == 200
    assert "industry" in page.content.decode()


def test_a_product_can_be_previewed(editor, product):
    page = product("A1")
    response = editor.get(f"/admin/pages/{page.pk}/view_draft/")
    assert response.status_code == 200
    assert "Add to cart" in response.content.decode()
