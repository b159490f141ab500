"""A free perimeter: communes chosen on the map, by name or by code, in the URL, no council made.

The address holds it whole (`communes=`, `nom=`), so it follows its reader from page to page, goes
back with the browser and can be mailed. Empty, `communes=` says that one is being composed.
"""

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from diagnostics import catalogue
from diagnostics.exports import csv
from diagnostics.report.model import PERIMETER, Report
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import count, quoted, slug, sort_key
from pages.ui import blocks, border_picker, cache, selection
from pages.ui.area_picker import pick_area
from pages.ui.composition_picker import pick_composition
from pages.ui.keys import Param, Widget
from pages.ui.navigation import link_to_perimeter

NAMED = 2
"""The largest communes that name a perimeter without a name."""
NO_LIKES = (
    "Pas de territoires semblables\u202f: il faut au moins trois données de contexte sur le "
    "périmètre et une intercommunalité qui n’en partage aucune commune."
)
_SHOWN = 3
_LONG, _LIST_HEIGHT = 40, 320


def chosen_codes(departement: str) -> list[str]:
    """Return the communes of this département that the URL names, each once, in its order."""
    known = _names(departement)
    asked = selection.codes_in(st.query_params.get(Param.COMMUNES, ""))
    return list(dict.fromkeys(code for code in asked if code in known))


def say_left_out(departement: str) -> None:
    """Say in one sentence what the URL names that is not in the perimeter, or is there twice."""
    written = st.query_params.get(Param.COMMUNES, "")
    known, asked = _names(departement), selection.codes_in(written)
    unknown = list(dict.fromkeys(code for code in asked if code not in known))
    twice = [code for code in chosen_codes(departement) if asked.count(code) > 1]
    if len(unknown) == 1:
        st.warning(
            f"L’adresse demande {unknown[0]}, qui n’est pas une commune de ce département\u202f: "
            "ce code est laissé de côté."
        )
    elif unknown:
        st.warning(
            f"L’adresse demande {_listed(unknown)}, qui ne sont pas des communes de ce "
            "département\u202f: ces codes sont laissés de côté."
        )
    elif written and not asked:
        st.warning(
            "L’adresse ne contient aucun code de commune lisible\u202f: choisir des communes par "
            "leur nom ou sur la carte."
        )
    elif twice:
        st.warning(
            f"L’adresse demande plusieurs fois {_listed(twice)}\u202f: une commune compte une "
            "seule fois."
        )


def label(departement: str, codes: Sequence[str]) -> str:
    """Return the name of a perimeter: the one given, or that of its largest communes."""
    if given := selection.perimeter_name():
        return given
    communes = _communes(departement)
    largest = communes[communes["code_insee"].isin(codes)].sort_values(
        ["population_legal", "code_insee"], ascending=[False, True]
    )
    names = list(largest["name"])
    if len(names) <= NAMED:
        return " et ".join(names)
    others = count(len(names) - NAMED, "autre commune", "autres communes")
    return f"{', '.join(names[:NAMED])} et {others}"


def current_report(departement: str, **options: Any) -> Report | None:
    """Return the report of the perimeter in the address, None where there is none.

    A line above says which perimeter is read, and how to change or to leave it.
    """
    say_left_out(departement)
    codes = chosen_codes(departement)
    if not codes:
        return None
    name = label(departement, codes)
    left, right = st.columns([5, 2], vertical_alignment="center")
    with left, st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Périmètre libre\u202f:** {blocks.plain(summary(departement, codes))}")
        link_to_perimeter("Modifier sur la carte", codes, selection.perimeter_name())
        st.button(
            "Revenir aux zones", key=Widget.PERIMETER_LEAVE, on_click=selection.leave_perimeter
        )
    with right:
        year = selection.select_year(cache.store().about(departement)["years"])
    return cache.perimeter_report(departement, codes, name, annee=year, **options)


def pick_report(departement: str, **options: Any) -> Report:
    """Return the report of the perimeter in the address; without one, of the area picked here."""
    if "strategy_id" not in options:
        options["strategy_id"] = selection.strategy_in_use()
        selection.say_unknown(
            Param.STRATEGIE,
            "stratégie",
            catalogue.strategy_ids(),
            catalogue.strategy(options["strategy_id"]).short_title,
            "sur les pages de programme",
        )
    report = current_report(departement, **options)
    if report is not None:
        return report
    choice = pick_area(departement)
    composition = pick_composition(departement, choice.niveau, choice.code)
    report = cache.report(
        departement,
        choice.niveau,
        choice.code,
        annee=choice.year,
        composition=composition,
        across=border_picker.across(),
        **options,
    )
    border_picker.show_choice(report)
    return report


def current_rows(departement: str) -> pd.DataFrame:
    """Return the rows of the perimeter in the address, in the long table's form; maybe none."""
    codes = chosen_codes(departement)
    if not codes:
        return cache.table(departement, "long").iloc[:0]
    return cache.perimeter_tables(departement, codes, label(departement, codes))[0]


def summary(departement: str, codes: Sequence[str]) -> str:
    """Return how many communes and residents a perimeter has."""
    communes = _communes(departement)
    residents = communes.loc[communes["code_insee"].isin(codes), "population_legal"]
    words = count(len(codes), "commune")
    if not codes:
        return "aucune commune choisie"
    if residents.isna().any():
        return f"{words}, population non connue"
    return f"{words}, {count(int(residents.sum()), 'habitant')} (population municipale)"


def show_mode() -> bool:
    """Show the switch between reading areas and composing a perimeter; say if one is composed."""
    st.session_state[Widget.PERIMETER_MODE] = selection.has_perimeter()
    return st.toggle(
        "Composer un périmètre",
        key=Widget.PERIMETER_MODE,
        on_change=_switch,
        help="Un clic sur une commune l’ajoute ou la retire. Le retour arrière du navigateur "
        "rend le périmètre que l’on a quitté.",
    )


def show_composer(departement: str, codes: Sequence[str]) -> None:
    """Show everything that makes a perimeter but the map."""
    names = _names(departement)
    st.session_state[Param.NOM] = selection.perimeter_name()
    st.text_input(
        "Nom du périmètre (facultatif)",
        key=Param.NOM,
        max_chars=selection.NAME_LENGTH,
        placeholder="Quartier de la gare, secteur nord…",
        on_change=_remember_name,
    )
    # A list that wraps: Streamlit's own of several choices keeps to one line, in English.
    with st.container(height=_LIST_HEIGHT if len(codes) > _LONG else "content", border=False):
        st.pills(
            "Communes choisies\u202f: un clic retire",
            codes,
            key=Widget.PERIMETER_REMOVE,
            format_func=lambda code: f"{names[code]} ✕",
            label_visibility="visible" if codes else "collapsed",
            on_change=_remove,
            args=(tuple(codes),),
        )
    st.selectbox(
        "Ajouter une commune",
        sorted(set(names) - set(codes), key=lambda code: sort_key(names[code])),
        index=None,
        key=Widget.PERIMETER,
        format_func=lambda code: f"{names[code]} ({code})",
        placeholder="Nom d’une commune",
        on_change=_add,
        args=(tuple(codes),),
    )
    groups = _groups(departement)
    st.selectbox(
        "Partir d’un conseil ou d’une intercommunalité",
        list(groups),
        index=None,
        key=Widget.PERIMETER_FROM,
        placeholder="Ajouter toutes ses communes",
        on_change=_add_group,
        args=(groups, tuple(codes)),
    )
    with st.expander("Coller une liste de codes ou de noms"):
        pasted = st.text_area(
            "Codes INSEE ou noms, un par ligne ou séparés par des virgules",
            key=Widget.PERIMETER_CODES,
        )
        st.button(
            "Ajouter cette liste",
            key=Widget.PERIMETER_APPLY,
            on_click=_add_list,
            args=(departement, tuple(codes)),
        )
        if unread := _read(departement, pasted)[1]:
            names_unread = _listed([quoted(blocks.plain(each)) for each in unread])
            st.error(
                f"{names_unread}\u202f: ni le code ni le nom d’une seule commune de ce "
                "département. Corriger ou retirer."
            )
    if codes:
        st.button(
            "Tout retirer",
            key=Widget.PERIMETER_CLEAR,
            on_click=selection.choose_communes,
            args=((),),
        )


def show_entrance(departement: str, report: Report) -> None:
    """Show, on the sheet, how to compose a perimeter, or to change the one that is read."""
    here = _names(departement)
    codes = [place.code for place in report.area.communes if place.code in here]
    inside = report.area.niveau == PERIMETER
    with st.expander("Changer le périmètre" if inside else "Composer un périmètre libre"):
        st.caption(
            "Les mêmes chiffres pour un ensemble de communes, sans créer de conseil. L’adresse de "
            "la page le garde\u202f: elle peut être envoyée."
        )
        with st.container(horizontal=True):
            link_to_perimeter(
                "Choisir sur la carte",
                codes if inside else (),
                selection.perimeter_name() if inside else "",
            )
            if codes and not inside:
                link_to_perimeter("Partir de cette zone, sur la carte", codes)
        show_composer(departement, codes if inside else [])


def show_download(departement: str) -> None:
    """Show the button that gives the figures of the perimeter in the address, if there is one."""
    codes = chosen_codes(departement)
    if not codes:
        return
    name = label(departement, codes)
    blocks.download(
        Widget.DOWNLOAD_PERIMETER,
        "Les chiffres de ce périmètre en CSV",
        lambda: csv.encoded(cache.perimeter_tables(departement, codes, name)[0]),
        f"{departement}-perimetre-{slug(name)}.csv",
        "text/csv",
    )


def _switch() -> None:
    if st.session_state[Widget.PERIMETER_MODE]:
        selection.choose_communes(())
    else:
        selection.leave_perimeter()


def _remember_name() -> None:
    selection.choose_name(st.session_state[Param.NOM])


def _remove(codes: tuple[str, ...]) -> None:
    removed = st.session_state[Widget.PERIMETER_REMOVE]
    st.session_state[Widget.PERIMETER_REMOVE] = None
    selection.choose_communes(code for code in codes if code != removed)


def _add(codes: tuple[str, ...]) -> None:
    added = st.session_state[Widget.PERIMETER]
    if added is not None:
        selection.choose_communes([*codes, added])
        st.session_state[Widget.PERIMETER] = None


def _add_group(members: dict[str, list[str]], codes: tuple[str, ...]) -> None:
    chosen = st.session_state[Widget.PERIMETER_FROM]
    if chosen is not None:
        selection.choose_communes([*codes, *members[chosen]])
        st.session_state[Widget.PERIMETER_FROM] = None


def _add_list(departement: str, codes: tuple[str, ...]) -> None:
    """Add what can be read of the pasted list; what cannot stays there, to be corrected."""
    found, unread = _read(departement, st.session_state[Widget.PERIMETER_CODES])
    if found:
        selection.choose_communes([*codes, *found])
    st.session_state[Widget.PERIMETER_CODES] = "\n".join(unread)


def _read(departement: str, pasted: str) -> tuple[list[str], list[str]]:
    """Return the communes of a pasted list, and what is none: a code first, otherwise a name."""
    names = _names(departement)
    by_name: dict[str, list[str]] = {}
    for code, name in names.items():
        by_name.setdefault(_key(name), []).append(code)
    found, unread = [], []
    for piece in filter(None, map(str.strip, re.split(r"[,;\t\n]", pasted))):
        # A spreadsheet loses the zero of 01004.
        codes = selection.codes_in(f"0{piece}" if re.fullmatch(r"\d{4}", piece) else piece)
        same = codes or by_name.get(_key(piece), [])
        known = [code for code in same if code in names]
        if codes or len(known) == 1:
            found += known
            unread += [code for code in codes if code not in names]
        else:
            unread.append(piece)
    return list(dict.fromkeys(found)), list(dict.fromkeys(unread))


def _key(name: str) -> str:
    """Return a name as people may write it: without accents, Saint shortened or not."""
    words = {"st": "saint", "ste": "sainte"}
    return "-".join(words.get(word, word) for word in slug(name).split("-"))


def _communes(departement: str) -> pd.DataFrame:
    communes = cache.table(departement, "communes")
    return communes[communes["kind"] == COMMUNE]


def _names(departement: str) -> dict[str, str]:
    communes = _communes(departement)
    return dict(zip(communes["code_insee"], communes["name"], strict=True))


def _groups(departement: str) -> dict[str, list[str]]:
    """Return the communes of the département in each council and EPCI, by their names."""
    groups = cache.table(departement, "groups")
    kept = groups[groups["inside"] & groups["niveau"].isin(["territoire", "epci"])]
    members: dict[str, list[str]] = {}
    for name, code in zip(kept["libelle"], kept["code_insee"], strict=True):
        members.setdefault(name, []).append(code)
    return members


def _listed(words: Sequence[str]) -> str:
    """Return the first words of a list, and how many others there are."""
    if len(words) == 1:
        return words[0]
    shown = words[:_SHOWN]
    if len(words) == len(shown):
        return f"{', '.join(shown[:-1])} et {shown[-1]}"
    return f"{', '.join(shown)} et {count(len(words) - len(shown), 'autre')}"
