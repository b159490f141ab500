"""What the tests run in processes of their own: `python -m tests.councils.worker WHAT ADDRESS …`.

Each line that it prints is something that it has done.
"""

import sys
import time
from typing import Any

import sqlalchemy as sa

from diagnostics.councils import edits, records
from diagnostics.councils.database import Database, open_database
from diagnostics.councils.history import Conflict
from diagnostics.councils.seeding import seed
from tests.councils.lists import DEPARTEMENT, seed_table


def say(text: str) -> None:
    print(text, flush=True)


def stop_at(beginning: str) -> None:
    """Stand still, saying so, right after a statement: the transaction stays half done."""

    def look(*event: Any) -> None:
        if event[2].lstrip().startswith(beginning):
            say("au milieu")
            time.sleep(600)

    sa.event.listen(sa.Engine, "after_cursor_execute", look)


def mark(database: Database, tag: str) -> None:
    """Add a tag to the source of a council, as often as others come first."""
    seen = records.council(database, DEPARTEMENT, "cispd-nord")
    while True:
        try:
            edits.change(database, seen, who="mairie", source=f"{seen.source} {tag}")
            return
        except Conflict as conflict:
            (seen,) = conflict.current


def main(what: str, address: str, *more: str) -> None:
    if what == "stop_in_migration":
        stop_at("CREATE TABLE note")
        open_database(url=address)
        return
    database = open_database(url=address)
    if what == "stop_in_save":
        stop_at("DELETE FROM membership")
        mark(database, "perdu")
    elif what == "seed":
        say(str(seed(database, DEPARTEMENT, seed_table())))
    elif what == "mark":
        name, number = more
        for rank in range(int(number)):
            mark(database, f"{name}.{rank}")
            say(f"{name}.{rank}")


if __name__ == "__main__":
    main(*sys.argv[1:])
