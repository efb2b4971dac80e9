"""The program's own themes. What a stylesheet names besides comes from ``colours.complete``."""

from textual.theme import Theme

DARK, LIGHT, HIGH_CONTRAST = "pfinbox-dark", "pfinbox-light", "pfinbox-high-contrast"

OWN = (
    Theme(
        name=DARK,
        dark=True,
        background="#14171c",
        surface="#191d24",
        panel="#222833",
        foreground="#dce1e9",
        primary="#4f9fe8",
        secondary="#8a97ad",
        success="#6fc793",
        warning="#dba755",
        error="#f0758a",
        accent="#b895f5",
        variables={
            "text-primary": "#7cbcff",
            "text-success": "#84d6a5",
            "text-warning": "#ecbb70",
            "text-error": "#ff8f9f",
            "text-accent": "#cbb0ff",
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        background="#fbfbf9",
        surface="#f3f3f0",
        panel="#e6e8e5",
        foreground="#22272e",
        primary="#1f6fc0",
        secondary="#5b6675",
        success="#2b8a55",
        warning="#b07414",
        error="#c23350",
        accent="#7a4fc4",
        variables={
            "text-primary": "#0b56a3",
            "text-success": "#17653a",
            "text-warning": "#7d4b00",
            "text-error": "#a81c37",
            "text-accent": "#5f35a6",
        },
    ),
    Theme(
        name=HIGH_CONTRAST,
        dark=True,
        background="#000000",
        surface="#000000",
        panel="#1a1a1a",
        foreground="#ffffff",
        primary="#3fb4ff",
        secondary="#c0c0c0",
        success="#4dff8a",
        warning="#ffc400",
        error="#ff8a97",
        accent="#ffe14d",
        variables={
            "text-primary": "#7fd0ff",
            "text-success": "#7dffab",
            "text-warning": "#ffd24d",
            "text-error": "#ffa3ad",
            "text-accent": "#ffe87a",
            "cursor-strong": "#003a5c",
            "cursor-line": "#003a5c",
            "cursor-blurred": "#2a2a2a",
        },
    ),
)
