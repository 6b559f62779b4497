"""The indexes that make searching fast: every three letters in a row of ``search_text``, and the rows they occur in.

SQLite has its full-text engine for this (FTS5 with trigrams): a table of its own, kept up to date by triggers, so that
no way of writing is forgotten. PostgreSQL has the extension ``pg_trgm``. Where neither is to be had, everything is
found as well, only slower.
"""

from __future__ import annotations

import logging
from typing import Any

from django.apps import AppConfig
from django.db import Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.db.models.signals import post_migrate

logger = logging.getLogger("wagtail_punchout.search")

APP = "wagtail_punchout"
MIGRATION = "0002_ready_made"
TABLES = (f"{APP}_company", f"{APP}_punchoutcustomer")


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the indexes from what the tables hold. It can be repeated."""
    statements = {"sqlite": _for_sqlite, "postgresql": _for_postgresql}.get(connection.vendor)
    if statements is None:
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for table in TABLES:
                for statement in statements(table):
                    cursor.execute(statement)
    except Error as reason:
        logger.warning("Searching goes without its index and is slow in large tables: %s", str(reason).strip())


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "sqlite":
                for event in ("insert", "update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {words_of(table)}_{event}")
                cursor.execute(f"DROP TABLE IF EXISTS {words_of(table)}")
            elif connection.vendor == "postgresql":
                cursor.execute(f"DROP INDEX IF EXISTS {words_of(table)}")


def repair(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """After every ``migrate``: Django changes a table of SQLite by making it anew, and its triggers are lost."""
    connection = connections[using]
    if app_config.label != APP or connection.vendor not in ("sqlite", "postgresql"):
        return
    if (APP, MIGRATION) in MigrationRecorder(connection).applied_migrations() and not _is_whole(connection):
        install(connection)


def is_installed(model: type[Model], using: str) -> bool:
    """Whether SQLite can be asked for the words of ``model``. PostgreSQL takes its index by itself, if there is one."""
    return _count(connections[using], [words_of(model._meta.db_table)]) == 1


def words_of(table: str) -> str:
    """The name of a table's index."""
    return f"{table}_words"


def _is_whole(connection: BaseDatabaseWrapper) -> bool:
    names = [words_of(table) for table in TABLES]
    if connection.vendor == "sqlite":
        names += [f"{name}_{event}" for name in names for event in ("insert", "update", "delete")]
    return _count(connection, names) == len(names)


def _count(connection: BaseDatabaseWrapper, names: list[str]) -> int:
    marks = ", ".join(["%s"] * len(names))
    catalogue = {
        "sqlite": "sqlite_master WHERE name",
        "postgresql": "pg_indexes WHERE schemaname = current_schema() AND indexname",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {catalogue} IN ({marks})", names)  # noqa: S608
        return cursor.fetchone()[0]


def _for_sqlite(table: str) -> list[str]:
    words = words_of(table)
    # An "external content" table holds no text of its own: it must be told what a row held before.
    forget = f"INSERT INTO {words} ({words}, rowid, search_text) VALUES ('delete', old.id, old.search_text);"  # noqa: S608
    learn = f"INSERT INTO {words} (rowid, search_text) VALUES (new.id, new.search_text);"  # noqa: S608
    triggers = {
        "insert": f"AFTER INSERT ON {table} BEGIN {learn} END",
        "delete": f"AFTER DELETE ON {table} BEGIN {forget} END",
        "update": (
            f"AFTER UPDATE OF search_text ON {table} WHEN old.search_text <> new.search_text BEGIN {forget} {learn} END"
        ),
    }
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {words} USING fts5(search_text, content='{table}', content_rowid='id', "
        "tokenize='trigram case_sensitive 1', detail=none)",
        *(f"CREATE TRIGGER IF NOT EXISTS {words}_{event} {body}" for event, body in triggers.items()),
        f"INSERT INTO {words} ({words}) VALUES ('rebuild')",  # noqa: S608
        f"INSERT INTO {words} ({words}) VALUES ('optimize')",  # noqa: S608
    ]


def _for_postgresql(table: str) -> list[str]:
    return [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        # Without "fastupdate": who searches would pay for the rows others have added since.
        f"CREATE INDEX IF NOT EXISTS {words_of(table)} ON {table} USING gin (search_text gin_trgm_ops) "
        "WITH (fastupdate = off)",
    ]


post_migrate.connect(repair, dispatch_uid="wagtail_punchout.search")
