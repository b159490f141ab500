"""One chart of each kind, about invented places, with the difficult cases inside."""

import math

import pandas as pd

from diagnostics.figures import charts
from diagnostics.statistics.comparison import compare
from diagnostics.statistics.profile import profile

NAN = math.nan
LONG_60 = "Syndicat de Bois-lès-Éon, de l’Écluse et des Dunes-du-Ponant"
LONG_120 = f"{LONG_60} élargi à l’Interminable-Commune-lès-Sources-en-Forêt-Basse et à Cime"
HOSTILE = '<script>alert("x")</script> & <b>l\'Éon</b> %{x} $a$'
NAMES = (LONG_60, LONG_120, "x" * 120, HOSTILE, "Alba")
YEARS = tuple(range(2016, 2026))


def caption(title: str = "Dégradations") -> charts.Caption:
    return charts.Caption(
        title,
        "Département inventé, 2016–2025",
        "infractions pour 1\u202f000 habitants",
        "Source\u202f: SSMSI & IGN",
        "Édition\u202f: inventée-2026",
    )


def line(label: str, values=None, half: float = 1.0) -> charts.Line:
    """Return a series; by default hidden in 2018–2019 and 2024, alone in 2025."""
    values = values or (6.0, 5.5, NAN, NAN, 4.0, 3.5, 4.5, 5.0, NAN, 5.25)
    return charts.Line(
        label,
        tuple(values),
        tuple(v - half for v in values),
        tuple(v + half for v in values),
        tuple("non publié" if math.isnan(v) else "" for v in values),
    )


def reference(years: int = len(YEARS)) -> charts.Line:
    nothing = (NAN,) * years
    return charts.Line(charts.REST, (4.0,) * years, nothing, nothing, ("",) * years)


def series(name: str) -> charts.TimeChart:
    return charts.time_chart(caption(name), [charts.Panel(name, YEARS, line(name), reference())])


def single_year(name: str) -> charts.TimeChart:
    panel = charts.Panel(name, (2024,), line(name, (3.0,)), reference(1))
    return charts.time_chart(caption(name), [panel])


def multiples(name: str, panels: int = 12) -> charts.TimeChart:
    drawn = [charts.Panel(name, YEARS, line(name), reference()) for _ in range(panels)]
    return charts.time_chart(caption(name), drawn)


def compared(name: str) -> charts.TimeChart:
    areas = [line(name), *(line(f"{name} {i}", (2.0 + i,) * 10) for i in range(4))]
    return charts.comparison(caption(name), YEARS, areas, reference())


def profiles(name: str) -> charts.ProfileChart:
    peers = (1.0, 2.0, 3.0, 4.0, 90.0)
    rows = (
        charts.profile_row(name, profile(5.0, 4.0, 6.0, 3.0, peers), "plus_eleve", "", name),
        charts.profile_row(name, profile(1.0, 0.5, 2.0, 3.0, peers), "moins_eleve"),
        charts.profile_row(name, profile(3.0, 2.0, 4.0, 3.0, (0.0, 0.0)), "proche"),
        charts.profile_row(name, profile(NAN, NAN, NAN, 3.0, peers), "", "non_diffuse"),
        charts.profile_row(name, profile(NAN, NAN, NAN, NAN, (NAN,)), "", "partiel"),
    )
    return charts.ProfileChart(caption(name), name, name, name, rows)


def long_rows(name: str = "Alba") -> pd.DataFrame:
    """Return long-table rows of one level, one indicator, one year: 40 known communes, 2 hidden."""
    sizes = [200.0 * 1.2**i for i in range(42)]
    counts = [round(0.005 * size) + (i % 3) for i, size in enumerate(sizes)]
    counts[0], counts[41] = 60, 3000
    table = pd.DataFrame(
        {
            "niveau": "commune",
            "code": [f"0{1001 + i}" for i in range(42)],
            "libelle": [f"{name} {i}" for i in range(42)],
            "denominateur": "habitants",
            "methode": "poisson_exact",
            "statut": "publie",
            "faits_publies": pd.array(counts, dtype="Int64"),
            "effectif_denominateur": sizes,
        }
    )
    table.loc[[7, 8], "statut"] = "non_diffuse"
    table.loc[[7, 8], ["faits_publies", "effectif_denominateur"]] = None
    return table


def funnel(name: str) -> charts.FunnelChart:
    rows = long_rows(name)
    named = tuple(rows["code"].iloc[[0, 20, 30, 40, 41]])
    return charts.funnel_chart(caption(name), rows, 5.0, name, named)


def wide_rows(name: str = "Alba") -> pd.DataFrame:
    """Return the same with more than chance: 0.8 or 1.3 times what is expected, two far away."""
    table = long_rows(name)
    expected = 0.005 * table["effectif_denominateur"].fillna(0)
    counts = [round(e * (0.8, 1.3)[i % 2]) for i, e in enumerate(expected)]
    counts[30], counts[40] = 5 * counts[30], counts[40] // 5
    table["faits_publies"] = pd.array(counts, dtype="Int64")
    return table


def wide_funnel(name: str) -> charts.FunnelChart:
    return charts.funnel_chart(caption(name), wide_rows(name), 5.0, name, ["01021"])


def intervals(name: str, groups: int = 12) -> charts.IntervalChart:
    rates = [2.0 + i for i in range(groups)]
    references = [NAN if i == 3 else 6.0 for i in range(groups)]
    verdicts = compare([r - 1 for r in rates], [r + 2 for r in rates], references)
    rows = tuple(
        charts.IntervalRow(f"{name} {i}", rate, rate - 1, rate + 2, reference, str(verdict))
        for i, (rate, reference, verdict) in enumerate(
            zip(rates, references, verdicts, strict=True)
        )
    )
    return charts.IntervalChart(caption(name), name, rows)


def total(name: str) -> charts.TotalBar:
    return charts.TotalBar(caption(name), 954.0, 991.0, 976.0, 1010.0, "12 communes sur 20")


def refused_total(name: str) -> charts.TotalBar:
    return charts.TotalBar(caption(name), 220.0, NAN, NAN, NAN, "4 communes sur 5", name)


EVERY = (
    series,
    single_year,
    multiples,
    compared,
    profiles,
    funnel,
    wide_funnel,
    intervals,
    total,
    refused_total,
)
