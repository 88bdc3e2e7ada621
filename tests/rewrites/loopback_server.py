"""A server on this machine that imitates the realtime and the batch side of every provider that rewrites know.

Each vendor has a base URL of its own below the server's: see `environment`. The server counts what it is asked. Words in a prompt make it
fail: `FAIL_ITEM`, `EXPIRE_ITEM` and `DROP_ITEM` concern one request of a batch, `FAIL_JOB` and `EXPIRE_JOB` all of it, and a realtime
request with such a word gets status 400. `BUSY_ITEM` gets status 429 the first time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import openai_wire
import other_wires
from jobs import Books, Counts, Limits
from wire import Handler, Page, Request, page

VENDORS: dict[str, Handler] = {
    "openai": openai_wire.handle,
    "azure": openai_wire.handle_azure,
    "groq": openai_wire.handle,
    "together": openai_wire.handle_together,
    "anthropic": other_wires.handle_anthropic,
    "mistral": other_wires.handle_mistral,
    "gemini": other_wires.handle_gemini,
}


class Server:
    """Serves while it is open: `with Server() as server`."""

    def __init__(self, limits: Limits | None = None, seed: int = 7) -> None:
        """Prepare a server: `limits` is what a job may hold, `seed` shuffles results."""
        self.books = Books(limits or Limits(), seed)
        self._lock = threading.Lock()
        self._http = _Http(self.serve)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def counts(self) -> Counts:
        """What was asked so far."""
        return self.books.counts

    @property
    def address(self) -> str:
        """The server's URL."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def environment(self) -> dict[str, str]:
        """Variables that lead the SDKs here. `BASE` serves those that read none: programs add the name of the vendor.

        There are no certificates where they look for some: no request is encrypted, and to load them takes longer than most programs.
        """
        at = self.address
        bases = {"BASE": at, "OPENAI_BASE_URL": f"{at}/openai/v1", "ANTHROPIC_BASE_URL": f"{at}/anthropic", "GROQ_BASE_URL": f"{at}/groq"}
        bases |= {"TOGETHER_BASE_URL": f"{at}/together", "AZURE_OPENAI_ENDPOINT": f"{at}/azure", "GOOGLE_GEMINI_BASE_URL": f"{at}/gemini"}
        keys = ("OPENAI", "ANTHROPIC", "GROQ", "TOGETHER", "MISTRAL", "GEMINI", "AZURE_OPENAI")
        settled = {"OPENAI_API_TYPE": "openai", "OPENAI_API_VERSION": "2026-06-01", "SSL_CERT_DIR": os.fspath(Path(__file__).parent)}
        return {**bases, **settled, **{f"{key}_API_KEY": "secret" for key in keys}}

    def serve(self, request: Request) -> Page:
        """Answer one request after the other."""
        vendor, _, rest = request.path.removeprefix("/").partition("/")
        handler = VENDORS.get(vendor)
        base = f"{self.address}/{vendor}"
        inner = Request(request.method, f"/{rest}", base, request.content, request.content_type)
        with self._lock:
            served = handler(self.books, inner) if handler else None
            if served is None:
                self.books.violation(f"nothing is served at {request.method} {request.path}")
        return served or page({"error": {"message": f"nothing is served at {request.path}"}}, 404)

    def __enter__(self) -> Server:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, serve: Callable[[Request], Page]) -> None:
        self.serve = serve
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep quiet."""

    def answer(self) -> None:
        """Serve a request of any method."""
        assert isinstance(self.server, _Http)
        served = self.server.serve(self._read())
        self.send_response(served.status)
        for name, value in {"Content-Type": served.content_type, "Content-Length": str(len(served.content)), **served.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(served.content)
        self.wfile.flush()

    def _read(self) -> Request:
        content = (
            self._chunks()
            if "chunked" in self.headers.get("Transfer-Encoding", "")
            else self.rfile.read(int(self.headers.get("Content-Length") or 0))
        )
        return Request(self.command, urlsplit(self.path).path, "", content, self.headers.get("Content-Type", ""))

    def _chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)


for _verb in ("GET", "POST", "PUT", "DELETE"):
    setattr(_Connection, f"do_{_verb}", _Connection.answer)
