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
    works_with_another_folder(mirror, monkeypatch, tmp_path)


OTHERS = {
    "cut short": (GOOD[:-9], "cut short or no gzip"),
    "empty": (b"", "0 bytes that start b'', is not the published one"),
    "text": (b"plain text", "cut short or no gzip .*it starts b'plain text'"),
    "a page": (b"<html>Sign in</html>", "no gzip .*it starts b'<html>Sign in</html>'"),
    "a flipped byte": (
        GOOD[:12] + b"\xff\xff" + GOOD[14:],
        "cut short or no gzip|not the published one",
    ),
    "longer": (
        gzip.compress(CONTENT + b"\x00", mtime=0),
        "12 bytes that start .* not the published",
    ),
    "another data set": (
        gzip.compress(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6])),
        r"the content, an array of shape \(1, 2\), is not the published one: expected SHA-256",
    ),
    "packed text": (
        gzip.compress(b"a,b\n1,2\n"),
        r"8 bytes that start b'a,b\\n1,2\\n', is not the",
    ),
}
"""What may lie there under the right name."""


@pytest.mark.parametrize(("content", "message"), OTHERS.values(), ids=OTHERS)
def test_another_file_of_that_name_is_shown_and_can_be_moved_away(
    mirror, tmp_path, content, message
):
    path = tmp_path / "mnist" / f"{NAME}.gz"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(OSError, match=message) as error:
        read_idx("mnist", NAME)
    assert str(error.value).startswith(f"{path}: ")
    assert str(error.value).endswith(
        "move it to another folder, and load the data again to have it downloaded"
    )
    assert path.read_bytes() == content
    assert mirror.asked == []
    mirror.answers[f"/a/{NAME}.gz"] = (200, GOOD, None)
    path.rename(tmp_path / "mine.gz")  # the remedy
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert (tmp_path / "mine.gz").read_bytes() == content


@pytest.mark.parametrize("below", ["", "mnist"])
@pytest.mark.parametrize(("content", "message"), OTHERS.values(), ids=OTHERS)
def test_a_file_of_ones_own_is_left_as_it_is(
    mirror, monkeypatch, tmp_path, content, message, below
):
    path = tmp_path / "mine" / below / f"{NAME}.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "mine"))
    with pytest.raises(OSError, match=message) as error:
        read_idx("mnist", NAME)
    assert "it is left as it is; name another folder in NNLIB_DATA, or unset" in str(error.value)
    for word in ("delete", "remove", "move it"):
        assert word not in str(error.value)
    assert path.read_bytes() == content
    works_without_nnlib_data(mirror, monkeypatch)
    works_with_another_folder(mirror, monkeypatch, tmp_path)


def works_without_nnlib_data(mirror, monkeypatch):
    """Whether "unset NNLIB_DATA to have it downloaded" helps."""
    assert mirror.asked == []
    mirror.answers[f"/a/{NAME}.gz"] = (200, GOOD, None)
    monkeypatch.delenv("NNLIB_DATA")
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert len(mirror.asked) == 1


def works_with_another_folder(mirror, monkeypatch, tmp_path):
    """Whether "name the folder that holds them" helps."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / f"{NAME}.gz").write_bytes(GOOD)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "other"))
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]


@pytest.mark.parametrize("below", ["", "mnist"])
def test_nnlib_data_names_a_folder_to_read_instead(mirror, monkeypatch, tmp_path, below):
    given = tmp_path / "given"
    (given / below).mkdir(parents=True)
    (given / below / f"{NAME}.gz").write_bytes(GOOD)
    monkeypatch.setenv("NNLIB_DATA", str(given))
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert mirror.asked == []


def test_the_subfolder_may_be_there_for_something_else(mirror, monkeypatch, tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / f"{NAME}.gz").write_bytes(GOOD)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]


HELD = {
    "nothing": ([], r"holds nothing\): put the file there"),
    "others": (["b.txt", "a.txt", "sub/"], r"holds a\.txt, b\.txt, sub/\): put"),
    "many": ([f"{i}.png" for i in range(10, 30)], r"holds 10\.png, .*, 17\.png, and 12 more\)"),
    "a folder of that name": ([f"{NAME}.gz/"], r"holds tiny-idx1-ubyte\.gz/\)"),
    "a folder mnist": (["mnist/"], "holds mnist/; .*mnist holds nothing\\)"),
}


@pytest.mark.parametrize(("names", "message"), HELD.values(), ids=HELD)
def test_a_file_that_is_not_there_is_said_with_what_is(
    mirror, monkeypatch, tmp_path, names, message
):
    given = tmp_path / "given"
    given.mkdir()
    for name in names:
        (given / name).mkdir() if name.endswith("/") else (given / name).touch()
    monkeypatch.setenv("NNLIB_DATA", str(given))
    with pytest.raises(FileNotFoundError, match=f"NNLIB_DATA: expected tiny-idx1.*{message}") as e:
        read_idx("mnist", NAME)
    assert f"in {given}, and it is not there" in str(e.value)
    works_without_nnlib_data(mirror, monkeypatch)
    if f"{NAME}.gz/" not in names:  # "put the file there"
        (given / f"{NAME}.gz").write_bytes(GOOD)
        monkeypatch.setenv("NNLIB_DATA", str(given))
        assert read_idx("mnist", NAME).tolist() == [7, 8, 9]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/such", "there is no such folder: name the folder that holds them"),
        ("~nobody-of-this-name/data", "there is no such folder"),
        (f"{NAME}.gz", "and that is a file: name the folder that holds them"),
    ],
)
def test_a_folder_that_is_none_is_called_so(mirror, monkeypatch, tmp_path, name, message):
    (tmp_path / f"{NAME}.gz").write_bytes(GOOD)
    given = name if name.startswith("~") else str(tmp_path / name)
    monkeypatch.setenv("NNLIB_DATA", given)
    with pytest.raises(FileNotFoundError, match=r"^NNLIB_DATA: expected a folder with the f") as e:
        read_idx("mnist", NAME)
    assert f"got {given!r}" in str(e.value)
    assert message in str(e.value)
    works_without_nnlib_data(mirror, monkeypatch)
    works_with_another_folder(mirror, monkeypatch, tmp_path)


def test_an_empty_nnlib_data_is_none(mirror, monkeypatch):
    mirror.answers[f"/a/{NAME}.gz"] = (200, GOOD, None)
    monkeypatch.setenv("NNLIB_DATA", "")
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]


def test_a_place_where_nothing_can_be_written_leaves_nnlib_data(mirror, monkeypatch, tmp_path):
    (tmp_path / "mnist").touch()  # a file, where the folder should be
    mirror.answers = {f"/{m}/{NAME}.gz": (200, GOOD, None) for m in "ab"}
    with pytest.raises(OSError, match=r"put them into one folder, and name it in .* NNLIB_DATA$"):
        read_idx("mnist", NAME)
    works_with_another_folder(mirror, monkeypatch, tmp_path)


def test_an_idx_file_says_its_own_shape():
    content = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6))
    assert np.array_equal(parse_idx(content), [[0, 1, 2], [3, 4, 5]])


def test_another_format_is_no_idx_file():
    for content in (
        b"\x89PNG\r\n",
        b"",
        b"\0\0\x08",
        b"\0\0\x08\x01",
        CONTENT[:-1],
        CONTENT + b"1",
    ):
        with pytest.raises(ValueError, match="expected an IDX file"):
            parse_idx(content)
