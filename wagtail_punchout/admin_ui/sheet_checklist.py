"""What the buyer's people do and try, in the order in which they do it.

The fact sheets' list of what buyers check before going live, in words for those who have never done it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from wagtail_punchout.conf import conf
from wagtail_punchout.models import LinkFormat, Mode, PunchoutLink
from wagtail_punchout.protocol.units import to_buyer

#: A longer list of units is agreed upon by other means than one line of a sheet.
MOST_UNITS = 25


def checklist(mode: str, links: Sequence[PunchoutLink], units: Sequence[str]) -> list[str]:
    """For one mode. ``links`` are those of the customer's group, ``units`` all that the shop sells in."""
    cxml = next((each for each in links if each.format == LinkFormat.CXML), None)
    trying = _cxml_tests(cxml) if cxml or not links else _oci_tests()
    return [*_settings(links, units), *(trying if mode == Mode.TEST else _production(cxml))]


def _settings(links: Sequence[PunchoutLink], units: Sequence[str]) -> Iterator[str]:
    yield _("Enter the values exactly as they stand here, without blanks around them.")
    yield _("Open the one-time link for the secret when you are ready to enter it: it shows the secret once.")
    yield _("Let your servers and your users' browsers reach %(shop)s.") % {"shop": conf().base_url}
    for link in links:
        known = sorted({to_buyer(unit, link.units, link.format) for unit in units})
        if 0 < len(known) <= MOST_UNITS:
            told = {"format": link.get_format_display(), "units": ", ".join(known)}
            yield _("Have these units of measure in your system (%(format)s): %(units)s.") % told


def _cxml_tests(link: PunchoutLink | None) -> Iterator[str]:
    yield _("Call the shop from your system. A wrong secret is refused with Status 401, the right one opens the shop.")
    yield _("Put goods into the cart and return it: names, prices, units and categories arrive as the shop shows them.")
    yield _("Open the returned cart again, change a quantity and return it: the lines are the same ones.")
    yield _("Open the shop and go back without a cart: nothing changes in your system.")
    yield _("Approve and send the order: the answer is Status 200. Send it again: there is still one order.")
    if link is None or link.takes_changes:
        yield _("Change the order, then cancel it.")
    if link and link.documents_url:
        yield _("See that the supplier's documents arrive: confirmation, ship notice, invoice, as agreed.")
    yield _("Tell the supplier what worked. It then switches the connection to active mode.")


def _oci_tests() -> Iterator[str]:
    yield _("Call the shop from your system. A wrong password is refused, the right one opens the shop.")
    yield _("Put goods into the cart and return it: names, prices, units and categories arrive as the shop shows them.")
    yield _("Open the shop and go back without a cart: nothing changes in your system.")
    yield _("Tell the supplier what worked. It then switches the connection to active mode.")


def _production(link: PunchoutLink | None) -> Iterator[str]:
    yield _("Enter these values when the tests are done, apart from those for tests.")
    if link:
        yield _("Set the deploymentMode of your documents to production.")
        yield _("Hear from the supplier that the connection is in active mode before you order.")
        yield _("Order something small first, and see that it is delivered and invoiced once.")
