"""Procurement systems that shops meet, a data file each, with what is known of them and who says so."""

from wagtail_punchout.protocol.buyers.profiles import Confidence, Fact, Kind, Profile
from wagtail_punchout.protocol.buyers.reading import read_files, read_profile, shipped

__all__ = ["Confidence", "Fact", "Kind", "Profile", "read_files", "read_profile", "shipped"]
