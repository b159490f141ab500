"""From published files to the store: named steps, and a new snapshot whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from diagnostics import (
    __version__,
    catalogue,
    context,
    diagnose,
    facts,
    geometry,
    schemas,
    store,
    territories,
    wholes,
)
from diagnostics.councils import figures, kept, mergers
from diagnostics.councils.kept import Kept
from diagnostics.errors import Refused
from diagnostics.sources import cog, contours, fetch, locate, qpv
from diagnostics.sources.cog import COMMUNE, Cog, departement_of
from diagnostics.sources.download import FRANCE, complete
from diagnostics.sources.editions import (
    ALL,
    Chosen,
    choose_edition,
    of_departement,
    official_base,
    official_totals,
)
from diagnostics.sources.locate import Inputs
from diagnostics.sources.ssmsi import Edition
from diagnostics.wording import count, number

Progress = Callable[[str, float], None]
_FEW = 5
_SHARED_SOURCES = (
    "cog_communes",
    "cog_insee",
    "cog_movements",
    "cog_epci",
    "cog_arrondissements",
    "cog_departements",
    "cog_regions",
    "qpv",
)


@dataclass(frozen=True)
class Shared:
    """What every département of one build has in common."""

    chosen: Chosen
    code: Cog
    folders: Inputs
    base: Edition | None
    region_base: Edition | None
    totals: pd.DataFrame
    wholes: pd.DataFrame
    aside: list[str]
    missing: dict[str | None, list[str]]
    lists: dict[str, Kept]


def build(
    departement: str,
    *,
    mirror: Path | None = None,
    store_folder: Path | None = None,
    edition: str | None = None,
    raw: Path | None = None,
    download: bool = False,
    progress: Progress = lambda step, share: None,
) -> store.Store:
    """Build one département (or `tous`) and put it in force.

    `edition` is a path, or a file name in the mirror; by default the newest that holds the
    département. With `download`, what neither the mirror nor the folder of downloads (`raw`) holds
    is downloaded first; without it, the network is never asked. Other départements of the store
    stay, unless they are simulated and the new one is not, or the reverse.

    Raises:
        Refused: an input is missing or cannot be used; the previous snapshot stays in force.
    """
    store_folder = store_folder or store.default_folder()
    raw = raw or locate.raw_folder()
    folders = locate.inputs(mirror, raw)
    communal = {locate.BASES["communes"]}
    if download and not (edition and Path(edition).is_file()):
        complete(folders, raw, communal, [FRANCE], _within(progress, 0.0, 0.15))
    progress("Lecture des faits enregistrés", 0.15)
    chosen = choose_edition(folders, departement, edition)
    held = sorted({departement_of(c) for c in chosen.rows["code"].cat.categories})
    wanted = held if departement == ALL else [departement]
    missing: dict[str | None, list[str]] = {}
    if download:
        others = catalogue.sources().keys() - communal
        missing = complete(folders, raw, others, [FRANCE, *wanted], _within(progress, 0.25, 0.5))
    progress("Lecture du code officiel géographique", 0.5)
    code = read_cog(folders, chosen.edition)
    progress("Lecture des totaux officiels", 0.55)
    base, bases_aside = official_base(folders, chosen.edition, "departements")
    region_base, _ = official_base(folders, chosen.edition, "regions")
    totals = official_totals(base)
    moves = mergers.movements(code.movements)
    shared = Shared(
        chosen,
        code,
        folders,
        base,
        region_base,
        totals,
        wholes.wholes(chosen.rows, chosen.edition, code, totals, official_totals(region_base)),
        [e.path.name for e in [*chosen.aside, *bases_aside]],
        missing,
        {} if folders.simulated() else kept.kept_lists(store_folder, wanted, moves),
    )

    def waiting() -> None:
        progress("Attente : un autre chargement finit d’écrire dans le même magasin", 0.95)

    with store.replacing(store_folder, waiting) as draft:
        store.write_france(draft, _france(code))
        entries = {}
        for n, each in enumerate(wanted):
            progress(f"Département {each}", 0.6 + 0.35 * n / len(wanted))
            entries[each] = _build_one(each, shared, draft)
        # Last, so that a build that is refused changes no list.
        for each, why in kept.follow(store_folder, _to_follow(shared), moves).items():
            entries[each]["warnings"].append(
                f"La liste des conseils tenue dans l’application n’a pas pu suivre les fusions de "
                f"communes, les chiffres les suivent : {why}"
            )
        manifest = {
            "version": __version__,
            "built": date.today().isoformat(),
            "simulated": folders.simulated(),
            "departements": entries,
        }
        store.write_manifest(manifest, draft)
    progress("Terminé", 1.0)
    return store.open_store(store_folder)


def _within(progress: Progress, start: float, end: float) -> Progress:
    """Let a part of the build count its own share from 0 to 1."""
    return lambda step, share: progress(step, start + (end - start) * share)


def _france(code: Cog) -> dict[str, pd.DataFrame]:
    """Return what the COG says of the whole country, by table."""
    communes = code.communes[["code_insee", "name", "whole"]]
    return {
        "communes": schemas.checked(communes, schemas.communes_of_france(), "communes de France"),
        "movements": schemas.checked(code.movements, schemas.movements(), "mouvements de communes"),
    }


def _to_follow(shared: Shared) -> list[str]:
    """Return the départements whose kept list is used, and is behind the communes of today."""
    return [
        each
        for each, held in shared.lists.items()
        if held.to_follow and shared.folders.territories(each) is None
    ]


def read_cog(folders: Inputs, edition: Edition) -> Cog:
    """Return the COG, with INSEE's list of the file's geography year where it is held."""
    listed = [
        path
        for path in folders.files("cog_insee")
        if (m := catalogue.sources()["cog_insee"].matches(path.name))
        and int(m["year"]) == edition.geography_year
    ]
    communes = folders.first("cog_communes")
    assert communes is not None, "cog_communes is declared as required"
    declared = catalogue.sources()["cog_communes"].geography_year
    return cog.read_cog(
        communes,
        epci=folders.first("cog_epci"),
        arrondissements=folders.first("cog_arrondissements"),
        departements=folders.first("cog_departements"),
        regions=folders.first("cog_regions"),
        newest_list=folders.first("cog_insee"),
        list_of_year=listed[0] if listed else None,
        movements=folders.first("cog_movements"),
        geography_year=declared if declared == edition.geography_year else None,
    )


def _build_one(departement: str, shared: Shared, draft: Path) -> dict[str, Any]:
    """Write the tables of one département in a draft and return its manifest entry."""
    edition, folders, code = shared.chosen.edition, shared.folders, shared.code
    published = of_departement(shared.chosen.rows, departement)
    communes = cog.communes_of(departement, set(published["code"]), code, edition.path.name)
    table = schemas.checked(facts.complete(published, communes), schemas.facts(), "faits")
    facts.refuse_disagreeing_arrondissements(table, communes, edition.path.name)
    outline_files = folders.files("contours", departement)[:1]
    outlines, warnings = _communal_outlines(outline_files, departement, communes)
    communes = schemas.checked(_located(communes, outlines), schemas.communes(), "communes")
    name = code.names["departement"].get(departement, f"Département {departement}")
    neighbourhoods = _neighbourhoods(communes, folders)
    listed = _listed(departement, communes, neighbourhoods, shared)
    memberships = listed.memberships
    groups = territories.groups(communes, code.epci, memberships, departement, name)
    official = shared.totals[shared.totals["code"] == departement].drop(columns="code")
    same_date = shared.base is not None and shared.base.produced == edition.produced
    context_files = _context_files(folders, departement)
    around = schemas.checked(
        context.context_table(context_files, list(communes["code_insee"])),
        context.commune_schema(),
        "contexte des communes",
    )
    region = next(iter(communes["region"].dropna()), None)
    known = diagnose.Known(
        facts=table,
        communes=communes,
        official=official,
        confirming=official if same_date else None,
        context=around,
        around=_wholes_around(region, shared.wholes),
        edition=edition.stem,
        geography=edition.geography_year,
    )
    tables = {
        "facts": table,
        "communes": communes,
        "memberships": memberships,
        "qpv": neighbourhoods,
        "official": official,
        "reconciliation": reconcile(table, official),
        "context": around,
        **diagnose.figures(known, groups),
    }
    drawn = geometry.area_outlines(outlines, communes, groups)
    store.write_departement(draft, departement, tables, drawn)
    files = [
        *(base.path for base in (shared.base, shared.region_base) if base),
        listed.file,
        *outline_files,
        *context_files.values(),
    ]
    return {
        "name": name,
        "region": region,
        "edition": edition.stem,
        "generation": edition.generation,
        "geography": edition.geography_year,
        "produced": edition.produced,
        "years": sorted(int(y) for y in table["year"].unique()),
        "indicators": [i for i in catalogue.indicators() if i in set(table["indicator"])],
        "communes": int((communes["kind"] == COMMUNE).sum()),
        "rows": {table_name: len(content) for table_name, content in tables.items()},
        "official_base": shared.base.stem if shared.base else None,
        "inputs": [
            _input(edition.path, "ssmsi_communes"),
            *_inputs([file for file in files if file], folders),
            *listed.kept,
        ],
        "aside": sorted(set(shared.aside)),
        "warnings": [
            *shared.missing.get(FRANCE, []),
            *shared.missing.get(departement, []),
            *warnings,
            *listed.warnings,
            *_warnings(table, communes, folders, shared.base),
        ],
    }


def _context_files(folders: Inputs, departement: str) -> dict[str, Path]:
    """Return the files of the context that are held, by source."""
    found = {source: folders.first(source, departement) for source in context.SOURCES}
    return {source: path for source, path in found.items() if path is not None}


def _wholes_around(region: str | None, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the region and of France, where the file holds them whole."""
    if rows.empty:
        return rows
    return rows[rows["code"].eq(region or "") | rows["niveau"].eq("france")]


def reconcile(table: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Return published + hidden beside the official total, per (indicator, year).

    Columns: indicator, year, published, hidden (communes), hidden_total (complement mean x
    communes, NaN where not given), official (NaN where no base), difference. Indicators that do
    not add up are listed too: their difference says nothing.
    """
    keys = ["indicator", "year"]
    communal = table[table["kind"] == COMMUNE]
    hidden = facts.complements(table).set_index(keys)
    sums = communal.groupby(keys)["count"].sum().to_frame("published")
    sums["hidden"] = hidden["hidden"].reindex(sums.index).fillna(0).astype(int)
    sums["hidden_total"] = (hidden["mean_count"] * hidden["hidden"]).round().reindex(sums.index)
    sums["hidden_total"] = sums["hidden_total"].mask(sums["hidden"] == 0, 0.0)
    sums["official"] = totals.set_index(keys)["count"].reindex(sums.index)
    sums["difference"] = sums["published"] + sums["hidden_total"] - sums["official"]
    return sums.reset_index()


def _communal_outlines(
    files: list[Path], departement: str, communes: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return simplified outlines (code, geometry) of the communes of the file, and warnings."""
    found = contours.read_contours(files, departement).rename(columns={"code_insee": "code"})
    parts, warnings = [], []
    for kind in communes["kind"].unique():
        codes = communes.loc[communes["kind"] == kind, "code_insee"]
        part = found[found["code"].isin(codes)]
        if not part.empty:
            simplified, notes = geometry.simplify_coverage(part[["code", "geometry"]])
            parts.append(simplified)
            warnings += notes
    without = sorted(set(communes["code_insee"]) - set(found["code"]))
    if without and files:
        warnings.append(
            "Sans contour, donc absentes de la carte mais comptées partout ailleurs : "
            f"{_names(without, communes)}."
        )
    if not files:
        warnings.append(
            "Aucun fichier de contours pour ce département : la carte ne peut pas être dessinée."
        )
    if not parts:
        return found[["code", "geometry"]], warnings
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=geometry.WGS84), warnings


def _located(communes: pd.DataFrame, outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    points = geometry.label_points(outlines).set_index("code")
    return communes.assign(
        lon=communes["code_insee"].map(points["lon"]).astype(float),
        lat=communes["code_insee"].map(points["lat"]).astype(float),
    )


def _neighbourhoods(communes: pd.DataFrame, folders: Inputs) -> pd.DataFrame:
    """Return the QPV of the département."""
    file = folders.first("qpv")
    found = qpv.read_qpv(file) if file else pd.DataFrame(columns=qpv.COLUMNS, dtype="str")
    return found[found["code_insee"].isin(communes["code_insee"])]


@dataclass(frozen=True)
class Listed:
    """The councils of a département: their file, or what the manifest says of a list kept."""

    memberships: pd.DataFrame
    file: Path | None = None
    kept: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()


def _listed(
    departement: str, communes: pd.DataFrame, neighbourhoods: pd.DataFrame, shared: Shared
) -> Listed:
    """Return the councils: those of the mirror, or else kept in the application, or declared.

    Where none of these is held, those that the law asks for. A list that is kept may be older than
    the edition: what it names that is no commune any more is told, and stops nothing.

    Raises:
        Refused: a file with a commune that neither the edition nor the COG knows.
    """
    file = shared.folders.territories(departement)
    held = shared.lists.get(departement)
    if file is None and held is not None:
        listed = held.memberships
        entry = {"title": diagnose.COUNCIL_LIST, **figures.origin(departement, listed)}
        unknown = _unknown(departement, communes, territories.current(listed), shared.code)
        told = [_left_out(unknown, shared.code)] if unknown else []
        decide = [f"À décider sur la page Territoires : {each}" for each in held.open]
        return Listed(listed, kept=(entry,), warnings=(*told, *decide))
    seed = territories.SEEDS / f"{departement}.csv"
    file = file or (seed if seed.is_file() else None)
    if file is None:
        members = communes[communes["kind"] == COMMUNE]
        empty = pd.DataFrame(columns=territories.COLUMNS)
        return Listed(territories.derive(members, neighbourhoods, empty))
    memberships = territories.read_memberships(file)
    if unknown := _unknown(departement, communes, memberships, shared.code):
        raise Refused(
            f"Le fichier de territoires {file.name} contient la commune {unknown[0]}, inconnue de "
            "l’édition chargée et du code officiel géographique : corriger ce code."
        )
    return Listed(memberships, file)


def _unknown(
    departement: str, communes: pd.DataFrame, memberships: pd.DataFrame, code: Cog
) -> list[str]:
    """Return the communes of a list that neither the edition nor, elsewhere, the COG knows."""
    members = set(memberships["code_insee"])
    here = {c for c in members if departement_of(c) == departement}
    known = set(communes["code_insee"]) | set(communes["current_code"])
    nowhere = members - here - set(code.communes["code_insee"]) - set(code.successors)
    return sorted((here - known) | nowhere)


def _left_out(unknown: list[str], code: Cog) -> str:
    """Return the warning on communes of a kept list that are in no figure."""
    today = code.communes.set_index("code_insee")["name"]
    told = [
        f"{each} (fusionnée dans {today[code.successors[each]]})"
        if code.successors.get(each) in today.index
        else each
        for each in unknown[:_FEW]
    ]
    if len(unknown) > _FEW:
        told.append(f"et {len(unknown) - _FEW} autres")
    return (
        "Communes de la liste des conseils tenue dans l’application que l’édition chargée ne "
        f"connaît pas, absentes des chiffres de leurs conseils : {', '.join(told)}. Corriger la "
        "liste sur la page Territoires."
    )


def _inputs(used: list[Path], folders: Inputs) -> list[dict[str, Any]]:
    """Return title, licence, fingerprint and origin of every file that was read."""
    shared = [file for source in _SHARED_SOURCES if (file := folders.first(source))]
    return [_input(path) for path in dict.fromkeys([*used, *shared])]


def _input(path: Path, source_id: str | None = None) -> dict[str, Any]:
    """Describe a file by its source: the one given, or the one that its name tells."""
    sources = catalogue.sources()
    by_name = next((s for s in sources.values() if s.matches(path.name)), None)
    source = sources[source_id] if source_id else by_name
    sha256 = locate.sha256(path)
    origin = fetch.provenance(path)
    # A file that was changed by hand is no longer what was downloaded.
    downloaded = origin if origin is not None and origin.sha256 == sha256 else None
    return {
        "source": source.id if source else None,
        "title": source.title if source else diagnose.COUNCIL_LIST,
        "publisher": source.publisher if source else "Recensement du projet",
        "licence": source.licence if source else "",
        "file": path.name,
        "edition": _edition_of(path, source),
        "rows": locate.records(path),
        "bytes": path.stat().st_size,
        "sha256": sha256,
        "url": downloaded and downloaded.url,
        "fetched_at": downloaded and downloaded.fetched_at,
    }


def _edition_of(path: Path, source: catalogue.Source | None) -> str:
    """Return what tells one edition of a source from another: a stem, or a year."""
    if source is None:
        return ""
    if source.id.startswith("ssmsi_"):
        return Edition(path, "", "", None, None).stem
    match = source.matches(path.name)
    year = match.groupdict().get("year") if match else None
    return str(year or source.geography_year or "")


def _warnings(
    table: pd.DataFrame,
    communes: pd.DataFrame,
    folders: Inputs,
    base: Edition | None,
) -> list[str]:
    """Return what a reader of the figures must know, one sentence each."""
    hidden = (table["status"] == "non_diffuse") & (table["kind"] == COMMUNE)
    without = int((hidden & table["complement_count"].isna()).sum())
    absent = int((table["status"] == "absent").sum())
    missing = (table["status"] == "absent").groupby(table["code_insee"]).all()
    merged = list(communes.loc[communes["code_insee"] != communes["current_code"], "code_insee"])
    no_epci = bool(communes["code_epci"].isna().all())
    unlike = facts.rates_unlike_their_counts(table)
    sentences = {
        "Aucune base départementale de la même édition : les totaux du département sont "
        "reconstitués (publié + complément), sans vérification possible.": base is None,
        f"{count(int(missing.sum()), 'commune')} sur {number(len(missing))} sans aucune ligne dans "
        "le fichier communal : les groupes qui en comptent une n’ont ni total, ni taux "
        "estimé.": missing.any(),
        f"{number(absent)} valeurs n’ont pas de ligne dans le fichier communal : elles sont "
        "« absentes », ni nulles ni masquées.": absent,
        f"{number(without)} valeurs non diffusées n’ont pas de complément : aucune estimation "
        "pour ces indicateurs et ces années.": without,
        f"{number(unlike)} taux publiés ne sont pas ceux de leur nombre de faits (plus de 1 % "
        "d’écart) : ce sont les nombres qui sont lus.": unlike,
        f"Communes fusionnées depuis l’édition : {_names(merged, communes)}.": merged,
        "Aucun fichier ne dit de quel EPCI est chaque commune : pas de niveau EPCI.": no_epci,
        "Aucune liste des quartiers prioritaires : l’obligation légale est lue sur la "
        "population seule.": not folders.files("qpv"),
    }
    return [sentence for sentence, holds in sentences.items() if holds]


def _names(codes: list[str], communes: pd.DataFrame) -> str:
    names = communes.set_index("code_insee")["name"]
    shown = ", ".join(f"{names[c]} ({c})" for c in codes[:_FEW])
    return shown + (f" et {len(codes) - _FEW} autres" if len(codes) > _FEW else "")
