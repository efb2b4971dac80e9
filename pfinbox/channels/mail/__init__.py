"""The e-mail channel: IMAP in, SMTP out. Importing it imports no network or mail library."""

from pfinbox.channels.mail.spec import SPEC

__all__ = ["SPEC"]
