"""How to patch: one value from the command line to the rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """``with_node_ip``: also give --node-ip. ``partial``: write what can be covered although an error stays. ``force``:
    drop what a person changed in ackpatch's own text. ``bootstrap``: the script is meant as the bootstrap script.
    ``name`` is the script's file name, which tells templates and files of other kinds; ``config`` is a file of settings
    that takes the place of the project's.
    ``select`` and ``ignore`` are codes of findings or their beginnings.
    """

    with_node_ip: bool = False
    partial: bool = False
    force: bool = False
    bootstrap: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    name: str = ""
    config: str = ""
