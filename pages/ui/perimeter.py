"""A free perimeter: communes picked by name or pasted as codes, in the URL, no council made."""

import re

import streamlit as st

from pages.ui import cache
from pages.ui.keys import Param, Widget

# Names that come with pasted codes are left aside.
_CODE = re.compile(r"\b[0-9A-Za-z]{2}[0-9]{3}\b")


def chosen_codes(departement: str) -> list[str]:
    """Return the communes that the URL names, in its order; unknown codes are left out."""
    known = _communes(departement)
    asked = [code.upper() for code in _CODE.findall(st.query_params.get(Param.COMMUNES, ""))]
    unknown = [code for code in asked if code not in known]
    if unknown:
        st.warning(
            f"L’adresse demande {', '.join(unknown[:5])}, hors de ce département ou inconnu : "
            "ces codes sont laissés de côté."
        )
    return list(dict.fromkeys(code for code in asked if code in known))


def edit_perimeter(departement: str, codes: list[str]) -> None:
    """Show the form that makes, changes or leaves a perimeter."""
    known = _communes(departement)
    with st.expander("Périmètre libre : choisir des communes", expanded=bool(codes)):
        st.caption(
            "Les mêmes chiffres pour un ensemble de communes, sans créer de conseil. L’adresse de "
            "la page garde le choix."
        )
        picked = st.multiselect(
            "Communes par leur nom",
            list(known),
            default=codes,
            format_func=lambda code: f"{known[code]} ({code})",
            key=f"{Widget.PERIMETER}-{','.join(codes)}",
            placeholder="Noms de communes",
            select_all=False,
        )
        pasted = st.text_area("Ou coller des codes INSEE", key=Widget.PERIMETER_CODES)
        with st.container(horizontal=True):
            if st.button("Voir ce périmètre", key=Widget.PERIMETER_APPLY, type="primary"):
                _apply(known, picked, pasted)
            if codes and st.button("Revenir aux zones", key=Widget.PERIMETER_CLEAR):
                st.query_params.pop(Param.COMMUNES, None)
                st.rerun()


def _apply(known: dict[str, str], picked: list[str], pasted: str) -> None:
    given = [code.upper() for code in _CODE.findall(pasted)]
    unknown = [code for code in given if code not in known]
    if unknown:
        st.error(f"Code inconnu dans ce département : {unknown[0]}. Le corriger ou le retirer.")
        return
    codes = list(dict.fromkeys([*picked, *given]))
    if not codes:
        st.error("Choisir au moins une commune.")
        return
    st.query_params[Param.COMMUNES] = ",".join(codes)
    st.rerun()


def _communes(departement: str) -> dict[str, str]:
    communes = cache.table(departement, "communes")
    whole = communes[communes["kind"] == "commune"].sort_values("name")
    return dict(zip(whole["code_insee"], whole["name"], strict=True))
