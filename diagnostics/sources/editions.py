"""Which published file a build reads, and which totals stand beside it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from diagnostics import catalogue, facts
from diagnostics.errors import Refused
from diagnostics.sources import locate, ssmsi
from diagnostics.sources.cog import departement_of
from diagnostics.sources.locate import Inputs
from diagnostics.sources.ssmsi import Edition

ALL = "tous"
# A csv keeps 7 decimals of what a parquet holds in full.
_ROUNDING = 1e-5
NO_TOTALS = pd.DataFrame(
    {
        "code": pd.Series(dtype="str"),
        "indicator": pd.Series(dtype="str"),
        "year": pd.Series(dtype="int64"),
        "count": pd.Series(dtype="float64"),
        "population": pd.Series(dtype="float64"),
        "denominator": pd.Series(dtype="float64"),
    }
)
"""Official totals where no base is held."""


@dataclass(frozen=True)
class Chosen:
    """The communal file in use, its rows, and the files of the same base left aside."""

    edition: Edition
    rows: pd.DataFrame
    aside: list[Edition]


def choose_edition(folders: Inputs, departement: str, edition: str | None) -> Chosen:
    """Return the communal file that the build reads.

    Raises:
        Refused: no file, none that holds the département, or the same edition twice with
            different contents.
    """
    known = locate.newest_first(locate.editions(folders, "communes"))
    if edition is not None:
        found = _named_edition(edition, known)
        rows = ssmsi.read(found)
        if not _holds(rows, departement):
            raise Refused(
                f"Le fichier {found.path.name} ne contient pas le département {departement} : "
                "choisir un autre fichier ou un autre département."
            )
        return Chosen(found, rows, [e for e in known if e.path != found.path])
    if not known:
        raise Refused(locate.missing(catalogue.sources()["ssmsi_communes"], folders.folders))
    seen: list[Edition] = []
    held: set[str] = set()
    for candidate in known:
        twins = [e for e in known if _same_edition(e, candidate)]
        if candidate in seen:
            continue
        seen += twins
        read = [(e, ssmsi.read(e)) for e in twins]
        held |= {departement_of(c) for _, rows in read for c in rows["code"].cat.categories}
        holding = [(e, rows) for e, rows in read if _holds(rows, departement)]
        if holding:
            # The widest file also gives the figures of the region and of France.
            holding.sort(key=lambda pair: len(pair[1]["code"].cat.categories), reverse=True)
            _refuse_different(holding, departement)
            widest, rows = holding[0]
            return Chosen(widest, rows, [e for e in known if e.path != widest.path])
    raise Refused(
        f"Aucun fichier communal ({', '.join(e.path.name for e in known)}) ne contient le "
        f"département {departement} : choisir avec --departement parmi "
        f"{', '.join(sorted(held)[:20])}, ou ajouter un fichier qui le contient."
    )


def official_base(
    folders: Inputs, communal: Edition, base: str
) -> tuple[Edition | None, list[Edition]]:
    """Return the base of totals to set beside a communal file, and those left aside.

    It is the one of the same geography year with the nearest production date; totals of another
    geography year come from another edition and are never used.
    """
    known = locate.newest_first(locate.editions(folders, base))
    same = [e for e in known if e.geography_year == communal.geography_year]
    if not same:
        return None, known
    day = communal.produced or date.max
    best = min(same, key=lambda e: abs((e.produced or date.min).toordinal() - day.toordinal()))
    return best, [e for e in known if e.path != best.path]


def official_totals(base: Edition | None) -> pd.DataFrame:
    """Return the totals of a base with their population and denominator; empty without base.

    Columns: code, indicator, year, count, population, denominator. A base that gives no dwellings
    gives the rate per dwelling: the denominator is then the one that this rate was made with.
    """
    if base is None:
        return NO_TOTALS
    rows = facts.with_denominator(ssmsi.read(base))
    made_with = (1000 * rows["count"] / rows["rate"]).where(rows["rate"] > 0).round()
    rows = rows.assign(denominator=rows["denominator"].fillna(made_with))
    return rows[list(NO_TOTALS)].astype(NO_TOTALS.dtypes.to_dict())


def departements_in(rows: pd.DataFrame) -> set[str]:
    """Return the départements of which a communal file holds a commune."""
    return {departement_of(c) for c in rows["code"].cat.categories}


def of_departement(rows: pd.DataFrame, departement: str) -> pd.DataFrame:
    """Return the rows of a communal file whose commune is in the département."""
    categories = rows["code"].cat.categories
    inside = np.array([departement_of(c) == departement for c in categories])
    return rows[inside[rows["code"].cat.codes]]


def _named_edition(edition: str, known: list[Edition]) -> Edition:
    path = Path(edition)
    if path.is_file():
        found = ssmsi.recognise(path)
    else:
        found = next((e for e in known if edition in (e.path.name, e.stem)), None)
        if found is None:
            raise Refused(
                f"Le fichier d’édition « {edition} » n’existe pas et n’est pas dans le miroir : "
                "donner son chemin ou son nom exact."
            )
    if found is None or found.base != "communes":
        raise Refused(
            f"Le fichier {path.name} n’est pas une base communale du SSMSI (en-tête inconnu) : "
            "prendre la « Base statistique communale » publiée."
        )
    return found


def _same_edition(one: Edition, other: Edition) -> bool:
    return (one.geography_year, one.produced) == (other.geography_year, other.produced)


def _refuse_different(holding: list[tuple[Edition, pd.DataFrame]], departement: str) -> None:
    """Check that copies of one edition say what the first says of the départements it shares."""
    (first, rows), *others = holding
    for other, other_rows in others:
        both = departements_in(rows) & departements_in(other_rows)
        for each in sorted(both if departement == ALL else {departement}):
            try:
                pd.testing.assert_frame_equal(
                    _content(rows, each), _content(other_rows, each), rtol=_ROUNDING, atol=_ROUNDING
                )
            except AssertionError as error:
                raise Refused(
                    f"Les fichiers {first.path.name} et {other.path.name} sont de la même édition "
                    f"mais ne disent pas la même chose du département {each} : n’en garder qu’un, "
                    "ou choisir avec --edition."
                ) from error


def _content(rows: pd.DataFrame, departement: str) -> pd.DataFrame:
    text = of_departement(rows, departement).astype(
        {"code": "str", "indicator": "str", "status": "str"}
    )
    return text.sort_values(["code", "indicator", "year"], ignore_index=True)


def _holds(rows: pd.DataFrame, departement: str) -> bool:
    return departement == ALL or departement in departements_in(rows)
