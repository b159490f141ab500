"""A local HTTP server that plays data.gouv.fr, geo.api.gouv.fr and insee.fr, faults included.

`with publishers() as p:` listens on 127.0.0.1 at a free port. Give `p.base_urls` to
`fetch(..., base_urls=...)`, or `p.environment` to a subprocess. What is not published is a 404.
"""

import hashlib
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What the server says once.

    sized: whether Content-Length is sent; cut: bytes sent before the connection drops; ranges:
    whether `Range` is honoured, `If-Range` compared with the ETag; shift: how far a partial answer
    lies about its beginning.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sized: bool = True
    cut: int | None = None
    ranges: bool = False
    shift: int = 0
    wait_seconds: float = 0


@dataclass(frozen=True)
class Asked:
    target: str
    headers: dict[str, str]


class Publishers:
    """Published answers by path and query; the last one of a path is repeated."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[Asked] = []

    @property
    def base_urls(self) -> dict[str, str]:
        return {"datagouv": self.url, "geo": self.url, "insee": self.url}

    @property
    def environment(self) -> dict[str, str]:
        return {f"DIAGNOSTIC_{name.upper()}_URL": url for name, url in self.base_urls.items()}

    def answer(self, path: str, *answers: Answer) -> str:
        """Publish answers at a path (query included) and return its address."""
        self.answers[path] = list(answers)
        return self.url + path

    def targets(self, part: str = "") -> list[str]:
        return [asked.target for asked in self.asked if part in asked.target]

    def headers_of(self, part: str) -> list[dict[str, str]]:
        return [asked.headers for asked in self.asked if part in asked.target]

    def resource(
        self,
        title: str,
        file_format: str,
        name: str,
        body: bytes,
        *answers: Answer,
        **changed: Any,
    ) -> dict[str, Any]:
        """Publish a file as data.gouv.fr does and return its entry in the API.

        The file is on the static host, `latest` redirects to it by the resource's id. `answers`
        replaces how the file is served, `changed` any key of the entry.
        """
        identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
        static = f"/resources/jeu-de-donnees/20260709-115942/{name}"
        whole = Answer(body, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'}, ranges=True)
        self.answer(static, *(answers or (whole,)))
        permanent = f"/api/1/datasets/r/{identifier}"
        self.answer(permanent, Answer(status=302, headers={"Location": self.url + static}))
        return {
            "id": identifier,
            "title": title,
            "description": None,
            "type": "main",
            "filetype": "file",
            "format": file_format,
            "mime": "application/octet-stream",
            "url": self.url + static,
            "latest": self.url + permanent,
            "filesize": len(body),
            "checksum": {"type": "sha1", "value": hashlib.sha1(body).hexdigest()},
            "created_at": "2026-03-26T09:12:44.108000+00:00",
            "last_modified": "2026-07-09T12:01:37.508000+00:00",
            "harvest": None,
            "internal": {"created_at_internal": "2026-03-26T09:12:44.108000+00:00"},
            "extras": {"analysis:content-length": len(body)},
            "schema": None,
        } | changed

    def dataset(self, identifier: str, *resources: dict[str, Any]) -> None:
        """Publish a dataset of the API, version 1, with its resources."""
        content = {
            "id": identifier,
            "slug": "jeu-de-donnees",
            "title": "Bases statistiques de la délinquance enregistrée",
            "frequency": "annual",
            "license": "lov2",
            "last_modified": "2026-07-09T12:01:37.508000+00:00",
            "organization": {"name": "Ministère de l’Intérieur", "badges": []},
            "resources": list(resources),
        }
        self.answer(f"/api/1/datasets/{identifier}/", json_answer(content))


def json_answer(content: object, **headers: str) -> Answer:
    body = dumps(content, ensure_ascii=False).encode()
    return Answer(body, headers={"Content-Type": "application/json"} | headers)


@contextmanager
def publishers() -> Iterator[Publishers]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A proxy is asked for a whole address, a server for a path.
            parts = urlsplit(self.path)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            headers = {k.lower(): v for k, v in self.headers.items()}
            served.asked.append(Asked(self.path, headers))
            queue = served.answers.get(path, [Answer(b"introuvable", status=404)])
            _serve(self, queue[0] if len(queue) == 1 else queue.pop(0))

        def log_message(self, *arguments: object) -> None:
            """Stay silent: the tests read `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    served = Publishers(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _serve(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    time.sleep(answer.wait_seconds)
    headers = dict(answer.headers)
    etag = headers.get("ETag")
    body, status = answer.body, answer.status
    wanted = handler.headers.get("Range")
    unchanged = handler.headers.get("If-Range") in (etag, headers.get("Last-Modified"))
    if etag and handler.headers.get("If-None-Match") == etag:
        status, body = 304, b""
    elif wanted and answer.ranges and unchanged:
        start = int(wanted.removeprefix("bytes=").split("-")[0])
        first = start + answer.shift
        headers["Content-Range"] = f"bytes {first}-{len(body) - 1}/{len(body)}"
        status, body = 206, body[first:]
    handler.send_response(status)
    if answer.sized and status != 304:
        headers.setdefault("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    # A client that leaves in the middle is one of the faults that are played.
    with suppress(ConnectionError):
        handler.wfile.write(body if answer.cut is None else body[: answer.cut])
