"""The outbox as a task of Django's task framework, for projects that have a queue."""

from __future__ import annotations

from django.apps import apps
from django_tasks import task


@task()
def do_work(model_name: str, pk: int) -> bool:
    """One attempt at one piece of work. Coming twice, or for what is done, it does nothing."""
    from wagtail_punchout.flows.work import run_one

    return run_one(apps.get_model("wagtail_punchout", model_name), pk)
