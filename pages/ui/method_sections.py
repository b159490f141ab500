"""The sections of the method page, in its order."""

import pandas as pd
import streamlit as st

from diagnostics import catalogue, estimation
from diagnostics.catalogue import FOLDER
from diagnostics.wording import DIFFUSION_RULE, number, percent
from pages.ui import blocks

STATUSES = [
    ("Publié", "Un nombre de faits, positif, que l’on peut lire."),
    ("Zéro publié", "Aucun fait enregistré, trois années de suite : c’est une information."),
    ("Non publié", "Le seuil n’a pas été tenu trois années de suite : ni zéro, ni « peu »."),
    ("Absent", "Le fichier n’a pas de ligne pour cette commune et cette année."),
]
READING = [
    "Les **faits enregistrés** par la police et la gendarmerie ne sont pas tous les faits commis : "
    "ils dépendent des plaintes et de l’activité des services.",
    "Le **lieu** est celui de l’infraction, sauf pour les escroqueries, comptées au domicile de la "
    "victime. L’**année** est celle de l’enregistrement.",
    "Les **unités de compte** diffèrent (victimes, infractions, véhicules, mis en cause) : les "
    "indicateurs ne s’additionnent pas entre eux.",
    "Les **mis en cause** (stupéfiants) sont comptés une fois par zone : leur somme sur plusieurs "
    "communes n’est qu’indicative.",
    "Les **cambriolages** sont rapportés aux logements, les autres indicateurs aux habitants.",
    "**2020 et 2021** portent les confinements : jamais des années de référence.",
    "Les **violences physiques** remplacent depuis juillet 2025 les « coups et blessures "
    "volontaires » : deux séries différentes, jamais raccordées.",
]
ESTIMATE = (
    "Pour chaque petite commune dont le chiffre n’est pas publié, on répartit le total des "
    "communes non publiées du département, qui est connu, selon leur nombre d’habitants (ou de "
    "logements). "
    "Le total d’un territoire est la somme de ce qui est publié et de cette part, avec un "
    "intervalle qui contient la vérité 95 fois sur 100."
)


def show_published() -> None:
    """Show the rule of diffusion, the statuses and how to read them."""
    st.markdown(f"La règle du SSMSI : {DIFFUSION_RULE}. 2016 et 2017 suivent le verdict de 2018.")
    blocks.table(["Statut", "Ce qu’il veut dire"], STATUSES)
    st.markdown("\n".join(f"- {sentence}" for sentence in READING))


def show_estimate() -> None:
    """Show how a total is estimated, when it is refused, and the calibration."""
    st.markdown(ESTIMATE)
    st.markdown(
        f"Rien n’est estimé pour une commune. Un total de territoire n’est montré que si au moins "
        f"**{estimation.MIN_HIDDEN_MEMBERS} communes** y sont non publiées (ou aucune), si les "
        f"communes publiées réunissent au moins **{percent(estimation.MIN_COVERAGE)}** de la "
        f"population, si l’intervalle n’est pas plus large que "
        f"**{percent(estimation.MAX_RELATIVE_WIDTH)}** du total, et si aucune soustraction entre "
        "totaux affichés ne livrerait une ou deux communes."
    )
    st.subheader("L’intervalle tient-il sa promesse ?")
    st.caption(
        "Mesuré sur des départements simulés dont la vérité est connue "
        "(`python -m benchmarks calibration`)."
    )
    calibration = pd.read_csv(FOLDER / "calibration.csv", sep=";", decimal=",")
    blocks.table(
        [
            "Indicateur",
            "Population couverte",
            "Cas",
            "Vérité dans l’intervalle",
            "Erreur médiane",
            "Largeur médiane",
            "Largeur des bornes naïves",
        ],
        [
            [
                row["type_indicateur"],
                row["couverture_population"],
                number(row["territoires_annees"]),
                percent(row["verite_dans_intervalle"] / 100, 1),
                percent(row["erreur_mediane"] / 100, 1),
                percent(row["largeur_mediane"] / 100),
                percent(row["largeur_mediane_bornes_naives"] / 100),
            ]
            for _, row in calibration.iterrows()
        ],
        numbers={2, 3, 4, 5, 6},
    )


def show_verdicts() -> None:
    """Show how rates, references, verdicts and trends are made."""
    st.markdown(
        "- **Taux** : faits pour 1 000 habitants ou logements, avec l’intervalle exact de Poisson "
        "à 95 % (Garwood, 1936).\n"
        "- **Référence** : le reste du département, la zone elle-même étant retirée. À côté, "
        "sur la fiche : les communes de même densité, les territoires les plus semblables, la "
        "région et la France, quand leur taux est connu sans biais.\n"
        "- **Verdict** : ▲ plus élevé ou ▼ moins élevé quand l’intervalle exclut la référence, "
        "● proche sinon, – non comparé quand le total n’est pas connu. Un verdict ne dit pas si "
        "la situation est bonne ou mauvaise.\n"
        "- **Tendance** : droite pondérée sur les cinq dernières années, retenue si le χ² dépasse "
        "9,55 (p < 0,002) et si le sens tient quand on retire une année quelconque. Moins de cinq "
        "années : non calculable.\n"
        "- **Groupes** : jugés sur le total estimé et son intervalle, jamais sur la seule part "
        "publiée, qui est biaisée vers le haut puisque les grandes valeurs sont publiées d’abord."
    )


def show_indicators() -> None:
    """Show the dictionary of the indicators."""
    blocks.table(
        ["Indicateur", "Unité de compte", "Rapporté aux", "Lieu", "À savoir"],
        [
            [i.title, i.unit, i.denominator, i.place, i.caveat]
            for i in catalogue.indicators().values()
        ],
    )


def show_sources() -> None:
    """Show the sources and their licences."""
    blocks.table(
        ["Source", "Producteur", "Licence", "Page"],
        [[s.title, s.publisher, s.licence, s.page] for s in catalogue.sources().values()],
    )
