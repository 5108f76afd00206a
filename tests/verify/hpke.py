"""Sealed lists, a second time: HPKE (RFC 9180) base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256,
AES-GCM, one message, by hand from the RFC; the form of the file as docs/erasure.md has it.

    hpke.py vector                      appendix A.3.1 of the RFC
    hpke.py key                         a private and a public key, hexadecimal
    hpke.py open PRIVATE SUBMISSION     a sealed list from standard input
    hpke.py seal PUBLIC SUBMISSION      a list from standard input
"""

import hmac
import struct
import sys
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

INFO = b"counterpart sealed upload 1"
KEM = b"KEM" + struct.pack(">H", 0x0010)
AES_128, AES_256 = 1, 2


def point(private):
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def private_of(text):
    return ec.derive_private_key(int(text, 16), ec.SECP256R1())


def public_of(point):
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def extract(suite, salt, label, secret):
    return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, sha256)


def expand(suite, prk, label, info, length):
    info = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    done, block, n = b"", b"", 1
    while len(done) < length:
        block = hmac.digest(prk, block + info + bytes([n]), sha256)
        done, n = done + block, n + 1
    return done[:length]


def cipher(private, peer, sent, received, info, aead):
    """Sections 4.1 and 5.1: the cipher and its first nonce."""
    shared = private.exchange(ec.ECDH(), public_of(peer))
    shared = expand(KEM, extract(KEM, b"", b"eae_prk", shared), b"shared_secret", sent + received, 32)
    suite = b"HPKE" + struct.pack(">HHH", 0x0010, 0x0001, aead)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", context, 16 if aead == AES_128 else 32)
    return AESGCM(key), expand(suite, secret, b"base_nonce", context, 12)


def vector():
    private = private_of("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")
    sent = bytes.fromhex("04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
                         "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4")
    aes, nonce = cipher(private, sent, sent, point(private), b"Ode on a Grecian Urn", AES_128)
    sealed = bytes.fromhex("5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f"
                           "9076ac232e3ab2523f39513434")
    assert nonce.hex() == "4e0bc5018beba4bf004cca59"
    assert aes.decrypt(nonce, sealed, b"Count-0") == b"Beauty is truth, truth beauty"


def main(what, key="", submission=""):
    put = sys.stdout.buffer.write
    if what == "vector":
        vector()
    elif what == "key":
        private = ec.generate_private_key(ec.SECP256R1())
        print(f"{private.private_numbers().private_value:064x} {point(private).hex()}")
    elif what == "open":
        sealed, private = sys.stdin.buffer.read(), private_of(key)
        length = int.from_bytes(sealed[4:6], "big")
        assert sealed[:4] == b"CPS1" and length == 65
        sent, rest = sealed[6:71], sealed[71:]
        aes, nonce = cipher(private, sent, sent, point(private), INFO, AES_256)
        put(aes.decrypt(nonce, rest, submission.encode()))
    elif what == "seal":
        private, public = ec.generate_private_key(ec.SECP256R1()), bytes.fromhex(key)
        sent = point(private)
        aes, nonce = cipher(private, public, sent, public, INFO, AES_256)
        put(b"CPS1" + len(sent).to_bytes(2, "big") + sent
            + aes.encrypt(nonce, sys.stdin.buffer.read(), submission.encode()))


if __name__ == "__main__":
    main(*sys.argv[1:])
