/* shortcode_lines.h: which lines of a Markdown text are code.
 *
 * Follows block quotes, list items, fences and indented code (CommonMark 0.31
 * §4.4, §4.5, §5) line by line, without rendering anything.  HTML blocks are
 * text here.
 */
#ifndef CARTOLINA_SHORTCODE_LINES_H
#define CARTOLINA_SHORTCODE_LINES_H

#include "markdown_line.h"

enum {
	SHORTCODE_CODE_INDENT = 4, /* columns */
	SHORTCODE_MAX_DEPTH = 32,  /* containers in containers; deeper ones are text */
};

enum shortcode_leaf { LEAF_NONE, LEAF_PARAGRAPH, LEAF_FENCE, LEAF_INDENTED };

struct shortcode_container {
	bool quote;
	size_t width; /* of an item: columns that its further lines are indented by */
};

struct shortcode_lines {
	struct str text;
	struct shortcode_container stack[SHORTCODE_MAX_DEPTH];
	size_t depth;
	enum shortcode_leaf leaf; /* open after the last line; a caller may end it */
	struct markdown_fence fence;
};

/* The place in a line.  Columns count tabs to every fourth. */
struct shortcode_cursor {
	size_t at;
	size_t column;
	size_t owed; /* columns of a tab that is behind `at`, not yet used */
};

/* Takes in the line that begins at c->at.  *c: behind its containers. True when
 * it is code: in a fence, the fence itself, or indented. */
bool shortcode_lines_next(struct shortcode_lines *lines, struct shortcode_cursor *c);

/* Columns of white space from c on. */
size_t shortcode_lines_indent(const struct shortcode_lines *lines, struct shortcode_cursor c);

/* The rest of the line, without its end. */
struct str shortcode_lines_rest(const struct shortcode_lines *lines, size_t at);

/* True for a line that ends the paragraph before it. */
bool shortcode_lines_ends_paragraph(struct str line);

#endif
