"""The arguments of the specification's own calls, in the one form that their activities take."""

from pydantic import JsonValue

from tenuto.catalog.library.definitions.secrets import secret_places
from tenuto.definitions.compiling.endpoints import authentication, endpoint
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import mapping
from tenuto.definitions.compiling.structures import Body
from tenuto.definitions.plan import Template


def http_request(body: Body, scope: Scope, at: str) -> Template:
    """The request of `call: http`: as written, with `endpoint: {uri, authentication?}`."""
    written = mapping(body.get("with"), f"{at}/with")
    return _with_secrets(_compiled(written, scope, f"{at}/with"))


def openapi_request(body: Body, scope: Scope, at: str) -> Template:
    """The request of `call: openapi`: as written, with the document's endpoint in long form."""
    written = mapping(body.get("with"), f"{at}/with")
    compiled = _compiled(written, scope, f"{at}/with")
    where = f"{at}/with/document"
    resource = mapping(written.get("document"), where)
    compiled["document"] = _compiled(resource, scope, where)
    return _with_secrets(compiled)


def _with_secrets(request: dict[str, JsonValue]) -> Template:
    """With the places of secrets listed, before expressions bring in data that look like one."""
    places: list[JsonValue] = list(secret_places(request))
    return {**request, "secrets": places} if places else request


def _compiled(written: dict[str, JsonValue], scope: Scope, at: str) -> dict[str, JsonValue]:
    compiled: dict[str, JsonValue] = {}
    for key, value in written.items():
        if key == "endpoint":
            compiled[key] = endpoint(value, scope, f"{at}/{key}")
        elif key == "authentication":
            compiled[key] = authentication(value, scope, f"{at}/{key}")
        else:
            compiled[key] = scope.request(value)
    return compiled
