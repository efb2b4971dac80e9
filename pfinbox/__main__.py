"""``pfinbox`` and ``python -m pfinbox``."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from pfinbox.cli.entry import run
    from pfinbox.importing import on_demand

    on_demand()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
