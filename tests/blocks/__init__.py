"""The shell text that goes into users' scripts, run by real shells on real files."""
