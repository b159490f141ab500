"""The sections of the département page."""

ONLY_RULE = (
    "Nombre publié pour le département, rapporté à ses habitants\u202f; intervalle exact de "
    "Poisson à 95\u202f%. Les nombres sont petits\u202f: seul un écart hors des intervalles se lit."
)
TOTALS_RULE = (
    "Le total est celui de la base départementale. Ce que les communes en publient est leur "
    "somme\u202f; pour les mis en cause, comptés une fois par zone, elle n’est qu’indicative et "
    "ne se compare pas au total."
)
REBUILT_RULE = (
    "Sans base départementale de la même édition, le total est la somme des communes publiées et "
    "de ce que le fichier communal dit des autres, prises ensemble."
)


def _figures(wholes: pd.DataFrame, held: list[Indicator], year: int) -> None:
    """Show the figures of a year, with the region and France where they are held."""
    of_year = wholes[wholes["annee"] == year]
    rows = [
        [
            indicator.title,
            row["libelle"],
            _count_words(row["faits_estimes"]),
            map_data.unit_of_rate(indicator),
            _rate_words(row),
            indicator.caveat,
        ]
        for indicator in held
        for row in of_year[of_year["indicateur"] == indicator.id].to_dict("records")
    ]
    if not rows:
        st.info(
            f"La base départementale n’a pas de ligne pour {year}\u202f: choisir une autre année.",
            icon=":material/info:",
        )
        return
    titles = [
        "Indicateur",
        "Zone",
        f"Nombre en {year}",
        "Unité",
        "Taux (‰), intervalle à 95\u202f%",
    ]
    blocks.table([*titles, "À savoir"], rows, numbers={2, 4})


def _series(view: compare.View, wholes: pd.DataFrame, held: list[Indicator]) -> None:
    """Show the years of the indicators, each on its own scale."""
    years = sorted(int(y) for y in wholes["annee"].unique())
    if len(years) == 1:
        st.caption(
            f"Les taux ne sont connus que pour {years[0]}, seule année du fichier communal d’où "
            "viennent les habitants\u202f: pas de série à tracer, les nombres sont plus bas."
        )
        return

    def chart() -> Chart:
        panels = []
        for indicator in held:
            rows = wholes[wholes["indicateur"] == indicator.id]
            lines = {
                niveau: charts.line_of(part, years, str(part["libelle"].iloc[0]))
                for niveau, part in rows.groupby("niveau")
            }
            reference = lines.get("region") or lines.get("france")
            title = f"{indicator.title} ({indicator.unit})"
            panels.append(charts.Panel(title, tuple(years), lines["departement"], reference))
        about = view.store.about(view.departement)
        caption = Caption(
            "Indicateurs publiés pour le département seulement",
            f"{about['name']}, {years[0]}–{years[-1]}",
            f"pour 1{NARROW}000 habitants",
            blocks.source_line(view.store, view.departement),
            str(about["official_base"]),
            tuple(indicator.caveat for indicator in held),
        )
        return charts.time_chart(caption, panels)

    stem = f"{view.departement}-departement-seulement"
    compare.show_chart(chart, stem, Widget.SERIES_PNG, Widget.SERIES_SVG)


def _counts(official: pd.DataFrame, held: list[Indicator]) -> None:
    """Show the counts of all the years of the official base, with their exact intervals."""
    years = sorted(official.loc[official["indicator"].isin([i.id for i in held]), "year"].unique())
    counts = official.pivot(index="year", columns="indicator", values="count")
    with st.expander("Les nombres, année par année"):
        blocks.table(
            ["Année", *(f"{i.title} ({i.unit})" for i in held)],
            [
                [str(year), *(_with_interval(counts.loc[year, i.id]) for i in held)]
                for year in reversed(years)
            ],
            numbers=range(1, len(held) + 1),
        )
        st.caption(
            "Entre parenthèses, l’intervalle exact à 95\u202f%. 2020 et 2021 portent les "
            "confinements\u202f: jamais des années de référence."
        )


def _totals(wholes: pd.DataFrame, others: list[Indicator], year: int) -> None:
    """Show the département's total of each indicator, and what its communes publish of it."""
    rows = wholes[(wholes["niveau"] == "departement") & (wholes["annee"] == year)]
    by_indicator = rows.set_index("indicateur", drop=False)
    blocks.table(
        [
            "Indicateur",
            "Total du département",
            "Publié dans les communes",
            "Part du total",
            "Communes publiées, population couverte",
            "Taux du total, intervalle à 95\u202f%",
        ],
        [
            [
                i.title,
                _count_words(row["faits_estimes"]),
                _count_words(row["faits_publies"]) + ("" if i.additive else " (somme indicative)"),
                _share(row) if i.additive else "non comparable",
                compare.publication_words(dict(row)),
                f"{_rate_words(row)} {i.denominator}",
            ]
            for i in others
            if i.id in by_indicator.index
            for row in [by_indicator.loc[i.id]]
        ],
        numbers={1, 2, 3, 5},
    )


def _count_words(value: float) -> str:
    return charts.NOT_SHOWN if pd.isna(value) else number(value)


def _with_interval(value: float) -> str:
    if pd.isna(value):
        return charts.NOT_SHOWN
    low, high = poisson_interval([value])
    return f"{number(value)} ({number(low[0], 1)} à {number(high[0], 1)})"


def _share(row: "pd.Series[float]") -> str:
    if pd.isna(row["faits_estimes"]) or pd.isna(row["faits_publies"]):
        return charts.NOT_SHOWN
    return percent(row["faits_publies"] / row["faits_estimes"])


def _rate_words(row: "pd.Series[float]") -> str:
    return charts.rate_words(row["taux_estime"], row["taux_estime_bas"], row["taux_estime_haut"])


