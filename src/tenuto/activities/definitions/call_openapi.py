"""`call.openapi`: an operation by its name, as the interface's own document describes it."""

from tenuto.activities.definitions.answers import output_of
from tenuto.activities.definitions.asks import Deadline
from tenuto.activities.definitions.exchange import exchange
from tenuto.activities.definitions.masks import Masks
from tenuto.activities.definitions.openapi_documents import document_at
from tenuto.activities.definitions.openapi_operation import find_operation
from tenuto.activities.definitions.openapi_parameters import ask_of
from tenuto.activities.definitions.problems import with_problems
from tenuto.activities.definitions.revealing import revealed
from tenuto.catalog import implements
from tenuto.catalog.library.definitions.catalog import call_openapi as entry
from tenuto.catalog.library.definitions.http import CallOutput
from tenuto.catalog.library.definitions.openapi import OpenApiCall


@implements(entry)
def call_openapi(call: OpenApiCall) -> CallOutput:
    """What the operation answered, in the form that `call.output` names.

    Raises as `call_http` does, and what `document_at`, `find_operation`, and `ask_of` raise.
    """
    masks = Masks()
    with with_problems(masks):
        shown, deadline = revealed(call, call.secrets, masks), Deadline()
        document = document_at(shown.document.endpoint, masks, deadline)
        operation = find_operation(document, shown.operation_id)
        ask = ask_of(operation, shown.parameters, follows=shown.redirect)
        done = exchange(ask, shown.authentication, masks, deadline=deadline)
        return CallOutput(output_of(done, call.output, masks))
