"""A small network that hears waveforms, as ONNX, and what onnxruntime says of a signal.

    pip install numpy onnx onnxruntime && python make_onnx.py        # small.onnx, small.toml, small.json

Patches of 2,000 samples at 8 kHz, every 1,000: two convolutions, the mean and the largest value of each channel, a dense layer
of six units and four tags.
"""
import json, os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
numbers = np.random.default_rng(4)


def weights(name, *shape):
    scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
    return numpy_helper.from_array((numbers.standard_normal(shape) * scale).astype(np.float32), name)


nodes = [
    helper.make_node("Unsqueeze", ["wave", "one"], ["x"]),
    helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], strides=[4], dilations=[1], pads=[4, 4]),
    helper.make_node("LeakyRelu", ["c1"], ["r1"], alpha=0.1),
    helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], strides=[2], dilations=[2], pads=[0, 0]),
    helper.make_node("Tanh", ["c2"], ["r2"]),
    helper.make_node("ReduceMean", ["r2"], ["mean"], axes=[2], keepdims=0),
    helper.make_node("ReduceMax", ["r2"], ["largest"], axes=[2], keepdims=0),
    helper.make_node("Concat", ["mean", "largest"], ["both"], axis=1),
    helper.make_node("Gemm", ["both", "w3", "b3"], ["units"]),
    helper.make_node("Gemm", ["units", "w4", "b4"], ["logits"]),
    helper.make_node("Sigmoid", ["logits"], ["tags"]),
]
parts = [numpy_helper.from_array(np.array([1], dtype=np.int64), "one"),
         weights("w1", 6, 1, 9), weights("b1", 6), weights("w2", 8, 6, 5), weights("b2", 8),
         weights("w3", 16, 6), weights("b3", 6), weights("w4", 6, 4), weights("b4", 4)]
graph = helper.make_graph(
    nodes, "small", [helper.make_tensor_value_info("wave", TensorProto.FLOAT, ["n", 2000])],
    [helper.make_tensor_value_info("units", TensorProto.FLOAT, ["n", 6]),
     helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["n", 4])], parts)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
path = os.path.join(HERE, "small.onnx")
onnx.save(model, path)
with open(os.path.join(HERE, "small.toml"), "w") as f:
    f.write('''# What small.onnx hears; made by make_onnx.py.
name = "small"
input = "waveform"
sample_rate = 8000
patch = 2000
hop = 1000
output = "units"
tags_output = "tags"
tags = ["rock", "jazz", "sad", "Hip-Hop"]
licence = "MIT OR Apache-2.0"
pretrained_on = ["nothing at all"]
source = "make_onnx.py"
''')

i = np.arange(9000)
signal = (0.5 * np.sin(i * 0.07) + 0.3 * np.sin(i * i * 1e-5)).astype(np.float32)
session = onnxruntime.InferenceSession(path)
got = [session.run(["units", "tags"], {"wave": signal[s:s + 2000][None]}) for s in range(0, 9000 - 2000 + 1, 1000)]
with open(os.path.join(HERE, "small.json"), "w") as f:
    json.dump({"units": np.mean([g[0][0] for g in got], axis=0, dtype=np.float64).tolist(),
               "tags": np.mean([g[1][0] for g in got], axis=0, dtype=np.float64).tolist(), "n_patches": len(got)}, f)
    f.write("\n")
