"""What one would write in PyTorch, on the CPU: `python -m benchmarks.sides.torch_today NAME`."""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import nn

from benchmarks.sides import common


def _bags(half: common.Texts) -> list[np.ndarray]:
    return [np.unique(words) for words in half.lists()]  # a word counts once


def _batch(bags: list[np.ndarray], rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """The words of some texts one after the other, and where each text begins."""
    chosen = [bags[row] for row in rows]
    begins = np.cumsum([0, *map(len, chosen[:-1])])
    return torch.from_numpy(np.concatenate(chosen)), torch.from_numpy(begins).int()


class Topics(nn.Module):
    """128-128-46, the first layer a sum of the rows of a text's words."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        given = [torch.from_numpy(weights[f"w{number}"]) for number in range(6)]
        self.first = nn.EmbeddingBag.from_pretrained(given[0], freeze=False, mode="sum")
        self.bias = nn.Parameter(given[1])
        self.second, self.last = nn.Linear(128, 128), nn.Linear(128, 46)
        for layer, weight, bias in ((self.second, *given[2:4]), (self.last, *given[4:])):
            layer.weight.data, layer.bias.data = weight.T.contiguous(), bias

    def forward(self, words: torch.Tensor, begins: torch.Tensor) -> torch.Tensor:
        """Scores, shape (n_samples, 46)."""
        hidden = torch.relu(self.first(words, begins) + self.bias)
        return self.last(torch.relu(self.second(hidden)))


def reuters() -> None:
    """Newswires, 128-128-46."""
    (train, test), begun = common.texts("reuters"), common.start("reuters")
    bags, test_bags = _bags(train), _bags(test)
    labels, test_labels = torch.from_numpy(train.labels), torch.from_numpy(test.labels)
    model, loss_of = Topics(begun), nn.CrossEntropyLoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-15)
    stamps, losses, val_losses = common.Stamps(), [], []
    for _ in range(common.EPOCHS["reuters"]):
        total = 0.0
        for rows in np.split(begun["order"], range(512, len(bags), 512)):
            optimizer.zero_grad()
            loss = loss_of(model(*_batch(bags, rows)), labels[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(bags))
        with torch.inference_mode():
            scores = model(*_batch(test_bags, np.arange(len(test_bags))))
            val_losses.append(loss_of(scores, test_labels).item())
        stamps.epoch()
    common.tell(**stamps.numbers(), losses=losses, val_losses=val_losses)


class Recurrent(nn.Module):
    """`nn.RNN` on one-hot rows, and one score."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        w1h, w1x, b1, w2, b2 = (torch.from_numpy(weights[f"w{number}"]) for number in range(5))
        self.n_words, n_units = w1x.shape
        self.cell = cell = nn.RNN(self.n_words, n_units, batch_first=True)
        cell.weight_hh_l0.data, cell.weight_ih_l0.data = w1h.T.contiguous(), w1x.T.contiguous()
        cell.bias_ih_l0.data, cell.bias_hh_l0.data = b1, torch.zeros(n_units)
        cell.bias_hh_l0.requires_grad_(False)  # PyTorch has two biases where one would do
        self.output = nn.Linear(n_units, 1)
        self.output.weight.data, self.output.bias.data = w2.T.contiguous(), b2

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Scores, shape (n_samples,)."""
        one_hot = nn.functional.one_hot(ids.long(), self.n_words).float()
        return self.output(self.cell(one_hot)[0][:, -1])[:, 0]


def rnn() -> None:
    """The recurrent network, all the way back."""
    (train, validation), begun = common.texts("rnn"), common.start("rnn")
    ids, val_ids = torch.from_numpy(train.words), torch.from_numpy(validation.words)
    labels = torch.from_numpy(train.labels).float()
    val_labels = torch.from_numpy(validation.labels).float()
    model, loss_of = Recurrent(begun), nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.01)
    stamps, losses, val_losses = common.Stamps(), [], []
    for order in begun["order"]:
        found = []
        for rows in np.split(order, range(32, len(order), 32)):
            optimizer.zero_grad()
            loss = loss_of(model(ids[rows]), labels[rows])
            loss.backward()
            optimizer.step()
            found.append(loss.item())
        losses.append(float(np.mean(found)))
        with torch.inference_mode():
            scores = torch.cat([model(part) for part in val_ids.split(250)])
            val_losses.append(loss_of(scores, val_labels).item())
        stamps.epoch()
    common.tell(**stamps.numbers(), losses=losses, val_losses=val_losses)


def main(name: str) -> None:
    """Does the work of one case."""
    {"reuters": reuters, "rnn": rnn}[name]()


if __name__ == "__main__":
    main(sys.argv[1])
