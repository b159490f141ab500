"""The user's choices: widgets on one side, the URL on the other, always the same.

The URL is the truth: a widget takes its value from it at each run and writes it back when the
user changes it. So a link opens the same view, and the browser's back button works.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

import streamlit as st

from diagnostics import catalogue
from diagnostics.report.model import PERIMETER
from diagnostics.wording import NARROW, count, quoted
from pages.ui.keys import Param
from pages.ui.markdown import plain

T = TypeVar("T")
D = TypeVar("D")
NAME_LENGTH = 60
_SAID = {True: "oui", False: "non"}
_QUOTED, _NAMED = 40, 3
"""Characters shown of a value that the address should not have, and how many such values."""
OF_ONE_DEPARTEMENT = (
    Param.NIVEAU,
    Param.PROGRAMME,
    Param.INDICATEUR,
    Param.ANNEE,
    Param.ZONE,
    Param.ZONES,
    Param.COMMUNES,
    Param.NOM,
    Param.NIVEAUX,
    Param.CODES,
    Param.PROGRAMMES,
    Param.ANNEES,
)
"""Choices that make no sense any more in another département."""
_CARRIED = (
    Param.DEPARTEMENT,
    *OF_ONE_DEPARTEMENT,
    Param.STRATEGIE,
    Param.REFERENCE,
    Param.FORCE,
    Param.DENSITE,
    Param.ESTIMATIONS,
    Param.COMPOSITION,
    Param.FRONTIERE,
    Param.DIAPOS,
    Param.PUBLIC,
)
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
    say_unknown(param, label, options, words(default))
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


def say_unknown(
    param: Param, label: str, options: Iterable[object], shown: str, where: str = "ici"
) -> None:
    """Say in one sentence that the URL asks for what is no option, and what is shown instead.

    `where` another choice can be made.
    """
    asked = st.query_params.get(param)
    if asked is not None and asked not in map(str, options):
        st.warning(
            f"L’adresse demande {_asked(asked)}, inconnu ici ({label.lower()}){NARROW}: voici "
            f"{quoted(plain(shown))}, un autre choix se fait {where}."
        )


def _asked(value: str) -> str:
    short = value if len(value) <= _QUOTED else f"{value[:_QUOTED]}…"
    return quoted(plain(short))


def switch(param: Param, label: str, *, default: bool = True, help_text: str | None = None) -> bool:
    """Show a switch bound to the URL, as `default` unless the address says the contrary."""
    say_unknown(param, label, _SAID.values(), _SAID[default])
    contrary = st.query_params.get(param) == _SAID[not default]
    st.session_state[param] = default != contrary
    return st.toggle(
        label, key=param, on_change=_remember_switch, args=(param, default), help=help_text
    )


def asked_areas() -> list[str]:
    """Return the codes of the areas that the URL names: the one that is read, else those compared.

    A free perimeter is of no level: it is left out.
    """
    written = st.query_params.get(Param.ZONE) or st.query_params.get(Param.ZONES, "")
    return [code for code in written.split(",") if code and not code.startswith(PERIMETER)]


def departement_of(held: Collection[str]) -> str | None:
    """Return the département, among those held, of the commune that the URL names without it."""
    zone = st.query_params.get(Param.ZONE, "")
    if not _CODE.fullmatch(zone):
        return None
    return next((code for code in (zone[:3], zone[:2]) if code in held), None)


def strategy_in_use() -> str:
    """Return the id of the strategy that the address names, or the usual one."""
    return chosen(Param.STRATEGIE, catalogue.strategy_ids(), catalogue.DEFAULT_STRATEGY)


def select_year(years: Sequence[int]) -> int:
    """Show the years as a slider bound to the URL; a single year needs none."""
    newest = max(years)
    asked = st.query_params.get(Param.ANNEE, str(newest))
    if asked not in map(str, years):
        st.warning(
            f"L’adresse demande l’année {_asked(asked)}, qui n’est pas dans ces données{NARROW}: "
            f"voici {newest}."
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
    _say_left_out([st.query_params.get(Param.ZONE, "")], areas, label)
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


def search_areas(
    areas: dict[str, str], label: str, limit: int, default: Sequence[str] = ()
) -> list[str]:
    """Show a search of several areas bound to the URL; return their codes, `limit` at most.

    An address that names none opens on the default or on the area of the map, if there is one.
    """
    of_map = list(filter(None, [st.query_params.get(Param.ZONE)]))
    return select_several(
        Param.ZONES, label, areas, "Noms de zones", default=default or of_map, limit=limit
    )


def select_several(
    param: Param,
    label: str,
    options: dict[str, str],
    placeholder: str,
    *,
    default: Sequence[str] | None = None,
    limit: int | None = None,
) -> list[str]:
    """Show a list of several choices bound to a URL parameter; return those made, by their codes.

    `options` are their words by code. With a `default`, that of an address which says nothing,
    none at all is a choice too and the address says it.
    """
    written = st.query_params.get(param)
    asked = list(default or ()) if written is None else written.split(",")
    asked = list(filter(None, dict.fromkeys(asked)))
    _say_left_out(asked, options, label)
    known = [code for code in asked if code in options]
    if limit is not None and len(known) > limit:
        st.warning(
            f"L’adresse demande {len(known)} choix ({label.lower()}){NARROW}: les {limit} premiers "
            "sont montrés."
        )
    found = known[:limit]
    st.session_state[param] = found
    st.multiselect(
        label,
        list(options),
        key=param,
        format_func=options.__getitem__,
        placeholder=placeholder,
        select_all=False,  # in English, and too many
        on_change=_remember_several,
        args=(param, limit, default is not None),
    )
    return found


def _say_left_out(asked: Sequence[str], options: Collection[str], label: str) -> None:
    """Say in one sentence what the URL names that is no option."""
    unknown = [each for each in asked if each and each not in options]
    if not unknown:
        return
    shown = ", ".join(map(_asked, unknown[:_NAMED]))
    if len(unknown) > _NAMED:
        shown += f" et {count(len(unknown) - _NAMED, 'autre')}"
    alone = len(unknown) == 1
    words = ("inconnu", "laissé") if alone else ("inconnus", "laissés")
    st.warning(
        f"L’adresse demande {shown}, {words[0]} ici ({label.lower()}){NARROW}: {words[1]} de côté, "
        "un autre choix se fait ici."
    )


def choose_area(code: str | None) -> None:
    """Put an area (clicked on the map) in the URL."""
    _keep_level()
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
    return {p: st.query_params[p] for p in _CARRIED if p in st.query_params}


def _remember(param: Param, forget: Sequence[Param]) -> None:
    value = st.session_state[param]
    if param == Param.ZONE:
        _keep_level()
    for each in forget:
        st.query_params.pop(each, None)
    if value is None:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = str(value)


def _keep_level() -> None:
    """Put in the URL the level that is shown, which its areas alone may have told so far."""
    level = st.session_state.get(Param.NIVEAU)
    if level is not None:
        st.query_params.setdefault(Param.NIVEAU, level)


def _remember_switch(param: Param, default: bool) -> None:
    if st.session_state[param] == default:
        st.query_params.pop(param, None)
    else:
        st.query_params[param] = _SAID[not default]


def _remember_several(param: Param, limit: int | None, none_is_a_choice: bool) -> None:
    codes = st.session_state[param][:limit]
    if param == Param.ZONES:
        _keep_level()
    if codes or none_is_a_choice:
        st.query_params[param] = ",".join(codes)
    else:
        st.query_params.pop(param, None)
