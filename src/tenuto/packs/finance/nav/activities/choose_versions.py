"""Which version the Pricing and the reconciliations of a strike get."""

from tenuto.artifacts.current import current_store
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog import implements
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.handoffs import ChooseVersionsRequest, ChosenVersions


@implements(catalog.choose_versions)
def choose_versions(request: ChooseVersionsRequest) -> ChosenVersions:
    """The requests with the first version that nothing is published under; a given one stays."""
    store = current_store()
    pricing = request.pricing
    if pricing is not None and pricing.version is None:
        prefix = f"pricing/{pricing.policy.policy_id}/{pricing.date}/"
        pricing = pricing.model_copy(update={"version": _first_free(store, prefix)})
    taken: dict[str, int] = {}
    reconciliations = []
    for each in request.reconciliations:
        chosen = each
        if chosen.version is None:
            prefix = f"reconciliation/{chosen.rules.rec_id}/{chosen.date}/"
            version = max(_first_free(store, prefix), taken.get(prefix, 0) + 1)
            taken[prefix] = version
            chosen = chosen.model_copy(update={"version": version})
        reconciliations.append(chosen)
    return ChosenVersions(pricing=pricing, reconciliations=tuple(reconciliations))


def _first_free(store: ArtifactStore, prefix: str) -> int:
    """One more than the highest `v<n>` below `prefix`."""
    numbers = [name.removeprefix(prefix).split("/")[0] for name, _ in store.names(prefix)]
    used = [int(each[1:]) for each in numbers if each[:1] == "v" and each[1:].isdigit()]
    return max(used, default=0) + 1
