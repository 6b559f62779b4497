"""What a mapping row can fill, in each format.

OCI has the fields of its version, and whatever else two parties agree on; cXML has elements of an ItemDetail, and names
of their own for commodity codes and Extrinsics. What cXML itself computes (prices, numbers, keys) is no target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from wagtail_punchout.protocol.mapping_problems import Malformed
from wagtail_punchout.protocol.oci import fields
from wagtail_punchout.protocol.oci.fields import Version
from wagtail_punchout.protocol.words import Sentence, gettext_noop, joined

CXML = "cxml"


@dataclass(frozen=True, slots=True)
class Target:
    """One field of the buyer. ``width`` is in characters, ``None`` for no known limit.

    A name that ends with a colon wants another name after it. A line without a needed one cannot be sent.
    """

    name: str
    explanation: str
    width: int | None = None
    is_needed: bool = False

    @property
    def is_open(self) -> bool:
        return self.name.endswith(":")


_CXML_TARGETS = (
    Target("SupplierPartID", gettext_noop("The shop's product number."), is_needed=True),
    Target("BuyerPartID", gettext_noop("The buyer's own product number.")),
    Target("Description", gettext_noop("Description of the item, in the language of the visit.")),
    Target("ShortName", gettext_noop("Short name within the description, for lists.")),
    Target("UnitOfMeasure", gettext_noop("Unit of measure, by default as the unit table has it."), is_needed=True),
    Target("ManufacturerPartID", gettext_noop("The manufacturer's product number.")),
    Target("ManufacturerName", gettext_noop("Name of the manufacturer.")),
    Target("URL", gettext_noop("Page of the item.")),
    Target("LeadTime", gettext_noop("Days until the item can be delivered.")),
    Target("Comments", gettext_noop("What the shopper wrote to the line.")),
    Target(
        "Classification:", gettext_noop("Commodity code in the classification named after the colon, such as UNSPSC.")
    ),
    Target("Extrinsic:", gettext_noop("Further detail under the name after the colon, by agreement with the buyer.")),
)


@lru_cache
def targets_of(format: str) -> tuple[Target, ...]:
    """Everything an editor suggests for ``format`` (``cxml``, ``oci3``, ``oci4``, ``oci5``)."""
    if format == CXML:
        return _CXML_TARGETS
    version = Version(format)
    return tuple(
        Target(field.name, joined(Sentence(field.meaning), field.rule), field.widths[version], field.always)
        for field in fields.fields_of(version)
    )


def check_target(name: str, format: str) -> None:
    """Raise :class:`Malformed` where ``format`` has no such field; OCI takes any name that looks like one."""
    if not name:
        raise Malformed("missing_target")
    if format == CXML:
        _check_cxml(name)
    elif not fields.FREE_NAME.fullmatch(name) or (name in fields.FIELDS and not _is_in(name, format)):
        raise Malformed("unknown_target", target=name[:60], format=label(format))


def check_value(name: str, value: str, format: str) -> None:
    """Raise :class:`Malformed` where a field that exists can never hold ``value``."""
    if not value.strip():
        if any(target.name == name and target.is_needed for target in targets_of(format)):
            raise Malformed("needed", target=name)
    elif reason := _misfit_of_cxml(name, value) if format == CXML else _misfit_of_oci(name, value, Version(format)):
        raise Malformed("misfit", reason=reason)


def label(format: str) -> str:
    """What people call the format."""
    return "cXML" if format == CXML else Version(format).label


def _is_in(name: str, format: str) -> bool:
    return fields.field_of(name, Version(format)) is not None


def _check_cxml(name: str) -> None:
    prefix, colon, rest = name.partition(":")
    if prefix + colon not in {target.name for target in _CXML_TARGETS}:
        raise Malformed("unknown_target", target=name[:60], format=label(CXML))
    if colon and not rest.strip():
        raise Malformed("unnamed_target", target=name)


def _misfit_of_cxml(name: str, value: str) -> str:
    is_wrong = name == "LeadTime" and not re.fullmatch(r"\s*[0-9]{1,5}\s*", value)
    if not is_wrong:
        return ""
    return Sentence(gettext_noop("LeadTime takes a whole number of days, not %(value)s."), value=repr(value[:40]))


def _misfit_of_oci(name: str, value: str, version: Version) -> str:
    return fields.misfit(name, fields.fit(name, value, version), version)
