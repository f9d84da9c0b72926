"""Plumbing of the chapter on LSTM and GRU: the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable

import keras

from lessons_src import exercises


@exercises.checks("rnn-parameters")
def _check_parameters(answer: Callable[[str, int, int], int]) -> None:
    layers = {"simple": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
    for kind, layer in layers.items():
        for n_inputs, n_units in ((3, 5), (16, 32)):
            built = layer(n_units)
            built.build((None, None, n_inputs))
            exercises.expect_close(answer(kind, n_inputs, n_units), built.count_params())
