"""What ``db check`` found, in words."""

from pfinbox.i18n import _


def fault(kind: str) -> str:
    """A line for each kind of fault."""
    words = {
        "page": _("the database is damaged"),
        "dangling": _("references that lead nowhere"),
        "task_root": _("merged tasks that belong to no survivor"),
        "contact_root": _("merged cards that belong to no survivor"),
        "ids": _("tables that would give an id a second time"),
        "delivery_without_parts": _("deliveries of which there is nothing to send"),
        "delivery_already_sent": _("deliveries that wait though all of them was sent"),
        "delivery_half_sent": _("deliveries that count as sent though a part never left"),
        "part_left_over": _("messages of no delivery"),
        "chat_without_task": _("chats whose messages no task takes"),
        "task_status": _("tasks whose status is none"),
        "file_changed": _("files that are missing or were changed"),
        "file_size": _("files of another size than they should have"),
        "file_left_over": _("files of no comment"),
        "receipt_not_shown": _("things received that no comment shows"),
        "comment_without_receipt": _("clients' comments that nothing received stands for"),
        "index_entry": _("entries of the search index for what is gone"),
        "index_comment": _("comments that the search index does not know as they are"),
        "index_task": _("tasks that the search index does not know as they are"),
        "index_words": _("the search index's words are not those of its entries"),
        "task_list_entry": _("tasks that stand in the wrong views"),
    }
    return words[kind]
