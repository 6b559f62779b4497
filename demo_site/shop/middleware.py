from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'self'"
)


class ContentSecurityPolicyMiddleware:
    """Nothing on a shop page comes from elsewhere, and no script or style stands inside a page.

    Wagtail's admin still needs inline scripts, and PunchOut's own pages post forms to strangers and say so themselves:
    both are left alone. The company account looks like a page of the shop, and is held to the same.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_ours = not request.path.startswith(("/admin/", "/punchout/"))
        if is_ours or request.path.startswith("/punchout/account/"):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
