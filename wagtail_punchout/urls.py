"""Mount these once, at a path of your choice: ``path("punchout/", include("wagtail_punchout.urls"))``."""

from django.urls import path

from wagtail_punchout.gateway.cxml import cxml_endpoint
from wagtail_punchout.storefront import views

app_name = "punchout"

urlpatterns = [
    # Machines
    path("cxml/", cxml_endpoint, name="cxml"),
    path("cxml", cxml_endpoint),  # a redirect to the slash would lose the document
    path("cxml/<str:path_key>/", cxml_endpoint, name="cxml_own"),
    path("cxml/<str:path_key>/setup/", cxml_endpoint, name="setup"),
    path("cxml/<str:path_key>/orders/", cxml_endpoint, name="orders"),
    # Browsers
    path("start/<str:token>/", views.start_page, name="start"),
    path("check/<str:token>/", views.check_page, name="check"),
    path("continue/<str:token>/", views.continue_page, name="continue"),
    path("return/", views.return_cart, name="return"),
    path("cancel/", views.cancel, name="cancel"),
    path("home/<str:token>/", views.home_page, name="home"),
]
