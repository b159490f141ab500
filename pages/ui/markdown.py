"""Texts of others in sentences that Markdown reads."""

import re


def plain(text: str) -> str:
    """Return a published name with no character left that Markdown would read."""
    # The colon of an address would make it a link.
    return re.sub(r"([\\`*_{}\[\]<>$#|~]|:(?=//))", r"\\\1", text)
