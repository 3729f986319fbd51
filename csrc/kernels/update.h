/* update.h: the optimisers' rules, one pass over a parameter and everything that belongs to it.
 *
 * slot[0] is the parameter p, slot[1] its gradient g, slot[2..] the rule's state, all contiguous; c holds the rule's
 * coefficients in double precision. The arithmetic follows PyTorch's single-tensor loops operation by operation.
 * `flags` chooses variants outside the loops: the compiler makes one vector loop of each. */
#ifndef R
#define root_f32(x) sqrtf(x)
#define root_f64(x) sqrt(x)
#define TG_TEXT "update.h"
#include "real.h"
#else

#define UNUSED __attribute__((unused))
#define UPDATE(rule) static void F(update_##rule)(int64_t n, UNUSED int flags, char *const *slot, UNUSED const double *c)
#define P R *restrict p = (R *)slot[0]
#define G const R *restrict g = (const R *)slot[1]
#define STATE(name, i) R *restrict name = (R *)slot[i]
#define C(name, i) const R name = (R)c[i]

/* The gradient of element i: its sign turned when maximising, plus the L2 penalty's. */
#define SIGN const R sign = flags & TG_MAXIMIZE ? -1 : 1
#define GRADIENT(i) (flags & TG_DECAY ? sign * g[i] + decay * p[i] : sign * g[i])

/* buf = momentum buf + (1 - dampening) g (the first time: g); p -= lr buf, nesterov: p -= lr (g + momentum buf).
 * c: lr, weight decay, momentum, 1 - dampening; slots: buf. */
UPDATE(sgd) {
    P; G; STATE(buf, 2); C(lr, 0); C(decay, 1); C(momentum, 2); C(fresh, 3); SIGN;
    if (!(flags & TG_MOMENTUM))
        for (int64_t i = 0; i < n; i++) p[i] -= lr * GRADIENT(i);
    else
        for (int64_t i = 0; i < n; i++) {
            R d = GRADIENT(i);
            R b = flags & TG_FIRST ? d : buf[i] * momentum + fresh * d;
            buf[i] = b;
            p[i] -= lr * (flags & TG_NESTEROV ? d + momentum * b : b);
        }
}

/* m += (1 - b1) (g - m), v = b2 v + (1 - b2) g^2, p -= step m / (sqrt(v) / root + eps).
 * c: step = lr / (1 - b1^t), weight decay, 1 - b1, b2, 1 - b2, root = sqrt(1 - b2^t), eps, shrink = 1 - lr * decay
 * for AdamW, else 1; slots: m, v, and for amsgrad the largest v so far. */
UPDATE(adam) {
    P; G; STATE(m, 2); STATE(v, 3); STATE(vmax, 4); SIGN;
    C(step, 0); C(decay, 1); C(w1, 2); C(b2, 3); C(w2, 4); C(root, 5); C(eps, 6); C(shrink, 7);
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i);
        R x = p[i] * shrink;
        R a = m[i] + w1 * (d - m[i]);
        R s = v[i] * b2 + w2 * d * d;
        m[i] = a;
        v[i] = s;
        if (flags & TG_AMSGRAD) {
            s = s > vmax[i] || s != s ? s : vmax[i];
            vmax[i] = s;
        }
        p[i] = x - step * (a / (F(root)(s) / root + eps));
    }
}

/* v = alpha v + (1 - alpha) g^2; avg = sqrt(v), centred: a += (1 - alpha)(g - a), avg = sqrt(v - a^2); with momentum
 * buf = momentum buf + g / (avg + eps), p -= lr buf; else p -= lr g / (avg + eps).
 * c: lr, weight decay, alpha, 1 - alpha, eps, momentum; slots: v, buf, a. */
UPDATE(rmsprop) {
    P; G; STATE(v, 2); STATE(buf, 3); STATE(a, 4); SIGN;
    C(lr, 0); C(decay, 1); C(alpha, 2); C(w, 3); C(eps, 4); C(momentum, 5);
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i), s = v[i] * alpha + w * d * d;
        v[i] = s;
        if (flags & TG_CENTERED) {
            R mean = a[i] + w * (d - a[i]);
            a[i] = mean;
            s -= mean * mean;
        }
        R avg = F(root)(s) + eps;
        if (flags & TG_MOMENTUM) {
            R b = buf[i] * momentum + d / avg;
            buf[i] = b;
            p[i] -= lr * b;
        } else
            p[i] -= lr * (d / avg);
    }
}

/* s += g^2, p -= rate g / (sqrt(s) + eps). c: rate = lr / (1 + (t - 1) lr_decay), weight decay, eps; slots: s. */
UPDATE(adagrad) {
    P; G; STATE(s, 2); C(rate, 0); C(decay, 1); C(eps, 2); SIGN;
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i), sum = s[i] + d * d;
        s[i] = sum;
        p[i] -= rate * (d / (F(root)(sum) + eps));
    }
}

/* v = rho v + (1 - rho) g^2, delta = sqrt(u + eps) / sqrt(v + eps) g, u = rho u + (1 - rho) delta^2, p -= lr delta.
 * c: lr, weight decay, rho, 1 - rho, eps; slots: v, u. */
UPDATE(adadelta) {
    P; G; STATE(v, 2); STATE(u, 3); C(lr, 0); C(decay, 1); C(rho, 2); C(w, 3); C(eps, 4); SIGN;
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i), s = v[i] * rho + w * d * d;
        R delta = F(root)(u[i] + eps) / F(root)(s + eps) * d;
        v[i] = s;
        u[i] = u[i] * rho + w * delta * delta;
        p[i] -= lr * delta;
    }
}

/* m += (1 - b1)(g - m), u = max(b2 u, |g| + eps), p -= rate m / u.
 * c: rate = lr / (1 - b1^t), weight decay, 1 - b1, b2, eps; slots: m, u. */
UPDATE(adamax) {
    P; G; STATE(m, 2); STATE(u, 3); C(rate, 0); C(decay, 1); C(w1, 2); C(b2, 3); C(eps, 4); SIGN;
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i), a = m[i] + w1 * (d - m[i]);
        R size = (d < 0 ? -d : d) + eps, old = u[i] * b2;
        R largest = size > old || size != size ? size : old;
        m[i] = a;
        u[i] = largest;
        p[i] -= rate * (a / largest);
    }
}

/* Adam's m and v; denom = sqrt(v / fix2) + eps, p -= rate_g g / denom, p -= rate_m m / denom.
 * c: rate_g = lr (1 - mu) / (1 - mu_product), weight decay, 1 - b1, b2, 1 - b2, fix2 = 1 - b2^t, eps, shrink,
 * rate_m = lr mu_next / (1 - mu_product mu_next); slots: m, v. */
UPDATE(nadam) {
    P; G; STATE(m, 2); STATE(v, 3); SIGN;
    C(rate_g, 0); C(decay, 1); C(w1, 2); C(b2, 3); C(w2, 4); C(fix2, 5); C(eps, 6); C(shrink, 7); C(rate_m, 8);
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i);
        R x = p[i] * shrink;
        R a = m[i] + w1 * (d - m[i]), s = v[i] * b2 + w2 * d * d;
        m[i] = a;
        v[i] = s;
        R denom = F(root)(s / fix2) + eps;
        p[i] = x - rate_g * (d / denom) - rate_m * (a / denom);
    }
}

/* Adam's m and v; rectified: p -= m / fix1 * lr * (root2 / (sqrt(v) + eps)) * rect; else p -= m / fix1 * lr.
 * c: lr, weight decay, 1 - b1, b2, 1 - b2, fix1 = 1 - b1^t, eps, shrink, root2 = sqrt(1 - b2^t), rect; slots: m, v. */
UPDATE(radam) {
    P; G; STATE(m, 2); STATE(v, 3); SIGN;
    C(lr, 0); C(decay, 1); C(w1, 2); C(b2, 3); C(w2, 4); C(fix1, 5); C(eps, 6); C(shrink, 7); C(root2, 8); C(rect, 9);
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i);
        R x = p[i] * shrink;
        R a = m[i] + w1 * (d - m[i]), s = v[i] * b2 + w2 * d * d;
        m[i] = a;
        v[i] = s;
        R move = a / fix1 * lr;
        if (flags & TG_RECTIFIED) move = move * (root2 / (F(root)(s) + eps)) * rect;
        p[i] = x - move;
    }
}

/* p = p shrink - eta g, ax += mu (p - ax). c: eta, weight decay, shrink = 1 - lambd eta, mu; slots: ax. */
UPDATE(asgd) {
    P; G; STATE(ax, 2); C(eta, 0); C(decay, 1); C(shrink, 2); C(mu, 3); SIGN;
    for (int64_t i = 0; i < n; i++) {
        R d = GRADIENT(i), x = p[i] * shrink - eta * d;
        p[i] = x;
        ax[i] = mu == 1 ? x : ax[i] + (x - ax[i]) * mu;
    }
}

/* With s the sign of g prev: size *= etaplus where s > 0, etaminus where s < 0, kept in [min, max]; p -= sign(g) size,
 * g counting as 0 where s < 0; prev = that g. c: etaminus, etaplus, min, max; slots: prev, size. */
UPDATE(rprop) {
    P; G; STATE(prev, 2); STATE(size, 3); C(minus, 0); C(plus, 1); C(least, 2); C(most, 3); SIGN;
    for (int64_t i = 0; i < n; i++) {
        R d = sign * g[i], turn = d * prev[i];
        R next = size[i] * (turn > 0 ? plus : turn < 0 ? minus : 1);
        next = next < least ? least : next > most ? most : next;
        d = turn < 0 ? 0 : d;
        size[i] = next;
        p[i] -= (R)((d > 0) - (d < 0)) * next;
        prev[i] = d;
    }
}

/* Muon's two passes around its iteration. m += w (g - m), p = the same step from g towards m with weight momentum where that is
 * asked for, else m: p is a fresh tensor. torch.lerp's two formulas. c: w = 1 - momentum, momentum; slots: m. */
#define LERP(a, b, w) (w < (R)0.5 ? (a) + (w) * ((b) - (a)) : (b) - ((b) - (a)) * (1 - (w)))
UPDATE(blend) {
    P; G; STATE(m, 2); C(w, 0); C(momentum, 1);
    for (int64_t i = 0; i < n; i++) {
        R d = g[i], a = LERP(m[i], d, w);
        m[i] = a;
        p[i] = flags & TG_NESTEROV ? LERP(d, a, momentum) : a;
    }
}
/* p = shrink p - rate g. c: shrink, rate. */
UPDATE(shift) {
    P; G; C(shrink, 0); C(rate, 1);
    for (int64_t i = 0; i < n; i++) p[i] = p[i] * shrink - rate * g[i];
}

/* What passes over flat vectors are made of; see flat.c. combine: slot 0 = c[0] slot 1 + c[1] slot 2 (NULL: without); slot 1 may be
 * slot 0. product: slot 1 times slot 2, added to *(double *)slot[3]. */
UPDATE(combine) {
    R *p = (R *)slot[0];
    const R *x = (const R *)slot[1], *y = (const R *)slot[2];
    C(a, 0); C(b, 1);
    if (y)
        TG_IVDEP for (int64_t i = 0; i < n; i++) p[i] = a * x[i] + b * y[i];
    else
        TG_IVDEP for (int64_t i = 0; i < n; i++) p[i] = a * x[i];
}
UPDATE(product) { *(double *)slot[3] += F(dot)(n, (const R *)slot[1], (const R *)slot[2]); }

/* Adafactor's pieces, for a row of a matrix or a chunk of a vector; see adafactor.c. Sums are added to *(double *)slot[3].
 * mix: slot 0 is the mean v that takes in slot 1 with weight c[0]: its squares (TG_FIRST), or what it is times c[1]. */
UPDATE(factor_mix) {
    P; G; C(w, 0); C(scale, 1);
    for (int64_t i = 0; i < n; i++) {
        R fresh = flags & TG_FIRST ? g[i] * g[i] : g[i] * scale;
        p[i] = LERP(p[i], fresh, w);
    }
}
/* slot 0: sums over rows, to which the squares of slot 1 times c[0] are added. */
UPDATE(factor_squares) {
    P; G; C(scale, 0);
    for (int64_t i = 0; i < n; i++) p[i] += scale * g[i] * g[i];
}
/* The sum of (g / sqrt(v))^2, v = max(scale slot 2, least). c: scale, least. */
UPDATE(factor_size) {
    G; STATE(col, 2); C(scale, 0); C(least, 1);
    R a[LANES] = {0};
    for (int64_t at = 0; at < n; at += LANES) {
        const int k = n - at < LANES ? (int)(n - at) : LANES;
        for (int j = 0; j < k; j++) {
            R v = scale * col[at + j], d = g[at + j];
            a[j] += d * d / (v < least ? least : v);
        }
    }
    *(double *)slot[3] += F(fold)(a);
}
/* p = shrink p - step g / sqrt(v). c: scale, least, shrink, step. */
UPDATE(factor_step) {
    P; G; STATE(col, 2); C(scale, 0); C(least, 1); C(shrink, 2); C(step, 3);
    for (int64_t i = 0; i < n; i++) {
        R v = scale * col[i];
        p[i] = p[i] * shrink - step * (g[i] / F(root)(v < least ? least : v));
    }
}

#undef LERP
#undef UPDATE
#undef UNUSED
#undef P
#undef G
#undef STATE
#undef C
#undef SIGN
#undef GRADIENT
#endif
