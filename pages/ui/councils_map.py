"""The communes of a council being edited: a click on the map or a name adds or removes one.

What is wanted is kept apart from the widgets, as what enters and what leaves: so it is still right
when the day of the change, or the council itself, has changed in between.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st
from streamlit_folium import st_folium

from diagnostics.errors import Refused
from diagnostics.figures import maps, scale
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import NARROW, count, sort_key
from pages.ui import blocks, cache
from pages.ui.councils_desk import Desk
from pages.ui.keys import Widget
from pages.ui.map_view import outline_of, outlines_of, towns_of

HEIGHT = 560


@dataclass
class Draft:
    """What one session wants of the members of a council, not saved yet: codes of communes."""

    entering: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)

    def wanted(self, base: Sequence[str]) -> list[str]:
        """Return the members once changed."""
        return sorted((set(base) | self.entering) - self.leaving)

    def aim(self, base: Sequence[str], wanted: Sequence[str]) -> None:
        """Take what is wanted, from the members as they are."""
        self.entering = set(wanted) - set(base)
        self.leaving = set(base) - set(wanted)


def draft(key: str) -> Draft:
    """Return what the session wants of a council."""
    found: Draft = st.session_state.setdefault(f"conseil-brouillon-{key}", Draft())
    return found


def forget(key: str) -> None:
    """Forget what the session wanted of a council."""
    st.session_state.pop(f"conseil-brouillon-{key}", None)


def show_names(desk: Desk, key: str, base: Sequence[str], label: str) -> None:
    """Show the communes wanted as a list of names, that adds and removes too."""
    widget = f"{Widget.COUNCIL_COMMUNES}-{key}"
    st.session_state[widget] = sorted(
        draft(key).wanted(base), key=lambda code: sort_key(desk.short(code))
    )
    st.multiselect(
        label,
        list(dict.fromkeys([*desk.communes, *st.session_state[widget]])),
        key=widget,
        format_func=desk.short,
        placeholder="Ajouter une commune par son nom",
        select_all=False,  # in English, and too many
        wrap=True,
        on_change=_named,
        args=(key, tuple(base)),
    )


def show_outside(desk: Desk, key: str, base: Sequence[str]) -> None:
    """Show the field that adds a commune of another département, of which there is no list here."""
    widget = f"{Widget.COUNCIL_OUTSIDE}-{key}"
    st.text_input(
        "Ajouter une commune d’un autre département",
        key=widget,
        placeholder="Nom, ou code INSEE",
        help="Un conseil peut s’étendre sur plusieurs départements. Ses communes d’ailleurs sont "
        "comptées quand leur département est chargé.",
        on_change=_found_outside,
        args=(desk, key, tuple(base)),
    )
    if told := st.session_state.get(f"{widget}-refus"):
        st.error(blocks.plain(told), icon=":material/block:")


def _found_outside(desk: Desk, key: str, base: Sequence[str]) -> None:
    widget = f"{Widget.COUNCIL_OUTSIDE}-{key}"
    written = st.session_state[widget].strip()
    st.session_state.pop(f"{widget}-refus", None)
    if not written:
        return
    try:
        code = desk.places.code_of(written)
    except Refused as refusal:
        st.session_state[f"{widget}-refus"] = str(refusal)
        return
    draft(key).aim(base, [*draft(key).wanted(base), code])
    st.session_state[widget] = ""


def _named(key: str, base: Sequence[str]) -> None:
    draft(key).aim(base, st.session_state[f"{Widget.COUNCIL_COMMUNES}-{key}"])


def show_map(desk: Desk, key: str, base: Sequence[str], elsewhere: Mapping[str, str]) -> None:
    """Show the map; `elsewhere` gives the council of the same type where a commune sits already."""
    outline = outline_of(desk.departement)
    if outline.empty:
        st.info(
            f"Aucun contour de commune n’a été chargé pour ce département{NARROW}: choisir les "
            "communes par leur nom."
        )
        return
    wanted = draft(key).wanted(base)
    rows = _rows(desk, set(wanted), elsewhere)
    framed = st.session_state.setdefault(f"conseil-cadre-{key}", tuple(base))
    widget = f"{Widget.COUNCIL_MAP}-{key}"
    click = maps.last_click(st.session_state.get(widget))
    st_folium(
        maps.folium_map(
            _frame(desk, framed) if framed else outline,
            cache.contour_path(desk.departement, "departement", [desk.departement]),
            towns_of(desk.departement),
        ),
        key=widget,
        height=HEIGHT,
        use_container_width=True,
        returned_objects=maps.RETURNED_OBJECTS,
        on_change=partial(_clicked, key, widget, tuple(base)),
        feature_group_to_add=maps.areas_layer(
            cache.contour_path(desk.departement, COMMUNE, sorted(rows["code"])),
            rows,
            (),
            None,
            wanted,
            0 if click is None else click.number,
        ),
    )
    st.html(_legend())


def show_around(key: str, codes: Sequence[str]) -> None:
    """Let the map open on some communes; afterwards it stays where its reader puts it."""
    st.session_state[f"conseil-cadre-{key}"] = tuple(codes)


def _frame(desk: Desk, codes: Sequence[str]) -> gpd.GeoDataFrame:
    """Return what the map opens on: communes and as much around them, the département at most."""
    whole = outline_of(desk.departement)
    drawn = outlines_of(desk.departement, COMMUNE, codes)
    if drawn.empty:
        return whole
    west, south, east, north = drawn.total_bounds
    margin = 0.5 * max(east - west, north - south)
    around = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return gpd.GeoDataFrame(geometry=[around], crs=whole.crs)


def _clicked(key: str, widget: str, base: Sequence[str]) -> None:
    click = maps.last_click(st.session_state.get(widget))
    if click is not None and click.chosen is not None:
        draft(key).aim(base, click.chosen)


def _rows(desk: Desk, wanted: set[str], elsewhere: Mapping[str, str]) -> pd.DataFrame:
    communes = cache.table(desk.departement, "communes")
    drawn = outlines_of(desk.departement, COMMUNE, communes["code_insee"].tolist())
    rows = pd.DataFrame({"code": drawn["code"].to_numpy(), "label": drawn["label"].to_numpy()})
    member = rows["code"].isin(wanted)
    other = rows["code"].map(dict(elsewhere))
    return rows.assign(
        status=[
            "publie" if m else "zero" if pd.isna(o) else "non_diffuse"
            for m, o in zip(member, other, strict=True)
        ],
        value=member.astype(float),
        shown=member,
        tooltip=[_tooltip(m, o) for m, o in zip(member, other, strict=True)],
    )


def _tooltip(member: bool, other: object) -> str:
    if member:
        return "Dans ce conseil\nCliquer pour la retirer"
    if isinstance(other, str):
        return f"Siège aujourd’hui au {other}\nCliquer pour la faire passer dans ce conseil"
    return "Cliquer pour l’ajouter"


def _legend() -> str:
    fills = scale.fills()
    entries = [
        (fills["classe-3"], "dans ce conseil"),
        (fills["non-diffuse"], "dans un autre conseil du même type"),
        (fills["zero"], "dans aucun autre"),
    ]
    return "".join(
        f'<span style="font-size:.875rem;margin-right:1.1rem;white-space:nowrap">'
        f'<img alt="" style="vertical-align:-3px" src="data:image/svg+xml,{quote(_swatch(fill))}"> '
        f"{html.escape(words)}</span>"
        for fill, words in entries
    )


def _swatch(fill: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="28" height="18" viewBox="0 0 28 18">'
        f'{scale.pattern_defs()}<rect x=".5" y=".5" width="27" height="17" fill="{fill}" '
        f'stroke="{scale.BORDER}"/></svg>'
    )


def changes(desk: Desk, key: str, base: Sequence[str], elsewhere: Mapping[str, str]) -> str:
    """Say what saving would do, "" where it would do nothing."""
    wanted = draft(key)
    entering, leaving = wanted.entering - set(base), wanted.leaving & set(base)
    told = []
    if entering:
        told.append(
            f"**{_verb(entering, 'entre')}{NARROW}:** {blocks.plain(desk.names(sorted(entering)))}"
        )
    if leaving:
        told.append(
            f"**{_verb(leaving, 'sort')}{NARROW}:** {blocks.plain(desk.names(sorted(leaving)))}"
        )
    moved = [f"{desk.name(c)} quitte le {elsewhere[c]}" for c in entering if c in elsewhere]
    if moved:
        told.append(f"Le même jour, {blocks.plain(', '.join(sorted(moved)))}.")
    return "  \n".join(told)


def _verb(codes: set[str], verb: str) -> str:
    plural = {"entre": "entrent", "sort": "sortent"}[verb]
    return f"{count(len(codes), 'commune')} {verb if len(codes) == 1 else plural}"
