"""Which addresses are taken, and what a migration leaves behind."""

import shutil
import sqlite3
import traceback
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from diagnostics.councils import database as databases
from diagnostics.councils import edits, records, schema
from diagnostics.councils.database import Database, migrate, open_database
from diagnostics.councils.history import history
from diagnostics.councils.seeding import seed
from diagnostics.councils.undoing import undo
from diagnostics.errors import Refused
from tests.councils.lists import DEPARTEMENT, seed_table

SECRET = "m0tdepasse"


def test_the_migrations_make_the_tables_of_the_schema(empty: Database) -> None:
    with empty.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_a_database_is_opened_again_as_it_was(address: str) -> None:
    first = open_database(url=address)
    seed(first, DEPARTEMENT, seed_table())
    held = records.councils(first, DEPARTEMENT)
    first.close()
    second = open_database(url=address)
    assert records.councils(second, DEPARTEMENT) == held
    second.close()


def test_the_default_is_a_file_beside_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(databases.VARIABLE, raising=False)
    monkeypatch.setenv("DIAGNOSTIC_STORE", str(tmp_path / "nouveau"))
    opened = open_database()
    seed(opened, DEPARTEMENT, seed_table())
    opened.close()
    file = tmp_path / "nouveau-conseils" / databases.FILE_NAME
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT count(*) FROM council").fetchone() == (3,)
    assert not (file.parent / databases.BACKUPS).exists(), "there was nothing to copy"


def test_the_variable_names_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(databases.VARIABLE, f"sqlite:///{tmp_path}/ailleurs.sqlite")
    open_database(tmp_path / "ignore").close()
    assert (tmp_path / "ailleurs.sqlite").is_file() and not (tmp_path / "ignore").exists()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://compte:{SECRET}@127.0.0.1:1/base",
        f"postgres://compte:{SECRET}@127.0.0.1:1/base",
        f"postgresql://compte:{SECRET}@127.0.0.1:port/base",
        f"postgresql://compte:x@{SECRET}@127.0.0.1:1/base",
        f"mysql://compte:{SECRET}@127.0.0.1/base",
        f"compte:{SECRET}",
        f"://{SECRET}",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        open_database(url=url)
    sentence = str(refusal.value)
    assert SECRET not in sentence and "\n" not in sentence
    assert "DIAGNOSTIC_DATABASE_URL" in sentence
    # Nor is it in the trace that a log would keep.
    assert SECRET not in "".join(traceback.format_exception(refusal.value))


def test_a_password_that_the_server_refuses_is_not_said(postgresql_server: str) -> None:
    url = sa.make_url(postgresql_server).set(username="inconnu", password=SECRET)
    with pytest.raises(Refused) as refusal:
        open_database(url=url.render_as_string(hide_password=False))
    assert SECRET not in str(refusal.value) and "PostgreSQL" in str(refusal.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / databases.FILE_NAME).write_text("ceci n’est pas une base\n" * 100)
    with pytest.raises(Refused, match="ne peut pas être lue"):
        open_database(url=f"sqlite:///{tmp_path / databases.FILE_NAME}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    with pytest.raises(Refused, match="ne peut pas être créé"):
        open_database(url=f"sqlite:///{tmp_path}/fichier/dossier/conseils.sqlite")


def test_a_database_of_a_newer_version_is_left_alone(address: str) -> None:
    opened = open_database(url=address)
    with opened.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="version plus récente"):
        migrate(opened.engine)
    opened.close()


def old_database(address: str) -> Database:
    """Return a database that the first version of the tables holds, with one council."""
    engine = databases._engine(databases._address(address))
    migrate(engine, "0001")
    old = Database(engine)
    with old.writing() as connection:
        for statement in (
            "INSERT INTO departement (code, revision) VALUES ('00', 1)",
            "INSERT INTO council (departement, id, type, name, status, source, removed, version) "
            "VALUES ('00', 'cispd-nord', 'cispd', 'CISPD Nord', 'attesté', 'x', false, 2)",
            "INSERT INTO membership (departement, council_id, code_insee, source) "
            "VALUES ('00', 'cispd-nord', '00001', '')",
            "INSERT INTO entry (departement, at, who, action, sentence) VALUES "
            "('00', '2026-01-02 03:04:05', 'mairie', 'modification', 'Renomme.')",
            'INSERT INTO change (entry_id, departement, council_id, version, "before", "after") '
            "VALUES (1, '00', 'cispd-nord', 2, "
            '\'{"departement": "00", "id": "cispd-nord", "type": "cispd", "name": "Avant", '
            '"status": "attesté", "source": "x", "members": [{"code_insee": "00001"}]}\', '
            '\'{"departement": "00", "id": "cispd-nord", "type": "cispd", "name": "CISPD Nord", '
            '"status": "attesté", "source": "x", "members": [{"code_insee": "00001"}]}\')',
        ):
            connection.exec_driver_sql(statement)
    return old


def test_a_migration_keeps_everything_and_its_history(address: str) -> None:
    old_database(address).close()
    opened = open_database(url=address)
    (council,) = records.councils(opened, "00")
    assert (council.name, council.logo, council.version) == ("CISPD Nord", "", 2)
    assert [m.code_insee for m in council.members] == ["00001"]
    (entry,) = history(opened, "00")
    assert entry.undoable
    (undone,) = undo(opened, "00", entry.id, "mairie")
    assert undone.name == "Avant"
    opened.close()


def test_an_sqlite_file_is_copied_before_a_migration(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'conseils.sqlite'}"
    old_database(address).close()
    open_database(url=address).close()
    (copy,) = (tmp_path / databases.BACKUPS).iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert connection.execute("SELECT name FROM council").fetchone() == ("CISPD Nord",)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(council)")}
        assert "logo" not in columns
    # Opened again, there is nothing to migrate and nothing to copy.
    open_database(url=address).close()
    assert list((tmp_path / databases.BACKUPS).iterdir()) == [copy]


def test_a_reader_sees_one_state_while_somebody_saves(database: Database) -> None:
    nord = records.council(database, DEPARTEMENT, "cispd-nord")
    with database.reading() as connection:
        before = records.held_councils(connection, DEPARTEMENT)
        edits.change(database, nord, who="mairie", name="Autre")
        assert records.held_councils(connection, DEPARTEMENT) == before
    assert records.council(database, DEPARTEMENT, "cispd-nord").name == "Autre"


def test_work_that_fails_is_not_saved(database: Database) -> None:
    before = records.councils(database, DEPARTEMENT)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(sa.delete(schema.membership))
        1 / 0  # noqa: B018
    assert records.councils(database, DEPARTEMENT) == before


def test_a_reference_to_nothing_is_not_kept(database: Database) -> None:
    row = {"departement": "00", "council_id": "nul", "code_insee": "00001", "source": ""}
    with pytest.raises(sa.exc.IntegrityError), database.writing() as connection:
        connection.execute(sa.insert(schema.membership).values(row))


def test_the_file_alone_holds_what_is_saved(tmp_path: Path) -> None:
    """Who copies the file, and not the journal beside it, has the list all the same."""
    opened = open_database(tmp_path)
    assert seed(opened, DEPARTEMENT, seed_table())
    copy = tmp_path / "copie.sqlite"
    shutil.copyfile(tmp_path / "conseils.sqlite", copy)
    again = open_database(url=f"sqlite:///{copy}")
    assert records.councils(again, DEPARTEMENT) == records.councils(opened, DEPARTEMENT)
    opened.close()
    again.close()
