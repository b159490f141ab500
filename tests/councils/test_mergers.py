"""A merger of communes carries their memberships along."""

from datetime import date

import pytest

from diagnostics.councils import records
from diagnostics.councils.database import Database
from diagnostics.councils.history import history, undo
from diagnostics.councils.mergers import CarriedOver, carry_over, to_follow
from diagnostics.errors import Refused
from tests.councils.lists import DEPARTEMENT


def periods(database: Database, council_id: str) -> list[tuple[str, date | None, date | None]]:
    council = records.council(database, DEPARTEMENT, council_id)
    return [(m.code_insee, m.start, m.end) for m in council.members]


def test_the_successor_sits_where_its_part_sat(
    database: Database, communes: dict[str, str]
) -> None:
    before = records.memberships(database, DEPARTEMENT)
    done = carry_over(
        database, DEPARTEMENT, {"00002": "00008"}, who="code géographique", communes=communes
    )
    assert done.left == [] and [c.id for c in done.councils] == ["cispd-nord"]
    assert ("00008", date(2015, 1, 1), None) in periods(database, "cispd-nord")
    assert "00002" not in {code for code, _, _ in periods(database, "cispd-nord")}
    entry = history(database, DEPARTEMENT)[0]
    assert entry.action == "fusion de communes" and "Hautelande" in entry.sentence
    undo(database, DEPARTEMENT, entry.id, "mairie")
    assert records.memberships(database, DEPARTEMENT).equals(before)


def test_parts_of_one_commune_sit_once(database: Database, communes: dict[str, str]) -> None:
    """00003 has sat from 2015 to 2019 and 00002 sits since 2015: their successor sits since 2015.

    That of 00001 alone, which two councils of different types hold, sits in both.
    """
    successors = {"00002": "00008", "00003": "00008", "00001": "00007"}
    carry_over(database, DEPARTEMENT, successors, who="code géographique", communes=communes)
    assert periods(database, "cispd-nord") == [
        ("00007", date(2015, 1, 1), None),
        ("00008", date(2015, 1, 1), None),
    ]
    assert periods(database, "clspd-aubefont-00001") == [("00007", None, None)]


def test_a_commune_that_unites_two_councils_is_left_to_decide(
    database: Database, communes: dict[str, str]
) -> None:
    successors = {"00002": "00008", "00004": "00008", "00001": "00007"}
    followed, left = to_follow(records.councils(database, DEPARTEMENT), successors, communes)
    assert followed == {
        ("cispd-nord", "00001"): "00007",
        ("clspd-aubefont-00001", "00001"): "00007",
    }
    done = carry_over(database, DEPARTEMENT, successors, who="code", communes=communes)
    assert done.left == left
    (sentence,) = left
    assert "Hautelande" in sentence and "choisir" in sentence
    assert {c for c, _, _ in periods(database, "cispd-nord")} == {"00007", "00002", "00003"}
    assert ("00004", None, None) in periods(database, "cispd-sud")


def test_nothing_to_carry_writes_nothing(database: Database, communes: dict[str, str]) -> None:
    done = carry_over(database, DEPARTEMENT, {"00006": "00008"}, who="code", communes=communes)
    assert done == CarriedOver([], [])
    assert len(history(database, DEPARTEMENT)) == 1


def test_a_successor_that_does_not_exist_is_refused(
    database: Database, communes: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="00099"):
        carry_over(database, DEPARTEMENT, {"00002": "00099"}, who="code", communes=communes)
