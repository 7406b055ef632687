"""Whether a definition has the form of the language, part by part."""

from collections.abc import Iterator

from tenuto.definitions.check.structure import codes
from tenuto.definitions.check.structure.errors import find_misspelt_types
from tenuto.definitions.check.structure.flow import (
    find_in_flow,
    find_in_functions_flow,
    list_of_each_task,
)
from tenuto.definitions.check.structure.forms import document_mistakes
from tenuto.definitions.check.structure.lists import task_lists
from tenuto.definitions.check.structure.messages import findings
from tenuto.definitions.check.structure.places import WHOLE_DOCUMENT
from tenuto.definitions.check.structure.references import find_references
from tenuto.definitions.check.structure.schemas import find_invalid_schemas
from tenuto.definitions.check.structure.tasks import find_in_functions, find_in_list, find_in_task
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import walk_tasks


def find(loaded: Loaded) -> list[Finding]:
    """Everything that is wrong with the structure; whether names mean something comes later."""
    return list(_all(loaded))


def _all(loaded: Loaded) -> Iterator[Finding]:
    outside = document_mistakes(loaded.value)
    yield from findings(loaded, outside, "", WHOLE_DOCUMENT, codes.HEAD)
    lists = list(task_lists(loaded.value))
    everywhere = list_of_each_task(lists)
    for tasks in lists:
        yield from find_in_list(loaded, tasks)
        yield from find_in_flow(loaded, tasks, everywhere)
    yield from find_in_functions(loaded)
    yield from find_in_functions_flow(loaded)
    for task in walk_tasks(loaded.value):
        yield from find_in_task(loaded, task)
    yield from find_references(loaded)
    yield from find_misspelt_types(loaded)
    yield from find_invalid_schemas(loaded)
