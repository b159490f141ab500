"""Pieces that several pages show the same way."""

import html
from collections.abc import Callable, Collection, Sequence

import streamlit as st

from diagnostics import catalogue
from diagnostics.store import Store
from pages.ui import cache
from pages.ui.councils_figures import show_notice
from pages.ui.keys import Param
from pages.ui.markdown import plain as plain
from pages.ui.selection import OF_ONE_DEPARTEMENT, departement_of, select

_WHOLE = 32
"""Characters of the longest line that a cell keeps whole."""
_STYLE = """<style>
[data-testid="stHeading"] :is(h1, h2, h3) { color: #000091; }
[data-testid="stHeading"] h1 { font-size: 2rem; }
[data-testid="stMainBlockContainer"] { padding-top: 2.5rem; }
.table-frame { overflow-x: auto; }
.table-frame table { border-collapse: collapse; width: 100%; font-size: .875rem; }
.table-frame th { text-align: left; font-weight: 600; border-bottom: 2px solid #000091; }
.table-frame td { border-bottom: 1px solid #ddd; vertical-align: top; }
.table-frame :is(th, td) { padding: .3rem .6rem; }
.table-frame .number { text-align: right; font-variant-numeric: tabular-nums; }
.table-frame .lines { white-space: pre-line; }
.table-frame .whole { white-space: pre; }
@media (max-width: 640px) {
  .table-frame thead { display: none; }
  .table-frame tr { display: block; border-bottom: 2px solid #ddd; padding: .4rem 0; }
  .table-frame td { display: flex; justify-content: space-between; gap: 1rem; border: 0;
    text-align: right; padding: .15rem 0; }
  .table-frame td::before { content: attr(data-title); color: #6a6a6a; text-align: left;
    white-space: normal; }
  .table-frame td:first-child { font-weight: 600; text-align: left; }
  .table-frame td:first-child::before { content: none; }
  .table-frame td:nth-child(2):last-child { display: block; text-align: left; }
  .table-frame td:nth-child(2):last-child::before { content: none; }
  .table-frame td.number:nth-child(2):last-child { display: flex; text-align: right; }
  .table-frame td.number:nth-child(2):last-child::before { content: attr(data-title); }
}
</style>"""


def page_start(title: str, lead: str = "") -> Store:
    """Show the title of a page and the warning on simulated figures; return the store."""
    st.html(_STYLE)
    st.title(title)
    if lead:
        st.markdown(lead)
    store = cache.store()
    if store.simulated:
        st.info(
            "**Département simulé.** Les communes, les chiffres et les territoires affichés sont "
            "inventés, pour découvrir l’outil. Les données officielles se chargent depuis la page "
            "Accueil.",
            icon=":material/science:",
        )
    return store


def pick_departement(store: Store) -> str:
    """Show the list of the départements held and return the choice; none is shown for one.

    Below, the notice on figures that do not follow the list of councils yet: every page that
    shows them begins here.
    """
    departement = _departement(store)
    show_notice(departement)
    return departement


def _departement(store: Store) -> str:
    held = store.departements()
    if len(held) == 1:
        only = next(iter(held))
        asked = st.query_params.get(Param.DEPARTEMENT, only)
        if asked != only:
            st.warning(f"Le département {plain(asked)} n’est pas chargé : voici {held[only]}.")
        return only
    default = departement_of(held) or ("77" if "77" in held else next(iter(held)))
    return select(
        Param.DEPARTEMENT,
        "Département",
        list(held),
        default,
        lambda code: f"{held[code]} ({code})",
        forget=OF_ONE_DEPARTEMENT,
    )


def source_line(store: Store, departement: str) -> str:
    """Return the sentence that goes under every figure: source, edition, geography, licence."""
    about = store.about(departement)
    if store.simulated:
        return f"Source : département simulé, édition fictive {about['edition']}."
    source = catalogue.sources()["ssmsi_communes"]
    return (
        f"Source : {source.publisher}, {source.title.lower()}, édition {about['edition']}, "
        f"géographie {about['geography'] or 'non dite'}, {source.licence}."
    )


def download(key: str, label: str, content: Callable[[], bytes], file_name: str, mime: str) -> None:
    """Show a download button; the file is made when it is asked for."""
    st.download_button(
        label, content, file_name, mime, key=key, on_click="ignore", icon=":material/download:"
    )


def table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    numbers: Collection[int] = (),
    whole: Collection[int] = (),
) -> None:
    """Show a table of words already in French; columns of `numbers` are aligned on the right.

    Numbers, and the columns of `whole`, are cut at the ends of their lines only, where the window
    has room; a cell may hold several lines.
    """

    def cell(tag: str, at: int, text: str) -> str:
        names = ["number"] if at in numbers else []
        if (at in numbers or at in whole) and max(map(len, text.split("\n"))) <= _WHOLE:
            names.append("whole")
        if "\n" in text:
            names.append("lines")
        name = f' class="{" ".join(names)}"' if names else ""
        title = f' data-title="{html.escape(titles[at])}"' if tag == "td" else ""
        return f"<{tag}{name}{title}>{html.escape(text)}</{tag}>"

    head = "".join(cell("th", at, title) for at, title in enumerate(titles))
    body = "".join(
        f"<tr>{''.join(cell('td', at, text) for at, text in enumerate(row))}</tr>" for row in rows
    )
    st.html(
        f'<div class="table-frame"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
