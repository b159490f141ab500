"""French words and numbers: one home for typography, gender, plural and the words of verdicts.

The sentences of a report are in `diagnostics.report.sentences` and `law`.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.report.model import ContextLine

NARROW = "\u202f"
"""Narrow no-break space: before ; : ! ? % ‰ and between thousands."""
NOT_SHOWN = "n.\u00a0d."
"""Stands for a figure that is not published or not known: never a dash, never a zero."""
DIFFUSION_RULE = (
    f"«{NARROW}Les données diffusées sont limitées aux communes pour lesquelles plus de 5 faits "
    f"ont été enregistrés pendant 3 années successives{NARROW}», plus «{NARROW}l’absence de faits "
    f"enregistrés lorsqu’elle se reproduit sur 3 années successives{NARROW}»"
)
"""The publisher's own words (SSMSI)."""


def slug(text: str) -> str:
    """Return a text as lower-case ASCII words joined by hyphens, fit for a URL."""
    plain = _plain(text.replace("’", "'")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _plain(text: str) -> str:
    """Return a text in lower case, its accents apart and its ligatures undone."""
    return unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))


def sort_key(name: str) -> str:
    """Return what orders the name of an area: its place, without kind nor article, then the name.

    CLSPD d’Avon and CLSPD de Brie come as Avon and Brie; Le Mée as Mée, as INSEE lists communes.
    """
    whole = slug(name)
    return f"{_ARTICLE.sub('', _KIND.sub('', whole))} {whole}"


_KIND = re.compile(r"^(clspd|cispd|ca|cc|cu|metropole)-((de-la|de-l|des|du|de|d)-)?")
_ARTICLE = re.compile(r"^(les|le|la|l)-")


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


def percent(share: float | None, decimals: int = 0) -> str:
    """Return a share 0–1 as `33 %`, or that it is not known."""
    if share is None or math.isnan(share):
        return NOT_SHOWN
    return f"{number(100 * share, decimals)}{NARROW}%"


def covered(share: float | None) -> str:
    """Return the part of the residents who live in a published commune: `42 % de la population`.

    It is not known where the residents of a commune are not: a file may hold no row of it.
    """
    if share is None or math.isnan(share):
        return "part de la population non connue"
    return f"{percent(share)} de la population"


def count(quantity: int, singular: str, plural: str | None = None) -> str:
    """Return a quantity and its noun: `1 commune`, `2 communes`, `0 commune`."""
    noun = singular if quantity < 2 else plural or f"{singular}s"
    return f"{number(quantity)} {noun}"


def day(value: date) -> str:
    """Return a date as French writes it: `1er mars 2026`."""
    ordinal = "1er" if value.day == 1 else str(value.day)
    return f"{ordinal} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


# Units of count: plural, and whether the noun is feminine.
_UNITS = {
    "victime": ("victimes", True),
    "victime entendue": ("victimes entendues", True),
    "infraction": ("infractions", True),
    "véhicule": ("véhicules", False),
    "mis en cause": ("mis en cause", False),
}
COMMUNAL = ("commune", "arrondissement_municipal")
STATUS_LABELS = {
    "publie": "publié",
    "zero": "zéro publié",
    "non_diffuse": "non publié (n. d.)",
    "absent": "absent de la base",
    "partiel": "publié en partie",
}
VERDICTS = {
    "plus_eleve": ("▲", "plus élevé"),
    "moins_eleve": ("▼", "moins élevé"),
    "proche": ("●", "proche"),
    "": ("–", "non comparé"),
}
"""Sign and word of each verdict of `statistics.comparison.compare`."""
TRENDS = {
    "hausse": "en hausse",
    "baisse": "en baisse",
    "pas_de_tendance": "pas de tendance significative",
    "non_calculable": "non calculable",
    "": "",
}


def units(quantity: float, unit: str) -> str:
    """Return a quantity and its unit of count: `1 victime`, `12 mis en cause`."""
    return f"{number(quantity)} {unit if quantity < 2 else plural(unit)}"


def plural(unit: str) -> str:
    """Return the plural of a unit of count: `victimes entendues`, `mis en cause`."""
    return _UNITS[unit][0]


def of_units(unit: str) -> str:
    """Return « de » and the plural of a unit: `d’infractions`, `de mis en cause`."""
    units = plural(unit)
    return f"d’{units}" if units[0] in "aeiou" else f"de {units}"


def agree(participle: str, quantity: float, unit: str) -> str:
    """Return a participle in the gender and number of so many units: `publiées`."""
    feminine = "e" if _UNITS[unit][1] else ""
    return f"{participle}{feminine}{'' if quantity < 2 else 's'}"


def unit_of_rate(unit: str, denominator: str) -> str:
    """Return the unit of a rate: `victimes pour 1 000 habitants`."""
    return f"{plural(unit)} pour 1{NARROW}000 {denominator}"


def rate(value: float) -> str:
    """Return a rate per 1,000: one decimal from 10, two, or three for the rarest facts."""
    if value == 0:
        return "0"
    return number(value, 1 if value >= 10 else 2 if value >= 0.1 else 3)


def interval(low: float, high: float, write: Callable[[float], str] = rate) -> str:
    """Return an interval between brackets: `(7,02 à 8,51)`."""
    return f"({write(low)} à {write(high)})"


def status_label(status: str) -> str:
    """Return the word shown for a status of the long table."""
    return STATUS_LABELS[status]


def quoted(text: str) -> str:
    """Return a text between French quotation marks."""
    return f"«{NARROW}{text}{NARROW}»"


def at_name(niveau: str, label: str) -> str:
    """Return where an area is: `à Avon`, `au Mée`, `au CISPD X`, `dans la CC Y`."""
    if niveau in ("commune", "arrondissement_municipal"):
        if label.startswith("Le "):
            return f"au {label[3:]}"
        return f"aux {label[4:]}" if label.startswith("Les ") else f"à {label}"
    first = label.split(" ")[0]
    if niveau == "territoire":
        known = first in ("CLSPD", "CISPD", "Contrat")
        name = label[0].lower() + label[1:] if first == "Contrat" else label
        return f"au {name}" if known else f"dans le territoire {label}"
    if niveau == "epci":
        # CA, CC, CU, métropole, communauté: all feminine.
        known = first.lower() in ("ca", "cc", "cu", "métropole", "communauté")
        return f"dans la {label}" if known else f"dans l’intercommunalité {label}"
    if niveau == "arrondissement":
        return f"dans l’arrondissement {of_name(label)}"
    if niveau == "departement":
        return f"dans le département {quoted(label)}"
    if niveau == "densite":
        return f"dans les communes de la classe {quoted(label)}"
    return f"dans le périmètre {quoted(label)}"


def context_text(line: "ContextLine") -> str:
    """Return a context figure with its unit, or why there is none."""
    if line.value is None:
        return line.text or {
            "secret": "secret statistique",
            "non_agregeable": "non agrégeable",
        }.get(line.status, "n. d.")
    if line.unit == "classe":
        return line.text
    return context_value(line.value, line.unit)


def context_value(value: float, unit: str) -> str:
    """Return a value of the context with its unit."""
    if unit == "%":
        return f"{number(value, 1)}{NARROW}%"
    if unit == "euros par an":
        return f"{number(value)}{NARROW}€ par an"
    nouns = {"quartiers": "quartier", "implantations": "implantation"}
    return f"{number(value)} {nouns[unit] if unit in nouns and value < 2 else unit}"
