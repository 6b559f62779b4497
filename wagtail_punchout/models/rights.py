"""Rights: what people who work in the admin may be allowed, and the groups that come ready with them.

*Where* somebody may work is one right (every company, or those assigned to them and what is below); *what* they may do
there are the others. Both are ordinary permissions, given to Wagtail's groups.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoRows(models.Manager):
    """There is no table to ask, which ``dumpdata`` and others who go through all models cannot know."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().none()


class Right(models.Model):  # noqa: DJ008  (there is nothing to print)
    """Holds the permissions, and nothing else: there is no table.

    Were they permissions of the company's own model, whoever holds one of them would see every company's entries in
    Wagtail's site history.
    """

    COMPANY_EDIT = "company_edit"
    CRM_COMPANY_EDIT = "crm_company_edit"
    ADD_CUSTOMER = "add_customer"
    REVEAL_SECRET = "reveal_secret"  # noqa: S105
    ROTATE_SECRET = "rotate_secret"  # noqa: S105
    SEE_DOCUMENTS = "see_documents"
    EDIT_LINKS = "edit_links"
    EDIT_ROLES = "edit_roles"
    ACT_ON_ORDERS = "act_on_orders"
    INVITE_USERS = "invite_users"

    objects = NoRows()

    class Meta:
        managed = False
        default_permissions = ()
        verbose_name = _("PunchOut right")
        verbose_name_plural = _("PunchOut rights")
        # Not translated: Django keeps these names in its database, in one language for everybody.
        permissions = [
            ("company_edit", "Companies: see and edit all of them"),
            ("crm_company_edit", "Companies: see and edit those assigned to me, and all below them"),
            ("add_customer", "Add PunchOut customers"),
            ("reveal_secret", "Reveal secrets of PunchOut customers"),
            ("rotate_secret", "Make, end and revoke secrets of PunchOut customers"),
            ("see_documents", "See the documents of PunchOut customers"),
            ("edit_links", "Edit PunchOut groups and links"),
            ("edit_roles", "Edit what PunchOut roles allow"),
            ("act_on_orders", "Act on purchase orders"),
            ("invite_users", "Invite and upload users of PunchOut groups"),
        ]
