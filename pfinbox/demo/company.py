"""The company that the simulated clients write to: a shop for bicycle parts in Wrocław."""

from collections.abc import Mapping

NAME = "Ogniwo Bikes"
DOMAIN = "ogniwo.example"
MAIL_ADDRESS = f"hello@{DOMAIN}"
HANDLE = "@ogniwo_bikes"

# Whoever runs the demo works there too; these are the colleagues: login -> name.
COLLEAGUES: Mapping[str, str] = {"anna": "Anna Nowak", "piotr": "Piotr Zieliński"}
YOU = "you"
