"""Fetching a large file from a real server, which may do what servers do."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from maskwright import fetch
from maskwright.fetch import Unfetched, Wanted, WrongContent
from web_files import FileServer

CONTENT = os.urandom(1_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_PAUSE_SECONDS", 0.01)


@pytest.fixture
def server():
    with FileServer({"weights.pth": CONTENT}) as server:
        yield server


@pytest.fixture
def wanted(server: FileServer, tmp_path: Path) -> Wanted:
    return Wanted(f"{server.url}/weights.pth", tmp_path / "weights.pth", SHA256[:8], 2_000_000)


def download(wanted: Wanted) -> str:
    return fetch.fetch(wanted, lambda done, total: None)


def left_in(wanted: Wanted) -> list[str]:
    return sorted(path.name for path in wanted.target.parent.iterdir())


def test_a_file_arrives_whole_and_nothing_else_stays(wanted: Wanted) -> None:
    assert download(wanted) == SHA256
    assert wanted.target.read_bytes() == CONTENT
    assert left_in(wanted) == ["weights.pth"]


def test_progress_ends_with_all_bytes(wanted: Wanted) -> None:
    told: list[tuple[int, int]] = []
    fetch.fetch(wanted, lambda done, total: told.append((done, total)))
    assert len(told) > 3
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_broken_connection_goes_on_where_it_broke(server: FileServer, wanted: Wanted) -> None:
    server.break_after = [400_000, 300_000]
    download(wanted)
    starts = [request.start for request in server.requests]
    assert starts[0] == 0
    assert 0 < starts[1] < starts[2]
    assert sum(request.sent for request in server.requests) < 1.3 * len(CONTENT)
    assert wanted.target.read_bytes() == CONTENT


def test_what_a_stopped_run_left_is_used_by_the_next(server: FileServer, wanted: Wanted) -> None:
    server.break_after = [500_000, 0, 0, 0]
    with pytest.raises(Unfetched, match=r"broke .* 0\.\d MB .* goes on from there"):
        download(wanted)
    had = wanted.part.stat().st_size
    server.requests.clear()
    download(wanted)
    assert [request.start for request in server.requests] == [had]
    assert wanted.target.read_bytes() == CONTENT


def test_the_rest_is_asked_for_only_of_the_same_version(server: FileServer, wanted: Wanted) -> None:
    server.break_after = [500_000, 0, 0, 0]
    with pytest.raises(Unfetched):
        download(wanted)
    newer = os.urandom(900_000)
    server.files["weights.pth"] = newer
    server.requests.clear()
    other = Wanted(
        wanted.url, wanted.target, hashlib.sha256(newer).hexdigest()[:8], wanted.max_bytes
    )
    download(other)
    assert [request.start for request in server.requests] == [0]
    assert wanted.target.read_bytes() == newer


def test_a_server_without_ranges_starts_over(server: FileServer, wanted: Wanted) -> None:
    server.ranges = False
    server.break_after = [400_000]
    download(wanted)
    assert [request.start for request in server.requests] == [0, 0]
    assert wanted.target.read_bytes() == CONTENT


def test_a_part_that_has_it_all_needs_no_more(server: FileServer, wanted: Wanted) -> None:
    wanted.part.write_bytes(CONTENT)
    assert download(wanted) == SHA256
    assert sum(request.sent for request in server.requests) == 0


def test_a_part_longer_than_the_file_is_dropped(server: FileServer, wanted: Wanted) -> None:
    wanted.part.write_bytes(CONTENT + b"more")
    assert download(wanted) == SHA256


def test_other_bytes_are_refused_and_kept_to_be_looked_at(
    server: FileServer, wanted: Wanted
) -> None:
    server.files["weights.pth"] = b"<html>please log in</html>"
    with pytest.raises(WrongContent, match=rf"not with {SHA256[:8]}.*\.refused"):
        download(wanted)
    assert left_in(wanted) == ["weights.pth.refused"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_far_too_large_is_refused(
    server: FileServer, wanted: Wanted, announced: bool
) -> None:
    server.files["weights.pth"] = CONTENT * 20
    server.announces_length = announced
    with pytest.raises(WrongContent, match=r"2\.0 MB at most"):
        download(wanted)
    assert left_in(wanted) == []
    assert sum(request.sent for request in server.requests) < 20 * len(CONTENT)


def test_without_a_length_the_hash_decides(server: FileServer, wanted: Wanted) -> None:
    server.announces_length = False
    assert download(wanted) == SHA256


def test_a_refusal_is_told_with_its_status(server: FileServer, wanted: Wanted) -> None:
    server.files.clear()
    with pytest.raises(Unfetched, match=r"127\.0\.0\.1 answered 404 Not Found for weights\.pth"):
        download(wanted)
    assert left_in(wanted) == []


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_offline_says_so_at_once_and_leaves_nothing(wanted: Wanted) -> None:
    url = f"http://127.0.0.1:{closed_port()}/weights.pth"
    offline = Wanted(url, wanted.target, wanted.sha256_start, wanted.max_bytes)
    with pytest.raises(Unfetched, match=r"127\.0\.0\.1 can't be reached"):
        download(offline)
    assert left_in(wanted) == []


def test_a_proxy_of_the_environment_is_used(
    server: FileServer, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    behind = Wanted(
        "http://models.invalid/weights.pth", wanted.target, SHA256[:8], wanted.max_bytes
    )
    assert download(behind) == SHA256
    assert [request.host for request in server.requests] == ["models.invalid"]


def test_a_proxy_that_is_not_there_is_not_passed_by(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(Unfetched, match="can't be reached"):
        download(wanted)


def test_two_at_once_do_not_write_into_each_other(wanted: Wanted) -> None:
    with (
        fetch._part(wanted),
        pytest.raises(Unfetched, match="being fetched by another process"),
    ):
        download(wanted)


def test_a_file_brought_by_hand_is_checked_alike(wanted: Wanted, tmp_path: Path) -> None:
    brought = tmp_path / "usb" / "weights (1).pth"
    brought.parent.mkdir()
    brought.write_bytes(CONTENT)
    assert fetch.bring(wanted, brought, lambda done, total: None) == SHA256
    assert wanted.target.read_bytes() == brought.read_bytes() == CONTENT


def test_a_wrong_file_brought_by_hand_stays_where_it_is(wanted: Wanted, tmp_path: Path) -> None:
    brought = tmp_path / "other.pth"
    brought.write_bytes(CONTENT[:-1])
    with pytest.raises(WrongContent, match="was not taken"):
        fetch.bring(wanted, brought, lambda done, total: None)
    assert left_in(wanted) == ["other.pth"]


def test_a_part_that_another_process_puts_in_its_place_is_not_written_to(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may do so between our opening of the part and our lock on it."""

    def install_first(_file: object, _how: int) -> None:
        wanted.part.replace(wanted.target)

    monkeypatch.setattr("fcntl.flock", install_first)
    wanted.target.parent.mkdir(parents=True, exist_ok=True)
    wanted.part.write_bytes(b"whole")
    with pytest.raises(Unfetched, match="being fetched by another process"), fetch._part(wanted):
        pass
    assert wanted.target.read_bytes() == b"whole"
