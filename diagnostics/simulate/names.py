"""Invented place names that read as French ones, and their official typography."""

import unicodedata
from collections.abc import Sequence

import numpy as np

_STARTS = (
    "Abr Alv Barg Bess Brev Brunn Calv Chav Clar Corv Crev Darm Dorn Esc Faur Ferv Fond Garv Gerv "
    "Grav Hauv Jouv Landr Lourm Malv Merg Mornd Nauv Orb Pelv Plour Rauv Ronv Sabr Sauv Serv Tourv "
    "Vaum Verg Vild"
)
_ENDS = (
    "ombray uzelle orvent averne anchel ivelles oncelle evaux esmes uchère andière igneux ovelle "
    "elmont orenay ubert énay ouzières alin issoire emboise oncelet avelles urange"
)
_MIDDLES = "el an or im ou ard er ind av on"
_SAINTS = (
    "Ambrin Aubrac Bertulphe Calixin Clarent Domnole Elvire Fulgin Gerbaud Hélier-Neuf Ingrat "
    "Jorand Lambrin Mélaire Nolven Orbain Paterne-Vieux Quirien Rombaud Sidoine Thélot Urbice "
    "Valdric Wulfrin Yrieul Zénor"
)
_GENERIC = (
    "-le-Haut -le-Bas -la-Forêt -les-Étangs -le-Château -la-Grange -les-Bruyères -en-Plaine "
    "-la-Rivière -le-Vieux -aux-Bois -les-Moulins"
)
_ARTICLES = ("Le ", "La ", "Les ", "L'")

# Spelled as the COG spells them: straight apostrophe, hyphens, capitals kept accented.
LAND = "Val-d'Orbe (simulé)"
NEIGHBOUR_LAND = "Val-de-Brunn (simulé)"
REGION = "Pays d'Orbe (simulé)"
RIVER = "Orbe"
MAIN_TOWN = "Montorbe"
LONG_NAME = "Saint-Aubrac-des-Grandes-Bruyères-et-Vaumorvent-sur-Orbe"
MERGED, ABSORBED = "Calvornay-en-Orbe", "Garvigneux-sur-Orbe"
AIRPORT, DESERTED = "La Plaine-aux-Ailes", "Ronvemboise-le-Disparu"


def stem(rng: np.random.Generator, *, long: bool = False) -> str:
    """Return an invented word, such as a river or a village."""
    middle = _pick(_MIDDLES.split(), rng) if long else ""
    return f"{_pick(_STARTS.split(), rng)}{middle}{_pick(_ENDS.split(), rng)}"


def _pick(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]


def commune_names(count: int, river: str, taken: set[str], rng: np.random.Generator) -> list[str]:
    """Return `count` new names and add them to `taken`; `river` names the local valley.

    The first ones, for the largest communes, are the plain ones.
    """
    local = (f"-sur-{river}", f"-lès-{river}", f"-en-{stem(rng)}", f"-sous-{stem(rng)}")
    names: list[str] = []
    while len(names) < count:
        kind = rng.random() if len(names) > 0.07 * count else 0.5
        name = stem(rng, long=len(taken) > int(rng.integers(4_000)))  # short ones run out
        if kind < 0.18:
            name = f"Saint-{_pick(_SAINTS.split(), rng)}"
        if kind < 0.30 or kind > 0.62:
            name += _pick(local if rng.random() < 0.6 else _GENERIC.split(), rng)
        elif kind < 0.35:
            name = _with_article(name)
        if name not in taken:
            taken.add(name)
            names.append(name)
    return names


def _with_article(name: str) -> str:
    if name.endswith("s"):
        return f"Les {name}"
    if plain(name)[0] in "AEIOUY":
        return f"L'{name}"
    return f"La {name}" if name.endswith("e") else f"Le {name}"


def sort_key(name: str) -> str:
    """Return a name as the COG sorts it: article last, without accents."""
    return plain(unarticled(name)).upper()


def plain(text: str) -> str:
    """Return a text without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def unarticled(name: str) -> str:
    """Return a name without its leading article."""
    return next((name[len(a) :] for a in _ARTICLES if name.startswith(a)), name)


def tncc(name: str) -> int:
    """Return INSEE's « type de nom en clair »: which article or elision the name takes."""
    for code, article in enumerate(_ARTICLES, start=2):
        if name.startswith(article):
            return code
    return int(plain(name)[0] in "AEIOUY")


def ncc(name: str) -> str:
    """Return INSEE's « nom en clair »: capitals, no accent, no hyphen, no article."""
    return sort_key(name).replace("-", " ").replace("'", " ")
