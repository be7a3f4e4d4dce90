"""What a long command is doing now, on standard error.

Results are not shown here.
"""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from dagster_project.commands.screen import visible


class Progress:
    """A moving line on a terminal, plain lines elsewhere; nothing when `quiet`."""

    def __init__(self, what: str, quiet: bool = False) -> None:
        self.what = what
        self.quiet = quiet
        self._bar: Bar | None = None
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        if self.quiet:
            return self
        if sys.stderr.isatty():
            self._bar = Bar(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True, highlight=False),
                transient=True,
            )
            self._bar.add_task(self.what)
            self._bar.start()
        else:
            self._print(self.what)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def stage(self, name: str) -> None:
        """The next part of the work begins."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], description=f"{self.what}: {name}")
        else:
            self._print(f"{time.monotonic() - self._started:7.1f} s  {visible(name)}")

    def say(self, line: str) -> None:
        """Something happened that stays on the screen."""
        if self._bar:
            self._bar.console.print(visible(line), markup=False, style="dim")
        else:
            self._print(f"           {visible(line)}")

    def _print(self, line: str) -> None:
        if not self.quiet:
            print(line, file=sys.stderr, flush=True)
