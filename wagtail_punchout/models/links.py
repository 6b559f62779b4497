"""Links: how a group's buyer system talks with the shop."""

from __future__ import annotations

from functools import cached_property

import swapper
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import DraftStateMixin, RevisionMixin

from wagtail_punchout.models.groups import CustomerGroup
from wagtail_punchout.models.networks import validate_networks
from wagtail_punchout.models.origins import validate_origins
from wagtail_punchout.protocol import mapping
from wagtail_punchout.protocol.oci.entry import read_names


class LinkFormat(models.TextChoices):
    CXML = "cxml", "cXML"
    OCI3 = "oci3", "OCI 3"
    OCI4 = "oci4", "OCI 4"
    OCI5 = "oci5", "OCI 5"


#: Formats in which a browser calls with a user name and a password, and takes a form of fields home. The one most
#: systems speak comes first: it is meant where a call does not say which.
OCI = (LinkFormat.OCI4, LinkFormat.OCI5, LinkFormat.OCI3)


class ReturnEncoding(models.TextChoices):
    BASE64 = "base64", "cxml-base64"
    URLENCODED = "urlencoded", "cxml-urlencoded"


class WindowTarget(models.TextChoices):
    AUTO = "auto", _("As the call asks, else as the format expects")
    SELF = "_self", _("The window the shop is in")
    PARENT = "_parent", _("The frame around the shop")
    TOP = "_top", _("The whole browser window")
    BLANK = "_blank", _("A new window")


class Allowed(models.TextChoices):
    CREATE = "create", _("Nothing: a returned cart is final")
    INSPECT = "inspect", _("Look at it again")
    EDIT = "edit", _("Look at it again and change it")


class HookMode(models.TextChoices):
    AS_IS = "as_is", _("As it is")
    SPLIT = "split", _("Its query becomes hidden fields")


class ReturnMethod(models.TextChoices):
    POST = "post", "POST"
    GET = "get", "GET"


class Charset(models.TextChoices):
    """The charset of the page that posts the cart; OCI's historic default is ISO-8859-1."""

    AS_CALLED = "", _("As the call asks, else ISO-8859-1")
    UTF_8 = "utf-8", "UTF-8"
    LATIN_1 = "iso-8859-1", "ISO-8859-1"
    LATIN_9 = "iso-8859-15", "ISO-8859-15"
    WINDOWS = "windows-1252", "Windows-1252"


class Echo(models.TextChoices):
    AS_CALLED = "as_called", _("Those that came with the call")
    ALWAYS = "always", _("Always, as OCI 2 and 3 had them")
    NEVER = "never", _("Never")


class ChargeAs(models.TextChoices):
    AUTO = "auto", _("As the format expects")
    HEADER = "header", _("In the header (cXML)")
    LINE = "line", _("As a line of its own")
    OMIT = "omit", _("Left out")


class OrderRule(models.TextChoices):
    """What happens to an order that differs from what it is compared with by more than the tolerance."""

    ACCEPT = "accept", _("Accept it, and show the differences")
    HOLD = "hold", _("Hold it for a person")
    REFUSE = "refuse", _("Refuse it: the buyer's system is told why")


class ModeConflict(models.TextChoices):
    TEST = "test", _("Treat it as a test")
    REFUSE = "refuse", _("Refuse it")


class Prices(models.TextChoices):
    NET = "net", _("Net")
    GROSS = "gross", _("Gross, tax included")


class PunchoutLink(DraftStateMixin, RevisionMixin, ClusterableModel):
    """The rules of one way in: its format, where carts may go and how they are packed.

    Has drafts and history: what is live is what buyers meet. Its mapping and its units are part of each revision.
    """

    name = models.CharField(_("name"), max_length=200, help_text=_("For you alone; buyers never see it."))
    group = models.ForeignKey(
        CustomerGroup,
        verbose_name=_("group"),
        on_delete=models.PROTECT,
        related_name="links",
        help_text=_("Every customer of this group may enter through the link."),
    )
    format = models.CharField(_("format"), max_length=10, choices=LinkFormat, default=LinkFormat.CXML)
    is_active = models.BooleanField(_("active"), default=True)
    buyer_profile = models.SlugField(
        _("procurement system"),
        max_length=60,
        blank=True,
        help_text=_("What is known of it fills this link once; nothing changes by itself later."),
    )
    limits = models.JSONField(_("limits of that system"), default=dict, blank=True, editable=False)

    # The call
    allow_get = models.BooleanField(
        _("accept calls by GET"),
        default=True,
        help_text=_(
            "A password in an address stays in the browser's history. Switch off where the buyer's system can POST."
        ),
    )
    parameter_names = models.TextField(
        _("other parameter names"),
        blank=True,
        help_text=_(
            "One a line, for systems with names of their own, for example “username = ORGANIZATION”. They count for "
            "calls to the customer's own address."
        ),
    )
    visit_minutes = models.PositiveIntegerField(
        _("longest visit, in minutes"),
        default=720,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
    )
    search_hits = models.PositiveIntegerField(
        _("most hits of a search"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("For searches that the buyer's system makes by itself (BACKGROUND_SEARCH)."),
    )

    # The way home
    return_origins = models.TextField(
        _("allowed return hosts"),
        blank=True,
        validators=[validate_origins],
        help_text=_(
            "One address a line, for example https://buyer.example.com. Carts go nowhere else. "
            "Empty: to the address that the authenticated buyer's system names."
        ),
    )
    allow_http_return = models.BooleanField(
        _("allow returns without https"),
        default=False,
        help_text=_("Only for tests inside your own network: carts and prices would travel in clear."),
    )
    allow_sapevent = models.BooleanField(
        _("allow returns to SAP GUI"),
        default=False,
        help_text=_("Its embedded browser gives SAPEVENT:POST where others give a web address."),
    )
    default_return_url = models.URLField(
        _("default return URL"), max_length=2048, blank=True, help_text=_("Used when a request names none.")
    )
    return_method = models.CharField(
        _("sent by"),
        max_length=4,
        choices=ReturnMethod,
        default=ReturnMethod.POST,
        help_text=_("GET cuts long carts off: browsers and servers limit the length of an address."),
    )
    hook_mode = models.CharField(
        _("query of the return URL"),
        max_length=10,
        choices=HookMode,
        default=HookMode.AS_IS,
        help_text=_("With GET it always becomes hidden fields, for browsers would drop it."),
    )
    return_charset = models.CharField(_("charset"), max_length=20, choices=Charset, default="", blank=True)
    send_empty_fields = models.BooleanField(
        _("send empty fields too"), default=False, help_text=_("SAP SRM is said to want all of them.")
    )
    echo_fields = models.CharField(
        _("fields ~OkCode, ~TARGET, ~CALLER"), max_length=10, choices=Echo, default=Echo.AS_CALLED
    )
    most_fields = models.PositiveIntegerField(
        _("warn above this number of fields"),
        default=1000,
        help_text=_("Many receivers silently take no more than 1000, which is about 40 lines. 0: never warn."),
    )
    return_encoding = models.CharField(
        _("encoding of the cart"), max_length=12, choices=ReturnEncoding, default=ReturnEncoding.BASE64
    )
    operation_allowed = models.CharField(
        _("what a buyer may do with a returned cart"), max_length=10, choices=Allowed, default=Allowed.EDIT
    )
    post_on_cancel = models.BooleanField(
        _("tell the buyer's system about a cancel"),
        default=True,
        help_text=_("Switch off for systems that stumble over a message without lines: a page is shown instead."),
    )
    send_price_basis = models.BooleanField(
        _("send prices per 100 and the like as they are"),
        default=False,
        help_text=_("Otherwise they are recomputed for one ordered unit, which every system understands."),
    )
    prices = models.CharField(_("prices"), max_length=5, choices=Prices, default=Prices.NET)
    shipping_as = models.CharField(_("freight"), max_length=10, choices=ChargeAs, default=ChargeAs.AUTO)
    tax_as = models.CharField(_("tax"), max_length=10, choices=ChargeAs, default=ChargeAs.AUTO)

    # The shop during a visit
    frame_origins = models.TextField(
        _("pages that may frame the shop"),
        blank=True,
        validators=[validate_origins],
        help_text=_("One address a line. The return address' own host may always do it."),
    )
    window_target = models.CharField(
        _("return into"),
        max_length=10,
        choices=WindowTarget,
        default=WindowTarget.AUTO,
        help_text=_("OCI expects the whole browser window, cXML the window the shop is in."),
    )
    window_name = models.CharField(
        _("name of a frame"),
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z][\w.:-]*$", _("A frame's name begins with a letter, without blanks."))],
        help_text=_("If the cart goes into a frame with a name, instead of the choice above."),
    )
    landing_page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("landing page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Where a visit begins when the call names no product. Empty: the shop's entrance."),
    )
    notice = models.TextField(
        _("notice for the shopper"), blank=True, help_text=_("Shown during the visit, where the shop has its notices.")
    )
    return_label = models.CharField(
        _("label of the return button"),
        max_length=60,
        blank=True,
        help_text=_("Empty: “Return to procurement system”."),
    )
    # Orders
    order_rule = models.CharField(_("an order that differs"), max_length=10, choices=OrderRule, default=OrderRule.HOLD)
    price_tolerance = models.DecimalField(
        _("tolerated per unit, as an amount"),
        max_digits=12,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("A unit price may differ by this much, in the order's currency, without anybody being asked."),
    )
    price_tolerance_percent = models.DecimalField(
        _("tolerated per unit, in percent"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Either tolerance is enough. 0: every difference counts."),
    )
    takes_changes = models.BooleanField(
        _("takes changes and cancellations"),
        default=True,
        help_text=_("Otherwise they are answered with Status 450, and the buyer has to call you."),
    )
    mode_conflict = models.CharField(
        _("when secret and document disagree about test"),
        max_length=10,
        choices=ModeConflict,
        default=ModeConflict.TEST,
    )
    documents_url = models.URLField(
        _("address for documents to the buyer"),
        max_length=2048,
        blank=True,
        help_text=_("Where confirmations, ship notices and invoices are posted. Empty: none are sent."),
    )
    sends_confirmation = models.BooleanField(_("send confirmations"), default=True)
    sends_ship_notice = models.BooleanField(_("send ship notices"), default=True)
    sends_status_update = models.BooleanField(_("send status updates"), default=False)
    sends_invoice = models.BooleanField(_("send invoices"), default=False)
    private_networks = models.TextField(
        _("private networks that may be called"),
        blank=True,
        validators=[validate_networks],
        help_text=_(
            "One a line, such as 10.20.0.0/16. Addresses inside your own network are never called unless they are "
            "named here."
        ),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("PunchOut link")
        verbose_name_plural = _("PunchOut links")
        ordering = ["name"]
        constraints = [
            # Callers name a customer, not a link: which one is meant must be certain.
            models.UniqueConstraint(
                fields=["group", "format"],
                name="punchout_one_link_a_format",
                violation_error_message=_("This group already has a link of this format."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_oci(self) -> bool:
        return self.format in OCI

    @property
    def names(self) -> dict[str, list[str]]:
        """The other parameter names, by what they stand for."""
        return read_names(self.parameter_names)

    @cached_property
    def rows(self) -> tuple[mapping.Row, ...]:
        """The mapping, in the protocol's words."""
        return tuple(each.as_row(number) for number, each in enumerate(self.mapping_rows.all(), start=1))

    @cached_property
    def units(self) -> dict[str, str]:
        """The units of this buyer, by ours."""
        return {each.ours: each.theirs for each in self.unit_rows.all()}

    def clean(self) -> None:
        super().clean()
        found = {}
        try:
            read_names(self.parameter_names)
        except ValueError as error:
            found["parameter_names"] = str(error)
        if self.is_oci:
            message = _("OCI has no header for this. Choose a line of its own, or leave it out.")
            found |= {each: message for each in ("shipping_as", "tax_as") if getattr(self, each) == ChargeAs.HEADER}
        elif self.return_method == ReturnMethod.GET:
            found["return_method"] = _("A cXML cart is always sent by POST.")
        if found:
            raise ValidationError(found)
