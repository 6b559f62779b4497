"""What the pages about one link and its newest draft share, and the ways to them from where the link is edited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import Media
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_punchout.admin_ui.listing import STYLES
from wagtail_punchout.admin_ui.scoped import ScopedObject
from wagtail_punchout.models import PunchoutLink

NAMESPACE = "punchout_links"
LINK_STYLES = STYLES + Media(css={"all": ["wagtail_punchout/link-drafts.css"]})


def link_url(name: str, link: PunchoutLink, *args: object) -> str:
    return reverse(f"{NAMESPACE}:{name}", args=(link.pk, *args))


class OfLink(ScopedObject, BaseObjectMixin, PermissionCheckedMixin):
    """For views about one link: it exists only for those who may see it, and opens for those who may change it."""

    model = PunchoutLink
    permission_required = "change"

    def get_base_object_queryset(self) -> QuerySet:
        return super().get_base_object_queryset().select_related("group__company", "latest_revision")

    @cached_property
    def draft(self) -> PunchoutLink:
        """The link as it would be published; the link itself when nobody has changed it since."""
        return self.object.get_latest_revision_as_object()


class LinkPage(OfLink, WagtailAdminTemplateMixin, TemplateView):
    """A page about one link."""

    def get_breadcrumbs_items(self) -> list[dict]:
        items = [
            (_("PunchOut links"), reverse(f"{NAMESPACE}:list")),
            (self.draft.name, link_url("edit", self.object)),
            (self.get_page_title(), ""),
        ]
        return self.breadcrumbs_items + [{"label": label, "url": url} for label, url in items]

    def get_context_data(self, **kwargs: object) -> dict:
        return super().get_context_data(
            **{
                "link": self.object,
                "draft": self.draft,
                "edit_url": link_url("edit", self.object),
                "media": LINK_STYLES,
                **kwargs,
            }
        )


@transaction.atomic
def save_draft(link: PunchoutLink, user: Any, *, seen: int | None, **rows: Iterable[Model]) -> bool:
    """Keep a new draft of ``link`` with other ``mapping_rows`` or ``unit_rows``, in the order they come in; what buyers
    meet stays as it is.

    ``seen`` is the newest revision that whoever asks has looked at: ``False``, and nothing is done, if there is a newer
    one.
    """
    present = PunchoutLink.objects.select_for_update().get(pk=link.pk)
    if present.latest_revision_id != seen:
        return False
    draft = present.get_latest_revision_as_object()
    for name, those in rows.items():
        those = list(those)
        for place, row in enumerate(those):
            row.sort_order = place
        setattr(draft, name, those)
    # Not validated as a whole: a draft may be one that cannot be published yet.
    draft.save_revision(user=user, log_action=True, clean=False)
    return True


class OffersDrafts:
    """For the edit view: what can be done with the draft, and after a draft was saved the way to its preview."""

    @cached_property
    def header_buttons(self) -> list[Button]:
        preview = HeaderButton(
            gettext("Preview on past carts"), url=link_url("preview_carts", self.object), icon_name="view", priority=10
        )
        return [*super().header_buttons, preview]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        ways = [
            (gettext("Download or upload rows and units"), "mapping_files", "table"),
            (gettext("Units to translate"), "missing_units", "list-ul"),
        ]
        ours = [
            Button(label, url=link_url(name, self.object), icon_name=icon, priority=40 + 10 * place)
            for place, (label, name, icon) in enumerate(ways)
        ]
        return [*super().header_more_buttons, *ours]

    def get_success_buttons(self) -> list:
        preview = messages.button(link_url("preview_carts", self.object), gettext("Preview on past carts"))
        return [*super().get_success_buttons(), preview]
