"""PunchOut customers: the identities through which buyers' systems connect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.folding import identity_key, search_text
from wagtail_punchout.models.groups import CustomerGroup


class Routing(models.TextChoices):
    """Which company a visit is for, where one connection stands for many."""

    OFF = "off", _("Every visit is for the customer's own company")
    DEFAULT = "default", _("By the routing table; what matches no rule goes to the default company")
    REFUSE = "refuse", _("By the routing table; what matches no rule is refused")


class PunchoutCustomer(models.Model):
    """One connection of one company.

    The Sender identity and the secret decide who is calling; From is recorded, not checked (journey J1.8). Only behind
    a hub, where one Sender stands for many buyers (guide p. 68), does From tell them apart.
    """

    name = models.CharField(_("name"), max_length=200)
    company = models.ForeignKey(Company, verbose_name=_("company"), on_delete=models.PROTECT, related_name="customers")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("shop user"),
        on_delete=models.PROTECT,
        related_name="punchout_customer",
        help_text=_("Visits are signed in as this user. It must not be staff."),
    )
    group = models.ForeignKey(
        CustomerGroup,
        verbose_name=_("group"),
        on_delete=models.PROTECT,
        related_name="customers",
        db_index=False,  # below, together with the name
    )
    sender_domain = models.CharField(_("Sender domain"), max_length=60, default="NetworkID")
    sender_identity = models.CharField(
        _("Sender identity"),
        max_length=200,
        help_text=_("What the buyer's system writes in Sender/Credential/Identity."),
    )
    from_domain = models.CharField(_("From domain"), max_length=60, blank=True, default="NetworkID")
    from_identity = models.CharField(
        _("From identity"),
        max_length=200,
        blank=True,
        help_text=_("Empty: the company's code is recommended to the buyer."),
    )
    behind_hub = models.BooleanField(
        _("behind a hub"),
        default=False,
        help_text=_(
            "The Sender is a network that speaks for several buyers: the From identity decides which one calls."
        ),
    )
    routing = models.CharField(_("routing"), max_length=10, choices=Routing, default=Routing.OFF)
    default_company = models.ForeignKey(
        Company,
        verbose_name=_("default company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Where visits go that match no rule. Empty: to the customer's own company."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    # Derived on save: what is compared and what is searched.
    sender_key = models.CharField(max_length=200, editable=False, default="")
    from_key = models.CharField(max_length=200, editable=False, default="", blank=True)
    search_text = models.TextField(editable=False, default="")

    DERIVED_FROM = frozenset(
        {"name", "sender_identity", "from_identity", "behind_hub", "user", "user_id", "company", "company_id"}
    )

    class Meta:
        verbose_name = _("PunchOut customer")
        verbose_name_plural = _("PunchOut customers")
        ordering = ["name"]
        indexes = [
            models.Index(fields=["name"], name="punchout_customer_name"),
            models.Index(fields=["group", "name"], name="punchout_customer_group"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sender_key", "from_key"],
                name="punchout_customer_identity",
                violation_error_message=_("Another customer already has this Sender identity."),
            ),
            models.CheckConstraint(condition=~models.Q(sender_key=""), name="punchout_customer_has_sender"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is None or not self.DERIVED_FROM.isdisjoint(update_fields):
            self._derive()
            self.search_text = self.found_by()
            if update_fields is not None:
                update_fields = {*update_fields, "sender_key", "from_key", "search_text"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def clean(self) -> None:
        self._derive()
        if self.behind_hub and not self.from_identity:
            raise ValidationError(
                {"from_identity": _("Behind a hub only the From identity tells buyers apart: fill it in.")}
            )
        if self.user_id and (self.user.is_staff or self.user.is_superuser):
            raise ValidationError(
                {"user": _("A staff account must not be opened by a buyer's system. Choose or make another user.")}
            )
        same = PunchoutCustomer.objects.filter(sender_key=self.sender_key, from_key=self.from_key).exclude(pk=self.pk)
        if self.sender_key and same.exists():
            raise ValidationError(
                {
                    "sender_identity": _(
                        "Another customer already has this Sender identity. Every connection needs its own."
                    )
                }
            )

    def _derive(self) -> None:
        self.sender_key = identity_key(self.sender_identity)
        self.from_key = identity_key(self.from_identity) if self.behind_hub else ""

    def found_by(self) -> str:
        """Its own words, those of its shop user and those of its company: so one index answers any mix of them."""
        own = (self.name, self.sender_identity, self.from_identity)
        user = (self.user.get_username(), getattr(self.user, self.user.get_email_field_name(), ""))
        return search_text(*own, *user, *self.company.searched)

    @property
    def told_from_identity(self) -> str:
        """The From identity to hand to the buyer: the known one, else the company's code."""
        return self.from_identity or self.company.code


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def find_by_new_email(instance: Any, created: bool, raw: bool, update_fields: frozenset | None, **kwargs: Any) -> None:
    """A shop user's name or e-mail may change where nobody thinks of its customer, for example in the shop."""
    searched = {instance.USERNAME_FIELD, instance.get_email_field_name()}
    if created or raw or (update_fields is not None and searched.isdisjoint(update_fields)):
        return
    for customer in PunchoutCustomer.objects.filter(user=instance).select_related("company", "user"):
        PunchoutCustomer.objects.filter(pk=customer.pk).update(search_text=customer.found_by())
