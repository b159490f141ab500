"""Priority neighbourhoods (quartiers prioritaires de la politique de la ville, 2024 list)."""

import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from diagnostics.errors import Refused

COLUMNS = ["code_qpv", "name", "code_insee"]
_CODE_QPV = re.compile(r"Q[NP]\w{6}", re.IGNORECASE)
# A spreadsheet loses one leading zero (1053 for 01053), never more.
_CODE_INSEE = re.compile(r"\d[\dAB]\d{3}|[1-9]\d{3}")


def read_qpv(path: Path) -> pd.DataFrame:
    """Read the list of the QPV, one row per (QPV, commune).

    Two forms are read, by content: the list of the ANCT (`listeqp2024-cog2024.csv`: `;`, BOM, one
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
    text = _text(path)
    records = _from_json(text, path) if text.lstrip().startswith("{") else _from_csv(text, path)
    rows = [
        (_qpv_code(code, path), " ".join(name.split()), _commune_code(commune, path))
        for code, name, communes in records
        for commune in communes
    ]
    if not rows:
        raise Refused(
            f"Le fichier {path.name} ne contient aucun quartier prioritaire : "
            "télécharger de nouveau la liste de l’ANCT."
        )
    frame = pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(["code_qpv", "code_insee"])
    return frame.sort_values(["code_qpv", "code_insee"], ignore_index=True)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Refused(
            f"Le fichier des quartiers prioritaires {path.name} ne peut pas être lu ({error}) : "
            "le télécharger de nouveau, en UTF-8."
        ) from error


def _from_json(text: str, path: Path) -> list[tuple[str, str, list[str]]]:
    try:
        records: list[dict[str, Any]] = json.loads(text)["qpvs"]
        return [(str(r["code"]), str(r["label"]), [str(c) for c in r["insee"]]) for r in records]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Refused(
            f"Le fichier {path.name} n’a pas la forme attendue ({error}) : une liste « qpvs » "
            "dont chaque élément porte « code », « label » et « insee »."
        ) from error


def _from_csv(text: str, path: Path) -> list[tuple[str, str, list[str]]]:
    header = text.partition("\n")[0]
    separator = max(";,\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or []}
    missing = [name for name in ("code_qp", "lib_qp", "insee_com") if name not in names]
    if missing:
        raise Refused(
            f"Il manque à {path.name} les colonnes {', '.join(missing)} : "
            "prendre la liste des QPV 2024 de l’ANCT, telle que publiée."
        )
    return [
        (
            row[names["code_qp"]] or "",
            row[names["lib_qp"]] or "",
            re.split(r"\s*[;,|]\s*", (row[names["insee_com"]] or "").strip()),
        )
        for row in reader
        if (row[names["code_qp"]] or "").strip()  # the list ends with empty lines
    ]


def _qpv_code(code: str, path: Path) -> str:
    code = code.strip().upper()
    if not _CODE_QPV.fullmatch(code):
        raise Refused(
            f"« {code} » n’est pas un code de quartier prioritaire ({path.name}) : "
            "un tel code a la forme QN07701I."
        )
    return code


def _commune_code(code: str, path: Path) -> str:
    stripped = code.strip().upper()
    if not _CODE_INSEE.fullmatch(stripped):
        raise Refused(
            f"« {code} » n’est pas un code de commune ({path.name}, colonne insee_com) : "
            "corriger cette ligne ou télécharger de nouveau la liste."
        )
    return stripped.zfill(5)
