"""The presentation in the browser: every view is there, no key waits for the server."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from diagnostics.report.model import Report
from pages.ui import slide_fit, slide_html
from pages.ui.keys import Param, Widget
from pages.ui.navigation import link_to_committee
from pages.ui.slide_fit import View

_FILE = Path(__file__)
_SHOW = st.components.v2.component(
    "slideshow",
    html=_FILE.with_suffix(".html").read_text(encoding="utf-8"),
    css=_FILE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_FILE.with_suffix(".js").read_text(encoding="utf-8"),
)
_LENGTHS = {
    "width": slide_fit.WIDTH,
    "height": slide_fit.HEIGHT,
    "foot": slide_fit.FOOT,
    "side": slide_fit.SIDE,
    "above": slide_fit.ABOVE,
    "gap": slide_fit.GAP,
    "title": slide_fit.TITLE,
    "title-lines": slide_fit.TITLE_LINES,
    "title-leading": slide_fit.TITLE_LEADING,
    "message": slide_fit.MESSAGE,
    "type": slide_fit.TEXT,
    "leading": slide_fit.LEADING,
    "bullet": slide_fit.BULLET,
    "between": slide_fit.BETWEEN,
    "cell-side": slide_fit.CELL_SIDE,
    "cell-above": slide_fit.CELL_ABOVE,
    "words-share": slide_fit.WORDS_SHARE,
    "columns-gap": slide_fit.COLUMNS_GAP,
    "name-share": slide_fit.NAME_SHARE,
    "row": slide_fit.ROW,
    "axis": slide_fit.AXIS,
    "plot": slide_fit.PLOT,
}
# Streamlit's word, in English, on a server that is not reached: no slide needs it.
_ALONE = '<style>[data-testid="stDialog"] { display: none; }</style>'


def show(
    views: Sequence[View], start: int, said: str, footer: str, report: Report, departement: str
) -> None:
    """Show views over the whole window, from the one at `start`, of which something may be said."""
    st.html(_ALONE)
    with st.container(key=Widget.SLIDE_LEAVE):
        link_to_committee("Quitter la présentation")
    data = {
        "views": [slide_html.shown(view, report, departement) for view in views],
        "start": start,
        "said": said,
        "last": views[-1].number,
        "footer": footer,
        "lengths": _LENGTHS,
        "param": Param.DIAPO.value,
        "leave": f".st-key-{Widget.SLIDE_LEAVE} a",
    }
    _SHOW(key=Widget.SLIDE, data=data)
