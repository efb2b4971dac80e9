"""Figures about the program in Prometheus' text format (its exposition formats, version 0.0.4)."""

from collections.abc import Iterable, Mapping, Sequence

from pfinbox.record import record

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@record
class Sample:
    """``labels``: names and values; ``suffix``: _bucket, _sum or _count of a histogram."""

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@record
class Metric:
    """``kind``: counter, gauge or histogram; ``help``: one line in English, as its readers are."""

    name: str
    kind: str
    help: str
    samples: Sequence[Sample]


def gauge(name: str, help_: str, values: Mapping[str, float], label: str = "account") -> Metric:
    """A gauge with one label."""
    return Metric(name, "gauge", help_, [Sample(n, {label: one}) for one, n in values.items()])


def single(name: str, kind: str, help_: str, value: float) -> Metric:
    """A counter or gauge without labels."""
    return Metric(name, kind, help_, [Sample(value, {})])


def as_text(metrics: Iterable[Metric]) -> str:
    """What Prometheus reads."""
    lines = []
    for one in metrics:
        if not one.samples:
            continue
        lines.append(f"# HELP {one.name} {_escaped(one.help)}")
        lines.append(f"# TYPE {one.name} {one.kind}")
        lines += [
            f"{one.name}{sample.suffix}{_labels(sample.labels)} {_number(sample.value)}"
            for sample in one.samples
        ]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    quoted = {name: _escaped(value).replace('"', '\\"') for name, value in labels.items()}
    return "{" + ",".join(f'{name}="{value}"' for name, value in quoted.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
