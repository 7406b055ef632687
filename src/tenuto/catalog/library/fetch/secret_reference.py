"""The form in which a secret may be named in a request."""

from typing import Annotated

from pydantic import StringConstraints

SecretReference = Annotated[str, StringConstraints(pattern=r"^secret://[a-z]+/[^\s]+$")]
"""For example `secret://env/PRICES_API_KEY`: the worker's environment variable of that name. Only
the reference is stored in a run; the worker resolves it when it is used."""
