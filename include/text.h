/* text.h: what a reader reads: HTML -> plain text, and its measure. */
#ifndef CARTOLINA_TEXT_H
#define CARTOLINA_TEXT_H

#include "arena.h"
#include "buf.h"

/* Appends the visible text: references resolved, white space collapsed (but
 * the lines of <pre> kept), one "\n" between blocks, none at the ends; images
 * by their alt.  Left out: script, style, comments, template, noscript, what
 * <video>, <audio>, <canvas> and <object> hold for old browsers, and the
 * marks of footnotes with their back links. */
void text_from_html(struct str html, struct buf *out);
/* The same on one line. */
struct str text_line(struct arena *arena, struct str html);

/* Appends HTML character references resolved: numeric ones, the names of HTML
 * 4 and &apos;.  Others stay as written. */
void text_unescape(struct str html, struct buf *out);

/* The character reference at the start of s: its length in bytes, with its
 * character in *scalar, or 0 when there is none. */
size_t text_reference(struct str s, uint32_t *scalar);

struct text_measure {
	size_t words;      /* words of scripts that put spaces between them */
	size_t characters; /* letters of those that do not: unicode_is_unspaced() */
};
struct text_measure text_measure(struct str text);
/* One figure for limits: words, and for the scripts without spaces two
 * characters a word. */
size_t text_weight(struct text_measure m);
/* Minutes, rounded up, at least 1 when there is anything to read: 220 words or
 * 500 characters a minute; 0 when there is nothing. */
unsigned text_minutes(struct text_measure m);

/* The longest beginning of at most `limit` characters (Unicode scalar values)
 * that ends at the end of a word, with "…" (counted) where something was cut;
 * white space collapsed.  A word longer than the limit is cut inside;
 * malformed UTF-8 becomes U+FFFD. */
void text_shorten(struct str text, size_t limit, struct buf *out);

#endif
