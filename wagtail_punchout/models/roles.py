"""Roles: named sets of abilities, given to customers and users."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Ability(models.TextChoices):
    """What code asks for. A role is a set of these; nothing else has an effect."""

    TRANSFER_CART = "transfer_cart", _("Return a cart to the procurement system")
    CHECKOUT_DIRECTLY = "checkout_directly", _("Check out in the shop")
    SEE_COMPANY_VISITS = "see_company_visits", _("See visits and returned carts of the company")
    SEE_COMPANY_ORDERS = "see_company_orders", _("See orders of the company")
    MANAGE_COMPANY_USERS = "manage_company_users", _("Manage users of the company")
    SEE_CONNECTION = "see_connection", _("See the connection settings, without the secret")

    @property
    def explanation(self) -> str:
        """What it does and where it is asked, in a sentence for whoever puts roles together."""
        return EXPLANATIONS[self]


EXPLANATIONS = {
    Ability.TRANSFER_CART: _(
        "In a visit: the cart has a button that returns it. A customer without any role has this ability."
    ),
    Ability.CHECKOUT_DIRECTLY: _("In a visit: the shop's own checkout is open, and orders can be placed there."),
    Ability.SEE_COMPANY_VISITS: _(
        "In the shop: the pages “Visits” and “Returned carts” of the company account, for the company and those below."
    ),
    Ability.SEE_COMPANY_ORDERS: _("In the shop: the page “Orders” of the company account."),
    Ability.MANAGE_COMPANY_USERS: _(
        "In the shop: the page “Users” of the company account, where roles are given and taken away. Nobody can give "
        "more there than their own roles allow."
    ),
    Ability.SEE_CONNECTION: _(
        "In the shop: the page “Connection” of the company account, with the values for the buyer's system. The secret "
        "is never among them."
    ),
}

#: The roles that come with the package. They can be changed like all others.
READY_MADE = ("companyAdmin", "punchoutBuyer", "requisitioner", "admin", "finance", "tech")


class Role(models.Model):
    """A name for a set of abilities."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("identifier"), max_length=60, unique=True)
    abilities = models.JSONField(_("abilities"), default=list, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready_made(self) -> bool:
        return self.slug in READY_MADE

    def clean(self) -> None:
        unknown = sorted(set(self.abilities) - set(Ability.values))
        if unknown:
            raise ValidationError({"abilities": _("Unknown abilities: %s.") % ", ".join(unknown)})


class RoleAssignment(models.Model):
    """One role held by one customer or one user, everywhere or within one company or group."""

    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.PROTECT, related_name="assignments")
    customer = models.ForeignKey(
        "wagtail_punchout.PunchoutCustomer",
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="role_assignments",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="punchout_role_assignments",
    )
    company = models.ForeignKey(
        "wagtail_punchout.Company", verbose_name=_("company"), null=True, blank=True, on_delete=models.CASCADE
    )
    group = models.ForeignKey(
        "wagtail_punchout.CustomerGroup", verbose_name=_("group"), null=True, blank=True, on_delete=models.CASCADE
    )

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False, user__isnull=True)
                | models.Q(customer__isnull=True, user__isnull=False),
                name="punchout_role_has_one_holder",
                violation_error_message=_("Choose either a customer or a user."),
            ),
            models.CheckConstraint(
                condition=models.Q(company__isnull=True) | models.Q(group__isnull=True),
                name="punchout_role_has_one_scope",
                violation_error_message=_("Choose a company or a group, not both."),
            ),
            # NULLs count as different, hence a constraint for each kind of holder and scope.
            *(
                models.UniqueConstraint(
                    fields=["role", holder, *scope],
                    condition=models.Q(**{f"{each}__isnull": each not in scope for each in ("company", "group")}),
                    name=f"punchout_role_once_{holder}_{'_'.join(scope) or 'everywhere'}",
                    violation_error_message=_("This role is already held."),
                )
                for holder in ("customer", "user")
                for scope in ([], ["company"], ["group"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.customer or self.user}"

    @property
    def where(self) -> str:
        """Where the role holds, to be read."""
        return str(self.company or self.group or gettext("everywhere"))

    def clean(self) -> None:
        """A customer's role holds within its own branch; a person's says for which company it is."""
        if self.customer and self.company and not self.company.path.startswith(self.customer.company.path):
            raise ValidationError({"company": _("Choose the customer's own company or one below it.")})
        if self.customer and self.group and self.group != self.customer.group:
            raise ValidationError({"group": _("The customer is not in this group.")})
        if self.user and not (self.company or self.group):
            raise ValidationError({"company": _("Choose the company that the person belongs to.")})
