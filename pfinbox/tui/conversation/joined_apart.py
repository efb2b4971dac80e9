"""Whoever joined a task by an invitation on another card than the client who was invited (R30)."""

from pfinbox.store.rows import Conversation, Person


def joined_apart(held: Conversation) -> Person | None:
    """The contact, as long as nobody has made the two cards one."""
    client = held.task.contact
    came = {
        activity.args.get("contact")
        for activity in held.activities
        if activity.kind == "invitation_other_card"
    }
    return next(
        (
            person
            for person in held.participants
            if client is not None
            and person.kind == "contact"
            and person.id in came
            and person.id != client.id
        ),
        None,
    )
