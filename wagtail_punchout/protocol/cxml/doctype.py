"""The prolog of a stranger's document, read here so that libxml2 never sees a DOCTYPE.

An external DTD, an entity or a parameter entity can only be declared before the root element. All of that part is
walked by the few patterns below and then cut away; what is left begins at ``<`` and the first letter of the root's
name, where a declaration can no longer stand. The scan must end exactly there: a version that ended at "anything else"
could be talked into leaving a DOCTYPE behind.

Real senders use no DOCTYPE, a bare name, SYSTEM or PUBLIC, and now and then an internal subset. The subset is taken
when it declares no entities (the rest of it is harmless, and is ignored).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wagtail_punchout.protocol.errors import DocumentTooLarge, UnreadableDocument

BLANKS = " \t\r\n"

# Possessive quantifiers (*+) never go back, so the scan stays linear in the length of the prolog.
_XML = re.compile(r"<\?xml[ \t\r\n][^<>]*+>")
_BETWEEN = re.compile(r"(?:[ \t\r\n]++|<!--(?:[^-]|-(?!->))*+-->|<\?(?![xX][mM][lL][ \t\r\n?])(?:[^?]|\?(?!>))*+\?>)++")
_DOCTYPE = re.compile(
    r"""
    <!DOCTYPE \s++ (?P<name>[A-Za-z_][\w:.-]*+)
    (?: \s++ SYSTEM \s++ (?P<system>"[^"]*+"|'[^']*+')
      | \s++ PUBLIC \s++ (?P<public>"[^"]*+"|'[^']*+') \s++ (?P<system2>"[^"]*+"|'[^']*+') )?
    \s*+
    (?: \[ (?: \s++
             | <!--(?:[^-]|-(?!->))*+-->
             | <!(?:ELEMENT|ATTLIST|NOTATION)\s(?:[^<>"'%&]|"[^"%&<]*+"|'[^'%&<]*+')*+>
           )*+ \] \s*+ )?
    >
    """,
    re.VERBOSE,
)
_ROOT = re.compile(r"<[^\W\d]")  # a letter or an underscore, in any alphabet
_NOT_NEWLINE = re.compile(r"[^\n]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Prolog:
    """What stood before the root element, and where that begins."""

    system_id: str = ""
    public_id: str = ""
    end: int


def read_prolog(text: str, *, limit: int) -> Prolog:
    """Walk up to the root element; ``UnreadableDocument`` for anything a message does not need."""
    start = at = len(text) - len(text.lstrip(BLANKS))
    at = _past(_XML, text, at)
    at = _past(_BETWEEN, text, at)
    doctype = _DOCTYPE.match(text, at)
    if doctype:
        at = _past(_BETWEEN, text, doctype.end())
    if at - start > limit:
        raise DocumentTooLarge(f"More than {limit} characters stand before the root element.")
    if not _ROOT.match(text, at):
        raise UnreadableDocument(_complaint(text, at))
    if not doctype:
        return Prolog(end=at)
    system = doctype["system"] or doctype["system2"] or "''"
    return Prolog(system_id=system[1:-1].strip(), public_id=(doctype["public"] or "''")[1:-1].strip(), end=at)


def blank_prolog(text: str, prolog: Prolog) -> str:
    """The text with blanks in place of its prolog, so that positions in error messages stay the sender's."""
    return _NOT_NEWLINE.sub(" ", text[: prolog.end]) + text[prolog.end :]


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _complaint(text: str, at: int) -> str:
    if not text[at:].strip():
        return "The body holds no XML element. Post the cXML document as the body of the request."
    line = text.count("\n", 0, at) + 1
    if text.startswith("<!", at):
        return (
            f"The document type declaration in line {line} is not accepted. "
            'Send only <!DOCTYPE cXML SYSTEM "...">, without entities.'
        )
    return f"Line {line}: expected the root element cXML, found something else. The body must be one XML document."
