"""What it costs to start: `tenuto --help` and `import tenuto`, against Python and a bare Click.

    python tests/bench/bench_startup.py [--json] [--rounds N]

CPU seconds (user and system) of whole processes, as the operating system counts them for a
child that ended; bytecode is compiled beforehand, into a folder of the bench. In each round
every contender has its turn, each round starting with the next one. Figures are medians;
ratios are to `python -c pass` and to a Click program that prints a help page of equal length.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

COMMANDS = 17
"""Subcommands of the bare Click program: about as many as `tenuto` has."""

_BARE_CLICK = """
import click

@click.group()
def program():
    "A program."

for number in range({commands}):
    @program.command(f"command-{{number}}", help="Do one thing, and say so in one line of help.")
    def command():
        pass

program()
"""

CONTENDERS = {
    "python": ["-c", "pass"],
    "bare click --help": ["-c", _BARE_CLICK.format(commands=COMMANDS), "--help"],
    "import tenuto": ["-c", "import tenuto"],
    "tenuto --help": ["-c", "from tenuto.cli import main; main()", "--help"],
    "tenuto runs --help": ["-c", "from tenuto.cli import main; main()", "runs", "--help"],
    "tenuto completion": ["-c", "from tenuto.cli import main; main()"],
}
"""Name -> arguments of the interpreter."""

_COMPLETION = {"_TENUTO_COMPLETE": "bash_complete", "COMP_WORDS": "tenuto ca", "COMP_CWORD": "1"}


def main() -> None:
    """Prints one line per contender, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as bytecode:
        figures = measure(Path(bytecode), options.rounds)
    if options.json:
        print(json.dumps({"machine": machine(), "rounds": options.rounds, "figures": figures}))
        return
    print(f"{machine()}, {options.rounds} rounds, CPU")
    for name, figure in figures.items():
        print(
            f"{name:20} {figure['cpu_s'] * 1000:5.0f} ms"
            f"  {figure['to_python']:5.2f} x python  {figure['to_click']:5.2f} x bare click"
        )


def measure(bytecode: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Per contender: median CPU seconds, and ratios to the interpreter and to bare Click."""
    for name in CONTENDERS:
        cpu_seconds(name, bytecode)
    names = list(CONTENDERS)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(cpu_seconds(name, bytecode))
    medians = {name: median(each) for name, each in seconds.items()}
    return {
        name: {
            "cpu_s": value,
            "to_python": value / medians["python"],
            "to_click": value / medians["bare click --help"],
        }
        for name, value in medians.items()
    }


def cpu_seconds(name: str, bytecode: Path) -> float:
    """CPU seconds of one run of a contender."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
    if name == "tenuto completion":
        environment |= _COMPLETION
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *CONTENDERS[name]], env=environment, stdout=subprocess.DEVNULL, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def machine() -> str:
    """What it was measured on."""
    return f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
