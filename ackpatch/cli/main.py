"""The entry point: what needs no command line library is answered before one is loaded."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130  # as a shell says it of a program that Ctrl-C ended
_EARLY = 8 << 20  # bytes of a script whose parse begins before the rest is loaded
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> None:
    """Run the program; an internal error ends with exit code 2 and a request to report it."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from ackpatch import __version__

        print(f"ackpatch {__version__}")
        return
    try:
        code = _run(sys.argv[1:])
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say to it.
        sys.stdout = None
        code = 2
    except OSError as error:
        what = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        print(f"ackpatch: {what}{(error.strerror or str(error)).lower()}", file=sys.stderr)
        code = 2
    except MemoryError:
        print("ackpatch: there is not enough memory for this script", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        where = _innermost(error)
        print(f"ackpatch: internal error: {type(error).__name__} at {where}", file=sys.stderr)
        print("ackpatch: please report this with the command and, if you can, the script", file=sys.stderr)
        code = 2
    _leave(code)


def _run(arguments: list[str]) -> int:
    import gc
    import signal

    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # how a program has ended is asked for
    _start_parser(arguments)
    if _is_plain(arguments):
        from ackpatch.cli.plain import run
    else:
        from ackpatch.cli.app import run

    # One short run over one large tree: collecting garbage in it costs time and finds none.
    gc.disable()
    if sys.stdout is None or sys.stderr is None:
        # Started with a closed stream: what would go there has no reader.
        _open_closed_streams()
    if hasattr(sys.stdout, "reconfigure"):
        # What the locale cannot write is written out.
        sys.stdout.reconfigure(errors="backslashreplace")
    code = run(arguments)
    sys.stdout.flush()
    return code


def _is_plain(arguments: list[str]) -> bool:
    """Say whether a command has no options: it needs no library to be read, which takes longer than a short script."""
    return (
        arguments[:1] in (["check"], ["diff"], ["inspect"])
        and len(arguments) > 1
        and not any(one.startswith("-") and one != "-" for one in arguments)
    )


def _open_closed_streams() -> None:
    null = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
    sys.stdout, sys.stderr = sys.stdout or null, sys.stderr or null


def _leave(code: int) -> NoReturn:
    """End the process without taking the tree of a large script apart, object by object."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue
    os._exit(code)


def _start_parser(arguments: list[str]) -> None:
    """Let the parser read the script while the command line library is loaded; both take about as long."""
    files = [one for one in arguments[1:] if os.path.isfile(one)]
    # With several scripts the work is shared out among processes, which are forked: no thread may be under way.
    if arguments[:1] not in (["diff"], ["check"], ["inspect"], ["apply"]) or len(files) != 1:
        return
    try:
        if os.path.getsize(files[0]) > _EARLY:
            return
        with open(files[0], "rb") as file:
            data = file.read()
    except OSError:
        return  # whoever reads it next says so
    if b"kubelet" in data and b"\0" not in data:
        from ackpatch.shell.dialect import dialect_of
        from ackpatch.shell.syntax import start_early

        start_early(data, dialect_of(data))


def _innermost(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "an unknown place"
