"""The only door to what a build has made: whole snapshots, one of them current.

Layout of a store folder: `<digest>/manifest.json`, `<digest>/<departement>/<table>.parquet`,
`<digest>/france/<table>.parquet` (what the newest code official géographique says), and
`current.json`, which names the digest in force and is replaced in one call. A snapshot is either
real or simulated, never both. The last two snapshots are kept. Who replaces the one in force holds
the lock of `.lock` meanwhile.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from filelock import FileLock, Timeout

from diagnostics.errors import Refused

TABLES = (
    "facts",
    "communes",
    "groups",
    "memberships",
    "qpv",
    "official",
    "long",
    "reconciliation",
    "context",
    "group_context",
    "density",
    "similar",
    "comparisons",
)
"""Tables of each département, beside the geographic `outlines`."""
FRANCE_TABLES = ("communes", "movements")
"""Tables of the whole country: code_insee, name, whole (`Cog.communes`); `Cog.movements`."""
_FRANCE = "france"
_PROJECT = Path(__file__).parent.parent
_KEPT = 2


@dataclass(frozen=True)
class Store:
    """One snapshot: read-only."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """Return the name of the snapshot: a hash of all that it holds."""
        return self.folder.name

    @property
    def simulated(self) -> bool:
        """Say whether the figures are those of an invented département."""
        return bool(self.manifest["simulated"])

    def departements(self) -> dict[str, str]:
        """Return {code: name} of the départements held."""
        return {code: d["name"] for code, d in self.manifest["departements"].items()}

    def about(self, departement: str) -> dict[str, Any]:
        """Return the manifest of a département: edition, inputs, warnings, counts.

        Raises:
            Refused: the store does not hold it.
        """
        self._require(departement)
        found: dict[str, Any] = self.manifest["departements"][departement]
        return found

    def table(self, departement: str, name: str) -> pd.DataFrame:
        """Return a table of a département (see `TABLES`); empty where it was not built."""
        self._require(departement)
        path = self.folder / departement / f"{name}.parquet"
        with _sound(self.folder.parent):
            return pd.read_parquet(path) if path.is_file() else pd.DataFrame()

    def france(self, name: str) -> pd.DataFrame:
        """Return a table of the whole country (see `FRANCE_TABLES`); empty where not built."""
        path = self.folder / _FRANCE / f"{name}.parquet"
        with _sound(self.folder.parent):
            return pd.read_parquet(path) if path.is_file() else pd.DataFrame()

    def outlines(self, departement: str) -> gpd.GeoDataFrame:
        """Return simplified outlines: niveau, code, libelle, geometry (EPSG:4326)."""
        self._require(departement)
        with _sound(self.folder.parent):
            return gpd.read_parquet(self.folder / departement / "outlines.parquet")

    def _require(self, departement: str) -> None:
        if departement not in self.manifest["departements"]:
            raise Refused(
                f"Le département {departement} n’est pas dans le magasin de données : le charger "
                f"avec « python -m diagnostics build --departement {departement} »."
            )


def default_folder() -> Path:
    """Return the store's folder: `DIAGNOSTIC_STORE`, or `data/store` of the project."""
    return Path(os.environ.get("DIAGNOSTIC_STORE") or _PROJECT / "data" / "store")


def open_store(folder: Path | None = None) -> Store:
    """Return the snapshot in force.

    Raises:
        Refused: nothing was built there yet, or the snapshot is damaged.
    """
    folder = folder or default_folder()
    pointer = folder / "current.json"
    if not pointer.is_file():
        raise Refused(
            f"Aucune donnée dans {folder} : lancer « python -m diagnostics build », ou "
            "l’application, qui prépare le département simulé."
        )
    with _sound(folder):
        snapshot = folder / json.loads(pointer.read_text(encoding="utf-8"))["digest"]
        manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
        missing = [d for d in manifest["departements"] if not (snapshot / d).is_dir()]
        if missing:
            raise FileNotFoundError(f"département {missing[0]}")
    return Store(snapshot, manifest)


def sound_or_none(folder: Path) -> Store | None:
    """Return the snapshot in force; None where there is none, or a damaged one to replace."""
    try:
        return open_store(folder)
    except Refused:
        return None


@contextmanager
def _sound(folder: Path) -> Iterator[None]:
    """Turn the error of a damaged store into one sentence that says to build it again."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refused(
            f"Le magasin de données {folder} est abîmé ({detail}) : le reconstruire avec "
            "« python -m diagnostics build »."
        ) from error


@contextmanager
def replacing(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[Path]:
    """Yield an empty folder; when the block ends well, it becomes the snapshot in force.

    The block writes a manifest and the départements that it names. Those of the snapshot then in
    force that it does not name are carried over, unless one is simulated and the other is not:
    of two builds at the same time, the second to end carries over what the first has built. It
    calls `waiting` if it has to wait. If anything fails inside, the folder vanishes and the
    previous snapshot stays as it was, byte for byte.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    try:
        yield draft
        with _alone(folder, waiting):
            _carry_over(folder, draft)
            _put_in_force(folder, draft)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _alone(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a store; the system lets go of that of a process that was killed."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _carry_over(folder: Path, draft: Path) -> None:
    """Complete a draft with the départements of the snapshot in force that it does not hold."""
    manifest = json.loads((draft / "manifest.json").read_text(encoding="utf-8"))
    previous = sound_or_none(folder)
    if previous is None or previous.simulated != manifest["simulated"]:
        return
    built = manifest["departements"]
    for code in previous.departements().keys() - built.keys():
        shutil.copytree(previous.folder / code, draft / code)
        built[code] = previous.about(code)
    if (previous.folder / _FRANCE).is_dir() and not (draft / _FRANCE).exists():
        shutil.copytree(previous.folder / _FRANCE, draft / _FRANCE)
    write_manifest(manifest, draft)


def _put_in_force(folder: Path, draft: Path) -> None:
    digest = _digest(draft)
    final = folder / digest
    if final.exists() and _digest(final) != digest:
        shutil.rmtree(final)  # damaged since: the same build puts it right
    if not final.exists():
        draft.chmod(0o755)
        draft.rename(final)
    pointer = folder / ".current.json.tmp"
    pointer.write_text(json.dumps({"digest": digest}), encoding="utf-8")
    pointer.replace(folder / "current.json")
    final.touch()
    _forget_old(folder, digest)


def write_departement(
    draft: Path, departement: str, tables: dict[str, pd.DataFrame], outlines: gpd.GeoDataFrame
) -> None:
    """Write the tables of a département (see `TABLES`) and its outlines in a draft."""
    folder = draft / departement
    folder.mkdir()
    for name, content in tables.items():
        content.to_parquet(folder / f"{name}.parquet", index=False)
    outlines.to_parquet(folder / "outlines.parquet")


def write_france(draft: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write the tables of the whole country (see `FRANCE_TABLES`) in a draft."""
    (draft / _FRANCE).mkdir()
    for name, content in tables.items():
        content.to_parquet(draft / _FRANCE / f"{name}.parquet", index=False)


def write_manifest(manifest: dict[str, Any], draft: Path) -> None:
    """Write the manifest of a draft."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    (draft / "manifest.json").write_text(text, encoding="utf-8")


def _digest(draft: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(draft.rglob("*")):
        if path.is_file():
            whole.update(str(path.relative_to(draft)).encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def _forget_old(folder: Path, current: str) -> None:
    """Remove all but the last snapshots, and the drafts that killed builds have left."""
    drafts = set(folder.glob(".draft-*"))
    snapshots = [p for p in folder.iterdir() if (p / "manifest.json").is_file()]
    by_age = sorted(
        set(snapshots) - drafts,
        key=lambda p: (p.name == current, p.stat().st_mtime),
        reverse=True,
    )
    yesterday = time.time() - 86_400
    for old in [*by_age[_KEPT:], *(d for d in drafts if d.stat().st_mtime < yesterday)]:
        shutil.rmtree(old)
