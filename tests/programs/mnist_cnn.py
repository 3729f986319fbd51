"""A textbook's MNIST CNN: two blocks of convolution, batch norm, ReLU and pooling."""
import argparse

import torch
import torch.nn as nn
import torchvision.datasets as dsets
from torch.utils.data import DataLoader, Subset

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
args = parser.parse_args()

torch.manual_seed(0)
mnist = dsets.MNIST(root=args.data, train=False)
loader = DataLoader(Subset(mnist, range(600)), batch_size=50, shuffle=True,
                    collate_fn=lambda batch: (torch.stack([torch.as_tensor(image).float().reshape(1, 28, 28) for image, _ in batch]),
                                              torch.tensor([label for _, label in batch])))


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.layer1 = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5, padding=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2))
        self.layer2 = nn.Sequential(
            nn.Conv2d(16, 32, kernel_size=5, padding=2),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2))
        self.fc = nn.Linear(7 * 7 * 32, 10)

    def forward(self, x):
        out = self.layer1(x)
        out = self.layer2(out)
        out = out.view(out.size(0), -1)
        out = self.fc(out)
        return out


cnn = CNN()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(cnn.parameters(), lr=0.001)
for epoch in range(4):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(cnn(images), labels)
        loss.backward()
        optimizer.step()
cnn.eval()
correct = total = 0
with torch.no_grad():
    for images, labels in loader:
        _, predicted = torch.max(cnn(images), 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
torch.save(cnn.state_dict(), "cnn.pkl")
cnn.load_state_dict(torch.load("cnn.pkl"))
print("RESULT", correct / total)
