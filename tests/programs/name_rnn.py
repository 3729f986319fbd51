"""Classifying words with a character-level RNN written from linear layers, after PyTorch's tutorial."""
import random
import string

import torch
import torch.nn as nn

all_letters = string.ascii_lowercase
n_letters = len(all_letters)
all_categories = ["vowels", "consonants", "alternating"]


def make_word(category):
    vowels, others = "aeiou", "bcdfghklmnprst"
    n = random.randint(4, 8)
    if category == "vowels":
        return "".join(random.choice(vowels) for _ in range(n))
    if category == "consonants":
        return "".join(random.choice(others) for _ in range(n))
    return "".join(random.choice(vowels if i % 2 else others) for i in range(n))


def letterToIndex(letter):
    return all_letters.find(letter)


def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][letterToIndex(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
        output = self.softmax(self.h2o(hidden))
        return output, hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


def categoryFromOutput(output):
    top_n, top_i = output.topk(1)
    category_i = top_i[0].item()
    return all_categories[category_i], category_i


torch.manual_seed(0)
random.seed(0)
rnn = RNN(n_letters, 32, len(all_categories))
criterion = nn.NLLLoss()
learning_rate = 0.02


def train(category_tensor, line_tensor):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


for it in range(600):
    category = random.choice(all_categories)
    train(torch.tensor([all_categories.index(category)], dtype=torch.long), lineToTensor(make_word(category)))

confusion = torch.zeros(len(all_categories), len(all_categories))
with torch.no_grad():
    for i in range(150):
        category = random.choice(all_categories)
        hidden = rnn.initHidden()
        line = lineToTensor(make_word(category))
        for k in range(line.size()[0]):
            output, hidden = rnn(line[k], hidden)
        confusion[all_categories.index(category)][categoryFromOutput(output)[1]] += 1
for i in range(len(all_categories)):
    confusion[i] /= confusion[i].sum()
print("RESULT", confusion.diagonal().mean().item())
