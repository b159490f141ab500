"""What the README, the requirements and the licence say is what there is."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from typing import Any

import typer.main

from diagnostics.__main__ import app
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
DEPENDENCIES = (ROOT / "docs" / "decisions" / "dependances.md").read_text(encoding="utf-8")
OURS = {"app", "benchmarks", "diagnostics", "pages", "tests"}


def command(name: str) -> str:
    [found] = re.findall(rf"<!-- commande : {name} -->\n```sh\n(.+)\n```\n", README)
    return str(found)


def normal(name: str) -> str:
    """Return the name of a distribution as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> dict[str, str]:
    """Return {name: version} of a requirements file; a line of another form fails."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        if line.startswith(("#", "-r ")):
            continue
        pin = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==(\d[\w.]*)  # \S.+", line)
        assert pin, f"{file}: not `name==version  # why`: {line}"
        found[normal(pin[1])] = pin[2]
    return found


def trees(*places: str) -> Iterator[ast.AST]:
    for place in places:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def imported(*places: str) -> set[str]:
    """Return the distributions that a Python file imports, or takes the data files of."""
    modules = set()
    for node in trees(*places):
        if isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules.add(str(node.module))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            # importlib.resources.files("a_package")
            given = node.args[0] if node.func.id == "files" and node.args else None
            modules |= {given.value} if isinstance(given, ast.Constant) else set()
    tops = {module.partition(".")[0] for module in modules} - OURS - sys.stdlib_module_names
    providers = packages_distributions()
    return {normal(name) for top in tops for name in providers.get(top, [top])}


def test_the_readme_opens_on_the_two_commands() -> None:
    for name in ("application", "tests"):
        assert README.index(command(name)) < README.index("\n## ")
    start = "python3 -m venv .venv && .venv/bin/pip install -r "
    assert command("application") == f"{start}requirements.txt && .venv/bin/streamlit run app.py"
    assert command("tests") == f"{start}requirements-dev.txt && .venv/bin/python -m pytest"


def test_the_windows_commands_do_the_same_as_the_others() -> None:
    [block] = re.findall(r"```powershell\n(.+?)```", README, re.DOTALL)
    translated = [
        command(name)
        .replace("python3", "py -3")
        .replace(" &&", ";")
        .replace(".venv/bin/", ".venv\\Scripts\\")
        for name in ("application", "tests")
    ]
    assert block.splitlines() == translated


def test_ci_takes_its_tests_from_the_readme() -> None:
    assert "<!-- commande : tests -->" in CI
    for own in ("pytest", "pip install", "venv .venv"):
        assert own not in CI


def leaves(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, child in group.commands.items():
        if hasattr(child, "commands"):
            yield from leaves(child, f"{path} {name}")
        else:
            yield f"{path} {name}", child


def test_each_command_is_documented_with_its_options() -> None:
    [block] = re.findall(r"```\n(python -m diagnostics .+?)```", README, re.DOTALL)
    documented = {}
    for line in block.splitlines():
        [(words, rest)] = re.findall(r"^(python -m diagnostics(?: [a-z]+)+)(.*)$", line)
        documented[words] = set(re.findall(r"--[a-z-]+", rest))
    actual = {
        words: {o for p in child.params for o in p.opts if o.startswith("--")} - {"--help"}
        for words, child in leaves(typer.main.get_command(app), "python -m diagnostics")
    }
    assert documented == actual


def test_each_environment_variable_is_documented() -> None:
    name = r"DIAGNOSTIC(?:_[A-Z]+)+\b"
    files = [*(ROOT / "diagnostics").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    read = {v for file in files for v in re.findall(name, file.read_text(encoding="utf-8"))}
    assert set(re.findall(name, README)) == read


def test_versions_are_exact_and_are_those_tested_here() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, pinned in pins(file).items():
            assert version(name) == pinned, name


def test_what_is_imported_is_required() -> None:
    app_needs = pins("requirements.txt").keys()
    assert imported("app.py", "pages", "diagnostics", "benchmarks") <= app_needs
    assert imported("tests") <= app_needs | pins("requirements-dev.txt").keys()


def test_what_is_required_is_used() -> None:
    used = imported("app.py", "pages", "diagnostics", "benchmarks")
    places = ("pages", "diagnostics", "benchmarks")
    # What another library loads by its name: pandas an engine, SQLAlchemy a driver.
    named = {
        normal(str(keyword.value.value).rpartition("+")[2])
        for node in trees(*places)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in ("engine", "drivername") and isinstance(keyword.value, ast.Constant)
    }
    assert pins("requirements.txt").keys() <= used | named


def test_each_requirement_has_its_reason() -> None:
    rows = re.findall(r"^\| ([A-Za-z][\w, -]*) \|", DEPENDENCIES, re.MULTILINE)
    explained = {normal(name) for row in rows for name in row.split(", ")} - {"paquet"}
    assert explained == pins("requirements.txt").keys() | pins("requirements-dev.txt").keys()


def test_the_licence_is_declared_by_its_identifier() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "EUPL-1.2"
    first = (ROOT / "LICENSE").read_text(encoding="utf-8").splitlines()[0]
    assert first == "SPDX-License-Identifier: EUPL-1.2"
    assert "[EUPL-1.2](LICENSE)" in README
