"""Charts on screen, each with its picture to take away: same figures, title, source, edition."""

import streamlit as st

from diagnostics.figures import charts_plotly, paper
from diagnostics.figures.charts import Chart
from diagnostics.figures.charts_svg import svg_chart
from diagnostics.wording import slug
from pages.ui import blocks

PANELS_IN_A_ROW = 3
_STEM_LENGTH = 80


def show(chart: Chart, key: str) -> None:
    """Show a chart between its words and offer it as PNG and SVG; `key` is unique on the page."""
    st.html(charts_plotly.head_html(chart))
    figures = charts_plotly.plotly_figures(chart)
    width = min(len(figures), PANELS_IN_A_ROW)
    for first in range(0, len(figures), width):
        for at, column in enumerate(st.columns(width), start=first):
            if at < len(figures):
                column.plotly_chart(
                    figures[at],
                    key=f"{key}-{at}",
                    theme=None,
                    config=charts_plotly.CONFIG,
                    alt=charts_plotly.alt_text(chart, at),
                )
    st.html(charts_plotly.foot_html(chart))
    stem = slug(f"{chart.caption.title} {chart.caption.subtitle}")[:_STEM_LENGTH]
    with st.popover("Image", icon=":material/download:"):
        blocks.download(
            f"{key}-png", "PNG", lambda: paper.png(svg_chart(chart)), f"{stem}.png", "image/png"
        )
        blocks.download(
            f"{key}-svg", "SVG", lambda: svg_chart(chart).encode(), f"{stem}.svg", "image/svg+xml"
        )
