"""Why an area whose own figure is known has nothing to be compared with."""

import pandas as pd

from diagnostics import comparisons, long_table
from diagnostics.comparisons import DENSITY, MINIMUM_OTHERS, SIMILAR
from diagnostics.report.model import PERIMETER, Area
from diagnostics.report.tables import Tables
from diagnostics.wording import COMMUNAL, NARROW, number

_FILE = "son total demande le fichier national du SSMSI"
_LEVELS = (*COMMUNAL, "territoire", "epci", PERIMETER)
_AREA, _CELL = ["niveau", "code"], ["indicateur", "annee"]
ASTRIDE, DATED, UNESTIMATED = "a_cheval", "composition_datee", "sans_estimation"
WORDS = {
    "departement_inconnu": "le total du département n’est pas connu cette année-là",
    "reste_vide": "la zone couvre le département, il n’en reste rien à quoi la comparer",
    ASTRIDE: "ses communes sont dans plusieurs départements, celles de la référence dans un seul",
    DATED: (
        "une classe de densité ou des semblables sont ceux des communes d’aujourd’hui, non de "
        "chaque année"
    ),
    UNESTIMATED: "la référence est estimée, ou inconnue, et les estimations ne sont pas affichées",
    "densite_non_chargee": "la classe de densité n’est pas chargée",
    "plusieurs_classes": "ses communes ne sont pas toutes d’une même classe de densité connue",
    "classe_trop_petite": (
        f"moins de {number(MINIMUM_OTHERS)} autres communes du département sont de sa classe de "
        "densité"
    ),
    "classe_mal_connue": (
        "trop d’autres communes de sa classe de densité ne sont pas publiées pour en connaître le "
        "taux"
    ),
    "contexte_non_charge": (
        "les semblables se cherchent dans les données de contexte, qui ne sont pas chargées"
    ),
    "niveau_sans_semblables": "on ne cherche pas de semblables aux zones de ce niveau",
    "semblables_introuvables": (
        f"aucun semblable n’est connu{NARROW}: il faut au moins trois données de contexte sur la "
        "zone, et des zones qui n’en partagent aucune commune"
    ),
    "semblables_imprecis": (
        "l’intervalle du total de ses semblables est trop large pour servir de référence"
    ),
    "region_non_chargee": f"la région n’est pas chargée{NARROW}: {_FILE}",
    "region_inconnu": "le total de la région n’est pas connu cette année-là",
    "france_non_chargee": f"la France n’est pas chargée{NARROW}: {_FILE}",
    "france_inconnu": "le total de la France n’est pas connu cette année-là",
}
"""One clause for each reason; that likes have no figure counts them (see `_unknown_likes`)."""


def missing(
    tables: Tables,
    rows: pd.DataFrame,
    reference: str,
    membership: pd.DataFrame,
    apart: str = "",
) -> "pd.Series[str]":
    """Return, for rows in the long table's form, why they would have no such reference.

    The reason holds where the row's own figure is known, its indicator adds up and
    `comparaisons.csv` has no such row: of the others it says nothing.

    Args:
        membership: `comparisons.class_of_areas` of the areas of the rows.
        apart: `ASTRIDE`, `DATED` or `UNESTIMATED` where it keeps class and likes from serving.
    """
    if reference in (DENSITY, SIMILAR):
        if apart:
            return _all(rows, apart)
        return (
            _similar(tables, rows) if reference == SIMILAR else _density(tables, rows, membership)
        )
    whole = "departement" if reference == long_table.REFERENCE else reference
    held = tables.long[tables.long["niveau"] == whole]
    if held.empty:
        return _all(rows, f"{whole}_non_chargee")
    known = held.loc[held["faits_estimes"].notna(), _CELL]
    found = pd.MultiIndex.from_frame(rows[_CELL]).isin(pd.MultiIndex.from_frame(known))
    reasons = _all(rows, f"{whole}_inconnu")
    return reasons.mask(found, WORDS["reste_vide"]) if whole == "departement" else reasons


def of_area(
    tables: Tables, area: Area, rows: pd.DataFrame, reference: str, apart: str
) -> dict[str, str]:
    """Return `missing` by indicator, for the rows of one area in one year."""
    found = missing(tables, rows, reference, _membership(tables, area, rows), apart)
    return dict(zip(rows["indicateur"], found, strict=True))


def _all(rows: pd.DataFrame, reason: str) -> "pd.Series[str]":
    return pd.Series(WORDS[reason], index=rows.index, dtype="str")


def _membership(tables: Tables, area: Area, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what `comparisons.class_of_areas` would of the area of some rows."""
    classes = tables.context[tables.context["variable"] == "classe_densite"]
    of_class = classes[classes["text"] == area.density_class]
    others = ~of_class["code_insee"].isin([place.code for place in area.communes])
    found: pd.DataFrame = rows[_AREA].drop_duplicates().assign(others=int(others.sum()))
    return found if area.density_class else found.iloc[:0]


def _density(tables: Tables, rows: pd.DataFrame, membership: pd.DataFrame) -> "pd.Series[str]":
    if tables.density.empty:
        return _all(rows, "densite_non_chargee")
    others = membership.set_index(_AREA)["others"].reindex(pd.MultiIndex.from_frame(rows[_AREA]))
    reasons = _all(rows, "classe_mal_connue")
    reasons = reasons.mask((others < MINIMUM_OTHERS).to_numpy(), WORDS["classe_trop_petite"])
    return reasons.mask(others.isna().to_numpy(), WORDS["plusieurs_classes"])


def _similar(tables: Tables, rows: pd.DataFrame) -> "pd.Series[str]":
    if tables.context.empty:
        return _all(rows, "contexte_non_charge")
    counted = _likes_known(tables, rows)
    reasons = [
        WORDS["niveau_sans_semblables"]
        if niveau not in _LEVELS
        else _unknown_likes(likes - known, likes)
        for niveau, likes, known in counted.itertuples(index=False, name=None)
    ]
    return pd.Series(reasons, index=rows.index, dtype="str")


def _likes_known(tables: Tables, rows: pd.DataFrame) -> pd.DataFrame:
    """Return niveau, likes and known for each row: its most similar areas, those with a figure."""
    likes = tables.similar.assign(level=comparisons.level_of_likes(tables.similar))
    pairs = rows[[*_AREA, *_CELL]].reset_index(names="row").merge(likes, on=_AREA)
    long = tables.long[tables.long["annee"].isin(rows["annee"])]
    long = long[long["code"].isin(pairs["neighbour"])]
    published = long["faits_publies"].astype("float64")
    figures = long[[*_AREA, *_CELL]].set_axis(["level", "neighbour", *_CELL], axis=1)
    figures["figure"] = published.where(long["niveau"].isin(COMMUNAL), long["faits_estimes"])
    found = pairs.merge(figures, on=["level", "neighbour", *_CELL], how="left").groupby("row")
    sizes = found["figure"].agg(likes="size", known="count").reindex(rows.index).fillna(0)
    return pd.DataFrame({"niveau": rows["niveau"], **sizes.astype(int)})


def _unknown_likes(unknown: int, likes: int) -> str:
    if not likes or not unknown:
        return WORDS["semblables_imprecis" if likes else "semblables_introuvables"]
    if unknown == likes:
        return f"aucun de ses {number(likes)} semblables n’a de chiffre connu"
    verb = "n’a pas" if unknown == 1 else "n’ont pas"
    return f"{number(unknown)} de ses {number(likes)} semblables {verb} de chiffre connu"
