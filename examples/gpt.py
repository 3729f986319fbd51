"""A small GPT: blocks of causal self-attention and MLPs learn to write like their text.

Source: Radford et al., "Language models are unsupervised multitask learners", 2019 (GPT-2), in small.
"""

import sys
from pathlib import Path

import common

import tensorgrad as torch
from tensorgrad import nn
from tensorgrad.nn import functional as F

STATED = "at most 2.0 nats a character of the plays"


class Attention(nn.Module):
    """Causal self-attention of several heads: softmax(q k' / sqrt(d)) v, each place seeing those before it."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = (part.view(n, t, self.heads, width // self.heads).transpose(1, 2) for part in self.qkv(x).split(width, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(n, t, width))


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    """Token and place embeddings, blocks, a last norm, and the token embedding again as the output layer."""

    def __init__(self, letters, width=128, heads=4, blocks=4, length=64):
        super().__init__()
        self.length = length
        self.tokens, self.places = nn.Embedding(letters, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width)
        for p in (self.tokens.weight, self.places.weight):
            nn.init.normal_(p, std=0.02)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        return F.linear(self.norm(self.blocks(x)), self.tokens.weight)


@torch.no_grad()
def write(model, characters, count, temperature=0.8):
    """Let the model go on by itself from a line break."""
    ids = torch.tensor([[characters.letters.index("\n")]])
    for _ in range(count):
        scores = model(ids[:, -model.length:])[:, -1]
        ids = torch.cat([ids, torch.multinomial((scores / temperature).softmax(-1), 1)], 1)
    return characters.decode(ids[0, 1:].tolist())


def main():
    parser = common.parser(__doc__, "gpt", STATED)
    parser.add_argument("--text", type=Path, metavar="FILE", help="what to learn from (default: ../shared/data/text, else the README)")
    parser.add_argument("--steps", type=common.positive, default=1000, help="training steps of 16 windows (default 1000)")
    options = parser.parse_args()
    out = common.start(options)
    characters = common.Characters(common.text(options))
    model = GPT(len(characters.letters), blocks=2 if options.quick else 4)
    steps = 15 if options.quick else options.steps
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.95))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=2e-3, total_steps=steps, pct_start=0.1)
    losses, final = characters.learn(model, model.parameters(), optimizer, schedule, steps, length=model.length, size=16)
    characters.draw(losses, out / "loss.png")
    print("-" * 60 + "\n" + write(model, characters, 60 if options.quick else 300) + "\n" + "-" * 60)
    common.reached("loss on unseen text", final, STATED, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
