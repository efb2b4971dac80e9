"""Stores of every schema there was, with data in them: whoever writes a revision keeps one first.

``python -m tests.store.upgrades`` keeps a store of today's schema beside this file, once for each
database. It is run before a new revision is written; the test asks for it, and upgrades it then.
"""
