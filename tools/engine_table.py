"""The table in docs/rehearsal.md of what each engine of the rehearsal shows: each row is a script that both have run.

Usage: python tools/engine_table.py [--write]   as root, with systemd-nspawn
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from ackpatch.rehearse import Rehearsal, rehearse  # noqa: E402 - the project of this checkout

PAGE = ROOT / "docs" / "rehearsal.md"
BEGIN, END = "<!-- engines: begin -->\n", "<!-- engines: end -->\n"
UNIT = "/etc/systemd/system/kubelet.service"
START = "systemctl daemon-reload\nsystemctl restart kubelet\n"
INSTALLED = "rpm+installed"


@dataclass(frozen=True)
class Probe:
    """A row: what it is about, the script, and whether a run shows it; ``unit`` is the text of kubelet's own unit, on a
    node without packages.
    """

    what: str
    script: str
    shows: Callable[[Rehearsal], bool]
    unit: str = ""
    family: str = INSTALLED


def _last(*words: str) -> Callable[[Rehearsal], bool]:
    """Say that kubelet's last start has these words at its end."""
    return lambda run: bool(run.starts) and run.starts[-1].argv[-len(words) :] == words and not run.starts[-1].error


def _fails(run: Rehearsal) -> bool:
    return bool(run.starts) and run.starts[-1].error is not None


def _said(text: bytes) -> Callable[[Rehearsal], bool]:
    return lambda run: text in run.stdout


PROBES = (
    Probe(
        "quotes, `$VAR` and `${VAR}` in `ExecStart=`",
        START,
        _last("--a=b c", "--x", "--y", "--x --y"),
        '[Service]\nEnvironment="V=--x --y"\nExecStart=/usr/bin/kubelet "--a=b c" $V ${V}\n',
    ),
    Probe(
        "drop-ins in their order, and a reset of `ExecStart=`",
        "d=/etc/systemd/system/kubelet.service.d; mkdir -p $d /run/systemd/system/kubelet.service.d\n"
        "printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/kubelet --b\\n' >$d/b.conf\n"
        "cd /run/systemd/system/kubelet.service.d\n"
        "printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/kubelet --a\\n' >a.conf\n" + START,
        _last("--b"),
        "[Service]\nExecStart=/usr/bin/kubelet --c\n",
    ),
    Probe(
        "a forgotten `daemon-reload`",
        f"systemctl start kubelet\nsed -i s/--old/--new/ {UNIT}\nsystemctl restart kubelet\n",
        _last("--old"),
        "[Service]\nExecStart=/usr/bin/kubelet --old\n",
    ),
    Probe(
        "`systemctl link` of a unit elsewhere",
        "printf '[Service]\\nExecStart=/usr/bin/kubelet --linked\\n' >/opt/kubelet.service\n"
        "systemctl link /opt/kubelet.service\n" + START,
        _last("--linked"),
        family="binary",
    ),
    Probe(
        "a unit that does not run is started at the next boot where it is enabled",
        "systemctl daemon-reload\nsystemctl enable kubelet\n",
        lambda run: [one.how for one in run.starts] == ["boot"],
    ),
    Probe("the line of the script that starts kubelet", ":\n" + START, lambda run: run.starts[-1].line == 4),
    Probe(
        "a kubeadm join that waits for another node name",
        "echo KUBELET_EXTRA_ARGS=--hostname-override=other >/etc/sysconfig/kubelet\n"
        "kubeadm join 10.0.0.10:6443 --token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification\n",
        lambda run: run.exit_status not in (0, None),
    ),
    Probe(
        "another unit that wants kubelet",
        "cd /etc/systemd/system\n"
        "printf '[Unit]\\nWants=kubelet.service\\n[Service]\\nExecStart=/usr/bin/true\\n' >my.service\n"
        "systemctl daemon-reload\nsystemctl start my\nsleep 1\n",
        lambda run: bool(run.starts) and run.starts[-1].how != "boot",
    ),
    Probe(
        "kubelet's unit by another name, which is a link to it",
        "cd /etc/systemd/system\nln -s kubelet.service node.service\n"
        "mkdir kubelet.service.d\n"
        "printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/kubelet --b\\n' >kubelet.service.d/b.conf\n"
        "systemctl daemon-reload\nsystemctl start node\n",
        _last("--b"),
        "[Service]\nExecStart=/usr/bin/kubelet --c\n",
    ),
    Probe(
        "an instance of a template that starts what its name says",
        "cd /etc/systemd/system\n"
        "printf '[Service]\\nType=oneshot\\nExecStart=/usr/bin/systemctl start %%i\\n' >begin@.service\n"
        "systemctl daemon-reload\nsystemctl start begin@kubelet.service\nsleep 1\n",
        lambda run: bool(run.starts) and run.starts[-1].how != "boot",
    ),
    Probe(
        "a unit that systemd refuses: not UTF-8",
        START,
        _fails,
        "[Service]\nEnvironment=A=\udcff\nExecStart=/usr/bin/kubelet\n",
    ),
    Probe(
        "a unit that systemd refuses: what it requires is missing",
        START,
        _fails,
        "[Unit]\nRequires=nowhere.service\nAfter=nowhere.service\n[Service]\nExecStart=/usr/bin/kubelet\n",
    ),
    Probe(
        "`ExecStartPre=` that fails",
        START,
        _fails,
        "[Service]\nExecStartPre=/usr/bin/false\nExecStart=/usr/bin/kubelet\n",
    ),
    Probe(
        "`ExecStartPre=` that writes the environment file",
        START,
        _last("--late"),
        "[Service]\nEnvironmentFile=-/run/late.env\n"
        "ExecStartPre=/bin/sh -c 'echo A=--late >/run/late.env'\nExecStart=/usr/bin/kubelet $A\n",
    ),
    Probe(
        "a kernel setting that the script has set",
        "sysctl -w vm.overcommit_memory=2 >/dev/null\ncat /proc/sys/vm/overcommit_memory\n",
        _said(b"2\n"),
    ),
    Probe("the host name that the script has set", "hostnamectl set-hostname a1\nhostname\n", _said(b"a1\n")),
)
HEAD = "| what | model | real |\n|---|---|---|\n"
FIXED = (
    "| needs | Linux, user namespaces | root, `systemd-nspawn` |\n"
    "| `systemctl edit --stdin` and its drop-in | shown | from systemd 256 on |\n"
    "| the rules of another version of systemd | `--systemd-version` | the machine's own only |\n"
)


def shows(probe: Probe, real: bool) -> bool:
    """Run a probe in an engine, and say whether it shows what it is about."""
    files = {UNIT: probe.unit.encode("utf-8", "surrogateescape")} if probe.unit else {}
    script = f"#!/bin/bash\n{probe.script}".encode()
    return probe.shows(
        rehearse(script, env={}, family="binary" if probe.unit else probe.family, files=files, lines=True, real=real)
    )


def row(probe: Probe, model: bool, real: bool) -> str:
    """The line of a probe."""
    return f"| {probe.what} | {_word(model)} | {_word(real)} |\n"


def _word(shown: bool) -> str:
    return "shown" if shown else "not shown"


def table() -> str:
    """Run all probes in both engines; gives the table."""
    return HEAD + FIXED + "".join(row(one, shows(one, False), shows(one, True)) for one in PROBES)


def in_page() -> str:
    """The table that the page has now."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Print the table, and write it if asked to."""
    text = table()
    print(text, end="")
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(page.replace(BEGIN + in_page() + END, BEGIN + text + END), encoding="utf-8")


if __name__ == "__main__":
    main()
