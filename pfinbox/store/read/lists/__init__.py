"""The task list: its views, a page of one, its rows, what is unread, the searches that are kept."""
