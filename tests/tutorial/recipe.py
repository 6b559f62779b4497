"""Reads the blocks of a Markdown page and does with them what the page tells a reader to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: ``# shop/urls.py`` or ``{# base.html: at the end #}``: the file, and what to do with the block there.
_FIRST_LINE = re.compile(r"^(?:# |\{# )(?P<file>[\w./ ]+?)(?:: (?P<where>.+?))?(?: #\})?$")


@dataclass(frozen=True)
class Block:
    """One fenced block. Without ``where`` it is the whole of its file."""

    language: str
    file: str
    where: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Those that are not blank."""
        return [line for line in self.text.splitlines() if line.strip()]


def blocks(page: Path) -> list[Block]:
    """The blocks whose first line says where they belong."""
    return list(_blocks(page.read_text(encoding="utf-8")))


def _blocks(text: str) -> Iterator[Block]:
    for language, content in _FENCE.findall(text):
        first, _, rest = content.partition("\n")
        if found := _FIRST_LINE.match(first):
            yield Block(language, found["file"], found["where"] or "", rest)


def follow(block: Block, project: Path) -> None:
    """Write the block into the file it names."""
    file = project / block.file
    if not block.where:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        return
    before = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(_with(block, before)), encoding="utf-8")


def _with(block: Block, lines: list[str]) -> list[str]:
    if block.where == "at the end":
        return [*lines, "\n", block.text]
    if found := re.fullmatch(r"in (\w+)", block.where):
        place = _first(lines, f"{found[1]} = [") + 1
        return [*lines[:place], block.text, *lines[place:]]
    if found := re.fullmatch(r"(?:in \w+, )?before (?:the line with )?(.+)", block.where):
        place = _first(lines, found[1])
        return [*lines[:place], block.text, *lines[place:]]
    if found := re.fullmatch(r"in place of the line with '(.+)'", block.where):
        place = _first(lines, found[1])
        return [*lines[:place], block.text, *lines[place + 1 :]]
    raise ValueError(f"{block.file}: nobody could follow “{block.where}”")


def _first(lines: list[str], text: str) -> int:
    return next(place for place, line in enumerate(lines) if text in line)
