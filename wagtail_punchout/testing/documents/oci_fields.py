"""What a strict receiver of OCI carts knows: the fields, their widths in each release, and what numbers look like.

A table of its own, on purpose: the one that the shop writes by is not asked. Where releases are told differently the
wider reading stands here, so that only what everybody calls wrong is complained about.
"""

from __future__ import annotations

import re
from decimal import Decimal

ANY = None
LATEST = "4.0"

# Field: width in 3.0, in 4.0, in 5.0. A release that is missing at the end or has 0 does not know the field.
WIDTHS: dict[str, tuple[int | None, int | None, int | None]] = {
    "DESCRIPTION": (40, 40, 40),
    "MATNR": (18, 40, 40),
    "QUANTITY": (15, 15, 15),
    "UNIT": (3, 3, 3),
    "PRICE": (15, 15, 15),
    "CURRENCY": (5, 5, 5),
    "PRICEUNIT": (9, 5, 5),
    "LEADTIME": (5, 5, 5),
    "LONGTEXT": (ANY, ANY, ANY),
    "VENDOR": (10, 10, 10),
    "VENDORMAT": (40, 40, 40),
    "MANUFACTCODE": (10, 10, 10),
    "MANUFACTMAT": (40, 40, 40),
    "MATGROUP": (10, 10, 10),
    "SERVICE": (1, 1, 1),
    "CONTRACT": (10, 10, 10),
    "CONTRACT_ITEM": (5, 5, 5),
    "EXT_QUOTE_ID": (35, 35, 35),
    "EXT_QUOTE_ITEM": (10, 10, 10),
    "EXT_PRODUCT_ID": (40, 40, 40),
    "ATTACHMENT": (0, 255, 255),
    "ATTACHMENT_TITLE": (0, 255, 255),
    "ATTACHMENT_PURPOSE": (0, 1, 1),
    "EXT_SCHEMA_TYPE": (10, 10, 10),
    "EXT_CATEGORY_ID": (60, 60, 60),
    "EXT_CATEGORY": (0, 40, 40),
    "SLD_SYS_NAME": (0, 60, 60),
    "CUST_FIELD1": (10, 10, 10),
    "CUST_FIELD2": (10, 10, 10),
    "CUST_FIELD3": (10, 10, 10),
    "CUST_FIELD4": (20, 20, 20),
    "CUST_FIELD5": (50, 50, 50),
    "ITEM_TYPE": (0, 0, 1),
    "PARENT_ID": (0, 0, 5),
}
FREE = 255
RELEASES = ("3", "4", "5")

# Hidden fields with which web frameworks guard and mark their own forms. They have no business outside the shop.
FRAMEWORK = {
    "csrfmiddlewaretoken",
    "authenticity_token",
    "_snowman",
    "utf8",
    "_token",
    "_csrf",
    "csrf_token",
    "form_key",
    "__requestverificationtoken",
    "__viewstate",
    "__eventvalidation",
}
# Compared without regard to case: ~OkCode is also seen as ~okcode, ~TARGET as ~target.
CONTROL = {"~okcode", "~target", "~caller", "~forcetarget", "~forcetarge", "~xmldocument", "~xml_type", "~xmltype"}

PLAIN = re.compile(r"\d{1,18}(\.\d{1,12})?")


def width(field: str, version: str) -> int | None:
    """Of a field in a release; 0 where the release does not know it, ``None`` where any length will do."""
    release = version[:1]
    return WIDTHS.get(field, (0, 0, 0))[RELEASES.index(release) if release in RELEASES else 1]


def number(raw: str) -> tuple[Decimal | None, str]:
    """A number as lenient receivers read it, and what a strict one says to it.

    ``1.234,56`` and ``780,12`` are read as the shop meant them; of point and comma the last one is taken for decimal.
    """
    bare = raw.strip().replace(" ", "").replace("\u00a0", "")
    if PLAIN.fullmatch(bare):
        return Decimal(bare), "" if bare == raw else "has blanks around it or inside"
    if "," not in bare:
        return None, "is not a number"
    point = bare.rfind(".")
    comma = bare.rfind(",")
    unified = bare.replace(".", "").replace(",", ".", 1) if comma > point else bare.replace(",", "")
    if not PLAIN.fullmatch(unified):
        return None, "is not a number"
    return Decimal(unified), "has a decimal comma" if comma > point else "has separators of thousands"
