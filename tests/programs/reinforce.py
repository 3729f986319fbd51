"""REINFORCE from PyTorch's examples, in a world of its own: walk to the right end of a corridor."""
from collections import deque

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical


class Corridor:
    def reset(self):
        self.place = 3
        return self.state()

    def state(self):
        state = torch.zeros(7)
        state[self.place] = 1
        return state

    def step(self, action):
        self.place += 1 if action == 1 else -1
        done = self.place in (0, 6)
        return self.state(), (1.0 if self.place == 6 else 0.0), done


class Policy(nn.Module):
    def __init__(self):
        super(Policy, self).__init__()
        self.affine1 = nn.Linear(7, 32)
        self.dropout = nn.Dropout(p=0.1)
        self.affine2 = nn.Linear(32, 2)
        self.saved_log_probs = []
        self.rewards = []

    def forward(self, x):
        x = self.affine1(x)
        x = self.dropout(x)
        x = F.relu(x)
        action_scores = self.affine2(x)
        return F.softmax(action_scores, dim=1)


torch.manual_seed(543)
env, policy = Corridor(), Policy()
optimizer = optim.Adam(policy.parameters(), lr=1e-2)
eps = 1e-8


def select_action(state):
    probs = policy(state.float().unsqueeze(0))
    m = Categorical(probs)
    action = m.sample()
    policy.saved_log_probs.append(m.log_prob(action))
    return action.item()


def finish_episode():
    R = 0
    policy_loss = []
    returns = deque()
    for r in policy.rewards[::-1]:
        R = r + 0.99 * R
        returns.appendleft(R)
    returns = torch.tensor(returns)
    returns = returns - 0.4
    for log_prob, R in zip(policy.saved_log_probs, returns):
        policy_loss.append(-log_prob * R)
    optimizer.zero_grad()
    policy_loss = torch.cat(policy_loss).sum()
    policy_loss.backward()
    optimizer.step()
    del policy.rewards[:]
    del policy.saved_log_probs[:]


running = 0.5
for i_episode in range(150):
    state = env.reset()
    for t in range(100):
        action = select_action(state)
        state, reward, done = env.step(action)
        policy.rewards.append(reward)
        if done:
            break
    running = 0.05 * reward + 0.95 * running
    finish_episode()
print("RESULT", running)
