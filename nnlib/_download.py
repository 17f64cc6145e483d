"""Files of data sets: found, downloaded if need be, and verified before a number is used."""

import gzip
import hashlib
import http.client
import io
import math
import os
import secrets
import threading
import time
import zlib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from ._optional import needed_by

MIRRORS = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
}


class Published(NamedTuple):
    """What is known of a file's content; each mirror has its own gzip."""

    size: int
    sha256: str


PUBLISHED = {
    "mnist": {
        "train-images-idx3-ubyte": Published(
            47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": Published(
            60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
        "t10k-images-idx3-ubyte": Published(
            7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": Published(
            10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
}

SILENCE, PATIENCE, SLOWEST = 30.0, 60.0, 50_000
"""A mirror may be silent for 30 s, and takes at most a minute and a second for each 50 kB."""

PACKING = 2**16
"""What a gzip file has beside the content: for 47 MB a few KB at the most."""

_ELSEWHERE = "the four files in a folder that NNLIB_DATA names"


def read_idx(dataset: str, name: str) -> npt.NDArray[np.uint8]:
    """Return the array in one IDX file of a data set, from disk or from a mirror."""
    theirs = os.environ.get("NNLIB_DATA")
    path = _given(theirs, dataset, name) if theirs else data_folder() / dataset / f"{name}.gz"
    if not os.path.isfile(path):
        _expect_room(path)
        return parse_idx(_download(path, dataset, name))
    try:
        with path.open("rb") as file:
            return parse_idx(_verified(file, dataset, name))
    except OSError as error:
        remedy = (
            "it is left as it is; name another folder in NNLIB_DATA, or unset it to have "
            f"{dataset} downloaded"
            if theirs
            else "move it to another folder, and load the data again to have it downloaded"
        )
        raise OSError(f"{path}: {error}: {remedy}") from None


def _given(theirs: str, dataset: str, name: str) -> Path:
    """Find a file in the folder that NNLIB_DATA names, or in one below it."""
    folder = Path(os.path.expanduser(theirs))
    if not os.path.isdir(folder):
        what = "that is a file" if os.path.isfile(folder) else "there is no such folder"
        raise FileNotFoundError(
            f"NNLIB_DATA: expected a folder with the files of {dataset}, got {theirs!r}, and "
            f"{what}: name the folder that holds them, or unset NNLIB_DATA to have them "
            "downloaded"
        )
    below = folder / dataset
    for path in (below / f"{name}.gz", folder / f"{name}.gz"):
        if os.path.isfile(path):
            return path
    looked = [place for place in (folder, below) if os.path.isdir(place)]
    raise FileNotFoundError(
        f"NNLIB_DATA: expected {name}.gz in {folder}, and it is not there "
        f"({'; '.join(map(_listing, looked))}): put the file there, or unset NNLIB_DATA to have it "
        "downloaded"
    )


def _listing(folder: Path, most: int = 8) -> str:
    """Say in a line what a folder holds."""
    try:
        names = sorted(
            p.name + "/" * os.path.isdir(p) + " (a link to nowhere)" * (not os.path.exists(p))
            for p in folder.iterdir()
        )
    except OSError as error:
        return f"what {folder} holds may not be seen: {error.strerror}"
    more = [f"and {len(names) - most} more"] * (len(names) > most)
    return f"{folder} holds {', '.join([*names[:most], *more]) or 'nothing'}"


def _expect_room(path: Path) -> None:
    """Make sure that nothing else lies where the file and its folders shall be."""
    for place in (path.parents[1], path.parent, path):
        wanted, fits = ("file", os.path.isfile) if place == path else ("folder", os.path.isdir)
        if os.path.lexists(place) and not fits(place):
            other = {os.path.isdir(place): "a folder", os.path.isfile(place): "a file"}
            raise FileExistsError(
                f"{place}: expected a {wanted}, got {other.get(True, 'a link to nowhere')}: "
                "move it to another place, and load the data again to have it downloaded"
            )


def data_folder() -> Path:
    """Where downloads land: the repository's ``data``, else the user's cache."""
    repository = Path(__file__).resolve().parents[1]
    if (repository / "pyproject.toml").exists():
        return repository / "data"
    with needed_by("load_mnist", _ELSEWHERE):
        import pooch

    return Path(pooch.os_cache("nnlib"))


def parse_idx(content: bytes) -> npt.NDArray[np.uint8]:
    """Turn an IDX file into an array.

    The format: two zero bytes, the type (8 for bytes), the number of dimensions, one big-endian
    32-bit size for each, then the entries.
    """
    shape = _shape(content)
    start = 4 + 4 * len(shape)
    if not shape or len(content) != start + math.prod(shape):
        raise ValueError(
            f"content: expected an IDX file of bytes, got {len(content)} bytes that start "
            f"{content[:8]!r}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _shape(content: bytes) -> tuple[int, ...]:
    """Read the sizes at the head of an IDX file; none if it is no such file."""
    ndim = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    if len(content) < 4 + 4 * ndim:
        return ()
    return tuple(map(int, np.frombuffer(content, ">u4", ndim, 4)))


def _verified(file: BinaryIO, dataset: str, name: str) -> bytes:
    """Unpack a file and make sure that it is the published one."""
    size, sha256 = PUBLISHED[dataset][name]
    content = _unpacked(file, size + 1)  # a few KB can unpack to gigabytes
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise OSError(
            f"the content, {_described(content, size)}, is not the published one: expected SHA-256 "
            f"{sha256[:12]}…, got {digest[:12]}…"
        )
    return content


def _unpacked(file: BinaryIO, most: int) -> bytes:
    """Read what a file holds, up to so many bytes; some mirrors and browsers have unpacked it."""
    start = file.read(20)
    file.seek(0)
    if start.startswith(b"\0\0\x08"):
        return file.read(most)
    try:
        with gzip.open(file) as unpacked:
            return unpacked.read(most)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OSError(f"the file is cut short or no gzip ({error}; it starts {start!r})") from None


def _described(content: bytes, size: int) -> str:
    """Say what a file holds, if not what it should."""
    many = f"more than {size}" if len(content) > size else len(content)
    shape = _shape(content)
    return f"{many} bytes " + (
        f"of an array of shape {shape}" if shape else f"that start {content[:20]!r}"
    )


def _download(path: Path, dataset: str, name: str) -> bytes:
    """Fetch a file from the first mirror that has it whole; it appears on disk only then."""
    with needed_by("load_mnist", _ELSEWHERE):
        import pooch
        import requests  # noqa: F401  # pooch imports it when it asks

    failures = []
    for mirror in MIRRORS[dataset]:
        url = f"{mirror}{name}.gz"
        pooch.get_logger().info("Downloading %s to %s", url, path)
        try:
            packed = _arrived(url, PUBLISHED[dataset][name].size + PACKING)
            content = _verified(io.BytesIO(packed), dataset, name)
        except OSError as error:
            failures.append(f"  {url}: {error}")
        else:
            _keep(packed, path, url)
            return content
    raise OSError(
        f"{dataset}: no mirror gave {path.name} as it was published:\n" + "\n".join(failures) + "\n"
        "Check the connection, sign in where a network asks for it, and try again; or get the four "
        "files elsewhere, put them into one folder, and name it in the environment variable "
        "NNLIB_DATA"
    )


class _Arriving(io.BytesIO):
    """A file in memory that takes so many bytes, and none once it is closed."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, chunk: Any) -> int:
        if self.tell() + len(chunk) > self.most:
            raise OSError(f"it has more than {self.most} bytes")
        return super().write(chunk)


def _arrived(url: str, most: int) -> bytes:
    """Get a file of at most so many bytes; give up when time is over.

    It comes in a thread that is left behind then: what a socket limits is the time between two
    bytes, and nothing limits that of a name server.
    """
    from pooch import HTTPDownloader

    get = HTTPDownloader(
        progressbar=find_spec("tqdm") is not None,  # a file comes without a bar, too
        timeout=SILENCE,
        hooks={"response": _as_it_comes},
    )
    failures: list[str] = []

    def run() -> None:
        try:
            get(url, file, None)
        except Exception as error:  # a mirror can send anything
            failures.append(_reason(error))

    thread, seconds = threading.Thread(target=run, daemon=True), PATIENCE + most / SLOWEST
    end = time.monotonic() + seconds
    with _Arriving(most) as file:
        thread.start()
        while thread.is_alive() and time.monotonic() < end:
            thread.join(0.1)  # Windows hears Ctrl-C only in between
        if thread.is_alive():
            raise OSError(f"only {file.tell()} bytes came in {seconds:.0f} s")
        if failures:
            raise OSError(failures[0])
        return file.getvalue()


def _as_it_comes(response: Any, **_: Any) -> None:
    """Let requests unpack nothing, and read nothing of what only says to look elsewhere."""
    response.raw.headers.pop("Content-Encoding", None)
    if response.is_redirect:
        response.close()


def _reason(error: BaseException) -> str:
    """Say in a line what went wrong with a mirror: of an error's causes the first."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if status >= 400:
        return f"it answers {status} {http.client.responses.get(status, '')}".rstrip()
    while below := error.__cause__ or (not error.__suppress_context__ and error.__context__):
        error = below
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError):
        said = error.strerror or str(error)
    return "".join(c for c in said[:200] if c.isprintable())


def _keep(packed: bytes, path: Path, url: str) -> None:
    """Write a file that bears its name only once it is whole."""
    if packed.startswith(b"\0\0"):
        packed = gzip.compress(packed, mtime=0)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise OSError(
            f"{path}: {url} gave the file, and it cannot be written ({error}): free space, or make "
            "the folder writable; or get the four files, put them into a folder of your own, and "
            "name it in the environment variable NNLIB_DATA"
        ) from None
    finally:
        with suppress(OSError):
            part.unlink()
