"""Which indicator the map of an area shows, and which communes: one rule for every document."""

from collections.abc import Iterable, Sequence

from diagnostics.report import area as areas
from diagnostics.report.cells import programme_lines
from diagnostics.report.model import Area, Line, Mapped, Programme
from diagnostics.report.tables import Tables
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import COMMUNAL, NARROW

RULE = (
    f"Choix de l’indicateur{NARROW}: le premier qui soit plus élevé et en hausse, à défaut plus "
    "élevé, à défaut dont le taux est connu, pourvu que la moitié des communes montrées aient un "
    "nombre publié non nul. Si aucun n’en a tant, celui qui en a le plus."
)
"""What is said of the line that `mapped` chooses."""


def niveau_of_map(area: Area) -> str:
    """Return the level of the communes that the map of an area draws."""
    return area.niveau if area.niveau in COMMUNAL else COMMUNE


def mapped(
    tables: Tables, area: Area, year: int, programmes: Iterable[Programme], lines: Sequence[Line]
) -> Mapped:
    """Return the line that maps of an area show, as `RULE` says, and the communes drawn.

    They are those of the area, and the neighbours of one that is alone.
    """
    niveau, codes = niveau_of_map(area), [place.code for place in area.communes]
    if len(codes) == 1:
        codes += areas.touching(tables, niveau, codes[0])
    told = _told(tables, niveau, codes, year)
    enough = -(-len(codes) // 2)
    candidates = _by_urgency(programmes, lines)
    # Of equals, the first.
    line = max(candidates, key=lambda line: min(told.get(line.id, 0), enough)).id if lines else ""
    return Mapped(line, tuple(codes))


def _told(tables: Tables, niveau: str, codes: Sequence[str], year: int) -> dict[str, int]:
    """Return how many of some communes have a published count above zero, by indicator."""
    told: dict[str, int] = {}
    for part in tables.parts or (tables,):
        long = part.long
        rows = long[(long["annee"] == year) & (long["statut"] == "publie")]
        rows = rows[(rows["niveau"] == niveau) & rows["code"].isin(codes)]
        for id_, many in rows["indicateur"].value_counts().items():
            told[str(id_)] = told.get(str(id_), 0) + int(many)
    return told


def _by_urgency(programmes: Iterable[Programme], lines: Sequence[Line]) -> list[Line]:
    """Return the lines, those that a programme claims first: higher and rising, higher, known."""
    claimed = [line for programme in programmes for line in programme_lines(programme)]
    rising = [line for line in lines if line.higher_and_rising]
    higher = [
        line for line in claimed if line.comparison and line.comparison.verdict == "plus_eleve"
    ]
    known = [line for line in claimed if line.figure.rate]
    return [*rising, *higher, *known, *claimed, *lines]
