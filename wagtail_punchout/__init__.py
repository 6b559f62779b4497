"""A PunchOut module for shops built on Wagtail."""

__version__ = "0.1.0"
