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

/* 1 / (1 + exp(-x)); what is smaller than a normal number is 0. */
TG_INLINE R F(gate)(R x) {
    const R e = F(exp_below)(x < 0 ? x : -x);
    return (x < 0 ? e : 1) / (1 + e);
}

/* h = tanh(x + z) or max(x + z, 0) */
TG_INLINE void F(cell_simple)(const tg_cell *s, int relu) {
    const int64_t n = s->n;
    ROWS {
        const R *restrict x = AT(s->x, 0), *restrict z = AT(s->z, 0);
        R *restrict h = AT(s->h, 0), *restrict copy = AT(s->copy, 0);
        UNITS {
            R v = x[j] + z[j];
            h[j] = copy[j] = relu ? (v <= 0 ? 0 : v) : F(tanh)(v);
        }
    }
}

/* i, f, o = sigmoid, g = tanh of the gates; c = f c0 + i g; h = o tanh(c) */
TG_INLINE void F(cell_lstm)(const tg_cell *s) {
    const int64_t n = s->n;
    ROWS {
        const R *restrict xi = AT(s->x, 0), *restrict xf = AT(s->x, 1), *restrict xg = AT(s->x, 2), *restrict xo = AT(s->x, 3);
        const R *restrict zi = AT(s->z, 0), *restrict zf = AT(s->z, 1), *restrict zg = AT(s->z, 2), *restrict zo = AT(s->z, 3);
        const R *restrict c0 = AT(s->c0, 0);
        R *restrict ai = AT(s->act, 0), *restrict af = AT(s->act, 1), *restrict ag = AT(s->act, 2), *restrict ao = AT(s->act, 3);
        R *restrict c = AT(s->c, 0), *restrict h = AT(s->h, 0), *restrict copy = AT(s->copy, 0);
        UNITS {
            R i = F(gate)(xi[j] + zi[j]), f = F(gate)(xf[j] + zf[j]), g = F(tanh)(xg[j] + zg[j]), o = F(gate)(xo[j] + zo[j]);
            R v = f * c0[j] + i * g;
            ai[j] = i, af[j] = f, ag[j] = g, ao[j] = o, c[j] = v;
            h[j] = copy[j] = o * F(tanh)(v);
        }
    }
}

/* r, u = sigmoid of the gates; n = tanh(x_n + r z_n); h = (1 - u) n + u h0 */
TG_INLINE void F(cell_gru)(const tg_cell *s) {
    const int64_t n = s->n;
    ROWS {
        const R *restrict xr = AT(s->x, 0), *restrict xu = AT(s->x, 1), *restrict xn = AT(s->x, 2);
        const R *restrict zr = AT(s->z, 0), *restrict zu = AT(s->z, 1), *restrict zn = AT(s->z, 2), *restrict h0 = AT(s->h0, 0);
        R *restrict ar = AT(s->act, 0), *restrict au = AT(s->act, 1), *restrict an = AT(s->act, 2), *restrict az = AT(s->act, 3);
        R *restrict h = AT(s->h, 0), *restrict copy = AT(s->copy, 0);
        UNITS {
            R reset = F(gate)(xr[j] + zr[j]), u = F(gate)(xu[j] + zu[j]), part = zn[j], v = F(tanh)(xn[j] + reset * part);
            ar[j] = reset, au[j] = u, an[j] = v, az[j] = part;
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
        const R *restrict gy = AT(s->gy, 0), *restrict dh = AT(s->dh, 0), *restrict h = AT(s->h, 0);
        R *restrict gx = AT(s->gx, 0);
        UNITS {
            R g = gy[j] + dh[j];
            gx[j] = relu ? (h[j] > 0 ? g : 0) : g * (1 - h[j] * h[j]);
        }
    }
}

TG_INLINE void F(cell_lstm_grad)(const tg_cell *s) {
    const int64_t n = s->n;
    ROWS {
        const R *restrict ai = AT(s->act, 0), *restrict af = AT(s->act, 1), *restrict ag = AT(s->act, 2), *restrict ao = AT(s->act, 3);
        const R *restrict c = AT(s->c, 0), *restrict c0 = AT(s->c0, 0), *restrict gy = AT(s->gy, 0), *restrict dh = AT(s->dh, 0);
        R *restrict gi = AT(s->gx, 0), *restrict gf = AT(s->gx, 1), *restrict gg = AT(s->gx, 2), *restrict go = AT(s->gx, 3);
        R *restrict dc = AT(s->dc, 0);
        UNITS {
            R i = ai[j], f = af[j], g = ag[j], o = ao[j], t = F(tanh)(c[j]), d = gy[j] + dh[j];
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
        const R *restrict ar = AT(s->act, 0), *restrict au = AT(s->act, 1), *restrict an = AT(s->act, 2), *restrict az = AT(s->act, 3);
        const R *restrict h0 = AT(s->h0, 0), *restrict gy = AT(s->gy, 0);
        R *restrict xr = AT(s->gx, 0), *restrict xu = AT(s->gx, 1), *restrict xn = AT(s->gx, 2);
        R *restrict zr = AT(s->gz, 0), *restrict zu = AT(s->gz, 1), *restrict zn = AT(s->gz, 2), *restrict dh = AT(s->dh, 0);
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
#endif
