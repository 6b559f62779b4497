"""Choosing one of thousands: a dialog with a search by words, only for those who may see the list anyway."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser as views
from wagtail.admin.viewsets.chooser import ChooserViewSet

from wagtail_punchout.admin_ui.listing import matching
from wagtail_punchout.admin_ui.policies import can, scope_of, visible
from wagtail_punchout.models import Company, CustomerGroup, PunchoutCustomer, RoleAssignment

User = get_user_model()


class WordsForm(BaseFilterForm):
    """The search box of a dialog; subclasses name what is searched."""

    words: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    q = forms.CharField(
        label=_("Search term"), widget=forms.TextInput(attrs={"placeholder": _("Search")}), required=False
    )

    def filter(self, objects: QuerySet) -> QuerySet:
        self.search_query = self.cleaned_data.get("q", "")
        self.is_searching = bool(self.search_query)
        return matching(super().filter(objects), self.search_query, words=self.words, plain=self.plain)


class Scoped:
    """Wagtail's dialogs ask no permission and show every row; these show ``choosable``: what the user may see."""

    policy_model: type[Model] | None = None

    def dispatch(self, request: Any, *args: object, **kwargs: object) -> Any:
        if not can(request.user, "view", self.policy_model or self.model_class):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def choosable(self) -> QuerySet:
        return visible(self.model_class._default_manager.all(), self.request.user)

    def get_object_list(self) -> QuerySet:
        return self.choosable()

    def get_object(self, pk: str) -> Model:
        return self.choosable().get(pk=pk)

    def get_objects(self, pks: list[str]) -> QuerySet:
        return self.choosable().filter(pk__in=pks)


class ChoosesOnly:
    """For choosers: nothing is made on the spot, past the form that checks it."""

    def get_urlpatterns(self) -> list:
        return [each for each in super().get_urlpatterns() if each.name != "create"]


class ScopedChooser(ChoosesOnly, ChooserViewSet):
    """A chooser whose four views share one ``scope`` (a ``Scoped``) and one search form."""

    scope: type[Scoped] = Scoped
    words_form: type[WordsForm] = WordsForm
    extra_columns: tuple[Column, ...] = ()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        extra, form = list(self.extra_columns), self.words_form

        class Listing(self.scope):
            filter_form_class = form

            @property
            def columns(self) -> list[Column]:
                return [*super().columns, *extra]

        self.choose_view_class = type("ChooseView", (Listing, self.choose_view_class), {})
        self.choose_results_view_class = type("ChooseResultsView", (Listing, self.choose_results_view_class), {})
        self.chosen_view_class = type("ChosenView", (self.scope, views.ChosenView), {})
        self.chosen_multiple_view_class = type("ChosenMultipleView", (self.scope, views.ChosenMultipleView), {})


class CompanyWords(WordsForm):
    words = ("search_text__contains",)


class CompanyScope(Scoped):
    ordering = "name"


class CustomerWords(WordsForm):
    words = ("search_text__contains", "company__search_text__contains")


class CustomerScope(Scoped):
    def choosable(self) -> QuerySet:
        return super().choosable().select_related("company")


class GroupWords(WordsForm):
    words = ("company__search_text__contains",)
    plain = ("name__icontains",)


class GroupScope(Scoped):
    def choosable(self) -> QuerySet:
        return super().choosable().select_related("company")


class UserWords(WordsForm):
    plain = (f"{User.USERNAME_FIELD}__icontains", f"{User.get_email_field_name()}__icontains")


class UserScope(Scoped):
    """Who works everywhere chooses among all users, others among those of their own companies."""

    policy_model = PunchoutCustomer
    ordering = User.USERNAME_FIELD

    def choosable(self) -> QuerySet:
        users, scope = User._default_manager.all(), scope_of(self.request.user)
        if scope.everywhere:
            return users
        customers = PunchoutCustomer.objects.filter(scope.condition("company__"))
        assignments = visible(RoleAssignment.objects.all(), self.request.user)
        return users.filter(Q(pk__in=customers.values("user")) | Q(pk__in=assignments.values("user")))


class ShopUserScope(UserScope):
    """Those a buyer's system may sign in as: never staff, and not taken by another customer."""

    def choosable(self) -> QuerySet:
        return super().choosable().filter(is_staff=False, is_superuser=False, punchout_customer=None)


class CompanyChooser(ScopedChooser):
    model = Company
    url_prefix = "punchout/choose/company"
    icon = "site"
    choose_one_text = _("Choose a company")
    choose_another_text = _("Choose another company")
    edit_item_text = _("Edit this company")
    scope = CompanyScope
    words_form = CompanyWords
    extra_columns = (Column("code", label=_("Code")),)


class CustomerChooser(ScopedChooser):
    model = PunchoutCustomer
    url_prefix = "punchout/choose/customer"
    icon = "user"
    choose_one_text = _("Choose a customer")
    choose_another_text = _("Choose another customer")
    edit_item_text = _("Edit this customer")
    scope = CustomerScope
    words_form = CustomerWords
    extra_columns = (Column("company", label=_("Company")), Column("sender_identity", label=_("Sender identity")))


class GroupChooser(ScopedChooser):
    model = CustomerGroup
    url_prefix = "punchout/choose/group"
    icon = "group"
    choose_one_text = _("Choose a group")
    choose_another_text = _("Choose another group")
    edit_item_text = _("Edit this group")
    scope = GroupScope
    words_form = GroupWords
    extra_columns = (Column("company", label=_("Company")),)


class UserChooser(ScopedChooser):
    """Used where a form asks for it; the project's own forms keep their widgets."""

    model = User
    register_widget = False
    url_prefix = "punchout/choose/user"
    icon = "user"
    choose_one_text = _("Choose a user")
    choose_another_text = _("Choose another user")
    edit_item_text = _("Edit this user")
    scope = UserScope
    words_form = UserWords


class ShopUserChooser(UserChooser):
    url_prefix = "punchout/choose/shop-user"
    scope = ShopUserScope


company_chooser = CompanyChooser("punchout_company_chooser")
customer_chooser = CustomerChooser("punchout_customer_chooser")
group_chooser = GroupChooser("punchout_group_chooser")
user_chooser = UserChooser("punchout_user_chooser")
shop_user_chooser = ShopUserChooser("punchout_shop_user_chooser")

choosers = [company_chooser, customer_chooser, group_chooser, user_chooser, shop_user_chooser]
