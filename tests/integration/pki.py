# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of any shape, written as DER by hand: no library refuses hostile names, odd dates or
weak keys here. All times are seconds since the epoch, as --at=@SECONDS takes them."""

import base64
import datetime
import hashlib
import ipaddress
import itertools
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86400

# The tests' "now": certificates have fixed dates around it, and --at judges as of it.
NOW = 1893456000  # 2030-01-01T00:00:00Z
CA_BEGIN = NOW - 10 * 365 * DAY
CA_END = NOW + 25 * 365 * DAY


# --- DER ---------------------------------------------------------------------------------------


def tlv(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted):
    first, second, *rest = (int(part) for part in dotted.split("."))
    out = bytearray()
    for arc in [first * 40 + second, *rest]:
        group = [arc & 0x7F]
        while arc := arc >> 7:
            group.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(group))
    return tlv(0x06, bytes(out))


def bit_string(content, unused=0):
    return tlv(0x03, bytes([unused]), content)


def octet_string(content):
    return tlv(0x04, content)


UTF8, PRINTABLE, TELETEX, IA5, BMP = 0x0C, 0x13, 0x14, 0x16, 0x1E


def time(seconds):
    """UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5); bytes go in as they are."""
    if isinstance(seconds, bytes):
        return seconds
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    if 1950 <= when.year < 2050:
        return tlv(0x17, when.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, f"{when.year:04d}{when:%m%d%H%M%S}Z".encode())


def date(seconds):
    """2030-01-21, as the output writes dates."""
    return f"{datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds):%Y-%m-%d}"


NAME_TYPES = {"C": "2.5.4.6", "O": "2.5.4.10", "OU": "2.5.4.11", "CN": "2.5.4.3"}


def name(*attributes):
    """A distinguished name of (type, text or bytes, string tag) attributes."""
    sets = []
    for kind, value, *tag in attributes:
        raw = value.encode() if isinstance(value, str) else value
        sets.append(tlv(0x31, sequence(oid(NAME_TYPES[kind]), tlv(tag[0] if tag else UTF8, raw))))
    return sequence(*sets)


def common_name(text, tag=UTF8):
    return name(("CN", text, tag))


def dns(text):
    return tlv(0x82, text if isinstance(text, bytes) else text.encode())


def ip(text):
    return tlv(0x87, ipaddress.ip_address(text).packed)


# --- Keys --------------------------------------------------------------------------------------

_rsa_keys = {}
_turn = itertools.count()


def ec_key(curve=ec.SECP256R1):
    return ec.generate_private_key(curve())


def rsa_key(bits=2048, which=0):
    """Kept for the session: an RSA key takes its time. Another which is another key."""
    if (bits, which) not in _rsa_keys:
        _rsa_keys[bits, which] = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return _rsa_keys[bits, which]


HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha1": hashes.SHA1, "md5": hashes.MD5}
ECDSA_OIDS = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha1": "1.2.840.10045.4.1"}
RSA_OIDS = {"sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12",
            "sha1": "1.2.840.113549.1.1.5", "md5": "1.2.840.113549.1.1.4"}


def _algorithm(key, digest):
    if isinstance(key, rsa.RSAPrivateKey):
        return sequence(oid(RSA_OIDS[digest]), tlv(0x05))
    return sequence(oid(ECDSA_OIDS[digest]))


def _sign(key, digest, data):
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), HASHES[digest]())
    return key.sign(data, ec.ECDSA(HASHES[digest]()))


# --- Certificates ------------------------------------------------------------------------------


def pem(der, label="CERTIFICATE"):
    text = base64.b64encode(der).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


@dataclass(frozen=True)
class Certificate:
    der: bytes
    key: object
    subject: bytes
    key_id: bytes
    not_before: int
    not_after: int
    issuer: "Certificate" = None

    @property
    def pem(self):
        return pem(self.der)

    @property
    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()).decode()

    @property
    def lifetime(self):
        return self.not_after - self.not_before

    def at(self, left):
        """The --at option for the moment with that many seconds left."""
        return f"--at=@{self.not_after - left}"


def _extension(dotted, value, critical=False):
    return sequence(oid(dotted), tlv(0x01, b"\xff") if critical else b"", octet_string(value))


EXTENDED_KEY_USAGES = {"serverAuth": "1.3.6.1.5.5.7.3.1", "clientAuth": "1.3.6.1.5.5.7.3.2",
                       "emailProtection": "1.3.6.1.5.5.7.3.4"}


def issue(subject, issuer=None, *, not_before=NOW - 70 * DAY, not_after=NOW + 20 * DAY, ca=False,
          names=None, key=None, digest="sha256", serial=None, purposes=("serverAuth",),
          raw_not_after=None, raw_not_before=None, path_length=None, signer=None):
    """A certificate signed by issuer, or self-signed without one.

    subject  text for a CN, or a whole name as DER
    names    SAN entries as DER (dns(), ip()); by default the subject where it is text, for a leaf
    signer   another key than the issuer's: the signature is then wrong
    """
    key = key or ec_key()
    if names is None:
        names = [dns(subject)] if isinstance(subject, str) and not ca else []
    subject = common_name(subject) if isinstance(subject, str) else subject
    spki = key.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)
    key_id = hashlib.sha1(spki).digest()
    signing_key = signer or (issuer.key if issuer else key)
    issuer_key_id = issuer.key_id if issuer else key_id
    if serial is None:
        serial = (NOW << 16) + next(_turn)

    constraints = sequence(tlv(0x01, b"\xff") if ca else b"",
                           integer(path_length) if path_length is not None else b"")
    extensions = [_extension("2.5.29.19", constraints, True)]
    # keyCertSign and cRLSign, or digitalSignature (and keyEncipherment for RSA)
    if ca:
        extensions.append(_extension("2.5.29.15", bit_string(b"\x06", 1), True))
    else:
        extensions.append(_extension("2.5.29.15", bit_string(b"\xa0", 5), True))
        if purposes:
            uses = [oid(EXTENDED_KEY_USAGES[purpose]) for purpose in purposes]
            extensions.append(_extension("2.5.29.37", sequence(*uses)))
    if names:
        extensions.append(_extension("2.5.29.17", sequence(*names)))
    extensions.append(_extension("2.5.29.14", octet_string(key_id)))
    extensions.append(_extension("2.5.29.35", sequence(tlv(0x80, issuer_key_id))))

    algorithm = _algorithm(signing_key, digest)
    tbs = sequence(tlv(0xA0, integer(2)), integer(serial), algorithm,
                   issuer.subject if issuer else subject,
                   sequence(raw_not_before or time(not_before), raw_not_after or time(not_after)),
                   subject, spki, tlv(0xA3, sequence(*extensions)))
    der = sequence(tbs, algorithm, bit_string(_sign(signing_key, digest, tbs)))
    return Certificate(der, key, subject, key_id, not_before, not_after, issuer)


def authority(subject, issuer=None, *, not_before=CA_BEGIN, not_after=CA_END, **options):
    return issue(subject, issuer, not_before=not_before, not_after=not_after, ca=True, **options)


class PKI:
    """A root, an intermediate and what they issue; one for the whole session."""

    def __init__(self, directory):
        self.directory = directory
        self.root = authority("Test Root")
        self.intermediate = authority("Test Intermediate", self.root, path_length=0)
        self.root_file = str(self.write("root.pem", self.root))

    def write(self, file_name, *items):
        """Certificates (as PEM), text or bytes, one after the other, to a file."""
        path = self.directory / file_name
        path.write_bytes(b"".join(encode(item) for item in items))
        return path

    def leaf(self, subject="www.example.test", issuer=None, **options):
        return issue(subject, issuer or self.intermediate, **options)

    def chain(self, subject="www.example.test", **options):
        return [self.leaf(subject, **options), self.intermediate]


def encode(item):
    if isinstance(item, Certificate):
        return item.pem.encode()
    return item if isinstance(item, bytes) else item.encode()
