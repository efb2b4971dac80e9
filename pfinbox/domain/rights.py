"""Who may do what, over what (R10, R46): a line for each use case, and none besides.

A use case is called by its file and its function, one of the read side by where front ends find
it. What of its kind an agent may name is decided by ``domain.access``, what a
contact sees by ``domain.visibility``; whatever else there is, is "not found".
"""

from enum import StrEnum

from pfinbox.domain.model import Agent
from pfinbox.errors import LockedOut, Refused
from pfinbox.i18n import _
from pfinbox.record import record


class By(StrEnum):
    """Who may call it; an agent who was deactivated is nobody."""

    AGENT = "agent"
    # For oneself any agent, for others an admin.
    ONESELF = "oneself"
    ADMIN = "admin"
    CONTACT = "contact"
    PROGRAM = "program"


class Over(StrEnum):
    """What it names, which must be the caller's to see; or what it is about."""

    TASK = "task"
    COMMENT = "comment"
    # One that the agent wrote.
    OWN_COMMENT = "own comment"
    FILE = "file"
    DELIVERY = "delivery"
    CONTACT = "contact"
    ACCOUNT = "account"
    # Something that came in and could not be read.
    RECEIPT = "receipt"
    AGENT = "agent"
    # What the caller sees, or has for themselves: a list, a count, a draft, a search, a notice.
    OWN = "own"
    # What all agents share.
    COMPANY = "company"


@record
class Right:
    by: By
    over: Over


_TABLE: tuple[tuple[By, Over, str], ...] = (
    (
        By.AGENT,
        Over.TASK,
        """
        queries.conversation queries.files queries.choices queries.team queries.details
        queries.merged_into
        read.conversation read.task_row read.resolve_task
        tasks.change tasks.change_each tasks.delete tasks.restore tasks.mark_read
        read_marks.mark_read read_marks.mark_unread spam.spam spam.unspam
        comments.add_comment planning.plan planning.ways planning.preselect planning.to_client
        forwarding.forward forwarding.plan bulk.plan bulk.check
        merge_preview.together merge_preview.preview_merge merging.merge_tasks
        unmerge_plan.preview_unmerge unmerging.unmerge_task unmerging.unmerge_tasks
        invitations.invite invitations.inviters trash.preview_purge trash.purge
        """,
    ),
    (
        By.AGENT,
        Over.COMMENT,
        """
        read.comment read.raw comment_moving.move_comment comment_moving.move_back
        corrections.outlook corrections.edit_comment corrections.delete_comment
        corrections.set_hidden
        """,
    ),
    (
        By.AGENT,
        Over.OWN_COMMENT,
        "undo_send.take_back undo_send.take_back_mail undo_send.take_back_with undo_send.unsay",
    ),
    (By.AGENT, Over.FILE, "queries.attachment_content read.attachment"),
    (
        By.AGENT,
        Over.DELIVERY,
        """
        read.delivery outbox.retry outbox.dismiss outbox.mark_sent outbox.withdraw outbox.send_now
        outbox.reschedule outbox.edit rerouting.reroute undo_send.recall
        """,
    ),
    (
        By.AGENT,
        Over.CONTACT,
        """
        queries.contact queries.card queries.contact_line queries.picture
        contacts.set_ contact_merging.merge_contacts contact_merging.unmerge_contact
        merge_preview.merge_targets
        conversations.ways conversations.only_way conversations.message
        portal_view.portal_view portal_view.preview signing_in.invite
        portal_sessions.sessions portal_sessions.revoke exporting.export_contact
        """,
    ),
    (
        By.AGENT,
        Over.ACCOUNT,
        "starting.start starting.plan conversations.message_to gaps.acknowledge",
    ),
    (
        By.AGENT,
        Over.RECEIPT,
        "queries.quarantine_raw read.quarantine_item quarantine_retry.ask receiving.reprocess",
    ),
    (
        By.AGENT,
        Over.OWN,
        """
        queries.tasks queries.views queries.news queries.saved_counts queries.contacts
        queries.drafts queries.draft_count queries.outbox queries.quarantine
        queries.vocabulary queries.colleagues
        queries.health
        queries.myself preferences.load preferences.remember agents.remember
        drafts.load drafts.save drafts.drop presence.see presence.leave
        read.accounts read.deliveries
        read.saved_search read.saved_searches saved_searches.save saved_searches.remove
        starting.senders templates.listed conversations.ways_to releasing.look_over
        same_person.same_person read.chats_of_contact read.tasks_with
        """,
    ),
    (
        By.AGENT,
        Over.COMPANY,
        """
        queries.statuses canned.listed canned.keep canned.save canned.remove canned.named
        tasks.new contacts.new
        """,
    ),
    (By.ONESELF, Over.AGENT, "agents.set_ agents.appear absence.away"),
    (
        By.ADMIN,
        Over.AGENT,
        "agents.add absence.deactivate absence.preview_deactivate",
    ),
    (By.ADMIN, Over.CONTACT, "erasing.preview_erase erasing.erase_contact"),
    (
        By.ADMIN,
        Over.COMPANY,
        """
        restore_guard.release configuration.confirm_contacts_see
        backup.backup restore.restore schema.upgrade schema.check moving.copy
        account_check.check
        """,
    ),
    (
        By.CONTACT,
        Over.TASK,
        "reading.contact_conversation reading.contact_comment reading.contact_marks"
        " changing.solve writing.comment",
    ),
    (By.CONTACT, Over.FILE, "reading.contact_file"),
    (
        By.CONTACT,
        Over.OWN,
        """
        reading.contact reading.contact_tasks changing.introduce writing.open_task writing.writer
        portal_sessions.sign_out_everywhere
        """,
    ),
    (
        By.PROGRAM,
        Over.COMPANY,
        """
        keeping.keep gaps.reached publishing.file readiness.readiness readiness.figures
        stirring.lately stirring.written_to
        reading.talk reading.news reading.writer reading.anybody reading.mails reading.task
        reading.file reading.picture reading.editable
        seeing.seen seeing.writes
        portal_sessions.visitor portal_sessions.note_visit portal_sessions.sign_out
        signing_in.ask signing_in.is_good signing_in.spend
        """,
    ),
)
RIGHTS: dict[str, Right] = {
    use_case: Right(by, over) for by, over, names in _TABLE for use_case in names.split()
}


def must_have(agent: Agent, use_case: str, *, over: Agent | None = None) -> None:
    """Refused unless the agent may call the use case; ``over``: the agent whom it is about."""
    by = RIGHTS[use_case].by
    himself = over is not None and over.id == agent.id
    if by is By.ADMIN or (by is By.ONESELF and not himself):
        must_be_admin(agent)


def must_be_admin(agent: Agent) -> None:
    if not agent.admin:
        raise Refused(only_admins())


def must_be_active(agent: Agent) -> None:
    """Also who was here a moment ago, before an open screen, may have been deactivated since."""
    if not agent.active:
        raise LockedOut(_("agent {login} is deactivated").format(login=agent.login))


def only_admins() -> str:
    return _("only an admin may do that")
