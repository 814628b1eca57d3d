/* shortcode_builtin.h: the HTML of the shortcodes that Hugo brings along. */
#ifndef CARTOLINA_SHORTCODE_BUILTIN_H
#define CARTOLINA_SHORTCODE_BUILTIN_H

#include "shortcode_call.h"

enum shortcode_inner {
	SHORTCODE_INNER_NONE, /* encloses nothing; if it does, that is shown behind it */
	SHORTCODE_INNER_TEXT, /* as it is */
	SHORTCODE_INNER_HTML, /* rendered from Markdown */
};

struct shortcode_builtin {
	const char *name;
	enum shortcode_inner inner;
	void (*write)(const struct shortcode_call *call, struct shortcode_result *result);
};

/* NULL for a name that is not Hugo's. */
const struct shortcode_builtin *shortcode_builtin_find(struct str name);

/* Appends html with what it leaves open closed, and without the end tags of
 * what it did not open. */
void shortcode_balance(struct arena *arena, struct str html, struct buf *out);

#endif
