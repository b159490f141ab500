"""Priority neighbourhoods (quartiers prioritaires de la politique de la ville, 2024 list)."""

import re
from pathlib import Path

import pandas as pd

from diagnostics.errors import Refused
from diagnostics.sources import tabular
from diagnostics.sources.cog import read_json

COLUMNS = ["code_qpv", "name", "code_insee"]
_CODE_QPV = re.compile(r"Q[NP]\w{6}", re.IGNORECASE)
# A spreadsheet loses one leading zero (1053 for 01053), never more.
_CODE_INSEE = re.compile(r"[0-9A-Z]{2}\d{3}|[1-9]\d{3}")


@tabular.once
def read_qpv(path: Path) -> pd.DataFrame:
    """Read the list of the QPV, one row per (QPV, commune).

    Two forms are read: the list of the ANCT (`listeqp2024-cog2024.csv`: `;`, BOM, one
    row per QPV, several communes joined by "; " inside quotes, leading zeros lost where there is
    one commune only), and JSON `{"qpvs": [{"code", "label", "insee": [...]}]}`; either may be
    gzipped. A QPV astride two communes gives two rows: count distinct `code_qpv`.

    Args:
        path: the file.

    Returns:
        `code_qpv`, `name`, `code_insee` (5 characters), sorted, without duplicates.

    Raises:
        Refused: unreadable file, missing columns, or a code that is not one.

    Source: https://www.data.gouv.fr/datasets/quartiers-prioritaires-de-la-politique-de-la-ville-qpv
    """
    records = _from_json(path) if ".json" in path.name else _from_csv(path)
    rows = [
        (_qpv_code(code, path), " ".join(name.split()), _commune_code(commune, path))
        for code, name, communes in records
        for commune in communes
    ]
    if not rows:
        raise Refused(
            f"Le fichier {path.name} ne contient aucun quartier prioritaire : "
            "télécharger de nouveau la liste de l’ANCT."
        )
    frame = pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(["code_qpv", "code_insee"])
    return frame.sort_values(["code_qpv", "code_insee"], ignore_index=True)


def _from_json(path: Path) -> list[tuple[str, str, list[str]]]:
    try:
        records = read_json(path)["qpvs"]
        return [(str(r["code"]), str(r["label"]), [str(c) for c in r["insee"]]) for r in records]
    except (KeyError, TypeError) as error:
        raise Refused(
            f"Le fichier {path.name} n’a pas la forme attendue ({error}) : une liste « qpvs » "
            "dont chaque élément porte « code », « label » et « insee »."
        ) from error


def _from_csv(path: Path) -> list[tuple[str, str, list[str]]]:
    table = tabular.read(path)
    table = table.rename(columns=str.lower)
    missing = [name for name in ("code_qp", "lib_qp", "insee_com") if name not in table]
    if missing:
        raise Refused(
            f"Il manque à {path.name} les colonnes {', '.join(missing)} : "
            "prendre la liste des QPV 2024 de l’ANCT, telle que publiée."
        )
    held = table[["code_qp", "lib_qp", "insee_com"]].astype("str")
    held = held[held["code_qp"].str.strip() != ""]  # the list ends with empty lines
    return [
        (code, name, re.split(r"\s*[;,|]\s*", communes.strip()))
        for code, name, communes in held.itertuples(index=False)
    ]


def _qpv_code(code: str, path: Path) -> str:
    code = code.strip().upper()
    if not _CODE_QPV.fullmatch(code):
        raise Refused(
            f"« {code} » n’est pas un code de quartier prioritaire ({path.name}) : "
            "un tel code a la forme QN07701I."
        )
    return code


def _commune_code(code: str, path: Path) -> str:
    stripped = code.strip().upper()
    if not _CODE_INSEE.fullmatch(stripped):
        raise Refused(
            f"« {code} » n’est pas un code de commune ({path.name}, colonne insee_com) : "
            "corriger cette ligne ou télécharger de nouveau la liste."
        )
    return stripped.zfill(5)
