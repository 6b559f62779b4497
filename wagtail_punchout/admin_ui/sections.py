"""Pages to read: an inspect view is a row of sections, each a heading with facts, a table or a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import BooleanField, ForeignKey, Model
from django.forms import Media
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from wagtail.admin.admin_url_finder import AdminURLFinder, finder_classes
from wagtail.admin.panels import ObjectList, Panel
from wagtail.admin.ui.components import Component, MediaContainer
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views import generic

from wagtail_punchout.admin_ui.listing import STYLES, FixedTable
from wagtail_punchout.admin_ui.policies import can, policy_of

SMALL_BUTTON = "button button-secondary button-small"


class Section(Component):
    """A part of a page, with a heading. ``name`` is its id, unique to the page."""

    def __init__(self, name: str, heading: str) -> None:
        self.name = name
        self.heading = heading

    @property
    def media(self) -> Media:
        return STYLES

    def get_context_data(self, parent_context: Any) -> dict:
        return {"section": self, "request": parent_context.get("request") if parent_context else None}


class Facts(Section):
    """Labels and values. What is empty is left out, and so is a section without any."""

    template_name = "wagtail_punchout/admin/sections/facts.html"

    def __init__(self, name: str, heading: str, rows: Iterable[tuple[str, Any]]) -> None:
        super().__init__(name, heading)
        self.rows = [(capfirst(str(label)), value) for label, value in rows if value not in (None, "", [])]

    def __bool__(self) -> bool:
        return bool(self.rows)


class Rows(Section):
    """A table; instead of an empty one stands a sentence, or nothing at all."""

    template_name = "wagtail_punchout/admin/sections/rows.html"

    def __init__(
        self,
        name: str,
        heading: str,
        columns: Sequence[BaseColumn],
        rows: Iterable[Any],
        *,
        empty: str = "",
        buttons: Sequence[Component] = (),
        more: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(name, heading)
        self.rows = list(rows)
        self.table = FixedTable(columns, self.rows, caption=heading)
        self.empty, self.buttons, self.more = empty, buttons, more

    def __bool__(self) -> bool:
        return bool(self.rows or self.empty)


class Document(Section):
    """A text as it is, in a block that scrolls."""

    template_name = "wagtail_punchout/admin/sections/document.html"

    def __init__(self, name: str, heading: str, text: str) -> None:
        super().__init__(name, heading)
        self.text = text

    def __bool__(self) -> bool:
        return bool(self.text)


class SectionsView(generic.InspectView):
    """An inspect view made of sections."""

    template_name = "wagtail_punchout/admin/inspect.html"

    def get_sections(self) -> list[Section]:
        """Those that say nothing (are false) are left out."""
        return [self.facts("details", gettext("Details"), self.fields)]

    def facts(self, name: str, heading: str, fields: Iterable[str]) -> Facts:
        """Fields of the object under their own names."""
        return Facts(name, heading, [self.fact(each) for each in fields])

    def fact(self, name: str) -> tuple[str, Any]:
        field = self.model._meta.get_field(name)
        value = getattr(self.object, name)
        if isinstance(field, BooleanField):
            value = gettext("Yes") if value else gettext("No")
        elif field.choices:
            value = getattr(self.object, f"get_{name}_display")()
        elif isinstance(field, ForeignKey) and value is not None:
            value = linked(value, self.request.user)
        elif field.many_to_many:
            value = ", ".join(str(each) for each in value.all())
        return str(field.verbose_name), value

    def get_context_data(self, **kwargs: object) -> dict:
        sections = MediaContainer([each for each in self.get_sections() if each])
        return super().get_context_data(sections=sections, media=sections.media + STYLES, **kwargs)

    def get_fields_context(self) -> list:
        return []  # the sections say it all


class Tab(ObjectList):
    """A tab whose address (``#tab-name``) does not change with the language of its heading."""

    def __init__(self, name: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.name = name

    def clone_kwargs(self) -> dict:
        return super().clone_kwargs() | {"name": self.name}

    @property
    def clean_name(self) -> str:
        return self.name


class ReadingPanel(Panel):
    """Sections inside an edit form: to read, without a field. ``sections(instance, request)`` makes them."""

    def __init__(self, sections: Any, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.sections = sections

    def clone_kwargs(self) -> dict:
        return super().clone_kwargs() | {"sections": self.sections}

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_punchout/admin/panels/sections.html"

        def is_shown(self) -> bool:
            return bool(self.instance and self.instance.pk)

        @cached_property
        def sections(self) -> list[Section]:
            return [each for each in self.panel.sections(self.instance, self.request) if each]

        @property
        def media(self) -> Media:
            return STYLES

        def get_context_data(self, parent_context: Any = None) -> dict:
            return super().get_context_data(parent_context) | {"sections": self.sections, "request": self.request}


def url_of(thing: Model, user: Any) -> str | None:
    """Where ``user`` can edit ``thing`` or, where that is not allowed, at least read it."""
    try:
        if url := AdminURLFinder(user).get_edit_url(thing):
            return url
        if policy_of(type(thing)) is None or not can(user, "view", thing):
            return None
        finder = finder_classes.get(thing)
        return finder and reverse(f"{finder.edit_url_name.rpartition(':')[0]}:inspect", args=(quote(thing.pk),))
    except NoReverseMatch:
        return None


def named(thing: Model, user: Any) -> str:
    """``thing`` by name; nothing at all when ``user`` may not know of it."""
    return "" if policy_of(type(thing)) and not can(user, "view", thing) else str(thing)


def linked(thing: Model, user: Any) -> SafeString | str:
    """``thing`` by name, with the way to it; nothing at all when ``user`` may not know of it."""
    name = named(thing, user)
    url = url_of(thing, user) if name else None
    return format_html('<a href="{}">{}</a>', url, name) if url else name
