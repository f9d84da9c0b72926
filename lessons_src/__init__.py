"""Helper package that the pages of the book import, before they import Keras."""

import json
import os
from pathlib import Path

# TensorFlow's C++ side logs its start-up to stderr; its errors still reach Python as exceptions.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # what the pages use, whatever this machine prefers


def _keep_keras_defaults() -> None:
    """Undoes what this machine's `keras.json` changes: the pages' numbers rest on the defaults."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    try:
        found = json.loads((home / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # mostly there is none; of a bad one Keras itself complains
        return
    defaults = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
    if any(found.get(name, default) != default for name, default in defaults.items()):
        import keras  # takes seconds, so only where it is needed

        keras.config.set_floatx(defaults["floatx"])
        keras.config.set_epsilon(defaults["epsilon"])
        keras.config.set_image_data_format(defaults["image_data_format"])


_keep_keras_defaults()
