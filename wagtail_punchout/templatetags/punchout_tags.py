"""What shop templates need, and no more.

``{% punchout_buttons %}`` and ``{% punchout_notices %}`` are for visits; ``{% punchout_may %}`` and
``{% punchout_account_url %}`` also for people who have signed in themselves.

Everything else is on ``request.punchout``: ``{% if request.punchout %}``, ``{{ request.punchout.requester.name }}`` …
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string

from wagtail_punchout.models.roles import Ability
from wagtail_punchout.storefront.account import account_url
from wagtail_punchout.storefront.standing import may

register = template.Library()


@register.simple_tag(takes_context=True)
def punchout_buttons(context: Context) -> str:
    """Return and cancel, for the cart page; nothing outside a visit. Template: ``wagtail_punchout/buttons.html``."""
    visit = _visit(context)
    if not visit:
        return ""
    show_return = visit.can_return and not visit.is_inspect and visit.may(Ability.TRANSFER_CART)
    return _render(context, "buttons", {"visit": visit, "show_return": show_return})


@register.simple_tag(takes_context=True)
def punchout_notices(context: Context) -> str:
    """For whom this visit shops, and what became of carried lines. Template: ``wagtail_punchout/notices.html``."""
    visit = _visit(context)
    if not visit:
        return ""
    unknown = context["request"].session.get("punchout_unknown_selection", "")
    return _render(context, "notices", {"visit": visit, "unknown_selection": unknown})


@register.simple_tag(takes_context=True)
def punchout_may(context: Context, ability: str) -> bool:
    """Whether the visit, or the person who has signed in, has an ability: ``{% punchout_may "…" as ok %}``."""
    return "request" in context and may(context["request"], ability)


@register.simple_tag(takes_context=True)
def punchout_account_url(context: Context) -> str:
    """Where the company account is; empty for those who have none: ``{% punchout_account_url as url %}``."""
    return account_url(context["request"]) if "request" in context else ""


def _visit(context: Context) -> Any:
    return getattr(context.get("request"), "punchout", None)


def _render(context: Context, name: str, values: dict[str, Any]) -> str:
    return render_to_string(f"wagtail_punchout/{name}.html", values, request=context["request"])
