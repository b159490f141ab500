"""The context files: income, facilities, social housing, dwellings and census, as published.

Their years are those of the published files, whatever the years of the facts.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from diagnostics.simulate.geography import Array, Floats
from diagnostics.simulate.land import REGION_CODE, Land, rows

_IRIS_POPULATION, _IRIS_SIZE = 10_000, 2_500
_FILOSOFI = (
    "CODGEO;NBMENFISC21;NBPERSMENFISC21;MED21;PIMP21;TP6021;TP60AGE121;TP60AGE221;TP60AGE321;"
    "TP60AGE421;TP60AGE521;TP60AGE621;TP60TOL121;TP60TOL221;PACT21;PTSA21;PCHO21;PBEN21;PPEN21;"
    "PPAT21;PPSOC21;PPFAM21;PPMINI21;PPLOGT21;PIMPOT21;D121;D921;RD21"
)
_FACILITIES = (
    "A101 A104 A105 A108 A109 A120 A121 A122 A124 A125 A126 A128 A129 A130 A131 A132 A203 A205 "
    "A206 A207 A208 A301 A302 A303 A304 A401 A402 A403 A404 A405 A406 A501 A502 A503 A504 A505 "
    "A506 A507"
)


def write(folder: Path, land: Land, rng: np.random.Generator) -> None:
    """Write the five context files, the census one by département."""
    communes = land.communes
    _income(folder / "cc_filosofi_2021_COM.csv", communes)
    _facilities(folder / "bpe2021_equip-serv-particuliers-com.csv", communes, rng)
    _social_housing(folder / "taux_sru_communes_2024.json.gz", communes)
    _dwellings(folder / "logements_communes_rp2021.json.gz", communes)
    for code in land.departements["code"]:
        _census(
            folder / f"agg_iris_{code}_rp2022.parquet",
            communes[communes["departement"] == code],
            rng,
        )


def _households(communes: pd.DataFrame) -> Floats:
    lived_in = 1 - communes["secondary_homes"] - communes["vacant"]
    return (communes["dwellings"] * lived_in).to_numpy()


def _income(path: Path, communes: pd.DataFrame) -> None:
    """Write INSEE's income file: `s` where the statistical secret holds.

    As observed: nothing under 50 households, the median only under 1,000, and poverty asks for
    200 poor households besides.
    """
    lines = [_FILOSOFI]
    for row, households in zip(
        rows(communes), _households(communes).round().astype(int), strict=True
    ):
        figures = dict.fromkeys(_FILOSOFI.split(";"), "s") | {"CODGEO": row.code_insee}
        if households >= 50:
            figures["NBMENFISC21"] = str(households)
            figures["NBPERSMENFISC21"] = str(round(row.population * 0.98))
            figures["MED21"] = f"{round(row.income, -1):.0f}"
        if households >= 1_000:
            ratio = 2.5 + 4 * row.poverty
            lowest = row.income * (0.62 - 0.6 * row.poverty)
            figures |= {
                "PIMP21": _one_decimal(72 - 90 * row.poverty),
                "PACT21": _one_decimal(74.0),
                "PTSA21": _one_decimal(68.5),
                "PCHO21": _one_decimal(2 + 12 * row.unemployment),
                "PBEN21": _one_decimal(3.5),
                "PPEN21": _one_decimal(24.0),
                "PPAT21": _one_decimal(8.0),
                "PPSOC21": _one_decimal(2 + 28 * row.poverty),
                "PPFAM21": _one_decimal(1.2 + 8 * row.poverty),
                "PPMINI21": _one_decimal(0.5 + 10 * row.poverty),
                "PPLOGT21": _one_decimal(0.3 + 6 * row.poverty),
                "PIMPOT21": _one_decimal(-19 + 20 * row.poverty),
                "D121": f"{round(lowest, -1):.0f}",
                "D921": f"{round(lowest * ratio, -1):.0f}",
                "RD21": _one_decimal(ratio),
            }
            if households * row.poverty >= 200:
                figures["TP6021"] = f"{row.poverty * 100:.0f},0"
        lines.append(";".join(figures.values()))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def _one_decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _facilities(path: Path, communes: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write INSEE's facilities: A101 police stations where it is urban, A104 gendarmerie units."""
    population = communes["population"].to_numpy()
    urban = communes["density"].to_numpy() <= 2
    found = {name: rng.poisson(population / 1_500) for name in _FACILITIES.split()}
    found["A101"] = np.where(urban & (population > 16_000), 1 + population // 60_000, 0)
    found["A104"] = np.where(
        ~urban & (population > 2_500), (rng.random(len(population)) < 0.35).astype(int), 0
    )
    frame = pd.DataFrame({f"NB_{name}": values for name, values in found.items()})
    frame.insert(0, "CODGEO", communes["code_insee"].to_numpy())
    frame.to_csv(path, sep=";", index=False, lineterminator="\n")


def _social_housing(path: Path, communes: pd.DataFrame) -> None:
    rates = (communes["social_housing"] * 100).round(0)
    _write_gz(
        path,
        {
            "communes": {
                code: {"label": name, "rate_pct": rate}
                for code, name, rate in zip(
                    communes["code_insee"], communes["name"], rates, strict=True
                )
            },
            "meta": {"data_year": 2024, "row_count_communes": len(communes), "source": "simulé"},
        },
    )


def _dwellings(path: Path, communes: pd.DataFrame) -> None:
    total = communes["dwellings"]
    vacant = (total * communes["vacant"]).round().astype(int)
    secondary = (total * communes["secondary_homes"]).round().astype(int)
    rates = (100 * vacant / total.where(total > 0)).round(2).fillna(0)
    _write_gz(
        path,
        {
            "communes": {
                code: {
                    "log": log,
                    "rp": log - sec - vac,
                    "rsec": sec,
                    "vac": vac,
                    "vacancy_rate_pct": rate,
                }
                for code, log, sec, vac, rate in zip(
                    communes["code_insee"], total, secondary, vacant, rates, strict=True
                )
            },
            "meta": {"data_year": 2021, "row_count_communes": len(communes), "source": "simulé"},
        },
    )


def _write_gz(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def _census(path: Path, communes: pd.DataFrame, rng: np.random.Generator) -> None:
    """Write the census by IRIS: several in communes of 10,000, elsewhere one row `Z`, the whole.

    Shares are in %; households are sample estimates, so with decimals.
    """
    population = communes["population"].to_numpy()
    parts = np.where(population >= _IRIS_POPULATION, population // _IRIS_SIZE, 1)
    iris = communes.iloc[np.repeat(np.arange(len(communes)), parts)]
    count = len(iris)
    split = np.repeat(parts, parts) > 1
    rank = np.arange(count) - np.repeat(np.cumsum(parts) - parts, parts) + 1
    weight = rng.uniform(0.6, 1.4, count)
    weight /= np.repeat(np.add.reduceat(weight, np.cumsum(parts) - parts), parts)
    people = (iris["population"].to_numpy() * weight).round()
    empty = people == 0

    def percent(column: str) -> Floats:
        # Quarters differ inside a town; a commune that is one IRIS is what the commune is.
        values = iris[column].to_numpy() * np.where(split, rng.uniform(0.6, 1.4, count), 1)
        return np.where(empty, np.nan, (100 * np.clip(values, 0, 0.95)).round(2))

    code = iris["code_insee"].to_numpy()
    young, secondary, vacant = percent("young"), percent("secondary_homes"), percent("vacant")
    social, unemployment = percent("social_housing"), percent("unemployment")
    # Young people look for work twice as often, and half of them do not.
    out_of_work = {
        age: np.clip(factor * unemployment, 0, 75).round(2)
        for age, factor in (("1524", 2.2), ("2554", 0.95), ("5564", 0.75))
    }
    employed = {
        age: (share * (100 - out_of_work[age])).round(2)
        for age, share in (("1524", 0.42), ("2554", 0.92), ("5564", 0.62))
    }
    owned = np.clip(92 - 0.9 * social, 5, 95)
    table = {
        "code": [f"{c}{r:04d}" if s else f"{c}0000" for c, r, s in _zip(code, rank, split)],
        "COM": code,
        "dep": iris["departement"].to_numpy(),
        "reg": np.full(count, REGION_CODE),
        "epci": iris["code_epci"].to_numpy().astype(float),
        "libelle": [
            f"{n} – quartier {r}" if s else f"{n} (commune non irisée)"
            for n, r, s in _zip(iris["name"].to_numpy(), rank, split)
        ],
        "libelle_com": iris["name"].to_numpy(),
        "TYP_IRIS": np.where(split, "H", "Z"),
        "P22_POP": people,
        "P16_POP": (people * (1 - 6 * iris["growth"].to_numpy())).round(),
        "dm_1524_pct_22": young,
        "dm_2554_pct_22": (48.5 - 0.8 * young).round(2),
        "dm_5564_pct_22": (19.5 - 0.5 * young).round(2),
        **{f"eco_txemp_{age}_22": values for age, values in employed.items()},
        "soc_txchom_1564_22": unemployment,
        **{f"soc_txchom_{age}_22": values for age, values in out_of_work.items()},
        "men_mono_pct_22": percent("single_parents"),
        "men_tot_stock_22": (_households(iris) * weight).round(2),
        "log_rp_pct_22": (100 - secondary - vacant).round(2),
        "log_vac_pct_22": vacant,
        "log_ressec_pct_22": secondary,
        "log_lochlm_pct_22": social,
        "log_prop_pct_22": owned.round(2),
        "log_loc_pct_22": (97.5 - owned).round(2),
    }
    pq.write_table(pa.table({k: _column(v) for k, v in table.items()}), path)


def _zip(*columns: Array) -> Any:
    return zip(*columns, strict=True)


def _column(values: Any) -> pa.Array:
    array = np.asarray(values)
    if array.dtype.kind == "f":
        return pa.array(array, pa.float64(), from_pandas=True)
    return pa.array(array.tolist(), pa.string())
