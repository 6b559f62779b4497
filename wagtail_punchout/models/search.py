"""Companies and customers by words, at every keystroke, however many there are.

Every word must occur, in any order: anywhere when it has three letters or more, and at the beginning of a word when it
is shorter. Customers are found by the words of their company as well, and companies by those of their customers.

The index is asked first, for no more than ``LIMIT`` rows. If it has fewer, these are the answer. If it has more, the
word is a common one, and other ways are quick: to read the rows in the order in which they are shown until a page is
full, or to look at all rows of somebody who may see only few.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain, zip_longest
from time import monotonic

from django.db import connections
from django.db.models import Max, Min, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan, IsNull

from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.folding import search_key
from wagtail_punchout.models.search_index import is_installed, words_of

SEARCHED = (Company, PunchoutCustomer)
#: So many rows are fetched one by one; where more match, they are looked for in the order of the list.
LIMIT = 1500
#: Nobody needs to know the number of results beyond this.
COUNTED = 1000
#: So many words are looked for. A longer text has been pasted by mistake.
MOST_WORDS = 40
#: So many threes of letters are looked up in the index, and of each word. The others would only take time.
MOST_THREES, MOST_OF_WORD = 8, 4
#: Which threes are rare is learned from so many rows, and learned anew after so many seconds.
SAMPLE, SAMPLE_SECONDS = 2000, 3600
#: What may follow a letter in folded text.
FOLLOWING = [chr(code) for code in range(32, 127) if not chr(code).isupper()]


def find(things: QuerySet, query: str) -> QuerySet:
    """Those of ``things``, companies or customers, in which every word of ``query`` occurs.

    What is known of their number is kept on the result: that they are ``at_most`` or ``at_least`` so many. Where they
    are few, it has ``things`` as well: it is enough to look up there what a page shows.
    """
    pieces = _pieces(query)
    if not pieces:
        return things
    ids = _ids(things.model, pieces, things.db)
    if ids is not None and len(ids) <= LIMIT:
        return _known(things.filter(pk__in=_among(ids, things.db)), at_most=len(ids), things=things)
    found = things.filter(_condition(things.model, pieces))
    if ids is None:
        return found
    at_least = things.filter(pk__in=_among(ids, things.db)).count()
    if at_least <= COUNTED:
        own = list(things.order_by().values_list("pk", flat=True)[: LIMIT + 1])
        if len(own) <= LIMIT:
            return _known(found.filter(pk__in=_among(own, things.db)), at_most=len(own), things=things)
    return _known(found, at_least=at_least)


def _among(ids: list[int], using: str) -> list[int] | RawSQL:
    """For ``pk__in``: thousands of parameters take longer to write down than to look up."""
    vendor = connections[using].vendor
    if len(ids) > 50 and vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(ids)])
    if len(ids) > 50 and vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [ids])
    return ids


def _known(found: QuerySet, **facts: object) -> QuerySet:
    vars(found).update(facts)
    return found


def _pieces(query: str) -> list[str]:
    """What must occur for each word: the word itself; of a short one the blank before it as well."""
    words = search_key(query).split() or query.split()
    return [word if len(word) >= 3 else f" {word}" for word in dict.fromkeys(words[:MOST_WORDS])]


def _condition(model: type[Model], pieces: list[str]) -> Q:
    # Not ``contains``: for that PostgreSQL may gather all matching rows from its index before it looks at the order.
    own = Q(*(GreaterThan(StrIndex("search_text", Value(piece)), 0) for piece in pieces))
    if model is not Company:
        return own
    # Not ``Exists``: PostgreSQL may read all customers for that, and a page needs those of a few companies.
    through = PunchoutCustomer.objects.filter(own, company=OuterRef("pk")).order_by().values("pk")[:1]
    return own | Q(IsNull(Subquery(through), False))


def _ids(model: type[Model], pieces: list[str], using: str) -> list[int] | None:
    """Up to ``LIMIT`` matching rows and one more; ``None`` where there is no index to ask."""
    vendor = connections[using].vendor
    if vendor not in ("sqlite", "postgresql") or (vendor == "sqlite" and not is_installed(model, using)):
        return None
    found = _ask(model, "id", pieces, using)
    if model is Company and len(found) <= LIMIT:
        found = list({*found, *_ask(PunchoutCustomer, "DISTINCT company_id", pieces, using)})
    return found


def _ask(model: type[Model], column: str, pieces: list[str], using: str) -> list[int]:
    table, threes = model._meta.db_table, _rarest_threes(model, pieces, using)
    if connections[using].vendor == "sqlite":
        # In this order: SQLite would gladly look up each row of the table in the index.
        source = f"{words_of(table)} CROSS JOIN {table} ON {table}.id = {words_of(table)}.rowid"
        conditions = [f"{words_of(table)} MATCH %s", *[f"instr({table}.search_text, %s) > 0"] * len(pieces)]
        values = [" AND ".join(map(_quoted, threes)) or _beginning(pieces[0])]
    else:
        source, patterns = table, threes or pieces[:1]
        conditions = ["search_text LIKE %s"] * len(patterns) + ["strpos(search_text, %s) > 0"] * len(pieces)
        values = [f"%{_escaped(each)}%" for each in patterns]
    sql = f"SELECT {column} FROM {source} WHERE {' AND '.join(conditions)} LIMIT {LIMIT + 1}"  # noqa: S608
    with connections[using].cursor() as cursor:
        cursor.execute(sql, [*values, *pieces])
        return [found for (found,) in cursor.fetchall()]


def _quoted(three: str) -> str:
    return '"' + three.replace('"', '""') + '"'


def _beginning(piece: str) -> str:
    """A single letter at the beginning of a word, for an index that knows nothing shorter than three."""
    return "(" + " OR ".join(_quoted(piece + letter) for letter in FOLLOWING) + ")"


def _escaped(three: str) -> str:
    return three.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _rarest_threes(model: type[Model], pieces: list[str], using: str) -> list[str]:
    """What to look up in the index: of every word the rarest threes of letters.

    A long word consists of many threes that occur everywhere (“punchout”, “.example”). To follow all of them through
    the index takes ten times as long as to follow the rarest and to look at the few rows that have them.
    """
    words = [threes for piece in pieces if (threes := _threes(piece))]
    if not words or (len(words) == 1 and len(words[0]) <= MOST_OF_WORD):
        return list(chain(*words))
    frequency = _frequency(model, using)
    words = sorted((sorted(threes, key=frequency.__getitem__) for threes in words), key=lambda each: frequency[each[0]])
    in_turn = chain.from_iterable(zip_longest(*(threes[:MOST_OF_WORD] for threes in words)))
    chosen = list(dict.fromkeys(filter(None, in_turn)))[:MOST_THREES]
    # What is in every tenth row narrows nothing down, unless there is nothing rarer.
    return [each for each in chosen if frequency[each] * 10 < SAMPLE] or chosen[:MOST_OF_WORD]


def _threes(text: str) -> list[str]:
    return list(dict.fromkeys(text[start : start + 3] for start in range(len(text) - 2)))


_learned: dict[tuple[type[Model], str], tuple[float, Counter[str]]] = {}


def _frequency(model: type[Model], using: str) -> Counter[str]:
    """In how many rows of a sample each three occurs; what this process knows of it."""
    good_until, counts = _learned.get((model, using), (0.0, Counter()))
    if monotonic() >= good_until:
        rows = model._base_manager.using(using)
        ends = rows.aggregate(first=Min("pk"), last=Max("pk"))
        first, last = ends["first"] or 0, ends["last"] or 0
        chosen = range(first, last + 1, max(1, (last - first) // SAMPLE))
        texts = rows.filter(pk__in=chosen).values_list("search_text", flat=True)
        counts = Counter(chain.from_iterable(map(_threes, texts)))
        _learned[model, using] = (monotonic() + SAMPLE_SECONDS, counts)
    return counts
