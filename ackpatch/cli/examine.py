"""Examines many scripts, several at a time, with results in the order in which they were named."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ackpatch.api import patch
from ackpatch.cli.config import Settings, settings_for
from ackpatch.errors import AckpatchError
from ackpatch.report.examined import Examined
from ackpatch.source import read_script

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for; None where the project's settings decide."""

    mode: str | None = None
    with_node_ip: bool = False
    keep_existing: bool = False
    partial: bool = False
    force: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def over(self, settings: Settings) -> Settings:
        """Give a project's settings with these on top."""
        return Settings(
            select=self.select or settings.select,
            ignore=(*settings.ignore, *self.ignore),
            mode=self.mode or settings.mode,
            with_node_ip=self.with_node_ip or settings.with_node_ip,
            keep_existing=self.keep_existing or settings.keep_existing,
        )


def show_name(path: str) -> str:
    """Give the name of an input as messages show it."""
    return "<stdin>" if path == STDIN else path


def examine(path: str, wanted: Wanted) -> Examined:
    """Read and patch one script in memory; what goes wrong is told in the result."""
    try:
        data = sys.stdin.buffer.read() if path == STDIN else read_script(path)
        return examine_bytes(path, data, wanted)
    except AckpatchError as error:
        return Examined(show_name(path), None, str(error))


def examine_bytes(path: str, data: bytes, wanted: Wanted) -> Examined:
    """The same for a script that has been read."""
    chosen = wanted.over(settings_for("stdin" if path == STDIN else path))
    result = patch(
        data,
        mode=chosen.mode,
        with_node_ip=chosen.with_node_ip,
        keep_existing=chosen.keep_existing,
        partial=wanted.partial,
        force=wanted.force,
        select=chosen.select,
        ignore=chosen.ignore,
    )
    return Examined(show_name(path), result)


def examine_all(paths: Sequence[str], wanted: Wanted, jobs: int) -> Iterator[Examined]:
    """Examine each script; those that mention kubelet are shared out among ``jobs`` processes (0: as many as there are
    processors), the others cost too little for that.
    """
    workers = min(jobs or os.cpu_count() or 1, len(paths))
    if workers < 2:
        yield from _with_progress((examine(path, wanted) for path in paths), len(paths))
        return
    yield from _with_progress(_side_by_side(paths, wanted, workers), len(paths))


def _side_by_side(paths: Sequence[str], wanted: Wanted, workers: int) -> Iterator[Examined]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    # A fork has all modules loaded already.
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        under_way: list[Examined | Future[Examined]] = []
        for path in paths:
            if path != STDIN and _matters(path):
                under_way.append(pool.submit(examine, path, wanted))
            else:
                under_way.append(examine(path, wanted))
        for one in under_way:
            yield one if isinstance(one, Examined) else one.result()


def _matters(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return False
    return b"kubelet" in data or b"kubeadm" in data


def _with_progress(results: Iterator[Examined], count: int) -> Iterator[Examined]:
    """Show a bar on a terminal's standard error while there is much to do."""
    if count < 2 or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield from results
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scripts", total=count)
        for one in results:
            progress.advance(task)
            yield one
