"""Routing: one connection that stands for many companies, a school district say (journey J1.9)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.folding import identity_key

#: Stands for any subdomain at the beginning of an e-mail domain.
ANY_SUBDOMAIN = "*."


class RoutingSource(models.TextChoices):
    """What of a call a rule looks at."""

    ADDRESS_ID = "address_id", _("Ship-to address ID")
    BUSINESS_UNIT = "business_unit", _("Business unit")
    COST_CENTER = "cost_center", _("Cost centre")
    EMAIL_DOMAIN = "email_domain", _("Requester's e-mail domain")
    EXTRINSIC = "extrinsic", _("Another Extrinsic")


class RoutingRule(models.Model):
    """``source`` says what is looked at, ``value`` what it must be, ``company`` who the visit is then for.

    The rule with the lowest ``position`` wins. Values are compared as identities are: trimmed, in any case.
    """

    customer = models.ForeignKey(
        PunchoutCustomer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="routing_rules"
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    source = models.CharField(_("looks at"), max_length=20, choices=RoutingSource, default=RoutingSource.ADDRESS_ID)
    extrinsic = models.CharField(
        _("name of the Extrinsic"),
        max_length=100,
        blank=True,
        help_text=_("Only where the rule looks at another Extrinsic, for example Department."),
    )
    value = models.CharField(_("value"), max_length=200)
    company = models.ForeignKey(
        Company, verbose_name=_("company"), on_delete=models.PROTECT, related_name="routing_rules"
    )
    # Derived on save: what is compared.
    name_key = models.CharField(max_length=100, editable=False, default="", blank=True)
    value_key = models.CharField(max_length=200, editable=False, default="")

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["customer", "position", "pk"]
        constraints = [
            # Its index also answers the one question a call asks: which rules have one of these values?
            models.UniqueConstraint(
                fields=["customer", "source", "name_key", "value_key"],
                name="punchout_rule_once",
                violation_error_message=_("There is a rule for this value already: the first one would always win."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.looks_at} {self.value}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.derive()
        if not self.position:
            self.position = last_position(self.customer_id) + 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.derive()
        if self.source == RoutingSource.EXTRINSIC and not self.name_key:
            raise ValidationError({"extrinsic": _("Name the Extrinsic that the rule looks at.")})
        if self.value and not self.value_key:
            raise ValidationError({"value": _("Write the value that a call must have.")})
        if self.source == RoutingSource.EMAIL_DOMAIN and not _is_domain(self.value_key):
            raise ValidationError({"value": _("Write a domain such as school.example, or *.school.example.")})
        if self.company_id and self.customer_id and not self.company.path.startswith(self.customer.company.path):
            raise ValidationError({"company": _("Choose the customer's own company or one below it.")})

    def derive(self) -> None:
        """Bring the values into the form in which they are shown and compared."""
        if self.source != RoutingSource.EXTRINSIC:
            self.extrinsic = ""
        self.extrinsic, self.value = " ".join(self.extrinsic.split()), " ".join(self.value.split())
        if self.source == RoutingSource.EMAIL_DOMAIN:
            self.value = self.value.rpartition("@")[2]
        # Folding makes a few letters longer than they were.
        self.name_key, self.value_key = identity_key(self.extrinsic)[:100], identity_key(self.value)[:200]

    @property
    def looks_at(self) -> str:
        """What the rule looks at, for people: an Extrinsic goes by its name."""
        return self.extrinsic if self.source == RoutingSource.EXTRINSIC else self.get_source_display()

    @property
    def key(self) -> tuple[str, str, str]:
        """What there can be one rule for in a table."""
        return self.source, self.name_key, self.value_key


def last_position(customer_id: int) -> int:
    """The position of the last rule of a table, 0 for an empty one."""
    return RoutingRule.objects.filter(customer=customer_id).aggregate(last=Max("position"))["last"] or 0


def _is_domain(text: str) -> bool:
    name = text.removeprefix(ANY_SUBDOMAIN)
    return bool(name) and not set(name) & set(" *@/,;") and not name.startswith(".")
