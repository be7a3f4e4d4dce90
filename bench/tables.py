"""Markdown tables on standard output."""

from collections.abc import Iterable, Sequence


def print_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Words to the left in the first column, everything else as it comes."""
    print("| " + " | ".join(titles) + " |")
    print("|---|" + "---|" * (len(titles) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
