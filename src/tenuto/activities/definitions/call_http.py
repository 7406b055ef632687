"""`call.http`: one request as a definition describes it."""

from tenuto.activities.definitions.answers import output_of
from tenuto.activities.definitions.asks import (
    Ask,
    encoded_body,
    plain_headers,
    readable_url,
    with_query,
)
from tenuto.activities.definitions.exchange import exchange
from tenuto.activities.definitions.masks import Masks
from tenuto.activities.definitions.problems import with_problems
from tenuto.activities.definitions.revealing import revealed
from tenuto.catalog import implements
from tenuto.catalog.library.definitions.catalog import call_http as entry
from tenuto.catalog.library.definitions.http import CallOutput, HttpCall


@implements(entry)
def call_http(call: HttpCall) -> CallOutput:
    """What the service answered, in the form that `call.output` names.

    Raises what `exchange`, `revealed`, and `output_of` raise, each with `problem` in its details:
    `communication` with the answer's status, `timeout`, `authentication`, or `configuration`.
    """
    masks = Masks()
    with with_problems(masks):
        shown = revealed(call, call.secrets, masks)
        done = exchange(_ask(shown), shown.endpoint.authentication, masks)
        return CallOutput(output_of(done, call.output, masks))


def _ask(call: HttpCall) -> Ask:
    headers = plain_headers(call.headers)
    headers.setdefault("accept", "application/json, */*;q=0.5")
    return Ask(
        method=call.method.upper(),
        url=with_query(readable_url(call.endpoint.uri), call.query),
        body=encoded_body(call.body, headers),
        headers=headers,
        follows=call.redirect,
    )
