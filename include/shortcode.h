/* shortcode.h: Hugo's shortcodes in a post, without Hugo.
 *
 * Those that Hugo brings along show what Hugo's do: figure, highlight, details,
 * youtube, vimeo, ref, relref, param, comment.  What Hugo loads from elsewhere
 * by script or at build time is a plain link here, so that a page asks nobody
 * for anything: gist, x (tweet, twitter), instagram.  Videos are frames that
 * load when they come into view and set no cookies.
 *
 * Those of a theme are unknown: what one encloses is shown as Markdown, one that
 * encloses nothing shows nothing.  A commented one shows itself.  In code none
 * is one.  Whatever an author writes, the page stays whole.
 *
 * A shortcode stands in the Markdown as a word that no author can guess, as it
 * does in Hugo: it means the same in lists, links, tables and raw HTML, with
 * both engines, and where raw HTML is not allowed.
 */
#ifndef CARTOLINA_SHORTCODE_H
#define CARTOLINA_SHORTCODE_H

#include "arena.h"
#include "buf.h"
#include "markdown.h"
#include "reference.h"
#include "shortcode_fill.h"

enum shortcode_problem {
	SHORTCODE_FINE,
	SHORTCODE_UNKNOWN,     /* of a theme */
	SHORTCODE_UNCLOSED,    /* should enclose something; shows nothing */
	SHORTCODE_UNOPENED,    /* a closing tag alone; shows nothing */
	SHORTCODE_MALFORMED,   /* shown as written */
	SHORTCODE_NO_ARGUMENT, /* lacks the one it needs; shows nothing */
	SHORTCODE_NO_TARGET,   /* ref to a post that there is not; the link is as written */
	SHORTCODE_NO_VALUE,    /* param that the post does not have; shows nothing */
};

struct shortcode_context {
	struct reference_place place; /* of the post; content may be NULL */
	const char *default_lang;     /* of the site; NULL: ref adds ?lang= only when asked to */
	struct str title;             /* of the post, for param */
	struct str params;            /* likewise, a JSON object, or "" */
	struct markdown_options markdown;
	/* Told of each problem, with the byte of the text where the tag begins; or
	 * NULL. */
	void (*report)(void *reporting, struct str name, size_t offset,
		       enum shortcode_problem problem);
	void *reporting;
};

/* markdown_render() of a text with shortcodes.  With markdown.strict there are
 * none: exactly markdown_render().  value_pool() must have been called. */
int shortcode_render(struct arena *arena, struct str markdown,
		     const struct shortcode_context *context, struct buf *html, struct buf *err)
	__attribute__((warn_unused_result));

/* The first half of that; shortcode_fill() is the other, and made->markdown is
 * what to render in between. */
int shortcode_expand(struct arena *arena, struct str markdown,
		     const struct shortcode_context *context, struct shortcodes *made,
		     struct buf *err) __attribute__((warn_unused_result));

#endif
