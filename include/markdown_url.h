/* markdown_url.h: which characters are a URL or an address by themselves. */
#ifndef CARTOLINA_MARKDOWN_URL_H
#define CARTOLINA_MARKDOWN_URL_H

#include "str.h"

/* CommonMark §6.5: <scheme:...> or <name@host> at the start of s: its length
 * and what is between, or 0. */
size_t markdown_url_angle(struct str s, struct str *url);

/* GFM §6.9, found by the ":", "w" or "@" at `at`.  Text from `from` on may
 * belong to it. */
struct markdown_bare_url {
	struct str text;
	size_t before;      /* bytes of the text that stand before `at` */
	const char *scheme; /* what the text lacks to be a URL: "", "http://", "mailto:" */
};
bool markdown_url_bare(struct str source, size_t from, size_t at, struct markdown_bare_url *found);

#endif
