"""Large files, made aside with their progress and a stop while the page stays usable.

Each is made in a thread of its own, which tells how far it is; a fragment of the page looks at it
twice a second. It stays with its reader, whatever is chosen meanwhile and from page to page, until
it is taken away.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread

import streamlit as st

from diagnostics.errors import Refused
from diagnostics.exports.steps import Progress, Stop, silent
from diagnostics.wording import NARROW, count, number
from pages.ui import blocks
from pages.ui.keys import Widget

LARGE = 5_000
"""Rows over which a file takes long enough to be prepared first."""
EVERY = 0.5
"""Seconds between two looks at what is being made."""
_KEPT = 5
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class File:
    """A file that can be asked for."""

    format: str
    choices: str
    """Which rows it holds, in words."""
    rows: int | None
    """None where only its making tells how many."""
    name: str
    mime: str
    make: Callable[[Progress], bytes]
    """Called outside the run of the page: it may use nothing of Streamlit."""

    @property
    def title(self) -> str:
        """Return what the file is: its format, its choices, its rows."""
        rows = [] if self.rows is None else [count(self.rows, "ligne")]
        return ", ".join([self.format, self.choices, *rows])


@dataclass
class Preparation:
    """A file that is being made, or was."""

    file: File
    step: str = "début"
    share: float = 0.0
    content: bytes | None = None
    failure: str = ""
    stopped: bool = False
    thread: Thread | None = None

    @property
    def running(self) -> bool:
        """Say whether the file is still being made."""
        return self.content is None and not self.failure and not self.stopped

    @property
    def alive(self) -> bool:
        """Say whether its thread is at work, which what is stopped may be a little longer."""
        return self.thread is not None and self.thread.is_alive()

    def stop(self) -> None:
        """Want no more of it: it ends at its next sign of progress."""
        self.stopped = True

    def start(self) -> None:
        """Begin to make the file."""
        self.thread = Thread(target=self._run, name=self.file.name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.content = self.file.make(self._tell)
        except Stop:
            pass
        except Refused as refusal:
            self.failure = str(refusal)
        except Exception as error:  # said to the reader, who would wait for ever; whole in the log
            _LOG.exception("%s", self.file.name)
            self.failure = (
                f"erreur inattendue ({type(error).__name__}){NARROW}: recommencer, avec moins de "
                "lignes si elle revient."
            )

    def _tell(self, step: str, share: float) -> None:
        if self.stopped:
            raise Stop
        self.step, self.share = step, share


def offer(place: str, files: Mapping[Widget, File]) -> None:
    """Show the buttons that give some files or, for a large one, that begin to make it.

    Below, how far those asked for are. `place` names this list of files among those of the app,
    the keys of `files` are those of the buttons.
    """
    with st.container(horizontal=True):
        for key, file in files.items():
            _show_button(key, file, place)
    held = _held(place)
    if held:
        running = any(each.running for each in held)
        st.fragment(_show, run_every=EVERY if running else None)(place, running)


def _show_button(key: str, file: File, place: str) -> None:
    if file.rows is not None and file.rows <= LARGE:
        blocks.download(key, file.format, lambda: file.make(silent), file.name, file.mime)
        return
    st.button(
        f"Préparer{NARROW}: {file.format}",
        key=key,
        icon=":material/hourglass_top:",
        on_click=_start,
        args=(place, file),
    )


def _show(place: str, watched: bool) -> None:
    held = _held(place)
    for each in held:
        _show_one(place, each)
    if watched and not any(each.running for each in held):
        st.rerun()  # nothing is left to watch


def _show_one(place: str, each: Preparation) -> None:
    file = each.file
    if each.running:
        st.progress(each.share, text=f"{file.title}{NARROW}: {each.step}")
        _take_away(place, each, "Arrêter", ":material/stop_circle:")
        return
    if each.failure:
        st.error(f"{file.title}{NARROW}: {each.failure}", icon=":material/block:")
        _take_away(place, each, "Retirer", ":material/close:")
        return
    content = each.content or b""
    with st.container(horizontal=True, vertical_alignment="center"):
        blocks.download(
            f"{Widget.DOWNLOAD_PREPARED}-{file.name}",
            f"{file.title} ({number(len(content) / 1e6, 1)} Mo)",
            lambda: content,
            file.name,
            file.mime,
        )
        _take_away(place, each, "Retirer", ":material/close:")


def _take_away(place: str, each: Preparation, label: str, icon: str) -> None:
    key = f"{Widget.REMOVE_PREPARED}-{each.file.name}"
    st.button(label, key=key, icon=icon, type="tertiary", on_click=_remove, args=(place, each))


def _held(place: str) -> list[Preparation]:
    """Return the files that the reader asked for in a place, the oldest first."""
    held: list[Preparation] = st.session_state.setdefault(f"{Widget.PREPARED}-{place}", [])
    return held


def _start(place: str, file: File) -> None:
    held = _held(place)
    same = [each for each in held if each.file.name == file.name]
    if any(each.running for each in same):
        return
    for each in same:
        held.remove(each)
    ready = [each for each in held if not each.running]
    for each in ready[: max(0, len(ready) - _KEPT + 1)]:
        held.remove(each)
    made = Preparation(file)
    held.append(made)
    made.start()


def _remove(place: str, each: Preparation) -> None:
    each.stop()
    if each in _held(place):
        _held(place).remove(each)
