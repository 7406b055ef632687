"""What calls give."""

from tenuto.catalog.library.definitions.approval import ApprovalResult
from tenuto.definitions.check.calls.calls import Callee
from tenuto.definitions.check.calls.contracts import result_schema
from tenuto.definitions.check.shapes.shapes import ANY, Shape, of_schema


def result_of(reached: Callee) -> Shape:
    """The raw output of a call; of a function of the document, what its task gives is better."""
    if reached.entry is not None:
        return of_schema(result_schema(reached.entry.result))
    if reached.kind == "approval":
        return of_schema(result_schema(ApprovalResult))
    return ANY
