"""Writing what was decided, many rows a statement."""

from pfinbox.store.write import accounts as accounts
from pfinbox.store.write import agents as agents
from pfinbox.store.write import cards as cards
from pfinbox.store.write import chats as chats
from pfinbox.store.write import comments as comments
from pfinbox.store.write import invitations as invitations
from pfinbox.store.write import leases as leases
from pfinbox.store.write import merges as merges
from pfinbox.store.write import purged as purged
from pfinbox.store.write import signing_in as signing_in
from pfinbox.store.write import tasks as tasks
from pfinbox.store.write import unread as unread
from pfinbox.store.write.outbound import amendments as amendments
from pfinbox.store.write.outbound import deliveries as deliveries
from pfinbox.store.write.outbound import follow_ups as follow_ups
from pfinbox.store.write.outbound import notices as notices
from pfinbox.store.write.outbound import outgoing as outgoing
