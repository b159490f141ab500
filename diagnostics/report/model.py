"""What a diagnostic of one area says: plain data, in the order of the page.

Figures are those of the long table, to the digit; what is `None` is not published, not estimated
or not known, never zero. Rates are per 1,000 inhabitants, or dwellings for burglary.
"""

from dataclasses import dataclass, field

PERIMETER = "perimetre"
"""Level of a free perimeter: communes chosen by the user, which make no council."""

TODAY, YEARLY = "actuelle", "annuelle"
"""Whose communes a council's past figures are: those of today, or those of each year."""


@dataclass(frozen=True)
class Place:
    """A commune or a group, named in passing."""

    niveau: str
    code: str
    label: str
    population: int | None = None


COUNTED, COUNTABLE = "comptees", "a_compter"
OTHER_EDITION, NOT_HELD, NOT_IN_FILE = "autre_edition", "non_charge", "hors_du_fichier"
"""What becomes of the members in another département (see `Beyond`)."""


@dataclass(frozen=True)
class Beyond:
    """The members of an area in one other département, and whether its figures hold them."""

    departement: str
    label: str
    codes: tuple[str, ...]
    status: str
    """COUNTED; COUNTABLE: the store holds them in the same edition; OTHER_EDITION: in another one,
    or for other years; NOT_HELD: the département is not loaded; NOT_IN_FILE: it is, without them.
    """
    communes: tuple[Place, ...] = ()
    """Named with their residents where the store holds them, as its file counts them."""


@dataclass(frozen=True)
class Area:
    """The area under diagnosis and what surrounds it."""

    niveau: str
    code: str
    label: str
    type: str
    population: int | None
    population_year: int | None
    communes: tuple[Place, ...]
    outside: tuple[str, ...]
    """INSEE codes of the members in another département: they are in no figure."""
    density_class: str
    """INSEE's class, "" where the communes are of several."""
    groups: tuple[Place, ...] = ()
    """The councils, then the EPCI, that hold a commune; empty for a group."""
    neighbours: tuple[Place, ...] = ()
    """The communes whose outlines touch a commune's; empty for a group."""
    beyond: tuple[Beyond, ...] = ()
    """The members in other départements; those that are counted are in `communes`."""

    @property
    def across(self) -> bool:
        """Say whether the figures hold members of another département."""
        return any(each.status == COUNTED for each in self.beyond)

    @property
    def among_epci(self) -> bool:
        """Say whether the EPCI are its peers: several communes in a perimeter or a council."""
        return self.niveau == PERIMETER or (self.niveau == "territoire" and len(self.communes) > 1)


@dataclass(frozen=True)
class Duty:
    """What the law asks of one commune, and the councils known there."""

    code: str
    label: str
    population: int | None
    qpv_count: int
    over_5000: bool
    coordinator: bool
    duty: str
    councils: tuple[str, ...]
    council_attested: bool


@dataclass(frozen=True)
class Legal:
    """Legal situation of the area's communes and, for a council, where it is known from."""

    communes: tuple[Duty, ...]
    council_status: str
    council_source: str
    council_since: str
    population_year: int | None
    sentences: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class Figure:
    """One row of the long table.

    `rate` and its interval are those that are judged: published for a commune, of the estimated
    total for a group.
    """

    year: int
    status: str
    published: int | None
    published_communes: int | None
    communes: int | None
    population_coverage: float | None
    published_denominator: float | None
    denominator: float | None
    estimated: float | None
    estimated_low: float | None
    estimated_high: float | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    method: str
    reason: str
    """Why there is no estimate, "" where there is one or none is due."""


@dataclass(frozen=True)
class Comparison:
    """The area beside one reference."""

    reference: str
    label: str
    rate: float
    basis: str
    verdict: str
    """plus_eleve | moins_eleve | proche, "" where it is not compared."""
    judgement: str
    """defavorable | favorable | sans_jugement, by the indicator's polarity."""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class YearlyChange:
    """Mean change of the rate per year, in per cent, over the years known."""

    percent: float
    low: float
    high: float
    first_year: int
    last_year: int
    years: int
    method: str


@dataclass(frozen=True)
class Trend:
    """Verdict on the five last years and, as information, the mean yearly change."""

    verdict: str
    """hausse | baisse | pas_de_tendance | non_calculable, "" for a row without figure."""
    yearly: YearlyChange | None


@dataclass(frozen=True)
class Ratio:
    """Rate of the later period over that of the earlier one, with both totals."""

    ratio: float
    low: float
    high: float
    before: float
    after: float
    method: str


@dataclass(frozen=True)
class PeriodChange:
    """Change between two periods, with the rest of the département beside it."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    own: Ratio | None
    rest: Ratio | None
    reason: str
    """Why there is no change to show, "" where there is one."""


@dataclass(frozen=True)
class Point:
    """One year of a series; `reference` is the rate of the comparator that year."""

    year: int
    status: str
    facts: float | None
    """Published for a commune, estimated total for a group."""
    rate: float | None
    low: float | None
    high: float | None
    reference: float | None
    departement: float | None
    lockdown: bool


@dataclass(frozen=True)
class Spread:
    """Where the area stands among its peers, itself left out (see `statistics.profile`)."""

    minimum: float | None
    first_quartile: float | None
    median: float | None
    third_quartile: float | None
    maximum: float | None
    peers_known: int
    peers_unknown: int


@dataclass(frozen=True)
class Calculation:
    """« Comment c’est calculé » : how one figure is made and from what."""

    rule: str
    numerator: str
    denominator: str
    rows: str
    source: str
    publisher: str
    edition: str
    geography: int | None
    licence: str
    page: str


@dataclass(frozen=True)
class Words:
    """The sentences of one line, "" where there is nothing to say."""

    headline: str = ""
    coverage: str = ""
    refusal: str = ""
    verdict: str = ""
    trend: str = ""
    period: str = ""


@dataclass(frozen=True)
class Line:
    """Everything said of one indicator for one area and one year."""

    id: str
    label: str
    """The newest official label, verbatim."""
    title: str
    """The same in French typography, for screens."""
    unit: str
    unit_of_rate: str
    place: str
    additive: bool
    contained_in: str | None
    polarity: str
    niveau: str
    area_label: str
    outside: int
    """Communes of the area in another département, which are in no figure."""
    figure: Figure
    comparison: Comparison | None
    """With the comparator that was asked for."""
    comparisons: tuple[Comparison, ...]
    trend: Trend
    period: PeriodChange | None
    series: tuple[Point, ...]
    spread: Spread
    caveat: str
    calculation: Calculation
    words: Words = field(default_factory=Words)
    no_reference: str = ""
    """Why the reference that was asked for is missing, in words, "" where it is there."""

    @property
    def higher_and_rising(self) -> bool:
        """Say whether the area is higher than its reference and rising."""
        higher = self.comparison is not None and self.comparison.verdict == "plus_eleve"
        return higher and self.trend.verdict == "hausse"


@dataclass(frozen=True)
class Reading:
    """A line as one programme reads it."""

    line: Line
    rank: str
    reason: str


@dataclass(frozen=True)
class ContextLine:
    """One context figure of the area, with the département's beside it."""

    id: str
    title: str
    unit: str
    value: float | None
    text: str
    status: str
    year: int | None
    departement: float | None
    source: str
    approximate: bool
    programmes: tuple[int, ...]
    reading: str
    caveat: str
    reason: str
    """Why the area has no figure, "" where it has one."""
    departement_reason: str = ""
    """Why the département has none."""
    partial: float | None = None
    """Share of residents on whom it is calculated, where that is not all."""


@dataclass(frozen=True)
class Programme:
    """One programme of the strategy and what it reads."""

    number: int
    short_title: str
    title: str
    readings: tuple[Reading, ...]
    context: tuple[ContextLine, ...]


@dataclass(frozen=True)
class Similar:
    """A similar area and its distance, in standard deviations of the context variables."""

    code: str
    label: str
    distance: float


@dataclass(frozen=True)
class Around:
    """The figures of what surrounds a commune: its councils, its EPCI, its density class."""

    place: Place
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Unsaid:
    """One reason why figures are missing, and the indicators that it concerns."""

    reason: str
    sentence: str
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class Mapped:
    """What maps of the area show, by the rule of `mapped`."""

    line: str
    """Id of an indicator, "" where there is none."""
    codes: tuple[str, ...]
    """The communes to draw."""


@dataclass(frozen=True)
class SourceUsed:
    """A file that the figures come from."""

    title: str
    publisher: str
    licence: str
    file: str


@dataclass(frozen=True)
class Report:
    """One area's diagnostic for one year."""

    area: Area
    legal: Legal
    year: int
    years: tuple[int, ...]
    strategy: str
    mapping_note: str
    comparator: str
    with_estimates: bool
    composition: str
    """`TODAY` or `YEARLY`: whose communes the figures of past years are."""
    simulated: bool
    edition: str
    lines: tuple[Line, ...]
    programmes: tuple[Programme, ...]
    others: tuple[Line, ...]
    """Lines that no programme claims."""
    mapped: Mapped
    context: tuple[ContextLine, ...]
    context_caution: str
    similar: tuple[Similar, ...]
    similar_variables: tuple[str, ...]
    around: tuple[Around, ...]
    unsaid: tuple[Unsaid, ...]
    caveats: tuple[str, ...]
    sources: tuple[SourceUsed, ...]

    @property
    def higher_and_rising(self) -> tuple[Line, ...]:
        """Return the lines that are higher than the reference and rising."""
        return tuple(line for line in self.lines if line.higher_and_rising)

    @property
    def mapped_line(self) -> Line | None:
        """Return the line that maps show."""
        return next((line for line in self.lines if line.id == self.mapped.line), None)
