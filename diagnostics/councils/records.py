"""A council and its dated members, as plain data; how they are read and written."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from diagnostics import territories
from diagnostics.councils import rules, schema
from diagnostics.councils.database import Database
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, quoted

STATUSES = ("attesté", territories.TO_CONFIRM, "facultatif")
"""What is known of a council's existence."""


@dataclass(frozen=True)
class Member:
    """A commune in a council, from a day to another, both included; None: unknown, or running.

    `source` is empty where it is that of the council.
    """

    code_insee: str
    start: date | None = None
    end: date | None = None
    source: str = ""

    @property
    def period(self) -> tuple[date, date]:
        """Return the first and the last day, however far."""
        return self.start or date.min, self.end or date.max

    def order(self) -> tuple[str, date, date]:
        """Return the place of a member in its council: by code, then by period."""
        return self.code_insee, *self.period

    def on(self, day: date) -> bool:
        """Say whether the commune is a member that day."""
        return self.period[0] <= day <= self.period[1]

    def overlaps(self, other: "Member") -> bool:
        """Say whether two periods share a day."""
        return self.period[0] <= other.period[1] and other.period[0] <= self.period[1]

    def before(self, since: date) -> tuple["Member", ...]:
        """Return what is left of a period before a day: nothing where it had not begun."""
        if self.period[0] >= since:
            return ()
        return (replace(self, end=min(self.period[1], since - timedelta(days=1))),)

    def contains(self, other: "Member") -> bool:
        """Say whether the other is the same commune, on no day that this period does not hold."""
        (first, last), (from_day, to_day) = self.period, other.period
        return self.code_insee == other.code_insee and first <= from_day and to_day <= last


@dataclass(frozen=True)
class Council:
    """A council as it was read. `version` says from which state an edit was made.

    `checked`: day of the last check of its source. `removed`: it was created or imported by
    mistake; its id stays taken. `logo`: sha256 of the one in force, or empty. No field may hold
    personal data.
    """

    departement: str
    id: str
    type: str
    name: str
    status: str
    source: str
    checked: date | None = None
    members: tuple[Member, ...] = ()
    removed: bool = False
    logo: str = ""
    version: int = 0

    def codes(self, on: date | None = None) -> list[str]:
        """Return the codes of the communes that are members on a day (today by default)."""
        day = on or date.today()
        return sorted({m.code_insee for m in self.members if m.on(day)})

    @property
    def ended(self) -> date | None:
        """Return the last day of a council that no commune is in any more, nor will be."""
        ends = [m.end for m in self.members if m.end is not None]
        over = bool(ends) and len(ends) == len(self.members) and max(ends) < date.today()
        return max(ends) if over else None


def councils(database: Database, departement: str) -> list[Council]:
    """Return the councils of a département, ended ones too, by name."""
    with database.reading() as connection:
        held = held_councils(connection, departement)
    return sorted((c for c in held.values() if not c.removed), key=lambda c: (c.name, c.id))


def council(database: Database, departement: str, council_id: str) -> Council:
    """Return one council.

    Raises:
        Refused: there is none of that name.
    """
    with database.reading() as connection:
        found = held_councils(connection, departement).get(council_id)
    if found is None or found.removed:
        raise Refused(
            f"Le conseil {quoted(council_id)} n’est pas dans la liste du département "
            f"{departement}{NARROW}: le choisir dans la liste."
        )
    return found


def held_councils(connection: sa.Connection, departement: str) -> dict[str, Council]:
    """Return {id: council} of a département, removed ones too."""
    of_council, of_member = schema.council.c, schema.membership.c
    rows = connection.execute(
        sa.select(schema.membership)
        .where(of_member.departement == departement)
        .order_by(of_member.code_insee, of_member.id)
    )
    members: dict[str, list[Member]] = {}
    for row in rows:
        members.setdefault(row.council_id, []).append(
            Member(row.code_insee, row.start, row.end, row.source)
        )
    found = connection.execute(
        sa.select(schema.council).where(of_council.departement == departement)
    )
    return {
        row["id"]: Council(
            **row, members=tuple(sorted(members.get(row["id"], []), key=Member.order))
        )
        for row in found.mappings()
    }


def hold(connection: sa.Connection, council: Council) -> Council:
    """Write a council over what is held of it, one version further, and return it."""
    council = replace(
        council,
        version=council.version + 1,
        members=tuple(sorted(council.members, key=Member.order)),
    )
    key = {"departement": council.departement, "id": council.id}
    values = {
        column.name: getattr(council, column.name)
        for column in schema.council.c
        if column.name not in key
    }
    if council.version == 1:
        connection.execute(sa.insert(schema.council).values(key | values))
    else:
        connection.execute(sa.update(schema.council).filter_by(**key).values(values))
    of_council = {"departement": council.departement, "council_id": council.id}
    connection.execute(sa.delete(schema.membership).filter_by(**of_council))
    rows = [of_council | vars(member) for member in council.members]
    if rows:
        connection.execute(sa.insert(schema.membership), rows)
    return council


def memberships(database: Database, departement: str, on: date | None = None) -> pd.DataFrame:
    """Return the membership table, in the format of `territories.read_memberships`.

    `on`: the rows in force on that day; by default, all periods. Empty where nothing was seeded.
    """
    return membership_table(councils(database, departement), on)


def membership_table(councils: Iterable[Council], on: date | None = None) -> pd.DataFrame:
    """Return the rows of some councils as `memberships` does."""
    rows = [
        (c.id, c.type, c.name, m.code_insee, m.start, m.end, c.status, m.source or c.source)
        for c in sorted(councils, key=lambda c: c.id)
        for m in c.members
        if on is None or m.on(on)
    ]
    table = pd.DataFrame(rows, columns=territories.COLUMNS)
    dates = {"start": object, "end": object}
    table = table.astype(dict.fromkeys(set(territories.COLUMNS) - set(dates), "str"))
    for column in dates:  # None, and not NaT, says that a date is unknown
        table[column] = pd.Series(
            [row[table.columns.get_loc(column)] for row in rows], dtype=object
        )
    return table


def export_csv(memberships: pd.DataFrame) -> bytes:
    """Return the file of a membership table, as `territories.read_memberships` reads it back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conseils.csv"
        # A spreadsheet that saves in its old encoding has no narrow space: a plain one stays.
        texts = {c: memberships[c].str.replace(NARROW, "\u00a0") for c in ("name", "source")}
        territories.write_memberships(memberships.assign(**texts), path)
        return path.read_bytes()


def require_consistent(
    changed: Mapping[str, Council],
    held: Mapping[str, Council],
    names: Mapping[str, str],
) -> None:
    """Refuse councils that contradict themselves, or others of the list.

    `changed`: the councils to be written, by id; `held`: the whole list before. Only what is new
    is held against others, and a period made shorter is not: a list may have come with a
    contradiction that is not this edit's, and that this edit may be ending.

    Raises:
        Refused: a period reversed or absurd, a commune twice in a council at the same time, or in
            two councils of one type at the same time (contracts may overlap), a name taken twice.
    """
    after = {**held, **changed}
    for council in changed.values():
        if council.removed:
            continue
        before = held.get(council.id)
        others = [o for o in after.values() if o.id != council.id and not o.removed]
        _require_own_name(council, before, others)
        for rank, member in enumerate(council.members):
            _require_period(council, member, names)
            _require_once(council, member, council.members[:rank], names)
        earlier = before.members if before else ()
        added = [m for m in council.members if not any(o.contains(m) for o in earlier)]
        for other in (o for o in others if o.type == council.type and o.type != "contrat"):
            for member in added:
                _require_once(other, member, other.members, names)


def _require_own_name(council: Council, before: Council | None, others: Iterable[Council]) -> None:
    if before is not None and not before.removed and before.name == council.name:
        return
    if any(o.name.casefold() == council.name.casefold() for o in others):
        raise Refused(
            f"Un conseil s’appelle déjà {quoted(council.name)}{NARROW}: choisir un autre nom."
        )


def _require_period(council: Council, member: Member, names: Mapping[str, str]) -> None:
    commune = named(member.code_insee, names)
    label = f"Une date de {quoted(council.name)} ({commune})"
    rules.sensible(member.start, label)
    rules.sensible(member.end, label)
    if member.period[0] > member.period[1]:
        raise Refused(
            f"{commune} quitterait {quoted(council.name)} avant d’y être entrée{NARROW}: donner "
            "une date postérieure à son entrée."
        )


def _require_once(
    council: Council, member: Member, others: Iterable[Member], names: Mapping[str, str]
) -> None:
    if any(o.code_insee == member.code_insee and o.overlaps(member) for o in others):
        raise Refused(
            f"{named(member.code_insee, names)} siège déjà dans {quoted(council.name)} à cette "
            f"date{NARROW}: l’en retirer d’abord, ou changer la date."
        )


def named(code_insee: str, names: Mapping[str, str]) -> str:
    """Return the name of a commune and its code, or its code alone."""
    name = names.get(code_insee)
    return f"{name} ({code_insee})" if name else f"La commune {code_insee}"
