"""The steering committee: a screen to click through, a deck to retouch, sheets to hand out."""

from dataclasses import replace

import streamlit as st

from diagnostics.exports.documents import Order
from pages.ui import (
    batch_blocks,
    blocks,
    border_picker,
    cache,
    committee_blocks,
    council_texts,
    perimeter,
)
from pages.ui.keys import Param
from pages.ui.navigation import link_to_presentation, show_page
from pages.ui.reference_picker import pick_reference, show_changed
from pages.ui.selection import strategy_in_use, switch

LEAD = (
    "Pour une séance plénière ou un comité de pilotage\u202f: le même diagnostic à l’écran, en "
    "diaporama à retoucher et en documents à distribuer. Les chiffres sont partout les mêmes."
)
PRESENTATION = (
    "en plein écran, au clavier ou à la télécommande, sans réseau\u202f: les diapositives du "
    "PowerPoint, sous les mêmes numéros"
)


def page() -> None:
    """Show the page."""
    store = blocks.page_start("Comité de pilotage", LEAD)
    departement = blocks.pick_departement(store)
    area = st.container()
    columns = st.columns(3, vertical_alignment="bottom")
    with columns[0]:
        comparator = pick_reference(departement)
    with columns[1]:
        audience = committee_blocks.pick_audience()
    with columns[2]:
        with_estimates = switch(
            Param.ESTIMATIONS,
            "Avec les totaux estimés",
            help_text="Sans eux, un groupe de communes garde ce qui est publié et n’a ni taux ni "
            "verdict.",
        )
    with area:
        report = perimeter.pick_report(
            departement, comparator=comparator, with_estimates=with_estimates
        )
    show_changed(comparator, report)
    slides = committee_blocks.pick_slides(report)
    order = Order(
        annee=report.year,
        strategy_id=strategy_in_use(),
        comparator=comparator,
        with_estimates=with_estimates,
        across=border_picker.across(),
        audience=audience,
        slides=slides,
    )
    st.subheader(blocks.plain(report.area.label))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        link_to_presentation(":primary[**Présenter à l’écran**]", report.area.code)
        st.caption(PRESENTATION, width="stretch")
    committee_blocks.show_documents(departement, report, order)
    council_texts.show(departement, report)
    st.divider()
    # One area's slides are not those of all the others.
    batch_blocks.show(store, departement, replace(order, slides=None))
    st.caption(blocks.source_line(cache.store(), departement))


show_page(page)
