"""The official geographic code (COG): communes, their successors, EPCI and names.

Sources: INSEE, code officiel géographique (https://www.insee.fr/fr/information/2560452), and its
JSON edition by Etalab (découpage administratif), whose populations are the legal municipal ones.
"""

import gzip
import json
from dataclasses import dataclass
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
# What geo.api.gouv.fr does not say of a municipal arrondissement.
_WHOLES = {"75": "75056", "69": "69123", "13": "13055"}


class _Named(BaseModel):
    """Fields of a record that are used, as Etalab's files and geo.api.gouv.fr spell them."""

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
    whole: str | None = Field(None, validation_alias="commune")
    successor: str | None = Field(None, validation_alias="chefLieu")
    former_codes: list[str] = Field([], validation_alias="anciensCodes")


class _Epci(_Named):
    members: list[_Named] = Field([], validation_alias="membres")


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
    """

    communes: pd.DataFrame
    successors: dict[str, str]
    former_names: dict[str, str]
    epci: pd.DataFrame
    names: dict[str, dict[str, str]]
    codes_of_year: frozenset[str] | None = None
    geography_year: int | None = None


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
            f"Le fichier {path.name} ne peut pas être lu comme JSON ({str(error)[:120]}) : "
            "le télécharger de nouveau."
        ) from error


def read_cog(
    communes: Path,
    *,
    epci: Path | None = None,
    arrondissements: Path | None = None,
    departements: Path | None = None,
    regions: Path | None = None,
    list_of_year: Path | None = None,
    movements: Path | None = None,
    geography_year: int | None = None,
) -> Cog:
    """Read the parts of the COG that are held; only the communes are indispensable.

    Raises:
        Refused: a file that is not what its name says.
    """
    records = _records(communes, _COMMUNES)
    successors = _former(records)
    former_names = {r.code: r.nom for r in records if r.type not in _KINDS and r.successor}
    table = _communes(records, communes)
    if movements is not None:
        successors = _followed(successors, movements, set(table["code_insee"]))
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
        codes_of_year=None if list_of_year is None else _list_of_year(list_of_year),
        geography_year=geography_year,
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
            "géographique et d’aucun mouvement de communes : vérifier ce code, ou fournir le COG "
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
    return table


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
    try:
        return shape.validate_python(read_json(path))
    except ValidationError as error:
        where = " · ".join(str(part) for part in error.errors()[0]["loc"])
        raise Refused(
            f"Le fichier {path.name} n’a pas la forme attendue (élément {where or 'racine'}) : "
            "prendre le fichier publié."
        ) from error


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
            "whole": r.whole or _WHOLES.get(r.code[:2])
            if _KINDS[r.type] == MUNICIPAL_ARRONDISSEMENT
            else None,
        }
        for r in records
        if r.type in _KINDS
    ]
    table = pd.DataFrame(rows)
    if table.empty or table["code_insee"].duplicated().any():
        raise Refused(
            f"Le fichier {path.name} n’a pas de commune, ou deux fois la même : "
            "prendre le fichier publié."
        )
    text = ("name", "departement", "region", "code_arrondissement", "whole")
    table = table.astype(dict.fromkeys(text, "str"))
    return table.assign(population_legal=table["population_legal"].astype("Int64"))


def _former(records: list[_Commune]) -> dict[str, str]:
    """Return {former commune: commune of today}, from delegated and associated communes."""
    current = {r.code for r in records if r.type in _KINDS}
    found = {
        r.code: r.successor for r in records if r.successor in current and r.code not in current
    }
    for record in records:
        for code in record.former_codes:
            if record.code in current and code not in current:
                found[code] = record.code
    return found


def _followed(successors: dict[str, str], movements: Path, current: set[str]) -> dict[str, str]:
    """Complete the successors with INSEE's dated movements, followed to a commune of today."""
    frame = tabular.read(movements).astype("str")
    columns = {c.lower(): c for c in frame.columns}
    needed = ("date_eff", "typecom_av", "com_av", "typecom_ap", "com_ap")
    if missing := [c for c in needed if c not in columns]:
        raise Refused(
            f"Le fichier {movements.name} n’a pas la colonne « {missing[0].upper()} » : "
            "prendre le fichier des mouvements publié par l’INSEE."
        )
    frame = frame.rename(columns={columns[c]: c for c in needed}).sort_values("date_eff")
    moves = frame[
        (frame["typecom_av"] == "COM")
        & (frame["typecom_ap"] == "COM")
        & (frame["com_av"] != frame["com_ap"])
    ]
    found: dict[str, str] = {}
    for before, after in zip(moves["com_av"], moves["com_ap"], strict=True):
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
    for commune in communes:
        declared.setdefault(commune.epci, []).append(commune)
    rows = [
        (epci.code, epci.nom, member.code, member.nom)
        for epci in ([] if path is None else _records(path, _EPCI))
        for member in epci.members or declared.get(epci.code, [])
    ]
    return pd.DataFrame(rows, columns=columns).astype("str")


def _names(path: Path | None) -> dict[str, str]:
    return {} if path is None else {r.code: r.nom for r in _records(path, _NAMED)}


def _list_of_year(path: Path) -> frozenset[str]:
    frame = tabular.read(path).astype("str")
    columns = {c.lower(): c for c in frame.columns}
    if not {"typecom", "com"} <= set(columns):
        raise Refused(
            f"Le fichier {path.name} n’a pas les colonnes TYPECOM et COM : prendre la liste des "
            "communes publiée par l’INSEE."
        )
    kept = frame[frame[columns["typecom"]].isin(["COM", "ARM"])]
    return frozenset(kept[columns["com"]])
