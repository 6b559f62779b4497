"""The call-up: how a buyer's system opens the shop, with a form or a link that holds everything at once.

Nobody agrees on names. The hook is ``HOOK_URL``, ``hook_url`` or ``HOOK-URL``, the user ``USERNAME``, ``login``,
``cid`` or ``VIEW_ID``: names are read in any case, and each role has several. Values are decoded exactly once; the hook
belongs to the buyer, and an escape inside it has to come back as it came. A password comes out in one place only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial

from wagtail_punchout.protocol.oci.charset import CHARSETS, known
from wagtail_punchout.protocol.oci.parameters import (
    STRUCK,
    Parameter,
    check_size,
    key_of,
    parse,
    sounds_secret,
    without_secrets,
    without_the_unknown,
)


class Function(StrEnum):
    """What the buyer wants of the shop (``FUNCTION``); nothing said is an ordinary visit."""

    SHOP = ""
    DETAIL = "DETAIL"
    DETAILADD = "DETAILADD"
    VALIDATE = "VALIDATE"
    BACKGROUND_SEARCH = "BACKGROUND_SEARCH"
    SOURCING = "SOURCING"


#: One OCI 3.0 shop's own name for it, which buyers may have configured.
_SAME_FUNCTION = {"PRODUCTDETAILS": "DETAIL"}

#: Role -> the names it is called by, the most telling first; in lower case, and with _ for -.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "username": ("username", "login", "loginname", "cid", "view_id", "name", "u"),
    "password": ("password", "view_passwd", "p", "token"),
    "hook_url": ("hook_url", "hookurl", "mm_hook_url"),
    "function": ("function",),
    "product_id": ("productid",),
    "quantity": ("quantity",),
    "search": ("searchstring",),
    "vendor": ("vendor",),
    "target": ("returntarget", "~target"),
    "charset": ("http_content_charset",),
    "version": ("oci_version", "ociversion"),
    "language": ("langu", "language", "uilanguage", "sap_language"),
    "cancel_url": ("ocicancel",),
}
_ECHOED = ("~okcode", "~target", "~caller")
#: What else buyers are known to send, and therefore no part of a hook that was written without escapes.
_ALSO_SENT = {
    *("sap_client", "opi_version", "bypass_outb_handler", "country"),
    *("userid", "user_id", "email", "first_name", "last_name", "fname", "lname"),
}
#: SAP's own keys of one letter.
_SAP_LANGUAGES = {"D": "DE", "E": "EN", "F": "FR", "I": "IT", "N": "NL", "P": "PT", "S": "ES"}
_PRESET = re.compile(r"NEW_ITEM-([A-Z][A-Z0-9_]{0,39}?)(?:_\d+:132)?(?:\[\d*\])*", re.IGNORECASE)
_QUANTITY = re.compile(r"[0-9]{1,11}(\.[0-9]{1,3})?")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CallUp:
    """What one call said; texts are empty where it said nothing.

    ``charset`` is a Python codec. ``echo`` holds the control fields that go home as they came, ``presets`` the
    ``NEW_ITEM-`` values that every line shall carry. ``said`` is the whole call in its order with what is secret struck
    out, for the record; the password is nowhere but in ``password``. Until somebody has signed in ``said_unproved`` is
    the record: a password may have come under a name that is not read here.
    """

    username: str
    password: str
    hook_url: str
    function: Function = Function.SHOP
    unknown_function: str = ""
    product_id: str = ""
    quantity: Decimal | None = None
    search: str = ""
    vendor: str = ""
    target: str = ""
    echo: tuple[tuple[str, str], ...] = ()
    charset: str = ""
    version: str = ""
    language: str = ""
    cancel_url: str = ""
    presets: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    said_unproved: tuple[tuple[str, str], ...] = ()

    def given(self, name: str) -> str:
        """Any parameter of the call, whatever the case of its name; what is struck out is empty."""
        key = key_of(name)
        value = next((value for each, value in reversed(self.said) if key_of(each) == key), "")
        return "" if value == STRUCK else value

    def __repr__(self) -> str:
        return f"CallUp{self.said_unproved!r}"


def read_call_up(query: str, body: str, *, names: Mapping[str, Sequence[str]] | None = None) -> CallUp:
    """Read query string and form body; where both name something, the body counts, and what is said last.

    Both are the undecoded texts, one character for each byte. ``names`` are further spellings of roles, tried first.
    Whether user, password and hook are there is for the caller to ask. Raises ``UnacceptableContent`` for a call that
    is larger than any buyer's.
    """
    check_size(query, body)
    keys = _keys(names or {})
    codec = _codec(_last(parse(query, "") + parse(body, "")), keys)
    parts = parse(query, codec), parse(body, codec)
    parameters = [*parts[0], *parts[1]]
    last = _last(parameters)
    told = {role: _first(last, spelled) for role, spelled in keys.items()}
    function, unknown_function = _function(told["function"])
    said = without_secrets(parameters, told["password"], called=keys["password"])
    return CallUp(
        username=told["username"].strip(),
        password=told["password"],
        hook_url=_hook(parts, keys),
        function=function,
        unknown_function=unknown_function,
        product_id=told["product_id"].strip(),
        quantity=_quantity(told["quantity"].strip()),
        search=told["search"].strip(),
        vendor=told["vendor"].strip(),
        target=told["target"].strip(),
        echo=tuple((each.name, each.value) for key, each in last.items() if key in _ECHOED),
        charset=codec,
        version=told["version"].strip(),
        language=_SAP_LANGUAGES.get(told["language"].strip(), told["language"].strip()),
        cancel_url=told["cancel_url"].strip(),
        presets=_presets(parameters),
        said=said,
        said_unproved=without_the_unknown(parameters, said, is_harmless=partial(_is_harmless, keys=keys)),
    )


def read_names(text: str) -> dict[str, list[str]]:
    """Further spellings as staff write them, ``username = ORGANIZATION, NAME`` a line, for ``read_call_up``.

    Raises ``ValueError`` with a sentence that names the line.
    """
    names: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        role, _, spelled = line.partition("=")
        spellings = [each.strip() for each in spelled.split(",") if each.strip()]
        if not spellings:
            raise ValueError(f"Line {number}: write it like this: username = ORGANIZATION, NAME")
        if role.strip() not in SPELLINGS:
            raise ValueError(f"Line {number}: there is no {role.strip()!r}, only {', '.join(SPELLINGS)}.")
        names.setdefault(role.strip(), []).extend(spellings)
    return names


def _keys(names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {role: (*map(key_of, names.get(role, ())), *spelled) for role, spelled in SPELLINGS.items()}


def _last(parameters: Sequence[Parameter]) -> dict[str, Parameter]:
    return {each.key: each for each in parameters}


def _first(last: Mapping[str, Parameter], spelled: Sequence[str]) -> str:
    return next((last[key].value for key in spelled if key in last and last[key].value), "")


def _codec(last: Mapping[str, Parameter], keys: Mapping[str, Sequence[str]]) -> str:
    name = known(_first(last, keys["charset"]))
    return CHARSETS[name][0] if name else ""


def _function(said: str) -> tuple[Function, str]:
    name = said.strip().upper()
    try:
        return Function(_SAME_FUNCTION.get(name, name)), ""
    except ValueError:
        return Function.SHOP, said.strip()[:40]


def _quantity(said: str) -> Decimal | None:
    return Decimal(said) if _QUANTITY.fullmatch(said) else None


def _hook(parts: Sequence[Sequence[Parameter]], keys: Mapping[str, Sequence[str]]) -> str:
    """The hook. One that nobody encoded and that has a query owns what follows it, unless that is the call's own."""
    places = ((part, at) for key in keys["hook_url"] for part in reversed(parts) for at in _places(part, key))
    part, at = next(places, ((), 0))
    if not part:
        return ""
    hook = part[at].value.strip()
    own = [each.sent for each in part[at + 1 :] if not _is_of_the_call(each.key, keys)]
    return "&".join((hook, *own)) if part[at].is_open and "?" in hook else hook


def _places(part: Sequence[Parameter], key: str) -> list[int]:
    """Where ``key`` has a value, the last first."""
    return [at for at in reversed(range(len(part))) if part[at].key == key and part[at].value.strip()]


def _is_of_the_call(key: str, keys: Mapping[str, Sequence[str]]) -> bool:
    return _is_harmless(key, keys) or key in keys["password"] or sounds_secret(key)


def _is_harmless(key: str, keys: Mapping[str, Sequence[str]]) -> bool:
    """Whether ``key`` is known for something else than a password."""
    spelled = any(key in spellings for role, spellings in keys.items() if role != "password")
    return spelled or key in _ALSO_SENT or key.startswith(("~", "new_item_"))


def _presets(parameters: Sequence[Parameter]) -> tuple[tuple[str, str], ...]:
    named = ((_PRESET.fullmatch(each.name.strip()), each.value.strip()) for each in parameters)
    presets = {found[1].upper(): value for found, value in named if found}
    return tuple((name, value) for name, value in presets.items() if value)
