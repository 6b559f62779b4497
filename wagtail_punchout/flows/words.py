"""The words of the protocol in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from wagtail_punchout.protocol.words import Sentence


def translated(words: str) -> str:
    """Marked words, or a sentence with all that it was made of."""
    if isinstance(words, Sentence):
        return gettext(words.template) % translated_params(words.params) if words else ""
    return gettext(words) if words else ""


def translated_params(params: Mapping[str, object]) -> dict[str, object]:
    """What goes into a sentence: sentences are translated, values are not."""
    return {name: translated(each) if isinstance(each, Sentence) else each for name, each in params.items()}
