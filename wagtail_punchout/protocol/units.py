"""Units of measure: what the shop calls them and what buyers' systems want to hear.

Shops speak UN/ECE Recommendation 20, and so does cXML. OCI wants the ISO code that the buyer's SAP system has in its
table T006, which is the same list with local habits: one system knows the piece as ``PCE``, another as ``EA``, a third
asks for its internal ``ST``. A code that it does not know makes the line vanish. So each link may have a table of its
own, and a map of what is usual stands behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wagtail_punchout.protocol.words import gettext_noop


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """``alternatives`` are other codes for the same that buyers are known to ask for, SAP's internal ones last."""

    code: str
    name: str
    alternatives: tuple[str, ...] = ()


_TABLE = (
    Unit(code="EA", name=gettext_noop("each"), alternatives=("PCE", "C62", "H87", "PC", "ST")),
    Unit(code="SET", name=gettext_noop("set")),
    Unit(code="PR", name=gettext_noop("pair"), alternatives=("PAA",)),
    Unit(code="PK", name=gettext_noop("pack"), alternatives=("XPK", "PA", "PAK")),
    Unit(code="BX", name=gettext_noop("box"), alternatives=("XBX", "KAR")),
    Unit(code="CT", name=gettext_noop("carton"), alternatives=("XCT", "CAR", "KAR")),
    Unit(code="CS", name=gettext_noop("case"), alternatives=("XCS",)),
    Unit(code="BG", name=gettext_noop("bag"), alternatives=("XBG",)),
    Unit(code="RO", name=gettext_noop("roll"), alternatives=("XRO", "ROL")),
    Unit(code="LEF", name=gettext_noop("leaf, sheet"), alternatives=("XST", "ST")),
    Unit(code="BO", name=gettext_noop("bottle"), alternatives=("XBO",)),
    Unit(code="RM", name=gettext_noop("ream")),
    Unit(code="TU", name=gettext_noop("tube"), alternatives=("XTU",)),
    Unit(code="CA", name=gettext_noop("can"), alternatives=("XCA",)),
    Unit(code="TN", name=gettext_noop("tin"), alternatives=("XTN",)),
    Unit(code="JR", name=gettext_noop("jar"), alternatives=("XJR",)),
    Unit(code="DR", name=gettext_noop("drum"), alternatives=("XDR",)),
    Unit(code="CR", name=gettext_noop("crate"), alternatives=("XCR",)),
    Unit(code="SA", name=gettext_noop("sack"), alternatives=("XSA",)),
    Unit(code="BE", name=gettext_noop("bundle"), alternatives=("XBE",)),
    Unit(code="CY", name=gettext_noop("cylinder"), alternatives=("XCY",)),
    Unit(code="PX", name=gettext_noop("pallet"), alternatives=("XPX",)),
    Unit(code="DZN", name=gettext_noop("dozen"), alternatives=("DZ",)),
    Unit(code="KGM", name=gettext_noop("kilogram"), alternatives=("KG",)),
    Unit(code="GRM", name=gettext_noop("gram"), alternatives=("G",)),
    Unit(code="TNE", name=gettext_noop("tonne"), alternatives=("TO",)),
    Unit(code="LTR", name=gettext_noop("litre"), alternatives=("L",)),
    Unit(code="MLT", name=gettext_noop("millilitre"), alternatives=("ML",)),
    Unit(code="MTR", name=gettext_noop("metre"), alternatives=("M",)),
    Unit(code="CMT", name=gettext_noop("centimetre"), alternatives=("CM",)),
    Unit(code="MMT", name=gettext_noop("millimetre"), alternatives=("MM",)),
    Unit(code="KMT", name=gettext_noop("kilometre"), alternatives=("KTM", "KM")),
    Unit(code="MTK", name=gettext_noop("square metre"), alternatives=("M2",)),
    Unit(code="MTQ", name=gettext_noop("cubic metre"), alternatives=("M3",)),
    Unit(code="HUR", name=gettext_noop("hour"), alternatives=("STD",)),
    Unit(code="DAY", name=gettext_noop("day"), alternatives=("TAG",)),
    Unit(code="MON", name=gettext_noop("month")),
    Unit(code="LS", name=gettext_noop("lump sum")),
    Unit(code="KWH", name=gettext_noop("kilowatt hour")),
    Unit(code="MIN", name=gettext_noop("minute")),
    Unit(code="WEE", name=gettext_noop("week")),
    Unit(code="ANN", name=gettext_noop("year")),
    Unit(code="INH", name=gettext_noop("inch")),
    Unit(code="FOT", name=gettext_noop("foot")),
    Unit(code="YRD", name=gettext_noop("yard")),
    Unit(code="LBR", name=gettext_noop("pound")),
    Unit(code="ONZ", name=gettext_noop("ounce")),
    Unit(code="GLL", name=gettext_noop("gallon (US)")),
)
UNITS: dict[str, Unit] = {unit.code: unit for unit in _TABLE}

#: What SAP systems are most often set up for, by the shop's code; the link's own table goes first. ``ST`` is left out:
#: the standard says sheet, SAP says piece.
DEFAULT_OCI: Mapping[str, str] = {
    **dict.fromkeys(("EA", "C62", "H87", "PCE", "PC"), "PCE"),
    **{code: code for code in ("SET", "PR", "PK", "BX", "CT", "CS", "BG", "RO", "LEF", "BO", "DZN")},
    **{"X" + code: code for code in ("PK", "BX", "CT", "CS", "BG", "RO", "BO")},
    **{"XST": "LEF", "PA": "PK"},
    **{code: code for code in ("KGM", "GRM", "TNE", "LTR", "MLT", "MTR", "CMT", "MMT", "KMT", "MTK", "MTQ")},
    **{code: code for code in ("HUR", "DAY", "MON", "LS", "KWH")},
}


def translate(code: str, table: Mapping[str, str]) -> str:
    """What the link's ``table`` makes of the shop's ``code``; the code itself where it says nothing."""
    return table.get(code) or code


def to_buyer(code: str, table: Mapping[str, str], format: str) -> str:
    """The unit as it is sent: by the link's table, else for OCI by what is usual, else as the shop says it."""
    usual = DEFAULT_OCI.get(code, code) if _is_oci(format) else code
    return table.get(code) or usual


def is_settled(code: str, table: Mapping[str, str], format: str) -> bool:
    """Whether somebody has decided how the buyer hears ``code``, or nobody needs to.

    In cXML a code of Recommendation 20 needs no translation. In OCI only those that SAP systems usually have count.
    """
    return bool(table.get(code)) or code in (DEFAULT_OCI if _is_oci(format) else UNITS.keys() | _RECOMMENDED)


def suggestions(code: str, format: str) -> tuple[str, ...]:
    """Codes that a buyer may know the shop's ``code`` by, best first; empty for a code that is unknown here."""
    meant = [UNITS[code]] if code in UNITS else [unit for unit in _TABLE if code in unit.alternatives]
    known_by = (each for unit in meant for each in (to_buyer(unit.code, {}, format), unit.code, *unit.alternatives))
    return tuple(dict.fromkeys(known_by))


#: Recommendation 20 has several codes for the piece, and those of packaging that Recommendation 21 lends it.
_RECOMMENDED = {"C62", "H87", "PCE"} | {code for code in DEFAULT_OCI if len(code) == 3 and code.startswith("X")}


def _is_oci(format: str) -> bool:
    return format.startswith("oci")
