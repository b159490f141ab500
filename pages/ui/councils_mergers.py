"""Communes of the list that have merged or parted since: say so, and let their councils follow."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from diagnostics.councils import mergers
from diagnostics.councils.history import begun
from diagnostics.councils.mergers import Dispute, Movements, Question
from diagnostics.councils.records import Council
from diagnostics.errors import Refused
from diagnostics.wording import NARROW, count
from pages.ui import blocks
from pages.ui.councils_desk import Desk, ask_who, save
from pages.ui.keys import Widget

_FEW = 8


def show_mergers(desk: Desk) -> None:
    """Say which communes of the list have merged or parted, with the buttons that follow them."""
    moves = desk.places.moves
    behind = mergers.followed(desk.councils, moves)
    disputed = mergers.disputes(desk.councils, moves)
    since = begun(desk.database, desk.departement)
    asked = mergers.questions(desk.councils, moves, since) if since else []
    if not (behind or disputed or asked):
        return
    with st.container(border=True):
        if desk.editable:
            ask_who()
        if behind:
            _follow(desk, moves, behind)
        for dispute in disputed:
            _settle(desk, moves, dispute)
        for question in asked:
            _answer(desk, question)


def _follow(desk: Desk, moves: Movements, behind: Sequence[Council]) -> None:
    held = {c.id: c for c in desk.councils}
    moved = {
        m.code_insee for c in behind for m in held[c.id].members if m not in c.members
    } & moves.merged.keys()
    few = [
        f"{each.name} ({each.code}) fait partie de {each.other_name} ({each.other})"
        for each in (moves.merged[code] for code in sorted(moved)[:_FEW])
    ]
    if len(moved) > _FEW:
        few.append(f"et {len(moved) - _FEW} autres")
    have = "a fusionné" if len(moved) == 1 else "ont fusionné"
    st.markdown(
        f":material/call_merge: **{count(len(moved), 'commune')} de la liste {have}.** "
        f"{blocks.plain(f'{NARROW}; '.join(few))}."
    )
    if (
        desk.editable
        and st.button("Suivre ces fusions dans la liste", key=Widget.COUNCIL_FOLLOW, type="primary")
        and save(desk, partial(_carry_over, desk, moves)) is not None
    ):
        st.rerun()


def _carry_over(desk: Desk, moves: Movements, who: str) -> list[Council]:
    done = mergers.carry_over(desk.database, desk.departement, moves, who=who)
    if not done:
        raise Refused(
            f"La liste a changé entre-temps{NARROW}: il n’y a plus de fusion à suivre, recharger "
            "la page."
        )
    return done


def _settle(desk: Desk, moves: Movements, dispute: Dispute) -> None:
    st.markdown(f":material/call_merge: {blocks.plain(dispute.sentence)}")
    held = [c for c in desk.councils if c.id in dispute.council_ids]
    if not desk.editable:
        return
    with st.container(horizontal=True):
        for chosen in held:
            others = [c for c in held if c.id != chosen.id]
            key = f"{Widget.COUNCIL_DECIDE}-{dispute.type}-{dispute.code}-{chosen.id}"
            pressed = st.button(blocks.plain(chosen.name), key=key)
            write = partial(_write_settled, desk, moves, dispute, chosen, others)
            if pressed and save(desk, write) is not None:
                st.rerun()


def _write_settled(
    desk: Desk,
    moves: Movements,
    dispute: Dispute,
    chosen: Council,
    others: Sequence[Council],
    who: str,
) -> Council:
    return mergers.settle(desk.database, dispute, chosen, others, moves, who=who)


def _answer(desk: Desk, question: Question) -> None:
    st.markdown(f":material/call_split: {blocks.plain(question.sentence)}")
    if not desk.editable:
        return
    with st.container(horizontal=True):
        for stays, words in ((True, "Oui, elle y siège"), (False, "Non, elle n’y siège plus")):
            key = f"{Widget.COUNCIL_DECIDE}-{question.council.id}-{question.movement.code}-{stays}"
            pressed = st.button(words, key=key)
            write = partial(_write_answer, desk, question, stays)
            if pressed and save(desk, write) is not None:
                st.rerun()


def _write_answer(desk: Desk, question: Question, stays: bool, who: str) -> Council:
    return mergers.answer(desk.database, question, stays, who=who)
