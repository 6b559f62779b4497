"""What comes ready: groups of staff, roles of customers, and the indexes that searching needs.

What a project has made of groups and roles is left alone.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from wagtail_punchout.models import search_index

EVERY_RIGHT = {
    "company_edit": "Companies: see and edit all of them",
    "crm_company_edit": "Companies: see and edit those assigned to me, and all below them",
    "add_customer": "Add PunchOut customers",
    "reveal_secret": "Reveal secrets of PunchOut customers",
    "rotate_secret": "Make, end and revoke secrets of PunchOut customers",
    "see_documents": "See the documents of PunchOut customers",
    "edit_links": "Edit PunchOut groups and links",
    "edit_roles": "Edit what PunchOut roles allow",
    "act_on_orders": "Act on purchase orders",
    "invite_users": "Invite and upload users of PunchOut groups",
}
GROUPS = {
    "administrator": list(EVERY_RIGHT),
    "companyEdit": ["company_edit"],
    "crmCompanyEdit": ["crm_company_edit"],
}
ROLES = [
    (
        "companyAdmin",
        "Company administrator",
        "Looks after the company's connection at the buyer's side.",
        ["transfer_cart", "see_company_visits", "see_company_orders", "manage_company_users", "see_connection"],
    ),
    ("punchoutBuyer", "PunchOut buyer", "Shops and returns carts to the procurement system.", ["transfer_cart"]),
    ("requisitioner", "Requisitioner", "Orders directly in the shop.", ["checkout_directly"]),
    (
        "admin",
        "Administrator",
        "May do everything for the company.",
        [
            "transfer_cart",
            "checkout_directly",
            "see_company_visits",
            "see_company_orders",
            "manage_company_users",
            "see_connection",
        ],
    ),
    ("finance", "Finance", "Sees what was returned and ordered.", ["see_company_visits", "see_company_orders"]),
    ("tech", "Technical contact", "Sees visits and the connection settings.", ["see_company_visits", "see_connection"]),
]


def make(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(using)
        .get_or_create(app_label="wagtail_punchout", model="right")
    )
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    # Django makes permissions only after the last migration has run.
    rights = {
        codename: permissions.get_or_create(content_type=content_type, codename=codename, defaults={"name": name})[0]
        for codename, name in EVERY_RIGHT.items()
    }
    entrance = permissions.filter(content_type__app_label="wagtailadmin", codename="access_admin")
    for name, codenames in GROUPS.items():
        group, is_new = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        if is_new:
            group.permissions.add(*entrance, *(rights[each] for each in codenames))
    roles = apps.get_model("wagtail_punchout", "Role").objects.using(using)
    for slug, name, description, abilities in ROLES:
        values = {"name": name, "description": description, "abilities": abilities}
        roles.get_or_create(slug=slug, defaults=values)


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    search_index.install(schema_editor.connection)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    search_index.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_punchout", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(make, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
