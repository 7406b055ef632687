"""From `$secrets.NAME` to the reference that an activity resolves."""

import re

from pydantic import JsonValue

from tenuto.catalog.library.definitions.secrets import secret_reference
from tenuto.core.errors import UsageError
from tenuto.definitions.expressions import expression_in, is_expression

_NAMED = re.compile(r"\$secrets\b")
_MEMBER = re.compile(r"""\s*(?:\.\s*([A-Za-z_]\w*)|\.\s*"([^"\\]+)"|\[\s*"([^"\\]+)"\s*\])""")
_SECRET = re.compile(rf"\$secrets((?:{_MEMBER.pattern})+)")


def with_references(value: JsonValue) -> JsonValue:
    """`value` with every `${ $secrets.NAME }` replaced by its reference."""
    if isinstance(value, dict):
        return {key: with_references(each) for key, each in value.items()}
    if isinstance(value, list):
        return [with_references(each) for each in value]
    if isinstance(value, str) and is_expression(value):
        match = _SECRET.fullmatch(expression_in(value).strip())
        if match:
            name, *members = ("".join(found) for found in _MEMBER.findall(match[1]))
            return secret_reference(name, "_".join(members) or None)
    return value


def refuse_secret(jq: str, at: str) -> None:
    """Raises UsageError `definition.secret-exposed` for an expression that reads a secret.

    Its value would be written to the history of the run.
    """
    if _NAMED.search(jq):
        raise UsageError(
            f"`{at or '/'}`: the expression `{jq}` reads a secret here, which would write it to"
            " the run's history. A secret may only be the whole value of an argument of an activity"
            " or of an authentication: `token: ${ $secrets.NAME }`.",
            code="definition.secret-exposed",
            details={"path": at},
        )
