from django.contrib.auth import views as auth_views
from django.urls import path

from demo_site.shop import views

app_name = "shop"

urlpatterns = [
    path("cart/", views.cart, name="cart"),
    path("cart/add/", views.cart_add, name="cart_add"),
    path("cart/lines/<int:line_id>/", views.cart_change, name="cart_change"),
    path("cart/lines/<int:line_id>/remove/", views.cart_remove, name="cart_remove"),
    path("checkout/", views.checkout, name="checkout"),
    path("orders/<uuid:key>/", views.order_placed, name="order_placed"),
    path("search/", views.search, name="search"),
    path("account/", views.account, name="account"),
    path("account/login/", auth_views.LoginView.as_view(template_name="shop/login.html"), name="login"),
    path("account/logout/", auth_views.LogoutView.as_view(), name="logout"),
]
