"""Companies: the CRM tree that customers, addresses and prices hang on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import wagtail.models  # noqa: F401  (before wagtail.query, which cannot be the first to be imported)
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import ExpressionWrapper, F, Func, OuterRef
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager
from wagtail.query import TreeQuerySet

from wagtail_punchout.models.folding import search_text

#: Letters, digits, hyphen, underscore and period only: every buyer's system takes these in an identity (journey J1.8).
identifier = RegexValidator(
    r"^[A-Za-z0-9._-]+$", _("Use letters, digits, hyphens, underscores and periods only: every system accepts these.")
)
duns_number = RegexValidator(
    r"^\d{2}-?\d{3}-?\d{4}([+-]?[A-Za-z0-9]{1,4})?$", _("A DUNS number has 9 digits, and at most a short suffix.")
)
currency_code = RegexValidator(r"^[A-Z]{3}$", _("Write the currency as three capital letters, for example EUR."))


class PathAbove(Func):
    """The path of the company above. Numbers are written out: SQLite knows an index by the letter."""

    function = "SUBSTR"
    template = f"%(function)s(%(expressions)s, 1, LENGTH(%(expressions)s) - {MP_Node.steplen})"
    arity = 1
    output_field = models.CharField()


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

    SEARCHED = frozenset({"name", "code", "duns", "network_id"})

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.UniqueConstraint(Lower("code"), name="punchout_company_code_any_case"),
        ]
        indexes = [
            # Of the few that are switched off: every call asks whether one of them is above the caller.
            models.Index(fields=["path"], condition=models.Q(is_active=False), name="punchout_company_off"),
            models.Index(fields=["name"], name="punchout_company_name"),
            # One level of the tree in the order in which it is shown, and counted: see ``on_level``.
            models.Index(PathAbove("path"), "name", "depth", name="punchout_company_level"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None and self.SEARCHED.isdisjoint(update_fields):
            super().save(*args, update_fields=update_fields, **kwargs)
            return
        self.search_text = search_text(*self.searched)
        if update_fields is not None:
            update_fields = {*update_fields, "search_text"}
        is_renamed = not self._state.adding and self._is_found_otherwise()
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, update_fields=update_fields, **kwargs)
            if is_renamed:
                self._refresh_customers()

    @property
    def searched(self) -> list[str]:
        """What a company is found by; its customers are found by it as well."""
        return [getattr(self, field) for field in sorted(self.SEARCHED)]

    def _is_found_otherwise(self) -> bool:
        return not type(self).objects.using(self._state.db).filter(pk=self.pk, search_text=self.search_text).exists()

    def _refresh_customers(self) -> None:
        customers = list(self.customers.select_related("user"))
        for each in customers:
            each.search_text = each.found_by()
        self.customers.bulk_update(customers, ["search_text"], batch_size=500)

    @cached_property
    def lineage(self) -> list[Company]:
        """This company and its ancestors, nearest first, without the hidden root."""
        return [self, *reversed([each for each in self.get_ancestors() if each.depth > 1])]

    def inherited(self, field: str) -> str:
        """The value of ``field`` here, else at the nearest ancestor that has one, else an empty string."""
        own = getattr(self, field)
        return own or next((value for each in self.lineage if (value := getattr(each, field))), "")

    @classmethod
    def branch(cls, path: str) -> tuple[str, str]:
        """Bounds of the paths of a company and all below it.

        For ``path__range``. SQLite has an index for a range, and would read the whole table for a beginning.
        """
        return path, path + cls.alphabet[-1] * cls.steplen

    @classmethod
    def switched_off_above(cls, path: str) -> models.QuerySet:
        """Inactive companies on the way from the root to the company whose path the outer query calls ``path``."""
        return (
            cls.objects.order_by()
            .filter(is_active=False)
            .alias(below=ExpressionWrapper(OuterRef(path), output_field=models.CharField()))
            .filter(below__startswith=F("path"))
        )


def on_level(companies: models.QuerySet, above: str) -> models.QuerySet:
    """Those of ``companies`` right below the one with the path ``above``.

    Sorted by name, the database reads them from an index page by page; by treebeard's range of paths it would have to
    sort all twenty thousand children of a school district first.
    """
    return companies.alias(_above=PathAbove("path")).filter(_above=above)


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
