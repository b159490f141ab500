"""Communes that merge or part (COG movements): memberships follow the communes of today.

What has one answer is done by `carry_over`; what has several is left to somebody: a commune that
unites two councils (`settle`), one that is a commune again (`answer`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from diagnostics import territories
from diagnostics.councils.database import Database
from diagnostics.councils.history import Change, lock, save
from diagnostics.councils.records import Council, Member, held_councils
from diagnostics.sources.cog import MERGED, MOVEMENTS, RESTORED
from diagnostics.wording import NARROW, day, quoted


@dataclass(frozen=True)
class Movement:
    """A commune that is one no longer, and what it is part of; or that is one again, apart.

    `on`: the day, None where the list of movements does not say.
    """

    code: str
    name: str
    other: str
    other_name: str
    on: date | None

    @property
    def names(self) -> dict[str, str]:
        """Return {code: name} of both."""
        return {self.code: self.name, self.other: self.other_name}


@dataclass(frozen=True)
class Movements:
    """What happened to communes: mergers by former code, restorations in their order."""

    merged: Mapping[str, Movement]
    restored: tuple[Movement, ...]

    @property
    def names(self) -> dict[str, str]:
        """Return {code: name} of every commune that has moved."""
        moved = (*self.merged.values(), *self.restored)
        return {code: name for each in moved for code, name in each.names.items()}


class Dispute(NamedTuple):
    """A commune of today whose parts sit in several councils of one type; `on`: since when."""

    type: str
    code: str
    name: str
    on: date | None
    council_ids: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return what is to be decided."""
        since = f" depuis le {day(self.on)}" if self.on else ""
        return (
            f"{self.name} ({self.code}) réunit{since} des communes de plusieurs "
            f"{territories.TYPES[self.type]}{NARROW}: choisir dans lequel elle siège."
        )


class Question(NamedTuple):
    """A council with a commune that another one has parted from: does that one still sit in it?"""

    council: Council
    movement: Movement

    @property
    def sentence(self) -> str:
        """Return what is to be decided."""
        each = self.movement
        since = f" depuis le {day(each.on)}" if each.on else ""
        return (
            f"{each.name} ({each.code}) est de nouveau une commune, séparée de {each.other_name} "
            f"({each.other}){since}. Siège-t-elle encore dans {quoted(self.council.name)}{NARROW}?"
        )


class _Seat(NamedTuple):
    council: Council
    member: Member
    target: str

    @property
    def runs(self) -> bool:
        return self.member.period[1] >= date.today()


def movements(table: pd.DataFrame) -> Movements:
    """Read the table of a store; it is empty where an earlier version has built it."""
    rows = table.reindex(columns=MOVEMENTS).itertuples(index=False, name=None)
    found: dict[str, list[Movement]] = {MERGED: [], RESTORED: []}
    for kind, code, name, other, other_name, on in rows:
        day_of = date.fromisoformat(on) if on else None
        found[kind].append(Movement(code, name, other, other_name, day_of))
    return Movements({each.code: each for each in found[MERGED]}, tuple(found[RESTORED]))


def followed(councils: Iterable[Council], moves: Movements) -> list[Council]:
    """Return the councils that mergers change, as they become.

    The successor replaces the former code in every period, because every edition of the base
    recounts its whole history on the communes of today. Where it would sit in two councils of one
    type at a time, it is a dispute; a past period that would is left as it was.
    """
    seats = _seats(councils, moves)
    clashing = _clashing(seats)
    disputed = {(s.council.type, s.target) for s in seats if _disputed(s, clashing)}
    moving: dict[str, dict[Member, str]] = {}
    for seat in seats:
        held = (seat.council.type, seat.target) in disputed or (seat in clashing and not seat.runs)
        if seat.member.code_insee != seat.target and not held:
            moving.setdefault(seat.council.id, {})[seat.member] = seat.target
    by_id = {seat.council.id: seat.council for seat in seats}
    return [
        replace(by_id[council_id], members=_carried(by_id[council_id], targets))
        for council_id, targets in moving.items()
    ]


def disputes(councils: Iterable[Council], moves: Movements) -> list[Dispute]:
    """Return the communes of today that somebody must give to one of several councils."""
    seats = _seats(councils, moves)
    clashing = _clashing(seats)
    found: dict[tuple[str, str], list[_Seat]] = {}
    for seat in seats:
        if _disputed(seat, clashing):
            found.setdefault((seat.council.type, seat.target), []).append(seat)
    return [
        Dispute(
            kind,
            target,
            moves.names[target],
            max(
                (on for s in held if (on := _merged_on(s.member.code_insee, moves))),
                default=None,
            ),
            tuple(sorted({s.council.id for s in held})),
        )
        for (kind, target), held in found.items()
    ]


def questions(councils: Iterable[Council], moves: Movements, begun: date) -> list[Question]:
    """Return the councils whose commune another one has parted from, unless that one sits there.

    What parted before the year in which the list was begun was known then.
    """
    since = date(begun.year, 1, 1)
    held = list(councils)
    sitting = {(c.type, m.code_insee) for c in held for m in c.members}
    return [
        Question(council, each)
        for each in moves.restored
        if each.on is not None and each.on >= since
        for council in held
        if (council.type, each.code) not in sitting
        and any(_was_in(m, each.on) for m in council.members if m.code_insee == each.other)
    ]


def carry_over(
    database: Database, departement: str, moves: Movements, *, who: str
) -> list[Council]:
    """Carry memberships along mergers of communes, as `followed` says; return what has changed."""
    with database.writing() as connection:
        lock(connection, departement)
        held = {i: c for i, c in held_councils(connection, departement).items() if not c.removed}
        wanted = followed(held.values(), moves)
        if not wanted:
            return []
        gone = {
            m.code_insee for c in wanted for m in held[c.id].members if m not in c.members
        } & moves.merged.keys()
        told = ", ".join(
            f"{each.name} ({each.code}) devient {each.other_name} ({each.other})"
            for each in (moves.merged[code] for code in sorted(gone))
        )
        saved, _ = save(
            connection,
            departement,
            [Change(held[c.id], c) for c in wanted],
            who=who,
            action="fusion de communes",
            names=moves.names,
            sentence=f"Suit les fusions de communes{NARROW}: {told}.",
        )
    return saved


def settle(
    database: Database,
    dispute: Dispute,
    chosen: Council,
    others: Sequence[Council],
    moves: Movements,
    *,
    who: str,
) -> Council:
    """Give a disputed commune to a council; its parts leave all the others, the day they merged.

    Before that day, each council keeps the communes that it had then.

    Raises:
        Conflict: one of these councils has changed since it was read.
    """
    since = dispute.on or date.today()
    seated = _seated(chosen, dispute.code, moves)
    after = [m for m in seated if m.period[1] >= since]
    end = max((m.period[1] for m in after), default=date.max)
    sits = Member(
        dispute.code,
        since,
        None if end == date.max else end,
        after[0].source if after else "",
    )
    kept = any(m.code_insee == dispute.code for m in after)
    parts = [m for m in seated if m.code_insee != dispute.code]
    wanted = _cut(chosen, parts, since)
    if not kept:
        wanted = replace(wanted, members=(*wanted.members, sits))
    leaving = [_cut(c, _seated(c, dispute.code, moves), since) for c in others]
    departed = ", ".join(quoted(c.name) for c in others)
    with database.writing() as connection:
        lock(connection, chosen.departement)
        saved, _ = save(
            connection,
            chosen.departement,
            [Change(chosen, wanted), *map(Change, others, leaving)],
            who=who,
            action="fusion de communes",
            names=moves.names,
            sentence=f"{dispute.name} ({dispute.code}), née d’une fusion, siège dans "
            f"{quoted(chosen.name)} depuis le {day(since)}{NARROW}; sortie de {departed}.",
        )
    return saved[0]


def answer(database: Database, question: Question, stays: bool, *, who: str) -> Council:
    """Write whether a commune that is one again still sits where it sat as a part of another.

    Either way it has sat there until it parted: editions recount the past on it too.

    Raises:
        Conflict: the council has changed since it was read.
    """
    council, each = question
    assert each.on is not None  # without a day, a restoration is no question
    sat = [m for m in council.members if m.code_insee == each.other and _was_in(m, each.on)]
    last = each.on - timedelta(days=1)
    members = [replace(m, code_insee=each.code, end=m.end if stays else last) for m in sat]
    verb = "siège toujours dans" if stays else "ne siège plus dans"
    with database.writing() as connection:
        lock(connection, council.departement)
        saved, _ = save(
            connection,
            council.departement,
            [Change(council, replace(council, members=(*council.members, *members)))],
            who=who,
            action="séparation",
            names=each.names,
            sentence=f"{each.name} ({each.code}), séparée de {each.other_name} le {day(each.on)}, "
            f"{verb} {quoted(council.name)}.",
        )
    return saved[0]


def _seats(councils: Iterable[Council], moves: Movements) -> list[_Seat]:
    """Return the seats of communes that have merged, and of those that they are part of today."""
    held = [(c, m, moves.merged.get(m.code_insee)) for c in councils for m in c.members]
    found = [_Seat(council, member, moved.other) for council, member, moved in held if moved]
    targets = {seat.target for seat in found}
    return found + [_Seat(c, m, m.code_insee) for c, m, _ in held if m.code_insee in targets]


def _seated(council: Council, today: str, moves: Movements) -> list[Member]:
    """Return the members of a council that are, or are part of, a commune of today."""
    moved = {code for code, each in moves.merged.items() if each.other == today}
    return [m for m in council.members if m.code_insee in (today, *moved)]


def _clashing(seats: Sequence[_Seat]) -> dict[_Seat, list[_Seat]]:
    """Return each seat that one of another council of its type would share its commune with."""
    found: dict[_Seat, list[_Seat]] = {}
    for one, other in combinations(seats, 2):
        if (
            one.target == other.target
            and one.council.type == other.council.type != "contrat"
            and one.council.id != other.council.id
            and one.member.overlaps(other.member)
        ):
            found.setdefault(one, []).append(other)
            found.setdefault(other, []).append(one)
    return found


def _disputed(seat: _Seat, clashing: Mapping[_Seat, Sequence[_Seat]]) -> bool:
    """Say whether a seat and one of another council both run, for one commune of today."""
    return seat.runs and any(other.runs for other in clashing.get(seat, ()))


def _merged_on(code: str, moves: Movements) -> date | None:
    return moves.merged[code].on if code in moves.merged else None


def _was_in(member: Member, on: date) -> bool:
    """Say whether a period began before a day and lasted into it."""
    return member.period[0] < on <= member.period[1]


def _cut(council: Council, leaving: Sequence[Member], since: date) -> Council:
    """Return a council where some members leave: `since` is the first day without them."""
    kept = (m.before(since) if m in leaving else (m,) for m in council.members)
    return replace(council, members=tuple(each for members in kept for each in members))


def _carried(council: Council, targets: Mapping[Member, str]) -> tuple[Member, ...]:
    """Return the members on the communes of today, overlapping periods joined."""
    moved = [replace(m, code_insee=targets.get(m, m.code_insee)) for m in council.members]
    joined: list[Member] = []
    for member in sorted(moved, key=Member.order):
        last = joined[-1] if joined else None
        if last and last.code_insee == member.code_insee and last.overlaps(member):
            end = None if None in (last.end, member.end) else max(last.period[1], member.period[1])
            joined[-1] = replace(last, end=end)
        else:
            joined.append(member)
    return tuple(joined)
