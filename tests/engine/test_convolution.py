"""Convolution and pooling: by hand, against plain loops, against PyTorch, and when misused."""

import copy
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib as nn
from nnlib.layers import convolution
from nnlib.layers.convolution import col2im, im2col, output_size, windows

some = settings(deadline=None, max_examples=50, derandomize=True, database=None)

X3 = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
W2 = np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
SIZES = [(7, 9), (8, 5)]


def conv(*args, rng=0, dtype=np.float64, **options):
    """A Conv2D in a network of its own, all parameters non-zero."""
    layer = nn.Conv2D(*args, **options)
    net = nn.Sequential(layer, dtype=dtype)
    net.params = np.random.default_rng(rng).normal(size=net.params.size)
    return layer


def there_and_back(layer, X, dA):
    return layer.forward(X, train=True), layer.backward(dA)


def images(*shape, ties=False, seed=1):
    """Random numbers; with ``ties`` only 0, 1 and 2."""
    rng = np.random.default_rng(seed)
    return rng.integers(3, size=shape).astype(float) if ties else rng.normal(size=shape)


def naive(X, W, b, stride, padding):
    """The definition, pixel by pixel: six loops over one image."""
    (c_out, c_in, k, _), (h, w) = W.shape, X.shape[1:]
    oh, ow = (h + 2 * padding - k) // stride + 1, (w + 2 * padding - k) // stride + 1
    Z = np.empty((c_out, oh, ow))
    for o, r, s in itertools.product(range(c_out), range(oh), range(ow)):
        Z[o, r, s] = b[o]
        for c, i, j in itertools.product(range(c_in), range(k), range(k)):
            y, x = stride * r + i - padding, stride * s + j - padding
            if 0 <= y < h and 0 <= x < w:
                Z[o, r, s] += W[o, c, i, j] * X[c, y, x]
    return Z


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    torch.set_num_threads(1)
    return torch


def close(ours, theirs):
    theirs = theirs.detach().numpy()
    assert np.shape(ours) == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_a_convolution_by_hand():
    layer = conv(1, 1, 2)
    layer.W, layer.b = W2, [0.5]
    top = [1 + 20 + 400 + 5000 + 0.5, 2 + 30 + 500 + 6000 + 0.5]
    bottom = [4 + 50 + 700 + 8000 + 0.5, 5 + 60 + 800 + 9000 + 0.5]
    np.testing.assert_array_equal(layer.forward(X3), [[[top, bottom]]])


def test_the_way_back_through_a_convolution_by_hand():
    layer = conv(1, 1, 2)
    layer.W = W2
    dZ = np.array([[[[1.0, 2.0], [3.0, -1.0]]]])
    _, dX = there_and_back(layer, X3, dZ)
    top = [1 * 1 + 2 * 2 + 3 * 4 - 1 * 5, 1 * 2 + 2 * 3 + 3 * 5 - 1 * 6]
    bottom = [1 * 4 + 2 * 5 + 3 * 7 - 1 * 8, 1 * 5 + 2 * 6 + 3 * 8 - 1 * 9]
    np.testing.assert_array_equal(layer.dW, [[[top, bottom]]])
    np.testing.assert_array_equal(layer.db, [1 + 2 + 3 - 1])
    first = [1 * 1, 1 * 10 + 2 * 1, 2 * 10]
    middle = [1 * 100 + 3 * 1, 1 * 1000 + 2 * 100 + 3 * 10 - 1 * 1, 2 * 1000 - 1 * 10]
    last = [3 * 100, 3 * 1000 - 1 * 100, -1 * 1000]
    np.testing.assert_array_equal(dX, [[[first, middle, last]]])


def test_padding_and_stride_by_hand():
    layer = conv(1, 1, 2, stride=2, padding=1)
    layer.W, layer.b = W2, [0.0]
    top, bottom = [1 * 1000, 2 * 100 + 3 * 1000], [4 * 10 + 7 * 1000, 5 + 60 + 800 + 9000]
    Z, dX = there_and_back(layer, X3, np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    np.testing.assert_array_equal(Z, [[[top, bottom]]])
    rows = [[1000, 200, 2000], [30, 4, 40], [3000, 400, 4000]]
    np.testing.assert_array_equal(dX, [[rows]])


def test_channels_are_summed_and_each_output_has_its_own_bias():
    layer = conv(2, 2, 1)
    layer.W, layer.b = [[[[1]], [[10]]], [[[2]], [[-1]]]], [100, 200]
    Z = layer.forward(np.array([[[[3.0]], [[4.0]]]]))
    np.testing.assert_array_equal(Z, [[[[3 + 40 + 100]], [[6 - 4 + 200]]]])


@pytest.mark.parametrize(("stride", "padding", "k"), [(1, 0, 3), (2, 1, 3), (3, 2, 2), (1, 2, 5)])
def test_a_convolution_equals_six_plain_loops(stride, padding, k):
    layer, X = conv(3, 2, k, stride=stride, padding=padding), images(2, 3, 7, 9)
    expected = [naive(x, layer.W, layer.b, stride, padding) for x in X]
    np.testing.assert_allclose(layer.forward(X), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_a_convolution_equals_pytorch(torch, k, padding, stride, size):
    layer, X = conv(2, 3, k, stride=stride, padding=padding), images(3, 2, *size)
    module = torch.nn.Conv2d(2, 3, k, stride=stride, padding=padding).double()
    module.weight.data = torch.tensor(layer.W.copy())
    module.bias.data = torch.tensor(layer.b.copy())

    X_torch = torch.tensor(X, requires_grad=True)
    Z_torch = module(X_torch)
    dZ = images(*Z_torch.shape, seed=2)
    Z_torch.backward(torch.tensor(dZ))
    Z, dX = there_and_back(layer, X, dZ)

    assert layer.output_shape(X.shape[1:]) == Z.shape[1:]
    close(Z, Z_torch)
    close(dX, X_torch.grad)
    close(layer.dW, module.weight.grad)
    close(layer.db, module.bias.grad)


@pytest.mark.parametrize("ties", [False, True], ids=["distinct", "ties"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["Max", "Avg"])
def test_a_pooling_equals_pytorch(torch, kind, k, stride, size, ties):
    layer, X = getattr(nn, f"{kind}Pool2D")(k, stride), images(3, 2, *size, ties=ties)
    X_torch = torch.tensor(X, requires_grad=True)
    A_torch = getattr(torch.nn, f"{kind}Pool2d")(k, stride)(X_torch)
    dA = images(*A_torch.shape, seed=2)
    A_torch.backward(torch.tensor(dA))
    A, dX = there_and_back(layer, X, dA)

    assert layer.output_shape(X.shape[1:]) == A.shape[1:]
    close(A, A_torch)
    close(dX, X_torch.grad)


def test_max_pooling_by_hand():
    X = np.array([[[[1.0, 7.0, 2.0, 0.0], [3.0, 4.0, 8.0, 5.0]]]])
    A, dX = there_and_back(nn.MaxPool2D(2), X, np.array([[[[10.0, 20.0]]]]))
    np.testing.assert_array_equal(A, [[[[7, 8]]]])
    np.testing.assert_array_equal(dX, [[[[0, 10, 0, 0], [0, 0, 20, 0]]]])


def test_of_equal_maxima_the_first_gets_the_gradient_row_by_row():
    X = np.array([[[[0.0, 5.0], [5.0, 5.0]]]])
    _, dX = there_and_back(nn.MaxPool2D(2), X, np.array([[[[3.0]]]]))
    np.testing.assert_array_equal(dX, [[[[0, 3], [0, 0]]]])


def test_a_maximum_by_one_bit_is_a_maximum():
    X = np.array([[[[1.0, np.nextafter(1.0, 2.0)]] * 2]])
    _, dX = there_and_back(nn.MaxPool2D(2), X, np.array([[[[3.0]]]]))
    np.testing.assert_array_equal(dX, [[[[0, 3], [0, 0]]]])


def test_a_pixel_that_wins_several_windows_gets_the_sum_of_their_gradients():
    X = np.array([[[[1.0, 9.0, 2.0], [3.0, 4.0, 5.0]]]])
    A, dX = there_and_back(nn.MaxPool2D(2, stride=1), X, np.array([[[[10.0, 20.0]]]]))
    np.testing.assert_array_equal(A, [[[[9, 9]]]])
    np.testing.assert_array_equal(dX, [[[[0, 10 + 20, 0], [0, 0, 0]]]])


def test_max_pooling_hands_a_nan_on_so_that_training_can_stop():
    X = np.array([[[[1.0, np.nan], [3.0, 4.0]]]])
    assert np.isnan(nn.MaxPool2D(2).forward(X)).all()


def test_average_pooling_by_hand():
    X = np.array([[[[1.0, 7.0, 2.0], [3.0, 5.0, 8.0]]]])
    A, dX = there_and_back(nn.AvgPool2D(2, stride=1), X, np.array([[[[4.0, 8.0]]]]))
    np.testing.assert_array_equal(A, [[[[16 / 4, 22 / 4]]]])
    np.testing.assert_array_equal(dX, [[[[1, 1 + 2, 2], [1, 1 + 2, 2]]]])


def test_global_pooling_by_hand():
    X = np.array([[[[1.0, 7.0], [3.0, 5.0], [0.0, 2.0]], [[6.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]])
    A, dX = there_and_back(nn.GlobalAvgPool2D(), X, np.array([[12.0, -6.0]]))
    np.testing.assert_array_equal(A, [[18 / 6, 6 / 6]])
    np.testing.assert_array_equal(dX, [[np.full((3, 2), 2), np.full((3, 2), -1)]])
    dX += 1  # an array of its own


def test_global_pooling_is_the_pooling_whose_window_is_the_image():
    X, dA = images(3, 2, 4, 4), images(3, 2)
    A, dX = there_and_back(nn.GlobalAvgPool2D(), X, dA)
    A_window, dX_window = there_and_back(nn.AvgPool2D(4), X, dA[:, :, np.newaxis, np.newaxis])
    np.testing.assert_allclose(A, A_window[:, :, 0, 0], rtol=1e-14)
    np.testing.assert_allclose(dX, dX_window, rtol=1e-14)


def test_behind_global_pooling_one_network_reads_images_of_any_size():
    net = nn.Sequential(nn.Conv2D(1, 5, 3), nn.ReLU(), nn.GlobalAvgPool2D(), nn.Dense(5, 2))
    for size in [(3, 3), (8, 5), (3, 9)]:
        assert net.forward(images(2, 1, *size), train=True).shape == (2, 2)
        assert net.backward(np.ones((2, 2)), input_grad=True).shape == (2, 1, *size)


def test_a_mean_over_a_million_pixels_keeps_its_digits_in_float32():
    X = np.full((2, 1000, 1000), 0.1, np.float32)
    last = np.moveaxis(np.stack([X, X], axis=-1), -1, 1)  # channels run fastest in memory
    A = nn.Sequential(nn.GlobalAvgPool2D(), dtype=np.float32).forward(last)
    np.testing.assert_allclose(A, np.float32(0.1), rtol=1e-6)


@pytest.mark.parametrize("layer", [nn.MaxPool2D(2), nn.AvgPool2D(2)], ids=repr)
def test_pixels_of_no_window_are_left_out_and_get_no_gradient(layer):
    layer = copy.deepcopy(layer)
    X = images(1, 1, 5, 3)
    A, dX = there_and_back(layer, X, np.ones((1, 1, 2, 1)))
    np.testing.assert_array_equal(A, layer.forward(X[:, :, :4, :2]))
    np.testing.assert_array_equal(dX[:, :, 4], np.zeros((1, 1, 3)))
    np.testing.assert_array_equal(dX[:, :, :, 2], np.zeros((1, 1, 5)))
    assert dX.sum() == 2


def test_the_stride_of_a_pooling_is_its_kernel_size_unless_it_is_given():
    assert nn.MaxPool2D(3).stride == 3
    assert nn.AvgPool2D(3, 1).stride == 1
    assert repr(nn.MaxPool2D(3, 3)) == "MaxPool2D(3)"
    assert repr(nn.AvgPool2D(3, 2)) == "AvgPool2D(3, stride=2)"


def test_a_repr_tells_what_differs_from_the_defaults():
    assert repr(nn.Conv2D(1, 8, 3)) == "Conv2D(1, 8, 3)"
    layer = nn.Conv2D(1, 8, 3, stride=2, padding=1, bias=False, init=nn.initializers.zeros)
    assert repr(layer) == "Conv2D(1, 8, 3, stride=2, padding=1, bias=False, init=zeros)"


def test_windows_are_sorted_by_offset():
    V = windows(X3, 2)
    assert V.shape == (1, 1, 2, 2, 2, 2)
    np.testing.assert_array_equal(V[0, 0, 0, 0], [[1, 2], [4, 5]])
    np.testing.assert_array_equal(V[0, 0, 0, 1], [[2, 3], [5, 6]])
    np.testing.assert_array_equal(V[0, 0, 1, 0], [[4, 5], [7, 8]])
    np.testing.assert_array_equal(V[0, 0, :, :, 1, 0], [[4, 5], [7, 8]])


def test_windows_with_a_stride_pass_over_pixels():
    np.testing.assert_array_equal(windows(X3, 1, 2)[0, 0, 0, 0], [[1, 3], [7, 9]])
    np.testing.assert_array_equal(windows(X3, 2, 2)[0, 0, :, :, 0, 0], [[1, 2], [4, 5]])
    assert windows(X3, 2, 2).shape == (1, 1, 2, 2, 1, 1)


def test_windows_are_views_and_columns_are_copies():
    assert np.shares_memory(windows(X3, 2), X3)
    assert not np.shares_memory(im2col(X3, 2), X3)


def test_columns_are_windows_channel_by_channel_and_row_by_row():
    X = np.stack([X3[0, 0], 10 * X3[0, 0]])[np.newaxis]
    cols = im2col(X, 2)
    assert cols.shape == (1, 2 * 2 * 2, 2 * 2)
    np.testing.assert_array_equal(cols[0, :, 1], [2, 3, 5, 6, 20, 30, 50, 60])


def test_columns_go_back_to_where_they_came_from_and_add_up():
    seen = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    np.testing.assert_array_equal(col2im(np.ones((1, 4, 4)), (1, 1, 3, 3), 2), [[seen]])


@some
@given(st.data())
def test_col2im_is_the_transpose_of_im2col(data):
    n, c, k, stride = (data.draw(st.integers(1, 4)) for _ in range(4))
    h, w = (data.draw(st.integers(k, 9)) for _ in range(2))
    X = images(n, c, h, w, seed=data.draw(st.integers(0, 99)))
    cols = im2col(X, k, stride)
    C = images(*cols.shape, seed=5)
    X_back = col2im(C, X.shape, k, stride)
    assert X_back.shape == X.shape
    np.testing.assert_allclose((cols * C).sum(), (X * X_back).sum(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("bias", [True, False])
def test_a_kernel_as_large_as_the_image_is_a_dense_layer(bias):
    layer, X = conv(2, 3, 4, bias=bias), images(5, 2, 4, 4)
    b = layer.b if bias else 0
    expected = X.reshape(5, -1) @ layer.W.reshape(3, -1).T + b
    np.testing.assert_allclose(layer.forward(X)[:, :, 0, 0], expected, rtol=1e-12)


def test_a_shifted_image_gives_a_shifted_output():
    layer, X = conv(1, 2, 3), images(1, 1, 8, 8)
    Z, Z_shifted = layer.forward(X), layer.forward(np.roll(X, 2, axis=3))
    np.testing.assert_array_equal(Z_shifted[..., 2:], Z[..., :-2])


def test_padding_of_half_the_kernel_keeps_the_size():
    for k in (1, 3, 5):
        assert nn.Conv2D(1, 4, k, padding=(k - 1) // 2).output_shape((1, 7, 9)) == (4, 7, 9)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ([nn.Conv2D(2, 3, 3, stride=2, padding=1), nn.Tanh(), nn.AvgPool2D(2, 1)], (2, 5, 7)),
        ([nn.Conv2D(1, 2, 2, bias=False), nn.MaxPool2D(2), nn.Conv2D(2, 2, 2)], (1, 7, 6)),
        ([nn.MaxPool2D(3, 2), nn.Conv2D(3, 2, 1), nn.Flatten(), nn.Dense(12, 2)], (3, 5, 7)),
    ],
    ids=["padded", "stacked", "flattened"],
)
def test_a_network_of_them_passes_the_gradient_check(layers, shape):
    class Projection(nn.Loss):
        def value_and_grad(self, Z, y):
            C = images(*Z.shape, seed=3)
            return float((C * Z).sum()), C

    net = nn.Sequential(*copy.deepcopy(layers), rng=4)
    report = nn.check_gradients(net, Projection(), images(3, *shape), None)
    assert report.ok, report
    assert report.worst < 1e-7


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("padding", [0, 1])
def test_read_only_images_are_read_and_keep_their_dtype(padding, dtype):
    pools = [nn.MaxPool2D(2, 1), nn.AvgPool2D(2), nn.GlobalAvgPool2D()]
    X = images(2, 1, 5, 5).astype(dtype)
    X.flags.writeable = False
    for layer in [conv(1, 2, 3, padding=padding, dtype=dtype), *pools]:
        A = layer.forward(X, train=True)
        dA = np.ones_like(A)
        dA.flags.writeable = False
        dX = layer.backward(dA)
        assert (A.dtype, dX.dtype) == (dtype, dtype)
        assert dX.shape == X.shape


def test_a_gradient_that_lies_strided_in_memory_is_read_in_the_right_order():
    layer, X = conv(2, 3, 3), images(2, 2, 6, 7)
    dZ = images(2, 3, 4, 5)
    _, dX = there_and_back(layer, X, dZ)
    dW = layer.dW.copy()
    strided = np.ascontiguousarray(dZ.transpose(3, 1, 0, 2)).transpose(2, 1, 3, 0)
    np.testing.assert_allclose(layer.backward(strided), dX, rtol=1e-14)
    np.testing.assert_allclose(layer.dW, dW, rtol=1e-14)


def test_gradients_are_overwritten_not_added_up():
    layer, X, dZ = conv(2, 3, 3), images(2, 2, 6, 7), images(2, 3, 4, 5)
    there_and_back(layer, X, dZ)
    dW, db = layer.dW.copy(), layer.db.copy()
    there_and_back(layer, X, dZ)
    np.testing.assert_array_equal(layer.dW, dW)
    np.testing.assert_array_equal(layer.db, db)


def test_the_gradient_of_the_input_is_left_out_on_request(monkeypatch):
    calls = []
    monkeypatch.setattr(convolution, "col2im", lambda *args: calls.append(args))
    layer = conv(1, 2, 3)
    Z = layer.forward(images(2, 1, 5, 5), train=True)
    assert layer.backward(np.ones_like(Z), input_grad=False) is None
    assert not calls
    assert layer.dW.all()
    np.testing.assert_array_equal(layer.db, [2 * 3 * 3] * 2)
    net = nn.Sequential(nn.Conv2D(1, 2, 3), nn.Flatten())
    assert net.backward(np.ones_like(net.forward(images(2, 1, 5, 5), train=True))) is None
    assert not calls


def test_a_convolution_without_bias_has_none():
    layer = conv(2, 3, 2, bias=False)
    assert layer.shapes() == {"W": (3, 2, 2, 2)}
    np.testing.assert_array_equal(layer.forward(np.zeros((1, 2, 3, 3))), np.zeros((1, 3, 2, 2)))


def test_a_convolution_starts_from_he_and_a_bias_of_zero():
    layer = nn.Conv2D(20, 50, 5)
    net = nn.Sequential(layer)
    assert layer.W.var() == pytest.approx(2 / (20 * 5 * 5), rel=0.05)
    np.testing.assert_array_equal(layer.b, np.zeros(50))
    assert net.matrices == slice(0, layer.W.size)


def test_a_convolution_starts_from_the_initializer_it_is_given():
    layer = nn.Conv2D(2, 3, 1, init=lambda rng, shape, dtype: np.full(shape, 7, dtype))
    nn.Sequential(layer)
    np.testing.assert_array_equal(layer.W, np.full((3, 2, 1, 1), 7))


def test_shapes_are_told_as_soon_as_they_are_known():
    for layer in (nn.Conv2D(3, 4, 3), nn.MaxPool2D(2), nn.AvgPool2D(2), nn.GlobalAvgPool2D()):
        assert layer.input_shape is None
        assert layer.output_shape(None) is None
    net = nn.Sequential(nn.Conv2D(1, 8, 3), nn.MaxPool2D(2), nn.Conv2D(8, 16, 3, stride=2))
    assert net.shapes_after((1, 28, 20)) == [(8, 26, 18), (8, 13, 9), (16, 6, 4)]
    assert output_size((28, 20), 3, stride=2, padding=1) == (14, 10)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: nn.Conv2D(0, 2, 3), ValueError, "c_in: expected at least 1, got 0"),
        (lambda: nn.Conv2D(1, 2.0, 3), TypeError, r"c_out: expected a whole number, got 2\.0"),
        (lambda: nn.Conv2D(1, 2, 0), ValueError, "kernel_size: expected at least 1, got 0"),
        (lambda: nn.Conv2D(1, 2, (3, 3)), TypeError, r"kernel_size: .* whole .*, got \(3, 3\)"),
        (lambda: nn.Conv2D(1, 2, 3, stride=0), ValueError, "stride: expected at least 1, got 0"),
        (
            lambda: nn.Conv2D(1, 2, 3, padding=-1),
            ValueError,
            "padding: expected at least 0, got -1",
        ),
        (lambda: nn.Conv2D(1, 2, 3, padding="same"), TypeError, "padding: .* whole .* 'same'"),
        (
            lambda: nn.Conv2D(1, 2, 3, init="he"),
            TypeError,
            "init: expected a function .*, got 'he'",
        ),
        (lambda: nn.MaxPool2D(0), ValueError, "kernel_size: expected at least 1, got 0"),
        (lambda: nn.MaxPool2D(2, 0), ValueError, "stride: expected at least 1, got 0"),
        (lambda: nn.AvgPool2D(2.5), TypeError, r"kernel_size: expected a whole number, got 2\.5"),
        (lambda: nn.AvgPool2D(2, stride="2"), TypeError, "stride: expected a whole .*, got '2'"),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected_and_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            nn.Conv2D(1, 2, 5),
            (1, 3, 3),
            r"kernel_size: expected at most 3 for an image of 3×3 with padding 0, got 5: "
            r"use padding=1 or a smaller kernel",
        ),
        (
            nn.Conv2D(1, 2, 8, padding=1),
            (1, 9, 3),
            r"kernel_size: expected at most 5 for an image of 9×3 with padding 1, got 8: "
            r"use padding=3 or a smaller kernel",
        ),
        (
            nn.MaxPool2D(4),
            (1, 3, 9),
            r"kernel_size: expected at most 3 for an image of 3×9, got 4: use a smaller kernel",
        ),
        (
            nn.Conv2D(3, 2, 3),
            (1, 28, 28),
            r"c_in: expected images of shape \(3, h, w\), got examples of shape \(1, 28, 28\): "
            r"use c_in=1",
        ),
        (
            nn.Conv2D(3, 2, 3),
            (28, 28, 3),
            r"c_in: expected images of shape \(3, h, w\), got examples of shape \(28, 28, 3\): "
            r"move the channels to the front",
        ),
        (
            nn.Conv2D(3, 2, 3),
            (784,),
            r"expected images of shape \(3, h, w\), got examples of shape \(784,\): "
            r"put Reshape\(3, h, w\) first",
        ),
        (
            nn.GlobalAvgPool2D(),
            (28, 28),
            r"expected images of shape \(c, h, w\), got examples of shape \(28, 28\): "
            r"put Reshape\(c, h, w\) first",
        ),
        (
            nn.AvgPool2D(2),
            (28, 28),
            r"expected images of shape \(c, h, w\), got examples of shape \(28, 28\): "
            r"put Reshape\(c, h, w\) first",
        ),
    ],
)
def test_an_image_that_does_not_fit_is_told_what_would_and_nothing_changes(layer, shape, message):
    net = nn.Sequential(copy.deepcopy(layer))
    before = net.params.copy()
    with pytest.raises(ValueError, match=message):
        net.forward(np.ones((2, *shape)), train=True)
    np.testing.assert_array_equal(net.params, before)
    with pytest.raises(RuntimeError, match="came before forward"):
        net.backward(np.ones((2, 2, 1, 1)))


def test_the_padding_that_an_error_proposes_is_the_smallest_that_fits():
    for k in range(4, 9):
        with pytest.raises(ValueError, match="kernel_size") as error:
            output_size((3, 5), k, 1, 0)
        proposed = int(str(error.value).split("use padding=")[1].split()[0])
        assert min(output_size((3, 5), k, 1, proposed)) >= 1
        with pytest.raises(ValueError, match="kernel_size"):
            output_size((3, 5), k, 1, proposed - 1)


def test_windows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="kernel_size: expected at most 3 for an image of 3×3"):
        windows(X3, 4)


def test_a_small_network_of_convolutions_learns_to_read_digits():
    data = nn.load_digits(np.float32)
    net = nn.Sequential(
        nn.Reshape(1, 8, 8),
        nn.Conv2D(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Conv2D(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AvgPool2D(2),
        nn.Flatten(),
        nn.Dense(16 * 2 * 2, 10),
        rng=0,
        dtype=np.float32,
    )
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.005))
    model.fit(data.X_train, data.y_train, epochs=6)
    assert model.evaluate(data.X_test, data.y_test)["accuracy"] > 0.93


def test_a_layer_without_a_bias_says_that_it_has_none():
    net = nn.Sequential(nn.Conv2D(1, 2, 3, bias=False))
    with pytest.raises(AttributeError, match=r"Conv2D\(1, 2, 3, bias=False\) has no b"):
        net.layers[0].b  # noqa: B018


def test_windows_lie_side_by_side_unless_told_otherwise():
    assert output_size((7, 9), 3) == (5, 7)
