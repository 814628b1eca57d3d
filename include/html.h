/* html.h: a tokenizer for the HTML that renderers and authors write.
 *
 * It splits any bytes into tokens after the tokenization rules of the HTML
 * standard (§13.2.5) as far as they decide where a tag, a comment or raw text
 * ends; it never fails: what is no markup is text.  The tokens of a document,
 * joined, are the document.
 */
#ifndef CARTOLINA_HTML_H
#define CARTOLINA_HTML_H

#include "str.h"

enum html_kind {
	HTML_TEXT,    /* character data, references not resolved */
	HTML_RAW,     /* content of <script> <style> <textarea> <title> <iframe> <noembed>
		       * <noframes> <xmp> */
	HTML_OPEN,    /* <name attr…> or <name…/> */
	HTML_CLOSE,   /* </name> */
	HTML_COMMENT, /* <!-- … -->, and bogus comments <!…> <?…> </3…> */
};

struct html_token {
	enum html_kind kind;
	struct str bytes; /* the whole token */
	struct str name;  /* of HTML_OPEN and HTML_CLOSE, as written (any case) */
	struct str attributes; /* of HTML_OPEN: between the name and the closing > or /> */
	bool self_closing;     /* <name/> */
	bool unfinished;       /* end of input came before the token's own end */
};

struct html_reader {
	struct str rest;
	struct str raw_name; /* element whose raw text comes next, or empty */
	unsigned foreign;    /* depth of <svg> and <math> */
};

void html_start(struct html_reader *reader, struct str html);
/* False at the end. */
bool html_next(struct html_reader *reader, struct html_token *token);

struct html_attribute {
	struct str name;
	struct str value;  /* without quotes; references not resolved; "" if none */
	struct str bytes;  /* name="value" as written */
};
/* Takes the next attribute off *attributes; false at the end. */
bool html_attribute_next(struct str *attributes, struct html_attribute *attribute);
/* The first attribute of that name (any case) in an HTML_OPEN token. */
bool html_attribute_find(const struct html_token *token, const char *name, struct str *value);

bool html_is(const struct html_token *token, const char *name);
/* <br>, <img> and the other elements that have no end tag. */
bool html_is_void(struct str name);
/* Elements that a browser lays out as blocks: a word never crosses one. */
bool html_is_block(struct str name);
/* Elements whose content is code or data, where no prose rule applies:
 * code, pre, kbd, samp, var, tt, script, style, textarea, math, svg. */
bool html_is_verbatim(struct str name);

/* A name that browsers know, or that may be a custom element's: not "Vec<T>"
 * or "<name>".  Names of SVG and MathML are for the caller to know. */
bool html_is_known(struct str name);

#endif
