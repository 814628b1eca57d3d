/* excerpt.h: where an article's excerpt ends, and which tags it owes.
 *
 * The prefix law: the excerpt is an exact byte prefix of the article followed
 * by the end tags that the prefix leaves open; the rest is the article's
 * other bytes, preceded by start tags that open those elements again.
 */
#ifndef CARTOLINA_EXCERPT_H
#define CARTOLINA_EXCERPT_H

#include "arena.h"
#include "buf.h"
#include "post.h"

struct excerpt {
	enum excerpt_source source;
	struct str html;      /* the article, without its dividers */
	size_t cut;           /* bytes of html in the excerpt: of a full one all, but a tag or
	                       * comment that the end of the text cuts off */
	struct str owed;      /* end tags */
	struct str reopened;  /* start tags, without their ids */
	struct str more_text; /* of <!--more Read on-->, plain text; or "" */
	bool truncated;       /* something that can be seen follows */
};

/* How much an automatic excerpt holds at least, in words (text_weight). */
enum { EXCERPT_WORDS = 70 };

/* rendered: HTML in which a divider is a comment `more`.  Without one the
 * excerpt ends after the first whole blocks that hold EXCERPT_WORDS, never on
 * a heading.  Everything lives in the arena. */
void excerpt_find(struct arena *arena, struct str rendered, struct excerpt *out);

/* HTML of an article as it can stand among others: *finished is how much of it
 * is whole, without a tag or comment that its end cuts off; the slice, in the
 * arena, is the end tags that this much owes. */
struct str excerpt_close(struct arena *arena, struct str html, size_t *finished);

/* Whether a reader would see anything of it: a letter, an image, a rule; not
 * comments, scripts and spaces that do not break. */
bool excerpt_visible(struct str html);

/* True for the content of a divider comment: "more", or "more" and a text;
 * *text gets the latter. */
bool excerpt_is_divider(struct str comment, struct str *text);

/* Bytes of the Markdown source (lines ending in "\n") that correspond to the
 * excerpt: up to its divider, or to the end of the block that holds the
 * excerpt's last word; all of it for the other two.  excerpt_text is the
 * excerpt as plain text. */
size_t excerpt_source_cut(struct str source, enum excerpt_source from, struct str excerpt_text);

#endif
