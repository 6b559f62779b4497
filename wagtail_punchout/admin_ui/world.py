"""Countries, currencies and languages, named in the language of whoever works in the admin.

The names are the Unicode consortium's (Babel); the codes are ISO's and stay the same in every language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.models.folding import search_key

#: Regions of CLDR that are no countries of ISO 3166.
NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
#: Where the postal code is written behind the city (and the state).
POSTAL_CODE_LAST = {"AU", "BR", "CA", "CN", "GB", "IE", "IN", "JP", "KR", "MX", "NZ", "SG", "TH", "US", "ZA"}


def countries() -> list[tuple[str, str]]:
    """Codes and names, by name."""
    return _countries(_locale())


def country_name(code: str) -> str:
    return dict(countries()).get(code.upper(), code)


def currencies() -> list[tuple[str, str]]:
    """Currencies that are money somewhere today."""
    return _currencies(_locale())


def currency_name(code: str) -> str:
    return dict(currencies()).get(code, code)


def languages() -> list[tuple[str, str]]:
    """Languages without regions: to choose from, not to be limited to."""
    return _languages(_locale())


def language_name(tag: str) -> str:
    """What a tag means, region included: "German (Austria)"."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(_locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def language_tag(text: str) -> str:
    """The tag as it is written everywhere ("de-AT"), from a tag in any spelling or a language's name."""
    by_name = {name.casefold(): code for code, name in languages()}
    asked = by_name.get(text.strip().casefold(), text.strip()).replace("_", "-")
    try:
        return str(Locale.parse(asked, sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValidationError(
            _("This is no language that computers know. Write its code, for example de or en-US.")
        ) from error


def postal_lines(address: Any) -> list[str]:
    """An address as it stands on a parcel."""
    if address.country in POSTAL_CODE_LAST:
        place = [address.city, f"{address.state} {address.postal_code}".strip()]
    else:
        place = [f"{address.postal_code} {address.city}".strip(), address.state]
    lines = [address.name, address.deliver_to, *address.street.splitlines(), ", ".join(filter(None, place))]
    return [each.strip() for each in [*lines, country_name(address.country)] if each.strip()]


class CodeField(forms.ChoiceField):
    """One of many codes, shown by name. A value that is there already can stay, whatever it is."""

    def __init__(self, *, codes: Callable[[], list[tuple[str, str]]], kept: str = "", **kwargs: Any) -> None:
        known = codes()
        also = [] if not kept or kept in dict(known) else [(kept, kept)]
        super().__init__(choices=[("", "---------"), *also, *known], **kwargs)


class LanguageField(forms.CharField):
    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return language_tag(text) if text else text


class Suggestions(forms.TextInput):
    """A text field that proposes values while one types, and takes others as well."""

    template_name = "wagtail_punchout/admin/widgets/suggestions.html"

    def __init__(self, suggested: Callable[[], Iterable[tuple[str, str]]], attrs: dict | None = None) -> None:
        super().__init__(attrs={"autocomplete": "off", **(attrs or {})})
        self.suggested = suggested

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["attrs"]["list"] = f"{widget['attrs'].get('id') or f'id_{name}'}-suggestions"
        # Asked when the field is drawn: not for every letter that is typed into a search field above.
        return context | {"suggested": list(self.suggested())}


def _locale() -> str:
    try:
        return str(Locale.parse(to_locale(get_language() or "en")))
    except (UnknownLocaleError, ValueError):
        return "en"


@lru_cache(maxsize=16)
def _countries(locale: str) -> list[tuple[str, str]]:
    names = Locale.parse(locale).territories
    found = [(code, names[code]) for code in names if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES]
    return sorted(found, key=lambda each: _sortable(each[1]))


@lru_cache(maxsize=16)
def _currencies(locale: str) -> list[tuple[str, str]]:
    used = {each for territory in get_global("territory_currencies") for each in get_territory_currencies(territory)}
    names = Locale.parse(locale).currencies
    found = [(code, f"{names.get(code, code)} ({code})") for code in used]
    return sorted(found, key=lambda each: _sortable(each[1]))


@lru_cache(maxsize=16)
def _languages(locale: str) -> list[tuple[str, str]]:
    spoken = get_global("territory_languages")
    used = {
        language.partition("_")[0]
        for each in spoken.values()
        for language, about in each.items()
        if about.get("official_status")
    }
    names = Locale.parse(locale).languages
    found = [(code, names[code]) for code in used if code in names and len(code) == 2]
    return sorted(found, key=lambda each: _sortable(each[1]))


def _sortable(name: str) -> str:
    """Sorts Österreich among the O."""
    return search_key(name)
