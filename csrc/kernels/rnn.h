/* rnn.h: what a recurrent layer does to each hidden unit in one step, and its gradient. The products are done: x is the
 * input's part of the gates, z the state's. */
#ifndef R
#define TG_TEXT "rnn.h"
#include "real.h"
#else

/* Row r of gate k. */
#define AT(m, k) ((R *)(m).p + r * (m).ld + (k) * (m).gap)
#define ROWS for (int64_t r = 0; r < s->rows; r++)
#define UNITS TG_IVDEP for (int64_t j = 0; j < n; j++)

/* f(x) for all rows of a gate of s->t, which lie one behind the other. */
#define APPLY(f, k)                                                \
    do {                                                           \
        char *p_[2] = {(char *)((R *)s->t.p + (k) * s->t.gap)};    \
        p_[1] = p_[0];                                             \
        F(map_##f)(s->rows * s->t.ld, p_);                         \
    } while (0)

/* t = x + z, for so many gates */
TG_INLINE void F(cell_sums)(const tg_cell *s, int gates) {
    const int64_t n = s->n;
    for (int k = 0; k < gates; k++)
        ROWS {
            const R *x = AT(s->x, k), *z = AT(s->z, k);
            R *t = AT(s->t, k);
            UNITS t[j] = x[j] + z[j];
        }
}

/* h = tanh(x + z) or max(x + z, 0) */
TG_INLINE void F(cell_simple)(const tg_cell *s, int relu) {
    const int64_t n = s->n;
    F(cell_sums)(s, 1);
    if (relu)
        APPLY(relu, 0);
    else
        APPLY(tanh, 0);
    ROWS {
        const R *t = AT(s->t, 0);
        R *h = AT(s->h, 0), *copy = AT(s->copy, 0);
        UNITS h[j] = copy[j] = t[j];
    }
}

/* i, f, o = sigmoid, g = tanh of the gates; c = f c0 + i g; h = o tanh(c) */
TG_INLINE void F(cell_lstm)(const tg_cell *s) {
    const int64_t n = s->n;
    F(cell_sums)(s, 4);
    APPLY(sigmoid, 0);
    APPLY(sigmoid, 1);
    APPLY(tanh, 2);
    APPLY(sigmoid, 3);
    ROWS {
        R *ti = AT(s->t, 0);
        const R *tf = AT(s->t, 1), *tg = AT(s->t, 2), *to = AT(s->t, 3), *c0 = AT(s->c0, 0);
        R *ai = AT(s->act, 0), *af = AT(s->act, 1), *ag = AT(s->act, 2), *ao = AT(s->act, 3), *c = AT(s->c, 0);
        UNITS {
            R i = ti[j], f = tf[j], g = tg[j];
            ai[j] = i, af[j] = f, ag[j] = g, ao[j] = to[j];
            c[j] = ti[j] = f * c0[j] + i * g;
        }
    }
    APPLY(tanh, 0);
    ROWS {
        const R *t = AT(s->t, 0), *to = AT(s->t, 3);
        R *h = AT(s->h, 0), *copy = AT(s->copy, 0);
        UNITS h[j] = copy[j] = to[j] * t[j];
    }
}

/* r, u = sigmoid of the gates; n = tanh(x_n + r z_n); h = (1 - u) n + u h0 */
TG_INLINE void F(cell_gru)(const tg_cell *s) {
    const int64_t n = s->n;
    F(cell_sums)(s, 2);
    APPLY(sigmoid, 0);
    APPLY(sigmoid, 1);
    ROWS {
        const R *x = AT(s->x, 2), *z = AT(s->z, 2), *tr = AT(s->t, 0);
        R *t = AT(s->t, 2), *part = AT(s->act, 3);
        UNITS {
            R v = z[j];
            part[j] = v;
            t[j] = x[j] + tr[j] * v;
        }
    }
    APPLY(tanh, 2);
    ROWS {
        const R *tr = AT(s->t, 0), *tu = AT(s->t, 1), *tn = AT(s->t, 2), *h0 = AT(s->h0, 0);
        R *ar = AT(s->act, 0), *au = AT(s->act, 1), *an = AT(s->act, 2), *h = AT(s->h, 0), *copy = AT(s->copy, 0);
        UNITS {
            R u = tu[j], v = tn[j];
            ar[j] = tr[j], au[j] = u, an[j] = v;
            h[j] = copy[j] = v + u * (h0[j] - v);
        }
    }
}

static void F(cell)(int kind, const tg_cell *s) {
    if (kind == TG_LSTM)
        F(cell_lstm)(s);
    else if (kind == TG_GRU)
        F(cell_gru)(s);
    else if (kind == TG_RNN_RELU)
        F(cell_simple)(s, 1);
    else
        F(cell_simple)(s, 0);
}

TG_INLINE void F(cell_simple_grad)(const tg_cell *s, int relu) {
    const int64_t n = s->n;
    ROWS {
        const R *gy = AT(s->gy, 0), *dh = AT(s->dh, 0), *h = AT(s->h, 0);
        R *gx = AT(s->gx, 0);
        UNITS {
            R g = gy[j] + dh[j];
            gx[j] = relu ? (h[j] > 0 ? g : 0) : g * (1 - h[j] * h[j]);
        }
    }
}

TG_INLINE void F(cell_lstm_grad)(const tg_cell *s) {
    const int64_t n = s->n;
    ROWS {
        const R *ai = AT(s->act, 0), *af = AT(s->act, 1), *ag = AT(s->act, 2), *ao = AT(s->act, 3);
        const R *c = AT(s->c, 0), *c0 = AT(s->c0, 0), *gy = AT(s->gy, 0), *dh = AT(s->dh, 0), *tc = s->t.p;
        R *gi = AT(s->gx, 0), *gf = AT(s->gx, 1), *gg = AT(s->gx, 2), *go = AT(s->gx, 3), *dc = AT(s->dc, 0);
        F(map_tanh)(n, (char *[]){s->t.p, (char *)c});
        UNITS {
            R i = ai[j], f = af[j], g = ag[j], o = ao[j], t = tc[j], d = gy[j] + dh[j];
            R e = dc[j] + d * o * (1 - t * t);
            gi[j] = e * g * i * (1 - i), gf[j] = e * c0[j] * f * (1 - f);
            gg[j] = e * i * (1 - g * g), go[j] = d * t * o * (1 - o);
            dc[j] = e * f;
        }
    }
}

/* dh becomes u dh: the part of h0's gradient that goes through no product. */
TG_INLINE void F(cell_gru_grad)(const tg_cell *s) {
    const int64_t n = s->n;
    ROWS {
        const R *ar = AT(s->act, 0), *au = AT(s->act, 1), *an = AT(s->act, 2), *az = AT(s->act, 3);
        const R *h0 = AT(s->h0, 0), *gy = AT(s->gy, 0);
        R *xr = AT(s->gx, 0), *xu = AT(s->gx, 1), *xn = AT(s->gx, 2), *dh = AT(s->dh, 0);
        R *zr = AT(s->gz, 0), *zu = AT(s->gz, 1), *zn = AT(s->gz, 2);
        UNITS {
            R reset = ar[j], u = au[j], v = an[j], d = gy[j] + dh[j], e = d * (1 - u) * (1 - v * v);
            xr[j] = zr[j] = e * az[j] * reset * (1 - reset);
            xu[j] = zu[j] = d * (h0[j] - v) * u * (1 - u);
            xn[j] = e, zn[j] = e * reset;
            dh[j] = d * u;
        }
    }
}

static void F(cell_grad)(int kind, const tg_cell *s) {
    if (kind == TG_LSTM)
        F(cell_lstm_grad)(s);
    else if (kind == TG_GRU)
        F(cell_gru_grad)(s);
    else if (kind == TG_RNN_RELU)
        F(cell_simple_grad)(s, 1);
    else
        F(cell_simple_grad)(s, 0);
}

#undef AT
#undef ROWS
#undef UNITS
#undef APPLY
#endif
