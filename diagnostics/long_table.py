"""The long table: one row per (niveau, code, indicateur, annee), the public form of every figure.

Screen, CSV and later every other file read these rows and no others. Columns are a contract: one
may be added at the end, none is renamed. Rates are per 1,000 inhabitants, or dwellings for
burglary. Suppressed communes have a status and no number.
"""

import numpy as np
import pandas as pd

from diagnostics import aggregation, catalogue, estimation
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.statistics.comparison import compare
from diagnostics.statistics.rates import rate_interval
from diagnostics.statistics.trends import trend_markers

COLUMNS = [
    "niveau",
    "code",
    "libelle",
    "programme",
    "indicateur",
    "libelle_indicateur",
    "annee",
    "unite_de_compte",
    "denominateur",
    "effectif_denominateur",
    "statut",
    "faits_publies",
    "communes_publiees",
    "communes",
    "couverture_population",
    "faits_estimes",
    "faits_estimes_bas",
    "faits_estimes_haut",
    "taux_pour_mille",
    "taux_bas",
    "taux_haut",
    "methode",
    "reference",
    "taux_reference",
    "comparaison",
    "tendance",
    "edition",
    "geographie",
    "programmes_secondaires",
    "effectif_denominateur_total",
    "couverture_denominateur",
    "taux_estime",
    "taux_estime_bas",
    "taux_estime_haut",
    "communes_hors_departement",
    "motif_sans_estimation",
]
KEY = ["niveau", "code", "indicateur", "annee"]
LEVELS = [
    "commune",
    MUNICIPAL_ARRONDISSEMENT,
    "territoire",
    "epci",
    "arrondissement",
    "departement",
    "region",
    "france",
]
TREND_YEARS = 5
REFERENCE = "departement_hors_zone"
_COMMUNAL = [COMMUNE, MUNICIPAL_ARRONDISSEMENT]
_WHOLE_NUMBERS = [
    "faits_publies",
    "communes_publiees",
    "communes",
    "communes_hors_departement",
]


def assemble(
    facts: pd.DataFrame,
    communes: pd.DataFrame,
    cells: pd.DataFrame,
    labels: pd.DataFrame,
    official: pd.DataFrame,
    strategy: catalogue.Strategy,
    edition: str,
    geography_year: int | None,
) -> pd.DataFrame:
    """Return the long table of one département.

    Args:
        facts: `facts.complete`.
        communes: `cog.communes_of`.
        cells: `aggregation.with_estimates`.
        labels: niveau, code, libelle of the groups.
        official: `editions.official_totals` of the département, empty if no base was held.
        strategy: whose programmes claim the indicators.
        edition, geography_year: of the communal file.
    """
    cells = aggregation.with_official_sizes(cells, "departement", official)
    table = pd.concat(
        [
            _commune_rows(facts, communes),
            group_rows(cells, labels),
            _departement_only_rows(cells, labels, official),
        ],
        ignore_index=True,
    )
    table = with_official_totals(table, "departement", official)
    return finish(table, strategy, edition, geography_year)


def finish(
    table: pd.DataFrame, strategy: catalogue.Strategy, edition: str, geography_year: int | None
) -> pd.DataFrame:
    """Return rows completed with rates, comparisons, trends and labels, in the contract's form."""
    table = _with_rates(table)
    table = _with_reference(table)
    table = _with_trend(table)
    return _labelled(table, strategy, edition, geography_year)


def _commune_rows(facts: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    counted = facts["count"].notna()
    rate_only = facts["rate"].notna() & ~counted
    return pd.DataFrame(
        {
            "niveau": facts["kind"],
            "code": facts["code_insee"],
            "libelle": facts["code_insee"].map(communes.set_index("code_insee")["name"]),
            "indicateur": facts["indicator"],
            "annee": facts["year"],
            "statut": facts["status"],
            "faits_publies": facts["count"],
            "communes_publiees": counted.astype(int),
            "communes": 1,
            "communes_hors_departement": 0,
            "couverture_population": counted.astype(float),
            "couverture_denominateur": counted.astype(float),
            "effectif_denominateur": facts["denominator"].where(counted | rate_only),
            "effectif_denominateur_total": facts["denominator"],
            "published_rate": facts["rate"],
            "methode": np.select(
                [counted, rate_only], ["poisson_exact", "taux_publie"], default=""
            ),
            "motif_sans_estimation": "",
        }
    )


def group_rows(cells: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of groups, before rates: cells of `aggregation`, labels by niveau, code."""
    estimated = cells["estimate"].notna()
    hidden = cells["hidden_members"] > 0
    additive = cells["indicator"].map(lambda i: catalogue.indicators()[i].additive)
    published = cells["published_members"] > 0
    return pd.DataFrame(
        {
            "niveau": cells["niveau"],
            "code": cells["code"],
            "libelle": cells[["niveau", "code"]].merge(labels, how="left")["libelle"],
            "indicateur": cells["indicator"],
            "annee": cells["year"],
            "statut": cells["status"],
            "faits_publies": cells["published"],
            "communes_publiees": cells["published_members"],
            "communes": cells["members"],
            "communes_hors_departement": cells["outside_members"],
            "couverture_population": _share(cells["published_population"], cells["population"]),
            "couverture_denominateur": _share(cells["published_denominator"], cells["denominator"]),
            "effectif_denominateur": cells["published_denominator"].where(published),
            "effectif_denominateur_total": cells["denominator"],
            "faits_estimes": cells["estimate"],
            "faits_estimes_bas": cells["estimate_low"],
            "faits_estimes_haut": cells["estimate_high"],
            "methode": np.select(
                [~additive & published, estimated & hidden, published],
                ["somme_indicative", "partage_du_total_masque", "poisson_exact"],
                default="",
            ),
            "motif_sans_estimation": cells["refusal"],
        }
    )


def _departement_only_rows(
    cells: pd.DataFrame, labels: pd.DataFrame, official: pd.DataFrame
) -> pd.DataFrame:
    """Return rows of the indicators that are published for the département alone."""
    only = {i.id for i in catalogue.indicators().values() if i.level == "departement"}
    totals = official[official["indicator"].isin(only)]
    whole = cells[cells["niveau"] == "departement"]
    population = whole.groupby("year")["population"].max()
    totals = totals[totals["year"].isin(population.index)]
    label = labels[labels["niveau"] == "departement"].iloc[0]
    return pd.DataFrame(
        {
            "niveau": "departement",
            "code": label["code"],
            "libelle": label["libelle"],
            "indicateur": totals["indicator"],
            "annee": totals["year"],
            "statut": np.where(totals["count"] > 0, "publie", "zero"),
            "faits_publies": totals["count"],
            "communes_hors_departement": 0,
            "effectif_denominateur": totals["year"].map(population),
            "effectif_denominateur_total": totals["year"].map(population),
            "motif_sans_estimation": "",
        }
    )


def with_official_totals(table: pd.DataFrame, niveau: str, official: pd.DataFrame) -> pd.DataFrame:
    """Put the official totals on the rows of a level, and say where each total comes from.

    Without an official total, an additive one is put together from the communal file: published
    + hidden, as that file gives it.
    """
    rows = table["niveau"] == niveau
    keys = table.loc[rows, ["indicateur", "annee"]]
    known = official.rename(columns={"indicator": "indicateur", "year": "annee"})
    totals = keys.merge(known[["indicateur", "annee", "count"]], how="left")["count"].to_numpy()
    rebuilt = table.loc[rows, "faits_estimes"].to_numpy(dtype=float)
    found = np.where(np.isnan(totals), rebuilt, totals)
    for column in ("faits_estimes", "faits_estimes_bas", "faits_estimes_haut"):
        table.loc[rows, column] = found
    table.loc[rows, "methode"] = np.select(
        [~np.isnan(totals), ~np.isnan(rebuilt)],
        ["total_officiel", "total_reconstitue"],
        default=table.loc[rows, "methode"].fillna("").to_numpy(dtype=object),
    )
    table.loc[rows, "motif_sans_estimation"] = np.where(
        np.isnan(found), table.loc[rows, "motif_sans_estimation"], ""
    )
    return table


def _with_rates(table: pd.DataFrame) -> pd.DataFrame:
    published = rate_interval(table["faits_publies"], table["effectif_denominateur"])
    table["taux_pour_mille"] = published.rate
    if "published_rate" in table:
        only = table["methode"] == "taux_publie"
        table["taux_pour_mille"] = table["taux_pour_mille"].mask(only, table["published_rate"])
        missing = table["taux_pour_mille"].isna() & table["faits_publies"].notna()
        table["taux_pour_mille"] = table["taux_pour_mille"].mask(missing, table["published_rate"])
    table["taux_bas"], table["taux_haut"] = published.low, published.high
    # A sum of persons counted once per commune is no Poisson count.
    persons = {i.id for i in catalogue.indicators().values() if not i.additive}
    summed = table["communes"].notna() & ~table["niveau"].isin(_COMMUNAL)
    indicative = summed & table["indicateur"].isin(persons)
    table.loc[indicative, ["taux_bas", "taux_haut"]] = np.nan
    total = table["faits_estimes"].to_numpy(dtype=float)
    low, high = table["faits_estimes_bas"], table["faits_estimes_haut"]
    estimated = estimation.estimated_rate(0, total, low, high, table["effectif_denominateur_total"])
    table["taux_estime"] = estimated.rate
    table["taux_estime_bas"], table["taux_estime_haut"] = estimated.low, estimated.high
    return table


def _with_reference(table: pd.DataFrame) -> pd.DataFrame:
    """Compare each area with the rest of its département, where both totals are known.

    An area is not compared with itself, nor with a whole that holds it: its own facts and
    residents are taken out of the reference.
    """
    additive = table["indicateur"].map(lambda i: catalogue.indicators()[i].additive)
    communal = table["niveau"].isin(_COMMUNAL)
    group = table["niveau"].isin(["territoire", "epci", "arrondissement"])
    whole = table[table["niveau"] == "departement"].set_index(["indicateur", "annee"])
    keys = pd.MultiIndex.from_frame(table[["indicateur", "annee"]])
    total = whole["faits_estimes"].reindex(keys).to_numpy(dtype=float)
    total_size = whole["effectif_denominateur_total"].reindex(keys).to_numpy(dtype=float)
    own = table["faits_publies"].where(communal, table["faits_estimes"]).to_numpy(dtype=float)
    own_size = table["effectif_denominateur_total"].to_numpy(dtype=float)
    rest, rest_size = total - own, total_size - own_size
    sound = ((communal & additive) | group).to_numpy() & (rest >= 0) & (rest_size > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        reference = np.where(sound, 1000 * rest / rest_size, np.nan)
    low = table["taux_bas"].where(communal, table["taux_estime_bas"])
    high = table["taux_haut"].where(communal, table["taux_estime_haut"])
    table["taux_reference"] = reference
    table["reference"] = np.where(np.isnan(reference), "", REFERENCE)
    table["comparaison"] = compare(low, high, reference)
    return table


def _with_trend(table: pd.DataFrame) -> pd.DataFrame:
    """Judge the five years that end with each row, on published or on estimated rates."""
    communal = table["niveau"].isin(_COMMUNAL)
    rates = {
        "value": table["taux_pour_mille"].where(communal, table["taux_estime"]),
        "low": table["taux_bas"].where(communal, table["taux_estime_bas"]),
        "high": table["taux_haut"].where(communal, table["taux_estime_haut"]),
    }
    series = table[["niveau", "code", "indicateur", "annee"]].assign(**rates)
    wide = series.pivot(index=["niveau", "code", "indicateur"], columns="annee")
    years = range(int(table["annee"].min()) - TREND_YEARS + 1, int(table["annee"].max()) + 1)
    verdicts = {}
    for year in sorted(table["annee"].unique()):
        window = [y for y in years if year - TREND_YEARS < y <= year]
        values, lows, highs = (
            wide.reindex(columns=[(name, y) for y in window]).to_numpy(dtype=float)
            for name in rates
        )
        verdicts[year] = trend_markers(values, lows, highs).verdict
    found = pd.DataFrame(verdicts, index=wide.index).rename_axis(columns="annee").stack()
    keys = pd.MultiIndex.from_frame(table[["niveau", "code", "indicateur", "annee"]])
    verdict = found.reindex(keys).to_numpy(dtype=object)
    without = table["statut"].isin(["non_diffuse", "absent"]) & rates["value"].isna()
    table["tendance"] = np.where(without, "", verdict)
    return table


def _labelled(
    table: pd.DataFrame, strategy: catalogue.Strategy, edition: str, geography_year: int | None
) -> pd.DataFrame:
    ids = table["indicateur"].unique()
    declared = {i: catalogue.indicators()[i] for i in ids}
    primary = {i: str(strategy.primary(i) or "") for i in ids}
    secondary = {i: ",".join(map(str, strategy.secondary(i))) for i in ids}
    table = table.assign(
        programme=table["indicateur"].map(primary),
        programmes_secondaires=table["indicateur"].map(secondary),
        libelle_indicateur=table["indicateur"].map({i: d.label for i, d in declared.items()}),
        unite_de_compte=table["indicateur"].map({i: d.unit for i, d in declared.items()}),
        denominateur=table["indicateur"].map({i: d.denominator for i, d in declared.items()}),
        edition=edition,
        geographie=geography_year,
    )
    table["libelle"] = table["libelle"].fillna(table["code"])
    order = {level: i for i, level in enumerate(LEVELS)}
    rank = {i: n for n, i in enumerate(catalogue.indicators())}
    table = table.assign(
        _level=table["niveau"].map(order), _rank=table["indicateur"].map(rank)
    ).sort_values(["_level", "code", "_rank", "annee"], ignore_index=True)
    table = table.reindex(columns=COLUMNS)
    whole = dict.fromkeys([*_WHOLE_NUMBERS, "geographie"], "Int64")
    text = dict.fromkeys(["reference", "comparaison", "tendance", "methode"], "str")
    return table.astype(whole | text | {"annee": "int64"})


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return (part / whole).where(whole > 0)
