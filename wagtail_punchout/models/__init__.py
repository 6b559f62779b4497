"""Facts, one subject a file. What happens to them is in ``flows``."""

from wagtail_punchout.models.companies import Company, company_root
from wagtail_punchout.models.credentials import Credential, Mode
from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.exchanges import Exchange
from wagtail_punchout.models.groups import CustomerGroup
from wagtail_punchout.models.links import PunchoutLink
from wagtail_punchout.models.quotes import Quote, QuoteLine
from wagtail_punchout.models.roles import Ability, Role, RoleAssignment
from wagtail_punchout.models.sessions import PunchoutSession

__all__ = [
    "Ability",
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
    "Role",
    "RoleAssignment",
    "company_root",
]
