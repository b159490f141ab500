"""The catalogue, both ways: what is declared is used, what is used is declared."""

import ast
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import catalogue
from diagnostics.errors import Refused
from tests.conftest import ROOT
from tests.publisher_files import GENERATIONS, cells, spaced

INDICATORS = catalogue.indicators()
COMMUNAL = {key for key, i in INDICATORS.items() if i.level == "communes"}
OLD_SERIES = {key for key, i in INDICATORS.items() if "2025" not in i.labels}
CODE = [
    ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "diagnostics").rglob("*.py")
]


def clear() -> None:
    for function in vars(catalogue).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a copy of the catalogue that a test may spoil, read in place of the real one."""
    copy = tmp_path / "catalogue"
    shutil.copytree(catalogue.FOLDER, copy)
    monkeypatch.setattr(catalogue, "FOLDER", copy)
    clear()
    yield copy
    clear()


def constants() -> set[str]:
    nodes = (node for tree in CODE for node in ast.walk(tree))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


# Indicators and labels.


def test_a_label_names_one_series_only() -> None:
    for label, by_vocabulary in catalogue.labels().items():
        assert len(set(by_vocabulary.values())) == 1, label
    count = sum(len(i.labels) for i in INDICATORS.values())
    assert sum(len(v) for v in catalogue.labels().values()) == count


def test_every_indicator_has_a_label_in_a_known_vocabulary() -> None:
    for key, indicator in INDICATORS.items():
        assert re.fullmatch(r"[a-z_]+", key)
        assert set(indicator.labels) <= set(catalogue.VOCABULARIES)
        assert indicator.label == list(indicator.labels.values())[-1]


def test_the_labels_of_published_files_are_those_declared(mirror: Path) -> None:
    """Both ways, over every base of the mirror, read here without the product's readers."""
    found: dict[str, set[str]] = {}
    for path in (mirror / "ssmsi").iterdir():
        if path.suffix == ".parquet":
            labels = set(pd.read_parquet(path, columns=["indicateur"])["indicateur"])
        else:
            frame = pd.read_csv(path, sep=None, engine="python", dtype=str, encoding="utf-8-sig")
            titles = {title.lower(): title for title in frame.columns}
            labels = set(frame[titles.get("indicateur") or titles["classe"]])
        vocabulary = (
            "2025" if "Escroqueries et fraudes aux moyens de paiement" in labels else "2021"
        )
        found.setdefault(vocabulary, set()).update(labels)
    assert set(found) == set(catalogue.VOCABULARIES)
    for vocabulary, labels in found.items():
        known = {i.labels[vocabulary]: i for i in INDICATORS.values() if vocabulary in i.labels}
        assert labels <= set(known), vocabulary
        # The old département bases of the mirror hold the communal indicators only.
        assert all(known[label].level == "departement" for label in set(known) - labels)


UNITS = {
    "victime": {
        "violences_intrafamiliales",
        "violences_hors_cadre_familial",
        "violences_sexuelles",
        "escroqueries",
        "homicides",
        "tentatives_homicide",
        "cbv",
        "cbv_intrafamiliaux",
        "cbv_autres",
    },
    "victime entendue": {"vols_sans_violence"},
    "infraction": {"vols_avec_armes", "vols_violents_sans_arme", "cambriolages", "degradations"},
    "véhicule": {"vols_de_vehicule", "vols_dans_vehicules", "vols_accessoires"},
    "mis en cause": {
        "usage_stupefiants",
        "usage_stupefiants_afd",
        "usage_stupefiants_hors_afd",
        "trafic_stupefiants",
    },
}
"""Units of count of the SSMSI (note méthodologique of the bases)."""


def test_units_denominators_and_places_are_those_of_the_ssmsi() -> None:
    by_unit = {unit: {key for key, i in INDICATORS.items() if i.unit == unit} for unit in UNITS}
    assert by_unit == UNITS
    assert {k for k, i in INDICATORS.items() if not i.additive} == UNITS["mis en cause"]
    assert {k for k, i in INDICATORS.items() if i.denominator == "logements"} == {"cambriolages"}
    at_home = {k for k, i in INDICATORS.items() if i.place == "domicile de la victime"}
    assert at_home == {"escroqueries"}


def test_eighteen_indicators_today_of_which_fifteen_for_communes() -> None:
    today = {key for key, i in INDICATORS.items() if "2025" in i.labels}
    assert len(today) == 18
    assert len(today & COMMUNAL) == 15
    assert today - COMMUNAL == {
        "homicides",
        "tentatives_homicide",
        "usage_stupefiants_hors_afd",
    }


def test_what_is_contained_shares_the_unit_of_what_contains_it() -> None:
    for indicator in INDICATORS.values():
        if indicator.contained_in is not None:
            assert INDICATORS[indicator.contained_in].unit == indicator.unit


# Column maps.


@pytest.mark.parametrize("generation", list(GENERATIONS))
def test_the_columns_of_a_generation_are_those_declared(generation: str) -> None:
    titles = cells(GENERATIONS[generation])[0]
    name = "C1" if generation in ("C2", "C3") else generation
    maps = [m for m in catalogue.column_maps("ssmsi") if m.generation == name]
    declared = {m.colonne.format(millesime=titles[0][-4:]) for m in maps}
    assert set(titles) == declared
    assert len({m.champ for m in maps}) == len(maps)


def test_every_field_of_a_map_is_read_or_known_to_be_passed_over() -> None:
    fields = {m.champ for m in catalogue.column_maps("ssmsi")}
    passed_over = {"population_year", "dwellings_year"}
    assert passed_over <= fields
    assert fields - passed_over <= constants()


# Sources.


def asked_sources() -> set[str]:
    """Return the source ids that the code asks for by name."""
    found = set()
    for node in (node for tree in CODE for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("first", "files") and node.args:
                found.add(node.args[0])
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr == "sources":
                found.add(node.slice)
    return {n.value for n in found if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_source_that_the_code_asks_for_is_declared() -> None:
    asked = asked_sources()
    assert {"cog_communes", "contours", "qpv"} <= asked
    assert asked <= set(catalogue.sources())


def test_every_declared_source_is_read() -> None:
    by_context = {s for v in catalogue.context_variables().values() for s in v.sources}
    assert set(catalogue.sources()) <= constants() | by_context


def test_a_file_name_belongs_to_one_source(mirror: Path) -> None:
    claimed = set()
    for path in mirror.rglob("*"):
        if path.is_file():
            owners = [s.id for s in catalogue.sources().values() if s.matches(path.name)]
            assert len(owners) <= 1, path.name
            claimed.update(owners)
    # Not in the mirror: three bases of the census, the police zones, the regions.
    assert len(claimed) >= 15


def test_every_source_says_who_where_and_under_what_licence() -> None:
    for source in catalogue.sources().values():
        assert source.page.startswith("https://")
        assert source.publisher
        assert source.licence == "Licence Ouverte 2.0"
        assert source.mirror
    required = {s.id for s in catalogue.sources().values() if s.required}
    assert required == {"ssmsi_communes", "cog_communes"}


def test_the_departements_are_those_of_the_published_base(mirror: Path) -> None:
    path = mirror / "ssmsi" / "donnee-dep-data.gouv-2025-geographie2025-produit-le2026-01-22.csv"
    published = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
    assert set(catalogue.departements()) == set(published["Code_departement"])


# Strategies.


@pytest.mark.parametrize("strategy_id", catalogue.strategy_ids())
def test_a_strategy_claims_declared_indicators_once_each(strategy_id: str) -> None:
    strategy = catalogue.strategy(strategy_id)
    claims = [(p.number, a.id, a.rank) for p in strategy.programmes for a in p.indicators]
    assert {indicator for _, indicator, _ in claims} <= set(INDICATORS)
    pairs = [(number, indicator) for number, indicator, _ in claims]
    assert len(set(pairs)) == len(pairs)
    primaries = [indicator for _, indicator, rank in claims if rank == "primary"]
    assert len(set(primaries)) == len(primaries)
    assert [p.number for p in strategy.programmes] == list(range(1, len(strategy.programmes) + 1))
    assert not {2020, 2021} & set(strategy.base_years)  # the lockdowns


def test_every_communal_indicator_is_claimed_but_the_old_series() -> None:
    strategy = catalogue.strategy()
    primary = {key: strategy.primary(key) for key in INDICATORS}
    assert {key for key, number in primary.items() if number} == COMMUNAL - OLD_SERIES
    assert primary["degradations"] == 1
    assert strategy.secondary("degradations") == [3]
    assert primary["cbv"] is None
    assert strategy.secondary("cbv") == []


# A catalogue that does not hold together.


def appended(name: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return spoil


def changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


STRATEGY = f"strategies/{catalogue.DEFAULT_STRATEGY}.toml"


@pytest.mark.parametrize(
    ("spoil", "read", "said"),
    [
        (
            changed("indicators.toml", "additive = true\n", 'additive = true\ncolour = "red"\n'),
            catalogue.indicators,
            "colour",
        ),
        (
            changed("indicators.toml", 'unit = "victime"\n', 'unit = "faits"\n'),
            catalogue.indicators,
            "unit",
        ),
        (
            changed("indicators.toml", "additive = false\n", "additive = true\n"),
            catalogue.indicators,
            "additive",
        ),
        (
            changed("indicators.toml", 'contained_in = "cbv"', 'contained_in = "tout"'),
            catalogue.indicators,
            "« tout »",
        ),
        (appended("indicators.toml", "[cassé"), catalogue.indicators, "indicators.toml"),
        (
            changed("sources.toml", "required = true", 'required = true\nurl = "x"'),
            catalogue.sources,
            "url",
        ),
        (changed("sources.toml", "licence = ", "license = "), catalogue.sources, "licence"),
        (
            changed(STRATEGY, 'id = "degradations"', 'id = "incivilites"'),
            catalogue.strategy,
            "« incivilites »",
        ),
        (changed(STRATEGY, 'rank = "primary"', 'rank = "first"'), catalogue.strategy, "rank"),
        (
            changed("column_maps/ssmsi.csv", "C0;communes;", "C0;villes;"),
            lambda: catalogue.column_maps("ssmsi"),
            "ssmsi.csv",
        ),
        (
            changed("context.toml", "sources = [", 'sources = ["ailleurs", '),
            catalogue.context_variables,
            "« ailleurs »",
        ),
    ],
)
def test_a_catalogue_that_does_not_hold_together_is_refused(
    folder: Path, spoil: Callable[[Path], None], read: Callable[[], object], said: str
) -> None:
    read()
    clear()
    spoil(folder)
    with pytest.raises(Refused) as refused:
        read()
    message = spaced(str(refused.value))
    assert said in message
    assert "corriger" in message


def test_an_unknown_strategy_is_refused_with_those_known() -> None:
    with pytest.raises(Refused, match=catalogue.DEFAULT_STRATEGY):
        catalogue.strategy("absente")


def test_a_new_strategy_is_a_new_file(folder: Path) -> None:
    shutil.copy(folder / STRATEGY, folder / "strategies" / "autre.toml")
    assert "autre" in catalogue.strategy_ids()
    assert catalogue.strategy("autre").programmes == catalogue.strategy().programmes
