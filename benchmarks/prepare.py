"""Make the tables and one connected customer; run in a process of its own, for each database has its own settings."""

from __future__ import annotations

import django
from django.core.management import call_command
from django.db import connection

from benchmarks.documents import SECRET, SENDER, STAFF


def prepare() -> None:
    django.setup()
    from django.contrib.auth import get_user_model

    from benchmarks.models import BareVisit
    from tests.connections import connect

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(BareVisit)
    connect("acme", secret=SECRET, mode="production", order_rule="accept", customer={"sender_identity": SENDER})
    name, password = STAFF
    get_user_model().objects.create_superuser(name, password=password)


if __name__ == "__main__":
    prepare()
