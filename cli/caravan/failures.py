"""What ends a command: one sentence for the person, one exit code for the script."""

DONE, FAULT, BAD_INPUT, FLOW_FAILED, NO_PLATFORM, INTERRUPTED = 0, 1, 2, 3, 4, 130


class CommandFailed(Exception):
    """Its text says what is wrong and what to do."""

    exit_code = BAD_INPUT


class BadInput(CommandFailed):
    """Files, options or names that can't be worked with."""


class FlowFailed(CommandFailed):
    """A flow ended otherwise than completed."""

    exit_code = FLOW_FAILED


class PlatformFault(CommandFailed):
    """Something failed inside the platform that should not have: no flow's fault, and nobody's input."""

    exit_code = FAULT


class PlatformUnavailable(CommandFailed):
    """The embedded platform could not start, or the one named can't be reached."""

    exit_code = NO_PLATFORM
