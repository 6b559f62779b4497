"""The shop's own texts come in two languages, side by side in one record: enough for a demo, and for two languages."""

import unicodedata

from django.utils.translation import get_language


def in_language(english: str, german: str, language: str | None = None) -> str:
    """The text in ``language`` (default: the visitor's); English where the German one is missing."""
    language = language or get_language() or "en"
    return german if german and language.lower().startswith("de") else english


def folded(text: str) -> str:
    """How texts are compared in a search: ``Müllbeutel``, ``mullbeutel`` and ``MÜLLBEUTEL`` are one word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))
