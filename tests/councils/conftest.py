"""Both databases: an SQLite file, and a PostgreSQL given by its address or started here."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from diagnostics.councils.database import Database, open_database
from diagnostics.councils.seeding import seed
from tests.councils.lists import COMMUNES, DEPARTEMENT, seed_table


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Yield the address of a server where tests make their own databases, or skip with why."""
    if given := os.environ.get("DIAGNOSTIC_TEST_POSTGRES"):
        yield given
        return
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if not folders:
        reason = "pas de PostgreSQL : installer le paquet postgresql, ou DIAGNOSTIC_TEST_POSTGRES"
        if os.environ.get("DIAGNOSTIC_POSTGRES_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        # The server refuses to run as root: Debian's package has made it an account.
        as_server: list[str] = []
        if os.geteuid() == 0:
            as_server = ["runuser", "-u", "postgres", "--"]
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        def run(program: str, *arguments: str) -> None:
            command = [*as_server, str(folders[-1] / program), "-D", f"{folder}/data", *arguments]
            subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)

        run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'conseils.sqlite'}"
        return
    server = sa.make_url(request.getfixturevalue("postgresql_server"))
    name = f"conseils_{uuid.uuid4().hex}"
    engine = sa.create_engine(
        server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def empty(address: str) -> Iterator[Database]:
    """Yield a database that holds no list yet."""
    opened = open_database(url=address)
    yield opened
    opened.close()


@pytest.fixture
def database(empty: Database) -> Database:
    """Return a database that holds the invented list."""
    assert seed(empty, DEPARTEMENT, seed_table())
    return empty


@pytest.fixture
def communes() -> dict[str, str]:
    """Return {code: name} of the invented communes."""
    return dict(COMMUNES)
