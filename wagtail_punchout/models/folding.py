"""One spelling for comparing and one for searching.

Buyers' systems write the same identity in several ways (``NetworkId``, blanks around it, other case); the guide
compares trimmed and lower-cased (p. 572).
"""

from __future__ import annotations

from anyascii import anyascii


def identity_key(text: str) -> str:
    """The spelling under which an identity is stored and compared."""
    return " ".join(text.split()).casefold()


def search_key(*texts: str) -> str:
    """The spelling in which people find things: without accents, in lower case."""
    return anyascii(" ".join(filter(None, texts))).lower()


def search_text(*texts: str) -> str:
    """All words in which something is found, each of them once, with a blank before each: there a word begins."""
    return "".join(f" {word}" for word in dict.fromkeys(search_key(*texts).split()))
