"""Failures: every true cause for which a call is refused, by name.

What a stranger is told says less than that (:mod:`wagtail_punchout.protocol.errors`). The name is kept with the
document and never sent; ``wagtail_punchout.flows.fixes`` has for each what it means and what to change.
"""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """Sorted by the status that most of them get."""

    # 400: readable, but not usable.
    CONTENT = "content"
    RETURN_MISSING = "return_missing"
    RETURN_UNUSABLE = "return_unusable"
    ORDER_DIFFERS = "order_differs"
    # 401: nobody whom we let in.
    SENDER_UNNAMED = "sender_unnamed"
    SENDER_MANY_NAMES = "sender_many_names"
    SENDER_UNKNOWN = "sender_unknown"
    SENDER_ELSEWHERE = "sender_elsewhere"
    SENDER_AMBIGUOUS = "sender_ambiguous"
    HUB_UNKNOWN = "hub_unknown"
    SECRET_MISSING = "secret_missing"  # noqa: S105
    SECRET_WRONG = "secret_wrong"  # noqa: S105
    CUSTOMER_OFF = "customer_off"
    COMPANY_OFF = "company_off"
    USER_UNUSABLE = "user_unusable"
    # 403: known, but not set up for this.
    NOT_ALLOWED = "not_allowed"
    NO_LINK = "no_link"
    LINK_OFF = "link_off"
    MODE_CONFLICT = "mode_conflict"
    RETURN_NOT_HTTPS = "return_not_https"
    RETURN_FOREIGN = "return_foreign"
    ROUTE_UNKNOWN = "route_unknown"
    ROUTE_OFF = "route_off"
    ROUTE_ELSEWHERE = "route_elsewhere"
    ADDRESS_UNKNOWN = "address_unknown"
    USER_UNNAMED = "user_unnamed"
    USER_UNKNOWN = "user_unknown"
    USER_AMBIGUOUS = "user_ambiguous"
    USER_OFF = "user_off"
    USER_WITHOUT_ROLE = "user_without_role"
    USER_CONFLICT = "user_conflict"
    USER_ELSEWHERE = "user_elsewhere"
    USER_NOT_ADDED = "user_not_added"
    # 406: no document.
    UNREADABLE = "unreadable"
    NOT_CXML = "not_cxml"
    ENCODING = "encoding"
    MULTIPART = "multipart"
    FORM = "form"
    # 409, 412, 417: about something that we do not know so.
    ORDER_CONFLICT = "order_conflict"
    CART_UNKNOWN = "cart_unknown"
    REFERENCE_UNKNOWN = "reference_unknown"
    # 450: not spoken here.
    NOT_SPOKEN = "not_spoken"
    METHOD = "method"
    OPERATION = "operation"
    CHANGES_NOT_TAKEN = "changes_not_taken"
    # 499
    TOO_LARGE = "too_large"
    # 500, 560: ours, or only for now.
    CRASH = "crash"
    TRY_LATER = "try_later"
    FLOOD = "flood"
    SHOP_UNAVAILABLE = "shop_unavailable"
    ORDER_BUSY = "order_busy"
    # Calls by OCI alone, which are answered with pages.
    NO_NAME = "no_name"
    NO_PASSWORD = "no_password"  # noqa: S105
    NO_GET = "no_get"
    NO_PRODUCT = "no_product"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_FUNCTION = "unknown_function"
    NO_SEARCH = "no_search"
    CALL_TOO_LARGE = "call_too_large"
