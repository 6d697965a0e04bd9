"""Every line that a check can say, in Japanese and English, with its state and, where it is not well, the fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipwatch.cli.doctor.findings import Finding, State


@dataclass(frozen=True, slots=True)
class Message:
    """The words of one finding; ``fix`` says what to do about it. Each pair is Japanese, then English."""

    state: State
    text: tuple[str, str]
    fix: tuple[str, str] | None = None


def render(finding: Finding, lang: str) -> tuple[State, str, str | None]:
    """Return state, line and fix of a finding in ``ja`` or ``en``; raises ``KeyError`` for an unknown key."""
    message = MESSAGES[finding.key]
    index = 0 if lang == "ja" else 1
    fix = message.fix[index].format_map(finding.arguments) if message.fix is not None else None
    return message.state, message.text[index].format_map(finding.arguments), fix


OK, NOTE, NOT_RUNNING, WRONG = State.OK, State.NOTE, State.NOT_RUNNING, State.WRONG

_START = ("ipwatch up を起動してください", "start: ipwatch up")
_RESTART = ("ipwatch up を終了し、もう一度起動してください", "end ipwatch up, and start it again")
_DOCS_SOURCES = ("docs/sources.md にある設定をしてください", "set what docs/sources.md says")

_WATCH = {
    "up.running": Message(
        OK,
        (
            "ipwatch up が動いています（プロセス {pid}、Prefect はポート {port}）",
            "ipwatch up runs (process {pid}, Prefect on port {port})",
        ),
    ),
    "up.ended": Message(
        WRONG,
        (
            "ipwatch up が動いていないため、何も自動では読みません",
            "ipwatch up does not run, so nothing is read by itself",
        ),
        _START,
    ),
    "up.never": Message(
        NOTE,
        ("ipwatch up は動いていません", "ipwatch up does not run"),
        (
            "自動で巡回させるときは ipwatch up を起動してください",
            "to have sources read by themselves, start: ipwatch up",
        ),
    ),
    "up.not_running": Message(
        NOT_RUNNING,
        ("ipwatch up が動いている間だけ確認できます", "can only be checked while ipwatch up runs"),
    ),
    "up.silent": Message(
        WRONG,
        ("Prefect サーバーがポート {port} で応答しません", "the Prefect server does not answer on port {port}"),
        _RESTART,
    ),
    "up.refused": Message(
        WRONG,
        ("Prefect サーバーに断られました：{reason}", "the Prefect server refused us: {reason}"),
        _RESTART,
    ),
    "next_run.ok": Message(
        OK,
        (
            "{count}件の情報源に次の自動実行があります。最初は {source}、{at}",
            "sources with a next automatic run: {count}; the first is {source}, {at}",
        ),
    ),
    "next_run.nothing_configured": Message(
        NOTE,
        ("設定した情報源がないため、何も読みません", "no source is configured, so nothing is read"),
        _DOCS_SOURCES,
    ),
    "next_run.no_deployment": Message(
        WRONG,
        (
            "{source}：Prefect に配置がないため、自動では読みません",
            "{source}: Prefect has no deployment for it, so it is not read by itself",
        ),
        (
            "prefect.yaml に配置かひな型があることを確かめ、ipwatch up を起動し直してください",
            "see that prefect.yaml has a deployment or a template for it, then start ipwatch up again",
        ),
    ),
    "next_run.paused": Message(
        WRONG,
        (
            "{source}：Prefect で休止しているため、自動では読みません",
            "{source}: its deployment is paused in Prefect, so it is not read by itself",
        ),
        ("Prefect の画面で再開してください", "resume it on Prefect's page"),
    ),
    "next_run.no_schedule": Message(
        WRONG,
        (
            "{source}：有効な予定がないため、自動では読みません",
            "{source}: no schedule is active, so it is not read by itself",
        ),
        (
            "prefect.yaml で予定を有効にし、ipwatch up を起動し直してください",
            "activate its schedule in prefect.yaml, then start ipwatch up again",
        ),
    ),
    "next_run.none": Message(
        WRONG,
        (
            "{source}：予定はあるのに、次の自動実行が作られていません",
            "{source}: it has a schedule, but the scheduler has made no next run",
        ),
        (
            "server_log と versions の行を見て、ipwatch up を起動し直してください",
            "see the lines server_log and versions, then start ipwatch up again",
        ),
    ),
    "server_log.ok": Message(
        OK, ("Prefect サーバーの記録に誤りはありません", "the log of the Prefect server names no error")
    ),
    "server_log.none": Message(
        OK, ("Prefect サーバーの記録はまだありません", "there is no log of the Prefect server yet")
    ),
    "server_log.old": Message(
        OK, ("Prefect サーバーは1日以上何も記録していません", "the Prefect server has written nothing for a day")
    ),
    "server_log.scheduler": Message(
        WRONG,
        (
            "Prefect の予定管理に誤りが{count}件あります。最後：{line}",
            "{count} errors of Prefect's scheduler; the last: {line}",
        ),
        (
            "versions の行が正常でなければ版を合わせ、ipwatch up を起動し直してください。記録：{log}",
            "where the line versions is not well, install the pinned versions; then start ipwatch up again. Log: {log}",
        ),
    ),
    "server_log.errors": Message(
        NOTE,
        (
            "Prefect サーバーの記録に誤りが{count}件あります。最後：{line}",
            "{count} errors in the log of the Prefect server; the last: {line}",
        ),
        ("繰り返すようなら {log} を見てください", "look into {log} where they go on"),
    ),
    "zombies.ok": Message(
        OK, ("実行中とされる実行には、すべてプロセスがあります", "a process lives for each run that stands as running")
    ),
    "zombies.dead": Message(
        WRONG,
        (
            "「{run}」は {since} から {state} のままですが、プロセスがありません",
            "“{run}” stands as {state} since {since}, but no process lives for it",
        ),
        (
            "数分待っても残るときは、ipwatch up を起動し直してください",
            "wait some minutes; where it stays, start ipwatch up again",
        ),
    ),
    "slots.ok": Message(
        OK, ("実行枠は実行中のものだけが使っています", "places for simultaneous runs are held by runs alone")
    ),
    "slots.held": Message(
        WRONG,
        (
            "{deployment}：実行がないのに枠が{held}件使われており、次の実行が取り消されます",
            "{deployment}: {held} places are held without a run, so every later run is cancelled",
        ),
        (
            "数分待っても残るときは、ipwatch up を起動し直してください",
            "wait some minutes; where it stays, start ipwatch up again",
        ),
    ),
    "orphans.ok": Message(OK, ("以前の起動が残したプロセスはありません", "no process of an earlier start is left")),
    "orphans.left": Message(
        WRONG,
        (
            "以前の起動が残したプロセス {pid}（{role}）が動いています",
            "process {pid} ({role}) of an earlier start still runs",
        ),
        (
            "終了させてください：kill {pid}（次の ipwatch up も終了させます）",
            "end it: kill {pid} (the next ipwatch up does so too)",
        ),
    ),
    "second_server.ok": Message(
        OK, ("このデータの Prefect サーバーは2つ以上ありません", "no second Prefect server works on this directory")
    ),
    "second_server.found": Message(
        WRONG,
        (
            "Prefect サーバーが2つ以上動いています（プロセス {pids}）",
            "several Prefect servers work on this directory (processes {pids})",
        ),
        ("すべて終了させ、ipwatch up を1つだけ起動してください", "end all of them, then start one ipwatch up"),
    ),
}

_SOURCES = {
    "sources.well": Message(
        OK, ("{count}件の情報源を全部読めています", "sources that were read in full and in time: {count}")
    ),
    "sources.overdue": Message(
        WRONG,
        (
            "{source}：予定の間隔の2倍を過ぎても読んでいません（最終 {read}）",
            "{source}: not read for more than twice its interval (last read {read})",
        ),
        (
            "up と next_run の行を見てください。すぐに読むには：ipwatch run --source {source}",
            "see the lines up and next_run; to read it now: ipwatch run --source {source}",
        ),
    ),
    "sources.cut_off": Message(
        WRONG,
        (
            "{source}：実行が途中で止まったままです（最終の進行 {quiet}）",
            "{source}: its run stopped on its way (last progress {quiet})",
        ),
        (
            "次の実行が続きから読みます。すぐに読むには：ipwatch run --source {source}",
            "the next run goes on from there; to read it now: ipwatch run --source {source}",
        ),
    ),
    "sources.blocked": Message(
        WRONG,
        ("{source}：アクセスを拒否されました：{message}", "{source}: does not want to be read: {message}"),
        (
            "人がサイトを確認し、ipwatch run --source {source} で読んでください",
            "a person looks at the site, then: ipwatch run --source {source}",
        ),
    ),
    "sources.paused": Message(
        WRONG,
        (
            "{source}：アクセスを拒否され、{until} まで読みません：{message}",
            "{source}: does not want to be read and is left alone until {until}: {message}",
        ),
        (
            "人がサイトを確認し、ipwatch run --source {source} で読んでください",
            "a person looks at the site, then: ipwatch run --source {source}",
        ),
    ),
    "sources.failed": Message(
        WRONG,
        ("{source}：前回は読めませんでした：{message}", "{source}: could not be read the last time: {message}"),
        (
            "画面の「情報源」を見て、ipwatch run --source {source} で読んでください",
            "see the page Sources, then: ipwatch run --source {source}",
        ),
    ),
    "sources.wrong_settings": Message(
        WRONG,
        ("{source}：設定が足りないか誤っています：{message}", "{source}: settings are missing or wrong: {message}"),
        _DOCS_SOURCES,
    ),
    "sources.unscheduled": Message(
        WRONG,
        ("{source}：prefect.yaml に有効な予定がありません", "{source}: no schedule in prefect.yaml is active for it"),
        ("予定を有効にし、ipwatch up を起動し直してください", "activate one, then start ipwatch up again"),
    ),
    "sources.degraded": Message(
        NOTE,
        ("{source}：前回は一部しか読めませんでした：{message}", "{source}: only partly read the last time: {message}"),
        ("画面の「情報源」を見てください", "see the page Sources"),
    ),
    "sources.never": Message(
        NOTE,
        ("{source}：まだ一度も読んでいません", "{source}: not read yet"),
        ("すぐに読むには：ipwatch run --source {source}", "to read it now: ipwatch run --source {source}"),
    ),
    "sources.not_configured": Message(NOTE, ("未設定の情報源：{sources}", "not configured: {sources}"), _DOCS_SOURCES),
    "sources.switched_off": Message(
        NOTE,
        ("停止中の情報源：{sources}", "switched off: {sources}"),
        (
            "読むときは IPWATCH_SOURCES__名前__ENABLED を外してください",
            "to read one, remove its IPWATCH_SOURCES__NAME__ENABLED",
        ),
    ),
}

_STORED = {
    "database.ok": Message(OK, ("データベースに壊れた所はありません", "the database is whole")),
    "database.none": Message(
        NOTE,
        ("データベースはまだありません", "there is no database yet"),
        ("作るには：ipwatch db upgrade", "to create it: ipwatch db upgrade"),
    ),
    "database.nothing_yet": Message(OK, ("確認するものはまだありません", "there is nothing to check yet")),
    "database.damaged": Message(
        WRONG,
        ("データベースが壊れています：{damage}", "the database is damaged: {damage}"),
        ("何も書き込まず、バックアップから戻してください", "let nothing write to it, and restore it from a backup"),
    ),
    "database.unusable": Message(
        WRONG,
        ("データベースを使えません：{reason}", "the database cannot be used: {reason}"),
        ("壊れているときは、バックアップから戻してください", "where it is damaged, restore it from a backup"),
    ),
    "schema.ok": Message(
        OK,
        (
            "データベースの版は {schema} で、この版のものです",
            "the database is at schema {schema}, that of this version",
        ),
    ),
    "schema.differs": Message(
        WRONG,
        ("データベースの版が違います：{reason}", "the database is at another schema: {reason}"),
        (
            "ipwatch db upgrade を実行するか、新しい版の ipwatch を入れてください",
            "run ipwatch db upgrade, or install the newer ipwatch",
        ),
    ),
    "audit.ok": Message(OK, ("監査記録に欠けや改変はありません", "the audit trail is whole")),
    "audit.broken": Message(
        WRONG,
        (
            "監査記録が書かれたときのままではありません：{problem}",
            "the audit trail is not as it was written: {problem}",
        ),
        (
            "誰が何を変えたかを調べ、監査記録が正しいバックアップから戻してください",
            "find out who changed what, and restore a backup in which the trail is whole",
        ),
    ),
    "sqlite.ok": Message(OK, ("SQLite {version}", "SQLite {version}")),
    "sqlite.not_used": Message(OK, ("PostgreSQL を使っています", "PostgreSQL is in use")),
    "sqlite.may_lose_its_log": Message(
        NOTE,
        (
            "SQLite {version} は、複数のプロセスが同時に書くとまれにデータベースを壊します（3.51.3 で修正）",
            "SQLite {version} may in rare cases damage a database that several processes write to (fixed in 3.51.3)",
        ),
        (
            "ipwatch backup を定期的に実行するか、SQLite 3.51.3 以降の Python、または PostgreSQL を使ってください",
            "make backups, use a Python with SQLite 3.51.3 or later, or use PostgreSQL",
        ),
    ),
    "backup.ok": Message(
        OK, ("最後のバックアップは{days}日前です（{path}）", "the last backup was made {days} days ago ({path})")
    ),
    "backup.old": Message(
        NOTE,
        ("最後のバックアップは{days}日前です（{path}）", "the last backup was made {days} days ago ({path})"),
        ("別のディスクにバックアップしてください", "make a backup on another disk"),
    ),
    "backup.none": Message(
        NOTE,
        ("バックアップの記録がありません", "there is no record of a backup"),
        ("別のディスクにバックアップしてください", "make a backup on another disk"),
    ),
    "backup.unreadable": Message(
        NOTE,
        ("バックアップの記録が読めません：{record}", "the record of the last backup cannot be read: {record}"),
        ("別のディスクにバックアップしてください", "make a backup on another disk"),
    ),
}

_MACHINE = {
    "disk.ok": Message(OK, ("空き {free}、この1週間の増加 {week}", "{free} are free; the last week brought {week}")),
    "disk.full": Message(
        WRONG,
        ("空きが {free} しかありません（1週間に要る量 {wanted}）", "only {free} are free; a week needs {wanted}"),
        (
            "空きを増やすか、IPWATCH_DATA_DIR を大きなディスクに移してください",
            "free some, or move IPWATCH_DATA_DIR to a larger disk",
        ),
    ),
    "modes.ok": Message(OK, ("データは所有者だけが読めます", "only the owner may read what is kept")),
    "modes.open": Message(
        WRONG,
        (
            "他のアカウントが読み書きできるものが{count}件あります（{path} など）",
            "other accounts may read or write {count} files or folders ({path} first)",
        ),
        ("閉じるには：ipwatch db upgrade", "to close them: ipwatch db upgrade"),
    ),
    "clock.ok": Message(
        OK,
        (
            "時計は読んだサイトと合っています（差 {seconds}秒）",
            "the clock agrees with the hosts that were read ({seconds} s)",
        ),
    ),
    "clock.unknown": Message(
        NOTE,
        (
            "この1週間に何も読んでいないため、時計は確認できません",
            "nothing was read in the last week to compare the clock with",
        ),
    ),
    "clock.ahead": Message(
        WRONG,
        ("時計が{seconds}秒進んでいます", "the clock is {seconds} s ahead of the hosts that were read"),
        ("NTP で合わせてください（timedatectl set-ntp true）", "set it by NTP (timedatectl set-ntp true)"),
    ),
    "clock.behind": Message(
        WRONG,
        ("時計が{seconds}秒遅れています", "the clock is {seconds} s behind the hosts that were read"),
        ("NTP で合わせてください（timedatectl set-ntp true）", "set it by NTP (timedatectl set-ntp true)"),
    ),
    "secrets.none": Message(OK, ("認証情報は設定されていません", "no credentials are set")),
    "secrets.ok": Message(
        OK,
        (
            "{count}件の認証情報は、誰でも読めるファイルに見つかりません",
            "none of {count} credentials was found in a file that all may read",
        ),
    ),
    "secrets.open": Message(
        WRONG,
        (
            "{path} は誰でも読めるのに、{variables} の値が書かれています",
            "{path} may be read by all and holds the value of {variables}",
        ),
        (
            "閉じ（chmod 600 {path}）、その認証情報を取り替えてください",
            "close it (chmod 600 {path}), and have that credential replaced",
        ),
    ),
    "ports.web_any": Message(OK, ("画面は空いているポートを使います", "the review page takes any free port")),
    "ports.web_free": Message(
        OK, ("画面のポート {host}:{port} は空いています", "the review page's port {host}:{port} is free")
    ),
    "ports.web_ours": Message(
        OK, ("画面が {host}:{port} で応答しています", "the review page answers on {host}:{port}")
    ),
    "ports.web_taken": Message(
        WRONG,
        (
            "画面のポート {host}:{port} を別のプログラムが使っています",
            "another program has the review page's port {host}:{port}",
        ),
        ("IPWATCH_WEB_PORT に空いているポートを設定してください", "set IPWATCH_WEB_PORT to a free port"),
    ),
    "ports.prefect_free": Message(OK, ("Prefect のポート {port} は空いています", "Prefect's port {port} is free")),
    "ports.prefect_ours": Message(
        OK, ("Prefect がポート {port} で応答しています", "our Prefect answers on port {port}")
    ),
    "ports.prefect_taken": Message(
        WRONG,
        ("Prefect のポート {port} を別のプログラムが使っています", "another program has Prefect's port {port}"),
        ("ipwatch up --prefect-port で別のポートを選んでください", "choose another one with ipwatch up --prefect-port"),
    ),
}

_SOFTWARE = {
    "versions.ok": Message(
        OK, ("{count}件のパッケージは、すべて確認済みの版です", "all {count} packages are at versions that were tested")
    ),
    "versions.missing": Message(
        WRONG,
        ("{package} がありません", "{package} is not installed"),
        ("入れ直してください：python3 -m ipwatch.checkout", "install again: python3 -m ipwatch.checkout"),
    ),
    "versions.outside": Message(
        WRONG,
        (
            "{package} {version} では動きません（必要：{wanted}）",
            "{package} {version} does not work ({wanted} is needed)",
        ),
        ("入れ直してください：python3 -m ipwatch.checkout", "install again: python3 -m ipwatch.checkout"),
    ),
    "versions.untested": Message(
        NOTE,
        ("確認していない版です：{packages}", "versions that were not tested: {packages}"),
        (
            "おかしいときは python3 -m ipwatch.checkout で確認済みの版にしてください",
            "where something is odd, python3 -m ipwatch.checkout installs the tested ones",
        ),
    ),
    "extras.ok": Message(OK, ("追加機能：{there}", "extras: {there}")),
    "extras.absent": Message(
        NOTE,
        ("追加機能：{there}。ないもの：{absent}", "extras: {there}; not installed: {absent}"),
        ("使うときは docs/operations.md を見てください", "docs/operations.md says what each one does"),
    ),
    "fonts.ok": Message(OK, ("日本語の書体があります（{font}）", "a Japanese font is there ({font})")),
    "fonts.none": Message(
        NOTE,
        ("日本語の書体がありません", "there is no Japanese font"),
        (
            "報告書をここで印刷するときは入れてください（例：fonts-noto-cjk）",
            "to print summaries here, install one (fonts-noto-cjk)",
        ),
    ),
    "browser.ok": Message(OK, ("Chromium があります（{path}）", "Chromium is there ({path})")),
    "browser.none": Message(
        NOTE,
        ("Chromium がありません", "there is no Chromium"),
        ("画面の試験をここで動かすときは入れてください", "to run the tests of the pages here, install it"),
    ),
}

_ANY = {
    "unchecked": Message(
        WRONG,
        ("確認できません：{reason}", "it could not be checked: {reason}"),
        ("上の理由を取り除き、もう一度実行してください", "remove the cause, then run this again"),
    ),
}

MESSAGES: Mapping[str, Message] = {**_WATCH, **_SOURCES, **_STORED, **_MACHINE, **_SOFTWARE, **_ANY}
