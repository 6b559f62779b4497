"""The reference is complete, and links lead somewhere."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management.base import BaseCommand
from django.dispatch import Signal

from wagtail_punchout import models, oci_urls, shop, signals, urls
from wagtail_punchout.conf import Conf
from wagtail_punchout.flows import call_up
from wagtail_punchout.flows.fixes import FIXES
from wagtail_punchout.flows.start import Reason
from wagtail_punchout.gateway.cxml import ANSWERS
from wagtail_punchout.management.commands.punchout_simulate import Command as Simulate
from wagtail_punchout.models import Ability, PunchoutLink, Right
from wagtail_punchout.models.roles import READY_MADE
from wagtail_punchout.protocol import errors
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.protocol.oci.charset import CHARSETS
from wagtail_punchout.protocol.oci.entry import SPELLINGS, Function
from wagtail_punchout.protocol.oci.fields import FIELDS, Version
from wagtail_punchout.storefront.oci_refusals import PAGES as OCI_PAGES
from wagtail_punchout.storefront.visit import Visit
from wagtail_punchout.templatetags.punchout_tags import register

ROOT = Path(__file__).resolve().parents[1]
APP, DOCS = ROOT / "wagtail_punchout", ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
PAGES = [page for page in PAGES if "_build" not in page.parts]


def text(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def public(thing: type) -> list[str]:
    """Names that a class adds, without those that begin with an underscore."""
    return [name for name in vars(thing) if not name.startswith("_")]


def subclasses(of: type[Exception]) -> list[type[Exception]]:
    return [of, *(below for each in of.__subclasses__() for below in subclasses(each))]


ERRORS = [each for each in subclasses(errors.PunchoutError) if each.__module__.startswith("wagtail_punchout.")]
REFUSALS = [each for each in ERRORS if issubclass(each, errors.Refused) and each is not errors.Refused]
CHECK_IDS = sorted(set(re.findall(r"wagtail_punchout\.[EW]\d{3}", (APP / "checks.py").read_text(encoding="utf-8"))))
SIGNALS = [name for name, value in vars(signals).items() if isinstance(value, Signal)]
COMMANDS = [each.stem for each in (APP / "management" / "commands").glob("*.py") if each.stem != "__init__"]
MODELS = [name for name in models.__all__ if inspect.isclass(getattr(models, name))]
#: What Wagtail keeps of a link beside its rules.
BOOKKEEPING = {"id", "live", "has_unpublished_changes", "created_at", "updated_at", "first_published_at"}
BOOKKEEPING |= {"last_published_at", "go_live_at", "expire_at", "expired", "latest_revision", "live_revision"}
RULES = [each.name for each in PunchoutLink._meta.fields if each.name not in BOOKKEEPING]
SIMULATE_OPTIONS = [
    spelled
    for action in Simulate().create_parser("manage.py", "punchout_simulate")._actions
    for spelled in action.option_strings
    if action.dest not in {*BaseCommand().create_parser("manage.py", "any").parse_args([]).__dict__, "help", "version"}
]
#: Fields of OCI whose width is not the same in all versions.
UNEVEN = [each for each in FIELDS.values() if len({each.widths.get(version, "none") for version in Version}) > 1]


@pytest.mark.parametrize("setting", [each.name for each in fields(Conf)])
def test_setting_is_described(setting):
    assert f"\n## `{setting}`\n" in text("settings")


def test_no_other_setting_is_described():
    assert set(re.findall(r"^## `(\w+)`$", text("settings"), re.MULTILINE)) == {each.name for each in fields(Conf)}


@pytest.mark.parametrize(
    "name", ["SECRET_KEYS", "ON_BY_DEFAULT", "BASE_URL", "START_SECONDS", "COOKIE_NAME", "FAILURES_PER_MINUTE"]
)
def test_defaults_are_those_of_the_code(name):
    default = next(each.default for each in fields(Conf) if each.name == name)
    section = text("settings").split(f"## `{name}`")[1].split("\n## ")[0]
    assert f"Default: `{default!r}`".replace("'", '"') in section


@pytest.mark.parametrize("check", CHECK_IDS)
def test_check_is_described(check):
    assert check in text("checks")


@pytest.mark.parametrize("signal", SIGNALS)
def test_signal_is_described(signal):
    assert f"`{signal}`" in text("signals")


@pytest.mark.parametrize("tag", [*register.tags, *register.filters])
def test_tag_is_described(tag):
    assert f"{{% {tag} %}}" in text("template-tags")


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: each.__name__)
def test_error_is_described(error):
    assert f"`{error.__name__}`" in text("errors")


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.__name__)
def test_status_is_described(refusal):
    assert f"\n### {refusal.status} {errors.STATUS_TEXTS[refusal.status]}\n" in text("errors")


@pytest.mark.parametrize("reason", list(Reason))
def test_reason_why_a_visit_does_not_open_is_described(reason):
    assert f"`{reason}`" in text("errors")


@pytest.mark.parametrize("reason", list(call_up.Reason))
def test_reason_why_an_oci_call_is_not_let_in_is_described(reason):
    assert f"\n| `{reason}` | {OCI_PAGES[reason][0]} | " in text("errors")


@pytest.mark.parametrize("failure", list(Failure))
def test_true_cause_is_described_as_the_screens_do(failure):
    assert re.search(
        rf"^\| `{failure}` \| [\d; ]+ \| {re.escape(str(FIXES[failure].what))} \| ", text("errors"), re.MULTILINE
    )


@pytest.mark.parametrize("option", SIMULATE_OPTIONS)
def test_option_of_the_simulation_is_described(option):
    assert re.search(rf"^\| [^|]*`{option}`", text("commands"), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_described(command):
    assert f"\n## `{command}`\n" in text("commands")


@pytest.mark.parametrize("attribute", [name for name in public(Visit) if name not in {"proof", "frame_origins"}])
def test_attribute_of_a_visit_is_described(attribute):
    assert re.search(rf"`{attribute}[`(]", text("request-punchout"))


@pytest.mark.parametrize("name", public(shop.ShopAdapter))
def test_part_of_the_adapter_is_described(name):
    assert re.search(rf"`{name}[`(]", text("adapter"))


@pytest.mark.parametrize("name", shop.__all__)
def test_value_of_the_contract_is_described(name):
    assert re.search(rf"`{name}[`(.]", text("adapter"))


@pytest.mark.parametrize("code", list(shop.ProblemCode))
def test_problem_is_described(code):
    assert f"`{code}`" in text("adapter")


@pytest.mark.parametrize("model", MODELS)
def test_model_is_described(model):
    assert f"`{model}`" in text("models")


@pytest.mark.parametrize("rule", [*RULES, "mapping_rows", "unit_rows"])
def test_rule_of_a_link_is_described(rule):
    assert f"`{rule}`" in text("models")


@pytest.mark.parametrize("right", [name for name, _explanation in Right._meta.permissions])
def test_right_is_described(right):
    assert f"`{right}`" in (DOCS / "concepts" / "permissions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("ability", list(Ability))
def test_ability_is_described(ability):
    assert f"`{ability}`" in text("models")
    assert re.search(rf"^\| `{ability}` \| .+ \| .+ \|$", text("abilities"), re.MULTILINE)
    assert ability.explanation


@pytest.mark.parametrize("role", READY_MADE)
def test_role_that_comes_ready_is_described(role):
    assert f"| `{role}` |" in text("abilities")


@pytest.mark.parametrize("name", sorted({name for each in urls.urlpatterns if (name := getattr(each, "name", ""))}))
def test_url_is_described(name):
    assert f"`punchout:{name}`" in text("urls")


@pytest.mark.parametrize("name", sorted({each.name for each in oci_urls.urlpatterns if each.name}))
def test_oci_url_is_described(name):
    assert f"`punchout_oci:{name}`" in text("urls")


@pytest.mark.parametrize("function", [each for each in Function if each])
def test_oci_function_is_described(function):
    assert f"\n| `{function}` | " in text("what-we-speak")


@pytest.mark.parametrize("names", SPELLINGS.values(), ids=SPELLINGS)
def test_spellings_of_a_parameter_are_described(names):
    described = [re.findall(r"`([^`]+)`", row) for row in text("what-we-speak").splitlines() if row.startswith("| ")]
    spelled = [[name.lower().replace("-", "_") for name in row] for row in described]
    assert list(names) in [list(dict.fromkeys(row)) for row in spelled]


@pytest.mark.parametrize("charset", CHARSETS)
def test_charset_is_described(charset):
    assert f"`{charset}`" in text("what-we-speak")


@pytest.mark.parametrize("field", UNEVEN, ids=lambda each: each.name)
def test_width_that_differs_between_versions_is_described(field):
    widths = [str(field.widths.get(version, "no") or "any") for version in Version]
    assert f"\n| `{field.name}` | {' | '.join(widths)} |\n" in text("what-we-speak")


@pytest.mark.parametrize("request_name", ANSWERS)
def test_request_is_described(request_name):
    assert f"`{request_name}`" in text("what-we-speak")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_imports_in_blocks_work(page):
    for module, names in re.findall(r"^from (wagtail_punchout[\w.]*) import (.+)$", page.read_text(), re.MULTILINE):
        for name in names.split(", "):
            assert hasattr(import_module(module), name), f"{module} has no {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_are_python(page):
    """Those in which nothing is left out."""
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        code = "\n".join(line for line in block.splitlines() if not line.startswith("# "))
        if "…" not in block:
            ast.parse(dedent(code))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if DOCS in page.parents and page != DOCS / "changelog.md"])
def test_page_is_about_one_thing(page):
    """Exactly one title, on the first line."""
    outside = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert outside.startswith("# ")
    assert len(re.findall(r"^# ", outside, re.MULTILINE)) == 1
