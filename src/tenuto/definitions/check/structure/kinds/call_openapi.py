"""The form of `call: openapi`: one operation of a service that describes itself."""

from tenuto.definitions.check.structure.kinds.authentication import AUTHENTICATION
from tenuto.definitions.check.structure.kinds.call_http import CONTENT, REDIRECT
from tenuto.definitions.check.structure.kinds.form import closed
from tenuto.definitions.check.structure.kinds.task import task
from tenuto.definitions.check.structure.kinds.text import TEXT
from tenuto.definitions.check.structure.kinds.values import EXTERNAL_RESOURCE

CALL_OPENAPI = task(
    {
        "call": {"const": "openapi"},
        "with": closed(
            {
                "document": EXTERNAL_RESOURCE,
                "operationId": TEXT,
                "parameters": {"type": "object", "title": "a mapping from parameter to value"},
                "authentication": AUTHENTICATION,
                "output": CONTENT,
                "redirect": REDIRECT,
            },
            ("document", "operationId"),
            title="a mapping with `document` and `operationId`",
        ),
    },
    ("call", "with"),
)
