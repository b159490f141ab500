"""Download the publishers' files into a folder laid like a mirror, bytes kept as published.

Nothing here runs unless asked: importing this module opens no connection. Each file keeps the
name that its publisher gave it, so that `locate` recognises it as it would in a mirror; beside it,
`<name>.provenance.json` says where it came from. Addresses are declared in `sources.toml`.

Environment: `DIAGNOSTIC_DATAGOUV_URL`, `DIAGNOSTIC_GEO_URL` and `DIAGNOSTIC_INSEE_URL` replace the
address of a service; `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and `REQUESTS_CA_BUNDLE` are honoured.

Sources: API of data.gouv.fr (https://guides.data.gouv.fr/guide-data.gouv.fr/readme-1), API
Découpage administratif (https://geo.api.gouv.fr/decoupage-administratif), RFC 9110 for ranges,
validators and `Retry-After`.
"""

import hashlib
import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from pydantic import BaseModel, ConfigDict, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from diagnostics import catalogue
from diagnostics.catalogue import DatasetAddress, PlainAddress, Source
from diagnostics.errors import Refused
from diagnostics.sources.locate import sha256

BASE_URLS = {
    "datagouv": "https://www.data.gouv.fr",
    "geo": "https://geo.api.gouv.fr",
    "insee": "https://www.insee.fr",
}
Progress = Callable[[int, int | None], None]

_CHUNK_BYTES = 1 << 16
_MAXIMUM_REDIRECTS = 5
_BUSY = (429, 500, 502, 503, 504)
_GONE = (404, 410)
_DIGESTS = ("md5", "sha1", "sha256")
# How a file begins, by the end of its name; JSON is told by its first visible character.
_SIGNATURES = {
    ".gz": (b"\x1f\x8b",),
    ".parquet": (b"PAR1",),
    ".zip": (b"PK",),
    ".xlsx": (b"PK",),
    ".json": (b"{", b"["),
    ".geojson": (b"{",),
}


class Unreachable(Refused):
    """A host that gives no answer at all, whatever it is asked."""

    def __init__(self, sentence: str, host: str) -> None:
        super().__init__(sentence)
        self.host = host


@dataclass(frozen=True)
class Patience:
    """How long a slow or failing publisher is waited for.

    attempts: tries without any new byte before giving up; backoff_seconds doubles at each of them
    (60 s at most); retry_after_seconds: longest pause that a server may ask for.
    """

    connect_seconds: float = 10
    read_seconds: float = 60
    attempts: int = 5
    backoff_seconds: float = 1
    retry_after_seconds: int = 120


@dataclass(frozen=True)
class Resource:
    """One file to download.

    urls: the same file at several addresses, tried in order; file: relative to the folder of
    downloads; checksum: (algorithm, hexadecimal digest) where the publisher gives one; note: why
    an address declared before this one was not used.
    """

    title: str
    urls: tuple[str, ...]
    file: str
    maximum_bytes: int
    checksum: tuple[str, str] | None = None
    member: str | None = None
    note: str | None = None


class Provenance(BaseModel):
    """Where a file came from. `fetched_at` is UTC, ISO 8601; `archive` names the zip, if any."""

    model_config = ConfigDict(frozen=True)

    source: str
    title: str
    url: str
    sha256: str
    bytes: int
    fetched_at: str
    etag: str | None = None
    last_modified: str | None = None
    archive: str | None = None
    note: str | None = None


class _Checksum(BaseModel):
    type: str
    value: str

    @property
    def known(self) -> tuple[str, str] | None:
        """Return (algorithm as hashlib names it, digest), or None for one that is not verified."""
        algorithm = {"sha2": "sha256"}.get(self.type, self.type)
        return (algorithm, self.value.lower()) if algorithm in _DIGESTS else None


class _Published(BaseModel):
    """What is read of a resource in the answer of the dataset API of data.gouv.fr."""

    title: str
    url: str
    format: str | None = None
    latest: str | None = None
    checksum: _Checksum | None = None


class _Dataset(BaseModel):
    title: str
    resources: list[_Published]


class _Partial(BaseModel):
    """What is known of an unfinished download, kept beside it."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    encoded: bool = False

    @property
    def validator(self) -> str | None:
        """Return what `If-Range` may carry: a strong ETag, or a date (RFC 9110, 13.1.5)."""
        if self.encoded:
            return None
        strong = self.etag is not None and not self.etag.startswith("W/")
        return self.etag if strong else self.last_modified


def resolve(
    source_id: str,
    departement: str | None = None,
    *,
    base_urls: Mapping[str, str] | None = None,
    patience: Patience | None = None,
) -> list[Resource]:
    """Return what to download for a source, its newest edition only.

    `base_urls` replaces the address of a service ("datagouv", "geo", "insee").

    Raises:
        Refused: no address, a dataset or a resource that moved, an answer of another shape.
    """
    patience = patience or Patience()
    with _session(patience) as session:
        source = catalogue.sources()[source_id]
        return _resolve(session, source, departement, base_urls or {}, patience)


def fetch(
    source_id: str,
    into: Path,
    *,
    departement: str | None = None,
    progress: Progress | None = None,
    base_urls: Mapping[str, str] | None = None,
    patience: Patience | None = None,
) -> list[Path]:
    """Download a source into a folder laid like a mirror and return the files to read.

    A file already there and unchanged is not downloaded again; an unfinished one (`.part`) is
    resumed where the publisher allows it. `progress(bytes_done, bytes_total)` is called as bytes
    come; the total is None where the publisher does not say it.

    Raises:
        Refused: what `resolve` refuses; a publisher that does not answer, a file too large,
            damaged, or that is not what its name says.
    """
    patience = patience or Patience()
    source = catalogue.sources()[source_id]
    paths = []
    with _session(patience) as session:
        for resource in _resolve(session, source, departement, base_urls or {}, patience):
            download = _Download(session, source, resource, into / resource.file, patience)
            target = download.run(progress or (lambda done, total: None))
            paths += [target] if resource.member is None else _unpack(source, resource, target)
    return paths


def hosts(source: Source) -> set[str]:
    """Return the hosts that are asked first for a source, one per service it is published by."""
    services = {getattr(address, "service", "datagouv") for address in source.network}
    return {_host(_base(service, {})) for service in services}


def provenance(path: Path) -> Provenance | None:
    """Return where a downloaded file came from, or None where nothing readable says it."""
    try:
        return Provenance.model_validate_json(_beside(path, ".provenance.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _resolve(
    session: requests.Session,
    source: Source,
    departement: str | None,
    base_urls: Mapping[str, str],
    patience: Patience,
) -> list[Resource]:
    refusals: list[Refused] = []
    for address in source.network:
        try:
            if isinstance(address, PlainAddress):
                found = _plain(source, address, departement, base_urls)
            else:
                found = _published(session, source, address, base_urls, patience)
        except Refused as refusal:
            refusals.append(refusal)
        else:
            return [replace(found, note=" ".join(map(str, refusals)) or None)]
    if refusals:
        raise refusals[0]
    raise Refused(f"La source « {source.title} » n’a pas d’adresse déclarée : {_by_hand(source)}.")


def _plain(
    source: Source, address: PlainAddress, departement: str | None, base_urls: Mapping[str, str]
) -> Resource:
    if "{departement}" in address.path and departement is None:
        raise Refused(
            f"La source « {source.title} » se télécharge un département à la fois : "
            "indiquer lequel (--departement)."
        )
    if departement is not None and not re.fullmatch(r"\d{2,3}|2[AB]", departement):
        raise Refused(
            f"« {departement} » n’est pas un code de département : "
            "écrire deux caractères (77, 2A) ou trois outre-mer (974)."
        )
    return Resource(
        title=source.title,
        urls=(_base(address.service, base_urls) + address.path.format(departement=departement),),
        file=address.file.format(departement=departement),
        maximum_bytes=address.maximum_megabytes * 1_000_000,
        member=address.member,
    )


def _published(
    session: requests.Session,
    source: Source,
    address: DatasetAddress,
    base_urls: Mapping[str, str],
    patience: Patience,
) -> Resource:
    url = f"{_base('datagouv', base_urls)}/api/1/datasets/{address.dataset}/"
    response = _get(session, source, url, {"Accept": "application/json"}, patience)
    with response:
        if response.status_code in _GONE:
            raise Refused(
                f"Le jeu de données de « {source.title} » n’est plus à l’adresse {url} "
                f"(code {response.status_code}) : {_by_hand(source)}."
            )
        _refuse_status(source, response)
        try:
            dataset = _Dataset.model_validate_json(response.content)
        except requests.RequestException as error:
            raise Refused(
                f"La réponse de {url} s’est interrompue pour « {source.title} » : "
                f"recommencer, ou {_by_hand(source)}."
            ) from error
        except ValidationError as error:
            raise Refused(
                f"Le service {url} répond dans une forme inattendue pour "
                f"« {source.title} » : {_by_hand(source)}."
            ) from error
    chosen = _newest(source, address, dataset)
    return Resource(
        title=chosen.title,
        urls=(chosen.url, *([chosen.latest] if chosen.latest else [])),
        file=f"{address.folder}/{_file_name(chosen.url)}",
        maximum_bytes=address.maximum_megabytes * 1_000_000,
        checksum=None if chosen.checksum is None else chosen.checksum.known,
        member=address.member,
    )


def _newest(source: Source, address: DatasetAddress, dataset: _Dataset) -> _Published:
    """Choose by title, then format, then name; the numbers of a file name are its edition."""
    titled = [r for r in dataset.resources if _bare(r.title).startswith(_bare(address.title))]
    if not titled:
        raise Refused(
            f"Le jeu de données « {dataset.title} » n’a plus de ressource dont le titre commence "
            f"par « {address.title} » : {_by_hand(source)}."
        )
    ranked = [
        (tuple(int(n) for n in re.findall(r"\d+", _file_name(r.url))), -rank, r)
        for r in titled
        for rank, wanted in enumerate(address.formats)
        if (r.format or "").lower() == wanted or _file_name(r.url).lower().endswith(f".{wanted}")
    ]
    if not ranked:
        raise Refused(
            f"La ressource « {titled[0].title} » n’est plus publiée au format "
            f"{' ou '.join(address.formats)} : {_by_hand(source)}."
        )
    recognised = [r for r in ranked if source.matches(_file_name(r[2].url))]
    if not recognised:
        name = _file_name(ranked[0][2].url)
        raise Refused(
            f"Le fichier de « {source.title} » a changé de nom (« {name} ») et n’est plus "
            f"reconnu : ajouter ce nom à data/catalogue/sources.toml."
        )
    return max(recognised, key=lambda r: r[:2])[2]


def _bare(title: str) -> str:
    return re.sub(r"\s+", " ", re.sub("[–—]", "-", title)).strip().casefold()


def _file_name(url: str) -> str:
    """Return the file name that ends an address, or nothing where it is not a plain one."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return name if re.fullmatch(r"\w[\w .()-]*", name) else ""


def _base(service: str, base_urls: Mapping[str, str]) -> str:
    environment = os.environ.get(f"DIAGNOSTIC_{service.upper()}_URL")
    return (base_urls.get(service) or environment or BASE_URLS[service]).rstrip("/")


def _by_hand(source: Source) -> str:
    return f"télécharger le fichier depuis {source.page} dans un dossier miroir (--mirror)"


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _session(patience: Patience) -> requests.Session:
    session = requests.Session()
    session.max_redirects = _MAXIMUM_REDIRECTS
    session.headers["User-Agent"] = "diagnostic-territorial"
    retry = Retry(
        total=patience.attempts - 1,
        redirect=False,
        status_forcelist=_BUSY,
        backoff_factor=patience.backoff_seconds,
        backoff_max=60,
        retry_after_max=patience.retry_after_seconds,
        raise_on_status=False,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _get(
    session: requests.Session,
    source: Source,
    url: str,
    headers: Mapping[str, str],
    patience: Patience,
) -> requests.Response:
    """Open an address, body unread. Retries and redirects are the session's."""
    try:
        return session.get(
            url,
            headers=dict(headers),
            stream=True,
            timeout=(patience.connect_seconds, patience.read_seconds),
        )
    except requests.exceptions.TooManyRedirects as error:
        problem, remedy = "redirige sans fin", _by_hand(source)
        cause: Exception = error
    except requests.exceptions.ProxyError as error:
        problem, remedy = "n’est pas joignable par le serveur mandataire", "vérifier HTTPS_PROXY"
        cause = error
    except requests.exceptions.SSLError as error:
        problem = "présente un certificat refusé"
        remedy = "déclarer le certificat du réseau dans REQUESTS_CA_BUNDLE"
        cause = error
    except requests.RequestException as error:
        problem = "ne répond pas"
        remedy = f"vérifier la connexion et recommencer, ou {_by_hand(source)}"
        cause = error
    host = _host(url)
    sentence = f"Le service {host} {problem} ({source.title}) : {remedy}."
    raise Unreachable(sentence, host) from cause


def _host(url: str) -> str:
    return urlsplit(url).netloc or url


def _refuse_status(source: Source, response: requests.Response) -> None:
    """Refuse an answer that carries no data; a server that is busy was retried before."""
    status = response.status_code
    if status in (200, 206):
        return
    busy = status in _BUSY
    problem = "est indisponible" if busy else "refuse la demande"
    remedy = "recommencer plus tard, ou " if busy else ""
    raise Refused(
        f"Le service {_host(response.url)} {problem} (code {status}) pour « {source.title} » : "
        f"{remedy}{_by_hand(source)}."
    )


@dataclass
class _Download:
    """One file on its way: `<name>.part` grows, then takes the place of the target at once."""

    session: requests.Session
    source: Source
    resource: Resource
    target: Path
    patience: Patience
    held: Provenance | None = field(init=False)

    def __post_init__(self) -> None:
        self.part = _beside(self.target, ".part")
        self.state = _beside(self.target, ".part.json")
        held = provenance(self.target) if self.target.is_file() else None
        # A file that was changed by hand is no longer the published one.
        self.held = held if held is not None and sha256(self.target) == held.sha256 else None

    def run(self, progress: Progress) -> Path:
        """Bring the file and its provenance; a resource that moved is sought at its next url."""
        if self.held is not None and self._as_published(self.target):
            progress(self.held.bytes, self.held.bytes)
            return self.target
        self.target.parent.mkdir(parents=True, exist_ok=True)
        for url in self.resource.urls:
            if self._from(url, progress):
                return self.target
        raise Refused(
            f"Le fichier « {self.resource.title} » n’est plus à l’adresse "
            f"{self.resource.urls[0]} : {_by_hand(self.source)}."
        )

    def _from(self, url: str, progress: Progress) -> bool:
        """Download from one address; False where nothing is there any more."""
        fruitless, best, damaged = 0, 0, False
        while fruitless < self.patience.attempts:
            if fruitless:
                time.sleep(min(self.patience.backoff_seconds * 2 ** (fruitless - 1), 60))
            outcome = self._stream(url, progress)
            if outcome == "gone":
                return False
            if outcome == "unchanged":
                return True
            size = self.part.stat().st_size if self.part.exists() else 0
            if outcome == "complete":
                self._refuse_foreign()
                if self._as_published(self.part):
                    self._settle(url)
                    return True
                self._drop()
                if damaged:
                    raise Refused(
                        f"Le fichier « {self.resource.title} » n’a pas la somme de contrôle "
                        f"annoncée par son éditeur : recommencer plus tard, ou "
                        f"{_by_hand(self.source)}."
                    )
                # A resumed body may be at fault: once more, from its first byte.
                damaged = True
            fruitless, best = (0, size) if size > best else (fruitless + 1, best)
        raise Refused(
            f"Le téléchargement de « {self.resource.title} » s’est interrompu "
            f"{self.patience.attempts} fois de suite : relancer, il reprendra où il s’est arrêté "
            f"si l’éditeur le permet, ou {_by_hand(self.source)}."
        )

    def _stream(
        self, url: str, progress: Progress
    ) -> Literal["complete", "unchanged", "interrupted", "gone"]:
        partial = self._partial(url)
        headers = {"Accept-Encoding": "identity"}
        if partial is not None and partial.validator is not None:
            size = self.part.stat().st_size
            headers |= {"Range": f"bytes={size}-", "If-Range": partial.validator}
        elif self.held is not None and self.held.url == url and self.resource.checksum is None:
            headers |= {"If-None-Match": self.held.etag} if self.held.etag else {}
            modified = self.held.last_modified
            headers |= {"If-Modified-Since": modified} if modified else {}
        with _get(self.session, self.source, url, headers, self.patience) as response:
            if response.status_code == 304 and self.held is not None:
                progress(self.held.bytes, self.held.bytes)
                return "unchanged"
            if response.status_code in _GONE:
                return "gone"
            done = 0
            if response.status_code in (206, 416):
                if partial is None or not _continues(response, partial, self.part):
                    self._drop()
                    return "interrupted"
                done = self.part.stat().st_size
            _refuse_status(self.source, response)
            # Some servers compress what should come as it is; a .gz that they say to be
            # compressed is the published file itself.
            encoding = response.headers.get("Content-Encoding", "identity")
            encoded = encoding != "identity" and not self.target.name.endswith(".gz")
            if done == 0:
                started = _Partial(
                    url=url,
                    etag=response.headers.get("ETag"),
                    last_modified=response.headers.get("Last-Modified"),
                    encoded=encoded,
                )
                _write(self.state, started.model_dump_json())
            length = response.headers.get("Content-Length", "")
            total = done + int(length) if length.isdigit() and not encoded else None
            self._refuse_size(total or 0)
            with self.part.open("ab" if done else "wb") as file:
                try:
                    while data := response.raw.read1(_CHUNK_BYTES, decode_content=encoded):
                        done += len(data)
                        if done > self.resource.maximum_bytes:
                            break
                        file.write(data)
                        progress(done, total)
                except urllib3.exceptions.HTTPError:
                    return "interrupted"
            self._refuse_size(done)
        return "complete"

    def _partial(self, url: str) -> _Partial | None:
        """Return what is known of an unfinished download from this address, if any."""
        if not self.part.is_file() or self.part.stat().st_size == 0:
            return None
        try:
            partial = _Partial.model_validate_json(self.state.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return partial if partial.url == url else None

    def _drop(self) -> None:
        self.part.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)

    def _refuse_size(self, size: int) -> None:
        if size > self.resource.maximum_bytes:
            self._drop()
            raise Refused(
                f"Le fichier « {self.resource.title} » dépasse la taille prévue "
                f"({self.resource.maximum_bytes // 1_000_000} Mo) : vérifier ce qui est publié sur "
                f"{self.source.page}, puis relever maximum_megabytes dans "
                "data/catalogue/sources.toml."
            )

    def _refuse_foreign(self) -> None:
        """Refuse a page, an empty body, or bytes that are not those of the file's kind."""
        with self.part.open("rb") as file:
            start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
        name = self.target.name.lower()
        expected = next((s for end, s in _SIGNATURES.items() if name.endswith(end)), None)
        if start[:15].lower().startswith((b"<!doctype html", b"<html")):
            found = "une page web"
        elif not start:
            found = "un contenu vide"
        elif expected is not None and not start.startswith(expected):
            found = "un contenu d’une autre nature"
        else:
            return
        self._drop()
        raise Refused(
            f"L’adresse de « {self.resource.title} » donne {found} au lieu du fichier "
            f"{self.target.name} : vérifier l’accès à Internet (portail, filtrage), ou "
            f"{_by_hand(self.source)}."
        )

    def _as_published(self, path: Path) -> bool:
        """Say whether the bytes have the publisher's checksum; where it gives none, do not know.

        Not knowing is enough for what was just received, not for skipping a download.
        """
        if self.resource.checksum is None:
            return path == self.part
        algorithm, value = self.resource.checksum
        with path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest() == value

    def _settle(self, url: str) -> None:
        known = self._partial(url) or _Partial(url=url)
        self.part.replace(self.target)
        self.state.unlink(missing_ok=True)
        validators = known.model_dump(include={"etag", "last_modified"})
        _record(self.target, self.source, self.resource, url=url, **validators)


def _continues(response: requests.Response, partial: _Partial, part: Path) -> bool:
    """Say whether a partial answer begins where the held bytes end, and is of the same file."""
    begins = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    same = response.headers.get("ETag", partial.etag) == partial.etag
    return begins is not None and int(begins[1]) == part.stat().st_size and same


def _unpack(source: Source, resource: Resource, archive: Path) -> list[Path]:
    """Take the declared members out of a zip, beside it, bytes as they are in it."""
    paths = []
    try:
        with zipfile.ZipFile(archive) as content:
            for entry in content.infolist():
                name = PurePosixPath(entry.filename).name
                if not re.fullmatch(resource.member or "", name, re.IGNORECASE):
                    continue
                if entry.file_size > resource.maximum_bytes:
                    raise Refused(
                        f"Le fichier {name} de l’archive {archive.name} dépasse la taille prévue "
                        f"({resource.maximum_bytes // 1_000_000} Mo) : {_by_hand(source)}."
                    )
                paths.append(archive.with_name(name))
                temporary = _beside(paths[-1], ".tmp")
                with content.open(entry) as packed, temporary.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                temporary.replace(paths[-1])
                url = resource.urls[0]
                _record(paths[-1], source, resource, url=url, archive=archive.name)
    except (zipfile.BadZipFile, EOFError) as error:
        raise Refused(
            f"L’archive {archive.name} ({source.title}) est illisible : la supprimer et "
            f"recommencer, ou {_by_hand(source)}."
        ) from error
    if not paths:
        raise Refused(
            f"L’archive {archive.name} ne contient plus le fichier de « {source.title} » : "
            f"{_by_hand(source)}."
        )
    return paths


def _record(path: Path, source: Source, resource: Resource, **where: str | None) -> None:
    """Write the provenance of a file, once the file itself is in place."""
    record = {
        "source": source.id,
        "title": resource.title,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "note": resource.note,
        **where,
    }
    text = json.dumps(Provenance.model_validate(record).model_dump(), ensure_ascii=False, indent=2)
    _write(_beside(path, ".provenance.json"), text)


def _write(path: Path, content: str | bytes) -> None:
    """Write a small file so that a reader sees the old one or the new one, never a half."""
    temporary = _beside(path, ".tmp")
    temporary.write_bytes(content.encode() if isinstance(content, str) else content)
    temporary.replace(path)
