"""The form of `wait`: let time pass."""

from tenuto.definitions.check.structure.kinds.task import task
from tenuto.definitions.check.structure.kinds.values import DURATION

WAIT = task({"wait": DURATION}, ("wait",))
