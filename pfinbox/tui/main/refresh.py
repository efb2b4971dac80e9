"""Reading again what is on the screen: tasks, counts, health, news, colleagues."""

from pfinbox.services import queries
from pfinbox.services.people import presence as presences
from pfinbox.store.rows import NewsRow, PresenceRow, ViewCount
from pfinbox.tui.inbox import presence
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.settings import bell
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.wording.names import learn_channels


class Refresh:
    """Reads for the panes of ``layout``; each result is shown as it comes."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.attention = presence.Attention()
        self._ear = bell.Ear()
        self._others: presence.Others = {}

    def reload(self, topics: frozenset[str] | None = None) -> None:
        """Read again what is on the screen and may have changed; None: everything."""
        layout, inbox = self.layout, context(self.layout).inbox
        if topics is None or topics & {"tasks", "outbox", "contacts"}:
            workers.ask(layout, "views", lambda: inbox.read(queries.views), self._show_views)
            workers.ask(layout, "news", lambda: inbox.read(queries.news), self._ring)
            layout.task_pane.reload()
            layout.client_panel.reload()
        if topics is None or topics & {"tasks", "drafts"}:
            count = layout.views_pane.set_drafts
            workers.ask(layout, "draft count", lambda: inbox.read(queries.draft_count), count)
        news = {"tasks", "outbox", "contacts", "drafts"}
        if layout.list_pane.ready and (topics is None or topics & news):
            layout.list_pane.reload()
        if topics is None or topics & {"accounts", "presence"}:
            workers.ask(layout, "health", lambda: inbox.read(queries.health), self._show_health)
            workers.ask(
                layout, "colleagues", lambda: inbox.read(queries.colleagues), self._show_colleagues
            )
        if topics is None or "accounts" in topics:
            workers.ask(
                layout, "statuses", lambda: inbox.read(queries.statuses), self._keep_statuses
            )

    def _show_views(self, views: tuple[ViewCount, ...]) -> None:
        layout = self.layout
        layout.views_pane.show(views, layout.list_pane.view)
        counts = layout.views_pane.counts
        layout.list_pane.set_count(counts.get(layout.list_pane.view))
        layout.status_bar.to_answer = counts.get("to_answer", 0)
        layout.status_bar.lost = ""
        layout.status_bar.show()

    def _show_health(self, health: "queries.Health") -> None:
        bar = self.layout.status_bar
        bar.starting = bar.starting and health.daemon is None
        bar.health = health
        bar.show()
        learn_channels({row.channel: row.channel_label for row in health.accounts})
        self.layout.list_pane.set_health(health, starting=bar.starting)

    def no_daemon_came(self) -> None:
        """It should be there by now."""
        self.layout.status_bar.starting = False
        self.reload(frozenset({"accounts"}))

    def _keep_statuses(self, statuses: tuple[tuple[str, bool], ...]) -> None:
        self.layout.statuses = statuses

    def lost(self, sentence: str) -> None:
        """The database does not answer; everything on the screen may be old."""
        self.layout.status_bar.lost = sentence
        self.layout.status_bar.show()

    # --- what is new ----------------------------------------------------------------------------

    def _ring(self, news: NewsRow) -> None:
        layout, unread, failed = self.layout, len(news.unread), news.failed
        layout.status_bar.failed = failed
        layout.status_bar.show()
        layout.views_pane.set_failed(failed)
        # What comes while the agent looks at it needs no bell.
        pane = layout.task_pane
        looked_at = pane.task_id if pane.opened and layout.app.app_focus else None
        new = [one for one in self._ear.listen(news) if one != looked_at]
        context(layout).ring(unread, bell.news_words(news.newest, new) if new else "")

    # --- colleagues at the same task ------------------------------------------------------------

    def attend(self) -> None:
        """Tell colleagues what this agent does, where that is news to them."""
        pane = self.layout.task_pane
        writing = pane.composer.writing
        answering = writing is not None and writing.mode == "reply"
        task_id = pane.task_id if pane.opened else None
        doing = self.attention.look(task_id, answering, pane.composer.box.text if answering else "")
        if doing is not None:
            process = self.attention.process
            workers.write(
                self.layout,
                "presence",
                lambda inbox: inbox.write(presences.see, process, *doing),
                lambda _n: workers.Result(),
                apart=True,
            )

    def _show_colleagues(self, rows: tuple[PresenceRow, ...]) -> None:
        self._others = presence.by_task(rows)
        self.show_others()

    def show_others(self) -> None:
        self.layout.task_list.set_others(self._others)
        self.layout.task_pane.set_others(self._others)
