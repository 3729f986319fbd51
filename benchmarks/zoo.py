"""The models of the cases, written once against PyTorch's API: each function takes the module and makes a model."""

from itertools import pairwise


def mlp(torch, *sizes, activation="ReLU"):
    layers = []
    for a, b in pairwise(sizes):
        layers += [torch.nn.Linear(a, b), getattr(torch.nn, activation)()]
    return torch.nn.Sequential(*layers[:-1])


def small_cnn(torch):
    """28 x 28: two 5 x 5 convolutions and a linear layer."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10))


def lenet(torch):
    """LeCun et al. 1998, 32 x 32."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))


def alexnet(torch):
    """Krizhevsky et al. 2012 in one piece, 227 x 227."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(96, 256, 5, padding=2), nn.ReLU(),
        nn.MaxPool2d(3, 2), nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten(), nn.Dropout(),
        nn.Linear(256 * 6 * 6, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000))


def vgg16(torch):
    """Simonyan and Zisserman 2014, 224 x 224."""
    nn = torch.nn
    layers, c = [], 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if width:
            layers += [nn.Conv2d(c, width, 3, padding=1), nn.ReLU()]
            c = width
        else:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(),
                         nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000))


def residual_block(torch, c_in, c_out, stride):
    """He et al. 2015, the basic block."""
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out)
            self.conv2, self.bn2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out)
            self.short = nn.Sequential()
            if stride != 1 or c_in != c_out:
                self.short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

        def forward(self, x):
            y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
            return (y + self.short(x)).relu()
    return Block()


def resnet18(torch):
    """He et al. 2015, 224 x 224."""
    nn = torch.nn
    layers, c = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for width, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [residual_block(torch, c, width, stride), residual_block(torch, width, width, 1)]
        c = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def resnet20(torch):
    """He et al. 2015, section 4.2: CIFAR, 32 x 32."""
    nn = torch.nn
    layers, c = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for width, stride in ((16, 1), (32, 2), (64, 2)):
        for i in range(3):
            layers.append(residual_block(torch, c, width, 1 if i else stride))
            c = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def tagger(torch, kind, inputs, hidden, classes):
    """One recurrent layer (LSTM, GRU or RNN) over a sequence and a linear layer on its last output."""
    nn = torch.nn

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.head = getattr(nn, kind)(inputs, hidden, batch_first=True), nn.Linear(hidden, classes)

        def forward(self, x):
            return self.head(self.layer(x)[0][:, -1])
    return Tagger()


def cell_tagger(torch, inputs, hidden, classes):
    """The same of an LSTMCell, called once a step."""
    nn = torch.nn

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.head = nn.LSTMCell(inputs, hidden), nn.Linear(hidden, classes)

        def forward(self, x):
            state = None
            for step in x.unbind(1):
                state = self.cell(step, state)
            return self.head(state[0])
    return Tagger()


def gpt(torch, words, length, width, heads, depth):
    """Radford et al. 2019: a decoder-only transformer with learned positions."""
    nn, F = torch.nn, torch.nn.functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.wide, self.back = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x):
            n, t, c = x.shape
            q, k, v = (z.reshape(n, t, heads, c // heads).transpose(1, 2) for z in self.qkv(self.norm1(x)).chunk(3, -1))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(n, t, c))
            return x + self.back(F.gelu(self.wide(self.norm2(x))))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.places = nn.Embedding(words, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(depth)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words)

        def forward(self, at):
            x = self.words(at) + self.places(torch.arange(at.shape[1]))
            return self.head(self.norm(self.blocks(x))).flatten(0, 1)
    return GPT()
