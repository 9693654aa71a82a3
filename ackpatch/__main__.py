"""Lets ``python -m ackpatch`` run the command line."""

from ackpatch.cli.main import main

if __name__ == "__main__":
    main()
