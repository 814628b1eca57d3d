/* fragment.h: an article's HTML made fit for another page.
 *
 * Each token is rewritten by itself, so the prefix law survives: the fragment
 * of an excerpt is a prefix of the fragment of the article, plus owed tags.
 */
#ifndef CARTOLINA_FRAGMENT_H
#define CARTOLINA_FRAGMENT_H

#include "arena.h"
#include "config.h"

struct fragment_options {
	bool drop_ids;        /* the other page may have the same ones */
	bool all_anchors;     /* every "#x" link points at `page`; else only those without a target here */
	struct str page;      /* where "#x" links lead: the article's address; "" leaves them */
	struct str base;      /* references are made absolute against it; "" leaves them */
	const struct config *config;
};

struct str fragment_make(struct arena *arena, struct str html, const struct fragment_options *options);

#endif
