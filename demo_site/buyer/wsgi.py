import os

from django.core.wsgi import get_wsgi_application

# Not setdefault: in an environment made for the shop it would start a second shop.
os.environ["DJANGO_SETTINGS_MODULE"] = "demo_site.buyer.settings"

application = get_wsgi_application()
