"""Another place in the tree for a company and all that is below it.

First the new place is chosen; then a page says what that changes, as prices and people's views come from above; then it
is done.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.choosers import company_chooser
from wagtail_punchout.admin_ui.company_form import INHERITED
from wagtail_punchout.admin_ui.company_tree import Crumbs, page
from wagtail_punchout.admin_ui.history import reference
from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.models import Company, company_root


class MoveForm(forms.Form):
    parent = forms.ModelChoiceField(
        Company.objects.none(),
        label=_("New parent company"),
        required=False,
        help_text=_("Empty: the top level. All companies below move along."),
        widget=company_chooser.widget_class,
    )

    def __init__(self, *args: object, company: Company, user: Any, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.fields["parent"].queryset = visible(Company.objects.all(), user)

    def clean_parent(self) -> Company | None:
        parent = self.cleaned_data["parent"]
        if refused := refusal(self.company, parent or company_root()):
            raise ValidationError(refused)
        return parent


def refusal(company: Company, target: Company) -> str:
    """Why ``company`` cannot hang under ``target``; empty when it can."""
    if target.pk == company.pk:
        return gettext("A company cannot be moved below itself.")
    if target.path.startswith(company.path):
        told = {"target": target, "company": company}
        return gettext("“%(target)s” is itself below “%(company)s”: the tree would bite its own tail.") % told
    if target.path == company.path[: -Company.steplen]:
        return gettext("It is there already. Choose another company, or leave it where it is.")
    return ""


class CompanyMove(Crumbs, generic.EditView):
    """Another place in the tree."""

    page_title = _("Move")
    permission_required = "move"
    template_name = "wagtail_punchout/admin/move.html"
    submit_button_label = _("Continue")
    submit_button_active_label = _("Continuing…")

    def get_form_class(self) -> type[forms.Form]:
        return MoveForm

    def get_form(self, form_class: type[forms.Form] | None = None) -> MoveForm:
        above = self.object.lineage[1:]
        given = {"data": self.request.POST} if self.request.method == "POST" else {}
        initial = {"parent": above[0] if above else None}
        return MoveForm(company=self.object, user=self.request.user, initial=initial, **given)

    def get_panel(self) -> None:
        return None

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object, (gettext("Move"), ""))

    def get_edit_url(self) -> str:
        return page("move", self.object)

    @cached_property
    def header_more_buttons(self) -> list:
        return []

    def get_error_message(self) -> str:
        return gettext("The company cannot be moved there.")

    def form_valid(self, form: MoveForm) -> HttpResponse:
        parent = form.cleaned_data["parent"]
        if "confirmed" not in self.request.POST:
            return self._ask(parent)
        try:
            move_company(self.object, parent, by=self.request.user)
        except CannotMove as error:  # somebody else has moved something meanwhile
            form.add_error("parent", str(error))
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        messages.success(self.request, gettext("“%(company)s” has been moved.") % {"company": self.object})
        return redirect(page("edit", self.object))

    def _ask(self, parent: Company | None) -> HttpResponse:
        self.form = self.get_form()
        context = self.get_context_data(form=self.form)
        context["media"] += STYLES
        context |= {
            "sentences": consequences(self.object, parent),
            "hidden": {"parent": parent.pk if parent else "", "confirmed": "1"},
            "submit_label": gettext("Move now"),
            "back": page("edit", self.object),
        }
        return self.response_class(
            request=self.request, template=["wagtail_punchout/admin/confirm.html"], context=context, using=None
        )


class CannotMove(Exception):
    """The tree has changed since the new place was chosen."""


def move_company(company: Company, parent: Company | None, *, by: Any) -> None:
    """Hang ``company`` under ``parent``, or under nobody. Raises ``CannotMove`` when the tree no longer allows it.

    One move at a time, and nobody adds a company meanwhile to what is moved or to where it goes: paths are made from
    those of the parents.
    """
    with transaction.atomic():
        root = Company.objects.select_for_update().get(pk=company_root().pk)
        fresh = Company.objects.get(pk=company.pk)
        list(Company.objects.select_for_update().filter(path__startswith=fresh.path).values_list("pk"))
        target = Company.objects.select_for_update().get(pk=parent.pk) if parent else root
        if refused := refusal(fresh, target):
            raise CannotMove(refused)
        before = _place(fresh.get_parent())
        fresh.move(target, pos="last-child")
        data = {"from": before, "to": _place(target)}
        log(fresh, "wagtail_punchout.company_moved", user=by, content_changed=True, data=data, uuid=uuid.uuid4())


def _place(parent: Company) -> dict[str, Any]:
    return reference(parent) if parent.depth > 1 else {"model": Company._meta.label_lower, "pk": None, "name": ""}


def consequences(company: Company, parent: Company | None) -> list[str]:
    """What moving means, in sentences."""
    return [_where(company, parent), _how_many(company), *_inherited_anew(company, parent), *_views(company, parent)]


def _where(company: Company, parent: Company | None) -> str:
    if parent is None:
        return gettext("“%(company)s” moves to the top level.") % {"company": company}
    way = " / ".join(each.name for each in reversed(parent.lineage))
    return gettext("“%(company)s” moves below “%(way)s”.") % {"company": company, "way": way}


def _how_many(company: Company) -> str:
    below = company.get_descendant_count()
    if not below:
        return gettext("No company is below it: it moves alone.")
    return ngettext("%(count)d company below it moves along.", "%(count)d companies below it move along.", below) % {
        "count": below
    }


def _inherited_anew(company: Company, parent: Company | None) -> Iterable[str]:
    """Values that the company takes from above, where the new place has others."""
    for name, read in INHERITED.items():
        if getattr(company, name):
            continue
        before = company.inherited(name)
        after = parent.inherited(name) if parent else ""
        if before != after:
            told = {
                "field": Company._meta.get_field(name).verbose_name,
                "before": read(before) if before else gettext("nothing"),
                "after": read(after) if after else gettext("nothing"),
            }
            yield gettext("The %(field)s it inherits changes from %(before)s to %(after)s.") % told
    was_off, is_off = (_is_off(each) for each in (company.lineage[1:], parent.lineage if parent else []))
    if company.is_active and was_off != is_off:
        yield (
            gettext("A company above the new place is switched off: the customers it takes along can no longer enter.")
            if is_off
            else gettext("No company above the new place is switched off: the customers it takes along can enter.")
        )


def _is_off(companies: Iterable[Company]) -> bool:
    return any(not each.is_active for each in companies)


def _views(company: Company, parent: Company | None) -> Iterable[str]:
    """People who see it because of a company above, before and after."""
    own = set(company.assigned_staff.all())
    before = _assigned(company.lineage[1:]) - own
    after = _assigned(parent.lineage if parent else []) - own
    if lost := before - after:
        yield gettext("No longer see it as assigned staff: %(people)s.") % {"people": _names(lost)}
    if won := after - before:
        yield gettext("See it from now on as assigned staff: %(people)s.") % {"people": _names(won)}


def _assigned(companies: Iterable[Company]) -> set[Any]:
    return set(get_user_model()._default_manager.filter(assigned_companies__in=list(companies)))


def _names(people: Iterable[Any]) -> str:
    return ", ".join(sorted(each.get_username() for each in people))
