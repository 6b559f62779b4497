"""What leaves the admin as a file: orders in the formats of ERPs, and attachments."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.views import View
from wagtail.admin import messages
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import log

from wagtail_punchout.admin_ui.orders import OrderList, orders
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.flows.export_order import FORMATS, CannotExport, export, export_together
from wagtail_punchout.flows.stored import attachment_file
from wagtail_punchout.flows.words import translated
from wagtail_punchout.models import OrderAttachment, PurchaseOrder

#: Orders that are written at once; more would keep a browser waiting.
MOST_TOGETHER = 500


class ExportView(InScopeOnly, View):
    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int, format: str) -> HttpResponse:
        if format not in FORMATS:
            raise Http404
        order = self.within(PurchaseOrder, pk)
        try:
            exported = export(order, format)
        except CannotExport as error:
            messages.error(request, translated(str(error)))
            return redirect("punchout_orders:inspect", order.pk)
        _note(order, request.user, format)
        return as_file(HttpResponse(exported.content, content_type=exported.content_type), exported.file_name)


class TogetherView(OrderList):
    """All orders of the list as it is searched and filtered."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, format: str) -> HttpResponseBase:
        if format not in FORMATS:
            raise Http404
        found = list(self.get_queryset().values_list("pk", flat=True)[: MOST_TOGETHER + 1])
        if not found or len(found) > MOST_TOGETHER:
            messages.warning(request, self._complaint(found))
            return redirect(f"{reverse('punchout_orders:index')}?{request.GET.urlencode()}")
        wanted = PurchaseOrder.objects.filter(pk__in=found).order_by("created_at", "pk")
        file = export_together(wanted, format)
        with transaction.atomic():
            for each in wanted.only("pk", "number"):
                _note(each, request.user, format)
        is_table = format == "csv"
        content_type = FORMATS[format][1] if is_table else "application/zip"
        return as_file(
            FileResponse(file, content_type=content_type), "orders.csv" if is_table else f"orders-{format}.zip"
        )

    def _complaint(self, found: list[int]) -> str:
        if not found:
            return gettext("There is no order to export.")
        return ngettext(
            "More than %(most)s order would be exported. Search or filter first.",
            "More than %(most)s orders would be exported. Search or filter first.",
            MOST_TOGETHER,
        ) % {"most": MOST_TOGETHER}


class AttachmentView(InScopeOnly, View):
    """Handed out and never shown: what strangers send runs in no page of ours."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        attachment = self.within(OrderAttachment, pk)
        found = attachment_file(attachment)
        if found is None:
            messages.error(
                request, gettext("“%(name)s” is not in the storage of attachments.") % {"name": str(attachment)}
            )
            return redirect("punchout_orders:inspect", attachment.order_id)
        log(attachment.order, "wagtail_punchout.attachment_read", user=request.user, data={"name": str(attachment)})
        return as_file(FileResponse(found.file, content_type=found.content_type), found.name)


def as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _note(order: PurchaseOrder, user: Any, format: str) -> None:
    log(order, "wagtail_punchout.order_exported", user=user, data={"format": format})


class DownloadViewSet(ViewSet):
    name = "punchout_order_downloads"
    url_prefix = "punchout/orders/files"

    def get_urlpatterns(self) -> list[Any]:
        together = orders.construct_view(TogetherView, **orders.get_index_view_kwargs())
        return [
            path("export/<str:format>/", together, name="together"),
            path("<int:pk>/export/<str:format>/", ExportView.as_view(), name="export"),
            path("attachment/<int:pk>/", AttachmentView.as_view(), name="attachment"),
        ]


order_downloads = DownloadViewSet()
