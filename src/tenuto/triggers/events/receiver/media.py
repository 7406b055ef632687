"""What kind of body a path takes: decided by the path, not by what the sender would like."""

from starlette.requests import Request

from tenuto.core.errors import DataError
from tenuto.triggers.events.cloudevents.reading import BATCH, STRUCTURED

_JSON = "application/json"
_CHARSETS = ("", "utf-8", "utf8")


class WrongMediaTypeError(DataError):
    """The body is of a kind that is not taken here."""


def media_type(content_type: str) -> str:
    """`application/json` of `Application/JSON; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def refuse_media_type(section: str, request: Request) -> None:
    """Raises WrongMediaTypeError `triggers.wrong-type`: also for a body that is compressed, which
    may become a thousand times as large."""
    given = request.headers.get("content-type", "")
    accepted = [_JSON] if section == "webhooks" else [_JSON, STRUCTURED, BATCH]
    is_json = media_type(given) in accepted or (
        section == "webhooks"
        and media_type(given).startswith("application/")
        and media_type(given).endswith("+json")
    )
    if not is_json or _charset(given) not in _CHARSETS:
        raise _wrong(f"`{given[:100]}` is not taken here; send {' or '.join(accepted)} in UTF-8")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _wrong("a compressed body is not taken here")


def _charset(content_type: str) -> str:
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def _wrong(why: str) -> WrongMediaTypeError:
    return WrongMediaTypeError(f"{why[:1].upper()}{why[1:]}.", code="triggers.wrong-type")
