"""Choice of what areas are compared with, the same on every page that gives verdicts."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from diagnostics import comparisons, long_table
from diagnostics.comparisons import DENSITY, FRANCE, REGION, SIMILAR
from diagnostics.figures.charts import ProfileChart
from diagnostics.report.model import Line, Report
from pages.ui import blocks, cache
from pages.ui.keys import Param
from pages.ui.selection import select

REFERENCES = {
    long_table.REFERENCE: "Reste du département",
    DENSITY: "Même classe de densité",
    SIMILAR: "Territoires semblables",
    REGION: "Région",
    FRANCE: "France",
}
_NATIONAL = (
    "ne se calcule que si le fichier communal chargé contient tous ses départements. Charger le "
    "fichier national du SSMSI depuis la page Accueil, ou choisir une autre référence."
)
ABSENT = {
    long_table.REFERENCE: "Le total du département n’est connu pour aucun indicateur\u202f: il n’y "
    "a pas de reste du département. Charger la base départementale de la même édition.",
    DENSITY: "Aucune classe de densité ne peut servir de référence ici\u202f: elle vient avec les "
    "données de contexte, depuis la page Accueil, et ne sert que si presque toutes les autres "
    "communes de la classe sont publiées.",
    SIMILAR: "Aucun territoire semblable n’est connu ici\u202f: ils se cherchent dans les données "
    "de contexte, qui se chargent depuis la page Accueil.",
    REGION: f"La région n’est pas chargée\u202f: son taux {_NATIONAL}",
    FRANCE: f"La France n’est pas chargée\u202f: son taux {_NATIONAL}",
}
"""Why a reference is that of no area of the département."""
MISSING = {
    long_table.REFERENCE: "le total du département n’est pas connu, ou la zone le couvre tout "
    "entier",
    DENSITY: "les communes de la zone sont de plusieurs classes, ou trop d’autres communes de la "
    "classe ne sont pas publiées pour en connaître le taux",
    SIMILAR: "il faut au moins trois données de contexte sur la zone, et que ses semblables soient "
    "tous publiés ou bien estimés",
    REGION: "le total de la région n’est pas connu",
    FRANCE: "le total de la France n’est pas connu",
}
"""Why areas may have no such reference; that of one area is `Line.no_reference`."""


COVERS = (
    "Cette zone couvre tout le département, il n’en reste rien à qui la comparer\u202f: la "
    "référence est la région."
)


ASTRIDE = (
    "Ce territoire s’étend sur plusieurs départements\u202f: ni le reste d’un seul, ni une classe "
    "de densité, ni ses territoires semblables ne lui sont comparables. La référence est la "
    "région, ou la France si la région ne le contient pas tout entier."
)


def in_sentence(reference: str) -> str:
    """Return the words of a reference inside a sentence or a key."""
    words = REFERENCES[reference]
    return words if reference == FRANCE else words[0].lower() + words[1:]


def pick_reference(departement: str) -> str:
    """Show the references and return the choice, one of `comparisons.REFERENCES`.

    One that no area of the département has can be chosen too: the page then says why.
    """
    held = set(cache.table(departement, "comparisons")["reference"])
    return select(
        Param.REFERENCE,
        "Comparer à",
        comparisons.REFERENCES,
        long_table.REFERENCE,
        lambda r: REFERENCES[r] if r in held else f"{REFERENCES[r]} (non disponible)",
    )


def show_absent(departement: str, reference: str) -> bool:
    """Say why no area of the département has this reference, and return whether it is so."""
    absent = reference not in set(cache.table(departement, "comparisons")["reference"])
    if absent:
        st.info(ABSENT[reference], icon=":material/info:")
    return absent


def show_changed(asked: str, report: Report) -> None:
    """Say why a report is compared with something else than what was asked, if it is."""
    if report.comparator != asked:
        st.caption(ASTRIDE if report.area.across else COVERS)


def show_reference(departement: str, asked: str, report: Report, lines: Sequence[Line]) -> bool:
    """Say what the area of a report is compared with, its members, and what is not compared.

    `asked` is the choice of the reader, which `report` may not follow (see `report.report`).
    Return whether the reference is held at all: without it there is no verdict to sum up.
    """
    show_changed(asked, report)
    if show_absent(departement, report.comparator):
        return False
    compared = [line.comparison for line in lines if line.comparison]
    if compared:
        words = f"Référence\u202f: {blocks.plain(compared[0].label)}"
        members = {m for comparison in compared for m in comparison.members}
        if members:
            names = [s.label for s in report.similar if s.code in members]
            words += f" ({blocks.plain(', '.join(names))})"
        st.caption(f"{words}.")
    by_reason: dict[str, list[str]] = {}
    for line in lines:
        if line.additive and line.figure.rate is not None and line.no_reference:
            by_reason.setdefault(line.no_reference, []).append(line.title)
    for reason, titles in by_reason.items():
        st.caption(f"Sans cette référence\u202f: {', '.join(titles)} ({reason}).")
    return True


def name_reference(chart: ProfileChart, report: Report, lines: Sequence[Line]) -> ProfileChart:
    """Return a profile whose key names the reference chosen, were it that of no line."""
    if any(line.comparison for line in lines):
        return chart
    return replace(chart, reference_label=f"{in_sentence(report.comparator)} (non disponible)")
