"""Each operation on the list: what it leaves, what it writes in the history, what it refuses."""

from datetime import date, timedelta

import pandas as pd
import pytest

from diagnostics.councils import edits, records
from diagnostics.councils.database import Database
from diagnostics.councils.history import Conflict, Entry, history
from diagnostics.councils.records import Council
from diagnostics.councils.seeding import seed
from diagnostics.councils.undoing import coming_back, undo
from diagnostics.errors import Refused
from diagnostics.territories import TO_CONFIRM
from tests.councils.lists import DEPARTEMENT, seed_table
from tests.publisher_files import spaced

NEW_YEAR = date(2024, 1, 1)
EVE = date(2023, 12, 31)


def held(database: Database, council_id: str) -> Council:
    return records.council(database, DEPARTEMENT, council_id)


def newest(database: Database) -> Entry:
    return history(database, DEPARTEMENT)[0]


def create(database: Database, communes: dict[str, str], **changed: object) -> Council:
    given = {
        "type": "cispd",
        "name": "CISPD de l’Est",
        "codes": ["00006", "00007"],
        "since": NEW_YEAR,
        "who": "préfecture",
        "communes": communes,
        "source": "Délibération",
    } | changed
    return edits.create(database, DEPARTEMENT, **given)  # type: ignore[arg-type]


# Create


def test_a_council_is_created_with_its_members(
    database: Database, communes: dict[str, str]
) -> None:
    made = create(database, communes)
    assert made == held(database, "cispd-de-l-est")
    assert (made.version, made.status, made.checked) == (1, "attesté", None)
    assert made.codes(NEW_YEAR) == ["00006", "00007"] and made.codes(EVE) == []
    entry = newest(database)
    assert (entry.who, entry.action, entry.council_ids) == (
        "préfecture",
        "création",
        ("cispd-de-l-est",),
    )
    assert "Fontbrune, Grandpuits" in entry.sentence and "1er janvier 2024" in entry.sentence


def test_an_id_is_never_given_twice(database: Database, communes: dict[str, str]) -> None:
    first = create(database, communes)
    undo(database, DEPARTEMENT, newest(database).id, "préfecture")
    second = create(database, communes)
    assert (first.id, second.id) == ("cispd-de-l-est", "cispd-de-l-est-2")
    edits.change(database, second, who="préfecture", name="CISPD Est")
    assert create(database, communes, codes=["00008"]).id == "cispd-de-l-est-3"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"codes": []}, "Aucune commune"),
        ({"codes": ["00009"]}, "00009"),
        ({"codes": ["00001"]}, "Aubefont.*siège déjà"),
        ({"name": "cispd nord"}, "s’appelle déjà"),
        ({"name": "  "}, "vide"),
        ({"name": "=SOMME(A1)"}, "formule"),
        ({"name": "a\x00b"}, r"invisible \(U\+0000\)"),
        ({"name": "a\u202eb"}, r"invisible \(U\+202E\)"),
        ({"name": "n" * 151}, "au plus 150"),
        ({"name": "deux\nlignes"}, "une ligne"),
        ({"type": "conseil"}, "type « conseil »".replace("« ", "«\u202f").replace(" »", "\u202f»")),
        ({"status": "certain"}, "statut"),
        ({"source": ""}, "attesté a une source"),
        ({"who": ""}, "vide"),
        ({"who": "quelqu.un@exemple.fr"}, "adresse électronique"),
        ({"since": date(203, 1, 1)}, "203"),
    ],
)
def test_a_council_that_cannot_be_is_refused(
    database: Database, communes: dict[str, str], changed: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        create(database, communes, **changed)
    assert len(records.councils(database, DEPARTEMENT)) == 3
    assert len(history(database, DEPARTEMENT)) == 1


def test_a_commune_sits_in_councils_of_different_types(
    database: Database, communes: dict[str, str]
) -> None:
    create(database, communes, type="clspd", name="CLSPD de Beaumorte", codes=["00002"])
    create(database, communes, type="contrat", name="Contrat A", codes=["00002"])
    create(database, communes, type="contrat", name="Contrat B", codes=["00002"])
    table = records.memberships(database, DEPARTEMENT, on=NEW_YEAR)
    assert (table["code_insee"] == "00002").sum() == 4


def test_a_departement_without_list_is_not_edited(
    empty: Database, communes: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="pas encore de liste"):
        create(empty, communes)


# Describe


def test_a_council_is_renamed_and_keeps_its_id(database: Database) -> None:
    seen = held(database, "cispd-nord")
    made = edits.change(
        database, seen, who="mairie", name="CISPD du Grand Nord", checked=date(2024, 3, 1)
    )
    assert made == held(database, "cispd-nord")
    assert (made.name, made.version, made.members) == (
        "CISPD du Grand Nord",
        seen.version + 1,
        seen.members,
    )
    assert "vérifié le 1er mars 2024" in newest(database).sentence


def test_a_council_is_attested_with_its_source_only(database: Database) -> None:
    seen = held(database, "clspd-aubefont-00001")
    with pytest.raises(Refused, match="source"):
        edits.change(database, seen, who="mairie", status="attesté", source="")
    made = edits.change(database, seen, who="mairie", status="attesté", source="Arrêté de 2020")
    assert (made.status, made.source) == ("attesté", "Arrêté de 2020")
    assert TO_CONFIRM in newest(database).sentence


def test_a_change_that_changes_nothing_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="Rien"):
        edits.change(database, held(database, "cispd-nord"), who="mairie", name="CISPD Nord")


def test_a_check_of_tomorrow_is_refused(database: Database) -> None:
    tomorrow = date.today() + timedelta(days=1)
    with pytest.raises(Refused, match="avenir"):
        edits.change(database, held(database, "cispd-nord"), who="mairie", checked=tomorrow)


# Members


def test_a_commune_enters_from_a_day(database: Database, communes: dict[str, str]) -> None:
    made = edits.add_communes(
        database,
        held(database, "cispd-nord"),
        ["00008"],
        NEW_YEAR,
        who="préfecture",
        communes=communes,
        source="Délibération du 12 décembre",
    )
    assert "00008" in made.codes(NEW_YEAR) and "00008" not in made.codes(EVE)
    table = records.memberships(database, DEPARTEMENT).set_index("code_insee")
    assert table.loc["00008", "source"] == "Délibération du 12 décembre"
    assert table.loc["00002", "source"] == "CC du Nord"


def test_a_commune_leaves_the_day_before(database: Database, communes: dict[str, str]) -> None:
    made = edits.remove_communes(
        database,
        held(database, "cispd-nord"),
        ["00002"],
        NEW_YEAR,
        who="préfecture",
        communes=communes,
    )
    assert "00002" in made.codes(EVE) and "00002" not in made.codes(NEW_YEAR)


def test_a_commune_comes_back(database: Database, communes: dict[str, str]) -> None:
    seen = held(database, "cispd-nord")
    made = edits.add_communes(
        database, seen, ["00003"], NEW_YEAR, who="préfecture", communes=communes
    )
    periods = [(m.start, m.end) for m in made.members if m.code_insee == "00003"]
    assert periods == [(date(2015, 1, 1), date(2019, 12, 31)), (NEW_YEAR, None)]


def test_a_commune_that_leaves_the_day_it_entered_was_never_there(
    database: Database, communes: dict[str, str]
) -> None:
    seen = held(database, "cispd-nord")
    made = edits.add_communes(
        database, seen, ["00008"], NEW_YEAR, who="préfecture", communes=communes
    )
    made = edits.remove_communes(
        database, made, ["00008"], NEW_YEAR, who="préfecture", communes=communes
    )
    assert made.members == seen.members


@pytest.mark.parametrize(
    ("code", "since", "reason"),
    [
        ("00002", NEW_YEAR, "siège déjà"),
        ("00003", date(2019, 12, 31), "siège déjà"),
        ("00004", NEW_YEAR, "siège déjà.*CISPD Sud"),
        ("00002", None, "siège déjà"),
        ("77001", NEW_YEAR, "77001"),
    ],
)
def test_an_entry_that_contradicts_the_list_is_refused(
    database: Database, communes: dict[str, str], code: str, since: date | None, reason: str
) -> None:
    seen = held(database, "cispd-nord")
    with pytest.raises(Refused, match=reason):
        edits.add_communes(database, seen, [code], since, who="préfecture", communes=communes)
    assert held(database, "cispd-nord") == seen


@pytest.mark.parametrize(
    ("code", "since"), [("00003", NEW_YEAR), ("00002", date(2014, 1, 1)), ("00008", NEW_YEAR)]
)
def test_who_is_not_a_member_does_not_leave(
    database: Database, communes: dict[str, str], code: str, since: date
) -> None:
    seen = held(database, "cispd-nord")
    with pytest.raises(Refused, match="ne siège pas"):
        edits.remove_communes(database, seen, [code], since, who="préfecture", communes=communes)


@pytest.mark.parametrize(
    ("wanted", "action", "told"),
    [
        (["00001", "00002", "00006"], "entrée", "Fontbrune : entrée dans « CISPD Nord »"),
        (["00001", "00002", "00004"], "passage", "Dormeuil : de « CISPD Sud » à « CISPD Nord »"),
        (["00001"], "sortie", "Beaumorte : sortie de « CISPD Nord »"),
        (["00001", "00004", "00008"], "entrée", "Hautelande : entrée dans « CISPD Nord » ; Dorm"),
    ],
)
def test_the_members_become_those_wanted_in_one_change_that_is_undone_as_one(
    database: Database, communes: dict[str, str], wanted: list[str], action: str, told: str
) -> None:
    before = records.councils(database, DEPARTEMENT)
    seen = held(database, "cispd-nord")
    made = edits.set_members(
        database, seen, wanted, NEW_YEAR, councils=before, who="préfecture", communes=communes
    )
    assert made == held(database, "cispd-nord") and made.codes(NEW_YEAR) == wanted
    assert made.codes(EVE) == seen.codes(EVE)
    south = held(database, "cispd-sud")
    assert south.codes(EVE) == ["00004", "00005"]
    assert south.codes(NEW_YEAR) == sorted({"00004", "00005"} - set(wanted))
    entry = newest(database)
    assert entry.action == action and told in spaced(entry.sentence)
    assert entry.sentence.endswith(", à partir du 1er janvier 2024.")
    undo(database, DEPARTEMENT, entry.id, "mairie")
    after = records.councils(database, DEPARTEMENT)
    assert [c.members for c in after] == [c.members for c in before]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (["00001", "00002"], "n’entre ni ne sort"),
        ([], "aucune commune"),
        (["00001", "77001"], "77001"),
    ],
)
def test_members_that_cannot_be_are_refused(
    database: Database, communes: dict[str, str], wanted: list[str], reason: str
) -> None:
    before = records.councils(database, DEPARTEMENT)
    with pytest.raises(Refused, match=reason):
        edits.set_members(
            database,
            held(database, "cispd-nord"),
            wanted,
            NEW_YEAR,
            councils=before,
            who="préfecture",
            communes=communes,
        )
    assert records.councils(database, DEPARTEMENT) == before


def test_a_passage_waits_for_the_council_that_is_left_too(
    database: Database, communes: dict[str, str]
) -> None:
    on_screen = records.councils(database, DEPARTEMENT)
    edits.change(database, held(database, "cispd-sud"), who="mairie", name="CISPD du Midi")
    with pytest.raises(Conflict, match="CISPD du Midi"):
        edits.set_members(
            database,
            held(database, "cispd-nord"),
            ["00001", "00002", "00004"],
            NEW_YEAR,
            councils=on_screen,
            who="préfecture",
            communes=communes,
        )
    assert held(database, "cispd-nord").codes() == ["00001", "00002"]


@pytest.fixture
def overlapping(empty: Database) -> Database:
    """Return a list that came with 00002 in both CISPD at once."""
    table = seed_table()
    twice = table[table["code_insee"] == "00004"].assign(code_insee="00002")
    assert seed(empty, DEPARTEMENT, pd.concat([table, twice], ignore_index=True))
    return empty


@pytest.mark.parametrize("council_id", ["cispd-nord", "cispd-sud"])
def test_a_commune_that_sits_twice_is_taken_out_of_either_council(
    overlapping: Database, communes: dict[str, str], council_id: str
) -> None:
    seen = held(overlapping, council_id)
    made = edits.remove_communes(
        overlapping, seen, ["00002"], NEW_YEAR, who="préfecture", communes=communes
    )
    assert "00002" in made.codes(EVE) and "00002" not in made.codes(NEW_YEAR)


def test_a_council_that_shares_a_commune_can_end_and_its_period_cannot_grow(
    overlapping: Database, communes: dict[str, str]
) -> None:
    made = edits.end(overlapping, held(overlapping, "cispd-nord"), NEW_YEAR, who="préfecture")
    assert made.ended == EVE
    with pytest.raises(Refused, match=r"siège déjà.*CISPD Sud"):
        edits.add_communes(
            overlapping, made, ["00002"], date(2025, 1, 1), who="préfecture", communes=communes
        )


# Several councils


def test_a_council_splits_from_a_day(database: Database, communes: dict[str, str]) -> None:
    old, new = edits.split(
        database,
        held(database, "cispd-nord"),
        ["00002"],
        NEW_YEAR,
        name="CISPD du Nord-Est",
        who="préfecture",
        communes=communes,
    )
    assert (old.codes(EVE), old.codes(NEW_YEAR)) == (["00001", "00002"], ["00001"])
    assert (new.codes(EVE), new.codes(NEW_YEAR)) == ([], ["00002"])
    assert newest(database).council_ids == ("cispd-du-nord-est", "cispd-nord")


def test_a_council_does_not_split_whole(database: Database, communes: dict[str, str]) -> None:
    with pytest.raises(Refused, match="Toutes les communes"):
        edits.split(
            database,
            held(database, "cispd-nord"),
            ["00001", "00002"],
            NEW_YEAR,
            name="Autre",
            who="préfecture",
            communes=communes,
        )


def test_councils_merge_from_a_day(database: Database, communes: dict[str, str]) -> None:
    nord, sud = held(database, "cispd-nord"), held(database, "cispd-sud")
    made = edits.merge(
        database, nord, [sud], NEW_YEAR, who="préfecture", communes=communes, name="CISPD Uni"
    )
    assert made.id == "cispd-nord" and made.name == "CISPD Uni"
    assert made.codes(NEW_YEAR) == ["00001", "00002", "00004", "00005"]
    assert made.codes(EVE) == ["00001", "00002"]
    ended = held(database, "cispd-sud")
    assert ended.codes(EVE) == ["00004", "00005"] and ended.ended == EVE
    table = records.memberships(database, DEPARTEMENT, on=NEW_YEAR)
    assert not table.duplicated(["type", "code_insee"]).any()


def test_a_council_does_not_merge_with_itself(database: Database, communes: dict[str, str]) -> None:
    nord = held(database, "cispd-nord")
    for absorbed in ([], [nord]):
        with pytest.raises(Refused, match="au moins deux"):
            edits.merge(database, nord, absorbed, NEW_YEAR, who="préfecture", communes=communes)


def test_a_council_ends(database: Database) -> None:
    made = edits.end(database, held(database, "cispd-sud"), NEW_YEAR, who="préfecture")
    assert made.ended == EVE and made.codes(NEW_YEAR) == []
    assert made in records.councils(database, DEPARTEMENT)
    with pytest.raises(Refused, match="pas de commune"):
        edits.end(database, made, NEW_YEAR, who="préfecture")


# Two people


def test_the_second_of_two_people_is_told_and_nothing_is_lost(
    database: Database, communes: dict[str, str]
) -> None:
    seen = held(database, "cispd-nord")
    edits.change(database, seen, who="mairie d’Aubefont", name="CISPD du Nord")
    with pytest.raises(Conflict) as told:
        edits.add_communes(database, seen, ["00008"], NEW_YEAR, who="préfecture", communes=communes)
    conflict = told.value
    sentence = str(conflict)
    assert "mairie d’Aubefont" in sentence and "CISPD du Nord" in sentence
    assert f"{date.today():%d/%m/%Y}" in sentence
    # What is held is the first edit; the second is given back, ready to be done again.
    (now,) = conflict.current
    assert now == held(database, "cispd-nord") and now.name == "CISPD du Nord"
    assert [e.who for e in conflict.entries] == ["mairie d’Aubefont"]
    (refused,) = conflict.attempt
    assert "00008" in refused.codes(NEW_YEAR)
    made = edits.add_communes(
        database, now, ["00008"], NEW_YEAR, who="préfecture", communes=communes
    )
    assert made.name == "CISPD du Nord" and "00008" in made.codes(NEW_YEAR)


def test_a_merge_waits_for_none_of_its_councils(
    database: Database, communes: dict[str, str]
) -> None:
    nord, sud = held(database, "cispd-nord"), held(database, "cispd-sud")
    edits.change(database, sud, who="mairie", name="CISPD du Sud")
    with pytest.raises(Conflict, match="CISPD du Sud"):
        edits.merge(database, nord, [sud], NEW_YEAR, who="préfecture", communes=communes)
    assert held(database, "cispd-nord") == nord


# Undo


def test_undo_brings_back_what_was(database: Database, communes: dict[str, str]) -> None:
    before = records.memberships(database, DEPARTEMENT)
    edits.remove_communes(
        database,
        held(database, "cispd-nord"),
        ["00002"],
        NEW_YEAR,
        who="préfecture",
        communes=communes,
    )
    done = newest(database)
    assert done.undoable and not done.undone
    undo(database, DEPARTEMENT, done.id, "mairie")
    assert records.memberships(database, DEPARTEMENT).equals(before)
    undoing, undone, _ = history(database, DEPARTEMENT)
    assert undone.undone and not undone.undoable
    assert (undoing.who, undoing.action) == ("mairie", "annulation") and undoing.undoable
    with pytest.raises(Refused, match="déjà annulé"):
        undo(database, DEPARTEMENT, done.id, "mairie")


def test_an_undo_can_be_undone(database: Database) -> None:
    made = edits.change(database, held(database, "cispd-nord"), who="mairie", name="Autre")
    done = newest(database)
    undo(database, DEPARTEMENT, done.id, "mairie")
    undo(database, DEPARTEMENT, newest(database).id, "mairie")
    assert held(database, "cispd-nord").name == made.name
    by_id = {e.id: e for e in history(database, DEPARTEMENT)}
    assert by_id[done.id].undoable and not by_id[done.id].undone
    undo(database, DEPARTEMENT, done.id, "mairie")
    assert held(database, "cispd-nord").name == "CISPD Nord"


def test_changes_are_undone_newest_first(database: Database, communes: dict[str, str]) -> None:
    start = held(database, "cispd-nord")
    edits.change(database, start, who="mairie", name="Un")
    first = newest(database)
    edits.change(database, held(database, "cispd-nord"), who="mairie", name="Deux")
    second = newest(database)
    with pytest.raises(Refused, match="a changé depuis"):
        undo(database, DEPARTEMENT, first.id, "mairie")
    assert not {e.id: e for e in history(database, DEPARTEMENT)}[first.id].undoable
    undo(database, DEPARTEMENT, second.id, "mairie")
    undo(database, DEPARTEMENT, first.id, "mairie")
    assert held(database, "cispd-nord").name == start.name
    # Another council does not stand in the way.
    edits.change(database, held(database, "cispd-nord"), who="mairie", name="Trois")
    third = newest(database)
    edits.change(database, held(database, "cispd-sud"), who="mairie", name="Quatre")
    undo(database, DEPARTEMENT, third.id, "mairie")


@pytest.mark.parametrize("operation", ["split", "merge"])
def test_undo_brings_back_every_council_that_was_touched(
    database: Database, communes: dict[str, str], operation: str
) -> None:
    before = records.memberships(database, DEPARTEMENT)
    nord, sud = held(database, "cispd-nord"), held(database, "cispd-sud")
    if operation == "split":
        edits.split(
            database, nord, ["00002"], NEW_YEAR, name="Est", who="mairie", communes=communes
        )
    else:
        edits.merge(database, nord, [sud], NEW_YEAR, who="mairie", communes=communes)
    assert not records.memberships(database, DEPARTEMENT).equals(before)
    undo(database, DEPARTEMENT, newest(database).id, "mairie")
    assert records.memberships(database, DEPARTEMENT).equals(before)


def test_undo_of_a_split_whose_new_council_has_changed_is_refused(
    database: Database, communes: dict[str, str]
) -> None:
    _, new = edits.split(
        database,
        held(database, "cispd-nord"),
        ["00002"],
        NEW_YEAR,
        name="Est",
        who="mairie",
        communes=communes,
    )
    done = newest(database)
    edits.change(database, new, who="mairie", name="Est autrement")
    with pytest.raises(Refused, match=r"Est autrement.*a changé depuis"):
        undo(database, DEPARTEMENT, done.id, "mairie")


def test_undo_does_not_put_a_commune_in_two_councils(
    database: Database, communes: dict[str, str]
) -> None:
    edits.remove_communes(
        database,
        held(database, "cispd-nord"),
        ["00002"],
        NEW_YEAR,
        who="mairie",
        communes=communes,
    )
    done = newest(database)
    edits.add_communes(
        database,
        held(database, "cispd-sud"),
        ["00002"],
        NEW_YEAR,
        who="mairie",
        communes=communes,
    )
    with pytest.raises(Refused, match=r"siège déjà.*CISPD Sud"):
        undo(database, DEPARTEMENT, done.id, "mairie")


def test_what_is_not_in_the_history_is_not_undone(database: Database) -> None:
    with pytest.raises(Refused, match="n’est pas dans l’historique"):
        undo(database, DEPARTEMENT, 999, "mairie")
    with pytest.raises(Refused, match="liste de départ"):
        undo(database, DEPARTEMENT, newest(database).id, "mairie")


def test_the_history_of_one_council(database: Database) -> None:
    edits.change(database, held(database, "cispd-nord"), who="mairie", name="Un")
    edits.change(database, held(database, "cispd-sud"), who="mairie", name="Deux")
    (entry,) = history(database, DEPARTEMENT, "cispd-nord")
    assert "Un" in entry.sentence and entry.at.tzinfo is not None


def test_an_undo_says_beforehand_what_it_would_bring_back(
    database: Database, communes: dict[str, str]
) -> None:
    def back() -> list[str]:
        entry = history(database, DEPARTEMENT)[0]
        return coming_back(database, DEPARTEMENT, [entry], communes)[entry.id]

    nord = records.council(database, DEPARTEMENT, "cispd-nord")
    edits.set_members(
        database,
        nord,
        ["00001", "00002", "00004"],
        date(2026, 1, 1),
        councils=records.councils(database, DEPARTEMENT),
        who="mairie",
        communes=communes,
    )
    assert back() == [
        "Dormeuil (00004) dans «\u202fCISPD Nord\u202f», depuis le 1er janvier 2026, est retirée.",
        "Dormeuil (00004) dans «\u202fCISPD Sud\u202f», depuis une date non connue jusqu’au "
        "31 décembre 2025 devient depuis une date non connue.",
    ]
    nord = records.council(database, DEPARTEMENT, "cispd-nord")
    edits.change(database, nord, who="mairie", name="CISPD du Nord", checked=date(2026, 2, 1))
    assert back() == [
        "«\u202fCISPD Nord\u202f», «\u202fCISPD du Nord\u202f» devient «\u202fCISPD Nord\u202f».",
        "«\u202fCISPD Nord\u202f», sans date de vérification.",
    ]
    edits.create(
        database,
        DEPARTEMENT,
        type="contrat",
        name="Contrat",
        codes=["00006"],
        since=None,
        who="mairie",
        communes=communes,
        source="arrêté",
    )
    assert back() == ["«\u202fContrat\u202f» quitte la liste."]
    seed_entry = history(database, DEPARTEMENT)[-1]
    assert coming_back(database, DEPARTEMENT, [seed_entry], communes) == {}
