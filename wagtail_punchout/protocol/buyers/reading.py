"""Reading profiles: one TOML file a system, written by hand, here or in a project.

``docs/reference/buyer-profiles.md`` describes the files. Everything that could be a slip is refused with a sentence:
a misspelt target would otherwise limit nothing, and nobody would notice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from wagtail_punchout.protocol import limits
from wagtail_punchout.protocol.buyers.profiles import FORMATS, Confidence, Fact, Kind, Profile, expanded
from wagtail_punchout.protocol.limits import Limit
from wagtail_punchout.protocol.mapping_problems import Malformed
from wagtail_punchout.protocol.targets import CXML, check_target

#: The fields of a link that a profile may fill, and what they may hold: one of some texts, or a type.
SETTINGS: Mapping[str, tuple[str, ...] | type] = {
    "allow_get": bool,
    "allow_sapevent": bool,
    "parameter_names": str,
    "visit_minutes": int,
    "return_method": ("post", "get"),
    "hook_mode": ("as_is", "split"),
    "return_charset": ("", "utf-8", "iso-8859-1", "iso-8859-15", "windows-1252"),
    "send_empty_fields": bool,
    "echo_fields": ("as_called", "always", "never"),
    "most_fields": int,
    "return_encoding": ("base64", "urlencoded"),
    "operation_allowed": ("create", "inspect", "edit"),
    "post_on_cancel": bool,
    "send_price_basis": bool,
    "prices": ("net", "gross"),
    "shipping_as": ("auto", "header", "line", "omit"),
    "tax_as": ("auto", "header", "line", "omit"),
    "window_target": ("auto", "_self", "_parent", "_top", "_blank"),
    "window_name": str,
    "return_origins": str,
    "frame_origins": str,
}

#: What whoever sets up the buyer's system is told; each system has names of its own for these values.
FIELDS = (
    "from_domain",
    "from_identity",
    "to_domain",
    "to_identity",
    "sender_domain",
    "sender_identity",
    "secret",
    "setup_url",
    "order_url",
    "oci_url",
    "oci_username",
    "oci_password",
    "oci_call",
)

#: The file's name without ending, as a link keeps it.
_SLUG = re.compile(r"[a-z0-9-]{1,60}")

#: Values of a cXML cart that no mapping row writes, and that buyers limit all the same. OCI has fields for them.
UNMAPPED_TARGETS = frozenset({"UnitPrice", "SupplierPartAuxiliaryID"})


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles that come with the package, by slug, in the order of their names."""
    found = [file for file in files(__package__).iterdir() if file.name.endswith(".toml")]
    profiles = [read_profile(file.read_text(encoding="utf-8"), file.name) for file in found]
    ordered = sorted(profiles, key=lambda profile: profile.name.casefold())
    return MappingProxyType({profile.slug: profile for profile in ordered})


def read_files(paths: Iterable[str | PathLike[str]]) -> dict[str, Profile]:
    """A project's own profiles by slug; raises ``ValueError`` with a sentence that names the file."""
    profiles: dict[str, Profile] = {}
    for path in paths:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{path} cannot be read: {error}") from error
        profile = read_profile(text, str(path))
        if profile.slug in profiles:
            raise ValueError(f"{path}: another file has the name {profile.slug!r} too; the file's name is its key.")
        profiles[profile.slug] = profile
    return profiles


def read_profile(text: str, origin: str) -> Profile:
    """Read one TOML file. ``origin`` is its path, whose last part without ending becomes the slug.

    Raises ``ValueError`` with a sentence that names the file and the fact at fault.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{origin} is not TOML: {error}") from error
    try:
        return _profile(data, PurePath(origin).stem)
    except ValueError as error:
        raise ValueError(f"{origin}: {error}") from error


def _profile(data: Mapping[str, Any], slug: str) -> Profile:
    if unknown := sorted(set(data) - {"name", "facts"}):
        raise ValueError(f"{unknown[0]!r} is not known here; a profile has 'name' and 'facts'.")
    if not _SLUG.fullmatch(slug):
        raise ValueError("a profile's file is called by small letters, digits and hyphens, 60 at most, and .toml.")
    if not _is_text(data.get("name")):
        raise ValueError("'name' must say what the system is called.")
    tables = data.get("facts", [])
    if not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        raise ValueError("'facts' must be tables, each under a heading [[facts]].")
    facts = []
    for number, table in enumerate(tables, start=1):
        try:
            facts.append(_fact(table))
        except ValueError as error:
            raise ValueError(f"fact {number}: {error}") from error
    profile = Profile(slug=slug, name=data["name"], facts=tuple(facts))
    _refuse_contradictions(profile)
    return profile


def _refuse_contradictions(profile: Profile) -> None:
    """Two facts about the same thing in the same format: which of them should hold?"""
    for format in expanded(FORMATS):
        told: set[tuple[Kind, str]] = set()
        for fact in profile.within(format).facts:
            if fact.about and (fact.kind, fact.about) in told:
                raise ValueError(f"two facts say what {fact.about!r} is in {format}.")
            told.add((fact.kind, fact.about))


def _fact(table: Mapping[str, Any]) -> Fact:
    kinds = [kind for kind in Kind if kind in table]
    if len(kinds) != 1:
        raise ValueError(f"it must have exactly one of {', '.join(Kind)}.")
    kind, formats = kinds[0], expanded(_formats(table.get("formats", list(FORMATS)), "formats"))
    allowed = {kind, "formats", "source", "source_no", "confidence", *_KEYS_OF.get(kind, ())}
    if unknown := sorted(set(table) - allowed):
        raise ValueError(f"{unknown[0]!r} does not belong to a {kind}.")
    if not _is_text(table.get("source")):
        raise ValueError("'source' must say where this is known from.")
    if table.get("confidence") not in list(Confidence):
        raise ValueError("'confidence' must be A (said by the vendor), B (seen) or C (told by others).")
    if type(table.get("source_no", "")) not in (int, str):
        raise ValueError("'source_no' must be a number or a short name.")
    about, value, formats = _CONTENTS[kind](table, formats)
    return Fact(
        kind=kind,
        about=about,
        value=value,
        formats=formats,
        source=table["source"],
        confidence=Confidence(table["confidence"]),
        source_no=table.get("source_no", ""),
    )


#: What a fact says: about what, which value, and in which of the formats.
_Content = tuple[str, bool | int | str | Limit | tuple[str, ...], tuple[str, ...]]


def _speaks(table: Mapping[str, Any], formats: tuple[str, ...]) -> _Content:
    return "", _formats(table["speaks"], "speaks"), formats


def _setting(table: Mapping[str, Any], formats: tuple[str, ...]) -> _Content:
    name, value = table["setting"], table.get("value")
    if not _is_text(name) or name not in SETTINGS:
        raise ValueError(f"a link has no setting {name!r} that a profile could fill.")
    wanted = SETTINGS[name]
    if isinstance(wanted, tuple) and value not in wanted:
        raise ValueError(f"{name!r} must be one of {', '.join(map(repr, wanted))}.")
    if isinstance(wanted, type) and type(value) is not wanted:
        raise ValueError(f"{name!r} must be {_TYPES[wanted]}.")
    return name, table["value"], formats


def _limit(table: Mapping[str, Any], formats: tuple[str, ...]) -> _Content:
    target = table["limit"]
    if not _is_text(target):
        raise ValueError("'limit' must name a target.")
    limit = limits.limit_from({key: value for key, value in table.items() if key in limits.KEYS})
    having = tuple(format for format in formats if _has_target(format, target))
    if not having:
        raise ValueError(f"there is no target {target!r} that could be limited.")
    return target, limit, having


def _field(table: Mapping[str, Any], formats: tuple[str, ...]) -> _Content:
    field = table["field"]
    if field not in FIELDS:
        raise ValueError(f"no connection has a value {field!r}.")
    if not _is_text(table.get("name")):
        raise ValueError("'name' must say what that system calls it.")
    is_oci = field.startswith("oci_")
    having = tuple(format for format in formats if is_oci == (format != CXML))
    if not having:
        raise ValueError(f"connections in these formats have no value {field!r}.")
    return field, table["name"], having


def _note(table: Mapping[str, Any], formats: tuple[str, ...]) -> _Content:
    if not _is_text(table["note"]):
        raise ValueError("'note' must be a sentence.")
    return "", table["note"], formats


_CONTENTS = {
    Kind.SPEAKS: _speaks,
    Kind.SETTING: _setting,
    Kind.LIMIT: _limit,
    Kind.FIELD: _field,
    Kind.NOTE: _note,
}
_KEYS_OF = {Kind.SETTING: ("value",), Kind.LIMIT: limits.KEYS, Kind.FIELD: ("name",)}
_TYPES: Mapping[type, str] = {bool: "true or false", int: "a whole number", str: "a text"}


def _formats(value: Any, key: str) -> tuple[str, ...]:
    if not (isinstance(value, list) and value and all(_is_text(each) and each in FORMATS for each in value)):
        raise ValueError(f"{key!r} must be a list of formats: {', '.join(FORMATS)}.")
    return tuple(value)


def _has_target(format: str, target: str) -> bool:
    if format == CXML and target in UNMAPPED_TARGETS:
        return True
    try:
        check_target(target, format)
    except Malformed:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
