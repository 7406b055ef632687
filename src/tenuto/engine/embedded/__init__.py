"""Temporal's own server as a child process: found, tuned, watched, upgraded, stopped."""

from tenuto.engine.embedded.lock import ServerInfo as ServerInfo
from tenuto.engine.embedded.lock import running_server as running_server
