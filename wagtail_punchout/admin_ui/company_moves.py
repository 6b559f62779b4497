"""Another place in the tree for a company and all that is below it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.choosers import company_chooser
from wagtail_punchout.admin_ui.company_tree import NAMESPACE, Crumbs, Shown, shown_companies
from wagtail_punchout.models import Company, company_root


class MoveForm(forms.Form):
    parent = forms.ModelChoiceField(
        Company.objects.none(),
        label=_("New parent company"),
        required=False,
        help_text=_("Empty: the top level. All companies below move along."),
        widget=company_chooser.widget_class,
    )

    def __init__(self, *args: object, company: Company, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.fields["parent"].queryset = shown_companies()

    def clean_parent(self) -> Company | None:
        parent = self.cleaned_data["parent"]
        if parent and parent.path.startswith(self.company.path):
            raise ValidationError(_("A company cannot be moved below itself."))
        return parent


class CompanyMove(Shown, Crumbs, generic.EditView):
    """Another place in the tree."""

    page_title = _("Move")
    template_name = "wagtail_punchout/admin/move.html"
    submit_button_label = _("Move")
    submit_button_active_label = _("Moving…")

    def get_form_class(self) -> type[forms.Form]:
        return MoveForm

    def get_form(self, form_class: type[forms.Form] | None = None) -> MoveForm:
        above = self.object.lineage[1:]
        given = {"data": self.request.POST} if self.request.method == "POST" else {}
        return MoveForm(company=self.object, initial={"parent": above[0] if above else None}, **given)

    def get_panel(self) -> None:
        return None

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs(self.object, (gettext("Move"), ""))

    def get_edit_url(self) -> str:
        return reverse(f"{NAMESPACE}:move", args=(self.object.pk,))

    def form_valid(self, form: MoveForm) -> HttpResponse:
        parent = form.cleaned_data["parent"]
        move_company(self.object, parent, by=self.request.user)
        messages.success(self.request, gettext("“%(company)s” has been moved.") % {"company": self.object})
        return redirect(f"{NAMESPACE}:edit", self.object.pk)


def move_company(company: Company, parent: Company | None, *, by: Any) -> None:
    """Hang ``company`` under ``parent``, or under nobody; one move at a time."""
    with transaction.atomic():
        root = Company.objects.select_for_update().get(pk=company_root().pk)
        target = Company.objects.get(pk=parent.pk) if parent else root
        Company.objects.get(pk=company.pk).move(target, pos="last-child")
        log(company, "wagtail_punchout.company_moved", user=by, data={"to": parent.name if parent else ""})
