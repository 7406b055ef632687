"""What the command line says of a monitor, as its fields."""

import json
from collections.abc import Mapping
from typing import Any

from tenuto.core.errors import UsageError

_MOST_NAME = 60
_PLAIN = {
    "when": "condition_description",
    "schedule": "schedule",
    "zone": "time_zone",
    "tell": "notify_behavior",
}


def given_fields(
    given: Mapping[str, Any],
    *,
    query: str | None,
    name: str | None,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields that were given, on top of those of the monitor `before`, if there is one.

    A new monitor is called as its question begins. Raises UsageError `monitors.option` for an
    option that is no `NAME=JSON`.
    """
    fields = {field: given[name] for name, field in _PLAIN.items() if given[name] is not None}
    if query is not None:
        fields["search_query"] = query
    if name is not None:
        fields["name"] = name
    elif before is None and query is not None:
        fields["name"] = name_of(query)
    return fields | _config(given, before or {}) | _notices(given, before or {})


def name_of(query: str) -> str:
    """How a monitor without a name is called: as its question begins."""
    return " ".join(query.split())[:_MOST_NAME].strip()


def _config(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    options = dict(_option(text) for text in given["options"])
    if given["url"] is not None:
        options["url"] = given["url"]
    told = {key: given[key] for key in ("provider", "model") if given[key] is not None}
    if not told and not options:
        return {}
    was = before.get("config", {})
    kept = was.get("options", {}) if told.get("provider") in (None, was.get("provider")) else {}
    return {"config": {**was, **told, "options": {**kept, **options}}}


def _option(text: str) -> tuple[str, Any]:
    name, is_pair, value = text.partition("=")
    if not is_pair or not name:
        raise UsageError(
            f"`--option {text}` is no NAME=JSON, such as `--option selector='\".price\"'`.",
            code="monitors.option",
        )
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a word without quotes is that word


def _notices(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    by_type = {each["type"]: each for each in before.get("notifications", ())}
    told = dict(by_type)
    if given["email"] is not None:
        told["email"] = {"type": "email", "address": given["email"]}
    if given["webhook"] is not None or given["webhook_secrets"]:
        was = by_type.get("webhook", {"type": "webhook"})
        new = {"url": given["webhook"], "secrets": list(given["webhook_secrets"])}
        told["webhook"] = {**was, **{key: value for key, value in new.items() if value}}
    # An empty text takes a channel away.
    kept = [each for each in told.values() if each.get("address", each.get("url", "missing")) != ""]
    return {"notifications": kept} if told != by_type else {}
