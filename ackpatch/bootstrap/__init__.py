"""A bootstrap script from nothing: from a few values to a script that installs, joins and carries the injection."""

from ackpatch.bootstrap.script import NodeSetup, write_script

__all__ = ["NodeSetup", "write_script"]
