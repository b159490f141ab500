"""From locate to fetch: download what no folder holds, before anything is read.

What can be downloaded is what `sources.toml` gives an address to; nothing is listed here again.
"""

from collections.abc import Callable, Collection, Sequence
from math import ceil
from pathlib import Path

from diagnostics import catalogue
from diagnostics.catalogue import PlainAddress, Source
from diagnostics.errors import Refused
from diagnostics.sources import locate
from diagnostics.sources.fetch import Patience, Unreachable, fetch, hosts
from diagnostics.sources.locate import Inputs
from diagnostics.wording import number

FRANCE = None
"""In place of a département: the sources published for all of France at once."""


def complete(
    folders: Inputs,
    raw: Path,
    source_ids: Collection[str],
    places: Sequence[str | None],
    progress: Callable[[str, float], None],
    patience: Patience | None = None,
) -> dict[str | None, list[str]]:
    """Download the sources that no folder holds, and say what could not be, by place.

    Args:
        folders: where a source is looked for first; a simulated mirror is never completed.
        raw: folder of downloads, one of `folders`.
        source_ids: among them, those that have an address.
        places: `FRANCE`, and codes of départements for what is published one at a time.
        progress: called with a sentence and the share done, 0 to 1.

    Returns:
        place -> one sentence for each optional source that is missing.

    Raises:
        Refused: a required source cannot be downloaded.
    """
    if folders.simulated():
        return {}
    wanted = [
        (source, place)
        for place in places
        for source in catalogue.sources().values()
        if source.id in source_ids
        and source.network
        and _one_at_a_time(source) == (place is not FRANCE)
        and not _held(folders, source, place)
    ]
    # Without a required source there is no build: nothing else is worth the wait before it.
    wanted.sort(key=lambda pair: not pair[0].required)
    missing: dict[str | None, list[str]] = {}
    silent: set[str] = set()
    for rank, (source, place) in enumerate(wanted):
        said = _said(progress, source.title, rank, len(wanted))
        try:
            if hosts(source) <= silent:
                raise Refused(
                    f"La source « {source.title} » n’a pas été demandée à {', '.join(silent)}, qui "
                    f"ne répond pas : recommencer, ou la télécharger depuis {source.page} dans un "
                    "dossier miroir (--mirror)."
                )
            fetch(source.id, raw, departement=place, progress=said, patience=patience)
        except Refused as refusal:
            if source.required:
                raise
            if isinstance(refusal, Unreachable):
                silent.add(refusal.host)
            sentence = f"Source facultative laissée de côté. {refusal}"
            missing.setdefault(place, []).append(sentence)
    return missing


def _one_at_a_time(source: Source) -> bool:
    return any(isinstance(a, PlainAddress) and "{departement}" in a.path for a in source.network)


def _held(folders: Inputs, source: Source, departement: str | None) -> bool:
    for base, source_id in locate.BASES.items():
        if source_id == source.id:
            return bool(locate.editions(folders, base))
    return bool(folders.files(source.id, departement))


def _said(
    progress: Callable[[str, float], None], title: str, rank: int, of: int
) -> Callable[[int, int | None], None]:
    """Turn the bytes of one file among several into a sentence, said once per megabyte."""
    last = ""

    def say(done: int, total: int | None) -> None:
        nonlocal last
        whole = f" sur {number(ceil(total / 1e6))}" if total else ""
        sentence = f"Téléchargement, {number(ceil(done / 1e6))}{whole} Mo : {title}"
        if sentence != last:
            last = sentence
            progress(sentence, (rank + (done / total if total else 0)) / of)

    return say
