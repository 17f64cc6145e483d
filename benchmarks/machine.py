"""Where a measurement is made, and on how many threads."""

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

LIBRARIES = ("scikit-learn", "torch", "jax")

THREADS = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Variables that say how many threads a library may use."""

FORCING = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "NPY_DISABLE_CPU_FEATURES",
    "MKL_DEBUG_CPU_TYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "ONEDNN_MAX_CPU_ISA",
    "ATEN_CPU_CAPABILITY",
)
"""Variables that give a library other kernels than those it would choose."""


def thread_variables(threads: int) -> dict[str, str]:
    """Name the variables that keep libraries to so many threads; they are read at import."""
    eigen = str(threads > 1).lower()
    xla = f"--xla_cpu_multi_thread_eigen={eigen} intra_op_parallelism_threads={threads}"
    return dict.fromkeys(THREADS, str(threads)) | {"XLA_FLAGS": xla}


def cores() -> list[int]:
    """Number the processors that this process may use, one for each core."""
    if not hasattr(os, "sched_getaffinity"):
        return list(range(os.cpu_count() or 1))
    first: dict[str, int] = {}
    for processor in sorted(os.sched_getaffinity(0)):
        path = Path(f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list")
        first.setdefault(path.read_text() if path.exists() else str(processor), processor)
    return list(first.values())


def pin(threads: int, process: int = 0) -> None:
    """Keep a process, this one at 0, to as many cores, the last ones, where that can be done."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process, cores()[-threads:])


def describe() -> dict[str, Any]:
    """Name the processor, the kernels that the matrix products use, and the versions."""
    import numpy as np

    return {
        "processor": processor(),
        "cores": len(cores()),
        "blas": blas(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "forced": {name: os.environ[name] for name in FORCING if name in os.environ},
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        **{name: version for name in LIBRARIES if (version := installed(name))},
    }


def lines(machine: dict[str, Any]) -> list[str]:
    """Say what `describe` has found."""
    found = [f"{name} {machine[name]}" for name in ("numpy", *LIBRARIES) if name in machine]
    text = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}",
        f"Python {machine['python']}, {', '.join(found)}",
        f"NumPy's matrix products: {machine['blas']}",
    ]
    for name, value in machine["forced"].items():
        text.append(f"warning: {name}={value} is set: these are not the kernels of everyday use")
    if (machine["load"] or 0) > 0.5:
        text.append(f"warning: the machine was not idle in the last minute, load {machine['load']}")
    return text


def processor() -> str:
    """Return the processor's name."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def blas() -> str:
    """Name the library of NumPy's matrix products, its version and its kernels."""
    import numpy as np

    try:
        import threadpoolctl
    except ImportError:
        pools = []
    else:
        pools = threadpoolctl.threadpool_info()
    for pool in pools:
        if pool["user_api"] == "blas":
            return f"{pool['internal_api']} {pool['version']}, {pool.get('architecture')} kernels"
    built: Any = np.show_config(mode="dicts")
    with_ = built["Build Dependencies"]["blas"]
    return f"{with_['name']} {with_['version']}"


def installed(package: str) -> str | None:
    """Return the version of a package; None: it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
