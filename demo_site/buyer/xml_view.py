"""Shows a document so that people can read it: indented, with the parts of the markup in colors."""

from __future__ import annotations

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from lxml import etree

LARGEST = 200_000
ATTRIBUTE = re.compile(r"(\s+[\w:.-]+)(=\"[^\"]*\")")
MARKUP = re.compile(r"(<!--.*?-->|<[?!][^>]*>|<[^>]*>)", re.DOTALL)


def readable(document: str) -> str:
    """The document indented; as it is where it cannot be parsed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True, encoding="utf-8")
    try:
        tree = etree.fromstring(document.strip().encode(), parser).getroottree()
    except (etree.XMLSyntaxError, ValueError):
        return document
    declared = f"{tree.docinfo.doctype}\n" if tree.docinfo.doctype else ""
    return declared + etree.tostring(tree.getroot(), pretty_print=True, encoding="unicode").strip()


def in_colors(document: str) -> SafeString:
    """HTML of the indented document. Every piece of it is escaped: it comes from strangers."""
    if len(document) > LARGEST:
        return format_html("{}", document)
    return format_html_join("", "{}", ((_piece(part),) for part in MARKUP.split(readable(document)) if part))


def _piece(part: str) -> SafeString:
    if not part.startswith("<"):
        return format_html("{}", part)
    if part.startswith(("<!", "<?")):
        return format_html('<span class="x-meta">{}</span>', part)
    pieces = []
    place = 0
    for found in ATTRIBUTE.finditer(part):
        pieces.append(("x-tag", part[place : found.start()]))
        pieces.append(("x-name", found[1]))
        pieces.append(("x-value", found[2]))
        place = found.end()
    pieces.append(("x-tag", part[place:]))
    return format_html_join("", '<span class="{}">{}</span>', (each for each in pieces if each[1]))
