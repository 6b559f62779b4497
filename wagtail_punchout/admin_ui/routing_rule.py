"""One rule of a routing table: added, changed, moved or taken away."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views import generic

from wagtail_punchout.admin_ui.choosers import CompanyChooser, CompanyScope
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.routing_base import NAMESPACE, OfCustomer, table_url
from wagtail_punchout.admin_ui.scoped import ScopedForm, key_of
from wagtail_punchout.flows.routing_table import move_to_index, note, one_at_a_time, put_at
from wagtail_punchout.models import Company, PunchoutCustomer, RoutingRule


class BranchScope(CompanyScope):
    """A company and those below it: ``?below=`` names it."""

    def choosable(self) -> QuerySet:
        top = super().choosable().filter(pk=key_of(self.request.GET.get("below"))).first()
        return super().choosable().filter(path__startswith=top.path) if top else Company.objects.none()


class BranchChooser(CompanyChooser):
    register_widget = False
    url_prefix = "punchout/choose/company-below"
    preserve_url_parameters = ["multiple", "below"]
    scope = BranchScope


branch_chooser = BranchChooser("punchout_branch_chooser")


def limit_to_branch(form: forms.ModelForm, name: str, top: Company) -> None:
    """Let the form's field choose ``top`` and what is below it, in the dialog as well as in what is posted.

    A company that has left the branch and may not be seen any more is not shown, and can be replaced.
    """
    if name not in form.fields:
        form.fields[name] = form._meta.model._meta.get_field(name).formfield()
        form.initial.pop(name, None)
    widget = branch_chooser.widget_class()
    url = f"{widget.get_chooser_modal_url()}?below={top.pk}"
    widget.get_chooser_modal_url = lambda: url
    field = form.fields[name]
    field.queryset = visible(Company.objects.filter(path__startswith=top.path), form.for_user)
    field.widget = widget
    form.order_fields(form.field_order)


class RuleForm(ScopedForm):
    position = forms.IntegerField(
        label=_("Position"),
        required=False,
        min_value=1,
        help_text=_("The first rule that fits wins. Empty: at the end. Rules below move down."),
    )

    class Meta:
        model = RoutingRule
        fields = ["source", "extrinsic", "value", "company"]

    field_order = ["source", "extrinsic", "value", "company", "position"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        limit_to_branch(self, "company", self.instance.customer.company)
        self.fields["position"].initial = self.instance.position or None
        self.fields["value"].help_text = _(
            "Blanks around it and upper case make no difference. A domain stands for itself alone; "
            "*.school.example stands for everything below school.example."
        )

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            self.instance.source, self.instance.extrinsic = cleaned["source"], cleaned["extrinsic"]
            self.instance.value = cleaned["value"]
            self.instance.derive()
            self._check_once()
        return cleaned

    def _check_once(self) -> None:
        source, name, value = self.instance.key
        same = RoutingRule.objects.filter(
            customer=self.instance.customer, source=source, name_key=name, value_key=value
        ).exclude(pk=self.instance.pk)
        if found := same.first():
            sentence = gettext("Rule %(position)d has this value already: the first one would always win.")
            self.add_error("value", ValidationError(sentence % {"position": found.position}))


class RulePage(OfCustomer):
    """What adding and editing share."""

    template_name = "wagtail_punchout/admin/routing/rule.html"

    def get_form_class(self) -> type[forms.ModelForm]:
        return RuleForm

    def get_panel(self) -> None:
        return None

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Positions and values are unique: nobody else may change them between the check and the write.
        with one_at_a_time(self.customer):
            return super().post(request, *args, **kwargs)

    def save_instance(self) -> RoutingRule:
        rule = self.form.save(commit=False)
        put_at(rule, self.form.cleaned_data["position"])
        rule.save()
        note(self.customer, by=self.request.user, **{self.counted_as: 1})
        return rule

    def get_success_url(self) -> str:
        return table_url(self.customer)

    def get_success_buttons(self) -> list:
        url = reverse(f"{NAMESPACE}:edit", args=(self.object.pk,))
        return [messages.button(url, gettext("Edit"))]


class RuleAdd(RulePage, generic.CreateView):
    counted_as = "added"
    page_title = _("New rule")
    submit_button_label = _("Add rule")
    submit_button_active_label = _("Adding…")
    permission_required = "add"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.customer  # noqa: B018  (or 404)
        return super().get(request, *args, **kwargs)

    def get_initial_form_instance(self) -> RoutingRule:
        return RoutingRule(customer=self.customer)

    def get_add_url(self) -> str:
        return reverse(f"{NAMESPACE}:add", args=(self.customer.pk,))

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs((gettext("Routing"), table_url(self.customer)), (gettext("New rule"), ""))

    def get_success_message(self, instance: RoutingRule) -> str:
        sentence = gettext("Rule %(position)d added: %(rule)s.")
        return sentence % {"position": instance.position, "rule": instance}


class OfRule(OfCustomer):
    """For views of one rule: the customer is the rule's."""

    @cached_property
    def customer(self) -> PunchoutCustomer:
        rule = self.within(RoutingRule, self.kwargs["pk"], "change")
        return self.within(PunchoutCustomer, rule.customer_id, "change")


class RuleEdit(OfRule, RulePage, generic.EditView):
    counted_as = "changed"

    def get_edit_url(self) -> str:
        return reverse(f"{NAMESPACE}:edit", args=(self.object.pk,))

    def get_delete_url(self) -> str:
        return reverse(f"{NAMESPACE}:delete", args=(self.object.pk,))

    def get_breadcrumbs_items(self) -> list[dict]:
        return self.crumbs((gettext("Routing"), table_url(self.customer)), (str(self.object), ""))

    def get_success_message(self) -> str:
        sentence = gettext("Rule %(position)d saved: %(rule)s.")
        return sentence % {"position": self.object.position, "rule": self.object}


class RuleDelete(OfRule, generic.DeleteView):
    page_title = _("Delete")
    permission_required = "delete"

    def get_breadcrumbs_items(self) -> list[dict]:
        crumbs = (gettext("Routing"), table_url(self.customer)), (str(self.object), ""), (gettext("Delete"), "")
        return self.crumbs(*crumbs)

    def get_delete_url(self) -> str:
        return reverse(f"{NAMESPACE}:delete", args=(self.object.pk,))

    def get_success_url(self) -> str:
        return table_url(self.customer)

    def get_success_message(self) -> str:
        return gettext("The rule “%(rule)s” has been deleted.") % {"rule": self.object}

    def delete_action(self) -> None:
        customer = self.customer
        with one_at_a_time(customer):
            self.object.delete()
            note(customer, by=self.request.user, removed=1)


class Reorder(OfRule, View):
    """A rule was dragged: ``position`` counts from the first row of the page, ``first`` says which that is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, first: int, pk: int) -> JsonResponse:
        customer, asked = self.customer, key_of(request.GET.get("position"))
        with one_at_a_time(customer):
            rule = customer.routing_rules.filter(pk=pk).first()  # unless somebody was faster and has deleted it
            if rule and asked is not None and move_to_index(rule, first + asked):
                note(customer, by=request.user, moved=1)
        return JsonResponse({"success": True})
