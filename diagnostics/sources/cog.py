"""The official geographic code (COG): communes, their successors, EPCI and names.

Sources: INSEE, code officiel géographique (https://www.insee.fr/fr/information/2560452), its JSON
edition by Etalab (découpage administratif), and geo.api.gouv.fr, which leaves arrondissements and
former communes to INSEE. Populations are the legal municipal ones.
"""

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import pandas as pd
from pydantic import AliasChoices, BaseModel, Field, TypeAdapter, ValidationError

from diagnostics.errors import Refused
from diagnostics.sources import tabular

COMMUNE, MUNICIPAL_ARRONDISSEMENT = "commune", "arrondissement_municipal"
_KINDS = {
    "commune-actuelle": COMMUNE,
    "arrondissement-municipal": MUNICIPAL_ARRONDISSEMENT,
}
# INSEE's columns: the field that each one fills, and the width of its codes.
_INSEE = {
    "COM": ("code", 5),
    "LIBELLE": ("nom", 0),
    "DEP": ("departement", 2),
    "REG": ("region", 2),
    "ARR": ("arrondissement", 3),
    "COMPARENT": ("parent", 5),
}
_TOLD_BY_INSEE = ("departement", "region", "arrondissement", "parent")
_TYPECOM = {
    "COM": "commune-actuelle",
    "ARM": "arrondissement-municipal",
    "COMD": "commune-deleguee",
    "COMA": "commune-associee",
}
# What geo.api.gouv.fr does not say of a municipal arrondissement, where INSEE's list is missing.
_WHOLES = {"75": "75056", "69": "69123", "13": "13055"}


class _Named(BaseModel):
    """Fields of a record that are used, as Etalab, geo.api.gouv.fr and INSEE spell them."""

    code: str
    nom: str


class _Commune(_Named):
    code: str = Field(pattern=r"^[0-9A-Z]{2}\d{3}$")
    type: str = "commune-actuelle"
    departement: str | None = Field(
        None, validation_alias=AliasChoices("departement", "codeDepartement")
    )
    region: str | None = Field(None, validation_alias=AliasChoices("region", "codeRegion"))
    arrondissement: str | None = None
    epci: str | None = Field(None, validation_alias="codeEpci")
    population: int | None = Field(None, ge=0)
    # Of which it is a part: whole of a municipal arrondissement, successor of a former commune.
    parent: str | None = Field(None, validation_alias=AliasChoices("commune", "chefLieu", "parent"))
    former_codes: list[str] = Field([], validation_alias="anciensCodes")


class _Epci(_Named):
    members: list[_Named] = Field([], validation_alias="membres")


MERGED, RESTORED = "fusion", "retablissement"
MOVEMENTS = ["kind", "code", "name", "other", "other_name", "date"]
"""Columns of `Cog.movements`."""
_RESTORATION = "21"

_Record = TypeVar("_Record", bound=_Named)
_FILLED = Field(min_length=1)
_COMMUNES = TypeAdapter(Annotated[list[_Commune], _FILLED])
_EPCI = TypeAdapter(Annotated[list[_Epci], _FILLED])
_NAMED = TypeAdapter(Annotated[list[_Named], _FILLED])


@dataclass(frozen=True)
class Cog:
    """What the COG says.

    communes: code_insee, name, kind (commune | arrondissement_municipal), departement, region,
        code_arrondissement, population_legal, whole (of a municipal arrondissement).
    successors: code that is no longer a commune -> commune of today.
    former_names: code that is no longer a commune -> its name.
    epci: code_epci, epci_name, code_insee, member_name (of all France).
    names: {"arrondissement" | "departement" | "region": {code: name}}.
    codes_of_year: communes of the geography year, where INSEE's list of that year is held.
    movements: kind (`MERGED`: `code` is no longer a commune, `other` is what it is part of today;
        `RESTORED`: `code` is a commune again, apart from `other`), code, name, other, other_name,
        date (ISO, "" where the list of movements does not say).
    """

    communes: pd.DataFrame
    successors: dict[str, str]
    former_names: dict[str, str]
    epci: pd.DataFrame
    names: dict[str, dict[str, str]]
    codes_of_year: frozenset[str] | None = None
    geography_year: int | None = None
    movements: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=MOVEMENTS, dtype="str")
    )


def departement_of(code_insee: str) -> str:
    """Return the département of a commune code: three characters overseas, two elsewhere."""
    return code_insee[:3] if code_insee[:2] in ("97", "98") else code_insee[:2]


def read_json(path: Path) -> Any:
    """Return the content of a JSON file, gzipped or not.

    Raises:
        Refused: unreadable, truncated or something else than JSON.
    """
    try:
        data = path.read_bytes()
        return json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (OSError, EOFError, ValueError) as error:
        raise Refused(
            f"Le fichier {path.name} ne peut pas être lu comme JSON ({str(error)[:120]}) : "
            "le télécharger de nouveau."
        ) from error


def read_cog(
    communes: Path,
    *,
    epci: Path | None = None,
    arrondissements: Path | None = None,
    departements: Path | None = None,
    regions: Path | None = None,
    newest_list: Path | None = None,
    list_of_year: Path | None = None,
    movements: Path | None = None,
    geography_year: int | None = None,
) -> Cog:
    """Read the parts of the COG that are held; only the communes are indispensable.

    INSEE's newest list completes what the communes leave out; that of the geography year says
    which communes a published file should hold.

    Raises:
        Refused: a file that is not what its name says.
    """
    records = _records(communes, _COMMUNES)
    lists = {path: _listed(path) for path in {newest_list, list_of_year} if path is not None}
    if newest_list is not None:
        records = _completed(records, lists[newest_list])
    successors = _former(records)
    former_names = {r.code: r.nom for r in records if r.type not in _KINDS and r.parent}
    table = _communes(records, communes)
    moves = _moves(movements) if movements is not None else None
    if moves is not None:
        successors = _followed(successors, moves, set(table["code_insee"]))
    return Cog(
        communes=table,
        successors=successors,
        former_names=former_names,
        epci=_epci(epci, records),
        names={
            "arrondissement": _names(arrondissements),
            "departement": _names(departements),
            "region": _names(regions),
        },
        codes_of_year=None
        if list_of_year is None
        else frozenset(r.code for r in lists[list_of_year] if r.type in _KINDS),
        geography_year=geography_year,
        movements=_movements(successors, former_names, table, moves),
    )


def communes_of(
    departement: str, codes_in_file: set[str], cog: Cog, file_name: str
) -> pd.DataFrame:
    """Return the communes of a département on the geography of a published file.

    Shape: code_insee, name, kind, whole, region, code_arrondissement, arrondissement_name,
    code_epci, epci_name, population_legal, current_code (where the commune has merged since).

    Raises:
        Refused: a code of the file that the COG does not know and that no movement explains.
    """
    known = cog.communes.set_index("code_insee")
    codes = set(codes_in_file) | _expected(departement, codes_in_file, cog)
    unknown = sorted(c for c in codes if c not in known.index and c not in cog.successors)
    if unknown:
        raise Refused(
            f"Le fichier {file_name} contient la commune {unknown[0]}, inconnue du code officiel "
            "géographique et d’aucun mouvement de communes : vérifier ce code, ou fournir le COG "
            "de l’année du fichier."
        )
    table = pd.DataFrame({"code_insee": sorted(codes)})
    table["current_code"] = [
        c if c in known.index else cog.successors[c] for c in table["code_insee"]
    ]
    today = known.reindex(table["current_code"]).reset_index(drop=True)
    merged = table["current_code"] != table["code_insee"]
    former = [cog.former_names.get(c, c) for c in table["code_insee"]]
    table["name"] = today["name"].where(~merged, pd.Series(former, dtype="str"))
    for column in ("kind", "whole", "region", "code_arrondissement"):
        table[column] = today[column]
    # The legal population of a commune that has merged since is that of no commune any more.
    table["population_legal"] = today["population_legal"].where(~merged)
    membership = cog.epci.drop_duplicates("code_insee").set_index("code_insee")
    # A municipal arrondissement is in its commune's EPCI and out of every sum: it needs none here.
    for column in ("code_epci", "epci_name"):
        table[column] = table["current_code"].map(membership[column])
    table["arrondissement_name"] = table["code_arrondissement"].map(cog.names["arrondissement"])
    # Where the COG has no list of EPCI or of arrondissements, nothing was mapped to a text.
    return table.astype(dict.fromkeys(["code_epci", "epci_name", "arrondissement_name"], "str"))


def _expected(departement: str, codes_in_file: set[str], cog: Cog) -> set[str]:
    """Return the communes that a complete file of that geography would hold."""
    listed = cog.codes_of_year
    if listed is None:
        listed = frozenset(cog.communes["code_insee"] if cog.geography_year else [])
    expected = {c for c in listed if departement_of(c) == departement}
    parts = cog.communes["kind"] == MUNICIPAL_ARRONDISSEMENT
    arrondissements = set(cog.communes.loc[parts, "code_insee"])
    # The editions before 2025 hold whole communes only.
    return expected if codes_in_file & arrondissements else expected - arrondissements


def _records(path: Path, shape: TypeAdapter[list[_Record]]) -> list[_Record]:
    return _validated(read_json(path), path, shape)


def _validated(content: Any, path: Path, shape: TypeAdapter[list[_Record]]) -> list[_Record]:
    try:
        return shape.validate_python(content)
    except ValidationError as error:
        where = " · ".join(str(part) for part in error.errors()[0]["loc"])
        raise Refused(
            f"Le fichier {path.name} n’a pas la forme attendue (élément {where or 'racine'}) : "
            "prendre le fichier publié."
        ) from error


def _listed(path: Path) -> list[_Commune]:
    """Return INSEE's list of the communes of a year: neither population nor EPCI in it."""
    frame = _insee(path, "TYPECOM", "COM")
    frame = frame[frame["TYPECOM"].isin(list(_TYPECOM))]
    rows = [
        {"nom": row["COM"], "type": _TYPECOM[row["TYPECOM"]]}
        | {f: row[c].zfill(width) for c, (f, width) in _INSEE.items() if row.get(c)}
        for row in frame.filter([*_INSEE, "TYPECOM"]).to_dict("records")
    ]
    return _validated(rows, path, _COMMUNES)


def _insee(path: Path, *needed: str) -> pd.DataFrame:
    """Return a table of INSEE's as text; its column names changed case with the years."""
    frame = tabular.read(path).astype("str").rename(columns=str.upper)
    if missing := [column for column in needed if column not in frame]:
        raise Refused(
            f"Le fichier {path.name} n’a pas la colonne « {missing[0]} » : prendre le fichier "
            "publié par l’INSEE."
        )
    return frame


def _completed(records: list[_Commune], listed: list[_Commune]) -> list[_Commune]:
    """Fill what each record leaves out from INSEE's list, and add the former communes it names."""
    twins = {(r.code, r.type): r for r in listed}
    held = {r.code for r in records}
    filled = []
    for record in records:
        twin = twins.get((record.code, record.type), record)
        unsaid = [f for f in _TOLD_BY_INSEE if getattr(record, f) is None]
        told = {f: getattr(twin, f) for f in unsaid if getattr(twin, f) is not None}
        filled.append(record.model_copy(update=told) if told else record)
    return filled + [r for r in listed if r.type not in _KINDS and r.code not in held]


def _communes(records: list[_Commune], path: Path) -> pd.DataFrame:
    rows = [
        {
            "code_insee": r.code,
            "name": r.nom,
            "kind": _KINDS[r.type],
            "departement": r.departement or departement_of(r.code),
            "region": r.region,
            "code_arrondissement": r.arrondissement,
            "population_legal": r.population,
            "whole": r.parent or _WHOLES.get(r.code[:2])
            if _KINDS[r.type] == MUNICIPAL_ARRONDISSEMENT
            else None,
        }
        for r in records
        if r.type in _KINDS
    ]
    table = pd.DataFrame(rows)
    if table.empty or table["code_insee"].duplicated().any():
        raise Refused(
            f"Le fichier {path.name} n’a pas de commune, ou deux fois la même : "
            "prendre le fichier publié."
        )
    text = ("name", "departement", "region", "code_arrondissement", "whole")
    table = table.astype(dict.fromkeys(text, "str"))
    return table.assign(population_legal=table["population_legal"].astype("Int64"))


def _former(records: list[_Commune]) -> dict[str, str]:
    """Return {former commune: commune of today}, from delegated and associated communes."""
    current = {r.code for r in records if r.type in _KINDS}
    found = {r.code: r.parent for r in records if r.parent in current and r.code not in current}
    for record in records:
        for code in record.former_codes:
            if record.code in current and code not in current:
                found[code] = record.code
    return found


def _moves(movements: Path) -> pd.DataFrame:
    """Return INSEE's dated movements from a commune to another one, oldest first."""
    needed = ("DATE_EFF", "TYPECOM_AV", "COM_AV", "TYPECOM_AP", "COM_AP")
    frame = _insee(movements, *needed).sort_values("DATE_EFF", kind="stable")
    return frame[
        (frame["TYPECOM_AV"] == "COM")
        & (frame["TYPECOM_AP"] == "COM")
        & (frame["COM_AV"] != frame["COM_AP"])
    ]


def _movements(
    successors: dict[str, str],
    former_names: dict[str, str],
    communes: pd.DataFrame,
    moves: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the mergers and restorations of communes, as `Cog.movements` says."""
    today = dict(zip(communes["code_insee"], communes["name"], strict=True))
    names, dates = dict(former_names), dict[str, str]()
    restored = []
    if moves is not None:
        labels = moves["LIBELLE_AV"] if "LIBELLE_AV" in moves else moves["COM_AV"]
        names = dict(zip(moves["COM_AV"], labels, strict=True)) | names
        dates = dict(zip(moves["COM_AV"], moves["DATE_EFF"], strict=True))
        kinds = moves["MOD"] if "MOD" in moves else moves["COM_AV"].map(lambda _: "")
        apart = moves[(kinds == _RESTORATION) & moves["COM_AP"].isin(list(today))]
        for code, origin, date in zip(
            apart["COM_AP"], apart["COM_AV"], apart["DATE_EFF"], strict=True
        ):
            other = successors.get(origin, origin)
            if other in today and other != code:
                restored.append((RESTORED, code, today[code], other, today[other], date))
    merged = [
        (MERGED, code, names.get(code, code), other, today[other], dates.get(code, ""))
        for code, other in sorted(successors.items())
    ]
    return pd.DataFrame([*merged, *restored], columns=MOVEMENTS).astype("str")


def _followed(successors: dict[str, str], moves: pd.DataFrame, current: set[str]) -> dict[str, str]:
    """Complete the successors with dated movements, followed to a commune of today."""
    found: dict[str, str] = {}
    for before, after in zip(moves["COM_AV"], moves["COM_AP"], strict=True):
        if before not in current:
            found[before] = after
    for code in list(found):
        seen = {code}
        target = found[code]
        while target not in current and target not in seen:
            seen.add(target)
            target = found.get(target, successors.get(target, target))
        if target in current:
            found[code] = target
        else:
            del found[code]
    return found | successors


def _epci(path: Path | None, communes: list[_Commune]) -> pd.DataFrame:
    """Return the members of every EPCI, from its own list or else from its communes."""
    columns = ["code_epci", "epci_name", "code_insee", "member_name"]
    declared: dict[str | None, list[_Named]] = {}
    # A municipal arrondissement is in an EPCI by its commune.
    for commune in (r for r in communes if _KINDS.get(r.type) == COMMUNE):
        declared.setdefault(commune.epci, []).append(commune)
    rows = [
        (epci.code, epci.nom, member.code, member.nom)
        for epci in ([] if path is None else _records(path, _EPCI))
        for member in epci.members or declared.get(epci.code, [])
    ]
    return pd.DataFrame(rows, columns=columns).astype("str")


def _names(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    if path.suffix.lower() == ".csv":
        frame = _insee(path, "ARR", "LIBELLE")
        return dict(zip(frame["ARR"].str.zfill(3), frame["LIBELLE"], strict=True))
    return {r.code: r.nom for r in _records(path, _NAMED)}
