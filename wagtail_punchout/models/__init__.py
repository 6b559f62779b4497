"""Facts, one subject a file. What happens to them is in ``flows``."""

from wagtail_punchout.models import search_index  # noqa: F401  (looks after its indexes whenever tables have changed)
from wagtail_punchout.models.addresses import Address
from wagtail_punchout.models.companies import Company, company_root
from wagtail_punchout.models.credentials import Credential, Mode
from wagtail_punchout.models.customers import PunchoutCustomer, Routing
from wagtail_punchout.models.exchanges import Exchange
from wagtail_punchout.models.groups import CustomerGroup
from wagtail_punchout.models.links import PunchoutLink
from wagtail_punchout.models.quotes import Quote, QuoteLine
from wagtail_punchout.models.rights import Right
from wagtail_punchout.models.roles import Ability, Role, RoleAssignment
from wagtail_punchout.models.routing import RoutingRule, RoutingSource
from wagtail_punchout.models.sessions import PunchoutSession

__all__ = [
    "Ability",
    "Address",
    "Company",
    "Credential",
    "CustomerGroup",
    "Exchange",
    "Mode",
    "PunchoutCustomer",
    "PunchoutLink",
    "PunchoutSession",
    "Quote",
    "QuoteLine",
    "Right",
    "Role",
    "RoleAssignment",
    "Routing",
    "RoutingRule",
    "RoutingSource",
    "company_root",
]
