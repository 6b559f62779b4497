"""A small but believable shop on Wagtail pages, to see PunchOut at work."""
