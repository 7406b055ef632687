"""Agents as a pack."""

from tenuto.core.pack import Pack

_AGENTS = "tenuto.packs.agents"

pack = Pack(
    name="agents",
    summary="Agents under control: a model with tools, policy, people, a budget, a transcript.",
    catalog=(f"{_AGENTS}.catalog",),
    workflows=(f"{_AGENTS}.workflow:GovernedTask", f"{_AGENTS}.agent_task:AgentTask"),
    activities=tuple(
        f"{_AGENTS}.activities.{name}"
        for name in (
            "ask_policy",
            "open_toolbox",
            "ask_model",
            "check_call",
            "scratch",
            "write_transcript",
        )
    ),
    passthrough=(
        f"{_AGENTS}.models",
        f"{_AGENTS}.handoffs",
        f"{_AGENTS}.verdicts",
        f"{_AGENTS}.names",
        "tenuto.policy.decision",
    ),
    commands=(
        ("agent", f"{_AGENTS}.commands:agent", "Let an agent do a task under policy and people."),
    ),
    demos=(
        (
            "agent",
            f"{_AGENTS}.demo.play:play",
            "Let an agent work under policy, people, and a budget, and prove it.",
        ),
    ),
    extra="agents",
    needs=("genai_prices", "pydantic_ai"),
)
