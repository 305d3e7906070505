"""The same training iteration in JAX, one core, alternating with modprop's own: prints how many times faster.

The model, the loss and the gradients of the rules modprop (cell, mu = 0.25), eprop and bptt, then weight decay and
Adam, float32, one jitted function with its buffers donated. Left out, in JAX's favour: making the trials (a few
batches are made beforehand), L1, the disconnect guard and rewiring.

JAX may take each gradient in several forms (FORMS below) and with its time loop unrolled by several factors. Each is
first compared with the reference gradients in tests/data/golden, then timed. The forms that go back in time are
what one writes from the rule's equation; the online ones use modprop's own algorithm. All are told.

Usage: peers_jax.py --bench build/release/tests/bench/bench [--core 0] [--n 120 --T 900 --B 32] [--rounds 9]
"""
import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True, help="the benchmark program of modprop")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--n", type=int, default=120)
    parser.add_argument("--T", type=int, default=900)
    parser.add_argument("--B", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="few forms, two rounds: whether it works")
    parser.add_argument("--csv", help="write each round")
    return parser.parse_args()


OPTIONS = read_options()

# Before JAX starts its threads.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {OPTIONS.core})
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import h5py  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

MU = 0.25
TAPS = 9  # enough for a relative error of 1e-6 at the published size
WEIGHT_DECAY, LEARNING_RATE, BETA1, BETA2, EPSILON = 5e-4, 5e-4, 0.9, 0.999, 1e-8
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "data" / "golden"


# ------------------------------------------------------------------ the model
# w: W_in [n_in][n], W_rec [n][n], W_out [n][n_out], b_out [n_out]; x [T][B][n_in]; label [B].
# z[t-1] and x[t] stand side by side in pre [B][n + n_in], W_rec above W_in in W: one product a step. (Tried and not
# faster: x W_in for all steps beforehand, [n][B] instead of [B][n], wider vectors, XNNPACK and oneDNN by XLA's flags.)

def stacked(w):
    return jnp.concatenate([w["W_rec"], w["W_in"]])


def advance(W, alpha, v, pre):
    """v[t] = alpha v[t-1] + (1 - alpha) (z[t-1] W_rec + x[t] W_in)"""
    return alpha * v + (1 - alpha) * (pre @ W)


def beside(z, x_t):
    return jnp.concatenate([z, x_t], axis=1)


def rest(w, x):
    return jnp.zeros((x.shape[1], w["W_rec"].shape[0]), x.dtype)


def readout(w, z, label):
    """The loss at the last step, dE/dy and the readout's gradient."""
    y = z @ w["W_out"] + w["b_out"]
    log_p = jax.nn.log_softmax(y)
    target = jax.nn.one_hot(label, y.shape[1], dtype=y.dtype)
    loss = -jnp.mean(jnp.sum(log_p * target, axis=1))
    dy = (jnp.exp(log_p) - target) / y.shape[0]
    return loss, dy, {"W_out": z.T @ dy, "b_out": jnp.sum(dy, axis=0)}


def split(gradient, n):
    """The gradient of W as those of W_rec, which has no autapses, and W_in."""
    return {"W_rec": gradient[:n] * (1 - jnp.eye(n, dtype=gradient.dtype)), "W_in": gradient[n:]}


# ------------------------------------------------------------------ the rules, each in several forms
# Each form: (w, x, label, alpha, unroll) -> loss, gradient.

def keep_forward(W, zero, x, alpha, unroll):
    """v and z at the end, and pre of all steps."""
    def step(carry, x_t):
        v, z = carry
        pre = beside(z, x_t)
        v = advance(W, alpha, v, pre)
        return (v, jax.nn.relu(v)), pre
    (v, z), pre = jax.lax.scan(step, (zero, zero), x, unroll=unroll)
    return v, z, pre


def one_step_back(w, alpha, links):
    """delta[t] = alpha delta[t+1] + mu (1 - alpha) delta[t+1] W_rec^T: the loss sits at the last step alone."""
    across = MU * (1 - alpha) * w["W_rec"].T
    return lambda delta: alpha * delta + (delta @ across if links else 0)


def storing(links, w, x, label, alpha, unroll):
    """Back over the kept steps, then one large product."""
    v, z, pre = keep_forward(stacked(w), rest(w, x), x, alpha, unroll)
    loss, dy, gradient = readout(w, z, label)
    back = one_step_back(w, alpha, links)
    last = jnp.where(v > 0, dy @ w["W_out"].T, 0)
    _, delta = jax.lax.scan(lambda delta, _: (back(delta), delta), last, None, length=x.shape[0], reverse=True,
                            unroll=unroll)
    delta = delta.reshape(-1, delta.shape[2])
    return loss, gradient | split((1 - alpha) * pre.reshape(delta.shape[0], -1).T @ delta, delta.shape[1])


def summing(links, w, x, label, alpha, unroll):
    """Back over the kept steps, adding to the gradient at each."""
    v, z, pre = keep_forward(stacked(w), rest(w, x), x, alpha, unroll)
    loss, dy, gradient = readout(w, z, label)
    back = one_step_back(w, alpha, links)

    def step(carry, pre_t):
        delta, total = carry
        return (back(delta), total + pre_t.T @ delta), None
    first = (jnp.where(v > 0, dy @ w["W_out"].T, 0), jnp.zeros_like(stacked(w)))
    (_, total), _ = jax.lax.scan(step, first, pre, reverse=True, unroll=unroll)
    return loss, gradient | split((1 - alpha) * total, v.shape[1])


def online(taps, w, x, label, alpha, unroll):
    """Forward only, by filter taps: eps_0 = alpha eps_0 + pre, eps_j = alpha eps_j + eps_(j-1) of the step before."""
    W = stacked(w)

    def step(carry, x_t):
        v, z, eps = carry
        pre = beside(z, x_t)
        v = advance(W, alpha, v, pre)
        return (v, jax.nn.relu(v), alpha * eps + jnp.concatenate([pre[None], eps[:-1]])), None
    zero = rest(w, x)
    (v, z, eps), _ = jax.lax.scan(step, (zero, zero, jnp.zeros((taps + 1, x.shape[1], W.shape[0]), x.dtype)), x,
                                  unroll=unroll)
    loss, dy, gradient = readout(w, z, label)
    credit = [jnp.where(v > 0, dy @ w["W_out"].T, 0)]  # u F^j, F = mu (1 - alpha) W_rec^T
    for _ in range(taps):
        credit.append(MU * (1 - alpha) * credit[-1] @ w["W_rec"].T)
    credit = jnp.concatenate(credit)
    return loss, gradient | split((1 - alpha) * eps.reshape(credit.shape[0], -1).T @ credit, v.shape[1])


def automatic(w, x, label, alpha, unroll):
    """jax.grad through the scan."""
    def loss_of(w):
        return readout(w, keep_forward(stacked(w), rest(w, x), x, alpha, unroll)[1], label)[0]
    loss, gradient = jax.value_and_grad(loss_of)(w)
    return loss, gradient | split(stacked(gradient), w["W_rec"].shape[0])


def pushed(w, x, label, alpha, unroll):
    """jax.grad for the credit of every step's input alone, then one large product."""
    W, zero = stacked(w), rest(w, x)

    def loss_of(push, out):
        def step(carry, now):
            v, z = carry
            pre = beside(z, now[0])
            v = advance(W, alpha, v, pre) + now[1]
            return (v, jax.nn.relu(v)), pre
        (_, z), pre = jax.lax.scan(step, (zero, zero), (x, push), unroll=unroll)
        return readout(out, z, label)[0], pre
    push = jnp.zeros(x.shape[:1] + zero.shape, x.dtype)
    out = {"W_out": w["W_out"], "b_out": w["b_out"]}
    (loss, pre), (delta, gradient) = jax.value_and_grad(loss_of, (0, 1), has_aux=True)(push, out)
    delta = delta.reshape(-1, delta.shape[2])
    return loss, gradient | split((1 - alpha) * pre.reshape(delta.shape[0], -1).T @ delta, delta.shape[1])


def bind(form, first):
    return lambda *rest: form(first, *rest)


FORMS = {
    "eprop": {"back, stored": bind(storing, False), "back, summed": bind(summing, False), "online": bind(online, 0)},
    "modprop": {"back, stored": bind(storing, True), "back, summed": bind(summing, True),
                "online by taps": bind(online, TAPS)},
    "bptt": {"jax.grad": automatic, "jax.grad of inputs": pushed},
}
CASES = {"eprop": "relu_eprop_last.h5", "modprop": "relu_modprop_cell_last.h5", "bptt": "relu_bptt_last.h5"}
UNROLLS = (1, 2, 4, 10)


# ------------------------------------------------------------------ right: the reference gradients

def compare_with_golden(rule):
    """Each form's gradients against the float64 reference, to 1e-4 of the largest entry."""
    with h5py.File(GOLDEN / CASES[rule]) as case:
        w = {name: jnp.asarray(case[name][()], jnp.float32) for name in ("W_in", "W_rec", "W_out", "b_out")}
        x, label = jnp.asarray(case["x"][()], jnp.float32), jnp.asarray(case["target"][()])
        want = {name: case["grad_" + name][()] for name in w}
        loss_wanted, alpha = case["loss"][()], float(case.attrs["alpha"])
        assert case.attrs["thr"] == 0 and (rule != "modprop" or case.attrs["mu"] == MU)
    for name, form in FORMS[rule].items():
        loss, gradient = jax.jit(form, static_argnums=(3, 4))(w, x, label, alpha, 1)
        errors = [np.max(np.abs(gradient[k] - want[k])) / np.max(np.abs(want[k])) for k in want]
        errors.append(abs(float(loss) - loss_wanted) / loss_wanted)
        print(f"{rule:8} {name:20} differs from {CASES[rule]} by {max(errors):.1e}")
        if not max(errors) < 1e-4:
            sys.exit(f"{rule}, {name}: not the same gradient; a time would mean nothing")


# ------------------------------------------------------------------ fast: a whole iteration

def initial_weights(rng, n):
    """Dale's law, balanced columns, spectral radius 1."""
    inhibitory = n - (int(0.8 * n) + 1)
    size = np.abs(rng.standard_normal((n, n)))
    np.fill_diagonal(size, 0)
    size[:inhibitory] *= size[inhibitory:].sum(axis=0) / size[:inhibitory].sum(axis=0)
    sign = np.where(np.arange(n) < inhibitory, -1.0, 1.0)[:, None]
    recurrent = sign * size
    radius = np.max(np.abs(np.linalg.eigvals(recurrent)))
    out = sign * np.abs(rng.standard_normal((n, 2))) / radius
    weights = {"W_in": rng.standard_normal((2, n)), "W_rec": recurrent / radius, "W_out": out, "b_out": np.zeros(2)}
    return {name: jnp.asarray(value, jnp.float32) for name, value in weights.items()}


def make_trials(rng, T, B):
    """Delayed XOR: a cue or none in the first and in the last steps."""
    cue = 100 if T >= 300 else T // 3
    shape = 2 * np.exp(-np.linspace(-50, 50, cue) ** 2 / (2 * 25 ** 2))
    present = rng.integers(0, 2, (2, B))
    x = np.full((T, B, 2), 0.02)
    x[:cue, :, 0] += shape[:, None] * present[0]
    x[T - cue:, :, 1] += shape[:, None] * present[1]
    x += 0.01 * rng.standard_normal(x.shape)
    return jnp.asarray(x, jnp.float32), jnp.asarray(present[0] == present[1], jnp.int32)


def iteration_of(form, unroll):
    alpha = float(np.exp(-1 / 100))

    def iteration(w, m, s, k, x, label):
        loss, gradient = form(w, x, label, alpha, unroll)
        gradient = {name: g + (0 if name == "b_out" else WEIGHT_DECAY * w[name]) for name, g in gradient.items()}
        rate = LEARNING_RATE * jnp.sqrt(1 - BETA2 ** k) / (1 - BETA1 ** k)
        m = {name: BETA1 * m[name] + (1 - BETA1) * gradient[name] for name in w}
        s = {name: BETA2 * s[name] + (1 - BETA2) * gradient[name] ** 2 for name in w}
        w = {name: w[name] - rate * m[name] / (jnp.sqrt(s[name]) + EPSILON) for name in w}
        return w, m, s, k + 1, loss
    return jax.jit(iteration, donate_argnums=(0, 1, 2, 3))


class Peer:
    """A network in training."""

    def __init__(self, form, unroll):
        rng = np.random.default_rng(1)
        w = initial_weights(rng, OPTIONS.n)
        zeros = lambda: {name: jnp.zeros_like(value) for name, value in w.items()}  # noqa: E731
        self.state = (w, zeros(), zeros(), jnp.float32(1))
        self.batches = [make_trials(rng, OPTIONS.T, OPTIONS.B) for _ in range(4)]
        self.iteration = iteration_of(form, unroll)
        self.done = 0
        self.run(2)

    def run(self, iterations):
        """ms per iteration."""
        began = time.perf_counter()
        for _ in range(iterations):
            *self.state, loss = self.iteration(*self.state, *self.batches[self.done % len(self.batches)])
            self.done += 1
        jax.block_until_ready((self.state, loss))
        return 1e3 * (time.perf_counter() - began) / iterations


def find_fastest(rule):
    """Times every form and unrolling in two interleaved rounds; tells all, returns each form's fastest."""
    unrolls = UNROLLS[:1] if OPTIONS.quick else UNROLLS
    peers = {(form, unroll): Peer(FORMS[rule][form], unroll) for form in FORMS[rule] for unroll in unrolls}
    times = {key: float("inf") for key in peers}
    for _ in range(2):
        for key, peer in peers.items():
            times[key] = min(times[key], peer.run(3))
    found = {}
    for form in FORMS[rule]:
        best = min(unrolls, key=lambda unroll: times[form, unroll])
        found[form] = peers[form, best]
        told = ", ".join(f"{times[form, unroll]:.1f} ({unroll})" for unroll in unrolls)
        print(f"{rule:8} {form:20} ms (unrolled by): {told}")
    return found


def ours(rule):
    """ms per iteration of modprop's own: the median of five seeds, for the share of active units is its seed's."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "case.csv"
        size = [f"--{name}={getattr(OPTIONS, name)}".split("=") for name in ("n", "T", "B", "core")]
        subprocess.run([OPTIONS.bench, "--case", rule, "--rounds", "5", "--csv", str(path), *sum(size, [])],
                       check=True, stdout=subprocess.DEVNULL)
        rows = [row for row in csv.DictReader(path.open()) if row["group"] == "case"]
        if rows[0]["skipped"]:
            sys.exit(f"{rule}: {rows[0]['skipped']}")
        return float(rows[0]["ms"])


def measure(found, rounds):
    """Rounds over all rules: ours, then each form of JAX."""
    rows = []
    for turn in range(rounds):
        for rule, peers in found.items():
            own = ours(rule)
            for form, peer in peers.items():
                rows.append({"rule": rule, "form": form, "round": turn, "jax_ms": peer.run(4), "modprop_ms": own})
    return rows


def report(found, rows, rounds):
    print(f"\n{'rule':8} {'form in JAX':20} {'JAX ms':>8} {'ours ms':>8}  times faster: median [range] of {rounds} rounds")
    for rule, peers in found.items():
        medians = {}
        for form in peers:
            mine = [row for row in rows if (row["rule"], row["form"]) == (rule, form)]
            ratio = [row["jax_ms"] / row["modprop_ms"] for row in mine]
            theirs, own = (np.median([row[key] for row in mine]) for key in ("jax_ms", "modprop_ms"))
            medians[form] = np.median(ratio)
            print(f"{rule:8} {form:20} {theirs:8.2f} {own:8.2f}  {medians[form]:5.1f} "
                  f"[{min(ratio):.1f} - {max(ratio):.1f}]")
        print(f"{rule:8} against JAX's fastest form: {min(medians.values()):.1f}")


def main():
    rounds = 2 if OPTIONS.quick else OPTIONS.rounds
    print(f"JAX {jax.__version__}, float32, core {OPTIONS.core}; n {OPTIONS.n}, T {OPTIONS.T}, B {OPTIONS.B}")
    for rule in FORMS:
        compare_with_golden(rule)
    found = {rule: find_fastest(rule) for rule in FORMS}
    rows = measure(found, rounds)
    report(found, rows, rounds)
    if OPTIONS.csv:
        with open(OPTIONS.csv, "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
