"""A fictional land cut into communes: organic outlines that share their borders exactly.

Communes are the Voronoi cells of a jittered lattice, tightened around the main towns; each border
is drawn once, as a wavering line inside the triangles that its two sites make with it. These
triangles tile the plane, so that no two borders can cross and the cells leave no gap.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import Voronoi

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COMMUNE_KM2 = 11.7  # mean area of the communes of Seine-et-Marne
MOST_COMMUNES = 900  # per département: three digits of code, with room
# Out at sea: nobody takes these outlines for a real place.
_LONGITUDE, _LATITUDE = -10.0, 46.5
_KM_PER_DEGREE = 111.2
_SEGMENTS = 8  # per border


@dataclass(frozen=True)
class Tiling:
    """Sites (n, 2) in km, their département (n,), areas in km² (n,), one closed ring per site
    (longitude, latitude; counter-clockwise) and the pairs of neighbours (m, 2)."""

    sites: Floats
    departement: Ints
    area_km2: Floats
    rings: list[Floats]
    neighbours: Ints


def tile(communes: int, rng: np.random.Generator) -> Tiling:
    """Cut a land into `communes` cells, shared among départements of at most MOST_COMMUNES."""
    lattice, inside = _land(communes, rng)
    departements = -(-communes // MOST_COMMUNES)
    sizes = [len(part) for part in np.array_split(np.arange(communes), departements)]
    owner = _shared(lattice[:inside], sizes, rng)
    sites = _tightened(lattice, inside, owner)
    voronoi = Voronoi(sites)
    pairs = np.asarray(voronoi.ridge_points, dtype=np.int64)
    ends = np.asarray(voronoi.ridge_vertices, dtype=np.int64)
    drawn = (pairs < inside).any(axis=1)
    pairs, ends = pairs[drawn], ends[drawn]
    borders = _borders(voronoi.vertices[ends], sites[pairs[:, 0]], rng)
    rings = _rings(borders, pairs, sites[:inside])
    return Tiling(
        sites=sites[:inside],
        departement=owner,
        area_km2=np.array([_area(ring) for ring in rings]),
        rings=[_degrees(ring) for ring in rings],
        neighbours=pairs[(pairs < inside).all(axis=1)],
    )


def _land(communes: int, rng: np.random.Generator) -> tuple[Floats, int]:
    """Return a jittered lattice whose first `communes` points make an organic blob."""
    step = np.sqrt(COMMUNE_KM2 * 2 / np.sqrt(3))
    radius = np.sqrt(communes * COMMUNE_KM2 / np.pi)
    span = int(np.ceil((1.7 * radius + 5 * step) / step))
    column, row = np.meshgrid(np.arange(-span, span + 1), np.arange(-span - 2, span + 3))
    points = np.column_stack(
        [(column + 0.5 * (row % 2)).ravel() * step, row.ravel() * step * np.sqrt(3) / 2]
    )
    angle = np.arctan2(points[:, 1], points[:, 0])
    waves = sum(
        size * np.cos(k * angle + phase)
        for k, size, phase in zip(
            (2, 3, 5), (0.13, 0.08, 0.05), rng.uniform(0, 2 * np.pi, 3), strict=True
        )
    )
    distance = np.hypot(points[:, 0], points[:, 1]) / (1 + waves)
    order = np.argsort(distance, kind="stable")
    coast = distance[order[communes - 1]]
    kept = order[distance[order] <= coast + 5 * step]  # the sea around, to close every cell
    points = points[kept]
    return points + rng.uniform(-0.34, 0.34, points.shape) * step, communes


def _shared(points: Floats, sizes: list[int], rng: np.random.Generator) -> Ints:
    """Return the département of each point: recursive halving along wavering lines."""
    phase = rng.uniform(0, 2 * np.pi, 2)
    wavering = points + 9 * np.sin(points[:, ::-1] / 14 + phase)
    owner = np.zeros(len(points), dtype=np.int64)

    def halve(members: Ints, first: int, shares: list[int]) -> None:
        if len(shares) == 1:
            owner[members] = first
            return
        spread = np.ptp(wavering[members], axis=0)
        members = members[np.argsort(wavering[members, int(np.argmax(spread))], kind="stable")]
        half = len(shares) // 2
        cut = sum(shares[:half])
        halve(members[:cut], first, shares[:half])
        halve(members[cut:], first + half, shares[half:])

    halve(np.arange(len(points)), 0, sizes)
    return owner


def _tightened(points: Floats, inside: int, owner: Ints) -> Floats:
    """Draw the points closer around each département's main town."""
    sites = points.copy()
    for departement in range(int(owner.max()) + 1):
        centre = points[:inside][owner == departement].mean(axis=0)
        scale = 0.28 * np.sqrt((owner == departement).sum() * COMMUNE_KM2 / np.pi)
        away = points - centre
        pull = 0.45 * np.exp(-(away**2).sum(axis=1) / (2 * scale**2))
        sites -= away * pull[:, None]
    return sites


def _borders(ends: Floats, site: Floats, rng: np.random.Generator) -> Floats:
    """Return each border as _SEGMENTS + 1 points (m, _SEGMENTS + 1, 2) from its two ends."""
    start, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    length = np.maximum(length, 1e-9)
    unit = along / length[:, None]
    across = np.column_stack([-unit[:, 1], unit[:, 0]])
    to_site = site - start
    foot = (to_site * unit).sum(axis=1) / length  # where the site projects on the border
    height = np.abs((to_site * across).sum(axis=1))
    t = np.linspace(0, 1, _SEGMENTS + 1)[None, :]
    # Room on each side at t: the triangle whose apex is the site (both sites are at equal height).
    rising = t / np.maximum(foot, 1e-9)[:, None]
    falling = (1 - t) / np.maximum(1 - foot, 1e-9)[:, None]
    room = height[:, None] * np.minimum(
        np.where(foot[:, None] > 0, rising, np.inf), np.where(foot[:, None] < 1, falling, np.inf)
    )
    waver = np.zeros((len(ends), _SEGMENTS + 1))
    waver[:, 4] = rng.uniform(-1, 1, len(ends))
    for step in (2, 1):
        middles = np.arange(step, _SEGMENTS, 2 * step)
        waver[:, middles] = (waver[:, middles - step] + waver[:, middles + step]) / 2
        waver[:, middles] += rng.uniform(-1, 1, (len(ends), len(middles))) * step / 4
    offset = np.clip(waver * 0.16 * length[:, None], -0.45 * room, 0.45 * room)
    line = start[:, None] + t[..., None] * along[:, None] + offset[..., None] * across[:, None]
    line[:, -1] = ends[:, 1]  # the very same number in every border that meets there
    return line


def _rings(borders: Floats, pairs: Ints, sites: Floats) -> list[Floats]:
    """Chain the borders of each site into one closed counter-clockwise ring, in km."""
    cell = pairs.T.ravel()
    border = np.tile(np.arange(len(pairs)), 2)
    real = cell < len(sites)
    cell, border = cell[real], border[real]
    first = borders[border, 0] - sites[cell]
    last = borders[border, -1] - sites[cell]
    middle = (first + last) / 2
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), cell))
    clockwise = first[:, 0] * last[:, 1] - first[:, 1] * last[:, 0] < 0
    pieces = borders[border]
    pieces[clockwise] = pieces[clockwise, ::-1]
    pieces = pieces[order, :-1]  # the last point is the next border's first
    counts = np.bincount(cell, minlength=len(sites))
    chains = np.split(pieces.reshape(-1, 2), np.cumsum(counts)[:-1] * _SEGMENTS)
    return [np.vstack([chain, chain[:1]]) for chain in chains]


def _area(ring: Floats) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(np.abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def _degrees(ring: Floats) -> Floats:
    """Return a ring in WGS 84, six decimals as geo.api.gouv.fr gives, without repeated points."""
    narrowing = np.cos(np.radians(_LATITUDE))
    degrees = np.column_stack(
        [
            _LONGITUDE + ring[:, 0] / (_KM_PER_DEGREE * narrowing),
            _LATITUDE + ring[:, 1] / _KM_PER_DEGREE,
        ]
    ).round(6)
    kept = np.ones(len(degrees), dtype=bool)
    kept[1:] = (degrees[1:] != degrees[:-1]).any(axis=1)
    return degrees[kept]
