"""Times in words, in the agent's own zone: ages, moments, day rules, snooze presets."""

from datetime import datetime, time, timedelta, tzinfo

from pfinbox.i18n import _, ngettext, pgettext
from pfinbox.record import record


@record
class Clock:
    """The present and the zone to show times in; ``zone`` None is the machine's own."""

    now: datetime
    zone: tzinfo | None = None

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def age(self, moment: datetime) -> str:
        """At most five cells: ``now``, ``12m``, ``3h``, ``2d``, ``5 Mar``, ``2024``."""
        seconds = (self.now - moment).total_seconds()
        if seconds < 60:
            return pgettext("age", "now")
        if seconds < 3600:
            return _("{n}m").format(n=int(seconds // 60))
        if seconds < 86400:
            return _("{n}h").format(n=int(seconds // 3600))
        if seconds < 7 * 86400:
            return _("{n}d").format(n=int(seconds // 86400))
        local = self.local(moment)
        if local.year == self.local(self.now).year:
            return f"{local.day} {months()[local.month - 1]}"
        return str(local.year)

    def left(self, until: datetime) -> str:
        """How long it still is, in hours and minutes; nothing once it is over."""
        minutes = int((until - self.now).total_seconds() // 60)
        if until <= self.now:
            return ""
        if minutes >= 60:
            return _("{h} h {min} min").format(h=minutes // 60, min=minutes % 60)
        return _("{min} min").format(min=minutes)

    def moment(self, moment: datetime) -> str:
        """When something is or was: ``14:02`` today, else with the day."""
        local, today = self.local(moment), self.local(self.now).date()
        clock = f"{local:%H:%M}"
        if local.date() == today:
            return clock
        if local.date() == today + timedelta(days=1):
            return _("tomorrow {time}").format(time=clock)
        if abs((local.date() - today).days) < 7:
            return f"{weekdays()[local.weekday()]} {clock}"
        day = f"{local.day} {months()[local.month - 1]}"
        if local.year != today.year:
            day = f"{day} {local.year}"
        return f"{day} {clock}"

    def date(self, moment: datetime) -> str:
        """A moment that leaves no doubt about the day: ``Tue 3 Nov 09:00``."""
        local = self.local(moment)
        day = f"{weekdays()[local.weekday()]} {local.day} {months()[local.month - 1]}"
        year = f" {local.year}" if local.year != self.local(self.now).year else ""
        return f"{day}{year} {local:%H:%M}"

    def ahead(self, moment: datetime) -> str:
        """How long until then: ``in 40 min``, ``in 3 h``, by the calendar ``in 5 days``."""
        minutes = max(round((moment - self.now).total_seconds() / 60), 0)
        days = (self.local(moment).date() - self.local(self.now).date()).days
        if minutes < 60:
            return _("in {n} min").format(n=minutes)
        if days == 0 or minutes < 12 * 60:
            return _("in {n} h").format(n=round(minutes / 60))
        return ngettext("in {n} day", "in {n} days", days).format(n=days)

    def clock_time(self, moment: datetime) -> str:
        return f"{self.local(moment):%H:%M}"

    def day(self, moment: datetime) -> str:
        """The day rule between comments."""
        local, today = self.local(moment), self.local(self.now).date()
        if local.date() == today:
            return _("today")
        if local.date() == today - timedelta(days=1):
            return _("yesterday")
        day = f"{weekdays()[local.weekday()]} {local.day} {months()[local.month - 1]}"
        return day if local.year == today.year else f"{day} {local.year}"

    def snooze_presets(self) -> tuple[tuple[str, datetime], ...]:
        """Label and moment of each preset; wall-clock times survive a change to summer time."""
        here = self.local(self.now)

        def at(days: int, hour: int) -> datetime:
            day = here.date() + timedelta(days=days)
            moment = datetime.combine(day, time(hour), here.tzinfo)
            if self.zone is None:
                moment = moment.replace(tzinfo=None).astimezone()
            return moment

        later = self.now + timedelta(hours=3)
        monday = (7 - here.weekday()) or 7
        choices = [
            (_("later today"), later),
            (_("tomorrow"), at(1, 9)),
            (_("on Monday"), at(monday, 9)),
            (_("in 7 days"), at(7, 9)),
        ]
        once = {moment: label for label, moment in reversed(choices) if moment > self.now}
        return tuple((label, moment) for label, moment in choices if once.get(moment) == label)


def weekdays() -> tuple[str, ...]:
    return tuple(_("Mon Tue Wed Thu Fri Sat Sun").split())


def months() -> tuple[str, ...]:
    return tuple(_("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split())
