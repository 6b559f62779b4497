"""What PunchOut is compared with: the same document, lxml, one SELECT and one INSERT, and no care taken at all.

No secret is checked, no retry recognized, nothing recorded and the answer is pasted together. Not an example to follow.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from lxml import etree

from benchmarks.models import BareVisit
from wagtail_punchout.models import PunchoutCustomer

ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<cXML payloadID="{0}@shop.example" timestamp="2026-11-22T10:00:00+00:00"><Response>'
    '<Status code="200" text="OK"/><PunchOutSetupResponse><StartPage><URL>http://shop.example/start/{0}/</URL>'
    "</StartPage></PunchOutSetupResponse></Response></cXML>"
)


@csrf_exempt
def bare_view(request: HttpRequest) -> HttpResponse:
    root = etree.fromstring(request.body)
    sender = root.findtext("Header/Sender/Credential/Identity")
    customer = PunchoutCustomer.objects.get(sender_key=sender)
    visit = BareVisit.objects.create(
        customer=customer,
        buyer_cookie=root.findtext("Request/PunchOutSetupRequest/BuyerCookie"),
        return_url=root.findtext("Request/PunchOutSetupRequest/BrowserFormPost/URL"),
    )
    return HttpResponse(ANSWER.format(visit.pk), content_type="text/xml; charset=UTF-8")
