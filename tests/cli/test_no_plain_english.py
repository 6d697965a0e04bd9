"""What people read is a message of the catalogue: no sentence of the code reaches them in English alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ipwatch

PACKAGE = Path(ipwatch.__file__).parent
SENTENCE = re.compile(r"(?<![\w.`/=-])[A-Za-z']{2,}[,;:]? (?:[\w{}'-]+[,;:]? )?[a-z']{2,}(?![\w./=(])")

ELSEWHERE = {
    "checkout.py": "it runs before the catalogue can be read, and has a table of its own, tests/test_checkout.py",
    "lifeline.py": "started by this software alone, never by a person",
    "logs.py": "logs are for machines",
    "sandbox": "invented shops and registers, whose pages a source reads",
    "terms": "the catalogue itself",
    "text": "pure functions: a wrong call is a defect of the caller",
    "web": "the page takes its words from the catalogue by template, tests/web/test_strings.py",
    "matching": "pure functions: a wrong call is a defect of the caller",
    "store/migrations": "the schema",
    "store/tables": "the schema",
}
"""Parts of the package whose sentences no command prints, with the reason."""

BUT = {
    "matching/screener.py",
    "matching/explain.py",
    "matching/hosts/lines.py",
}
"""Files in them whose sentences commands do print."""

DEFECTS = {"ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "AssertionError"}
"""A wrong call of a function; nobody but its author reads it, except in the modules of ``SPEAKING``."""

SPEAKING = (
    "jsonlines/",
    "evidence/capture.py",
    "matching/hosts/lines.py",
    "matching/explain.py",
    "cli/",
    "settings.py",
)
"""Modules whose ``ValueError`` is quoted to people."""

SAYS = frozenset(
    {
        "say",
        "tell",
        "_say",
        "UsageError",
        "BadParameter",
        "FetchError",
        "RetryLater",
        "Blocked",
        "NotAllowed",
        "Refused",
        "ContractChanged",
    }
)
ERROR = re.compile(r"[A-Z]\w*Error")
"""Calls whose first argument people read."""

SILENT_CALLS = {
    "text": "SQL",
    "execute": "SQL",
    "exec_driver_sql": "SQL",
    "execution_options": "SQL",
    "debug": "an event of the log",
    "info": "an event of the log",
    "warning": "an event of the log",
    "error": "an event of the log",
    "cast": "a type",
    "compile": "a pattern",
    "ArgumentParser": "started by this software alone",
}

ALLOWED = {
    "cli/demo.py:RUNNING": "in both languages, on the page",
    "cli/doctor/watch.py:_BANNER": "what is looked for in Prefect's log",
    "cli/help.py:put_into_words": "a key of the catalogue",
    "cli/serve.py:add_user": "the name of an actor of the audit trail",
    "cli/source_table.py": "a table of its own for each language",
    "cli/watchlist.py:_HEADER": "in both languages, in a file",
    "deadlines/rules.py:RULES": "citations of laws",
    "fetch/host_limiter.py:state": "the state of a host, for the log",
    "fetch/robots.py:summary": "the state of a host, for the log",
    "images/bounded.py:_PROGRAM": "a program",
    "images/hashes.py:ORIENTATIONS": "a value of JSON",
    "pipeline/filing_images.py": "stored with the filing",
    "pipeline/ingest.py": "stored with the run",
    "pipeline/parse_answers.py": "stored with the run",
    "pipeline/reextract.py:_issues": "stored with the run",
    "pipeline/screen.py": "stored with the run",
    "sources/ebay.py:INFO": "the name of the source in both languages",
    "sources/ebay.py:_CONDITION_NAMES": "what eBay says",
    "sources/jpo/source.py:INFO": "the name of the source in both languages",
    "sources/rakuten.py:_refuse_errors": "what Rakuten says",
    "sources/shopify.py:INFO": "the name of the source in both languages",
    "sources/uspto/codes.py": "what the USPTO says",
    "sources/uspto/source.py:INFO": "the name of the source in both languages",
    "sources/uspto/source.py:_where": "a place in a file, as it is stored",
    "sources/webshop/source.py:INFO": "the name of the source in both languages",
    "sources/webshop/source.py:_sitemap_faults": "a place in a file, as it is stored",
    "sources/webshop/source.py:parse": "a place in a file, as it is stored",
    "sources/webshop/visible.py": "selectors",
    "sources/webshop/vocabulary.py": "what shops say",
    "sources/woocommerce.py:INFO": "the name of the source in both languages",
    "store/db_errors.py:_FAULTS": "what SQLite says",
    "store/schema.py:_missing_triggers": "SQL",
    "store/session.py:_is_committed": "what PostgreSQL says",
    "watchlists/diagnostics.py": "what tomllib says",
    "watchlists/importing/cells.py": "names of countries in tables",
    "watchlists/importing/headings.py": "names of columns in tables",
}
"""Modules, or the function, class or constant of one, whose sentences stay as they are, with the reason."""


def modules() -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name in BUT or not any(name == excluded or name.startswith(f"{excluded}/") for excluded in ELSEWHERE):
            yield name


def text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def named(node: ast.AST) -> set[str]:
    """Return the name that a definition or an assignment of a module gives."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def english_in(name: str, source: str) -> list[str]:
    """Return the sentences of a module that are neither documentation nor keys nor for machines."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    silent = DEFECTS - ({"ValueError"} if name.startswith(SPEAKING) else set())
    sentences = []
    for node in ast.walk(tree):
        text = text_of(node)
        if text is None or not SENTENCE.search(text):
            continue
        above, calls, names = node, set(), {name}
        while (parent := parents.get(above)) is not None:
            above = parent
            names |= {f"{name}:{defined}" for defined in named(above)}
            if isinstance(above, ast.Call):
                calls.add(called(above))
        is_part = isinstance(parents[node], ast.JoinedStr)
        is_documentation = isinstance(parents[node], ast.Expr)
        if is_part or is_documentation or names & ALLOWED.keys():
            continue
        if not calls & (silent | SILENT_CALLS.keys()):
            sentences.append(f"{name}:{node.lineno}: {text}")
    return sentences


def cut_in(name: str, source: str) -> list[str]:
    """Return the calls that speak to people with a text that was put together, and so has lost its other language."""
    calls = []
    for node in ast.walk(ast.parse(source)):
        if (
            not isinstance(node, ast.Call)
            or not node.args
            or not (called(node) in SAYS or ERROR.fullmatch(called(node)))
        ):
            continue
        first = node.args[0]
        joined = isinstance(first, ast.JoinedStr | ast.BinOp) or (
            isinstance(first, ast.Call) and called(first) in {"str", "join"}
        )
        if joined and called(node) not in DEFECTS:
            calls.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    return calls


@pytest.mark.parametrize("name", [*modules()])
def test_no_message_loses_its_language_on_the_way(name: str) -> None:
    assert cut_in(name, (PACKAGE / name).read_text("utf-8")) == []


def test_what_is_left_out_is_there() -> None:
    files = {name.partition(":")[0] for name in (*ALLOWED, *ELSEWHERE, *BUT)}
    assert sorted(name for name in files if not (PACKAGE / name).exists()) == []


def test_a_plain_sentence_is_found() -> None:
    source = """
raise ConfigError(f"{path}: there is no such file")
click.echo("nothing was found", err=True)
say("nothing was found" if count else message("x"))
log.warning("nothing was found")
raise ValueError("a score is a number")
"""
    assert [line.split(":")[1] for line in english_in("store/x.py", source)] == ["2", "3", "4"]
    assert len(english_in("cli/x.py", source)) == 4
    assert len(cut_in("cli/x.py", 'raise ConfigError(f"{path}: {error}")\nsay(str(error))\ntell(message("x"))')) == 2


@pytest.mark.parametrize("name", [*modules()])
def test_no_sentence_is_in_english_alone(name: str) -> None:
    assert english_in(name, (PACKAGE / name).read_text("utf-8")) == []
