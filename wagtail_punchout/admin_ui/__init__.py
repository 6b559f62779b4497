"""Screens in the Wagtail admin, a subject a file. ``wagtail_hooks`` only registers them."""
