/* check_source.h: what stands where in the Markdown of a post.
 *
 * A reading of the source that keeps positions, which no Markdown library gives
 * for all that the rules need.  Blocks after CommonMark 0.31 §4 and §5, Hugo's
 * notes and definition lists too; it is no renderer: where it matters, rules
 * ask the HTML whether a reader sees the same.  Everything lives in the arena.
 *
 * Offsets are of the source.  `text` is as long as it: what is code, and the
 * marks of quotes, lists and notes, is spaces there.
 */
#ifndef CARTOLINA_CHECK_SOURCE_H
#define CARTOLINA_CHECK_SOURCE_H

#include "arena.h"
#include "html.h"
#include "markdown_link.h"

struct check_link {
	size_t at;      /* where it begins: "[", "![" or "<" */
	size_t target;  /* where its address begins */
	struct str url; /* plain text */
	bool image;
	bool no_alt; /* of an image: neither an alt text nor a sign that it needs none */
};

/* What looks like a reference to a link or a note that is defined nowhere.  Both
 * slices are of check_source.text. */
struct check_dangling {
	size_t at;
	struct str text;  /* of a link: what would be shown; of a note: "" */
	struct str label; /* of a note with its "^" */
};

/* A tag that the author wrote. */
struct check_tag {
	size_t at;
	struct html_token token; /* HTML_OPEN or HTML_CLOSE */
};

struct check_divider {
	size_t at;
	bool in_code;
	bool alone; /* nothing else stands on its line */
};

/* A paragraph, a heading, a line of a table, or a block of HTML. */
struct check_leaf {
	size_t from, to;
	bool html;
};

#define CHECK_LIST(type)                                                                           \
	struct {                                                                                   \
		type *at;                                                                          \
		size_t count, room;                                                                \
	}

struct check_source {
	struct arena *arena;
	char *text;
	size_t n;
	bool definitions; /* there is a definition list */
	CHECK_LIST(struct check_leaf) leaves;
	CHECK_LIST(struct check_link) links;
	CHECK_LIST(struct check_dangling) links_dangling, notes_dangling;
	CHECK_LIST(struct check_tag) tags;
	CHECK_LIST(size_t) unended; /* where tags and comments begin that their block cuts off */
	CHECK_LIST(struct check_divider) dividers;

	struct markdown_references references, notes;
	CHECK_LIST(size_t) targets; /* by markdown_reference.order: where the address stands */
};

/* Room for one more: use it as CHECK_ADD(arena, list) = element. */
#define CHECK_ADD(arena, list) \
	(ARENA_ROOM((arena), (list).at, (list).count, (list).room), &(list).at[(list).count++])

/* `definitions`: ": text" under a line makes a definition list, as discount has
 * it and cmark has not. */
void check_source_read(struct arena *arena, struct str source, bool definitions,
		       struct check_source *out);
void check_source_release(struct check_source *source);

#endif
