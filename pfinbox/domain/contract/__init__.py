"""The border between a channel and the inbox: the plug-in API."""
