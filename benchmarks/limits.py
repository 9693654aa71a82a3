"""Measures what scripts of an extreme shape cost, and writes the table into docs/performance.md with --write.

Usage: python benchmarks/limits.py [--write] [NAME ...]   with names, the other rows of the page stay as they are
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
START = "systemctl restart kubelet\n"
WRITE = "echo KUBELET_EXTRA_ARGS=--v={} >/etc/default/kubelet\n"
CHECK = (
    "import gc, sys, resource, ackpatch; gc.disable();"  # as the command line does
    "found = ackpatch.patch(open(sys.argv[1], 'rb').read());"
    "used = [resource.getrusage(one).ru_maxrss for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)];"
    "print(max(used) // 1024, ','.join(sorted({one.code for one in found.errors if not one.fixable})) or '-')"
)
# Twenty lines of 34 bytes in the mean, of which the parser makes 2.7 KB of JSON each: public scripts have 36 and 2.7.
ORDINARY = """
# ----------------------------------------------------------------
# Step {0}: the folder of the service and its configuration.
# ----------------------------------------------------------------
log "step {0}: begins at $(date +%s)"
mkdir -p "$BASE/service-{0}/conf.d"
if [ ! -f "$BASE/service-{0}/done" ]; then
  cat >"$BASE/service-{0}/conf.d/main.conf" <<EOF
name = service-{0}
listen = 127.0.0.1:$PORT
data = $BASE/service-{0}/data
EOF
  chown -R "$OWNER:$OWNER" "$BASE/service-{0}"
  for part in one two three; do
    install -m 0755 "files/$part" /usr/local/lib/service-{0}/
  done
  echo "installed {0}" >>/var/log/install.log
fi

sysctl -w net.core.somaxconn=1024 >/dev/null || true
"""
AIM_SECONDS, AIM_MEGABYTES, AT_ONCE = 10, 1024, 1


def shapes() -> Iterator[tuple[str, str, bool]]:
    """The name of a shape, a script of it, and whether a limit is to stop it at once."""
    yield "100,000 lines of an ordinary installer", "".join(map(ORDINARY.format, range(5_000))) + START, False
    text = "some text of the document with $HOME in it\n" * 240_000
    yield "a here-document of 10 MB", f"cat >/tmp/x <<EOF\n{text}EOF\n{START}", False
    yield "2,000 pairs of a write and a start", "".join(WRITE.format(n) + START for n in range(2000)), False
    functions = "".join(f"f{n}() {{ echo {n}; {START.strip()}; }}\n" for n in range(1000))
    yield "1,000 functions, each called", functions + "".join(f"f{n}\n" for n in range(1000)), False
    yield "1,000 functions, none called", functions, False
    yield "1,000 traps", f"trap '{START.strip()}' EXIT\n" * 1000, False
    arms = "".join(f"a{n}) {START.strip()} ;;\n" for n in range(1000))
    yield "1,000 arms of a case", f"case $1 in\n{arms}esac\n", False
    yield "100 `while` in each other's conditions", f"{'while ' * 100}{START.strip()}{'; do :; done' * 100}\n", False
    yield "a line of 100 KB", "echo a; " * 14_000 + START, False
    yield "50,000 words in one command", "echo " + "x " * 50_000 + "\n" + START, False
    yield "8 loops in each other", "for n in 1 2 3; do " * 8 + START.strip() + "; done" * 8 + "\n", False
    yield "a chain of 24 KB of `true && `", "true && " * 3000 + START, True
    yield "320 `if` in each other", "if true; then\n" * 320 + START + "fi\n" * 320, True
    yield "200 `$(` in each other", "echo " + "$(echo " * 200 + ")" * 200 + "\n" + START, True


@dataclass(frozen=True)
class Cost:
    """What a shape cost: seconds, megabytes, and the errors that ``apply`` cannot mend."""

    name: str
    seconds: float
    megabytes: int
    errors: str
    at_once: bool

    @property
    def met(self) -> bool:
        """Say whether it is within the aim."""
        return self.seconds <= (AT_ONCE if self.at_once else AIM_SECONDS) and self.megabytes <= AIM_MEGABYTES


def measure(name: str, script: str, at_once: bool) -> Cost:
    """Patch a script in a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write("#!/bin/bash\n" + script)
        file.flush()
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", CHECK, file.name], capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - begin
    megabytes, errors = done.stdout.split()
    return Cost(name, seconds, int(megabytes), errors, at_once)


def row(cost: Cost) -> str:
    """A line of the table as Markdown."""
    return (
        f"| {cost.name} | {cost.seconds:.1f} s | {cost.megabytes} MB | {cost.errors} | "
        f"{AT_ONCE if cost.at_once else AIM_SECONDS} s | {'met' if cost.met else 'missed'} |\n"
    )


def table(rows: str) -> str:
    """The table with its rows, and where they were measured."""
    return (
        f"On {os.cpu_count()} processors; Python {sys.version.split()[0]}.\n\n"
        f"| script | time | peak memory | errors | aim | |\n|---|---|---|---|---|---|\n{rows}"
    )


def main() -> None:
    """Measure, print, and write if asked to."""
    asked = [word for word in sys.argv[1:] if not word.startswith("-")]
    costs = [measure(*one) for one in shapes() if not asked or any(word in one[0] for word in asked)]
    rows = {one.name: row(one) for one in costs}
    print(table("".join(rows.values())))
    if "--write" in sys.argv:
        page = ROOT / "docs" / "performance.md"
        head, _, rest = page.read_text(encoding="utf-8").partition("<!-- limits: begin -->\n")
        old, _, tail = rest.partition("<!-- limits: end -->\n")
        was = {line.split(" | ")[0].removeprefix("| "): line for line in old.splitlines(keepends=True)}
        text = table("".join(rows.get(name) or was.get(name, "") for name, _, _ in shapes()))
        page.write_text(f"{head}<!-- limits: begin -->\n{text}<!-- limits: end -->\n{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
