"""Command line of the measured claims: `python -m benchmarks COMMAND`."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks import calibration

app = typer.Typer(add_completion=False, help="Mesures que chacun peut refaire.")


@app.callback()
def main() -> None:
    """Mesures que chacun peut refaire."""


@app.command("calibration")
def run_calibration(
    departements: Annotated[int, typer.Option(min=1, help="Départements simulés.")] = 200,
    seed: Annotated[int, typer.Option(help="Graine du générateur.")] = 2026,
    out: Annotated[Path | None, typer.Option(help="Fichier CSV à écrire.")] = None,
) -> None:
    """Mesurer si l’intervalle d’un total estimé contient la vérité 95 fois sur 100."""
    table = calibration.summary(calibration.draws(departements, seed))
    typer.echo(table.to_string(index=False))
    if out is not None:
        table.to_csv(out, sep=";", decimal=",", index=False)


if __name__ == "__main__":
    app()
