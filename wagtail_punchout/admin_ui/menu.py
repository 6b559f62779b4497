"""The menu: people and companies in one entry, their connections in the other."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from wagtail_punchout.admin_ui.companies import companies
from wagtail_punchout.admin_ui.customers import customers
from wagtail_punchout.admin_ui.deliveries import deliveries
from wagtail_punchout.admin_ui.erp_clients import erp_clients
from wagtail_punchout.admin_ui.exchanges import exchanges
from wagtail_punchout.admin_ui.first_contacts import first_contacts
from wagtail_punchout.admin_ui.groups import groups
from wagtail_punchout.admin_ui.links import links
from wagtail_punchout.admin_ui.orders import orders
from wagtail_punchout.admin_ui.overview import overview
from wagtail_punchout.admin_ui.quotes import quotes
from wagtail_punchout.admin_ui.roles import roles
from wagtail_punchout.admin_ui.users import users
from wagtail_punchout.admin_ui.visits import visits


class CrmGroup(ModelViewSetGroup):
    """Who we deal with."""

    menu_label = _("CRM")
    menu_name = "crm"
    menu_icon = "site"
    menu_order = 240
    items = (companies, customers, roles, users)


class PunchoutGroup(ModelViewSetGroup):
    """How they connect, and what has happened."""

    menu_label = _("PunchOut")
    menu_name = "punchout"
    menu_icon = "punchout"
    menu_order = 250
    items = (overview, groups, links, visits, quotes, orders, deliveries, exchanges, first_contacts, erp_clients)
