"""The parameters of a call, decoded once, and the same without what is secret.

Buyers send passwords in places nobody foresees: under names of their own, twice, in a query and a form. So names
decide, generously, and the password that counts is struck out wherever else it turns up. As long as nobody knows who is
calling, nobody knows either what that buyer calls its password: then only names count that are known to hold none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote_to_bytes

from wagtail_punchout.protocol.errors import UnacceptableContent
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.oci.charset import plain

MOST_PARAMETERS = 1000
MOST_CHARACTERS = 256 * 1024
STRUCK = "***"
#: A shorter password is struck out only where it is the whole value, or little would be left of a call.
SHORTEST_STRUCK = 6

#: Words for it in the languages of buyers. SAP's BYPASS_OUTB_HANDLER is none, and neither is a SHIPPING address.
_SECRET = re.compile(
    "secret|(?<!by)pass|pwd|kennwort|mdp|clave|contrase|token|api_?key|(?<![a-z])p(?:w|in)(?![a-z])", re.IGNORECASE
)
_WORD = re.compile(r"[\w~.:\[\]-]*")
#: Where another address or another call begins within a value.
_BEGINNING = re.compile(r"[^?&]*[?&]?")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Parameter:
    """``sent`` is the whole of name and value, decoded; an open value is an address that nobody has encoded.

    It has no repr: the value may be the password, and what is in a frame ends up in error reports.
    """

    name: str
    value: str
    sent: str
    is_open: bool

    @property
    def key(self) -> str:
        return key_of(self.name)


def check_size(query: str, body: str) -> None:
    """Raise ``UnacceptableContent`` for a call that is larger than any buyer's."""
    if query.count("&") + body.count("&") >= MOST_PARAMETERS:
        raise UnacceptableContent(f"The call has more than {MOST_PARAMETERS} parameters.", code=Failure.CALL_TOO_LARGE)
    if len(query) + len(body) > MOST_CHARACTERS:
        raise UnacceptableContent(f"The call is larger than {MOST_CHARACTERS // 1024} kB.", code=Failure.CALL_TOO_LARGE)


def key_of(name: str) -> str:
    """What a name is compared by: neither its case counts nor whether it has ``-`` or ``_``."""
    return name.strip().lower().replace("-", "_")


def parse(text: str, codec: str) -> list[Parameter]:
    """The parameters of a query or a form body, in order; ``codec`` is for values that are not UTF-8."""
    return [_parameter(piece, codec) for piece in text.split("&") if piece]


def _parameter(piece: str, codec: str) -> Parameter:
    name, _, value = piece.partition("=")
    is_open = "://" in value  # whoever leaves that as it is does not write blanks as + either
    return Parameter(
        name=_decoded(name.replace("+", " "), codec),
        value=_decoded(value if is_open else value.replace("+", " "), codec),
        sent=_decoded(piece, codec),
        is_open=is_open,
    )


def _decoded(text: str, codec: str) -> str:
    """UTF-8 if it can be, for text in another charset is practically never valid UTF-8; else the call's own charset."""
    raw = unquote_to_bytes(text.encode("latin-1", "replace"))
    for each in ("utf-8", codec or "latin-1"):
        try:
            return plain(raw.decode(each))
        except UnicodeDecodeError:
            continue
    return plain(raw.decode("latin-1"))


def sounds_secret(name: str) -> bool:
    """Whether what is called ``name`` is likely to be a secret."""
    return bool(_SECRET.search(name))


def without_secrets(
    parameters: Sequence[Parameter], password: str, *, called: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Names and values for the record, with ``STRUCK`` for secrets; ``called`` are the names that passwords have."""
    return tuple(_without_secret(each, password, called) for each in parameters)


def _without_secret(parameter: Parameter, password: str, called: Sequence[str]) -> tuple[str, str]:
    whole = parameter.name.strip()
    name = _word(whole)
    if key_of(name) in called or sounds_secret(whole) or (password and parameter.value == password):
        # A call that was encoded twice has its value in the name.
        return name, STRUCK if parameter.value or name != whole else ""
    return _struck(parameter.name, password), _struck(parameter.value, password)


def without_the_unknown(
    parameters: Sequence[Parameter], said: Sequence[tuple[str, str]], *, is_harmless: Callable[[str], bool]
) -> tuple[tuple[str, str], ...]:
    """The same record of a call that nobody has proved to be theirs; ``is_harmless`` knows the keys that may be kept.

    Those too only up to a ``?`` or ``&``: a call that was encoded as a whole stands behind it.
    """
    return tuple(_without_the_unknown(*each, is_harmless) for each in zip(parameters, said, strict=True))


def _without_the_unknown(
    parameter: Parameter, said: tuple[str, str], is_harmless: Callable[[str], bool]
) -> tuple[str, str]:
    name, value = said
    if is_harmless(parameter.key):
        kept = _beginning(_BEGINNING, value)
        return name, kept if kept == value else kept + STRUCK
    # Without = it may be the end of a password that had an & in it.
    word = _word(name.strip()) if "=" in parameter.sent else STRUCK
    return word, STRUCK if value or word != name.strip() else ""


def _word(text: str) -> str:
    """The beginning of ``text`` that can be the name of a parameter."""
    return _beginning(_WORD, text)


def _beginning(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[0] if found else ""


def _struck(text: str, password: str) -> str:
    """``text`` without the password, should that be a part of it."""
    if len(password) < SHORTEST_STRUCK:
        return text
    for written in (password, quote(password, safe=""), quote_plus(password)):
        text = text.replace(written, STRUCK)
    return text
