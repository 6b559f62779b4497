"""The return as it reaches the hook: the cart's fields, with the hook's own parameters among them.

A shop may leave the hook's query where it is or turn it into hidden fields, as long as each parameter arrives once.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from wagtail_punchout.testing.browsing import decode_form

Pairs = tuple[tuple[str, str], ...]


def arrived(sent: Sequence[str | bytes], hook_url: str, charset: str) -> tuple[Pairs, tuple[str, ...]]:
    """The fields in ``sent`` (the query, the body) without the hook's own, and what is wrong about those.

    The hook is an address, so its parameters are UTF-8 there; among the fields they are in the form's charset.
    """
    pairs = [pair for each in sent for pair in decode_form(each, charset)]
    as_address = [pair for each in sent for pair in decode_form(each)]
    own = parse_qsl(urlsplit(hook_url).query, keep_blank_values=True)
    complaints, taken = [], set()
    for wanted in own:
        places = {place for place, both in enumerate(zip(pairs, as_address, strict=True)) if wanted in both}
        taken |= places
        if len(places) != 1:
            often = "arrives more than once" if places else "does not arrive"
            complaints.append(f"The hook's own parameter {wanted[0]}={wanted[1]} {often}.")
    return tuple(pair for place, pair in enumerate(pairs) if place not in taken), tuple(complaints)
