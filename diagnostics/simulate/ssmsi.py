"""The three bases of the SSMSI (communes C3, départements D1, regions R1), as they are published.

CSV: BOM, `;`, quoted texts, decimal comma, seven decimals, NA. Parquet: native types.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from diagnostics import catalogue
from diagnostics.simulate import model
from diagnostics.simulate.disclosure import Disclosure, disclose
from diagnostics.simulate.geography import Array, Floats, Ints
from diagnostics.simulate.land import REGION_CODE, Land

_BOM = "\ufeff"
_AREA_COLUMNS = (
    "annee;indicateur;unite_de_compte;nombre;taux_pour_mille;insee_pop;insee_pop_millesime;"
    "insee_log;insee_log_millesime"
)
_COLUMNS = (
    _AREA_COLUMNS.replace(";insee_pop;", ";est_diffuse;insee_pop;")
    + ";complement_info_nombre;complement_info_taux"
)
_TYPES = {
    "nombre": pa.int32(),
    "taux_pour_mille": pa.float64(),
    "insee_log": pa.int32(),
    "complement_info_nombre": pa.float64(),
    "complement_info_taux": pa.float64(),
}
_TEXTS = {"indicateur", "unite_de_compte", "est_diffuse"}


@dataclass(frozen=True)
class Census:
    """Residents and dwellings (areas, years), and the census year of each (years,).

    The newest census is two years behind the newest facts, its dwellings three.
    """

    population: Ints
    dwellings: Ints
    population_year: Ints
    dwellings_year: Ints

    def denominator(self, indicator: str) -> Ints:
        """Return what the rates of an indicator are divided by (areas, years)."""
        by_dwelling = catalogue.indicators()[indicator].denominator == "logements"
        return self.dwellings if by_dwelling else self.population

    def total(self) -> "Census":
        """Return the census of all areas together."""
        return Census(
            self.population.sum(axis=0, keepdims=True),
            self.dwellings.sum(axis=0, keepdims=True),
            self.population_year,
            self.dwellings_year,
        )


def census(communes: pd.DataFrame, years: list[int]) -> Census:
    """Return the residents and dwellings of each commune and year; `population` is the newest."""
    newest = years[-1] - 2
    population_year = np.minimum(years, newest)
    dwellings_year = np.minimum(years, newest - 1)
    growth = 1 + communes["growth"].to_numpy()[:, None]

    def back(column: str, census_year: Ints) -> Ints:
        now = communes[column].to_numpy(dtype=float)[:, None]
        return (now * growth ** (census_year - newest)).round().astype(np.int64)

    return Census(
        back("population", population_year),
        back("dwellings", dwellings_year),
        population_year,
        dwellings_year,
    )


def write(folder: Path, truth_path: Path, land: Land, years: list[int], seed: int) -> None:
    """Draw the facts of each département in turn; write the three bases and the truth."""
    geography_year = years[-1] + 1
    stem = f"data.gouv-{years[-1]}-geographie{geography_year}-produit-le{geography_year}-06-25"
    parquet = folder / f"donnee-comm-{stem.replace('data.gouv-', 'data.gouv-parquet-')}.parquet"
    code_column = f"CODGEO_{geography_year}"
    totals: dict[str, dict[str, Ints]] = {}
    areas: dict[str, Census] = {}
    with (
        gzip.GzipFile(folder / f"donnee-{stem}.csv.gz", "wb", 5, mtime=0) as csv,
        pq.ParquetWriter(parquet, _schema(code_column)) as published,
        pq.ParquetWriter(truth_path, _TRUTH_SCHEMA) as truth,
    ):
        csv.write((_BOM + _header(f"{code_column};{_COLUMNS}")).encode())
        for number, code in enumerate(land.departements["code"]):
            rng = np.random.default_rng([seed, 1, number])
            communes = land.communes[land.communes["departement"] == code]
            residents = census(communes, years)
            counts = model.draw(communes, years, rng)
            disclosed = {
                key: disclose(counts[key], residents.denominator(key)) for key in model.communal()
            }
            part = _Part(list(communes["code_insee"]), years, residents, counts, disclosed)
            csv.write("".join(part.lines()).encode())
            published.write_table(part.table(code_column))
            truth.write_table(part.truth())
            areas[code] = residents.total()
            totals[code] = model.departement_totals(counts, areas[code].population[0], rng)
    _write_areas(
        folder / f"donnee-dep-{stem}.csv", years, totals, areas, "Code_departement;Code_region"
    )
    rng = np.random.default_rng([seed, 2])
    region = {REGION_CODE: _region_totals(totals, rng)}
    region_census = {REGION_CODE: _sum(list(areas.values()))}
    _write_areas(folder / f"donnee-reg-{stem}.csv", years, region, region_census, "Code_region")


@dataclass(frozen=True)
class _Part:
    """The rows of one département, by commune, year and indicator."""

    codes: list[str]
    years: list[int]
    census: Census
    counts: dict[str, model.Counts]
    disclosed: dict[str, Disclosure]

    def lines(self) -> Iterator[str]:
        """Yield one CSV line per row."""
        keys = list(self.disclosed)
        labels = [_labelled(key) for key in keys]
        rates = {key: self._rates(key) for key in keys}
        for i, code in enumerate(self.codes):
            for t, year in enumerate(self.years):
                head = f'"{code}";{year};'
                people = self._people(i, t)
                for key, label in zip(keys, labels, strict=True):
                    disclosed = self.disclosed[key]
                    if disclosed.hidden[i, t]:
                        yield (
                            f'{head}{label}NA;NA;"ndiff";{people}'
                            f"{_decimal(disclosed.complement_count[t])};"
                            f"{_decimal(disclosed.complement_rate[t])}\n"
                        )
                    else:
                        yield (
                            f"{head}{label}{self.counts[key][i, t]};"
                            f'{_decimal(rates[key][i, t])};"diff";{people}NA;NA\n'
                        )

    def _people(self, i: int, t: int) -> str:
        census = self.census
        return (
            f"{census.population[i, t]};{census.population_year[t]};"
            f"{census.dwellings[i, t]};{census.dwellings_year[t]};"
        )

    def _rates(self, key: str) -> Floats:
        return _rate(self.counts[key], self.census.denominator(key))

    def table(self, code_column: str) -> pa.Table:
        """Return the same rows with native types."""
        keys = list(self.disclosed)
        disclosed = self.disclosed.values()
        indicators = [catalogue.indicators()[key] for key in keys]
        hidden = self._stacked([d.hidden for d in disclosed])
        rates = self._stacked([self._rates(key) for key in keys])
        complement_count = self._stacked([d.complement_count for d in disclosed])
        complement_rate = self._stacked([d.complement_rate for d in disclosed])
        census = self.census
        row = np.arange(len(hidden))
        columns = {
            code_column: self._code(row),
            "annee": self._each(np.array(self.years)),
            "indicateur": _text(row % len(keys), [i.label for i in indicators]),
            "unite_de_compte": _text(row % len(keys), [i.unit.capitalize() for i in indicators]),
            "nombre": pa.array(self._facts(), mask=hidden),
            "taux_pour_mille": pa.array(rates, mask=hidden | np.isnan(rates)),
            "est_diffuse": _text(hidden.astype(int), ["diff", "ndiff"]),
            "insee_pop": self._each(census.population),
            "insee_pop_millesime": self._each(census.population_year),
            "insee_log": self._each(census.dwellings),
            "insee_log_millesime": self._each(census.dwellings_year),
            "complement_info_nombre": pa.array(complement_count, mask=~hidden),
            "complement_info_taux": pa.array(
                complement_rate, mask=~hidden | np.isnan(complement_rate)
            ),
        }
        return pa.table(columns).cast(_schema(code_column))

    def truth(self) -> pa.Table:
        """Return every true count, hidden or not."""
        keys = list(self.disclosed)
        facts = self._facts()
        row = np.arange(len(facts))
        columns = {
            "code": self._code(row),
            "indicateur": _text(row % len(keys), keys),
            "annee": self._each(np.array(self.years)),
            "faits": facts,
        }
        return pa.table(columns).cast(_TRUTH_SCHEMA)

    def _facts(self) -> Array:
        return self._stacked([self.counts[key] for key in self.disclosed])

    def _code(self, row: Ints) -> pa.Array:
        return _text(row // (len(self.years) * len(self.disclosed)), self.codes)

    def _each(self, values: Array) -> Array:
        """Return what is the same for all indicators, in the order of the rows."""
        return self._stacked([values] * len(self.disclosed))

    def _stacked(self, by_indicator: list[Array]) -> Array:
        """Return (communes, years) or (years,) values, by indicator, in the order of the rows."""
        shape = self.census.population.shape
        return np.stack([np.broadcast_to(v, shape) for v in by_indicator], axis=-1).ravel()


_TRUTH_SCHEMA = pa.schema(
    {
        "code": pa.large_string(),
        "indicateur": pa.large_string(),
        "annee": pa.int64(),
        "faits": pa.int32(),
    }
)


def _schema(code_column: str) -> pa.Schema:
    names = [code_column, *_COLUMNS.split(";")]
    texts = {code_column, *_TEXTS}
    return pa.schema(
        {n: pa.large_string() if n in texts else _TYPES.get(n, pa.int64()) for n in names}
    )


def _text(indices: Ints, values: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int32()), pa.array(values, pa.large_string())
    ).cast(pa.large_string())


def _rate(counts: Array, denominator: Ints) -> Floats:
    """Return counts per 1,000, seven decimals, NaN where nobody lives."""
    known = denominator > 0
    return np.where(known, 1000 * counts / np.where(known, denominator, 1), np.nan).round(7)


def _decimal(value: float) -> str:
    return "NA" if np.isnan(value) else f"{value:.7f}".replace(".", ",")


def _labelled(key: str) -> str:
    indicator = catalogue.indicators()[key]
    return f'"{indicator.label}";"{indicator.unit.capitalize()}";'


def _header(columns: str) -> str:
    return ";".join(f'"{c}"' for c in columns.split(";")) + "\n"


def _sum(parts: list[Census]) -> Census:
    return Census(
        np.sum([p.population for p in parts], axis=0),
        np.sum([p.dwellings for p in parts], axis=0),
        parts[0].population_year,
        parts[0].dwellings_year,
    )


def _region_totals(totals: dict[str, dict[str, Ints]], rng: np.random.Generator) -> dict[str, Ints]:
    """Return the totals of the region: persons seen in several départements count once."""
    found = {
        key: np.sum([t[key] for t in totals.values()], axis=0) for key in model.departemental()
    }
    if len(totals) > 1:
        for key in (model.AFD, model.HORS_AFD, "trafic_stupefiants"):
            found[key] = model.counted_once(found[key], rng)
        found[model.USAGE] = found[model.AFD] + found[model.HORS_AFD]
    return found


def _write_areas(
    path: Path,
    years: list[int],
    totals: dict[str, dict[str, Ints]],
    areas: dict[str, Census],
    codes: str,
) -> None:
    """Write a base of départements or regions: by indicator, year and area."""
    lines = [_BOM + _header(f"{codes};{_AREA_COLUMNS}")]
    for key in model.departemental():
        label = _labelled(key)
        for t, year in enumerate(years):
            for code, of_area in totals.items():
                area = areas[code]
                count, denominator = of_area[key][t], area.denominator(key)[0, t]
                place = f'"{code}";' + (f'"{REGION_CODE}";' if ";" in codes else "")
                lines.append(
                    f"{place}{year};{label}{count};{_decimal(_rate(count, denominator).item())};"
                    f"{area.population[0, t]};{area.population_year[t]};"
                    f"{area.dwellings[0, t]};{area.dwellings_year[t]}\n"
                )
    path.write_text("".join(lines), encoding="utf-8", newline="")
