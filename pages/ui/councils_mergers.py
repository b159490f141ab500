"""Communes of the list that have merged since: say so, and let their councils follow."""

import streamlit as st

from diagnostics.councils.mergers import CarriedOver, carry_over, to_follow
from diagnostics.errors import Refused
from diagnostics.sources.cog import COMMUNE
from diagnostics.wording import NARROW, count
from pages.ui import blocks, cache
from pages.ui.councils_desk import Desk, ask_who, save

FOLLOW = "conseil-suivre-fusions"
_FEW = 8


def show_mergers(desk: Desk) -> None:
    """Say which communes of the list have merged, with the button that lets councils follow."""
    names, successors = _merged(desk.departement)
    followed, left = to_follow(desk.councils, successors, desk.communes)
    members = {m.code_insee for c in desk.councils for m in c.members}
    merged = sorted(members & successors.keys())
    if not merged:
        return
    few = [
        f"{names[code]} ({code}) fait partie de {desk.named(successors[code])}"
        for code in merged[:_FEW]
    ]
    if len(merged) > _FEW:
        few.append(f"et {len(merged) - _FEW} autres")
    have = "a fusionné" if len(merged) == 1 else "ont fusionné"
    pressed = False
    with st.container(border=True):
        st.markdown(
            f":material/call_merge: **{count(len(merged), 'commune')} de la liste {have}.** "
            f"{blocks.plain(f'{NARROW}; '.join(few))}."
        )
        for sentence in left:
            st.markdown(f"- {blocks.plain(sentence)}")
        if followed and desk.editable:
            ask_who()
            pressed = st.button("Suivre ces fusions dans la liste", key=FOLLOW, type="primary")
    if pressed and save(desk, lambda who: _follow(desk, successors, who)) is not None:
        st.rerun()


def _follow(desk: Desk, successors: dict[str, str], who: str) -> CarriedOver:
    done = carry_over(desk.database, desk.departement, successors, who=who, communes=desk.communes)
    if not done.councils:
        raise Refused(
            f"La liste a changé entre-temps{NARROW}: il n’y a plus de fusion à suivre, recharger "
            "la page."
        )
    return done


def _merged(departement: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return {former code: its name} and {former code: commune of today} of merged communes."""
    communes = cache.table(departement, "communes")
    communes = communes[communes["kind"] == COMMUNE]
    former = communes[~communes["code_insee"].isin(communes["current_code"])]
    codes = former["code_insee"]
    return (
        dict(zip(codes, former["name"], strict=True)),
        dict(zip(codes, former["current_code"], strict=True)),
    )
