"""Profiles of procurement systems: how they are read, and that what they say was said by somebody."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shared import SHARED
from wagtail_punchout.protocol.buyers import Confidence, Kind, read_files, read_profile, shipped
from wagtail_punchout.protocol.buyers.reading import SETTINGS
from wagtail_punchout.protocol.limits import Limit

ALL = list(shipped().values())
each_profile = pytest.mark.parametrize("profile", ALL, ids=lambda profile: profile.slug)
TAIL = 'source = "their manual"\nconfidence = "A"\n'


def profile_of(*facts: str, name: str = "Acme"):
    """A profile with these facts, each told by the manual unless it says otherwise."""
    text = "".join(f"[[facts]]\n{fact}\n{'' if 'source' in fact else TAIL}" for fact in facts)
    return read_profile(f'name = "{name}"\n{text}', "/srv/acme-buy.toml")


# Reading


def test_a_file_is_called_as_its_profile_is():
    assert (profile_of().slug, profile_of().name) == ("acme-buy", "Acme")


def test_a_fact_keeps_who_said_it():
    (note,) = profile_of('note = "It is slow."\nsource = "a letter"\nsource_no = 7\nconfidence = "C"').notes
    assert (note.value, note.source, note.source_no, note.confidence) == ("It is slow.", "a letter", 7, Confidence.TOLD)


def test_settings_and_limits_are_found_by_what_they_are_about():
    profile = profile_of(
        'setting = "allow_get"\nvalue = false', 'limit = "PRICE"\ndecimals = 2', 'limit = "Description"\nbytes = 255'
    )
    assert {field: fact.value for field, fact in profile.settings.items()} == {"allow_get": False}
    assert profile.limits == {"PRICE": Limit(decimals=2), "Description": Limit(bytes=255)}


def test_facts_may_hold_for_one_format():
    profile = profile_of(
        'setting = "window_target"\nvalue = "_top"\nformats = ["oci"]',
        'setting = "window_target"\nvalue = "_self"\nformats = ["cxml"]',
    )
    told = {format: profile.within(format).settings["window_target"].value for format in ("oci3", "oci5", "cxml")}
    assert told == {"oci3": "_top", "oci5": "_top", "cxml": "_self"}


def test_a_limit_holds_where_its_target_is():
    profile = profile_of('limit = "DESCRIPTION"\ncharacters = 30', 'limit = "PARENT_ID"\ncharacters = 3')
    assert {format: [*profile.within(format).limits] for format in ("cxml", "oci4", "oci5")} == {
        "cxml": [],
        "oci4": ["DESCRIPTION"],
        "oci5": ["DESCRIPTION", "PARENT_ID"],
    }


def test_a_system_has_its_own_names_of_a_connections_values():
    profile = profile_of('field = "to_domain"\nname = "Supplier Domain"', 'field = "oci_url"\nname = "Web Service"')
    assert profile.names == {"to_domain": "Supplier Domain", "oci_url": "Web Service"}
    assert profile.within("cxml").names == {"to_domain": "Supplier Domain"}
    assert profile.within("oci4").names == {"oci_url": "Web Service"}


@pytest.mark.parametrize(
    ("spoken", "formats"),
    [
        ("", ()),
        ('speaks = ["cxml"]', ("cxml",)),
        ('speaks = ["oci"]', ("oci4", "oci3", "oci5")),
        ('speaks = ["oci5", "oci"]', ("oci5", "oci4", "oci3")),
        ('speaks = ["oci3", "cxml"]', ("oci3", "cxml")),
    ],
)
def test_the_usual_format_comes_first(spoken, formats):
    assert profile_of(*filter(None, [spoken])).formats == formats


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        ("", "it must have exactly one of speaks, setting, limit, field, note"),
        ('note = "a"\nspeaks = ["cxml"]', "it must have exactly one of speaks, setting, limit, field, note"),
        ('note = " "', "'note' must be a sentence"),
        ('note = "a"\nvalue = 3', "'value' does not belong to a note"),
        ('note = "a"\nformats = ["edifact"]', "'formats' must be a list of formats: cxml, oci, oci3, oci4, oci5"),
        ("speaks = []", "'speaks' must be a list of formats"),
        ("speaks = [[]]", "'speaks' must be a list of formats"),
        ('speaks = "cxml"', "'speaks' must be a list of formats"),
        ('setting = "name"\nvalue = "x"', "a link has no setting 'name' that a profile could fill"),
        ("setting = []\nvalue = 1", "a link has no setting"),
        ('setting = "allow_get"', "'allow_get' must be true or false"),
        ('setting = "allow_get"\nvalue = 1', "'allow_get' must be true or false"),
        ('setting = "most_fields"\nvalue = true', "'most_fields' must be a whole number"),
        ('setting = "window_name"\nvalue = 1', "'window_name' must be a text"),
        ('setting = "hook_mode"\nvalue = "cut"', "'hook_mode' must be one of 'as_is', 'split'"),
        ('setting = "hook_mode"', "'hook_mode' must be one of 'as_is', 'split'"),
        ('limit = "Descripton"\ncharacters = 3', "there is no target 'Descripton' that could be limited"),
        ('limit = "Description"\ncharacters = 3\nformats = ["oci4"]', "there is no target 'Description'"),
        ('limit = "Classification:"\ncharacters = 8', "there is no target 'Classification:'"),
        ("limit = 3\ncharacters = 8", "'limit' must name a target"),
        ('limit = "Description"', "A limit needs at least one of characters, bytes, decimals, forbidden"),
        ('field = "password"\nname = "x"', "no connection has a value 'password'"),
        ('field = []\nname = "x"', "no connection has a value []"),
        ('field = "secret"', "'name' must say what that system calls it"),
        ('field = "secret"\nname = " "', "'name' must say what that system calls it"),
        ('field = "secret"\nname = "x"\nformats = ["oci"]', "connections in these formats have no value 'secret'"),
        ('note = "a"\nsource = ""\nconfidence = "A"', "'source' must say where this is known from"),
        ('note = "a"\nsource = "b"', "'confidence' must be A (said by the vendor), B (seen) or C (told by others)"),
        ('note = "a"\nsource = "b"\nconfidence = "D"', "'confidence' must be A"),
        ('note = "a"\nsource = "b"\nconfidence = "A"\nsource_no = []', "'source_no' must be a number or a short name"),
    ],
)
def test_a_slip_is_refused_with_file_and_fact(fact, sentence):
    with pytest.raises(ValueError, match=r"^/srv/acme-buy\.toml: fact 2: ") as caught:
        profile_of('note = "All is well."', fact)
    assert sentence in str(caught.value)


def test_two_facts_may_not_contradict_each_other():
    one, other = ('setting = "allow_get"\nvalue = true', 'setting = "allow_get"\nvalue = false\nformats = ["oci3"]')
    with pytest.raises(ValueError, match=r"acme-buy\.toml: two facts say what 'allow_get' is in oci3"):
        profile_of(one, other)


@pytest.mark.parametrize(
    ("text", "origin", "sentence"),
    [
        ("name =", "acme.toml", "acme.toml is not TOML: "),
        ("", "acme.toml", "acme.toml: 'name' must say what the system is called."),
        ('name = "A"\nurl = "x"', "acme.toml", "acme.toml: 'url' is not known here"),
        ('name = "A"\nfacts = "x"', "acme.toml", "acme.toml: 'facts' must be tables"),
        ('name = "A"', "Acme Buy.toml", "Acme Buy.toml: a profile's file is called by small letters"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(text, origin, sentence):
    with pytest.raises(ValueError) as caught:
        read_profile(text, origin)
    assert str(caught.value).startswith(sentence)


def test_files_of_a_project_are_read(tmp_path):
    (tmp_path / "acme.toml").write_text('name = "Acme"')
    assert read_files([tmp_path / "acme.toml"])["acme"].name == "Acme"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "acme.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^{re.escape(str(path))} cannot be read: "):
        read_files([str(path)])


def test_two_files_of_one_name_are_refused(tmp_path):
    paths = [tmp_path / "acme.toml", tmp_path / "other" / "acme.toml"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text('name = "Acme"')
    with pytest.raises(ValueError, match="another file has the name 'acme' too"):
        read_files(paths)


# What comes with the package


def test_profiles_stand_in_the_order_of_their_names():
    names = [profile.name for profile in ALL]
    assert len(names) > 30
    assert names == sorted(names, key=str.casefold)


@each_profile
def test_no_name_without_a_fact(profile):
    assert profile.facts


@each_profile
def test_nothing_is_said_twice(profile):
    said = [replace(fact, source="", source_no="", confidence=Confidence.TOLD) for fact in profile.facts]
    assert len(said) == len(set(said))


@each_profile
def test_a_note_is_a_sentence_about_something_known(profile):
    for note in profile.notes:
        assert re.fullmatch(r"[A-Z~“].+[.]", note.value)
        assert "unknown" not in note.value


@pytest.mark.parametrize("format", ["cxml", "oci3", "oci4", "oci5"])
def test_each_format_has_a_profile_for_systems_nobody_knows(format):
    (generic,) = [each for each in ALL if each.slug.startswith("generic-") and each.formats == (format,)]
    assert generic.settings


# The reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "buyer-profiles.md"
LABELS = {"cxml": "cXML", "oci": "OCI", "oci3": "OCI 3", "oci4": "OCI 4", "oci5": "OCI 5"}


def table_row(profile) -> str:
    """A profile as the reference has it."""
    settings = ", ".join(f"`{field}` {_shown(fact.value)}" for field, fact in profile.settings.items())
    limits = ", ".join(f"`{target}` {_parts(limit)}" for target, limit in profile.limits.items())
    spoken = [fact.value for fact in profile.facts if fact.kind is Kind.SPEAKS]
    formats = ", ".join(LABELS[format] for formats in spoken for format in formats)
    confidence = ", ".join(sorted({fact.confidence for fact in profile.facts}))
    return f"| `{profile.slug}` | {profile.name} | {formats} | {settings} | {limits} | {confidence} |"


def _shown(value: bool | int | str) -> str:
    return {True: "on", False: "off", "": "empty"}.get(value, f"`{value}`")


def _parts(limit: Limit) -> str:
    words = {"forbidden": "none of `{}`"}
    return " and ".join(words.get(key, f"{{}} {key}").format(value) for key, value in limit.as_json().items())


@each_profile
def test_the_reference_has_the_profile_as_it_is(profile):
    assert table_row(profile) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_reference_has_no_other_profile():
    listed = re.findall(r"^\| `([a-z0-9-]+)` \| .+ \| [ABC, ]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == list(shipped())


def test_the_reference_names_every_setting():
    section = PAGE.read_text(encoding="utf-8").split("### Settings")[1].split("###")[0]
    assert re.findall(r"`(\w+)`", section) == list(SETTINGS)


def test_the_example_of_the_reference_can_be_read():
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert {fact.kind for fact in read_profile(example, "acme-buy.toml").facts} == set(Kind)


# The fact sheets

SHEET, OCI_SHEET = SHARED / "specs" / "buyer-systems.md", SHARED / "specs" / "oci.md"
needs_fact_sheets = pytest.mark.skipif(
    not (SHEET.is_file() and OCI_SHEET.is_file()), reason="the fact sheets are not here; set PUNCHOUT_SHARED"
)

#: How the first cells of the sheet's tables begin, for each profile.
ROWS = {
    "basware": ("Basware",),
    "birchstreet": ("BirchStreet",),
    "buyerquest": ("BuyerQuest",),
    "certify-ap": ("Certify AP",),
    "coupa": ("Coupa",),
    "dolibarr-wuerth": ("Dolibarr",),
    "dynamics-365": ("Dynamics 365",),
    "eden": ("Eden",),
    "equallevel": ("EqualLevel",),
    "es-office": ("eS Office",),
    "esm-purchase": ("ESM",),
    "ifs-cloud": ("IFS Cloud",),
    "infor-lawson": ("Infor Lawson",),
    "jaggaer": ("JAGGAER",),
    "meplato": ("Meplato",),
    "mercateo": ("Mercateo",),
    "odoo-cxml": ("Odoo + OCA cXML", "Odoo OCA cXML"),
    "odoo-oci": ("Odoo + OCA OCI", "Odoo OCA OCI"),
    "oracle-fusion": ("Oracle Fusion",),
    "oracle-iprocurement": ("Oracle iProcurement",),
    "peoplesoft": ("PeopleSoft",),
    "powerschool-businessplus": ("PowerSchool",),
    "precoro": ("Precoro",),
    "proactis": ("Proactis",),
    "sap-ariba": ("SAP Ariba",),
    "sap-r3": ("SAP R/3",),
    "sap-s4hana": ("SAP S/4HANA", "S/4HANA"),
    "sap-srm": ("SAP SRM",),
    "simple-system": ("simple system",),
    "ultimo": ("Ultimo",),
    "unimarket": ("Unimarket",),
    "unite": ("Unite",),
    "vroozi": ("Vroozi",),
    "workday": ("Workday",),
}
#: It sells; the sheet has it as the model of a supplier.
NO_BUYER = "Amazon Business"


def rows() -> dict[str, str]:
    """The rows of the sheet's two tables of systems, by their first cell."""
    found: dict[str, str] = {}
    for line in SHEET.read_text(encoding="utf-8").splitlines():
        cells = line.split("|")
        if len(cells) > 6 and cells[1].strip() != "system" and not cells[1].startswith("---"):
            found[cells[1].strip()] = found.get(cells[1].strip(), "") + line
    return found


def sources() -> dict[str, str]:
    """The sheet's list of sources, by number."""
    listed = " ".join(SHEET.read_text(encoding="utf-8").split("## 4. Sources")[1].split())
    return dict(re.findall(r"(\d+) (.+?)(?= · \d+ |$)", listed))


def tags() -> set[str]:
    """The short names of the sources of the OCI sheet."""
    table = OCI_SHEET.read_text(encoding="utf-8").split("## 1.")[0]
    cells = re.findall(r"^\| ([A-Z0-9 /]+) \|", table, re.MULTILINE)
    return {tag for cell in cells for tag in cell.split(" / ")}


@needs_fact_sheets
@each_profile
def test_every_source_is_in_the_list(profile):
    assert {str(fact.source_no) for fact in profile.facts} <= sources().keys() | tags()


@needs_fact_sheets
@pytest.mark.parametrize("slug", ROWS)
def test_the_sheet_has_the_source_for_that_system(slug):
    """Sources with short names stand in the other sheet, which is about OCI and not about systems."""
    about = "".join(line for name, line in rows().items() if name.startswith(ROWS[slug]))
    numbers = {fact.source_no for fact in shipped()[slug].facts if isinstance(fact.source_no, int)}
    assert {number for number in numbers if f"[{number}]" not in about} == set()


@needs_fact_sheets
@each_profile
def test_second_hand_is_never_the_vendors_word(profile):
    second_hand = {number for number, source in sources().items() if "secondary" in source} | {"SBX"}
    told = {fact.confidence for fact in profile.facts if str(fact.source_no) in second_hand}
    assert told <= {Confidence.TOLD}


@needs_fact_sheets
def test_one_source_has_one_number():
    told = {(fact.source_no, fact.source.split(",")[0]) for profile in ALL for fact in profile.facts}
    doubled = {number for number, _ in told if len([each for each in told if each[0] == number]) > 1}
    assert doubled <= {13}  # Unimarket's help, which also names another system


@needs_fact_sheets
def test_systems_of_which_something_is_known_have_a_profile():
    known = {name for name, line in rows().items() if re.search(r"\[\d+\]", line)}
    prefixes = tuple(prefix for row in ROWS.values() for prefix in row)
    assert [name for name in known if not name.startswith((*prefixes, NO_BUYER))] == []


@needs_fact_sheets
def test_systems_of_which_nothing_is_known_have_none():
    everywhere_unknown = {
        name for name, line in rows().items() if set(re.split(r"\s*\|\s*", line)[2:-2]) <= {"", "-", "unknown"}
    }
    assert {"Ivalua", "NetSuite", "veenion"} <= everywhere_unknown
    assert {name.lower().replace(" ", "-") for name in everywhere_unknown} & shipped().keys() == set()
