from decimal import Decimal

import pytest
from django.utils import translation

from demo_site.shop import formats, offers
from demo_site.shop.adapter import DemoShopAdapter
from demo_site.shop.models import Article
from wagtail_punchout.shop import ItemRef, Money, PricingContext


def offer(sku: str = "A1", **pricing) -> offers.Offer:
    return offers.for_articles([Article.objects.select_related("product").get(sku=sku)], PricingContext(**pricing))[0]


def test_somebody_who_walks_in_pays_the_list_price(product):
    product(price="2.50")
    assert offer().price == Money(Decimal("2.50"), "EUR")


def test_a_group_pays_its_own_price(product, priced):
    product(price="2.50")
    priced("A1", "2.00", group="industry")
    assert offer(price_group="industry").price.amount == 2
    assert offer(price_group="other").price.amount == Decimal("2.50")


def test_a_group_may_be_left_without_a_price(product, priced):
    product(price="2.50")
    priced("A1", None, group="public")
    assert offer(price_group="public").price is None
    assert not offer(price_group="public").is_buyable


def test_another_currency_has_a_price_list_of_its_own(product, priced):
    product(price="2.50")
    assert offer(currency="CHF").price is None
    priced("A1", "2.80", currency="CHF")
    assert offer(currency="CHF").price == Money(Decimal("2.80"), "CHF")


def test_the_groups_price_in_a_currency_goes_before_everybodys(product, priced):
    product()
    priced("A1", "2.80", currency="CHF")
    priced("A1", "2.60", currency="CHF", group="industry")
    assert offer(currency="CHF", price_group="industry").price.amount == Decimal("2.60")


def test_a_price_per_hundred_is_multiplied_and_then_rounded(product):
    product(price="2.8450", price_basis=100)
    assert offer().of(Decimal(300)) == Money(Decimal("8.54"), "EUR")


def test_a_price_per_hundred_is_shown_with_its_basis(client, product):
    page = product(price="148.00", price_basis=100)
    text = " ".join(client.get(page.url).content.decode().split())
    assert '€148.00</span> <span class="per">per 100 pieces</span>' in text


def test_ten_products_are_priced_with_one_query(product, django_assert_num_queries):
    for number in range(10):
        product(f"A{number}")
    articles = list(Article.objects.select_related("product"))
    with django_assert_num_queries(1):
        offers.for_articles(articles, PricingContext())


@pytest.mark.parametrize(
    ("language", "amount", "currency", "shown"),
    [
        ("en", "4.35", "EUR", "€4.35"),
        ("en", "4", "EUR", "€4.00"),
        ("en", "2.1325", "EUR", "€2.1325"),
        ("en", "2190", "EUR", "€2,190.00"),
        ("en", "12.5", "CHF", "CHF\N{NO-BREAK SPACE}12.50"),
        ("de", "2190.5", "EUR", "2.190,50\N{NO-BREAK SPACE}€"),
        ("en", "100", "JPY", "¥100"),
    ],
)
def test_amounts_are_written_as_people_write_them(language, amount, currency, shown):
    with translation.override(language):
        assert formats.money(Money(Decimal(amount), currency)) == shown


def test_quantities_have_no_needless_zeros():
    with translation.override("de"):
        assert formats.number(Decimal("2.500")) == "2,5"
        assert formats.number(Decimal("100.000")) == "100"


def test_larger_quantities_cost_less_from_their_step_on(product, priced):
    product(price="2.50")
    priced("A1", "2.20", from_quantity=10)
    priced("A1", "2.00", from_quantity=100)
    amounts = [offer().at(Decimal(quantity)).price.amount for quantity in (1, 9, 10, 99, 100)]
    assert amounts == [Decimal(each) for each in ("2.50", "2.50", "2.20", "2.20", "2.00")]
    assert offer().of(Decimal(10)) == Money(Decimal("22.00"), "EUR")


def test_offer_for_a_large_quantity_still_knows_what_one_costs(product, priced):
    product(price="2.50")
    priced("A1", "2.20", from_quantity=10)
    assert offer().at(Decimal(10)).at(Decimal(1)) == offer()


def test_a_groups_own_price_goes_before_everybodys_scale(product, priced):
    product(price="2.50")
    priced("A1", "2.20", from_quantity=10)
    priced("A1", "2.30", group="industry")
    assert offer(price_group="industry").of(Decimal(10)) == Money(Decimal("23.00"), "EUR")
    assert offer(price_group="industry").larger == []


def test_steps_that_cost_the_same_are_one(product, priced):
    product(price="2.50")
    priced("A1", "2.50", from_quantity=10)
    assert offer().larger == []


def test_the_page_shows_what_larger_quantities_cost(client, product, priced):
    page = product(price="2.50")
    priced("A1", "2.20", from_quantity=10)
    assert "from 10: €2.20" in client.get(page.url).content.decode()


def test_the_cart_reckons_with_the_price_of_the_quantity(client, product, priced, put):
    product(price="2.50")
    priced("A1", "2.20", from_quantity=10)
    put("A1", "10")
    page = client.get("/cart/").content.decode()
    assert "€2.20" in page
    assert "€22.00" in page


def test_machines_ask_for_the_price_of_a_quantity(product, priced):
    product(price="2.50")
    priced("A1", "2.20", from_quantity=10)
    adapter = DemoShopAdapter()
    prices = [adapter.get_item(ItemRef("A1"), PricingContext(), Decimal(each)).price.net.amount for each in (9, 10)]
    assert prices == [Decimal("2.50"), Decimal("2.20")]
