/* shortcode_lines.c: see shortcode_lines.h.
 *
 * markdown_prepare does the same for rendering, exactly; here it is enough to
 * be right about code, and what is in doubt is text, as all is for Hugo.
 */
#include "shortcode_lines.h"

#include <stdint.h>

static char byte(const struct shortcode_lines *l, size_t at)
{
	return at < l->text.n ? l->text.p[at] : '\n';
}

struct str shortcode_lines_rest(const struct shortcode_lines *l, size_t at)
{
	struct str rest = str_skip(l->text, at);

	return str_head(rest, str_find_char(rest, '\n'));
}

/* Takes up to n columns of white space off; returns how many there were. */
static size_t skip_columns(const struct shortcode_lines *l, struct shortcode_cursor *c, size_t n)
{
	size_t skipped = 0;

	while (skipped < n) {
		if (!c->owed) {
			char b = byte(l, c->at);
			if (b != ' ' && b != '\t')
				break;
			c->owed = b == '\t' ? 4 - c->column % 4 : 1;
			c->at++;
		}
		c->owed--;
		c->column++;
		skipped++;
	}
	return skipped;
}

size_t shortcode_lines_indent(const struct shortcode_lines *l, struct shortcode_cursor c)
{
	return skip_columns(l, &c, SIZE_MAX);
}

static bool goes_on(const struct shortcode_lines *l, const struct shortcode_container *container,
		    struct shortcode_cursor *c)
{
	struct shortcode_cursor after = *c;
	size_t columns = skip_columns(l, &after, SIZE_MAX);

	if (!container->quote) {
		if (columns >= container->width)
			skip_columns(l, c, container->width);
		return columns >= container->width || byte(l, after.at) == '\n';
	}
	if (columns >= SHORTCODE_CODE_INDENT || byte(l, after.at) != '>')
		return false;
	after.at++;
	after.column++;
	skip_columns(l, &after, 1);
	*c = after;
	return true;
}

/* A block quote or list item that begins at c; moves c into it.  `interrupts`
 * tells that it would end a paragraph (§5.2: not every item may). */
static bool begins(const struct shortcode_lines *l, struct shortcode_cursor *c, bool interrupts,
		   struct shortcode_container *out)
{
	struct shortcode_cursor after = *c;
	size_t columns = skip_columns(l, &after, SIZE_MAX);
	struct str line = shortcode_lines_rest(l, after.at);
	struct markdown_marker marker;

	if (columns >= SHORTCODE_CODE_INDENT || !line.n)
		return false;
	*out = (struct shortcode_container){.quote = line.p[0] == '>'};
	if (out->quote)
		return goes_on(l, out, c);
	if (!markdown_line_marker(line, &marker) || markdown_line_rule(line))
		return false;
	bool empty = markdown_line_blank(str_skip(line, marker.length));
	bool numbered = marker.kind == '.' || marker.kind == ')';
	if (interrupts && (empty || (numbered && marker.number != 1)))
		return false;
	after.at += marker.length;
	after.column += marker.length;
	size_t space = shortcode_lines_indent(l, after);
	if (empty || space > SHORTCODE_CODE_INDENT)
		space = 1;
	skip_columns(l, &after, space);
	out->width = columns + marker.length + space;
	*c = after;
	return true;
}

/* The leaf that the line at c begins, or goes on with: `open` tells that a
 * paragraph is open. */
static enum shortcode_leaf leaf_of(struct shortcode_lines *l, struct shortcode_cursor c, bool open)
{
	size_t columns = skip_columns(l, &c, SIZE_MAX);
	struct str line = shortcode_lines_rest(l, c.at), text;

	if (!line.n)
		return LEAF_NONE;
	if (columns >= SHORTCODE_CODE_INDENT)
		return open ? LEAF_PARAGRAPH : LEAF_INDENTED;
	if (markdown_line_fence(line, &l->fence))
		return LEAF_FENCE;
	if (markdown_line_heading(line, &text) || markdown_line_rule(line) ||
	    (open && markdown_line_underline(line)))
		return LEAF_NONE;
	return LEAF_PARAGRAPH;
}

/* In a fence all lines are alike but the one that ends it. */
static void in_fence(struct shortcode_lines *l, struct shortcode_cursor c)
{
	size_t columns = skip_columns(l, &c, SIZE_MAX);

	if (columns < SHORTCODE_CODE_INDENT &&
	    markdown_line_closes(shortcode_lines_rest(l, c.at), &l->fence))
		l->leaf = LEAF_NONE;
}

bool shortcode_lines_next(struct shortcode_lines *l, struct shortcode_cursor *c)
{
	bool open = l->leaf == LEAF_PARAGRAPH; /* a paragraph that may go on */
	struct shortcode_container container;
	size_t depth = 0;

	while (depth < l->depth && goes_on(l, &l->stack[depth], c))
		depth++;
	if (l->leaf == LEAF_FENCE && depth == l->depth) {
		in_fence(l, *c);
		return true;
	}
	while (depth < SHORTCODE_MAX_DEPTH && begins(l, c, open && depth == l->depth, &container)) {
		l->stack[depth++] = container;
		l->depth = depth;
		open = false;
	}
	l->leaf = leaf_of(l, *c, open);
	/* A paragraph goes on even where its containers do not (§5.1, "lazy"). */
	if (!open || l->leaf != LEAF_PARAGRAPH)
		l->depth = depth;
	return l->leaf == LEAF_FENCE || l->leaf == LEAF_INDENTED;
}

bool shortcode_lines_ends_paragraph(struct str line)
{
	struct markdown_marker marker;
	struct markdown_fence fence;
	struct str text;

	while (line.n && (line.p[0] == ' ' || line.p[0] == '\t' || line.p[0] == '>'))
		line = str_skip(line, 1);
	return !line.n || markdown_line_fence(line, &fence) || markdown_line_heading(line, &text) ||
	       markdown_line_marker(line, &marker);
}
