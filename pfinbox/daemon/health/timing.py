"""How long the database takes, for the figures of a daemon."""

import time
from typing import Any

from sqlalchemy import Engine, event

from pfinbox.store.uow import Store


class Timing:
    """Counts the statements of a store from now on, and the seconds that they take."""

    def __init__(self, store: Store) -> None:
        self.statements = 0
        self.seconds = 0.0
        for engine in {store.engine.sync_engine, store.writer.sync_engine}:
            self._watch(engine)

    def _watch(self, engine: Engine) -> None:
        @event.listens_for(engine, "before_cursor_execute")
        def began(connection: Any, *_arguments: Any) -> None:
            connection.info["pfinbox_began"] = time.perf_counter()

        @event.listens_for(engine, "after_cursor_execute")
        def ended(connection: Any, *_arguments: Any) -> None:
            self.statements += 1
            self.seconds += time.perf_counter() - connection.info["pfinbox_began"]
