"""README's table of keys, from the command table."""

from pfinbox.tui.commands.table import commands
from pfinbox.tui.shell.command import groups, latin


def key_table() -> str:
    """README's table of keys, in Markdown."""
    lines: list[str] = []
    for group, heading in groups().items():
        lines += [f"| {heading} | |", "| --- | --- |"] if not lines else [f"| **{heading}** | |"]
        for command in commands():
            if command.group == group:
                keys = " ".join(f"`{key}`" for key in latin(command.keys)) or f"`:{command.name}`"
                lines.append(f"| {keys} | {command.help} |")
    return "\n".join(lines) + "\n"
