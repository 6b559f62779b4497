"""Sheets of users and addresses: uploaded, checked, shown as a difference, applied, undone."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError, RestrictedError
from django.db.models.signals import pre_delete
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from wagtail.models import ModelLogEntry

from tests.connections import connect
from wagtail_punchout.flows import sheet_import
from wagtail_punchout.models import Address, CustomerGroup, Right, Role, RoleAssignment, SheetImport, UnknownAddress

pytestmark = pytest.mark.django_db
User = get_user_model()

USERS = ("E-mail", "First name", "Last name", "Roles", "User name")
ADDRESSES = ("Address ID", "Name", "Street", "Postal code", "City", "Country", "Phone")
QUAY = ("HH-1", "Quay depot", "Quay 7", "20457", "Hamburg", "Germany", "+49 40 1234567")
JANE = ("jane@buyer.example", "Jane", "Doe", "PunchOut buyer", "")
RON = ("ron@buyer.example", "Ron", "Roe", "punchoutBuyer; finance", "ron")


@pytest.fixture
def group(acme) -> CustomerGroup:
    return acme.customer.group


def as_csv(headings, *rows, delimiter=",", encoding="utf-8") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([headings, *rows])
    return stream.getvalue().encode(encoding)


def as_xlsx(*rows) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def as_zip(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return stream.getvalue()


def repacked(xlsx: bytes, old: bytes, new: bytes) -> bytes:
    """With ``new`` for ``old`` in its table."""
    with ZipFile(io.BytesIO(xlsx)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in files[sheet]
    return as_zip(files | {sheet: files[sheet].replace(old, new, 1)})


def with_dtd(dtd: bytes) -> bytes:
    """The name of the depot is what the entity ``x`` says."""
    xlsx = repacked(as_xlsx(ADDRESSES, QUAY), b"<worksheet", b"<!DOCTYPE worksheet [" + dtd + b"]><worksheet")
    return repacked(xlsx, b"<t>Quay depot</t>", b"<t>&x;</t>")


def with_entity(address: str) -> bytes:
    return with_dtd(f'<!ENTITY x SYSTEM "{address}">'.encode())


def with_laughs() -> bytes:
    laughs = "".join(f'<!ENTITY x{each} "{f"&x{each - 1};" * 10}">' for each in range(1, 12))
    return with_dtd(f'<!ENTITY x0 "ha">{laughs}<!ENTITY x "&x11;">'.encode())


def url_of(place) -> str:
    return reverse(f"punchout_uploads:{'users' if isinstance(place, CustomerGroup) else 'addresses'}", args=[place.pk])


def send(client, place, content: bytes, name="people.csv"):
    return client.post(url_of(place), {"file": SimpleUploadedFile(name, content)})


def checked(client, place, headings, *rows):
    """The page with the difference."""
    answer = send(client, place, as_csv(headings, *rows))
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer.url)


def do(client, name: str, upload: SheetImport | None = None):
    upload = upload or SheetImport.objects.first()
    return client.post(reverse("punchout_uploads:do", args=[upload.pk, name]), follow=True)


def applied(client, place, headings, *rows):
    checked(client, place, headings, *rows)
    return do(client, "apply")


def counts(page) -> dict[str, int]:
    return {value: count for value, _label, count, _shown in page.context["counts"] if count}


def faults(page) -> list[tuple[int, str, str]]:
    return [
        (line["number"], str(heading), said) for line in page.context["lines"] for heading, _w, said in line["faults"]
    ]


def roles_of(email: str) -> set[str]:
    return set(RoleAssignment.objects.filter(user__email=email).values_list("role__slug", flat=True))


# Users


def test_people_of_a_sheet_join_the_group(admin_client, group):
    page = checked(admin_client, group, USERS, JANE, RON)
    assert counts(page) == {"added": 2}
    assert not User.objects.filter(email="jane@buyer.example").exists()  # nothing yet
    assert "2 added, 0 changed" in do(admin_client, "apply").content.decode()
    jane, ron = (User.objects.get(email=each[0]) for each in (JANE, RON))
    assert (jane.get_username(), jane.first_name, jane.last_name) == ("jane@buyer.example", "Jane", "Doe")
    assert not (jane.has_usable_password() or jane.is_staff)
    assert ron.get_username() == "ron"
    assert roles_of("ron@buyer.example") == {"punchoutBuyer", "finance"}
    assert {each.group for each in RoleAssignment.objects.filter(user__in=[jane, ron])} == {group}


def test_sheet_says_which_roles_somebody_has(admin_client, group):
    applied(admin_client, group, USERS, JANE, RON)
    page = checked(admin_client, group, USERS, JANE, (RON[0], "", "Rowe", "Finance", ""))
    assert counts(page) == {"same": 1, "changed": 1}
    text = page.content.decode()
    assert "<del>Finance, PunchOut buyer</del>" in text
    assert "<del>Roe</del> <ins>Rowe</ins>" in text
    do(admin_client, "apply")
    ron = User.objects.get(email=RON[0])
    assert (ron.first_name, ron.last_name) == ("Ron", "Rowe")  # an empty cell takes nothing away
    assert roles_of(RON[0]) == {"finance"}


def test_what_is_downloaded_can_be_uploaded_unchanged(admin_client, group):
    applied(admin_client, group, USERS, JANE, RON)
    for form in ("csv", "xlsx"):
        url = reverse("punchout_uploads:users_file", args=[group.pk, form])
        answer = send(admin_client, group, admin_client.get(url).content, f"users.{form}")
        assert counts(admin_client.get(answer.url)) == {"same": 2}
    assert "There is nothing to change." in admin_client.get(answer.url).content.decode()


def test_template_of_an_empty_group_has_the_headings(admin_client, group):
    answer = admin_client.get(reverse("punchout_uploads:users_file", args=[group.pk, "xlsx"]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [list(USERS)]


def test_account_that_is_there_is_added_as_it_is(admin_client, group):
    there = User.objects.create_user("jd", email="Jane@Buyer.example", password="unchanged")
    applied(admin_client, group, USERS, JANE)
    assert User.objects.filter(email__iexact=JANE[0]).count() == 1
    there.refresh_from_db()
    assert there.check_password("unchanged")
    assert there.first_name == "Jane"
    assert RoleAssignment.objects.get(user=there).group == group


def test_account_that_has_the_address_is_meant_whoever_goes_by_it_as_a_name(admin_client, group):
    stranger = User.objects.create_user(JANE[0], email="stranger@elsewhere.example")
    jane = User.objects.create_user("jane", email=JANE[0])
    applied(admin_client, group, USERS, JANE)
    assert RoleAssignment.objects.get(group=group, user__isnull=False).user == jane
    assert not stranger.punchout_role_assignments.exists()


def test_name_of_a_stranger_is_taken(admin_client, group):
    User.objects.create_user(JANE[0], email="stranger@elsewhere.example")
    page = checked(admin_client, group, USERS, JANE)
    assert faults(page) == [(2, "E-mail", "This user name is taken.")]
    assert counts(checked(admin_client, group, USERS, (*JANE[:4], "jane"))) == {"added": 1}


def test_account_without_an_address_is_known_by_its_name(admin_client, group):
    jane = User.objects.create_user(JANE[0])
    applied(admin_client, group, USERS, JANE)
    assert RoleAssignment.objects.get(group=group, user__isnull=False).user == jane


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (("nobody", "", "", "Finance", ""), "E-mail", "Write an e-mail address."),
        (("", "Jane", "", "Finance", ""), "E-mail", "Write an e-mail address."),
        (("a@b.example", "", "", "", ""), "Roles", "Write one or more of:"),
        (("a@b.example", "", "", "Finance, Boss", ""), "Roles", "There is no role “Boss”."),
        (("a@b.example", "", "", "PunchOut buyer, Requisitioner", ""), "Roles", "Take away “PunchOut buyer” or"),
        (("a@b.example", "", "", "Finance", "admin"), "User name", "This user name is taken."),
        (("a@b.example", "", "", "Finance", "no blanks"), "User name", "This cannot be a user name"),
        (("a@b.example", "x" * 151, "", "Finance", ""), "First name", "At most 150 letters."),
        ((f"a@{'b.' * 125}example", "", "", "Finance", "ab"), "E-mail", "At most 254 letters."),
        (("jane@buyer.example", "", "", "Finance", ""), "E-mail", "Row 2 has the same already."),
        (("a@b.example", "", "", "Finance", "Jane@buyer.example"), "User name", "Row 2 has the same already."),
        (("boss@shop.example", "", "", "Finance", ""), "E-mail", "belongs to the shop's staff"),
        (("editor@shop.example", "", "", "Finance", ""), "E-mail", "belongs to the shop's staff"),
        (("two@b.example", "", "", "Finance", ""), "E-mail", "Several accounts have this address."),
        (("one@b.example", "", "", "Finance", "uno"), "User name", "another user name, which stays"),
    ],
)
def test_each_fault_is_told_by_row_and_column_and_nothing_is_done(admin_client, group, row, column, words):
    User.objects.create_user("boss", email="boss@shop.example", is_staff=True)
    editor = User.objects.create_user("editor", email="editor@shop.example")
    editor.user_permissions.add(Permission.objects.get(codename="access_admin"))
    for name, email in (("one", "one"), ("two", "two"), ("deux", "two")):
        User.objects.create_user(name, email=f"{email}@b.example")
    page = checked(admin_client, group, USERS, JANE, row)
    assert [(number, heading) for number, heading, _said in faults(page)] == [(3, column)]
    assert words in faults(page)[0][2]
    assert "Apply" not in page.content.decode()
    do(admin_client, "apply")
    assert not User.objects.filter(email=JANE[0]).exists()


def test_user_name_tells_apart_accounts_of_one_address(admin_client, group):
    for name in ("two", "deux"):
        User.objects.create_user(name, email="two@b.example")
    applied(admin_client, group, USERS, ("two@b.example", "", "", "Finance", "deux"))
    assert RoleAssignment.objects.get(user__email="two@b.example").user.get_username() == "deux"


def test_role_of_the_company_conflicts_as_well(admin_client, group):
    jane = User.objects.create_user("jane", email=JANE[0])
    RoleAssignment.objects.create(role=Role.objects.get(slug="requisitioner"), user=jane, company=group.company)
    page = checked(admin_client, group, USERS, JANE)
    assert "Take away “PunchOut buyer” or “Requisitioner”." in faults(page)[0][2]
    RoleAssignment.objects.all().delete()  # mended in the admin
    assert counts(do(admin_client, "again")) == {"added": 1}


def test_account_that_one_may_not_know_of_is_left_alone(client, staff, group):
    elsewhere = connect("zyx")
    jane = User.objects.create_user("jane", email=JANE[0])
    RoleAssignment.objects.create(role=Role.objects.get(slug="finance"), user=jane, company=elsewhere.company)
    client.force_login(staff(Right.CRM_COMPANY_EDIT, Right.INVITE_USERS, companies=[group.company]))
    page = checked(client, group, USERS, JANE)
    assert faults(page) == [(2, "E-mail", "No account can be made for this address. Invite this person by e-mail.")]


def test_users_are_uploaded_by_those_who_may_invite(signed_in, admin_client, group):
    checked(admin_client, group, USERS, JANE)
    page = SheetImport.objects.get()
    clerk = signed_in(Right.CRM_COMPANY_EDIT, companies=[group.company])
    for url in (url_of(group), reverse("punchout_uploads:upload", args=[page.pk])):
        assert clerk.get(url).url == reverse("wagtailadmin_home")
    clerk.post(reverse("punchout_uploads:do", args=[page.pk, "apply"]))
    assert not User.objects.filter(email=JANE[0]).exists()


def test_import_of_users_is_undone(admin_client, group):
    applied(admin_client, group, USERS, JANE)
    page = applied(admin_client, group, USERS, (JANE[0], "Joan", "", "Finance", ""), RON)
    assert "Undo" in page.content.decode()
    assert "everything is as it was" in do(admin_client, "undo").content.decode()
    assert not User.objects.filter(email=RON[0]).exists()
    assert User.objects.get(email=JANE[0]).first_name == "Jane"
    assert roles_of(JANE[0]) == {"punchoutBuyer"}


def test_undoing_keeps_what_was_used_since(admin_client, group, open_visit, acme):
    applied(admin_client, group, USERS, JANE, RON)
    open_visit(acme, user=User.objects.get(email=JANE[0]))
    assert "1 entry stays" in do(admin_client, "undo").content.decode()
    assert User.objects.filter(email__in=[JANE[0], RON[0]]).get().email == JANE[0]
    assert roles_of(JANE[0]) == set()


@pytest.mark.parametrize("edit", ["first name", "password", "switched off", "put into a group of staff"])
def test_undoing_keeps_an_account_that_somebody_has_edited(admin_client, group, edit):
    applied(admin_client, group, USERS, JANE, RON)
    jane = User.objects.get(email=JANE[0])
    if edit == "first name":
        jane.first_name = "Janet"
    elif edit == "password":
        jane.set_password("somebody has told her")
    elif edit == "switched off":
        jane.is_active = False
    else:
        jane.groups.add(Group.objects.create(name="Customers of the year"))
    jane.save()
    assert "1 entry stays" in do(admin_client, "undo").content.decode()
    assert User.objects.filter(email__in=[JANE[0], RON[0]]).get() == jane
    assert roles_of(JANE[0]) == set()


def test_undoing_keeps_a_name_and_roles_that_somebody_has_changed_since(admin_client, group):
    applied(admin_client, group, USERS, JANE, RON)
    applied(admin_client, group, USERS, (JANE[0], "Joan", "", "Finance", ""), RON)
    User.objects.filter(email=JANE[0]).update(first_name="Jeanne")
    jane = User.objects.get(email=JANE[0])
    RoleAssignment.objects.create(role=Role.objects.get(slug="tech"), user=jane, group=group)
    assert "1 entry stays" in do(admin_client, "undo").content.decode()
    assert User.objects.get(email=JANE[0]).first_name == "Jeanne"
    assert roles_of(JANE[0]) == {"punchoutBuyer", "tech"}


@pytest.mark.parametrize("refusal", [ProtectedError, RestrictedError])
def test_undoing_keeps_an_account_that_the_shop_has_something_of(admin_client, group, refusal):
    applied(admin_client, group, USERS, JANE, RON)

    def refuse(instance, **kwargs):
        if instance.email == JANE[0]:
            raise refusal("The shop has an order of hers.", {instance})

    pre_delete.connect(refuse, sender=User)
    try:
        assert "1 entry stays" in do(admin_client, "undo").content.decode()
    finally:
        pre_delete.disconnect(refuse, sender=User)
    assert User.objects.get(email__in=[JANE[0], RON[0]]).email == JANE[0]


def test_undoing_does_not_mind_who_is_gone(admin_client, group):
    applied(admin_client, group, USERS, JANE, RON)
    User.objects.get(email=JANE[0]).delete()
    assert "everything is as it was" in do(admin_client, "undo").content.decode()
    assert not User.objects.filter(email=RON[0]).exists()


def test_roles_that_somebody_has_changed_meanwhile_are_shown_first(admin_client, group):
    applied(admin_client, group, USERS, JANE)
    checked(admin_client, group, USERS, (*JANE[:3], "Finance", ""))
    RoleAssignment.objects.filter(user__email=JANE[0]).delete()
    page = do(admin_client, "apply")
    assert "Something has changed since." in page.content.decode()
    assert counts(page) == {"added": 1}
    assert roles_of(JANE[0]) == set()


def test_of_two_that_look_at_the_same_the_second_is_told(admin_client, client, staff, own):
    colleague = staff(Right.CRM_COMPANY_EDIT, companies=[own])
    client.force_login(colleague)
    checked(admin_client, own, ADDRESSES, QUAY)
    checked(client, own, ADDRESSES, ("HH-1", "Other", *QUAY[2:]))
    second, first = SheetImport.objects.order_by("-pk")
    do(admin_client, "apply", first)
    page = do(client, "apply", second)
    assert "Something has changed since." in page.content.decode()
    assert "<del>Quay depot</del> <ins>Other</ins>" in page.content.decode()
    assert Address.objects.get().name == "Quay depot"
    do(client, "apply", second)
    assert Address.objects.get().name == "Other"
    assert "not the last one any more" in do(admin_client, "undo", first).content.decode()
    do(client, "undo", second)
    assert Address.objects.get().name == "Quay depot"


def test_clicking_twice_applies_once(admin_client, own):
    applied(admin_client, own, ADDRESSES, QUAY)
    page = do(admin_client, "apply").content.decode()
    assert "Nothing was changed." not in page
    assert "Applied: " in page
    assert "1 added" in page
    assert Address.objects.count() == 1


def test_only_the_last_import_is_undone_and_only_once(admin_client, group):
    applied(admin_client, group, USERS, JANE)
    first = SheetImport.objects.get()
    applied(admin_client, group, USERS, RON)
    assert "not the last one any more" in do(admin_client, "undo", first).content.decode()
    do(admin_client, "undo")
    assert "not the last one any more" in do(admin_client, "undo").content.decode()
    assert User.objects.filter(email=JANE[0]).exists()


# Addresses


def test_addresses_of_a_sheet_stand_in_the_book(admin_client, own):
    applied(admin_client, own, (*ADDRESSES, "Weekend delivery"), (*QUAY, "Yes"), ("HH-2", *QUAY[1:], ""))
    quay = Address.objects.get(address_id="HH-1")
    assert (quay.country, quay.weekend_delivery, quay.id_key) == ("DE", True, "hh-1")
    assert "quay depot" in quay.search_text
    assert "Weekend delivery" in as_text(admin_client, own)


def as_text(client, company) -> str:
    return client.get(reverse("punchout_uploads:addresses_file", args=[company.pk, "csv"])).content.decode("utf-8-sig")


def test_addresses_that_are_downloaded_can_be_uploaded_unchanged(admin_client, own):
    applied(admin_client, own, ADDRESSES, QUAY, ("", "Gate", "Quay 8\nGate B", *QUAY[3:]))
    for form in ("csv", "xlsx"):
        url = reverse("punchout_uploads:addresses_file", args=[own.pk, form])
        answer = send(admin_client, own, admin_client.get(url).content)
        assert counts(admin_client.get(answer.url)) == {"same": 2}


def test_the_buyers_id_says_which_address_is_changed(admin_client, own):
    applied(admin_client, own, ADDRESSES, QUAY)
    page = checked(admin_client, own, ADDRESSES, ("hh-1", "Depot", *QUAY[2:]), ("HH-3", *QUAY[1:]))
    assert counts(page) == {"changed": 1, "added": 1}
    text = admin_client.get(page.wsgi_request.path, {"show": "changed"}).content.decode()
    assert "<del>Quay depot</del> <ins>Depot</ins>" in text
    do(admin_client, "apply")
    assert set(Address.objects.values_list("address_id", "name")) == {("hh-1", "Depot"), ("HH-3", "Quay depot")}
    do(admin_client, "undo")
    assert list(Address.objects.values_list("address_id", "name")) == [("HH-1", "Quay depot")]


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ({5: "Germania"}, "Country", "Write the name of a country"),
        ({5: ""}, "Country", "Write the name of a country"),
        ({3: "2045"}, "Postal code", "no postal code of this country"),
        ({3: ""}, "Postal code", "needs a postal code"),
        ({6: ""}, "Phone", "cannot be blank"),
        ({6: "gate"}, "Phone", "Nobody can be called by this number"),
        ({1: ""}, "Name", "cannot be blank"),
        ({0: "x" * 101}, "Address ID", "at most 100 characters"),
        ({0: " hh-1 "}, "Address ID", "Row 2 has the same already."),
    ],
)
def test_each_fault_of_an_address_is_told(admin_client, own, changed, column, words):
    row = [changed.get(place, text) for place, text in enumerate(("HH-2", *QUAY[1:]))]
    page = checked(admin_client, own, ADDRESSES, QUAY, row)
    assert [(number, heading) for number, heading, _said in faults(page)] == [(3, column)]
    assert words in faults(page)[0][2]


def test_sheet_moves_the_default_and_undoing_moves_it_back(admin_client, own):
    old = Address.objects.create(company=own, name="Old", country="DE", is_default_ship_to=True)
    headings = (*ADDRESSES, "Default for deliveries")
    page = checked(admin_client, own, headings, (*QUAY, "yes"), ("HH-2", *QUAY[1:], "x"))
    assert faults(page) == [(3, "Default for deliveries", "Row 2 is the default already. There can be one.")]
    applied(admin_client, own, headings, (*QUAY, "yes"))
    assert Address.objects.get(is_default_ship_to=True).address_id == "HH-1"
    do(admin_client, "undo")
    assert Address.objects.get() == old
    assert Address.objects.get().is_default_ship_to


def test_default_moves_between_entries_that_are_there(admin_client, own):
    headings = (*ADDRESSES, "Default for deliveries")
    two = ("HH-2", *QUAY[1:])
    applied(admin_client, own, headings, (*QUAY, "yes"), (*two, ""))
    applied(admin_client, own, headings, (*QUAY, ""), (*two, "yes"))
    assert Address.objects.get(is_default_ship_to=True).address_id == "HH-2"
    do(admin_client, "undo")
    assert Address.objects.get(is_default_ship_to=True).address_id == "HH-1"


def test_undoing_leaves_an_address_that_somebody_has_changed_or_chosen(admin_client, own, group):
    applied(admin_client, own, ADDRESSES, *((f"HH-{each}", *QUAY[1:]) for each in range(4)))
    entries = list(Address.objects.order_by("address_id"))
    entries[0].city = "Altona"
    entries[0].save()
    group.addresses.add(entries[1])
    assert "2 entries stay" in do(admin_client, "undo").content.decode()
    assert list(Address.objects.order_by("address_id")) == entries[:2]


def test_id_that_a_sheet_has_is_unknown_no_more(admin_client, own, foreign):
    for company in (own, foreign):
        at = timezone.now()
        facts = {"address_id": "hh-1", "id_key": "hh-1", "first_at": at, "last_at": at}
        UnknownAddress.objects.create(company=company, **facts)
    applied(admin_client, own, ADDRESSES, QUAY)
    assert UnknownAddress.objects.get().company == foreign


def test_undoing_makes_an_id_unknown_again(admin_client, own):
    at = timezone.now()
    for number in range(3):
        name = f"hh-{number}"
        facts = {"address_id": name, "id_key": name, "told": {"city": "Hamburg"}, "times": 7}
        UnknownAddress.objects.create(company=own, first_at=at, last_at=at, **facts)
    applied(admin_client, own, ADDRESSES, *((f"HH-{each}", *QUAY[1:]) for each in range(3)))
    Address.objects.get(address_id="HH-1").save()  # somebody has a use for it
    UnknownAddress.objects.create(company=own, address_id="hh-2", id_key="hh-2", times=1, first_at=at, last_at=at)
    do(admin_client, "undo")
    noted = UnknownAddress.objects.filter(company=own).order_by("id_key")
    assert [(each.id_key, each.times) for each in noted] == [("hh-0", 7), ("hh-2", 1)]
    assert noted[0].told == {"city": "Hamburg"}
    assert abs(noted[0].last_at - at) < timedelta(seconds=1)


def test_other_companies_addresses_are_never_touched(admin_client, own, foreign):
    theirs = Address.objects.create(company=foreign, address_id="HH-1", name="Theirs", country="DE")
    applied(admin_client, own, ADDRESSES, QUAY)
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"
    assert Address.objects.filter(company=own).count() == 1


# Any upload


def test_many_rows_are_checked_in_slices_that_show_how_far_it_is(admin_client, own, monkeypatch):
    monkeypatch.setattr(sheet_import, "SLICE", 2)
    answer = send(admin_client, own, as_csv(ADDRESSES, *((f"HH-{each}", *QUAY[1:]) for each in range(5))))
    page = admin_client.get(answer.url)
    assert "2 of 5 rows are checked." in page.content.decode()
    assert page["Refresh"] == "0"
    assert do(admin_client, "apply").status_code == 200  # too early: nothing is done
    assert not Address.objects.exists()
    page = [admin_client.get(answer.url) for _ in range(3)][-1]
    assert "Refresh" not in page
    assert counts(page) == {"added": 5}


def test_long_differences_have_pages(admin_client, own):
    page = checked(admin_client, own, ADDRESSES, *((f"HH-{each}", *QUAY[1:]) for each in range(60)))
    assert len(page.context["lines"]) == 50
    second = admin_client.get(page.wsgi_request.path, {"show": "added", "p": 2})
    assert [line["number"] for line in second.context["lines"]] == list(range(52, 62))
    assert admin_client.get(page.wsgi_request.path, {"show": "nonsense", "p": "x"}).status_code == 200


def test_what_has_changed_since_is_shown_before_anything_is_done(admin_client, own):
    page = checked(admin_client, own, ADDRESSES, QUAY)
    Address.objects.create(company=own, address_id="HH-1", name="Somebody was faster", country="DE")
    page = do(admin_client, "apply")
    assert "Something has changed since." in page.content.decode()
    assert counts(page) == {"changed": 1}
    assert Address.objects.get().name == "Somebody was faster"


def test_import_that_fails_half_way_does_nothing(admin_client, group, monkeypatch):
    checked(admin_client, group, USERS, JANE, RON)
    from wagtail_punchout.flows import import_users

    def fail(self, name, *, email=""):
        raise import_users.ValidationError("The shop knows no such people.")

    monkeypatch.setattr("wagtail_punchout.shop.ShopAdapter.create_user", fail)
    assert "The shop knows no such people." in do(admin_client, "apply").content.decode()
    assert not RoleAssignment.objects.filter(group=group, user__isnull=False).exists()
    assert SheetImport.objects.get().applied_at is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (as_csv(ADDRESSES), "Below its headings, the file is empty."),
        (as_csv(ADDRESSES[:-1], QUAY[:-1]), "Missing: Phone."),
        (as_csv((*ADDRESSES, "phone"), QUAY), "There are two columns “Phone”."),
        (b"PK\x03\x04 not a zip", "The XLSX file is damaged."),
        (b"\x00\x01\x02", "The file is neither XLSX nor CSV."),
        (as_csv(ADDRESSES, *[QUAY] * 10_001), "more than 10000 rows"),
        (as_csv(ADDRESSES, ("x" * 2001, *QUAY[1:])), "A cell in row 2 is too long"),
        (as_xlsx(ADDRESSES, (*QUAY[:-1], "=CONCAT(A1,A2)")), "row 2 is a formula"),
        (repacked(as_xlsx(ADDRESSES, QUAY), b"</sheetData>", b"</sheetData>" + b" " * 60_000_000), "unpacks to more"),
        (repacked(as_xlsx(ADDRESSES, QUAY), b"<worksheet", b"<worksheet " + b"x" * 99), "The XLSX file is damaged."),
        (with_entity("file:///etc/hostname"), "The XLSX file is damaged."),
        (with_entity("http://192.0.2.1/"), "The XLSX file is damaged."),
        (with_laughs(), "The XLSX file is damaged."),
        (as_zip({"xl/sheet.xml": b"<x/>"}), "The XLSX file is damaged."),
        (as_zip({"../../etc/cron.d/x": b"x"}), "The XLSX file is damaged."),
        (b"%PDF-1.7\n%\x00", "The file is neither XLSX nor CSV."),
        (as_csv(ADDRESSES, QUAY, encoding="utf-16-le"), "The file is neither XLSX nor CSV."),
        (b"\xef\xbb\xbf\r\n\r\n", "The file is empty."),
    ],
    ids=lambda each: each[:30] if isinstance(each, str) else "",
)
def test_file_that_cannot_be_read_says_what_to_do(admin_client, own, content, words):
    page = send(admin_client, own, content)
    assert words in page.content.decode()
    assert not SheetImport.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        as_csv(ADDRESSES, QUAY, encoding="utf-16"),
        as_csv(ADDRESSES, QUAY, delimiter=";", encoding="utf-8-sig"),
        as_csv(ADDRESSES, QUAY, delimiter="\t"),
        as_csv(ADDRESSES, [""] * 7, QUAY, [""] * 7),
        as_xlsx(ADDRESSES, (), QUAY, (None, " ")),
        as_csv([each.upper() for each in ADDRESSES], QUAY),
        as_csv(("address_id", "name", "street", "postal_code", "city", "country", "phone"), QUAY),
        as_csv(("Remarks", *ADDRESSES), ("x", *QUAY)),  # a column that nobody knows
    ],
    ids=["UTF-16", "semicolons", "tabs", "empty rows", "XLSX", "capitals", "names for programs", "another column"],
)
def test_file_comes_as_programs_write_it(admin_client, own, content):
    answer = send(admin_client, own, content)
    assert answer.status_code == 302, answer.content.decode()
    assert counts(admin_client.get(answer.url)) == {"added": 1}


def test_whoever_uploads_again_means_the_new_file(admin_client, own):
    checked(admin_client, own, ADDRESSES, QUAY)
    checked(admin_client, own, ADDRESSES, QUAY)
    assert SheetImport.objects.count() == 1
    answer = do(admin_client, "drop")
    assert answer.redirect_chain[-1][0] == url_of(own)
    assert not SheetImport.objects.exists()


def test_earlier_uploads_stand_below_the_form_and_in_the_history(admin_client, group):
    applied(admin_client, group, USERS, JANE)
    page = admin_client.get(url_of(group)).content.decode()
    assert "people.csv" in page
    assert "1 added, 0 changed" in page
    entry = ModelLogEntry.objects.get(action="wagtail_punchout.sheet_applied")
    assert entry.formatter.format_message(entry) == "Uploaded: users, 1 added, 0 changed (people.csv)"


def test_ways_lead_to_the_uploads(admin_client, group):
    assert url_of(group) in admin_client.get(reverse("punchout_groups:edit", args=[group.pk])).content.decode()
    company = admin_client.get(reverse("punchout_companies:edit", args=[group.company.pk])).content.decode()
    assert url_of(group.company) in company


def test_group_of_no_company_has_users_too(admin_client):
    group = CustomerGroup.objects.create(name="Everybody's")
    applied(admin_client, group, USERS, JANE)
    assert RoleAssignment.objects.get(user__email=JANE[0]).group == group
    assert SheetImport.objects.get().company is None


def test_company_tells_of_uploads_in_its_history(admin_client, group):
    applied(admin_client, group, USERS, JANE)
    do(admin_client, "undo")
    applied(admin_client, group.company, ADDRESSES, QUAY)
    page = admin_client.get(reverse("punchout_companies:edit", args=[group.company.pk]))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Uploaded: users, 1 added, 0 changed (people.csv)" in text
    assert "Uploaded: addresses, 1 added, 0 changed (people.csv)" in text
