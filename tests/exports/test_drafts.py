"""Drafts: whole files or none, and what a killed export leaves is cleaned by the next one."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics.errors import Refused
from diagnostics.exports import drafts

ROOT = Path(__file__).parents[2]
WRITER = """
import sys, time
from pathlib import Path
from diagnostics.exports import drafts
with drafts.draft(Path(sys.argv[1])) as file:
    file.write_bytes(b"half")
    print("begun", flush=True)
    time.sleep(60)
"""


@contextmanager
def writer(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that is in the midst of writing a file."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_draft_takes_its_place_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with drafts.draft(path) as file:
        file.write_bytes(b"new")
        assert not path.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]
    assert path.read_bytes() == b"new"


def test_a_draft_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), drafts.draft(path) as file:
        file.write_bytes(b"half")
        raise ZeroDivisionError
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["lot.zip", "autre.zip"])
def test_what_a_killed_export_left_goes_with_the_next_one(tmp_path: Path, name: str) -> None:
    with writer(tmp_path / "lot.zip") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(list(tmp_path.iterdir())) == 1
    with drafts.draft(tmp_path / name) as file:
        file.write_bytes(b"new")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_the_draft_of_an_export_that_runs_is_let_alone(tmp_path: Path) -> None:
    with writer(tmp_path / "lot.zip"):
        (begun,) = tmp_path.iterdir()
        with drafts.draft(tmp_path / "autre.zip") as file:
            file.write_bytes(b"new")
        assert begun.read_bytes() == b"half"
        with pytest.raises(Refused, match="Un autre export"), drafts.draft(tmp_path / "lot.zip"):
            pass
        assert begun.exists()


def test_files_of_others_are_let_alone(tmp_path: Path) -> None:
    others = [".lot.zip.tmp", ".notes", "brouillon.txt"]
    for name in others:
        (tmp_path / name).touch()
    with drafts.draft(tmp_path / "x") as file:
        file.touch()
    assert {p.name for p in tmp_path.iterdir()} == {*others, "x"}
