from django.db import models

from wagtail_punchout.models import PunchoutCustomer


class BareVisit(models.Model):
    """The least a shop could keep of a call: who, the cookie to give back, and where to."""

    customer = models.ForeignKey(PunchoutCustomer, on_delete=models.CASCADE, related_name="+")
    buyer_cookie = models.TextField()
    return_url = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.buyer_cookie
