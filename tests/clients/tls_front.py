"""HTTPS in front of the sandbox, for the one part of a client that insists on it.

The DocuSign client writes ``https://`` before the OAuth host by itself and signs that host into the assertion as its
audience. So the sandbox, which speaks plain HTTP, needs TLS in front of it, under the host's own name. This is done by
settings which the client has for companies with a filtering proxy: ``Configuration.proxy`` and
``Configuration.ssl_ca_cert``. Nothing in the client is patched or subclassed.

The proxy takes ``CONNECT host:port`` for any host, answers the handshake with a certificate for that host and hands
each request to the sandbox.
"""

import datetime
import http.client
import ipaddress
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PER_CONNECTION = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length"}


class TlsFront:
    """A running proxy; ``proxy`` and ``ca_file`` are what a client has to be given."""

    def __init__(self, sandbox_url: str, folder: Path):
        self._sandbox = urlsplit(sandbox_url).netloc
        self._folder = folder
        self._authority = _Authority()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.ca_file = str(folder / "ca.pem")
        Path(self.ca_file).write_bytes(self._authority.pem)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.proxy = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            chain = self._folder / f"{host}.pem"
            chain.write_bytes(self._authority.certify(host))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain)
            self._contexts[host] = context
        return self._contexts[host]

    def _handler(self):
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):
                context = front._context(self.path.rpartition(":")[0])
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                super().finish()
                self.request = context.wrap_socket(self.connection, server_side=True)
                self.setup()
                self.close_connection = False

            def finish(self):
                super().finish()
                # The server closes the socket that it accepted, and that one was given up for the TLS socket.
                self.connection.close()

            def _hand_on(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                headers = {k: v for k, v in self.headers.items() if k.lower() not in PER_CONNECTION}
                inner = http.client.HTTPConnection(front._sandbox, timeout=30)
                try:
                    inner.request(self.command, self.path, body=body, headers=headers)
                    answer = inner.getresponse()
                    content = answer.read()
                finally:
                    inner.close()
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in PER_CONNECTION:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _hand_on

            def log_message(self, *_):
                """Silent: a request line here may carry a secret."""

        return Handler


class _Authority:
    """A certificate authority that lives as long as the test run."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox test authority")])
        self._certificate = (
            self._builder(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)

    def certify(self, host: str) -> bytes:
        """Key and certificate of one host, as a server wants to load them."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        certificate = (
            self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), key.public_key())
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ) + certificate.public_bytes(serialization.Encoding.PEM)

    def _builder(self, subject: x509.Name, public_key) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
