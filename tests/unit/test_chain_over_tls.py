"""A node behind TLS: certificates are checked, and slowness is cut off there too. Nothing here needs a chain."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from daccord.errors import ExternalError, IntegrityError
from daccord.settlement import ReadPayouts, check_chain

ADDRESS = (1).to_bytes(20)
PAYOUTS = ReadPayouts(bytes(32), (ADDRESS,), (1,))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "simulated node")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    path = tmp_path_factory.mktemp("tls") / "node.pem"
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(form))
    return path


class Server(HTTPServer):
    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def node(certificate: Path, pause: float = 0.0) -> Iterator[str]:
    """A node of chain 1 on which nothing is deployed; it pauses before each byte."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            result = {"eth_chainId": "0x1", "eth_getCode": "0x"}[question["method"]]
            body = json.dumps({"jsonrpc": "2.0", "id": question["id"], "result": result}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for part in [body] if not pause else [bytes([byte]) for byte in body]:
                time.sleep(pause)
                self.wfile.write(part)
                self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def check(url: str, timeout: float = 5.0) -> Callable[[], object]:
    return lambda: check_chain(url, ADDRESS, payouts=PAYOUTS, result_hash=bytes(32), now=0, chain=1, timeout=timeout)


def test_a_trusted_node_is_asked(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with node(certificate) as url, pytest.raises(IntegrityError, match="no contract at the address"):
        check(url)()


def test_a_certificate_that_nobody_trusts_is_refused(certificate: Path) -> None:
    with node(certificate) as url, pytest.raises(ExternalError, match="SSLCertVerificationError"):
        check(url)()


def test_the_name_must_be_the_certificates(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with node(certificate) as url, pytest.raises(ExternalError, match="SSLCertVerificationError"):
        check(url.replace("127.0.0.1", "localhost"))()


def test_a_byte_at_a_time_is_cut_off(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    began = time.monotonic()
    with node(certificate, pause=0.2) as url, pytest.raises(ExternalError, match=r"within 0\.3 seconds"):
        check(url, timeout=0.3)()
    assert time.monotonic() - began < 5
