"""The two kinds of medium that the simulator plays: what each can do, and its limits."""

from pfinbox.domain.contract.channel import Capability, Limits

MESSENGER = (
    Capability.ATTACHMENTS
    | Capability.REPLY_QUOTE
    | Capability.EDITS
    | Capability.FIXED_SOURCE_ID
    | Capability.MARKS_READ
    | Capability.PICTURES
)
MESSENGER_LIMITS = Limits(max_text=4096, max_caption=1024, max_file=20_000_000, files_per_part=1)
MAIL = (
    Capability.SUBJECT
    | Capability.THREADS
    | Capability.ATTACHMENTS
    | Capability.WRITE_FIRST
    | Capability.GLOBAL_ADDRESSES
    | Capability.MANY_RECIPIENTS
    | Capability.FIXED_SOURCE_ID
)
MAIL_LIMITS = Limits(max_message=25_000_000, max_file=18_000_000)
