"""`definitions.load`: the plan of another definition, as it was deployed."""

import difflib

from tenuto.activities.definitions.problems import with_problems
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.definitions.catalog import load as entry
from tenuto.catalog.library.definitions.loading import LoadedDefinition, LoadRequest
from tenuto.core.errors import NotFoundError
from tenuto.core.problem import problem
from tenuto.definitions.library import DefinitionLibrary


@implements(entry)
def load(request: LoadRequest) -> LoadedDefinition:
    """The plan of that version, or of the highest one for `latest`.

    Raises NotFoundError `definition.not-deployed` naming near ones, whose problem is
    `configuration` 404, and as the artifact store does.
    """
    with with_problems():
        library = DefinitionLibrary(current_store())
        found = library.find(request.namespace, request.name, request.version)
        if found is None:
            raise _not_deployed(library, request)
        plan = found.plan.model_dump(mode="json")
        return LoadedDefinition(plan=plan, digest=found.digest, version=found.version)


def _not_deployed(library: DefinitionLibrary, request: LoadRequest) -> NotFoundError:
    known = [f"{each.namespace}/{each.name}:{each.version}" for each in library.list()]
    wanted = f"{request.namespace}/{request.name}:{request.version}"
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else "deploy it"
    said = f"The library has no definition `{wanted}`; {hint}"
    about = problem("configuration", said, title="Not Found", status=404)
    return NotFoundError(
        said,
        code="definition.not-deployed",
        details={"suggestions": near, "problem": about.as_json()},
    )
