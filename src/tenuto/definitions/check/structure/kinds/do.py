"""The form of `do`: tasks in sequence."""

from tenuto.definitions.check.structure.kinds.task import task
from tenuto.definitions.check.structure.kinds.values import TASKS

DO = task({"do": TASKS}, ("do",))
