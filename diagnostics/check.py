"""What a store holds, said in French: editions, reconciliation, coverage, warnings."""

import pandas as pd

from diagnostics import catalogue
from diagnostics.store import Store
from diagnostics.wording import count, number, percent


def report(store: Store) -> str:
    """Return the text that `python -m diagnostics check` prints."""
    lines = [f"Magasin {store.folder} ({'simulé' if store.simulated else 'données publiées'})"]
    for code in store.departements():
        lines += ["", *_departement(store, code)]
    return "\n".join(lines)


def _departement(store: Store, code: str) -> list[str]:
    about = store.about(code)
    years = about["years"]
    period = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    facts = store.table(code, "facts")
    communal = facts[facts["kind"] == "commune"]
    statuses = communal["status"].value_counts()
    lines = [
        f"== {about['name']} ({code}) ==",
        f"Édition : {about['edition']} (en-tête {about['generation']}, "
        f"géographie {about['geography'] or 'non dite'})",
        f"{count(about['communes'], 'commune')} × {count(len(about['indicators']), 'indicateur')}, "
        f"{period}",
        "Valeurs communales : "
        + ", ".join(f"{number(statuses.get(s, 0))} {label}" for s, label in _STATUSES.items()),
    ]
    lines += _councils(store, code)
    lines += _reconciliation(store.table(code, "reconciliation"), about["official_base"])
    lines += _coverage(store.table(code, "long"))
    if about["aside"]:
        lines += ["Fichiers laissés de côté :", *(f"  - {name}" for name in about["aside"])]
    if about["warnings"]:
        lines += ["Avertissements :", *(f"  - {text}" for text in about["warnings"])]
    return lines


_STATUSES = {
    "publie": "publiées",
    "zero": "nulles publiées",
    "non_diffuse": "non diffusées",
    "absent": "absentes",
}


def _councils(store: Store, code: str) -> list[str]:
    members = store.table(code, "groups")
    councils = members[members["niveau"] == "territoire"].drop_duplicates("code")["type"]
    kinds = councils.value_counts()
    return [
        f"Territoires : {count(int(kinds.get('cispd', 0)), 'CISPD', 'CISPD')}, "
        f"{count(int(kinds.get('clspd', 0)), 'CLSPD', 'CLSPD')}"
    ]


def _reconciliation(table: pd.DataFrame, base: str | None) -> list[str]:
    if base is None:
        return [
            "Réconciliation : aucune base départementale de la même année de géographie, donc pas "
            "de réconciliation possible à l’intérieur de l’édition."
        ]
    lines = [f"Réconciliation avec {base} (publié + part non diffusée = total officiel) :"]
    for indicator, rows in table.groupby("indicator", sort=False):
        declared = catalogue.indicators()[str(indicator)]
        for row in rows.itertuples():
            lines.append(f"  {row.year} {declared.label} : {_balance(row, declared.additive)}")
    return lines


def _balance(row: object, additive: bool) -> str:
    published, hidden = getattr(row, "published"), getattr(row, "hidden_total")  # noqa: B009
    official, difference = getattr(row, "official"), getattr(row, "difference")  # noqa: B009
    if pd.isna(official):
        return f"{number(published)} publiés, pas de total officiel"
    if pd.isna(hidden):
        return f"{number(published)} publiés, complément non donné, total {number(official)}"
    verdict = "exact" if difference == 0 else f"écart {number(difference, signed=True)}"
    if not additive:
        verdict += ", non additif : l’écart ne dit rien"
    total = number(published + hidden)
    return f"{number(published)} + {number(hidden)} = {total} pour {number(official)} ({verdict})"


def _coverage(long: pd.DataFrame) -> list[str]:
    whole = long[(long["niveau"] == "departement") & long["communes"].notna()]
    latest = whole[whole["annee"] == whole["annee"].max()]
    lines = [
        f"Couverture en {whole['annee'].max()} (part de la population des communes publiées) :"
    ]
    for row in latest.itertuples():
        lines.append(
            f"  {row.libelle_indicateur} : {percent(row.couverture_population)}, "
            f"{count(int(row.communes_publiees), 'commune publiée', 'communes publiées')} sur "
            f"{number(row.communes)}"
        )
    return lines
