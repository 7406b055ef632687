"""The form of `wait`: let time pass."""

from tenuto.definitions.check.kinds.task import task
from tenuto.definitions.check.kinds.values import DURATION

WAIT = task({"wait": DURATION}, ("wait",))
