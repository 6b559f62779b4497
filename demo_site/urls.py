from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("punchout/", include("wagtail_punchout.urls")),
    path("", include("wagtail_punchout.oci_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    # A real site lets its web server do this. The demo has none in front of it and only its own pictures to show.
    re_path(r"^media/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include("demo_site.shop.urls")),
    path("", include(wagtail_urls)),
]
