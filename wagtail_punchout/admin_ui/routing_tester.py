"""The tester: which company a call would reach, and why. It asks the same code as a real call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.admin_ui.policies import can
from wagtail_punchout.admin_ui.routing_base import company_told
from wagtail_punchout.flows.explain_route import Explanation, Finding, explain
from wagtail_punchout.flows.route import Sent, Why, sent, sent_by
from wagtail_punchout.models import Company, PunchoutCustomer, Routing, RoutingRule, RoutingSource
from wagtail_punchout.protocol.cxml import envelope, setup, tree
from wagtail_punchout.protocol.errors import Refused


class TesterForm(forms.Form):
    """What a call says, typed in or taken from a document."""

    #: These take the whole width; the others stand in pairs.
    whole_lines = ("address_id", "email", "extrinsics", "document")

    address_id = forms.CharField(label=_("Ship-to address ID"), required=False, max_length=200)
    email = forms.CharField(label=_("Requester's e-mail address"), required=False, max_length=254)
    business_unit = forms.CharField(label=_("Business unit"), required=False, max_length=200)
    cost_center = forms.CharField(label=_("Cost centre"), required=False, max_length=200)
    extrinsics = forms.CharField(
        label=_("Other Extrinsics"),
        required=False,
        max_length=5000,
        help_text=_("One a line: Department=Chemistry"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    document = forms.CharField(
        label=_("Or a whole PunchOutSetupRequest"),
        required=False,
        max_length=1_000_000,
        strip=False,
        help_text=_("Its values go before those above. It is not kept."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="try_%s", **kwargs)

    def clean_extrinsics(self) -> list[tuple[str, str]]:
        lines = [line for line in self.cleaned_data["extrinsics"].splitlines() if line.strip()]
        pairs = [tuple(part.strip() for part in line.partition("=")[::2]) for line in lines]
        for line, (name, _value) in zip(lines, pairs, strict=True):
            if "=" not in line or not name:
                raise ValidationError(gettext("Write each line as name=value. This one is not: %s") % line[:60])
        return pairs

    def clean_document(self) -> list[Sent]:
        text = self.cleaned_data["document"]
        if not text.strip():
            return []
        try:
            # As text it has an encoding already, whatever its declaration says.
            request = envelope.decode_request(tree.parse(text.strip().encode(), content_type="text/xml; charset=utf-8"))
            if request.name != "PunchOutSetupRequest":
                raise ValidationError(
                    gettext("This is a %(name)s. Paste a PunchOutSetupRequest.") % {"name": request.name}
                )
            return sent_by(setup.decode_setup_request(request.body))
        except Refused as refusal:
            raise ValidationError(refusal.sentence) from refusal

    def said(self) -> list[Sent]:
        values = self.cleaned_data
        if values["document"]:
            return values["document"]
        named = [("BusinessUnit", values["business_unit"]), ("CostCenter", values["cost_center"])]
        extrinsics = [(name, value) for name, value in named if value] + values["extrinsics"]
        return sent(address_id=values["address_id"], email=values["email"], extrinsics=extrinsics)

    def to_show_again(self) -> TesterForm:
        """The form without the document: it holds a secret."""
        self.data = {**self.data.dict(), "document": ""}
        return self


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: what it was, what the call said, what that led to."""

    looked_at: str
    value: str
    outcomes: tuple[str, ...]
    wins: bool = False


@dataclass(frozen=True)
class Answer:
    """The tester's answer, in words."""

    is_let_in: bool
    headline: str
    why: str
    told_to_buyer: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    ignored: str
    remark: str


def answer_for(customer: PunchoutCustomer, form: TesterForm, user: Any) -> Answer:
    explained = explain(customer, form.said())
    way = explained.way
    company = way.company or customer.company
    told = company_told(company, user)
    return Answer(
        is_let_in=not way.refusal,
        headline=gettext("The call would be refused.") if way.refusal else told,
        why=_why(explained, told),
        told_to_buyer=way.refusal,
        facts=() if way.refusal or not can(user, "view", company) else _facts(company),
        lines=tuple(_line(each, explained, user) for each in explained.findings),
        ignored=", ".join(explained.ignored[:20]),
        remark=gettext("Routing is off at present: every visit is for %(company)s.")
        % {"company": company_told(customer.company, user)}
        if customer.routing == Routing.OFF
        else "",
    )


def _why(explained: Explanation, company: str) -> str:
    way = explained.way
    values = {"company": company}
    if way.rule:
        values |= {"position": way.rule.position, "rule": str(way.rule)}
    sentences = {
        Why.RULE: gettext("Rule %(position)s wins: %(rule)s."),
        Why.DEFAULT: gettext("No rule fits, so the default applies."),
        Why.NOTHING_FITS: gettext("No rule fits, and such calls are refused."),
        Why.SWITCHED_OFF: gettext("It leads to %(company)s. This company, or one above it, is switched off."),
        Why.ELSEWHERE: gettext("It leads to %(company)s, which is no longer below the customer's company."),
    }
    parts = [sentences[way.why] % values]
    if way.rule and way.why is not Why.RULE:
        parts.insert(0, sentences[Why.RULE] % values)
    if explained.others:
        positions = ", ".join(str(each.position) for each in explained.others)
        later = ngettext(
            "Rule %(positions)s fits too, but comes later.",
            "Rules %(positions)s fit too, but come later.",
            len(explained.others),
        )
        parts.append(later % {"positions": positions})
    return " ".join(parts)


def _facts(company: Company) -> tuple[tuple[str, str], ...]:
    """What the visit gets from that company."""
    fields = [(_("Price group"), "price_group"), (_("Currency"), "currency"), (_("Language"), "language")]
    return tuple((str(label), company.inherited(name) or "–") for label, name in fields)


def _line(found: Finding, explained: Explanation, user: Any) -> Line:
    label = found.name if found.source == RoutingSource.EXTRINSIC else str(found.source.label)
    if found.source == RoutingSource.EXTRINSIC and not found.value:
        label = gettext("Extrinsic %(name)s") % {"name": found.name}
    winner = explained.way.rule
    return Line(
        looked_at=label,
        value=found.value,
        outcomes=tuple(_fits(rule, winner, user) for rule in found.fitting) or (_fits_not(found),),
        wins=winner in found.fitting,
    )


def _fits(rule: RoutingRule, winner: RoutingRule | None, user: Any) -> str:
    values = {"position": rule.position, "company": company_told(rule.company, user)}
    if rule == winner:
        return gettext("Rule %(position)d wins: %(company)s") % values
    return gettext("Rule %(position)d would lead to %(company)s, but comes later") % values


def _fits_not(found: Finding) -> str:
    if not found.looking:
        return gettext("No rule looks at this")
    count = {"count": found.looking}
    if not found.value.strip():
        return (
            ngettext(
                "Not sent: the rule that looks at it cannot fit",
                "Not sent: the %(count)d rules that look at it cannot fit",
                found.looking,
            )
            % count
        )
    if found.nearly:
        values = {"position": found.nearly.position, "value": found.nearly.value}
        if found.source == RoutingSource.EMAIL_DOMAIN:
            return gettext("Rule %(position)d says %(value)s, which stands for something else") % values
        return gettext("Rule %(position)d says %(value)s, which is written differently") % values
    return (
        ngettext(
            "The rule that looks at it has another value",
            "None of the %(count)d rules that look at it has this value",
            found.looking,
        )
        % count
    )
