"""Choice of whose communes a council's past figures are, where it has changed."""

from diagnostics import territories
from diagnostics.report.model import TODAY, YEARLY
from pages.ui import cache
from pages.ui.keys import Param
from pages.ui.selection import select

_WORDS = {
    TODAY: "Communes d’aujourd’hui, pour toutes les années",
    YEARLY: "Communes de chaque année, au 1er janvier",
}


def pick_composition(departement: str, niveau: str, code: str) -> str:
    """Show the two compositions of a council that has changed over the years; return the choice.

    Nothing is shown where both would give the same figures.
    """
    if niveau != "territoire":
        return TODAY
    years = cache.store().about(departement)["years"]
    communes = cache.table(departement, "communes")
    memberships = cache.table(departement, "memberships")
    members = territories.members_by_year(communes, memberships, code, years)
    groups = cache.table(departement, "groups")
    own = groups["inside"] & groups["niveau"].eq(niveau) & groups["code"].eq(code)
    today = set(groups.loc[own, "code_insee"])
    if len(members) == len(years) and all(set(held) == today for held in members.values()):
        return TODAY
    return select(
        Param.COMPOSITION,
        "Composition du conseil",
        [TODAY, YEARLY],
        TODAY,
        _WORDS.__getitem__,
        help_text="La table des téléchargements et la carte gardent les communes d’aujourd’hui.",
    )
