"""Plain Temporal code, as a team brings it: nothing of ours in it."""

from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def greet(name: str, greeting: str) -> str:
    """Greet somebody."""
    return f"{greeting} {name}"


@activity.defn
async def count_names(names: list[str]) -> int:
    """Count the names."""
    return len(names)


@workflow.defn
class Greeting:
    """Greet somebody."""

    @workflow.run
    async def run(self, name: str, greeting: str) -> str:
        return await workflow.execute_activity(
            greet, args=[name, greeting], start_to_close_timeout=timedelta(seconds=10)
        )


@workflow.defn
class Counting:
    """Send a string where a list of strings is expected, as untyped code does."""

    @workflow.run
    async def run(self) -> int:
        counted: int = await workflow.execute_activity(
            "count_names",
            "abc",
            start_to_close_timeout=timedelta(seconds=10),
            result_type=int,
        )
        return counted
