"""Customer groups: who may use which links."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.modes import Mode


class NamedUsers(models.TextChoices):
    """As whom somebody shops whose call names a user (UserEmail, UniqueName and the like)."""

    SHARED = "shared", _("Everybody shops as the customer's own user")
    KNOWN = "known", _("As the user that the call names; one we do not know is refused")
    MAKE = "make", _("As the user that the call names; one we do not know is added")


class CustomerGroup(models.Model):
    """Customers that connect in the same way: every customer in the group may enter through the group's links.

    A group belongs to one company or, without company, serves customers of all.
    """

    name = models.CharField(_("name"), max_length=200)
    company = models.ForeignKey(
        "wagtail_punchout.Company",
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="groups",
        help_text=_("Empty: customers of every company can be in this group."),
    )
    buyer_profile = models.SlugField(
        _("purchasing system"),
        max_length=60,
        blank=True,
        help_text=_("What is known of it fills the links that are made with the group."),
    )
    named_users = models.CharField(
        _("users that calls name"), max_length=10, choices=NamedUsers, default=NamedUsers.SHARED
    )
    payment_methods = models.JSONField(
        _("payment methods"), default=list, blank=True, help_text=_("None chosen: all that the shop offers.")
    )
    addresses = models.ManyToManyField(
        "wagtail_punchout.Address",
        verbose_name=_("shared addresses"),
        blank=True,
        related_name="groups",
        help_text=_("None chosen: all of the company's."),
    )
    own_address = models.BooleanField(
        _("own addresses"),
        default=True,
        help_text=_("Calls and orders may name an address that is not one of the shared ones."),
    )
    asks_approval = models.BooleanField(
        _("approval at the buyer's"),
        default=False,
        help_text=_("The way home is called “Submit for approval”, and a notice says that an order needs it."),
    )
    notes = models.TextField(_("notes"), blank=True)
    # While it is test, whatever its customers send is a test, also with a production secret.
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.TEST, editable=False)
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True, editable=False)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("switched to active mode by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="punchout_group_name"),
            # NULLs count as different, so that the first constraint says nothing of groups without company.
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(company=None), name="punchout_group_name_without_company"
            ),
        ]

    def __str__(self) -> str:
        return self.name
