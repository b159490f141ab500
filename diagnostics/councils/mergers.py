"""Mergers of communes (COG movements): memberships follow the communes of today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from diagnostics import territories
from diagnostics.councils import rules
from diagnostics.councils.database import Database
from diagnostics.councils.history import Change, lock, save
from diagnostics.councils.records import Council, Member, held_councils, named
from diagnostics.wording import NARROW


@dataclass(frozen=True)
class CarriedOver:
    """The councils that mergers of communes have changed, and sentences on what they leave."""

    councils: list[Council]
    left: list[str]


def carry_over(
    database: Database,
    departement: str,
    successors: Mapping[str, str],
    *,
    who: str,
    communes: Mapping[str, str],
) -> CarriedOver:
    """Carry memberships along mergers of communes: the successor sits where its parts sat.

    `successors`: {code that is no longer a commune: commune of today}, as in `sources.cog.Cog`.
    It replaces the former code in every period, because every edition of the base recounts its
    whole history on the communes of today; the history keeps what was. Where the successor would
    sit in two councils of one type at a time, both are left for somebody to decide.

    Raises:
        Refused: a successor that does not exist.
    """
    with database.writing() as connection:
        lock(connection, departement)
        held = {i: c for i, c in held_councils(connection, departement).items() if not c.removed}
        followed, left = to_follow(held.values(), successors, communes)
        if not followed:
            return CarriedOver([], left)
        changes = [
            Change(c, replace(c, members=_carried(c, followed)))
            for c in held.values()
            if c.id in {i for i, _ in followed}
        ]
        told = ", ".join(
            f"{former} devient {named(target, communes)}"
            for former, target in sorted({(code, target) for (_, code), target in followed.items()})
        )
        saved, _ = save(
            connection,
            departement,
            changes,
            who=who,
            action="fusion de communes",
            names=communes,
            sentence=f"Suit les fusions de communes{NARROW}: {told}.",
        )
    return CarriedOver(saved, left)


def to_follow(
    councils: Iterable[Council], successors: Mapping[str, str], communes: Mapping[str, str]
) -> tuple[dict[tuple[str, str], str], list[str]]:
    """Return what `carry_over` would change, {(council id, former code): commune of today}.

    With it, one sentence for each successor that would sit in two councils of one type.

    Raises:
        Refused: a successor that does not exist.
    """
    held = {c.id: c for c in councils}
    moves = {
        (c.id, m.code_insee): successors[m.code_insee]
        for c in held.values()
        for m in c.members
        if m.code_insee in successors
    }
    rules.known(moves.values(), communes)
    disputed = {
        (held[i].type, target)
        for (i, _), target in moves.items()
        if _disputed(target, held[i].type, held.values(), successors)
    }
    followed = {
        key: target for key, target in moves.items() if (held[key[0]].type, target) not in disputed
    }
    left = [
        f"{named(target, communes)} réunit des communes de plusieurs "
        f"{territories.TYPES[kind]}{NARROW}: choisir dans lequel elle siège."
        for kind, target in sorted(disputed)
    ]
    return followed, left


def _disputed(
    target: str, kind: str, councils: Iterable[Council], successors: Mapping[str, str]
) -> bool:
    """Say whether a successor would sit in two councils of one type at the same time."""
    seats = [
        (c.id, m)
        for c in councils
        if c.type == kind != "contrat"
        for m in c.members
        if successors.get(m.code_insee, m.code_insee) == target
    ]
    return any(i != j and m.overlaps(n) for i, m in seats for j, n in seats)


def _carried(council: Council, followed: Mapping[tuple[str, str], str]) -> tuple[Member, ...]:
    """Return the members on the communes of today, overlapping periods joined."""
    moved = [
        replace(m, code_insee=followed.get((council.id, m.code_insee), m.code_insee))
        for m in council.members
    ]
    joined: list[Member] = []
    for member in sorted(moved, key=Member.order):
        last = joined[-1] if joined else None
        if last and last.code_insee == member.code_insee and last.overlaps(member):
            end = None if None in (last.end, member.end) else max(last.period[1], member.period[1])
            joined[-1] = replace(last, end=end)
        else:
            joined.append(member)
    return tuple(joined)
