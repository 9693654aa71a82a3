"""systemd's reading of units and environment files, and the command line of a service; proved against the real one."""
