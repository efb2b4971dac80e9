"""The border between a channel and the inbox: the plug-in API.

A channel yields a :class:`~pfinbox.domain.contract.batch.Batch` of
:class:`~pfinbox.domain.contract.incoming.Incoming` and takes
:class:`~pfinbox.domain.contract.outgoing.Outgoing`; both are plain frozen data, so that a channel
can be written and tested with no database. All times are UTC and aware. All texts are as received:
the inbox cleans them (``domain.text``) before storing them.
"""
