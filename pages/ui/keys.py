"""Names shared by the pages and their tests: URL parameters and widget keys."""

from enum import StrEnum


class Param(StrEnum):
    """A choice that lives in the URL, so that a view can be sent and opens the same."""

    DEPARTEMENT = "dep"
    NIVEAU = "niveau"
    PROGRAMME = "programme"
    INDICATEUR = "indicateur"
    ANNEE = "annee"
    ZONE = "zone"
    ZONES = "zones"
    COMMUNES = "communes"
    NOM = "nom"
    STRATEGIE = "strategie"
    FORCE = "force"
    DENSITE = "densite"
    REFERENCE = "reference"


class Widget(StrEnum):
    """A widget that is no choice of view."""

    MAP = "carte"
    LOAD = "charger"
    LOAD_DEPARTEMENT = "departement-a-charger"
    DOWNLOAD_VIEW = "csv-vue"
    DOWNLOAD_ALL = "csv-tout"
    DOWNLOAD_PNG = "png"
    DOWNLOAD_SVG = "svg"
    DOWNLOAD_CSV = "csv"
    DOWNLOAD_XLSX = "xlsx"
    DOWNLOAD_GEOJSON = "geojson"
    DOWNLOAD_DICTIONARY = "dictionnaire"
    DOWNLOAD_COMPARISONS = "comparaisons"
    PERIMETER = "perimetre"
    PERIMETER_CODES = "perimetre-codes"
    PERIMETER_APPLY = "perimetre-appliquer"
    PERIMETER_CLEAR = "perimetre-effacer"
    PERIMETER_LEAVE = "perimetre-quitter"
    PERIMETER_MODE = "perimetre-composer"
    PERIMETER_FROM = "perimetre-partir-de"
    DOWNLOAD_PERIMETER = "csv-perimetre"
    FILTER_NIVEAU = "filtre-niveau"
    FILTER_ZONES = "filtre-zones"
    FILTER_PROGRAMME = "filtre-programme"
    FILTER_YEARS = "filtre-annees"
