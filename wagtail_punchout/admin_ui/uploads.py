"""Uploads of users and addresses: a file, its rows being checked, the difference it makes, applied or undone.

An upload has an address of its own: whoever leaves finds it again. Its page checks a slice of rows each time it is
asked for, and asks for itself again until all are checked; no script is needed.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property, partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from wagtail_punchout.admin_ui.company_tree import page
from wagtail_punchout.admin_ui.held_roles import people_to_choose
from wagtail_punchout.admin_ui.invitations import page_of
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.spreadsheets import (
    FORMATS,
    MOST_BYTES,
    MOST_ROWS,
    SheetColumn,
    Unreadable,
    download,
    read,
)
from wagtail_punchout.admin_ui.upload_sheets import (
    ADDRESS_ADVICE,
    ADDRESS_COLUMNS,
    USER_ADVICE,
    addresses_as_rows,
    read_address,
    shown,
    user_columns,
    user_reader,
    users_as_rows,
)
from wagtail_punchout.flows import sheet_import
from wagtail_punchout.flows.import_addresses import AddressImporter
from wagtail_punchout.flows.import_users import UserImporter
from wagtail_punchout.flows.sheet_import import Importer, NotApplied, Outcome, Row
from wagtail_punchout.models import Address, Company, CustomerGroup, ImportKind, Invitation, Role, SheetImport

SHOWN = 50
#: Earlier imports on the page of a place.
REMEMBERED = 10
LABELS = {
    Outcome.WRONG: _("To be mended"),
    Outcome.ADDED: _("Added"),
    Outcome.CHANGED: _("Changed"),
    Outcome.SAME: _("Unchanged"),
}


class Kind:
    """What one kind of upload shows; ``place`` is the group or the company."""

    model: type
    title: Any
    url: str

    def __init__(self, place: Any, user: Any) -> None:
        self.place, self.user = place, user


class UsersKind(Kind):
    model = CustomerGroup
    title = _("Upload users")
    url = "users"
    advice = USER_ADVICE
    about = _("Whoever is not in the file stays as they are. Nobody gets a mail.")

    @property
    def is_allowed(self) -> bool:
        return can(self.user, "add", Invitation(group=self.place))

    @property
    def importer(self) -> Importer:
        return UserImporter(self.place, people_to_choose(self.user), sees=partial(can, self.user, "view"))

    @property
    def columns(self) -> tuple[SheetColumn, ...]:
        return user_columns()

    @property
    def reader(self) -> Any:
        return user_reader()

    @property
    def rows(self) -> Any:
        return users_as_rows(self.place)

    @property
    def back(self) -> str:
        return page_of(self.place, self.user)

    @property
    def crumbs(self) -> list[dict]:
        return [{"url": reverse("punchout_groups:index"), "label": gettext("Groups")}]

    @property
    def choices(self) -> dict[str, list[str]]:
        return {"roles": [str(each) for each in Role.objects.all()]}


class AddressesKind(Kind):
    model = Company
    title = _("Upload addresses")
    url = "addresses"
    advice = ADDRESS_ADVICE
    about = _("Addresses that are not in the file stay as they are, and so does what the file has no column for.")
    columns = ADDRESS_COLUMNS
    reader = staticmethod(read_address)
    choices: dict[str, list[str]] = {}

    @property
    def is_allowed(self) -> bool:
        return can(self.user, "add", Address(company=self.place))

    @property
    def importer(self) -> Importer:
        return AddressImporter(self.place)

    @property
    def rows(self) -> Any:
        return addresses_as_rows(self.place)

    @property
    def back(self) -> str:
        return f"{page('edit', self.place)}#tab-addresses"

    @property
    def crumbs(self) -> list[dict]:
        return [{"url": reverse("punchout_companies:index"), "label": gettext("Companies")}]


KINDS: dict[str, type[Kind]] = {ImportKind.USERS: UsersKind, ImportKind.ADDRESSES: AddressesKind}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV, with the headings in the first row."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"empty": _("The file is empty. Its first row must have the headings of the columns.")},
    )


class OfKind(InScopeOnly):
    """Views that belong to one kind and place."""

    @cached_property
    def kind(self) -> Kind:
        found = KINDS[self.kwargs["kind"]]
        return self.checked(found(self.within(found.model, self.kwargs["pk"]), self.request.user))

    def checked(self, kind: Kind) -> Kind:
        if not kind.is_allowed:
            raise PermissionDenied
        return kind


class OfUpload(OfKind):
    """Views of one upload: it exists for those who may upload there."""

    @cached_property
    def upload(self) -> SheetImport:
        return self.within(SheetImport, self.kwargs["pk"])

    @cached_property
    def kind(self) -> Kind:
        place = self.upload.group or self.upload.company
        return self.checked(KINDS[self.upload.kind](place, self.request.user))


class Page(WagtailAdminTemplateMixin, TemplateView):
    header_icon = "upload"
    kind: Kind

    @property
    def page_title(self) -> str:
        return str(self.kind.title)

    def get_page_subtitle(self) -> str:
        return str(self.kind.place)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            *self.kind.crumbs,
            {"url": self.kind.back, "label": str(self.kind.place)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict:
        return super().get_context_data(kind=self.kind, media=STYLES, **kwargs)


class Upload(OfKind, Page):
    """The file is chosen here; what the file must look like stands beside it, and below what was imported before."""

    template_name = "wagtail_punchout/admin/uploads/upload.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(UploadForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind, form = self.kind, UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                file = form.cleaned_data["file"]
                rows = [(row.number, row.cells) for row in read(file, kind.columns)]
                if not rows:
                    raise Unreadable(gettext("Below its headings, the file is empty."))
            except Unreadable as error:
                form.add_error("file", str(error))
            else:
                upload = sheet_import.keep(kind.importer, file.name, rows, by=request.user, at=timezone.now())
                return redirect("punchout_uploads:upload", upload.pk)
        return self._page(form)

    def _page(self, form: UploadForm) -> HttpResponse:
        kind = self.kind
        files = [
            (each.upper(), reverse(f"punchout_uploads:{kind.url}_file", args=[kind.place.pk, each])) for each in FORMATS
        ]
        columns = [(each, kind.advice.get(each.name, ""), kind.choices.get(each.name, ())) for each in kind.columns]
        earlier = sheet_import.imports_of(kind.importer).defer("rows", "changes").select_related("uploaded_by")
        context = self.get_context_data(
            form=form,
            files=files,
            columns=columns,
            earlier=visible(earlier, self.request.user)[:REMEMBERED],
            most_rows=MOST_ROWS,
            most_megabytes=MOST_BYTES // 1024**2,
        )
        return self.render_to_response(context)


class File(OfKind, View):
    """What there is, as it can be uploaded again; where there is nothing yet, the headings."""

    def get(self, request: HttpRequest, pk: int, form: str, kind: str) -> HttpResponse:
        if form not in FORMATS:
            raise Http404
        mine = self.kind
        name = f"{mine.url}-{mine.place.pk}"
        return download(name, form, mine.columns, mine.rows, title=str(mine.importer.kind.label))


class Difference(OfUpload, Page):
    """The page of one upload, from the first slice to what was done."""

    template_name = "wagtail_punchout/admin/uploads/difference.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind, upload = self.kind, self.upload
        if not upload.applied_at and not sheet_import.is_checked(upload):
            upload = self.upload = sheet_import.check_next(upload, kind.importer, kind.reader)
        answer = super().get(request, *args, **kwargs)
        if not upload.applied_at and not sheet_import.is_checked(upload):
            answer["Refresh"] = "0"
        answer["Cache-Control"] = "private, no-store"
        return answer

    def get_context_data(self, **kwargs: Any) -> dict:
        upload = self.upload
        is_checked = sheet_import.is_checked(upload)
        context = super().get_context_data(upload=upload, is_checked=is_checked, **kwargs)
        if upload.applied_at:
            last = sheet_import.last_applied(self.kind.importer)
            return context | {"can_be_undone": last == upload}
        return context | (self._rows() if is_checked else {})

    def _rows(self) -> dict[str, Any]:
        rows = sheet_import.rows_of(self.upload)
        counts = Counter(row.outcome for row in rows)
        changes = counts[Outcome.ADDED] + counts[Outcome.CHANGED]
        asked = self.request.GET.get("show", "")
        show = asked if asked in LABELS else next((each for each in LABELS if counts[each]), Outcome.SAME)
        paged = WagtailPaginator([row for row in rows if row.outcome == show], SHOWN)
        page = paged.get_page(self.request.GET.get("p"))
        columns = [each for each in self.kind.columns if each.name in (rows[0].cells if rows else {})]
        return {
            "counts": [(each.value, label, counts[each], each == show) for each, label in LABELS.items()],
            "show": show,
            "wrong": counts[Outcome.WRONG],
            "changes": changes,
            "is_possible": changes and not counts[Outcome.WRONG],
            "columns": columns,
            "page": page,
            "lines": [self._line(row, columns) for row in page],
            "elided": page.paginator.get_elided_page_range(page.number),
        }

    def _line(self, row: Row, columns: list[SheetColumn]) -> dict[str, Any]:
        if row.wrong:
            headings = {each.name: each.heading for each in self.kind.columns}
            faults = [(headings.get(name, ""), row.cells.get(name, ""), said) for name, said in row.wrong.items()]
            return {"number": row.number, "faults": faults, "who": next(filter(None, row.cells.values()), "")}
        return {"number": row.number, "cells": [self._cell(row, each.name) for each in columns]}

    def _cell(self, row: Row, name: str) -> dict[str, Any]:
        is_changed = name in row.was
        value = row.values.get(name, "") if is_changed or name not in ("roles", "country") else row.cells[name]
        return {
            "is_changed": is_changed,
            "old": self._told(name, row.was[name]) if is_changed else "",
            "new": self._told(name, value),
        }

    def _told(self, name: str, value: Any) -> str:
        if name == "roles" and isinstance(value, list):
            return ", ".join(self._roles.get(each, each) for each in value)
        return shown(name, value)

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {each.slug: str(each) for each in Role.objects.all()}


class Do(OfUpload, View):
    """Apply, undo, check anew, or forget."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        doing = {"apply": self._apply, "undo": self._undo, "again": self._again, "drop": self._drop}.get(name)
        if doing is None or not self.kind:
            raise Http404
        return doing() or redirect("punchout_uploads:upload", pk)

    def _apply(self) -> None:
        try:
            sheet_import.apply(self.upload, self.kind.importer, by=self.request.user, at=timezone.now())
        except NotApplied as error:
            self.upload.refresh_from_db(fields=["applied_at"])
            if self.upload.applied_at:  # by a second click
                return
            sheet_import.check_anew(self.upload)
            said = str(error) or gettext("Something has changed since. Please look again.")
            messages.warning(self.request, gettext("Nothing was changed.") + " " + said)
            return
        counts = {"added": self.upload.added, "changed": self.upload.changed}
        messages.success(self.request, gettext("Done: %(added)d added, %(changed)d changed.") % counts)

    def _undo(self) -> None:
        try:
            left = sheet_import.undo(self.upload, self.kind.importer, by=self.request.user, at=timezone.now())
        except NotApplied:
            messages.warning(self.request, gettext("This import cannot be undone: it is not the last one any more."))
            return
        if left:
            said = ngettext(
                "Undone. %(count)d entry stays, as it has been used or changed since.",
                "Undone. %(count)d entries stay, as they have been used or changed since.",
                left,
            )
            messages.warning(self.request, said % {"count": left})
        else:
            messages.success(self.request, gettext("Undone: everything is as it was."))

    def _again(self) -> None:
        sheet_import.check_anew(self.upload)

    def _drop(self) -> HttpResponse:
        sheet_import.drop(self.upload)
        return redirect(f"punchout_uploads:{self.kind.url}", self.kind.place.pk)


class UploadViewSet(ViewSet):
    name = "punchout_uploads"
    url_prefix = "punchout/uploads"

    def get_urlpatterns(self) -> list:
        of_places = [
            each
            for kind in KINDS
            for each in (
                path(f"{kind}/<int:pk>/", Upload.as_view(), {"kind": kind}, name=str(kind.value)),
                path(f"{kind}/<int:pk>/<str:form>/", File.as_view(), {"kind": kind}, name=f"{kind.value}_file"),
            )
        ]
        return [
            *of_places,
            path("<int:pk>/", Difference.as_view(), name="upload"),
            path("<int:pk>/<str:name>/", Do.as_view(), name="do"),
        ]


uploads = UploadViewSet()
