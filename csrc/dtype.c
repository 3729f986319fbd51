/* dtype.c: sizes of the element types, and the index that the last failed driver met. */
#include "tensorgrad.h"

#include "status.h"

static const int8_t itemsize[TG_DTYPES] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 1, 1};

int64_t tg_itemsize(int dtype) { return itemsize[dtype]; }

static _Thread_local int64_t bad_index;

int tg_set_bad_index(int64_t value) {
    bad_index = value;
    return TG_BAD_INDEX;
}

int64_t tg_bad_index(void) { return bad_index; }
