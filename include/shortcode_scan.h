/* shortcode_scan.h: the shortcodes of a Markdown text, outside its code.
 *
 * Code is what Markdown shows as code: fenced and indented blocks and code
 * spans.  Tags in it are the reader's to see, not ours, but for the commented
 * ones: authors for Hugo comment them there too.
 */
#ifndef CARTOLINA_SHORTCODE_SCAN_H
#define CARTOLINA_SHORTCODE_SCAN_H

#include "shortcode_tag.h"

enum { SHORTCODE_ALONE = -1 };

struct shortcode_found {
	struct shortcode_tag tag;
	size_t start, end; /* bytes of the text */
	size_t from;       /* start, or before it where indentation goes with the tag */
	bool first;        /* on its line */
	size_t column;     /* of such a one; else 0 */
	size_t quotes;     /* block quotes that it stands in */
	bool in_code;
	bool doubtful;     /* in indented code, unless it is between two tags of a pair */
	ptrdiff_t partner; /* index of the other tag of the pair, or SHORTCODE_ALONE */
};

struct shortcode_list {
	struct shortcode_found *v; /* in the order of the text, never overlapping */
	size_t n, capacity;
};

/* Takes linear time.  A doubtful tag that was none is left out.  Within a pair
 * that shortcode_is_raw() there are only commented ones, in_code. */
void shortcode_scan(struct arena *arena, struct str text, struct shortcode_list *list);

/* Shortcodes whose inside is not Markdown: highlight, comment, and Hugo's inline
 * templates (*.inline). */
bool shortcode_is_raw(struct str name);

#endif
