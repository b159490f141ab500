"""Communes that enter, leave or pass from one council to another: one change, undone as one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta

from diagnostics.councils import rules
from diagnostics.councils.history import Change, lock, save
from diagnostics.councils.records import Council, Member
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, day, quoted
from pages.ui.councils_desk import Desk


def elsewhere(councils: Sequence[Council], council: Council, on: date) -> dict[str, Council]:
    """Return {code: council} of the communes that sit in another council of the same type.

    Contracts may overlap: a commune of another contract is not elsewhere.
    """
    if council.type == "contrat":
        return {}
    others = (c for c in councils if c.type == council.type and c.id != council.id)
    return {code: other for other in others for code in other.codes(on)}


def set_members(
    desk: Desk, council: Council, wanted: Collection[str], since: date, who: str
) -> Council:
    """Make `wanted` the members of a council from a day on; return the council as saved.

    A commune that sits in another council of the same type leaves it that day, in the same
    transaction and the same entry of the history.

    Raises:
        Conflict: one of these councils has changed since it was read.
        Refused: nothing to change, an unknown commune, a date that no council can have.
    """
    base = set(council.codes(since))
    entering, leaving = set(wanted) - base, base - set(wanted)
    if not entering and not leaving:
        raise Refused(f"Aucune commune n’entre ni ne sort{NARROW}: en ajouter ou en retirer une.")
    if not wanted:
        raise Refused(
            f"Il ne resterait aucune commune{NARROW}: en garder une, ou mettre fin au conseil."
        )
    rules.known(sorted(entering), desk.communes)
    sitting = elsewhere(desk.councils, council, since)
    left: dict[str, list[str]] = {}
    for code in sorted(entering & sitting.keys()):
        left.setdefault(sitting[code].id, []).append(code)
    by_id = {c.id: c for c in desk.councils}
    came = tuple(Member(code, start=since) for code in sorted(entering))
    members = _without(council, leaving, since) + came
    changes = [
        Change(council, replace(council, members=members)),
        *(
            Change(by_id[i], replace(by_id[i], members=_without(by_id[i], codes, since)))
            for i, codes in left.items()
        ),
    ]
    new = entering - sitting.keys()
    told = [f"{desk.names(sorted(new))}{NARROW}: entrée dans {quoted(council.name)}"] if new else []
    told += [
        f"{desk.names(codes)}{NARROW}: de {quoted(by_id[i].name)} à {quoted(council.name)}"
        for i, codes in left.items()
    ]
    if leaving:
        told.append(f"{desk.names(sorted(leaving))}{NARROW}: sortie de {quoted(council.name)}")
    with desk.database.writing() as connection:
        lock(connection, desk.departement)
        saved, _ = save(
            connection,
            desk.departement,
            changes,
            who=who,
            action="entrée" if new else "passage" if left else "sortie",
            sentence=f"{f'{NARROW}; '.join(told)}, à partir du {day(since)}.",
            names=desk.communes,
        )
    return saved[0]


def _without(council: Council, codes: Collection[str], since: date) -> tuple[Member, ...]:
    """Return the members once some have left: who entered that very day was never there."""
    eve = since - timedelta(days=1)
    return tuple(
        replace(m, end=eve) if m.code_insee in codes and m.on(since) else m
        for m in council.members
        if not (m.code_insee in codes and m.on(since) and m.start == since)
    )
