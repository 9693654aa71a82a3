"""The commands with their arguments; each hands over to a module of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ackpatch.cli import pool
from ackpatch.cli.options import (
    Force,
    Format,
    FormatName,
    Full,
    Html,
    Ignore,
    ImageName,
    Jobs,
    NodeIp,
    Scripts,
    Select,
    SystemdName,
    Yes,
)

if TYPE_CHECKING:
    from ackpatch.options import Options

app = typer.Typer(
    name="ackpatch",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Give a node-bootstrap script the four values that an ACK One registered cluster injects at scale-out.",
)


def _codes(given: list[str] | None) -> tuple[str, ...]:
    from ackpatch.findings import codes

    return codes(code for one in given or [] for code in one.split(","))


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context, version: Annotated[bool, typer.Option("--version", "-V", help="Show the version.")] = False
) -> None:
    """Answer what is asked of the program as a whole."""
    if version:
        from ackpatch import __version__

        print(f"ackpatch {__version__}")
        raise typer.Exit


@app.command(epilog="Example: ackpatch apply --yes join-node.sh")
def apply(
    scripts: Scripts,
    yes: Yes = False,
    output: Annotated[str, typer.Option("--output", "-o", help="Write here and leave the input alone.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite --output; drop changes in our own text.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Write what can be covered although an error stays.")
    ] = False,
    full: Full = False,
    backup: Annotated[bool, typer.Option("--backup", help="Keep the original as SCRIPT.orig.")] = False,
    with_node_ip: NodeIp = False,
    rehearsed: Annotated[
        bool, typer.Option("--rehearse", help="Write only if a rehearsal of the result holds.")
    ] = False,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Show the change as a diff, ask, and write it."""
    from ackpatch.cli.apply import Writing, apply_files

    wanted = _wanted(select, ignore, with_node_ip, partial, force)
    raise typer.Exit(apply_files(scripts, Writing(yes, output, backup, rehearsed, full, wanted)))


@app.command(epilog="Example: ackpatch diff join-node.sh | git apply")
def diff(
    scripts: Scripts,
    with_node_ip: NodeIp = False,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="In two columns, on a wide terminal.")] = False,
    full: Full = False,
    format_: Format = FormatName.TEXT,
    html: Html = "",
    jobs: Jobs = 0,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Show the change as a diff that git apply takes; write nothing. Exit code 1 when a change is needed."""
    from ackpatch.cli.show import Showing, diff_files

    wanted = _wanted(select, ignore, with_node_ip)
    raise typer.Exit(diff_files(scripts, wanted, Showing(format_.value, html, jobs, side_by_side, full)))


@app.command(epilog="Example: ackpatch check join-node.sh")
def check(
    scripts: Scripts,
    bootstrap: Annotated[
        bool, typer.Option("--bootstrap", help="The script is meant for a node pool: no start of kubelet is an error.")
    ] = False,
    format_: Format = FormatName.TEXT,
    html: Html = "",
    jobs: Jobs = 0,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Exit 0 when every kubelet start carries the values, 1 when apply can mend it, 2 when it cannot."""
    from ackpatch.cli.show import Showing, check_files

    wanted = _wanted(select, ignore, bootstrap=bootstrap)
    raise typer.Exit(check_files(scripts, wanted, Showing(format_.value, html, jobs)))


@app.command(epilog="Example: ackpatch inspect join-node.sh")
def inspect(
    scripts: Scripts,
    format_: Format = FormatName.TEXT,
    html: Html = "",
    jobs: Jobs = 0,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Show what was understood: every start, join and write, in the order in which they run."""
    from ackpatch.cli.show import Showing, inspect_files

    wanted = _wanted(select, ignore, partial=True)
    raise typer.Exit(inspect_files(scripts, wanted, Showing(format_.value, html, jobs)))


def _wanted(
    select: list[str] | None,
    ignore: list[str] | None,
    with_node_ip: bool = False,
    partial: bool = False,
    force: bool = False,
    bootstrap: bool = False,
) -> Options:
    from ackpatch.options import Options

    return Options(with_node_ip, partial, force, bootstrap, select=_codes(select), ignore=_codes(ignore))


@app.command(epilog="Example: ackpatch revert --yes join-node.sh")
def revert(scripts: Scripts, yes: Yes = False, force: Force = False) -> None:
    """Take ackpatch's edits out again; the bytes are the original's."""
    from ackpatch.cli.apply import revert_files

    raise typer.Exit(revert_files(scripts, yes, force))


@app.command(epilog="Example: ackpatch rehearse join-node.sh --set ALIBABA_CLOUD_PROVIDER_ID=cn-hangzhou.i-bp1")
def rehearse(
    scripts: Scripts,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set only these of the four variables.")
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Run only without the four variables.")] = False,
    args: Annotated[str, typer.Option("--args", metavar="WORDS", help="Arguments for the script, quoted as one.")] = "",
    env: Annotated[
        list[str] | None, typer.Option("--env", metavar="NAME=VALUE", help="Another variable that the script needs.")
    ] = None,
    image: Annotated[ImageName, typer.Option("--image", help="The node; auto tells it from the script.")] = (
        ImageName.AUTO
    ),
    files: Annotated[
        list[str] | None,
        typer.Option("--file", metavar="PATH=LOCAL", help="Put a local file at PATH on the node, or behind a URL."),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for each run.")] = 20.0,
    systemd: Annotated[
        SystemdName, typer.Option("--systemd", help="What starts kubelet; real boots a container, as root.")
    ] = SystemdName.MODEL,
    systemd_version: Annotated[
        int, typer.Option("--systemd-version", min=219, help="The version whose rules the model follows.")
    ] = 252,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a script.")] = False,
) -> None:
    """Run the script in a throw-away root and show the command line that kubelet would get at each start.

    It runs once with realistic values and once without. Exit code 0 when every start carries the values and nothing
    else changes, 1 when something is wrong, 2 when it cannot be rehearsed here.
    """
    from ackpatch.cli.rehearse import Rehearsing, rehearse_files

    options = Rehearsing(
        values or [],
        unset,
        args,
        image.value,
        env or [],
        files or [],
        timeout,
        systemd.value,
        systemd_version,
        as_json,
    )
    raise typer.Exit(rehearse_files(scripts, options))


@app.command(epilog="Example: ackpatch explain ACK101")
def explain(code: Annotated[str, typer.Argument(metavar="CODE")]) -> None:
    """Explain a finding: why it matters and what to do; block shows the text that ackpatch puts into scripts."""
    from ackpatch.cli.show import explain_code

    raise typer.Exit(explain_code(code))


pool.add_to(app)


def run(arguments: list[str]) -> int:
    """Run the command line and give its exit code."""
    from ackpatch.errors import AckpatchError

    command = typer.main.get_command(app)
    try:
        command.main(args=arguments, prog_name="ackpatch", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2 if end.code else 0
    except AckpatchError as error:
        print(f"ackpatch: {error}", file=sys.stderr)
        return 2
    return 0
