"""What differs in two states of a council, in sentences: before an import, before an undo."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnostics import territories
from diagnostics.councils.records import Council, Member, named
from diagnostics.wording import NARROW, count, day, quoted


@dataclass(frozen=True)
class Difference:
    """One thing that a change would do. kind: ajout | modification | retrait."""

    kind: str
    council_id: str
    name: str
    sentence: str


def differences(
    before: Council | None, after: Council, names: Mapping[str, str]
) -> Iterator[Difference]:
    """Yield what differs in two states of a council, one sentence for each thing.

    `before`: None where there was none; `names`: {code_insee: name}.
    """
    known = count(len({m.code_insee for m in after.members}), "commune")
    if after.removed:
        yield Difference("retrait", after.id, after.name, f"{quoted(after.name)} quitte la liste.")
        return
    if before is None or before.removed:
        what = f"{territories.TYPES[after.type]}, {after.status}, {known}"
        yield Difference(
            "ajout", after.id, after.name, f"{quoted(after.name)} entre dans la liste ({what})."
        )
    else:
        for told in fields_changed(before, after):
            yield Difference("modification", after.id, after.name, f"{quoted(after.name)}, {told}.")
    gone = {m: None for m in (before.members if before else ()) if m not in after.members}
    come = {m: None for m in after.members if not before or m not in before.members}
    for code in dict.fromkeys(m.code_insee for m in [*gone, *come]):
        left = [m for m in gone if m.code_insee == code]
        new = [m for m in come if m.code_insee == code]
        where = f"{named(code, names)} dans {quoted(after.name)}"
        if len(left) == len(new) == 1:
            (old,), (now,) = left, new
            what = f"{_period(old)} devient {_period(now)}"
            if old.period == now.period:
                what = f"source{NARROW}: {quoted(now.source or after.source)}"
            yield Difference("modification", after.id, after.name, f"{where}, {what}.")
            continue
        for member in left:
            yield Difference(
                "retrait", after.id, after.name, f"{where}, {_period(member)}, est retirée."
            )
        for member in new:
            yield Difference("ajout", after.id, after.name, f"{where}, {_period(member)}.")


def _period(member: Member) -> str:
    start = f"depuis le {day(member.start)}" if member.start else "depuis une date non connue"
    return start if member.end is None else f"{start} jusqu’au {day(member.end)}"


def fields_changed(before: Council, after: Council) -> list[str]:
    """Return what differs in two states of a council, members apart, as pieces of a sentence."""
    told = []
    if before.name != after.name:
        told.append(f"{quoted(before.name)} devient {quoted(after.name)}")
    for label, old, new in (
        ("statut", before.status, after.status),
        ("source", before.source, after.source),
    ):
        if old != new:
            told.append(f"{label}{NARROW}: {quoted(old)} devient {quoted(new)}")
    if before.checked != after.checked:
        told.append(
            f"vérifié le {day(after.checked)}" if after.checked else "sans date de vérification"
        )
    if before.logo != after.logo:
        told.append("logo changé" if after.logo else "logo retiré")
    return told
