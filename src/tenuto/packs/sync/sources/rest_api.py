"""Any JSON API, through dlt's `rest_api`: to the last page, with corrections, behind our guard."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from requests import Response

from tenuto.core.errors import DataError, UsageError
from tenuto.packs.sync.models import Window
from tenuto.packs.sync.sources.file import config_of
from tenuto.packs.sync.sources.kinds import RestApiConfig
from tenuto.packs.sync.sources.session import open_session

if TYPE_CHECKING:
    from dlt.sources import DltSource

    from tenuto.packs.sync.port import Opening

_CURSORS_OF_CODE = ("convert", "transform", "last_value_func")


def open_rest_api(wanted: "Opening") -> "DltSource":
    """dlt's `rest_api` over `config`. Raises UsageError `sync.config-invalid` for what dlt does not
    take, `sync.no-window` for a backfill of a resource without a cursor."""
    from dlt.common.exceptions import DltException
    from dlt.sources.rest_api import rest_api_source

    config = cast("RestApiConfig", config_of(wanted.source, wanted.name))
    session = open_session(config.client.base_url, config, config.auth, wanted.secrets)
    asked: dict[str, Any] = {
        "client": {
            "base_url": config.client.base_url,
            "headers": config.client.headers,
            "session": session,
            **({"paginator": config.client.paginator} if config.client.paginator else {}),
        },
        "resource_defaults": dict(config.resource_defaults),
        "resources": [
            _resource(each, config.resource_defaults, wanted.window, wanted.source.resources)
            for each in config.resources
        ],
    }
    try:
        return rest_api_source(asked, name=wanted.name)  # type: ignore[arg-type]
    except (DltException, ValueError, TypeError, KeyError) as wrong:
        raise UsageError(
            f"Source `{wanted.name}`: dlt does not take its `config`: {_first_line(wrong)}. Keys of"
            " `resources` are those of dlt's rest_api.",
            code="sync.config-invalid",
        ) from wrong


def _resource(
    given: Mapping[str, Any],
    defaults: Mapping[str, Any],
    window: Window | None,
    selected: tuple[str, ...],
) -> dict[str, Any]:
    """One resource, with a cursor that keeps corrections and a check of what each page holds."""
    resource = dict(given)
    endpoint = resource.get("endpoint") or {}
    endpoint = {"path": endpoint} if isinstance(endpoint, str) else dict(endpoint)
    default = defaults.get("endpoint") or {}
    selector = endpoint.get("data_selector") or (
        default.get("data_selector") if isinstance(default, dict) else None
    )
    endpoint["response_actions"] = [_refuse_other_shape(str(given["name"]), selector)]
    if "primary_key" in {**defaults, **resource}:
        resource.setdefault("write_disposition", "merge")
    _move_cursor_up(endpoint)
    found = endpoint.get("incremental")
    if found is not None:
        endpoint["incremental"] = _kept_cursor(str(given["name"]), found, window)
    is_asked = not selected or given["name"] in selected
    if window is not None and found is None and is_asked and not _is_dependent(endpoint):
        raise UsageError(
            f"Resource `{given['name']}` has no `incremental`, so it is not known which rows belong"
            " to which day; give it one, or leave it out of the backfill with --prefix.",
            code="sync.no-window",
        )
    return {**resource, "endpoint": endpoint}


def _move_cursor_up(endpoint: dict[str, Any]) -> None:
    """A cursor among the parameters becomes the endpoint's, the only place that takes an end."""
    if not isinstance(endpoint.get("params"), dict):
        return
    parameters = endpoint["params"] = dict(endpoint["params"])
    for name, value in list(parameters.items()):
        if isinstance(value, dict) and value.get("type") == "incremental":
            del parameters[name]
            cursor = {key: each for key, each in value.items() if key != "type"}
            endpoint["incremental"] = cursor | {"start_param": name}


def _kept_cursor(resource: str, given: Mapping[str, Any], window: Window | None) -> dict[str, Any]:
    """The cursor without dlt's de-duplication, which would drop a corrected row at the boundary."""
    code = [name for name in _CURSORS_OF_CODE if name in given]
    if code:
        raise UsageError(
            f"`{code[0]}` of resource `{resource}` would be code, which YAML does not hold; write a"
            " source of kind `python`.",
            code="sync.config-invalid",
        )
    cursor = {"on_cursor_value_missing": "include", **given, "primary_key": []}
    if window is None:
        return cursor
    cursor.pop("lag", None)
    after = window.end + timedelta(days=1)
    # The end of a window is open: rows of the whole last day come before the day after it.
    return cursor | {"initial_value": window.start.isoformat(), "end_value": after.isoformat()}


def _is_dependent(endpoint: Mapping[str, Any]) -> bool:
    return "resources." in str(endpoint.get("path", "")) or "'resolve'" in str(endpoint)


def _refuse_other_shape(resource: str, selector: str | None) -> Callable[..., None]:
    """A page without what is selected is an error of the API or of the configuration: taken for
    an empty page, it would end the load early without a word."""

    def look(response: Response, *_: Any, **__: Any) -> None:
        from dlt.common import jsonpath

        try:
            page = response.json()
        except ValueError as error:
            raise DataError(
                f"Resource `{resource}`: the API did not answer with JSON ({error}); check `path`.",
                code="sync.not-json",
            ) from error
        if selector is not None and not jsonpath.find_values(selector, page):
            raise DataError(
                f"Resource `{resource}`: the API's answer has no `{selector}`; it has"
                f" {_keys(page)}. Correct `data_selector`, or see what the API complains of.",
                code="sync.other-shape",
            )
        if selector is None and not isinstance(page, list):
            # dlt would guess, and take the first list there is for the rows: of errors, perhaps.
            raise DataError(
                f"Resource `{resource}`: the API's answer is no list of rows; it has"
                f" {_keys(page)}. Say where the rows are as `endpoint.data_selector`; `$` takes the"
                " whole answer as one row.",
                code="sync.other-shape",
            )

    return look


def _keys(page: Any) -> str:
    if not isinstance(page, dict):
        return f"a {type(page).__name__}"
    return ", ".join(f"`{str(key)[:40]}`" for key in list(page)[:12]) or "nothing"


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:400]
