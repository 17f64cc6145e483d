import _thread
import contextlib
import errno
import gzip
import hashlib
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks import hostile_servers as bench
from benchmarks import mirrors
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
        published = _download.Published(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
        monkeypatch.setitem(_download.PUBLISHED, "mnist", {NAME: published})
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


def test_an_unreachable_mirror_is_a_clear_error(mirror, monkeypatch, tmp_path):
    monkeypatch.setitem(_download.MIRRORS, "mnist", ("http://127.0.0.1:1/",))
    with pytest.raises(
        OSError, match="Check the connection, sign in where a network asks for it, and try again"
    ):
        read_idx("mnist", NAME)
    assert files(tmp_path) == []
    works_with_another_folder(mirror, monkeypatch, tmp_path)


OTHERS = {
    "cut short": (GOOD[:-9], "the file is cut short"),
    "empty": (b"", "0 bytes that start b'', is not the published one"),
    "text": (b"plain text", "damaged or no gzip .*it starts b'plain text'"),
    "a page": (b"<html>Sign in</html>", "a web page .it starts b'<html>Sign in</html>'"),
    "a flipped byte": (
        GOOD[:12] + b"\xff\xff" + GOOD[14:],
        "cut short|no gzip|not the published one",
    ),
    "longer": (
        gzip.compress(CONTENT + b"\x00", mtime=0),
        r"more than 11 bytes of an array of shape \(3,\), is not the published",
    ),
    "another data set": (
        gzip.compress(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 5, 6])),
        r"content, more than 11 bytes of an array of shape \(1, 2\), is not the published one: exp",
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
    "a link": (["@"], r"holds tiny-idx1-ubyte\.gz \(a link to nowhere\)\)"),
}


@pytest.mark.parametrize(("names", "message"), HELD.values(), ids=HELD)
def test_a_file_that_is_not_there_is_said_with_what_is(
    mirror, monkeypatch, tmp_path, names, message
):
    given = tmp_path / "given"
    given.mkdir()
    for name in names:
        if name == "@":
            (given / f"{NAME}.gz").symlink_to(tmp_path / "unplugged")
        else:
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
        (f"mine/{NAME}.gz", "and that is a file: name the folder that holds them"),
    ],
)
def test_a_folder_that_is_none_is_called_so(mirror, monkeypatch, tmp_path, name, message):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / f"{NAME}.gz").write_bytes(GOOD)
    given = name if name.startswith("~") else str(tmp_path / name)
    monkeypatch.setenv("NNLIB_DATA", given)
    with pytest.raises(FileNotFoundError, match=r"^NNLIB_DATA: expected a folder with the f") as e:
        read_idx("mnist", NAME)
    assert f"got {given!r}" in str(e.value)
    assert message in str(e.value)
    works_without_nnlib_data(mirror, monkeypatch)
    works_with_another_folder(mirror, monkeypatch, tmp_path)


# Files as people have them -----------------------------------------------------------------------

DOTTED = NAME.replace("-idx", ".idx")
PLACES = {
    "unpacked": f"{NAME}",
    "dotted": DOTTED,
    "dotted and packed": f"{DOTTED}.gz",
    "a folder of its name": f"{NAME}/{NAME}",
    "a folder of its name, dotted": f"{DOTTED}/{DOTTED}",
    "a dotted folder, packed": f"{DOTTED}/{NAME}.gz",
    "torchvision's root": f"MNIST/raw/{NAME}",
    "torchvision's MNIST": f"raw/{NAME}.gz",
    "mnist": f"mnist/{DOTTED}",
    "mnist, nested": f"mnist/{NAME}/{NAME}",
    "MNIST": f"MNIST/{NAME}",
}


def lay(folder, place, content):
    """Put a file where somebody has it."""
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(content)
    return folder / place


@pytest.mark.parametrize("theirs", [True, False])
@pytest.mark.parametrize("content", [GOOD, CONTENT], ids=["packed", "unpacked"])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_files_are_read_as_people_have_them(mirror, monkeypatch, tmp_path, place, content, theirs):
    lay(tmp_path, place, content)  # the name may say packed, and the browser has unpacked it
    if theirs:
        monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert _download.found("mnist") == (tmp_path / place).parent
    assert mirror.asked == []
    assert files(tmp_path) == [place.rpartition("/")[2]]


FASHION = bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 1, 2])
OTHER = bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 6])


@pytest.fixture
def two_sets(mirror, monkeypatch):
    """A second set whose files bear the same names, and a second file of the first."""
    of = {content: hashlib.sha256(content).hexdigest() for content in (FASHION, OTHER)}
    known = _download.PUBLISHED["mnist"] | {"other": _download.Published(10, of[OTHER])}
    monkeypatch.setitem(_download.PUBLISHED, "mnist", known)
    published = _download.Published(len(FASHION), of[FASHION])
    monkeypatch.setitem(_download.PUBLISHED, "fashion-mnist", {NAME: published})
    monkeypatch.setitem(_download.MIRRORS, "fashion-mnist", ("http://127.0.0.1:1/",))
    return mirror


@pytest.mark.parametrize("first", [CONTENT, FASHION])
def test_of_several_files_the_right_one_is_taken(two_sets, monkeypatch, tmp_path, first):
    lay(tmp_path, f"{NAME}.gz", first)
    lay(tmp_path, NAME, FASHION if first == CONTENT else CONTENT)
    for place in ("mnist", "raw"):
        lay(tmp_path, f"{place}/{NAME}", b"<html>Sign in</html>")
    for folder in (str(tmp_path), ""):
        monkeypatch.setenv("NNLIB_DATA", folder)
        assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
        assert read_idx("fashion-mnist", NAME).tolist() == [1, 1, 2]
    assert two_sets.asked == []


@pytest.mark.parametrize("place", ["fashion", "FashionMNIST/raw", "fashion-mnist", "."])
def test_another_set_under_the_same_names_is_called_by_its_own(
    two_sets, monkeypatch, tmp_path, place
):
    path = lay(tmp_path / "mine", f"{place}/{NAME}", FASHION)
    monkeypatch.setenv("NNLIB_DATA", str(path.parent))
    with pytest.raises(OSError, match=f"{NAME}: this is {NAME} of Fashion-MNIST: ") as error:
        read_idx("mnist", NAME)
    assert "nnlib.load_fashion_mnist() reads it: it is left as it is" in str(error.value)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path / "mine"))
    assert read_idx("fashion-mnist", NAME).tolist() == [1, 1, 2]  # as it says
    works_without_nnlib_data(two_sets, monkeypatch)
    assert path.read_bytes() == FASHION


def test_a_file_under_the_name_of_another_is_called_so(two_sets, monkeypatch, tmp_path):
    lay(tmp_path, NAME, OTHER)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    with pytest.raises(OSError, match="this is other of MNIST: it bears the name of another file"):
        read_idx("mnist", NAME)


def test_kuzushiji_and_emnist_are_known_by_name(mirror, monkeypatch, tmp_path):
    kuzushiji = gzip.compress(FASHION, mtime=0)
    monkeypatch.setattr(_download, "KMNIST", {hashlib.sha256(kuzushiji).hexdigest()})
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    lay(tmp_path, NAME, kuzushiji)
    with pytest.raises(OSError, match="this is a file of KMNIST, Japanese letters: it is left"):
        read_idx("mnist", NAME)
    head = bytes([0, 0, 8, 1]) + (240_000).to_bytes(4, "big")
    lay(tmp_path, NAME, head + bytes(240_000))
    with pytest.raises(OSError, match="this is a file of EMNIST, digits and letters: it is left"):
        read_idx("mnist", NAME)


def test_an_unpacked_file_that_is_cut_short_says_how_much_is_there(mirror, monkeypatch, tmp_path):
    lay(tmp_path, NAME, CONTENT[:-1])
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    with pytest.raises(
        OSError, match=r"cut short: 10 bytes of an array of shape \(3,\), which has 11"
    ):
        read_idx("mnist", NAME)


def test_several_wrong_files_are_all_shown(two_sets, monkeypatch, tmp_path):
    wrong = lay(tmp_path, NAME, FASHION), lay(tmp_path, f"mnist/{NAME}", b"<!DOCTYPE html>")
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    with pytest.raises(OSError, match="they are left as they are; name another folder") as error:
        read_idx("mnist", NAME)
    assert all(f"{path}: this is " in str(error.value) for path in wrong)
    works_with_another_folder(two_sets, monkeypatch, tmp_path)


def test_what_is_not_in_the_way_of_a_download_stays(two_sets, monkeypatch, tmp_path):
    path = lay(tmp_path, NAME, FASHION)
    with pytest.raises(
        OSError, match=f"404 Not Found\nWhat lies there is not it:\n{path}: this is"
    ):
        read_idx("mnist", NAME)
    two_sets.asked.clear()
    two_sets.answers[f"/a/{NAME}.gz"] = (200, GOOD, None)
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]
    assert path.read_bytes() == FASHION
    assert files(tmp_path) == sorted([NAME, f"{NAME}.gz"])


def test_a_missing_file_is_said_with_what_all_folders_hold(mirror, monkeypatch, tmp_path):
    lay(tmp_path, "MNIST/raw/train.txt", b"")
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"packed or unpacked, in .*raw holds train\.txt"):
        read_idx("mnist", NAME)
    with pytest.raises(FileNotFoundError, match="put the file there"):
        _download.found("mnist")


def test_a_disk_that_does_not_tell_small_letters_from_large_shows_each_file_once(
    mirror, monkeypatch, tmp_path
):
    lay(tmp_path, f"mnist/{NAME}", b"<html>")
    (tmp_path / "MNIST").symlink_to("mnist")
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    with pytest.raises(
        OSError, match=f"^{tmp_path}/mnist/{NAME}: this is a web page .* it is left"
    ):
        read_idx("mnist", NAME)
    (tmp_path / "mnist" / NAME).rename(tmp_path / "mnist" / "page")
    with pytest.raises(FileNotFoundError, match=r"\(\S+ holds MNIST/, mnist/; \S+ holds page\)"):
        read_idx("mnist", NAME)


def test_an_empty_nnlib_data_is_none(mirror, monkeypatch):
    mirror.answers[f"/a/{NAME}.gz"] = (200, GOOD, None)
    monkeypatch.setenv("NNLIB_DATA", "")
    assert read_idx("mnist", NAME).tolist() == [7, 8, 9]


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


# What mirrors answer ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server():
    mirrors.bomb()  # not in anybody's time or memory
    with mirrors.serving() as server:
        yield server


@pytest.fixture
def folder(tmp_path):
    """An empty data folder with an odd name, for the small file that the server has."""
    folder = tmp_path / "my dätä ✓"
    folder.mkdir()
    with bench.stand_in(folder):
        yield folder


FILE = f"{mirrors.NAME}.gz"


def held(folder):
    """All that lies in a folder, byte by byte."""
    return {
        path.relative_to(folder): os.readlink(path)
        if path.is_symlink()
        else path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
    }


def hurry(monkeypatch, seconds=0.1):
    """Leave a mirror so much time for the whole file."""
    monkeypatch.setattr(_download, "PATIENCE", seconds)
    monkeypatch.setattr(_download, "SLOWEST", 10**8)


@pytest.mark.parametrize("name", mirrors.CASES)
def test_what_a_mirror_answers_ends_in_the_file_or_an_error_that_says_why(
    server, folder, monkeypatch, name
):
    url, says = server.url(name, seed=1), mirrors.CASES[name].says
    if says == "timed out":
        monkeypatch.setattr(_download, "SILENCE", 0.1)
    elif mirrors.CASES[name].slow:
        hurry(monkeypatch)
    (folder / "notes.txt").write_text("mine")
    end = bench.ended(folder / "mnist", lambda: bench.load([url]), says)
    assert end == ("a clear error" if says else "correct")
    assert (folder / "notes.txt").read_text() == "mine"


BAD = [name for name, case in mirrors.CASES.items() if case.says and not case.slow]


@pytest.mark.parametrize("name", BAD)
def test_the_second_mirror_stands_in_for_a_bad_first_one(server, folder, name):
    server.asked.clear()
    assert bench.load([server.url(name, seed=1), server.url("whole")])
    assert server.asked[0] == name
    assert held(folder / "mnist") == {Path(FILE): mirrors.GOOD}


def test_the_second_mirror_stands_in_for_a_slow_first_one(server, folder, monkeypatch):
    hurry(monkeypatch, seconds=0.6)
    assert bench.load([server.url("head-drop-by-drop"), server.url("whole")])
    assert held(folder / "mnist") == {Path(FILE): mirrors.GOOD}


def test_each_mirror_has_its_reason_and_the_end_says_what_to_do(server, folder):
    urls = [server.url("an-error", seed=1), server.url("cut-short")]
    with pytest.raises(OSError, match=f"no mirror gave {FILE} as it was published:") as error:
        bench.load(urls)
    lines = str(error.value).splitlines()
    assert lines[1] == f"  {urls[0]}{FILE}: it answers 503 Service Unavailable"
    assert lines[2].startswith(f"  {urls[1]}{FILE}: IncompleteRead")
    assert lines[3].endswith("and name it in the environment variable NNLIB_DATA")
    assert "\x1b" not in str(error.value)


def test_a_file_that_comes_unpacked_is_kept_packed(server, folder):
    assert bench.load([server.url("unpacked")])
    assert gzip.decompress((folder / "mnist" / FILE).read_bytes()) == mirrors.CONTENT
    assert bench.load([])


def addresses(*found):
    """Look up names as told; an exception is raised, a function called."""

    def look_up(host, port, *_, **__):
        for address in found:
            if isinstance(address, Exception):
                raise address
            if callable(address):
                address()
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port))
            for a in found
        ]

    return look_up


def test_a_name_that_is_not_found_is_said(folder, monkeypatch):
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    monkeypatch.setattr(socket, "getaddrinfo", addresses(unknown))
    with pytest.raises(OSError, match=rf"http://a.mirror/{FILE}: Name or service not known\n"):
        bench.load(["http://a.mirror/"])
    assert held(folder) == {}


def test_a_name_server_that_is_silent_has_its_time(folder, monkeypatch):
    hurry(monkeypatch)
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", addresses(over.wait))
    with pytest.raises(OSError, match="only 0 bytes came in 0 s"):
        bench.load(["http://a.mirror/"])
    over.set()


def test_an_address_that_nobody_has_leaves_the_next_one(server, folder, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", addresses("::1", "127.0.0.1"))
    assert bench.load([server.url("whole").replace("127.0.0.1", "a.mirror")])


def test_nobody_there_is_said_without_an_object(folder):
    with pytest.raises(OSError, match=rf"http://127.0.0.1:1/{FILE}: Connection refused\n"):
        bench.load(["http://127.0.0.1:1/"])


def test_a_download_can_be_stopped(server, folder):
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        bench.load([server.url("silent")])
    timer.join()
    assert held(folder) == {}


@pytest.fixture
def peak():
    """Measure the most memory that is taken from here on."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize(
    "name", ["a-bomb", "a-bomb-to-be-unpacked-on-the-way", "without-end", "moved-with-many-words"]
)
def test_no_mirror_fills_the_memory(server, folder, peak, name):
    with contextlib.suppress(OSError):
        bench.load([server.url(name)])
    assert peak() < 4e6


def endless(path):
    with path.open("wb") as file:
        file.write(mirrors.CONTENT[:8])
        file.truncate(2**27)  # a hole: it takes no room


def explosive(path):
    path.write_bytes(mirrors.bomb())


@pytest.mark.parametrize("lay", [endless, explosive])
def test_no_file_on_disk_fills_the_memory(folder, peak, lay):
    (folder / "mnist").mkdir()
    lay(folder / "mnist" / FILE)
    with pytest.raises(OSError, match=r"more than 20008 bytes .* is not the published one"):
        bench.load([])
    assert peak() < 4e6


# Several at once, and ends in the middle --------------------------------------------------------

CHILD = """
import os, sys, time
from benchmarks.hostile_servers import *
folder, url, sleeps = sys.argv[1:]
if sleeps:  # between writing and the final name
    os.fsync = lambda file: print("written", flush=True) or time.sleep(60)
with stand_in(Path(folder)):
    assert load([url])
"""


def start(folder, url, sleeps=""):
    """Start another process that loads the file."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, folder, url, sleeps],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=bench.ROOT,
    )  # fmt: skip


def wait_for(name, server):
    """Wait until a mirror is asked."""
    deadline = time.monotonic() + 20
    while server.asked[-1:] != [name]:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def seen(path, over):
    """What lies under a name until something is over."""
    found = set()
    while not over.is_set():
        with contextlib.suppress(FileNotFoundError):
            found.add(path.read_bytes())
        time.sleep(0.0005)
    return found


def test_threads_and_processes_at_once_all_get_the_file(server, folder):
    over, url = threading.Event(), server.url("in-pieces")
    server.asked.clear()
    with ThreadPoolExecutor(9) as pool:
        watched = pool.submit(seen, folder / "mnist" / FILE, over)
        children = [start(folder, url) for _ in range(2)]
        try:
            wait_for("in-pieces", server)
            right = list(pool.map(bench.load, [[url]] * 4))
            errors = [child.communicate()[1] for child in children]
        finally:
            over.set()
    assert right == [True] * 4
    assert [child.returncode for child in children] == [0, 0], errors
    assert watched.result() == {mirrors.GOOD}
    assert held(folder / "mnist") == {Path(FILE): mirrors.GOOD}


def test_a_file_that_another_process_has_just_put_there_is_not_in_the_way(
    server, folder, monkeypatch
):
    assert bench.load([server.url("whole")])
    answers = iter([False])  # a moment ago it was not there
    isfile = os.path.isfile
    monkeypatch.setattr(os.path, "isfile", lambda path: next(answers, isfile(path)))
    assert bench.load([server.url("whole")])
    assert held(folder / "mnist") == {Path(FILE): mirrors.GOOD}


@pytest.mark.parametrize("written", [False, True])
def test_a_killed_loader_leaves_nothing_under_the_files_name(server, folder, written):
    name = "whole" if written else "silent"
    server.asked.clear()
    with start(folder, server.url(name), "yes") as child:
        wait_for(name, server)
        if written:
            child.stdout.readline()
        child.kill()
    parts = list(folder.rglob("*.part"))
    assert len(parts) == written  # it is never read
    assert [path for path in folder.rglob("*") if path.is_file()] == parts
    assert bench.load([server.url("whole")])
    assert bench.load([])
    assert (folder / "mnist" / FILE).read_bytes() == mirrors.GOOD


# What the disk says -----------------------------------------------------------------------------


def unwritable(server, folder, reason):
    """Whether a load ends in a clear error and leaves the folder as it was."""
    before, url = held(folder), server.url("whole")
    with pytest.raises(OSError, match=f"gave the file, and it cannot be written .*{reason}") as e:
        bench.load([url, url])
    assert str(e.value).startswith(f"{folder / 'mnist' / FILE}: {url}{FILE} gave the file")
    assert str(e.value).endswith("and name it in the environment variable NNLIB_DATA")
    assert held(folder) == before


FAILS = {
    "read-only": (Path, "mkdir", errno.EROFS),
    "no space": (os, "fsync", errno.ENOSPC),
    "quota": (os, "fsync", errno.EDQUOT),
    "broken": (os, "fsync", errno.EIO),
    "opened by another": (Path, "replace", errno.EACCES),  # as on Windows
}


@pytest.mark.parametrize(("owner", "name", "number"), FAILS.values(), ids=FAILS)
def test_a_disk_that_refuses_is_not_blamed_on_the_mirror(
    server, folder, monkeypatch, owner, name, number
):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    (folder / "mnist").mkdir()
    (folder / "mnist" / "other.gz").write_bytes(b"mine")
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        unwritable(server, folder, os.strerror(number))
    assert bench.load([server.url("whole")])


def test_a_disk_that_is_full_after_some_bytes_keeps_none(server, folder, monkeypatch):
    monkeypatch.setattr(_download, "find_spec", lambda name: None)  # a bar writes to a file, too
    resource = pytest.importorskip("resource", reason="Windows has no limit on files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    (folder / "mnist").mkdir()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        unwritable(server, folder, "File too large")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert bench.load([server.url("whole")])


@pytest.fixture
def nobody(folder):
    """Be somebody who may not write into the folder, and not root, for a while."""
    root = os.geteuid() == 0
    folder.chmod(0o500)
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)
    folder.chmod(0o700)


def test_a_folder_that_may_not_be_written_is_named(server, folder, nobody):
    with pytest.raises(OSError, match=r"cannot be written .*Permission denied") as error:
        bench.load([server.url("whole")])
    assert str(folder / "mnist" / FILE) in str(error.value)


def test_a_folder_of_ones_own_that_may_not_be_seen_is_named(folder, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setenv("NNLIB_DATA", str(folder))
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FileNotFoundError, match=f"what {folder} holds may not be seen: Perm"):
        bench.load([])


IN_THE_WAY = {
    "a file for the folder": ("mnist", "a file", Path.touch),
    "a folder for the file": (f"mnist/{FILE}", "a folder", Path.mkdir),
    "a link for the folder": ("mnist", "a link to nowhere", lambda p: p.symlink_to("unplugged")),
    "a link for the file": (f"mnist/{FILE}", "a link to nowhere", lambda p: p.symlink_to("gone")),
    "a link to itself": (f"mnist/{FILE}", "a link to nowhere", lambda p: p.symlink_to(p.name)),
}


@pytest.mark.parametrize(("name", "kind", "lay"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_lies_in_the_way_is_named_and_left(server, folder, name, kind, lay):
    place = folder / name
    place.parent.mkdir(exist_ok=True)
    lay(place)
    before = held(folder)
    server.asked.clear()
    with pytest.raises(FileExistsError, match=rf"{name}: expected a \w+, got {kind}: move it") as e:
        bench.load([server.url("whole")])
    assert str(e.value).startswith(f"{place}: ")
    assert held(folder) == before
    assert server.asked == []
    place.rename(folder / "elsewhere")  # the remedy
    assert bench.load([server.url("whole")])


@pytest.mark.parametrize(("lay", "kind"), [(Path.touch, "a file"), (None, "a link to nowhere")])
def test_a_data_folder_that_is_none_is_named(server, tmp_path, lay, kind):
    folder = tmp_path / "data"
    lay(folder) if lay else folder.symlink_to(tmp_path / "unplugged")
    with (
        bench.stand_in(folder),
        pytest.raises(FileExistsError, match=f"data: expected a folder, got {kind}: move it"),
    ):
        bench.load([server.url("whole")])


def test_a_data_folder_may_be_a_link(server, tmp_path):
    (tmp_path / "large disk").mkdir()
    (tmp_path / "data").symlink_to("large disk")
    with bench.stand_in(tmp_path / "data"):
        assert bench.load([server.url("whole")])
    assert (tmp_path / "data").is_symlink()
    assert (tmp_path / "large disk" / "mnist" / FILE).read_bytes() == mirrors.GOOD


# The command that tries all of this at random ---------------------------------------------------


def test_random_downloads_and_a_kill_end_well(capsys):
    assert bench.main(["--downloads", "15", "--kills", "1"]) == 0
    said = capsys.readouterr().out
    assert "wrong: 0" in said
    assert "peak memory: " in said


def test_a_loader_that_verifies_nothing_is_noticed(server, folder, monkeypatch):
    monkeypatch.setattr(_download, "_verified", lambda file, *_: gzip.decompress(file.read()))
    url, says = server.url("altered-at-many-places"), mirrors.CASES["altered"].says
    end = bench.ended(folder / "mnist", lambda: bench.load([url]), says)
    assert end.startswith("wrong: ")
