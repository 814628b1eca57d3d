/* markdown_cursor.h: where one is in a line, in columns: CommonMark 0.31 §2.2.
 *
 * A tab stops at every fourth column, and a container may end in the midst of
 * one: its other columns are owed to what comes next.  Nothing here allocates.
 */
#ifndef CARTOLINA_MARKDOWN_CURSOR_H
#define CARTOLINA_MARKDOWN_CURSOR_H

#include "str.h"

struct markdown_cursor {
	struct str rest; /* of the line, without its end */
	size_t column;   /* where rest starts */
	size_t owed;     /* columns of a tab that is off rest, not yet used */
};

/* Columns of white space here. */
size_t markdown_cursor_indent(const struct markdown_cursor *c);
/* Takes up to n columns of white space off. */
void markdown_cursor_skip_columns(struct markdown_cursor *c, size_t n);
/* Takes n bytes off, of which none is a tab. */
void markdown_cursor_skip(struct markdown_cursor *c, size_t n);

#endif
