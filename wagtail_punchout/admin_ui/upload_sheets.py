"""Sheets of users and addresses: their columns, what people may write into the cells, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.admin_ui.spreadsheets import SheetColumn, folded, in_all_languages, our_languages
from wagtail_punchout.admin_ui.world import countries
from wagtail_punchout.flows.address_check import faults
from wagtail_punchout.flows.import_users import NAMES
from wagtail_punchout.flows.invite import people_of_group
from wagtail_punchout.models import Address, Company, CustomerGroup, Role, RoleAssignment

_YES, _NO = _("Yes"), _("No")
_TICKS = ("weekend_delivery", "is_default_ship_to", "is_default_bill_to")

ADDRESS_COLUMNS = (
    SheetColumn("address_id", _("Address ID"), width=16),
    SheetColumn("name", _("Name"), width=28),
    SheetColumn("deliver_to", _("Deliver to"), is_required=False),
    SheetColumn("street", _("Street"), width=28),
    SheetColumn("postal_code", _("Postal code"), width=12),
    SheetColumn("city", _("City")),
    SheetColumn("state", _("State or region"), is_required=False),
    SheetColumn("country", _("Country"), width=12),
    SheetColumn("phone", _("Phone")),
    SheetColumn("email", _("E-mail"), is_required=False, width=28),
    SheetColumn("weekend_delivery", _("Weekend delivery"), is_required=False, width=16),
    SheetColumn("is_default_ship_to", _("Default for deliveries"), is_required=False, width=22),
    SheetColumn("is_default_bill_to", _("Default for invoices"), is_required=False, width=22),
)
ADDRESS_ADVICE = {
    "address_id": _("As the buyer's system calls it. The ID says which entry a row means."),
    "street": _("Up to four lines, within the one cell."),
    "postal_code": _("Format the column as text, or leading zeros get lost."),
    "country": _("Its name, or its code of two letters."),
    "phone": _("Carriers call it. With the code of the country, where it is of another."),
    "weekend_delivery": _("Yes, or empty."),
    "is_default_ship_to": _("Yes in one row at most."),
    "is_default_bill_to": _("Yes in one row at most."),
}
USER_ADVICE = {
    "email": _("It says which person a row means."),
    "roles": _("All that the person shall have in this group, separated by commas:"),
    "username": _("As the buyer's system calls the person. Empty: the e-mail address."),
}


def user_columns() -> tuple[SheetColumn, ...]:
    """As far as the project's users have names, and user names beside their e-mail addresses."""
    model = get_user_model()
    columns = [SheetColumn("email", _("E-mail"), width=32)]
    labels = {"first_name": _("First name"), "last_name": _("Last name")}
    columns += [SheetColumn(each, labels[each], is_required=False) for each in NAMES if hasattr(model, each)]
    columns.append(SheetColumn("roles", _("Roles"), width=32))
    if model.get_email_field_name() != model.USERNAME_FIELD:
        columns.append(SheetColumn("username", _("User name"), is_required=False, width=32))
    return tuple(columns)


# Writing: what there is, as it can be uploaded again


def users_as_rows(group: CustomerGroup) -> Iterable[Sequence[str]]:
    """Those with a role in this very group."""
    names = [each.name for each in user_columns()]
    roles: dict[Any, list[str]] = {}
    for each in RoleAssignment.objects.filter(group=group, user__isnull=False).select_related("role").order_by("pk"):
        roles.setdefault(each.user_id, []).append(str(each.role))
    for user in people_of_group(group).filter(pk__in=list(roles)):
        cells = {name: getattr(user, name, "") for name in names}
        email = getattr(user, user.get_email_field_name())
        cells |= {"email": email, "username": user.get_username(), "roles": ", ".join(roles[user.pk])}
        yield [cells[name] for name in names]


def addresses_as_rows(company: Company) -> Iterable[Sequence[str]]:
    for each in company.addresses.order_by("address_id", "pk"):
        yield [shown(column.name, getattr(each, column.name)) for column in ADDRESS_COLUMNS]


def shown(column: str, value: Any) -> str:
    """A value as a cell has it."""
    if isinstance(value, bool):
        return str(_YES) if value else ""
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return str(value)


# Reading


def user_reader() -> Callable[[Mapping[str, str]], tuple[dict[str, Any], dict[str, str]]]:
    roles = {spelling: each.slug for each in Role.objects.all() for spelling in (folded(each.name), folded(each.slug))}
    names = ", ".join(str(each) for each in Role.objects.all())
    model = get_user_model()
    fields = {"email": model.get_email_field_name(), **{each: each for each in NAMES}}

    def read(cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        wrong: dict[str, str] = {}
        values: dict[str, Any] = {key: text for key, text in cells.items() if key != "roles"}
        try:
            validate_email(values["email"])
        except ValidationError:
            wrong["email"] = gettext("Write an e-mail address.")
        for name, field in fields.items():
            most = model._meta.get_field(field).max_length if values.get(name) else None
            if most and len(values[name]) > most:
                wrong[name] = gettext("At most %(most)d letters.") % {"most": most}
        written = [each for each in re.split(r"[,;\n]", cells["roles"]) if each.strip()]
        values["roles"] = sorted({roles.get(folded(each), "") for each in written} - {""})
        unknown = [each.strip() for each in written if folded(each) not in roles]
        if unknown:
            facts = {"unknown": ", ".join(unknown)[:200], "choices": names}
            wrong["roles"] = gettext("There is no role “%(unknown)s”. Write one or more of: %(choices)s.") % facts
        elif not written:
            wrong["roles"] = gettext("Write one or more of: %(choices)s.") % {"choices": names}
        return values, wrong

    return read


def read_address(cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = dict(cells)
    values["street"] = "\n".join(each.strip() for each in cells["street"].splitlines() if each.strip())
    values["country"] = _countries().get(folded(cells["country"]), "")
    if not values["country"]:
        wrong["country"] = gettext("Write the name of a country, or its code, such as DE.")
    for name in _TICKS:
        if name in cells:
            values[name] = _booleans().get(folded(cells[name]), False)
            if folded(cells[name]) not in _booleans():
                wrong[name] = gettext("Write one of: %(choices)s.") % {"choices": f"{_YES}, {_NO}"}
    try:
        Address(**values).clean_fields(exclude=["company", "id_key", "search_text", *wrong])
    except ValidationError as error:
        wrong |= {name: " ".join(sentences) for name, sentences in error.message_dict.items()}
    for name, sentence in faults(**values).items():
        wrong.setdefault(name, sentence)
    return values, wrong


@cache
def _countries() -> dict[str, str]:
    """How people may write a country: its code, or its name in any of our languages."""
    found: dict[str, str] = {}
    for language in our_languages():
        with override(language):
            for code, name in countries():
                found |= {folded(name): code, folded(code): code}
    return found


@cache
def _booleans() -> dict[str, bool]:
    yes = {*in_all_languages(_YES), "yes", "true", "wahr", "x", "1"}
    no = {*in_all_languages(_NO), "no", "false", "falsch", "", "0"}
    return dict.fromkeys(no, False) | dict.fromkeys(yes, True)
