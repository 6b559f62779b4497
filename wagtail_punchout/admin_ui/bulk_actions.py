"""What can be done to many at once: switching, assigning staff, choosing a group, deleting addresses and links."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.addresses import addresses
from wagtail_punchout.admin_ui.bulk import NAMED, Deletes, ScopedBulkAction, list_of
from wagtail_punchout.admin_ui.companies import companies
from wagtail_punchout.admin_ui.company_form import staff
from wagtail_punchout.admin_ui.customers import customers
from wagtail_punchout.admin_ui.deleting import delete_and_note
from wagtail_punchout.admin_ui.history import differences, snapshot
from wagtail_punchout.admin_ui.links import links
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.scoped import key_of
from wagtail_punchout.admin_ui.switching import Effect, effect_on_companies, effect_on_customers, switch
from wagtail_punchout.models import Address, Company, CustomerGroup, PunchoutCustomer, PunchoutLink


class OnCompanies(ScopedBulkAction):
    model_class = Company

    def listing(self, parent_id: str | None) -> Any:
        parent = key_of(parent_id)
        return list_of(companies, self.request, **({} if parent is None else {"parent_pk": parent}))


class OnCustomers(ScopedBulkAction):
    model_class = PunchoutCustomer

    def listing(self, parent_id: str | None) -> Any:
        return list_of(customers, self.request)


class OnAddresses(ScopedBulkAction):
    model_class = Address

    def listing(self, parent_id: str | None) -> Any:
        return list_of(addresses, self.request)


class OnLinks(ScopedBulkAction):
    model_class = PunchoutLink

    def listing(self, parent_id: str | None) -> Any:
        return list_of(links, self.request)


class Switching(ScopedBulkAction):
    """Switches those that are not as wanted; says before and after what it means for customers and visits."""

    on = False

    @cached_property
    def changed(self) -> list[Any]:
        return [each for each in self.chosen if each.is_active != self.on]

    @cached_property
    def effect(self) -> Effect:
        raise NotImplementedError

    def sentences(self) -> list[str]:
        if not self.changed:
            return [
                gettext("All of them are switched on already.")
                if self.on
                else gettext("All of them are switched off already.")
            ]
        return self.effect.expected()

    def prepare_action(self, objects: Sequence[Model], objects_without_access: Any) -> None:
        self.told = self.effect.happened() if self.changed else ""  # counted before anything is switched

    def do(self, thing: Any) -> None:
        if thing.is_active != self.on:
            switch(thing, on=self.on, by=self.request.user)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return self.told or gettext("Nothing had to be changed.")


class SwitchesOff:
    display_name = _("Switch off")
    action_type = "switch_off"
    action_priority = 20
    submit_label = _("Switch off now")
    is_serious = True


class SwitchesOn:
    on = True
    display_name = _("Switch on")
    action_type = "switch_on"
    action_priority = 10
    submit_label = _("Switch on now")


class SwitchCompanies(OnCompanies, Switching):
    @cached_property
    def effect(self) -> Effect:
        return effect_on_companies(self.changed, on=self.on)


class SwitchCompaniesOff(SwitchesOff, SwitchCompanies):
    aria_label = _("Switch the selected companies off")


class SwitchCompaniesOn(SwitchesOn, SwitchCompanies):
    aria_label = _("Switch the selected companies on")


class SwitchCustomers(OnCustomers, Switching):
    @cached_property
    def effect(self) -> Effect:
        return effect_on_customers(self.changed, on=self.on)


class SwitchCustomersOff(SwitchesOff, SwitchCustomers):
    aria_label = _("Switch the selected customers off")


class SwitchCustomersOn(SwitchesOn, SwitchCustomers):
    aria_label = _("Switch the selected customers on")


class StaffForm(forms.Form):
    """Some people, and whether they are added or taken away."""

    way = forms.ChoiceField(
        label=_("What to do"),
        choices=[("add", _("Assign these people as well")), ("remove", _("Take these people away"))],
        widget=forms.RadioSelect,
        initial="add",
    )
    people = forms.ModelMultipleChoiceField(label=_("People"), queryset=None, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = staff()


class AssignStaff(OnCompanies):
    needed = "assign_staff"
    display_name = _("Assign staff")
    aria_label = _("Assign staff to the selected companies")
    action_type = "assign_staff"
    action_priority = 30
    form_class = StaffForm
    submit_label = _("Save")

    def sentences(self) -> list[str]:
        return [gettext("Whoever is assigned to a company sees it and all companies below it.")]

    def do(self, company: Company) -> None:
        given = self.cleaned_form.cleaned_data
        before = snapshot(company, ["assigned_staff"])
        change = company.assigned_staff.add if given["way"] == "add" else company.assigned_staff.remove
        change(*given["people"])
        _note(company, "staff_assigned", differences(company, before, snapshot(company, ["assigned_staff"])), self)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "Assigned staff of %(count)d company saved.",
            "Assigned staff of %(count)d companies saved.",
            num_parent_objects,
        ) % {"count": num_parent_objects}


class GroupForm(forms.Form):
    group = forms.ModelChoiceField(label=_("Group"), queryset=CustomerGroup.objects.none())


class PutIntoGroup(OnCustomers):
    display_name = _("Put into a group")
    aria_label = _("Put the selected customers into a group")
    action_type = "put_into_group"
    action_priority = 30
    form_class = GroupForm
    submit_label = _("Save")

    def get_form(self, form_class: Any = None) -> GroupForm:
        form = super().get_form(form_class)
        form.fields["group"].queryset = visible(CustomerGroup.objects.select_related("company"), self.request.user)
        return form

    def sentences(self) -> list[str]:
        return [gettext("A group decides through which links its customers enter: that changes with the next call.")]

    def form_valid(self, form: GroupForm) -> Any:
        company = form.cleaned_data["group"].company
        strangers = [each for each in self.chosen if company and not each.company.path.startswith(company.path)]
        if strangers:
            form.add_error(
                "group",
                ValidationError(
                    _("This group is for customers of “%(company)s” only. Not one of them: %(customers)s."),
                    params={"company": company, "customers": ", ".join(map(str, strangers[:NAMED]))},
                ),
            )
            return self.form_invalid(form)
        return super().form_valid(form)

    def do(self, customer: PunchoutCustomer) -> None:
        before = snapshot(customer, ["group"])
        customer.group = self.cleaned_form.cleaned_data["group"]
        customer.save(update_fields=["group", "updated_at"])
        _note(customer, "group_chosen", differences(customer, before, snapshot(customer, ["group"])), self)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d customer is in the group “%(group)s”.",
            "%(count)d customers are in the group “%(group)s”.",
            num_parent_objects,
        ) % {"count": num_parent_objects, "group": self.cleaned_form.cleaned_data["group"]}


class DeleteAddresses(Deletes, OnAddresses):
    aria_label = _("Delete the selected addresses")

    def sentences(self) -> list[str]:
        return [gettext("Visits and carts that were made with these addresses keep them.")]

    def do(self, address: Address) -> None:
        with transaction.atomic():
            delete_and_note(address, by=self.request.user)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d address has been deleted.", "%(count)d addresses have been deleted.", num_parent_objects
        ) % {"count": num_parent_objects}


class DeleteLinks(Deletes, OnLinks):
    """In the place of the action that all snippets have, which names what its user may not see."""

    aria_label = _("Delete the selected links")

    def sentences(self) -> list[str]:
        return [gettext("The customers of their groups cannot enter any more.")]

    def do(self, link: PunchoutLink) -> None:
        with transaction.atomic():
            delete_and_note(link, by=self.request.user)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d link has been deleted.", "%(count)d links have been deleted.", num_parent_objects
        ) % {"count": num_parent_objects}


def _note(thing: Model, action: str, changes: list[dict], how: ScopedBulkAction) -> None:
    if changes:
        log(
            thing,
            f"wagtail_punchout.{action}",
            user=how.request.user,
            content_changed=True,
            data={"changed": changes},
            uuid=uuid.uuid4(),  # Wagtail shows one entry for all with the same key and action
        )


bulk_actions = [
    SwitchCompaniesOn,
    SwitchCompaniesOff,
    AssignStaff,
    SwitchCustomersOn,
    SwitchCustomersOff,
    PutIntoGroup,
    DeleteAddresses,
    DeleteLinks,
]
