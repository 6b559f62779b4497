"""The routing table as a spreadsheet: download, and upload with a rehearsal that shows what becomes of each rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.routing_base import NAMESPACE, OfCustomer, company_told, rules_of, table_url
from wagtail_punchout.admin_ui.spreadsheets import (
    FORMATS,
    MOST_BYTES,
    MOST_ROWS,
    Complaint,
    SheetColumn,
    SheetRow,
    Unreadable,
    download,
    folded,
    in_all_languages,
    read,
)
from wagtail_punchout.flows.routing_table import Difference, Kind, Step, apply, compare, fingerprint, one_at_a_time
from wagtail_punchout.models import Company, PunchoutCustomer, RoutingRule, RoutingSource

COLUMNS = (
    SheetColumn("position", _("Position"), is_required=False, width=10),
    SheetColumn("source", _("Looks at"), width=28),
    SheetColumn("extrinsic", _("Extrinsic"), is_required=False, width=20),
    SheetColumn("value", _("Value"), width=32),
    SheetColumn("company", _("Company code"), width=20),
)
HEADINGS = {each.name: each.heading for each in COLUMNS}
CHUNK = 500
MOST_SHOWN = 200
#: A rehearsal can be carried out this long.
REHEARSED_FOR = 60 * 60
KIND_LABELS = {
    Kind.ADDED: _("Added"),
    Kind.CHANGED: _("Changed"),
    Kind.MOVED: _("Moved"),
    Kind.REMOVED: _("Removed"),
    Kind.UNCHANGED: _("Unchanged"),
}


class Download(OfCustomer, View):
    """The whole table, as it can be uploaded again."""

    def get(self, request: HttpRequest, customer_pk: int, form: str) -> HttpResponse:
        if form not in FORMATS:
            raise Http404
        rules = rules_of(self.customer, request.user)
        rows = [
            (
                rule.position,
                rule.get_source_display(),
                rule.extrinsic,
                rule.value,
                rule.company.code if can(request.user, "view", rule.company) else "",
            )
            for rule in rules
        ]
        return download(f"routing-{self.customer.pk}", form, COLUMNS, rows, title=gettext("Routing"))


# Reading


def read_rules(
    customer: PunchoutCustomer, rows: Sequence[SheetRow], user: Any
) -> tuple[list[RoutingRule], list[Complaint]]:
    """The rules that the rows ask for, not saved, and what is wrong with the rows."""
    sources = _sources()
    companies = _companies(customer, [row.cells["company"] for row in rows], user)
    first_row: dict[tuple, int] = {}
    rules, complaints = [], []
    for row in rows:
        wrong: dict[str, str] = {}
        rule = RoutingRule(
            customer=customer,
            position=_position(row, wrong),
            source=sources.get(folded(row.cells["source"]), ""),
            extrinsic=row.cells.get("extrinsic", ""),
            value=row.cells["value"],
            company=companies.get(row.cells["company"].lower()),
        )
        _check(rule, row, customer, wrong)
        if not wrong and (before := first_row.setdefault(rule.key, row.number)) != row.number:
            wrong["value"] = gettext("Row %(row)d has the same value already.") % {"row": before}
        complaints += [Complaint(row.number, str(HEADINGS[name]), sentence) for name, sentence in wrong.items()]
        rules.append(rule)
    return rules, complaints


def _position(row: SheetRow, wrong: dict[str, str]) -> int:
    text = row.cells.get("position", "")
    if not text:
        return 0
    if text.isascii() and text.isdigit() and 0 < int(text) < 10_000_000:
        return int(text)
    wrong["position"] = gettext("Write a whole number from 1, or nothing.")
    return 0


def _check(rule: RoutingRule, row: SheetRow, customer: PunchoutCustomer, wrong: dict[str, str]) -> None:
    if not rule.source:
        choices = ", ".join(str(label) for label in RoutingSource.labels)
        wrong["source"] = gettext("Write one of: %(choices)s.") % {"choices": choices}
    if not rule.value:
        wrong["value"] = gettext("Write the value that a call must have.")
    if rule.company_id is None:
        # The same for a code that is unknown, elsewhere, or not to be seen.
        wrong["company"] = (
            gettext("No company with this code below %(company)s.") % {"company": customer.company}
            if row.cells["company"]
            else gettext("Write the code of a company.")
        )
    if wrong:
        return
    try:
        rule.clean_fields(exclude=["customer", "company", "position"])
        rule.clean()
    except ValidationError as error:
        for name, sentences in error.message_dict.items():
            wrong[name if name in HEADINGS else "value"] = " ".join(sentences)


def _sources() -> Mapping[str, str]:
    """How people may write what a rule looks at: the program's name or the label, in any of our languages."""
    return {
        spelling: source.value
        for source in RoutingSource
        for spelling in {folded(source.value), *in_all_languages(source.label)}
    }


def _companies(customer: PunchoutCustomer, codes: Iterable[str], user: Any) -> dict[str, Company]:
    """The customer's company and those below it that ``user`` may see, by their codes in lower case."""
    wanted = sorted({code.lower() for code in codes if code})
    branch = visible(Company.objects.filter(path__startswith=customer.company.path), user)
    found: dict[str, Company] = {}
    for start in range(0, len(wanted), CHUNK):
        some = branch.alias(lower_code=Lower("code")).filter(lower_code__in=wanted[start : start + CHUNK])
        found |= {each.code.lower(): each for each in some}
    return found


# Uploading


class UploadForm(forms.Form):
    REPLACE, ADD = "replace", "add"

    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV, with the headings in the first row."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
    )
    way = forms.ChoiceField(
        label=_("What to do with it"),
        choices=[
            (REPLACE, _("Replace the table: rules that are not in the file are removed")),
            (ADD, _("Add and change: rules that are not in the file stay")),
        ],
        initial=REPLACE,
        widget=forms.RadioSelect,
    )


class Rehearsal:
    """What an upload would do, in a form that fits on a page and into a signed field of it."""

    def __init__(self, customer: PunchoutCustomer, user: Any, way: str, rows: Sequence[SheetRow]) -> None:
        self.customer, self.user, self.way, self.rows = customer, user, way, rows
        self.present = list(rules_of(customer, user))
        self.rules, self.complaints = read_rules(customer, rows, user)
        self.difference = (
            Difference(()) if self.complaints else compare(self.present, self.rules, keep_others=way == UploadForm.ADD)
        )

    @property
    def is_possible(self) -> bool:
        return not self.complaints and bool(self.difference)

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        return [(kind.value, str(KIND_LABELS[kind]), self.difference.count(kind)) for kind in Kind]

    @property
    def shown_complaints(self) -> list[Complaint]:
        return self.complaints[:MOST_SHOWN]

    @property
    def shown_steps(self) -> list[dict[str, Any]]:
        steps = [each for each in self.difference.steps if each.kind is not Kind.UNCHANGED]
        return [self._told(each) for each in steps[:MOST_SHOWN]]

    @property
    def not_shown(self) -> int:
        changes = sum(each.kind is not Kind.UNCHANGED for each in self.difference.steps)
        return max(0, max(changes, len(self.complaints)) - MOST_SHOWN)

    def _told(self, step: Step) -> dict[str, Any]:
        rule = step.new or step.old
        before = company_told(step.old.company, self.user) if step.old else ""
        after = company_told(step.new.company, self.user) if step.new else ""
        is_other_company = step.old and step.new and step.old.company_id != step.new.company_id
        return {
            "kind": step.kind.value,
            "label": KIND_LABELS[step.kind],
            "looks_at": rule.looks_at,
            "value": rule.value,
            "old_value": step.old.value if step.old and step.old.value != rule.value else "",
            "old_place": step.old_place if step.old_place != step.new_place else 0,
            "new_place": step.new_place,
            "old_company": before if is_other_company or not after else "",
            "new_company": after,
        }

    # Between the two pages

    def packed(self) -> str:
        """For the form that carries it out; what was seen is what is done."""
        rows = [[row.number, *(row.cells.get(column.name, "") for column in COLUMNS)] for row in self.rows]
        return signing.dumps([self.way, fingerprint(self.present), rows], salt=self._salt(), compress=True)

    def is_as_seen(self, seen: str) -> bool:
        return fingerprint(self.present) == seen

    def _salt(self) -> str:
        return _salt(self.customer, self.user)


def _salt(customer: PunchoutCustomer, user: Any) -> str:
    return f"wagtail_punchout.routing.{customer.pk}.{user.pk}"


def unpacked(text: str, customer: PunchoutCustomer, user: Any) -> tuple[str, str, list[SheetRow]]:
    """The way, the table's fingerprint and the rows of a rehearsal; ``BadSignature`` for anything else."""
    way, seen, rows = signing.loads(text, salt=_salt(customer, user), max_age=REHEARSED_FOR)
    names = [column.name for column in COLUMNS]
    return way, seen, [SheetRow(row[0], dict(zip(names, row[1:], strict=True))) for row in rows]


class Upload(OfCustomer, WagtailAdminTemplateMixin, TemplateView):
    """Two steps on one address: a file gets its rehearsal, a rehearsal is carried out."""

    template_name = "wagtail_punchout/admin/routing/upload.html"
    page_title = _("Upload a routing table")
    header_icon = "upload"
    form: UploadForm
    rehearsal: Rehearsal | None = None

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.form = UploadForm()
        return self._page()

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.form = UploadForm()
        return self._carry_out(request.POST["plan"]) if "plan" in request.POST else self._rehearse()

    def _rehearse(self) -> HttpResponse:
        self.form = UploadForm(self.request.POST, self.request.FILES)
        if self.form.is_valid():
            try:
                rows = read(self.form.cleaned_data["file"], COLUMNS)
                self.rehearsal = Rehearsal(self.customer, self.request.user, self.form.cleaned_data["way"], rows)
                self._check_size()
            except Unreadable as error:
                self.rehearsal = None
                self.form.add_error("file", str(error))
        return self._page()

    def _check_size(self) -> None:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if limit and self.rehearsal.is_possible and len(self.rehearsal.packed()) > limit * 0.9:
            raise Unreadable(gettext("There is too much text in the file. Upload it in two parts."))

    def _carry_out(self, plan: str) -> HttpResponse:
        try:
            way, seen, rows = unpacked(plan, self.customer, self.request.user)
        except signing.BadSignature:
            messages.error(self.request, gettext("This rehearsal cannot be used any more. Upload the file again."))
            return redirect(self.request.path)
        with one_at_a_time(self.customer):
            self.rehearsal = Rehearsal(self.customer, self.request.user, way, rows)
            if self.rehearsal.is_possible and self.rehearsal.is_as_seen(seen):
                apply(self.customer, self.rehearsal.difference, by=self.request.user)
                messages.success(self.request, gettext("The routing table has been changed."))
                return redirect(table_url(self.customer))
        messages.warning(self.request, gettext("Somebody has changed the table meanwhile. Please look again."))
        return self._page()

    def _page(self) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs((gettext("Routing"), table_url(self.customer)), (gettext("Upload"), ""))

    def get_context_data(self, **kwargs: object) -> dict:
        files = [(each.upper(), reverse(f"{NAMESPACE}:download", args=(self.customer.pk, each))) for each in FORMATS]
        return super().get_context_data(
            customer=self.customer,
            form=self.form,
            rehearsal=self.rehearsal,
            columns=COLUMNS,
            sources=RoutingSource.labels,
            downloads=files,
            table_url=table_url(self.customer),
            most_rows=MOST_ROWS,
            most_megabytes=MOST_BYTES // 1024**2,
            media=self.form.media + STYLES,
            **kwargs,
        )
