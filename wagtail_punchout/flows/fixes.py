"""Fixes: for every true cause of a refusal, what it means and what to change, in plain words.

One table for the documents, the first contacts and whatever else shows a failure. Those who read it need not know cXML:
they look after customers.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.protocol.failures import Failure


@dataclass(frozen=True, slots=True)
class Fix:
    """``what`` happened in a few words, as a heading; ``mend`` says what to change, and who."""

    what: str | Promise
    mend: str | Promise


FIXES: dict[Failure, Fix] = {
    Failure.CONTENT: Fix(
        _("Something needed is missing or wrong"),
        _(
            "The buyer's system has to send the document as the sentence above says. Give that sentence to its "
            "administrator."
        ),
    ),
    Failure.RETURN_MISSING: Fix(
        _("The call does not say where the cart shall go"),
        _(
            "Have the return address sent (cXML: BrowserFormPost, OCI: HOOK_URL), or enter a default return URL in the "
            "link."
        ),
    ),
    Failure.RETURN_UNUSABLE: Fix(
        _("The return address cannot be used"),
        _(
            "It must be a whole web address that begins with https, in plain letters, without user name or blanks. The "
            "buyer's administrator corrects it. For SAP GUI, allow its returns in the link."
        ),
    ),
    Failure.ORDER_DIFFERS: Fix(
        _("The order differs from the returned cart"),
        _(
            "The link refuses such orders. Look at the order: either the buyer corrects it, or the link holds or "
            "accepts differences."
        ),
    ),
    Failure.SENDER_UNNAMED: Fix(
        _("The call does not say who calls"),
        _("The buyer's administrator enters the Sender identity from the customer's Developer fields."),
    ),
    Failure.SENDER_MANY_NAMES: Fix(
        _("The Sender has more names than any real one"),
        _("Nothing, if you do not know who calls. A real buyer's system sends one Sender identity, or a few."),
    ),
    Failure.SENDER_UNKNOWN: Fix(
        _("The Sender identity is unknown"),
        _(
            "No customer has it, or the one who has it has no secret that is valid. If you know who calls, adopt the "
            "values into a customer, old or new, or make the customer a new secret. Blanks and upper case do not "
            "matter."
        ),
    ),
    Failure.SENDER_ELSEWHERE: Fix(
        _("The call came to the address of another customer, or of the other mode"),
        _(
            "Each customer has addresses of its own, others for test than for production. The buyer's administrator "
            "enters the one from this customer's Developer fields."
        ),
    ),
    Failure.SENDER_AMBIGUOUS: Fix(
        _("The Sender gives names of several customers"),
        _("The buyer's system has to send the identity of one customer. Its administrator removes the others."),
    ),
    Failure.HUB_UNKNOWN: Fix(
        _("A network calls for a buyer whom we do not know"),
        _(
            "The From identity tells which buyer it is, and no customer behind this network has it. Enter it at the "
            "customer, or adopt it into a new one."
        ),
    ),
    Failure.SECRET_MISSING: Fix(
        _("The call has no secret"),
        _("The buyer's administrator enters the shared secret from the customer's Developer fields."),
    ),
    Failure.SECRET_WRONG: Fix(
        _("The secret is wrong, revoked or past its end"),
        _(
            "Reveal the secret in the customer's Developer fields and compare it with the one in the buyer's system, "
            "or make a new one and hand it over. After an exchange of secrets the old one ends."
        ),
    ),
    Failure.CUSTOMER_OFF: Fix(_("The customer is switched off"), _("Switch it on, if it shall connect again.")),
    Failure.COMPANY_OFF: Fix(
        _("The company, or one above it, is switched off"), _("Switch it on, if it shall connect again.")
    ),
    Failure.USER_UNUSABLE: Fix(
        _("The customer's shop user is switched off, or is staff"),
        _("Switch it on, or choose another one. A buyer's system must never be let into a staff account."),
    ),
    Failure.NOT_ALLOWED: Fix(
        _("This buyer may not do this"), _("The sentence above says what is in the way. Change it at the customer.")
    ),
    Failure.NO_LINK: Fix(
        _("The customer's group has no link for this kind of call"),
        _("Add one to the group and publish it. A draft lets nobody in."),
    ),
    Failure.LINK_OFF: Fix(_("The link is switched off"), _("Activate it, if the buyer shall come in again.")),
    Failure.MODE_CONFLICT: Fix(
        _("Test and production are mixed up"),
        _(
            "The document says one mode, its secret is that of the other. The buyer's administrator enters the secret "
            "of the same mode; or let the link take both."
        ),
    ),
    Failure.RETURN_NOT_HTTPS: Fix(
        _("The return address is not encrypted"),
        _("It has to begin with https. For a test inside your own network, allow returns without https in the link."),
    ),
    Failure.RETURN_FOREIGN: Fix(
        _("The cart would go to a host that is not allowed"),
        _("If the host is the buyer's, add it to the allowed return hosts of the link."),
    ),
    Failure.ROUTE_UNKNOWN: Fix(
        _("Nothing in the call says for which company it is"),
        _("Add a rule for what was sent to the customer's routing table, or choose a default company."),
    ),
    Failure.ROUTE_OFF: Fix(
        _("The company that the call leads to is switched off"),
        _("Switch it on, or the one above it, or change the rule in the routing table."),
    ),
    Failure.ROUTE_ELSEWHERE: Fix(
        _("The company that the call leads to is in another branch"),
        _("It was moved. Change the rule in the customer's routing table."),
    ),
    Failure.ADDRESS_UNKNOWN: Fix(
        _("The delivery address is not one of those agreed upon"),
        _("Add it to the company's addresses, or let the group take addresses of the buyer's own."),
    ),
    Failure.USER_UNNAMED: Fix(
        _("The call does not say which user comes"),
        _("Have UserEmail or UniqueName sent, or let the users of this group shop as one."),
    ),
    Failure.USER_UNKNOWN: Fix(
        _("The call names somebody whom the group does not know"),
        _("Invite this person into the group, or let calls add users."),
    ),
    Failure.USER_AMBIGUOUS: Fix(
        _("Two users of the group go by the name that the call gives"),
        _("Change the e-mail address or user name of one of them."),
    ),
    Failure.USER_OFF: Fix(_("The user is switched off"), _("Switch the user on again, if this person may shop.")),
    Failure.USER_WITHOUT_ROLE: Fix(
        _("The user has no role that may return a cart"), _("Assign one, such as PunchOut buyer.")
    ),
    Failure.USER_CONFLICT: Fix(
        _("The user holds two roles that do not go together"), _("Take one of them away. The cause says which.")
    ),
    Failure.USER_ELSEWHERE: Fix(
        _("The user whom the call names belongs to somebody else"),
        _("A call takes over nobody's account. Invite this person into the group, if it is the right one."),
    ),
    Failure.USER_NOT_ADDED: Fix(
        _("The user whom the call names could not be added"),
        _("The cause says what the shop answered. Add this person by hand, or mend what is in the way."),
    ),
    Failure.UNREADABLE: Fix(
        _("The document cannot be read"),
        _(
            "It is damaged where the sentence above says. Give that to the administrator of the buyer's system: an & "
            "that is not written as &amp;, or an end that is missing, are usual."
        ),
    ),
    Failure.NOT_CXML: Fix(
        _("The document is not cXML"),
        _("Another kind of document was sent to this address. The buyer's administrator enters the right address."),
    ),
    Failure.ENCODING: Fix(
        _("The letters of the document cannot be read"),
        _("The buyer's system has to send it in UTF-8, uncompressed, and say so."),
    ),
    Failure.MULTIPART: Fix(
        _("The attachments of the document cannot be read"),
        _(
            "The message with its attachments is damaged or in a shape of its own. The sentence above is for the "
            "buyer's administrator; without attachments the document gets through."
        ),
    ),
    Failure.FORM: Fix(
        _("The form that should hold a document holds none"),
        _("The buyer's system has to post the document itself, as text/xml."),
    ),
    Failure.ORDER_CONFLICT: Fix(
        _("The order came before with other content"),
        _("The order stays as it was. The buyer sends the change as an update with the next version."),
    ),
    Failure.CART_UNKNOWN: Fix(
        _("Nobody remembers the cart that shall be changed"),
        _("None of its articles is known here. The buyer starts a new cart."),
    ),
    Failure.REFERENCE_UNKNOWN: Fix(
        _("The call speaks of a document that was not sent from here"),
        _("Nothing. If it comes often, ask the buyer's administrator which document is meant."),
    ),
    Failure.NOT_SPOKEN: Fix(
        _("This kind of document is not taken here"),
        _("The buyer's administrator switches it off, or agrees with you on another way."),
    ),
    Failure.METHOD: Fix(
        _("Nothing was posted"),
        _("The buyer's system has to send its document by HTTP POST. Often somebody has opened the address by hand."),
    ),
    Failure.OPERATION: Fix(
        _("The call wants something that this shop cannot do"),
        _("Create, edit and inspect are possible. The buyer's administrator switches the others off."),
    ),
    Failure.CHANGES_NOT_TAKEN: Fix(
        _("Changes and cancellations of orders are not taken here"),
        _("Call the buyer about this order, or let the link take changes."),
    ),
    Failure.TOO_LARGE: Fix(
        _("The document is larger than any that is taken"),
        _(
            "The sentence above names the limit. The buyer sends less at once; or whoever runs this site raises the "
            "limit in its settings."
        ),
    ),
    Failure.CRASH: Fix(
        _("The call failed at our side"),
        _("Nothing was changed. Whoever runs this site finds the reason in its log; the buyer tries again."),
    ),
    Failure.TRY_LATER: Fix(
        _("The call could not be answered just then"), _("Nothing: the buyer's system sends it again.")
    ),
    Failure.FLOOD: Fix(
        _("Many failed calls at once"),
        _(
            "They came under many names, or faster than they are answered, so only their number is kept. Calls with "
            "the right secret get through all the time. If you know who it is, mend what its other entries say; if "
            "not, there is nothing to do."
        ),
    ),
    Failure.SHOP_UNAVAILABLE: Fix(
        _("The shop could not be asked"),
        _("Whoever runs this site looks whether the shop's own system can be reached. The buyer tries again."),
    ),
    Failure.ORDER_BUSY: Fix(
        _("Several documents of one order came at the same moment"), _("Nothing: the buyer's system sends it again.")
    ),
    Failure.NO_NAME: Fix(
        _("The call has no user name"),
        _(
            "The buyer's administrator has USERNAME sent. If the parameter has another name there, enter that in the "
            "link, among the other parameter names."
        ),
    ),
    Failure.NO_PASSWORD: Fix(
        _("The call has no password"),
        _(
            "The buyer's administrator has PASSWORD sent. If the parameter has another name there, enter that in the "
            "link, among the other parameter names."
        ),
    ),
    Failure.NO_GET: Fix(
        _("The call has its password in the address"),
        _("The buyer's administrator sets the call to POST, or you let the link take calls by GET."),
    ),
    Failure.NO_PRODUCT: Fix(
        _("The call asks for a product without saying which"), _("The buyer's administrator has PRODUCTID sent.")
    ),
    Failure.UNKNOWN_PRODUCT: Fix(_("The product is not sold here"), _("Nothing: the shopper looks for another one.")),
    Failure.UNKNOWN_FUNCTION: Fix(
        _("The call wants a function that this shop does not have"),
        _("The buyer's administrator has FUNCTION left out."),
    ),
    Failure.NO_SEARCH: Fix(
        _("The shop cannot be searched from outside"),
        _("The buyer's administrator takes it out of the cross-catalogue search; or your developers add the search."),
    ),
    Failure.CALL_TOO_LARGE: Fix(
        _("The call has more parameters than any real one"),
        _("The buyer's administrator has less sent. If you do not know who calls, nothing."),
    ),
}


def fix_for(code: str) -> Fix | None:
    """The fix for a kept reason; none for a document that was taken, or that was kept before reasons were."""
    try:
        return FIXES[Failure(code)]
    except ValueError:
        return None
