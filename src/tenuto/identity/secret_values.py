"""From a reference such as `secret://env/NAME` to the secret, at the moment of use.

Only the reference is ever stored, sent, or logged. The value comes as a `SecretStr`, which
prints as asterisks.
"""

import os
import re

from pydantic import SecretStr

from tenuto.core.errors import NotFoundError, UsageError

_REFERENCE = re.compile(r"secret://env/([A-Za-z_][A-Za-z0-9_]*)")


def resolve_secret(reference: str) -> SecretStr:
    """The value behind `reference`: `secret://env/NAME` is the environment variable `NAME`.

    Raises UsageError `secret.reference-invalid`, whose message does not repeat the text, because
    it may be the secret itself; NotFoundError `secret.missing`, naming the variable.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise UsageError(
            "a secret is given in a form that cannot be resolved (not shown here, since it may be "
            "the secret itself); write secret://env/NAME and set NAME on the worker",
            code="secret.reference-invalid",
        )
    name = match[1]
    value = os.environ.get(name)
    if not value:
        raise NotFoundError(
            f"{reference} has no value: the environment variable {name} is not set on this worker, "
            "or is empty; set it and start the worker again",
            code="secret.missing",
            details={"name": name},
        )
    return SecretStr(value)
