"""The network harness, against a local server that plays the publishers and their faults."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from diagnostics import catalogue
from diagnostics.catalogue import DatasetAddress, PlainAddress
from diagnostics.errors import Refused
from diagnostics.sources.fetch import Patience, Provenance, fetch, provenance, resolve
from diagnostics.sources.locate import Inputs
from tests.sources.fake_publishers import Answer, Publishers, json_answer, publishers

SSMSI = "621df2954fa5a3b5a023e23c"
COG = "58c984b088ee386cdb1261f3"
COM = "COM - Base statistique communale de la délinquance enregistrée (fichier parquet)"
DEP = "DEP - Base statistique départementale de la délinquance enregistrée"
COM_PARQUET = "donnee-comm-data.gouv-parquet-2025-geographie2026-produit-le2026-06-25.parquet"
COM_CSV = "donnee-data.gouv-2025-geographie2026-produit-le2026-06-25.csv.gz"
DEP_CSV = "donnee-dep-data.gouv-2025-geographie2026-produit-le2026-06-25.csv"
TABLE = b'"Code_departement";"annee"\n' + b"".join(b'"00";%d\n' % i for i in range(40_000))
PARQUET = b"PAR1" + bytes(500) + b"PAR1"
QUICK = Patience(
    connect_seconds=2, read_seconds=2, attempts=3, backoff_seconds=0.01, retry_after_seconds=1
)


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publishers]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with publishers() as served:
        yield served


def bring(net: Publishers, source: str, into: Path, **options: Any) -> list[Path]:
    options.setdefault("patience", QUICK)
    return fetch(source, into, base_urls=net.base_urls, **options)


def departements(net: Publishers, *answers: Answer, **changed: Any) -> str:
    """Publish the département base and return the path of its file on the static host."""
    entry = net.resource(DEP, "csv", DEP_CSV, TABLE, *answers, **changed)
    net.dataset(SSMSI, entry)
    return str(entry["url"]).removeprefix(net.url)


def sha1_of(body: bytes) -> dict[str, str]:
    return {"type": "sha1", "value": hashlib.sha1(body).hexdigest()}


def with_etag(**options: Any) -> Answer:
    return Answer(TABLE, headers={"ETag": '"v1"'}, **options)


def declare(monkeypatch: pytest.MonkeyPatch, source: str, *addresses: object) -> None:
    """Replace the declared addresses of one source."""
    declared = dict(catalogue.sources())
    declared[source] = declared[source].model_copy(update={"network": addresses})
    monkeypatch.setattr(catalogue, "sources", lambda: declared)


# --- Resolving -----------------------------------------------------------------------------------


def test_the_newest_edition_wins_then_the_preferred_format(net: Publishers) -> None:
    old = "donnee-comm-data.gouv-parquet-2024-geographie2025-produit-le2026-02-03.parquet"
    net.dataset(
        SSMSI,
        net.resource(COM, "parquet", old, PARQUET),
        net.resource(COM, "csv.gz", COM_CSV, gzip.compress(TABLE)),
        net.resource(COM, "parquet", COM_PARQUET, PARQUET),
        net.resource(DEP, "csv", DEP_CSV, TABLE),
        net.resource("COM COMPL - Zonages", "xlsx", "info-complements.xlsx", b"PK"),
    )
    [found] = resolve("ssmsi_communes", base_urls=net.base_urls, patience=QUICK)
    assert found.file == f"ssmsi/{COM_PARQUET}"
    assert found.title == COM


def test_a_new_edition_in_another_format_wins_over_an_old_preferred_one(net: Publishers) -> None:
    old = "donnee-comm-data.gouv-parquet-2024-geographie2025-produit-le2026-02-03.parquet"
    net.dataset(
        SSMSI,
        net.resource(COM, "parquet", old, PARQUET),
        net.resource(COM, "csv.gz", COM_CSV, gzip.compress(TABLE)),
    )
    [found] = resolve("ssmsi_communes", base_urls=net.base_urls, patience=QUICK)
    assert found.file == f"ssmsi/{COM_CSV}"


def test_a_title_is_recognised_whatever_its_dash_case_and_spaces(net: Publishers) -> None:
    title = "Dep – Base  statistique départementale"
    net.dataset(SSMSI, net.resource(title, "csv", DEP_CSV, TABLE))
    [found] = resolve("ssmsi_departements", base_urls=net.base_urls, patience=QUICK)
    assert found.title == title


@pytest.mark.parametrize(
    ("title", "file_format", "name", "said"),
    [
        ("Base des départements", "csv", DEP_CSV, "dont le titre commence"),
        (DEP, "pdf", "donnee-dep-data.gouv-2025.pdf", "n’est plus publiée au format csv"),
        (DEP, "csv", "departements-2025.csv", "a changé de nom"),
    ],
)
def test_what_moved_in_a_dataset_is_named(
    net: Publishers, title: str, file_format: str, name: str, said: str
) -> None:
    net.dataset(SSMSI, net.resource(title, file_format, name, TABLE))
    with pytest.raises(Refused, match=said):
        resolve("ssmsi_departements", base_urls=net.base_urls, patience=QUICK)


def test_a_dataset_that_moved_is_refused_with_its_page(net: Publishers) -> None:
    with pytest.raises(Refused, match="n’est plus à l’adresse") as refusal:
        resolve("ssmsi_departements", base_urls=net.base_urls, patience=QUICK)
    assert catalogue.sources()["ssmsi_departements"].page in str(refusal.value)


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({"data": [], "total": 0}),
        json_answer({"title": "x", "resources": [{"id": "sans adresse"}]}),
        Answer(b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
    ],
)
def test_an_api_of_another_shape_is_refused(net: Publishers, answer: Answer) -> None:
    net.answer(f"/api/1/datasets/{SSMSI}/", answer)
    with pytest.raises(Refused, match="forme inattendue"):
        resolve("ssmsi_departements", base_urls=net.base_urls, patience=QUICK)


def test_a_truncated_api_answer_is_refused(net: Publishers) -> None:
    net.answer(f"/api/1/datasets/{SSMSI}/", Answer(b'{"title": "Bases"', cut=5))
    with pytest.raises(Refused, match="s’est interrompue"):
        resolve("ssmsi_departements", base_urls=net.base_urls, patience=QUICK)


def test_a_source_without_address_says_where_to_download_it(net: Publishers) -> None:
    with pytest.raises(Refused, match=r"n’a pas d’adresse déclarée.*insee\.fr"):
        resolve("bpe", base_urls=net.base_urls)


def test_a_second_address_is_used_where_the_first_moved_and_the_reason_is_kept(
    net: Publishers, tmp_path: Path
) -> None:
    body = b"TYPECOM,COM\nCOM,00001\n"
    net.answer("/fr/statistiques/fichier/8740222/v_commune_2026.csv", Answer(body))
    [path] = bring(net, "cog_insee", tmp_path)
    assert path == tmp_path / "cog" / "v_commune_2026.csv"
    kept = provenance(path)
    assert kept is not None
    assert kept.note is not None
    assert COG in kept.note


def test_the_newest_cog_year_is_chosen_by_file_name(net: Publishers, tmp_path: Path) -> None:
    names = ("v_commune_2025.csv", "v_mvt_commune_2026.csv", "v_commune_2026.csv", "pays_2026.csv")
    entries = [
        # INSEE's files are only referenced by data.gouv.fr: no checksum.
        net.resource(f"Millésime {n[-8:-4]} : {n}", "csv", n, n.encode(), checksum=None)
        for n in names
    ]
    net.dataset(COG, *entries)
    assert [p.name for p in bring(net, "cog_insee", tmp_path)] == ["v_commune_2026.csv"]
    assert [p.name for p in bring(net, "cog_movements", tmp_path)] == ["v_mvt_commune_2026.csv"]


# --- Where files go ------------------------------------------------------------------------------


def test_every_declared_file_is_recognised_as_in_a_mirror() -> None:
    declared = [
        (source, address)
        for source in catalogue.sources().values()
        for address in source.network
        if isinstance(address, PlainAddress)
    ]
    assert declared
    for source, address in declared:
        # What is unpacked is tested by its own name.
        if address.member is None:
            name = Path(address.file.format(departement="77")).name
            assert source.matches(name), (source.id, name)


def test_every_dataset_source_names_a_folder_and_a_format() -> None:
    addresses = [
        a for s in catalogue.sources().values() for a in s.network if isinstance(a, DatasetAddress)
    ]
    assert addresses
    assert all(a.folder and a.formats for a in addresses)


def test_the_contours_of_a_departement_land_where_a_mirror_has_them(
    net: Publishers, tmp_path: Path
) -> None:
    net.answer(
        "/departements/2A/communes?format=geojson&geometry=contour",
        json_answer({"type": "FeatureCollection", "features": []}),
    )
    [path] = bring(net, "contours", tmp_path, departement="2A")
    assert path.parent == tmp_path / "contours"
    assert Inputs((tmp_path,)).files("contours", "2A") == [path]


@pytest.mark.parametrize("departement", [None, "../77", "7", "Seine-et-Marne", "77?x="])
def test_a_departement_that_is_not_a_code_is_refused(
    net: Publishers, tmp_path: Path, departement: str | None
) -> None:
    with pytest.raises(Refused, match="département"):
        bring(net, "contours", tmp_path, departement=departement)
    assert net.asked == []


def test_addresses_come_from_the_environment(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in net.environment.items():
        monkeypatch.setenv(name, value)
    departements(net)
    [path] = fetch("ssmsi_departements", tmp_path, patience=QUICK)
    assert path.read_bytes() == TABLE


def test_importing_opens_no_connection() -> None:
    program = (
        "import socket, sys\n"
        "def refuse(*a): raise SystemExit('connection')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "import diagnostics.sources.fetch\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# --- Bytes and provenance ------------------------------------------------------------------------


def test_bytes_are_kept_as_published_with_their_provenance(net: Publishers, tmp_path: Path) -> None:
    departements(net)
    [path] = bring(net, "ssmsi_departements", tmp_path)
    assert path == tmp_path / "ssmsi" / DEP_CSV
    assert path.read_bytes() == TABLE
    kept = provenance(path)
    assert kept is not None
    assert kept.sha256 == hashlib.sha256(TABLE).hexdigest()
    assert (kept.source, kept.title, kept.bytes) == ("ssmsi_departements", DEP, len(TABLE))
    assert kept.url.endswith(DEP_CSV)
    assert kept.etag == f'"{hashlib.md5(TABLE).hexdigest()}"'
    assert kept.fetched_at.endswith("+00:00")
    assert sorted(p.name for p in path.parent.iterdir()) == [DEP_CSV, f"{DEP_CSV}.provenance.json"]
    assert Inputs((tmp_path,)).files("ssmsi_departements") == [path]


def test_a_gz_that_the_server_calls_an_encoding_is_kept_compressed(
    net: Publishers, tmp_path: Path
) -> None:
    body = gzip.compress(TABLE)
    answer = Answer(body, headers={"Content-Encoding": "gzip"})
    net.dataset(SSMSI, net.resource(COM, "csv.gz", COM_CSV, body, answer))
    [path] = bring(net, "ssmsi_communes", tmp_path)
    assert path.read_bytes() == body


def test_a_server_that_compresses_on_its_own_changes_nothing(
    net: Publishers, tmp_path: Path
) -> None:
    served = departements(net, Answer(gzip.compress(TABLE), headers={"Content-Encoding": "gzip"}))
    [path] = bring(net, "ssmsi_departements", tmp_path)
    assert path.read_bytes() == TABLE
    assert net.headers_of(served)[0]["accept-encoding"] == "identity"


def test_progress_goes_from_something_to_everything(net: Publishers, tmp_path: Path) -> None:
    departements(net)
    seen: list[tuple[int, int | None]] = []
    bring(net, "ssmsi_departements", tmp_path, progress=lambda d, t: seen.append((d, t)))
    assert seen == sorted(seen)
    assert len(seen) > 1
    assert seen[-1] == (len(TABLE), len(TABLE))


def test_a_file_already_there_is_known_by_its_checksum(net: Publishers, tmp_path: Path) -> None:
    departements(net)
    bring(net, "ssmsi_departements", tmp_path)
    seen: list[tuple[int, int | None]] = []
    bring(net, "ssmsi_departements", tmp_path, progress=lambda d, t: seen.append((d, t)))
    assert len(net.targets(DEP_CSV)) == 1
    assert seen == [(len(TABLE), len(TABLE))]


def test_a_new_file_under_the_same_name_is_downloaded(net: Publishers, tmp_path: Path) -> None:
    departements(net)
    bring(net, "ssmsi_departements", tmp_path)
    newer = TABLE + b'"01";2025\n'
    # A cache in between still knows the former ETag: the checksum of the API is what counts.
    served = departements(net, Answer(newer), checksum=sha1_of(newer))
    [path] = bring(net, "ssmsi_departements", tmp_path)
    assert path.read_bytes() == newer
    assert "if-none-match" not in net.headers_of(served)[-1]


def test_without_checksum_the_etag_decides(net: Publishers, tmp_path: Path) -> None:
    address = "/departements/77/communes?format=geojson&geometry=contour"
    empty = {"type": "FeatureCollection", "features": []}
    net.answer(address, json_answer(empty, ETag='W/"a"'))
    [path] = bring(net, "contours", tmp_path, departement="77")
    before = provenance(path)
    bring(net, "contours", tmp_path, departement="77")
    assert net.headers_of("77")[1]["if-none-match"] == 'W/"a"'
    assert provenance(path) == before
    changed = {"type": "FeatureCollection", "features": [], "bbox": [0, 0, 1, 1]}
    net.answer(address, json_answer(changed, ETag='W/"b"'))
    bring(net, "contours", tmp_path, departement="77")
    assert json.loads(path.read_bytes()) == changed


def test_a_file_changed_by_hand_is_downloaded_again(net: Publishers, tmp_path: Path) -> None:
    departements(net, with_etag(), checksum=None)
    [path] = bring(net, "ssmsi_departements", tmp_path)
    path.write_bytes(b"retouche")
    bring(net, "ssmsi_departements", tmp_path)
    assert path.read_bytes() == TABLE


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_every_checksum_of_the_api_is_verified(
    net: Publishers, tmp_path: Path, algorithm: str
) -> None:
    good = hashlib.new(algorithm, TABLE).hexdigest()
    departements(net, checksum={"type": algorithm, "value": good.upper()})
    [path] = bring(net, "ssmsi_departements", tmp_path)
    path.unlink()
    departements(net, checksum={"type": algorithm, "value": "0" * len(good)})
    with pytest.raises(Refused, match="somme de contrôle"):
        bring(net, "ssmsi_departements", tmp_path)
    assert list(path.parent.glob(f"{DEP_CSV}.part*")) == []
    assert not path.exists()


def test_an_archive_gives_its_declared_member(net: Publishers, tmp_path: Path) -> None:
    table = b"CODGEO;P22_POP\n00001;120\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dossier/base-cc-evol-struct-pop-2022.CSV", table)
        archive.writestr("meta_base-cc-evol-struct-pop-2022.CSV", b"COD_VAR\n")
    address = "/fr/statistiques/fichier/8581696/base-cc-evol-struct-pop-2022_csv.zip"
    net.answer(address, Answer(packed.getvalue()))
    [path] = bring(net, "rp_population", tmp_path)
    assert path.name == "base-cc-evol-struct-pop-2022.CSV"
    assert path.read_bytes() == table
    kept = provenance(path)
    assert kept is not None
    assert kept.archive == "base-cc-evol-struct-pop-2022_csv.zip"
    assert kept.sha256 == hashlib.sha256(table).hexdigest()
    assert Inputs((tmp_path,)).first("rp_population") == path


def test_an_archive_that_swells_beyond_the_declared_size_is_refused(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", bytes(2_000_000))
    net.answer("/archive", Answer(packed.getvalue()))
    address = PlainAddress(
        service="insee", path="/archive", file="a.zip", member="table.csv", maximum_megabytes=1
    )
    declare(monkeypatch, "rp_population", address)
    with pytest.raises(Refused, match=r"table\.csv de l’archive a\.zip dépasse la taille"):
        bring(net, "rp_population", tmp_path)
    assert not (tmp_path / "table.csv").exists()


@pytest.mark.parametrize(
    ("members", "said"), [({"autre.csv": b"x"}, "ne contient plus"), (None, "illisible")]
)
def test_an_archive_without_its_table_is_refused(
    net: Publishers, tmp_path: Path, members: dict[str, bytes] | None, said: str
) -> None:
    packed = io.BytesIO(b"PK\x03\x04 tronqu\xc3\xa9")
    if members is not None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    address = "/fr/statistiques/fichier/8581696/base-cc-evol-struct-pop-2022_csv.zip"
    net.answer(address, Answer(packed.getvalue()))
    with pytest.raises(Refused, match=said):
        bring(net, "rp_population", tmp_path)


# --- Faults of the network -----------------------------------------------------------------------


def test_a_resource_whose_file_moved_is_found_by_its_permanent_address(
    net: Publishers, tmp_path: Path
) -> None:
    entry = net.resource(DEP, "csv", DEP_CSV, TABLE)
    stale = entry["url"].replace("20260709-115942", "20250101-000000")
    net.dataset(SSMSI, entry | {"url": stale})
    [path] = bring(net, "ssmsi_departements", tmp_path)
    assert path.read_bytes() == TABLE
    assert net.targets("/api/1/datasets/r/") == [entry["latest"].removeprefix(net.url)]


def test_a_resource_with_a_new_id_is_found_though_the_old_one_is_gone(
    net: Publishers, tmp_path: Path
) -> None:
    departements(net)
    [path] = bring(net, "ssmsi_departements", tmp_path)
    kept = provenance(path)
    # The publisher replaces the resource: another id, another name, nothing at the old address.
    net.answers.clear()
    newer = "donnee-dep-data.gouv-2026-geographie2027-produit-le2027-06-24.csv"
    net.dataset(SSMSI, net.resource(DEP, "csv", newer, TABLE + b"\n"))
    [found] = bring(net, "ssmsi_departements", tmp_path)
    assert found.name == newer
    assert provenance(path) == kept


def test_a_resource_that_is_nowhere_is_refused(net: Publishers, tmp_path: Path) -> None:
    entry = net.resource(DEP, "csv", DEP_CSV, TABLE)
    net.dataset(SSMSI, entry)
    net.answers.pop(entry["url"].removeprefix(net.url))
    with pytest.raises(Refused, match=r"n’est plus à l’adresse.*dossier miroir"):
        bring(net, "ssmsi_departements", tmp_path)


def test_endless_redirects_are_refused(net: Publishers, tmp_path: Path) -> None:
    path = departements(net)
    net.answer(path, Answer(status=302, headers={"Location": path}))
    with pytest.raises(Refused, match="redirige sans fin"):
        bring(net, "ssmsi_departements", tmp_path)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(net: Publishers, tmp_path: Path, status: int) -> None:
    path = departements(net, Answer(status=status), Answer(status=status), with_etag())
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE
    assert len(net.targets(path)) == 3


def test_retry_after_is_waited_for(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    departements(net, Answer(status=503, headers={"Retry-After": "7"}), with_etag())
    bring(net, "ssmsi_departements", tmp_path, patience=Patience(retry_after_seconds=30))
    assert 7 in pauses


def test_a_server_cannot_ask_to_wait_for_an_hour(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    departements(net, Answer(status=503, headers={"Retry-After": "3600"}), with_etag())
    bring(net, "ssmsi_departements", tmp_path, patience=Patience(retry_after_seconds=30))
    assert max(pauses) == 30


def test_a_server_that_stays_busy_is_refused_after_the_declared_attempts(
    net: Publishers, tmp_path: Path
) -> None:
    path = departements(net, Answer(status=503))
    with pytest.raises(Refused, match=r"est indisponible \(code 503\).*recommencer plus tard"):
        bring(net, "ssmsi_departements", tmp_path)
    assert len(net.targets(path)) == QUICK.attempts


def test_a_refusal_of_the_server_is_not_insisted_upon(net: Publishers, tmp_path: Path) -> None:
    path = departements(net, Answer(status=403))
    with pytest.raises(Refused, match=r"refuse la demande \(code 403\)"):
        bring(net, "ssmsi_departements", tmp_path)
    assert len(net.targets(path)) == 1


def test_nobody_listening_is_one_sentence(net: Publishers, tmp_path: Path) -> None:
    nobody = {"geo": "http://127.0.0.1:9"}
    with pytest.raises(Refused, match="ne répond pas") as refusal:
        fetch("contours", tmp_path, departement="77", base_urls=nobody, patience=QUICK)
    assert "\n" not in str(refusal.value)
    assert "dossier miroir" in str(refusal.value)


def test_a_silent_server_is_left_after_the_declared_delay(net: Publishers, tmp_path: Path) -> None:
    departements(net, with_etag(wait_seconds=1))
    hurried = Patience(connect_seconds=1, read_seconds=0.1, attempts=1)
    with pytest.raises(Refused, match="ne répond pas"):
        bring(net, "ssmsi_departements", tmp_path, patience=hurried)


def test_a_broken_download_resumes_where_it_stopped(net: Publishers, tmp_path: Path) -> None:
    path = departements(net, with_etag(cut=150_000), with_etag(ranges=True))
    seen: list[int] = []
    [found] = bring(net, "ssmsi_departements", tmp_path, progress=lambda d, t: seen.append(d))
    assert found.read_bytes() == TABLE
    second = net.headers_of(path)[1]
    assert second["range"] == "bytes=150000-"
    assert second["if-range"] == '"v1"'
    assert seen == sorted(seen)


def test_a_server_that_ignores_ranges_starts_again(net: Publishers, tmp_path: Path) -> None:
    departements(net, with_etag(cut=150_000), with_etag())
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE


def test_a_partial_answer_at_another_place_is_not_glued(net: Publishers, tmp_path: Path) -> None:
    path = departements(
        net,
        with_etag(cut=150_000),
        with_etag(ranges=True, shift=1_000),
        with_etag(ranges=True),
        checksum=None,
    )
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE
    assert "range" not in net.headers_of(path)[2]


def test_a_file_that_changed_meanwhile_starts_again(net: Publishers, tmp_path: Path) -> None:
    newer = TABLE.replace(b'"00"', b'"01"')
    departements(
        net,
        with_etag(cut=150_000),
        Answer(newer, headers={"ETag": '"v2"'}, ranges=True),
        checksum=None,
    )
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == newer


def test_a_partial_answer_of_another_file_is_not_glued(net: Publishers, tmp_path: Path) -> None:
    newer = Answer(TABLE.replace(b'"00"', b'"01"'), headers={"ETag": '"v2"'})
    careless = Answer(
        newer.body[150_000:],
        status=206,
        headers={"ETag": '"v2"', "Content-Range": f"bytes 150000-{len(TABLE) - 1}/{len(TABLE)}"},
    )
    departements(net, with_etag(cut=150_000), careless, newer, checksum=None)
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == newer.body


def test_without_validator_a_broken_download_starts_again(net: Publishers, tmp_path: Path) -> None:
    path = departements(net, Answer(TABLE, cut=150_000), Answer(TABLE, ranges=True), checksum=None)
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE
    assert "range" not in net.headers_of(path)[1]


def test_a_weak_validator_does_not_vouch_for_a_partial_answer(
    net: Publishers, tmp_path: Path
) -> None:
    weak = {"ETag": 'W/"v1"', "Last-Modified": "Thu, 09 Jul 2026 12:01:37 GMT"}
    path = departements(
        net, Answer(TABLE, headers=weak, cut=150_000), Answer(TABLE, headers=weak, ranges=True)
    )
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE
    assert net.headers_of(path)[1]["if-range"] == weak["Last-Modified"]


def test_what_was_begun_at_another_address_is_not_continued(
    net: Publishers, tmp_path: Path
) -> None:
    departements(net, with_etag(cut=150_000))
    with pytest.raises(Refused):
        bring(net, "ssmsi_departements", tmp_path)
    elsewhere = "/resources/jeu-de-donnees/20270101-000000/" + DEP_CSV
    entry = net.resource(DEP, "csv", DEP_CSV, TABLE)
    net.dataset(SSMSI, entry | {"url": net.answer(elsewhere, with_etag(ranges=True))})
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE
    assert "range" not in net.headers_of(elsewhere)[0]


def test_a_resumed_body_with_a_wrong_checksum_is_fetched_once_more_whole(
    net: Publishers, tmp_path: Path
) -> None:
    other = TABLE.replace(b'"00"', b'"01"')
    path = departements(
        net,
        with_etag(cut=150_000),
        Answer(other, headers={"ETag": '"v1"'}, ranges=True),
        with_etag(ranges=True),
    )
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE
    assert "range" not in net.headers_of(path)[2]


def test_a_body_that_is_always_truncated_is_refused_and_can_be_resumed_later(
    net: Publishers, tmp_path: Path
) -> None:
    path = departements(net, with_etag(cut=150_000))
    with pytest.raises(Refused, match="s’est interrompu 3 fois de suite"):
        bring(net, "ssmsi_departements", tmp_path)
    target = tmp_path / "ssmsi" / DEP_CSV
    assert not target.exists()
    net.answer(path, with_etag(ranges=True))
    net.asked.clear()
    assert bring(net, "ssmsi_departements", tmp_path) == [target]
    assert net.headers_of(path)[0]["range"] == "bytes=150000-"
    assert target.read_bytes() == TABLE


def test_a_truncated_body_without_announced_length_fails_its_checksum(
    net: Publishers, tmp_path: Path
) -> None:
    departements(net, with_etag(cut=150_000, sized=False), with_etag(ranges=True))
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE


def test_a_download_that_crawls_but_advances_is_not_given_up(
    net: Publishers, tmp_path: Path
) -> None:
    step = len(TABLE) // 8
    departements(net, with_etag(cut=step), *[with_etag(ranges=True, cut=step)] * 8)
    assert bring(net, "ssmsi_departements", tmp_path)[0].read_bytes() == TABLE


def test_ctrl_c_leaves_what_can_be_resumed(net: Publishers, tmp_path: Path) -> None:
    path = departements(net)

    def interrupt(done: int, total: int | None) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(net, "ssmsi_departements", tmp_path, progress=interrupt)
    target = tmp_path / "ssmsi" / DEP_CSV
    part = target.with_name(f"{DEP_CSV}.part")
    size = part.stat().st_size
    assert 100_000 < size <= len(TABLE)
    assert not target.exists()
    assert Inputs((tmp_path,)).files("ssmsi_departements") == []
    bring(net, "ssmsi_departements", tmp_path)
    assert net.headers_of(path)[1]["range"] == f"bytes={size}-"
    assert target.read_bytes() == TABLE
    assert not part.exists()


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>", b"\xef\xbb\xbf\n <HTML lang='fr'>"])
def test_a_page_in_place_of_data_is_refused(net: Publishers, tmp_path: Path, page: bytes) -> None:
    departements(net, Answer(page, headers={"Content-Type": "text/csv"}))
    with pytest.raises(Refused, match="une page web au lieu du fichier"):
        bring(net, "ssmsi_departements", tmp_path)
    assert list((tmp_path / "ssmsi").iterdir()) == []


@pytest.mark.parametrize(
    ("body", "said"), [(b"", "un contenu vide"), (b"ceci est du texte", "d’une autre nature")]
)
def test_bytes_of_another_kind_are_refused(
    net: Publishers, tmp_path: Path, body: bytes, said: str
) -> None:
    net.dataset(SSMSI, net.resource(COM, "parquet", COM_PARQUET, body))
    with pytest.raises(Refused, match=said):
        bring(net, "ssmsi_communes", tmp_path)


@pytest.mark.parametrize("sized", [True, False])
def test_a_file_beyond_the_declared_size_is_refused(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sized: bool
) -> None:
    body = b"[" + b"0," * 1_000_000 + b"0]"
    net.answer("/grand", Answer(body, sized=sized))
    address = PlainAddress(service="geo", path="/grand", file="grand.json", maximum_megabytes=1)
    declare(monkeypatch, "cog_communes", address)
    seen: list[int] = []
    with pytest.raises(Refused, match=r"dépasse la taille prévue \(1 Mo\)"):
        bring(net, "cog_communes", tmp_path, progress=lambda d, t: seen.append(d))
    assert max(seen, default=0) <= (0 if sized else 1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_is_used_where_the_environment_names_one(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", net.url)
    net.answer(
        "/departements/77/communes?format=geojson&geometry=contour",
        json_answer({"type": "FeatureCollection", "features": []}),
    )
    elsewhere = {"geo": "http://geo.publisher.invalid"}
    fetch("contours", tmp_path, departement="77", base_urls=elsewhere, patience=QUICK)
    [target] = net.targets()
    assert target.startswith("http://geo.publisher.invalid/departements/77/")


def test_a_proxy_that_is_not_there_is_named(
    net: Publishers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    elsewhere = {"geo": "http://geo.publisher.invalid"}
    with pytest.raises(Refused, match="serveur mandataire"):
        fetch("contours", tmp_path, departement="77", base_urls=elsewhere, patience=QUICK)


def test_a_damaged_sidecar_is_as_good_as_none(net: Publishers, tmp_path: Path) -> None:
    departements(net)
    [path] = bring(net, "ssmsi_departements", tmp_path)
    sidecar = path.with_name(f"{DEP_CSV}.provenance.json")
    sidecar.write_text("{", encoding="utf-8")
    assert provenance(path) is None
    bring(net, "ssmsi_departements", tmp_path)
    assert isinstance(provenance(path), Provenance)


def test_a_failed_download_leaves_the_file_held_before(net: Publishers, tmp_path: Path) -> None:
    departements(net)
    [path] = bring(net, "ssmsi_departements", tmp_path)
    departements(net, Answer(TABLE[: len(TABLE) // 2], cut=10), checksum=None)
    with pytest.raises(Refused):
        bring(net, "ssmsi_departements", tmp_path)
    assert path.read_bytes() == TABLE
    assert provenance(path) is not None


def test_refusals_are_one_french_sentence_with_its_spaces(net: Publishers, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        bring(net, "ssmsi_departements", tmp_path)
    said = str(refusal.value)
    assert "\u202f:" in said
    assert said.endswith(".")
    assert os.linesep not in said
