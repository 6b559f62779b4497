"""Mount these once, at a path of your choice: ``path("punchout/", include("wagtail_punchout.urls"))``."""

from django.urls import path

from wagtail_punchout.gateway.api import api
from wagtail_punchout.gateway.cxml import cxml_endpoint
from wagtail_punchout.storefront import account_pages, views
from wagtail_punchout.storefront.invitation_page import invitation_page
from wagtail_punchout.storefront.oci import call_up
from wagtail_punchout.storefront.secret_page import secret_page

app_name = "punchout"

urlpatterns = [
    # Machines
    path("cxml/", cxml_endpoint, name="cxml"),
    path("cxml", cxml_endpoint),  # a redirect to the slash would lose the document
    path("cxml/<str:path_key>/", cxml_endpoint, name="cxml_own"),
    path("cxml/<str:path_key>/setup/", cxml_endpoint, name="setup"),
    path("cxml/<str:path_key>/orders/", cxml_endpoint, name="orders"),
    path("api/", api.urls),
    # Browsers
    path("oci/", call_up, name="oci"),
    path("oci/<str:path_key>/", call_up, name="oci_own"),
    # A redirect to the slash would put the password into one more address.
    path("oci", call_up),
    path("oci/<str:path_key>", call_up),
    path("start/<str:token>/", views.start_page, name="start"),
    path("check/<str:token>/", views.check_page, name="check"),
    path("continue/<str:token>/", views.continue_page, name="continue"),
    path("return/", views.return_cart, name="return"),
    path("cancel/", views.cancel, name="cancel"),
    path("secret/<str:token>/", secret_page, name="secret"),
    path("invitation/<str:token>/", invitation_page, name="invitation"),
    path("home/<str:token>/", views.home_page, name="home"),
    # The company account
    path("account/", account_pages.overview, name="account"),
    path("account/visits/", account_pages.visits, name="account_visits"),
    path("account/carts/", account_pages.carts, name="account_carts"),
    path("account/carts/<int:pk>/", account_pages.cart, name="account_cart"),
    path("account/orders/", account_pages.orders, name="account_orders"),
    path("account/users/", account_pages.users, name="account_users"),
    path("account/users/<int:pk>/", account_pages.user, name="account_user"),
    path("account/users/<int:pk>/roles/<int:assignment_pk>/take/", account_pages.take, name="account_take_role"),
    path("account/connection/", account_pages.connection, name="account_connection"),
]
