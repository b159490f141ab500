"""Many people at once, and processes that are killed: with real processes, on both databases."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from diagnostics.councils import records
from diagnostics.councils.database import BACKUPS, Database, open_database
from diagnostics.councils.history import history
from diagnostics.councils.seeding import seed
from tests.conftest import ROOT
from tests.councils.lists import DEPARTEMENT, seed_table
from tests.councils.test_database import old_database
from tests.councils.worker import mark

THREADS, PROCESSES, EDITS = 6, 4, 10


def start(what: str, address: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.councils.worker", what, address, *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed_in_the_middle(what: str, address: str) -> None:
    """Kill -9 a process that has written half of something."""
    process = start(what, address)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "au milieu\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def require_sound(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_a_hundred_edits_at_once_are_all_there(database: Database, address: str) -> None:
    """Of one council, by threads of one process and by other processes."""
    processes = [start("mark", address, f"p{n}", str(EDITS)) for n in range(PROCESSES)]
    threads = [f"f{n}.{rank}" for rank in range(EDITS) for n in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda tag: mark(database, tag), threads))
    said = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES
    tags = threads + [tag for lines in said for tag in lines]
    assert len(tags) == 100
    held = records.council(database, DEPARTEMENT, "cispd-nord")
    assert sorted(held.source.removeprefix("CC du Nord").split()) == sorted(tags)
    assert held.version == 1 + 100
    entries = history(database, DEPARTEMENT, "cispd-nord", limit=1000)
    # Each entry tells the edit that it was, in the order in which they were made.
    assert [e.sentence.rstrip("».\u202f").split()[-1] for e in reversed(entries)] == (
        held.source.removeprefix("CC du Nord").split()
    )
    require_sound(database)


def test_replicas_that_start_together_make_one_list(address: str) -> None:
    processes = [start("seed", address) for _ in range(3)]

    def start_here(_: int) -> bool:
        opened = open_database(url=address)
        seeded = seed(opened, DEPARTEMENT, seed_table())
        opened.close()
        return seeded

    with ThreadPoolExecutor(4) as pool:
        said = [str(s) for s in pool.map(start_here, range(4))]
    said += [process.communicate()[0].strip() for process in processes]
    assert sorted(said) == ["False"] * 6 + ["True"]
    opened = open_database(url=address)
    assert len(records.memberships(opened, DEPARTEMENT)) == len(seed_table())
    opened.close()


def test_a_kill_during_a_save_leaves_the_last_state(database: Database, address: str) -> None:
    before = records.councils(database, DEPARTEMENT)
    killed_in_the_middle("stop_in_save", address)
    again = open_database(url=address)
    require_sound(again)
    assert records.councils(again, DEPARTEMENT) == before
    # Nobody holds the lock any more.
    mark(again, "ensuite")
    assert records.council(again, DEPARTEMENT, "cispd-nord").source == "CC du Nord ensuite"
    assert len(history(again, DEPARTEMENT)) == 2
    again.close()


def test_a_kill_during_a_migration_leaves_the_last_state(address: str, tmp_path: Path) -> None:
    old = old_database(address)
    killed_in_the_middle("stop_in_migration", address)
    with old.reading() as connection:
        held = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        assert held == "0001"
        row = connection.exec_driver_sql("SELECT * FROM council").mappings().one()
        assert row["name"] == "CISPD Nord" and "logo" not in row
    require_sound(old)
    old.close()
    if address.startswith("sqlite"):
        assert len(list((tmp_path / BACKUPS).iterdir())) == 1
    again = open_database(url=address)
    (council,) = records.councils(again, "00")
    assert (council.name, council.logo) == ("CISPD Nord", "")
    again.close()


@pytest.mark.parametrize("lines", [1, 7])
def test_a_kill_at_any_moment_loses_nothing_that_was_said(
    database: Database, address: str, lines: int
) -> None:
    process = start("mark", address, "p", "1000")
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    said += process.communicate()[0].split()
    again = open_database(url=address)
    require_sound(again)
    held = records.council(again, DEPARTEMENT, "cispd-nord")
    tags = held.source.removeprefix("CC du Nord").split()
    # All that was said is there; at most one more was saved, and not said.
    assert tags[: len(said)] == said and len(tags) - len(said) in (0, 1)
    assert len(history(again, DEPARTEMENT, "cispd-nord", limit=2000)) == len(tags)
    again.close()
