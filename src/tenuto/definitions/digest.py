"""The digest of a plan: what tells one definition from another."""

from tenuto.core.canonical import canonical_sha256
from tenuto.definitions.plan import Plan


def digest_of(plan: Plan) -> str:
    """SHA-256 of the plan's canonical JSON, in lower-case hexadecimal.

    Order of keys, formatting, and comments of the definition do not change it; everything that
    changes what a run does, does. A plan is written without the fields that stand at their
    default, so a release that adds one does not change the digests of plans that do not use it.
    """
    return canonical_sha256(plan)
