"""The version of this package, and where its documentation is published."""

__version__ = "0.1.0"

HOMEPAGE = "https://example.org/surfacelint"
"""The address of the project. A publisher sets it together with the address in the README."""


def rule_page(name: str) -> str:
    """Return the address of the page of a rule."""
    return f"{HOMEPAGE}/rules/{name}"
