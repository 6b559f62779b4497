"""One document: what became of it and why, the way to mend it, the text itself, and what it would get today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_punchout.admin_ui.document_words import headline_of, kind_of, readable, verdict_of
from wagtail_punchout.admin_ui.form_fields import document_section
from wagtail_punchout.admin_ui.policies import can, scope_of
from wagtail_punchout.admin_ui.scoped import InScopeOnly
from wagtail_punchout.admin_ui.sections import SMALL_BUTTON, Document, Facts, Rows, Section, SectionsView, linked
from wagtail_punchout.conf import get_adapter
from wagtail_punchout.flows.fixes import fix_for
from wagtail_punchout.flows.rehearse import Outcome, can_rehearse, outcome_then, rehearse
from wagtail_punchout.models import Exchange, Mode, OrderDocument, OrderState, Reason
from wagtail_punchout.models.orders import Verdict


class VerdictSection(Section):
    """One sentence, what is wrong, what to change and where, and what can be done."""

    template_name = "wagtail_punchout/admin/sections/verdict.html"

    def __init__(
        self,
        heading: str,
        *,
        headline: Any,
        is_good: bool,
        code: str = "",
        cause: str = "",
        places: Any = (),
        buttons: Any = (),
        remark: Any = "",
    ) -> None:
        super().__init__("verdict", heading)
        self.headline, self.is_good, self.remark, self.cause = headline, is_good, remark, cause
        self.fix = fix_for(code)
        self.places, self.buttons = [each for each in places if each], list(buttons)


class ExchangeInspect(SectionsView):
    def get_sections(self) -> list[Section]:
        exchange = self.object
        answer = exchange.answer or answer_of(exchange)
        about = ["direction", "kind", "customer", "session", "order", "sender", "user_agent", "remote_address"]
        told = [(gettext("Status"), verdict_of(exchange)), (gettext("Told to the other side"), exchange.sentence)]
        kept = ["payload_id", "created_at", "milliseconds", "size", "digest"]
        return [
            self._verdict(),
            Facts("answered", gettext("What was answered"), told),
            self.facts("about", gettext("Between whom"), about),
            document_section("document", gettext("Document"), exchange.document, readable(exchange.document)),
            Document("answer", gettext("Answer"), readable(answer)),
            self.facts("kept", gettext("Particulars"), kept),
        ]

    def get_page_subtitle(self) -> str:
        return kind_of(self.object)

    @cached_property
    def header_more_buttons(self) -> list:
        if not self.object.document:
            return []
        url = reverse("punchout_documents:download", args=[self.object.pk])
        return [HeaderButton(label=gettext("Download"), url=url, icon_name="download")]

    def _verdict(self) -> VerdictSection:
        exchange, user = self.object, self.request.user
        buttons = []
        if can_rehearse(exchange):
            url = reverse("punchout_documents:try_again", args=[exchange.pk])
            label = _("Try again against today's settings")
            buttons.append(Button(label, url=url, classname=SMALL_BUTTON, icon_name="rotate"))
        if exchange.document:
            url = reverse("punchout_documents:download", args=[exchange.pk])
            buttons.append(Button(_("Download"), url=url, classname=SMALL_BUTTON, icon_name="download"))
        waits = exchange.order and exchange.order.needs_person and not exchange.is_refused
        return VerdictSection(
            gettext("Verdict"),
            headline=headline_of(exchange),
            is_good=not exchange.is_refused,
            code=exchange.reason,
            cause=exchange.cause,
            places=places_of(exchange.customer, user) if exchange.is_refused else (),
            buttons=buttons,
            remark=_("A person has to look at the order.") if waits else "",
        )


def places_of(customer: Any, user: Any) -> Iterator[Any]:
    """Where the settings of a customer stand that a mend may speak of."""
    if customer is not None and can(user, "view", customer):
        yield linked(customer, user)
        yield linked(customer.group, user) if customer.group else ""
        yield linked(customer.company, user)


def answer_of(exchange: Exchange) -> str:
    """The answer that an order got: it is kept with the order, to be given again."""
    return OrderDocument.objects.filter(exchange=exchange).values_list("answer", flat=True).first() or ""


class TryAgain(SectionsView):
    """The same document under today's settings, beside what became of it then. Nothing happens."""

    page_title = _("Try again")

    def get_sections(self) -> list[Section]:
        exchange, user = self.object, self.request.user
        if not can_rehearse(exchange):
            raise Http404
        then, today = outcome_then(exchange), rehearse(exchange, adapter=get_adapter(), at=timezone.now())
        may_know = may_know_all(today, user)
        back = reverse("punchout_documents:inspect", args=[exchange.pk])
        verdict = VerdictSection(
            gettext("Today"),
            headline=_today(today),
            is_good=not today.is_refused,
            code=today.code,
            cause=today.cause if may_know else "",
            places=places_of(today.customer, user) if today.is_refused else (),
            buttons=[Button(_("Back to the document"), url=back, classname=SMALL_BUTTON)],
            remark=_(
                "Nothing has happened: nobody was let in, no order was made, nothing was sent. The secret was struck "
                "out when the document was kept, so it is taken for right, and so is the address that it was sent to."
            ),
        )
        return [verdict, compared(then, today, user) if may_know else None]

    def get_page_subtitle(self) -> str:
        return kind_of(self.object)


def may_know_all(today: Outcome, user: Any) -> bool:
    """The same names may be another customer's today, whom ``user`` must not learn of: the cause tells its name."""
    if today.customer is None:
        return scope_of(user).everywhere
    return can(user, "view", today.customer)


def _today(today: Outcome) -> Any:
    if today.is_refused:
        return _("Today it would fail at our side") if today.status >= 500 else _("Today it would be refused")
    if today.verdict == Verdict.LATE:
        return _("Today it would be kept and change nothing.")
    if today.order_state == OrderState.HELD:
        return _("Today it would be accepted, and wait for a person.")
    return _("Today it would be accepted.")


def compared(then: Outcome, today: Outcome, user: Any) -> Rows:
    """What was, beside what would be. Rows that say nothing on either side are left out."""
    rows = []
    for label, of in ROWS:
        was, would = of(then, user), of(today, user)
        if was or would:
            rows.append({"what": label, "then": was or "–", "today": would or "–", "changed": _changed(was, would)})
    columns = [
        Column("what", label=_("Subject")),
        Column("then", label=_("Then")),
        Column("today", label=_("Today")),
        Column("changed", label=_("Difference")),
    ]
    return Rows("compared", gettext("Then and today"), columns, rows)


def _changed(was: str, would: str) -> str:
    return gettext("changed") if was and would and was != would else ""


def _status(outcome: Outcome, user: Any) -> str:
    return f"{outcome.status} {gettext('refused') if outcome.is_refused else gettext('accepted')}"


def _wrong(outcome: Outcome, user: Any) -> str:
    fix = fix_for(outcome.code)
    return str(fix.what) if fix else ""


def _shopper(outcome: Outcome, user: Any) -> str:
    if outcome.added:
        return gettext("%(name)s, who would be added") % {"name": outcome.added}
    return outcome.shopper.get_username() if outcome.shopper else ""


def _address(outcome: Outcome, user: Any) -> str:
    return outcome.address if outcome.company and can(user, "view", outcome.company) else ""


def _reasons(outcome: Outcome, user: Any) -> str:
    words = dict(Reason.choices)
    return " ".join(str(words.get(each["code"], each["code"])) for each in outcome.reasons)


#: What is compared, and how it is told.
ROWS = (
    (_("Status"), _status),
    (_("What is wrong"), _wrong),
    (_("Told to the other side"), lambda each, user: each.sentence),
    (_("Customer"), lambda each, user: linked(each.customer, user) if each.customer else ""),
    (_("Company"), lambda each, user: linked(each.company, user) if each.company else ""),
    (_("Routed by"), lambda each, user: each.routed_by),
    (_("Link"), lambda each, user: linked(each.link, user) if each.link else ""),
    (_("Mode"), lambda each, user: str(dict(Mode.choices).get(each.mode, each.mode))),
    (_("Shop user"), _shopper),
    (_("Delivery address"), _address),
    (_("Return URL"), lambda each, user: each.return_url),
    (_("What becomes of it"), lambda each, user: str(dict(Verdict.choices).get(each.verdict, each.verdict))),
    (_("Order"), lambda each, user: str(dict(OrderState.choices).get(each.order_state, each.order_state))),
    (_("For a person to look at"), _reasons),
)


class DownloadView(InScopeOnly, View):
    """The document as it is kept, secrets struck out. Handed out and never shown."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        exchange = self.within(Exchange, pk)
        name = slugify(f"{exchange.kind or 'document'} {timezone.localtime(exchange.created_at):%Y-%m-%d %H%M%S} {pk}")
        return as_file(exchange.document, name)


def as_file(document: str, name: str) -> HttpResponse:
    """``document`` for a file system; a browser shows and runs nothing of it."""
    if not document:
        raise Http404
    kinds = {"<": ("application/xml", "xml"), "[": ("application/json", "json")}
    content_type, ending = kinds.get(document.lstrip()[:1], ("text/plain", "txt"))
    if document.startswith("[not readable"):
        content_type, ending = "text/plain", "txt"
    response = HttpResponse(document.encode("utf-8", "replace"), content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response
