"""Results that wait for sign-off, shown under names of their own, and taken back."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.release_handoffs import (
    StagedNav,
    StageRequest,
    Withdrawn,
    WithdrawRequest,
)


@implements(catalog.stage)
def stage(request: StageRequest) -> StagedNav:
    """The result with its status, bound as `<nav id>/<status>-<number>.json`."""
    store = current_store()
    candidate = read_result(store, request.candidate)
    file = f"{request.status}-{request.number}.json"
    shown = candidate.model_copy(update={"status": request.status})
    result = store.put_json(shown, name=file)
    name = f"{candidate.nav_id}/{file}"
    store.bind(name, result)
    return StagedNav(result=result, name=name)


@implements(catalog.withdraw)
def withdraw(request: WithdrawRequest) -> Withdrawn:
    """Binds `<nav id>/withdrawn.json`, which lists what had been shown."""
    store = current_store()
    record = {
        "nav_id": request.nav_id,
        "withdrawn": [{"name": each.name, "sha256": each.result.sha256} for each in request.shown],
    }
    name = f"{request.nav_id}/withdrawn.json"
    store.bind(name, store.put_json(record, name="withdrawn.json"))
    return Withdrawn(name=name)
