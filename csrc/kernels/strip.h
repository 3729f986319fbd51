/* strip.h: the sizes that row kernels and their drivers agree on. */
#ifndef TG_STRIP_H
#define TG_STRIP_H

#define TG_STRIP 64         /* columns that a "col" kernel is given, at most: four cache lines of floats */
#define TG_ROW_BLOCK 2048   /* elements that pass through the first cache together: 8 or 16 KB */
#define TG_ROW_GROUP 256    /* rows that do, at most */

#endif
