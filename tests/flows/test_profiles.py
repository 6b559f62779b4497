"""A profile fills a link once, and never again."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from wagtail_punchout.checks import check_buyer_profiles
from wagtail_punchout.flows.profiles import apply_profile, profiles
from wagtail_punchout.models import PunchoutLink
from wagtail_punchout.protocol.buyers import read_profile, shipped
from wagtail_punchout.protocol.buyers.reading import SETTINGS

TOLD = 'source = "their manual"\nconfidence = "A"\n'
SPEAKS = f'[[facts]]\nspeaks = ["oci4", "cxml"]\n{TOLD}'
BY_GET = f'[[facts]]\nsetting = "allow_get"\nvalue = true\nformats = ["oci"]\n{TOLD}'
WIDTH = f'[[facts]]\nlimit = "DESCRIPTION"\ncharacters = {{}}\n{TOLD}'
ENCODING = f'[[facts]]\nsetting = "return_encoding"\nvalue = "urlencoded"\nformats = ["cxml"]\n{TOLD}'


def acme(*facts: str):
    return read_profile('name = "Acme"\n' + "".join(facts), "acme.toml")


@pytest.fixture
def link():
    return PunchoutLink(name="Acme", format="cxml", allow_get=False)


@pytest.fixture
def own(settings, tmp_path):
    """Makes a profile file of the project and names it in the settings."""

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.write_text(text)
        before = settings.WAGTAIL_PUNCHOUT.get("BUYER_PROFILES", ())
        settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BUYER_PROFILES": [*before, path]}

    return write


# Filling a link


def test_a_profile_fills_fields_and_limits(link):
    link.format = "oci4"
    changed = apply_profile(link, acme(SPEAKS, BY_GET, WIDTH.format(30)))
    assert changed == ["buyer_profile", "allow_get", "limits"]
    assert (link.buyer_profile, link.format, link.allow_get) == ("acme", "oci4", True)
    assert link.limits == {"DESCRIPTION": {"characters": 30}}


def test_only_facts_of_the_format_count(link):
    assert apply_profile(link, acme(SPEAKS, BY_GET, ENCODING, WIDTH.format(30))) == ["buyer_profile", "return_encoding"]
    assert (link.allow_get, link.return_encoding, link.limits) == (False, "urlencoded", {})


def test_a_format_that_the_system_does_not_speak_becomes_its_usual_one(link):
    link.format = "oci5"
    assert "format" in apply_profile(link, acme(SPEAKS))
    assert link.format == "oci4"


def test_a_format_stays_where_nothing_is_known_of_it(link):
    assert apply_profile(link, acme()) == ["buyer_profile"]
    assert link.format == "cxml"


def test_the_same_profile_changes_nothing_the_second_time(link):
    apply_profile(link, acme(SPEAKS, ENCODING))
    assert apply_profile(link, acme(SPEAKS, ENCODING)) == []


def test_another_profile_brings_its_own_limits(link):
    link.format = "oci4"
    apply_profile(link, acme(SPEAKS, BY_GET, WIDTH.format(30)))
    apply_profile(link, acme(SPEAKS))
    assert (link.limits, link.allow_get) == ({}, True)


def test_a_profile_that_changes_later_changes_no_link(link):
    link.format = "oci4"
    before = acme(SPEAKS, BY_GET, WIDTH.format(30))
    apply_profile(link, before)
    later = acme(SPEAKS, WIDTH.format(20))
    assert later.slug == link.buyer_profile
    assert (link.limits, link.allow_get) == ({"DESCRIPTION": {"characters": 30}}, True)


def test_a_link_shares_nothing_with_its_profile(link):
    profile = shipped()["jaggaer"]
    apply_profile(link, profile)
    link.limits["Description"]["characters"] = 1
    assert profile.limits["Description"].characters == 256


@pytest.mark.parametrize("profile", shipped().values(), ids=lambda each: each.slug)
@pytest.mark.parametrize("format", ["cxml", "oci3", "oci4", "oci5"])
def test_what_profiles_fill_a_link_with_is_valid(profile, format):
    link = PunchoutLink(name="Acme", format=format)
    apply_profile(link, profile)
    link.clean_fields(exclude=["group"])
    link.clean()


# Fields


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_a_field_of_links(setting):
    field = PunchoutLink._meta.get_field(setting)
    wanted = SETTINGS[setting]
    assert tuple(value for value, _ in field.choices or ()) == (wanted if isinstance(wanted, tuple) else ())
    if isinstance(wanted, type):
        assert type(field.to_python("1")) is wanted


# Profiles of the project


def test_profiles_of_the_project_stand_among_the_others(own):
    own("acme.toml", 'name = "Acme"')
    slugs = list(profiles())
    assert slugs.index("acme") < slugs.index("basware")
    assert set(slugs) == {*shipped(), "acme"}


def test_a_projects_profile_stands_in_for_a_shipped_one(own):
    own("coupa.toml", 'name = "Coupa, as our buyers have it"')
    assert profiles()["coupa"].name == "Coupa, as our buyers have it"
    assert shipped()["coupa"].name == "Coupa"


def test_a_file_that_cannot_be_read_is_a_misconfiguration(own):
    own("acme.toml", "name =")
    with pytest.raises(ImproperlyConfigured, match=r"acme\.toml is not TOML"):
        profiles()


def test_check_names_the_file_that_cannot_be_read(own):
    own("acme.toml", 'name = "Acme"\nfacts = 3')
    (error,) = check_buyer_profiles()
    assert error.id == "wagtail_punchout.E006"
    assert "acme.toml: 'facts' must be tables" in error.msg


def test_check_is_content_with_files_that_can_be_read(own):
    own("acme.toml", 'name = "Acme"')
    assert check_buyer_profiles() == []


def test_paths_are_a_list(settings):
    settings.WAGTAIL_PUNCHOUT = {**settings.WAGTAIL_PUNCHOUT, "BUYER_PROFILES": "acme.toml"}
    with pytest.raises(ImproperlyConfigured, match="must be a list of paths, not one text"):
        profiles()
