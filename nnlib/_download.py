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
from collections.abc import Iterator
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
    "fashion-mnist": (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
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
    "fashion-mnist": {
        "train-images-idx3-ubyte": Published(
            47_040_016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        "train-labels-idx1-ubyte": Published(
            60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
        "t10k-images-idx3-ubyte": Published(
            7_840_016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        "t10k-labels-idx1-ubyte": Published(
            10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
    },
}

KMNIST = {
    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
}
"""SHA-256 of the packed files of Kuzushiji-MNIST, which bear the names of MNIST's."""

EMNIST = {697_932, 116_323, 240_000, 40_000, 124_800, 20_800, 112_800, 18_800}
"""As many examples have the parts of EMNIST (Cohen et al. 2017, table II)."""

LOADERS = {
    "mnist": ("MNIST", "nnlib.load_mnist()"),
    "fashion-mnist": ("Fashion-MNIST", "nnlib.load_fashion_mnist()"),
}
"""What a data set is called, and what reads it."""

FOLDERS = {
    "mnist": ("mnist", ".", "MNIST/raw", "MNIST", "mnist/raw", "raw"),
    "fashion-mnist": (
        *("fashion-mnist", ".", "FashionMNIST/raw", "FashionMNIST", "fashion-mnist/raw", "raw"),
        *("fashion", "fashion/raw", "fashion_mnist", "data/fashion"),
    ),
}
"""Where people and other libraries keep the files, below the folder that is named."""

SILENCE, PATIENCE, SLOWEST = 30.0, 60.0, 50_000
"""A mirror may be silent for 30 s, and takes at most a minute and a second for each 50 kB."""

PACKING = 2**16
"""What a gzip file has beside the content: for 47 MB a few KB at the most."""

_ELSEWHERE = "the four files in a folder that NNLIB_DATA names"


def read_idx(dataset: str, name: str) -> npt.NDArray[np.uint8]:
    """Return the array in one IDX file of a data set, from disk or from a mirror.

    Of all files that bear the name the one with the published content is taken.
    """
    others: dict[Path, OSError] = {}
    if here := _on_disk(dataset, name, others):
        return parse_idx(here[1])
    landing = data_folder() / dataset / f"{name}.gz"
    _expect_room(landing)
    return parse_idx(_download(landing, dataset, name, others))


def found(dataset: str) -> Path | None:
    """Say in which folder a data set lies, verified; None if it would be downloaded."""
    here = [_on_disk(dataset, name, {}) for name in PUBLISHED[dataset]]
    return None if None in here else min(path.parent for path, _ in filter(None, here))


def _on_disk(dataset: str, name: str, others: dict[Path, OSError]) -> tuple[Path, bytes] | None:
    """Find the file with the published content, and what others are; None: it may be downloaded."""
    folder = _folder(dataset)
    for path in lying(folder, dataset, name):
        try:
            with path.open("rb") as file:
                return path, _verified(file, dataset, name)
        except OSError as error:
            others[path] = error
    if os.environ.get("NNLIB_DATA") or folder / dataset / f"{name}.gz" in others:
        raise _unusable(folder, dataset, name, others)
    return None


def lying(folder: Path, dataset: str, name: str) -> Iterator[Path]:
    """Find the files that may be it: packed or not, their names dotted or not, or nested.

    Some archives unpack to a folder of the file's name that holds the file.
    """
    stems = (name, name.replace("-idx", ".idx"))
    names = [f"{stem}{end}" for stem in stems for end in (".gz", "")]
    for place in _places(folder, dataset):
        for path in (place / name for name in names):
            if os.path.isfile(path):
                yield path
            elif os.path.isdir(path):
                yield from (path / name for name in names if os.path.isfile(path / name))


def _places(folder: Path, dataset: str) -> list[Path]:
    """Find the folders where files may lie, each once: some disks do not tell mnist from MNIST."""
    found: dict[tuple[int, int], Path] = {}
    for place in (folder / name for name in FOLDERS.get(dataset, (dataset, "."))):
        if os.path.isdir(place):
            status = os.stat(place)
            found.setdefault((status.st_dev, status.st_ino), place)
    return [*found.values()]


def _folder(dataset: str) -> Path:
    """Return the folder that NNLIB_DATA names, else that of downloads."""
    theirs = os.environ.get("NNLIB_DATA")
    if not theirs:
        return data_folder()
    folder = Path(os.path.expanduser(theirs))
    if not os.path.isdir(folder):
        what = "that is a file" if os.path.isfile(folder) else "there is no such folder"
        raise FileNotFoundError(
            f"NNLIB_DATA: expected a folder with the files of {dataset}, got {theirs!r}, and "
            f"{what}: name the folder that holds them, or unset NNLIB_DATA to have them "
            "downloaded"
        )
    return folder


def _unusable(folder: Path, dataset: str, name: str, others: dict[Path, OSError]) -> OSError:
    """Say that a file is not there, or what the files are that bear its name."""
    if not others:
        looked = dict.fromkeys((folder, *_places(folder, dataset)))
        return FileNotFoundError(
            f"NNLIB_DATA: expected {name}.gz, packed or unpacked, in {folder}, and it is not there "
            f"({'; '.join(map(listing, looked))}): put the file there, or unset NNLIB_DATA to "
            "have it downloaded"
        )
    left = "it is left as it is" if len(others) == 1 else "they are left as they are"
    remedy = (
        f"{left}; name another folder in NNLIB_DATA, or unset it to have {dataset} downloaded"
        if os.environ.get("NNLIB_DATA")
        else "move it to another folder, and load the data again to have it downloaded"
    )
    return OSError(f"{_told(others)}: {remedy}")


def _told(others: dict[Path, OSError]) -> str:
    """Say of each file what it is."""
    return "\n".join(f"{path}: {error}" for path, error in others.items())


def listing(folder: Path, most: int = 8) -> str:
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
        shape = _shape(content)
        whole = 4 + 4 * len(shape) + math.prod(shape)
        if shape and len(content) < min(whole, size):
            raise OSError(
                f"the file is cut short: {len(content)} bytes of an array of shape {shape}, which "
                f"has {whole}"
            )
        raise OSError(
            _known(file, dataset)
            or f"the content, {_described(content, size)}, is not the published one: expected "
            f"SHA-256 {sha256[:12]}…, got {digest[:12]}…"
        )
    return content


def _known(file: BinaryIO, dataset: str) -> str:
    """Say which file of a data set that is known here this is; nothing if it is none."""
    file.seek(0)
    content = _unpacked(file, max(p.size for p in PUBLISHED[dataset].values()) + 1)
    digest, shape = hashlib.sha256(content).hexdigest(), _shape(content)
    for other, files in PUBLISHED.items():
        for name in (name for name, known in files.items() if known.sha256 == digest):
            title, loader = LOADERS.get(other, (other, "another loader"))
            return f"this is {name} of {title}: " + (
                "it bears the name of another file" if other == dataset else f"{loader} reads it"
            )
    file.seek(0)
    if len(content) in {p.size for p in PUBLISHED[dataset].values()}:
        packed = hashlib.sha256(file.read(2**25)).hexdigest()
        return "this is a file of KMNIST, Japanese letters" if packed in KMNIST else ""
    return "this is a file of EMNIST, digits and letters" if {*shape[:1]} & EMNIST else ""


def _unpacked(file: BinaryIO, most: int) -> bytes:
    """Read what a file holds, up to so many bytes; some mirrors and browsers have unpacked it."""
    start = file.read(20)
    file.seek(0)
    if start.startswith(b"\0\0\x08"):
        return file.read(most)
    if start.lstrip().startswith(b"<"):
        raise OSError(
            f"this is a web page (it starts {start!r}), which a site sends that wants a login "
            "or has no such file"
        )
    try:
        with gzip.open(file) as unpacked:
            return unpacked.read(most)
    except EOFError as error:
        raise OSError(f"the file is cut short ({error}; it starts {start!r})") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise OSError(f"the file is damaged or no gzip ({error}; it starts {start!r})") from None


def _described(content: bytes, size: int) -> str:
    """Say what a file holds, if not what it should."""
    many = f"more than {size}" if len(content) > size else len(content)
    shape = _shape(content)
    return f"{many} bytes " + (
        f"of an array of shape {shape}" if shape else f"that start {content[:20]!r}"
    )


def _download(path: Path, dataset: str, name: str, others: dict[Path, OSError]) -> bytes:
    """Fetch a file from the first mirror that has it whole; it appears on disk only then."""
    with needed_by(f"load_{dataset.replace('-', '_')}", _ELSEWHERE):
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
    if others:
        failures.append(f"What lies there is not it:\n{_told(others)}")
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
