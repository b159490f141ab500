"""Open the database of councils: an SQLite file by default, PostgreSQL for several replicas.

A transaction is all or nothing, on both: a process that is killed during a save or a migration
leaves the last complete state. On SQLite, writers queue (`BEGIN IMMEDIATE`), readers see the last
committed state meanwhile (WAL), and the file is copied before each migration.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from diagnostics import store
from diagnostics.errors import Refused

FILE_NAME, BACKUPS = "conseils.sqlite", "sauvegardes"
VARIABLE = "DIAGNOSTIC_DATABASE_URL"
_MIGRATIONS = Path(__file__).parent / "migrations"
_WAIT_SECONDS = 30
_POSTGRESQL_CONNECT_SECONDS = 10
# Any number will do, as long as every replica takes the same.
_MIGRATION_LOCK = 7_713_204


@dataclass(frozen=True)
class Database:
    """An open database. It may be shared by threads; a process opens its own."""

    engine: sa.Engine

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection that sees one committed state, whatever is saved meanwhile.

        Raises:
            Refused: the database cannot be read.
        """
        with _spoken(self.engine.url), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Yield a connection whose work is saved whole when the block ends well, or not at all.

        Raises:
            Refused: the database cannot be written.
        """
        with _spoken(self.engine.url), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection
            if self.engine.dialect.name == "sqlite":
                # What is saved goes to the file itself: who copies it alone has it. Passive, it
                # waits for nobody; what a reader still holds goes at the next save.
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Let go of the file, or of the server."""
        self.engine.dispose()


def default_folder() -> Path:
    """Return the folder of the SQLite file: beside that of the store, whose list it holds."""
    return beside(store.default_folder())


def beside(store_folder: Path) -> Path:
    """Return the folder of the SQLite file that goes with a store."""
    return store_folder.with_name(f"{store_folder.name}-conseils")


def is_kept(store_folder: Path) -> bool:
    """Say whether a list may be kept with a store: a database is named, or its file is there."""
    return bool(os.environ.get(VARIABLE)) or (beside(store_folder) / FILE_NAME).is_file()


def open_if_any(store_folder: Path) -> Database | None:
    """Return the list that goes with a store; None where nobody has kept one yet."""
    return open_database(beside(store_folder)) if is_kept(store_folder) else None


def open_database(folder: Path | None = None, url: str | None = None) -> Database:
    """Return the database, its tables up to date.

    `url`: by default `DIAGNOSTIC_DATABASE_URL`, or else `conseils.sqlite` in `folder` (by default
    `default_folder()`).

    Raises:
        Refused: an address that cannot be used, a database that does not answer, that is damaged
            or that a newer version of the application has made. The password is never said.
    """
    given = url or os.environ.get(VARIABLE)
    if given:
        address = _address(given)
    else:
        file = (folder or default_folder()) / FILE_NAME
        address = sa.URL.create("sqlite", database=str(file))
    if address.get_backend_name() == "sqlite":
        _make_folder(Path(str(address.database)).parent)
    engine = _engine(address)
    migrate(engine)
    return Database(engine)


def migrate(engine: sa.Engine, to: str = "head") -> None:
    """Bring the tables up to a revision, in one transaction; an SQLite file is copied before.

    Of two replicas that start together, the second waits, then has nothing to do.

    Raises:
        Refused: the database cannot be opened, or is ahead of this code.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    target = scripts.as_revision_number(to)
    with _spoken(engine.url), engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        is_sqlite = engine.dialect.name == "sqlite"
        with connection.begin():
            if not is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            held = MigrationContext.configure(connection).get_current_revision()
            if held == target:
                return
            if held is not None and held not in {s.revision for s in scripts.walk_revisions()}:
                raise Refused(
                    "La base des conseils vient d’une version plus récente de l’application : "
                    "mettre l’application à jour, ou reprendre une sauvegarde."
                )
            if is_sqlite and held is not None:
                _back_up(Path(str(engine.url.database)), held)
            config.attributes["connection"] = connection
            command.upgrade(config, to)


def _back_up(file: Path, revision: str) -> None:
    """Copy the last committed state of a file beside it; a copy cut short has no final name."""
    folder = file.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    instant = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    final = folder / f"{file.stem}-{revision}-{instant}.sqlite"
    draft = final.with_suffix(".tmp")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy)
    draft.rename(final)


def _address(given: str) -> sa.URL:
    """Read an address, of one of the two kinds of database."""
    if given.startswith("postgres://"):  # as several hosts still write it
        given = given.replace("postgres://", "postgresql://", 1)
    try:
        address = sa.make_url(given)
    except (sa.exc.ArgumentError, ValueError):
        address = None
    # Never the address itself: it may hold a password.
    if address is None or address.get_backend_name() not in ("sqlite", "postgresql"):
        raise Refused(
            f"{VARIABLE} n’est pas l’adresse d’une base utilisable : écrire "
            "« postgresql://compte:motdepasse@serveur/base » (les signes @ : / du mot de passe "
            "codés en %40 %3A %2F), ou « sqlite:////dossier/conseils.sqlite »."
        )
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.database in (None, "", ":memory:") or str(address.database).startswith("file:"):
        raise Refused(
            f"{VARIABLE} désigne une base SQLite sans fichier, qui ne garderait rien : donner un "
            "chemin, « sqlite:////dossier/conseils.sqlite »."
        )
    return address.set(drivername="sqlite")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            f"Le dossier {folder} de la base des conseils ne peut pas être créé "
            f"({error.strerror}) : choisir un dossier où l’application peut écrire."
        ) from error


def _engine(address: sa.URL) -> sa.Engine:
    if address.get_backend_name() == "postgresql":
        return sa.create_engine(
            address,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": _POSTGRESQL_CONNECT_SECONDS},
        )
    engine = sa.create_engine(
        address, hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS}
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # `_begin_sqlite` says when a transaction begins
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _spoken(address: sa.URL) -> Iterator[None]:
    """Turn the error of a database into one French sentence, without the address' secrets."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise Refused(
            "La base des conseils est trop occupée pour répondre : réessayer dans un instant."
        ) from error
    except sa.exc.DatabaseError as error:
        # Its other kinds are mistakes of this code, save a right that the account has not.
        denied = getattr(error.orig, "sqlstate", None) == "42501"
        if type(error) not in (sa.exc.OperationalError, sa.exc.DatabaseError) and not denied:
            raise
        if address.get_backend_name() == "sqlite":
            raise Refused(
                f"La base des conseils {address.database} ne peut pas être lue ou écrite "
                f"({error.orig}) : vérifier ce fichier et ses droits ; s’il est abîmé, reprendre "
                f"la dernière copie du dossier « {BACKUPS} »."
            ) from error
        detail = getattr(error.orig, "sqlstate", None)
        raise Refused(
            "La base des conseils (PostgreSQL) ne répond pas ou refuse la demande "
            f"({f'code {detail}' if detail else 'pas de réponse du serveur'}) : vérifier que le "
            f"serveur est en marche, et l’adresse, le compte et les droits que donne {VARIABLE}."
        ) from None  # the driver repeats parts of the address
