from __future__ import annotations

import threading
import time

import pytest
from store_records import NOW

from ipwatch.store import runs
from ipwatch.store.session import Database
from ipwatch.store.turns import Turns, turns_at

WRITERS = 6


def test_who_asks_first_is_served_first() -> None:
    turns = Turns()
    served: list[int] = []

    def wait(number: int) -> None:
        with turns:
            served.append(number)

    with turns:
        threads = []
        for number in range(20):
            threads.append(threading.Thread(target=wait, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join(60)
    assert served == list(range(20))


def test_a_turn_inside_a_turn_of_the_same_thread_is_refused_instead_of_waited_for() -> None:
    turns = Turns()
    with turns, pytest.raises(RuntimeError, match="inside another"):
        turns.take()
    with turns:  # it was given back
        pass


def test_one_file_has_one_queue_however_many_objects_stand_for_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("turns")
    (folder / "link").symlink_to(folder)
    direct, linked = Database(f"sqlite:///{folder}/a.db"), Database(f"sqlite:///{folder}/link/a.db")
    assert direct._turns is linked._turns is turns_at(str((folder / "a.db").resolve()))
    assert Database(f"sqlite:///{folder}/b.db")._turns is not direct._turns


def test_no_writer_is_overtaken_twice_in_a_row(database: Database) -> None:
    """Whoever waits is served after those who asked before: nobody writes twice while another one waits."""
    if database.is_postgres:
        pytest.skip("PostgreSQL has as many writers as there are")
    order: list[int] = []
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="screen", source=None, now=NOW)

    def write(number: int) -> None:
        for _ in range(20):
            with database.write_session(durable=False) as session:
                runs.add_counts(session, run_id, parsed=1)
                order.append(number)
                time.sleep(0.002)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    # While all of them have work left, a turn comes round after every other writer had one.
    rounds = order[WRITERS : WRITERS * 15]
    for start in range(len(rounds) - WRITERS):
        assert len(set(rounds[start : start + WRITERS])) >= WRITERS - 1, rounds[start : start + WRITERS]
