"""Predicting sine waves by LSTM cells and L-BFGS, from PyTorch's examples."""
import math

import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(0)
T, L, N = 20, 60, 8
x = torch.arange(L).double().unsqueeze(0) + torch.randint(-4 * T, 4 * T, (N, 1)).double()
data = torch.sin(x / 1.0 / T * math.pi)


class Sequence(nn.Module):
    def __init__(self):
        super(Sequence, self).__init__()
        self.lstm1 = nn.LSTMCell(1, 17)
        self.lstm2 = nn.LSTMCell(17, 17)
        self.linear = nn.Linear(17, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 17, dtype=torch.double)
        c_t = torch.zeros(input.size(0), 17, dtype=torch.double)
        h_t2 = torch.zeros(input.size(0), 17, dtype=torch.double)
        c_t2 = torch.zeros(input.size(0), 17, dtype=torch.double)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        for i in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        outputs = torch.cat(outputs, dim=1)
        return outputs


input, target = data[2:, :-1], data[2:, 1:]
seq = Sequence()
seq.double()
criterion = nn.MSELoss()
optimizer = optim.LBFGS(seq.parameters(), lr=0.8, max_iter=10)
for i in range(4):
    def closure():
        optimizer.zero_grad()
        out = seq(input)
        loss = criterion(out, target)
        loss.backward()
        return loss
    loss = optimizer.step(closure)
with torch.no_grad():
    pred = seq(data[:2, :-1], future=20)
    y = pred.detach().numpy()
assert y.shape == (2, L - 1 + 20)
print("RESULT", criterion(seq(input), target).item())
