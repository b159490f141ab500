"""The documents of one area: which there are, what is asked of them, and their bytes.

One report is assembled and given to each renderer, so that a slide, a sheet and a screen show the
same figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from diagnostics import catalogue, long_table
from diagnostics.errors import Refused
from diagnostics.exports import drafts, pdf, pptx
from diagnostics.report import Report, Tables, border, load, report
from diagnostics.report.assemble import Period
from diagnostics.sources.cog import COMMUNE
from diagnostics.store import Store
from diagnostics.wording import slug

PPTX, SHEET, DIAGNOSTIC = "pptx", "fiche", "diagnostic"
KINDS = {
    PPTX: ("Diaporama PowerPoint", "pptx"),
    SHEET: ("Fiche de deux pages", "pdf"),
    DIAGNOSTIC: ("Diagnostic complet", "pdf"),
}
"""Each document: what it is called, and the extension of its file."""
MIME = {"pptx": pptx.MEDIA_TYPE, "pdf": "application/pdf"}
# The levels in which a code is looked for, in the order of who asks for documents.
_LEVELS = ("territoire", "epci", COMMUNE, "arrondissement", "departement")
_NAME_LENGTH = 60


@dataclass(frozen=True)
class Subject:
    """An area that documents are about."""

    departement: str
    niveau: str
    code: str
    label: str


@dataclass(frozen=True)
class Order:
    """What is asked of the documents; every field has the default of the screen.

    From `annee` to `across`, see `report.report`; `slides` and `texts` are those of
    `report.deck.deck`, `logo` is a checked PNG or SVG, `audience` one of `footer.AUDIENCES`.
    """

    annee: int | None = None
    period: Period | None = None
    programmes: Sequence[int] | None = None
    strategy_id: str = catalogue.DEFAULT_STRATEGY
    comparator: str = long_table.REFERENCE
    with_estimates: bool = True
    across: bool = True
    audience: str = "public"
    slides: Sequence[str] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    logo: bytes | None = None
    produced: date = field(default_factory=date.today)


def subjects(store: Store, departement: str | None = None) -> list[Subject]:
    """Return the councils of a département, or of all that the store holds, by name.

    Raises:
        Refused: there is none.
    """
    asked = [departement] if departement else list(store.departements())
    found = [subject for each in asked for subject in _of_level(store, each, "territoire")]
    if not found:
        raise Refused(
            "Aucun CLSPD ni CISPD dans le magasin de données : en créer sur la page Territoires, "
            "ou demander une intercommunalité par son code."
        )
    return found


def subject(store: Store, code: str) -> Subject:
    """Return the area of a code: slug of a council, SIREN of an EPCI, INSEE code of a commune.

    Raises:
        Refused: the store holds no such area.
    """
    for level in _LEVELS:
        for departement in store.departements():
            for found in _of_level(store, departement, level):
                if found.code == code:
                    return found
    raise Refused(
        f"Aucune zone « {code} » dans le magasin de données : donner l’identifiant d’un conseil, "
        "le SIREN d’une intercommunalité ou le code INSEE d’une commune (colonne « code » de "
        "« python -m diagnostics export csv »), ou « tous »."
    )


def assemble(store: Store, subject: Subject, order: Order, tables: Tables | None = None) -> Report:
    """Return the report that the documents of an area render."""
    return report(
        store,
        subject.departement,
        subject.niveau,
        subject.code,
        annee=order.annee,
        strategy_id=order.strategy_id,
        period=order.period,
        programmes=order.programmes,
        comparator=order.comparator,
        with_estimates=order.with_estimates,
        across=order.across,
        tables=tables or load(store, subject.departement),
    )


def render(kind: str, diagnostic: Report, tables: Tables, order: Order) -> bytes:
    """Return the file of one document, one of `KINDS`; `tables` are `border.drawn`.

    Raises:
        Refused: an unknown slide, text or audience.
    """
    audience, produced, logo = order.audience, order.produced, order.logo
    if kind == PPTX:
        asked = pptx.Options(produced, order.slides, audience, order.texts, tables, logo)
        return pptx.pptx_bytes(diagnostic, asked)
    if kind == SHEET:
        return pdf.sheet_pdf(diagnostic, tables, audience=audience, produced=produced, logo=logo)
    return pdf.diagnostic_pdf(
        diagnostic, tables, audience=audience, produced=produced, texts=order.texts, logo=logo
    )


def write(out: Path, kind: str, store: Store, subject: Subject, order: Order) -> None:
    """Write one document in a file, whole or not at all.

    Raises:
        Refused: no such folder; an unknown year, comparator or slide.
    """
    drafts.require_folder(out.parent)
    tables = load(store, subject.departement)
    diagnostic = assemble(store, subject, order, tables)
    content = render(kind, diagnostic, border.drawn(store, tables, diagnostic.area), order)
    with drafts.draft(out) as file:
        file.write_bytes(content)


def file_name(kind: str, diagnostic: Report) -> str:
    """Return the name of a document's file: kind, area, year."""
    label = slug(diagnostic.area.label)[:_NAME_LENGTH].strip("-") or slug(diagnostic.area.code)
    return f"{kind if kind != PPTX else 'diaporama'}-{label}-{diagnostic.year}.{KINDS[kind][1]}"


def _of_level(store: Store, departement: str, niveau: str) -> list[Subject]:
    long = store.table(departement, "long")
    areas = long.loc[long["niveau"] == niveau, ["code", "libelle"]].drop_duplicates("code")
    found = zip(areas["code"], areas["libelle"], strict=True)
    return sorted(
        (Subject(departement, niveau, code, label) for code, label in found), key=lambda s: s.label
    )
