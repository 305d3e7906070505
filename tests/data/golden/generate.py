"""Makes the golden cases: reference gradients and training steps in float64, by the plainest loops over time.

    python3 generate.py OUT_DIR [CASES.json]        (needs numpy and h5py; CASES.json beside this file by default)

Sections named in comments are those of the model as README.md gives it, which also says what a file holds.
A case is made only after its gradient agreed with the independent ways of computing it (finite differences, rtrl,
eligibility traces, online form), and only if a plausible mistake in the rule would change it visibly.
"""
import json
import os
import sys
from types import SimpleNamespace

import h5py
import numpy as np

MARGIN = 1.25e-4            # least |v - theta| of any unit at any step: float32 then takes the same side
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
DEFAULTS = dict(
    kind="gradient", units="relu", rule="bptt", feedback="none", types_per_sign=1, window=0, learning_signal="symmetric",
    mu_mode="fixed", mu=np.nan, mu_gain=np.nan, mu_tau_iterations=np.nan, mu_tau_ms=np.nan, radius_max=np.nan, mu_state=None,
    n=16, n_in=2, n_out=2, T=40, B=4, proportion_excitatory=0.8, tau_ms=12.0, thr=0.0,
    n_adaptive=0, beta=0.0, tau_a_ms=np.nan, gamma=np.nan, refractory_steps=0,
    loss_kind="last", loss_steps=1, weight_decay=5e-4, recurrent_scale=1.0, input_scale=1.0, trajectory_every=1,
    learning_rate=np.nan, l1=np.nan, first_iteration=0, iterations=1)


def f32(a):
    """Rounds to the nearest float32, so that a float32 program starts from the very same numbers."""
    return np.asarray(a, np.float32).astype(np.float64)


def distance(a, b):
    """Greatest difference over matrices of a gradient, each relative to the reference's largest entry."""
    return max(np.abs(a[k] - b[k]).max() / np.abs(b[k]).max() for k in b)


# ---------------------------------------------------------------- settings, types, weights (sections 1, 3 and 4)

def settings(case):
    unknown = set(case) - set(DEFAULTS) - {"name", "seed"}
    assert not unknown, unknown
    c = SimpleNamespace(**{**DEFAULTS, **case})
    for key, default in DEFAULTS.items():
        if isinstance(default, float):
            setattr(c, key, float(getattr(c, key)))
    c.spiking = c.units in ("lif", "alif")
    c.alpha = np.exp(-1 / c.tau_ms)
    c.rho = np.exp(-1 / c.tau_a_ms) if c.n_adaptive else 0.0
    c.beta_of_unit = np.where(np.arange(c.n) >= c.n - c.n_adaptive, c.beta, 0.0)    # the last n_adaptive units adapt
    c.n_exc = int(np.floor(c.proportion_excitatory * c.n)) + 1
    c.n_inh = c.n - c.n_exc
    c.type_of_unit = unit_types(c.n_inh, c.n_exc, c.types_per_sign)
    c.C = 2 * c.types_per_sign
    c.sign = np.where(np.arange(c.n) < c.n_inh, -1.0, 1.0)
    c.rng = np.random.Generator(np.random.PCG64(c.seed))
    c.loss_steps = {"last": 1, "regression": c.T}.get(c.loss_kind, c.loss_steps)
    assert c.units == "relu" or c.rule in ("bptt", "eprop"), "section 3 defines the other rules for relu units only"
    assert c.window == 0 or c.rule == "modprop"
    return c


def unit_types(n_inh, n_exc, types_per_sign):
    """Section 3: inhibitory first; contiguous types of floor(size / types_per_sign), the last takes the remainder."""
    inh = np.minimum(np.arange(n_inh) // (n_inh // types_per_sign), types_per_sign - 1)
    exc = np.minimum(np.arange(n_exc) // (n_exc // types_per_sign), types_per_sign - 1)
    return np.concatenate([inh, types_per_sign + exc])


def type_mean(c, W_rec):
    """W_ab: mean over each block, presynaptic type a x postsynaptic type b, the zero diagonal counted in."""
    P = np.eye(c.C)[c.type_of_unit]
    return P.T @ W_rec @ P / np.outer(P.sum(0), P.sum(0))


def radius(M):
    return np.abs(np.linalg.eigvals(M)).max()


def random_weights(c):
    """As section 4, but blocks are then scaled at random: for balanced weights W_ab N W_ab is nearly 0, which would hide
    every path of more than one link. A few entries are disconnected."""
    rng, n = c.rng, c.n
    theta = np.abs(rng.normal(size=(n, n))) * (1 - np.eye(n))
    inh = c.sign < 0
    theta[inh] *= theta[~inh].sum(0) / theta[inh].sum(0)                   # each column sums to zero, signs stay
    theta *= rng.uniform(0.4, 2.2, size=(c.C, c.C))[np.ix_(c.type_of_unit, c.type_of_unit)]
    theta *= rng.uniform(size=(n, n)) > 0.04
    W_rec = theta * c.sign[:, None]
    W_rec *= c.recurrent_scale / radius(W_rec)
    W_in = c.input_scale * rng.normal(size=(c.n_in, n)) / np.sqrt(c.n_in / 2)
    W_out = c.sign[:, None] * np.abs(rng.normal(size=(n, c.n_out))) / np.sqrt(n / 4)
    W_out *= rng.uniform(size=(n, c.n_out)) > 0.04
    w = dict(W_in=W_in, W_rec=W_rec, W_out=W_out, b_out=0.3 * rng.normal(size=c.n_out))
    return SimpleNamespace(**{k: f32(m) for k, m in w.items()})


# ---------------------------------------------------------------- forward pass (section 1)

def start(c, trials):
    zero = np.zeros((trials, c.n))
    return SimpleNamespace(v=zero, a=zero, z=zero, rest=zero, theta=zero, h=zero)


def step(c, w, before, x):
    """One time step from the state `before` (of t - 1) with the input x [trials][n_in]."""
    s = SimpleNamespace()
    s.a = c.rho * before.a + (1 - c.rho) * before.z
    s.theta = c.thr + c.beta_of_unit * s.a
    s.v = c.alpha * before.v + (1 - c.alpha) * (x @ w.W_in + before.z @ w.W_rec)
    if c.spiking:
        s.v = s.v - c.thr * before.z
        free = before.rest == 0                                              # not within refractory_steps of a spike
        s.z = ((s.v > s.theta) & free).astype(float)
        s.h = free * (c.gamma / c.thr) * np.maximum(0, 1 - np.abs(s.v - s.theta) / c.thr)
        s.rest = np.where(s.z > 0, c.refractory_steps, np.maximum(before.rest - 1, 0))
    else:
        s.z = np.maximum(0, s.v - s.theta)
        s.h = (s.v > s.theta).astype(float)
        s.rest = before.rest
    return s


def forward(c, w, x):
    state, steps = start(c, x.shape[1]), []
    for t in range(len(x)):
        state = step(c, w, state, x[t])
        steps.append(state)
    f = SimpleNamespace(**{k: np.array([getattr(s, k) for s in steps]) for k in ("v", "a", "z", "theta", "h")})
    f.x = x
    f.z_before = np.concatenate([np.zeros_like(f.z[:1]), f.z[:-1]])        # z[t-1], zero before the first step
    f.y = f.z @ w.W_out + w.b_out
    f.margin = np.abs(f.v - f.theta).min()
    return f


def random_input(c, w):
    """Slow waves and noise; a step's noise is drawn again until every unit is further than MARGIN from its threshold."""
    x = np.zeros((c.T, c.B, c.n_in))
    for b in range(c.B):
        period, phase = c.rng.uniform(15, 60, c.n_in), c.rng.uniform(0, 2 * np.pi, c.n_in)
        state = start(c, 1)
        for t in range(c.T):
            for attempt in range(5000):
                x[t, b] = f32(0.5 + np.sin(2 * np.pi * t / period + phase) + 0.5 * c.rng.normal(size=c.n_in))
                s = step(c, w, state, x[t, b:b + 1])
                if np.abs(s.v - s.theta).min() > MARGIN:
                    break
            else:
                sys.exit(f"{c.name}: no input keeps the margin at step {t}; take another seed")
            state = s
    return x


# ---------------------------------------------------------------- loss and learning signal (section 2)

def random_target(c):
    if c.loss_kind == "regression":
        return f32(c.rng.normal(size=(c.T, c.B, c.n_out)))
    return c.rng.integers(0, c.n_out, size=c.B)


def loss_and_dy(c, y, target):
    """The data loss E and dE/dy [T][B][n_out]."""
    dy = np.zeros_like(y)
    if c.loss_kind == "regression":
        return ((y - target) ** 2).mean() / 2, (y - target) / y.size
    E = 0.0
    for t in range(c.T - c.loss_steps, c.T):
        for b in range(c.B):
            p = np.exp(y[t, b] - y[t, b].max())
            p /= p.sum()
            E -= np.log(p[target[b]]) / (c.B * c.loss_steps)
            dy[t, b] = (p - np.eye(c.n_out)[target[b]]) / (c.B * c.loss_steps)
    return E, dy


def decay_loss(c, w):
    return c.weight_decay * 0.5 * sum((m ** 2).sum() for m in (w.W_in, w.W_rec, w.W_out))


def with_decay(c, w, g):
    return {k: g[k] + c.weight_decay * getattr(w, k) * (k != "b_out") for k in g}


# ---------------------------------------------------------------- mu on the nonlocal path (sections 3, 3.2, 3.3)

def type_means_of_h(c, h):
    return np.stack([h[..., c.type_of_unit == a].mean(-1) for a in range(c.C)], axis=-1)       # [T][B][C]


def modulation(c, w, f):
    """mu_a for each step, trial and type, [T][B][C], with the state and the clamp that led to it."""
    if c.rule != "modprop":
        return None
    if c.mu_mode == "fixed":
        return SimpleNamespace(mu=np.full((c.T, c.B, c.C), c.mu))
    m = np.array(c.mu_state)
    N = np.bincount(c.type_of_unit)
    F = m[:, None] * type_mean(c, w.W_rec) * N                               # diag(m) W_ab N
    if c.feedback == "cell":
        F = m[c.type_of_unit][:, None] * w.W_rec
    filter_radius = lambda s: radius(c.alpha * np.eye(len(F)) + (1 - c.alpha) * s * F)
    k = 1.0                                                                  # the largest stable factor in [0, 1]
    for l in np.linalg.eigvals(F):
        if abs(l) > 0:
            root = np.sqrt((c.alpha * l.real) ** 2 + abs(l) ** 2 * (c.radius_max ** 2 - c.alpha ** 2))
            k = min(k, (root - c.alpha * l.real) / ((1 - c.alpha) * abs(l) ** 2))
    assert filter_radius(k) <= c.radius_max + 1e-12 and (k == 1 or filter_radius(k) > c.radius_max - 1e-12)
    h = type_means_of_h(c, f.h)
    r = np.broadcast_to(m, h.shape)
    if c.mu_mode == "trial":
        keep, r, now = np.exp(-1 / c.mu_tau_ms), [], m
        for t in range(c.T):
            now = keep * now + (1 - keep) * c.mu_gain * h[t]
            r.append(now)
        r = np.array(r)
    keep = np.exp(-1 / c.mu_tau_iterations)
    return SimpleNamespace(mu=k * r, clamp=k, radius_unclamped=filter_radius(1.0), radius=filter_radius(k),
                           state_next=keep * m + (1 - keep) * c.mu_gain * h.mean((0, 1)))


# ---------------------------------------------------------------- gradients back in time (section 3)

def feedback_weights(c, w):
    """W_fb: W_rec itself, or W_ab spread back over its blocks."""
    return type_mean(c, w.W_rec)[np.ix_(c.type_of_unit, c.type_of_unit)] if c.feedback == "type" else w.W_rec


def link_open(c, t):
    """Whether the nonlocal path acts on the link from t - 1 into t."""
    return c.window == 0 or t >= c.T - c.window


def credit(c, w, f, L, mu):
    """delta [T][B][n] by the table of section 3; dz and da carry the adaptation (1.2), both local to a unit."""
    W_fb = feedback_weights(c, w)
    delta = np.zeros_like(f.v)
    dv = da = np.zeros((c.B, c.n))                                           # of step t + 1
    for t in reversed(range(c.T)):
        dz = L[t] + (1 - c.rho) * da
        nonlocal_term = 0
        if c.rule == "bptt":
            dz = dz + (1 - c.alpha) * dv @ w.W_rec.T
        elif c.rule == "mdgl" and t + 1 < c.T:
            dz = dz + (1 - c.alpha) * (f.h[t + 1] * L[t + 1]) @ W_fb.T
        elif c.rule == "modprop" and link_open(c, t + 1):
            nonlocal_term = (1 - c.alpha) * mu[t][:, c.type_of_unit] * (dv @ W_fb.T)
        dv = f.h[t] * dz + c.alpha * dv + nonlocal_term
        da = -c.beta_of_unit * f.h[t] * dz + c.rho * da
        delta[t] = dv
    return delta


def backwards(c, f, delta):
    """The weight gradients of section 3 from delta; the diagonal of W_rec is masked."""
    g = dict(W_in=np.zeros((c.n_in, c.n)), W_rec=np.zeros((c.n, c.n)))
    for t in range(c.T):
        g["W_in"] += (1 - c.alpha) * f.x[t].T @ delta[t]
        g["W_rec"] += (1 - c.alpha) * f.z_before[t].T @ delta[t]
    np.fill_diagonal(g["W_rec"], 0)
    return g


def gradient(c, w, f, target):
    """The rule's gradient of the data loss, without weight decay; also what it was made of."""
    E, dy = loss_and_dy(c, f.y, target)
    exact = c.rule == "bptt" or c.learning_signal == "symmetric"
    L = dy @ (w.W_out if exact else w.W_fb_out).T
    mod = modulation(c, w, f)
    g = backwards(c, f, credit(c, w, f, L, mod and mod.mu))
    g["W_out"] = sum(f.z[t].T @ dy[t] for t in range(c.T))
    g["b_out"] = dy.sum((0, 1))
    return SimpleNamespace(E=E, g=g, L=L, mod=mod)


# ---------------------------------------------------------------- the same forwards in time: rtrl, eligibility, online

def both_layers(c, f, per_layer):
    g = dict(W_in=per_layer(f.x), W_rec=per_layer(f.z_before))
    np.fill_diagonal(g["W_rec"], 0)
    return g


def rtrl(c, w, f, L):
    """Exact gradient by the full influence matrix d(v, a)[unit] / dW[pre][post]."""
    pre = np.concatenate([f.x, f.z_before], axis=2)
    Jv = Ja = Jz = np.zeros((c.B, c.n, pre.shape[2], c.n))
    total = np.zeros((pre.shape[2], c.n))
    unit = np.arange(c.n)
    for t in range(c.T):
        Ja = c.rho * Ja + (1 - c.rho) * Jz
        Jv = c.alpha * Jv + (1 - c.alpha) * np.einsum("bjip,jk->bkip", Jz, w.W_rec, optimize=True)
        Jv[:, unit, :, unit] += (1 - c.alpha) * pre[t]
        Jz = f.h[t][:, :, None, None] * (Jv - c.beta_of_unit[:, None, None] * Ja)
        total += np.einsum("bk,bkip->ip", L[t], Jz, optimize=True)
    g = dict(W_in=total[:c.n_in], W_rec=total[c.n_in:].copy())
    np.fill_diagonal(g["W_rec"], 0)
    return g


def eligibility(c, w, f, L):
    """eprop by the traces of section 1.2; eps_v and eps_a carry the factor (1 - alpha). mdgl: a modulatory signal of
    step t acts on the trace of step t - 1."""
    W_fb = feedback_weights(c, w)
    def layer(pre):
        g, eps_v, eps_a, e = 0, np.zeros(pre.shape[1:]), 0, 0
        for t in range(c.T):
            eps_a = c.rho * eps_a + (1 - c.rho) * e
            eps_v = c.alpha * eps_v + (1 - c.alpha) * pre[t]
            if c.rule == "mdgl" and t > 0:
                g = g + np.einsum("bp,bip->ip", (1 - c.alpha) * (f.h[t] * L[t]) @ W_fb.T, e)
            e = f.h[t][:, None, :] * (eps_v[:, :, None] - c.beta_of_unit * eps_a)
            g = g + np.einsum("bp,bip->ip", L[t], e)
        return g
    return both_layers(c, f, layer)


def online(c, w, f, L, mu):
    """Section 3.1: modprop by one local and C x C modulatory traces per presynaptic unit and trial. Cell-specific
    feedback is the case of one type per unit (far too costly for anything but this check)."""
    if c.feedback == "type":
        C, W_ab, kind = c.C, type_mean(c, w.W_rec), c.type_of_unit
    else:
        C, W_ab, kind, mu = c.n, w.W_rec, np.arange(c.n), mu[..., c.type_of_unit]
    N = np.bincount(kind)
    def layer(pre):
        g = np.zeros((pre.shape[2], c.n))
        eps, Eps = np.zeros(pre.shape[1:]), np.zeros(pre.shape[1:] + (C, C))
        for t in range(c.T):
            if t > 0:
                A = (1 - c.alpha) * link_open(c, t) * W_ab.T * mu[t - 1][:, None, :]           # W_ab^T diag(mu), per trial
                Eps = c.alpha * Eps + np.einsum("bac,bicd->biad", A, eps[:, :, None, None] * np.eye(C) + N[:, None] * Eps)
            eps = c.alpha * eps + pre[t]
            u = f.h[t] * L[t]
            m = np.stack([u[:, kind == a].sum(1) for a in range(C)], axis=1)
            g += (1 - c.alpha) * (eps.T @ u + np.einsum("ba,biad->id", m, Eps)[:, kind])
        return g
    return both_layers(c, f, layer)


def finite_differences(c, w, x, target, g_decay, entries=5, h=1e-5):
    """Greatest error of some entries of the exact gradient with decay, relative to the matrix's largest entry."""
    def total_loss():
        return loss_and_dy(c, forward(c, w, x).y, target)[0] + decay_loss(c, w)
    worst, rng = 0.0, np.random.Generator(np.random.PCG64(c.seed + 1))
    for name, g in g_decay.items():
        m = getattr(w, name)
        for _ in range(entries):
            at = tuple(rng.integers(0, size) for size in m.shape)
            if name == "W_rec" and at[0] == at[1]:
                continue
            kept = m[at]
            m[at] = kept + h
            up = total_loss()
            m[at] = kept - h
            down = total_loss()
            m[at] = kept
            worst = max(worst, abs((up - down) / (2 * h) - g[at]) / np.abs(g).max())
    return worst


# ---------------------------------------------------------------- checks before a case is written

def agreements(c, w, f, target, r):
    """What this gradient must equal, and by how much it differs from what it must not equal."""
    layers = dict(W_in=r.g["W_in"], W_rec=r.g["W_rec"])
    agree, differ = {}, {}
    def checked(name, other, bound):
        agree[name] = distance(other, layers)
        assert agree[name] < bound, (c.name, name, agree[name])
    def variant(**change):
        other = gradient(SimpleNamespace(**{**vars(c), **change}), w, f, target).g
        return distance({k: other[k] for k in layers}, layers)
    if c.rule == "bptt":
        if c.n <= 40:
            checked("rtrl", rtrl(c, w, f, r.L), 1e-9)
        if not c.spiking:
            agree["finite differences"] = finite_differences(c, w, f.x, target, with_decay(c, w, r.g))
            assert agree["finite differences"] < 1e-6, (c.name, agree)
        differ["eprop"] = variant(rule="eprop")
    if c.rule == "eprop":
        checked("eligibility", eligibility(c, w, f, r.L), 1e-10)
        if c.learning_signal == "symmetric":
            differ["bptt"] = variant(rule="bptt")
        else:
            differ["symmetric"] = variant(learning_signal="symmetric")
    if c.rule == "mdgl":
        checked("eligibility", eligibility(c, w, f, r.L), 1e-10)
    if c.rule == "modprop":
        checked("online", online(c, w, f, r.L, r.mod.mu), 1e-10)
    if c.rule in ("modprop", "mdgl"):
        differ["eprop"] = variant(rule="eprop")
        differ["other feedback"] = variant(feedback="cell" if c.feedback == "type" else "type")
        if c.window:
            differ["window 0"], differ["window + 1"] = variant(window=0), variant(window=c.window + 1)
        if c.feedback == "type" and c.types_per_sign > 1:
            differ["1 type per sign"] = variant(types_per_sign=1, C=2, type_of_unit=unit_types(c.n_inh, c.n_exc, 1),
                                                mu_mode="fixed", mu=r.mod.mu.mean() if r.mod else np.nan)
        if c.mu_mode == "trial":
            differ["adaptive"] = variant(mu_mode="adaptive")
            differ["mu of t + 1"] = distance(*(backwards(c, f, credit(c, w, f, r.L, mu)) for mu in
                                               (np.concatenate([r.mod.mu[1:], r.mod.mu[-1:]]), r.mod.mu)))
            differ["mu over the batch"] = distance(*(backwards(c, f, credit(c, w, f, r.L, mu)) for mu in
                                                     (r.mod.mu.mean(1, keepdims=True), r.mod.mu)))
        if c.mu_mode != "fixed":
            differ["mean mu"] = variant(mu_mode="fixed", mu=r.mod.mu.mean())
    if c.n_adaptive:
        differ["no adaptation state"] = variant(beta_of_unit=0 * c.beta_of_unit)
    assert all(d > 1e-3 for d in differ.values()), (c.name, differ)
    return agree, differ


def limits():
    """Identities of section 3 that tie the rules to each other, on a network of their own."""
    base = dict(name="limits", seed=5, n=14, n_in=2, n_out=3, T=25, B=3, types_per_sign=2, loss_kind="regression", mu=0.3)
    def make(**change):
        c = settings({**base, **change})
        w = random_weights(c)
        x = random_input(c, w)
        return gradient(c, w, forward(c, w, x), random_target(c)).g
    result = {}
    def equal(name, one, two):
        result[name] = distance(make(**one), make(**two))
        assert result[name] < 1e-12, (name, result)
    mod = dict(rule="modprop", feedback="type")
    equal("modprop, mu = 0: eprop", {**mod, "mu": 0.0}, dict(rule="eprop"))
    active = dict(thr=-50.0, recurrent_scale=0.1)
    equal("modprop, cell, mu = 1, all units active: bptt", {**active, "rule": "modprop", "feedback": "cell", "mu": 1.0},
          {**active, "rule": "bptt"})
    equal("mdgl, cell, T = 2: bptt", dict(rule="mdgl", feedback="cell", T=2), dict(rule="bptt", T=2))
    equal("window = 1, T = 2: window = 0", {**mod, "T": 2, "window": 1}, {**mod, "T": 2})
    measured = {**mod, "mu_gain": 1.0, "mu_tau_iterations": 9.0, "mu_state": [0.3] * 4, "radius_max": 9.0}
    equal("adaptive mu, all states mu, no clamp: fixed", {**measured, "mu_mode": "adaptive"}, mod)
    measured.update(mu_state=[0.2, 0.5, 0.4, 0.3], radius_max=0.93)
    equal("trial mu, infinite time constant: adaptive",
          {**measured, "mu_mode": "trial", "mu_tau_ms": 1e18}, {**measured, "mu_mode": "adaptive"})
    equal("modprop, types of one unit each: cell", {**mod, "n": 6, "proportion_excitatory": 0.35, "types_per_sign": 3},
          dict(rule="modprop", feedback="cell", n=6, proportion_excitatory=0.35, types_per_sign=3))
    return result


# ---------------------------------------------------------------- files

def write_attributes(h5, c, **more):
    values = {k: v for k, v in {**vars(c), **more}.items() if k in DEFAULTS or k in more or k in
              ("name", "seed", "alpha", "rho", "n_exc", "n_inh", "C")}
    values.pop("mu_state", None)
    for key, value in values.items():
        kind = np.bytes_ if isinstance(value, str) else np.float64 if isinstance(value, float) else np.int64
        h5.attrs[key] = kind(value)                                          # bytes_: a string of fixed length


def gradient_case(c, path):
    w = random_weights(c)
    if c.learning_signal == "random":
        w.W_fb_out = f32(c.rng.normal(size=w.W_out.shape) / np.sqrt(c.n / 4))
    x, target = random_input(c, w), random_target(c)
    if c.mu_state is not None:
        c.mu_state = f32(c.mu_state)
    f = forward(c, w, x)
    r = gradient(c, w, f, target)
    agree, differ = agreements(c, w, f, target, r)
    with h5py.File(path, "w", libver="earliest") as h5:
        write_attributes(h5, c, format="golden 1", threshold_margin=f.margin, spectral_radius=radius(w.W_rec))
        data = dict(x=x, target=target, **vars(w))
        if c.n_adaptive:
            data["beta_of_unit"] = c.beta_of_unit
        for k in ("v", "z") + (("a",) if c.n_adaptive else ()):
            data[k] = getattr(f, k)[::c.trajectory_every].astype(np.float32)
        data.update(y=f.y, loss=r.E, loss_with_decay=r.E + decay_loss(c, w))
        data.update({"grad_" + k: g for k, g in r.g.items()})
        data.update({"grad_" + k + "_decay": g for k, g in with_decay(c, w, r.g).items()})
        if c.feedback == "type" or c.mu_mode != "fixed":
            data["W_ab"], data["type_of_unit"] = type_mean(c, w.W_rec), c.type_of_unit
        if c.mu_mode != "fixed":
            data.update(mu_state=c.mu_state, mu_used=r.mod.mu if c.mu_mode == "trial" else r.mod.mu[0, 0],
                        mu_state_next=r.mod.state_next, mu_clamp=r.mod.clamp,
                        radius_unclamped=r.mod.radius_unclamped, radius=r.mod.radius)
        for key, value in data.items():
            h5[key] = value
    return agree, differ


# ---------------------------------------------------------------- training steps (section 5, steps 2 to 5)

def split(c, w):
    """The trained parameters: sign-constrained matrices as magnitude theta >= 0, the others as they are."""
    sign = c.sign[:, None]
    return dict(W_in=w.W_in.copy(), W_rec=w.W_rec * sign, W_out=w.W_out * sign, b_out=w.b_out.copy())


def joined(c, p):
    return SimpleNamespace(**split(c, SimpleNamespace(**p)))                 # sign * sign = 1: its own inverse


def update(c, p, m, v, g, k, learning_rate):
    """One Adam step, k = 1 for the very first, then l1 and the disconnect guard. g: gradient of the weights, with decay."""
    nearest_to_zero, guarded = np.inf, 0
    for name in p:
        signed = name in ("W_rec", "W_out")
        grad = g[name] * c.sign[:, None] if signed else g[name]
        m[name] = BETA1 * m[name] + (1 - BETA1) * grad
        v[name] = BETA2 * v[name] + (1 - BETA2) * grad ** 2
        rate = learning_rate * np.sqrt(1 - BETA2 ** k) / (1 - BETA1 ** k)
        connected = p[name] > 0
        p[name] = p[name] - rate * m[name] / (np.sqrt(v[name]) + EPSILON)
        if signed:
            p[name] = p[name] - learning_rate * c.l1
            nearest_to_zero = min(nearest_to_zero, np.abs(p[name][connected]).min())
            guarded += (~connected & (p[name] > 0)).sum()
            p[name] = np.where(connected & (p[name] > 0), p[name], 0.0)
    return nearest_to_zero, guarded


def training_case(c, path):
    """kind = optimiser: the gradients are given. kind = training: they come from the rule, on a fresh batch each."""
    w = random_weights(c)
    p, rng = split(c, w), c.rng
    small = {k: rng.uniform(size=p[k].shape) < 0.2 for k in ("W_rec", "W_out")}          # some are about to disconnect
    for k, at in small.items():
        p[k] = f32(np.where(at & (p[k] > 0), c.learning_rate * rng.uniform(0.05, 4, size=at.shape), p[k]))
    # size of the gradients: given ones reach below Adam's epsilon, the rule's own are of about 1e-3 to 1e-2
    size = (-8, -1) if c.kind == "optimiser" else (-3, -2)
    scale = {k: 10 ** rng.uniform(*size, size=p[k].shape) for k in p}
    settled = 1 - BETA2 ** c.first_iteration                                 # v starts at zero and settles slowly
    m = {k: f32(scale[k] * rng.normal(size=p[k].shape)) for k in p}
    v = {k: f32(scale[k] ** 2 * settled * rng.uniform(0.2, 2, size=p[k].shape)) for k in p}
    for k in (m, v):
        np.fill_diagonal(k["W_rec"], 0)
    data = {"theta_" + k if k in small else k: p[k] for k in p}
    data["sign"] = c.sign
    data.update({"adam_m_" + k: m[k] for k in p})
    data.update({"adam_v_" + k: v[k] for k in p})
    rates, nearest, guarded, margin, extra = [], np.inf, 0, np.inf, {}
    before = {k: (p[k] > 0).sum() for k in small}
    for i in range(c.iterations):
        iteration = c.first_iteration + i
        rates.append(c.learning_rate * 0.8 ** (iteration // 300))
        if c.kind == "optimiser":
            g = {k: f32(scale[k] * rng.normal(size=p[k].shape)) for k in p}
            np.fill_diagonal(g["W_rec"], 0)
            put = {}
        else:
            now = joined(c, p)
            x, target = random_input(c, now), random_target(c)
            f = forward(c, now, x)
            r = gradient(c, now, f, target)
            g, margin = with_decay(c, now, r.g), min(margin, f.margin)
            put = dict(x=x, target=target, loss=r.E, loss_with_decay=r.E + decay_loss(c, now))
        near, caught = update(c, p, m, v, g, iteration + 1, rates[-1])
        nearest, guarded = min(nearest, near), guarded + caught
        put.update({"grad_" + k + "_decay": g[k] for k in p})
        put.update({"theta_" + k + "_after" if k in small else k + "_after": p[k].copy() for k in p})
        put.update({"adam_m_" + k + "_after": m[k].copy() for k in p})
        put.update({"adam_v_" + k + "_after": v[k].copy() for k in p})
        for key, value in put.items():
            extra.setdefault(key, []).append(value)
    lost = {k: int(before[k] - (p[k] > 0).sum()) for k in small}
    assert nearest > 1e-6 and min(lost.values()) > 0 and guarded > 0, (c.name, nearest, lost, guarded)
    with h5py.File(path, "w", libver="earliest") as h5:
        write_attributes(h5, c, format="golden 1", threshold_margin=margin, theta_margin=nearest)
        data["learning_rate_of_iteration"] = rates
        for key, value in {**data, **extra}.items():
            h5[key] = np.array(value)
    return dict(theta_margin=nearest), {"guarded": guarded, **{"disconnected " + k: n for k, n in lost.items()}}


# ---------------------------------------------------------------- initial weights (section 4): properties only

def initial_weights_case(case, out):
    """Samples differ between programs, so the file says what every sample must fulfil, and the counts that follow."""
    rules = [
        dict(of="W_rec", property="the diagonal is zero", tolerance=0),
        dict(of="W_rec, W_out", property="rows of units 0 .. n_inh - 1 are <= 0, the others >= 0", tolerance=0),
        dict(of="W_rec, W_out", property="|sum of a column| / sum of |its entries|, each column", tolerance=1e-5,
             reason="each entry is rounded to float32 (6e-8), the sum may be taken in float32"),
        dict(of="W_rec", property="|largest |eigenvalue| - 1|", tolerance=1e-4,
             reason="rounding to float32 times the condition of an eigenvalue of a matrix that is not normal"),
        dict(of="W_in", property="|mean| / sqrt(2 / n_in) * sqrt(count), count = n_in n, or that of several seeds together",
             tolerance=5, reason="five standard errors"),
        dict(of="W_in", property="|variance / (2 / n_in) - 1| * sqrt(count / 2)", tolerance=5,
             reason="five standard errors"),
        dict(of="b_out", property="zero", tolerance=0),
        dict(of="all", property="the same seed gives the same bits, another seed gives others", tolerance=0)]
    networks = []
    for n, n_in, n_out, p in case["networks"]:
        n_exc = int(np.floor(p * n)) + 1
        sizes = {str(k): np.bincount(unit_types(n - n_exc, n_exc, k)).tolist() for k in (1, 2, 3)}
        networks.append(dict(n=n, n_in=n_in, n_out=n_out, proportion_excitatory=p, n_inh=n - n_exc, n_exc=n_exc,
                             units_of_type_by_types_per_sign=sizes))
    with open(os.path.join(out, case["name"] + ".json"), "w") as file:
        json.dump(dict(kind=case["kind"], format="golden 1", properties=rules, networks=networks), file, indent=1)
        file.write("\n")


def main():
    out = sys.argv[1]
    table = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.json")
    os.makedirs(out, exist_ok=True)
    show = lambda values: ", ".join(f"{k} {v:.1e}" for k, v in values.items())
    for name, value in limits().items():
        print(f"limit  {name}: {value:.1e}")
    for case in json.load(open(table)):
        if case.get("kind") == "initial_weights":
            initial_weights_case(case, out)
            continue
        c = settings(case)
        path = os.path.join(out, c.name + ".h5")
        agree, differ = (gradient_case if c.kind == "gradient" else training_case)(c, path)
        print(f"{c.name}: {os.path.getsize(path)} bytes | agrees: {show(agree)} | differs: {show(differ)}")


if __name__ == "__main__":
    main()
