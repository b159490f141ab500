"""Command line of the measured claims: `python -m benchmarks COMMAND`."""

from pathlib import Path
from typing import Annotated

import typer

from benchmarks import batch, calibration, pdf, pptx
from diagnostics.store import default_folder, open_store

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


StoreFolder = Annotated[Path | None, typer.Option("--store", help="Magasin de données.")]
Departement = Annotated[str, typer.Option(help="Numéro du département.")]


@app.command("diaporama")
def run_deck(departement: Departement = "77", store: StoreFolder = None) -> None:
    """Mesurer le temps d’un diaporama de douze diapositives, données chargées."""
    table = pptx.timings(store or default_folder(), departement)
    typer.echo(table.round(3).to_string(index=False))


@app.command("pdf")
def run_pdf(departement: Departement = "77", store: StoreFolder = None) -> None:
    """Mesurer le temps de la fiche et du diagnostic, mots et composition à part."""
    measured = pdf.measures(open_store(store), departement)
    typer.echo(pdf.summary(measured).to_string(index=False))


@app.command("lot")
def run_batch(departement: Departement = "77", store: StoreFolder = None) -> None:
    """Mesurer le temps et la mémoire des diaporamas et fiches de tous les conseils."""
    typer.echo(batch.measured(open_store(store), departement).to_string(index=False))


if __name__ == "__main__":
    app()
