"""Who may import whom.

``protocol`` ← ``models`` ← ``shop`` ← ``flows`` ← the edge (``gateway``, ``storefront``, ``admin_ui``, ``contrib``).
Each room imports only leftward, and the rooms of the edge do not import each other. Beside them stand ``conf``,
``signals`` and ``checks``, which know no room but (for type checkers alone) the contract; ``checks`` reads data files
with ``protocol``. A few doors join rooms
because Django looks for them by name: ``urls``, ``wagtail_hooks``, ``apps``, template tags and commands. ``testing``
may use everything and is used by commands alone, and by the flow that tries a connection from the other end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[1] / "wagtail_punchout"

PLAIN = {"protocol"}
BASE = {"conf", "signals", "client_address"}
MODELS = PLAIN | {"models", "conf"}
FLOWS = MODELS | BASE | {"shop", "flows"}
MAY_IMPORT = {
    "protocol": PLAIN,
    "conf": set(),
    # Whose request it is, for those who talk to machines and those who talk to browsers.
    "client_address": {"conf"},
    "signals": set(),
    "checks": {"conf", "protocol"},
    "models": MODELS,
    # The contract is written in the protocol's values alone: no model crosses the border to the shop.
    "shop": PLAIN,
    "flows": FLOWS,
    "gateway": FLOWS | {"gateway"},
    "storefront": FLOWS | {"storefront"},
    "admin_ui": FLOWS | {"admin_ui"},
    "contrib": FLOWS | {"contrib"},
    "templatetags": FLOWS | {"storefront"},
    "wagtail_hooks": {"admin_ui", "conf"},
    "urls": {"gateway", "storefront"},
    "oci_urls": {"storefront"},
    "apps": {"admin_ui", "checks"},
    "management": FLOWS | {"gateway", "storefront", "testing"},
    "__init__": set(),
}
#: Files that may import from one room more.
DOORS = {"flows/trial.py": {"testing"}, "flows/try_connection.py": {"testing"}}
FILES = sorted(path for path in APP.rglob("*.py") if not {"migrations", "testing"} & set(path.relative_to(APP).parts))


def room(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Dotted names of what a file imports when it runs; what only type checkers see is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} imports relatively, which this test cannot follow"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def ids(path: Path) -> str:
    return str(path.relative_to(APP))


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_rooms_import_only_leftward(path):
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("wagtail_punchout.")}
    assert rooms - MAY_IMPORT[room(path)] - DOORS.get(ids(path), set()) == set()


@pytest.mark.parametrize("path", [each for each in FILES if room(each) == "protocol"], ids=ids)
def test_protocol_knows_no_framework(path):
    assert {name.split(".")[0] for name in imports(path)} & {"django", "wagtail", "treebeard"} == set()


PARSERS = {
    *("XMLParser", "XMLPullParser", "HTMLParser", "HTMLPullParser", "ETCompatXMLParser"),
    *("fromstring", "fromstringlist", "XML", "XMLID", "HTML", "parse", "iterparse", "parseid", "XInclude"),
}
ONE_DOOR = {"protocol/cxml/tree.py", "protocol/cxml/dtd.py"}


def parses(path: Path) -> set[str]:
    """Names with which lxml makes a tree from text, and other XML libraries."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"etree", "html", "objectify", "lxml.etree"}
    }
    imported = {name for name in imports(path) if name.startswith("lxml.") and name.rsplit(".", 1)[1] in PARSERS}
    others = {name for name in imports(path) if name.split(".")[0] in {"xml", "defusedxml", "xmltodict", "bs4"}}
    return (called & PARSERS) | imported | others


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_foreign_xml_has_one_door(path):
    assert ids(path) in ONE_DOOR or parses(path) == set()


def test_the_door_itself_is_found():
    """The test above would see a parser if there were one."""
    assert all("XMLParser" in parses(APP / name) for name in ONE_DOOR)


@pytest.mark.parametrize("path", sorted([*APP.rglob("*.html"), *FILES]), ids=ids)
def test_nothing_is_declared_safe(path):
    text = path.read_text(encoding="utf-8")
    assert not [word for word in ("|safe", "mark_safe", "autoescape off", "SafeString(", "SafeText(") if word in text]
