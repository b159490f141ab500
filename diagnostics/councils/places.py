"""Which communes there are, and the true reason where a code is none of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from diagnostics.councils.mergers import Movements, movements
from diagnostics.errors import Refused
from diagnostics.sources.cog import departement_of
from diagnostics.store import Store
from diagnostics.wording import NARROW, day, number, quoted, slug

_CODE = re.compile(r"[0-9A-Z]{2}[0-9]{3}")
_FEW, _SHOWN = 8, 60


@dataclass(frozen=True)
class Places:
    """The communes of France by code, and codes that are none: parts of one, former ones.

    `wholes`: {municipal arrondissement: its commune}. `held`: the départements whose communes are
    all named; every one where the code officiel géographique was kept with the figures.
    """

    names: Mapping[str, str]
    wholes: Mapping[str, str] = field(default_factory=dict)
    moves: Movements = field(default_factory=lambda: Movements({}, ()))
    held: frozenset[str] | None = None

    @cached_property
    def former_names(self) -> Mapping[str, str]:
        """Return {code: name} of communes of today and of before."""
        return {**self.moves.names, **self.names}

    def require(self, code: str, last: date | None = None) -> None:
        """Refuse a code that is no commune, saying what it is.

        `last`: the last day that it is asked for, None where it goes on. A former commune may be
        named for the time when it was one.

        Raises:
            Refused: the code is that of no commune then.
        """
        if code in self.names:
            return
        former = self.moves.merged.get(code)
        if former is not None and last is not None and (former.on is None or last < former.on):
            return
        raise Refused(self._why(code))

    def code_of(self, written: str) -> str:
        """Return the commune that somebody has written, by its code or by its name.

        Raises:
            Refused: there is none, or several of that name.
        """
        code = written.strip().upper()
        if _CODE.fullmatch(code):
            self.require(code)
            return code
        found = self._by_name.get(slug(written), [])
        if len(found) == 1:
            return found[0]
        if found:
            codes = ", ".join(sorted(found)[:_FEW]) + ("…" if len(found) > _FEW else "")
            raise Refused(
                f"{number(len(found))} communes s’appellent {quoted(written.strip()[:_SHOWN])}"
                f"{NARROW}: écrire le code de celle-ci ({codes})."
            )
        raise Refused(
            f"Aucune commune ne s’appelle {quoted(written.strip()[:_SHOWN])}{NARROW}: vérifier "
            "son nom, ou écrire son code INSEE."
        )

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for code, name in self.names.items():
            found.setdefault(slug(name), []).append(code)
        return found

    def _why(self, code: str) -> str:
        if code in self.wholes:
            whole = self.wholes[code]
            return (
                f"{code} est un arrondissement municipal{NARROW}: un conseil réunit des communes, "
                f"écrire {whole} ({self.names[whole]})."
            )
        if former := self.moves.merged.get(code):
            since = f" depuis le {day(former.on)}" if former.on else ""
            return (
                f"{former.name} ({code}) fait partie de {former.other_name}{since}{NARROW}: écrire "
                f"{former.other}, ou une date de sortie d’avant la fusion."
            )
        departement = departement_of(code)
        if self.held is not None and departement not in self.held:
            return (
                f"La commune {quoted(code)} serait du département {departement}, dont les communes "
                f"ne sont pas connues ici{NARROW}: charger de nouveau les données officielles, qui "
                "apportent le code officiel géographique de toute la France."
            )
        return (
            f"La commune {quoted(code)} n’existe pas dans le code officiel géographique chargé"
            f"{NARROW}: vérifier ce code."
        )


def places(store: Store) -> Places:
    """Return what a store knows of communes; one built by an earlier version knows fewer."""
    communes = store.france("communes")
    moves = movements(store.france("movements"))
    if communes.empty:
        return _of_departements(store, moves)
    parts = communes[communes["whole"].notna()]
    whole = communes[communes["whole"].isna()]
    return Places(
        dict(zip(whole["code_insee"], whole["name"], strict=True)),
        dict(zip(parts["code_insee"], parts["whole"], strict=True)),
        moves,
    )


def _of_departements(store: Store, moves: Movements) -> Places:
    names: dict[str, str] = {}
    wholes: dict[str, str] = {}
    for each in store.departements():
        communes = store.table(each, "communes")
        parts = communes[communes["whole"].notna()]
        whole = communes[communes["whole"].isna()]
        names |= dict(zip(whole["current_code"], whole["name"], strict=True))
        wholes |= dict(zip(parts["code_insee"], parts["whole"], strict=True))
    return Places(names, wholes, moves, frozenset(store.departements()))
