"""A character-level LSTM learns to write like its text.

It reads windows of 64 characters, predicts the next one at each place, and afterwards writes by drawing from its own predictions.
"""

import sys
from pathlib import Path

import common

import tensorgrad as torch
from tensorgrad import nn

STATED = "at most 1.95 nats a character of the plays"


class CharRNN(nn.Module):
    """Embedding, LSTM, and a score for each letter that may follow."""

    def __init__(self, letters, hidden):
        super().__init__()
        self.embedding = nn.Embedding(letters, 32)
        self.lstm = nn.LSTM(32, hidden, batch_first=True)
        self.head = nn.Linear(hidden, letters)

    def forward(self, ids, state=None):
        y, state = self.lstm(self.embedding(ids), state)
        return self.head(y), state


@torch.no_grad()
def write(model, characters, count, temperature=0.8):
    """Let the model go on by itself from a line break."""
    ids, state, written = torch.tensor([[characters.letters.index("\n")]]), None, []
    for _ in range(count):
        scores, state = model(ids, state)
        ids = torch.multinomial((scores[:, -1] / temperature).softmax(-1), 1)
        written.append(ids.item())
    return characters.decode(written)


def main():
    parser = common.parser(__doc__, "char_rnn", STATED)
    parser.add_argument("--text", type=Path, metavar="FILE", help="what to learn from (default: ../shared/data/text, else the README)")
    parser.add_argument("--steps", type=common.positive, default=800, help="training steps of 32 windows (default 800)")
    options = parser.parse_args()
    out = common.start(options)
    characters = common.Characters(common.text(options))
    model = CharRNN(len(characters.letters), 128)
    steps = 30 if options.quick else options.steps
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses, final = characters.learn(lambda ids: model(ids)[0], model.parameters(), optimizer, schedule, steps, length=64, size=32)
    characters.draw(losses, out / "loss.png")
    print("-" * 60 + "\n" + write(model, characters, 300) + "\n" + "-" * 60)
    common.reached("loss on unseen text", final, STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
