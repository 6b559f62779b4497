"""A link's mapping and its units as spreadsheets: download, and upload into a draft after a rehearsal.

A mapping is often made for one buyer and wanted for the next, and units come from the buyer in a table. What is
uploaded takes the place of all rows of that kind, as a whole or not at all, and buyers meet it when it is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages

from wagtail_punchout.admin_ui.link_drafts import LINK_STYLES, LinkPage, OfLink, link_url, save_draft
from wagtail_punchout.admin_ui.mapping_sheets import KINDS, MAPPING, SHEETS, Sheet, compare, read_rows, told
from wagtail_punchout.admin_ui.spreadsheets import FORMATS, MOST_BYTES, SheetRow, Unreadable, download, read
from wagtail_punchout.models import PunchoutLink

REHEARSED_FOR = 60 * 60


class Download(OfLink, View):
    """All rows of one kind of the newest draft, as they can be uploaded again."""

    def get(self, request: HttpRequest, pk: int, sheet: str, form: str) -> HttpResponse:
        if sheet not in SHEETS or form not in FORMATS:
            raise Http404
        asked = SHEETS[sheet]
        rows = [list(told(each, asked).values()) for each in getattr(self.draft, asked.field).all()]
        return download(f"{sheet}-{self.object.pk}", form, asked.columns, rows, title=str(asked.label))


class UploadForm(forms.Form):
    sheet = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[(each.name, each.label) for each in SHEETS.values()],
        initial=MAPPING.name,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV, with the headings in the first row."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )


class Rehearsal:
    """What an upload would do to the draft, in a form that fits on a page and into a signed field of it."""

    def __init__(self, draft: PunchoutLink, sheet: Sheet, rows: Sequence[SheetRow]) -> None:
        self.sheet, self.rows = sheet, rows
        self.made, self.complaints = read_rows(sheet, rows, draft.format)
        present = [told(each, sheet) for each in getattr(draft, sheet.field).all()]
        self.steps = [] if self.complaints else compare(present, [told(each, sheet) for each in self.made], sheet)

    @property
    def is_possible(self) -> bool:
        return bool(self.steps) and not self.complaints

    @property
    def counts(self) -> list[tuple[str, Any, int]]:
        return [(kind, label, sum(each.kind == kind for each in self.steps)) for kind, label in KINDS.items()]


class Files(LinkPage):
    """Two steps on one address: a file gets its rehearsal, a rehearsal is carried out."""

    template_name = "wagtail_punchout/admin/links/files.html"
    page_title = _("Download or upload rows and units")
    header_icon = "table"
    rehearsal: Rehearsal | None = None

    @cached_property
    def form(self) -> UploadForm:
        return UploadForm(self.request.POST, self.request.FILES) if self.request.method == "POST" else UploadForm()

    @property
    def salt(self) -> str:
        return f"wagtail_punchout.mapping.{self.object.pk}.{self.request.user.pk}"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self._carry_out(request.POST["plan"]) if "plan" in request.POST else self._rehearse()

    def _rehearse(self) -> HttpResponse:
        if self.form.is_valid():
            sheet = SHEETS[self.form.cleaned_data["sheet"]]
            try:
                rows = read(self.form.cleaned_data["file"], sheet.columns)
                self.rehearsal = Rehearsal(self.draft, sheet, rows)
            except Unreadable as error:
                self.form.add_error("file", str(error))
        return self.render_to_response(self.get_context_data())

    def _carry_out(self, plan: str) -> HttpResponse:
        try:
            name, seen, cells = signing.loads(plan, salt=self.salt, max_age=REHEARSED_FOR)
        except signing.BadSignature:
            messages.error(self.request, gettext("This rehearsal cannot be used any more. Upload the file again."))
            return redirect(self.request.path)
        sheet = SHEETS[name]
        rehearsal = Rehearsal(self.draft, sheet, [SheetRow(number, each) for number, each in cells])
        if rehearsal.complaints or not save_draft(
            self.object, self.request.user, seen=seen, **{sheet.field: rehearsal.made}
        ):
            messages.warning(self.request, gettext("Somebody has changed the link meanwhile. Please upload again."))
            return redirect(self.request.path)
        preview = messages.button(link_url("preview_carts", self.object), gettext("Preview on past carts"))
        sentence = gettext("There is a new draft with these rows. Buyers meet it when it is published.")
        messages.success(self.request, sentence, buttons=[preview])
        return redirect(f"{link_url('edit', self.object)}#tab-{sheet.tab}")

    def packed(self) -> str:
        """For the form that carries it out; what was seen is what is done."""
        shown = self.rehearsal
        cells = [[row.number, dict(row.cells)] for row in shown.rows]
        return signing.dumps([shown.sheet.name, self.object.latest_revision_id, cells], salt=self.salt, compress=True)

    def get_context_data(self, **kwargs: object) -> dict:
        is_possible = self.rehearsal is not None and self.rehearsal.is_possible
        downloads = [
            (each, [(form.upper(), link_url("mapping_download", self.object, each.name, form)) for form in FORMATS])
            for each in SHEETS.values()
        ]
        return super().get_context_data(
            form=self.form,
            rehearsal=self.rehearsal,
            plan=self.packed() if is_possible else "",
            downloads=downloads,
            most_megabytes=MOST_BYTES // 1024**2,
            media=self.form.media + LINK_STYLES,
            **kwargs,
        )
