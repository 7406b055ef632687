"""Tasks that send events and wait for them."""

from typing import Any, Literal

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.calls import activity_entry
from tenuto.definitions.compiling.options import entry_options, temporal_metadata
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import items, mapping, one_of, optional_mapping, text
from tenuto.definitions.compiling.structures import Body
from tenuto.definitions.plan import Correlation, EmitTask, Filter, ListenTask

PUBLISH = "events.publish"
"""The activity that sends an event."""

_MODES: tuple[Literal["one", "any", "all"], ...] = ("one", "any", "all")
_READINGS: tuple[Literal["data", "envelope", "raw"], ...] = ("data", "envelope", "raw")


def compile_emit(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> EmitTask:
    """An event to send; its source is the definition, `/namespace/name/version`, unless given."""
    where = f"{at}/emit/event"
    event = mapping(mapping(body["emit"], f"{at}/emit").get("event"), where)
    attributes = mapping(event.get("with"), f"{where}/with")
    about = mapping(scope.document.get("document"), "/document")
    source = "".join(
        f"/{text(about.get(part), f'/document/{part}')}"
        for part in ("namespace", "name", "version")
    )
    entry = activity_entry(PUBLISH, scope, at)
    return EmitTask(
        **common,
        event={
            "source": source,
            **{key: scope.template(each) for key, each in attributes.items()},
        },
        activity=entry.name,
        options=entry_options(entry, temporal_metadata(body, at), at),
    )


def compile_listen(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> ListenTask:
    """Events to wait for. Raises UsageError `definition.not-in-profile` for endless listening."""
    listen = mapping(body["listen"], f"{at}/listen")
    to = mapping(listen.get("to"), f"{at}/listen/to")
    if "foreach" in body or "until" in to:
        raise UsageError(
            f"`{at}` listens with `foreach` or `until`, which this release does not run;"
            " put a `listen` for one event into a `for`.",
            code="definition.not-in-profile",
            details={"path": at},
        )
    mode = _mode(to, f"{at}/listen/to")
    at_filters = f"{at}/listen/to/{mode}"
    filters = [to[mode]] if mode == "one" else items(to[mode], at_filters)
    return ListenTask(
        **common,
        mode=mode,
        filters=tuple(_filter(each, at_filters, scope) for each in filters),
        read=one_of(listen.get("read", "data"), _READINGS, f"{at}/listen/read"),
    )


def _mode(to: dict[str, JsonValue], at: str) -> Literal["one", "any", "all"]:
    named = [mode for mode in _MODES if mode in to]
    return one_of(named[0] if named else None, _MODES, at)


def _filter(value: JsonValue, at: str, scope: Scope) -> Filter:
    wanted = mapping(value, at)
    attributes = optional_mapping(wanted.get("with"), f"{at}/with")
    keys = optional_mapping(wanted.get("correlate"), f"{at}/correlate")
    return Filter(
        with_={key: scope.template(each) for key, each in attributes.items()},
        correlate={
            key: _correlation(each, f"{at}/correlate/{key}", scope) for key, each in keys.items()
        },
    )


def _correlation(value: JsonValue, at: str, scope: Scope) -> Correlation:
    key = mapping(value, at)
    return Correlation(
        from_=scope.expression(text(key.get("from"), f"{at}/from")),
        expect=scope.template(key.get("expect")),
    )
