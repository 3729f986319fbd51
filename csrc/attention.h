/* attention.h: the sizes that attention's kernels and their driver agree on. */
#ifndef TG_ATTENTION_H
#define TG_ATTENTION_H

#define TG_QUERIES 32 /* columns of a block of scores: the tile's two vectors of floats */
#define TG_KEYS 64    /* rows of a block of scores, at most: with its operands it stays in the first cache */

#endif
