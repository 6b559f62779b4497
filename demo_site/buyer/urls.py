from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from demo_site.buyer.views import hook, requisitions, suppliers, visits

urlpatterns = [
    # Browsers ask for it on pages that show nothing but a raw document.
    path("favicon.ico", RedirectView.as_view(url=static("buyer/kontor.svg"))),
    path("", suppliers.supplier_list, name="home"),
    path("suppliers/new/", suppliers.supplier_settings, name="supplier_new"),
    path("suppliers/<int:pk>/", suppliers.supplier, name="supplier"),
    path("suppliers/<int:pk>/settings/", suppliers.supplier_settings, name="supplier_settings"),
    path("suppliers/<int:pk>/delete/", suppliers.supplier_delete, name="supplier_delete"),
    path("suppliers/<int:pk>/test/", suppliers.supplier_test, name="supplier_test"),
    path("suppliers/<int:pk>/request/", visits.request_shop, name="request"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit"),
    path("visits/<int:pk>/frame/", visits.visit_frame, name="frame"),
    path("requisitions/", requisitions.requisition_list, name="requisitions"),
    path("requisitions/<int:pk>/", requisitions.requisition, name="requisition"),
    path("requisitions/<int:pk>/reopen/", visits.reopen, name="reopen"),
    path("requisitions/<int:pk>/delete/", requisitions.requisition_delete, name="requisition_delete"),
    path("hook/<str:key>/", hook.hook, name="hook"),
    path("i18n/", include("django.conf.urls.i18n")),
]
