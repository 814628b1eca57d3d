/* markdown.h: Markdown -> HTML, through one of two engines.
 *
 * Input is the body of a post without its front matter: valid UTF-8, no NUL,
 * lines ending in "\n".  Output is an HTML fragment of whole blocks.
 *
 * Whatever the engine, the output keeps these promises:
 *  - an excerpt divider (an HTML comment `more`, any case and spaces, with or
 *    without a text after it) that stands outside code comes through as an
 *    HTML comment, byte for byte, also when raw HTML is not allowed;
 *  - fenced code is <pre><code class="language-x">;
 *  - links never have the schemes javascript:, vbscript:, or data: (images may
 *    have data:image/{png,gif,jpeg,webp}); those in raw HTML are its author's;
 *  - no smart punctuation: that is typographer's;
 *  - headings have no ids unless the author wrote {#id}: that is outline's.
 *
 * Must be called in a child with limits (render.h): discount overflows its
 * stack and goes cubic on hostile texts.
 */
#ifndef CARTOLINA_MARKDOWN_H
#define CARTOLINA_MARKDOWN_H

#include "arena.h"
#include "buf.h"

enum markdown_engine {
	MARKDOWN_DISCOUNT,
	MARKDOWN_COMMONMARK,
};

struct markdown_options {
	enum markdown_engine engine;
	bool safe;   /* no raw HTML */
	bool strict; /* CommonMark and GFM to the letter: no {#id}, no definition lists */
};

/* Appends to html.  -1 with a message appended to err. */
int markdown_render(struct str body, const struct markdown_options *options, struct buf *html,
		    struct buf *err) __attribute__((warn_unused_result));

/* The rest is for the engines. */

/* & < > " as character references, as CommonMark's renderers do; safe in text
 * and between double quotes. */
void markdown_escape(struct str text, struct buf *out);

/* An excerpt divider: <!--more-->, any case, spaces around the word, maybe a
 * text after it.  The slice is the whole comment. */
bool markdown_is_divider(struct str comment);
/* Of raw HTML that is not allowed, what stays: its dividers. */
void markdown_keep_dividers(struct str html, struct buf *out);

/* No javascript:, vbscript: or data: (but data:image/{png,gif,jpeg,webp} for an
 * image).  The URL is without references and backslashes. */
bool markdown_is_safe_url(struct str url, bool image);

/* Takes a trailing "{#id}" off a heading's text.  The id needs no escaping. */
bool markdown_heading_id(struct str *text, struct str *id);

/* Footnotes as Hugo's renderer writes them.  `nth` counts the references to
 * one note from 0. */
#define MARKDOWN_NOTES_OPEN "<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>"
#define MARKDOWN_NOTES_CLOSE "</ol>\n</div>"
void markdown_footnote_reference(size_t number, unsigned nth, struct buf *out);
void markdown_footnote_backlink(size_t number, unsigned nth, struct buf *out);

#endif
