#!/usr/bin/env python3
"""Checks a certificate of erasure without the service, and without any of its code.

Written from DSSE v1, in-toto Statement v1, RFC 8032 (Ed25519), RFC 2104 (HMAC), RFC 9162 sections 2.1.3.2 and 2.1.4.2
(inclusion, consistency), C2SP signed-note and tlog-checkpoint, and docs/erasure.md ("The form, to the byte").

Exit codes: 0 it holds; 1 it does not; 2 the arguments were not understood; 3 a file cannot be read.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST = 1 << 20
ORIGIN = "counterpart/ledger"
TYPES = ("https://in-toto.io/Statement/v1", "https://counterpart.example/erasure/v1")
PAYLOAD_TYPE = "application/vnd.in-toto+json"
SINKS = {"server memory", "worker memory", "data folder", "temporary folders", "database", "logs", "core dumps", "swap"}
HEX = re.compile("[0-9a-f]{64}")
WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
ENDS = {"finished", "refused", "withdrawn", "timed_out", "died", "server_ended"}

# Shapes: a class, a set of values, bits of a number, (shape or none,), [shape], {field: shape} in order.
MOMENT = {"wall": str, "monotonic_ns": (64,)}
MARKS = {"planted": 32, "seen_during": 32, "found_after": 32}
PREDICATE = {
    "submission": str, "study": str, "received": MOMENT, "erased": MOMENT, "end": ENDS, "method": [str],
    "worker": {"gone": bool, "how": str, "memory_locked": bool, "confined": bool},
    "commitment": ({"algorithm": str, "digest": str},), "canaries": MARKS, "fingerprints": MARKS,
    "sinks": [{"name": str, "bytes": 64, "found": 32, "complete": bool, "note": (str,)}],
    "kept": [{"what": str, "how_long": str}], "engine_version": str, "engine_sha256": str, "limit": str,
}
STATEMENT = {"_type": str, "subject": [{"name": str, "digest": dict}], "predicateType": str, "predicate": PREDICATE}
ENVELOPE = {"payload": str, "payloadType": str, "signatures": [{"keyid": str, "sig": str}]}
BUNDLE = {"schema": str, "envelope": ENVELOPE, "leaf_index": 64, "inclusion_proof": [str], "checkpoint": str,
          "public_key": str}
LEDGER = {"checkpoint": str, "consistency_proof": [str]}

# y of the points of small order (RFC 8032 decoding, sign bit off): such keys sign for anybody.
P = 2**255 - 19
SMALL_ORDER = {y.to_bytes(32, "little") for y in (
    0, 1, P - 1, P, P + 1, 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826,
    0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7)}


class Refused(Exception):
    """It does not hold: the reason."""


def need(fine, why):
    if not fine:
        raise Refused(why)


def read(path, what):
    with open(path, "rb") as file:
        data = file.read(MOST + 1)
    need(len(data) <= MOST, f"{what} is larger than any can be")
    return data.decode("utf-8")


def parse(text, what):
    """JSON as RFC 8259 has it: no field twice, no -0, no NaN."""
    def pairs(found):
        need(len({name for name, _ in found}) == len(found), f"{what}: a field stands there twice")
        return dict(found)

    def number(digits):
        need(not digits.startswith("-") and len(digits) <= 20, f"{what}: a number is out of range")
        return int(digits)

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{what} is not JSON") from error


def fits(value, shape, order=list):
    if isinstance(shape, int):
        return type(value) is int and 0 <= value < 1 << shape
    if isinstance(shape, tuple):
        return value is None or fits(value, shape[0], order)
    if isinstance(shape, set):
        return isinstance(value, str) and value in shape
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(v, shape[0], order) for v in value)
    if isinstance(shape, dict):
        same = isinstance(value, dict) and order(value) == order(shape)
        return same and all(fits(value[name], inner, order) for name, inner in shape.items())
    return isinstance(value, shape)


def unbase64(text, what):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise Refused(f"{what} is not base64") from error
    need(base64.b64encode(data).decode() == text, f"{what} is not base64 in its one form")
    return data


def digests(texts, what):
    need(all(map(HEX.fullmatch, texts)), f"{what} is not hexadecimal")
    return [bytes.fromhex(t) for t in texts]


def verifier_key(text, what):
    """C2SP signed-note: name, key id and key (type 1: Ed25519)."""
    parts = text.split("+", 2)
    need(len(parts) == 3 and parts[0] == ORIGIN, f"{what} is no verifier key of {ORIGIN}")
    data = unbase64(parts[2], what)
    key = data[1:]
    need(len(key) == 32 and data[0] == 1 and not small(key), f"{what} is no Ed25519 key")
    need(parts[1] == note_key_id(key).hex(), f"{what}: its id is not its own")
    return key


def note_key_id(key):
    return hashlib.sha256(ORIGIN.encode() + b"\n\x01" + key).digest()[:4]


def small(point):
    return point[:31] + bytes([point[31] & 0x7F]) in SMALL_ORDER


def signed(key, signature, message, what):
    need(len(signature) == 64 and not small(signature[:32]), f"{what} is not signed by the key")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Refused(f"{what} is not signed by the key") from error


def statement(envelope, key):
    """The predicate, if the envelope is signed, of one form, and bears its own rules out."""
    need(envelope["payloadType"] == PAYLOAD_TYPE, "the payload is of another type")
    payload = unbase64(envelope["payload"], "the payload")
    encoded = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    need(envelope["signatures"], "the certificate is not signed")
    for signature in envelope["signatures"]:
        need(signature["keyid"] == hashlib.sha256(key).hexdigest()[:16], "it is signed by another key")
        signed(key, unbase64(signature["sig"], "the signature"), encoded, "the certificate")
    said = parse(payload.decode("utf-8"), "the statement")
    need(fits(said, STATEMENT), "the statement is not of its form")
    again = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    need(again.encode("utf-8") == payload, "the statement is not in its one form")
    what = said["predicate"]
    held, name = what["commitment"], what["submission"]
    by_id = {"sha256-of-id": hashlib.sha256(name.encode()).hexdigest()}
    digest = {held["algorithm"]: held["digest"]} if held else by_id
    about = [said["_type"], said["predicateType"], said["subject"]]
    need(about == [*TYPES, [{"name": f"submission/{name}", "digest": digest}]], "the statement is about something else")
    judge(what)
    return what


def judge(what):
    """The rules of docs/erasure.md: what must be so for an erasure to be shown."""
    finished, restarted = what["end"] == "finished", what["end"] == "server_ended"
    marks, sinks, held = (what["canaries"], what["fingerprints"]), what["sinks"], what["commitment"]
    walls = [what[moment]["wall"] for moment in ("received", "erased")]
    clocks = [what[moment]["monotonic_ns"] for moment in ("received", "erased")]
    for fine, why in (
        (what["worker"]["gone"], "the process is not known to be gone"),
        (what["worker"]["confined"] or restarted, "the process was not confined"),
        (SINKS <= {s["name"] for s in sinks}, "a place was not looked at"),
        (all(s["complete"] for s in sinks), "a place was not looked at in full"),
        (all(s["found"] == 0 for s in sinks), "marks were found"),
        (all(m["found_after"] == 0 for m in marks), "marks were found after the end"),
        (not finished or all(m["seen_during"] == m["planted"] for m in marks), "the scanner may be blind"),
        (what["canaries"]["planted"] or not (finished or restarted), "no canaries were planted"),
        (all(map(WALL.fullmatch, walls)) and walls[0] <= walls[1], "the end is before the beginning"),
        (restarted or None not in clocks and clocks[0] <= clocks[1], "the end is before the beginning"),
        (any(what["method"]), "no method is given"),
        (held or not finished, "there is no commitment to the file"),
        (not held or held["algorithm"] == "hmac-sha256" and HEX.fullmatch(held["digest"]), "the commitment is none"),
        (what["engine_version"] and HEX.fullmatch(what["engine_sha256"]), "the program is not identified"),
    ):
        need(fine, why)


def checkpoint(note, key):
    """Size and root of a checkpoint that the key signed; witnesses may have signed beside."""
    need(not re.search("[\0-\x09\x0b-\x1f]", note), "the checkpoint is no signed note")
    text, blank, signatures = note.rpartition("\n\n")
    text, lines, ours = text + "\n", signatures[:-1].split("\n"), []
    need(blank and signatures.endswith("\n") and len(lines) <= 100, "the checkpoint is no signed note")
    for line in lines:
        found = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line)
        data = unbase64(found[2], "the checkpoint's signature") if found else b""
        need(len(data) >= 5, "the checkpoint is no signed note")
        if found[1] == ORIGIN and data[:4] == note_key_id(key):
            ours.append(data[4:])
    need(ours, "the checkpoint is not signed by the key")
    signed(key, ours[0], text.encode("utf-8"), "the checkpoint")
    head = text[:-1].split("\n")
    need(len(head) >= 3 and head[0] == ORIGIN and all(head[3:]), "the checkpoint is of another ledger")
    need(re.fullmatch("0|[1-9][0-9]{0,19}", head[1]) and int(head[1]) < 1 << 64, "the checkpoint has no size")
    root = unbase64(head[2], "the root")
    need(len(root) == 32, "the checkpoint has no root")
    return int(head[1]), root


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def walk(fn, sn, path, why):
    """RFC 9162, 2.1.3.2 and 2.1.4.2: each hash of a path, and whether it stands to the left."""
    for p in path:
        need(sn, why)
        left = fn & 1 or fn == sn
        yield p, left
        while left and fn and not fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, why)


def included(leaf, index, size, path, root):
    why, r = "the certificate is not in the ledger", hashlib.sha256(b"\x00" + leaf).digest()
    need(index < size, why)
    for p, left in walk(index, size - 1, path, why):
        r = node(p, r) if left else node(r, p)
    need(r == root, why)


def grown(first, second, path):
    """Heads are (size, root), the smaller first."""
    why, (m, first_root), (n, second_root) = "the ledger is not shown to have only grown", first, second
    if m == n:
        return need(m > 0 and not path and first_root == second_root, why)
    path = [first_root, *path] if m & (m - 1) == 0 else path
    need(m > 0 and path, why)
    fn, sn, fr, sr = m - 1, n - 1, path[0], path[0]
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    for c, left in walk(fn, sn, path[1:], why):
        fr, sr = (node(c, fr), node(c, sr)) if left else (fr, node(sr, c))
    need(fr == first_root and sr == second_root, why)


def leaf(envelope):
    texts = [envelope["payloadType"], envelope["payload"]]
    for signature in envelope["signatures"]:
        texts += [signature["keyid"], signature["sig"]]
    raw = (t.encode("utf-8") for t in texts)
    return hashlib.sha256(b"counterpart envelope 1\n" + b"".join(struct.pack(">Q", len(t)) + t for t in raw)).digest()


def verify(args):
    text, known = read(args.certificate, "the certificate"), None
    if args.key is not None:
        known = verifier_key(read(args.key, "the key").strip(" \t\n\r\f"), "the key given")
    bundle = parse(text, "the certificate")
    need(fits(bundle, BUNDLE, order=set), "this is not a certificate of erasure: its fields")
    need(bundle["schema"] == "counterpart.certificate/1", "this is not a certificate of erasure: its schema")
    key = verifier_key(bundle["public_key"], "its public key")
    need(known in (None, key), "it is signed with another key than the one given")
    what = statement(bundle["envelope"], key)
    head = checkpoint(bundle["checkpoint"], key)
    path = digests(bundle["inclusion_proof"], "the inclusion proof")
    included(leaf(bundle["envelope"]), bundle["leaf_index"], head[0], path, head[1])
    if args.ledger is not None:
        ledger = parse(read(args.ledger, "the ledger file"), "the ledger file")
        need(fits(ledger, LEDGER, order=set), "the ledger file is not `checkpoint` and `consistency_proof`")
        heads = sorted([checkpoint(ledger["checkpoint"], key), head], key=lambda h: h[0])
        grown(*heads, digests(ledger["consistency_proof"], "the consistency proof"))
    if args.file is not None:
        salt, = digests([args.salt.lower()], "--salt")
        held = hmac.new(salt, digestmod=hashlib.sha256)
        with open(args.file, "rb") as file:
            while piece := file.read(1 << 16):
                held.update(piece)
        same = what["commitment"] and what["commitment"]["digest"] == held.hexdigest()
        need(same, "list and salt are not those of this certificate")
    return what


def main():
    arguments = argparse.ArgumentParser(description="Checks a certificate of erasure.", allow_abbrev=False)
    arguments.add_argument("certificate")
    for name in ("--key", "--ledger", "--file", "--salt"):
        arguments.add_argument(name)
    args = arguments.parse_args()
    if (args.file is None) != (args.salt is None):
        arguments.error("--file and --salt belong together")
    try:
        what = verify(args)
    except OSError as error:
        print(f"error: cannot read a file: {error.strerror}", file=sys.stderr)
        return 3
    except (Refused, UnicodeError) as why:
        print(f"error: {why if isinstance(why, Refused) else 'it is not text'}", file=sys.stderr)
        return 1
    print(f"The certificate holds: submission {what['submission']}, erased {what['erased']['wall']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
