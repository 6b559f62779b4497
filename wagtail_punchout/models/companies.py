"""Companies: the CRM tree that customers, addresses and prices hang on."""

from __future__ import annotations

import wagtail.models  # noqa: F401  (before wagtail.query, which cannot be the first to be imported)
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import ExpressionWrapper, F, OuterRef
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager
from wagtail.query import TreeQuerySet

from wagtail_punchout.models.folding import search_key

#: Letters, digits, hyphen, underscore and period only: every buyer's system takes these in an identity (journey J1.8).
identifier = RegexValidator(
    r"^[A-Za-z0-9._-]+$", _("Use letters, digits, hyphens, underscores and periods only: every system accepts these.")
)
duns_number = RegexValidator(
    r"^\d{2}-?\d{3}-?\d{4}([+-]?[A-Za-z0-9]{1,4})?$", _("A DUNS number has 9 digits, and at most a short suffix.")
)
currency_code = RegexValidator(r"^[A-Z]{3}$", _("Write the currency as three capital letters, for example EUR."))


class BaseCompanyManager(MP_NodeManager):
    def get_queryset(self) -> TreeQuerySet:
        return TreeQuerySet(self.model, using=self._db).order_by("path")


class Company(MP_Node):
    """A node of the tree: an organization, or a part of one.

    Every company hangs under one hidden root (:func:`company_root`): ``add_child`` locks the parent's row, so that two
    companies can be added at the same moment, which treebeard's ``add_root`` cannot promise.
    """

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(
        _("code"),
        max_length=60,
        unique=True,
        validators=[identifier],
        help_text=_("Your own number of this company. It serves as its identity where the buyer has none."),
    )
    duns = models.CharField(_("DUNS number"), max_length=20, blank=True, validators=[duns_number])
    network_id = models.CharField(
        _("network ID"), max_length=100, blank=True, help_text=_("As the buyer's network knows it, for example AN01…")
    )
    tax_id = models.CharField(_("tax ID"), max_length=40, blank=True)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[currency_code],
        help_text=_("Empty: as the parent company."),
    )
    language = models.CharField(_("language"), max_length=20, blank=True, help_text=_("Empty: as the parent company."))
    price_group = models.CharField(
        _("price group"),
        max_length=60,
        blank=True,
        help_text=_("Your shop's prices for it. Empty: as the parent company."),
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("When switched off, the customers of this company and of all companies below it cannot enter."),
    )
    assigned_staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("assigned staff"), blank=True, related_name="assigned_companies"
    )
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    search_text = models.TextField(editable=False, default="")

    objects = BaseCompanyManager.from_queryset(TreeQuerySet)()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.UniqueConstraint(Lower("code"), name="punchout_company_code_any_case"),
        ]
        indexes = [models.Index(fields=["is_active"], name="punchout_company_active")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_text = search_key(self.name, self.code, self.duns, self.network_id)
        super().save(*args, **kwargs)

    @cached_property
    def lineage(self) -> list[Company]:
        """This company and its ancestors, nearest first, without the hidden root."""
        return [self, *reversed([each for each in self.get_ancestors() if each.depth > 1])]

    def inherited(self, field: str) -> str:
        """The value of ``field`` here, else at the nearest ancestor that has one, else an empty string."""
        own = getattr(self, field)
        return own or next((value for each in self.lineage if (value := getattr(each, field))), "")

    @classmethod
    def switched_off_above(cls, path: str) -> models.QuerySet:
        """Inactive companies on the way from the root to the company whose path the outer query calls ``path``."""
        return (
            cls.objects.order_by()
            .filter(is_active=False)
            .alias(below=ExpressionWrapper(OuterRef(path), output_field=models.CharField()))
            .filter(below__startswith=F("path"))
        )


def company_root() -> Company:
    """The hidden node every company hangs under, made when it is first needed."""
    root = Company.objects.filter(depth=1).first()
    if root is None:
        try:
            with transaction.atomic():
                root = Company.add_root(name="(root)", code="-root-")
        except IntegrityError:  # somebody else was faster
            root = Company.objects.get(depth=1)
    return root
