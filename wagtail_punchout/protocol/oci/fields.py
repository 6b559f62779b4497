"""The fields of an OCI cart: ``NEW_ITEM-<NAME>[n]``, how wide each is in which version, and when it must be there.

SAP never says no. Text that is too long is cut, and a line with a wrong field is left out of the requisition while the
cart looks fine; so what does not fit has to be found here. One table holds everything that differs between versions.

Sources, by the name the table gives them: *SAP help* (Enterprise Buyer 2.0), *dictionary* (structures BBP_OCI and
BBP_OCI_ITEM), *OCI 3.0* to *OCI 5.0* (SAP's papers, where buyers and makers of connectors quote them), *SRM 7*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from urllib.parse import urlsplit

from wagtail_punchout.protocol.oci.charset import plain
from wagtail_punchout.protocol.words import Sentence, gettext_noop


class Version(StrEnum):
    """The versions that differ in what a cart may hold; 2.0 is read as 3.0."""

    OCI3 = "oci3"
    OCI4 = "oci4"
    OCI5 = "oci5"

    @property
    def label(self) -> str:
        return f"OCI {self[-1]}.0"


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"  # up to 11 digits, a decimal point, up to 3 digits
    INTEGER = "integer"
    FLAG = "flag"  # X, or empty
    LONGTEXT = "longtext"  # may have several lines, and a name of its own
    URL = "url"


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a line.

    ``widths`` are characters; a version that is absent does not know the field, and ``None`` is unlimited. A line
    needs the field always, or ``unless`` another is filled, or ``along`` with one of others. ``cuts`` says that longer
    text is shortened, as SAP itself does; the rest are identifiers and numbers, and half of one is a wrong one.
    """

    name: str
    meaning: str
    source: str
    widths: Mapping[Version, int | None]
    kind: Kind = Kind.TEXT
    always: bool = False
    unless: str = ""
    along: tuple[str, ...] = ()
    cuts: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0

    @property
    def rule(self) -> Sentence:
        """When a line must have the field, as a sentence."""
        if self.always:
            return Sentence(gettext_noop("Always required."))
        if self.unless:
            return Sentence(gettext_noop("Required where %(field)s is empty."), field=self.unless)
        if self.along:
            return Sentence(gettext_noop("Required where %(field)s is filled."), field=reduce(_either, self.along))
        return Sentence(gettext_noop("Optional."))


def _either(one: str, other: str) -> Sentence:
    return Sentence(gettext_noop("%(one)s or %(other)s"), one=one, other=other)


def _every(width: int | None) -> Mapping[Version, int | None]:
    return {Version.OCI3: width, Version.OCI4: width, Version.OCI5: width}


def _grown(in_3: int, since_4: int) -> Mapping[Version, int | None]:
    return {Version.OCI3: in_3, Version.OCI4: since_4, Version.OCI5: since_4}


def _since_4(width: int) -> Mapping[Version, int | None]:
    return {Version.OCI4: width, Version.OCI5: width}


def _since_5(width: int) -> Mapping[Version, int | None]:
    return {Version.OCI5: width}


#: In the order in which a line is sent.
_TABLE = (
    Field(
        name="DESCRIPTION",
        meaning=gettext_noop("Short text of the item."),
        source="SAP help; dictionary",
        widths=_every(40),
        unless="MATNR",
        cuts=True,
    ),
    Field(
        name="MATNR",
        meaning=gettext_noop("The buyer's own product number, not the shop's."),
        source="SAP help; dictionary; OCI 3.0, OCI 4.0",
        widths=_grown(18, 40),
        unless="DESCRIPTION",
    ),
    Field(
        name="QUANTITY",
        meaning=gettext_noop("Ordered quantity."),
        source="SAP help; dictionary",
        widths=_every(15),
        kind=Kind.NUMBER,
        always=True,
    ),
    Field(
        name="UNIT",
        meaning=gettext_noop("Unit of measure as an ISO code that the buyer's system knows."),
        source="SAP help; dictionary",
        widths=_every(3),
        unless="MATNR",
    ),
    Field(
        name="PRICE",
        meaning=gettext_noop("Price for as many units as PRICEUNIT says."),
        source="SAP help; dictionary",
        widths=_every(15),
        kind=Kind.NUMBER,
    ),
    Field(
        name="CURRENCY",
        meaning=gettext_noop("Currency of the price, ISO 4217."),
        source="SAP help; dictionary",
        widths=_every(5),
        along=("PRICE",),
    ),
    Field(
        name="PRICEUNIT",
        meaning=gettext_noop("How many units the price is for; empty means 1."),
        source="OCI 3.0, OCI 4.0",
        widths=_grown(9, 5),
        kind=Kind.INTEGER,
        least=1,
    ),
    Field(
        name="LEADTIME",
        meaning=gettext_noop("Days until the item can be delivered."),
        source="SAP help; dictionary",
        widths=_every(5),
        kind=Kind.INTEGER,
    ),
    Field(
        name="LONGTEXT",
        meaning=gettext_noop("Full description, over several lines if needed."),
        source="OCI 4.0",
        widths=_every(None),
        kind=Kind.LONGTEXT,
    ),
    Field(
        name="VENDOR",
        meaning=gettext_noop("The shop's business partner number in the buyer's system."),
        source="dictionary",
        widths=_every(10),
    ),
    Field(
        name="VENDORMAT",
        meaning=gettext_noop("The shop's product number."),
        source="dictionary; OCI 4.0. The 22 of OCI 3.0 are remembered, not quoted",
        widths=_grown(22, 40),
    ),
    Field(
        name="MANUFACTCODE",
        meaning=gettext_noop("The buyer's number of the manufacturer, not a name."),
        source="dictionary",
        widths=_every(10),
    ),
    Field(
        name="MANUFACTMAT",
        meaning=gettext_noop("The manufacturer's product number."),
        source="dictionary",
        widths=_every(40),
    ),
    Field(
        name="MATGROUP",
        meaning=gettext_noop("The buyer's material group."),
        source="SAP help; dictionary",
        widths=_every(10),
    ),
    Field(
        name="SERVICE",
        meaning=gettext_noop("X for a service, else empty."),
        source="dictionary",
        widths=_every(1),
        kind=Kind.FLAG,
    ),
    Field(
        name="CONTRACT",
        meaning=gettext_noop("The buyer's contract that the item is bought under."),
        source="OCI 4.0",
        widths=_every(10),
        along=("CONTRACT_ITEM",),
    ),
    Field(name="CONTRACT_ITEM", meaning=gettext_noop("Item of that contract."), source="OCI 4.0", widths=_every(5)),
    Field(
        name="EXT_QUOTE_ID",
        meaning=gettext_noop("The shop's number of this quotation; comes back on the order."),
        source="OCI 4.0",
        widths=_every(35),
        along=("EXT_QUOTE_ITEM",),
    ),
    Field(name="EXT_QUOTE_ITEM", meaning=gettext_noop("Line of that quotation."), source="OCI 4.0", widths=_every(10)),
    Field(
        name="EXT_PRODUCT_ID",
        meaning=gettext_noop("Key under which the buyer asks for the item again, with DETAIL or VALIDATE."),
        source="OCI 4.0",
        widths=_every(40),
    ),
    Field(
        name="ATTACHMENT",
        meaning=gettext_noop("Address of a file that the buyer's server downloads, without signing in."),
        source="OCI 4.0",
        widths=_since_4(255),
        kind=Kind.URL,
    ),
    Field(
        name="ATTACHMENT_TITLE",
        meaning=gettext_noop("Title of that file; empty means its file name."),
        source="OCI 4.0",
        widths=_since_4(255),
        cuts=True,
    ),
    Field(
        name="ATTACHMENT_PURPOSE",
        meaning=gettext_noop("What the file is for; C is a configuration."),
        source="OCI 4.0",
        widths=_since_4(1),
    ),
    Field(
        name="EXT_SCHEMA_TYPE",
        meaning=gettext_noop("Name of the classification, as the buyer's system calls it."),
        source="OCI 4.0; not quoted for OCI 3.0",
        widths=_every(10),
        along=("EXT_CATEGORY_ID", "EXT_CATEGORY"),
    ),
    Field(
        name="EXT_CATEGORY_ID",
        meaning=gettext_noop("Class of the item, whatever the version of the classification."),
        source="OCI 4.0; not quoted for OCI 3.0",
        widths=_every(60),
    ),
    Field(
        name="EXT_CATEGORY",
        meaning=gettext_noop("Class of the item in one version of the classification."),
        source="OCI 4.0",
        widths=_since_4(40),
    ),
    Field(
        name="SLD_SYS_NAME",
        meaning=gettext_noop("Name of a system in the buyer's landscape directory."),
        source="OCI 4.0",
        widths=_since_4(60),
    ),
    *(
        Field(
            name=f"CUST_FIELD{number}",
            meaning=gettext_noop("Whatever buyer and shop have agreed on."),
            source="OCI 3.0, OCI 4.0",
            widths=_every(width),
        )
        for number, width in enumerate((10, 10, 10, 20, 50), start=1)
    ),
    Field(
        name="ITEM_TYPE",
        meaning=gettext_noop("Place in a hierarchy: R root, O outline, L leaf."),
        source="OCI 5.0; SRM 7",
        widths=_since_5(1),
        choices=("R", "O", "L"),
    ),
    Field(
        name="PARENT_ID",
        meaning=gettext_noop("Number of the parent line; empty for a line of its own."),
        source="OCI 5.0; SRM 7",
        widths=_since_5(5),
        kind=Kind.INTEGER,
        least=1,
    ),
)
FIELDS: dict[str, Field] = {field.name: field for field in _TABLE}

#: Fields outside the table exist by agreement (GTIN, TAX_RATE, CUST_FIELD6 …); their names look like the others'.
FREE_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
#: Where buyers limit them at all, they do it here (Unite).
FREE_WIDTH = 255

_NUMBER = re.compile(r"[0-9]{1,11}(\.[0-9]{1,3})?")
_INTEGER = re.compile(r"[0-9]+")


def fields_of(version: Version) -> tuple[Field, ...]:
    """Every field that ``version`` knows, in the order of sending."""
    return tuple(field for field in _TABLE if version in field.widths)


def field_of(name: str, version: Version) -> Field | None:
    """The field called ``name``; ``None`` for a free one and for one that ``version`` does not know."""
    field = FIELDS.get(name)
    return field if field and version in field.widths else None


def input_name(name: str, index: int) -> str:
    """What the hidden input is called; ``index`` is the line's number, from 1.

    132 is the width of a text line in SAP and part of the name. With any other spelling SRM glues all long texts to the
    first line.
    """
    return f"NEW_ITEM-LONGTEXT_{index}:132[]" if name == "LONGTEXT" else f"NEW_ITEM-{name}[{index}]"


def misfit(name: str, value: str, version: Version) -> str:
    """Why ``value`` cannot go into the field, as a sentence; empty when it can.

    An empty value fits every field that there is.
    """
    field = field_of(name, version)
    if field is None and name in FIELDS:
        return Sentence(gettext_noop("%(version)s has no field %(name)s."), version=version.label, name=name)
    if not FREE_NAME.fullmatch(name):
        template = gettext_noop("%(name)s is no name of a field: use capital letters, digits and _, at most 40.")
        return Sentence(template, name=repr(name[:60]))
    width = field.widths[version] if field else FREE_WIDTH
    if width is not None and len(value) > width:
        template = gettext_noop("%(name)s has room for %(room)s characters in %(version)s, this has %(size)s.")
        return Sentence(template, name=name, room=width, version=version.label, size=len(value))
    return _wrong_kind(field, value) if field and value else ""


def fit(name: str, value: str, version: Version) -> str:
    """``value`` as the field can carry it: no control characters, no blanks around it, cut where the field cuts.

    Only LONGTEXT keeps its lines. Blanks inside stay, however many: product numbers have them.
    """
    field = field_of(name, version)
    text = plain(value).replace("\t", " ")
    text = (text if field and field.kind is Kind.LONGTEXT else text.replace("\n", " ")).strip()
    return text[: field.widths[version]].rstrip() if field and field.cuts else text


def _wrong_kind(field: Field, value: str) -> str:
    template, params = _expected(field, value)
    return Sentence(template, name=field.name, value=repr(value[:40]), **params) if template else ""


def _expected(field: Field, value: str) -> tuple[str, dict[str, object]]:
    """What the field takes that ``value`` is not; empty when it is."""
    if field.kind is Kind.NUMBER and not _NUMBER.fullmatch(value):
        return gettext_noop("%(name)s takes a number such as 1234.500, not %(value)s."), {}
    if field.kind is Kind.INTEGER and not (_INTEGER.fullmatch(value) and int(value) >= field.least):
        return gettext_noop("%(name)s takes a whole number from %(least)s, not %(value)s."), {"least": field.least}
    if field.kind is Kind.FLAG and value != "X":
        return gettext_noop("%(name)s takes X or nothing, not %(value)s."), {}
    if field.kind is Kind.URL and not _is_web_address(value):
        return gettext_noop("%(name)s takes a web address, not %(value)s."), {}
    if field.choices and value not in field.choices:
        return gettext_noop("%(name)s takes %(choices)s, not %(value)s."), {"choices": ", ".join(field.choices)}
    return "", {}


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)
