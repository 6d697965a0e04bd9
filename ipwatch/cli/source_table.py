"""The table of the sources in ``docs/sources.md`` and its Japanese page, rendered from what each says of itself."""

from __future__ import annotations

from pathlib import Path

from ipwatch.errors import ConfigError
from ipwatch.records import SourceInfo, SourceKind, SourceOptions
from ipwatch.sources import load_sources
from ipwatch.sources.contract import missing_settings
from ipwatch.terms import message

BEGIN = "<!-- sources: written by `ipwatch source table --write docs/sources.md` -->"
END = "<!-- end of sources -->"
_RULE = "| --- | --- | --- | --- | --- | --- |\n"
_HEADS = {
    "en": "| source | reads | kind | must be set | one query reaches | seconds between requests |\n",
    "ja": "| 情報源 | 読むもの | 種類 | 必要な設定 | 一つの問い合わせで届く件数 | 要求の間隔（秒） |\n",
}
_NOTHING = {"en": "nothing", "ja": "なし"}


def source_table(lang: str = "en") -> str:
    """Return a row for each source: marketplaces, shops, registers; its head in ``en`` or ``ja``."""
    kinds = list(SourceKind)
    infos = [source.INFO for source in load_sources().values()]
    return (
        _HEADS[lang]
        + _RULE
        + "".join(_row(info, lang) for info in sorted(infos, key=lambda info: (kinds.index(info.kind), info.name)))
    )


def with_table(page: str, path: Path) -> str:
    """Return the page with the present table between its marks, in Japanese where it lies in a folder ``ja``.

    Raises ``ConfigError`` where it lacks one of the marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(message("cli.source.no_marks", path=path, begin=BEGIN, end=END))
    return f"{before}{BEGIN}\n\n{source_table('ja' if path.parent.name == 'ja' else 'en')}\n{END}{after}"


def _row(info: SourceInfo, lang: str) -> str:
    name, other = (info.title_ja, info.title_en) if lang == "ja" else (info.title_en, info.title_ja)
    title = f"[{name}]({info.terms_url})" if info.terms_url else name
    if name != other:
        title += f" ({other})"
    needed = ", ".join(f"`{variable}`" for variable in missing_settings(info, SourceOptions()))
    ceiling = f"{info.ceiling:,}" if info.ceiling else "–"
    cells = (f"`{info.name}`", title, info.kind.value, needed or _NOTHING[lang], ceiling, f"{info.interval:g}")
    return f"| {' | '.join(cells)} |\n"
