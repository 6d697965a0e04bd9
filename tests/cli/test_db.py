from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ipwatch.cli.db import db
from ipwatch.errors import ConfigError, StoreError
from ipwatch.settings import Settings
from ipwatch.store.engine import connect, parse_url
from ipwatch.store.schema import pending


def _run(url: str, command: str) -> Result:
    return CliRunner().invoke(db, [command], obj=Settings(database_url=url))


def test_upgrade_sets_a_database_up_and_check_accepts_it(empty_database_url: str) -> None:
    assert isinstance(_run(empty_database_url, "check").exception, StoreError)
    upgraded = _run(empty_database_url, "upgrade")
    assert upgraded.exit_code == 0
    assert "is now at schema" in upgraded.stderr
    assert not pending(empty_database_url)
    checked = _run(empty_database_url, "check")
    assert checked.exit_code == 0
    assert "without drift" in checked.stderr
    assert (upgraded.stdout, checked.stdout) == ("", "")


def test_upgrading_again_says_that_there_is_nothing_to_do(database_url: str) -> None:
    again = _run(database_url, "upgrade")
    assert again.exit_code == 0
    assert "nothing to do" in again.stderr


def test_check_names_every_difference(database_url: str) -> None:
    engine = connect(parse_url(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE run ADD COLUMN surprise INTEGER")
        connection.exec_driver_sql("DROP INDEX ix_capture_sha256")
    engine.dispose()
    error = _run(database_url, "check").exception
    assert isinstance(error, StoreError)
    assert "surprise" in str(error)
    assert "ix_capture_sha256" in str(error)


def test_the_database_lies_below_the_data_folder_where_none_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assert CliRunner().invoke(db, ["upgrade"], obj=settings).exit_code == 0
    assert (tmp_path / "data" / "ipwatch.db").exists()


@pytest.mark.parametrize("command", ["upgrade", "check"])
def test_a_url_that_cannot_be_used_is_a_config_error(command: str) -> None:
    assert isinstance(_run("oracle://host/name", command).exception, ConfigError)
