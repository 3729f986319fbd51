/* rnn.h: what rnn.c tells the kernels of one recurrent step (kernels/rnn.h). */
#ifndef TG_RNN_H
#define TG_RNN_H

#include <stdint.h>

/* A matrix [rows, n] a gate: rows are ld apart, gates gap. Strides count elements. */
typedef struct tg_gates {
    void *p;
    int64_t ld, gap;
} tg_gates;

/* One step of `rows` sequences for n hidden units. */
typedef struct tg_cell {
    int64_t rows, n;
    tg_gates x, z;   /* the input's and the state's part of each gate */
    tg_gates t;      /* room for the gates, rows without gaps; it may be z. Backward: for one row */
    tg_gates h0, c0; /* the states before */
    tg_gates act;    /* LSTM: i, f, g, o; GRU: r, z, n and n's part of the state */
    tg_gates h, c;   /* the states after */
    tg_gates copy;   /* h once more */
    /* backward: */
    tg_gates gy;     /* gradient of h from outside */
    tg_gates dh, dc; /* of the states after, from later steps; becomes that of the states before */
    tg_gates gx, gz; /* of x and of z; LSTM and RNN: gx alone, they are the same */
} tg_cell;

#endif
