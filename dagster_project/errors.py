"""Every error a user may meet. Each carries the exit code of the command line."""


class SegmentsError(Exception):
    """A readable message: what is wrong, where, and a way out."""

    exit_code = 1


class UsageError(SegmentsError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class DeclarationError(SegmentsError):
    """A declaration file is wrong. The message names file, key and reason."""

    exit_code = 2


class AnotherRunInProgress(SegmentsError):
    """Another process holds the lock of this home."""

    exit_code = 1


class NightHeld(SegmentsError):
    """A gate stopped the release. The last accepted release stays current."""

    exit_code = 3
