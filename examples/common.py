"""What all examples share: their options, the digits they read, and how they say what they reached."""

import argparse
import math
import sys
from pathlib import Path

import tensorgrad as torch


def positive(text):
    """An argparse type: an integer of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def parser(doc, name, stated, mnist=False):
    """The options of every example; its docstring is the help text, runs/NAME the place of its pictures, `stated` the figure that it
    reaches with its defaults."""
    options = argparse.ArgumentParser(description=doc, epilog=f"Reached with the defaults: {stated}.",
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=0, help="seed of weights and batches (default 0)")
    options.add_argument("--threads", type=positive, help="threads to compute with (default: all CPUs)")
    options.add_argument("--out", metavar="DIR", type=Path, default=Path("runs") / name, help=f"for pictures (default runs/{name})")
    options.add_argument("--quick", action="store_true", help="a much shorter run, which only shows that it works")
    if mnist:
        options.add_argument("--mnist", metavar="DIR", help="use MNIST's 10,000 test images (idx files) instead of scikit-learn's "
                             "1,797 digits; the last 2,000 are the hold-out")
    return options


def start(options):
    """Apply --threads and --seed, make the folder of --out; returns it."""
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    return options.out


def digits(options):
    """(training images, labels), (test images, labels) of real handwritten digits; images float32 (N, 1, side, side) in [0, 1].

    A missing or damaged file ends the program with one line and exit code 2.
    """
    from tensorgrad.vision.datasets import MNIST, Digits

    try:
        if options.mnist is not None:
            x, y = MNIST(options.mnist, train=False).tensors()
            return (x[:8000], y[:8000]), (x[8000:], y[8000:])
        x, y = Digits().tensors()
    except (OSError, ValueError, ImportError) as error:
        print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
        sys.exit(2)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))  # the same hold-out for every --seed
    test, train = order[:len(y) // 5], order[len(y) // 5:]
    return (x[train], y[train]), (x[test], y[test])


def accuracy(model, images, labels):
    """The share of images whose most likely class is right."""
    model.eval()
    with torch.no_grad():
        right = sum(int((model(x).argmax(1) == y).sum()) for x, y in zip(images.split(500), labels.split(500), strict=True))
    return right / len(labels)


def epoch(model, optimizer, images, labels, size, generator=None):
    """Train a classifier for one pass over shuffled batches of that size; the mean loss."""
    total = 0.0
    for batch in torch.randperm(len(labels), generator=generator).split(size):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(labels)


def descend(model, optimizer, images, labels, steps):
    """Train a classifier on random batches of 100; the loss of each step."""
    losses = []
    for _ in range(steps):
        choice = torch.randint(0, len(labels), (100,))
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images[choice]), labels[choice])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def table(heads, rows):
    """Print a table: numbers with four digits after the point."""
    heads = [str(head) for head in heads]
    rows = [[f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, ["-" * w for w in widths], *rows]:
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())


def reached(name, value, stated, out):
    """The last line of an example: the figure it is judged by, and what it should be with the defaults."""
    print(f"{name} {value:.4g} ({stated}); pictures in {out}")


def text(options):
    """The text of --text: by default the one in ../shared/data/text, or this project's own documents where that is not there."""
    root = Path(__file__).resolve().parents[1]
    if options.text is not None:
        try:
            return options.text.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
            sys.exit(2)
    files = sorted((root.parent / "shared" / "data" / "text").glob("*.txt")) or [root / "README.md", root / "docs" / "architecture.md"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


class Characters:
    """A text as numbers: `ids`, one a character, and `decode` for the way back."""

    def __init__(self, text):
        self.letters = sorted(set(text))
        number = {letter: i for i, letter in enumerate(self.letters)}
        self.ids = torch.tensor([number[letter] for letter in text])

    def decode(self, ids):
        """The characters of a list of numbers."""
        return "".join(self.letters[i] for i in ids)

    def batch(self, part, length, size):
        """`size` random windows of `length` characters and, shifted by one, what follows each character."""
        starts = torch.randint(0, len(part) - length, (size,)).tolist()
        return (torch.stack([part[i:i + length] for i in starts]), torch.stack([part[i + 1:i + length + 1] for i in starts]))

    def loss(self, scores, ids, target):
        """What it costs, in nats a character, to tell the following characters `target` by the scores(ids)."""
        return torch.nn.functional.cross_entropy(scores(ids).flatten(0, 1), target.flatten())

    def learn(self, scores, parameters, optimizer, schedule, steps, length, size):
        """Train on batches of windows from the first nine tenths of the text; (the loss of each step, the loss on the last tenth)."""
        cut, losses = len(self.ids) * 9 // 10, []
        for step in range(1, steps + 1):
            optimizer.zero_grad()
            loss = self.loss(scores, *self.batch(self.ids[:cut], length, size))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            if step % max(steps // 8, 1) == 0:
                print(f"step {step:4d}   loss {losses[-1]:.4f}")
        with torch.no_grad():
            return losses, self.loss(scores, *self.batch(self.ids[cut:], length, 8 * size)).item()

    def draw(self, losses, path):
        """The curve of the losses, beside that of guessing."""
        from tensorgrad.training import plots

        figure, (axis,) = plots.new_figure()
        axis.plot(losses)
        axis.axhline(math.log(len(self.letters)), linestyle="--", color="gray", label="guessing")
        axis.set(xlabel="step", ylabel="loss (nats a character)")
        axis.legend()
        plots.save_figure(figure, path)
