"""From a checked definition to the plan that is run."""

from tenuto.definitions.compiling.compile import compile_plan

__all__ = ["compile_plan"]
