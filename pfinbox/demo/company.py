"""The company that the simulated clients write to: a shop for bicycle parts in Wrocław."""

from collections.abc import Mapping

from pfinbox.domain.contract.template import Template

NAME = "Ogniwo Bikes"
DOMAIN = "ogniwo.example"
MAIL_ADDRESS = f"hello@{DOMAIN}"
HANDLE = "@ogniwo_bikes"

# Whoever runs the demo works there too; these are the colleagues: login -> name.
COLLEAGUES: Mapping[str, str] = {"anna": "Anna Nowak", "piotr": "Piotr Zieliński"}
YOU = "you"
YOUR_NAME = "Alex Kowal"

# What the shop answers again and again, by name.
CANNED: Mapping[str, str] = {
    "thanks": "Hello {{client.first_name|there}},\n\nthank you for writing. We look into it and"
    " come back to you today.\n\n{{agent.first_name}}",
    "opening hours": "We are open Monday to Friday from 10 to 18, on Saturday from 10 to 14.",
    "godziny otwarcia": "Jesteśmy otwarci od poniedziałku do piątku w godzinach 10-18,"
    " w sobotę 10-14.",
    "часы работы": "Мы открыты с понедельника по пятницу с 10 до 18, в субботу с 10 до 14.",
    "return": "Hello {{client.first_name|there}},\n\nyou can send it back within 30 days; the label"
    " is on its way to you by a separate mail. Number {{task.number}} on the parcel is enough."
    "\n\n{{agent.first_name}}",
}

# What a marketplace has approved: the way that is left when its day is over.
TEMPLATES = (
    Template(
        "order_ready",
        "en",
        "Hello {{1}}, {{2}} has come and waits for you at Ogniwo Bikes, ul. Ruska 7.",
        "UTILITY",
    ),
    Template(
        "order_ready",
        "pl",
        "Dzień dobry {{1}}, {{2}} już jest i czeka w Ogniwo Bikes, ul. Ruska 7.",
        "UTILITY",
    ),
    Template(
        "order_ready",
        "ru",
        "Здравствуйте, {{1}}! {{2}} уже у нас и ждёт вас в Ogniwo Bikes, ul. Ruska 7.",
        "UTILITY",
    ),
    Template("still_there", "en", "Hello {{1}}, do you still need our help?", "UTILITY"),
)
