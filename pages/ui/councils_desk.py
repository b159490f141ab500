"""The list of councils as a page reads it at one run, and the one way in which it writes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

import streamlit as st

from diagnostics import territories
from diagnostics.councils import history, records, rules, undoing
from diagnostics.councils.database import Database
from diagnostics.councils.history import Conflict
from diagnostics.councils.notes import NoteConflict
from diagnostics.councils.places import Places
from diagnostics.councils.records import Council
from diagnostics.errors import Refused
from diagnostics.sources.cog import COMMUNE, departement_of
from diagnostics.wording import NARROW, sort_key
from pages.ui import blocks, cache
from pages.ui.councils_access import editing, require_editing
from pages.ui.keys import Param, Widget

T = TypeVar("T")
NEW = "nouveau"
"""What the URL holds in place of a council's id while one is being created."""
SHORT_STATUS = {
    records.STATUSES[0]: ("attesté", "blue"),
    territories.TO_CONFIRM: ("à confirmer", "orange"),
    records.STATUSES[2]: ("facultatif", "gray"),
}
_FIRST_DAY = date(1980, 1, 1)
_UNKNOWN = "commune inconnue"
_LAST = "conseils-dernier-changement"
_FEW = 4
"""Sentences on what an undo brings back, at most, beside its button."""


@dataclass(frozen=True)
class Desk:
    """The list of a département: `communes` is {code_insee: name}, those of the département first,
    then those of other ones that sit in a council or an EPCI of here; `places` knows all others.
    """

    departement: str
    database: Database
    communes: dict[str, str]
    places: Places
    councils: list[Council]
    editable: bool

    @cached_property
    def duties(self) -> dict[str, str]:
        """Return {code_insee: what the law asks there today} (`territories.duty`)."""
        communes = cache.table(self.departement, "communes")
        found = territories.duty(
            communes[communes["kind"] == COMMUNE],
            cache.table(self.departement, "qpv"),
            records.memberships(self.database, self.departement),
        )
        return dict(zip(found["code_insee"], found["duty"], strict=True))

    def name(self, code: str) -> str:
        """Return the name of a commune, were it one no longer."""
        return self.communes.get(code) or self.places.former_names.get(code, _UNKNOWN)

    def named(self, code: str) -> str:
        """Return the name of a commune and its code."""
        return f"{self.name(code)} ({code})"

    def short(self, code: str) -> str:
        """Return the name of a commune, with its code where it is elsewhere, or is not the only
        one of that name."""
        alone = self._here[self.name(code)] == 1 and departement_of(code) == self.departement
        return self.name(code) if alone else self.named(code)

    @cached_property
    def _here(self) -> Counter[str]:
        return Counter(self.communes.values())

    def names(self, codes: list[str]) -> str:
        """Return names in a row, in their order."""
        return ", ".join(sorted(map(self.name, codes), key=sort_key))


def open_desk(departement: str) -> Desk:
    """Return the list of a département as it is now."""
    database = cache.councils(departement)
    found = records.councils(database, departement)
    places = cache.places()
    return Desk(
        departement=departement,
        database=database,
        communes=_communes(departement, found, places),
        places=places,
        councils=sorted(found, key=lambda c: (c.ended is not None, sort_key(c.name), c.id)),
        editable=editing(),
    )


def _communes(departement: str, councils: list[Council], places: Places) -> dict[str, str]:
    communes = cache.table(departement, "communes")
    whole = communes[communes["kind"] == COMMUNE]
    # A commune of today that an older file still counts in parts bears the name of its own code.
    whole = whole.assign(own=whole["code_insee"] == whole["current_code"]).sort_values("own")
    here = dict(zip(whole["current_code"], whole["name"], strict=True))
    groups = cache.table(departement, "groups")
    sitting = {*groups["code_insee"], *(m.code_insee for c in councils for m in c.members)}
    outside = {code: places.names[code] for code in sitting - here.keys() if code in places.names}
    return _by_name(here) | _by_name(outside)


def _by_name(names: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda pair: (sort_key(pair[1]), pair[0])))


def ask_day(label: str, key: str, help_text: str | None = None) -> date | None:
    """Show a date, today by default; None where it was emptied. The session remembers it."""
    return st.date_input(
        label,
        min_value=_FIRST_DAY,
        format="DD/MM/YYYY",
        key=key,
        help=help_text,
        persist_state="session",
    )


def given(day: date | None) -> date:
    """Return a date that is needed.

    Raises:
        Refused: it was emptied.
    """
    if day is None:
        raise Refused(f"La date est vide{NARROW}: donner le premier jour du changement.")
    return day


def ask_who() -> None:
    """Show the field that says which service edits; the session remembers it."""
    st.text_input(
        f"Qui modifie{NARROW}? Un service, jamais un nom de personne",
        key=Widget.COUNCIL_WHO,
        max_chars=rules.WHO_LENGTH,
        placeholder="Préfecture, communauté d’agglomération…",
        help=f"{rules.WHO_HELP} {rules.NO_PERSONAL_DATA}",
        persist_state="session",
    )


def show_typing(abandon: Callable[[], None]) -> None:
    """Say that what is typed is kept by the session and not saved, with the way to drop it.

    `abandon`: the callback of the button.
    """
    st.button("Abandonner la saisie", key=Widget.COUNCIL_CANCEL, on_click=abandon)
    st.caption("Saisie gardée tant que cette page reste ouverte, pas encore enregistrée.")


def save(desk: Desk, write: Callable[[str], T]) -> T | None:
    """Write once more allowed, by the service named; return what was written, None if refused.

    A refusal is shown where it happens; a conflict at the top of a page read again.
    """
    try:
        require_editing()
        done = write(_who())
    except (Conflict, NoteConflict) as conflict:
        st.session_state[_LAST] = {"error": str(conflict)}
        st.rerun()
    except Refused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return None
    _remember_last(desk.database, desk.departement)
    return done


def undo(database: Database, departement: str, entry_id: int) -> None:
    """Undo a change: the callback of a button."""
    try:
        require_editing()
        undoing.undo(database, departement, entry_id, _who())
    except Refused as refusal:
        st.session_state[_LAST] = {"error": str(refusal)}
        return
    _remember_last(database, departement)


def show_last_change() -> None:
    """Show what was just saved, with the way to undo it, until the reader goes elsewhere."""
    last = st.session_state.get(_LAST)
    if last is None:
        return
    here = (st.query_params.get(Param.CONSEIL), st.query_params.get(Param.VUE))
    if last.setdefault("place", here) != here:
        del st.session_state[_LAST]
        return
    if "error" in last:
        st.error(blocks.plain(last["error"]), icon=":material/block:")
        return
    done = (
        last["sentence"].replace("Annule", "Annulé", 1)
        if last.get("undoes")
        else (f"Enregistré{NARROW}: {last['sentence']}")
    )
    st.success(blocks.plain(done), icon=":material/check:")
    if "entry_id" in last:
        st.button(
            "Rétablir" if last["undoes"] else "Annuler ce changement",
            key=Widget.COUNCIL_UNDO,
            icon=":material/redo:" if last["undoes"] else ":material/undo:",
            help=blocks.plain(" ".join(last["back"][:_FEW])),
            on_click=undo,
            args=(last["database"], last["departement"], last["entry_id"]),
        )


def _who() -> str:
    return rules.service(st.session_state.get(Widget.COUNCIL_WHO) or "")


def _remember_last(database: Database, departement: str) -> None:
    (entry,) = history.history(database, departement, limit=1)
    st.session_state[_LAST] = {
        "entry_id": entry.id,
        "sentence": entry.sentence,
        "undoes": entry.action == "annulation",
        "back": undoing.coming_back(
            database, departement, [entry], cache.places().former_names
        ).get(entry.id, []),
        "database": database,
        "departement": departement,
    }
