"""Files written beside their place, which they take only when they are whole.

Whoever writes a draft holds its lock; the system lets go of that of a process that was killed, so
that the next one knows which drafts nobody will end. Where there is no such lock (Windows), a file
that is being written cannot be deleted, which says the same.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from diagnostics.errors import Refused

_SUFFIX = ".brouillon-diagnostic"
"""Ends the name of a draft: no other program makes such files."""


def require_folder(folder: Path) -> None:
    """Refuse a folder that does not exist."""
    if not folder.is_dir():
        raise Refused(f"Le dossier {folder} n’existe pas\u202f: le créer ou changer --out.")


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Yield a file beside `path` that takes its place when the block ends well.

    Raises:
        Refused: no such folder; a folder has that name; another export writes the same file.
    """
    with held(path) as beside:
        yield beside
        beside.replace(path)


@contextmanager
def held(path: Path) -> Iterator[Path]:
    """Yield a draft beside `path`, for a block that puts it in its place, or else it vanishes.

    Drafts of exports that were killed, in the same folder, go first.
    """
    require_folder(path.parent)
    if path.is_dir():
        raise Refused(f"{path} est un dossier\u202f: donner un nom de fichier.")
    beside = path.with_name(f".{path.name}{_SUFFIX}")
    for other in path.parent.glob(f".*{_SUFFIX}"):
        if other != beside:
            _forget(other)
    descriptor = _locked(beside)
    if descriptor is None:
        raise Refused(
            f"Un autre export écrit {path}\u202f: attendre qu’il finisse, ou changer --out."
        )
    try:
        yield beside
    finally:
        beside.unlink(missing_ok=True)
        os.close(descriptor)


def _forget(draft: Path) -> None:
    """Delete a draft unless someone writes it."""
    with suppress(OSError):
        descriptor = _locked(draft)
        if descriptor is not None:
            draft.unlink(missing_ok=True)
            os.close(descriptor)


if sys.platform == "win32":

    def _locked(draft: Path) -> int | None:
        """Return a descriptor that keeps nobody away: the file's writer does."""
        with suppress(PermissionError):
            draft.unlink(missing_ok=True)
            return os.open(os.devnull, os.O_RDONLY)
        return None

else:
    import fcntl

    def _locked(draft: Path) -> int | None:
        """Return a descriptor that holds the lock of a draft, None where another one holds it."""
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor
