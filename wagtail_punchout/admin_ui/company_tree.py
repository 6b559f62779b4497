"""What all pages of companies share: the hidden root does not exist, and the way down the tree is always in sight."""

from __future__ import annotations

from functools import cached_property

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst

from wagtail_punchout.models import Company

NAMESPACE = "punchout_companies"


def shown_companies() -> QuerySet:
    """All but the hidden root."""
    return Company.objects.filter(depth__gt=1)


class Shown:
    """For views of one company: the hidden root does not exist."""

    def get_object(self, *args: object) -> Company:
        company = super().get_object(*args)
        if company.depth == 1:
            raise Http404
        return company


class Crumbs:
    """The way down the tree, above every page of a company."""

    def crumbs(self, company: Company | None, *last: tuple[str, str]) -> list[dict]:
        way = [{"url": reverse(f"{NAMESPACE}:index"), "label": capfirst(str(Company._meta.verbose_name_plural))}]
        for each in reversed(company.lineage if company else []):
            way.append({"url": reverse(f"{NAMESPACE}:children", args=(each.pk,)), "label": each.name})
        return [*self.breadcrumbs_items, *way, *({"url": url, "label": label} for label, url in last)]


class Parented:
    """For views whose address may name the company to work under."""

    @cached_property
    def parent(self) -> Company | None:
        pk = self.kwargs.get("parent_pk")
        return get_object_or_404(shown_companies(), pk=pk) if pk else None

    def parented(self, name: str, top: str) -> str:
        return reverse(f"{NAMESPACE}:{name}", args=(self.parent.pk,)) if self.parent else reverse(f"{NAMESPACE}:{top}")
