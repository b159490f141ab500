"""What is seeded comes back as it was, in the format that the rest of the product reads."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from diagnostics import territories
from diagnostics.councils import records
from diagnostics.councils.database import Database
from diagnostics.councils.history import history
from diagnostics.councils.seeding import seed
from diagnostics.errors import Refused
from tests.councils.lists import DEPARTEMENT, seed_table

ORDER = ["territory_id", "code_insee", "start"]


def test_the_seed_comes_back_row_for_row(database: Database) -> None:
    expected = seed_table().sort_values(ORDER[:2], ignore_index=True)
    pd.testing.assert_frame_equal(records.memberships(database, DEPARTEMENT), expected)


def test_a_seed_of_the_repository_survives_the_database_and_its_file(
    empty: Database, tmp_path: Path
) -> None:
    file = territories.SEEDS / "77.csv"
    seeded = territories.read_memberships(file).sort_values(ORDER[:2], ignore_index=True)
    assert seed(empty, "77", seeded)
    held = records.memberships(empty, "77")
    pd.testing.assert_frame_equal(held, seeded)
    exported = tmp_path / "77.csv"
    exported.write_bytes(records.export_csv(held))
    # The file has no narrow space, which old encodings lack.
    wide = seeded.assign(source=seeded["source"].str.replace("\u202f", "\u00a0"))
    pd.testing.assert_frame_equal(territories.read_memberships(exported), wide)


def test_a_seed_is_taken_once(database: Database) -> None:
    other = seed_table().assign(name="Autre")
    assert not seed(database, DEPARTEMENT, other)
    assert {c.name for c in records.councils(database, DEPARTEMENT)} == {
        "CISPD Nord",
        "CISPD Sud",
        "CLSPD d’Aubefont",
    }
    (entry,) = history(database, DEPARTEMENT)
    assert entry.action == "départ" and not entry.undoable


def test_the_members_of_a_day(database: Database) -> None:
    nord = records.council(database, DEPARTEMENT, "cispd-nord")
    assert nord.codes(date(2019, 12, 31)) == ["00001", "00002", "00003"]
    assert nord.codes(date(2020, 1, 1)) == ["00001", "00002"]
    assert nord.codes(date(2014, 12, 31)) == []
    table = records.memberships(database, DEPARTEMENT, on=date(2014, 1, 1))
    assert sorted(table["code_insee"]) == ["00001", "00004", "00005"]
    pd.testing.assert_frame_equal(
        records.memberships(database, DEPARTEMENT, on=date(2020, 1, 1)),
        territories.current(
            records.memberships(database, DEPARTEMENT), date(2020, 1, 1)
        ).reset_index(drop=True),
    )


def test_a_departement_without_list_has_an_empty_table(empty: Database) -> None:
    table = records.memberships(empty, "99")
    assert table.empty and list(table.columns) == territories.COLUMNS
    assert records.export_csv(table).decode().splitlines() == [
        "territoire_id;type;nom;code_commune;du;au;statut;source"
    ]


def test_an_unknown_council_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="inconnu"):
        records.council(database, DEPARTEMENT, "inconnu")


def test_a_seed_that_contradicts_itself_is_refused(empty: Database) -> None:
    table = seed_table()
    table.loc[0, "name"] = "Autre nom"
    with pytest.raises(Refused, match="plusieurs noms"):
        seed(empty, DEPARTEMENT, table)
    assert records.councils(empty, DEPARTEMENT) == []
    assert seed(empty, DEPARTEMENT, seed_table())
