"""What a definition means, checked against what there is to call and against itself."""

from collections.abc import Iterable, Iterator

from tenuto.catalog.registry import Catalog
from tenuto.definitions.check.calls.arguments import find_wrong_arguments
from tenuto.definitions.check.calls.calls import find_unknown_calls
from tenuto.definitions.check.calls.function_cycles import find_function_cycles
from tenuto.definitions.check.calls.libraries import Library
from tenuto.definitions.check.calls.options import KNOWN_ATTRIBUTES, find_wrong_options
from tenuto.definitions.check.calls.subflows import find_wrong_subflows
from tenuto.definitions.check.expressions.assignments import find_assignments
from tenuto.definitions.check.expressions.checked import find_wrong_expressions
from tenuto.definitions.check.expressions.used import expressions_used
from tenuto.definitions.check.limits.loops import find_long_histories
from tenuto.definitions.check.limits.schedules import find_wrong_schedules
from tenuto.definitions.check.limits.schema_keywords import find_keywords_not_applied
from tenuto.definitions.check.limits.secrets import find_wrong_secrets
from tenuto.definitions.check.limits.sizes import find_large_data
from tenuto.definitions.check.limits.waits import find_cut_waits
from tenuto.definitions.check.shapes.addresses import find_unfilled_addresses
from tenuto.definitions.check.shapes.data_flow import seen_in
from tenuto.definitions.check.shapes.readings import find_wrong_readings
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded
from tenuto.definitions.tasks import walk_tasks


def find(
    loaded: Loaded,
    catalog: Catalog,
    library: Library | None = None,
    known_attributes: Iterable[str] = KNOWN_ATTRIBUTES,
) -> list[Finding]:
    """Everything that is wrong with the meaning of a definition.

    Parts that have not the form they should are passed over: the check of structure names them.
    Without a `library`, the targets of `run.workflow` are not looked up. `known_attributes` are
    the search attributes that the namespace has and a definition may set.
    """
    return list(_found(loaded, catalog, library, known_attributes))


def _found(
    loaded: Loaded, catalog: Catalog, library: Library | None, known_attributes: Iterable[str]
) -> Iterator[Finding]:
    tasks = list(walk_tasks(loaded.value))
    used = list(expressions_used(loaded.value))
    yield from find_wrong_expressions(loaded, used)
    yield from find_assignments(loaded, used)
    yield from find_wrong_secrets(loaded, used)
    yield from find_unknown_calls(loaded, tasks, catalog, library)
    yield from find_function_cycles(loaded, tasks)
    yield from find_wrong_arguments(loaded, tasks, catalog)
    yield from find_wrong_options(loaded, tasks, catalog, known_attributes)
    yield from find_wrong_schedules(loaded)
    yield from find_keywords_not_applied(loaded)
    yield from find_wrong_subflows(loaded, tasks, library)
    yield from find_long_histories(loaded, tasks)
    yield from find_cut_waits(loaded, tasks)
    yield from find_large_data(loaded, tasks)
    seen = seen_in(loaded.value, catalog)
    yield from find_wrong_readings(loaded, used, seen)
    yield from find_unfilled_addresses(loaded, tasks, seen)
