"""Readers of the SSMSI's recorded-crime bases, every header generation to one typed table.

Source: « Bases statistiques communale, départementale et régionale de la délinquance enregistrée
par la police et la gendarmerie nationales », data.gouv.fr, Licence Ouverte 2.0. The column maps
and the labels are data (`data/catalogue`); the disclosure status stays a status, never a number.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from diagnostics import catalogue
from diagnostics.errors import Refused
from diagnostics.sources import tabular

_NAME = re.compile(r"geographie(?P<geography>\d{4}).*?produit-le(?P<produced>\d{4}-\d{2}-\d{2})")
_CODE = re.compile(r"[0-9A-Z]{2}[0-9]{3}")
_MISSING = {"", "NA", "NaN", "nan", "N/A", "NULL"}
_ENDINGS = (".csv.gz", ".csv", ".parquet")


@dataclass(frozen=True)
class Edition:
    """One file of one edition of a base.

    `generation` is C0…C3, D0, D1 or R1; `geography_year` is None where neither the name nor the
    header says it; `produced` is the production date of the publisher's file name.
    """

    path: Path
    base: str
    generation: str
    geography_year: int | None
    produced: date | None

    @property
    def stem(self) -> str:
        """Return the file name without its ending: the edition's name in every export."""
        name = self.path.name
        return next((name[: -len(e)] for e in _ENDINGS if name.lower().endswith(e)), name)


def recognise(path: Path) -> Edition | None:
    """Return the edition of a file, from its header and its name; None if it is something else.

    Raises:
        Refused: the file cannot be opened (see `tabular.header`), or holds two geographies.
    """
    columns = [_normal(name) for name in tabular.header(path)]
    geographies = [m[1] for c in columns if (m := re.fullmatch(r"codgeo_(\d{4})", c))]
    if len(geographies) > 1:
        raise Refused(
            f"Le fichier {path.name} mêle deux éditions (colonnes CODGEO_{geographies[0]} et "
            f"CODGEO_{geographies[1]}) : n’en garder qu’une."
        )
    millesime = geographies[0] if geographies else ""
    scores = {
        key: _score(names, columns, millesime) for key, names in _columns_by_generation().items()
    }
    base, generation = max(scores, key=lambda key: scores[key])
    if scores[base, generation] <= 0:
        return None
    named = _NAME.search(path.name)
    geography = int(millesime) if millesime else int(named["geography"]) if named else None
    if base == "communes" and generation == "C1" and geography is not None:
        # C1, C2 and C3 share their columns; the geography year tells them apart.
        generation = "C1" if geography <= 2024 else "C2" if geography == 2025 else "C3"
    produced = date.fromisoformat(named["produced"]) if named else None
    return Edition(path, base, generation, geography, produced)


def read(edition: Edition) -> pd.DataFrame:
    """Return one typed row per (code, indicator, year) of a base.

    Communes: code (5 characters), indicator (id), year, status (publie | zero | non_diffuse |
    absent), count, rate (published, per 1,000), population, dwellings, complement_count,
    complement_rate (of the hidden communes of the département, never of this one).
    Départements and regions: code, code_region (départements), indicator, year, count, rate,
    population, dwellings.

    Raises:
        Refused: unknown or missing column, unknown label or unit, two vocabularies in one file,
            unreadable number, contradictory disclosure, duplicate key.
    """
    name = edition.path.name
    raw = _renamed(tabular.read(edition.path), edition)
    titles = _titles(edition)
    frame = pd.DataFrame(
        {
            "code": _codes(raw["code"], edition.base, name),
            "indicator": _indicators(raw["label"], raw["unit"], name),
            "year": _years(raw["year"], name),
        }
    )
    for field in ("count", "rate", "population", "dwellings"):
        frame[field] = _numbers(raw[field], titles[field], name) if field in raw else np.nan
    if edition.base == "communes":
        for field in ("complement_count", "complement_rate"):
            frame[field] = _numbers(raw[field], titles[field], name)
        frame["status"] = _status(raw["disclosure"], frame, name)
    elif edition.base == "departements":
        frame["code_region"] = _codes(raw["code_region"], "regions", name)
    _refuse_fractions(frame, name)
    _refuse_duplicates(frame, name)
    return frame


def _normal(name: str) -> str:
    """Return a column name without case, accents or punctuation (spreadsheets change them)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def _columns_by_generation() -> dict[tuple[str, str], list[catalogue.ColumnMap]]:
    found: dict[tuple[str, str], list[catalogue.ColumnMap]] = {}
    for column in catalogue.column_maps("ssmsi"):
        found.setdefault((column.base, column.generation), []).append(column)
    return found


def _titles(edition: Edition) -> dict[str, str]:
    """Return the publisher's title of each field, for what a user is told."""
    generation = "C1" if edition.generation in ("C2", "C3") else edition.generation
    return {m.champ: m.colonne for m in _columns_by_generation()[edition.base, generation]}


def _named(column: catalogue.ColumnMap, millesime: str) -> str:
    return _normal(column.colonne.format(millesime=millesime))


def _score(maps: list[catalogue.ColumnMap], columns: list[str], millesime: str) -> int:
    """Return columns in common minus those missing or foreign: positive means recognised."""
    expected = {_named(m, millesime) for m in maps}
    required = {_named(m, millesime) for m in maps if m.requis == "oui"}
    return (
        len(expected & set(columns)) - len(required - set(columns)) - len(set(columns) - expected)
    )


def _renamed(raw: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Return the table under our field names, refusing missing and unknown columns."""
    generation = "C1" if edition.generation in ("C2", "C3") else edition.generation
    maps = _columns_by_generation()[edition.base, generation]
    millesime = str(edition.geography_year or "")
    normal = {_normal(c): c for c in raw.columns}
    if len(normal) < len(raw.columns):
        raise Refused(
            f"Le fichier {edition.path.name} a deux colonnes du même nom : "
            "prendre le fichier publié."
        )
    missing = [
        m.colonne.format(millesime=millesime)
        for m in maps
        if m.requis == "oui" and _named(m, millesime) not in normal
    ]
    if missing:
        raise Refused(
            f"Le fichier {edition.path.name} n’a pas la colonne « {missing[0]} » "
            f"(en-tête de génération {edition.generation}) : prendre le fichier publié."
        )
    unknown = set(normal) - {_named(m, millesime) for m in maps}
    if unknown:
        raise Refused(
            f"Le fichier {edition.path.name} a une colonne inconnue « "
            f"{normal[min(unknown)]} » (en-tête de génération {edition.generation}) : la retirer, "
            "ou déclarer ce nouvel en-tête dans data/catalogue/column_maps/ssmsi.csv."
        )
    fields = {normal[n]: m.champ for m in maps if (n := _named(m, millesime)) in normal}
    return raw.rename(columns=fields)


def _texts(column: "pd.Series[str]") -> pd.Categorical:
    """Return a column as categories of stripped text: each distinct value is handled once.

    A missing value (parquet) is the empty text, as in a csv.
    """
    values = pd.Categorical(column)
    # The last category is that of the missing values, whose code is -1.
    texts = pd.Index([*(str(c).strip() for c in values.categories), ""], dtype=object)
    distinct = texts.unique()
    codes = distinct.get_indexer(texts)[values.codes]
    return pd.Categorical.from_codes(codes, categories=distinct).remove_unused_categories()


def _mapped(texts: pd.Categorical, values: list[object], dtype: str) -> pd.Series:
    return pd.Series(values, dtype=dtype).take(texts.codes).reset_index(drop=True)


def _first_line(texts: pd.Categorical, category: str) -> int:
    """Return the line of the file (title line is 1) where a text first stands."""
    code = texts.categories.get_loc(category)
    return int(np.argmax(texts.codes == code)) + 2


def _codes(column: "pd.Series[str]", base: str, name: str) -> pd.Series:
    texts = _texts(column)
    width = 5 if base == "communes" else 2
    codes: list[object] = []
    for text in texts.categories:
        code = text.upper()
        # A spreadsheet drops leading zeros: 1001 is 01001, and 1 is 01.
        code = code.zfill(width) if code.isdigit() else code
        if not (_CODE.fullmatch(code) if base == "communes" else 2 <= len(code) <= 3):
            raise Refused(
                f"Le fichier {name}, ligne {_first_line(texts, text)}, a un code géographique "
                f"illisible « {text} » : prendre le fichier publié."
            )
        codes.append(code)
    return _mapped(texts, codes, "str").astype("category")


def _indicators(labels: "pd.Series[str]", units: "pd.Series[str]", name: str) -> pd.Series:
    texts, unit_texts = _texts(labels), _texts(units)
    known = catalogue.labels()
    unknown = [t for t in texts.categories if t not in known]
    if unknown:
        raise Refused(
            f"Le fichier {name}, ligne {_first_line(texts, unknown[0])}, a un indicateur inconnu "
            f"« {unknown[0]} » : le déclarer dans data/catalogue/indicators.toml, ou prendre une "
            "édition connue."
        )
    only = {v: [t for t in texts.categories if set(known[t]) == {v}] for v in ("2021", "2025")}
    if only["2021"] and only["2025"]:
        raise Refused(
            f"Le fichier {name} mêle deux éditions : « {only['2021'][0]} » (avant juillet 2025) et "
            f"« {only['2025'][0]} » (depuis) ne se suivent pas. Garder une seule édition."
        )
    ids = [next(iter(known[t].values())) for t in texts.categories]
    declared = catalogue.indicators()
    expected = np.array([declared[i].unit for i in ids], dtype=object)
    found = np.array([u.lower() for u in unit_texts.categories], dtype=object)
    different = expected[texts.codes] != found[unit_texts.codes]
    if different.any():
        at = int(np.argmax(different))
        raise Refused(
            f"Le fichier {name}, ligne {at + 2}, compte « {texts[at]} » en "
            f"« {unit_texts[at]} » au lieu de « {expected[texts.codes[at]]} » : l’unité de compte "
            "a changé, la série ne se prolonge pas. Prendre une édition connue."
        )
    return _mapped(texts, list(ids), "str").astype("category")


def _years(column: "pd.Series[str]", name: str) -> pd.Series:
    years = _numbers(column, "annee", name)
    years = years.where(years >= 100, years + 2000)  # C0 and D0 write 16 for 2016
    wrong = ~(years.between(1996, 2100) & (years % 1 == 0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise Refused(
            f"Le fichier {name}, ligne {at + 2}, a une année illisible « {column.iloc[at]} » : "
            "prendre le fichier publié."
        )
    return years.astype("int16")


def _numbers(column: "pd.Series[str]", field: str, name: str) -> pd.Series:
    """Return numbers, decimal comma or point; missing stays missing, negative is refused."""
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("float64")
    else:
        texts = _texts(column)
        values: list[object] = []
        for text in texts.categories:
            try:
                values.append(np.nan if text in _MISSING else float(text.replace(",", ".")))
            except ValueError as error:
                raise Refused(
                    f"Le fichier {name}, ligne {_first_line(texts, text)}, colonne « {field} », a "
                    f"un nombre illisible « {text} » : prendre le fichier publié."
                ) from error
        numbers = _mapped(texts, values, "float64")
    bad = (numbers < 0) | np.isinf(numbers)
    if bad.any():
        at = int(np.argmax(bad))
        raise Refused(
            f"Le fichier {name}, ligne {at + 2}, colonne « {field} », a un nombre impossible "
            f"« {column.iloc[at]} » : prendre le fichier publié."
        )
    return numbers.reset_index(drop=True)


def _status(column: "pd.Series[str]", frame: pd.DataFrame, name: str) -> pd.Series:
    texts = _texts(column)
    unknown = [t for t in texts.categories if t.lower() not in ("diff", "ndiff")]
    if unknown:
        raise Refused(
            f"Le fichier {name}, ligne {_first_line(texts, unknown[0])}, a un statut de diffusion "
            f"inconnu « {unknown[0]} » (attendu : diff ou ndiff) : prendre le fichier publié."
        )
    hidden = _mapped(texts, [t.lower() == "ndiff" for t in texts.categories], "bool")
    contradiction = hidden & (frame["count"].notna() | frame["rate"].notna())
    if contradiction.any():
        at = int(np.argmax(contradiction))
        raise Refused(
            f"Le fichier {name}, ligne {at + 2}, donne un nombre pour une valeur non diffusée "
            f"(commune {frame['code'].iloc[at]}) : prendre le fichier publié."
        )
    # A published rate without its count is kept; its zero is a published zero.
    value = frame["count"].where(frame["count"].notna(), frame["rate"])
    status = np.select(
        [hidden, value.isna(), value == 0], ["non_diffuse", "absent", "zero"], default="publie"
    )
    return pd.Series(status, dtype="category")


def _refuse_fractions(frame: pd.DataFrame, name: str) -> None:
    wrong = frame["count"].notna() & (frame["count"] % 1 != 0)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise Refused(
            f"Le fichier {name}, ligne {at + 2}, a un nombre de faits qui n’est pas entier "
            f"({frame['count'].iloc[at]}) : prendre le fichier publié."
        )


def _refuse_duplicates(frame: pd.DataFrame, name: str) -> None:
    repeated = frame.duplicated(["code", "indicator", "year"])
    if repeated.any():
        at = int(np.argmax(repeated))
        row = frame.iloc[at]
        label = catalogue.indicators()[row["indicator"]].label
        raise Refused(
            f"Le fichier {name}, ligne {at + 2}, répète {row['code']}, « {label} », "
            f"{row['year']} : une même valeur ne doit figurer qu’une fois, retirer le doublon."
        )
