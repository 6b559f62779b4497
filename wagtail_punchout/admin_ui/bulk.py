"""The same done to many at once: what lists and actions need for it.

Wagtail's bulk actions take any key and, for "all", any row of the table. These take what the list they were started
from would show: the same scope, the same branch, the same search and filters. What somebody may not see is passed over
in silence, like a key that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.functional import classproperty
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.policies import can, visible
from wagtail_punchout.admin_ui.scoped import keys_of

#: More at once would take longer than anybody waits for a page.
MOST = 1000
#: How many are named on the page that asks.
NAMED = 20


class BulkListing:
    """For index views, before ``ListView``: a box at the head of each row, and the bar with the actions.

    Nothing else is needed: the actions are those registered for the view's model, as far as its user may do them. A
    list that shows a part of a tree sets ``bulk_parent``, which actions get back as ``childOf``.
    """

    template_name = "wagtail_punchout/admin/bulk_index.html"
    bulk_parent: int | None = None
    select_all_label = _("Select all in listing")

    @cached_property
    def bulk_actions(self) -> list[type[BulkAction]]:
        meta = self.model._meta
        found = bulk_action_registry.get_bulk_actions_for_model(meta.app_label, meta.model_name)
        return sorted(filter(self._is_offered, found), key=lambda each: each.action_priority)

    def _is_offered(self, action: type[BulkAction]) -> bool:
        """A project's own actions decide for themselves."""
        return not issubclass(action, ScopedBulkAction) or action.is_offered_to(self.request.user)

    def get_table(self, object_list: Iterable[Model]) -> Any:
        if not self.bulk_actions:
            return super().get_table(object_list)
        boxes = _Boxes("bulk_actions", obj_type=self.model._meta.model_name, parent=self.bulk_parent)
        self.columns = [boxes, *self.columns]
        return super().get_table(object_list)

    def _get_title_column(self, field_name: str, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("get_title_id", lambda each: f"{self.model._meta.model_name}_{each.pk}_title")
        return super()._get_title_column(field_name, *args, **kwargs)

    def get_context_data(self, *args: object, **kwargs: object) -> dict:
        return super().get_context_data(*args, **kwargs) | {
            "bulk_buttons": [_button(each) for each in self.bulk_actions],
            "bulk_parent": self.bulk_parent,
            "select_all_label": self.select_all_label,
        }


def _button(action: type[BulkAction]) -> dict[str, Any]:
    # Not the class itself: templates would call it.
    return {
        "type": action.action_type,
        "label": action.display_name,
        "about": action.aria_label,
        "is_serious": "serious" in action.classes,
    }


class _Boxes(BulkActionsCheckboxColumn):
    def __init__(self, *args: Any, parent: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parent = parent

    def get_header_context_data(self, parent_context: Any) -> dict:
        return super().get_header_context_data(parent_context) | {"parent": self.parent}


class ScopedBulkAction(BulkAction):
    """One action on many things of ours, of those that its user sees and may do it to."""

    template_name = "wagtail_punchout/admin/bulk_confirm.html"
    model_class: type[Model]
    #: The action of the policy.
    needed = "change"
    submit_label = _("Do it now")
    is_serious = False

    @classproperty
    def models(cls) -> list[type[Model]]:
        return [cls.model_class]

    @classmethod
    def is_offered_to(cls, user: Any) -> bool:
        return can(user, cls.needed, cls.model_class)

    def check_perm(self, thing: Model) -> bool:
        return can(self.request.user, self.needed, thing)

    def listing(self, parent_id: str | None) -> Any:
        """The list that the action was started from, as a view that has been set up with this request."""
        raise NotImplementedError

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> QuerySet:
        return self.listing(parent_id).get_queryset().values_list("pk", flat=True)

    def get_actionable_objects(self) -> tuple[list[Model], dict]:
        return self._chosen

    @cached_property
    def _chosen(self) -> tuple[list[Model], dict]:
        asked = self.request.GET.getlist("id")
        if "all" in asked:
            pks = list(self.get_all_objects_in_listing_query(self.request.GET.get("childOf"))[: MOST + 1])
        else:
            pks = keys_of(asked)[: MOST + 1]
        self.is_too_many = len(pks) > MOST
        seen = list(visible(self.model._default_manager.filter(pk__in=pks[:MOST]), self.request.user))
        if not seen:
            raise Http404
        objects = [each for each in seen if self.check_perm(each)]
        refused = [each for each in seen if each not in objects]
        return ([] if self.is_too_many else objects), {"items_with_no_access": refused}

    @property
    def chosen(self) -> list[Model]:
        return self._chosen[0]

    def sentences(self) -> list[str]:
        """What the action will do, said before it is done."""
        return []

    def get_context_data(self, **kwargs: object) -> dict:
        context = super().get_context_data(**kwargs)
        return context | {
            "page_title": self.display_name,
            "things": self.chosen[:NAMED],
            "more": max(len(self.chosen) - NAMED, 0),
            "sentences": self.sentences() if self.chosen else [],
            "too_many": MOST if self.is_too_many else None,
            "submit_label": self.submit_label,
            "is_serious": self.is_serious,
            "media": STYLES,
        }

    def get_execution_context(self) -> dict:
        return {"action": self}

    @classmethod
    def execute_action(cls, objects: Sequence[Model], action: Any = None, **kwargs: Any) -> tuple[int, int]:
        for each in objects:
            action.do(each)
        return len(objects), 0

    def do(self, thing: Model) -> None:
        raise NotImplementedError

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return gettext("Done: %(count)d.") % {"count": num_parent_objects}


class Deletes:
    """For actions that delete what was chosen."""

    needed = "delete"
    display_name = _("Delete")
    action_type = "delete"
    action_priority = 30
    classes = {"serious"}
    submit_label = _("Delete now")
    is_serious = True


def list_of(viewset: Any, request: Any, **kwargs: Any) -> Any:
    """The index view of ``viewset``, for this request."""
    function = viewset.index_view
    view = function.view_class(**function.view_initkwargs)
    view.setup(request, **kwargs)
    return view
