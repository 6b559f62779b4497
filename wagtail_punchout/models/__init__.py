"""Facts, one subject a file. What happens to them is in ``flows``."""

from wagtail_punchout.models import search_index  # noqa: F401  (looks after its indexes whenever tables have changed)
from wagtail_punchout.models.addresses import Address, UnknownAddress
from wagtail_punchout.models.companies import Company, company_root
from wagtail_punchout.models.connection_tests import ConnectionTest
from wagtail_punchout.models.credentials import Credential
from wagtail_punchout.models.customers import PunchoutCustomer, Routing
from wagtail_punchout.models.erp import ErpClient
from wagtail_punchout.models.exchanges import Exchange
from wagtail_punchout.models.first_contacts import FirstContact
from wagtail_punchout.models.groups import CustomerGroup, NamedUsers
from wagtail_punchout.models.imports import ImportKind, SheetImport
from wagtail_punchout.models.invitations import Invitation
from wagtail_punchout.models.link_rows import MappingRow, UnitRow
from wagtail_punchout.models.links import LinkFormat, PunchoutLink
from wagtail_punchout.models.modes import Mode
from wagtail_punchout.models.orders import (
    OrderAttachment,
    OrderDocument,
    OrderLine,
    OrderState,
    PurchaseOrder,
    Reason,
)
from wagtail_punchout.models.outbox import Delivery, DeliveryAttempt, HandOver
from wagtail_punchout.models.quotes import Quote, QuoteLine
from wagtail_punchout.models.rights import Right
from wagtail_punchout.models.roles import Ability, Role, RoleAssignment
from wagtail_punchout.models.routing import RoutingRule, RoutingSource
from wagtail_punchout.models.secret_links import SecretLink
from wagtail_punchout.models.sessions import PunchoutSession
from wagtail_punchout.models.site_options import SiteOption

__all__ = [
    "Ability",
    "Address",
    "Company",
    "ConnectionTest",
    "Credential",
    "CustomerGroup",
    "Delivery",
    "DeliveryAttempt",
    "ErpClient",
    "Exchange",
    "FirstContact",
    "HandOver",
    "ImportKind",
    "Invitation",
    "LinkFormat",
    "MappingRow",
    "Mode",
    "NamedUsers",
    "OrderAttachment",
    "OrderDocument",
    "OrderLine",
    "OrderState",
    "PunchoutCustomer",
    "PunchoutLink",
    "PunchoutSession",
    "PurchaseOrder",
    "Quote",
    "QuoteLine",
    "Reason",
    "Right",
    "Role",
    "RoleAssignment",
    "Routing",
    "RoutingRule",
    "RoutingSource",
    "SecretLink",
    "SheetImport",
    "SiteOption",
    "UnitRow",
    "UnknownAddress",
    "company_root",
]
