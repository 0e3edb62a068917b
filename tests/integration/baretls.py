# SPDX-License-Identifier: GPL-3.0-or-later
"""The least TLS 1.2 server there can be (RFC 5246, RFC 8422, RFC 5288): it serves any bytes as its
certificates, also those that no TLS library would load. ECDHE over P-256, AES-128-GCM, SHA-256."""

import contextlib
import hashlib
import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from servers import RawServer

VERSION = b"\x03\x03"
CHANGE_CIPHER_SPEC, HANDSHAKE, APPLICATION = 20, 22, 23
ECDHE_ECDSA_AES128_GCM, ECDHE_RSA_AES128_GCM = 0xC02B, 0xC02F
ECDSA_SHA256, RSA_PKCS1_SHA256 = 0x0403, 0x0401
P256 = 23


class Closed(OSError):
    pass


def _prf(secret, label, seed, length):
    seed = label + seed
    out, a = b"", seed
    while len(out) < length:
        a = hmac.digest(secret, a, "sha256")
        out += hmac.digest(secret, a + seed, "sha256")
    return out[:length]


def _vector(size, content):
    return len(content).to_bytes(size, "big") + content


def _message(kind, content):
    return bytes([kind]) + _vector(3, content)


class BareServer(RawServer):
    """chain: the certificates' DER, or any bytes; key: of the first one."""

    def __init__(self, chain, key, address="127.0.0.1"):
        self.chain = chain
        self.key = key
        super().__init__(self._session, address)

    def _session(self, connection):
        # What the client sends may be cut off at any point.
        with contextlib.suppress(InvalidTag, IndexError, ValueError):
            _Session(connection, self.chain, self.key).run()


class _Session:
    def __init__(self, connection, chain, key):
        self.connection = connection
        self.chain = chain
        self.key = key
        self.transcript = b""
        self.pending = b""

    def _receive(self, count):
        while len(self.pending) < count:
            more = self.connection.socket.recv(65536)
            if not more:
                raise Closed
            self.pending += more
        out, self.pending = self.pending[:count], self.pending[count:]
        return out

    def _record(self):
        kind, _, length = struct.unpack(">B2sH", self._receive(5))
        return kind, self._receive(length)

    def _handshake(self):
        """The next handshake message, which these clients send in a record of its own."""
        kind, content = self._record()
        if kind != HANDSHAKE:
            raise Closed
        while len(content) < 4 + int.from_bytes(content[1:4], "big"):
            content += self._record()[1]
        self.transcript += content
        return content[4:]

    def _send(self, *messages):
        data = b"".join(messages)
        self.transcript += data
        # a record holds 16 KiB at most
        self.connection.send(b"".join(bytes([HANDSHAKE]) + VERSION + _vector(2, data[begin:begin + 16384])
                                      for begin in range(0, len(data), 16384)))

    def _signed(self, data):
        if isinstance(self.key, rsa.RSAPrivateKey):
            return RSA_PKCS1_SHA256, self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return ECDSA_SHA256, self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    def run(self):
        client_random = self._handshake()[2:34]
        server_random = os.urandom(32)
        suite = ECDHE_RSA_AES128_GCM if isinstance(self.key, rsa.RSAPrivateKey) else ECDHE_ECDSA_AES128_GCM
        secure_renegotiation = b"\xff\x01\x00\x01\x00"
        hello = VERSION + server_random + b"\0" + suite.to_bytes(2, "big") + b"\0" + _vector(2, secure_renegotiation)
        certificates = _vector(3, b"".join(_vector(3, der) for der in self.chain))

        exchange = ec.generate_private_key(ec.SECP256R1())
        point = exchange.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        parameters = b"\x03" + P256.to_bytes(2, "big") + _vector(1, point)
        algorithm, signature = self._signed(client_random + server_random + parameters)
        self._send(_message(2, hello), _message(11, certificates),
                   _message(12, parameters + algorithm.to_bytes(2, "big") + _vector(2, signature)), _message(14, b""))

        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self._handshake()[1:])
        master = _prf(exchange.exchange(ec.ECDH(), peer), b"master secret", client_random + server_random, 48)
        block = _prf(master, b"key expansion", server_random + client_random, 40)
        client_key, server_key, client_iv, server_iv = block[:16], block[16:32], block[32:36], block[36:]

        self._record()  # ChangeCipherSpec
        _, sealed = self._record()
        sequence = bytes(8)
        finished = AESGCM(client_key).decrypt(client_iv + sealed[:8], sealed[8:],
                                              sequence + bytes([HANDSHAKE]) + VERSION + _vector(2, sealed[24:])[:2])
        self.transcript += finished
        answer = _message(20, _prf(master, b"server finished", hashlib.sha256(self.transcript).digest(), 12))
        sealed = sequence + AESGCM(server_key).encrypt(server_iv + sequence, answer,
                                                       sequence + bytes([HANDSHAKE]) + VERSION + _vector(2, answer)[:2])
        self.connection.send(bytes([CHANGE_CIPHER_SPEC]) + VERSION + b"\0\1\1" + bytes([HANDSHAKE]) + VERSION + _vector(2, sealed))
        self.connection.wait_for_close()
