/* markdown_cursor.c: a line and a place in it -> indentation, and the place
 * behind some columns.
 *
 * What the line means is markdown_line.h's and its callers' affair.  Source:
 * CommonMark 0.31 §2.2.
 */
#include "markdown_cursor.h"

enum { TAB_STOP = 4 };

size_t markdown_cursor_indent(const struct markdown_cursor *c)
{
	size_t column = c->column + c->owed;

	for (size_t i = 0; i < c->rest.n; i++) {
		if (c->rest.p[i] == ' ')
			column++;
		else if (c->rest.p[i] == '\t')
			column += TAB_STOP - column % TAB_STOP;
		else
			break;
	}
	return column - c->column;
}

void markdown_cursor_skip_columns(struct markdown_cursor *c, size_t n)
{
	while (n > 0) {
		if (!c->owed) {
			if (!c->rest.n || (c->rest.p[0] != ' ' && c->rest.p[0] != '\t'))
				return;
			c->owed = c->rest.p[0] == '\t' ? TAB_STOP - c->column % TAB_STOP : 1;
			c->rest = str_skip(c->rest, 1);
		}
		size_t step = n < c->owed ? n : c->owed;
		c->owed -= step;
		c->column += step;
		n -= step;
	}
}

void markdown_cursor_skip(struct markdown_cursor *c, size_t n)
{
	c->rest = str_skip(c->rest, n);
	c->column += n;
}
