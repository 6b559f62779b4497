"""Kontor Procurement: a small procurement system that plays the buyer. It never runs in the shop's process."""
