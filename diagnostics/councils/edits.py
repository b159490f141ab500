"""Every change of the list, one transaction and one entry of the history each.

An edit starts from the `Council` that was on screen: if somebody has changed it since, it raises
`history.Conflict` and writes nothing. `since` is the first day of the new state, so that what it
ends has its last day the day before. `communes` is {code_insee: name} of those that exist.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from diagnostics import territories
from diagnostics.councils import rules
from diagnostics.councils.database import Database
from diagnostics.councils.differences import fields_changed
from diagnostics.councils.history import Change, lock, save
from diagnostics.councils.records import STATUSES, Council, Member, held_councils, named
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, day, quoted, slug, sort_key

_FEW = 8


def create(
    database: Database,
    departement: str,
    *,
    type: str,
    name: str,
    codes: Iterable[str],
    since: date | None,
    who: str,
    communes: Mapping[str, str],
    status: str = STATUSES[0],
    source: str = "",
) -> Council:
    """Add a council. `since`: None where its first day is not known.

    Raises:
        Refused: no commune, an unknown one, one that sits already in a council of this type, a
            name that is taken, an attested council without source, a field that cannot be kept.
    """
    wanted = _new(departement, type, name, status, source, _members(codes, since, communes))
    sentence = f"Crée {quoted(wanted.name)}{_from(since)}{NARROW}: {_listed(codes, communes)}."
    with database.writing() as connection:
        lock(connection, departement)
        change = Change(None, _identified(connection, wanted))
        saved, _ = save(
            connection,
            departement,
            [change],
            who=who,
            action="création",
            sentence=sentence,
            names=communes,
        )
    return saved[0]


def change(
    database: Database,
    council: Council,
    *,
    who: str,
    name: str | None = None,
    status: str | None = None,
    source: str | None = None,
    checked: date | None = None,
) -> Council:
    """Rename a council, or say what is known of it; None leaves a field as it is.

    Raises:
        Conflict: it has changed since it was read.
        Refused: nothing to change, a field that cannot be kept, an attested council without source.
    """
    wanted = described(
        council,
        name=council.name if name is None else name,
        status=council.status if status is None else status,
        source=council.source if source is None else source,
    )
    rules.sensible(checked, "La date de vérification")
    if checked is not None and checked > date.today():
        raise Refused(
            f"La date de vérification est dans l’avenir{NARROW}: donner le jour où la source a "
            "été vérifiée."
        )
    wanted = replace(wanted, checked=checked or council.checked)
    return _write(
        database, [Change(council, wanted)], who, "modification", _changed(council, wanted)
    )[0]


def add_communes(
    database: Database,
    council: Council,
    codes: Iterable[str],
    since: date | None,
    *,
    who: str,
    communes: Mapping[str, str],
    source: str = "",
) -> Council:
    """Let communes enter a council. `source`: of this entry, where it is not the council's.

    Raises:
        Conflict: it has changed since it was read.
        Refused: an unknown commune, or one that sits there, or in another council of this type.
    """
    codes = list(codes)
    source = rules.impersonal(source, "La source", rules.SOURCE_LENGTH, required=False)
    added = tuple(replace(m, source=source) for m in _members(codes, since, communes))
    wanted = replace(council, members=council.members + added)
    sentence = (
        f"{_listed(codes, communes)}{NARROW}: entrée dans {quoted(council.name)}{_from(since)}."
    )
    return _write(database, [Change(council, wanted)], who, "entrée", sentence, communes)[0]


def remove_communes(
    database: Database,
    council: Council,
    codes: Iterable[str],
    since: date,
    *,
    who: str,
    communes: Mapping[str, str],
) -> Council:
    """Let communes leave a council: `since` is the first day without them.

    One that leaves the day it entered was never there.

    Raises:
        Conflict: it has changed since it was read.
        Refused: a commune that is not a member that day.
    """
    codes = list(codes)
    wanted = _without(council, codes, since, communes)
    sentence = (
        f"{_listed(codes, communes)}{NARROW}: sortie de {quoted(council.name)}{_from(since)}."
    )
    return _write(database, [Change(council, wanted)], who, "sortie", sentence, communes)[0]


def set_members(
    database: Database,
    council: Council,
    wanted: Collection[str],
    since: date,
    *,
    councils: Sequence[Council],
    who: str,
    communes: Mapping[str, str],
    source: str = "",
) -> Council:
    """Make `wanted` the members of a council from a day on; return the council as saved.

    A commune that sits in another council of the same type leaves it that day, in the same
    transaction and the same entry of the history. `councils`: the list that was on screen.
    `source`: of those that enter, where it is not the council's.

    Raises:
        Conflict: one of these councils has changed since it was read.
        Refused: nothing to change, nobody left, an unknown commune, a date that no council can
            have.
    """
    base = set(council.codes(since))
    entering, leaving = set(wanted) - base, base - set(wanted)
    if not entering and not leaving:
        raise Refused(f"Aucune commune n’entre ni ne sort{NARROW}: en ajouter ou en retirer une.")
    if not wanted:
        raise Refused(
            f"Il ne resterait aucune commune{NARROW}: en garder une, ou mettre fin au conseil."
        )
    source = rules.impersonal(source, "La source", rules.SOURCE_LENGTH, required=False)
    entered = _members(sorted(entering), since, communes, needed=False)
    came = tuple(replace(m, source=source) for m in entered)
    sitting = elsewhere(councils, council, since)
    left: dict[str, list[str]] = {}
    for code in sorted(entering & sitting.keys()):
        left.setdefault(sitting[code].id, []).append(code)
    others = {c.id: c for c in councils if c.id in left}
    kept = _without(council, sorted(leaving), since, communes) if leaving else council
    changes = [
        Change(council, replace(kept, members=kept.members + came)),
        *(
            Change(others[i], _without(others[i], gone, since, communes))
            for i, gone in left.items()
        ),
    ]

    def listed(codes: Iterable[str]) -> str:
        return _listed(sorted(codes, key=lambda c: sort_key(communes.get(c, c))), communes)

    here = quoted(council.name)
    new = entering - sitting.keys()
    told = [f"{listed(new)}{NARROW}: entrée dans {here}"] if new else []
    told += [
        f"{listed(gone)}{NARROW}: de {quoted(others[i].name)} à {here}" for i, gone in left.items()
    ]
    if leaving:
        told.append(f"{listed(leaving)}{NARROW}: sortie de {here}")
    action = "entrée" if new else "passage" if left else "sortie"
    sentence = f"{f'{NARROW}; '.join(told)},{_from(since)}."
    return _write(database, changes, who, action, sentence, communes)[0]


def elsewhere(councils: Iterable[Council], council: Council, on: date) -> dict[str, Council]:
    """Return {code: council} of the communes that sit in another council of the same type.

    Contracts may overlap: a commune of another contract is not elsewhere.
    """
    if council.type == "contrat":
        return {}
    others = (c for c in councils if c.type == council.type and c.id != council.id)
    return {code: other for other in others for code in other.codes(on)}


def split(
    database: Database,
    council: Council,
    codes: Iterable[str],
    since: date,
    *,
    name: str,
    who: str,
    communes: Mapping[str, str],
    type: str | None = None,
) -> tuple[Council, Council]:
    """Let some communes of a council make a new one; return what is left, and the new one.

    Raises:
        Conflict: it has changed since it was read.
        Refused: a commune that is not a member that day, nobody left, a name that is taken.
    """
    codes = list(codes)
    left = _without(council, codes, since, communes)
    if not left.codes(since):
        raise Refused(
            f"Toutes les communes de {quoted(council.name)} partiraient{NARROW}: le renommer, ou "
            "laisser au moins une commune."
        )
    new = _new(
        council.departement,
        type or council.type,
        name,
        council.status,
        council.source,
        _members(codes, since, communes),
    )
    sentence = (
        f"Scinde {quoted(council.name)}{_from(since)}{NARROW}: {_listed(codes, communes)} "
        f"{'forme' if len(codes) == 1 else 'forment'} {quoted(new.name)}."
    )
    with database.writing() as connection:
        lock(connection, council.departement)
        changes = [Change(council, left), Change(None, _identified(connection, new))]
        (old, made), _ = save(
            connection,
            council.departement,
            changes,
            who=who,
            action="scission",
            sentence=sentence,
            names=communes,
        )
    return old, made


def merge(
    database: Database,
    kept: Council,
    absorbed: Sequence[Council],
    since: date,
    *,
    who: str,
    communes: Mapping[str, str],
    name: str | None = None,
) -> Council:
    """Let a council take in others, which end; it keeps its id, under a new name if one is given.

    Raises:
        Conflict: one of them has changed since it was read.
        Refused: nobody to take in, a commune that sits in another council of this type.
    """
    if not absorbed or kept.id in {c.id for c in absorbed}:
        raise Refused(
            f"Une fusion réunit au moins deux conseils différents{NARROW}: choisir celui qui reste "
            "et ceux qu’il reprend."
        )
    coming = sorted({code for c in absorbed for code in c.codes(since)} - set(kept.codes(since)))
    wanted = described(kept, name=name or kept.name, status=kept.status, source=kept.source)
    wanted = replace(wanted, members=kept.members + _members(coming, since, communes, needed=False))
    changes = [Change(kept, wanted), *(Change(c, _ended(c, since)) for c in absorbed)]
    names = ", ".join(quoted(c.name) for c in absorbed)
    renamed = "" if wanted.name == kept.name else f", qui devient {quoted(wanted.name)}"
    sentence = f"Réunit {names} à {quoted(kept.name)}{renamed}{_from(since)}."
    return _write(database, changes, who, "fusion", sentence, communes)[0]


def end(database: Database, council: Council, since: date, *, who: str) -> Council:
    """End a council: `since` is the first day without it.

    Raises:
        Conflict: it has changed since it was read.
        Refused: nobody sits in it that day.
    """
    if not council.codes(since):
        raise Refused(
            f"{quoted(council.name)} n’a pas de commune à cette date{NARROW}: donner le premier "
            "jour où il n’existe plus."
        )
    sentence = f"Met fin à {quoted(council.name)}{_from(since)}."
    return _write(database, [Change(council, _ended(council, since))], who, "fin", sentence)[0]


def described(council: Council, *, name: str, status: str, source: str) -> Council:
    """Return a council with a name, a status and a source that can be kept.

    Raises:
        Refused: an empty, too long or unknown value, a way to reach a person; an attested council
            without source.
    """
    status = rules.plain(status, "Le statut", rules.STATUS_LENGTH)
    if status not in (*STATUSES, council.status) and not status.startswith(STATUSES[0]):
        raise Refused(
            f"Le statut {quoted(status)} n’est pas connu{NARROW}: choisir parmi "
            f"{', '.join(map(quoted, STATUSES))}."
        )
    source = rules.impersonal(source, "La source", rules.SOURCE_LENGTH, required=False)
    if status.startswith("attesté") and not source:
        raise Refused(
            f"Un conseil attesté a une source{NARROW}: dire d’où l’on sait qu’il existe "
            "(délibération, séance plénière, site)."
        )
    name = rules.impersonal(name, "Le nom du conseil", rules.NAME_LENGTH)
    return replace(council, name=name, status=status, source=source)


def _new(
    departement: str,
    type: str,
    name: str,
    status: str,
    source: str,
    members: tuple[Member, ...],
) -> Council:
    if type not in territories.TYPES:
        raise Refused(
            f"Le type {quoted(type)} n’est pas connu{NARROW}: choisir parmi "
            f"{', '.join(territories.TYPES)}."
        )
    return described(
        Council(departement, "", type, "", "", "", members=members),
        name=name,
        status=status,
        source=source,
    )


def _identified(connection: sa.Connection, council: Council) -> Council:
    """Give a new council an id that no other has or has had: its name, then a number."""
    taken = set(held_councils(connection, council.departement))
    stem = slug(council.name)[:80] or council.type
    number = 1
    while (council_id := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return replace(council, id=council_id)


def _write(
    database: Database,
    changes: Sequence[Change],
    who: str,
    action: str,
    sentence: str,
    communes: Mapping[str, str] | None = None,
) -> list[Council]:
    departement = changes[0].wanted.departement
    with database.writing() as connection:
        lock(connection, departement)
        saved, _ = save(
            connection,
            departement,
            changes,
            who=who,
            action=action,
            sentence=sentence,
            names=communes,
        )
    return saved


def _members(
    codes: Iterable[str], since: date | None, communes: Mapping[str, str], *, needed: bool = True
) -> tuple[Member, ...]:
    chosen = list(dict.fromkeys(codes))
    rules.known(chosen, communes)
    if needed and not chosen:
        raise Refused(f"Aucune commune n’est choisie{NARROW}: en choisir au moins une.")
    return tuple(Member(code, start=since) for code in chosen)


def _without(
    council: Council, codes: Sequence[str], since: date, communes: Mapping[str, str]
) -> Council:
    if not codes:
        raise Refused(f"Aucune commune n’est choisie{NARROW}: en choisir au moins une.")
    present = set(council.codes(since))
    for code in codes:
        if code not in present:
            raise Refused(
                f"{named(code, communes)} ne siège pas dans {quoted(council.name)} "
                f"{_from(since).strip()}{NARROW}: changer la date ou la commune."
            )
    return replace(
        council,
        members=tuple(
            kept
            for m in council.members
            for kept in (m.before(since) if m.code_insee in codes and m.on(since) else (m,))
        ),
    )


def _ended(council: Council, since: date) -> Council:
    return replace(
        council, members=tuple(kept for m in council.members for kept in m.before(since))
    )


def _changed(before: Council, after: Council) -> str:
    told = fields_changed(before, after)
    if not told:
        raise Refused(f"Rien n’a changé dans {quoted(before.name)}{NARROW}: modifier un champ.")
    subject = "" if before.name != after.name else f"{quoted(after.name)}, "
    return f"{subject}{f'{NARROW}; '.join(told)}."


def _from(since: date | None) -> str:
    return "" if since is None else f" à partir du {day(since)}"


def _listed(codes: Iterable[str], communes: Mapping[str, str]) -> str:
    names = [communes.get(code, code) for code in codes]
    shown = ", ".join(names[:_FEW])
    return shown if len(names) <= _FEW else f"{shown} et {len(names) - _FEW} autres communes"
