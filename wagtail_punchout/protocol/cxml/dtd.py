"""Validation against a folder of cXML DTDs, for reports and tests; never a gate, for real senders fail it.

Checking while parsing takes linear time and keeps at most a hundred findings. ``etree.DTD.validate`` on a finished
tree is quadratic in the number of findings and was measured at minutes for a megabyte. The sender's system id never
becomes a path: it only chooses among the versions that are there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lxml import etree

from wagtail_punchout.protocol.cxml import tree
from wagtail_punchout.protocol.cxml.doctype import read_prolog

Validator = Callable[[bytes], list[str]]

_FOLDER = re.compile(r"\d+\.\d+\.\d+")


def validator(directory: Path, version: str, module: str = "cXML") -> Validator:
    """A function from a document to its findings. ``LookupError`` when no version of the module is there.

    The nearest version that is not older counts, for within 1.2 the grammar practically only grows.
    """
    available = sorted(
        each.name for each in directory.iterdir() if _FOLDER.fullmatch(each.name) and (each / f"{module}.dtd").is_file()
    )
    if not available:
        raise LookupError(f"no {module}.dtd in any folder of {directory.name}")
    chosen = next((name for name in available if name >= version), available[-1])
    system_id = (directory / chosen / f"{module}.dtd").resolve().as_uri()
    return lambda raw: _findings(raw, system_id)


def problems(raw: bytes, directory: Path, version: str, module: str = "cXML") -> list[str]:
    """Where the document deviates, one sentence each; empty when it is valid. Raises ``Refused`` like ``parse``."""
    return validator(directory, version, module)(raw)


def _findings(raw: bytes, system_id: str) -> list[str]:
    document = tree.parse(raw)  # through the one door first: no entity and no foreign DTD gets past here
    end = read_prolog(document.text, limit=len(document.text)).end
    lines = "\n" * document.text.count("\n", 0, end)
    checked = f'<!DOCTYPE {document.root.tag} SYSTEM "{system_id}">{lines}{document.text[end:]}'
    # "internal" would break the parameter entities of the DTD itself.
    parser = etree.XMLParser(encoding="utf-8", dtd_validation=True, no_network=True, resolve_entities=False)
    with suppress(etree.XMLSyntaxError):
        etree.fromstring(checked.encode(), parser)
    return [f"line {entry.line}: {entry.message.strip()}" for entry in parser.error_log]
