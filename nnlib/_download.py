"""Files of data sets: found, downloaded if need be, and verified before a number is used."""

import gzip
import hashlib
import os
import tempfile
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
_AGAIN = "delete it, and load the data again"


def read_idx(dataset: str, name: str) -> npt.NDArray[np.uint8]:
    """Return the array in one IDX file of a data set, from disk or from a mirror."""
    theirs = os.environ.get("NNLIB_DATA")
    folder = Path(theirs).expanduser() / dataset if theirs else data_folder() / dataset
    if theirs and not folder.is_dir():
        folder = folder.parent
    path = folder / f"{name}.gz"
    if path.exists():
        return parse_idx(_verified(path, dataset, name))
    if theirs:
        raise FileNotFoundError(
            f"NNLIB_DATA: expected {path.name} in {folder}, and it is not there: put the file "
            "there, or unset NNLIB_DATA to have it downloaded"
        )
    return parse_idx(_download(path, dataset, name))


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
    zero, kind, ndim = int.from_bytes(content[:2], "big"), content[2], content[3]
    if zero or kind != 8:
        raise ValueError(
            f"content: expected an IDX file of bytes, got one that starts {content[:4]!r}"
        )
    shape = np.frombuffer(content, ">u4", ndim, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def _verified(path: Path, dataset: str, name: str) -> bytes:
    """Decompress a file and make sure that it is the published one."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise OSError(f"{path}: the file is cut short or no gzip ({error}): {_AGAIN}") from None
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256[dataset][name]:
        raise OSError(
            f"{path}: the content is not the published one: expected SHA-256 "
            f"{SHA256[dataset][name][:12]}…, got {digest[:12]}…: {_AGAIN}"
        )
    return content


def _download(path: Path, dataset: str, name: str) -> bytes:
    """Fetch a file from the first mirror that has it whole; it appears on disk only then."""
    with needed_by("load_mnist", _ELSEWHERE):
        import pooch
        from requests import RequestException

    path.parent.mkdir(parents=True, exist_ok=True)
    failures, bar = [], find_spec("tqdm") is not None  # a file comes without a bar, too
    for mirror in MIRRORS[dataset]:
        url = f"{mirror}{name}.gz"
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="download-") as folder:
            try:
                arrived = pooch.retrieve(
                    url,
                    known_hash=None,
                    fname=path.name,
                    path=folder,
                    downloader=pooch.HTTPDownloader(progressbar=bar, timeout=30),
                )
                content = _verified(Path(arrived), dataset, name)
            except (OSError, RequestException) as error:
                failures.append(f"  {url}: {_reason(error)}")
                continue
            os.replace(arrived, path)
            return content
    raise OSError(
        f"{dataset}: no mirror gave {path.name} as it was published:\n" + "\n".join(failures) + "\n"
        "Check the connection and try again; or get the four files elsewhere, put them into one "
        "folder, and name it in the environment variable NNLIB_DATA"
    )


def _reason(error: Exception) -> Any:
    """Say in a line what went wrong with a mirror."""
    text = str(error).replace(f": {_AGAIN}", "")
    text = text.rsplit(".gz: ", 1)[-1]
    return text if len(text) < 200 else text[:200] + "…"
