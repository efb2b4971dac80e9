"""Loading what a rule looks at, for a whole batch, in a handful of statements."""

from pfinbox.store.load import accounts as accounts
from pfinbox.store.load import agents as agents
from pfinbox.store.load import awaiting_reply as awaiting_reply
from pfinbox.store.load import cards as cards
from pfinbox.store.load import chats as chats
from pfinbox.store.load import comments as comments
from pfinbox.store.load import merges as merges
from pfinbox.store.load import originals as originals
from pfinbox.store.load import portal as portal
from pfinbox.store.load import previous_task as previous_task
from pfinbox.store.load import purged as purged
from pfinbox.store.load import signing_in as signing_in
from pfinbox.store.load import tasks as tasks
from pfinbox.store.load.outbound import claims as claims
from pfinbox.store.load.outbound import deliveries as deliveries
from pfinbox.store.load.outbound import notices as notices
from pfinbox.store.load.outbound import outbox as outbox
from pfinbox.store.load.outbound import templates as templates
from pfinbox.store.load.outbound.due_deliveries import due_deliveries as due_deliveries
