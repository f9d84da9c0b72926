"""Encoding, arguments and reports of `lessons_src.data`, compared with Keras' own functions."""

import hashlib
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lessons_src import data
from lessons_src.data import copies

REAL = os.environ.get("LESSONS_DATA_DIR")
needs_real_data = pytest.mark.skipif(not REAL, reason="LESSONS_DATA_DIR is not set")

ENCODINGS = [
    {},
    {"num_words": 20},
    {"num_words": 20, "skip_top": 6},
    {"skip_top": 9},
    {"seed": 7},
    {"start_char": None},
    {"num_words": 20, "oov_char": None},
    {"num_words": 20, "oov_char": None, "skip_top": 6},
    {"index_from": 0, "start_char": None},
    {"index_from": 10, "start_char": 9, "oov_char": 8},
    {"start_char": 99},
]


@pytest.fixture(autouse=True)
def isolated(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    monkeypatch.delenv("LESSONS_DATA_DIR", raising=False)


def ragged(rng, n_samples):
    texts = [rng.integers(1, 40, rng.integers(1, 12)).tolist() for _ in range(n_samples)]
    return np.fromiter(texts, dtype=object, count=n_samples)


@pytest.fixture
def synthetic(monkeypatch, tmp_path):
    """A folder with small data sets in Keras' format, which are accepted in place of Keras'."""
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "reuters.npz", x=ragged(rng, 57), y=rng.integers(0, 46, 57))
    halves = {"x_train": ragged(rng, 31), "x_test": ragged(rng, 23)}
    labels = {"y_train": rng.integers(0, 2, 31), "y_test": rng.integers(0, 2, 23)}
    np.savez(tmp_path / "imdb.npz", **halves, **labels)
    word_index = {f"word{rank}": rank for rank in range(1, 40)}
    for name, recipe in list(copies.RECIPES.items()):
        (tmp_path / f"{name}_word_index.json").write_text(json.dumps(word_index))
        hashes = {
            file: (hashlib.sha256((tmp_path / file).read_bytes()).hexdigest(),)
            for file in recipe.files
        }
        monkeypatch.setitem(copies.RECIPES, name, recipe._replace(files=hashes))
    monkeypatch.setenv("LESSONS_DATA_DIR", str(tmp_path))
    return tmp_path


def keras_module(monkeypatch, name, get_file):
    """Keras' module of a data set, with `get_file` in place of its download."""
    import keras

    public = getattr(keras.datasets, name)
    monkeypatch.setattr(sys.modules[public.load_data.__module__], "get_file", get_file)
    return public


def assert_same(ours, theirs):
    (x_train, y_train), (x_test, y_test) = theirs
    for x, x_keras in [(ours.x_train, x_train), (ours.x_test, x_test)]:
        assert x.dtype == object
        assert x.ndim == 1
        assert x.tolist() == [list(text) for text in x_keras]
    for y, y_keras in [(ours.y_train, y_train), (ours.y_test, y_test)]:
        assert y.dtype == np.int64
        np.testing.assert_array_equal(y, y_keras)


@pytest.mark.parametrize(
    "encoding", [*ENCODINGS, {"test_split": 0.35}, {"test_split": 0.9}], ids=str
)
def test_newswires_are_encoded_as_keras_encodes_them(monkeypatch, synthetic, encoding):
    path = synthetic / "reuters.npz"
    keras_reuters = keras_module(monkeypatch, "reuters", lambda *args, **kwargs: path)
    assert_same(data.load_reuters(**encoding), keras_reuters.load_data(**encoding))


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_reviews_are_encoded_as_keras_encodes_them(monkeypatch, synthetic, encoding):
    path = synthetic / "imdb.npz"
    keras_imdb = keras_module(monkeypatch, "imdb", lambda *args, **kwargs: path)
    assert_same(data.load_imdb(**encoding), keras_imdb.load_data(**encoding))


def test_texts_of_one_length_stay_a_list_of_lists(monkeypatch, synthetic):
    x = np.fromiter([[1, 2], [3, 4], [5, 6]], dtype=object, count=3)
    np.savez(synthetic / "reuters.npz", x=x, y=[0, 1, 2])
    sha256 = hashlib.sha256((synthetic / "reuters.npz").read_bytes()).hexdigest()
    monkeypatch.setitem(copies.RECIPES["reuters"].files, "reuters.npz", (sha256,))
    assert data.load_reuters(test_split=0.4).x_train.shape == (1,)


@pytest.mark.parametrize("name", ["reuters", "imdb"])
def test_files_and_hashes_are_those_that_keras_asks_for(monkeypatch, name):
    asked = {}

    def get_file(path=None, *, fname=None, origin, file_hash):
        asked[path or fname] = (origin, file_hash)
        raise FileNotFoundError

    module = keras_module(monkeypatch, name, get_file)
    for function in (module.load_data, module.get_word_index):
        with pytest.raises(FileNotFoundError):
            function()
    assert list(asked) == list(copies.RECIPES[name].files)
    assert {origin for origin, _ in asked.values()} == {copies.KERAS_ORIGIN + f for f in asked}
    assert asked[f"{name}.npz"][1] == copies.RECIPES[name].files[f"{name}.npz"][0]


@needs_real_data
@pytest.mark.parametrize(
    "encoding",
    [{}, {"num_words": 10_000}, {"num_words": 5_000, "skip_top": 20, "seed": 1, "test_split": 0.3}],
    ids=str,
)
def test_real_newswires_are_those_of_keras(monkeypatch, encoding):
    from keras.src.utils.file_utils import validate_file

    def get_file(path=None, *, fname=None, origin, file_hash):
        path = Path(REAL, path or fname)
        assert validate_file(path, file_hash), "Keras itself would refuse this file"
        return path

    monkeypatch.setenv("LESSONS_DATA_DIR", REAL)
    ours = data.load_reuters(**encoding)
    keras_reuters = keras_module(monkeypatch, "reuters", get_file)
    assert_same(ours, keras_reuters.load_data(**encoding))
    assert ours.word_index == keras_reuters.get_word_index()
    assert ours.class_names == keras_reuters.get_label_names()
    assert ours.n_classes == len({*ours.y_train, *ours.y_test})
    assert (ours.source, ours.differences) == ("directory", ())


@needs_real_data
def test_real_reviews_have_the_lengths_words_and_labels_of_keras_file(monkeypatch):
    monkeypatch.setenv("LESSONS_DATA_DIR", REAL)
    ours = data.load_imdb()
    assert np.mean([len(text) for text in ours.x_train]) == 238.71364
    assert np.mean([len(text) for text in ours.x_test]) == 230.8042
    for y in (ours.y_train, ours.y_test):
        assert np.bincount(y).tolist() == [12_500, 12_500]
    words = data.decode(ours.x_train[0], ours.word_index).split(" ")
    assert words[0] == "<start>"
    assert set(words[1:]) <= ours.word_index.keys()
    reordered = ours.sha256["imdb.npz"] == copies.IMDB_REORDERED
    assert [text.split(":")[0] for text in ours.differences] == ["order"] * reordered


def fingerprint(load):
    """A hash of all that a function gives: texts and labels in their order, words and topics."""
    digest = hashlib.sha256()
    for encoding in ({}, {"skip_top": 20, "num_words": 5_000}):
        given = load(**encoding)
        for x, y in ((given.x_train, given.y_train), given.open_test()):
            for part in ([len(text) for text in x], list(itertools.chain(*x)), y):
                digest.update(np.asarray(part, "<i8").tobytes())
        digest.update(json.dumps([given.word_index, given.class_names]).encode())
    return digest.hexdigest()[:16]


@needs_real_data
@pytest.mark.parametrize("name", data.GIVES)
def test_the_texts_are_those_that_the_pools_were_measured_on(monkeypatch, name):
    monkeypatch.setenv("LESSONS_DATA_DIR", REAL)
    if name == "load_imdb" and copies.locate("imdb").sha256["imdb.npz"] != copies.IMDB_REORDERED:
        pytest.skip("the pools were measured on the same reviews in another order")
    assert fingerprint(getattr(data, name)) == data.GIVES[name]


@pytest.mark.parametrize("load", [data.load_reuters, data.load_imdb])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_words": 0}, "num_words to be None or at least 1, got 0"),
        ({"num_words": -3}, "num_words to be None or at least 1, got -3"),
        ({"skip_top": -1}, "skip_top to be at least 0, got -1"),
        ({"num_words": 10, "skip_top": 10}, "skip_top below num_words=10, got 10"),
    ],
)
def test_limits_out_of_range_are_refused(load, arguments, message):
    with pytest.raises(ValueError, match=message):
        load(**arguments)


@pytest.mark.parametrize("test_split", [0, 1, -0.2, 1.5, float("nan")])
def test_a_split_must_leave_something_on_both_sides(test_split):
    with pytest.raises(ValueError, match=f"between 0 and 1, got {test_split}"):
        data.load_reuters(test_split=test_split)


def test_decoding_gives_the_words_and_names_of_marks():
    word_index = {"the": 1, "film": 2}
    assert data.decode([0, 1, 4, 2, 5], word_index) == "<pad> <start> the <oov> film"
    assert data.decode([11], word_index, index_from=10) == "the"
    assert data.decode([], word_index) == ""


@pytest.mark.parametrize("unknown", [3, 6, -1])
def test_decoding_refuses_an_id_that_stands_for_no_word(unknown):
    with pytest.raises(ValueError, match=f"got {unknown}"):
        data.decode([4, unknown], {"the": 1, "film": 2})


def test_preparing_tells_source_and_hashes_without_reading_the_arrays(monkeypatch, synthetic):
    monkeypatch.setattr(np, "load", lambda *args, **kwargs: pytest.fail("the file was read"))
    found = data.prepare()
    assert set(found) == {"reuters", "imdb"}
    for name, entry in found.items():
        expected = {f: accepted for f, (accepted,) in copies.RECIPES[name].files.items()}
        assert entry == {"source": "directory", "sha256": expected}


def test_command_prints_a_line_for_each_data_set(synthetic, capsys):
    assert data.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["reuters", "imdb"]
    assert data.main(["imdb"]) == 0
    assert capsys.readouterr().out.startswith("imdb: from directory, imdb.npz (sha256 ")


@pytest.mark.parametrize(
    ("name", "message"), [("reuters", "No copy of the reuters"), ("mnist", "got 'mnist'")]
)
def test_command_fails_with_one_message(capsys, name, message):
    assert data.main([name]) == 1
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""


def test_importing_the_module_does_not_import_keras():
    code = "import sys, lessons_src.data; sys.exit('keras' in sys.modules)"
    root = Path(data.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
