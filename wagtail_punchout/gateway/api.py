"""The read API: ERPs fetch orders and acknowledge them.

A client has a token of its own and sees the orders of one mode, of its company and those below. What it may not see
does not exist for it. Answers are JSON, errors are ``{"detail": "a sentence"}``. The API describes itself at
``openapi.json``; no page of ours loads anything from elsewhere to show that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from ninja import Field, NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.security import HttpBearer
from pydantic import AfterValidator, AwareDatetime

from wagtail_punchout.client_address import client_address
from wagtail_punchout.flows.erp_clients import CannotAcknowledge, acknowledge, client_of, orders_for
from wagtail_punchout.flows.export_order import FORMATS, CannotExport, export, facts_of
from wagtail_punchout.flows.stored import attachment_file
from wagtail_punchout.flows.throttle import is_flooding
from wagtail_punchout.models import ErpClient, OrderState, PurchaseOrder
from wagtail_punchout.protocol.exports.structured import order_json
from wagtail_punchout.protocol.snapshot import storable

MOST_AT_ONCE = 100


class Token(HttpBearer):
    """``Authorization: Bearer …``; whoever has none is told so, and slowed down."""

    def authenticate(self, request: HttpRequest, token: str) -> ErpClient | None:
        now = timezone.now()
        client = client_of(token, at=now)
        if client is None and is_flooding(client_address(request), at=now):
            raise Throttled(wait=60)
        return client


def _in_utc(moment: datetime) -> datetime:
    """Refuses what lies outside all time that a database knows."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time is expected that can be said in UTC") from None


def _said(number: str) -> str:
    """As it can be kept and shown again."""
    found = storable(number).strip()
    if not found:
        raise ValueError("a number is expected")
    return found


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Summary(Schema):
    """One order in the list. ``cancelled`` is also true where the shop or an ERP had it before."""

    key: UUID
    number: str
    version: int
    state: str
    cancelled: bool
    mode: str
    company_code: str
    received: datetime
    changed: datetime
    total: str | None
    currency: str
    lines: int
    needs_person: bool
    shop_number: str
    erp_number: str
    acknowledged: datetime | None


class Listing(Schema):
    orders: list[Summary]
    next: str = Field("", description="Give it back as `after` to get what follows; empty when there is no more.")


class Asked(Schema):
    state: Literal["held", "accepted", "handed_over", "refused", "cancelled"] | None = None
    acknowledged: bool | None = None
    changed_since: Moment | None = None
    after: str = ""
    limit: int = Field(50, ge=1, le=MOST_AT_ONCE)


class Acknowledgement(Schema):
    number: Annotated[str, AfterValidator(_said)] = Field(
        min_length=1, max_length=100, description="The order's number in your system."
    )


api = NinjaAPI(
    title="Purchase orders",
    version="1",
    urls_namespace="punchout_api",
    auth=Token(),
    docs_url=None,  # its page would load scripts from elsewhere
    openapi_url=None,  # ninja's own would be looked for outside of the namespace that we are mounted in
)


@api.exception_handler(AuthenticationError)
def no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    said = "A token that is known and switched on must come along: Authorization: Bearer …"
    response = api.create_response(request, {"detail": said}, status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Throttled)
def too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
    said = "Too many calls with wrong tokens from this address. Try again in a minute."
    response = api.create_response(request, {"detail": said}, status=429)
    response["Retry-After"] = str(error.wait)
    return response


@api.exception_handler(ValidationError)
def makes_no_sense(request: HttpRequest, error: ValidationError) -> HttpResponse:
    said = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors)
    return api.create_response(request, {"detail": said}, status=422)


@api.get("/openapi.json", auth=None, include_in_schema=False, url_name="openapi")
def openapi(request: HttpRequest) -> dict[str, Any]:
    return api.get_openapi_schema(path_prefix=request.path.removesuffix("openapi.json"))


@api.get("/orders", response=Listing, url_name="orders", summary="Orders, in the order of their last change")
def list_orders(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    orders = orders_for(request.auth).order_by("updated_at", "pk").defer("header", "parties", "ship_to", "bill_to")
    if asked.state:
        orders = orders.filter(state=asked.state)
    if asked.acknowledged is not None:
        orders = orders.filter(acknowledged_at__isnull=not asked.acknowledged)
    if asked.changed_since:
        orders = orders.filter(updated_at__gte=asked.changed_since)
    if asked.after:
        orders = orders.filter(_behind(asked.after))
    found = list(orders[: asked.limit + 1])
    shown = found[: asked.limit]
    goes_on = len(found) > asked.limit
    return {
        "orders": [summary(each) for each in shown],
        "next": _cursor(shown[-1]) if goes_on else "",
    }


@api.get("/orders/{uuid:key}", url_name="order", summary="One order with all its lines")
def one_order(request: HttpRequest, key: UUID) -> dict[str, Any]:
    order = _order(request, key)
    return {
        **order_json(order.order(), facts_of(order)),
        "attachments": [
            {"id": each.pk, "name": each.name, "type": each.media_type, "bytes": each.size, "problem": each.problem}
            for each in order.attachments.all()
        ],
        "changed": order.updated_at,
        "cancelled": order.is_cancelled,
        "needs_person": order.needs_person,
        "reasons": [each["code"] for each in order.reasons],
        "acknowledged": order.acknowledged_at,
        "erp_number": order.erp_number,
    }


@api.get("/orders/{uuid:key}/export/{format}", url_name="export", summary="One order as csv, json, ubl or cxml")
def export_order(request: HttpRequest, key: UUID, format: str) -> HttpResponse:
    order = _order(request, key)
    if format not in FORMATS:
        raise HttpError(404, f"There is no format {format[:20]!r}; there are {', '.join(FORMATS)}.")
    try:
        exported = export(order, format)
    except CannotExport as error:
        raise HttpError(409, str(error)) from None
    response = HttpResponse(exported.content, content_type=exported.content_type)
    response["Content-Disposition"] = content_disposition_header(True, exported.file_name)
    return response


@api.get("/orders/{uuid:key}/attachments/{int:number}", url_name="attachment", summary="A file that came with it")
def order_attachment(request: HttpRequest, key: UUID, number: int) -> FileResponse:
    attachment = _order(request, key).attachments.filter(pk=number).first()
    found = attachment_file(attachment) if attachment else None
    if found is None:
        raise HttpError(404, "There is no such file.")
    response = FileResponse(found.file, content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@api.post("/orders/{uuid:key}/acknowledge", response=Summary, url_name="acknowledge", summary="Say that you have it")
def acknowledge_order(request: HttpRequest, key: UUID, said: Acknowledgement) -> dict[str, Any]:
    order = _order(request, key)
    try:
        acknowledged = acknowledge(request.auth, order, said.number, at=timezone.now())
    except CannotAcknowledge as error:
        raise HttpError(409, str(error)) from None
    acknowledged.company = order.company
    return summary(acknowledged)


def summary(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "key": order.key,
        "number": order.number,
        "version": order.version,
        "state": OrderState(order.state).value,
        "cancelled": order.is_cancelled,
        "mode": order.mode,
        "company_code": order.company.code,
        "received": order.created_at,
        "changed": order.updated_at,
        "total": None if order.total is None else f"{order.total.normalize():f}",
        "currency": order.currency,
        "lines": order.line_count,
        "needs_person": order.needs_person,
        "shop_number": order.shop_number,
        "erp_number": order.erp_number,
        "acknowledged": order.acknowledged_at,
    }


def _order(request: HttpRequest, key: UUID) -> PurchaseOrder:
    order = orders_for(request.auth).filter(key=key).first()
    if order is None:
        raise HttpError(404, "There is no such order.")
    return order


def _cursor(order: PurchaseOrder) -> str:
    """Of signs that an address takes as they are."""
    return f"{order.updated_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}~{order.pk}"


def _behind(cursor: str) -> Q:
    moment, _sign, pk = cursor.partition("~")
    try:
        at, number = datetime.strptime(moment, "%Y%m%dT%H%M%S.%f%z"), int(pk)
        at = _in_utc(at)
    except ValueError:
        raise HttpError(422, "after: it is not one that a list has given.") from None
    if not 0 <= number < 2**63:
        raise HttpError(422, "after: it is not one that a list has given.")
    return Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=number)
