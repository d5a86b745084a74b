"""The brand's own system: asked for orders over real TLS on loopback, as slow as wanted, with ways to fail and a record of what it was asked."""

import datetime as dt
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ORDER = {"number": "A-1024", "status": "配送中", "item": "桂花拿铁等 2 件", "updated": "今天 10:24"}


@dataclass
class Crm:
    """What the server knows and does. With ``held`` it answers only once ``let_go`` is set; ``seconds`` is how long it thinks besides."""

    url: str = ""
    status: int = 200
    answer: bytes = json.dumps({"orders": [ORDER]}).encode()
    seconds: float = 0.0
    held: bool = False
    let_go: threading.Event = field(default_factory=threading.Event)
    asked: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class _Handler(BaseHTTPRequestHandler):
    crm: Crm

    def do_POST(self) -> None:
        crm = self.crm
        crm.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        crm.authorizations.append(self.headers["Authorization"] or "")
        crm.arrived.release()
        if crm.held:
            crm.let_go.wait(60)
        elif crm.seconds:
            threading.Event().wait(crm.seconds)
        self.send_response(crm.status)
        self.send_header("Location", "https://localhost/elsewhere")
        self.send_header("Content-Length", str(len(crm.answer)))
        self.end_headers()
        self.wfile.write(crm.answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's name)
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that gave up is part of the play


@contextmanager
def crm_api(folder: Path) -> Iterator[Crm]:
    """Run the system on a free port of loopback; its certificate is ``certificate_of(folder)``."""
    crm = Crm()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"crm": crm}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    crm.url = f"https://localhost:{server.server_address[1]}/orders?key=of-the-crm"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield crm
    finally:
        crm.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def certificate_of(folder: Path) -> Path:
    """The file with key and certificate."""
    return folder / "crm.pem"


def make_certificate(folder: Path) -> Path:
    """Write a key and a certificate for localhost, signed by itself; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = certificate_of(folder)
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file
