"""Context of communes, from the files of INSEE, the ANCT and the ministries: one form of rows.

Every reader takes the path of a file and the communes wanted, and returns rows of `COLUMNS`. A
secret or missing figure is a status, never a number; a commune that a file does not hold has no
row. The census has its own module, `census`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.sources import tabular
from diagnostics.sources.cog import departement_of, read_json
from diagnostics.sources.contours import read_contours
from diagnostics.sources.qpv import read_qpv

COLUMNS = [
    "code_insee",
    "variable",
    "value",
    "numerator",
    "denominator",
    "status",
    "year",
    "source",
    "text",
    "approximate",
]
PUBLISHED, SECRET, ABSENT = "publie", "secret", "absent"
POLICE, GENDARMERIE = "police", "gendarmerie"
_FORCES = {
    "PN": POLICE,
    "POLICE NATIONALE": POLICE,
    "POLICE": POLICE,
    "PP": POLICE,
    "GN": GENDARMERIE,
    "GENDARMERIE NATIONALE": GENDARMERIE,
    "GENDARMERIE": GENDARMERIE,
}


def rows(
    variable: str,
    codes: Any,
    *,
    source: str,
    year: int | None,
    value: Any = None,
    numerator: Any = np.nan,
    denominator: Any = np.nan,
    secret: Any = False,
    text: Any = "",
    approximate: Any = False,
) -> pd.DataFrame:
    """Return rows of `COLUMNS` for one variable; arrays are in the order of `codes`.

    Without `value`, it is numerator / denominator (in % where the variable's unit says so), or the
    numerator alone where the variable has no denominator. A row that has neither value nor text is
    `absent`, or `secret` where the publisher says so, and then holds no number.
    """
    declared = catalogue.context_variables()[variable]
    frame = pd.DataFrame({"code_insee": np.asarray(codes, dtype=object)})
    frame["variable"] = variable
    frame["numerator"] = np.asarray(numerator, dtype="float64")
    frame["denominator"] = np.asarray(denominator, dtype="float64")
    if value is not None:
        frame["value"] = np.asarray(value, dtype="float64")
    elif declared.denominator is None:
        frame["value"] = frame["numerator"]
    else:
        base = frame["denominator"].where(frame["denominator"] > 0)
        frame["value"] = declared.factor * frame["numerator"] / base
    frame["text"] = np.asarray(text, dtype=object)
    known = frame["value"].notna() | (frame["text"] != "")
    frame["status"] = np.select([known, np.asarray(secret)], [PUBLISHED, SECRET], ABSENT)
    frame["year"] = pd.array([year] * len(frame), dtype="Int64")
    frame["source"] = source
    frame["approximate"] = approximate & known
    frame[["numerator", "denominator"]] = frame[["numerator", "denominator"]].where(known)
    return frame[COLUMNS].astype({"code_insee": "str", "status": "str", "text": "str"})


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of `COLUMNS` one under the other; none is an empty frame of these columns."""
    held = [frame for frame in frames if len(frame)]
    return pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=COLUMNS)


def year_in_name(source_id: str, path: Path) -> int:
    """Return the year that the name of a file carries, by its source's pattern.

    Raises:
        Refused: the name does not carry one.
    """
    match = catalogue.sources()[source_id].matches(path.name)
    year = match.groupdict().get("year") if match else None
    if year is None:
        raise Refused(
            f"Le nom du fichier {path.name} ne dit pas son année : lui rendre le nom sous lequel "
            "il est publié."
        )
    return int(year)


def number(text: "pd.Series[Any]") -> "pd.Series[float]":
    """Return the numbers of a column written with a decimal comma or point, else NaN."""
    plain = text.astype("str").str.replace(r"[\s\u202f\u00a0]", "", regex=True)
    return pd.to_numeric(plain.str.replace(",", "."), errors="coerce").astype("float64")


def commune_codes(text: "pd.Series[Any]") -> "pd.Series[str]":
    """Return commune codes of five characters: a spreadsheet may have lost the leading zero."""
    return text.astype("str").str.strip().str.upper().str.zfill(5)


def require(columns: Sequence[str], names: Sequence[str], path: Path) -> None:
    """Refuse a file that lacks a column.

    Raises:
        Refused: at least one of `columns` is not in `names`.
    """
    missing = [c for c in columns if c not in names]
    if missing:
        raise Refused(
            f"Le fichier {path.name} n’a pas la colonne « {missing[0]} » : prendre le fichier tel "
            "que publié."
        )


def read_population(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return the legal municipal population (COG in JSON, as published by Etalab)."""
    source = catalogue.sources()["cog_communes"]
    population = _populations(path)
    population = population[population.index.isin(codes)]
    return rows(
        "population",
        population.index,
        source=source.id,
        year=source.population_year or catalogue.context_variables()["population"].year,
        numerator=population,
    )


@tabular.once
def _populations(path: Path) -> pd.Series:
    held = [c for c in read_json(path) if c.get("type") == "commune-actuelle"]
    return pd.Series({c["code"]: c.get("population") for c in held}, dtype="float64")


def read_density(path: Path, codes: Sequence[str], population: pd.DataFrame) -> pd.DataFrame:
    """Return inhabitants per km²: rows of `read_population` over the areas of the outlines.

    Areas are those of the outlines in the projection of `geometry.local_crs`: they differ from the
    cadastral area by the precision of the outlines.
    """
    from diagnostics.geometry import local_crs

    outlines = pd.concat(
        [read_contours([path], d) for d in sorted({departement_of(c) for c in codes})]
    )
    outlines = outlines[outlines["code_insee"].isin(codes)]
    if outlines.empty:
        return rows("densite", [], source="contours", year=None)
    area_km2 = outlines.to_crs(local_crs(outlines)).area.set_axis(outlines["code_insee"]) / 1e6
    people = population.set_index("code_insee")["numerator"].reindex(area_km2.index)
    return rows(
        "densite",
        area_km2.index,
        source="contours",
        year=int(population["year"].max()),
        numerator=people,
        denominator=area_km2,
    )


def read_density_class(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return INSEE's density class (1 to 7) and its label.

    The workbook opens with lines of title; the header is the line that begins with CODGEO.
    Source: https://www.insee.fr/fr/information/6439600
    """
    table = _density_sheet(path)
    table = table[table["CODGEO"].isin(codes)]
    return rows(
        "classe_densite",
        table["CODGEO"],
        source="grille_densite",
        year=year_in_name("grille_densite", path),
        value=number(table["DENS"]),
        text=table["LIBDENS"].fillna(""),
    )


@tabular.once
def _density_sheet(path: Path) -> pd.DataFrame:
    try:
        sheet = pd.read_excel(path, header=None, dtype="str", engine="openpyxl")
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise Refused(
            f"Le classeur {path.name} ne peut pas être lu ({error}) : le télécharger de nouveau."
        ) from error
    at = sheet.index[sheet[0] == "CODGEO"]
    names = list(sheet.loc[at[0]].astype("str")) if len(at) else []
    require(["CODGEO", "DENS", "LIBDENS"], names, path)
    return sheet.loc[at[0] + 1 :].set_axis(names, axis=1)


def read_filosofi(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return median income and poverty rate; « s » is the secret, « nd » is not available.

    Neither has a numerator: a median has none, and the rate is rounded and mostly secret.
    Source: https://www.insee.fr/fr/metadonnees/source/serie/s1172
    """
    year, table = _incomes(path)
    table = table[table["CODGEO"].isin(codes)]
    return pd.concat(
        rows(
            variable,
            table["CODGEO"],
            source="filosofi",
            year=year,
            value=number(table[variable]),
            secret=table[variable].astype("str").str.strip().str.lower() == "s",
        )
        for variable in table.columns.drop("CODGEO")
    )


@tabular.once
def _incomes(path: Path) -> tuple[int, pd.DataFrame]:
    """Return the year and, by commune (CODGEO), the variables as written."""
    table = tabular.read(path)
    suffix = next((m[1] for c in table.columns if (m := re.fullmatch(r"MED(\d\d)", c))), "")
    columns = {f"MED{suffix}": "revenu_median", f"TP60{suffix}": "taux_pauvrete"}
    require(["CODGEO", *columns], list(table.columns), path)
    table = table.assign(CODGEO=commune_codes(table["CODGEO"]))
    return 2000 + int(suffix), table[["CODGEO", *columns]].rename(columns=columns)


def read_facilities(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return police (A101) and gendarmerie (A104) facilities of the BPE; 0 is a real zero.

    Source: https://www.insee.fr/fr/metadonnees/source/serie/s1161
    """
    counts = _facilities(path)
    counts = counts[counts.index.isin(codes)]
    year = year_in_name("bpe", path)
    return pd.concat(
        rows(variable, counts.index, source="bpe", year=year, numerator=counts[variable])
        for variable in counts.columns
    )


@tabular.once
def _facilities(path: Path) -> pd.DataFrame:
    table = tabular.read(path)
    columns = {"commissariats": "NB_A101", "gendarmeries": "NB_A104"}
    require(["CODGEO", *columns.values()], list(table.columns), path)
    counts = {variable: number(table[column]) for variable, column in columns.items()}
    return pd.DataFrame(counts).set_axis(commune_codes(table["CODGEO"]))


def read_social_housing(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return the rate of social dwellings, rounded to the unit, without its terms.

    Read as the published csv (« Code Commune », « Taux de logements sociaux (%) ») or as JSON
    `{"communes": {code: {"rate_pct": ...}}}`.
    Source: https://www.data.gouv.fr/api/1/datasets/r/b0d30277-3a14-4673-a988-2fa6c11e030c
    """
    rates = _social_housing_rates(path)
    rates = rates[rates.index.isin(codes)]
    return rows("taux_sru", rates.index, source="sru", year=year_in_name("sru", path), value=rates)


@tabular.once
def _social_housing_rates(path: Path) -> pd.Series:
    if ".json" in path.name:
        held = {c: v.get("rate_pct") for c, v in read_json(path)["communes"].items()}
        return pd.Series(held, dtype="float64")
    table = tabular.read(path)
    columns = ["Code Commune", "Taux de logements sociaux (%)"]
    require(columns, list(table.columns), path)
    return number(table[columns[1]]).set_axis(commune_codes(table[columns[0]]))


def read_qpv_counts(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return how many QPV touch each commune, with their codes in `text`, joined by spaces.

    The list is exhaustive: a commune that it does not name has none.
    """
    named = read_qpv(path).groupby("code_insee")["code_qpv"].agg(" ".join)
    text = named.reindex(list(codes)).fillna("")
    return rows(
        "qpv",
        text.index,
        source="qpv",
        year=catalogue.context_variables()["qpv"].year,
        numerator=[len(names.split()) for names in text],
        text=text,
    )


def read_forces(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return the force competent in each commune, from the ministry's list.

    One row per commune and service; a commune shared between both is « police et gendarmerie ».
    Source: https://www.data.gouv.fr/datasets/competence-territoriale-gendarmerie-et-police-nationales
    """
    forces = _forces(path)
    forces = forces[forces["code"].isin(codes)]
    text = forces.sort_values("force", ascending=False).groupby("code")["force"].agg(" et ".join)
    return rows(
        "zone_competence",
        text.index,
        source="competence_police_gendarmerie",
        year=None,  # the list of the day, undated
        text=text,
    )


@tabular.once
def _forces(path: Path) -> pd.DataFrame:
    """Return code and force, one row per pair."""
    table = tabular.read(path)
    require(["code_commune", "institution"], list(table.columns), path)
    institution = table["institution"].astype("str").str.strip().str.upper()
    unknown = institution[~institution.isin(list(_FORCES))]
    if len(unknown):
        raise Refused(
            f"Le fichier {path.name} nomme une institution inconnue (« {unknown.iloc[0]} ») : "
            "seules PN et GN sont attendues dans la colonne institution."
        )
    return pd.DataFrame(
        {"code": commune_codes(table["code_commune"]), "force": institution.map(_FORCES)}
    ).drop_duplicates()


def read_police_districts(path: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Return the force by the order that names the communes of the police districts.

    A commune of the same département that the order does not name is in the gendarmerie's zone:
    a deduction, so it is marked approximate, as are the names matched by hand.
    """
    match = catalogue.sources()["circonscriptions_police"].matches(path.name)
    departement = match["departement"] if match else ""
    table = tabular.read(path)
    require(["code_insee_2026"], list(table.columns), path)
    police = set(commune_codes(table["code_insee_2026"]))
    inside = [c for c in codes if departement_of(c) == departement]
    return rows(
        "zone_competence",
        inside,
        source="circonscriptions_police",
        year=year_in_name("circonscriptions_police", path),
        text=[POLICE if c in police else GENDARMERIE for c in inside],
        approximate=True,
    )
