"""A large customer base: companies in a tree, and the customers that connect for them. The same one every time."""

# ruff: noqa: SIM905  (lists of words read better as words)

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Max, Model

from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, company_root, search_index
from wagtail_punchout.models.folding import search_key, search_text

FAMILIES = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf "
    "Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler Huber Kaiser "
    "Fuchs Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Günther Keller Winkler Frank Berger Roth Beck Lorenz "
    "Baumann Böhm Sauer Königsmann Öztürk Yılmaz Nowak Kowalczyk Jørgensen Ångström Françoise García Großmann Strauß"
).split()
TRADES = (
    "Maschinenbau Logistik Elektrotechnik Labor Bürobedarf Sanitär Metallbau Kunststoff Bäckerei Apotheke Stadtwerke "
    "Universität Klinikum Schule Gymnasium Bau Druck Verlag Medizintechnik Gerätebau Werkzeuge Reinigung Transport "
    "Energie Chemie Pharma Textil Möbel Gärtnerei Brauerei"
).split()
PLACES = (
    "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden Hannover "
    "Nürnberg Duisburg Bochum Wuppertal Bielefeld Bonn Münster Mannheim Karlsruhe Augsburg Wiesbaden Mönchengladbach "
    "Gelsenkirchen Aachen Braunschweig Kiel Chemnitz Halle Magdeburg Freiburg Krefeld Mainz Lübeck Erfurt Oberhausen "
    "Rostock Kassel Hagen Potsdam Saarbrücken Hamm Ludwigshafen Mülheim Oldenburg Osnabrück Leverkusen Darmstadt "
    "Heidelberg Solingen Regensburg Paderborn Ingolstadt Offenbach Würzburg Fürth Ulm Heilbronn Pforzheim Wolfsburg"
).split()
#: Four in ten are a GmbH: the commonest word there is.
FORMS = "GmbH GmbH GmbH GmbH AG KG SE UG OHG e.V.".split()
DEPARTMENTS = "Einkauf Werk Labor Lager Zentrale".split()
FOLDED_FAMILIES = [search_key(each) for each in FAMILIES]


@dataclass
class Crowd:
    """What has been made so far; :meth:`grow` makes it larger."""

    random: Random = field(default_factory=lambda: Random(7))
    paths: list[str] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    customers: int = 0

    def grow(self, companies: int, customers: int) -> None:
        """Up to so many. The search index is made when all rows are there: that is faster than to add them to it."""
        search_index.remove(connection)
        with transaction.atomic():
            self._add_companies(companies - len(self.paths))
            self._add_customers(customers - self.customers)
        search_index.install(connection)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")

    @property
    def district(self) -> Company:
        """The company with a fifth of all companies right below it."""
        return Company.objects.get(path=self.paths[0])

    def _add_companies(self, number: int) -> None:
        root = company_root()
        tops, below_district = Company.objects.get(pk=root.pk).numchild, 0
        start, changed = len(self.paths), set()
        for position in range(number):
            if position < max(number // 50, 2):
                tops += 1
                self.paths.append(Company._get_path(root.path, 2, tops))
            elif below_district < number // 5:
                below_district += 1
                self._add_below(0, changed)
            else:
                self._add_below(self.random.randrange(1, len(self.paths)), changed)
            self.children.append(0)
        _insert(Company, (self._company(position) for position in range(start, len(self.paths))))
        Company.objects.filter(pk=root.pk).update(numchild=tops)
        for position in changed:
            if position < start:
                Company.objects.filter(path=self.paths[position]).update(numchild=self.children[position])

    def _add_below(self, position: int, changed: set[int]) -> None:
        self.children[position] += 1
        changed.add(position)
        path = self.paths[position]
        self.paths.append(Company._get_path(path, len(path) // Company.steplen + 1, self.children[position]))

    def _company(self, position: int) -> dict[str, Any]:
        path, pick = self.paths[position], self.random
        searched = {
            "code": f"{100_000 + position}",
            "duns": f"{pick.randrange(10**9):09}",
            "name": self._name(),
            "network_id": f"AN{pick.randrange(10**11):011}",
        }
        return searched | {
            "path": path,
            "depth": len(path) // Company.steplen,
            "numchild": self.children[position],
            "search_text": search_text(*searched.values()),
        }

    def _name(self) -> str:
        pick = self.random.choice
        kind = self.random.random()
        if kind < 0.5:
            return f"{pick(FAMILIES)} {pick(TRADES)} {pick(FORMS)}"
        if kind < 0.8:
            return f"{pick(FAMILIES)} & {pick(FAMILIES)} {pick(FORMS)} {pick(PLACES)}"
        return f"{pick(TRADES)} {pick(PLACES)} {self.random.randrange(100)}"

    def _add_customers(self, number: int) -> None:
        groups = [CustomerGroup.objects.get_or_create(name=f"Buyers {each}", company=None)[0].pk for each in range(20)]
        companies = list(Company.objects.filter(depth__gt=1).order_by("pk"))
        users = get_user_model()
        numbers = range(self.customers, self.customers + number)
        known = users.objects.aggregate(last=Max("pk"))["last"] or 0
        _insert(users, map(self._user, numbers))
        last = users.objects.aggregate(last=Max("pk"))["last"] or 0
        assert last == known + number, "the numbers of the new users do not follow each other"
        made = (
            self._customer(each, self.random.choice(companies), self.random.choice(groups), known + step)
            for step, each in enumerate(numbers, start=1)
        )
        _insert(PunchoutCustomer, made)
        self.customers += number

    def _user(self, number: int) -> dict[str, Any]:
        family = FOLDED_FAMILIES[number * 7919 % len(FAMILIES)]
        return {
            "username": f"punchout-{200_000 + number}@shop.example",
            "email": f"{family}{number % 1000}@kunde{number % 5000}.example",
            "password": "!",
        }

    def _customer(self, number: int, company: Company, group: int, user: int) -> dict[str, Any]:
        own = self._user(number)
        name = f"{company.name} {self.random.choice(DEPARTMENTS)} {number % 50}"
        from_identity = f"AN{self.random.randrange(10**9):09}-T"
        return {
            "name": name,
            "company_id": company.pk,
            "user_id": user,
            "group_id": group,
            "sender_identity": own["username"],
            "sender_key": own["username"],
            "from_identity": from_identity,
            "search_text": search_text(name, own["username"], from_identity, own["email"], *company.searched),
        }


def _insert(model: type[Model], things: Iterable[dict[str, Any]]) -> None:
    """Millions of rows past the ORM, with its defaults."""
    fields = [each for each in model._meta.concrete_fields if not each.primary_key]
    blank = model()
    usual = {each.attname: each.get_db_prep_save(each.pre_save(blank, add=True), connection) for each in fields}
    table, columns = model._meta.db_table, ", ".join(connection.ops.quote_name(each.column) for each in fields)
    rows = (list((usual | thing).values()) for thing in things)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
