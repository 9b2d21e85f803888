"""Writers of one process on SQLite wait in a queue."""

import threading
import time

import pytest

from maskwright.db import Database


def test_writers_are_let_in_in_the_order_they_came(db: Database) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with db.write():
            order.append(number)

    with db.write():
        threads = [threading.Thread(target=write, args=[number]) for number in range(20)]
        for thread in threads:
            thread.start()
            time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_an_error_passes_the_turn_on(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write():
        raise ZeroDivisionError
    with db.write():
        pass


def test_a_write_inside_a_write_is_a_fault_and_not_a_wait(db: Database) -> None:
    with db.write(), pytest.raises(RuntimeError, match="inside"), db.write():
        pass
