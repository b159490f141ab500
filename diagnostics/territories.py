"""Local security councils: who sits in which, since when, and who must have one.

Law: code de la sécurité intérieure (CSI), version of 23 March 2024. A CLSPD is compulsory in
communes of more than 5,000 inhabitants and in those with a QPV (L132-4), optional where a CISPD
exists (L132-13); a coordinator is named above 15,000 inhabitants (L132-4). The population counted
here is the municipal one published by INSEE, as held in the COG source.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from diagnostics.errors import Refused
from diagnostics.sources import tabular
from diagnostics.sources.cog import departement_of
from diagnostics.wording import of_name, slug

SEEDS = Path(__file__).parent.parent / "data" / "territoires"
CLSPD_POPULATION, COORDINATOR_POPULATION = 5_000, 15_000
TO_CONFIRM = "obligation légale, existence à confirmer"
OPTIONAL = "facultatif, parce qu’un CISPD couvre la commune"
NOT_ASKED = "hors des conditions de la loi, d’après les données chargées"
BY_CHOICE = "intercommunal, ce que la loi n’impose pas"
"""What a council that is to be confirmed is, where the law does not ask for it."""
TYPES = {
    "cispd": "CISPD",
    "clspd": "CLSPD",
    "contrat": "Contrat intercommunal",
}
LEVELS = {
    "commune": "Commune",
    "territoire": "CLSPD et CISPD",
    "epci": "Intercommunalité (EPCI)",
    "arrondissement": "Arrondissement",
    "departement": "Département",
}
_FORMULA = ("=", "+", "-", "@")
FILE_COLUMNS = {
    "territoire_id": "territory_id",
    "type": "type",
    "nom": "name",
    "code_commune": "code_insee",
    "du": "start",
    "au": "end",
    "statut": "status",
    "source": "source",
}
COLUMNS = list(FILE_COLUMNS.values())


def read_memberships(path: Path) -> pd.DataFrame:
    """Return the dated membership table of a file, one row per (territory, commune, period).

    Columns: territory_id (slug), type (cispd | clspd | contrat), name, code_insee, start and end
    (datetime.date or None: unknown, or still running), status, source.

    Raises:
        Refused: missing column, empty cell, unknown type, unreadable or reversed dates, a commune
            twice in a territory at the same time.
    """
    raw = tabular.read(path).astype("str").fillna("")
    missing = [c for c in FILE_COLUMNS if c not in raw.columns]
    if missing:
        raise Refused(
            f"Le fichier de territoires {path.name} n’a pas la colonne « {missing[0]} » : les "
            f"colonnes attendues sont {';'.join(FILE_COLUMNS)}."
        )
    table = raw[list(FILE_COLUMNS)].rename(columns=FILE_COLUMNS)
    table = table.apply(lambda column: column.str.strip())
    for column, file_column in (
        ("territory_id", "territoire_id"),
        ("name", "nom"),
        ("code_insee", "code_commune"),
        ("status", "statut"),
    ):
        _refuse(table, table[column] == "", path, f"n’a pas de « {file_column} »")
    for column, file_column in (("name", "nom"), ("source", "source")):
        runs = table[column].str.startswith(_FORMULA)
        _refuse(
            table, runs, path, f"a un « {file_column} » qui commence comme une formule de tableur"
        )
    table["code_insee"] = (
        table["code_insee"].str.upper().map(lambda c: c.zfill(5) if c.isdigit() else c)
    )
    _refuse(
        table,
        ~table["code_insee"].str.fullmatch(r"[0-9A-Z]{2}\d{3}"),
        path,
        "a un code de commune illisible",
    )
    _refuse(
        table,
        ~table["type"].isin(list(TYPES)),
        path,
        f"a un type inconnu (attendu : {', '.join(TYPES)})",
    )
    for column in ("start", "end"):
        dates = pd.to_datetime(table[column].replace("", None), format="%Y-%m-%d", errors="coerce")
        _refuse(
            table,
            dates.isna() & (table[column] != ""),
            path,
            "a une date illisible (attendu : AAAA-MM-JJ)",
        )
        table[column] = pd.Series([d.date() if pd.notna(d) else None for d in dates], dtype=object)
    reversed_dates = [
        bool(s and e and s > e) for s, e in zip(table["start"], table["end"], strict=True)
    ]
    _refuse(table, pd.Series(reversed_dates), path, "finit avant d’avoir commencé")
    unsourced = table["status"].str.startswith("attesté") & (table["source"] == "")
    _refuse(table, unsourced, path, "est attestée sans source")
    _refuse(
        table, _overlapping(table), path, "met deux fois la même commune dans le même territoire"
    )
    memberships: pd.DataFrame = table[COLUMNS]
    return memberships


def write_memberships(table: pd.DataFrame, path: Path) -> None:
    """Write a membership table in the format that `read_memberships` reads."""
    names = {ours: theirs for theirs, ours in FILE_COLUMNS.items()}
    table[COLUMNS].rename(columns=names).to_csv(path, sep=";", index=False, lineterminator="\n")


def derive(communes: pd.DataFrame, qpv: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the councils that the law requires, where no known one answers already.

    `communes`: code_insee, name, population_legal. `qpv`: code_insee, one row per QPV.
    `known`: attested memberships. Each council holds one commune and is to be confirmed.
    """
    duties = duty(communes, qpv, known)
    required = duties[(duties["duty"] == "obligatoire") & (duties["councils"] == "")]
    rows = [
        {
            "territory_id": f"clspd-{slug(name)}-{code}",
            "type": "clspd",
            "name": f"CLSPD {of_name(name)}",
            "code_insee": code,
            "start": None,
            "end": None,
            "status": TO_CONFIRM,
            "source": f"CSI, art. L132-4 : {_grounds(over, count)}",
        }
        for code, name, over, count in zip(
            required["code_insee"],
            required["name"],
            required["over_5000"],
            required["qpv_count"],
            strict=True,
        )
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def duty(communes: pd.DataFrame, qpv: pd.DataFrame, memberships: pd.DataFrame) -> pd.DataFrame:
    """Return the legal situation of each commune today.

    Shape: code_insee, name, population_legal, qpv_count, over_5000, coordinator, duty
    (obligatoire | facultatif | aucune; `facultatif` where a CISPD, known to be there, covers it),
    councils (names of the councils known or to be confirmed), council_attested (bool).
    A commune without known population is judged on its QPV alone.
    """
    table = communes[["code_insee", "name", "population_legal"]].copy()
    counts = qpv.groupby("code_insee").size()
    table["qpv_count"] = table["code_insee"].map(counts).fillna(0).astype(int)
    population = table["population_legal"].astype("Float64")
    table["over_5000"] = (population > CLSPD_POPULATION).fillna(False).astype(bool)
    table["coordinator"] = (population > COORDINATOR_POPULATION).fillna(False).astype(bool)
    now = current(memberships)
    known = (now["type"] == "cispd") & (now["status"] != TO_CONFIRM)
    in_cispd = table["code_insee"].isin(now.loc[known, "code_insee"])
    concerned = table["over_5000"] | (table["qpv_count"] > 0)
    table["duty"] = np.select(
        [concerned & in_cispd, concerned], ["facultatif", "obligatoire"], default="aucune"
    )
    councils = now[now["type"].isin(["cispd", "clspd"])]
    names = councils.groupby("code_insee")["name"].agg(" · ".join)
    table["councils"] = [names.get(code, "") for code in table["code_insee"]]
    attested = councils.loc[councils["status"] != TO_CONFIRM, "code_insee"]
    table["council_attested"] = table["code_insee"].isin(attested)
    return table


def standing(kind: str, status: str, duties: Iterable[str]) -> str:
    """Return the status of a council, or why the law does not ask for one that is to be confirmed.

    The law asks communes for a CLSPD, and nobody for another kind. `duties`: what it asks of each
    commune of the council, "obligatoire" where that is not known (see `duty`).
    """
    found = set(duties)
    if status != TO_CONFIRM:
        return status
    if kind != "clspd":
        return BY_CHOICE
    if "obligatoire" in found or not found:
        return status
    return OPTIONAL if "facultatif" in found else NOT_ASKED


def current(memberships: pd.DataFrame, day: date | None = None) -> pd.DataFrame:
    """Return the rows in force on a day (today by default)."""
    day = day or date.today()
    started = memberships["start"].map(lambda d: d is None or d <= day).astype(bool)
    ended = memberships["end"].map(lambda d: d is not None and d < day).astype(bool)
    return memberships[started & ~ended]


def groups(
    communes: pd.DataFrame,
    epci: pd.DataFrame,
    memberships: pd.DataFrame,
    departement: str,
    name: str,
) -> pd.DataFrame:
    """Return every group of communes of a département, at every level above the commune.

    Shape: niveau, code, libelle, type, code_insee, inside (the commune is in the département).
    Municipal arrondissements are in no group. One row per (niveau, code, code_insee).
    """
    others = _administrative_groups(communes, epci, departement, name)
    return pd.concat([council_groups(communes, memberships), others], ignore_index=True)


def members_by_year(
    communes: pd.DataFrame, memberships: pd.DataFrame, council_id: str, years: Iterable[int]
) -> dict[int, tuple[str, ...]]:
    """Return the communes of a council on 1 January of each year, as those years' files hold them.

    1 January is the date of each year's geography, and of most statutes. A year when the council
    had no member is left out.
    """
    own = memberships[memberships["territory_id"] == council_id]
    found = {}
    for year in years:
        groups = council_groups(communes, own, date(year, 1, 1))
        if len(inside := groups.loc[groups["inside"], "code_insee"]):
            found[year] = tuple(sorted(inside))
    return found


def council_groups(
    communes: pd.DataFrame, memberships: pd.DataFrame, day: date | None = None
) -> pd.DataFrame:
    """Return the councils of a day, today by default, as groups (see `groups`).

    Those without a member here are left out, and so is a member of this département that is none
    of its communes: it is not outside.
    """
    members = communes[communes["kind"] == "commune"]
    table = current(memberships, day)[["territory_id", "name", "code_insee", "type"]]
    table = table.set_axis(["code", "libelle", "code_insee", "type"], axis=1)
    # A member of today stands for the communes of the file that it is made of.
    parts = members[["current_code", "code_insee"]].set_axis(["code_insee", "part"], axis=1)
    table = table.merge(parts, on="code_insee", how="left")
    table["code_insee"] = table.pop("part").fillna(table["code_insee"])
    codes = set(members["code_insee"])
    here = {departement_of(code) for code in codes}
    strange = [c not in codes and departement_of(c) in here for c in table["code_insee"]]
    return _known_here(table[~np.array(strange, dtype=bool)].assign(niveau="territoire"), members)


def _administrative_groups(
    communes: pd.DataFrame, epci: pd.DataFrame, departement: str, name: str
) -> pd.DataFrame:
    """Return EPCI, arrondissements and the département as groups."""
    members = communes[communes["kind"] == "commune"]
    codes = set(members["code_insee"])
    inside_epci = members.dropna(subset="code_epci")[["code_epci", "epci_name", "code_insee"]]
    touched = epci[epci["code_epci"].isin(inside_epci["code_epci"])]
    outside_epci = touched[~touched["code_insee"].isin(codes | set(members["current_code"]))]
    by_epci = pd.concat([inside_epci, outside_epci[["code_epci", "epci_name", "code_insee"]]])
    by_epci = by_epci.set_axis(["code", "libelle", "code_insee"], axis=1).assign(
        niveau="epci", type="epci"
    )
    by_arrondissement = members.dropna(subset="code_arrondissement")[
        ["code_arrondissement", "arrondissement_name", "code_insee"]
    ]
    by_arrondissement = by_arrondissement.set_axis(
        ["code", "libelle", "code_insee"], axis=1
    ).assign(niveau="arrondissement", type="arrondissement")
    whole = members[["code_insee"]].assign(
        niveau="departement", code=departement, libelle=name, type="departement"
    )
    return _known_here(pd.concat([by_epci, by_arrondissement, whole], ignore_index=True), members)


def _known_here(table: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return groups in their final shape, without those of which no member is here."""
    table["libelle"] = table["libelle"].fillna(table["code"])
    table["inside"] = table["code_insee"].isin(set(members["code_insee"]))
    here = table.groupby(["niveau", "code"])["inside"].transform("any").astype(bool)
    return (
        table.loc[here, ["niveau", "code", "libelle", "type", "code_insee", "inside"]]
        .drop_duplicates(["niveau", "code", "code_insee"])
        .reset_index(drop=True)
    )


def _grounds(over_5000: bool, qpv_count: int) -> str:
    grounds = ["plus de 5 000 habitants"] if over_5000 else []
    if qpv_count:
        grounds.append(
            "un quartier prioritaire" if qpv_count == 1 else f"{qpv_count} quartiers prioritaires"
        )
    return " et ".join(grounds)


def _overlapping(table: pd.DataFrame) -> "pd.Series[bool]":
    """Flag rows whose period overlaps an earlier one of the same commune and territory."""
    ordered = table.assign(
        start=[d or date.min for d in table["start"]], end=[d or date.max for d in table["end"]]
    ).sort_values(["territory_id", "code_insee", "start"])
    same = (
        ordered[["territory_id", "code_insee"]]
        .eq(ordered[["territory_id", "code_insee"]].shift())
        .all(axis=1)
    )
    overlap = same & (ordered["start"] <= ordered["end"].shift())
    return overlap.reindex(table.index)


def _refuse(table: pd.DataFrame, wrong: "pd.Series[bool]", path: Path, what: str) -> None:
    if wrong.any():
        at = int(np.argmax(wrong.to_numpy()))
        row = table.iloc[at]
        raise Refused(
            f"Le fichier de territoires {path.name}, ligne {at + 2} ({row['territory_id']}, "
            f"commune {row['code_insee']}), {what} : corriger cette ligne."
        )
