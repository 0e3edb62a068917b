# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA that publishes renewal information (RFC 9773) over TLS on loopback, and its faults.

    server = AriServer(context)               a directory at server.url, a window for every certificate
    server.renewal_info = status(404)         from now on, the renewal information is answered so
    server.directory = not_json               likewise the directory

An answer is a function of a Request; the ones that this file has are at its end.
"""

import contextlib
import datetime
import json
import ssl
from dataclasses import dataclass

import servers

DIRECTORY_PATH = "/directory"
INFO_PATH = "/renewal-info"


def timestamp(seconds):
    """As RFC 3339 writes it."""
    return f"{datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class Request:
    server: "AriServer"
    connection: servers.Connection
    tls: ssl.SSLSocket
    line: str
    headers: dict  # names in lower case

    @property
    def path(self):
        return self.line.split(" ")[1]

    def send(self, data):
        self.tls.sendall(data)

    def answer(self, body, status="200 OK", headers=()):
        """A whole answer; a body that is no bytes is written as JSON."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}",
                 *headers, "", ""]
        self.send("\r\n".join(lines).encode() + body)


class AriServer(servers.RawServer):
    """window: the start and end that is suggested, in seconds since the epoch."""

    def __init__(self, context, window=(0, 1), *, host="127.0.0.1", address="127.0.0.1",
                 explanation=None, retry_after="21600"):
        self.context = context
        self.window = window
        self.host = host
        self.explanation = explanation
        self.retry_after = retry_after
        self.directory = good_directory
        self.renewal_info = good_renewal_info
        self.requests = []
        super().__init__(self._serve_tls, address)

    @property
    def base(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}:{self.port}"

    @property
    def url(self):
        return self.base + DIRECTORY_PATH

    def asked_for(self):
        """The paths of all requests so far."""
        return [request.path for request in self.requests]

    def _serve_tls(self, connection):
        with contextlib.suppress(ssl.SSLError):  # the client may not trust this server
            with self.context.wrap_socket(connection.socket, server_side=True) as tls:
                if request := self._request(connection, tls):
                    self.requests.append(request)
                    self._answer(request)

    def _request(self, connection, tls):
        data = b""
        while b"\r\n\r\n" not in data:
            part = tls.recv(4096)
            if not part:
                return None
            data += part
        line, *fields = data.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
        headers = dict(field.split(": ", 1) for field in fields)
        return Request(self, connection, tls, line, {name.lower(): value for name, value in headers.items()})

    def _answer(self, request):
        if request.path == DIRECTORY_PATH:
            self.directory(request)
        elif request.path.startswith(INFO_PATH + "/"):
            self.renewal_info(request)
        else:
            request.answer(b"", "404 Not Found")


# --- Good answers ------------------------------------------------------------------------------


def good_directory(request):
    base = request.server.base
    request.answer({"newNonce": base + "/nonce", "newOrder": base + "/order",
                    "renewalInfo": base + INFO_PATH, "meta": {"website": base}})


def renewal_info(server):
    start, end = server.window
    info = {"suggestedWindow": {"start": timestamp(start), "end": timestamp(end)}}
    if server.explanation is not None:
        info["explanationURL"] = server.explanation
    return info


def good_renewal_info(request):
    server = request.server
    fields = [f"Retry-After: {server.retry_after}"] if server.retry_after is not None else []
    request.answer(renewal_info(server), headers=fields)


def chunked(request):
    """The same in chunks of seven bytes, with an extension and a trailer."""
    body = json.dumps(renewal_info(request.server)).encode()
    request.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(body), 7):
        part = body[at:at + 7]
        request.send(b"%x;a=b\r\n%b\r\n" % (len(part), part))
    request.send(b"0\r\nX-Trailer: y\r\n\r\n")


def until_close(request):
    """The same as an HTTP/1.0 server sends it."""
    request.send(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(renewal_info(request.server)).encode())


# --- Faults: each may be the server's directory or renewal_info --------------------------------


def status(code, *headers):
    return lambda request: request.answer({"type": "urn:ietf:params:acme:error:x"}, f"{code} Reason", headers)


def body(content):
    """Any body with status 200: bytes, or what JSON can write."""
    return lambda request: request.answer(content)


def raw(data):
    """Any bytes instead of HTTP."""
    return lambda request: request.send(data)


not_json = body(b"<html>It works!</html>")


def redirect(request):
    request.answer(b"", "302 Found", [f"Location: {request.server.base}/elsewhere"])


def huge_header(request):
    with contextlib.suppress(OSError):
        request.send(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * 1000 + b"\r\n")
        for _ in range(10000):
            request.send(b"X-Filler: " + b"x" * 1000 + b"\r\n")


def endless_line(request):
    request.send(b"HTTP/1.1 200 OK\r\nX: ")
    _endless(request, b"x" * 65536)


def endless_body(request):
    request.send(b"HTTP/1.1 200 OK\r\n\r\n")
    _endless(request, b" " * 65536)


def endless_chunks(request):
    request.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _endless(request, b"1000\r\n" + b" " * 4096 + b"\r\n")


def _endless(request, data):
    """Until the client has enough. Two writes a millisecond, so that the test's machine is not kept busy."""
    while not request.connection.wait(0.0005):
        request.send(data)


def drip(request):
    """A good answer, one byte each tenth of a second."""
    content = json.dumps(renewal_info(request.server)).encode()
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content):
        request.send(bytes([byte]))
        if request.connection.wait(0.1):
            return


def silent(request):
    """No answer at all, until the client hangs up."""
    with contextlib.suppress(OSError):
        while request.tls.recv(4096):
            pass


def cut_off(request):
    """Less than was promised."""
    request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def reset(request):
    """The connection is reset in the middle of the answer."""
    request.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    # The client has read this before the reset throws it away.
    request.connection.wait(0.1)
    servers.Connection(request.tls, request.connection.stopping).reset()
