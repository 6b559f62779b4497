"""What is found by words, and that no way of writing keeps it from being found."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.models.signals import post_migrate

from tests.connections import connect
from wagtail_punchout.models import Company, PunchoutCustomer, company_root, search, search_index


@pytest.fixture
def add(db):
    def add(name: str, **values) -> Company:
        root = Company.objects.get(pk=company_root().pk)
        return root.add_child(name=name, **{"code": f"c{root.numchild}", **values})

    return add


def companies(query: str) -> list[str]:
    return [each.name for each in search.find(Company.objects.filter(depth__gt=1).order_by("name"), query)]


def customers(query: str) -> list[str]:
    return [each.name for each in search.find(PunchoutCustomer.objects.order_by("name"), query)]


@pytest.fixture(params=["few", "many"])
def limit(request, monkeypatch):
    """Both ways to the rows: from the index to them, and along the list."""
    if request.param == "many":
        monkeypatch.setattr(search, "LIMIT", 0)
        monkeypatch.setattr(search, "COUNTED", 0)


@pytest.mark.parametrize(
    "query",
    [
        "muller",
        "MÜLLER",
        "grosse mull",
        "ller",
        "größe 312345678",
        "AN01000042",
        "a-77/3",
        "gro mu",
        "mü",
        "g",
        "muller g",
    ],
)
def test_every_word_counts_in_any_order_and_spelling(add, limit, query):
    add("Müller Größe", code="A-77/3", duns="312345678", network_id="AN01000042")
    add("Schmidt")
    assert companies(query) == ["Müller Größe"]


@pytest.mark.parametrize("query", ["uller x", "ul", "muller schmidt", "größer", "xyz", "r", "müller müllerin"])
def test_what_does_not_occur_is_not_found(add, limit, query):
    add("Müller Größe")
    add("Schmidt")
    assert companies(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "%",
        "_",
        "%%%",
        "___",
        '"',
        '""',
        '"""',
        "mul*",
        "NOT",
        "a OR b",
        "NEAR(a b)",
        "search_text:mul",
        "'",
        "\\",
        "\\\\\\",
        "(mul",
        "{a}",
        "^mul",
        "mul\\",
        "-",
        "--",
        "+",
    ],
)
def test_signs_of_query_languages_mean_nothing(add, limit, query):
    add("Müller")
    assert companies(query) == []


@pytest.mark.parametrize("query", ["100%", "a_b", 'the "best"', "o'neil", "c:\\temp", "*star*", "(gmbh)"])
def test_signs_are_found_where_they_occur(add, limit, query):
    add('100% a_b the "best" o\'neil c:\\temp *star* (gmbh)')
    add("100 acb the best oneil c:temp star gmbh")
    assert companies(query) == ['100% a_b the "best" o\'neil c:\\temp *star* (gmbh)']


@pytest.mark.parametrize("query", ["", "   "])
def test_who_asks_for_nothing_sees_everything(add, query):
    add("Müller")
    assert companies(query) == ["Müller"]


def test_a_word_without_letters_is_not_found(add, limit):
    add("Müller")
    assert companies("\u0301") == []


def test_a_very_long_query_is_answered(add, limit):
    add("Müller")
    assert companies("müller " * 2000) == ["Müller"]
    assert companies(" ".join(f"word{number}" for number in range(2000))) == []


def test_company_is_found_by_its_customer(db, limit):
    connect("acme", customer={"sender_identity": "hub-42", "name": "Plant seven"})
    connect("other")
    assert companies("plant") == ["Acme"]
    assert companies("hub-42 acme") == ["Acme"]
    assert companies("plant other") == []


def test_customer_is_found_by_company_user_and_email(db, limit):
    customer = connect("acme").customer
    connect("other")
    customer.user.email = "jane@buyer.example"
    customer.user.save()
    for query in ("acme", "punchout-acme@shop.example", "jane@buyer", "buyer.example acme"):
        assert customers(query) == ["Acme"], query


def test_renamed_company_takes_its_customers_along(db, limit):
    company = connect("acme").company
    company.name = "Zenith"
    company.save()
    assert customers("zenith") == ["Acme"]
    company.refresh_from_db()
    company.code = "z-1"
    company.save(update_fields=["code"])
    assert customers("z-1 zenith") == ["Acme"]


def test_saving_what_nobody_searches_touches_no_customer(db, django_assert_num_queries):
    company = connect("acme").company
    company.notes = "Friendly."
    with django_assert_num_queries(4) as asked:  # a savepoint, the question whether it is renamed, and the company
        company.save()
    assert not [query for query in asked.captured_queries if "punchoutcustomer" in query["sql"]]
    with django_assert_num_queries(1):
        company.save(update_fields=["notes"])


def test_customer_that_moves_is_found_by_its_new_company(db, limit):
    customer, other = connect("acme").customer, connect("other").company
    customer.company = other
    customer.save(update_fields=["company"])
    assert customers("acme other") == ["Acme"]
    assert companies("acme") == ["Acme", "Other"]
    assert customers("code-of-nobody") == []


def test_writing_past_the_models_is_noticed(add, limit):
    first, second = add("Alpha"), add("Beta")
    Company.objects.filter(pk=first.pk).update(search_text=" gamma")
    assert companies("gamma") == ["Alpha"]
    assert companies("alpha") == []
    second.search_text = " delta"
    Company.objects.bulk_update([second], ["search_text"])
    assert companies("delta") == ["Beta"]
    Company.objects.filter(pk=second.pk).delete()
    assert companies("delta") == []
    root = company_root()
    Company.objects.bulk_create(
        [Company(path=f"{root.path}00ZZ", depth=2, name="Late", code="late", search_text=" late")]
    )
    assert companies("late") == ["Late"]


def test_scope_and_filters_hold_for_common_words(add, monkeypatch):
    for number in range(30):
        add(f"Common {number:02}", is_active=number % 2 == 0)
    monkeypatch.setattr(search, "LIMIT", 5)
    monkeypatch.setattr(search, "COUNTED", 3)
    few = Company.objects.filter(depth__gt=1, name__in=["Common 01", "Common 02"]).order_by("name")
    assert [each.name for each in search.find(few, "common")] == ["Common 01", "Common 02"]
    active = Company.objects.filter(depth__gt=1, is_active=True).order_by("-name")
    assert [each.name for each in search.find(active, "common")][:2] == ["Common 28", "Common 26"]
    assert search.find(active, "common").count() == 15


def test_number_of_results_is_known_without_counting(add, monkeypatch):
    for number in range(9):
        add(f"Common {number}")
    everything = Company.objects.filter(depth__gt=1)
    assert search.find(everything, "common 7").at_most == 1
    monkeypatch.setattr(search, "LIMIT", 5)
    monkeypatch.setattr(search, "COUNTED", 5)
    assert search.find(everything, "common").at_least == 6


sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="tables are made anew on SQLite only")


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_table_made_anew_is_searched_again():
    company = connect("acme").company
    old, new = PunchoutCustomer._meta.get_field("notes"), models.TextField("notes", blank=True, null=True)
    new.set_attributes_from_name("notes")
    new.model = PunchoutCustomer
    with connection.schema_editor() as editor:
        editor.alter_field(PunchoutCustomer, old, new)
    PunchoutCustomer.objects.update(search_text=" changed")
    assert customers("changed") == []  # the triggers went with the old table
    migrated()
    assert customers("changed") == ["Acme"]
    PunchoutCustomer.objects.update(search_text=" again")
    assert customers("again") == ["Acme"]
    assert companies("again") == [company.name]
    with connection.schema_editor() as editor:
        editor.alter_field(PunchoutCustomer, new, old)
    migrated()


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_the_index_survives_a_flush():
    connect("acme")
    call_command("flush", interactive=False, verbosity=0)
    assert companies("acme") == []
    connect("acme")
    assert companies("acme") == ["Acme"]
    with connection.cursor() as cursor:  # fails when the index and the table differ
        cursor.execute(f"INSERT INTO {WORDS} ({WORDS}, rank) VALUES ('integrity-check', 1)")  # noqa: S608


WORDS = search_index.words_of(Company._meta.db_table)


def migrated() -> None:
    from django.apps import apps

    config = apps.get_app_config("wagtail_punchout")
    post_migrate.send(config, app_config=config, using="default", verbosity=0, interactive=False)


@sqlite_only
def test_everything_is_found_without_an_index(add):
    add("Müller")
    search_index.remove(connection)
    assert companies("mull") == ["Müller"]
    assert companies("schmidt") == []
    search_index.install(connection)
    assert companies("mull") == ["Müller"]


@pytest.mark.parametrize(
    ("words", "threes"),
    [(["abc"], ["abc"]), ([" mu"], [" mu"]), ([" m"], []), (["abcd", " xy"], ["abc", " xy", "bcd"])],
)
def test_short_words_are_looked_up_whole(db, words, threes):
    assert search._rarest_threes(Company, words, "default") == threes


def test_the_rarest_threes_are_looked_up(add):
    search._learned.clear()
    for number in range(20):
        add(f"punchout-{number}", code=f"punchout-{number}")
    add("punchout-xyz", code="one")
    assert set(search._rarest_threes(Company, ["punchout-xyz"], "default")[:3]) <= {"xyz", "-xy", "t-x"}
    search._learned.clear()
