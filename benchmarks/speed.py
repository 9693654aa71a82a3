"""Measures ackpatch against bare Python, shfmt and shellcheck in one run, as ratios of medians, with peak memory.

Usage: python benchmarks/speed.py [RUNS] [--write]

With --write the result goes into docs/performance.md too.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ackpatch.rehearse import container

SCRIPTS = Path(sysconfig.get_path("scripts"))
ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
SIZES = (50, 500, 5000)
AGAINST_SHELLCHECK = (1.5, 0.25, 0.12)
MANY, MATTERING = 1000, 20
REAL = "ackpatch rehearse --systemd real, 200 lines"
IMPORT_BASHLEX = """import time
from ackpatch.shell import bashlex_reader
begin = time.perf_counter()
bashlex_reader.load()
print((time.perf_counter() - begin) * 1000)
"""


@dataclass(frozen=True)
class Measured:
    """The median time of a command in seconds, and the most memory that it and its children took, in megabytes."""

    seconds: float
    megabytes: float


def script_of(lines: int) -> str:
    """Make a valid bootstrap script of about so many lines from the project's own kubeadm fixtures."""
    parts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("kubeadm/*/original.sh"))]
    bodies = [one.split("\n", 1)[1] for one in parts if "Begin:" not in one]
    text, number = "#!/bin/bash\n", 0
    while text.count("\n") < lines - 10:
        text += f"part_{number}() {{\n{bodies[number % len(bodies)]}\n}}\npart_{number}\n"
        number += 1
    return text


def many_scripts(folder: Path) -> list[str]:
    """Write small scripts of which a few start kubelet."""
    folder.mkdir()
    for number in range(MANY):
        start = "systemctl restart kubelet\n" if number % (MANY // MATTERING) == 0 else "echo done\n"
        (folder / f"{number:04}.sh").write_text(f"#!/bin/bash\nset -e\necho {number}\n{start}", encoding="utf-8")
    return [str(path) for path in sorted(folder.iterdir())]


def as_installed() -> dict[str, str]:
    """An environment in which bytecode is kept, as pip leaves it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(ROOT / ".venv" / "bytecode")}


def run_once(command: list[str]) -> tuple[float, float]:
    """Run a command; gives its time and its peak memory."""
    null, env = subprocess.DEVNULL, as_installed()
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=null, stdout=null, stderr=null, env=env) as one:
        _, _, usage = os.wait4(one.pid, 0)
        one.returncode = 0
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def measure(commands: dict[str, list[str]], runs: int) -> dict[str, Measured]:
    """Run the commands in turn, so that what disturbs the machine disturbs all of them."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(run_once(command))
    return {
        name: Measured(statistics.median(t for t, _ in several), max(m for _, m in several))
        for name, several in times.items()
    }


def commands_in(folder: Path) -> dict[str, list[str]]:
    """What is measured."""
    ackpatch = str(SCRIPTS / "ackpatch")
    found = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "ackpatch --version": [ackpatch, "--version"],
        "import ackpatch": [sys.executable, "-c", "import ackpatch"],
    }
    for lines in SIZES:
        path = folder / f"{lines}.sh"
        path.write_text(script_of(lines), encoding="utf-8")
        found[f"ackpatch diff, {lines} lines"] = [ackpatch, "diff", str(path)]
        found[f"shfmt --to-json, {lines} lines"] = ["sh", "-c", f"'{SCRIPTS / 'shfmt'}' --to-json <'{path}'"]
        found[f"shfmt -d, {lines} lines"] = [str(SCRIPTS / "shfmt"), "-d", str(path)]
        found[f"shellcheck -f diff, {lines} lines"] = [str(SCRIPTS / "shellcheck"), "-f", "diff", str(path)]
    found[f"ackpatch check, {MANY} files"] = [ackpatch, "check", *many_scripts(folder / "many")]
    rehearsed = FIXTURES / "large" / "centos-docker-kubeadm" / "original.sh"
    found["ackpatch rehearse, 200 lines"] = [ackpatch, "rehearse", str(rehearsed)]
    if not container.missing():
        found[REAL] = [ackpatch, "rehearse", "--systemd", "real", str(rehearsed)]
    return found


@dataclass(frozen=True)
class Target:
    """What is aimed at, what was measured, and in which unit."""

    what: str
    limit: float
    got: float
    unit: str

    @property
    def met(self) -> bool:
        """Say whether the measure is within the limit."""
        return self.got <= self.limit


def targets(found: dict[str, Measured], bashlex: float) -> list[Target]:
    """Each aim with its measure."""
    python = found["python -c pass"].seconds

    def seconds(name: str) -> float:
        return found[name].seconds

    shfmt = seconds("shfmt --to-json, 500 lines") + python
    per_line = [seconds(f"ackpatch diff, {lines} lines") / lines for lines in (500, 5000)]
    return [
        Target("`--version` against bare Python", 1.6, seconds("ackpatch --version") / python, "x"),
        Target("`import ackpatch` against bare Python", 3, seconds("import ackpatch") / python, "x"),
        *(
            Target(
                f"`diff`, {lines:,} lines, against shellcheck -f diff",
                limit,
                seconds(f"ackpatch diff, {lines} lines") / seconds(f"shellcheck -f diff, {lines} lines"),
                "x",
            )
            for lines, limit in zip(SIZES, AGAINST_SHELLCHECK, strict=True)
        ),
        Target(
            "`diff`, 500 lines, against shfmt --to-json and bare Python",
            2,
            seconds("ackpatch diff, 500 lines") / shfmt,
            "x",
        ),
        Target("`diff`, 5,000 lines, memory", 250, found["ackpatch diff, 5000 lines"].megabytes, "MB"),
        Target("time a line, 5,000 lines against 500", 1.2, per_line[1] / per_line[0], "x"),
        Target(
            f"`check` of {MANY:,} files, {MATTERING} of them with kubelet",
            3,
            seconds(f"ackpatch check, {MANY} files"),
            "s",
        ),
        Target(
            "a file without kubelet, once started",
            1,
            (seconds(f"ackpatch check, {MANY} files") - python) / MANY * 1000,
            "ms at the most",
        ),
        Target("bashlex's import with the shipped tables", 25, bashlex, "ms"),
        Target("`rehearse`, 200 lines", 2, seconds("ackpatch rehearse, 200 lines"), "s"),
        *([Target("`rehearse --systemd real`, 200 lines", 4, seconds(REAL), "s")] if REAL in found else []),
    ]


def import_of_bashlex(runs: int) -> float:
    """The median time of bashlex's import in milliseconds."""
    once = [
        float(subprocess.run([sys.executable, "-c", IMPORT_BASHLEX], capture_output=True, text=True, check=True).stdout)
        for _ in range(runs)
    ]
    return statistics.median(once)


def report(found: dict[str, Measured], aims: list[Target], runs: int) -> str:
    """The tables as Markdown."""
    python = found["python -c pass"].seconds
    rows = "".join(
        f"| `{name}` | {one.seconds * 1000:.0f} ms | {one.seconds / python:.1f} | {one.megabytes:.0f} MB |\n"
        for name, one in found.items()
    )
    aimed = "".join(
        f"| {one.what} | {one.limit:g} {one.unit} | {one.got:.2f} {one.unit} | {'met' if one.met else 'missed'} |\n"
        for one in aims
    )
    return (
        f"Medians of {runs} runs, all in turn, on {os.cpu_count()} processors; Python {sys.version.split()[0]}.\n\n"
        f"| command | time | x bare Python | peak memory |\n|---|---|---|---|\n{rows}\n"
        f"| aim | limit | measured | |\n|---|---|---|---|\n{aimed}"
    )


def main() -> None:
    """Measure, print, and write if asked to."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    runs = numbers[0] if numbers else 15
    with tempfile.TemporaryDirectory() as folder:
        found = measure(commands_in(Path(folder)), runs)
    text = report(found, targets(found, import_of_bashlex(runs)), runs)
    print(text)
    if "--write" in sys.argv:
        page = ROOT / "docs" / "performance.md"
        head, _, rest = page.read_text(encoding="utf-8").partition("<!-- measured: begin -->\n")
        _, _, tail = rest.partition("<!-- measured: end -->\n")
        marked = f"<!-- measured: begin -->\n{text}<!-- measured: end -->\n"
        page.write_text(head + marked + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
