"""The command ``ipwatch``: data on stdout, everything else on stderr.

Exit codes: 0 ok, 1 failure, 2 the user's input was wrong, 3 something outside failed, 130 interrupted.
"""

from __future__ import annotations

import errno
import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Any

import click

from ipwatch import __version__, blas, logs
from ipwatch.cli.help import Context, put_into_words, translate_click
from ipwatch.cli.language import choose, one_command, tell, text_for
from ipwatch.errors import ConfigError, FetchError, InstallationError, IpwatchError
from ipwatch.settings import LOG_LEVELS, load_settings
from ipwatch.terms import LANGUAGES, message

EXIT_FAILURE, EXIT_INPUT, EXIT_OUTSIDE = 1, 2, 3
EXIT_INTERRUPTED = 130

MODULES = {
    "audit": "audit",
    "backup": "backup",
    "db": "db",
    "deadline": "deadline",
    "demo": "demo",
    "doctor": "doctor",
    "evidence": "evidence",
    "explain": "explain",
    "image": "image",
    "report": "report",
    "restore": "backup",
    "run": "run",
    "screen": "screen",
    "serve": "serve",
    "source": "source",
    "up": "up",
    "user": "serve",
    "watchlist": "watchlist",
}
"""The module of each command, which is called there as it is on the command line.

It is imported when the command is asked for: web server, sandbox and migrations take seconds that others need not wait.
"""


def exit_code(error: IpwatchError) -> int:
    """Return the exit code for an error."""
    if isinstance(error, ConfigError | InstallationError):
        return EXIT_INPUT
    return EXIT_OUTSIDE if isinstance(error, FetchError) else EXIT_FAILURE


_FIXES = {
    errno.ENOSPC: "no_space",
    errno.EDQUOT: "quota",
    errno.EROFS: "read_only",
    errno.EACCES: "no_right",
    errno.EPERM: "no_right",
    errno.ENOTDIR: "file_in_the_way",
    errno.EEXIST: "file_in_the_way",
    errno.EISDIR: "directory_in_the_way",
    errno.ENOENT: "not_there",
    errno.EMFILE: "too_many_files",
}


def explain_os_error(error: OSError) -> str:
    """Return one sentence for an operating system error: the path, if any, the cause and the fix."""
    key = _FIXES.get(error.errno or 0)
    fix = message(f"cli.system.{key}") if key else error.strerror or str(error) or type(error).__name__
    paths = [str(path) for path in (error.filename, error.filename2) if isinstance(path, str | bytes)]
    return message("cli.system.at", paths=" -> ".join(paths), fix=fix) if paths else fix


class _Commands(click.Group):
    """A group that turns the project's errors into one message and an exit code."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the interface's
        """Return the names of the commands."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the interface's
        """Return the command of that name, imported now."""
        if cmd_name not in MODULES:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{MODULES[cmd_name]}"), cmd_name)
        put_into_words(command, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, from the catalogue: to import them all would take seconds."""
        described = {name: click.Command(name) for name in MODULES}
        for name, command in described.items():
            put_into_words(command, name)
        click.Group(commands=described).format_commands(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name, the command and its arguments; for an unknown name, suggest similar ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=MODULES, ctx=ctx) from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Parse and run, with streams that can encode any text: the help contains Japanese."""
        blas.use_one_thread()
        translate_click()
        for stream in (sys.stdout, sys.stderr):
            # A terminal or pipe that is not UTF-8 must not end a run over a Japanese title.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        with one_command():
            return super().main(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments before the command, in the language that they choose."""
        choose(args)
        put_into_words(self, "ipwatch")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except IpwatchError as error:
            tell(text_for(error))
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            tell(message("cli.interrupted"))
            ctx.exit(EXIT_INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                # The reader of our output went away: click ends the process quietly.
                raise
            tell(explain_os_error(error))
            ctx.exit(EXIT_FAILURE if error.filename is None else EXIT_INPUT)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="ipwatch")
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS, case_sensitive=False),
)
@click.option("--log-json", is_flag=True)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
)
@click.pass_context
def main(ctx: click.Context, log_level: str | None, log_json: bool) -> None:
    """Watch marketplaces and trademark registers for suspected infringements of Japanese brands and content."""
    settings = load_settings()
    logs.configure(log_level or settings.log_level, as_json=log_json, secrets=settings.secrets())
    ctx.obj = settings
    # An orchestrator ends work with SIGTERM: treat it as Ctrl-C, so that what is open is closed.
    signal.signal(signal.SIGTERM, _interrupt)
