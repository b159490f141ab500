"""Command line: `python -m diagnostics build | simulate | export | check`."""

import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diagnostics import build as builder
from diagnostics import check as checker
from diagnostics import comparisons
from diagnostics import store as stores
from diagnostics.errors import Refused
from diagnostics.exports.steps import Progress, Stop
from diagnostics.sources.editions import ALL
from diagnostics.usage import usage_sentence
from diagnostics.wording import count

if TYPE_CHECKING:
    from diagnostics.exports.batch import Outcome

app = typer.Typer(
    help="Diagnostic territorial de la délinquance : charger, simuler, exporter, vérifier.",
    no_args_is_help=True,
    add_completion=False,
)
export = typer.Typer(help="Exporter les chiffres du magasin de données.", no_args_is_help=True)
app.add_typer(export, name="export")


class PdfDocument(StrEnum):
    """The printed documents, as the command line names them."""

    FICHE = "fiche"
    DIAGNOSTIC = "diagnostic"


StoreFolder = Annotated[
    Path | None,
    typer.Option(
        "--store",
        envvar="DIAGNOSTIC_STORE",
        file_okay=False,
        help="Dossier du magasin de données.",
    ),
]


@app.command()
def build(
    departement: Annotated[str, typer.Option(help="Numéro du département, ou « tous ».")] = "77",
    mirror: Annotated[
        Path | None,
        typer.Option(envvar="DIAGNOSTIC_MIRROR", help="Dossier de fichiers déjà téléchargés."),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", envvar="DIAGNOSTIC_OFFLINE", help="Ne rien télécharger."),
    ] = False,
    store: StoreFolder = None,
    edition: Annotated[
        str | None, typer.Option(help="Fichier communal à lire : chemin, ou nom dans le miroir.")
    ] = None,
) -> None:
    """Charger un département à partir des fichiers publiés."""
    asked = departement.strip()
    with _progress() as say:
        built = builder.build(
            asked if asked == ALL else asked.upper(),
            mirror=mirror,
            store_folder=store,
            edition=edition,
            download=not offline,
            progress=say,
        )
    for code in built.departements() if asked == ALL else [asked.upper()]:
        about = built.about(code)
        typer.echo(f"{about['name']} ({code}) : {about['edition']}")
        for warning in about["warnings"]:
            typer.echo(f"  - {warning}")


@app.command()
def simulate(
    folder: Annotated[
        Path, typer.Argument(metavar="DOSSIER", help="Dossier à remplir, disposé comme un miroir.")
    ],
    communes: Annotated[int, typer.Option(help="Nombre de communes.")] = 120,
    seed: Annotated[int, typer.Option(help="Graine du tirage.")] = 1,
    first_year: Annotated[int, typer.Option("--from", help="Première année.")] = 2016,
    last_year: Annotated[int, typer.Option("--to", help="Dernière année.")] = 2025,
) -> None:
    """Écrire un département fictif dans les formats des producteurs."""
    from diagnostics.simulate import simulate as write_simulation

    write_simulation(
        folder, communes=communes, seed=seed, first_year=first_year, last_year=last_year
    )
    typer.echo(f"Département simulé écrit dans {folder}")


@export.command("csv")
def export_csv(
    out: Annotated[Path, typer.Option(help="Fichier à écrire.")],
    niveau: Annotated[str | None, typer.Option(help="Niveau ; tous par défaut.")] = None,
    code: Annotated[str | None, typer.Option(help="Code de la zone ; toutes par défaut.")] = None,
    store: StoreFolder = None,
) -> None:
    """Exporter la table longue en CSV."""
    from diagnostics.exports import csv

    rows = csv.write(stores.open_store(store), out, niveau, code)
    typer.echo(f"{rows} lignes écrites dans {out}")


Territory = Annotated[
    str,
    typer.Option(
        help="Identifiant d’un conseil, SIREN d’un EPCI, code INSEE d’une commune, ou "
        "«\u202ftous\u202f»."
    ),
]
DocumentPath = Annotated[
    Path,
    typer.Option(
        help="Fichier à écrire\u202f; pour «\u202ftous\u202f», dossier, ou fichier en "
        "«\u202f.zip\u202f»."
    ),
]
Year = Annotated[int | None, typer.Option(help="Année\u202f; la plus récente par défaut.")]
Reference = Annotated[
    str, typer.Option(help=f"À quoi comparer\u202f: {', '.join(comparisons.REFERENCES)}.")
]
Without = Annotated[
    bool, typer.Option("--sans-estimations", help="S’en tenir à ce qui est publié.")
]
Alone = Annotated[
    bool,
    typer.Option(
        "--departement-seul",
        help="D’un territoire à cheval, ne compter que les communes de son département.",
    ),
]
Internal = Annotated[bool, typer.Option("--interne", help="Pied de page d’un document interne.")]


def _order(
    annee: int | None, comparateur: str, without_estimates: bool, alone: bool, internal: bool
) -> dict[str, Any]:
    """Return the fields of an `Order` that the options of every document give."""
    return {
        "annee": annee,
        "comparator": comparateur,
        "with_estimates": not without_estimates,
        "across": not alone,
        "audience": "interne" if internal else "public",
    }


@export.command("pptx")
def export_pptx(
    territoire: Territory,
    out: DocumentPath,
    annee: Year = None,
    comparateur: Reference = comparisons.REFERENCES[0],
    without_estimates: Without = False,
    alone: Alone = False,
    internal: Internal = False,
    diapositives: Annotated[
        str | None, typer.Option(help="Identifiants, dans l’ordre, séparés par des virgules.")
    ] = None,
    store: StoreFolder = None,
) -> None:
    """Produire le diaporama d’un territoire, ou de tous."""
    slides = [each.strip() for each in diapositives.split(",")] if diapositives else None
    _export(
        ["pptx"],
        territoire,
        out,
        store,
        **_order(annee, comparateur, without_estimates, alone, internal),
        slides=slides,
    )


@export.command("pdf")
def export_pdf(
    territoire: Territory,
    out: DocumentPath,
    annee: Year = None,
    comparateur: Reference = comparisons.REFERENCES[0],
    without_estimates: Without = False,
    alone: Alone = False,
    internal: Internal = False,
    document: Annotated[
        PdfDocument, typer.Option(help="Fiche de deux pages, ou diagnostic complet.")
    ] = PdfDocument.FICHE,
    store: StoreFolder = None,
) -> None:
    """Produire la fiche ou le diagnostic d’un territoire, ou de tous."""
    _export(
        [document.value],
        territoire,
        out,
        store,
        **_order(annee, comparateur, without_estimates, alone, internal),
    )


@export.command("lot")
def export_batch(
    out: Annotated[Path, typer.Option(help="Dossier, ou fichier en «\u202f.zip\u202f».")],
    departement: Annotated[
        str | None,
        typer.Option(help="Numéro du département\u202f; tous ceux du magasin par défaut."),
    ] = None,
    annee: Year = None,
    comparateur: Reference = comparisons.REFERENCES[0],
    without_estimates: Without = False,
    alone: Alone = False,
    internal: Internal = False,
    store: StoreFolder = None,
) -> None:
    """Produire le diaporama, la fiche et le diagnostic de tous les conseils, avec un index."""
    _export(
        ["pptx", "fiche", "diagnostic"],
        ALL,
        out,
        store,
        departement=departement,
        **_order(annee, comparateur, without_estimates, alone, internal),
    )


def _export(
    kinds: list[str],
    territoire: str,
    out: Path,
    store_folder: Path | None,
    *,
    departement: str | None = None,
    **asked: Any,
) -> None:
    """Write one document in a file, or those of all the councils in a folder or a ZIP."""
    from diagnostics.councils.database import open_if_any
    from diagnostics.councils.documents import with_own
    from diagnostics.exports import batch, documents

    store = stores.open_store(store_folder)
    order = documents.Order(**asked)
    database = open_if_any(store_folder or stores.default_folder())
    own = partial(with_own, database) if database else None
    if territoire != ALL:
        subject = documents.subject(store, territoire)
        documents.write(out, kinds[0], store, subject, own(subject, order) if own else order)
        typer.echo(f"Document écrit dans {out}")
        return
    subjects = documents.subjects(store, departement)
    with _progress() as say, _stopped_by_hand(say) as told:
        outcome = batch.write(out, store, subjects, kinds, order, told, own)
    _tell(outcome, batch.INDEX)


def _tell(outcome: "Outcome", index: str) -> None:
    """Say what a batch wrote.

    Raises:
        Refused: it was stopped, or a document could not be made.
    """
    if outcome.path is None:
        raise Refused("Arrêté avant le premier document\u202f: rien n’est écrit.")
    written = count(len(outcome.written), "document écrit", "documents écrits")
    typer.echo(f"{written} dans {outcome.path}")
    if outcome.left:
        raise Refused(
            f"Arrêté\u202f: {count(len(outcome.left), 'conseil')} sans documents, à commencer par "
            f"{outcome.left[0]} (la liste est dans {index})\u202f; relancer pour les avoir tous."
        )
    if outcome.failed:
        area, title, why = outcome.failed[0]
        raise Refused(
            f"{count(len(outcome.failed), 'document manque', 'documents manquent')} "
            f"(la liste est dans {index}), à commencer par {area}, {title.lower()}\u202f: {why}"
        )


@contextmanager
def _stopped_by_hand(say: Progress) -> Iterator[Progress]:
    """Keep what is made when Ctrl-C is typed: the area at hand is ended first.

    Typed again, it stops at once.
    """
    stop = False

    def ask(number: int, frame: object) -> None:
        nonlocal stop
        stop = True
        # Not `before`, which ignores it where the command was started in the background.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def told(step: str, share: float) -> None:
        if stop:
            raise Stop
        say(step, share)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, before)


@app.command()
def check(store: StoreFolder = None) -> None:
    """Dire ce que contient le magasin\u202f: réconciliation, couverture, avertissements."""
    typer.echo(checker.report(stores.open_store(store)))


@contextmanager
def _progress() -> Iterator[Progress]:
    """Rewrite one line for who watches; a script finds nothing on stderr but a refusal."""
    watched = sys.stderr.isatty()

    def say(step: str, share: float) -> None:
        if watched:
            width = shutil.get_terminal_size().columns - 1
            typer.echo(f"\r{f'[{share:4.0%}] {step}'[:width]:<{width}}", nl=False, err=True)

    try:
        yield say
    finally:
        if watched:
            typer.echo(err=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0 when done, 1 when refused with one sentence, 2 for wrong usage."""
    try:
        code = app(arguments, standalone_mode=False)
    except typer.TyperException as error:
        if sentence := usage_sentence(error):
            typer.echo(sentence, err=True)
        return error.exit_code
    except Refused as refusal:
        typer.echo(" ".join(str(refusal).splitlines()), err=True)
        return 1
    except OSError as error:
        where = f"{error.filename} : " if error.filename else ""
        typer.echo(
            f"Lecture ou écriture impossible ({where}{error.strerror}) : vérifier le chemin, les "
            "droits et la place sur le disque.",
            err=True,
        )
        return 1
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
