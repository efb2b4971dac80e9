"""What one poll of an account gave, and how far the account has been read."""

from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.template import Template
from pfinbox.record import record


@record
class Profile:
    """What only the other side knows about our account.

    ``address`` is for people (``@shop_bot``). ``invitation`` is a link that opens a chat with it,
    ``{token}`` in the place of an invitation's token (R30); None where there is no such link.
    """

    address: str
    invitation: str | None = None


@record(kw_only=True)
class Batch:
    """What one poll gave. ``cursor`` is stored in the same transaction as the items.

    The channel confirms a batch to the other side only when it is asked for the next one.
    ``idle`` says that nothing more waits at the moment. ``progress`` is for people.
    """

    items: tuple[Incoming, ...] = ()
    cursor: str | None = None
    idle: bool = False
    progress: Reason | None = None
    # Kept requests (``domain.contract.webhook``) that the items were read from.
    taken: tuple[int, ...] = ()
    # Told once per connection, with any batch.
    profile: Profile | None = None
    # All templates that the service has approved, where they are news; None: as before.
    templates: tuple[Template, ...] | None = None
