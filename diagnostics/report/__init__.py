"""Everything that one area's diagnostic says, assembled once: screens and files only render it.

`report` for an area of the long table, `report_for_codes` for communes chosen by the user; `load`
gives the département's tables, to be kept between two reports. What a report holds is in `model`.
"""

from diagnostics.report.assemble import report, report_for_codes
from diagnostics.report.model import PERIMETER, Report
from diagnostics.report.tables import Tables, load

__all__ = ["PERIMETER", "Report", "Tables", "load", "report", "report_for_codes"]
