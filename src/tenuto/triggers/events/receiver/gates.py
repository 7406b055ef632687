"""A gate for each trigger, by the rules that are in force now."""

from tenuto.engine.settings import Settings
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.events.arrivals import Kind
from tenuto.triggers.events.services import principal_of
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.opening import open_gate


class Gates:
    """Opens gates; whoever keeps rules in force tells it of new ones."""

    def __init__(self, settings: Settings, rules: PolicyEngine | None) -> None:
        self._settings = settings
        self._rules = rules
        self._open: dict[tuple[Kind, str], Gate] = {}

    def use(self, rules: PolicyEngine) -> None:
        """From now on these rules decide."""
        self._rules = rules
        self._open = {}

    def of(self, kind: Kind, trigger: str) -> Gate:
        """The gate of that trigger."""
        if (kind, trigger) not in self._open:
            principal = principal_of(kind, trigger)
            self._open[kind, trigger] = open_gate(self._settings, principal, self._rules)
        return self._open[kind, trigger]
