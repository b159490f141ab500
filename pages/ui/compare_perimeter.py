"""The free perimeter of the address among the areas that are compared."""

import pandas as pd

from pages.ui import cache, perimeter
from pages.ui.compare_blocks import View, against


def perimeter_beside(view: View) -> pd.DataFrame:
    """Return the rows of the perimeter in the address as `against` does, maybe none.

    Those of the view's year also say why they have no reference (`sans_reference`).
    """
    perimeter.say_left_out(view.departement)
    codes = perimeter.chosen_codes(view.departement)
    if not codes:
        return pd.DataFrame(columns=["code", "libelle", "annee"])
    name = perimeter.label(view.departement, codes)
    rows, compared = cache.perimeter_tables(view.departement, codes, name)
    own = against(rows[rows["indicateur"] == view.indicator.id], compared, view.reference)
    report = cache.perimeter_report(
        view.departement, codes, name, annee=view.year, comparator=view.reference
    )
    reasons = {line.id: line.no_reference for line in report.lines if line.figure.rate is not None}
    return own.assign(
        libelle=f"{name} (périmètre libre)",
        sans_reference=reasons.get(view.indicator.id, "") if view.indicator.additive else "",
    )
