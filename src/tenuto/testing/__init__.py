"""Real things, small enough for tests: yours as well as ours."""

from tenuto.testing.waiting import eventually as eventually
