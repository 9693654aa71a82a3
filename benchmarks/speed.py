"""Measures ackpatch against bare Python, shfmt and shellcheck in one run; prints ratios of medians.

Usage: python benchmarks/speed.py [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

SCRIPTS = Path(sysconfig.get_path("scripts"))
FIXTURES = Path(__file__).parent.parent / "fixtures"


def script_of(lines: int) -> str:
    """Make a valid bootstrap script of about so many lines from the project's own kubeadm fixtures."""
    parts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("kubeadm/*/original.sh"))]
    bodies = [one.split("\n", 1)[1] for one in parts if "Begin:" not in one]
    text, number = "#!/bin/bash\n", 0
    while text.count("\n") < lines - 10:
        text += f"part_{number}() {{\n{bodies[number % len(bodies)]}\n}}\npart_{number}\n"
        number += 1
    return text


def medians(commands: dict[str, list[str]], runs: int) -> dict[str, float]:
    """Run the commands in turn and give the median of each, in seconds."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, check=False)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(several) for name, several in times.items()}


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if sys.argv[1:] else 15
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "version": [str(SCRIPTS / "ackpatch"), "--version"],
        }
        for lines in (50, 500, 5000):
            path = str(Path(folder) / f"{lines}.sh")
            Path(path).write_text(script_of(lines), encoding="utf-8")
            commands[f"diff {lines}"] = [str(SCRIPTS / "ackpatch"), "diff", path]
            commands[f"json {lines}"] = ["sh", "-c", f"'{SCRIPTS / 'shfmt'}' --to-json < {path}"]
            commands[f"shellcheck {lines}"] = [str(SCRIPTS / "shellcheck"), "-f", "diff", path]
        rehearsed = Path(folder) / "rehearsed.sh"
        rehearsed.write_bytes((FIXTURES / "large" / "centos-docker-kubeadm" / "original.sh").read_bytes())
        commands["rehearse 200"] = [str(SCRIPTS / "ackpatch"), "rehearse", str(rehearsed)]
        found = medians(commands, runs)
    for name, seconds in found.items():
        print(f"{name:16} {seconds * 1000:8.1f} ms  {seconds / found['python']:6.1f} x python")
    for lines in (50, 500, 5000):
        shfmt = found[f"json {lines}"] + found["python"]
        print(
            f"diff of {lines} lines: {found[f'diff {lines}'] / shfmt:.2f} x (shfmt --to-json + python), "
            f"{found[f'diff {lines}'] / found[f'shellcheck {lines}']:.2f} x shellcheck -f diff"
        )


if __name__ == "__main__":
    main()
