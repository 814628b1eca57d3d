/* search.c: texts and queries for FTS5 (https://sqlite.org/fts5.html §3 and
 * §4.3.1), and its snippets for readers.
 *
 * A query is never handed on as it is: its words are, each in quotes and without
 * ASCII punctuation, so that nothing a reader types is an operator, a column or
 * an error.  Deliberately without stemming, synonyms and word segmentation: the
 * same rules for every language; a word of Chinese or Thai is a phrase of its
 * characters.
 */
#include "search.h"

#include "escape.h"
#include "unicode.h"
#include "utf8.h"

#define ZERO_WIDTH_SPACE 0x200b

/* --- texts ------------------------------------------------------------------------- */

/* Takes a character off the text; what has no place in one as what stands for it. */
static uint32_t take(struct str *text)
{
	size_t length;
	uint32_t c = utf8_decode(*text, &length);

	*text = str_skip(*text, length);
	if (c == UTF8_INVALID)
		return 0xfffd;
	return unicode_is_control(c) ? ' ' : c;
}

/* What a character does to the word it stands in. */
enum part {
	PART_NONE,  /* ends it */
	PART_WORD,  /* goes on with it */
	PART_ALONE, /* is one, with the marks that follow */
	PART_MARK,  /* belongs to the character before */
};

static enum part part_of(uint32_t c)
{
	if (unicode_is_unspaced(c))
		return PART_ALONE;
	if (unicode_in_unspaced_script(c) || (c >= 0x300 && c <= 0x36f))
		return PART_MARK;
	return unicode_is_word(c) ? PART_WORD : PART_NONE;
}

void search_text(struct str plain, struct buf *out)
{
	enum part last = PART_NONE;

	while (plain.n) {
		uint32_t c = take(&plain);
		enum part part = part_of(c);
		bool apart = part == PART_ALONE ? last != PART_NONE : part == PART_WORD && last == PART_ALONE;
		if (apart)
			buf_utf8(out, ZERO_WIDTH_SPACE);
		buf_utf8(out, c);
		if (part != PART_MARK)
			last = part;
	}
}

/* --- queries ------------------------------------------------------------------------- */

struct term {
	struct str text;
	bool negative, prefix;
};

struct terms {
	struct term at[SEARCH_TERMS];
	size_t count;
};

/* What keyboards and word processors make of ". */
static bool is_quote(uint32_t c)
{
	return c == '"' || c == 0x201c || c == 0x201d || c == 0x201e || c == 0xab || c == 0xbb || c == 0xff02;
}

static bool is_separator(uint32_t c)
{
	return unicode_is_space(c) || c == ' ' || c == ZERO_WIDTH_SPACE;
}

/* Takes a term's characters off *rest, up to a quote or, of a bare word, a
 * space; the quote is taken, too. */
static struct str take_term(struct arena *arena, struct str *rest, bool quoted, bool *prefix)
{
	struct buf out = BUF_IN(arena);
	size_t count = 0, run = 0; /* letters at the end that are one word */
	bool word = false;

	while (rest->n) {
		struct str before = *rest;
		uint32_t c = take(rest);
		if (is_quote(c) || (!quoted && is_separator(c))) {
			if (!quoted)
				*rest = before;
			break;
		}
		if (count++ >= SEARCH_TERM_LENGTH)
			continue;
		enum part part = part_of(c);
		run = part == PART_WORD ? run + 1 : part == PART_MARK && run ? run : 0;
		word |= part == PART_WORD || part == PART_ALONE;
		if (c < 0x80 && !ascii_alnum((char)c))
			c = ' ';
		buf_utf8(&out, c);
	}
	/* One letter is the beginning of too much. */
	*prefix = !quoted && !rest->n && run > 1;
	return word ? buf_view(&out) : STR_LIT("");
}

/* What can be looked for; of a text without a letter or digit nothing. */
static void read_terms(struct arena *arena, struct str q, struct terms *out)
{
	out->count = 0;
	while (q.n && out->count < SEARCH_TERMS) {
		struct str before = q;
		uint32_t c = take(&q);
		struct term term = {.negative = c == '-'};
		if (is_separator(c))
			continue;
		if (term.negative && q.n) {
			before = q;
			c = take(&q);
		}
		if (!is_quote(c))
			q = before;
		term.text = take_term(arena, &q, is_quote(c), &term.prefix);
		if (term.text.n)
			out->at[out->count++] = term;
	}
}

static void add_term(struct term term, struct buf *out)
{
	buf_char(out, '"');
	search_text(term.text, out);
	buf_puts(out, term.prefix && !term.negative ? "\"*" : "\"");
}

struct str search_match(struct arena *arena, struct str q)
{
	struct terms *terms = ARENA_NEW(arena, struct terms);
	struct buf out = BUF_IN(arena);
	const char *between = "(";

	read_terms(arena, q, terms);
	for (size_t i = 0; i < terms->count; i++) {
		if (terms->at[i].negative)
			continue;
		buf_puts(&out, between);
		add_term(terms->at[i], &out);
		between = " ";
	}
	if (!out.n)
		return STR_LIT("");
	buf_char(&out, ')');
	between = " NOT (";
	for (size_t i = 0; i < terms->count; i++) {
		if (!terms->at[i].negative)
			continue;
		buf_puts(&out, between);
		add_term(terms->at[i], &out);
		between = " OR ";
	}
	if (between[1] == 'O')
		buf_char(&out, ')');
	return buf_view(&out);
}

/* Terms have no punctuation: a star can only be the operator. */
struct str search_match_whole(struct arena *arena, struct str match)
{
	struct buf out = BUF_IN(arena);
	size_t star = str_find_char(match, '*');

	if (star == match.n)
		return STR_LIT("");
	buf_str(&out, str_head(match, star));
	buf_str(&out, str_skip(match, star + 1));
	return buf_view(&out);
}

/* --- snippets -------------------------------------------------------------------------- */

struct str search_snippet_html(struct arena *arena, struct str snippet)
{
	struct buf out = BUF_IN(arena);
	bool open = false;

	while (snippet.n) {
		size_t length;
		uint32_t c = utf8_decode(snippet, &length);
		struct str bytes = str_head(snippet, length);
		snippet = str_skip(snippet, length);
		if (c == SEARCH_OPEN || c == SEARCH_CLOSE) {
			if (open != (c == SEARCH_OPEN))
				buf_puts(&out, open ? "</mark>" : "<mark>");
			open = c == SEARCH_OPEN;
		} else if (c == UTF8_INVALID) {
			buf_utf8(&out, 0xfffd);
		} else if (c != ZERO_WIDTH_SPACE) {
			escape_html(&out, unicode_is_control(c) ? STR_LIT(" ") : bytes);
		}
	}
	if (open)
		buf_puts(&out, "</mark>");
	return buf_view(&out);
}
