"""Typed, validated view of what `data/catalogue` declares.

Everything that is declared once (indicators, strategies, sources, column maps) is read here and
nowhere else. A declaration that does not hold together is refused when it is read.
"""

import csv
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from diagnostics.errors import Refused

FOLDER = Path(__file__).parent.parent / "data" / "catalogue"
DEFAULT_STRATEGY = "seine-et-marne-2020-2024"
VOCABULARIES = ("2021", "2025")


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Indicator(_Declared):
    """One recorded-crime series, as the SSMSI defines it."""

    id: str
    title: str
    labels: dict[Literal["2021", "2025"], str]
    unit: Literal["victime", "victime entendue", "infraction", "véhicule", "mis en cause"]
    denominator: Literal["habitants", "logements"]
    polarity: Literal["higher_is_worse", "neutral"]
    place: Literal["lieu de l’infraction", "domicile de la victime"]
    additive: bool
    contained_in: str | None = None
    level: Literal["communes", "departement"]
    first_year: int
    caveat: str

    @property
    def label(self) -> str:
        """Return the newest official label, verbatim."""
        return self.labels[max(self.labels)]

    @model_validator(mode="after")
    def _persons_are_not_additive(self) -> "Indicator":
        # A person is counted once per spatial unit (SSMSI): summing would count it twice.
        if self.additive == (self.unit == "mis en cause"):
            raise ValueError(f"{self.id}: additive must be false for 'mis en cause' only")
        return self


class Attribution(_Declared):
    """Why an indicator is read under a programme."""

    id: str
    rank: Literal["primary", "secondary"]
    reason: str


class Programme(_Declared):
    """One programme of a strategy, in its own words."""

    number: int
    short_title: str
    title: str
    indicators: tuple[Attribution, ...]


class Strategy(_Declared):
    """A departmental strategy: its programmes and the periods by which it is read."""

    id: str
    title: str
    short_title: str
    departement: str
    base_years: tuple[int, ...]
    review_years: tuple[int, ...]
    mapping_note: str
    programmes: tuple[Programme, ...]

    def primary(self, indicator_id: str) -> int | None:
        """Return the number of the programme that claims the indicator first, if any."""
        return next((n for n in self._claims(indicator_id, "primary")), None)

    def secondary(self, indicator_id: str) -> list[int]:
        """Return the numbers of the other programmes that read the indicator."""
        return self._claims(indicator_id, "secondary")

    def _claims(self, indicator_id: str, rank: str) -> list[int]:
        return [
            p.number
            for p in self.programmes
            if any(a.id == indicator_id and a.rank == rank for a in p.indicators)
        ]


class DatasetAddress(_Declared):
    """A resource of a data.gouv.fr dataset, found by its title and format, never by its own id.

    `dataset` is the dataset's id or slug; `title` the beginning of the resource's title (empty:
    any, the file name decides); `formats` are in order of preference; `member` is a regular
    expression on the names inside a zip.
    """

    dataset: str
    title: str
    formats: tuple[str, ...]
    folder: str
    maximum_megabytes: int
    member: str | None = None


class PlainAddress(_Declared):
    """A path of a publisher's service; `{departement}` stands for the code of a département.

    `file` is where the answer is kept, relative to the folder of downloads.
    """

    service: Literal["geo", "insee"]
    path: str
    file: str
    maximum_megabytes: int
    member: str | None = None


class Source(_Declared):
    """A published file or service: who publishes it, how it is recognised and found."""

    id: str
    title: str
    publisher: str
    page: str
    licence: str
    mirror: tuple[str, ...]
    required: bool
    geography_year: int | None = None
    population_year: int | None = None
    # Tried in this order: the first one that resolves is downloaded.
    network: tuple[DatasetAddress | PlainAddress, ...] = ()

    def matches(self, name: str) -> re.Match[str] | None:
        """Return the match of the best pattern that recognises a file name, or None."""
        matches = (re.search(pattern, name, re.IGNORECASE) for pattern in self.mirror)
        return next((m for m in matches if m), None)

    def preference(self, name: str) -> int:
        """Return the rank of the pattern that recognises a name (0 is best)."""
        return next(
            (i for i, p in enumerate(self.mirror) if re.search(p, name, re.IGNORECASE)),
            len(self.mirror),
        )


class ColumnMap(_Declared):
    """One field of one header generation."""

    generation: str
    base: Literal["communes", "departements", "regions"]
    champ: str
    colonne: str
    requis: Literal["oui", "non"]


T = TypeVar("T", bound=_Declared)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Refused(
            f"Le catalogue {path.name} ne peut pas être lu ({error}) : corriger ce fichier."
        ) from error


def _validated(model: type[T], path: Path, **values: Any) -> T:
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(
            f"Le catalogue {path.name} est mal rempli ({values.get('id')}, {where} : "
            f"{first['msg']}) : corriger ce fichier."
        ) from error


@cache
def indicators() -> dict[str, Indicator]:
    """Return every declared indicator by id, in the order of the file.

    Raises:
        Refused: a declaration does not hold together.
    """
    path = FOLDER / "indicators.toml"
    found = {
        key: _validated(Indicator, path, id=key, **values)
        for key, values in _read_toml(path).items()
    }
    for indicator in found.values():
        if indicator.contained_in is not None and indicator.contained_in not in found:
            raise Refused(
                f"Le catalogue {path.name} dit que {indicator.id} est contenu dans "
                f"« {indicator.contained_in} », qui n’y est pas déclaré : corriger ce fichier."
            )
    return found


@cache
def labels() -> dict[str, dict[str, str]]:
    """Return {official label: {vocabulary: indicator id}} over all editions."""
    found: dict[str, dict[str, str]] = {}
    for indicator in indicators().values():
        for vocabulary, label in indicator.labels.items():
            found.setdefault(label, {})[vocabulary] = indicator.id
    return found


@cache
def strategy(strategy_id: str = DEFAULT_STRATEGY) -> Strategy:
    """Return a declared strategy.

    Raises:
        Refused: no such file, a malformed one, or one that names an undeclared indicator.
    """
    path = FOLDER / "strategies" / f"{strategy_id}.toml"
    if not path.is_file():
        raise Refused(
            f"La stratégie « {strategy_id} » n’est pas déclarée dans {path.parent} : "
            f"choisir parmi {', '.join(strategy_ids())}."
        )
    found = _validated(Strategy, path, id=strategy_id, **_read_toml(path))
    for programme in found.programmes:
        for attribution in programme.indicators:
            if attribution.id not in indicators():
                raise Refused(
                    f"La stratégie {path.name} rattache au programme {programme.number} "
                    f"l’indicateur « {attribution.id} », qui n’est pas déclaré dans "
                    f"indicators.toml : corriger l’un des deux fichiers."
                )
    return found


def strategy_ids() -> list[str]:
    """Return the ids of the declared strategies, sorted."""
    return sorted(path.stem for path in (FOLDER / "strategies").glob("*.toml"))


@cache
def sources() -> dict[str, Source]:
    """Return every declared source by id, in the order of the file.

    Raises:
        Refused: a declaration does not hold together.
    """
    path = FOLDER / "sources.toml"
    return {
        key: _validated(Source, path, id=key, **values) for key, values in _read_toml(path).items()
    }


@cache
def departements() -> dict[str, str]:
    """Return {code: name} of the départements that the SSMSI publishes."""
    path = FOLDER / "departements.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["nom"] for row in csv.DictReader(file, delimiter=";")}


@cache
def column_descriptions() -> dict[str, str]:
    """Return {column: description} of the long table, in its order."""
    path = FOLDER / "columns.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["colonne"]: row["description"] for row in csv.DictReader(file, delimiter=";")}


@cache
def column_maps(name: str) -> tuple[ColumnMap, ...]:
    """Return the rows of `data/catalogue/column_maps/<name>.csv`."""
    path = FOLDER / "column_maps" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            _validated(ColumnMap, path, **row) for row in csv.DictReader(file, delimiter=";")
        )


class ContextVariable(_Declared):
    """What describes a territory beside its recorded crime (see `context.toml`)."""

    id: str
    title: str
    unit: Literal[
        "habitants",
        "habitants par km²",
        "%",
        "euros par an",
        "logements",
        "quartiers",
        "classe",
        "implantations",
        "zone",
    ]
    numerator: str | None = None
    denominator: str | None = None
    sources: tuple[str, ...]
    year: int
    aggregation: Literal["sum", "ratio", "distinct", "unanimous", "none"]
    not_aggregated: str | None = None
    programmes: tuple[int, ...]
    reading: str
    caveat: str

    @property
    def factor(self) -> float:
        """Return what numerator / denominator is multiplied by: 100 for a percentage."""
        return 100.0 if self.unit == "%" else 1.0

    @model_validator(mode="after")
    def _aggregation_has_what_it_needs(self) -> "ContextVariable":
        if (self.aggregation in ("none", "unanimous")) != (self.not_aggregated is not None):
            raise ValueError("not_aggregated is for the aggregations 'none' and 'unanimous' only")
        if (self.aggregation == "ratio") != (self.denominator is not None):
            raise ValueError("a denominator is for the aggregation 'ratio' only")
        return self


@cache
def context_variables() -> dict[str, ContextVariable]:
    """Return every declared context variable by id, in the order of the file.

    Raises:
        Refused: a declaration does not hold together, or names a source that is not declared.
    """
    path = FOLDER / "context.toml"
    found = {
        key: _validated(ContextVariable, path, id=key, **values)
        for key, values in _read_toml(path).items()
        if isinstance(values, dict)
    }
    for variable in found.values():
        for source_id in variable.sources:
            if source_id not in sources():
                raise Refused(
                    f"Le catalogue {path.name} rattache {variable.id} à la source "
                    f"« {source_id} », qui n’est pas déclarée dans sources.toml : corriger "
                    "l’un des deux fichiers."
                )
    return found


@cache
def context_caution() -> str:
    """Return the sentence shown beside every context figure."""
    return str(_read_toml(FOLDER / "context.toml")["caution"])
