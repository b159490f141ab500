"""What a committee takes away: who it is for, which slides in which order, the files."""

from collections.abc import Sequence

import streamlit as st

from diagnostics.exports import documents
from diagnostics.exports.documents import KINDS, MIME, Order
from diagnostics.report.deck import slide_titles
from diagnostics.report.footer import AUDIENCES
from diagnostics.report.model import Report
from diagnostics.wording import count
from pages.ui import blocks, cache, council_texts
from pages.ui.keys import Param, Widget
from pages.ui.selection import select

_STEPS = {-1: "Monter", 1: "Descendre"}
_SAID = {
    documents.PPTX: "graphiques et tableaux à retoucher dans PowerPoint ou Impress",
    documents.SHEET: "à distribuer aux membres, recto verso",
    documents.DIAGNOSTIC: "tous les chiffres, avec un sommaire",
}


def pick_audience() -> str:
    """Show who the documents are for; their foot says it."""
    return select(Param.PUBLIC, "Pied de page", list(AUDIENCES), "public", AUDIENCES.__getitem__)


def pick_slides(report: Report) -> list[str] | None:
    """Show the slides, to be kept or not and moved; None where nothing was changed.

    The choice is in the address: it goes to the screen as to the file.
    """
    titles = slide_titles(programme.number for programme in report.programmes)
    asked = [s for s in st.query_params.get(Param.DIAPOS, "").split(",") if s in titles]
    kept = list(dict.fromkeys(asked)) or list(titles)
    changed = "" if kept == list(titles) else " (modifié)"
    with st.expander(
        f"Choisir les diapositives et leur ordre\u202f: {count(len(kept), 'partie')}{changed}"
    ):
        st.caption(
            "Une partie peut tenir sur plusieurs diapositives. Celles qui n’ont rien à dire "
            "(priorités ou décisions sans texte, évolution sur une seule année) ne paraissent pas."
        )
        for at in range(len(kept)):
            _show_kept(kept, at, titles)
        for slide in (s for s in titles if s not in kept):
            st.checkbox(
                titles[slide],
                value=False,
                key=f"{Widget.SLIDES}-plus-{slide}",
                on_change=_remember,
                args=([*kept, slide], list(titles)),
            )
        if changed:
            st.button(
                "Revenir à l’ordre habituel",
                key=f"{Widget.SLIDES}-defaut",
                on_click=_remember,
                args=(list(titles), list(titles)),
            )
    return kept if changed else None


def _show_kept(kept: list[str], at: int, titles: dict[str, str]) -> None:
    slide, usual = kept[at], list(titles)
    title = titles[slide]
    others = [s for s in kept if s != slide]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.checkbox(
            f"{at + 1}. {title}",
            value=True,
            key=f"{Widget.SLIDES}-{at}-{slide}",
            on_change=_remember,
            args=(others, usual),
            disabled=not others,
            width="stretch",
        )
        for step, icon, words in (
            (-1, "arrow_upward", "Monter"),
            (1, "arrow_downward", "Descendre"),
        ):
            st.button(
                f":material/{icon}:",
                key=f"{Widget.SLIDES}-{at}-{slide}-{words.lower()}",
                help=f"{words} «\u202f{title}\u202f»",
                type="tertiary",
                disabled=not 0 <= at + step < len(kept),
                on_click=_remember,
                args=(_moved(kept, at, step), usual),
            )


def _moved(kept: Sequence[str], at: int, step: int) -> list[str]:
    others = [slide for n, slide in enumerate(kept) if n != at]
    return [*others[: at + step], kept[at], *others[at + step :]]


def _remember(slides: list[str], usual: list[str]) -> None:
    if slides == usual:
        st.query_params.pop(Param.DIAPOS, None)
    else:
        st.query_params[Param.DIAPOS] = ",".join(slides)


def show_documents(departement: str, report: Report, order: Order) -> None:
    """Show a button for each document; it is made when it is asked for."""
    columns = st.columns(len(KINDS))
    for column, (kind, (title, extension)) in zip(columns, KINDS.items(), strict=True):
        with column, st.container(border=True, height="stretch"):

            def made(kind: str = kind) -> bytes:
                tables = cache.drawn_tables(departement, report.area)
                asked = council_texts.with_own(departement, report, order)
                content = documents.render(kind, report, tables, asked)
                council_texts.record(departement, report, kind, order)
                return content

            blocks.download(
                f"{Widget.DOCUMENT}-{kind}",
                title,
                made,
                documents.file_name(kind, report),
                MIME[extension],
            )
            st.caption(f"{extension.upper()}, {_SAID[kind]}")
