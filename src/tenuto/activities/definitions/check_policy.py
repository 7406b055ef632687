"""`policy.check`: no rule can be asked yet, and where no rule allows, nothing is allowed."""

from tenuto.catalog import implements
from tenuto.catalog.library.definitions.entries import policy_check
from tenuto.catalog.library.definitions.policy import PolicyCheckRequest, PolicyCheckResult
from tenuto.core.errors import PolicyDenied
from tenuto.core.problem import problem


@implements(policy_check)
def check_policy(request: PolicyCheckRequest) -> PolicyCheckResult:
    """Never returns. Raises PolicyDenied `policy.no-engine`, a problem `authorization` 403."""
    said = (
        f"`{request.action}` is refused: this installation has no policy engine that could allow "
        "it; ask people with `human.approval`, or take the check out"
    )
    raise PolicyDenied(
        said,
        code="policy.no-engine",
        details={"problem": problem("authorization", said).as_json()},
    )
