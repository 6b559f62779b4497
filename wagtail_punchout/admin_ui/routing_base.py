"""What the pages about a customer's routing table share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.flows.route import with_standing
from wagtail_punchout.models import Company, PunchoutCustomer, RoutingRule

NAMESPACE = "punchout_routing"


def table_url(customer: PunchoutCustomer) -> str:
    return reverse(f"{NAMESPACE}:index", args=(customer.pk,))


def rules_of(customer: PunchoutCustomer, user: Any) -> QuerySet[RoutingRule]:
    """The table in its order, with all that is said about a rule."""
    return with_standing(visible(customer.routing_rules.all(), user)).order_by("position", "pk")


def company_told(company: Company | None, user: Any) -> str:
    """A company as this user may know it: one that has left the branch may belong to others now."""
    if company is None or not can(user, "view", company):
        return gettext("a company you may not see")
    return f"{company.name} ({company.code})"


class OfCustomer(InScopeOnly, PermissionCheckedMixin):
    """For views of one customer's table: who may not see the customer is told that there is none."""

    model = RoutingRule
    permission_required = "change"

    @cached_property
    def customer(self) -> PunchoutCustomer:
        return self.within(PunchoutCustomer, self.kwargs["customer_pk"], "change")

    def crumbs(self, *last: tuple[str, str]) -> list[dict]:
        """From the customers down to this page; a label without address is the page itself."""
        customers = reverse("punchout_customers:index")
        own = reverse("punchout_customers:edit", args=(self.customer.pk,)) + "#tab-routing"
        items = [(_("Customers"), customers), (self.customer.name, own), *last]
        return WagtailAdminTemplateMixin.breadcrumbs_items + [{"label": label, "url": url} for label, url in items]
