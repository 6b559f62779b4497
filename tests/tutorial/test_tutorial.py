"""Whoever types what the tutorial and the README say gets a cart home."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.tutorial.project import README, ROOT, TUTORIAL, Project, run, shell_blocks
from tests.tutorial.recipe import Block, blocks
from wagtail_punchout.testing.buyer import BuyerSettings, FakeBuyer, RequestsTransport, StepFailed

# One worker makes the project, not each of them.
pytestmark = pytest.mark.xdist_group("tutorial")

SENDER = "punchout-acme@shop.example"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The shop of the tutorial, with its server running (which looks at all system checks first)."""
    made = Project.make(tmp_path_factory.mktemp("tutorial"))
    typed = shell_blocks()
    made.secret = made.type_in(typed["a product"], typed["a customer"]).split()[-1]
    with made.server():
        yield made


@pytest.fixture(scope="module")
def report(project):
    """The command that the tutorial ends with."""
    who = ("--sender-identity", SENDER, "--to-identity", "mysite", "--mode", "test")
    how = ("--operation", "edit", "--items", "1", "--strict", "--json")
    return json.loads(
        project.manage("punchout_simulate", project.setup_url, *who, *how, PUNCHOUT_SECRET=project.secret)
    )


def test_cart_comes_home(report):
    [line] = report["carts"][0]["lines"]
    assert (line["part_id"], line["quantity"], line["price"]) == ("CHAIR-1", "1", "120.00 EUR")
    assert report["carts"][0]["total"] == "120.00 EUR"


def test_edit_brings_the_same_lines_again(report):
    first, again = report["carts"]
    assert first["lines"] == again["lines"]


def test_strict_buyer_has_nothing_to_complain_of(report):
    assert report["complaints"] == []


def test_checkout_is_closed_during_a_visit(project):
    """The template shows no checkout, and the server refuses it to those who know the address."""
    buyer = FakeBuyer(settings_of(project), RequestsTransport())
    buyer.open(buyer.setup().start_url)
    buyer.find("add-to-cart")
    assert b"/checkout/" not in buyer.press("add-to-cart").body
    with pytest.raises(StepFailed, match="Please return your cart"):
        buyer.go("/checkout/")


def test_adapter_of_the_tutorial_keeps_the_contract(project):
    """With the test that the how-to shows."""
    [test] = blocks(ROOT / "docs" / "how-to" / "test-your-adapter.md")
    (project.folder / test.file).write_text(test.text)
    # A copy of the database saves the migrations.
    shutil.copy(project.folder / "db.sqlite3", project.folder / "test.sqlite3")
    (project.folder / "mysite" / "settings" / "test.py").write_text(
        "from .dev import *\nDATABASES['default']['TEST'] = {'NAME': str(BASE_DIR / 'test.sqlite3')}\n"
    )
    options = ("-q", "--reuse-db", "--ds", "mysite.settings.test", "-c", "/dev/null", "--rootdir", ".")
    said = run("-m", "pytest", *options, "-p", "no:cacheprovider", test.file, cwd=project.folder)
    assert " passed" in said and "failed" not in said


def test_punchout_takes_less_than_thirty_lines():
    counted = {f"{each.file} {each.where}".strip(): len(each.lines) for each in added_blocks() if not is_setting(each)}
    assert sum(counted.values()) < 30, counted


def test_tutorial_counts_its_lines_right():
    code, settings = (
        sum(len(each.lines) for each in added_blocks() if is_setting(each) is kind) for kind in (False, True)
    )
    words = {7: "seven", 8: "eight", 9: "nine", 27: "twenty-seven", 28: "twenty-eight", 29: "twenty-nine"}
    assert f"{words[code]} lines of code and {words[settings]} of settings" in " ".join(TUTORIAL.read_text().split())


def test_readme_says_the_same_as_the_tutorial():
    assert blocks(README) == added_blocks()


def added_blocks() -> list[Block]:
    """What the tutorial adds to a shop for PunchOut, without what is typed into the shell."""
    shop = TUTORIAL.read_text().split("## What PunchOut adds")[0]
    return [each for each in blocks(TUTORIAL) if each.text not in shop and not each.file.startswith("python ")]


def is_setting(block: Block) -> bool:
    return "/settings/" in block.file


def settings_of(project: Project) -> BuyerSettings:
    return BuyerSettings(
        from_identity="acme",
        to_identity="mysite",
        sender_identity=SENDER,
        secret=project.secret,
        setup_url=project.setup_url,
        mode="test",
    )
