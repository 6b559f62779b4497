"""The address that OCI buyers are used to: ``path("", include("wagtail_punchout.oci_urls"))`` mounts ``/ocihome``.

The same call is taken below the mount point of :mod:`wagtail_punchout.urls`; this one is shorter to hand over.
"""

from django.urls import path

from wagtail_punchout.storefront.oci import call_up

app_name = "punchout_oci"

urlpatterns = [
    path("ocihome", call_up, name="home"),
    path("ocihome/<str:path_key>/", call_up, name="own"),
    # A redirect to the other spelling would put the password into one more address.
    path("ocihome/", call_up),
    path("ocihome/<str:path_key>", call_up),
]
