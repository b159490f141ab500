"""The user's choices: widgets on one side, the URL on the other, always the same.

The URL is the truth: a widget takes its value from it at each run and writes it back when the
user changes it. So a link opens the same view, and the browser's back button works.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import streamlit as st

from diagnostics import catalogue
from pages.ui.keys import Param

T = TypeVar("T")
D = TypeVar("D")
NAME_LENGTH = 60
_SAID = {True: "oui", False: "non"}
# Names that come with codes in a pasted list are left aside.
_CODE = re.compile(r"\b[0-9A-Za-z]{2}[0-9]{3}\b")


def chosen(param: Param, options: Sequence[T], default: D) -> T | D:
    """Return the option that the URL names, or the default if it names none of them."""
    raw = st.query_params.get(param)
    return next((option for option in options if str(option) == raw), default)


def select(
    param: Param,
    label: str,
    options: Sequence[T],
    default: T,
    words: Callable[[T], str] = str,
    *,
    forget: Sequence[Param] = (),
    help_text: str | None = None,
) -> T:
    """Show a list bound to a URL parameter and return the choice.

    `forget` names the parameters that make no sense any more once this one changes.
    """
    asked = st.query_params.get(param)
    if asked is not None and all(str(option) != asked for option in options):
        st.warning(
            f"L’adresse demande « {asked} », inconnu ici ({label.lower()}) : "
            "un autre choix est montré."
        )
    st.session_state[param] = chosen(param, options, default)
    return st.selectbox(
        label,
        options,
        key=param,
        format_func=words,
        on_change=_remember,
        args=(param, forget),
        help=help_text,
    )


def switch(param: Param, label: str, *, default: bool = True, help_text: str | None = None) -> bool:
    """Show a switch bound to the URL, as `default` unless the address says the contrary."""
    contrary = st.query_params.get(param) == _SAID[not default]
    st.session_state[param] = default != contrary
    return st.toggle(
        label, key=param, on_change=_remember_switch, args=(param, default), help=help_text
    )


def strategy_in_use() -> str:
    """Return the id of the strategy that the address names, or the usual one."""
    return chosen(Param.STRATEGIE, catalogue.strategy_ids(), catalogue.DEFAULT_STRATEGY)


def select_year(years: Sequence[int]) -> int:
    """Show the years as a slider bound to the URL; a single year needs none."""
    newest = max(years)
    asked = st.query_params.get(Param.ANNEE, str(newest))
    if asked not in map(str, years):
        st.warning(
            f"L’année demandée, {asked[:10]}, n’est pas dans ces données\u202f: voici {newest}."
        )
    if len(years) == 1:
        st.markdown(f"Année : **{newest}**")
        return newest
    st.session_state[Param.ANNEE] = chosen(Param.ANNEE, years, newest)
    return st.select_slider(
        "Année", options=years, key=Param.ANNEE, on_change=_remember, args=(Param.ANNEE, ())
    )


def search_area(areas: dict[str, str], label: str) -> str | None:
    """Show a search by name bound to the URL; return the code of the area, if one is chosen."""
    st.session_state[Param.ZONE] = chosen(Param.ZONE, list(areas), None)
    return st.selectbox(
        label,
        list(areas),
        key=Param.ZONE,
        index=None,
        format_func=areas.__getitem__,
        placeholder="Nom d’une zone",
        on_change=_remember,
        args=(Param.ZONE, ()),
    )


def search_areas(areas: dict[str, str], label: str, limit: int) -> list[str]:
    """Show a search of several areas bound to the URL; return their codes, `limit` at most.

    An address that names none opens on the area of the map, if there is one.
    """
    named = st.query_params.get(Param.ZONES, st.query_params.get(Param.ZONE, "")).split(",")
    found = [code for code in dict.fromkeys(named) if code in areas][:limit]
    st.session_state[Param.ZONES] = found
    st.multiselect(
        label,
        list(areas),
        key=Param.ZONES,
        format_func=areas.__getitem__,
        placeholder="Noms de zones",
        select_all=False,  # in English, and too many
        on_change=_remember_areas,
        args=(limit,),
    )
    return found


def choose_area(code: str | None) -> None:
    """Put an area (clicked on the map) in the URL."""
    if code is None:
        st.query_params.pop(Param.ZONE, None)
    else:
        st.query_params[Param.ZONE] = code


def codes_in(text: str) -> list[str]:
    """Return what looks like an INSEE code in a text, in its order."""
    return [code.upper() for code in _CODE.findall(text)]


def has_perimeter() -> bool:
    """Say whether the address is that of a free perimeter, were it still empty."""
    return Param.COMMUNES in st.query_params


def choose_communes(codes: Iterable[str]) -> None:
    """Put the communes of a free perimeter in the URL."""
    # Kept when empty: the perimeter is being composed.
    st.query_params[Param.COMMUNES] = ",".join(dict.fromkeys(codes))


def leave_perimeter() -> None:
    """Take the free perimeter out of the URL."""
    for param in (Param.COMMUNES, Param.NOM):
        st.query_params.pop(param, None)


def perimeter_name() -> str:
    """Return the name that the address gives to the perimeter, "" without one."""
    return plain_name(st.query_params.get(Param.NOM, ""))


def choose_name(name: str) -> None:
    """Put the name of the perimeter in the URL."""
    if kept := plain_name(name):
        st.query_params[Param.NOM] = kept
    else:
        st.query_params.pop(Param.NOM, None)


def plain_name(written: str) -> str:
    """Return a name in plain words, `NAME_LENGTH` characters at most.

    Whoever wrote the link may have put anything there, and the name goes into sentences that
    Markdown reads: no mark of Markdown or HTML is left, nor what it would turn into a link or an
    image.
    """
    text = unicodedata.normalize("NFC", written)
    kept = "".join(c if c.isalnum() or c in " '’-–&+()" else " " for c in text)
    return " ".join(kept.split())[:NAME_LENGTH].strip(" '’-–&+")


def link() -> dict[str, str]:
    """Return the parameters that a link to another page carries along."""
    carried = (
        Param.DEPARTEMENT,
        Param.NIVEAU,
        Param.PROGRAMME,
        Param.INDICATEUR,
        Param.ANNEE,
        Param.ZONE,
        Param.ZONES,
        Param.COMMUNES,
        Param.NOM,
        Param.STRATEGIE,
        Param.REFERENCE,
        Param.ESTIMATIONS,
        Param.COMPOSITION,
        Param.FRONTIERE,
        Param.DIAPOS,
        Param.PUBLIC,
    )
    return {p: st.query_params[p] for p in carried if p in st.query_params}


def _remember(param: Param, forget: Sequence[Param]) -> None:
    value = st.session_state[param]
    for each in forget:
        st.query_params.pop(each, None)
    if value is None:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = str(value)


def _remember_switch(param: Param, default: bool) -> None:
    if st.session_state[param] == default:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = _SAID[not default]


def _remember_areas(limit: int) -> None:
    # Kept when empty: no area at all is a choice too, and not that of the map.
    st.query_params[Param.ZONES] = ",".join(st.session_state[Param.ZONES][:limit])
