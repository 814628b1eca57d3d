/* shortcode_call.h: one use of a shortcode, and what comes of it. */
#ifndef CARTOLINA_SHORTCODE_CALL_H
#define CARTOLINA_SHORTCODE_CALL_H

#include "shortcode.h"
#include "shortcode_tag.h"
#include "value.h"

struct shortcode_call {
	struct arena *arena;
	const struct shortcode_context *context;
	const struct shortcode_tag *tag;
	const struct value *params; /* context->params, read; NULL for none */
	struct str inner;           /* what it encloses, as its builtin wants it */
};

struct shortcode_result {
	struct buf html;
	struct str plain; /* in an attribute */
	bool block;       /* html does not belong in a paragraph */
	enum shortcode_problem problem;
};

/* shortcode_argument(), "" for none. */
struct str shortcode_call_get(const struct shortcode_call *call, const char *name, int position);
/* A named argument that is there and not false. */
bool shortcode_call_says(const struct shortcode_call *call, const char *name);
bool shortcode_call_is_false(struct str value);

/* Copies into the arena, and releases. */
struct str shortcode_call_keep(struct arena *arena, struct buf *b);

/* Appends an attribute, escaped. */
void shortcode_call_put(struct buf *out, const char *name, struct str value);

#endif
