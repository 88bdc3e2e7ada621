"""The version of this package and the addresses of its project.

This is the only place for them. The build reads the version from here, and `scripts/write_release.py` copies all three into
the files that repeat them.
"""

__version__ = "0.2.0"

HOMEPAGE = "https://example.org/surfacelint"
"""The address of the documentation. This is a placeholder: the publisher sets it, and nothing is released until then."""

REPOSITORY = "https://git.example.org/example/surfacelint"
"""The address of the git repository. A placeholder, like `HOMEPAGE`."""


def rule_page(name: str) -> str:
    """Return the address of the page of a rule."""
    return f"{HOMEPAGE}/rules/{name}.html"
