"""The dated list of councils as a page to print: one HTML file that asks nothing of the network."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from diagnostics import territories
from diagnostics.councils.records import Council, Member
from diagnostics.wording import NARROW, count, day, sort_key

_STYLE = """
@page { size: A4; margin: 16mm 14mm; }
body { font: 11pt/1.4 "Liberation Sans", Arial, sans-serif; color: #161616; max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { color: #000091; font-size: 20pt; margin: 0; }
h2 { color: #000091; font-size: 12.5pt; margin: 0; }
.lead, .about { color: #3a3a3a; margin: .2rem 0 .6rem; }
section { border-top: 1px solid #cccccc; padding: .7rem 0; break-inside: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 10pt; table-layout: fixed; }
th:first-child { width: 56%; }
thead { display: table-header-group; }
th, td { text-align: left; padding: .12rem .8rem .12rem 0; vertical-align: top; }
th { font-weight: 600; }
footer { border-top: 2px solid #000091; margin-top: 1rem; padding-top: .4rem; font-size: 9pt; }
@media print {
  body { margin: 0; padding: 0; max-width: none; }
  section.long { break-inside: auto; }
}
"""
_LONG = 25  # members: more would not fit with their heading on what is left of a page


def print_page(
    councils: Sequence[Council],
    communes: Mapping[str, str],
    departement: str,
    on: date,
    *,
    duties: Mapping[str, str],
    simulated: bool,
) -> str:
    """Return the page: every council in order, its status, source and dated members.

    `communes`: {code_insee: name}; `departement`: its name; `duties`: {code_insee: what the
    law asks there} (`territories.duty`).
    """
    title = f"Conseils locaux de prévention de la délinquance — {departement}"
    invented = f"<p><strong>Département simulé{NARROW}: liste inventée.</strong></p>"
    running = [c for c in councils if c.ended is None]
    lead = f"{count(len(running), 'conseil')} en cours, liste arrêtée au {day(on)}."
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f'<p class="lead">{lead}</p>{invented if simulated else ""}'
        f"{''.join(_section(council, communes, duties, on) for council in councils)}"
        f"<footer>Source{NARROW}: liste tenue dans l’application, à partir des sources dites sous "
        f"chaque conseil. Les CLSPD «{NARROW}à confirmer{NARROW}» sont déduits de la loi (CSI, "
        f"art. L132-4), qui les rend facultatifs où un CISPD couvre la commune (art. L132-13). "
        f"Produit le {day(on)}.</footer></body></html>"
    )


def standing(council: Council, duties: Mapping[str, str]) -> str:
    """Return the status of a council, or why the law does not ask for one that is to be confirmed.

    `duties`: {code_insee: obligatoire | facultatif | aucune}. A commune of another département is
    not judged, nor is an ended council.
    """
    asked = (duties.get(code, "obligatoire") for code in council.codes())
    return territories.standing(council.type, council.status, asked)


def _section(
    council: Council, communes: Mapping[str, str], duties: Mapping[str, str], on: date
) -> str:
    members = sorted(
        council.members, key=lambda m: (sort_key(communes.get(m.code_insee, "")), m.period)
    )
    status = standing(council, duties)
    about = [
        territories.TYPES[council.type],
        status if status == council.status else f"existence à confirmer · {status}",
        count(len(council.codes(on)), "commune"),
        f"terminé le {day(council.ended)}" if council.ended else "",
        f"source{NARROW}: {council.source}" if council.source else "sans source",
        f"vérifié le {day(council.checked)}" if council.checked else "",
    ]
    rows = "".join(_row(member, communes) for member in members)
    return (
        f"<section{' class=long' if len(members) > _LONG else ''}><h2>{escape(council.name)}</h2>"
        f'<p class="about">{escape(" · ".join(filter(None, about)))}</p>'
        "<table><thead><tr><th>Commune</th><th>Du</th><th>Au</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _row(member: Member, communes: Mapping[str, str]) -> str:
    name = f"{communes.get(member.code_insee, '')} ({member.code_insee})"
    return (
        f"<tr><td>{escape(name.strip())}</td><td>{first_day(member)}</td>"
        f"<td>{last_day(member)}</td></tr>"
    )


def first_day(member: Member) -> str:
    """Return the day a commune entered, or that it is not known."""
    return day(member.start) if member.start else "date non connue"


def last_day(member: Member) -> str:
    """Return the last day of a commune, or that it sits there still."""
    return day(member.end) if member.end else "en cours"
