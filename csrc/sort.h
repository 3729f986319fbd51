/* sort.h: what the sorting driver and its kernel agree on. */
#ifndef TG_SORT_H
#define TG_SORT_H

#include "tensorgrad.h"

#define TG_SORT_NARROW(dtype) ((dtype) != TG_I64 && (dtype) != TG_F64)  /* ranks of 32 bits, else 64 */
#define TG_SORT_BYTES(dtype) (TG_SORT_NARROW(dtype) ? 20 : 40)  /* of workspace an element: two (rank, place), a rank */
#define TG_SELECT_SHARE 8  /* fewer than n / 8 elements are selected, more of them are cut off a sorted row */

#endif
