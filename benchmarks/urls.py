from django.urls import path

from benchmarks.bare import bare_view
from demo_site.urls import urlpatterns as shop

# First, so that the bare view is found at least as fast as what it is compared with.
urlpatterns = [path("bare/", bare_view), *shop]
