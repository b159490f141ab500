"""A fictional département in the publishers' own formats, with the truth kept apart.

It is the offline default, the test bed with known answers and the load generator. The model, what
it imitates and what it does not: docs/decisions/simulation.md.
"""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from diagnostics.errors import Refused
from diagnostics.simulate import cog, context, councils, land, model, names, ssmsi

MARKER, TRUTH = "simulation.json", "verite.parquet"
FEWEST, MOST = 5, 35_000


def simulate(
    folder: Path,
    *,
    communes: int = 120,
    seed: int = 1,
    first_year: int = 2016,
    last_year: int = 2025,
) -> None:
    """Write a simulation in `folder`, laid like a mirror of published files.

    The same arguments write the same bytes. An earlier simulation is replaced as a whole; an
    interrupted run leaves the folder as it was. Files: SSMSI bases of communes (csv.gz and
    parquet, same content), départements and regions; COG; outlines; zonings; context;
    territoires/<département>.csv; the truth in verite.parquet (code, indicateur, annee, faits);
    simulation.json, which says that all this is invented, and how.

    Raises:
        Refused: arguments out of bounds, or a folder that holds something else.
    """
    _check(folder, communes, seed, first_year, last_year)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write(scratch / "new", communes, seed, list(range(first_year, last_year + 1)))
            if folder.exists():
                folder.replace(scratch / "old")
            (scratch / "new").replace(folder)
        finally:
            shutil.rmtree(scratch)
    except OSError as error:
        raise Refused(
            f"Le dossier {folder} ne peut pas être écrit ({error.strerror}) : choisir un autre "
            "dossier ou libérer de la place."
        ) from error


def _check(folder: Path, communes: int, seed: int, first_year: int, last_year: int) -> None:
    if not FEWEST <= communes <= MOST:
        raise Refused(
            f"Une simulation compte de {FEWEST} à {MOST} communes, pas {communes} : "
            "changer --communes."
        )
    if seed < 0:
        raise Refused(f"La graine est un entier positif, pas {seed} : changer --seed.")
    if not 2000 <= first_year <= last_year - 2 or last_year > 2090:
        raise Refused(
            f"Une simulation couvre au moins trois années entre 2000 et 2090, pas "
            f"{first_year}-{last_year} : changer --from et --to."
        )
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} est un fichier, pas un dossier : en choisir un autre.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise Refused(
            f"Le dossier {folder} contient autre chose qu’une simulation : choisir un dossier "
            "vide ou nouveau."
        )


def _write(folder: Path, communes: int, seed: int, years: list[int]) -> None:
    folders = {
        name: folder / name
        for name in ("ssmsi", "cog", "contours", "zonage", "contexte", "territoires")
    }
    for path in folders.values():
        path.mkdir(parents=True)
    simulated = land.populate(communes, np.random.default_rng([seed, 0]))
    geography_year, merger_year = years[-1] + 1, years[0] + 3
    ssmsi.write(folders["ssmsi"], folder / TRUTH, simulated, years, seed)
    cog.write_cog(folders["cog"], simulated, geography_year, merger_year)
    cog.write_contours(folders["contours"], simulated, geography_year)
    cog.write_zonings(folders["zonage"], simulated)
    context.write(folders["contexte"], simulated, np.random.default_rng([seed, 3]))
    councils.write(folders["territoires"], simulated)
    marker = {
        "simule": True,
        "avertissement": "Données entièrement inventées : aucun lieu, aucun fait n’est réel.",
        "parametres": {
            "communes": communes,
            "graine": seed,
            "de": years[0],
            "a": years[-1],
        },
        "departements": dict(
            zip(simulated.departements["code"], simulated.departements["name"], strict=True)
        ),
        "cas_particuliers": {
            "ville_principale": simulated.main_town,
            "fusion": {
                "commune": simulated.merged,
                "absorbee": simulated.absorbed,
                "le": f"{merger_year}-01-01",
            },
            "aeroport": simulated.airport,
            "sans_habitant": simulated.deserted,
            "nom_long": names.LONG_NAME,
            "epci_a_cheval": simulated.straddling,
            "territoire_a_cheval": councils.CROSSING,
            "territoires_qui_se_recouvrent": councils.OVERLAPPING,
        },
        "modele": {key: asdict(series) for key, series in model.SERIES.items()},
    }
    (folder / MARKER).write_text(
        json.dumps(marker, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
