import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

from nnlib import _download
from nnlib._download import parse_idx, read_idx

NAME = "tiny-idx1-ubyte"
CONTENT = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])
GOOD = gzip.compress(CONTENT, mtime=0)


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves what the test put into `answers`: path → (status, body, promised length)."""

    def do_GET(self):
        self.server.asked.append(self.path)
        status, body, length = self.server.answers.get(self.path, (404, b"not here", None))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def mirror(monkeypatch, tmp_path):
    """Two mirrors on this machine, and an empty data folder."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        server.asked, server.answers = [], {}
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setitem(_download.MIRRORS, "mnist", (f"{root}/a/", f"{root}/b/"))
        monkeypatch.setitem(_download.SHA256, "mnist", {NAME: hashlib.sha256(CONTENT).hexdigest()})
        monkeypatch.setattr(_download, "data_folder", lambda: tmp_path)
        monkeypatch.delenv("NNLIB_DATA", raising=False)
        yield server
        server.shutdown()


def files(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_a_file_is_downloaded_once_and_then_read_from_disk(mirror, tmp_path):
    mirror.answers[f"/a/{NAME}.gz"] = (200, GOOD, None)
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert mirror.asked == [f"/a/{NAME}.gz"]
    assert files(tmp_path) == [f"{NAME}.gz"]


def test_any_packing_of_the_right_content_is_accepted(mirror):
    mirror.answers[f"/a/{NAME}.gz"] = (200, gzip.compress(CONTENT, 1, mtime=5), None)
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]


BAD = {
    "missing": (404, b"", None),
    "server error": (500, b"", None),
    "altered": (200, gzip.compress(CONTENT[:-1] + b"\x00", mtime=0), None),
    "cut short, and says so": (200, GOOD[:-9], len(GOOD)),
    "cut short, and does not say so": (200, GOOD[:-9], None),
    "a page instead of the file": (200, b"<html>Sign in</html>", None),
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_the_second_mirror_stands_in_for_a_bad_first_one(mirror, tmp_path, answer):
    mirror.answers[f"/a/{NAME}.gz"] = answer
    mirror.answers[f"/b/{NAME}.gz"] = (200, GOOD, None)
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert len(mirror.asked) >= 2
    assert files(tmp_path) == [f"{NAME}.gz"]


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_no_good_mirror_is_a_clear_error_that_leaves_nothing_behind(mirror, tmp_path, answer):
    mirror.answers = {f"/{m}/{NAME}.gz": answer for m in "ab"}
    with pytest.raises(OSError, match="no mirror gave tiny-idx1-ubyte") as error:
        read_idx("mnist", NAME)
    assert "/a/" in str(error.value)
    assert "/b/" in str(error.value)
    assert "NNLIB_DATA" in str(error.value)
    assert [p for p in tmp_path.rglob("*") if p.name != "mnist"] == []


def test_an_unreachable_mirror_is_a_clear_error(mirror, monkeypatch, tmp_path):
    monkeypatch.setitem(_download.MIRRORS, "mnist", ("http://127.0.0.1:1/",))
    with pytest.raises(OSError, match="Check the connection and try again"):
        read_idx("mnist", NAME)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD[:-9], "cut short or no gzip"),
        (b"", "not the published one"),
        (b"plain text", "cut short or no gzip"),
        (GOOD[:12] + b"\xff\xff" + GOOD[14:], "cut short or no gzip|not the published one"),
        (gzip.compress(CONTENT + b"\x00", mtime=0), "not the published one"),
    ],
)
def test_a_damaged_file_on_disk_is_named_with_what_to_do(mirror, tmp_path, content, message):
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / f"{NAME}.gz").write_bytes(content)
    with pytest.raises(OSError, match=message) as error:
        read_idx("mnist", NAME)
    assert str(folder / f"{NAME}.gz") in str(error.value)
    assert "delete it" in str(error.value)
    assert mirror.asked == []


@pytest.mark.parametrize("below", ["", "mnist"])
def test_nnlib_data_names_a_folder_to_read_instead(mirror, monkeypatch, tmp_path, below):
    given = tmp_path / "given"
    (given / below).mkdir(parents=True)
    (given / below / f"{NAME}.gz").write_bytes(GOOD)
    monkeypatch.setenv("NNLIB_DATA", str(given))
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert mirror.asked == []


def test_nnlib_data_without_the_file_says_where_it_was_looked_for(mirror, monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="NNLIB_DATA: expected tiny-idx1") as error:
        read_idx("mnist", NAME)
    assert str(tmp_path) in str(error.value)
    assert mirror.asked == []


def test_an_idx_file_says_its_own_shape():
    content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6))
    assert np.array_equal(parse_idx(content), [[0, 1, 2], [3, 4, 5]])


def test_another_format_is_no_idx_file():
    with pytest.raises(ValueError, match="expected an IDX file"):
        parse_idx(b"\x89PNG\r\n")
