"""Files of data sets: found, downloaded if need be, and verified before a number is used."""

import gzip
import hashlib
import math
import os
import tempfile
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ._optional import needed_by

MIRRORS = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
}

# Of the decompressed files: each mirror has its own gzip.
SHA256 = {
    "mnist": {
        "train-images-idx3-ubyte": (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": (
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
        "t10k-images-idx3-ubyte": (
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": (
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
}

_ELSEWHERE = "the four files in a folder that NNLIB_DATA names"


def read_idx(dataset: str, name: str) -> npt.NDArray[np.uint8]:
    """Return the array in one IDX file of a data set, from disk or from a mirror."""
    theirs = os.environ.get("NNLIB_DATA")
    path = _given(theirs, dataset, name) if theirs else data_folder() / dataset / f"{name}.gz"
    if not path.is_file():
        return parse_idx(_download(path, dataset, name))
    try:
        return parse_idx(_verified(path.read_bytes(), dataset, name))
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
    if not folder.is_dir():
        what = "that is a file" if folder.is_file() else "there is no such folder"
        raise FileNotFoundError(
            f"NNLIB_DATA: expected a folder with the files of {dataset}, got {theirs!r}, and "
            f"{what}: name the folder that holds them, or unset NNLIB_DATA to have them "
            "downloaded"
        )
    below = folder / dataset
    for path in (below / f"{name}.gz", folder / f"{name}.gz"):
        if path.is_file():
            return path
    looked = [place for place in (folder, below) if place.is_dir()]
    raise FileNotFoundError(
        f"NNLIB_DATA: expected {name}.gz in {folder}, and it is not there "
        f"({'; '.join(map(_listing, looked))}): put the file there, or unset NNLIB_DATA to have it "
        "downloaded"
    )


def _listing(folder: Path, most: int = 8) -> str:
    """Say in a line what a folder holds."""
    names = sorted(p.name + "/" * p.is_dir() for p in folder.iterdir())
    more = [f"and {len(names) - most} more"] * (len(names) > most)
    return f"{folder} holds {', '.join([*names[:most], *more]) or 'nothing'}"


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
    ndim = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    shape = tuple(np.frombuffer(content, ">u4", ndim, 4)) if len(content) >= 4 + 4 * ndim else ()
    if not ndim or len(content) != 4 + 4 * ndim + math.prod(map(int, shape)):
        raise ValueError(
            f"content: expected an IDX file of bytes, got {len(content)} bytes that start "
            f"{content[:8]!r}"
        )
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def _verified(packed: bytes, dataset: str, name: str) -> bytes:
    """Decompress a file and make sure that it is the published one."""
    try:
        content = gzip.decompress(packed)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OSError(
            f"the file is cut short or no gzip ({error}; it starts {packed[:20]!r})"
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256[dataset][name]:
        raise OSError(
            f"the content, {_described(content)}, is not the published one: expected SHA-256 "
            f"{SHA256[dataset][name][:12]}…, got {digest[:12]}…"
        )
    return content


def _described(content: bytes) -> str:
    """Say what a file holds, if not what it should."""
    try:
        return f"an array of shape {parse_idx(content).shape}"
    except ValueError:
        return f"{len(content)} bytes that start {content[:20]!r}"


def _download(path: Path, dataset: str, name: str) -> bytes:
    """Fetch a file from the first mirror that has it whole; it appears on disk only then."""
    with needed_by("load_mnist", _ELSEWHERE):
        import pooch
        from requests import RequestException

    failures, bar = [], find_spec("tqdm") is not None  # a file comes without a bar, too
    for mirror in MIRRORS[dataset]:
        url = f"{mirror}{name}.gz"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix="download-") as folder:
                arrived = pooch.retrieve(
                    url,
                    known_hash=None,
                    fname=path.name,
                    path=folder,
                    downloader=pooch.HTTPDownloader(progressbar=bar, timeout=30),
                )
                content = _verified(Path(arrived).read_bytes(), dataset, name)
                os.replace(arrived, path)
                return content
        except (OSError, RequestException) as error:
            failures.append(f"  {url}: {_reason(error)}")
    raise OSError(
        f"{dataset}: no mirror gave {path.name} as it was published:\n" + "\n".join(failures) + "\n"
        "Check the connection and try again; or get the four files elsewhere, put them into one "
        "folder, and name it in the environment variable NNLIB_DATA"
    )


def _reason(error: Exception) -> str:
    """Say in a line what went wrong with a mirror."""
    text = str(error)
    return text if len(text) < 200 else text[:200] + "…"
