"""The area of a report: what it is made of, what surrounds it, what the law says."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import pandas as pd

from diagnostics import catalogue, comparisons, territories
from diagnostics.comparisons import DENSITY
from diagnostics.errors import Refused
from diagnostics.report.law import LAW, legal_sentences
from diagnostics.report.model import COUNTED, PERIMETER, Area, Beyond, Duty, Legal, Place
from diagnostics.report.tables import Tables
from diagnostics.sources.cog import COMMUNE, MUNICIPAL_ARRONDISSEMENT
from diagnostics.wording import COMMUNAL, slug

_COUNCILS = ("cispd", "clspd")
_CODE_LENGTH = 10
# Outlines drawn apart by simplification still touch: about 50 m, in degrees.
_TOUCHING = 0.0005


def area(tables: Tables, niveau: str, code: str) -> Area:
    """Return an area of the département, by level and code.

    Raises:
        Refused: the département holds no such area.
    """
    if niveau in COMMUNAL:
        return _commune(tables, niveau, code)
    rows = tables.groups[(tables.groups["niveau"] == niveau) & (tables.groups["code"] == code)]
    if rows.empty:
        raise _unknown(tables, code)
    return _group(tables, rows, niveau, code, rows["libelle"].iloc[0], rows["type"].iloc[0])


def code_of(codes: Iterable[str]) -> str:
    """Return the code of the perimeter of some communes: the same for the same ones, everywhere."""
    content = ",".join(sorted(set(codes))).encode()
    return f"{PERIMETER}-{sha256(content).hexdigest()[:_CODE_LENGTH]}"


def perimeter(tables: Tables, codes: list[str], label: str) -> Area:
    """Return the area made of some communes, whatever councils they sit in.

    Raises:
        Refused: no commune, or one that the département does not hold.
    """
    if not codes:
        raise Refused("Le périmètre est vide : choisir au moins une commune.")
    whole = tables.communes[tables.communes["kind"] == COMMUNE]
    unknown = sorted(set(codes) - set(whole["code_insee"]))
    if unknown:
        raise _unknown(tables, unknown[0])
    rows = pd.DataFrame({"code_insee": list(dict.fromkeys(codes)), "inside": True})
    return _group(tables, rows, PERIMETER, code_of(codes), label, PERIMETER)


def across(tables: Tables, own: Area, beyond: tuple[Beyond, ...]) -> Area:
    """Return an area with its members of other départements that are counted (see `border`).

    `tables` hold the communes and the context of them all.
    """
    counted = [p.code for each in beyond if each.status == COUNTED for p in each.communes]
    outside = [code for each in beyond if each.status != COUNTED for code in each.codes]
    codes = [*(place.code for place in own.communes), *counted]
    rows = pd.DataFrame(
        {"code_insee": [*codes, *outside], "inside": [True] * len(codes) + [False] * len(outside)}
    )
    whole = _group(tables, rows, own.niveau, own.code, own.label, own.type)
    return replace(whole, beyond=beyond)


def density_class(tables: Tables, code: str) -> Area:
    """Return the communes of a density class of the département as an area."""
    classes = comparisons.class_groups(tables.facts, tables.context)
    rows = classes[classes["code"] == code]
    return _group(tables, rows, DENSITY, code, rows["libelle"].iloc[0], DENSITY)


def covers_departement(tables: Tables, area: Area) -> bool:
    """Say whether the area holds every commune of the département."""
    return len(area.communes) == int((tables.communes["kind"] == COMMUNE).sum()) and (
        area.niveau != MUNICIPAL_ARRONDISSEMENT
    )


def legal(tables: Tables, area: Area) -> Legal:
    """Return the legal situation of the area's communes, and where its council is known from."""
    codes = [place.code for place in area.communes if place.niveau == COMMUNE]
    communes = tables.communes[tables.communes["code_insee"].isin(codes)]
    duties = territories.duty(communes, tables.qpv, tables.memberships)
    of_communes = tuple(
        Duty(
            row["code_insee"],
            row["name"],
            _whole(row["population_legal"]),
            int(row["qpv_count"]),
            bool(row["over_5000"]),
            bool(row["coordinator"]),
            row["duty"],
            tuple(filter(None, row["councils"].split(" · "))),
            bool(row["council_attested"]),
        )
        for row in duties.to_dict("records")
    )
    year = catalogue.sources()["cog_communes"].population_year
    known = territories.current(tables.memberships)
    if area.niveau == COMMUNE:
        # Where a commune sits in several councils, the one that is attested is said.
        councils = known[(known["code_insee"] == area.code) & known["type"].isin(_COUNCILS)]
        known = councils.sort_values("status", key=lambda s: s == territories.TO_CONFIRM)
    else:
        known = known[(known["territory_id"] == area.code) & (area.niveau == "territoire")]
    first = known.iloc[0] if len(known) else None
    since: date | None = None if first is None else first["start"]
    return Legal(
        communes=of_communes,
        council_status="" if first is None else _status(first, of_communes),
        council_source="" if first is None else str(first["source"]),
        council_since="" if since is None else since.isoformat(),
        population_year=year,
        sentences=legal_sentences(of_communes, area.niveau, year),
        law=LAW,
    )


def _status(council: "pd.Series[Any]", duties: tuple[Duty, ...]) -> str:
    """Return what is known of a council's existence, and why the law may not ask for it."""
    asked = (duty.duty for duty in duties)
    found = territories.standing(str(council["type"]), str(council["status"]), asked)
    return found if found == council["status"] else f"existence à confirmer, {found}"


def places(tables: Tables, codes: list[str]) -> tuple[Place, ...]:
    """Return communes of the département, named, in the order of their names."""
    rows = tables.communes[tables.communes["code_insee"].isin(codes)]
    # By slug: É comes with E, not after Z.
    rows = rows.sort_values("name", key=lambda names: names.map(slug))
    return tuple(
        Place(kind, code, name, _whole(population))
        for kind, code, name, population in zip(
            rows["kind"], rows["code_insee"], rows["name"], rows["population_legal"], strict=True
        )
    )


def touching(tables: Tables, niveau: str, code: str) -> list[str]:
    """Return the codes of the communes of a level whose outlines touch one of them."""
    outlines = tables.outlines[tables.outlines["niveau"] == niveau]
    own = outlines.loc[outlines["code"] == code, "geometry"]
    if own.empty:
        return []
    near = outlines.sindex.query(own.iloc[0], predicate="dwithin", distance=_TOUCHING)
    return sorted(set(outlines["code"].iloc[near]) - {code})


def _commune(tables: Tables, niveau: str, code: str) -> Area:
    found = tables.communes[
        (tables.communes["code_insee"] == code) & (tables.communes["kind"] == niveau)
    ]
    if found.empty:
        raise _unknown(tables, code)
    commune = found.iloc[0]
    around = tables.groups[
        (tables.groups["code_insee"] == code) & tables.groups["niveau"].isin(["territoire", "epci"])
    ]
    # Councils first: they come before the EPCI in the table of groups.
    groups = tuple(
        Place(each, group, label, _population(tables, _members(tables, each, group)))
        for each, group, label in zip(
            around["niveau"], around["code"], around["libelle"], strict=True
        )
    )
    return Area(
        niveau=niveau,
        code=code,
        label=commune["name"],
        type=niveau,
        population=_whole(commune["population_legal"]),
        population_year=catalogue.sources()["cog_communes"].population_year,
        communes=places(tables, [code]),
        outside=(),
        density_class=_density_class(tables, [code]),
        groups=groups,
        neighbours=places(tables, touching(tables, niveau, code)),
    )


def _group(
    tables: Tables, rows: pd.DataFrame, niveau: str, code: str, label: str, kind: str
) -> Area:
    inside = list(rows.loc[rows["inside"], "code_insee"])
    return Area(
        niveau=niveau,
        code=code,
        label=label,
        type=kind,
        population=_population(tables, inside),
        population_year=catalogue.sources()["cog_communes"].population_year,
        communes=places(tables, inside),
        outside=tuple(sorted(rows.loc[~rows["inside"], "code_insee"])),
        density_class=_density_class(tables, inside),
    )


def _members(tables: Tables, niveau: str, code: str) -> list[str]:
    rows = tables.groups
    same = (rows["niveau"] == niveau) & (rows["code"] == code)
    return list(rows.loc[same & rows["inside"], "code_insee"])


def _population(tables: Tables, codes: list[str]) -> int | None:
    """Return the legal population of some communes, None unless all are known."""
    column = tables.communes.set_index("code_insee")["population_legal"].reindex(codes)
    return None if column.isna().any() else int(column.sum())


def _density_class(tables: Tables, codes: list[str]) -> str:
    """Return the class that all the communes share, "" where they share none."""
    classes = tables.context[tables.context["variable"] == "classe_densite"]
    texts = classes.set_index("code_insee")["text"].reindex(codes).fillna("").unique()
    return str(texts[0]) if len(texts) == 1 else ""


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _unknown(tables: Tables, code: str) -> Refused:
    return Refused(
        f"La zone « {code} » n’est pas dans le département {tables.departement} : la choisir dans "
        "la liste ou sur la carte."
    )
