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


Scripts = Annotated[list[str], typer.Argument(metavar="SCRIPT...", help="Shell scripts; - is standard input.")]
NodeIp = Annotated[bool, typer.Option("--with-node-ip", help="Also give kubelet --node-ip, taken from the node name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Replace the file without asking.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what a person changed in ackpatch's own text.")]
Full = Annotated[bool, typer.Option("--full", help="Show the standard block line by line, on a terminal.")]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="CODES", help="Tell only these findings: ACK227, or ACK2 for all that begin so."),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="CODES", help="Do not tell these findings.")]
Format = Annotated[FormatName, typer.Option("--format", "-f", help="text, or a format for other programs.")]
Html = Annotated[str, typer.Option("--html", metavar="FILE", help="Also write one page to look at in a browser.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="Scripts at a time; 0: one for each processor.")]


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
