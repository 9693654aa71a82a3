"""Names that the two sides of a rehearsal share. Imports nothing: the supervisor must start fast."""

# The hidden folder inside the root: stand-ins, links to the machine's real programs, the log, kept state.
HIDDEN = "/.ackpatch"
# The machine's own folders, read-only.
HOST = "/.host"
HOST_NAME = "worker-1"
STAND_INS = f"{HIDDEN}/stand-ins"
REAL = f"{HIDDEN}/real"
LOG = f"{HIDDEN}/log"
STARTS = f"{HIDDEN}/starts"
# Shown as /proc/sys, so that a script may set what it likes.
KERNEL_SETTINGS = f"{HIDDEN}/proc-sys"
REQUESTS = f"{HIDDEN}/requests"
REPLIES = f"{HIDDEN}/replies"
