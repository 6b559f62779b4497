"""History: who changed what, in words, and from what to what.

Wagtail's log says that something was changed. Our edit views add which fields, with the values before and after where
these are harmless: long texts may hold anything and are only named, and secrets are no fields of a form. Values that
name other things of ours (a parent company, a group) are kept as references, so that each reader is told no more than
he may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Exists, Field, Model, OuterRef, Q, QuerySet, TextField, Value
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import history
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import APP, can, policy_of, visible
from wagtail_punchout.admin_ui.sections import Rows, Section, url_of
from wagtail_punchout.models import (
    Address,
    Company,
    CustomerGroup,
    PunchoutLink,
    RoleAssignment,
    RoutingRule,
)

#: Fields that only those may hear of who may do this.
ASIDE = {"assigned_staff": "assign_staff", "code": "identify"}
#: How many entries a tab shows.
LATEST = 20


# What goes into the log


def reference(thing: Model) -> dict[str, Any]:
    """A thing as the log keeps it: found again by its key, and named when it is gone."""
    return {"model": thing._meta.label_lower, "pk": thing.pk, "name": str(thing)}


def snapshot(thing: Model, names: Iterable[str]) -> dict[str, Any]:
    """The values of these fields, as the log keeps them."""
    return {name: _kept(thing, thing._meta.get_field(name)) for name in names}


def differences(thing: Model, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is different: the field, and its values where they may be told."""
    found = []
    for name in before:
        if before[name] != after[name]:
            is_long = isinstance(thing._meta.get_field(name), TextField)
            found.append({"field": name} | ({} if is_long else {"old": before[name], "new": after[name]}))
    return found


def _kept(thing: Model, field: Field) -> Any:
    value = getattr(thing, field.name)
    if field.many_to_many:
        return [reference(each) for each in value.order_by("pk")]
    if isinstance(value, Model):
        return reference(value)
    return value if value is None or isinstance(value, str | bool | int | list) else str(value)


class RecordsChanges:
    """For edit views: the log says what has been changed. When nothing was, it says nothing."""

    def save_instance(self) -> Model:
        fields = {each.name for each in self.model._meta.get_fields() if isinstance(each, Field)}
        names = [each for each in self.form.changed_data if each in fields]
        before = snapshot(self.model._default_manager.get(pk=self.form.instance.pk), names)
        action = self.action_class(self.form.instance, user=self.request.user, form=self.form, log_action=False)
        action.execute(skip_permission_checks=True)
        self.record(differences(self.form.instance, before, snapshot(self.form.instance, names)))
        return self.form.instance

    def record(self, changes: list[dict[str, Any]]) -> None:
        if changes:
            log(
                self.form.instance,
                "wagtail.edit",
                user=self.request.user,
                content_changed=True,
                data={"changed": changes},
            )


# What comes out of it


class Reader:
    """Puts entries into words for one user. What the entries refer to is looked up once for all of them."""

    def __init__(self, user: Any, entries: Iterable[Any]) -> None:
        self.user = user
        self.entries = list(entries)

    def told(self, entry: Any) -> SafeString:
        """What has happened, and below it what was changed."""
        message = entry.formatter.format_message(entry) if entry.formatter else entry.action
        details = format_html_join("", "<li>{}</li>", ((each,) for each in self.details(entry)))
        return format_html(
            "{}{}", message, format_html('<ul class="punchout-changes">{}</ul>', details) if details else ""
        )

    def details(self, entry: Any) -> list[str]:
        lines = [self._change(entry, each) for each in entry.data.get("changed", [])]
        return [each for each in [*lines, self._move(entry)] if each]

    def thing(self, entry: Any) -> SafeString | str:
        """What the entry is about, with the way to it if it is still there."""
        kind = capfirst(str(entry.object_verbose_name))
        found = self._things.get((entry.content_type_id, str(entry.object_id)))
        url = url_of(found, self.user) if found is not None else None
        name = format_html('<a href="{}">{}</a>', url, entry.label) if url else entry.label
        return format_html('<span class="punchout-about">{}: {}</span>', kind, name)

    def _change(self, entry: Any, change: Mapping[str, Any]) -> str:
        model = entry.content_type.model_class()
        needed = ASIDE.get(change["field"])
        if needed and model is Company and not can(self.user, needed, Company):
            return ""
        try:
            field = model._meta.get_field(change["field"])
        except FieldDoesNotExist:  # of another release
            return ""
        label = capfirst(str(field.verbose_name))
        if "old" not in change:
            return gettext("%(field)s changed") % {"field": label}
        if not (self._may_be_told(change["old"]) and self._may_be_told(change["new"])):
            return ""
        told = {"field": label, "old": self._value(field, change["old"]), "new": self._value(field, change["new"])}
        return gettext("%(field)s: %(old)s → %(new)s") % told

    def _move(self, entry: Any) -> str:
        """A company's places before and after, as far as both can be seen."""
        old, new = entry.data.get("from"), entry.data.get("to")
        if not (isinstance(old, dict) and isinstance(new, dict) and self._may_be_told([old, new])):
            return ""
        top = gettext("the top level")
        return gettext("From %(old)s to %(new)s") % {"old": old.get("name") or top, "new": new.get("name") or top}

    def _may_be_told(self, value: Any) -> bool:
        if isinstance(value, list):
            return all(self._may_be_told(each) for each in value)
        if not isinstance(value, dict):
            return True
        if value.get("pk") is None:  # the top level is the place of those who see it
            return can(self.user, "move", Company)
        return value["model"] not in _OURS or (value["model"], value["pk"]) in self._seen

    def _value(self, field: Field, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(self._value(field, each) for each in value) or gettext("empty")
        if isinstance(value, dict):
            return value["name"]
        if isinstance(field, BooleanField) or isinstance(value, bool):
            return gettext("Yes") if value else gettext("No")
        if field.choices:
            value = dict(field.flatchoices).get(value, value)
        return str(value) if value not in (None, "") else gettext("empty")

    @cached_property
    def _seen(self) -> set[tuple[str, Any]]:
        """References in these entries that the user may see."""
        asked: dict[str, set[Any]] = {}
        for entry in self.entries:
            for each in _references(entry.data):
                if each["model"] in _OURS:
                    asked.setdefault(each["model"], set()).add(each["pk"])
        return {
            (label, pk)
            for label, pks in asked.items()
            for pk in visible(apps.get_model(label)._default_manager.filter(pk__in=pks), self.user).values_list(
                "pk", flat=True
            )
        }

    @cached_property
    def _things(self) -> dict[tuple[int, str], Model]:
        """What these entries are about, of what is still there and may be seen."""
        asked: dict[ContentType, set[str]] = {}
        for entry in self.entries:
            asked.setdefault(entry.content_type, set()).add(entry.object_id)
        found = {}
        for kind, pks in asked.items():
            things = kind.model_class()._default_manager.filter(pk__in=pks)
            if policy := policy_of(things.model):
                things = visible(policy.with_companies(things), self.user)
            for each in things:
                found[(kind.pk, str(each.pk))] = each
        return found


def _references(data: Any) -> Iterable[dict[str, Any]]:
    if isinstance(data, dict) and {"model", "pk"} <= data.keys():
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _references(each)


_OURS = {each._meta.label_lower for each in apps.get_app_config(APP).get_models()}


class History(history.HistoryView):
    """Wagtail's history of one thing, with what was changed.

    Wagtail joins entries of one request that have the same action, which is right for drafts saved every few seconds.
    Here it would hide all but one of the things that happened together: two secrets made, ten companies switched off.
    """

    @cached_property
    def columns(self) -> list[Column]:
        _first, *others = super().columns
        told = Column("message", label=_("Action"), accessor=lambda entry: self.reader.told(entry))
        return [told, *others]

    def get_base_queryset(self) -> QuerySet:
        return self._annotate_queryset(ModelLogEntry.objects.for_instance(self.object))

    def get_table(self, object_list: Iterable[Any]) -> Any:
        self.reader = Reader(self.request.user, object_list)
        return super().get_table(self.reader.entries)

    def get_context_data(self, *args: object, **kwargs: object) -> dict:
        context = super().get_context_data(*args, **kwargs)
        context["media"] += STYLES
        return context


# A company, with all that belongs to it


def entries_about(company: Company, user: Any) -> QuerySet:
    """What was done to the company, its customers with their secrets, roles and rules, its addresses, groups and links.

    A draft of a link that is saved again and again while somebody writes counts as one.
    """
    customers = company.customers.all()
    theirs = [
        customers,
        Address.objects.filter(company=company),
        RoleAssignment.objects.filter(Q(customer__in=customers) | Q(company=company)),
        RoutingRule.objects.filter(customer__in=customers),
        CustomerGroup.objects.filter(company=company),
        PunchoutLink.objects.filter(group__company=company),
    ]
    about = Q(content_type=ContentType.objects.get_for_model(Company), object_id=str(company.pk))
    for kind, pks in _pks_by_kind([visible(things, user) for things in theirs]).items():
        about |= Q(content_type=kind, object_id__in=pks)
    same = {name: OuterRef(name) for name in ("uuid", "action", "content_type", "object_id")}
    saved_again = Exists(ModelLogEntry.objects.filter(**same, revision__isnull=False, pk__gt=OuterRef("pk")))
    entries = ModelLogEntry.objects.filter(about).exclude(saved_again, revision__isnull=False)
    return entries.select_related("user", "user__wagtail_userprofile", "content_type").order_by("-timestamp", "-pk")


def _pks_by_kind(things: list[QuerySet]) -> dict[int, list[str]]:
    """Keys of ``things`` as the log writes them, by content type, asked for all at once.

    As lists, for which the databases use the log's index; of subqueries they would read the whole log.
    """
    kinds = [ContentType.objects.get_for_model(each.model).pk for each in things]
    first, *others = (each.order_by().values_list(Value(kind), "pk") for kind, each in zip(kinds, things, strict=True))
    found = defaultdict(list)
    for kind, pk in first.union(*others, all=True).order_by():
        found[kind].append(str(pk))
    return found


class CompanyHistory(History):
    """Everything that belongs to a company in one list."""

    @cached_property
    def entries(self) -> QuerySet:
        return entries_about(self.object, self.request.user)

    def get_base_queryset(self) -> QuerySet:  # asked for by the filters, too
        return self.entries.all()

    @cached_property
    def columns(self) -> list[Column]:
        first, *others = super().columns
        return [first, Column("thing", label=_("About"), accessor=lambda entry: self.reader.thing(entry)), *others]


def history_of(company: Company, request: Any) -> list[Section]:
    """The newest entries, and the way to all of them."""
    entries = list(entries_about(company, request.user)[:LATEST])
    reader = Reader(request.user, entries)
    columns = [
        Column("message", label=_("Action"), accessor=reader.told),
        Column("thing", label=_("About"), accessor=reader.thing),
        history.LogEntryUserColumn("user", label=_("User")),
        DateColumn("timestamp", label=_("Date")),
    ]
    more = (reverse("punchout_companies:history", args=(company.pk,)), gettext("The whole history, with filters"))
    empty = gettext("Nothing has been changed yet.")
    return [Rows("history", gettext("History"), columns, entries, empty=empty, more=more if entries else None)]
