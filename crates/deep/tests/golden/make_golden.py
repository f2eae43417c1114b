"""Writes torch.json: what PyTorch makes of networks with given weights, and its gradients. Needs torch (its CPU build will do) and numpy.

    python crates/deep/tests/golden/make_golden.py

Weights and inputs are not in the file: both sides compute them by `numbers` below, exactly.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float32)
torch.set_num_threads(1)


def numbers(n, salt, scale):
    """Multiples of 1/512 between -1 and 1 without a pattern, times scale (a power of 2)."""
    k = np.arange(n, dtype=np.int64)
    return (((k * 7919 + salt * 104729 + k * k % 613) % 1013 - 506) / 512 * scale).astype(np.float32)


def conv(inputs, outputs, bias=False):
    return {"conv": {"inputs": inputs, "outputs": outputs, "bias": bias}}


def norm(channels, frames, bands):
    return {"norm-relu-pool": {"channels": channels, "frames": frames, "bands": bands}}


CASES = {
    "cnn": [conv(1, 4), norm(4, 2, 2), conv(4, 6), norm(6, 2, 2), {"summarise": "mean-max"},
            {"dense": {"inputs": 12, "outputs": 5}}, norm(5, 1, 1), {"dense": {"inputs": 5, "outputs": 3}}],
    "crnn": [conv(1, 4), norm(4, 2, 2), conv(4, 3), norm(3, 1, 2), {"gru": {"inputs": 9, "hidden": 5}},
             {"gru": {"inputs": 5, "hidden": 4}}, {"summarise": "mean-max"}, {"dense": {"inputs": 8, "outputs": 3}}],
    "lstm": [{"lstm": {"inputs": 12, "hidden": 6}}, {"lstm": {"inputs": 6, "hidden": 4}}, {"summarise": "mean"},
             {"dense": {"inputs": 4, "outputs": 3}}],
    "autoencoder": [conv(1, 4), norm(4, 2, 2), {"dense": {"inputs": 4, "outputs": 2}}, conv(2, 4), norm(4, 1, 1),
                    {"upsample": {"frames": 2, "bands": 2}}, conv(4, 1, True)],
}
N, T, BANDS = 5, 14, 12


def arrays_of(name, layer):
    """Names and shapes of a layer's parameters, then of what it remembers."""
    if name == "conv":
        shapes = [("weight", [3, 3, layer["inputs"], layer["outputs"]])]
        return shapes + ([("bias", [layer["outputs"]])] if layer["bias"] else []), []
    if name == "norm-relu-pool":
        c = [layer["channels"]]
        return [("weight", c), ("bias", c)], [("running_mean", c), ("running_var", c)]
    if name == "gru":
        i, h = layer["inputs"], layer["hidden"]
        return [("weight_input", [i, 3 * h]), ("weight_hidden", [h, 3 * h]), ("bias_input", [3 * h]), ("bias_hidden", [3 * h])], []
    if name == "lstm":
        i, h = layer["inputs"], layer["hidden"]
        return [("weight_input", [i, 4 * h]), ("weight_hidden", [h, 4 * h]), ("bias", [4 * h])], []
    if name == "dense":
        return [("weight", [layer["inputs"], layer["outputs"]]), ("bias", [layer["outputs"]])], []
    return [], []


def draw(layers):
    parameters, buffers = [], []
    salt = 1
    for layer in layers:
        (name, sizes), = layer.items()
        learnt, kept = arrays_of(name, sizes)
        own = []
        for _, shape in learnt:
            own.append(torch.tensor(numbers(int(np.prod(shape)), salt, 0.5).reshape(shape), requires_grad=True))
            salt += 1
        parameters.append(own)
        own = []
        for what, shape in kept:
            values = numbers(int(np.prod(shape)), salt, 0.5)
            own.append(torch.tensor(np.abs(values) + np.float32(0.5) if what == "running_var" else values))
            salt += 1
        buffers.append(own)
    return parameters, buffers


def recurrent(kind, x, p, hidden):
    n, c, t, f = x.shape
    x = x.permute(0, 2, 3, 1).reshape(n, t, f * c)
    cell = (torch.nn.GRU if kind == "gru" else torch.nn.LSTM)(f * c, hidden, batch_first=True)
    second = p[3] if kind == "gru" else torch.zeros_like(p[2])
    flat = {"weight_ih_l0": p[0].T, "weight_hh_l0": p[1].T, "bias_ih_l0": p[2], "bias_hh_l0": second}
    out, _ = torch.func.functional_call(cell, flat, (x,))
    return out.permute(0, 2, 1).unsqueeze(3)


def run(layers, parameters, buffers, x, training):
    for layer, p, kept in zip(layers, parameters, buffers):
        (name, sizes), = layer.items()
        if name == "conv":
            x = F.conv2d(x, p[0].permute(3, 2, 0, 1), p[1] if sizes["bias"] else None, padding=1)
        elif name == "norm-relu-pool":
            mean, var = (kept[0].clone(), kept[1].clone())
            x = F.relu(F.batch_norm(x, mean, var, p[0], p[1], training, 0.1, 1e-5))
            x = F.max_pool2d(x, (sizes["frames"], sizes["bands"]))
        elif name == "upsample":
            x = x.repeat_interleave(sizes["frames"], 2).repeat_interleave(sizes["bands"], 3)
        elif name in ("gru", "lstm"):
            x = recurrent(name, x, p, sizes["hidden"])
        elif name == "summarise":
            mean, most = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
            x = mean if sizes == "mean" else torch.cat([mean, most], 1)
        elif name == "dense":
            x = torch.einsum("nctf,cd->ndtf", x, p[0]) + p[1][None, :, None, None]
    return x


def loss_of(name, out, x):
    if name == "autoencoder":
        return ((out - x[:, :, :out.shape[2], :out.shape[3]]) ** 2).mean()
    targets = torch.tensor(np.abs(numbers(N * 3, 91, 1)).reshape(N, 3) + np.float32(0.125))
    targets = targets / targets.sum(1, keepdim=True)
    weights = torch.arange(1, N + 1) / N
    each = -(targets * torch.log_softmax(out[:, :, 0, 0], 1)).sum(1)
    return (each * weights).sum() / weights.sum()


def listed(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().numpy().ravel()]


def main():
    golden = {"made_by": "make_golden.py", "torch": torch.__version__, "cases": []}
    frames = torch.tensor(numbers(N * T * BANDS, 77, 1).reshape(N, 1, T, BANDS))
    for name, layers in CASES.items():
        for training in [True, False]:
            parameters, buffers = draw(layers)
            x = frames.clone().requires_grad_(True)
            out = run(layers, parameters, buffers, x, training)
            loss = loss_of(name, out, x.detach())
            flat = [p for own in parameters for p in own]
            *gradients, of_x = torch.autograd.grad(loss, [*flat, x])
            golden["cases"].append({
                "name": name, "training": training, "layers": layers, "loss": loss.item(),
                "out": listed(out.permute(0, 2, 3, 1)), "gradients": [listed(g) for g in gradients], "of_input": listed(of_x),
            })
    # five steps of AdamW with shortened gradients
    layers = CASES["crnn"]
    parameters, buffers = draw(layers)
    flat = [p for own in parameters for p in own]
    groups = [{"params": [p for p in flat if p.ndim > 1], "weight_decay": 0.1}, {"params": [p for p in flat if p.ndim == 1], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=0.01)
    losses = []
    for _ in range(5):
        optimiser.zero_grad()
        loss = loss_of("crnn", run(layers, parameters, buffers, frames, True), frames)
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(flat, 0.5)
        optimiser.step()
    golden["adamw"] = {"layers": layers, "losses": losses, "last": listed(flat[0])}
    (HERE / "torch.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
