"""What one would write today in JAX, on the CPU: `python -m benchmarks.sides.jax_today NAME`."""

from __future__ import annotations

import functools
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.sides import common


def _bags(half: common.Texts) -> list[np.ndarray]:
    return [np.unique(words) for words in half.lists()]  # a word counts once


def _batch(bags: list[np.ndarray], rows: np.ndarray, n_words: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and word of each 1, filled up to one length, so that XLA compiles one program."""
    chosen = [bags[row] for row in rows]
    words, texts = np.full(n_words, common.N_WORDS), np.zeros(n_words, "int32")
    found = np.concatenate(chosen)
    words[: len(found)] = found
    texts[: len(found)] = np.repeat(np.arange(len(chosen)), list(map(len, chosen)))
    return texts, words


@functools.partial(jax.jit, static_argnames="n_texts")
def _topics(weights: list, texts: jax.Array, words: jax.Array, n_texts: int) -> jax.Array:
    multi_hot = jnp.zeros((n_texts, common.N_WORDS)).at[texts, words].set(1.0, mode="drop")
    hidden = jax.nn.relu(multi_hot @ weights[0] + weights[1])
    return jax.nn.relu(hidden @ weights[2] + weights[3]) @ weights[4] + weights[5]


def _cross_entropy(scores: jax.Array, labels: jax.Array) -> jax.Array:
    return -jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=1).mean()


@functools.partial(jax.jit, donate_argnums=(0, 1))
def _rmsprop(weights: list, squares: list, texts: Any, words: Any, labels: Any) -> Any:  # noqa: ANN401
    def loss_of(weights: list) -> jax.Array:
        return _cross_entropy(_topics(weights, texts, words, len(labels)), labels)

    loss, gradients = jax.value_and_grad(loss_of)(weights)
    squares = [0.9 * v + 0.1 * g**2 for v, g in zip(squares, gradients, strict=True)]
    steps = zip(weights, gradients, squares, strict=True)
    return [w - 1e-3 * g / (jnp.sqrt(v) + 1e-15) for w, g, v in steps], squares, loss


def reuters() -> None:
    """Newswires, 128-128-46."""
    (train, test), begun = common.texts("reuters"), common.start("reuters")
    bags, test_bags = _bags(train), _bags(test)
    weights = [jnp.asarray(begun[f"w{number}"]) for number in range(6)]
    squares = [jnp.zeros_like(weight) for weight in weights]
    batches = np.split(begun["order"], range(512, len(bags), 512))
    most = max(sum(len(bags[row]) for row in rows) for rows in batches)
    n_test = sum(map(len, test_bags))
    stamps, losses, val_losses = common.Stamps(), [], []
    for _ in range(common.EPOCHS["reuters"]):
        total = 0.0
        for rows in batches:
            texts, words = _batch(bags, rows, most)
            weights, squares, loss = _rmsprop(weights, squares, texts, words, train.labels[rows])
            total += float(loss) * len(rows)
        losses.append(total / len(bags))
        given = _batch(test_bags, np.arange(len(test_bags)), n_test)
        scores = _topics(weights, *given, len(test_bags))
        val_losses.append(float(_cross_entropy(scores, test.labels)))
        stamps.epoch()
    common.tell(**stamps.numbers(), losses=losses, val_losses=val_losses)


@jax.jit
def _scores(weights: list, ids: jax.Array) -> jax.Array:
    w1h, w1x, b1, w2, b2 = weights

    def step(h: jax.Array, words: jax.Array) -> tuple[jax.Array, None]:
        return jnp.tanh(w1x[words] + h @ w1h + b1), None

    last, _ = jax.lax.scan(step, jnp.zeros((len(ids), len(w1h))), ids.T)
    return (last @ w2 + b2)[:, 0]


@jax.jit
def _binary(weights: list, ids: jax.Array, y: jax.Array) -> jax.Array:
    z = _scores(weights, ids)
    return (jnp.logaddexp(0, z) - y * z).mean()


@functools.partial(jax.jit, donate_argnums=0)
def _descend(weights: list, ids: jax.Array, y: jax.Array) -> tuple[list, jax.Array]:
    loss, gradients = jax.value_and_grad(_binary)(weights, ids, y)
    return [w - 0.01 * g for w, g in zip(weights, gradients, strict=True)], loss


def rnn() -> None:
    """The recurrent network, all the way back."""
    (train, validation), begun = common.texts("rnn"), common.start("rnn")
    weights = [jnp.asarray(begun[f"w{number}"]) for number in range(5)]
    stamps, losses, val_losses = common.Stamps(), [], []
    for order in begun["order"]:
        found = []
        for rows in np.split(order, range(32, len(order), 32)):
            weights, loss = _descend(weights, train.words[rows], train.labels[rows])
            found.append(loss)
        losses.append(float(np.mean(found)))
        val_losses.append(float(_binary(weights, validation.words, validation.labels)))
        stamps.epoch()
    common.tell(**stamps.numbers(), losses=losses, val_losses=val_losses)


def main(name: str) -> None:
    """Does the work of one case."""
    {"reuters": reuters, "rnn": rnn}[name]()


if __name__ == "__main__":
    main(sys.argv[1])
