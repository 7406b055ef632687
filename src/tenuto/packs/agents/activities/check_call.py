"""`agents.check_call`: what a tool call would send, judged before anybody decides on it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import JsonValue, ValidationError
from temporalio import activity

from tenuto.catalog import implements
from tenuto.catalog.check import explain
from tenuto.engine.offered import offered_activity
from tenuto.packs.agents.catalog import check_call
from tenuto.packs.agents.handoffs import CheckCallRequest, CheckedCall
from tenuto.packs.agents.tools import KEY

_SCHEMES = ("http", "https", "ws", "wss", "ftp", "ftps", "sftp", "s3", "gs", "az", "abfs")


@implements(check_call)
def check_tool_call(request: CheckCallRequest) -> CheckedCall:
    """The complete arguments and the hosts they name, or what is wrong with them in words."""
    tool, given = request.tool, request.arguments
    for name in (*tool.grant.fixed, KEY):
        if name in given:
            return CheckedCall(problem=f"`{name}` is not yours to choose; leave it out")
    complete: dict[str, JsonValue] = {**given, **tool.grant.fixed}
    if tool.has_key:
        info = activity.info()
        complete[KEY] = f"{info.workflow_id}/{info.activity_id}"
    model = offered_activity(tool.grant.activity).request
    try:
        read = model.model_validate(complete)
    except ValidationError as wrong:
        return CheckedCall(problem="; ".join(explain(wrong, model)))
    arguments: dict[str, JsonValue] = read.model_dump(mode="json")
    return CheckedCall(arguments=arguments, hosts=tuple(sorted(set(_hosts(arguments)))))


def _hosts(value: JsonValue) -> Iterator[str]:
    """Every host that a URL anywhere in the value names."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _hosts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _hosts(each)
    elif isinstance(value, str) and "://" in value:
        yield from _host(value)


def _host(text: str) -> Iterator[str]:
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname
    except ValueError:
        return
    if parts.scheme.lower() in _SCHEMES and host:
        yield host
