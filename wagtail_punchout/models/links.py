"""Links: how a group's buyer system talks with the shop."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, RevisionMixin

from wagtail_punchout.models.groups import CustomerGroup
from wagtail_punchout.models.origins import validate_origins


class LinkFormat(models.TextChoices):
    CXML = "cxml", "cXML"


class ReturnEncoding(models.TextChoices):
    BASE64 = "base64", "cxml-base64"
    URLENCODED = "urlencoded", "cxml-urlencoded"


class WindowTarget(models.TextChoices):
    SELF = "_self", _("The window the shop is in")
    PARENT = "_parent", _("The frame around the shop")
    TOP = "_top", _("The whole browser window")


class Allowed(models.TextChoices):
    CREATE = "create", _("Nothing: a returned cart is final")
    INSPECT = "inspect", _("Look at it again")
    EDIT = "edit", _("Look at it again and change it")


class PunchoutLink(DraftStateMixin, RevisionMixin, models.Model):
    """The rules of one way in: its format, where carts may go and how they are packed.

    Has drafts and history: what is live is what buyers meet.
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
    default_return_url = models.URLField(
        _("default return URL"), max_length=2048, blank=True, help_text=_("Used when a request names none.")
    )
    frame_origins = models.TextField(
        _("pages that may frame the shop"),
        blank=True,
        validators=[validate_origins],
        help_text=_("One address a line. The return address' own host may always do it."),
    )
    window_target = models.CharField(_("return into"), max_length=10, choices=WindowTarget, default=WindowTarget.SELF)
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
    visit_minutes = models.PositiveIntegerField(
        _("longest visit, in minutes"),
        default=720,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("PunchOut link")
        verbose_name_plural = _("PunchOut links")
        ordering = ["name"]
        constraints = [
            # Machines name a customer, not a link: which one is meant must be certain.
            models.UniqueConstraint(
                fields=["group"],
                condition=models.Q(format="cxml"),
                name="punchout_one_cxml_link",
                violation_error_message=_("This group already has a cXML link."),
            )
        ]

    def __str__(self) -> str:
        return self.name
