"""The German catalogues: complete, compiled, and in step with the code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import django
import pytest
import wagtail
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ["wagtail_punchout", "demo_site/shop", "demo_site/buyer"]
CATALOGUE = Path("locale/de/LC_MESSAGES/django.po")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}|<[^>]+>")

each_package = pytest.mark.parametrize("package", PACKAGES)


def catalogue(folder: Path) -> Catalog:
    with (folder / CATALOGUE).open("rb") as file:
        return read_po(file, locale="de")


def compiled(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_mo(file)


def key(message: Message) -> tuple[str | None, str]:
    context = message.context.decode() if isinstance(message.context, bytes) else message.context  # as read_mo gives it
    return context, message.id if isinstance(message.id, str) else message.id[0]


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def translations(messages: Catalog) -> dict[tuple[str | None, str], tuple[str, ...]]:
    return {key(each): texts(each) for each in messages if each.id}


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


@each_package
def test_every_message_is_translated(package):
    messages = [each for each in catalogue(REPOSITORY / package) if each.id]
    assert [key(each) for each in messages if not all(texts(each))] == []
    assert [key(each) for each in messages if each.fuzzy] == []
    assert messages


@each_package
def test_translations_keep_placeholders_and_tags(package):
    changed = []
    for each in catalogue(REPOSITORY / package):
        if not each.id:
            continue
        sources = (each.id,) if isinstance(each.id, str) else each.id
        forms = texts(each)
        # The singular may say "one" instead of a number; the plural, and every single text, needs all of them.
        if placeholders(sources[-1]) != placeholders(forms[-1]) or placeholders(sources[0]) != placeholders(forms[0]):
            changed.append(key(each))
    assert changed == []


@each_package
def test_the_compiled_catalogue_is_up_to_date(package):
    source = REPOSITORY / package / CATALOGUE
    assert translations(compiled(source.with_suffix(".mo"))) == translations(catalogue(REPOSITORY / package))


@each_package
def test_the_catalogue_has_the_messages_of_the_code_and_no_others(package, tmp_path):
    if not shutil.which("xgettext"):
        pytest.skip("xgettext is not installed")
    folder = tmp_path / "package"
    shutil.copytree(REPOSITORY / package, folder, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo"))
    known = set(translations(catalogue(folder)))
    (folder / CATALOGUE).unlink()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "de", "--no-location"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603
    assert set(translations(catalogue(folder))) == known


def test_words_that_wagtail_uses_too_are_not_renamed_in_its_screens():
    """All apps share one catalogue, and the app goes before Wagtail's: another word here would be another word there.

    A word that must differ needs a context of its own (``pgettext``).
    """
    ours = translations(catalogue(REPOSITORY / "wagtail_punchout"))
    theirs = [*Path(wagtail.__file__).parent.rglob("de/LC_MESSAGES/django.mo")]
    theirs.append(Path(django.__file__).parent / "contrib/auth/locale/de/LC_MESSAGES/django.mo")
    renamed = set()
    for path in theirs:
        for message, words in translations(compiled(path)).items():
            if message in ours and [each.casefold() for each in words] != [each.casefold() for each in ours[message]]:
                renamed.add((message, ours[message], words))
    assert renamed == set()
