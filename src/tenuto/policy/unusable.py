"""Rules that cannot be used: nothing is allowed until they can."""

from collections.abc import Mapping

from tenuto.core.references import Sha256
from tenuto.identity.ticket import hash_of
from tenuto.policy.decision import Decision, Question


class UnusableRules:
    """Denies everything, and says why."""

    def __init__(self, problem: str) -> None:
        self._problem = problem
        self.digest: Sha256 = hash_of([problem])

    def texts(self) -> Mapping[str, str]:
        """There are none."""
        return {}

    def decide(self, question: Question) -> Decision:
        """A denial."""
        return Decision(
            allowed=False,
            problems=(self._problem,),
            policy=self.digest,
            question=hash_of([question]),
        )
