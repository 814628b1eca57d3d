/* markdown_line.h: what one line starts, by CommonMark 0.31 §4 and §5.
 *
 * Every function looks at a line from its first non-blank character on: the
 * caller has taken off containers and indentation (at most 3 columns), and
 * the line end.  Nothing here allocates or remembers.
 */
#ifndef CARTOLINA_MARKDOWN_LINE_H
#define CARTOLINA_MARKDOWN_LINE_H

#include "str.h"

bool markdown_line_blank(struct str s);
/* §4.1: ***, - - -, ___ */
bool markdown_line_rule(struct str s);
/* §4.2: the level of a # heading and its text, or 0. */
unsigned markdown_line_heading(struct str s, struct str *text);
/* §4.3: 1 for ===, 2 for ---, else 0. */
unsigned markdown_line_underline(struct str s);

/* §4.5.  The info string is trimmed, escapes not resolved. */
struct markdown_fence {
	char mark;
	size_t length;
	struct str info;
};
bool markdown_line_fence(struct str s, struct markdown_fence *fence);
bool markdown_line_closes(struct str s, const struct markdown_fence *fence);

/* §4.6: the number of the start condition of an HTML block, 1-7, or 0. */
int markdown_line_html(struct str s);
/* The end condition of that number; blank lines are the caller's to see. */
bool markdown_line_ends_html(struct str s, int condition);
/* §6.6: length of the tag, comment, instruction, declaration or CDATA section
 * that s starts with, or 0.  A comment may hold anything but its end. */
size_t markdown_html_length(struct str s);

/* §5.2: a list marker.  The kind is what tells lists apart: - + * . ) */
struct markdown_marker {
	char kind;
	unsigned long number;
	size_t length; /* bytes of the marker alone */
};
bool markdown_line_marker(struct str s, struct markdown_marker *marker);

/* GFM tables: takes the next cell off a row, which has no outer pipes left. */
struct str markdown_row_trim(struct str row);
bool markdown_row_cell(struct str *row, struct str *cell);
/* A row of - and : only; the number of its cells, or 0. */
size_t markdown_row_delimiters(struct str row);

#endif
