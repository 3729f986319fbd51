/* status.h: how drivers report an index that is out of range. */
#ifndef TG_STATUS_H
#define TG_STATUS_H

#include <stdint.h>

/* Remembers the value for the error message and answers TG_BAD_INDEX. Call it from the thread that entered the driver. */
int tg_set_bad_index(int64_t value);

#endif
