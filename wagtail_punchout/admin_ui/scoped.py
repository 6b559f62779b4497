"""Screens that know only what their user may see.

A permission policy alone protects nothing: Wagtail's views ask it about the model as a whole, and then open any row.
:class:`ScopedViewSet` puts the question into each of its views, so that none can be forgotten. Where something is not
to be seen, the answer is that of an address that leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from wagtail_punchout.admin_ui.policies import can, policy_of, scope_of, visible

KEY = re.compile(r"[0-9]{1,18}")


def key_of(text: str | None) -> int | None:
    """The key that an address names; ``None`` for what is none, or longer than databases and Python count."""
    return int(text) if text and KEY.fullmatch(text) else None


def keys_of(texts: Iterable[str]) -> list[int]:
    return [key for each in texts if (key := key_of(each)) is not None]


class ScopedList:
    """For index views: rows, counts, searches and exports begin with what the user may see."""

    def get_base_queryset(self) -> QuerySet:
        return visible(super().get_base_queryset(), self.request.user)

    def get_edit_url(self, instance: Model) -> str | None:
        return super().get_edit_url(instance) if can(self.request.user, "change", instance) else None

    def get_delete_url(self, instance: Model) -> str | None:
        return super().get_delete_url(instance) if can(self.request.user, "delete", instance) else None


class ScopedThroughConnections(ScopedList):
    """A list of what came through connections. By routing that may be another company's, which is then not told."""

    def setup(self, *args: Any, **kwargs: Any) -> None:
        super().setup(*args, **kwargs)
        if not scope_of(self.request.user).everywhere:
            self.list_export = [each for each in self.list_export if not each.startswith("customer.")]


class ScopedObject:
    """For views of one thing: it exists only for those who may see it, and permissions are asked for this very one."""

    def get_queryset(self) -> QuerySet:
        things = super().get_queryset()  # of a history: what was done with the object
        return policy_of(self.model).with_companies(things) if things.model is self.model else things

    def get_base_object_queryset(self) -> QuerySet:
        return policy_of(self.model).with_companies(super().get_base_object_queryset())

    def get_object(self, *args: Any, **kwargs: Any) -> Model:
        found = super().get_object(*args, **kwargs)
        user = self.request.user
        if not can(user, "view", found):
            raise Http404
        required = self.permission_required
        if required and not can(user, required, found):
            raise PermissionDenied
        return found

    def user_has_permission(self, permission: str) -> bool:
        thing = vars(self).get("object")
        if isinstance(thing, self.model):
            return can(self.request.user, permission, thing)
        return super().user_has_permission(permission)

    def user_has_any_permission(self, permissions: Any) -> bool:
        return any(self.user_has_permission(each) for each in permissions)


@lru_cache(maxsize=256)
def scoped(view: type) -> type:
    """``view`` with the question in it."""
    mixins = []
    is_list = issubclass(view, generic.IndexView) and not issubclass(view, generic.history.HistoryView)
    if is_list and not issubclass(view, ScopedList):
        mixins.append(ScopedList)
    has_object = hasattr(view, "get_object") and not issubclass(view, generic.CreateView)
    if has_object and not is_list and not issubclass(view, ScopedObject):
        mixins.append(ScopedObject)
    return type(view.__name__, (*mixins, view), {"__module__": view.__module__}) if mixins else view


class ScopedViews:
    """For viewsets: all views are :func:`scoped`, and Django's own permissions of the model are not offered."""

    copy_view_enabled = False

    def construct_view(self, view_class: type, **kwargs: object) -> Any:
        return super().construct_view(scoped(view_class), **kwargs)

    def get_common_view_kwargs(self, **kwargs: object) -> dict:
        return super().get_common_view_kwargs(**{"usage_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list:
        # Where something is used may tell of things that are not to be seen; our tabs say it, within the scope.
        return [each for each in super().get_urlpatterns() if each.name != "usage"]

    def register_permissions(self) -> None:
        """Nothing to register: the rights are those of ``Right``, offered once for all our models."""


class ScopedViewSet(ScopedViews, ModelViewSet):
    """The usual screens of one of our models."""


class ScopedForm(WagtailAdminModelForm):
    """A form whose choices end where its user's view ends.

    A field whose present value its user may not see is left out: it is neither shown nor changed.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, field in list(self.fields.items()):
            if not isinstance(field, ModelChoiceField) or policy_of(field.queryset.model) is None:
                continue
            field.queryset = visible(field.queryset, self.for_user)
            present = self._present(name)
            if present is not None and not can(self.for_user, "view", present):
                del self.fields[name]

    def _present(self, name: str) -> Model | None:
        own = {each.name for each in self._meta.model._meta.concrete_fields}
        return getattr(self.instance, name, None) if name in own and self.instance.pk else None


class InScopeOnly:
    """For views without an object of their own that work on one of another model: ``self.within(Company, pk)``."""

    def within(self, model: type[Model], pk: object, action: str = "view") -> Any:
        """The thing, or 404 when the user may not see it, or a refusal when it may be seen and no more."""
        things = policy_of(model).with_companies(model._default_manager.all())
        found = visible(things, self.request.user).filter(pk=pk).first()
        if found is None:
            raise Http404
        if not can(self.request.user, action, found):
            raise PermissionDenied
        return found
