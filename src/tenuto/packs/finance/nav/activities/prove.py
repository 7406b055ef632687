"""Step 10: the NAV calculated again by a second engine, before anybody sees it."""

import duckdb

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.errors import DataError
from tenuto.packs.finance.nav import catalog
from tenuto.packs.finance.nav.activities.history import read_result
from tenuto.packs.finance.nav.activities.opened import open_strike
from tenuto.packs.finance.nav.activities.proof.figures import prove_figures
from tenuto.packs.finance.nav.activities.proof.positions import prove_positions
from tenuto.packs.finance.nav.handoffs import ProvedNav, ProveRequest
from tenuto.packs.finance.nav.parts import Proof, ProofLine


@implements(catalog.prove)
def prove(request: ProveRequest) -> ProvedNav:
    """The candidate with its proof.

    Polars struck it; DuckDB chooses and values the prices again, and Python fractions add up.
    Raises DataError `nav.proof-failed` when any digit differs.
    """
    opened = open_strike(request.strike)
    beat("proving the NAV")
    candidate = read_result(opened.store, request.candidate)
    positions = prove_positions(opened, candidate)
    lines = tuple(prove_figures(opened, candidate, positions))
    _refuse_differences(lines)
    proof = Proof(engine=f"DuckDB {duckdb.__version__}", positions=positions.count, lines=lines)
    proved = candidate.model_copy(update={"proof": proof})
    return ProvedNav(candidate=opened.store.put_json(proved, name="candidate.json"))


def _refuse_differences(lines: tuple[ProofLine, ...]) -> None:
    differing = [line for line in lines if line.struck != line.proved]
    if not differing:
        return
    shown = "; ".join(f"{each.figure}: {each.struck} and {each.proved}" for each in differing[:5])
    raise DataError(
        f"Two engines disagree on {len(differing)} figure(s): {shown}. Nothing was released; this "
        "is a defect of the calculation, not of the data: report it with the run's inputs.",
        code="nav.proof-failed",
        details={"lines": [each.model_dump(mode="json") for each in differing]},
    )
