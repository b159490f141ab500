"""Snapshots: the new one whole or not at all, the previous one byte for byte, two kept."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import store
from diagnostics.errors import Refused
from tests.publisher_files import tree


def put(
    folder: Path,
    figure: int,
    departement: str = "00",
    waiting: Callable[[], None] = lambda: None,
) -> store.Store:
    """Put a snapshot of one small table in force."""
    with store.replacing(folder, waiting) as draft:
        (draft / departement).mkdir()
        pd.DataFrame({"count": [figure]}).to_parquet(draft / departement / "facts.parquet")
        manifest = {"simulated": False, "departements": {departement: {"name": "Haute-Lune"}}}
        store.write_manifest(manifest, draft)
    return store.open_store(folder)


def figure(opened: store.Store) -> int:
    return int(opened.table("00", "facts")["count"].iloc[0])


def test_a_snapshot_is_put_in_force_and_opened(tmp_path: Path) -> None:
    opened = put(tmp_path / "store", 1)
    assert figure(opened) == 1
    assert opened.departements() == {"00": "Haute-Lune"}
    assert opened.digest == opened.folder.name
    assert not opened.simulated
    assert opened.table("00", "context").empty  # a table that was not built


def test_the_same_content_is_the_same_snapshot(tmp_path: Path) -> None:
    first, second = put(tmp_path, 1), put(tmp_path, 1)
    assert first.digest == second.digest
    assert put(tmp_path, 2).digest != first.digest


def test_the_last_two_snapshots_are_kept(tmp_path: Path) -> None:
    digests = [put(tmp_path, n).digest for n in range(4)]
    held = {p.name for p in tmp_path.iterdir() if p.is_dir()}
    assert held == set(digests[-2:])
    assert store.open_store(tmp_path).digest == digests[-1]


def test_a_failure_leaves_the_previous_snapshot_as_it_was(tmp_path: Path) -> None:
    put(tmp_path, 1)
    before = tree(tmp_path)
    with pytest.raises(ZeroDivisionError), store.replacing(tmp_path) as draft:
        (draft / "00").mkdir()
        (draft / "00" / "facts.parquet").write_bytes(b"half")
        raise ZeroDivisionError
    assert tree(tmp_path) == before
    assert figure(store.open_store(tmp_path)) == 1


def test_a_draft_is_not_a_snapshot_and_goes_the_day_after(tmp_path: Path) -> None:
    drafts = [tmp_path / ".draft-running", tmp_path / ".draft-killed"]
    for draft in drafts:
        draft.mkdir()
        (draft / "manifest.json").write_text("{}", encoding="utf-8")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(drafts[1], (two_days_ago, two_days_ago))
    for n in range(3):
        assert figure(put(tmp_path, n)) == n
    held = {p.name for p in tmp_path.iterdir() if p.is_dir()}
    assert ".draft-running" in held
    assert ".draft-killed" not in held
    assert len(held) == 3


def test_a_departement_is_carried_over(tmp_path: Path) -> None:
    put(tmp_path, 1)
    opened = put(tmp_path, 2, "01")
    assert figure(opened) == 1
    assert set(opened.departements()) == {"00", "01"}
    assert figure(put(tmp_path, 3)) == 3


def test_what_is_known_of_the_country_is_carried_over_until_it_is_written_again(
    tmp_path: Path,
) -> None:
    known = pd.DataFrame({"code_insee": ["00001"]})
    with store.replacing(tmp_path) as draft:
        store.write_france(draft, {"communes": known})
        store.write_manifest({"simulated": False, "departements": {}}, draft)
    pd.testing.assert_frame_equal(put(tmp_path, 1).france("communes"), known)
    assert store.open_store(tmp_path).france("movements").empty
    with store.replacing(tmp_path) as draft:
        store.write_france(draft, {"communes": known.iloc[:0]})
        store.write_manifest({"simulated": False, "departements": {}}, draft)
    assert put(tmp_path, 2).france("communes").empty


ANOTHER_BUILD = """
import sys
from pathlib import Path
from tests.test_store import put, store

def stop(word):
    print(word, flush=True)
    sys.stdin.readline()

step = sys.argv[3]
original = getattr(store, step)
setattr(store, step, lambda *given: (stop(step), original(*given)))
put(Path(sys.argv[1]), 1, sys.argv[2], waiting=lambda: print("waiting", flush=True))
"""


class AnotherBuild:
    """A build in its own process, that stops before a function of `store` until told to go on."""

    def __init__(self, folder: Path, departement: str, stop_before: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ANOTHER_BUILD, str(folder), departement, stop_before],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def ends(self) -> int:
        self.process.communicate(timeout=120)
        return self.process.returncode


def test_two_builds_at_the_same_time_are_both_kept(tmp_path: Path) -> None:
    put(tmp_path, 1)
    two = [AnotherBuild(tmp_path, code, "write_manifest") for code in ("01", "02")]
    assert [each.says() for each in two] == ["write_manifest"] * 2  # both have begun
    for each in two:
        each.go_on()
        assert each.says() == "write_manifest"  # once the others are carried over
        each.go_on()
        assert each.ends() == 0
    assert set(store.open_store(tmp_path).departements()) == {"00", "01", "02"}


def test_a_build_waits_for_another_and_not_for_a_killed_one(tmp_path: Path) -> None:
    put(tmp_path, 1)
    killed = AnotherBuild(tmp_path, "01", "_put_in_force")
    assert killed.says() == "_put_in_force"
    waiting = AnotherBuild(tmp_path, "02", "_put_in_force")
    assert waiting.says() == "waiting"
    killed.process.kill()
    assert killed.ends() != 0
    assert waiting.says() == "_put_in_force"
    waiting.go_on()
    assert waiting.ends() == 0
    assert set(store.open_store(tmp_path).departements()) == {"00", "02"}


def test_an_empty_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="python -m diagnostics build"):
        store.open_store(tmp_path)
    assert store.sound_or_none(tmp_path) is None


def test_a_departement_that_is_not_held_says_what_to_do(tmp_path: Path) -> None:
    opened = put(tmp_path, 1)
    for ask in (opened.about, opened.outlines, lambda code: opened.table(code, "facts")):
        with pytest.raises(Refused, match="build --departement 99"):
            ask("99")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"digest": "absent"}', "null"])
def test_a_damaged_pointer_is_refused(tmp_path: Path, content: str) -> None:
    put(tmp_path, 1)
    (tmp_path / "current.json").write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=r"abîmé.*reconstruire"):
        store.open_store(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null"])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (put(tmp_path, 1).folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=r"abîmé.*reconstruire"):
        store.open_store(tmp_path)


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    opened = put(tmp_path, 1)
    (opened.folder / "00" / "facts.parquet").write_bytes(b"PAR1")
    with pytest.raises(Refused, match=r"abîmé.*reconstruire"):
        opened.table("00", "facts")
    with pytest.raises(Refused, match=r"abîmé.*reconstruire"):
        opened.outlines("00")


def test_a_departement_whose_folder_is_gone_is_refused(tmp_path: Path) -> None:
    shutil.rmtree(put(tmp_path, 1).folder / "00")
    with pytest.raises(Refused, match=r"abîmé.*reconstruire"):
        store.open_store(tmp_path)


def test_the_same_build_puts_a_damaged_snapshot_right(tmp_path: Path) -> None:
    damaged = put(tmp_path, 1).folder
    before = tree(damaged)
    (damaged / "00" / "facts.parquet").write_bytes(b"PAR1")
    assert figure(put(tmp_path, 1)) == 1
    assert tree(damaged) == before


def test_the_folder_is_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(tmp_path / "ici"))
    put(tmp_path / "ici", 1)
    assert figure(store.open_store()) == 1


def test_the_pointer_names_the_snapshot(tmp_path: Path) -> None:
    digest = put(tmp_path, 1).digest
    pointer = json.loads((tmp_path / "current.json").read_text(encoding="utf-8"))
    assert pointer == {"digest": digest}
