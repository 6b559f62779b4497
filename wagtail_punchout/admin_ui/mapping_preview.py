"""The page "Preview on past carts": what a link's draft would change in carts that once went home."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.admin_ui.link_drafts import LinkPage, link_url
from wagtail_punchout.admin_ui.mapping_words import told
from wagtail_punchout.admin_ui.policies import visible
from wagtail_punchout.admin_ui.sections import linked
from wagtail_punchout.flows.preview import (
    MOST_CARTS,
    CartPreview,
    FieldPreview,
    LinePreview,
    past_quotes,
    preview_quotes,
    preview_sample,
)
from wagtail_punchout.models import PunchoutCustomer, PunchoutLink, Quote
from wagtail_punchout.protocol import mapping

SAMPLE = "sample"


class Preview(LinkPage):
    """``?cart=sample`` tries the sample cart: a new link has no other."""

    template_name = "wagtail_punchout/admin/links/preview.html"
    page_title = _("Preview on past carts")
    header_icon = "view"

    @cached_property
    def before(self) -> PunchoutLink | None:
        """What buyers meet today, where the draft is something else."""
        return self.object if self.object.live and self.object.has_unpublished_changes else None

    @cached_property
    def is_sample(self) -> bool:
        return self.request.GET.get("cart") == SAMPLE

    @cached_property
    def carts(self) -> list[ShownCart]:
        if self.is_sample:
            found = [preview_sample(old=self.before, new=self.draft)]
        else:
            found = preview_quotes(self._quotes(), old=self.before, new=self.draft)
        return [ShownCart(each, self.request.user, is_compared=bool(self.before)) for each in found]

    def _quotes(self) -> list[Quote]:
        # Of a cart that came through somebody else's connection the fields would tell whose.
        customers = visible(PunchoutCustomer.objects.all(), self.request.user)
        return past_quotes(self.draft, visible(Quote.objects.filter(customer__in=customers), self.request.user))

    def get_context_data(self, **kwargs: object) -> dict:
        own_url = link_url("preview_carts", self.object)
        return super().get_context_data(
            carts=self.carts,
            is_compared=bool(self.before),
            is_sample=self.is_sample,
            changed=sum(each.is_changed for each in self.carts),
            failing=sum(each.is_failing for each in self.carts),
            wrong=[told(each) for each in mapping.check(self.draft.rows, self.draft.format)],
            most_carts=MOST_CARTS,
            own_url=own_url,
            sample_url=f"{own_url}?cart={SAMPLE}",
            **kwargs,
        )


class ShownCart:
    """A cart on the page: what needs a look comes first, the rest is folded."""

    def __init__(self, cart: CartPreview, user: Any, *, is_compared: bool) -> None:
        self.cart, self.is_compared = cart, is_compared
        self.heading = linked(cart.quote, user) if cart.quote else ""
        self.notable = [part for line in cart.lines if (part := ShownLine(line, self._is_notable)).is_needed]
        self.others = [part for line in cart.lines if (part := ShownLine(line, self._is_other)).fields]

    @property
    def is_changed(self) -> bool:
        return self.is_compared and self.cart.is_changed

    @property
    def is_failing(self) -> bool:
        return bool(self.cart.new_problem or any(each.new_problem for each in self.cart.lines))

    def _is_notable(self, field: FieldPreview) -> bool:
        return bool(field.new.overwide) or (self.is_compared and field.is_changed)

    def _is_other(self, field: FieldPreview) -> bool:
        return not self._is_notable(field)


class ShownLine:
    """The part of a line's fields that ``is_shown`` picks."""

    def __init__(self, line: LinePreview, is_shown: Any) -> None:
        self.line = line
        self.fields = [each for each in line.fields if is_shown(each)]

    @property
    def is_needed(self) -> bool:
        return bool(self.fields or self.line.old_problem or self.line.new_problem)
