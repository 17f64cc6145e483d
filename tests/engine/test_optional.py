"""A package that is missing: every public function that needs it says which, and how to get it."""

import gzip
import sys
from importlib import import_module

import pytest

import nnlib as nn
from nnlib import _download, torch_bridge
from nnlib._command_line import main
from nnlib._optional import needed_by
from nnlib.course import quiz


@pytest.fixture
def without(monkeypatch):
    """Make a package fail to import, with all that is loaded of it."""

    def block(package):
        for name in [*sys.modules, package]:
            if name.partition(".")[0] == package:
                monkeypatch.setitem(sys.modules, name, None)

    return block


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No MNIST on this machine."""
    monkeypatch.delenv("NNLIB_DATA", raising=False)
    monkeypatch.setattr(_download, "data_folder", lambda: tmp_path)


def fit(**options):
    X, y = nn.make_xor(20)
    net = nn.Sequential(nn.Dense(2, 2))
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD()).fit(X, y, epochs=1, **options)


def fresh(module):
    """Import a module and all below it as if for the first time."""

    def again():
        loaded = {n: sys.modules.pop(n) for n in [*sys.modules] if f"{n}.".startswith(f"{module}.")}
        parent, _, name = module.rpartition(".")
        before = vars(import_module(parent)).get(name)
        try:
            import_module(module)
        finally:
            for n in [*sys.modules]:
                if f"{n}.".startswith(f"{module}."):
                    del sys.modules[n]
            sys.modules.update(loaded)
            if before is not None:
                setattr(import_module(parent), name, before)

    return again


Z, NET = nn.make_sine(3)[0], nn.Sequential(nn.Dense(2, 2))

NEEDS = {
    "load_digits": ("sklearn", "scikit-learn", nn.load_digits),
    "digit_image": ("PIL", "pillow", lambda: nn.datasets.digit_image("seven.png")),
    "load_mnist": ("pooch", "pooch", nn.load_mnist),
    "load_mnist, to ask": ("requests", "requests", nn.load_mnist),
    "fit(progress=True)": ("tqdm", "tqdm", lambda: fit(progress=True)),
    "gelu": ("scipy", "scipy", lambda: nn.activations.gelu(Z)),
    "gelu, its derivative": ("scipy", "scipy", lambda: nn.activations.gelu_derivative(Z)),
    "gelu, GELU()": ("scipy", "scipy", nn.GELU),
    "nnlib.plots": ("matplotlib", "matplotlib", fresh("nnlib.plots")),
    "nnlib.course.explorers": ("ipywidgets", "ipywidgets", fresh("nnlib.course.explorers")),
    "nnlib.course.explorers, the picture": (
        "matplotlib",
        "matplotlib",
        fresh("nnlib.course.explorers"),
    ),
    "nnlib.course.kit": ("PIL", "pillow", fresh("nnlib.course.kit")),
    "nnlib.course.kit, the knobs": ("ipywidgets", "ipywidgets", fresh("nnlib.course.kit")),
    "nnlib.course.playground": ("ipywidgets", "ipywidgets", fresh("nnlib.course.playground")),
    "to_torch": ("torch", "torch", lambda: torch_bridge.to_torch(NET)),
    "from_torch": ("torch", "torch", lambda: torch_bridge.from_torch(NET)),
    "state_dict": ("torch", "torch", lambda: torch_bridge.state_dict(NET)),
    "quiz.widget": ("ipywidgets", "ipywidgets", lambda: quiz("04").widget()),
}


@pytest.mark.parametrize(("package", "installed_as", "call"), NEEDS.values(), ids=NEEDS)
def test_who_needs_a_missing_package_says_so_with_the_command(
    package, installed_as, call, without, nowhere, request
):
    without(package)
    user = request.node.callspec.id.partition(", ")[0]
    with pytest.raises(ModuleNotFoundError) as caught:
        call()
    start = f"{user} needs {installed_as}, which is not installed: "
    assert str(caught.value).startswith(f"{start}python -m pip install {installed_as}")
    assert caught.value.name == package


def test_the_tanh_form_of_gelu_needs_no_scipy(without):
    without("scipy")
    with pytest.raises(ModuleNotFoundError, match=r'or use approximate="tanh"$'):
        nn.GELU()
    layer = nn.GELU(approximate="tanh")
    layer.backward(layer.forward(Z, train=True))


def test_fit_without_a_bar_needs_no_tqdm(without):
    without("tqdm")
    with pytest.raises(ModuleNotFoundError, match=r"or use progress=False$"):
        fit(progress=True)
    assert fit(progress=False).epochs == 1


def test_questions_without_buttons_need_no_widgets(without):
    without("ipywidgets")
    assert quiz("04").answer(1, "a")
    assert "text/html" in quiz("04")._repr_mimebundle_()


def test_files_in_a_folder_of_ones_own_need_no_download(without, monkeypatch, tmp_path):
    for package in ("pooch", "requests", "tqdm"):
        without(package)
    content = bytes([0, 0, 8, 1, 0, 0, 0, 1, 7])
    (tmp_path / "tiny.gz").write_bytes(gzip.compress(content))
    digest = _download.hashlib.sha256(content).hexdigest()
    published = {"tiny": _download.Published(len(content), digest)}
    monkeypatch.setitem(_download.PUBLISHED, "mnist", published)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    assert _download.read_idx("mnist", "tiny") == [7]


def test_without_a_repository_the_cache_of_the_user_needs_pooch(without, monkeypatch, tmp_path):
    without("pooch")
    monkeypatch.setattr(_download, "__file__", str(tmp_path / "nnlib" / "_download.py"))
    with pytest.raises(ModuleNotFoundError, match=r"^load_mnist needs pooch, .* NNLIB_DATA names$"):
        _download.data_folder()


COMMANDS = [
    ("sklearn", "train", "python -m nnlib train needs scikit-learn, "),
    ("tqdm", "train", "python -m nnlib train needs tqdm, "),
    ("matplotlib", "train --plot curve.png", "python -m nnlib train needs matplotlib, "),
    ("pooch", "train --dataset mnist", "load_mnist needs pooch, "),
    ("requests", "train --dataset mnist", "load_mnist needs requests, "),
]


@pytest.mark.parametrize(("package", "line", "start"), COMMANDS)
def test_the_command_line_says_it_before_it_trains(package, line, start, without, nowhere, capsys):
    without(package)
    assert main(line.split()) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: {start}")
    assert "python -m pip install" in shown.err


def test_a_package_that_is_there_but_broken_is_not_called_missing():
    with (
        pytest.raises(ImportError, match="needs scikit-learn, which cannot be imp") as caught,
        needed_by("load_digits"),
    ):
        raise ImportError("DLL load failed", name="sklearn._lib", path="here")
    assert type(caught.value) is ImportError
    assert str(caught.value).endswith(
        "(DLL load failed): python -m pip install --upgrade scikit-learn"
    )


def test_what_a_package_needs_itself_is_named(without):
    without("joblib")
    missing = pytest.raises(ModuleNotFoundError, match=r"^load_digits needs joblib, ")
    with missing, needed_by("load_digits"):
        import joblib  # noqa: F401


def test_the_outermost_of_several_speaks():
    missing = pytest.raises(ModuleNotFoundError, match=r"^outer needs nosuch, .*: python -m pip")
    with missing, needed_by("outer"), needed_by("inner"):
        import nosuch  # noqa: F401


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("x", name="nnlib.nosuch"), ImportError("x"), OSError("x")]
)
def test_an_error_that_no_package_explains_stays_what_it_is(error):
    with pytest.raises(type(error)) as caught, needed_by("load_digits"):
        raise error
    assert caught.value is error
