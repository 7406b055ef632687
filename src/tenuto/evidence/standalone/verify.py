"""Verifies the evidence in this folder with nothing but Python 3.10 or later.

    python3 -I verify.py
    python3 -I verify.py --key KEY     (only what that key signed counts)

It needs no installation, no network, and no trust in whoever made the bundle, except for one
thing: that the key is the right one. Compare it with a copy that came to you another way.

Ed25519 after RFC 8032, Merkle inclusion after RFC 6962 and RFC 9162, notes after C2SP signed-note.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Point = tuple[int, int, int, int]
"""Of the curve edwards25519, in extended coordinates."""
Json = dict[str, Any]

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
DASH = "\u2014"


class WrongError(Exception):
    """What does not fit, in a sentence."""


def add(p: Point, q: Point) -> Point:
    """The sum of two points of the curve, in extended coordinates."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c = 2 * p[3] * q[3] * D % PRIME
    d = 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number: int, point: Point) -> Point:
    """The point added to itself so many times."""
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def x_of(y: int, sign: int) -> int | None:
    """The x that belongs to y on the curve, with that lowest bit; None where there is none."""
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, PRIME - 2, PRIME) % PRIME
    if square == 0:
        return None if sign else 0
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME:
        return None
    return PRIME - x if x & 1 != sign else x


def point_of(data: bytes) -> Point | None:
    """The point that 32 bytes stand for; None where they stand for none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % PRIME)


BASE_Y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
BASE_X = x_of(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % PRIME)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature of the message is of the key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or point is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    left, right = times(s, BASE), add(point, times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % PRIME == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % PRIME == 0


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to from a leaf; None where it does not fit the size."""
    place, last = index, size - 1
    for step in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            leaf = node(step, leaf)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            leaf = node(leaf, step)
        place, last = place >> 1, last >> 1
    return leaf if last == 0 else None


def read(folder: Path, name: str) -> bytes:
    """The bytes of a file of the bundle."""
    return folder.joinpath(*name.split("/")).read_bytes()


def exact(text: str) -> bytes:
    """The bytes of base64 that is written in its one form."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise WrongError(f"the checkpoint: {text[:20]} is not written as it was")
    return data


def check_files(folder: Path) -> list[str]:
    """Every file is the one that was packed, and there is no other. Returns their names."""
    packed = {}
    for line in read(folder, "SHA256SUMS").decode().split("\n")[:-1]:
        packed[line[66:]] = line[:66]
    files = (each for each in folder.rglob("*") if not each.is_dir() or each.is_symlink())
    found = {each.relative_to(folder).as_posix() for each in files} - {"SHA256SUMS"}
    if found != set(packed):
        raise WrongError(f"files were added or removed: {', '.join(sorted(found ^ set(packed)))}")
    for name, told in packed.items():
        if hashlib.sha256(read(folder, name)).hexdigest() + "  " != told:
            raise WrongError(f"{name} is not the file that was packed")
    sums = "".join(f"{packed[name]}{name}\n" for name in sorted(packed))
    if sums.encode() != read(folder, "SHA256SUMS"):
        raise WrongError("SHA256SUMS is not written as it was")
    return sorted(packed)


def check_note(note: bytes, keys: dict[str, bytes], wanted: str) -> tuple[str, int, bytes, str]:
    """Returns origin, size, root, and the key that signed the checkpoint."""
    text, _, signatures = note.decode().partition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    for line in signatures.split("\n")[:-1]:
        dash, name, encoded = line.split(" ")
        raw = exact(encoded)
        for kid, public in sorted(keys.items()):
            named = hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
            if (dash, name, raw[:4]) != (DASH, origin, named) or (wanted and kid != wanted):
                continue
            if is_signed(public, text.encode(), raw[4:]):
                return origin, int(size), exact(root), kid
    raise WrongError(f"the checkpoint is not signed by {wanted or 'any key of the bundle'}")


def check_records(folder: Path, size: int, root: bytes) -> list[Json]:
    """Every record is in the ledger that the checkpoint stands for. Returns the records."""
    lines = read(folder, "records.jsonl").split(b"\n")[:-1]
    proofs = json.loads(read(folder, "proofs.json").decode())
    if len(lines) != len(proofs):
        raise WrongError(f"there are {len(lines)} records and {len(proofs)} proofs")
    records: list[Json] = []
    for place, line in enumerate(lines):
        record, proof = json.loads(line.decode()), proofs[place]
        leaf = hashlib.sha256(b"\x00" + line).digest()
        steps = [bytes.fromhex(step) for step in proof]
        if root_by(leaf, record["seq"], size, steps) != root:
            raise WrongError(f"record {record['seq']} is not in the ledger of the checkpoint")
        if records and record["seq"] <= records[-1]["seq"]:
            raise WrongError(f"record {record['seq']} is there twice or out of order")
        records.append(record)
    return records


def check_blobs(folder: Path, records: list[Json]) -> int:
    """Everything that a record speaks of is here, and is what it was. Returns how many."""
    count = 0
    for record in records:
        for blob in record["entry"]["blobs"]:
            data = read(folder, "blobs/" + blob["sha256"])
            if hashlib.sha256(data).hexdigest() != blob["sha256"] or len(data) != blob["bytes"]:
                raise WrongError(f"blob {blob['sha256']} is not what record {record['seq']} says")
            count += 1
    return count


def check_artifacts(folder: Path, names: list[str]) -> int:
    """Every artifact has the hash that is its name. Returns how many there are."""
    artifacts = [name for name in names if name.startswith("artifacts/")]
    for name in artifacts:
        if hashlib.sha256(read(folder, name)).hexdigest() != name.split("/")[1]:
            raise WrongError(f"{name} is not the artifact of that hash")
    return len(artifacts)


def check(folder: Path, wanted: str = "") -> list[str]:
    """What is in order, line by line. Raises WrongError for the first thing that is not."""
    names = check_files(folder)
    told = json.loads(read(folder, "keys.json").decode())
    keys = {}
    for each in told:
        public = exact(each["public"])
        if hashlib.sha256(public).hexdigest()[:16] != each["kid"]:
            raise WrongError(f"key {each['kid']} is not the key of that name")
        keys[each["kid"]] = public
    origin, size, root, kid = check_note(read(folder, "checkpoint"), keys, wanted)
    records = check_records(folder, size, root)
    blobs = check_blobs(folder, records)
    artifacts = check_artifacts(folder, names)
    return [
        f"{len(names)} files are the files that were packed",
        f"the checkpoint of {origin} at {size} records is signed by key {kid}",
        f"{len(records)} records are among them",
        f"{blobs} histories and texts are those that the records speak of",
        f"{artifacts} artifacts have the hashes that are their names",
        "readable/ is a translation for reading: what is proved are records.jsonl and blobs/",
    ]


def main(arguments: list[str]) -> int:
    """Prints what was found. Returns 0 where everything is in order, 1 where it is not."""
    folder = Path(__file__).resolve().parent
    wanted = ""
    if arguments[:1] == ["--key"] and len(arguments) == 2:
        wanted = arguments[1]
    elif arguments:
        print("usage: verify.py [--key KEY]")
        return 2
    try:
        lines = check(folder, wanted)
    except WrongError as wrong:
        print(f"WRONG: {wrong}")
        return 1
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as wrong:
        print(f"WRONG: the bundle cannot be read: {type(wrong).__name__}: {wrong}")
        return 1
    for line in lines:
        print(f"ok: {line}")
    print("GENUINE, if the key is. Compare it with the copy that came to you another way.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
