"""The charset in which a cart goes home.

The page with the form must be in the charset that the call asked for. What that cannot carry a browser posts as
``&#8364;``, which the buyer then reads on the order; so texts are made to fit before, the rest in Latin letters. And a
page that says ISO-8859-1 is read as windows-1252 by every browser, while the buyer's system means what it says: only
what both understand the same is sent.
"""

from __future__ import annotations

import re
from encodings.aliases import aliases
from unicodedata import normalize

from anyascii import anyascii

#: What OCI has always meant where a call names no charset.
DEFAULT = "iso-8859-1"

#: Name -> the codec that writes a page in it, and the codec with which browsers read and post that page (WHATWG).
CHARSETS: dict[str, tuple[str, str]] = {
    "utf-8": ("utf-8", "utf-8"),
    "us-ascii": ("ascii", "cp1252"),
    "iso-8859-1": ("latin-1", "cp1252"),
    "iso-8859-2": ("iso8859-2", "iso8859-2"),
    "iso-8859-5": ("iso8859-5", "iso8859-5"),
    "iso-8859-7": ("iso8859-7", "iso8859-7"),
    "iso-8859-9": ("iso8859-9", "cp1254"),
    "iso-8859-13": ("iso8859-13", "iso8859-13"),
    "iso-8859-15": ("iso8859-15", "iso8859-15"),
    "windows-1250": ("cp1250", "cp1250"),
    "windows-1251": ("cp1251", "cp1251"),
    "windows-1252": ("cp1252", "cp1252"),
    "windows-1253": ("cp1253", "cp1253"),
    "windows-1254": ("cp1254", "cp1254"),
    "windows-1257": ("cp1257", "cp1257"),
    "koi8-r": ("koi8-r", "koi8-r"),
    "shift_jis": ("shift_jis", "cp932"),
    "euc-jp": ("euc_jp", "euc_jp"),
    "gb2312": ("gb2312", "gbk"),
    "gbk": ("gbk", "gbk"),
    "gb18030": ("gb18030", "gb18030"),
    "big5": ("big5", "big5hkscs"),
    "euc-kr": ("euc_kr", "cp949"),
}

#: Labels of the WHATWG list that Python has no alias for.
_WEB_LABELS = {
    "unicode11utf8": "utf-8",
    "unicode20utf8": "utf-8",
    "xunicode20utf8": "utf-8",
    "xcp1250": "windows-1250",
    "xcp1251": "windows-1251",
    "xcp1252": "windows-1252",
    "xcp1253": "windows-1253",
    "xcp1254": "windows-1254",
    "xcp1257": "windows-1257",
    "xsjis": "shift_jis",
    "mskanji": "shift_jis",
    "windows31j": "shift_jis",
    "xgbk": "gbk",
    "xeucjp": "euc-jp",
    "xxbig5": "big5",
}

#: Everything that some reader takes for the end of a line.
_LINE_END = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def known(label: str) -> str:
    """The name in ``CHARSETS`` for any spelling of it (``latin1``, ``ISO8859_1``, ``cp819``); empty for others."""
    return _NAMES.get(_letters(label), "")


def plain(text: str) -> str:
    """``text`` with every line ending in ``\\n``, and without control characters and halves of characters."""
    if text.isprintable():
        return text  # nearly always, and a long cart asks ten thousand times
    return _CONTROL.sub("", _LINE_END.sub("\n", text))


def fitting(text: str, charset: str) -> str:
    """``text`` as ``charset`` can carry it, the rest transliterated; call it before texts are measured and cut.

    ``charset`` is any label; one that is not ``known`` counts as ``DEFAULT``.
    """
    if text.isascii() and text.isprintable():
        return text  # every charset of the table has these where ASCII has them
    writes, reads = CHARSETS[known(charset) or DEFAULT]
    text = plain(text)
    if _survives(text, writes, reads):
        return text
    composed = normalize("NFC", text)  # u and a diaeresis are two characters that no old charset has
    return plain("".join(each if _survives(each, writes, reads) else anyascii(each) for each in composed))


def _survives(text: str, writes: str, reads: str) -> bool:
    try:
        return text.encode(writes).decode(reads) == text
    except UnicodeError:
        return False


def _letters(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label[:60].lower())


def _all_names() -> dict[str, str]:
    """Every spelling without its dots and dashes; a table, because Python remembers each label it does not know."""
    by_codec = {_letters(writes): name for name, (writes, _) in CHARSETS.items()}
    spelled = {_letters(alias): by_codec.get(_letters(codec), "") for alias, codec in aliases.items()}
    own = {_letters(name): name for name in CHARSETS}
    return {**spelled, **by_codec, **own, **_WEB_LABELS}


_NAMES = _all_names()
