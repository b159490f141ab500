"""Import a list of councils: first what it would change and what it refuses, then all at once.

The file is the one that is exported (`territories.read_memberships`), also as a spreadsheet saves
it again: another encoding, commas, French dates, lost leading zeros.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from diagnostics import territories
from diagnostics.councils import rules
from diagnostics.councils.database import Database
from diagnostics.councils.differences import Difference, differences
from diagnostics.councils.edits import described
from diagnostics.councils.history import Change, latest, lock, revision, save
from diagnostics.councils.places import Places
from diagnostics.councils.records import Council, Member, held_councils, named
from diagnostics.councils.sheet_lines import Line, lines
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, count, quoted

_COLUMNS = list(territories.FILE_COLUMNS)
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ID_LENGTH = 100
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4}")
_CODE = re.compile(r"[0-9A-Z]{2}[0-9]{3}")
_SHOWN = 60


@dataclass(frozen=True)
class RefusedRow:
    """A line of the file that is not taken: its number (the header is 1), its value, and why."""

    line: int
    value: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What an import would change, of the list as it was at `revision`. Nothing is written yet.

    `set_aside`: sentences on the councils that stay as they are because of a refused line.
    """

    departement: str
    revision: int
    changes: tuple[Difference, ...]
    refused: tuple[RefusedRow, ...]
    set_aside: tuple[str, ...]
    wanted: tuple[Change, ...] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class _Row:
    """A line that can be read: what it says of its council, and one member."""

    line: int
    council_id: str
    type: str
    name: str
    status: str
    source: str
    member: Member


def preview(
    database: Database,
    departement: str,
    content: bytes,
    places: Places,
    *,
    whole: bool = False,
) -> Preview:
    """Say what a file would change; nothing is written.

    The lines of a council replace all its members. A council one line of which is refused stays as
    it is. `whole`: the file is the whole list,
    so that a council that it does not name is removed, provided that no line is refused.

    Raises:
        Refused: a file that cannot be read at all, or whose columns are others.
    """
    with database.reading() as connection:
        at = revision(connection, departement)
        held = held_councils(connection, departement)
    rows: list[_Row] = []
    refused: list[RefusedRow] = []
    blocked: set[str] = set()
    read = list(lines(content, _COLUMNS))
    for line in read:
        row = _row(line, places, held)
        if isinstance(row, _Row):
            rows.append(row)
        else:
            refused.append(row)
    blocked |= _of_unread(read, {row.line for row in refused})
    names = places.former_names
    while wrong := list(_contradictions(rows, blocked, held, whole and not refused, names)):
        refused += [RefusedRow(row.line, value, reason) for row, value, reason in wrong]
        blocked |= {row.council_id for row, _, _ in wrong}
    wanted = list(_wanted(departement, rows, blocked, held))
    if whole and not refused:
        named_ids = {row.council_id for row in rows}
        wanted += [
            Change(council, replace(council, removed=True, members=()))
            for council in held.values()
            if not council.removed and council.id not in named_ids
        ]
    return Preview(
        departement=departement,
        revision=at,
        changes=tuple(told for c in wanted for told in differences(c.seen, c.wanted, names)),
        refused=tuple(sorted(refused, key=lambda r: r.line)),
        set_aside=tuple(_set_aside(blocked, held, bool(whole and refused))),
        wanted=tuple(c for c in wanted if c.seen != c.wanted),
        names=names,
    )


def apply(database: Database, preview: Preview, who: str) -> list[Council]:
    """Write what a preview has shown, in one transaction and one entry of the history.

    Raises:
        Refused: nothing to write, or the list has changed since the preview.
    """
    if not preview.wanted:
        raise Refused(f"Cet import ne change rien{NARROW}: il n’y a rien à enregistrer.")
    kinds = Counter(change.kind for change in preview.changes)
    told = ", ".join(count(kinds[k], k) for k in ("ajout", "modification", "retrait") if kinds[k])
    with database.writing() as connection:
        if lock(connection, preview.departement) != preview.revision:
            raise Refused(
                f"La liste a changé depuis l’aperçu ({latest(connection, preview.departement)})"
                f"{NARROW}: refaire l’aperçu du fichier."
            )
        saved, _ = save(
            connection,
            preview.departement,
            preview.wanted,
            who=who,
            action="import",
            sentence=f"Import d’un fichier{NARROW}: {told}.",
            names=preview.names,
        )
    return saved


def _of_unread(read: Sequence[Line], refused: Collection[int]) -> set[str]:
    """Return the councils that refused lines belong to, or may belong to.

    One so broken that it does not begin by an identifier and a type may be of those around it,
    which would lose a commune without it.
    """
    firsts = [line.pieces[0].strip() for line in read]
    found: set[str] = set()
    for at, (line, first) in enumerate(zip(read, firsts, strict=True)):
        if line.number not in refused:
            continue
        found.add(first)
        if line.unreadable and not _begins_well(line):
            found |= set(firsts[max(at - 1, 0) : at + 2])
    return found


def _begins_well(line: Line) -> bool:
    return len(line.pieces) > 1 and line.pieces[1] in territories.TYPES


def _row(line: Line, places: Places, held: Mapping[str, Council]) -> _Row | RefusedRow:
    if line.unreadable:
        return RefusedRow(line.number, line.raw[:_SHOWN], line.unreadable)
    cells = line.cells
    value = ";".join(cells)
    try:
        if len(cells) != len(_COLUMNS):
            raise Refused(
                f"La ligne a {len(cells)} cellules au lieu de {len(_COLUMNS)}{NARROW}: mettre "
                "entre guillemets un texte qui contient le séparateur."
            )
        council_id, kind, name, code, start, end, status, source = map(str.strip, cells)
        if council_id in held:
            name, source = (_as_held(text, held[council_id]) for text in (name, source))
        value = council_id
        _require_id(council_id)
        value = kind
        _require_type(kind, held.get(council_id))
        value = name
        name = rules.impersonal(name, "Le nom du conseil", rules.NAME_LENGTH)
        _require_not_taken(council_id, name, held.get(council_id))
        value = code
        code = code.upper().zfill(5) if code.isdecimal() else code.upper()
        _require_readable(code)
        value = start
        first = _date(start, "La date d’entrée")
        value = end
        last = _date(end, "La date de sortie")
        value = code
        if council_id not in held or all(m.code_insee != code for m in held[council_id].members):
            places.require(code, last)
        value = f"{start} – {end}"
        if first and last and first > last:
            raise Refused(f"La commune sort avant d’être entrée{NARROW}: corriger les dates.")
        value = f"{status} – {source}"
        known = held.get(council_id) or Council("", council_id, kind, name, "", "")
        told = described(known, name=name, status=status, source=source)
    except Refused as refusal:
        return RefusedRow(line.number, value[:_SHOWN], str(refusal))
    return _Row(
        line.number,
        council_id,
        kind,
        told.name,
        told.status,
        told.source,
        Member(code, first, last),
    )


def _as_held(text: str, council: Council) -> str:
    """Return a text as it is held, where a spreadsheet has only changed the width of its spaces."""
    known = (council.name, council.source, *(member.source for member in council.members))
    return next((each for each in known if each.split() == text.split()), text)


def _require_readable(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise Refused(
            f"Le code de commune {quoted(code[:_SHOWN])} est illisible{NARROW}: écrire les cinq "
            "caractères du code INSEE, par exemple 77288."
        )


def _require_id(council_id: str) -> None:
    if not _ID.fullmatch(council_id) or len(council_id) > _ID_LENGTH:
        raise Refused(
            f"L’identifiant d’un conseil est fait de lettres sans accent, de chiffres et de tirets"
            f"{NARROW}: écrire par exemple cispd-val-de-seine."
        )


def _require_type(kind: str, known: Council | None) -> None:
    if kind not in territories.TYPES:
        raise Refused(f"Le type n’est pas connu{NARROW}: écrire {', '.join(territories.TYPES)}.")
    if known is not None and known.type != kind:
        raise Refused(
            f"Le conseil est un {territories.TYPES[known.type]} dans la liste{NARROW}: créer un "
            "autre conseil, avec un autre identifiant, pour changer de type."
        )


def _require_not_taken(council_id: str, name: str, known: Council | None) -> None:
    """A council that was removed may come back; another one may not take its id."""
    if known is not None and known.removed and known.name != name:
        raise Refused(
            f"L’identifiant {council_id} a été celui de {quoted(known.name)}, retiré de la liste"
            f"{NARROW}: en choisir un autre."
        )


def _date(text: str, label: str) -> date | None:
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        rules.sensible(found, label)
        return found
    if _DAY.fullmatch(text):
        raise Refused(f"{label} n’est pas un jour du calendrier{NARROW}: corriger {text}.")
    raise Refused(f"{label} est illisible{NARROW}: écrire AAAA-MM-JJ ou JJ/MM/AAAA.")


def _contradictions(
    rows: Sequence[_Row],
    blocked: set[str],
    held: Mapping[str, Council],
    whole: bool,
    names: Mapping[str, str],
) -> Iterator[tuple[_Row, str, str]]:
    """Yield the rows that contradict another one, or a council that stays as it is."""
    taken = [row for row in rows if row.council_id not in blocked]
    firsts: dict[str, _Row] = {}
    for row in taken:
        first = firsts.setdefault(row.council_id, row)
        for label, ours, theirs in (
            ("type", row.type, first.type),
            ("nom", row.name, first.name),
            ("statut", row.status, first.status),
        ):
            if ours != theirs:
                yield (
                    row,
                    ours[:_SHOWN],
                    f"L’identifiant {row.council_id} a un autre {label} à la ligne {first.line}"
                    f"{NARROW}: un identifiant désigne un seul conseil.",
                )
    staying = [
        c
        for c in held.values()
        if not c.removed and c.id not in firsts and not (whole and c.id not in blocked)
    ]
    by_name = {c.name.casefold(): c.id for c in staying}
    for council_id, row in firsts.items():
        other = by_name.setdefault(row.name.casefold(), council_id)
        if other != council_id:
            yield (
                row,
                row.name[:_SHOWN],
                f"Le conseil {other} porte déjà ce nom{NARROW}: en choisir un autre.",
            )
    yield from _overlaps(taken, staying, held, names)


def _overlaps(
    taken: Sequence[_Row],
    staying: Sequence[Council],
    held: Mapping[str, Council],
    names: Mapping[str, str],
) -> Iterator[tuple[_Row, str, str]]:
    """Yield the rows that put a commune twice in a council, or in two of one type, at once.

    Two rows that the list holds already are not this file's doing.
    """
    already = {(c.id, m.code_insee, m.period) for c in held.values() for m in c.members}
    of_staying = [
        _Row(0, c.id, c.type, c.name, c.status, c.source, m) for c in staying for m in c.members
    ]
    by_council: dict[tuple[str, ...], list[_Row]] = {}
    by_type: dict[tuple[str, ...], list[_Row]] = {}
    for row in taken:
        by_council.setdefault((row.council_id, row.member.code_insee), []).append(row)
    for row in [*of_staying, *taken]:
        if row.type != "contrat":
            by_type.setdefault((row.type, row.member.code_insee), []).append(row)
    for group, within in [
        *((rows, True) for rows in by_council.values()),
        *((rows, False) for rows in by_type.values()),
    ]:
        for one, other in _sharing_a_day(group):
            if within != (one.council_id == other.council_id):
                continue
            new = [
                row
                for row in (one, other)
                if row.line
                and (
                    within
                    or (row.council_id, row.member.code_insee, row.member.period) not in already
                )
            ]
            if new:
                row = max(new, key=lambda r: r.line)
                against = other if row is one else one
                where = f"la ligne {against.line}" if against.line else "la liste"
                yield (
                    row,
                    row.member.code_insee,
                    f"{named(row.member.code_insee, names)} siège déjà dans "
                    f"{quoted(against.name)} à ces dates, selon {where}{NARROW}: corriger les "
                    "dates ou retirer une des deux lignes.",
                )


def _sharing_a_day(rows: Iterable[_Row]) -> Iterator[tuple[_Row, _Row]]:
    """Yield each row with the earlier one that lasts into it."""
    longest: _Row | None = None
    for row in sorted(rows, key=lambda r: (r.member.period, r.line)):
        if longest is not None and row.member.overlaps(longest.member):
            yield longest, row
        if longest is None or row.member.period[1] > longest.member.period[1]:
            longest = row


def _wanted(
    departement: str, rows: Sequence[_Row], blocked: set[str], held: Mapping[str, Council]
) -> Iterator[Change]:
    by_council: dict[str, list[_Row]] = {}
    for row in rows:
        if row.council_id not in blocked:
            by_council.setdefault(row.council_id, []).append(row)
    for council_id, of_council in by_council.items():
        first = of_council[0]
        seen = held.get(council_id)
        sources = [row.source for row in of_council]
        source = Counter(sources).most_common(1)[0][0]
        if seen is not None and seen.source in sources:
            source = seen.source
        members = tuple(
            replace(row.member, source="" if row.source == source else row.source)
            for row in of_council
        )
        blank = Council(departement, council_id, first.type, "", "", "")
        wanted = replace(
            seen or blank,
            name=first.name,
            status=first.status,
            source=source,
            members=tuple(sorted(members, key=Member.order)),
            removed=False,
        )
        yield Change(seen, wanted)


def _set_aside(
    blocked: set[str], held: Mapping[str, Council], removals_wait: bool
) -> Iterator[str]:
    for council_id in sorted(blocked):
        known = held.get(council_id)
        if known is not None and not known.removed:
            yield f"{quoted(known.name)} reste comme il est{NARROW}: une de ses lignes est refusée."
        elif _ID.fullmatch(council_id):
            yield f"{quoted(council_id)} n’est pas créé{NARROW}: une de ses lignes est refusée."
    if removals_wait:
        yield (
            "Aucun conseil n’est retiré tant que des lignes sont refusées"
            f"{NARROW}: corriger le fichier."
        )
