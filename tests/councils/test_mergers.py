"""A merger of communes carries their memberships along; what has several answers is asked."""

from datetime import date

import pytest

from diagnostics.councils import records
from diagnostics.councils.database import Database
from diagnostics.councils.history import Conflict, begun, history
from diagnostics.councils.mergers import (
    Dispute,
    Movement,
    Movements,
    answer,
    carry_over,
    disputes,
    followed,
    questions,
    settle,
)
from diagnostics.councils.records import Council, Member
from diagnostics.councils.undoing import undo
from tests.councils.lists import COMMUNES, DEPARTEMENT

WHO = "code géographique"
MERGED_ON = date(2024, 1, 1)


def merging(successors: dict[str, str], on: date | None = MERGED_ON) -> Movements:
    return Movements(
        {
            code: Movement(code, COMMUNES[code], other, COMMUNES[other], on)
            for code, other in successors.items()
        },
        (),
    )


def parting(code: str, other: str, on: date) -> Movements:
    return Movements({}, (Movement(code, COMMUNES[code], other, COMMUNES[other], on),))


def councils(database: Database) -> list[Council]:
    return records.councils(database, DEPARTEMENT)


def council(database: Database, council_id: str) -> Council:
    return records.council(database, DEPARTEMENT, council_id)


def periods(database: Database, council_id: str) -> list[tuple[str, date | None, date | None]]:
    return [(m.code_insee, m.start, m.end) for m in council(database, council_id).members]


def test_the_successor_sits_where_its_part_sat(database: Database) -> None:
    before = records.memberships(database, DEPARTEMENT)
    (done,) = carry_over(database, DEPARTEMENT, merging({"00002": "00008"}), who=WHO)
    assert done.id == "cispd-nord"
    assert ("00008", date(2015, 1, 1), None) in periods(database, "cispd-nord")
    assert "00002" not in {code for code, _, _ in periods(database, "cispd-nord")}
    entry = history(database, DEPARTEMENT)[0]
    assert entry.action == "fusion de communes" and entry.who == WHO
    assert "Beaumorte (00002) devient Hautelande (00008)" in entry.sentence
    undo(database, DEPARTEMENT, entry.id, "mairie")
    assert records.memberships(database, DEPARTEMENT).equals(before)


def test_parts_of_one_commune_sit_once(database: Database) -> None:
    """00003 has sat from 2015 to 2019 and 00002 sits since 2015: their successor sits since 2015.

    That of 00001 alone, which two councils of different types hold, sits in both.
    """
    moves = merging({"00002": "00008", "00003": "00008", "00001": "00007"})
    carry_over(database, DEPARTEMENT, moves, who=WHO)
    assert periods(database, "cispd-nord") == [
        ("00007", date(2015, 1, 1), None),
        ("00008", date(2015, 1, 1), None),
    ]
    assert periods(database, "clspd-aubefont-00001") == [("00007", None, None)]


UNITING = {"00002": "00008", "00004": "00008", "00001": "00007"}


def test_a_commune_that_unites_two_councils_is_left_to_decide(database: Database) -> None:
    moves = merging(UNITING)
    assert [c.id for c in followed(councils(database), moves)] == [
        "cispd-nord",
        "clspd-aubefont-00001",
    ]
    (dispute,) = disputes(councils(database), moves)
    assert dispute == Dispute(
        "cispd", "00008", "Hautelande", MERGED_ON, ("cispd-nord", "cispd-sud")
    )
    assert "Hautelande (00008)" in dispute.sentence and "choisir" in dispute.sentence
    carry_over(database, DEPARTEMENT, moves, who=WHO)
    assert {c for c, _, _ in periods(database, "cispd-nord")} == {"00007", "00002", "00003"}
    assert ("00004", None, None) in periods(database, "cispd-sud")
    assert disputes(councils(database), moves) == [dispute]


def test_a_decision_gives_the_commune_to_one_council_from_the_day_of_the_merger(
    database: Database,
) -> None:
    moves = merging({"00002": "00008", "00004": "00008"})
    before = records.memberships(database, DEPARTEMENT)
    (dispute,) = disputes(councils(database), moves)
    nord, sud = council(database, "cispd-nord"), council(database, "cispd-sud")
    settle(database, dispute, sud, [nord], moves, who="préfecture")
    last = date(2023, 12, 31)
    assert ("00002", date(2015, 1, 1), last) in periods(database, "cispd-nord")
    assert periods(database, "cispd-sud") == [
        ("00004", None, last),
        ("00005", None, None),
        ("00008", MERGED_ON, None),
    ]
    # It is decided: nothing is asked again, and what is past stays as it was.
    assert disputes(councils(database), moves) == []
    assert followed(councils(database), moves) == []
    entry = history(database, DEPARTEMENT)[0]
    assert "Hautelande" in entry.sentence and "CISPD Sud" in entry.sentence
    undo(database, DEPARTEMENT, entry.id, "mairie")
    assert records.memberships(database, DEPARTEMENT).equals(before)


def test_a_commune_that_takes_another_one_in_may_stay_or_pass(database: Database) -> None:
    """00004 keeps its own code: given to the council of the other, it leaves its own."""
    moves = merging({"00002": "00004"})
    (dispute,) = disputes(councils(database), moves)
    nord, sud = council(database, "cispd-nord"), council(database, "cispd-sud")
    settle(database, dispute, nord, [sud], moves, who="préfecture")
    assert ("00004", MERGED_ON, None) in periods(database, "cispd-nord")
    assert ("00004", None, date(2023, 12, 31)) in periods(database, "cispd-sud")
    undo(database, DEPARTEMENT, history(database, DEPARTEMENT)[0].id, "mairie")
    nord, sud = council(database, "cispd-nord"), council(database, "cispd-sud")
    settle(database, dispute, sud, [nord], moves, who="préfecture")
    assert ("00004", None, None) in periods(database, "cispd-sud")
    assert ("00002", date(2015, 1, 1), date(2023, 12, 31)) in periods(database, "cispd-nord")
    assert disputes(councils(database), moves) == followed(councils(database), moves) == []


def test_a_decision_on_a_council_that_has_changed_is_refused(database: Database) -> None:
    moves = merging({"00002": "00008", "00004": "00008"})
    (dispute,) = disputes(councils(database), moves)
    nord, sud = council(database, "cispd-nord"), council(database, "cispd-sud")
    settle(database, dispute, nord, [sud], moves, who="préfecture")
    with pytest.raises(Conflict):
        settle(database, dispute, sud, [nord], moves, who="mairie")


def test_nothing_to_carry_writes_nothing(database: Database) -> None:
    moves = merging({"00006": "00008"})
    assert carry_over(database, DEPARTEMENT, moves, who=WHO) == []
    assert len(history(database, DEPARTEMENT)) == 1


# A commune that is one again.

PARTED = date(date.today().year, 1, 1)


def asked(database: Database, moves: Movements) -> list[tuple[str, str]]:
    since = begun(database, DEPARTEMENT)
    assert since is not None
    found = questions(councils(database), moves, since)
    return [(question.council.id, question.movement.code) for question in found]


def test_a_commune_that_parts_is_asked_of_each_council_that_held_the_whole(
    database: Database,
) -> None:
    moves = parting("00006", "00001", PARTED)
    assert asked(database, moves) == [
        ("cispd-nord", "00006"),
        ("clspd-aubefont-00001", "00006"),
    ]
    # What parted before the list was begun was known then; so was what nobody sat in.
    assert asked(database, parting("00006", "00001", date(2014, 1, 1))) == []
    assert asked(database, parting("00006", "00007", PARTED)) == []
    assert asked(database, parting("00006", "00003", PARTED)) == []  # 00003 had left in 2019
    # One that sits in another council of the type is asked no more.
    assert asked(database, parting("00004", "00002", PARTED)) == []


@pytest.mark.parametrize(
    ("stays", "verb", "end"),
    [
        (True, "siège toujours", None),
        (False, "ne siège plus", date(PARTED.year - 1, 12, 31)),
    ],
)
def test_either_answer_is_kept_and_asked_no_more(
    database: Database, stays: bool, verb: str, end: date | None
) -> None:
    moves = parting("00006", "00002", PARTED)
    since = begun(database, DEPARTEMENT)
    assert since is not None
    (question,) = questions(councils(database), moves, since)
    assert "Fontbrune (00006)" in question.sentence and "Beaumorte" in question.sentence
    answered = answer(database, question, stays, who="préfecture")
    assert Member("00006", date(2015, 1, 1), end) in answered.members
    assert ("00006" in answered.codes()) is stays
    assert asked(database, moves) == []
    entry = history(database, DEPARTEMENT)[0]
    assert verb in entry.sentence and entry.council_ids == ("cispd-nord",)
    undo(database, DEPARTEMENT, entry.id, "mairie")
    assert asked(database, moves) == [("cispd-nord", "00006")]
