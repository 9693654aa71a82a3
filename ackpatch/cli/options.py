"""The options that several commands take, with their help."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer


class FormatName(str, Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"


class SystemdName(str, Enum):
    """What starts kubelet in a rehearsal."""

    MODEL = "model"
    REAL = "real"
    AUTO = "auto"


class ImageName(str, Enum):
    """What the node of a rehearsal looks like."""

    AUTO = "auto"
    RPM = "rpm"
    DEB = "deb"
    BINARY = "binary"
    AGENT = "agent"


def _known_codes(incomplete: str) -> list[tuple[str, str]]:
    """Complete the code of a finding, with its title."""
    from ackpatch.findings import RULES

    before, comma, last = incomplete.rpartition(",")
    return [(before + comma + code, rule.title) for code, rule in RULES.items() if code.startswith(last.upper())]


Scripts = Annotated[
    list[str],
    typer.Argument(metavar="SCRIPT...", help="Shell scripts, or folders with some; - is standard input."),
]
NodeIp = Annotated[bool, typer.Option("--with-node-ip", help="Also give kubelet --node-ip, taken from the node name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Replace the file without asking, and print a summary.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what a person changed in ackpatch's own text.")]
Full = Annotated[bool, typer.Option("--full", help="Show the standard block line by line instead of folded.")]
Secrets = Annotated[bool, typer.Option("--show-secrets", help="Show join tokens and passwords instead of stars.")]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="CODES",
        help="Tell only these findings: ACK227, or ACK2 for all that begin with it; separate several with commas.",
        autocompletion=_known_codes,
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="CODES", help="Do not tell these findings.", autocompletion=_known_codes),
]
Format = Annotated[
    FormatName,
    typer.Option(
        "--format", "-f", metavar="text|json|sarif|github|gitlab", help="Print text, or a format for other programs."
    ),
]
Html = Annotated[
    str, typer.Option("--html", metavar="FILE", help="Also write one page to look at in a browser to this file.")
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", metavar="N", min=0, help="Examine so many scripts at a time; 0 is one for each processor."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Tell errors only.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="PATTERN",
        help="In folders pass over names and paths that fit this pattern; may be given several times.",
    ),
]
Config = Annotated[
    str, typer.Option("--config", metavar="FILE", help="Read settings from this file instead of the project's.")
]
StdinName = Annotated[
    str,
    typer.Option(
        "--stdin-filename", metavar="NAME", help="Treat standard input as the file of this name, also in messages."
    ),
]
Code = Annotated[
    str,
    typer.Argument(
        metavar="[CODE]",
        help="A finding, the beginning of several, or block; without one all findings are listed.",
        autocompletion=_known_codes,
    ),
]
# --- what a rehearsal takes
SetValue = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Set this one of the four variables; those not set so are left out."
    ),
]
Args = Annotated[
    str, typer.Option("--args", metavar="WORDS", help="Give the script of the rehearsal these arguments, in one word.")
]
Env = Annotated[
    list[str] | None,
    typer.Option("--env", metavar="NAME=VALUE", help="Set another variable that the script of the rehearsal needs."),
]
ImageOf = Annotated[
    ImageName,
    typer.Option(
        "--image",
        metavar="auto|rpm|deb|binary|agent",
        help="Rehearse on this kind of node; auto tells it from the script.",
    ),
]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "--file", metavar="PATH=LOCAL", help="Put a local file at PATH on the node of the rehearsal, or at a URL."
    ),
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", help="End each run of a rehearsal after this time.")
]
Systemd = Annotated[
    SystemdName,
    typer.Option(
        "--systemd",
        metavar="model|real|auto",
        help="Let this start kubelet: model needs nothing, real boots a container and needs root, auto takes real "
        "where it can.",
    ),
]
SystemdVersion = Annotated[
    int,
    typer.Option("--systemd-version", metavar="N", min=219, help="Follow the rules of this version in the model."),
]
