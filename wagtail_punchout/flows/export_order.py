"""Export: orders as files for an ERP. A test order says so in every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet
from django.utils.text import slugify
from lxml.etree import _Element

from wagtail_punchout.conf import conf
from wagtail_punchout.models import PurchaseOrder
from wagtail_punchout.protocol.cxml import envelope, tree
from wagtail_punchout.protocol.errors import PunchoutError
from wagtail_punchout.protocol.exports import Facts
from wagtail_punchout.protocol.exports.document import order_cxml
from wagtail_punchout.protocol.exports.structured import order_json
from wagtail_punchout.protocol.exports.table import order_csv, orders_csv
from wagtail_punchout.protocol.exports.ubl import order_ubl
from wagtail_punchout.protocol.order import Order
from wagtail_punchout.protocol.words import gettext_noop

#: Orders that are read at once while many are written.
AT_ONCE = 100
LACKS = {
    "ubl": gettext_noop("UBL knows no order without lines."),
    "cxml": gettext_noop(
        "cXML demands a date, a total, and a price on each line. The order lacks one of them, and the document it came "
        "in is not kept any more."
    ),
}


class CannotExport(Exception):
    """The order lacks what the format demands; the sentence is one of ``LACKS``."""


@dataclass(frozen=True, slots=True)
class Exported:
    content: bytes
    content_type: str
    file_name: str


def export(order: PurchaseOrder, format: str) -> Exported:
    """``format`` is one of ``FORMATS``; raises ``CannotExport``."""
    make, content_type, ending = FORMATS[format]
    mark = "TEST-" if order.is_test else ""
    name = slugify(order.number, allow_unicode=True) or str(order.key)
    try:
        content = make(order, order.order())
    except ValueError:
        raise CannotExport(LACKS[format]) from None
    return Exported(content, content_type, f"{mark}{name}.{ending}")


def export_together(orders: QuerySet[PurchaseOrder], format: str) -> IO[bytes]:
    """Many orders as one file that is still to be read: a table for ``csv``, else a zip with a file for each.

    What cannot be written in this format is named in the zip, with the reason.
    """
    wanted = orders.select_related("company", "current__exchange").prefetch_related("lines")
    file = TemporaryFile()  # noqa: SIM115  (whoever reads it closes it)
    if format == "csv":
        table = orders_csv((each.order(), facts_of(each)) for each in wanted.iterator(chunk_size=AT_ONCE))
        file.write(table.encode("utf-8-sig"))
    else:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            _fill(archive, wanted.iterator(chunk_size=AT_ONCE), format)
    file.seek(0)
    return file


def _fill(archive: ZipFile, orders: Iterator[PurchaseOrder], format: str) -> None:
    names: set[str] = set()
    left_out = []
    for order in orders:
        try:
            exported = export(order, format)
        except CannotExport as error:
            left_out.append(f"{order.number} ({order.key}): {error}\n")
            continue
        # Two buyers may give the same number.
        name = exported.file_name if exported.file_name not in names else f"{order.key}-{exported.file_name}"
        names.add(name)
        archive.writestr(name, exported.content)
    if left_out:
        archive.writestr("NOT-EXPORTED.txt", "".join(left_out))


def facts_of(order: PurchaseOrder) -> Facts:
    buyers = order.parties.get("from") or [{"domain": ""}]
    return Facts(
        key=str(order.key),
        mode=order.mode,
        state=order.state,
        version=order.version,
        received=order.created_at,
        buyer=order.buyer,
        buyer_domain=buyers[0]["domain"],
        company=order.company.name,
        company_code=order.company.code,
        shop_number=order.shop_number,
    )


def _csv(order: PurchaseOrder, said: Order) -> bytes:
    # With a byte order mark, by which spreadsheet programs know UTF-8.
    return order_csv(said, facts_of(order)).encode("utf-8-sig")


def _json(order: PurchaseOrder, said: Order) -> bytes:
    return json.dumps(order_json(said, facts_of(order)), indent=2, ensure_ascii=False).encode()


def _ubl(order: PurchaseOrder, said: Order) -> bytes:
    return order_ubl(said, facts_of(order), supplier=conf().SUPPLIER_IDENTITY)


def _cxml(order: PurchaseOrder, said: Order) -> bytes:
    supplier = envelope.Credential(conf().SUPPLIER_DOMAIN, conf().SUPPLIER_IDENTITY)
    return order_cxml(said, facts_of(order), supplier=supplier, body=_as_it_came(order))


def _as_it_came(order: PurchaseOrder) -> _Element | None:
    """The OrderRequest that the order stands on, if its document is kept; secrets are struck out there."""
    exchange = order.current.exchange if order.current else None
    if exchange is None:
        return None
    text = exchange.document
    # It was let in once, however large it is.
    limits = tree.Limits(size=len(text.encode()), elements=text.count("<"), equals=text.count("="))
    try:
        return envelope.decode_request(tree.parse(text.encode(), limits=limits)).body
    except PunchoutError:
        return None


FORMATS: dict[str, tuple[Callable[[PurchaseOrder, Order], bytes], str, str]] = {
    "csv": (_csv, "text/csv; charset=utf-8", "csv"),
    "json": (_json, "application/json", "json"),
    "ubl": (_ubl, "application/xml", "ubl.xml"),
    "cxml": (_cxml, "application/xml", "cxml.xml"),
}
