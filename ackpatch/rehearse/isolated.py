"""How the supervisor's own Python is started: isolated, without site packages, without the face of ackpatch.

``python -I -S`` starts in about 10 ms and is blind to the caller's environment and home folder. Empty packages stand
for ``ackpatch`` and ``ackpatch.rehearse``, so that only the modules that the supervisor needs are loaded.
"""

import os
import sys

_PROGRAM = """
import sys, types
for name, folder in (("ackpatch", {outer!r}), ("ackpatch.rehearse", {inner!r})):
    package = types.ModuleType(name)
    package.__path__ = [folder]
    sys.modules[name] = package
from ackpatch.rehearse import {process}
{process}.main()
"""


def command(process: str = "supervisor") -> list[str]:
    """The command line of a supervisor, or of a container's keeper."""
    inner = os.path.dirname(os.path.abspath(__file__))
    program = _PROGRAM.format(outer=os.path.dirname(inner), inner=inner, process=process)
    return [sys.executable, "-I", "-S", "-c", program]
