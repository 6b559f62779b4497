"""The people of a group: who is in it, who is invited, and the form that invites more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import BaseColumn, Column, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button

from wagtail_punchout.admin_ui.held_roles import people_to_choose, seen_assignments, seen_people
from wagtail_punchout.admin_ui.listing import STYLES, WIDE
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Rows, Section
from wagtail_punchout.flows.invite import (
    MOST,
    Invited,
    Outcome,
    invite,
    open_invitations,
    people_of_group,
    resend,
    withdraw,
)
from wagtail_punchout.flows.role_conflicts import conflicts_among, opposed_to
from wagtail_punchout.flows.roles import name_of
from wagtail_punchout.models import CustomerGroup, Invitation, Role

#: How many people a group's page shows.
SHOWN = 100

WORDS = {
    Outcome.INVITED: _("invited by e-mail"),
    Outcome.ADDED: _("had an account, and is in the group now"),
    Outcome.MEMBER: _("is in the group already, with these roles"),
    Outcome.OPEN: _("is invited already: send that invitation again, or withdraw it"),
    Outcome.STAFF: _("not invited: the account belongs to the shop's staff"),
    Outcome.CONFLICT: _("not added"),
    Outcome.UNUSABLE: _("not invited: this is no e-mail address"),
}
DONE = frozenset({Outcome.INVITED, Outcome.ADDED, Outcome.MEMBER, Outcome.OPEN})


def words_of(each: Invited) -> str:
    if each.said:
        return f"{WORDS[each.outcome]}: {each.said}"
    if not each.is_sent:
        return gettext("invited, but the mail could not be sent: send it again later")
    return str(WORDS[each.outcome])


# On the page of a group


class ActionColumn(BaseColumn):
    """Buttons that do something at once; inside an edit form, too, where no other form can stand."""

    cell_template_name = "wagtail_punchout/admin/cells/invitation_actions.html"

    def __init__(self, user: Any) -> None:
        super().__init__("actions", label="")
        self.user = user

    def get_cell_context_data(self, instance: Invitation, parent_context: Any) -> dict:
        return super().get_cell_context_data(instance, parent_context) | {
            "resend": reverse("punchout_invitations:resend", args=[instance.pk]),
            "withdraw": reverse("punchout_invitations:withdraw", args=[instance.pk]),
            "is_allowed": can(self.user, "change", instance),
        }


def users_of_group(group: CustomerGroup, request: HttpRequest) -> list[Section]:
    """The members, and the invitations that wait."""
    if not group.pk:
        return []
    sections: list[Section] = [_members(group, request)]
    if can(request.user, "view", Invitation):
        sections.append(_invited(group, request))
    return sections


def _members(group: CustomerGroup, request: HttpRequest) -> Rows:
    assignments: dict[int, list] = {}
    known = people_of_group(group)
    if not scope_of(request.user).everywhere:  # people of companies above, or of others in a group without company
        known = known.filter(pk__in=seen_people(request.user).values("pk"))
    people = list(known[:SHOWN])
    for each in seen_assignments(request.user).select_related("group__company").filter(user__in=people):
        assignments.setdefault(each.user_id, []).append(each)

    def roles(person: Any) -> str:
        return ", ".join(dict.fromkeys(f"{each.role} ({each.where})" for each in assignments.get(person.pk, ())))

    def conflict(person: Any) -> str:
        return " ".join(f"{each} {each.mend}" for each in conflicts_among(assignments.get(person.pk, ())))

    columns = [
        TitleColumn(
            "name",
            label=_("Name"),
            accessor=name_of,
            get_url=lambda each: reverse("punchout_users:inspect", args=[each.pk]) if each.pk in assignments else None,
        ),
        Column("email", label=_("E-mail"), accessor=lambda each: getattr(each, each.get_email_field_name())),
        Column("roles", label=_("Roles"), accessor=roles, classname=WIDE),
        Column("conflict", label=_("Conflict"), accessor=conflict),
    ]
    if not any(conflicts_among(each) for each in assignments.values()):
        columns.pop()
    buttons = []
    if can(request.user, "add", Invitation(group=group)):
        url = reverse("punchout_invitations:new", args=[group.pk])
        sheet = reverse("punchout_uploads:users", args=[group.pk])
        buttons = [
            Button(_("Invite users"), url=url, classname=SMALL_BUTTON, icon_name="plus"),
            Button(_("Upload a spreadsheet"), url=sheet, classname=SMALL_BUTTON, icon_name="upload"),
        ]
    empty = gettext("Nobody yet. Whoever is invited, or holds a role for this group or its company, stands here.")
    return Rows("members", gettext("Users"), columns, people, empty=empty, buttons=buttons)


def _invited(group: CustomerGroup, request: HttpRequest) -> Rows:
    columns = [
        Column("email", label=_("E-mail")),
        Column("roles", label=_("Roles"), accessor=lambda each: ", ".join(map(str, each.roles.all())), classname=WIDE),
        Column("state", label=_("State"), accessor=state_of),
        Column("expires_at", label=_("Until"), accessor=lambda each: date_format(localtime(each.expires_at))),
        ActionColumn(request.user),
    ]
    waiting = visible(open_invitations(group), request.user)[:SHOWN]
    return Rows("invitations", gettext("Invitations"), columns, waiting, empty=gettext("No invitation is open."))


def state_of(invitation: Invitation) -> str:
    if not invitation.is_open():
        return gettext("run out")
    return gettext("sent") if invitation.sent_at else gettext("could not be sent")


# Inviting


class InviteForm(forms.Form):
    emails = forms.CharField(
        label=_("E-mail addresses"),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
        help_text=_("One or many, each on a line of its own or separated by commas."),
    )
    roles = forms.ModelMultipleChoiceField(
        Role.objects.all(),
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("To return carts, somebody needs a role that allows it, such as PunchOut buyer."),
        error_messages={"required": _("Choose at least one role.")},
    )

    def clean_emails(self) -> list[str]:
        found = [each for each in re.split(r"[\s,;]+", self.cleaned_data["emails"]) if each]
        if len(found) > MOST:
            message = _("At most %(most)d at once. Upload a spreadsheet for more.") % {"most": MOST}
            raise forms.ValidationError(message)
        return found

    def clean_roles(self) -> Any:
        roles = self.cleaned_data["roles"]
        slugs = {each.slug for each in roles}
        opposed = opposed_to(slugs) & slugs
        if opposed:
            names = " / ".join(str(each) for each in roles if each.slug in opposed)
            said = _("Nobody may hold these at the same time: %(roles)s. Leave one of them out.")
            raise forms.ValidationError(said % {"roles": names})
        return roles


class Invite(InScopeOnly, WagtailAdminTemplateMixin, TemplateView):
    template_name = "wagtail_punchout/admin/invite.html"
    page_title = _("Invite users")
    header_icon = "mail"

    @cached_property
    def group(self) -> CustomerGroup:
        group = self.within(CustomerGroup, self.kwargs["pk"])
        if not can(self.request.user, "add", Invitation(group=group)):
            raise PermissionDenied
        return group

    @property
    def back(self) -> str:
        return page_of(self.group, self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        roles = Role.objects.filter(slug="punchoutBuyer")
        return self._page(InviteForm(initial={"roles": roles}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        group, form = self.group, InviteForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        known = people_to_choose(request.user)
        came_of_it = invite(
            group,
            form.cleaned_data["emails"],
            list(form.cleaned_data["roles"]),
            by=request.user,
            at=timezone.now(),
            language=get_language() or "",
            may_add=lambda user: known.filter(pk=user.pk).exists(),
            sees=partial(can, request.user, "view"),
        )
        if all(each.outcome in DONE and each.is_sent for each in came_of_it):
            said = ngettext("%(count)d address is done.", "%(count)d addresses are done.", len(came_of_it))
            messages.success(request, said % {"count": len(came_of_it)})
        left = [each.email for each in came_of_it if each.outcome not in DONE]
        again = InviteForm(initial={"emails": "\n".join(left), "roles": form.cleaned_data["roles"]})
        return self._page(again, came_of_it)

    def _page(self, form: InviteForm, came_of_it: Sequence[Invited] = ()) -> HttpResponse:
        columns = [
            Column("email", label=_("E-mail")),
            Column("outcome", label=_("What came of it"), accessor=words_of),
        ]
        section = Rows("outcome", gettext("What came of it"), columns, came_of_it)
        return self.render_to_response(
            self.get_context_data(form=form, section=section, back=self.back, group=self.group, media=STYLES)
        )

    def get_page_subtitle(self) -> str:
        return str(self.group)

    def get_breadcrumbs_items(self) -> list[dict]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("punchout_groups:index"), "label": gettext("Groups")},
            {"url": self.back, "label": str(self.group)},
            {"url": "", "label": self.page_title},
        ]


class ChangeInvitation(InScopeOnly, View):
    http_method_names = ["post"]

    @cached_property
    def invitation(self) -> Invitation:
        return self.within(Invitation, self.kwargs["pk"], "change")

    def back(self) -> HttpResponse:
        return redirect(page_of(self.invitation.group, self.request.user))


class Resend(ChangeInvitation):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        email = {"email": self.invitation.email}
        if resend(self.invitation, by=request.user, at=timezone.now()):
            messages.success(request, gettext("A new invitation is on its way to %(email)s.") % email)
        else:
            messages.error(request, gettext("Nothing could be sent to %(email)s.") % email)
        return self.back()


class Withdraw(ChangeInvitation):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        withdraw(self.invitation, by=request.user, at=timezone.now())
        said = gettext("The invitation of %(email)s opens nothing any more.")
        messages.success(request, said % {"email": self.invitation.email})
        return self.back()


def page_of(group: CustomerGroup, user: Any) -> str:
    """Where a group's users stand: on its form for who may change it, else on its page."""
    if can(user, "change", group):
        return reverse("punchout_groups:edit", args=[group.pk]) + "#tab-users"
    return reverse("punchout_groups:inspect", args=[group.pk])


class InvitationViewSet(ViewSet):
    name = "punchout_invitations"
    url_prefix = "punchout/invitations"

    def get_urlpatterns(self) -> list:
        return [
            path("<int:pk>/new/", Invite.as_view(), name="new"),
            path("<int:pk>/resend/", Resend.as_view(), name="resend"),
            path("<int:pk>/withdraw/", Withdraw.as_view(), name="withdraw"),
        ]


invitations = InvitationViewSet()
