"""What can happen to a task: a class for each event, with its fields (R21).

``activity`` is the kind under which the journal keeps the event, with the fields as arguments;
``public`` is its name for whoever is told from outside. Both are stored: a name stays as it is.
What follows from an event, in the same transaction, is listed in ``services/events/reactions.py``;
the part of it that is decided with a batch, in ``domain/inbound/reactions/reactions.py``.
"""
