"""Carts: one for each PunchOut visit, one for each ordinary visitor."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F

from demo_site.shop.models.articles import Article


class Cart(models.Model):
    """Found by its key: the PunchOut visit's id, or the one an ordinary session remembers."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.key)

    def add(self, article: Article, quantity: Decimal) -> None:
        """Put more of it in. The database does the sum, so two clicks at once count twice."""
        line, is_new = self.lines.get_or_create(article=article, defaults={"quantity": quantity})
        if not is_new:
            self.lines.filter(pk=line.pk).update(quantity=F("quantity") + quantity)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["cart", "article"], name="shop_one_line_per_article")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.article_id}"
