"""Find the file of each source: named by the user, in a mirror folder, or downloaded before.

A folder of downloads (`data/brut`) is laid like a mirror and read the same way, so the network is
one more way to fill a folder, never a step of reading.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from diagnostics import catalogue
from diagnostics.catalogue import Source
from diagnostics.errors import Refused
from diagnostics.sources import ssmsi, tabular
from diagnostics.sources.cog import read_json

_PROJECT = Path(__file__).parent.parent.parent
BASES = {
    "communes": "ssmsi_communes",
    "departements": "ssmsi_departements",
    "regions": "ssmsi_regions",
}
"""Source of each SSMSI base."""
_TABLES = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class Inputs:
    """The folders that a build reads, in order of preference; later ones fill the gaps."""

    folders: tuple[Path, ...]

    def files(self, source_id: str, departement: str | None = None) -> list[Path]:
        """Return the files of a source, best first.

        Patterns come in order of preference, then years, newest first. Where a pattern names a
        département, only that one's files are returned.
        """
        source = catalogue.sources()[source_id]
        found: list[tuple[int, int, int, str, Path]] = []
        for rank, folder in enumerate(self.folders):
            for path in _walk(folder):
                match = source.matches(path.name)
                if match is None:
                    continue
                groups = match.groupdict()
                if departement and groups.get("departement", departement) != departement:
                    continue
                year = int(groups.get("year") or 0)
                found.append((rank, source.preference(path.name), -year, str(path), path))
        return [entry[-1] for entry in sorted(found)]

    def first(self, source_id: str, departement: str | None = None) -> Path | None:
        """Return the best file of a source, or None.

        Raises:
            Refused: the source is required and no folder holds it.
        """
        files = self.files(source_id, departement)
        if files:
            return files[0]
        source = catalogue.sources()[source_id]
        if source.required:
            raise Refused(missing(source, self.folders))
        return None

    def territories(self, departement: str) -> Path | None:
        """Return the membership table of a département laid in `territoires/` of a folder."""
        for folder in self.folders:
            for path in _walk(folder):
                if path.parent.name == "territoires" and path.name == f"{departement}.csv":
                    return path
        return None

    def simulated(self) -> bool:
        """Say whether the first folder that holds anything was written by `simulate`."""
        return any(p.name == "simulation.json" for p in _walk(self.folders[0]))


def raw_folder() -> Path:
    """Return the folder of downloads: `DIAGNOSTIC_DOWNLOADS`, or `data/brut` of the project."""
    return Path(os.environ.get("DIAGNOSTIC_DOWNLOADS") or _PROJECT / "data" / "brut")


def inputs(mirror: Path | None, raw: Path | None = None) -> Inputs:
    """Return the folders to read: the mirror, then what was downloaded before.

    Raises:
        Refused: the mirror folder does not exist.
    """
    raw = raw or raw_folder()
    if mirror is None:
        return Inputs((raw,))
    if not mirror.is_dir():
        raise Refused(
            f"Le dossier miroir {mirror} n’existe pas : corriger --mirror ou DIAGNOSTIC_MIRROR."
        )
    # A simulated mirror stands alone: real downloads never complete it.
    alone = Inputs((mirror,))
    return alone if alone.simulated() else Inputs((mirror, raw))


def editions(folders: Inputs, base: str) -> list[ssmsi.Edition]:
    """Return the SSMSI files of a base, recognised by their names and by their headers.

    A file under another name is recognised by its header alone.

    Raises:
        Refused: a file that bears a publisher's name and cannot be read as such.
    """
    source = catalogue.sources()[BASES[base]]
    others = [catalogue.sources()[i] for i in catalogue.sources() if i != source.id]
    found: dict[str, ssmsi.Edition] = {}
    for folder in folders.folders:
        for path in _walk(folder):
            if not path.name.lower().endswith(_TABLES):
                continue
            named = source.matches(path.name) is not None
            if not named and any(other.matches(path.name) for other in others):
                continue
            edition = ssmsi.recognise(path) if named else _unnamed(path)
            if named and (edition is None or edition.base != base):
                raise Refused(
                    f"Le fichier {path.name} porte le nom d’une base du SSMSI ({base}) mais son "
                    "en-tête est inconnu ou celui d’une autre : le télécharger de nouveau, ou "
                    "déclarer son en-tête dans data/catalogue/column_maps/ssmsi.csv."
                )
            if edition is not None and edition.base == base:
                found[str(path)] = edition
    return list(found.values())


def newest_first(editions_: list[ssmsi.Edition]) -> list[ssmsi.Edition]:
    """Sort editions by geography year, then production date, newest first."""
    return sorted(
        editions_,
        key=lambda e: (e.geography_year or 0, e.produced or date.min, e.path.name),
        reverse=True,
    )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal text."""
    held = path.stat()
    return _sha256(path, held.st_size, held.st_mtime_ns)


@cache
def _sha256(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@tabular.once
def records(path: Path) -> int | None:
    """Return how many records a file holds: rows, features or entries; None for a workbook."""
    name = path.name.lower()
    if name.endswith(".parquet"):
        return int(pq.read_metadata(path).num_rows)
    if name.endswith((".csv", ".csv.gz")):
        return len(tabular.read(path))
    if name.endswith((".json", ".json.gz", ".geojson")):
        content = read_json(path)
        named = ("features", "communes", "qpvs")
        held = (
            content
            if isinstance(content, list)
            else next((content[key] for key in named if key in content), None)
        )
        return None if held is None else len(held)
    return None


def missing(source: Source, folders: tuple[Path, ...]) -> str:
    """Return the sentence that says that a source is nowhere, and what to do."""
    places = " ni dans ".join(str(folder) for folder in folders)
    return (
        f"La source « {source.title} » n’est pas dans {places} : la télécharger depuis "
        f"{source.page} dans un dossier miroir (--mirror), ou relancer sans --offline."
    )


def _unnamed(path: Path) -> ssmsi.Edition | None:
    """Return the edition of a file that bears no publisher's name; anything else is not ours."""
    try:
        return ssmsi.recognise(path)
    except Refused:
        return None


def _walk(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(root) / name for name in names if not name.startswith(".")]
    return sorted(found)
