"""Plumbing of the regularization chapter: early stopping, plots, checks of exercises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lessons_src import exercises, plotting, training


class Stop(NamedTuple):
    """Where early stopping ends a training; epochs are counted from 1."""

    trained: int  # the last epoch that was trained
    best: int  # the epoch whose weights `restore_best_weights` brings back


def replay_early_stopping(losses: Sequence[float], patience: int) -> Stop:
    """Shows a recorded validation curve to Keras' own `EarlyStopping`.

    Args:
        losses: Validation loss after each epoch.
        patience: For how many epochs in a row it may fail to improve.
    """
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback = keras.callbacks.EarlyStopping(patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    for epoch, loss in enumerate(losses, start=1):
        callback.on_epoch_end(epoch - 1, {"val_loss": loss})
        if model.stop_training:
            break
    return Stop(epoch, callback.best_epoch + 1)


def plot_range(
    x: Sequence[float], values: np.ndarray, xlabel: str, ylabel: str, ax: Axes | None = None
) -> Axes:
    """Draws the mean of several runs against a size in thousands, with each run as a dot.

    Args:
        x: Shape (n_points,).
        values: Shape (n_runs, n_points).
        xlabel: What `x` is.
        ylabel: What the values are.
        ax: Axes to draw on; new ones by default.

    Returns:
        The axes.
    """
    if ax is None:
        _, ax = plotting.subplots()
    ax.plot(x, values.mean(axis=0), color=plotting.COLORS[0], label="mean")
    for number, run in enumerate(values, start=1):
        ax.plot(x, run, "o", color=plotting.COLORS[1], markersize=5, label=f"run {number}")
    ax.set_xscale("log")
    ax.set_xticks(x, [f"{place / 1000:.3g}k" for place in x])
    ax.minorticks_off()
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    return ax


def plot_panels(curves: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Draws training and validation loss of three models, and all validation losses together.

    Args:
        curves: Name of the model to its `train_loss` and `val_loss`, (n_runs, n_epochs) each.

    Returns:
        A figure of two by two panels.

    Raises:
        ValueError: There are not three models.
    """
    if len(curves) != 3:
        raise ValueError(f"expected three models, got {list(curves)}")
    figure, _ = plotting.subplots(width=6.8, height=6)
    figure.clf()
    axes = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
    for ax, (name, of_model) in zip(axes, curves.items(), strict=False):
        both = {"training": of_model["train_loss"], "validation": of_model["val_loss"]}
        plotting.learning_curves(both, ylabel="Cross-entropy", ax=ax)
        ax.set_title(name)
    validation = {name: of_model["val_loss"] for name, of_model in curves.items()}
    plotting.learning_curves(validation, ylabel="Cross-entropy", ax=axes[3])
    axes[3].set_title("validation, all three")
    for ax in axes:
        ax.grid(visible=True, alpha=0.3)
        ax.label_outer()
    return figure


# The exercises. Each check holds an independent way to the same result.


def _kernel() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(4, 3))


@exercises.reference
def _penalty(strength: float) -> float:
    return float(keras.regularizers.L2(strength)(_kernel()))


@exercises.checks("l2-gradient")
def _check_l2_gradient(answer: Callable[[np.ndarray, float], Any]) -> None:
    kernel = _kernel()
    for strength in (0.001, 0.3):
        penalty, gradient = answer(kernel.copy(), strength)
        exercises.expect_close(penalty, _penalty(strength), tolerance=1e-5)
        step, differences = 1e-5, np.zeros_like(kernel)
        for place in np.ndindex(*kernel.shape):
            moved = np.zeros_like(kernel)
            moved[place] = step
            above, below = answer(kernel + moved, strength)[0], answer(kernel - moved, strength)[0]
            differences[place] = (above - below) / (2 * step)
        exercises.expect_close(gradient, differences, tolerance=1e-6)


def _undropped() -> np.ndarray:
    return np.random.default_rng(0).uniform(1, 2, size=(300, 200))


@exercises.reference
def _dropped(rate: float) -> Any:  # noqa: ANN401
    """Of Keras' dropout the share of zeros, the mean, and by how much it scales what it keeps."""
    theirs = np.asarray(keras.layers.Dropout(rate, seed=0)(_undropped(), training=True))
    scales = (theirs / _undropped())[theirs != 0]
    return [np.mean(theirs == 0), theirs.mean(), scales.mean()]


@exercises.checks("inverted-dropout")
def _check_inverted_dropout(
    answer: Callable[[np.ndarray, float, np.random.Generator], np.ndarray],
) -> None:
    x = _undropped()
    for rate in (0.2, 0.5):
        share, mean, scale = _dropped(rate)
        rng = np.random.default_rng(1)
        ours, again = (np.asarray(answer(x.copy(), rate, rng)) for _ in range(2))
        if ours.shape != x.shape:
            raise exercises.wrong_shape(ours.shape, x.shape)
        exercises.expect_close(np.mean(ours == 0), share, tolerance=0.02)
        exercises.expect_close(ours.mean(), mean, tolerance=0.02)
        exercises.expect_close(ours[ours != 0], scale * x[ours != 0], tolerance=1e-5)
        if np.array_equal(ours == 0, again == 0):
            raise exercises.WrongAnswerError(
                "same-mask",
                en="every call should draw a new mask from rng",
                ko="부를 때마다 rng에서 마스크를 새로 뽑아야 합니다",
            )
        if np.mean(ours == 0, axis=0).max() > 0.9 or np.mean(ours == 0, axis=1).max() > 0.9:
            raise exercises.WrongAnswerError(
                "not-on-its-own",
                en="each value should be dropped on its own",
                ko="값마다 따로 0으로 만들지 정해야 합니다",
            )


@exercises.reference
def _replayed(losses: list[float], patience: int) -> Any:  # noqa: ANN401
    return replay_early_stopping(losses, patience)


@exercises.checks("early-stopping")
def _check_early_stopping(answer: Callable[[list[float], int], tuple[int, int]]) -> None:
    rng = np.random.default_rng(0)
    curves = [[3.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0], *rng.uniform(size=(20, 12)).round(1).tolist()]
    for losses in curves:
        for patience in (1, 2, 4):
            expected = tuple(_replayed(losses, patience))
            got = tuple(answer(list(losses), patience))
            if got != expected:
                raise exercises.WrongAnswerError(
                    "other-than-keras",
                    en=f"for {losses} with patience {patience} Keras says {expected}, got {got}",
                    ko=f"검증 손실이 {losses}, patience가 {patience}일 때 "
                    f"Keras의 답은 {expected}, 지금 답은 {got}입니다",
                )


class _Machine:
    """A clock, and work that moves it: most of it when the result is read, as with a GPU."""

    def __init__(self, seconds: Sequence[float]) -> None:
        self._now, self._waiting, self._runs = 100.0, 0.0, list(seconds)

    def clock(self) -> float:
        return self._now

    def work(self) -> _Machine:
        if not self._runs:
            raise exercises.WrongAnswerError(
                "too-many-runs",
                en="work is called more often than once and then n_runs times",
                ko="처음 한 번과 그 뒤 n_runs번보다 work를 더 많이 호출합니다",
            )
        whole = self._runs.pop(0)
        self._now, self._waiting = self._now + 0.1 * whole, 0.9 * whole
        return self

    def numpy(self) -> np.ndarray:
        self._now, self._waiting = self._now + self._waiting, 0.0
        return np.zeros(1)

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return self.numpy()


@exercises.checks("timing")
def _check_timing(answer: Callable[..., tuple[float, float]]) -> None:
    # The first run is slow, because it compiles, and one other, because something else ran, too.
    for seconds in ([5.0, 1.0, 1.2, 9.0, 1.1, 1.3], [0.5, 2.0, 2.5, 2.0, 30.0]):
        machine = _Machine(seconds)
        got = answer(machine.work, machine.clock, len(seconds) - 1)
        exercises.expect_close(got, [seconds[0], np.median(seconds[1:])], tolerance=1e-9)


def _start_and_gradients() -> np.ndarray:
    """Five weights before the first step, then the gradients of five steps."""
    return np.random.default_rng(0).normal(size=(6, 5))


@exercises.reference
def _adamw_steps() -> Any:  # noqa: ANN401
    start, *gradients = _start_and_gradients().astype("float32")
    weights, steps = keras.Variable(start), []
    optimizer = keras.optimizers.AdamW(0.02, weight_decay=0.5)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weights])
        steps.append(weights.numpy().copy())
    return steps


@exercises.checks("decoupled-adam")
def _check_decoupled_adam(answer: Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    w, *gradients = _start_and_gradients()
    m, v = np.zeros(5), np.zeros(5)
    for step, (gradient, theirs) in enumerate(zip(gradients, _adamw_steps(), strict=True), start=1):
        w, m, v = answer(w, gradient, m, v, step, 0.02, 0.5)
        exercises.expect_close(w, theirs, tolerance=1e-4)


def _noisy(seed: int, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples of 60 features, of which 10 decide the label together with much noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_samples, 60))
    signs = np.random.default_rng(7).choice([-1, 1], 10)
    return x, (x[:, :10] @ signs + rng.normal(0, 2, n_samples) > 0).astype(int)


def remedied_losses(units: int, l1: float, l2: float, dropout: float) -> np.ndarray:
    """Trains the network of the exercise "remedies" on a small, noisy data set.

    Args:
        units: Units of its one hidden layer.
        l1: Factor of the L1 penalty on that layer's kernel.
        l2: Factor of the L2 penalty.
        dropout: Dropout rate behind that layer, from 0 up to but without 1.

    Returns:
        Validation loss without penalties, shape (n_seeds, n_epochs).
    """

    def build() -> keras.Model:
        penalty = keras.regularizers.L1L2(l1, l2)
        layers = [
            keras.layers.Dense(units, "relu", kernel_regularizer=penalty),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(1, "sigmoid"),
        ]
        model = keras.Sequential([keras.Input((60,)), *layers])
        model.compile(keras.optimizers.RMSprop(0.01), "binary_crossentropy")
        return model

    runs = training.train_over_seeds(
        build, _noisy(0, 300), _noisy(1, 1000), seeds=[0, 1, 2], epochs=30, batch_size=50
    )
    return training.curves(runs, "val_loss")


@exercises.checks("remedies")
def _check_remedies(answer: Mapping[str, Any]) -> None:
    wanted = {"units", "l1", "l2", "dropout"}
    if set(answer) != wanted:
        raise exercises.WrongAnswerError(
            "other-names",
            en=f"expected {sorted(wanted)}, got {sorted(answer)}",
            ko=f"있어야 할 이름: {sorted(wanted)}, 지금 있는 이름: {sorted(answer)}",
        )
    plain = remedied_losses(64, 0.0, 0.0, 0.0)
    yours = remedied_losses(**answer)[:, -1].mean()
    best, last = plain.mean(axis=0).min(), plain[:, -1].mean()
    if not yours <= best:  # a loss that is no number fails too
        raise exercises.WrongAnswerError(
            "not-low-enough",
            en=f"your last epoch has {yours:.3f}; "
            f"without remedies the best epoch has {best:.3f} and the last {last:.3f}",
            ko=f"마지막 에포크의 손실이 {yours:.3f}입니다. "
            f"처방이 없을 때는 가장 좋은 에포크가 {best:.3f}, 마지막 에포크가 {last:.3f}입니다",
        )
