"""Words for the states of deliveries and accounts, in the reader's language."""

from pfinbox.domain.outbound.delivery import State
from pfinbox.i18n import _, pgettext


def delivery_state(state: str) -> str:
    """What stands in a list, or in a sentence, for the state of a delivery."""
    words = {
        State.SCHEDULED: _("scheduled"),
        State.PENDING: _("pending"),
        State.SENDING: _("sending"),
        State.TRANSMITTING: _("transmitting"),
        State.SENT: _("sent"),
        State.FAILED: _("failed"),
        State.UNKNOWN: _("unknown"),
        State.WITHDRAWN: _("withdrawn"),
        State.HELD: _("held"),
    }
    return {str(key): word for key, word in words.items()}.get(state, state)


def account_state(state: str) -> str:
    """What stands in a list for the state of an account."""
    words = {
        "ok": pgettext("account", "ok"),
        "new": pgettext("account", "new"),
        "connecting": pgettext("account", "connecting"),
        "retrying": pgettext("account", "retrying"),
        "failed": pgettext("account", "failed"),
        "off": pgettext("account", "off"),
        "unserved": pgettext("account", "unserved"),
    }
    return words.get(state, state)
