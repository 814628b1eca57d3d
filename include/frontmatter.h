/* frontmatter.h: the leading YAML (or JSON) of a post -> typed fields.
 *
 * A value is coerced by what its field is, not by how YAML would read it:
 * "true" in quotes is true, a quoted date is a date, a number can be a title.
 * A key without a value (or with null) is absent.  Where a list is expected, a
 * single text is a list of one; authors may be maps with a name.
 */
#ifndef CARTOLINA_FRONTMATTER_H
#define CARTOLINA_FRONTMATTER_H

#include "arena.h"
#include "buf.h"
#include "value.h"

#include <stdint.h>

struct yaml_node;

#define TIME_ABSENT INT64_MIN

enum tristate { TRISTATE_ABSENT = -1, TRISTATE_FALSE = 0, TRISTATE_TRUE = 1 };

struct frontmatter {
	/* Texts: empty when absent. */
	struct str title, slug, url, lang, translation_key, description, summary;
	struct str translated_from; /* a hash of staleness.h */
	struct str twitter_card; /* key twittercard: a text */
	struct str twitter_image, series, layout, robots, markdown; /* series: the first of a list */
	/* Seconds since the epoch, UTC, or TIME_ABSENT. */
	int64_t date, lastmod, publish, expiry;
	enum tristate draft, use_excerpt, twitter_large_image;
	int64_t weight; /* 0 when absent */
	/* Arrays of strings; empty when absent. */
	struct value *aliases, *tags, *categories, *authors, *images;
	struct value *params; /* an object: every key that is not known */

	struct str body;     /* what follows the front matter; borrows from the file's text */
	unsigned body_line;  /* the number of its first line */
	bool present;        /* there was front matter at all */
	const struct yaml_node *tree; /* for frontmatter_place() */
};

/* text: a whole source file, valid UTF-8 without NUL, with or without a byte
 * order mark, "\n" or "\r\n".  Values live in `arena` (value_pool is set to
 * it by the caller).  -1 after appending one or more
 * "path:line:column: error: message [frontmatter/rule]\n" (or [yaml/rule]). */
int frontmatter_read(struct arena *arena, const char *path, struct str text, struct frontmatter *out,
		     struct buf *err) __attribute__((warn_unused_result));

/* Hugo's JSON form: the object at the start of a text, to its closing brace;
 * empty without one. */
struct str frontmatter_json(struct str text);

/* Where the value of a key (in any case) stands in the file; 1:1 without one. */
void frontmatter_place(const struct frontmatter *fm, const char *key, unsigned *line, unsigned *column);

#endif
