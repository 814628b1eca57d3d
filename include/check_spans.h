/* check_spans.h: what stands inside the leaves of check_source.h.  A part of it. */
#ifndef CARTOLINA_CHECK_SPANS_H
#define CARTOLINA_CHECK_SPANS_H

#include "check_source.h"

/* Fills the lists from one leaf; afterwards its code is blank, too.  To be
 * called when all definitions are known. */
void check_spans_read(struct check_source *source, const struct check_leaf *leaf);

/* Between from and to is code: notes the dividers in it, and writes spaces
 * over it. */
void check_spans_code(struct check_source *source, size_t from, size_t to);

#endif
