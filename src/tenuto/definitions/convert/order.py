"""The order in which the parts of a definition are read best: that of the specification."""

from collections.abc import Callable

from pydantic import JsonValue

_TOP = ("document", "input", "use", "timeout", "schedule", "evaluate", "do", "output")
_DOCUMENT = ("dsl", "namespace", "name", "version", "title", "summary", "tags", "metadata")
_USE = (
    "secrets",
    "authentications",
    "catalogs",
    "errors",
    "retries",
    "timeouts",
    "functions",
    "extensions",
)
_TASK = (
    "if",
    "input",
    *("call", "with", "for", "while", "do", "fork", "try", "catch", "emit", "listen", "foreach"),
    *("raise", "run", "set", "switch", "wait"),
    "timeout",
    "output",
    "export",
    "then",
    "metadata",
)
_CATCH = ("errors", "as", "when", "exceptWhen", "retry", "do", "then")
_EXTENSION = ("extend", "when", "before", "after")


def in_order(value: JsonValue) -> JsonValue:
    """The definition with its own properties in order; data, schemas, arguments as they are."""
    if not isinstance(value, dict):
        return value
    definition = _sorted(value, _TOP)
    if "document" in definition:
        definition["document"] = _each(definition["document"], _DOCUMENT)
    if isinstance(definition.get("use"), dict):
        definition["use"] = _use(definition["use"])
    if "do" in definition:
        definition["do"] = _tasks(definition["do"])
    return definition


def _use(value: JsonValue) -> JsonValue:
    use = _each(value, _USE)
    if not isinstance(use, dict):
        return use
    functions, extensions = use.get("functions"), use.get("extensions")
    if isinstance(functions, dict):
        use["functions"] = {name: _task(body) for name, body in functions.items()}
    if isinstance(extensions, list):
        use["extensions"] = [_named(item, _extension) for item in extensions]
    return use


def _extension(value: JsonValue) -> JsonValue:
    return _with_tasks(_each(value, _EXTENSION), "before", "after")


def _tasks(value: JsonValue) -> JsonValue:
    return [_named(item, _task) for item in value] if isinstance(value, list) else value


def _task(value: JsonValue) -> JsonValue:
    body = _with_tasks(_each(value, _TASK), "do", "try")
    if isinstance(body, dict):
        if "catch" in body:
            body["catch"] = _with_tasks(_each(body["catch"], _CATCH), "do")
        for part, key in (("fork", "branches"), ("foreach", "do")):
            if part in body:
                body[part] = _with_tasks(_each(body[part], ()), key)
    return body


def _with_tasks(value: JsonValue, *keys: str) -> JsonValue:
    if isinstance(value, dict):
        for key in keys:
            if key in value:
                value[key] = _tasks(value[key])
    return value


def _named(item: JsonValue, ordered: Callable[[JsonValue], JsonValue]) -> JsonValue:
    return {k: ordered(each) for k, each in item.items()} if isinstance(item, dict) else item


def _each(value: JsonValue, order: tuple[str, ...]) -> JsonValue:
    return _sorted(value, order) if isinstance(value, dict) else value


def _sorted(value: dict[str, JsonValue], order: tuple[str, ...]) -> dict[str, JsonValue]:
    """A copy with the known keys first."""
    known = [key for key in order if key in value]
    return {key: value[key] for key in (*known, *(key for key in value if key not in known))}
