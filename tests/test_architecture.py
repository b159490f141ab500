"""The floors of the house, and both directions of what is declared once (see docs and DESIGN)."""

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

from diagnostics import catalogue, context, long_table, store
from diagnostics.sources import ssmsi
from diagnostics.store import open_store
from tests.conftest import ROOT

PACKAGE = ROOT / "diagnostics"
MODULES = sorted(PACKAGE.rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
DRAWING = {"plotly", "folium", "streamlit_folium", "branca", "pptx", "typst", "matplotlib"}
HEAVY = {"statsmodels", "esda", "libpysal", "mapclassify", "matplotlib"}


def named(path: Path) -> str:
    """Return the dotted name of a module, from its path."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return everything that a module imports, at its top or inside its functions."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = named(path).split(".")[: -node.level + (path.stem == "__init__")]
                base = ".".join([*parents, base]).strip(".")
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module with their lines, without docstrings; f-strings are joined."""
    module = tree(path)
    documented = {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    } | {
        # A text that stands alone documents the name above it.
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inside = {
        id(part)
        for node in ast.walk(module)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(module):
        if id(node) in documented | inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [
                p.value if isinstance(p, ast.Constant) and isinstance(p.value, str) else "…"
                for p in node.values
            ]
            yield node.lineno, "".join(parts)


def places(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


# Floors


def test_the_floors_are_read_from_real_imports() -> None:
    assert "diagnostics.catalogue" in imports(PACKAGE / "aggregation.py")
    assert "streamlit" in set().union(*map(roots, PAGES))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_the_package_knows_nothing_of_the_screen(path: Path) -> None:
    assert not roots(path) & {"streamlit", "streamlit_folium", "pages", "app"}


FIGURE_FREE = [
    path
    for path in MODULES
    if path.parent.name == "statistics" or path.stem in ("aggregation", "estimation")
]


@pytest.mark.parametrize("path", FIGURE_FREE, ids=named)
def test_figures_are_computed_without_any_drawing(path: Path) -> None:
    assert not roots(path) & DRAWING
    ours = {name for name in imports(path) if name.startswith("diagnostics.")}
    assert not {n for n in ours if n.startswith(("diagnostics.figures", "diagnostics.exports"))}


def test_the_catalogue_imports_nothing_of_ours_but_the_refusal() -> None:
    ours = {n for n in imports(PACKAGE / "catalogue.py") if n.startswith("diagnostics")}
    assert ours == {"diagnostics.errors", "diagnostics.errors.Refused"}


def test_sources_and_statistics_do_not_look_upstairs() -> None:
    """A reader knows nothing of the store or the figures; a statistic nothing of the readers."""
    above = ("store", "build", "long_table", "aggregation", "figures", "exports", "report")
    for path in MODULES:
        ours = {n.removeprefix("diagnostics.").split(".")[0] for n in imports(path)}
        if path.parent.name == "sources":
            assert not ours & set(above), named(path)
        if path.parent.name == "statistics":
            assert not ours & {*above, "sources", "facts"}, named(path)


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=named)
def test_slow_libraries_are_imported_where_they_are_used(path: Path) -> None:
    at_top = {
        name.split(".")[0]
        for node in tree(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert not at_top & HEAVY


def test_no_module_imports_itself_in_a_circle() -> None:
    known = {named(path) for path in MODULES}
    needs = {named(path): (imports(path) & known) - {named(path)} for path in MODULES}
    # `from package import module` needs the module; the package is its list of names.
    needs = {
        name: {n for n in found if not any(m.startswith(f"{n}.") for m in found)} - {"diagnostics"}
        for name, found in needs.items()
    }
    done: set[str] = set()
    while ready := {name for name, found in needs.items() if name not in done and found <= done}:
        done |= ready
    assert sorted(set(needs) - done) == []


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=named)
def test_a_page_reads_like_a_table_of_contents(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


def test_there_is_no_drawer_for_everything() -> None:
    names = {
        path.stem
        for folder in ("diagnostics", "pages", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert not names & {"utils", "util", "helpers", "misc", "common", "tools"}


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "pages" / "ui" / "navigation.py").read_text(encoding="utf-8")
    files = {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    assert set(re.findall(r"pages/\w+\.py", menu)) == files - {"pages/__init__.py"}


# Documented


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_everything_public_is_documented(path: Path) -> None:
    module = tree(path)
    missing = [] if ast.get_docstring(module) or not module.body else ["(module)"]

    def look(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if node.name.startswith("_"):
                    continue
                if not ast.get_docstring(node):
                    missing.append(prefix + node.name)
                if isinstance(node, ast.ClassDef):
                    look(node.body, f"{prefix}{node.name}.")

    look(module.body, "")
    assert not missing


def test_docstrings_are_those_that_python_sees() -> None:
    seen = 0
    for name in ("aggregation", "estimation", "long_table", "statistics.rates"):
        module = importlib.import_module(f"diagnostics.{name}")
        for item, value in inspect.getmembers(module, inspect.isfunction):
            if value.__module__ == module.__name__ and not item.startswith("_"):
                assert inspect.getdoc(value), item
                seen += 1
    assert seen > 10


# Declared once: everything declared is used, everything used is declared


def literals() -> set[str]:
    """Return every text of the package and the pages, whole."""
    return {text for path in [*MODULES, *PAGES] for _, text in strings(path)}


def test_every_declared_source_is_read() -> None:
    used = literals() | {s for v in catalogue.context_variables().values() for s in v.sources}
    assert set(catalogue.sources()) - used == set()


def test_every_source_that_is_asked_for_is_declared() -> None:
    """First argument of `first`, `files`, `sources()[…]` and every id of the context."""
    asked: set[str] = set()
    for path in [*MODULES, *PAGES]:
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("first", "files")
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                asked.add(node.args[0].value)
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Call)
                and ast.unparse(node.value.func).endswith("sources")
                and isinstance(node.slice, ast.Constant)
            ):
                asked.add(str(node.slice.value))
    assert {"cog_communes", "qpv"} <= asked
    assert asked <= set(catalogue.sources())
    assert set(context.SOURCES) <= set(catalogue.sources())


def test_every_indicator_is_simulated_read_and_exported(simulated_store: Path) -> None:
    """The store of the simulated département holds every declared series of today's vocabulary."""
    held = set(open_store(simulated_store).table("00", "long")["indicateur"])
    of_today = {i.id for i in catalogue.indicators().values() if "2025" in i.labels}
    assert held == of_today
    # The others are series of the former editions, which their readers still know.
    others = set(catalogue.indicators()) - of_today
    assert all(set(catalogue.indicators()[i].labels) == {"2021"} for i in others)


def test_every_strategy_is_sound_and_claims_declared_indicators_once() -> None:
    assert catalogue.DEFAULT_STRATEGY in catalogue.strategy_ids()
    for strategy_id in catalogue.strategy_ids():
        strategy = catalogue.strategy(strategy_id)
        claims = [(a.id, a.rank) for p in strategy.programmes for a in p.indicators]
        primary = [i for i, rank in claims if rank == "primary"]
        assert len(primary) == len(set(primary)), "an indicator has one primary programme"
        assert {i for i, _ in claims} <= set(catalogue.indicators())
        assert all(a.reason for p in strategy.programmes for a in p.indicators)


def test_every_indicator_of_today_is_claimed_by_the_strategy() -> None:
    strategy = catalogue.strategy()
    unclaimed = {
        i.id
        for i in catalogue.indicators().values()
        if i.level == "communes" and "2025" in i.labels and strategy.primary(i.id) is None
    }
    assert unclaimed == set()


def test_every_context_variable_is_built_and_none_besides(simulated_store: Path) -> None:
    held = open_store(simulated_store)
    for table in ("context", "group_context"):
        assert set(held.table("00", table)["variable"]) == set(catalogue.context_variables())
    peers = {variable for variable, _ in context.PEER_VARIABLES.values()}
    assert peers <= set(catalogue.context_variables())


def test_context_programmes_are_those_of_the_strategy() -> None:
    numbers = {p.number for p in catalogue.strategy().programmes}
    for variable in catalogue.context_variables().values():
        assert set(variable.programmes) <= numbers and variable.programmes


def test_every_field_of_the_column_maps_is_read_and_declared_for_each_generation() -> None:
    maps = catalogue.column_maps("ssmsi")
    assert (
        not pd.DataFrame([m.model_dump() for m in maps])[["generation", "base", "champ"]]
        .duplicated()
        .any()
    )
    reader = (PACKAGE / "sources" / "ssmsi.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"(\w+)"', reader))
    # Census years of the denominators: recognised, so that their columns are not unknown ones.
    recognised_only = {"population_year", "dwellings_year"}
    fields = {m.champ for m in maps}
    assert fields - read == recognised_only
    placeholders = {field for m in maps for _, field, _, _ in Formatter().parse(m.colonne) if field}
    assert placeholders == {"millesime"}
    assert {m.base for m in maps} == {"communes", "departements", "regions"}


def test_the_column_maps_are_recognised_by_the_reader(tmp_path: Path) -> None:
    """A file that has the declared columns, and no other, is what its declaration says."""
    generations: dict[tuple[str, str], list[str]] = {}
    for column in catalogue.column_maps("ssmsi"):
        name = column.colonne.format(millesime="2024")
        generations.setdefault((column.base, column.generation), []).append(name)
    for (base, generation), columns in generations.items():
        path = tmp_path / f"{base}-{generation}.csv"
        path.write_text(";".join(columns) + "\n" + ";".join("1" * len(columns)) + "\n")
        edition = ssmsi.recognise(path)
        assert edition is not None and (edition.base, edition.generation) == (base, generation)


def test_every_file_of_the_catalogue_is_read_by_the_code() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in [*MODULES, *PAGES])
    for path in catalogue.FOLDER.rglob("*"):
        if path.is_file():
            assert path.name in texts or path.parent.name in ("strategies", "column_maps"), path


def test_every_column_of_the_long_table_has_its_description_and_none_besides() -> None:
    assert list(catalogue.column_descriptions()) == long_table.COLUMNS


def test_every_table_of_the_store_is_built_and_read(simulated_store: Path) -> None:
    held = open_store(simulated_store)
    built = {path.stem for path in (held.folder / "00").glob("*.parquet")}
    assert built == {*store.TABLES, "outlines"}
    of_france = {path.stem for path in (held.folder / "france").glob("*.parquet")}
    assert of_france == set(store.FRANCE_TABLES)
    assert {*store.TABLES, *store.FRANCE_TABLES} <= literals()


def test_every_catalogue_file_has_no_empty_text() -> None:
    """A declaration without words would leave a blank on screen."""

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for each in value.values():
                yield from texts(each)
        elif isinstance(value, list):
            for each in value:
                yield from texts(each)

    for path in catalogue.FOLDER.rglob("*.toml"):
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
        addresses = {
            id(title)
            for source in declared.values()
            if isinstance(source, dict)
            for address in source.get("network", ())
            if isinstance(address, dict) and isinstance(title := address.get("title"), str)
        }
        assert all(t.strip() for t in texts(declared) if id(t) not in addresses), path.name


# French on screen

ENGLISH = {
    *("the", "and", "is", "are", "was", "were", "not", "no", "with", "without", "this", "that"),
    *("these", "for", "from", "of", "to", "in", "by", "be", "been", "has", "have", "must"),
    *("should", "cannot", "only", "which", "where", "when", "than", "it", "its", "at", "as"),
}
# Words of both languages, or of names and code: they prove nothing.
SHARED = {"no", "as", "in", "to", "at", "of", "for", "is", "by", "it"}
# An English message that a user never reads alone: it stands inside a French refusal of the
# catalogue, for who edits its files.
FOR_EDITORS = ROOT / "diagnostics" / "catalogue.py"


def english(text: str) -> bool:
    """Say whether a text reads as an English sentence: four words, two of them plain English.

    Options of the command line and templates of scripts are no sentences.
    """
    if "{%" in text:
        return False
    words = re.findall(r"[a-zA-Zéèêàùçôîû’']+", re.sub(r"--\w+", "", text.lower()))
    plain = [w for w in words if w in ENGLISH]
    return len(words) >= 4 and len(plain) >= 2 and bool(set(plain) - SHARED)


def test_the_heuristic_tells_english_from_french() -> None:
    assert english("The file could not be read.")
    assert english("No data for this area")
    assert not english("Aucune donnée pour cette zone, ni zéro, ni secret.")
    assert not english("On ne compare pas une zone à elle-même : choisir une autre référence.")
    assert not english("Au moins trois années : changer --from et --to.")


@pytest.mark.parametrize(
    "path",
    [p for p in [*MODULES, *PAGES, ROOT / "app.py"] if p != FOR_EDITORS],
    ids=named,
)
def test_no_text_is_english(path: Path) -> None:
    found = [f"{places(path, line)}: {text}" for line, text in strings(path) if english(text)]
    assert not found


def test_no_text_of_the_catalogue_is_english() -> None:
    for path in catalogue.FOLDER.rglob("*.toml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        quoted = [
            text
            for line in lines
            if not line.startswith("#")
            for text in re.findall(r'"([^"]*)"', line)
        ]
        assert not [text for text in quoted if english(text)], path.name


def test_every_refusal_is_a_french_sentence_that_says_what_to_do() -> None:
    """`Refused(…)` ends with a full stop and has what is wrong, then what to do."""
    seen = 0
    for path in [*MODULES, *PAGES]:
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Refused"):
                continue
            (argument,) = node.args
            if not isinstance(argument, ast.JoinedStr | ast.Constant):
                continue  # made by a function, whose own text is looked at as any other
            parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
            text = "".join(
                p.value if isinstance(p, ast.Constant) and isinstance(p.value, str) else "…"
                for p in parts
            )
            where = places(path, node.lineno)
            assert text.rstrip().endswith((".", "…")), where
            assert re.search(r"[:,.;]\s*[\w…]", text), where
            assert not english(text), where
            assert "  " not in text, where
            seen += 1
    assert seen > 40
