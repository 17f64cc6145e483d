"""Files of arrays: whole or not at all, and known to be what was written.

The format is safetensors: a JSON header and the arrays, no code. What JSON can say stands in the
metadata ``"nnlib"``, a SHA-256 over that and all arrays in ``"sha256"``.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ._optional import needed_by

FORMAT = 1
"""Raised when older readers would misread a file; new entries alone do not need that."""

Tensors = dict[str, npt.NDArray[Any]]
StrPath = str | os.PathLike[str]


def write(
    path: StrPath, about: Mapping[str, Any], tensors: Tensors, *, trial: bool = False
) -> None:
    """Write a file; until it is whole, what lay there before stays; in a trial it stays anyway.

    Raises
    ------
    OSError
        If there is no room, no permission or no such folder.
    """
    with needed_by("saving a model"):
        from safetensors.numpy import save

    text = json.dumps({"format": FORMAT, **about}, sort_keys=True, allow_nan=False)
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    content = save(tensors, {"nnlib": text, "sha256": digest(text, tensors)})
    place = os.path.realpath(path)
    folder, name = os.path.split(place)
    part = os.path.join(folder, f".{name}.{os.urandom(4).hex()}.unfinished")
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if trial:
            os.unlink(part)
        else:
            os.replace(part, place)
            _sync_folder(folder)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(error, OSError):
            raise type(error)(error.errno, _not_written(place, error), os.fspath(path)) from None
        raise


def read(path: StrPath) -> tuple[dict[str, Any], Tensors]:
    """Read a file that `write` wrote, and make sure that nothing in it has changed since.

    Raises
    ------
    ValueError
        If it is damaged, of another kind, or of a newer format.
    FileNotFoundError, OSError
        If it is not there, or cannot be read.
    """
    metadata, tensors = opened(path)
    if not {"nnlib", "sha256"} <= metadata.keys():
        raise ValueError(
            f"{path}: expected a file that model.save wrote, got a safetensors file without "
            "checksum: net.load_weights(path) reads the parameters of a network of the same shape"
        )
    if digest(metadata["nnlib"], tensors) != metadata["sha256"]:
        raise _damaged(path, "its checksum is wrong")
    about = json.loads(metadata["nnlib"])
    if about["format"] > FORMAT:
        raise ValueError(
            f"{path}: expected format {FORMAT} or older, got {about['format']}: it was written by "
            "a newer nnlib: git pull in the folder of nnlib, and start Python anew"
        )
    return about, tensors


def digest(text: str, tensors: Tensors) -> str:
    """SHA-256 over the metadata, and the name, dtype, shape and bytes of each array."""
    total = hashlib.sha256(text.encode())
    for name, array in sorted(tensors.items()):
        total.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def opened(path: StrPath) -> tuple[dict[str, str], Tensors]:
    """Read metadata and arrays; the sizes in the header are checked before memory is asked for."""
    with needed_by("loading a model"):
        from safetensors import SafetensorError, safe_open

    if not os.path.isfile(path):
        place = os.path.realpath(os.path.dirname(path) or ".")
        remedy = f"nothing of that name in {place}: write its folder and its ending, too"
        if os.path.isdir(path):
            remedy = "a folder: name a file in it"
        raise FileNotFoundError(f"{path}: expected a file that model.save wrote, got {remedy}")
    try:
        with safe_open(path, framework="numpy") as file:
            names = file.keys()
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise _damaged(path, str(error)) from None
    except (TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: expected float64 or float32, got a dtype that NumPy has not ({error}): save "
            "the file anew in float32"
        ) from None


def _damaged(path: StrPath, reason: str) -> ValueError:
    return ValueError(
        f"{path}: expected a file that model.save wrote, got another or a damaged one ({reason}): "
        "take a copy of it that is whole, or train anew"
    )


def _not_written(place: str, error: OSError) -> str:
    """Say what did not work, and that nothing is lost."""
    before = "the file of before is as it was" if os.path.exists(place) else "nothing was written"
    remedy = f"name a place in which there is room and you may write; {before}"
    return f"{error.strerror}: the model was not saved: {remedy}"


def _sync_folder(folder: str) -> None:
    """Make a new name in a folder last, where folders can be opened and made to."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def remove_unfinished(path: StrPath) -> None:
    """Remove what a killed process left beside a checkpoint."""
    folder, name = os.path.split(os.path.realpath(path))
    left = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{8}}\.unfinished")
    with contextlib.suppress(OSError):
        for leftover in filter(left.fullmatch, os.listdir(folder)):
            os.unlink(os.path.join(folder, leftover))
