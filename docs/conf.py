"""How the pages become a site: ``sphinx-build -W docs docs/_build/html``."""

from wagtail_punchout import __version__

project = "wagtail_punchout"
author = copyright = "The wagtail_punchout authors"
release = version = __version__

extensions = ["myst_parser", "sphinx_wagtail_theme"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

# Blocks hold an ellipsis where the reader's own code stands; they are shown without colors then.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "sphinx_wagtail_theme"
html_title = f"wagtail_punchout {release}"
html_theme_options = {
    "project_name": "wagtail_punchout",
    "logo": "logo.svg",
    "logo_alt": "wagtail_punchout",
    "logo_height": 45,
    "footer_links": "",
    "github_url": "",
}
html_static_path = ["_static"]
html_show_sourcelink = False
