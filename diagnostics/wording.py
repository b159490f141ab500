"""French words and numbers: one home for typography, gender, plural and sentences."""

import re
import unicodedata

NARROW = "\u202f"
"""Narrow no-break space: before ; : ! ? % ‰ and between thousands."""
DIFFUSION_RULE = (
    "« Les données diffusées sont limitées aux communes pour lesquelles plus de 5 faits ont été "
    "enregistrés pendant 3 années successives », plus « l’absence de faits enregistrés "
    "lorsqu’elle se reproduit sur 3 années successives »"
)
"""The publisher's own words (SSMSI)."""


def slug(text: str) -> str:
    """Return a text as lower-case ASCII words joined by hyphens, fit for a URL."""
    plain = _plain(text.replace("’", "'")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _plain(text: str) -> str:
    """Return a text in lower case, its accents apart and its ligatures undone."""
    return unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))


def of_name(name: str) -> str:
    """Return « de » and a place name, contracted or elided as French does.

    Le Mée -> du Mée, Les Chapelles -> des Chapelles, Avon -> d’Avon, La Rochette -> de La Rochette.
    """
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    initial = _plain(name)[:1]
    # The h of French place names is mute more often than not, save the well-known exceptions.
    if initial in "aeiouy" or (initial == "h" and name.split("-")[0] not in _ASPIRATED_H):
        return f"d’{name}"
    return f"de {name}"


_ASPIRATED_H = {"Hautefeuille", "Houssaye", "Hambourg", "Hem", "Haubourdin"}


def number(value: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Return a number as French writes it: `1 234,5`, with a sign on demand."""
    sign = "+" if signed else ""
    text = f"{value:{sign}z,.{decimals}f}"  # z: what rounds to zero is no "−0"
    return text.replace(",", NARROW).replace(".", ",").replace("-", "−")


def percent(share: float, decimals: int = 0) -> str:
    """Return a share 0–1 as `33 %`."""
    return f"{number(100 * share, decimals)}{NARROW}%"


def count(quantity: int, singular: str, plural: str | None = None) -> str:
    """Return a quantity and its noun: `1 commune`, `2 communes`, `0 commune`."""
    noun = singular if quantity < 2 else plural or f"{singular}s"
    return f"{number(quantity)} {noun}"
