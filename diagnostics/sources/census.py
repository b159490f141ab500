"""The census (recensement de la population) by commune: counts, or shares turned back into them.

The best source is INSEE's « base communale », which holds counts. Where only shares in % are held,
by IRIS or by commune, a count is recovered where the same file holds its base, and the row is
marked approximate; elsewhere the row has a rate without numerator, and will not be aggregated.
Nationality and origin columns are never read.
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from diagnostics.errors import Refused
from diagnostics.sources import tabular
from diagnostics.sources.cog import read_json
from diagnostics.sources.context import commune_codes, number, require, rows, stack, year_in_name

# (numerator, denominator) in INSEE's base communale; P: main exploitation, C: complementary one.
# The two digits of the year follow the letter: P22_CHOM1564.
COUNTS = {
    "part_15_24_ans": ("P_POP1524", "P_POP"),
    "taux_chomage_15_64": ("P_CHOM1564", "P_ACT1564"),
    "taux_chomage_15_24": ("P_CHOM1524", "P_ACT1524"),
    "part_familles_monoparentales": ("C_MENFAMMONO", "C_MEN"),
    "logements": ("P_LOG", None),
    "part_logements_vacants": ("P_LOGVAC", "P_LOG"),
    "part_residences_secondaires": ("P_RSECOCC", "P_LOG"),
    "part_logements_hlm": ("P_RP_LOCHLMV", "P_RP"),
}
# Shares in % of the table of communes above 5,000 inhabitants, which holds none of their bases.
RATES_5000 = {
    "taux_chomage_15_64": "soc_txchom_1564",
    "part_familles_monoparentales": "men_mono_pct",
    "part_logements_vacants": "log_vac_pct",
    "part_residences_secondaires": "log_ressec_pct",
}
AGES = ("1524", "2554", "5564")
# An IRIS whose counts cannot be recovered is left out of both terms where such IRIS hold at most
# this share of the commune's people (or households) concerned; beyond, the commune is absent.
LEFT_OUT = 0.01


def read_counts(paths: Mapping[str, Path], codes: Sequence[str]) -> pd.DataFrame:
    """Return the variables that INSEE's « bases communales » hold together (`COUNTS`).

    `paths` maps source ids to csv files, gzipped or in INSEE's zip. Both terms of a variable are
    of one year, the newest that holds both; the share of 15–24 needs two of the files.
    Source: https://www.insee.fr/fr/information/8268806
    """
    counts = pd.DataFrame(index=pd.Index(list(codes), name="code_insee"))
    origin: dict[str, str] = {}
    for source_id, path in paths.items():
        table = _read_counts(path)
        new = table.columns.difference(counts.columns)
        counts = counts.join(table[new])
        origin |= dict.fromkeys(new, source_id)
    found = []
    for variable, terms in COUNTS.items():
        years = [
            {int(m[1]) for c in origin if (m := re.fullmatch(_dated(term), c))}
            for term in terms
            if term is not None
        ]
        common = set.intersection(*years)
        if not common:
            continue
        year = max(common)
        numerator, denominator = (
            None if term is None else re.sub("^([PC])", rf"\g<1>{year:02d}", term) for term in terms
        )
        assert numerator is not None
        found.append(
            rows(
                variable,
                counts.index,
                source=origin[numerator],
                year=2000 + year,
                numerator=counts[numerator],
                denominator=counts[denominator] if denominator else float("nan"),
            )
        )
    return stack(found)


def read_iris(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return what the shares by IRIS allow: a commune is its `Z` row, or the sum of its IRIS.

    A share becomes a count by the base of the same row: residents for the 15–24, households for
    single-parent families, households again (for main residences) for social housing. For
    unemployment, employed = residents of the age x employment rate, and the active population is
    employed / (1 - unemployment rate), age by age: the file's own rate at 15–64 divides by another
    exploitation of the census, the ages do not. All rows are approximate (shares of two decimals).
    A variable whose columns are not all there has no row.

    Raises:
        Refused: no population, households or commune column.
    """
    names = tabular.header(path)
    year = _newest(r"P(\d\d)_POP", names)
    bases = {
        "code_insee": "COM",
        "residents": f"P{year}_POP",
        "households": f"men_tot_stock_{year}",
    }
    require(list(bases.values()), names, path)
    shares = {
        "single_parents": f"men_mono_pct_{year}",
        "social_tenants": f"log_lochlm_pct_{year}",
        **{f"residents_{age}": f"dm_{age}_pct_{year}" for age in AGES},
        **{f"employment_{age}": f"eco_txemp_{age}_{year}" for age in AGES},
        **{f"unemployment_{age}": f"soc_txchom_{age}_{year}" for age in AGES},
    }
    wanted = bases | {name: column for name, column in shares.items() if column in names}
    iris = pd.read_parquet(path, columns=list(wanted.values()))
    iris = iris.rename(columns={column: name for name, column in wanted.items()})
    iris = iris[iris["code_insee"].isin(codes)].reset_index(drop=True)
    found = []
    for variable, terms in _iris_terms(iris).items():
        commune = _sum_iris(iris["code_insee"], terms)
        found.append(
            rows(
                variable,
                commune.index,
                source="rp_iris",
                year=2000 + int(year),
                numerator=commune["numerator"],
                denominator=commune["denominator"],
                approximate=True,
            )
        )
    return stack(found)


def read_communes_5000(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return rates without numerator for communes above 5,000 inhabitants (`RATES_5000`)."""
    year, table = _rates_5000(path)
    table = table[table["code"].isin(codes)]
    return pd.concat(
        rows(
            variable,
            table["code"],
            source="rp_communes_5000",
            year=year,
            value=table[variable],
        )
        for variable in RATES_5000
    )


@tabular.once
def _rates_5000(path: Path) -> tuple[int, pd.DataFrame]:
    """Return the year and, by commune (code), the variables."""
    names = tabular.header(path)
    year = _newest(r"soc_txchom_1564_(\d\d)", names)
    columns = {f"{column}_{year}": variable for variable, column in RATES_5000.items()}
    require(["code", *columns], names, path)
    return 2000 + int(year), pd.read_parquet(path, columns=["code", *columns]).rename(
        columns=columns
    )


def read_dwellings(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return dwellings, vacant and second homes from `{"communes": {code: {log, rsec, vac}}}`."""
    held = _dwellings(path)
    held = held[held.index.isin(codes)].astype("float64")
    year = year_in_name("rp_logements_communes", path)
    terms = {
        "logements": ("log", None),
        "part_logements_vacants": ("vac", "log"),
        "part_residences_secondaires": ("rsec", "log"),
    }
    return pd.concat(
        rows(
            variable,
            held.index,
            source="rp_logements_communes",
            year=year,
            numerator=held[numerator],
            denominator=held[denominator] if denominator else float("nan"),
        )
        for variable, (numerator, denominator) in terms.items()
    )


@tabular.once
def _dwellings(path: Path) -> pd.DataFrame:
    held = pd.DataFrame.from_dict(read_json(path)["communes"], orient="index")
    require(["log", "rsec", "vac"], list(held.columns), path)
    return held


def _dated(term: str) -> str:
    return re.sub("^([PC])", r"\1(\\d\\d)", term)


@tabular.once
def _read_counts(path: Path) -> pd.DataFrame:
    """Return the wanted columns of one base communale, indexed by commune."""
    wanted = re.compile("|".join(_dated(t) for pair in COUNTS.values() for t in pair if t))
    if path.suffix.lower() == ".zip":
        table = _read_zip(path, wanted)
    else:
        names = tabular.header(path)
        require(["CODGEO"], names, path)
        table = tabular.read(path)
    codes = commune_codes(table["CODGEO"])
    columns = [c for c in table.columns if wanted.fullmatch(c)]
    counts = table[columns].apply(number).set_axis(pd.Index(codes, name="code_insee"))
    return counts[~counts.index.duplicated()]


def _read_zip(path: Path, wanted: "re.Pattern[str]") -> pd.DataFrame:
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(
                n
                for n in archive.namelist()
                if n.lower().endswith(".csv") and not n.lower().startswith("meta")
            )
            with archive.open(name) as file:
                table: pd.DataFrame = pd.read_csv(
                    file,
                    sep=";",
                    dtype="str",
                    encoding_errors="replace",
                    usecols=lambda c: c == "CODGEO" or wanted.fullmatch(c) is not None,
                )
    except (zipfile.BadZipFile, StopIteration, OSError, ValueError) as error:
        raise Refused(
            f"L’archive {path.name} ne peut pas être lue ({error}) : la télécharger de nouveau, "
            "au format CSV."
        ) from error
    require(["CODGEO"], list(table.columns), path)
    return table


def _newest(pattern: str, names: Sequence[str]) -> str:
    """Return the two digits of the newest year by which a column is named, "" if there is none."""
    return max((m[1] for name in names if (m := re.fullmatch(pattern, name))), default="")


def _of(base: pd.Series, share_pct: pd.Series) -> pd.Series:
    """Return a count from its base and share; nobody is a share of nobody."""
    return (base * share_pct / 100).mask(base == 0, 0.0)


def _iris_terms(iris: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return numerator, denominator and weight (who is concerned) of each variable, by IRIS."""
    found: dict[str, pd.DataFrame] = {}

    def hold(
        variable: str, numerator: pd.Series, denominator: pd.Series, weight: pd.Series
    ) -> None:
        found[variable] = pd.DataFrame(
            {"numerator": numerator, "denominator": denominator, "weight": weight}
        )

    residents, households = iris["residents"], iris["households"]
    if "residents_1524" in iris:
        young = _of(residents, iris["residents_1524"])
        hold("part_15_24_ans", young, residents, residents)
    for variable, share in (
        ("part_familles_monoparentales", "single_parents"),
        ("part_logements_hlm", "social_tenants"),
    ):
        if share in iris:
            hold(variable, _of(households, iris[share]), households, households)
    for variable, ages in (("taux_chomage_15_64", AGES), ("taux_chomage_15_24", AGES[:1])):
        columns = [[f"residents_{age}", f"employment_{age}", f"unemployment_{age}"] for age in ages]
        if all(c in iris for age in columns for c in age):
            parts = [_labour(residents, *(iris[c] for c in age)) for age in columns]
            # A sum with an unknown part is unknown.
            totals: list[pd.Series] = [
                pd.concat(term, axis=1).sum(axis=1, skipna=False)
                for term in zip(*parts, strict=True)
            ]
            persons, active, unemployed = totals
            hold(variable, unemployed, active, persons)
    return found


def _labour(
    residents: pd.Series, age_pct: pd.Series, employment_pct: pd.Series, unemployment_pct: pd.Series
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return the persons of an age, how many are active and how many unemployed.

    No unemployment rate and nobody employed: nobody is active. All active unemployed: unknown,
    as a rate of 100 % says nothing of how many they are.
    """
    persons = _of(residents, age_pct)
    employed = _of(persons, employment_pct)
    active = employed / (1 - unemployment_pct / 100).where(unemployment_pct < 100)
    nobody = (persons == 0) | ((employed == 0) & unemployment_pct.isna())
    active = active.mask(nobody, 0.0)
    return persons, active, active - employed


def _sum_iris(codes: pd.Series, terms: pd.DataFrame) -> pd.DataFrame:
    """Return the sums by commune, empty where too much of it is unknown (`LEFT_OUT`)."""
    known = terms[["numerator", "denominator"]].notna().all(axis=1)
    counts = terms[["numerator", "denominator"]].where(known, 0.0)
    sums = counts.assign(unknown=terms["weight"].where(~known, 0.0), weight=terms["weight"])
    by_commune = sums.groupby(codes).sum()
    enough = by_commune["unknown"] <= LEFT_OUT * by_commune["weight"]
    return by_commune[["numerator", "denominator"]].where(enough)
