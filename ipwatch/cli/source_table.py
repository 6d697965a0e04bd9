"""The table of the sources in ``docs/sources.md``, rendered from what each says of itself."""

from __future__ import annotations

from pathlib import Path

from ipwatch.errors import ConfigError
from ipwatch.records import SourceInfo, SourceKind, SourceOptions
from ipwatch.sources import load_sources
from ipwatch.sources.contract import missing_settings

BEGIN = "<!-- sources: written by `ipwatch source table --write docs/sources.md` -->"
END = "<!-- end of sources -->"
_HEAD = """\
| source | reads | kind | must be set | one query reaches | seconds between requests |
| --- | --- | --- | --- | --- | --- |
"""


def source_table() -> str:
    """Return a row for each source: marketplaces, shops, registers."""
    kinds = list(SourceKind)
    infos = [source.INFO for source in load_sources().values()]
    return _HEAD + "".join(_row(info) for info in sorted(infos, key=lambda info: (kinds.index(info.kind), info.name)))


def with_table(page: str, path: Path) -> str:
    """Return the page with the present table between its marks; raises ``ConfigError`` where it lacks one of them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(f"{path}: the table stands between the lines {BEGIN} and {END}; put them into the page")
    return f"{before}{BEGIN}\n\n{source_table()}\n{END}{after}"


def _row(info: SourceInfo) -> str:
    title = f"[{info.title_en}]({info.terms_url})" if info.terms_url else info.title_en
    if info.title_ja != info.title_en:
        title += f" ({info.title_ja})"
    needed = ", ".join(f"`{variable}`" for variable in missing_settings(info, SourceOptions()))
    ceiling = f"{info.ceiling:,}" if info.ceiling else "–"
    cells = (f"`{info.name}`", title, info.kind.value, needed or "nothing", ceiling, f"{info.interval:g}")
    return f"| {' | '.join(cells)} |\n"
