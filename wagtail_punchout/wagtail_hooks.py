"""Registers the admin screens; they live in ``admin_ui``."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks

from wagtail_punchout.admin_ui import deleting, log_actions
from wagtail_punchout.admin_ui.addresses import addresses
from wagtail_punchout.admin_ui.assigning import role_assignments
from wagtail_punchout.admin_ui.bulk_actions import bulk_actions
from wagtail_punchout.admin_ui.choosers import choosers
from wagtail_punchout.admin_ui.connection_tests import connection_tests
from wagtail_punchout.admin_ui.credentials import credentials
from wagtail_punchout.admin_ui.go_live import go_live
from wagtail_punchout.admin_ui.hand_over_sheet import hand_over_sheet
from wagtail_punchout.admin_ui.invitations import invitations
from wagtail_punchout.admin_ui.links import offer_publishing
from wagtail_punchout.admin_ui.menu import CrmGroup, PunchoutGroup
from wagtail_punchout.admin_ui.order_downloads import order_downloads
from wagtail_punchout.admin_ui.overview import add_home_panel
from wagtail_punchout.admin_ui.reports import REPORTS, ReportItem, reports
from wagtail_punchout.admin_ui.routing import routing
from wagtail_punchout.admin_ui.site_options import nothing_without_option, site_options
from wagtail_punchout.admin_ui.unit_report import UnitReportItem
from wagtail_punchout.admin_ui.uploads import uploads

ICONS = ["punchout", "punchout-cart"]


@hooks.register("register_admin_viewset")
def register_screens() -> list:
    return [
        *choosers,
        CrmGroup(),
        PunchoutGroup(),
        role_assignments,
        credentials,
        addresses,
        routing,
        site_options,
        order_downloads,
        go_live,
        connection_tests,
        hand_over_sheet,
        invitations,
        uploads,
        reports,
    ]


@hooks.register("register_permissions")
def register_permissions() -> QuerySet:
    return Permission.objects.filter(content_type__app_label="wagtail_punchout", content_type__model="right")


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    return [*icons, *(f"wagtail_punchout/admin/icons/{name}.svg" for name in ICONS)]


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    log_actions.register(actions)


# Before the screens themselves.
hooks.register("register_admin_urls", nothing_without_option, order=-1)
hooks.register("register_reports_menu_item", UnitReportItem)
for report in REPORTS:
    hooks.register("register_reports_menu_item", partial(ReportItem, report))
hooks.register("construct_homepage_panels", add_home_panel)
hooks.register("construct_snippet_action_menu", offer_publishing)
hooks.register("before_delete_user", deleting.keep_user_with_customer)
hooks.register("before_bulk_action", deleting.keep_protected)
for action in bulk_actions:
    # After those that Wagtail has for all snippets: the last one of a name is the one that counts.
    hooks.register("register_bulk_action", action, order=100)
