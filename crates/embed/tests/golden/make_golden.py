"""Golden values of the musicnn front end and of its networks.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 librosa==0.11.0 tensorflow-cpu==2.21.0 tf_keras==2.21.0 essentia
    venv/bin/pip install --no-deps --no-build-isolation resampy==0.2.2
    venv/bin/python make_golden.py front                   # front.json
    venv/bin/python make_golden.py tiny                    # tiny.json
    venv/bin/python make_golden.py clips WHEEL CLIPS       # clips.json
    venv/bin/python make_golden.py essentia                # a second opinion on the front end, printed
    venv/bin/python make_golden.py half WHEEL CLIPS        # what half precision does, printed

`front`: resampy 0.2.2 (`kaiser_best`, what librosa 0.7 resampled by) and librosa's melspectrogram with `pad_mode="reflect"`
(librosa 0.7's own; later versions pad with zeros), in single precision. librosa 0.7 itself needs numpy below 1.24; its formulas
(Slaney's filters with norm=1, periodic Hann, |X|^2) are those of 0.11 with that option.
`tiny`: networks with few filters and made-up weights (`src/musicnn/test_wheel.rs`), by plain sums in numpy.
`clips`: musicnn 0.1.0's own `models.py` from WHEEL, unchanged, in TensorFlow (tf.compat.v1), its checkpoints read by TensorFlow,
on clips decoded by ffmpeg to 16 bit.
"""
import glob, json, os, subprocess, sys, tempfile, zipfile

import numpy as np

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, data):
    with open(os.path.join(HERE, name), "w") as f:
        json.dump(data, f)
        f.write("\n")


def signal(n, rate):
    """A rising and a falling tone, a beat, and a little noise; the same in golden.rs."""
    i = np.arange(n, dtype=np.float64)
    t = i / rate
    x = 0.4 * np.sin(2 * np.pi * (110 + 400 * t) * t) + 0.2 * np.sin(2 * np.pi * (6000 - 2000 * t) * t)
    x += 0.3 * np.sin(2 * np.pi * 60 * t) * (np.floor(t * 4) % 2)
    x += 0.01 * ((i * 7919 % 10007) / 5003.5 - 1)
    return x.astype(np.float32)


def resampled(x, rate):
    import librosa, resampy
    if rate == 16000:
        return x
    n = int(np.ceil(len(x) * 16000 / rate))
    return librosa.util.fix_length(resampy.resample(x, rate, 16000, filter="kaiser_best"), size=n)


def mel_power(y):
    import librosa
    return librosa.feature.melspectrogram(y=y, sr=16000, hop_length=256, n_fft=512, n_mels=96, pad_mode="reflect").T


def front():
    out = []
    for rate, n in [(44100, 26460), (48000, 24000), (22050, 11025), (16000, 8000), (8000, 4000)]:
        y = resampled(signal(n, rate), rate)
        log = np.log10(10000 * mel_power(y) + 1)
        assert log.dtype == np.float32
        out.append({
            "rate": rate, "n": n, "n_resampled": len(y), "resampled": [float(v) for v in y[::37]],
            "n_frames": len(log), "mel": [[round(float(v), 6) for v in row] for row in log[::5]],
        })
    write("front.json", out)


def lcg():
    state = 7
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield np.float32(state >> 8) / np.float32(1 << 24)


def tiny_weights(kind):
    made, numbers = {}, lcg()

    def add(name, shape):
        n = int(np.prod(shape))
        low, scale = np.float32(-0.5), np.float32(1)
        if name.endswith("moving_variance"):
            low = np.float32(0.5)
        elif name.endswith("kernel"):
            scale = np.float32(1) / np.sqrt(np.float32(n) / np.float32(shape[-1]))
        made[name] = np.array([(low + next(numbers)) * scale for _ in range(n)], dtype=np.float32).reshape(shape)

    def norm(i, n):
        for part in ["gamma", "beta", "moving_mean", "moving_variance"]:
            add("batch_normalization" + (f"_{i}" if i else "") + "/" + part, [n])

    norm(0, 1)
    if kind == "musicnn":
        shapes = [[7, 38, 1, 4], [7, 67, 1, 4], [128, 1, 1, 2], [64, 1, 1, 2], [32, 1, 1, 2], [7, 14, 1, 3], [7, 3, 1, 3], [7, 3, 1, 3]]
        for i, shape in enumerate(shapes):
            name = "conv2d" + (f"_{i}" if i else "")
            add(name + "/kernel", shape)
            add(name + "/bias", shape[3:])
            norm(i + 1, shape[3])
        norm(9, 46)
        norm(10, 6)
        for name, shape in [("dense", [46, 6]), ("dense_1", [6, 50])]:
            add(name + "/kernel", shape)
            add(name + "/bias", shape[1:])
    else:
        for i in range(1, 6):
            add(f"{i}CNN/kernel", [3, 3, 1 if i == 1 else 3, 3])
            add(f"{i}CNN/bias", [3])
            norm(i, 3)
        add("dense/kernel", [6, 50])
        add("dense/bias", [50])
    return {name: w.astype(np.float64) for name, w in made.items()}


def tiny_patch():
    t, b = np.meshgrid(np.arange(187), np.arange(96), indexing="ij")
    return 1.5 + np.sin(t * 0.13 + b * 0.05) + 0.5 * np.cos(b * 0.31 - t * 0.02)


def tiny():
    relu = lambda x: np.maximum(x, 0)

    def norm(w, x, i):
        g, b, m, v = (w["batch_normalization" + (f"_{i}" if i else "") + "/" + p] for p in ["gamma", "beta", "moving_mean", "moving_variance"])
        return (x - m) / np.sqrt(v + 1e-3) * g + b

    def conv(x, w, name, before, after, left=0, right=0):
        """x: (time, band, channel); kernel: (height, width, channel, filter), as TensorFlow has them."""
        k, bias = w[name + "/kernel"], w[name + "/bias"]
        x = np.pad(x, [(before, after), (left, right), (0, 0)])
        h, v = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
        out = np.zeros((h, v, k.shape[3]))
        for i in range(k.shape[0]):
            for j in range(k.shape[1]):
                out += x[i:i + h, j:j + v] @ k[i, j]
        return relu(out + bias)

    def pool(x, kh, kw, sh, sw):
        h, v = (x.shape[0] - kh) // sh + 1, (x.shape[1] - kw) // sw + 1
        return np.array([[x[i * sh:i * sh + kh, j * sw:j * sw + kw].max(axis=(0, 1)) for j in range(v)] for i in range(h)])

    sigmoid = lambda x: 1 / (1 + np.exp(-x))
    out = {}
    w = tiny_weights("musicnn")
    x = norm(w, tiny_patch()[:, :, None], 0)
    front = []
    for i, (before, after) in enumerate([(3, 3), (3, 3), (63, 64), (31, 32), (15, 16)]):
        y = norm(w, conv(x, w, "conv2d" + (f"_{i}" if i else ""), before, after), i + 1)
        front.append(y.max(axis=1))
    front = np.concatenate(front, axis=1)                       # (time, 14)
    layers, before = [front], front
    for i in [5, 6, 7]:
        y = norm(w, conv(before[:, :, None], w, f"conv2d_{i}", 3, 3), i + 1)[:, 0, :]
        before = y if i == 5 else y + before
        layers.append(before)
    every = np.concatenate(layers, axis=1)                      # (time, 23)
    flat = np.stack([every.max(axis=0), every.mean(axis=0)], axis=1).reshape(-1)
    y = norm(w, flat, 9)
    y = norm(w, relu(y @ w["dense/kernel"] + w["dense/bias"]), 10)
    out["musicnn"] = {"penultimate": y.tolist(), "tags": sigmoid(y @ w["dense_1/kernel"] + w["dense_1/bias"]).tolist()}

    w = tiny_weights("vgg")
    x = norm(w, tiny_patch()[:, :, None], 0)
    for i, p in enumerate([(4, 1, 2, 2), (2, 2, 2, 2), (2, 2, 2, 2), (2, 2, 2, 2), (4, 4, 4, 4)]):
        x = pool(norm(w, conv(x, w, f"{i + 1}CNN", 1, 1, 1, 1), i + 1), *p)
    y = x.reshape(-1)
    out["vgg"] = {"penultimate": y.tolist(), "tags": sigmoid(y @ w["dense/kernel"] + w["dense/bias"]).tolist()}
    write("tiny.json", out)


NETWORKS = ["MTT_musicnn", "MSD_musicnn", "MTT_vgg", "MSD_vgg"]


def powers(clips):
    import librosa
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        for clip in sorted(glob.glob(os.path.join(clips, "*.mp3"))):
            wav = os.path.join(folder, "clip.wav")
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", clip, "-c:a", "pcm_s16le", wav], check=True)
            audio, rate = librosa.load(wav, sr=None)            # the mean over channels
            out[os.path.basename(clip)] = mel_power(resampled(audio, rate))
    return out


def originals(wheel, inputs):
    """By network and name of input: tags and penultimate layer, means over patches as in musicnn's tagger."""
    folder = tempfile.mkdtemp()
    zipfile.ZipFile(wheel).extractall(folder)
    sys.path.insert(0, folder)
    import tensorflow as tf
    tf.compat.v1.disable_eager_execution()
    from musicnn import models
    out = {}
    for name in NETWORKS:
        tf.compat.v1.reset_default_graph()
        x = tf.compat.v1.placeholder(tf.float32, [None, 187, 96])
        training = tf.compat.v1.placeholder(tf.bool)
        layers = models.define_model(x, training, name, 50)
        wanted = [tf.nn.sigmoid(layers[0]), layers[-1]]         # vgg: pool5 as (2, 1, 128)
        with tf.compat.v1.Session() as session:
            tf.compat.v1.train.Saver().restore(session, os.path.join(folder, "musicnn", name) + "/")
            out[name] = {}
            for clip, log in inputs.items():
                batch = np.stack([log[i:i + 187] for i in range(0, len(log) - 187 + 1, 187)])
                got = [session.run(wanted, {x: batch[i:i + 1], training: False}) for i in range(len(batch))]
                tags = np.mean([g[0][0] for g in got], axis=0, dtype=np.float64)
                penultimate = np.mean([g[1].reshape(-1) for g in got], axis=0, dtype=np.float64)
                out[name][clip] = (tags, penultimate)
    return out


def clips(wheel, folder):
    single = {clip: np.log10(10000 * power + 1) for clip, power in powers(folder).items()}
    got = originals(wheel, single)
    write("clips.json", {name: {clip: {
        "tags": [round(float(v), 6) for v in tags],
        # every 16th of 200 or 256
        "penultimate": [round(float(v), 5) for v in penultimate[::16]],
    } for clip, (tags, penultimate) in of.items()} for name, of in got.items()})


def half(wheel, folder):
    power = powers(folder)
    with np.errstate(over="ignore"):
        rounded = {clip: np.log10(10000 * p.astype(np.float16) + 1).astype(np.float32) for clip, p in power.items()}
    single = {clip: np.log10(10000 * p + 1) for clip, p in power.items()}
    a, b = originals(wheel, rounded), originals(wheel, single)
    for clip, log in rounded.items():
        print(clip, "frames with an infinite band: %.1f %%" % (100 * np.isinf(log).any(axis=1).mean()),
              " ".join("%s %.2f" % (n, np.abs(a[n][clip][0] - b[n][clip][0]).max()) for n in NETWORKS))


def essentia():
    import essentia.standard as es
    window = es.Windowing(type="hann", normalized=False, size=512)
    for rate, n in [(16000, 8000)]:
        x = signal(n, rate)
        ours = np.log10(10000 * mel_power(x) + 1)
        padded = np.concatenate([x[1:257][::-1], x, x[-257:-1][::-1]])
        frames = np.array([es.TensorflowInputMusiCNN()(padded[i * 256:i * 256 + 512]) for i in range(len(ours))])
        print("essentia: largest difference", np.abs(frames - ours).max(), "mean", np.abs(frames - ours).mean(), "values up to", ours.max())


if __name__ == "__main__":
    {"front": front, "tiny": tiny, "clips": clips, "half": half, "essentia": essentia}[sys.argv[1]](*sys.argv[2:])
