"""The one way from a checked definition to its plan."""

from pydantic import JsonValue

from tenuto.catalog.registry import Catalog
from tenuto.core.canonical import canonical_json
from tenuto.definitions.compiling.awaited import awaited_types
from tenuto.definitions.compiling.common import duration_of_timeout, schema_document
from tenuto.definitions.compiling.reading import reads_workflow_definition
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import mapping, optional_mapping, optional_text, text
from tenuto.definitions.compiling.tasks import compile_list
from tenuto.definitions.plan import Head, Plan


def compile_plan(value: JsonValue, catalog: Catalog) -> Plan:
    """The plan of a definition that was checked without errors, against the entries of `catalog`.

    Nothing is read but the arguments: the same definition and catalog give the same plan, in its
    canonical form (the keys of objects sorted), whatever the order and style it was written in.
    Raises UsageError `definition.…` for what a check would have refused.
    """
    document = mapping(value, "")
    scope = Scope(document=document, catalog=catalog)
    reads = optional_mapping(document.get("input"), "/input")
    gives = optional_mapping(document.get("output"), "/output")
    about = mapping(document.get("document"), "/document")
    metadata = optional_mapping(about.get("metadata"), "/document/metadata")
    attributes = optional_mapping(
        metadata.get("searchAttributes"), "/document/metadata/searchAttributes"
    )
    tasks = compile_list(document.get("do"), "/do", scope)
    return _canonical(
        Plan(
            head=_head(about),
            input_schema=schema_document(reads.get("schema"), "/input/schema"),
            input_from=scope.optional_expression_or_object(reads.get("from")),
            output_as=scope.optional_expression_or_object(gives.get("as")),
            output_schema=schema_document(gives.get("schema"), "/output/schema"),
            timeout=duration_of_timeout(document.get("timeout"), scope, "/timeout"),
            do=tasks,
            awaits=awaited_types(tasks),
            search_attributes={name: scope.template(each) for name, each in attributes.items()},
            definition=document if reads_workflow_definition(document) else None,
        )
    )


def _head(about: dict[str, JsonValue]) -> Head:
    return Head(
        dsl=text(about.get("dsl"), "/document/dsl"),
        namespace=text(about.get("namespace"), "/document/namespace"),
        name=text(about.get("name"), "/document/name"),
        version=text(about.get("version"), "/document/version"),
        title=optional_text(about.get("title"), "/document/title"),
        summary=optional_text(about.get("summary"), "/document/summary"),
        tags=optional_mapping(about.get("tags"), "/document/tags"),
    )


def _canonical(plan: Plan) -> Plan:
    """With sorted keys everywhere, so that plans with one digest behave as one.

    A program may ask for the keys of an object in the order in which they were written.
    """
    return Plan.model_validate_json(canonical_json(plan))
