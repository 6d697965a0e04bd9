from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ipwatch.errors import ConfigError
from ipwatch.records import SourceOptions
from ipwatch.settings import SourceSettings, load_settings


def test_a_source_is_set_by_nested_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__ACCESS_KEY", "pk_invented")
    monkeypatch.setenv("IPWATCH_SOURCES__RAKUTEN__BASE_URLS", '["https://api.example/"]')
    monkeypatch.setenv("IPWATCH_SOURCES__RAKUTEN__INTERVAL", "2.5")
    options = load_settings().source_options("rakuten")
    assert options.credentials == {"access_key": "pk_invented"}
    assert options.base_urls == ("https://api.example/",)
    assert options.interval == 2.5


def test_a_source_nobody_set_has_its_defaults_and_is_read() -> None:
    settings = load_settings()
    assert settings.source_options("ebay").base_urls == ()
    assert settings.reads("ebay")


def test_a_source_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPWATCH_SOURCES__EBAY__ENABLED", "false")
    assert not load_settings().reads("ebay")


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__ACCESS_KEY", "pk_invented")
    settings = load_settings()
    assert settings.source_options("rakuten").credentials["access_key"] == "pk_invented"
    assert "pk_invented" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IPWATCH_WEB_PORT", "many"),
        ("IPWATCH_WEB_PORT", "99999"),
        ("IPWATCH_INTERVAL", "-1"),
        ("IPWATCH_MIN_SCORE", "2"),
        ("IPWATCH_SOURCES__RAKUTEN__PACE", "3"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        load_settings()


def test_the_database_is_sqlite_below_the_data_directory_unless_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IPWATCH_DATA_DIR", str(tmp_path))
    assert load_settings().url_of_database == f"sqlite:///{tmp_path}/ipwatch.db"
    monkeypatch.setenv("IPWATCH_DATABASE_URL", "postgresql://127.0.0.1/ipwatch")
    assert load_settings().url_of_database == "postgresql://127.0.0.1/ipwatch"


def test_rates_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().rates["JPY"] == Decimal(1)
    monkeypatch.setenv("IPWATCH_RATES", '{"USD": "151.25"}')
    assert load_settings().rates == {"USD": Decimal("151.25")}


def test_settings_survive_the_way_through_an_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    options = SourceOptions(
        base_urls=("http://shop.localhost:8000",),
        credentials={"api_key": "invented"},
        interval=0,
        extra={"currency": "JPY"},
    )
    settings = load_settings().model_copy(
        update={
            "data_dir": tmp_path,
            "watchlist_dir": tmp_path / "watchlists",
            "sources": {"shopify": SourceSettings.from_options(options)},
            "allow_addresses": ("127.0.0.1:8000",),
        }
    )
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    again = load_settings()
    assert again == settings
    assert again.source_options("shopify") == options


def test_a_child_in_another_directory_reads_the_same_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPWATCH_DATABASE_URL", "sqlite:///here.db")
    environment = load_settings().as_environment()
    assert environment["IPWATCH_DATA_DIR"] == str(tmp_path / ".ipwatch")
    assert environment["IPWATCH_WATCHLIST_DIR"] == str(tmp_path / "watchlists")
    assert environment["IPWATCH_DATABASE_URL"] == f"sqlite:///{tmp_path}/here.db"
    monkeypatch.setenv("IPWATCH_DATABASE_URL", "postgresql://ipwatch@127.0.0.1/ipwatch")
    assert load_settings().as_environment()["IPWATCH_DATABASE_URL"] == "postgresql://ipwatch@127.0.0.1/ipwatch"


@pytest.mark.parametrize("value", ["https://watch.example.jp", "HTTPS://Watch.example.jp/", "http://192.0.2.1:8080"])
def test_the_address_people_use_is_a_scheme_and_a_host(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IPWATCH_WEB_ORIGIN", value)
    assert load_settings().web_origin == value.lower().rstrip("/")


@pytest.mark.parametrize(
    "value",
    ["watch.example.jp", "https://", "ftp://a.example", "https://a.example/x", "https://u:p@a.example", "http://["],
)
def test_another_address_is_refused_with_an_example(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IPWATCH_WEB_ORIGIN", value)
    with pytest.raises(ConfigError, match=r"IPWATCH_WEB_ORIGIN: .*https://watch\.example\.jp"):
        load_settings()


def test_every_secret_of_the_settings_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPWATCH_DATABASE_URL", "postgresql://watch:p%40ss@db.example/x")
    monkeypatch.setenv("IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_SECRET", "invented-1")
    monkeypatch.setenv("IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__ACCESS_KEY", "invented-2")
    assert load_settings().secrets() == {"p%40ss", "p@ss", "invented-1", "invented-2"}
