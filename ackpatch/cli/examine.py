"""Examines many scripts, several at a time, with results in the order in which they were named."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from ackpatch.api import patch_with
from ackpatch.cli.config import options_for
from ackpatch.cli.files import STDIN, read_input, show_name
from ackpatch.errors import AckpatchError
from ackpatch.options import Options
from ackpatch.report.examined import Examined

FEW = 10  # scripts that are done before a bar could be read


def examine(path: str, wanted: Options) -> Examined:
    """Read and patch one script in memory; what goes wrong is told in the result."""
    try:
        return examine_bytes(path, read_input(path), wanted)
    except AckpatchError as error:
        return Examined(_name(path, wanted), None, str(error))


def examine_bytes(path: str, data: bytes, wanted: Options) -> Examined:
    """The same for a script that has been read; standard input has the name that the options give it."""
    chosen = options_for(wanted.name if path == STDIN else path, wanted)
    return Examined(_name(path, wanted), patch_with(data, chosen))


def _name(path: str, wanted: Options) -> str:
    return wanted.name if path == STDIN and wanted.name else show_name(path)


def examine_all(paths: Sequence[str], wanted: Options, jobs: int) -> Iterator[Examined]:
    """Examine each script; those that mention kubelet are shared out among ``jobs`` processes (0: as many as there are
    processors), the others cost too little for that.
    """
    workers = min(jobs or os.cpu_count() or 1, len(paths))
    if workers < 2:
        yield from _with_progress((examine(path, wanted) for path in paths), len(paths))
        return
    yield from _with_progress(_side_by_side(paths, wanted, workers), len(paths))


def _side_by_side(paths: Sequence[str], wanted: Options, workers: int) -> Iterator[Examined]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # A fork has all modules loaded already.
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        under_way: list[Examined | Future[Examined]] = []
        for path in paths:
            if path != STDIN and _matters(path):
                under_way.append(pool.submit(examine, path, wanted))
            else:
                under_way.append(examine(path, wanted))
        for path, one in zip(paths, under_way, strict=True):
            try:
                yield one if isinstance(one, Examined) else one.result()
            except BrokenProcessPool:
                yield Examined(_name(path, wanted), None, f"{path}: the process that read it was killed; try --jobs 1")


def _matters(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            data = file.read(1_000_000)
    except OSError:
        return False
    return b"kubelet" in data or b"kubeadm" in data


def _with_progress(results: Iterator[Examined], count: int) -> Iterator[Examined]:
    """Show a bar on a terminal's standard error while there is much to do and the results go elsewhere."""
    if count < FEW or not sys.stderr.isatty() or sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        yield from results
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False)
    with bar as progress:
        task = progress.add_task("scripts", total=count)
        for one in results:
            progress.advance(task)
            yield one
