"""Runs the server and ends it when the process that started this one is gone, however it went.

Started as a script, `python -I -S guard.py LOCK_FD LOG -- COMMAND...`, so it imports nothing but
the standard library. Standard input is a pipe whose other end only the owner holds: a byte on
it asks the server to stop, its end means the owner died (`kill -9` included) and kills the
server at once. A pipe works alike on Linux and macOS, where nothing signals a child that its
parent died. Standard output tells the owner the server's process id.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path


def guarded(command: list[str], *, log: Path, lock_descriptor: int) -> list[str]:
    """The command line that runs `command` under this guard."""
    script = [sys.executable, "-I", "-S", __file__]
    return [*script, str(lock_descriptor), str(log), "--", *command]


LOG_CAP_BYTES = 8 * 1024 * 1024
"""Above this the log moves to `<log>.1` and starts anew."""

_LOOK_AT_LOG_S = 60.0


def main(arguments: list[str]) -> int:
    """Exit code of the server, 128 + signal for a killed one, 127 if it could not start."""
    lock_descriptor, log, _, *command = arguments
    os.umask(0o077)
    roll(Path(log))
    with Path(log).open("ab") as output:
        try:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[int(lock_descriptor)],
            )
        except OSError as error:
            output.write(f"{command[0]}: {error}\n".encode())
            return 127
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    threading.Thread(target=_watch_owner, args=(server, Path(log)), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):  # the owner is gone; the thread ends the server
        os.write(1, b"%d\n" % server.pid)
    code = server.wait()
    return code if code >= 0 else 128 - code


def _watch_owner(server: subprocess.Popen[bytes], log: Path) -> None:
    while True:
        if not select.select([0], [], [], _LOOK_AT_LOG_S)[0]:
            roll(log)
        elif os.read(0, 1):
            server.terminate()
        else:
            server.kill()
            return


def roll(log: Path) -> None:
    """Moves a log above the cap to `<log>.1`; whoever appends to it carries on in the empty one."""
    if log.exists() and log.stat().st_size > LOG_CAP_BYTES:
        shutil.copyfile(log, f"{log}.1")
        os.truncate(log, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
