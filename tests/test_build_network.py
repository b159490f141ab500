"""`build` through the network, against a local server that plays the publishers."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from diagnostics import catalogue
from diagnostics.build import build
from diagnostics.catalogue import DatasetAddress, PlainAddress
from diagnostics.check import report
from diagnostics.errors import Refused
from diagnostics.sources.download import FRANCE, complete
from diagnostics.sources.fetch import Patience
from diagnostics.sources.locate import Inputs
from diagnostics.store import FRANCE_TABLES, TABLES, Store, open_store
from tests.conftest import ROOT
from tests.publisher_files import COMMUNAL, FIXTURES, STEM_C3, TOTALS, mirror, tree
from tests.sources.fake_publishers import Answer, Publishers, json_answer, publishers

COG = FIXTURES / "cog"
COMMUNAL_FILE = gzip.compress(COMMUNAL["C3"].read_bytes())
# A member of an EPCI of the département 00, in another one.
OUTSIDE = {
    "code": "0A001",
    "nom": "Outre-Lune",
    "type": "commune-actuelle",
    "departement": "0A",
    "region": "00",
    "population": 10,
}
# The context, which no fixture of the département 00 holds: its publishers answer 404.
UNPUBLISHED = (
    "rp_population",
    "rp_activite",
    "rp_familles",
    "rp_logement",
    "grille_densite",
    "competence_police_gendarmerie",
)
QUICK = Patience(connect_seconds=2, read_seconds=2, attempts=2, backoff_seconds=0.01)


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publishers]:
    """Serve the sources of the département 00, real in all but its figures."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("DIAGNOSTIC_MIRROR", raising=False)
    monkeypatch.delenv("DIAGNOSTIC_OFFLINE", raising=False)
    with publishers() as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        publish(served)
        yield served


def publish(net: Publishers, *communal: Answer) -> None:
    """Publish each source under its declared address; `communal` replaces how its base comes."""
    net.dataset(
        dataset("ssmsi_communes"),
        net.resource(
            "COM - Base statistique communale de la délinquance enregistrée",
            "csv.gz",
            f"{STEM_C3}.csv.gz",
            COMMUNAL_FILE,
            *communal,
        ),
        *(
            net.resource(title, "csv", TOTALS[key].name, TOTALS[key].read_bytes())
            for key, title in (
                ("D1", "DEP - Base statistique départementale de la délinquance enregistrée"),
                ("R1", "REG - Base statistique régionale de la délinquance enregistrée"),
            )
        ),
    )
    listed, moved = COG / "v_commune_2026.csv", COG / "mouvements-communes-2026.csv"
    net.dataset(
        dataset("cog_insee"),
        net.resource("Millésime 2026 : communes", "csv", listed.name, listed.read_bytes()),
        net.resource(
            "Millésime 2026 : mouvements", "csv", "v_mvt_commune_2026.csv", moved.read_bytes()
        ),
    )
    zones = FIXTURES / "zonage" / "listeqp2024-cog2024.csv"
    net.dataset(
        dataset("qpv"), net.resource("Liste des QPV", "csv", zones.name, zones.read_bytes())
    )
    epci = read_json("epci")
    net.answer(
        path("cog_communes"), json_answer(as_geo_api([*read_json("communes"), OUTSIDE], epci))
    )
    net.answer(path("cog_epci"), json_answer([{k: e[k] for k in ("code", "nom")} for e in epci]))
    for source, name in (("cog_departements", "departements"), ("cog_regions", "regions")):
        net.answer(path(source), Answer((COG / f"{name}.json").read_bytes()))
    arrondissements = "ARR,DEP,REG,LIBELLE\n" + "".join(
        f"{a['code']},00,00,{a['nom']}\n" for a in read_json("arrondissements")
    )
    net.answer(path("cog_arrondissements"), Answer(arrondissements.encode()))
    outlines = FIXTURES / "contours" / "communes-00-2026.geojson"
    net.answer(path("contours"), Answer(outlines.read_bytes()))


def read_json(name: str) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((COG / f"{name}.json").read_text(encoding="utf-8"))
    return content


def as_geo_api(records: list[dict[str, Any]], epci: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return communes as geo.api.gouv.fr gives them: no arrondissement, no former commune."""
    epci_of = {member["code"]: e["code"] for e in epci for member in e["membres"]}
    return [
        {
            "code": r["code"],
            "nom": r["nom"],
            "type": r["type"],
            "codeDepartement": r["departement"],
            "codeRegion": r["region"],
            "codeEpci": epci_of[r["code"]],
            "population": r["population"],
        }
        for r in records
        if r["type"] == "commune-actuelle"
    ]


def dataset(source: str) -> str:
    return next(
        a.dataset for a in catalogue.sources()[source].network if isinstance(a, DatasetAddress)
    )


def path(source: str, departement: str = "00") -> str:
    address = catalogue.sources()[source].network[0]
    if isinstance(address, PlainAddress):
        return address.path.format(departement=departement)
    return f"/api/1/datasets/{address.dataset}/"


def withdraw(net: Publishers, *sources: str) -> None:
    for source in sources:
        del net.answers[path(source)]


def built(folder: Path, **options: Any) -> Store:
    options.setdefault("download", True)
    return build("00", raw=folder / "brut", store_folder=folder / "store", **options)


def command(folder: Path, *options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run `build --departement 00` as a user does; the fixture `net` has set the environment."""
    return subprocess.run(
        [sys.executable, "-m", "diagnostics", "build", "--departement", "00", *options],
        cwd=ROOT,
        env={
            **os.environ,
            "DIAGNOSTIC_STORE": str(folder / "store"),
            "DIAGNOSTIC_DOWNLOADS": str(folder / "brut"),
            **variables,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def complete_quietly(
    raw: Path, sources: list[str], places: list[str | None]
) -> dict[str | None, list[str]]:
    return complete(Inputs((raw,)), raw, sources, places, lambda step, share: None, QUICK)


def test_the_command_makes_of_the_network_what_a_mirror_makes(
    net: Publishers, tmp_path: Path
) -> None:
    run = command(tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert f"Haute-Lune (00)\u202f: {STEM_C3}" in run.stdout
    found = open_store(tmp_path / "store")
    assert not found.simulated
    mirror(tmp_path / "miroir")
    known = json.dumps([*read_json("communes"), OUTSIDE])
    (tmp_path / "miroir" / "cog" / "communes.json").write_text(known, encoding="utf-8")
    (tmp_path / "autre").mkdir()
    expected = built(tmp_path / "autre", mirror=tmp_path / "miroir", download=False)
    assert len(expected.table("00", "long")) > 0
    for name in TABLES:
        pd.testing.assert_frame_equal(found.table("00", name), expected.table("00", name))
    for name in FRANCE_TABLES:
        told = expected.france(name)
        if name == "movements":
            # A former code that no dated movement explains: the service online gives none.
            told = told[told["code"] != "00006"].reset_index(drop=True)
        pd.testing.assert_frame_equal(found.france(name), told)
    pd.testing.assert_frame_equal(found.outlines("00"), expected.outlines("00"))
    # The context that nobody publishes here, one sentence each; the rest is said in both.
    warnings = found.about("00")["warnings"]
    assert warnings[len(UNPUBLISHED) :] == expected.about("00")["warnings"]


def test_the_manifest_says_where_and_when_each_file_was_downloaded(
    net: Publishers, tmp_path: Path
) -> None:
    before = datetime.now().astimezone().replace(microsecond=0)
    inputs = {entry["source"]: entry for entry in built(tmp_path).about("00")["inputs"]}
    assert len(inputs) == 12
    for entry in inputs.values():
        assert entry["url"].startswith(net.url)
        assert before <= datetime.fromisoformat(entry["fetched_at"])
    held = tmp_path / "brut" / "cog" / "communes.json"
    held.write_bytes(held.read_bytes() + b"\n")
    again = {entry["source"]: entry for entry in built(tmp_path).about("00")["inputs"]}
    assert again["cog_communes"]["url"] is None
    assert again["cog_communes"]["fetched_at"] is None
    assert again["cog_epci"]["url"] == inputs["cog_epci"]["url"]


def test_without_an_optional_source_the_build_goes_on_and_says_it(
    net: Publishers, tmp_path: Path
) -> None:
    withdraw(net, "contours", "qpv", "cog_epci", "cog_insee")
    found = built(tmp_path)
    said = "\n".join(found.about("00")["warnings"])
    for source in ("contours", "qpv", "cog_epci", "grille_densite"):
        assert catalogue.sources()[source].page in said
    assert said.count("Source facultative laissée de côté") == len(UNPUBLISHED) + 5
    assert "pas de niveau EPCI" in said
    assert all(line in report(found) for line in said.splitlines())
    assert len(found.table("00", "communes")) == 4
    assert found.table("00", "qpv").empty
    assert found.outlines("00").empty


@pytest.mark.parametrize("source", ["ssmsi_communes", "cog_communes"])
def test_without_a_required_source_nothing_changes(
    net: Publishers, tmp_path: Path, source: str
) -> None:
    mirror(tmp_path / "miroir")
    built(tmp_path, mirror=tmp_path / "miroir", download=False)
    before = tree(tmp_path / "store")
    withdraw(net, source)
    run = command(tmp_path)
    assert run.returncode == 1
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    assert run.stderr.strip().endswith(".")
    assert catalogue.sources()[source].page in run.stderr
    assert tree(tmp_path / "store") == before


def test_nothing_else_is_asked_once_the_communal_base_is_missing(
    net: Publishers, tmp_path: Path
) -> None:
    withdraw(net, "ssmsi_communes")
    with pytest.raises(Refused):
        built(tmp_path)
    assert net.targets() == [path("ssmsi_communes")]


def test_an_interrupted_download_goes_on_where_it_stopped(net: Publishers, tmp_path: Path) -> None:
    cut = len(COMMUNAL_FILE) // 2
    etag = {"ETag": '"v1"'}
    publish(
        net,
        Answer(COMMUNAL_FILE, headers=etag, cut=cut),
        Answer(COMMUNAL_FILE, headers=etag, ranges=True),
    )

    def interrupt(step: str, share: float) -> None:
        if step.startswith("Téléchargement"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built(tmp_path, progress=interrupt)
    assert not (tmp_path / "store").exists()
    assert built(tmp_path).about("00")["edition"] == STEM_C3
    first, second = net.headers_of(f"{STEM_C3}.csv.gz")
    assert "range" not in first
    assert second["range"] == f"bytes={cut}-"


@pytest.mark.parametrize(
    ("options", "variables"), [(["--offline"], {}), ([], {"DIAGNOSTIC_OFFLINE": "1"})]
)
def test_offline_asks_nobody(
    net: Publishers, tmp_path: Path, options: list[str], variables: dict[str, str]
) -> None:
    run = command(tmp_path, *options, **variables)
    assert run.returncode == 1
    assert "--offline" in run.stderr
    assert net.asked == []


def test_the_function_asks_nobody_unless_told_to(net: Publishers, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="relancer sans --offline"):
        built(tmp_path, download=False)
    mirror(tmp_path / "miroir")
    built(tmp_path, download=False, mirror=tmp_path / "miroir")
    assert net.asked == []


def test_what_the_mirror_holds_is_not_asked_for(net: Publishers, tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    found = built(tmp_path, mirror=tmp_path / "miroir")
    assert sorted(net.targets()) == sorted(path(source) for source in UNPUBLISHED)
    assert all(entry["url"] is None for entry in found.about("00")["inputs"])


def test_what_was_downloaded_is_not_asked_for_again(net: Publishers, tmp_path: Path) -> None:
    built(tmp_path)
    net.asked.clear()
    built(tmp_path)
    assert sorted(net.targets()) == sorted(path(source) for source in UNPUBLISHED)


def test_a_communal_file_that_is_named_is_not_asked_for(net: Publishers, tmp_path: Path) -> None:
    found = built(tmp_path, edition=str(COMMUNAL["C3"]))
    assert found.about("00")["edition"] == STEM_C3
    assert net.targets(f"{STEM_C3}.csv.gz") == []
    assert net.targets(TOTALS["D1"].name) != []


def test_a_simulated_mirror_is_never_completed(net: Publishers, tmp_path: Path) -> None:
    mirror(tmp_path / "miroir")
    (tmp_path / "miroir" / "simulation.json").write_text("{}", encoding="utf-8")
    assert built(tmp_path, mirror=tmp_path / "miroir").simulated
    assert net.asked == []
    assert not (tmp_path / "brut").exists()


def test_outlines_are_asked_for_one_departement_at_a_time(net: Publishers, tmp_path: Path) -> None:
    missing = complete_quietly(tmp_path, ["contours"], [FRANCE, "00", "01"])
    assert net.targets() == [path("contours"), path("contours", "01")]
    assert list(missing) == ["01"]
    assert Inputs((tmp_path,)).files("contours", "00") != []


def test_a_host_that_does_not_answer_is_asked_once(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGNOSTIC_INSEE_URL", "http://127.0.0.1:9")
    asked = ["rp_population", "cog_regions", "rp_logement", "grille_densite"]
    missing = complete_quietly(tmp_path, asked, [FRANCE])
    assert net.targets() == [path("cog_regions")]
    sentences = missing[FRANCE]
    assert [("ne répond pas (" in s, "n’a pas été demandée" in s) for s in sentences] == [
        (True, False),
        (False, True),
        (False, True),
    ]


def test_progress_goes_forward_and_counts_megabytes(net: Publishers, tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    built(tmp_path, progress=lambda step, share: seen.append((step, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] == 1
    downloads = [step for step, _ in seen if step.startswith("Téléchargement")]
    assert len({step.rpartition(": ")[2] for step in downloads}) == 12
    assert all(" Mo" in step for step in downloads)
