"""The form of a company: what may be filled in depends on who fills it in.

A company's code is unique among all companies, so that choosing one would tell which others there are; who is assigned
decides who sees what. Both are left to those who work with every company.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.admin_ui.scoped import ScopedForm
from wagtail_punchout.admin_ui.world import (
    CodeField,
    LanguageField,
    Suggestions,
    currencies,
    currency_name,
    language_name,
    languages,
)
from wagtail_punchout.models import Company, company_root

TREE_FIELDS = {"path", "depth", "numchild"}
#: Fields that a company takes from the one above it when they are empty, and how their values are read.
INHERITED = {"currency": currency_name, "language": language_name, "price_group": str}


def staff() -> QuerySet:
    """People who work in the admin."""
    may_enter = Q(user_permissions__codename="access_admin") | Q(groups__permissions__codename="access_admin")
    users = get_user_model()._default_manager.filter(may_enter | Q(is_superuser=True), is_active=True)
    return users.order_by(get_user_model().USERNAME_FIELD).distinct()


def price_groups(user: Any) -> list[tuple[str, str]]:
    """Price groups in use, as far as ``user`` sees companies."""
    used = visible(Company.objects.exclude(price_group=""), user).order_by("price_group")
    return [(each, each) for each in used.values_list("price_group", flat=True).distinct()]


class CompanyForm(ScopedForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        user = self.for_user
        if not can(user, "identify", Company):
            self.fields.pop("code", None)
        if not can(user, "assign_staff", Company):
            self.fields.pop("assigned_staff", None)
        self._offer_names()
        if people := self.fields.get("assigned_staff"):
            people.queryset = staff()
            people.widget = forms.CheckboxSelectMultiple(choices=list(people.choices))  # it is rendered twice
            people.help_text = _("They see this company and all below it, even when they may not see every company.")
        if self.instance.pk:
            self.tell_inherited(next(iter(self.instance.lineage[1:]), None))

    def _offer_names(self) -> None:
        labels = {name: self.fields[name].label for name in INHERITED if name in self.fields}
        about = {name: {"label": label, "required": False} for name, label in labels.items()}
        if "currency" in about:
            self.fields["currency"] = CodeField(codes=currencies, kept=self.instance.currency, **about["currency"])
        if "language" in about:
            self.fields["language"] = LanguageField(
                max_length=20, widget=Suggestions(languages, {"maxlength": 20}), **about["language"]
            )
        if "price_group" in about:
            self.fields["price_group"].widget = Suggestions(lambda: self._price_groups, {"maxlength": 60})

    @cached_property
    def _price_groups(self) -> list[tuple[str, str]]:
        return price_groups(self.for_user)

    def tell_inherited(self, parent: Company | None) -> None:
        """Say under each field what holds when it is empty: where that is set by a company one may see."""
        for name, read in INHERITED.items():
            if field := self.fields.get(name):
                field.help_text = " ".join(filter(None, [_purpose(name), self._when_empty(parent, name, read)]))

    def _when_empty(self, parent: Company | None, name: str, read: Any) -> str:
        above = parent.lineage if parent and parent.depth > 1 else []
        source = next((each for each in above if getattr(each, name)), None)
        if source is None or not scope_of(self.for_user).has(source):
            return gettext("Empty: what is set above, else what the shop has for everybody.")
        told = {"value": read(getattr(source, name)), "company": source}
        return gettext("Empty: %(value)s, as set at “%(company)s”.") % told

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if code.casefold() == company_root().code:
            raise ValidationError(_("This code cannot be used."))
        same = Company.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).first()
        if same:
            raise ValidationError(_("“%(company)s” has this code already."), params={"company": same})
        return code

    def save(self, commit: bool = True) -> Company:
        """All but the place in the tree: a company that was moved meanwhile stays where it was put."""
        if not commit or not self.instance.pk:
            return super().save(commit)
        fields = [each.name for each in Company._meta.concrete_fields if not each.primary_key]
        self.instance.save(update_fields=[each for each in fields if each not in TREE_FIELDS])
        self._save_m2m()
        return self.instance


def _purpose(name: str) -> str:
    return {
        "language": gettext("A language code, for example de or en-US."),
        "price_group": gettext("Your shop's prices for it."),
    }.get(name, "")
