"""The editor of a link's mapping and units: rows with suggestions, checked while they are typed and when saved.

The check is one and the same for both, :func:`wagtail_punchout.protocol.mapping.check` over all rows: a draft with a
row that can never work is not saved, so none can be published.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, JsonResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, Panel

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.mapping_words import comparisons, facts, targets, told, transforms
from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import PunchoutLink
from wagtail_punchout.models.link_rows import SourceKind
from wagtail_punchout.models.links import LinkFormat
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.units import UNITS

SCRIPTS = forms.Media(js=["wagtail_punchout/mapping.js"])
#: Django takes a thousand fields with one request (``DATA_UPLOAD_MAX_NUMBER_FIELDS``); a row of mapping has nine.
MOST_ROWS, MOST_UNITS = 60, 80

# Forms


class RowsFormSet(BaseChildFormSet):
    """Rows that are only right or wrong together; those about to be deleted do not count.

    The page has all rows of the link: one that it does not name is taken out, and one that the link does not have (any
    more) is new. Otherwise an old version could not be brought back once rows have come and gone since.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            present = {str(each.pk) for each in self.get_queryset()}
            self.data = self.data.copy()
            for at in range(self.initial_form_count()):
                key = f"{self.add_prefix(at)}-{self.model._meta.pk.name}"
                if self.data.get(key) not in present:
                    self.data[key] = ""

    def clean(self) -> None:
        super().clean()
        kept = [each for each in self.forms if not self._should_delete_form(each) and not _is_untouched(each)]
        # Django's own ``ordered_forms`` are known only once all is valid.
        self.check_together(sorted(kept, key=lambda form: form.cleaned_data.get("ORDER") or len(self.forms)))

    def check_together(self, rows: list[forms.ModelForm]) -> None:
        raise NotImplementedError

    def save(self, commit: bool = True) -> list[Model]:
        manager = getattr(self.instance, self.rel_name)
        named = {form.instance.pk for form in self.initial_forms}
        manager.remove(*[each for each in manager.all() if each.pk and each.pk not in named])
        return super().save(commit)


def _is_untouched(form: forms.ModelForm) -> bool:
    return form.empty_permitted and not form.has_changed()


class MappingFormSet(RowsFormSet):
    """Rows of a mapping, in the format that the form around them says."""

    def check_together(self, rows: list[forms.ModelForm]) -> None:
        read = [_row(form, number) for number, form in enumerate(rows, start=1)]
        for problem in mapping.check(read, self.instance.format):
            form = rows[problem.row - 1]
            if problem.part not in form.errors:
                form.add_error(problem.part, told(problem))


def _row(form: forms.ModelForm, number: int) -> mapping.Row:
    """The row as it was entered; what has an error of its own already is taken for empty."""
    entered = form.cleaned_data
    return mapping.Row(
        number=number,
        target=entered.get("target", ""),
        kind=mapping.Kind(entered.get("kind") or SourceKind.FIELD),
        source=entered.get("source", ""),
        transforms=entered.get("transforms", ""),
        required=entered.get("required", False),
        only_when=entered.get("only_when", ""),
    )


class UnitFormSet(RowsFormSet):
    """Units, each translated once."""

    def check_together(self, rows: list[forms.ModelForm]) -> None:
        seen: set[str] = set()
        for form in rows:
            ours = form.cleaned_data.get("ours", "")
            if ours and ours in seen:
                form.add_error("ours", gettext("“%(unit)s” is already translated.") % {"unit": ours})
            seen.add(ours)

    def validate_unique(self) -> None:
        """Nothing: the same is said here, at the field."""


# Panels


def _text(list_name: str = "", **attrs: str) -> forms.TextInput:
    lists = {"list": f"punchout-{list_name}"} if list_name else {}
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **lists, **attrs})


class RowsPanel(InlinePanel):
    """Wagtail's rows, with what our editor needs around them."""

    formset: type[BaseChildFormSet]

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = self.formset
        return options


class MappingPanel(RowsPanel):
    formset = MappingFormSet

    def __init__(self, **kwargs: Any) -> None:
        part = {"data-action": "input->punchout-mapping#type focus->punchout-mapping#suggest"}
        panels = [
            FieldRowPanel(
                [
                    FieldPanel("target", widget=_text(**part, **{"data-part": "target"})),
                    FieldPanel("kind"),
                    FieldPanel("source", widget=_text("facts", **part, **{"data-part": "source"})),
                ]
            ),
            FieldRowPanel(
                [
                    FieldPanel("transforms", widget=_text("transforms", **part, **{"data-part": "transforms"})),
                    FieldPanel("only_when", widget=_text("facts", **part, **{"data-part": "only_when"})),
                    FieldPanel("required"),
                ]
            ),
        ]
        given = {
            "relation_name": "mapping_rows",
            "panels": panels,
            "heading": _("Mapping"),
            "label": _("row"),
            "max_num": MOST_ROWS,
            "help_text": _(
                "Each row fills one field of the buyer. A row replaces what is sent without any; a constant without "
                "content takes the field out of the cart."
            ),
        }
        super().__init__(**{**given, **kwargs})

    class BoundPanel(InlinePanel.BoundPanel):
        template_name = "wagtail_punchout/admin/links/mapping.html"

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.form is not None:
                for form in [*self.formset.forms, self.empty_child.form]:
                    form.fields["target"].widget.attrs["list"] = f"punchout-targets-{self.instance.format}"

        @property
        def media(self) -> forms.Media:
            return super().media + STYLES + SCRIPTS

        def get_context_data(self, parent_context: Any = None) -> dict:
            return super().get_context_data(parent_context) | {
                "targets": {each.value: targets(each) for each in LinkFormat},
                "facts": list(facts()),
                "transforms": transforms(),
                "comparisons": comparisons(),
                "check_url": reverse_lazy("punchout_links:check_mapping"),
            }


class UnitPanel(RowsPanel):
    formset = UnitFormSet

    def __init__(self, **kwargs: Any) -> None:
        panels = [
            FieldRowPanel(
                [
                    FieldPanel("ours", widget=_text("units-ours")),
                    FieldPanel("theirs", widget=_text("units-theirs")),
                ]
            )
        ]
        given = {
            "relation_name": "unit_rows",
            "panels": panels,
            "heading": _("Units"),
            "label": _("unit"),
            "max_num": MOST_UNITS,
            "help_text": _(
                "What this buyer calls our units. In OCI the usual ISO codes are sent where this table says nothing."
            ),
        }
        super().__init__(**{**given, **kwargs})

    class BoundPanel(InlinePanel.BoundPanel):
        template_name = "wagtail_punchout/admin/links/units.html"

        @property
        def media(self) -> forms.Media:
            return super().media + STYLES

        def get_context_data(self, parent_context: Any = None) -> dict:
            named = [(unit.code, translated(unit.name)) for unit in UNITS.values()]
            other = [(code, translated(unit.name)) for unit in UNITS.values() for code in unit.alternatives]
            known = {"units": named, "codes": sorted({*named, *other})}
            return super().get_context_data(parent_context) | known


class SentAnywayPanel(Panel):
    """What a cart holds without any row, to read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Sent without any row"), **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_punchout/admin/links/sent_anyway.html"

        def get_context_data(self, parent_context: Any = None) -> dict:
            formats = [(each, mapping.DEFAULTS[each]) for each in LinkFormat]
            return super().get_context_data(parent_context) | {"formats": formats}


# While somebody types


class CheckMapping(View):
    """Takes the rows as the form around them would, and says what is wrong with which input. Keeps nothing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        if not can(request.user, "change", PunchoutLink):
            raise PermissionDenied
        format = request.POST.get("format", "")
        link = PunchoutLink(format=format if format in LinkFormat.values else LinkFormat.CXML)
        rows = _formset_class()(request.POST, instance=link, prefix="mapping_rows")
        rows.is_valid()
        wrong = {form.add_prefix(part): errors[0] for form in rows.forms for part, errors in form.errors.items()}
        return JsonResponse({"wrong": wrong})


@cache
def _formset_class() -> type[BaseChildFormSet]:
    return MappingPanel().bind_to_model(PunchoutLink).get_form_class().formsets["mapping_rows"]
