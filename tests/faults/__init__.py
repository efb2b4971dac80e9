"""The fault machine: real daemons on real servers, broken in every way, and every message counted.

Run: ``python -m tests.faults`` (``--help`` says what may be chosen). What it does is in ``rows/``,
one file for each family of faults; the other files are what the rows stand on.
"""
