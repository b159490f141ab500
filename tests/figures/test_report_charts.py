"""Charts of a report: named after what they show."""

from pathlib import Path

import pytest

from diagnostics.comparisons import SIMILAR
from diagnostics.figures import report_charts
from diagnostics.figures.charts import REST
from diagnostics.long_table import REFERENCE
from diagnostics.report import Report, load, report
from diagnostics.store import open_store


@pytest.fixture(scope="module", params=[REFERENCE, SIMILAR])
def diagnostic(request: pytest.FixtureRequest, simulated_store: Path) -> Report:
    store = open_store(simulated_store)
    tables = load(store, "00")
    code = tables.groups.loc[tables.groups["type"] == "cispd", "code"].iloc[0]
    return report(store, "00", "territoire", code, tables=tables, comparator=request.param)


def test_a_curve_beside_the_area_bears_the_name_of_its_reference(diagnostic: Report) -> None:
    compared = [line for line in diagnostic.lines if line.comparison]
    assert compared
    for line in compared:
        assert line.comparison is not None
        (panel,) = report_charts.series(diagnostic, line, "").panels
        assert panel.reference is not None
        assert panel.reference.label == line.comparison.label.removeprefix("le ")
        assert panel.reference.values[-1] == pytest.approx(line.comparison.rate)
        assert (panel.reference.label == REST) == (diagnostic.comparator == REFERENCE)
