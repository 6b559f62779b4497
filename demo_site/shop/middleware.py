from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'self'"
)


class ContentSecurityPolicyMiddleware:
    """Nothing on a shop page comes from elsewhere, and no script or style stands inside a page.

    Wagtail's admin still needs inline scripts, and PunchOut's own pages post forms to strangers and say so themselves:
    both are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(("/admin/", "/punchout/")):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
