"""A training step of cratedigger's networks and of PyTorch's same ones, in turns. Needs torch.

    cargo build --release -p cratedigger-deep --example step
    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE python benches/deep_peer.py target/release/examples/step [NETWORK…]

Network, batch (32 excerpts), input (128 frames of 96 bands; `lstm`: 256 of 74), optimiser and number of threads are the same. In each
turn both take twelve steps, of which the quickest counts; told are the medians over the turns, of the ratio too.
"""
import statistics
import subprocess
import sys
import time

import torch
from torch import nn

TURNS = 9


class Net(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        widths, blocks = [1, 16, 32, 64, 64], []
        # crnn: the first two blocks halve frames and bands, the others take maxima of three bands
        pools = [(2, 2)] * 4 if kind == "cnn" else [(2, 2), (2, 2), (1, 3), (1, 3)]
        for inputs, outputs, pool in zip(widths, widths[1:], pools):
            blocks += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(pool)]
        self.convs = nn.Sequential(*blocks)
        self.rnn = {"cnn": None, "crnn": nn.GRU(64 * 2, 64, batch_first=True), "lstm": nn.LSTM(74, 64, batch_first=True)}[kind]
        self.out = nn.Linear(128, 8)

    def forward(self, x):
        if self.kind != "lstm":
            x = self.convs(x)
        if self.rnn is not None:
            n, c, t, f = x.shape
            x, _ = self.rnn(x.permute(0, 2, 1, 3).reshape(n, t, c * f))
            return self.out(torch.cat([x.mean(1), x.amax(1)], 1))
        return self.out(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))


def peer(kind, threads):
    torch.set_num_threads(threads)
    net, loss = Net(kind), nn.CrossEntropyLoss()
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3)
    x = torch.randn(32, 1, 256, 74) if kind == "lstm" else torch.randn(32, 1, 128, 96)
    y = torch.arange(32) % 8
    best = 1e9
    for _ in range(12):
        start = time.perf_counter()
        optimiser.zero_grad()
        loss(net(x), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        best = min(best, time.perf_counter() - start)
    return best


def main():
    step = sys.argv[1]
    print("torch", torch.__version__)
    for kind in sys.argv[2:] or ["cnn", "crnn", "lstm"]:
        for threads in [1, 2]:
            ours, theirs = [], []
            for _ in range(TURNS):
                ours.append(float(subprocess.run([step, kind, str(threads)], check=True, capture_output=True, text=True).stdout))
                theirs.append(peer(kind, threads))
            ratios = [our / their for our, their in zip(ours, theirs)]
            print(f"{kind} {threads} threads: {statistics.median(ours):.4f} s, PyTorch {statistics.median(theirs):.4f} s, "
                  f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}; of the quickest {min(ours) / min(theirs):.2f})",
                  flush=True)
    clip = subprocess.run([step, "clip", "1"], check=True, capture_output=True, text=True).stdout.strip()
    print(f"inference of 30 s by the default cnn, 1 thread: {clip} s")


main()
