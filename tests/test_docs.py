"""The documents say what the software does: each command, option, setting, source and exit code, and no other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli.every_command import commands

from ipwatch.cli import EXIT_FAILURE, EXIT_INPUT, EXIT_INTERRUPTED, EXIT_OUTSIDE, language, main
from ipwatch.cli.source_table import with_table
from ipwatch.settings import Settings, SourceSettings
from ipwatch.sources import load_sources
from ipwatch.sources.contract import missing_settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "watchlists" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
EVERYTHING = "\n".join(TEXT.values())
OPERATIONS = TEXT[ROOT / "docs" / "operations.md"]
REFERENCE = TEXT[ROOT / "docs" / "commands.md"]
SOURCES = TEXT[ROOT / "docs" / "sources.md"]

_FENCE = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_RUNNERS = ("uv run ", "python3 -m ", ".venv/bin/", "$ ")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


COMMANDS = {" ".join(path): command for path, command in commands() if not isinstance(command, click.Group)}


def spoken(command: click.Command) -> list[str]:
    """The options of a command by their long names."""
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return [next(opt for opt in option.opts if opt.startswith("--")) for option in options]


def quoted() -> Iterator[tuple[str, str]]:
    """Every command line of ipwatch in the pages, with its page; pipes are taken apart."""
    for page, text in TEXT.items():
        blocks = [line for block in _FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
        inline = [
            code
            for code in _INLINE.findall(_FENCE.sub("", text))
            if code.startswith(("ipwatch ", "python3 -m ipwatch "))
        ]
        for line in (*blocks, *inline):
            for part in line.split(" | "):
                plain = part.split("  #")[0].split(" # ")[0].strip()
                for runner in _RUNNERS:
                    plain = plain.removeprefix(runner)
                if plain.startswith("ipwatch "):
                    yield page.relative_to(ROOT).as_posix(), plain


QUOTED = sorted(set(quoted()))


def parse(line: str) -> None:
    """Parse a command line as click does and run nothing; raises ``click.UsageError`` where it is none.

    A name alone is a mention of a command and not a call: only the name must be right. Placeholders in capitals stand
    for a value, and paths need not exist here.
    """
    words = shlex.split(line)[1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        named = command.get_command(click.Context(command), words.pop(0))
        if named is None:
            raise click.UsageError(f"{line}: there is no such command")
        command = named
    if not words:
        return
    arguments = [word for word in words if word.strip("[].…")]
    # A command remembers its help option from the first context it meets: give it the one of the real command line.
    context = click.Context(command, parent=click.Context(main, **main.context_settings))
    options, _, _ = command.make_parser(context).parse_args(arguments)
    for parameter in command.params:
        value = options.get(parameter.name or "")
        given = isinstance(value, str) or (isinstance(value, tuple | list) and value)
        if given and not isinstance(parameter.type, click.Path) and not _is_placeholder(value):
            parameter.type_cast_value(context, value)


def _is_placeholder(value: object) -> bool:
    values = value if isinstance(value, tuple | list) else [value]
    return any(isinstance(element, str) and (element.isupper() or "…" in element) for element in values)


@pytest.mark.parametrize(("page", "line"), QUOTED)
def test_every_quoted_command_line_parses(page: str, line: str) -> None:
    try:
        parse(line)
    except click.UsageError as error:
        pytest.fail(f"{page}: {line}: {error.format_message()}")


def test_the_pages_quote_commands_at_all() -> None:
    assert len(QUOTED) > 20


@pytest.mark.parametrize(
    "line",
    [
        "ipwatch nosuch",
        "ipwatch run --nosuch",
        "ipwatch deadline --office JP --published yesterday",
        "ipwatch report make",
    ],
)
def test_a_wrong_command_line_would_be_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    sections = re.split(r"^#{2,3} ", REFERENCE, flags=re.MULTILINE)
    (section,) = [text for text in sections if re.match(rf"`ipwatch {name}\b", text)]
    for option in spoken(COMMANDS[name]):
        assert re.search(rf"`{option}(?![\w-])", section), f"{option} of ipwatch {name}"


def test_no_document_names_an_option_that_is_not_there() -> None:
    known = {option for command in COMMANDS.values() for option in spoken(command)}
    known |= {"--help", "--version", "--log-level", "--log-json", "--install"}
    named = {option for _, line in QUOTED for option in re.findall(r"(?<!\S)(--[a-z][a-z-]+)", line)}
    assert named <= known


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    variable = f"IPWATCH_{name.upper()}"
    assert re.search(rf"{variable}(?![A-Z])", OPERATIONS), variable
    default = Settings.model_fields[name].default
    if isinstance(default, int | float | Path) and not isinstance(default, bool):
        (row,) = [line for line in OPERATIONS.splitlines() if line.startswith(f"| `{variable}`")]
        assert (f"{default:g}" if isinstance(default, float) else str(default)) in row


def test_no_document_names_a_setting_that_is_not_there() -> None:
    # The language is asked for before the settings can be read: their errors are told in it.
    known = {f"IPWATCH_{name.upper()}" for name in Settings.model_fields} | {language.VARIABLE}
    named = {name.partition("__")[0] for name in re.findall(r"\bIPWATCH_[A-Z_]*[A-Z]", EVERYTHING)}
    assert named == known


@pytest.mark.parametrize("name", SourceSettings.model_fields)
def test_every_setting_of_a_source_is_documented(name: str) -> None:
    assert f"IPWATCH_SOURCES__NAME__{name.upper()}" in SOURCES


@pytest.mark.parametrize("page", ["docs/sources.md", "docs/ja/sources.md"])
def test_the_table_of_sources_is_what_the_sources_say_of_themselves(page: str) -> None:
    path = ROOT / page
    assert with_table(TEXT[path], path) == TEXT[path], f"write it: ipwatch source table --write {page}"


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_every_source_is_documented_as_it_describes_itself(name: str) -> None:
    info = load_sources()[name].INFO
    (row,) = [line for line in SOURCES.splitlines() if line.startswith(f"| `{name}` |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert info.title_ja in cells[1]
    assert cells[2] == info.kind.value
    assert (f"{info.ceiling:,}" in cells[4]) if info.ceiling else cells[4] == "–"
    assert cells[5] == f"{info.interval:g}"
    for variable in missing_settings(info, Settings().source_options("")):
        assert f"`{variable}`" in SOURCES
    if info.terms_url:
        assert info.terms_url in SOURCES
    assert f"IPWATCH_SOURCES__{name.upper()}__" in SOURCES


def test_every_option_that_only_a_source_has_is_documented() -> None:
    code = "\n".join(path.read_text() for path in sorted((ROOT / "ipwatch" / "sources").rglob("*.py")))
    for name in re.findall(r'extra(?:\.get\(|\[)"([a-z_]+)"', code):
        assert f"__EXTRA__{name.upper()}`" in SOURCES, name


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ok"),
        (EXIT_FAILURE, "failure"),
        (EXIT_INPUT, "input"),
        (EXIT_OUTSIDE, "outside"),
        (EXIT_INTERRUPTED, "interrupted"),
    ],
)
def test_every_exit_code_is_documented(code: int, words: str) -> None:
    rows = [line for line in REFERENCE.splitlines() if line.startswith(f"| {code} |")]
    assert len(rows) == 1
    assert words in rows[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_resolves(page: Path) -> None:
    for target in _LINK.findall(TEXT[page]):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {_slug(heading) for heading in headings}, f"{page.name}: {target}"


def _slug(heading: str) -> str:
    """The anchor that a forge gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
