"""The commands with their arguments; each hands over to a module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ackpatch.cli import options as o
from ackpatch.cli import pool

if TYPE_CHECKING:
    from ackpatch.options import Options

app = typer.Typer(
    name="ackpatch",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Give a node-bootstrap script the four values that an ACK One registered cluster injects at scale-out.",
)


def _codes(given: list[str] | None) -> tuple[str, ...]:
    from ackpatch.findings import codes

    return codes(code for one in given or [] for code in one.split(","))


def _wanted(
    select: list[str] | None,
    ignore: list[str] | None,
    config: str,
    name: str = "",
    *,
    with_node_ip: bool = False,
    partial: bool = False,
    force: bool = False,
    bootstrap: bool = False,
) -> Options:
    from ackpatch.options import Options

    return Options(with_node_ip, partial, force, bootstrap, _codes(select), _codes(ignore), name, config)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Show the version and exit.")] = False,
) -> None:
    """Answer what is asked of the program as a whole."""
    if version:
        from ackpatch import __version__

        print(f"ackpatch {__version__}")
        raise typer.Exit


@app.command(epilog="Example: ackpatch apply --yes join-node.sh")
def apply(
    scripts: o.Scripts,
    yes: o.Yes = False,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Write here, not to the input; - prints the result."),
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the file of --output; drop changes in ackpatch's own text.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Write what can be covered although an error stays.")
    ] = False,
    full: o.Full = False,
    show_secrets: o.Secrets = False,
    backup: Annotated[bool, typer.Option("--backup", help="Keep the original as SCRIPT.orig.")] = False,
    with_node_ip: o.NodeIp = False,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="Write only if a rehearsal of the result starts kubelet and holds."),
    ] = False,
    image: o.ImageOf = o.ImageName.AUTO,
    args: o.Args = "",
    env: o.Env = None,
    file: o.Files = None,
    timeout: o.Timeout = 20.0,
    systemd: o.Systemd = o.SystemdName.MODEL,
    quiet: o.Quiet = False,
    exclude: o.Exclude = None,
    select: o.Select = None,
    ignore: o.Ignore = None,
    stdin_filename: o.StdinName = "",
    config: o.Config = "",
) -> None:
    """Show the change as a diff, ask, and write it.

    Exit code 0 when it was written or nothing had to be done, 1 when the answer was no, 2 when it was refused.
    """
    from ackpatch.cli.apply import Writing, apply_files
    from ackpatch.report.diff_text import View

    rehearsing = None
    if rehearse:
        from ackpatch.cli.rehearse import Rehearsing

        rehearsing = Rehearsing(
            args=args, image=image.value, env=env or (), files=file or (), timeout=timeout, systemd=systemd.value
        )
    wanted = _wanted(select, ignore, config, stdin_filename, with_node_ip=with_node_ip, partial=partial, force=force)
    view = View(full, show_secrets)
    writing = Writing(yes, output, backup, view, quiet, wanted, rehearsing, tuple(exclude or ()))
    raise typer.Exit(apply_files(scripts, writing))


@app.command(epilog="Example: ackpatch diff --raw join-node.sh | git apply --allow-empty")
def diff(
    scripts: o.Scripts,
    raw: Annotated[bool, typer.Option("--raw", help="Print what git apply takes, byte for byte, secrets too.")] = False,
    full: o.Full = False,
    show_secrets: o.Secrets = False,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Show both texts in two columns, on a wide terminal.")
    ] = False,
    with_node_ip: o.NodeIp = False,
    format_: o.Format = o.FormatName.TEXT,
    html: o.Html = "",
    jobs: o.Jobs = 0,
    quiet: o.Quiet = False,
    exclude: o.Exclude = None,
    select: o.Select = None,
    ignore: o.Ignore = None,
    stdin_filename: o.StdinName = "",
    config: o.Config = "",
) -> None:
    """Show the change as a diff, and write nothing.

    Exit code 0 when no change is needed, 1 when one is, 2 when ackpatch cannot mend the script.
    """
    from ackpatch.cli.show import Showing, diff_files
    from ackpatch.report.diff_text import View

    wanted = _wanted(select, ignore, config, stdin_filename, with_node_ip=with_node_ip)
    view = View(full, show_secrets)
    showing = Showing(format_.value, html, jobs, side_by_side, view, raw, quiet, tuple(exclude or ()))
    raise typer.Exit(diff_files(scripts, wanted, showing))


@app.command(epilog="Example: ackpatch check join-node.sh")
def check(
    scripts: o.Scripts,
    bootstrap: Annotated[
        bool, typer.Option("--bootstrap", help="Treat each script as meant for a node pool: no start is an error.")
    ] = False,
    format_: o.Format = o.FormatName.TEXT,
    html: o.Html = "",
    jobs: o.Jobs = 0,
    quiet: o.Quiet = False,
    exclude: o.Exclude = None,
    select: o.Select = None,
    ignore: o.Ignore = None,
    stdin_filename: o.StdinName = "",
    config: o.Config = "",
) -> None:
    """Say whether every start of kubelet carries the values.

    Exit code 0 when nothing is wrong, 1 when apply can mend it, 2 when it cannot.
    """
    from ackpatch.cli.show import Showing, check_files

    wanted = _wanted(select, ignore, config, stdin_filename, bootstrap=bootstrap)
    showing = Showing(format_.value, html, jobs, quiet=quiet, exclude=tuple(exclude or ()))
    raise typer.Exit(check_files(scripts, wanted, showing))


@app.command(epilog="Example: ackpatch inspect join-node.sh")
def inspect(
    scripts: o.Scripts,
    format_: o.Format = o.FormatName.TEXT,
    html: o.Html = "",
    jobs: o.Jobs = 0,
    quiet: o.Quiet = False,
    exclude: o.Exclude = None,
    select: o.Select = None,
    ignore: o.Ignore = None,
    stdin_filename: o.StdinName = "",
    config: o.Config = "",
) -> None:
    """Show what was understood: every start, join and write, in the order in which they run."""
    from ackpatch.cli.show import Showing, inspect_files

    wanted = _wanted(select, ignore, config, stdin_filename, partial=True)
    showing = Showing(format_.value, html, jobs, quiet=quiet, exclude=tuple(exclude or ()))
    raise typer.Exit(inspect_files(scripts, wanted, showing))


@app.command(epilog="Example: ackpatch revert --yes join-node.sh")
def revert(
    scripts: o.Scripts,
    yes: o.Yes = False,
    force: o.Force = False,
    full: o.Full = False,
    show_secrets: o.Secrets = False,
    quiet: o.Quiet = False,
    exclude: o.Exclude = None,
) -> None:
    """Take ackpatch's edits out again; the bytes are the original's."""
    from ackpatch.cli.apply import Writing, revert_files
    from ackpatch.options import Options
    from ackpatch.report.diff_text import View

    view, exclude_ = View(full, show_secrets), tuple(exclude or ())
    writing = Writing(yes, view=view, quiet=quiet, wanted=Options(force=force), exclude=exclude_)
    raise typer.Exit(revert_files(scripts, writing))


@app.command(epilog="Example: ackpatch rehearse join-node.sh --args worker --timeout 60")
def rehearse(
    scripts: o.Scripts,
    values: o.SetValue = None,
    unset: Annotated[bool, typer.Option("--unset", help="Run only without the four variables.")] = False,
    args: o.Args = "",
    env: o.Env = None,
    image: o.ImageOf = o.ImageName.AUTO,
    files: o.Files = None,
    timeout: o.Timeout = 20.0,
    systemd: o.Systemd = o.SystemdName.MODEL,
    systemd_version: o.SystemdVersion = 252,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a script.")] = False,
) -> None:
    """Run the script in a throw-away root and show the command line that kubelet would get at each start.

    It runs once with realistic values and once without. Exit code 0 when every start carries the values and nothing
    else changes, 1 when something is wrong, 2 when kubelet was never started or it cannot be rehearsed here.
    """
    from ackpatch.cli.rehearse import Rehearsing, rehearse_files

    options = Rehearsing(
        values or (),
        unset,
        args,
        image.value,
        env or (),
        files or (),
        timeout,
        systemd.value,
        systemd_version,
        as_json,
    )
    raise typer.Exit(rehearse_files(scripts, options))


@app.command(epilog="Example: ackpatch explain ACK101")
def explain(code: o.Code = "") -> None:
    """Explain a finding: why it matters and what to do.

    Without a code it lists all findings, with the beginning of a code those that begin so; block shows the text that
    ackpatch puts into scripts.
    """
    from ackpatch.cli.show import explain as explain_what

    raise typer.Exit(explain_what(code))


pool.add_to(app)


def run(arguments: list[str]) -> int:
    """Run the command line and give its exit code."""
    from ackpatch.cli.files import say
    from ackpatch.errors import AckpatchError

    command = typer.main.get_command(app)
    try:
        command.main(args=arguments, prog_name="ackpatch", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2 if end.code else 0
    except AckpatchError as error:
        say(f"ackpatch: {error}")
        return 2
    return 0
