"""Statistics of territorial crime figures: pure functions on arrays, no plotting, no screen.

One function per statistic. A result is a NamedTuple of arrays that names its `method`; a missing
value is NaN and gives NaN, never 0. Counts are recorded facts of published cells: an estimated
total is not a count and comes with its own interval (`diagnostics.estimation`).

Read in this order: `inputs` what is accepted, `rates` intervals and ratios, `comparison` higher or
lower than a reference, `trends` over five years, `periods` before and after, `funnel` many areas
at once, `peers` similar areas, `profile` one area among them.
"""
