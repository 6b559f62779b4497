"""What searching and the tree need to stay fast: indexes, and the words of a company with those of its customers."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from wagtail_punchout.models import search_index
from wagtail_punchout.models.companies import PathAbove
from wagtail_punchout.models.folding import search_text

OF_COMPANY = ("code", "duns", "name", "network_id")
BATCH = 1000


def write_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    using = schema_editor.connection.alias
    companies = apps.get_model("wagtail_punchout", "Company").objects.using(using)
    rewrite(companies.order_by(), OF_COMPANY)
    user = get_user_model()
    fields = (
        *("name", "sender_identity", "from_identity"),
        *(f"user__{user.USERNAME_FIELD}", f"user__{user.get_email_field_name()}"),
        *(f"company__{field}" for field in OF_COMPANY),
    )
    rewrite(apps.get_model("wagtail_punchout", "PunchoutCustomer").objects.using(using).order_by(), fields)


def rewrite(things: models.QuerySet, fields: tuple[str, ...]) -> None:
    last = 0
    while rows := list(things.filter(pk__gt=last).order_by("pk").values_list("pk", *fields)[:BATCH]):
        changed = [things.model(pk=pk, search_text=search_text(*texts)) for pk, *texts in rows]
        things.bulk_update(changed, ["search_text"], batch_size=200)
        last = rows[-1][0]


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    search_index.install(schema_editor.connection)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    search_index.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_punchout", "0003_ready_made"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="punchoutcustomer",
            name="group",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customers",
                to="wagtail_punchout.customergroup",
                verbose_name="group",
            ),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(fields=["name"], name="punchout_company_name"),
        ),
        migrations.AddIndex(
            model_name="company",
            index=models.Index(
                PathAbove("path"), models.F("name"), models.F("depth"), name="punchout_company_level"
            ),
        ),
        migrations.AddIndex(
            model_name="punchoutcustomer",
            index=models.Index(fields=["name"], name="punchout_customer_name"),
        ),
        migrations.AddIndex(
            model_name="punchoutcustomer",
            index=models.Index(fields=["group", "name"], name="punchout_customer_group"),
        ),
        migrations.RunPython(write_words, migrations.RunPython.noop),
        migrations.RunPython(install, remove),
    ]
