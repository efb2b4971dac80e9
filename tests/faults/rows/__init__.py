"""The faults, a file for each family; importing a family puts its rows into the table.

Rows of the matrix that other tests hold: 12, 13 (tests/channels/mail/reading), 29
(tests/cli/test_opening.py, tests/store/test_schema.py), 35 (tests/tui/test_hostile.py), 37
(tests/channels/mail/test_costly.py), 38 (tests/end_to_end/test_agents_by_mail.py), 40
(tests/end_to_end/test_mail.py). Row 41 is looked at after every row (``leaks.py``).
"""
