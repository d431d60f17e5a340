"""Who a sharp network has to please: it tells sharp pictures from made ones, patch by patch (hinge loss)."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

# How much its word counts beside a mean difference of 1.
HEED = 0.004
# It is shown a part of each crop: it costs three times what the network does.
SEEN = 96
# The part of the training after which it is heard; it learns alone from a little before.
HEARD, LEARNS = 0.3, 0.26


class Judging(nn.Module):
    """Of differences from the neighbourhood, not of colours: those are the other loss's."""

    def __init__(self, width=32):
        super().__init__()
        layers, before = [], 3
        for after, stride in ((width, 1), (2 * width, 2), (2 * width, 1), (3 * width, 2)):
            layers += [spectral_norm(nn.Conv2d(before, after, 3, stride, 1)), nn.LeakyReLU(0.2)]
            before = after
        self.body = nn.Sequential(*layers, spectral_norm(nn.Conv2d(before, 1, 3, 1, 1)))

    def forward(self, x):
        return self.body(x - F.avg_pool2d(x, 9, 1, 4)).float()


class Critic:
    def __init__(self, rate):
        self.network = Judging().to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=rate, betas=(0.5, 0.99))

    def displeasure(self, made, wanted, part):
        """Learns from both, and says what is wrong with `made`; nothing while it is not heard yet."""
        if part < LEARNS:
            return 0.0
        y, x = (torch.randint(side - SEEN + 1, ()).item() for side in made.shape[2:])
        made, wanted = (pictures[:, :, y : y + SEEN, x : x + SEEN] for pictures in (made, wanted))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            told_apart = F.relu(1 - self.network(wanted)).mean() + F.relu(1 + self.network(made.detach())).mean()
        self.optimizer.zero_grad(set_to_none=True)
        told_apart.backward()
        self.optimizer.step()
        if part < HEARD:
            return 0.0
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return -HEED * self.network(made).mean()

    def state_dict(self):
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state):
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
