"""A bootstrap script from nothing: from a few values to a script that installs, joins and carries the injection."""

from ackpatch.bootstrap.script import Wishes, write_script

__all__ = ["Wishes", "write_script"]
