"""Six digits, and what proves that somebody has them without saying them."""

import hashlib
import secrets

_DIGITS = 6
_COST = {"n": 2**14, "r": 8, "p": 1}


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"


def new_salt() -> str:
    """Sixteen random bytes, in hexadecimal."""
    return secrets.token_hex(16)


def proof_of(code: str, salt: str) -> str:
    """What somebody sends in place of the code: slow to work out, so that a million codes take
    long to try."""
    return hashlib.scrypt(code.strip().encode(), salt=bytes.fromhex(salt), **_COST).hex()


def digest_of(proof: str) -> str:
    """What is kept to know a proof by."""
    return hashlib.sha256(proof.encode()).hexdigest()
