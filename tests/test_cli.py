"""The command line: exit codes, one French sentence, and the previous store whatever happens."""

import gzip
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import typer

from diagnostics import store
from diagnostics.__main__ import _stopped_by_hand, _tell, main
from diagnostics.errors import Refused
from diagnostics.exports.batch import Outcome
from diagnostics.exports.steps import Stop
from diagnostics.usage import usage_sentence
from tests.conftest import ROOT
from tests.publisher_files import (
    COMMUNAL,
    STEM_C3,
    TOTALS,
    as_parquet,
    cells,
    joined,
    mirror,
    replaced,
    spaced,
    tree,
    without,
)

C3 = cells(COMMUNAL["C3"])
FRENCH = re.compile(r"\b(le|la|les|un|une|du|de|est|pas)\b", re.IGNORECASE)

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command here and gives exit code, stdout and stderr."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def build_command(folder: Path, *options: str | Path) -> list[str | Path]:
    where = ["--mirror", folder / "miroir", "--store", folder / "store", "--offline"]
    return ["build", "--departement", "00", *where, *options]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a mirror and the store built from it."""
    folder = tmp_path_factory.mktemp("cli")
    mirror(folder / "miroir")
    # What `simulate` leaves: downloads in the project's own folder never complete this mirror.
    (folder / "miroir" / "simulation.json").write_text("{}", encoding="utf-8")
    assert main([str(a) for a in build_command(folder)]) == 0
    return folder


@pytest.fixture
def folder(ready: Path, tmp_path: Path) -> Path:
    """Return a copy of `ready` that a test may spoil."""
    shutil.copytree(ready, tmp_path, dirs_exist_ok=True)
    return tmp_path


def refused(result: tuple[int, str, str]) -> str:
    """Return the sentence of a refusal: alone on stderr, French, no traceback."""
    code, out, err = result
    assert code == 1
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert "Traceback" not in err
    assert FRENCH.search(lines[0])
    assert lines[0].endswith((".", "»"))
    return spaced(lines[0])


def test_build_says_what_was_built(folder: Path, command: Command) -> None:
    code, out, err = command(*build_command(folder))
    assert (code, err) == (0, "")
    assert spaced(out).startswith(f"Haute-Lune (00) : {STEM_C3}")


def test_check_says_what_the_store_holds(folder: Path, command: Command) -> None:
    code, out, _ = command("check", "--store", folder / "store")
    assert code == 0
    for said in ("Haute-Lune (00)", STEM_C3, TOTALS["D1"].stem, "(exact)", "Couverture"):
        assert said in out


def test_export_csv_writes_the_long_table(folder: Path, command: Command) -> None:
    out = folder / "table.csv"
    code, said, _ = command("export", "csv", "--out", out, "--store", folder / "store")
    assert code == 0
    assert str(out) in said
    table = pd.read_csv(out, sep=";", encoding="utf-8-sig", dtype=str)
    assert len(table) == len(store.open_store(folder / "store").table("00", "long"))


# Broken files under the publisher's name.

PLAIN = joined(C3).encode()
GZIPPED = gzip.compress(PLAIN)
HTML = b"<!DOCTYPE html><html><body>Not found</body></html>"


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


def parquet(tmp_path: Path) -> bytes:
    return as_parquet(C3, tmp_path / "whole.parquet").read_bytes()


BROKEN = {
    "truncated gzip": (".csv.gz", GZIPPED[: len(GZIPPED) // 2]),
    "truncated csv": (".csv", PLAIN[: len(PLAIN) // 2].rsplit(b";", 3)[0]),
    "empty": (".csv", b""),
    "empty gzip": (".csv.gz", gzip.compress(b"")),
    "title only": (".csv", joined(C3[:1]).encode()),
    "web page": (".csv.gz", HTML),
    "compressed web page": (".csv.gz", gzip.compress(HTML)),
    "workbook": (".csv", workbook()),
    "old workbook": (".csv", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
    "null bytes": (".csv", PLAIN.replace(b"Infraction", b"Infrac\x00ion")),
    "random bytes": (".csv", bytes((i * 7919 + i // 3) % 256 for i in range(4000))),
    "random gzip": (".csv.gz", gzip.compress(bytes((i * 31) % 251 + 1 for i in range(4000)))),
    "not gzip": (".csv.gz", b"\x1f\x8b\x08" + bytes(50)),
    "not parquet": (".parquet", b"PAR1" + bytes(50) + b"PAR1"),
    "json error": (".csv.gz", b'{"message": "Resource not found"}'),
    "wrong label": (".csv", joined(replaced(C3, 3, "indicateur", "Vols de vélos")).encode()),
    "missing column": (".csv", joined(without(C3, "est_diffuse")).encode()),
    "duplicate rows": (".csv", joined([*C3, C3[5]]).encode()),
    "outside the COG": (".csv", joined([*C3, ["00099", *C3[1][1:]]]).encode()),
}


@pytest.mark.parametrize("ending,data", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_refused_and_the_store_stays(
    folder: Path, command: Command, ending: str, data: bytes
) -> None:
    before = tree(folder / "store")
    ssmsi = folder / "miroir" / "ssmsi"
    (ssmsi / f"{STEM_C3}.csv.gz").unlink()
    (ssmsi / f"{STEM_C3}{ending}").write_bytes(data)
    sentence = refused(command(*build_command(folder)))
    assert f"{STEM_C3}{ending}" in sentence
    assert tree(folder / "store") == before


def test_a_truncated_parquet_is_refused_and_the_store_stays(folder: Path, command: Command) -> None:
    before = tree(folder / "store")
    data = parquet(folder)
    (folder / "miroir" / "ssmsi" / f"{STEM_C3}.csv.gz").unlink()
    (folder / "miroir" / "ssmsi" / f"{STEM_C3}.parquet").write_bytes(data[: len(data) // 2])
    assert f"{STEM_C3}.parquet" in refused(command(*build_command(folder)))
    assert tree(folder / "store") == before


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("cog/communes.json", b"[{"),
        ("cog/communes.json", b"[]"),
        ("cog/epci.json", HTML),
        ("cog/mouvements-communes-2026.csv", b"a;b\n1;2\n"),
        ("cog/v_commune_2026.csv", b""),
        ("contours/communes-00-2026.geojson", b'{"type": "FeatureCollection"'),
        ("zonage/listeqp2024-cog2024.csv", b"a;b\n1;2\n"),
        (f"ssmsi/{TOTALS['D1'].name}", b""),
        (f"ssmsi/{TOTALS['R1'].name}", HTML),
    ],
)
def test_any_other_broken_source_is_refused_too(
    folder: Path, command: Command, path: str, data: bytes
) -> None:
    before = tree(folder / "store")
    (folder / "miroir" / path).write_bytes(data)
    assert Path(path).name in refused(command(*build_command(folder)))
    assert tree(folder / "store") == before


def test_a_folder_named_like_a_file_is_no_file(folder: Path, command: Command) -> None:
    before = tree(folder / "store")
    path = folder / "miroir" / "ssmsi" / f"{STEM_C3}.csv.gz"
    path.unlink()
    path.mkdir()
    assert "Base statistique communale" in refused(command(*build_command(folder)))
    assert STEM_C3 in refused(command(*build_command(folder, "--edition", path)))
    assert tree(folder / "store") == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--departement", "99"], "département 99"),
        (["--edition", "absente.csv"], "absente.csv"),
        (["--edition", str(TOTALS["D1"])], TOTALS["D1"].name),
        (["--edition", str(COMMUNAL["C1"]), "--departement", "77"], "département 77"),
        (["--mirror", "/nulle/part"], "/nulle/part"),
    ],
)
def test_what_is_not_there_is_refused(
    folder: Path, command: Command, options: list[str], said: str
) -> None:
    before = tree(folder / "store")
    assert said in refused(command(*build_command(folder, *options)))
    assert tree(folder / "store") == before


@pytest.mark.parametrize("edition", [COMMUNAL["C1"].name, str(COMMUNAL["C1"])])
def test_an_edition_by_name_or_by_path(folder: Path, command: Command, edition: str) -> None:
    shutil.copy(COMMUNAL["C1"], folder / "miroir" / "ssmsi")
    code, out, _ = command(*build_command(folder, "--edition", edition))
    assert code == 0
    assert COMMUNAL["C1"].stem in out
    assert store.open_store(folder / "store").about("00")["geography"] == 2024


def test_lower_case_corsica_and_spaces_are_understood(folder: Path, command: Command) -> None:
    sentence = refused(command(*build_command(folder, "--departement", " 2a ")))
    assert "département 2A" in sentence


@pytest.mark.parametrize("words", [["check"], ["export", "csv", "--out", "x.csv"]])
def test_an_empty_store_says_what_to_do(tmp_path: Path, command: Command, words: list[str]) -> None:
    sentence = refused(command(*words, "--store", tmp_path / "vide"))
    assert "python -m diagnostics build" in sentence


def test_a_damaged_store_is_told_then_built_again(folder: Path, command: Command) -> None:
    (folder / "store" / "current.json").write_text("[]", encoding="utf-8")
    assert "abîmé" in refused(command("check", "--store", folder / "store"))
    assert command(*build_command(folder))[0] == 0
    assert command("check", "--store", folder / "store")[0] == 0


def test_a_place_that_cannot_be_written_is_refused(folder: Path, command: Command) -> None:
    (folder / "fichier").touch()
    inside = folder / "fichier" / "dedans"
    words = ["export", "csv", "--store", folder / "store", "--out", inside / "table.csv"]
    assert str(inside) in refused(command(*words))
    assert str(inside) in refused(command(*build_command(folder, "--store", inside)))


@pytest.mark.parametrize(
    "words",
    [
        ["vendre"],
        ["build", "--departements", "77"],
        ["build", "--departement"],
        ["export"],
        ["export", "csv"],
        ["export", "odt"],
        ["simulate"],
        ["simulate", "DIR", "--communes", "beaucoup"],
        ["check", "de", "trop"],
        ["check", "--store", str(Path(__file__))],
    ],
)
def test_wrong_usage_is_2(command: Command, words: list[str]) -> None:
    code, out, err = command(*words)
    assert code == 2
    assert (out + err).strip()
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vendre"], "vendre » n’existe pas"),
        (["export", "odt"], "choisir parmi csv, pptx, pdf, lot"),
        (["build", "--departements", "77"], "--departements n’existe pas : écrire --dep"),
        (["build", "--departement"], "--departement demande une valeur"),
        (["build", "--offline=oui"], "--offline s’écrit seule"),
        (["export", "csv"], "Il manque --out"),
        (["simulate"], "Il manque DOSSIER"),
        (["simulate", "DIR", "--communes", "beaucoup"], "--communes ne convient pas"),
        (["export", "pptx", "--annee", "deux"], "un nombre entier est attendu"),
        (["export", "pdf", "--document", "livre"], "choisir parmi fiche, diagnostic"),
        (["check", "de", "trop"], "Ceci est de trop : de trop"),
        (["check", "--store", str(Path(__file__))], "donner un dossier à --store"),
    ],
)
def test_wrong_usage_is_said_in_one_french_sentence(
    command: Command, words: list[str], said: str
) -> None:
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    (sentence,) = err.strip().splitlines()
    assert said in sentence
    assert "python -m diagnostics" in sentence
    assert not re.search(r"\b(is|not|should|such|missing|error|the)\b", sentence, re.IGNORECASE)


def test_what_typer_says_in_other_words_is_not_shown_in_english() -> None:
    assert usage_sentence(typer.TyperException("Something is wrong")).startswith("La commande")
    odd = typer.BadParameter("Input is weird", param=None)
    assert "weird" not in usage_sentence(odd)


def python(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "diagnostics", *(str(a) for a in arguments)]


def test_the_refusal_is_the_same_from_a_real_shell(folder: Path) -> None:
    path = folder / "miroir" / "ssmsi" / f"{STEM_C3}.csv.gz"
    path.write_bytes(path.read_bytes()[:-30])
    done = subprocess.run(
        python(*build_command(folder)), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert path.name in refused((done.returncode, done.stdout, done.stderr))


def test_a_killed_build_leaves_the_store_in_force(folder: Path) -> None:
    """Kill the build while it holds a draft: the moment at which most is half written."""
    before = tree(folder / "store")
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from diagnostics import build, store\n"
        "write = store.write_manifest\n"
        "def slow(manifest, draft):\n"
        "    write(manifest, draft)\n"
        "    print('draft', flush=True)\n"
        "    time.sleep(60)\n"
        "store.write_manifest = slow\n"
        "folder = Path(sys.argv[1])\n"
        "build.build('00', mirror=folder / 'miroir', store_folder=folder / 'store')\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "draft\n"
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait(timeout=10) == -signal.SIGKILL
    running.stdout.close()
    drafts = list((folder / "store").glob(".draft-*/00/facts.parquet"))
    assert len(drafts) == 1
    after = {k: v for k, v in tree(folder / "store").items() if not k.startswith(".draft-")}
    assert after == before
    assert store.open_store(folder / "store").departements() == {"00": "Haute-Lune"}


def test_a_batch_stopped_by_hand_ends_the_area_at_hand() -> None:
    """Ctrl-C asks for a stop, which the next sign of progress obeys; again, it is immediate."""
    told: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    with _stopped_by_hand(lambda step, share: told.append(step)) as progress:
        progress("first", 0.0)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Stop):
            progress("second", 0.5)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert told == ["first"]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome((), (), ("A", "B")), "Arrêté avant le premier document"),
        (
            Outcome((("A", "Fiche", "a.pdf"),), (), ("B",), Path("lot-incomplet.zip")),
            "1 conseil sans documents, à commencer par B",
        ),
        (
            Outcome((), (("A", "Fiche", "pas de chiffre"),), (), Path("lot.zip")),
            "1 document manque",
        ),
    ],
)
def test_a_batch_that_is_not_whole_is_refused_in_one_sentence(
    outcome: Outcome, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused, match=said):
        _tell(outcome, "index.html")
    assert (str(outcome.path) in capsys.readouterr().out) == (outcome.path is not None)
