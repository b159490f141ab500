"""The official geographic code, the outlines and the zonings, as INSEE, Etalab, IGN and ANCT
publish them."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from diagnostics.simulate import names
from diagnostics.simulate.land import DENSITY, REGION_CODE, Land, rows

_LIST_OF_YEAR = "TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT"
_QUARTERS = (
    "Les Peupliers",
    "La Croix-Blanche",
    "Le Grand-Champ",
    "Bel-Horizon",
    "Les Écluses",
    "Le Clos des Vignes",
    "Les Hauts de l'Orbe",
    "La Plaine",
    "Le Moulin à Vent",
    "Les Rossignols",
    "La Faïencerie",
    "Beauséjour",
    "Le Vieux Port",
    "Les Acacias",
    "La Sablonnière",
)


def write_cog(folder: Path, land: Land, geography_year: int, merger_year: int) -> None:
    """Write Etalab's five JSON files and INSEE's list of the year and movements."""
    communes = _with_foreigners(land)
    arrondissement_of = communes.set_index("code_insee")["arrondissement"]
    records = [_commune(row, land) for row in rows(communes)]
    deleguee = {
        "code": land.absorbed,
        "nom": names.ABSORBED,
        "typeLiaison": names.tncc(names.ABSORBED),
        "zone": "metro",
        "type": "commune-deleguee",
        "chefLieu": land.merged,
        "arrondissement": arrondissement_of[land.merged],
        "departement": "00",
        "region": REGION_CODE,
    }
    _records(folder / "communes.json", sorted([*records, deleguee], key=lambda r: r["code"]))
    _records(folder / "epci.json", _intercommunalities(land, communes))
    _records(
        folder / "arrondissements.json",
        (
            {
                "code": row.code,
                "departement": row.departement,
                "region": REGION_CODE,
                "chefLieu": row.seat,
                "nom": row.name,
                "typeLiaison": names.tncc(row.name),
            }
            for row in rows(land.arrondissements)
        ),
    )
    _records(folder / "departements.json", _departements(land))
    _records(
        folder / "regions.json",
        [_place(REGION_CODE, names.REGION, land.main_town)],
    )
    _list_of_year(folder / f"v_commune_{geography_year}.csv", communes, land, deleguee)
    _movements(folder / f"mouvements-communes-{geography_year}.csv", land, merger_year)


def write_contours(folder: Path, land: Land, geography_year: int) -> None:
    """Write one GeoJSON of outlines per département, as geo.api.gouv.fr serves it."""
    for code in land.departements["code"]:
        members = np.flatnonzero(land.communes["departement"] == code)
        features = (
            {
                "type": "Feature",
                "properties": {"code": insee, "nom": name, "codeDepartement": code},
                "geometry": {"type": "Polygon", "coordinates": [land.rings[i].tolist()]},
            }
            for i, insee, name in zip(
                members,
                land.communes["code_insee"].iloc[members],
                land.communes["name"].iloc[members],
                strict=True,
            )
        )
        text = ",\n".join(_compact(f) for f in features)
        path = folder / f"communes-{code}-{geography_year}.geojson"
        path.write_text(
            f'{{"type":"FeatureCollection","features":[\n{text}\n]}}\n', encoding="utf-8"
        )


def write_zonings(folder: Path, land: Land) -> None:
    """Write the priority neighbourhoods, the density grid and who polices which commune."""
    _priority_neighbourhoods(folder / "listeqp2024-cog2024.csv", land)
    _density_grid(folder / "grille_densite_7_niveaux_2024.xlsx", land.communes)
    _forces(folder / "competence-territoriale-gendarmerie-et-police-nationales.csv", land.communes)


def _with_foreigners(land: Land) -> pd.DataFrame:
    columns = list(land.foreigners.columns)
    if land.foreigners.empty:
        return land.communes[columns]
    return pd.concat([land.communes[columns], land.foreigners], ignore_index=True)


def _siren(code_insee: str) -> str:
    """Return a company number that nobody has (those of communes start with 21)."""
    return f"98{int(code_insee, 36) % 10**7:07d}"


def _commune(row: Any, land: Land) -> dict[str, Any]:
    code = row.code_insee
    return {
        "code": code,
        "nom": row.name,
        "typeLiaison": names.tncc(row.name),
        "zone": "metro",
        "arrondissement": row.arrondissement,
        "departement": row.departement,
        "region": REGION_CODE,
        "type": "commune-actuelle",
        "rangChefLieu": 0,
        **({"anciensCodes": [land.absorbed]} if code == land.merged else {}),
        "siren": _siren(code),
        "codesPostaux": [_postal_code(row)],
        "population": row.population,
    }


def _departements(land: Land) -> Iterator[dict[str, Any]]:
    for row in rows(land.departements):
        yield _place(row.code, row.name, row.seat, region=REGION_CODE)
    if not land.foreigners.empty:
        seat = land.foreigners.iloc[0]
        yield _place(
            seat["departement"], names.NEIGHBOUR_LAND, seat["code_insee"], region=REGION_CODE
        )


def _place(code: str, name: str, seat: str, **region: str) -> dict[str, Any]:
    return {
        "code": code,
        **region,
        "chefLieu": seat,
        "nom": name,
        "typeLiaison": names.tncc(name),
        "zone": "metro",
    }


def _intercommunalities(land: Land, communes: pd.DataFrame) -> Iterator[dict[str, Any]]:
    members = dict(list(communes.sort_values("population", ascending=False).groupby("code_epci")))
    for row in rows(land.epci):
        inside = [
            {
                "code": m.code_insee,
                "siren": _siren(m.code_insee),
                "nom": m.name,
                "populationTotale": round(m.population * 1.02),
                "populationMunicipale": m.population,
            }
            for m in rows(members[row.code_epci])
        ]
        yield {
            "code": row.code_epci,
            "nom": row.name,
            "type": row.type,
            "modeFinancement": "FPU",
            "populationTotale": sum(m["populationTotale"] for m in inside),
            "populationMunicipale": sum(m["populationMunicipale"] for m in inside),
            "membres": inside,
        }


def _list_of_year(path: Path, communes: pd.DataFrame, land: Land, deleguee: dict[str, Any]) -> None:
    header = _LIST_OF_YEAR.split(",")
    listed = [
        ["COM", code, REGION_CODE, dep, f"{dep}D", arr, *_spelled(name), f"{dep}0{arr[-1]}", ""]
        for code, dep, arr, name in zip(
            communes["code_insee"],
            communes["departement"],
            communes["arrondissement"],
            communes["name"],
            strict=True,
        )
    ]
    listed.append(
        ["COMD", deleguee["code"], "", "", "", "", *_spelled(names.ABSORBED), "", land.merged]
    )
    lines = [",".join(f'"{cell}"' for cell in row) for row in [header, *listed]]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")


def _spelled(name: str) -> list[str]:
    """Return INSEE's TNCC, NCC, NCCENR and LIBELLE of a name."""
    return [str(names.tncc(name)), names.ncc(name), names.unarticled(name), name]


def _movements(path: Path, land: Land, merger_year: int) -> None:
    """Write the creation of one « commune nouvelle » (MOD 32) out of two communes."""
    header = ["MOD", "DATE_EFF"] + [
        f"{column}_{side}"
        for side in ("AV", "AP")
        for column in ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")
    ]
    after = ["COM", land.merged, *_spelled(names.MERGED)]
    events = [
        ["32", f"{merger_year}-01-01", *before, *after]
        for before in (after, ["COM", land.absorbed, *_spelled(names.ABSORBED)])
    ]
    text = "".join(",".join(row) + "\r\n" for row in [header, *events])
    path.write_text(text, encoding="utf-8", newline="")


def _priority_neighbourhoods(path: Path, land: Land) -> None:
    """Write ANCT's list; the first neighbourhood spreads over two communes."""
    header = (
        "code_qp;lib_qp;insee_reg;lib_reg;insee_dep;lib_dep;insee_com;lib_com;siren_epci;lib_epci"
    )
    communes = land.communes
    departement_name = land.departements.set_index("code")["name"]
    epci_name = land.epci.set_index("code_epci")["name"]
    lines = [header]
    for code, hosts in communes[communes["qpv"] > 0].groupby("departement"):
        listed = [row for row in rows(hosts) for _ in range(row.qpv)]
        for number, row in enumerate(listed, start=1):
            where, named = row.code_insee, row.name
            if number == 1 and (beside := _beside(land, row.code_insee)) is not None:
                where, named = f"{where}; {beside[0]}", f"{named}; {beside[1]}"
                where = f'"{where}"'  # the separator is inside
                named = f'"{named}"'
            qpv = f"QN{code:0>3}{number:02d}{'I' if number % 3 == 1 else 'M'}"
            label = _QUARTERS[number % len(_QUARTERS)]
            label += f" {number // len(_QUARTERS) + 1}" if number >= len(_QUARTERS) else ""
            lines.append(
                f"{qpv};{label};{REGION_CODE};{names.REGION};{code};{departement_name[code]};"
                f"{where};{named};{row.code_epci};{epci_name[row.code_epci]}"
            )
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")


def _beside(land: Land, code_insee: str) -> tuple[str, str] | None:
    """Return the most peopled neighbour of a commune in its département: code and name."""
    communes = land.communes
    position = int(np.flatnonzero(communes["code_insee"] == code_insee)[0])
    pairs = land.neighbours
    around = np.concatenate([pairs[pairs[:, 0] == position, 1], pairs[pairs[:, 1] == position, 0]])
    here = communes.iloc[around]
    here = here[here["departement"] == communes["departement"].iloc[position]]
    if here.empty:
        return None
    best = here.sort_values("population").iloc[-1]
    return best["code_insee"], best["name"]


def _density_grid(path: Path, communes: pd.DataFrame) -> None:
    """Write INSEE's workbook: a title, its labels on row 4, its header on row 5."""
    rng = np.random.default_rng(0)
    main = rng.uniform(62, 100, len(communes)).round(2)
    lines: list[list[str | int | float]] = [
        ["Grille de densité"],
        ["France – Niveau de densité (7 niveaux) des communes"],
        ["Données simulées       Géographie au 01/01/2024"],
        [
            "Code Commune",
            "Libellé des communes",
            "Typo degré de Densité",
            "Libellé degré de densité",
            "Population municipale 2021",
            *(f"Part population dans niveau {level}" for level in DENSITY),
        ],
        ["CODGEO", "LIBGEO", "DENS", "LIBDENS", "PMUN21", *(f"P{level}" for level in DENSITY)],
    ]
    for code, name, level, population, share in zip(
        communes["code_insee"],
        communes["name"],
        communes["density"],
        communes["population"],
        main,
        strict=True,
    ):
        parts = dict.fromkeys(DENSITY, 0.0)
        parts[level] = share
        parts[level + 1 if level < 7 else 6] = round(100 - share, 2)
        lines.append([code, name, level, DENSITY[level], population, *parts.values()])
    _workbook(path, "Grille_Densite", lines)


def _forces(path: Path, communes: pd.DataFrame) -> None:
    """Write the ministry's list: police (PN) in the urban centres, gendarmerie (GN) elsewhere."""
    lines = [
        "code_commune;libelle_commune;institution;id_service;service;code_postal;codes_postaux"
    ]
    for row in rows(communes):
        force, unit = ("PN", "CPN") if row.density <= 2 else ("GN", "BTA")
        postal = _postal_code(row)
        lines.append(
            f"{row.code_insee};{row.name};{force};{row.code_epci};{unit} {row.arrondissement};"
            f"{postal};{postal}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def _postal_code(row: Any) -> str:
    return f"{row.departement}{row.arrondissement[-1]}00"


def _workbook(path: Path, sheet: str, lines: list[list[str | int | float]]) -> None:
    """Write a one-sheet workbook (ECMA-376), the same bytes for the same lines."""

    def cell(value: str | int | float) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    body = "".join(f"<row>{''.join(cell(v) for v in row)}</row>" for row in lines)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            member = zipfile.ZipInfo(name, date_time=(2024, 5, 28, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, f'<?xml version="1.0" encoding="UTF-8"?>{text}')


def _records(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write a JSON list, one record per line, as Etalab does."""
    text = ",\n".join(_compact(r) for r in records)
    path.write_text(f"[\n{text}\n]\n", encoding="utf-8")


def _compact(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
