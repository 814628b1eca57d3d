/* reserved.h: addresses that are the program's own, whatever posts there are. */
#ifndef CARTOLINA_RESERVED_H
#define CARTOLINA_RESERVED_H

#include "str.h"

/* True for a normalised path below the mount, with or without a slash at its
 * end: "/-" and all below it, feeds, the site map, robots.txt.  Lists (tags,
 * years) are not: a post goes before them. */
bool reserved_path(struct str path);

#endif
