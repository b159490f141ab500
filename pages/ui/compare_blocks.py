"""What a chart or table of several areas is about, and how it was calculated."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from diagnostics import catalogue, long_table
from diagnostics.catalogue import Indicator
from diagnostics.figures import map_data
from diagnostics.figures.charts import Caption
from diagnostics.store import Store
from diagnostics.wording import sort_key
from pages.ui import blocks
from pages.ui.reference_picker import in_sentence


@dataclass(frozen=True)
class View:
    """What is being looked at."""

    store: Store
    departement: str
    layer: str
    indicator: Indicator
    year: int
    reference: str = long_table.REFERENCE

    @property
    def reference_words(self) -> str:
        """Return the words of the reference inside a sentence or a key."""
        return in_sentence(self.reference)

    def caption(self, title: str, when: str) -> Caption:
        """Return the words that go with a chart, on screen and in its files."""
        about = self.store.about(self.departement)
        return Caption(
            f"{self.indicator.title}\u202f: {title}",
            f"{about['name']}, {map_data.LAYERS[self.layer]}, {when}",
            map_data.unit_of_rate(self.indicator),
            blocks.source_line(self.store, self.departement),
            about["edition"],
            (self.indicator.caveat,),
        )


def show_calculation(
    view: View, key: str, rule: str, counted: Sequence[Indicator] = (), *, official: bool = False
) -> None:
    """Show, one click away, how a figure is made, from the communal or from the official base.

    `counted` are the indicators concerned, by default the view's.
    """
    about = view.store.about(view.departement)
    source = catalogue.sources()["ssmsi_departements" if official else "ssmsi_communes"]
    counted = counted or (view.indicator,)
    units = [f"{i.title}\u202f: {i.unit}, {i.place}" for i in counted]
    with st.popover("Comment c’est calculé", icon=":material/calculate:", key=f"{key}-calcul"):
        blocks.table(
            ["Règle", rule],
            [
                ["Numérateur", " · ".join(units)],
                ["Dénominateur", " · ".join(dict.fromkeys(map(_denominator, counted)))],
                ["Source", f"{source.publisher}, {source.title}"],
                ["Édition", str(about["official_base"] if official else about["edition"])],
                ["Géographie", str(about["geography"] or "non dite")],
                ["Licence", source.licence],
                ["Page", source.page],
            ],
        )


def _denominator(indicator: Indicator) -> str:
    column = "insee_log" if indicator.denominator == "logements" else "insee_pop"
    return f"{indicator.denominator} ({column} du fichier communal)"


_JUDGED = ["taux_reference", "comparaison", "libelle_reference", "base_reference"]
_JUDGED += ["codes_reference"]


def against(rows: pd.DataFrame, compared: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return long-table rows compared with a reference, as `comparaisons.csv` has it.

    `taux_reference` is NaN, and the words are empty, where a row has no such reference.
    """
    chosen = compared.loc[compared["reference"] == reference, [*long_table.KEY, *_JUDGED]]
    bare = rows.drop(columns=["taux_reference", "comparaison"])
    found = bare.merge(chosen, on=long_table.KEY, how="left", validate="1:1")
    return found.fillna(dict.fromkeys(_JUDGED[1:], ""))


def by_name(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the order of the names: any other would be a ranking."""
    return rows.sort_values(["libelle", "code"], key=lambda column: column.map(sort_key))


def names(rows: pd.DataFrame) -> dict[str, str]:
    """Return {code: name} in the order of the names; areas of the same name show their code."""
    areas = by_name(rows[["code", "libelle"]].drop_duplicates("code"))
    shared = areas["libelle"].duplicated(keep=False)
    labels = areas["libelle"].where(~shared, areas["libelle"] + " (" + areas["code"] + ")")
    return dict(zip(areas["code"], labels, strict=True))
