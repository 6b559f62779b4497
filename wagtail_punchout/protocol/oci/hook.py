"""The hook, SAP's HOOK_URL: the address that a cart goes home to.

It may have a query of its own, which identifies the buyer's transaction and has to come back. One school puts the
address into the form as it is; the other takes the query out and sends it as hidden inputs. A form with method GET
leaves no choice, because browsers replace the query of its address.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from wagtail_punchout.protocol.oci.charset import CHARSETS, DEFAULT, known


def split(url: str, charset: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The address without its query, and the query as inputs, in order and with those that are empty.

    ``charset`` is that of the page: the browser writes the same bytes again only if they are read as it reads them.
    """
    address, _, fragment = url.partition("#")
    action, _, query = address.partition("?")
    return f"{action}#{fragment}" if fragment else action, tuple(_inputs(query, charset))


def _inputs(query: str, charset: str) -> list[tuple[str, str]]:
    reads = CHARSETS[known(charset) or DEFAULT][1]
    try:
        return parse_qsl(query, keep_blank_values=True, encoding=reads, errors="strict")
    except UnicodeDecodeError:
        return parse_qsl(query, keep_blank_values=True, encoding="latin-1")
