"""What a site has kept, as JSON; run in a process of its own, for each database has its own settings."""

from __future__ import annotations

import json

import django
from django.db import connection


def kept() -> dict[str, int]:
    django.setup()
    from wagtail_punchout.models import Exchange, FirstContact

    return {
        "contacts": FirstContact.objects.count(),
        "counted": sum(FirstContact.objects.values_list("times", flat=True)),
        "documents": Exchange.objects.filter(customer=None).count(),
        "bytes": _size(),
    }


def _size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return cursor.fetchone()[0]


if __name__ == "__main__":
    print(json.dumps(kept()))
