"""A textbook's MNIST program: a multi-layer perceptron, with the names of old tutorials (Variable, volatile-free testing)."""
import argparse

import torch
import torch.nn as nn
from torch.autograd import Variable
from torchvision import datasets

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--epochs", type=int, default=2)
args = parser.parse_args()

input_size, hidden_size, num_classes, batch_size, learning_rate = 784, 100, 10, 50, 0.001

torch.manual_seed(1)
train_dataset = datasets.MNIST(root=args.data, train=False)
images = train_dataset.data[:2000].float() / 255
labels = train_dataset.targets[:2000]
train_loader = torch.utils.data.DataLoader(dataset=torch.utils.data.TensorDataset(images, labels), batch_size=batch_size, shuffle=True)


class Net(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        out = self.fc1(x)
        out = self.relu(out)
        out = self.fc2(out)
        return out


net = Net(input_size, hidden_size, num_classes)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)

for epoch in range(args.epochs):
    for i, (images, labels) in enumerate(train_loader):
        images = Variable(images.view(-1, 28 * 28))
        labels = Variable(labels)
        optimizer.zero_grad()
        outputs = net(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        if (i + 1) % 20 == 0:
            print("Epoch: [%d/%d], Step: [%d/%d], Loss: %.4f"
                  % (epoch + 1, args.epochs, i + 1, len(train_loader), loss.item()))

correct = 0
total = 0
for images, labels in train_loader:
    images = Variable(images.view(-1, 28 * 28))
    outputs = net(images)
    _, predicted = torch.max(outputs.data, 1)
    total += labels.size(0)
    correct += (predicted == labels).sum()
print("RESULT %.4f" % (100.0 * correct / total / 100))
