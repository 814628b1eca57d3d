/* typographer.c: straight quotes, double hyphens and dots -> what a printer sets.
 *
 * In:  HTML as tokens of html.h, or one plain text.  Out: the same bytes but
 * for the marks that typographer.h names.
 * Two passes over the same characters.  The first decides each straight quote
 * from the characters on both its sides, across inline tags, and leaves one
 * byte for it in a list; the second writes.  That way a single quote may wait
 * for its partner: without one it is an apostrophe.
 * Marks: CLDR 47 delimiters, with the departures noted at the table.
 */
#include "typographer.h"

#include "html.h"
#include "text.h"
#include "unicode.h"
#include "utf8.h"

/* ---- which marks ---- */

struct marks {
	const char *lang; /* "primary" or "primary-subtag"; the first match counts */
	const char *open, *close, *inner_open, *inner_close;
	bool spaced; /* a no-break space inside the outer marks */
};

/* Where CLDR has one pair for both levels (nl, fr, bg, lt), the inner one here
 * is what printers use, so that the author's choice of ' or " is not lost.
 * Italian has “ ” as Italian web pages do; CLDR and printers prefer « ».  The
 * Swiss set « » in every language.  fr-CA: CLDR's inner ” “ is read as “ ”. */
static const struct marks MARKS[] = {
	{"de-ch", "«", "»", "‹", "›", false},  {"de-li", "«", "»", "‹", "›", false},
	{"fr-ch", "«", "»", "‹", "›", false},  {"it-ch", "«", "»", "“", "”", false},
	{"pt-pt", "«", "»", "“", "”", false},  {"zh-hant", "「", "」", "『", "』", false},
	{"zh-tw", "「", "」", "『", "』", false}, {"zh-hk", "「", "」", "『", "』", false},
	{"zh-mo", "「", "」", "『", "』", false}, {"ja", "「", "」", "『", "』", false},
	{"yue", "「", "」", "『", "』", false},   {"fr", "«", "»", "“", "”", true},
	{"de", "„", "“", "‚", "‘", false},     {"bg", "„", "“", "‚", "‘", false},
	{"cs", "„", "“", "‚", "‘", false},     {"dsb", "„", "“", "‚", "‘", false},
	{"et", "„", "“", "‚", "‘", false},     {"hr", "„", "“", "‚", "‘", false},
	{"hsb", "„", "“", "‚", "‘", false},    {"is", "„", "“", "‚", "‘", false},
	{"lb", "„", "“", "‚", "‘", false},     {"lt", "„", "“", "‚", "‘", false},
	{"mk", "„", "“", "‚", "‘", false},     {"sk", "„", "“", "‚", "‘", false},
	{"sl", "„", "“", "‚", "‘", false},     {"ka", "„", "“", "«", "»", false},
	{"bs", "„", "”", "‘", "’", false},     {"sr", "„", "”", "’", "’", false},
	{"hu", "„", "”", "»", "«", false},     {"pl", "„", "”", "«", "»", false},
	{"ro", "„", "”", "«", "»", false},     {"fi", "”", "”", "’", "’", false},
	{"he", "”", "”", "’", "’", false},     {"sv", "”", "”", "’", "’", false},
	{"ar", "”", "“", "’", "‘", false},     {"ur", "”", "“", "’", "‘", false},
	{"be", "«", "»", "„", "“", false},     {"ky", "«", "»", "„", "“", false},
	{"ru", "«", "»", "„", "“", false},     {"uk", "«", "»", "„", "“", false},
	{"nb", "«", "»", "‘", "’", false},     {"nn", "«", "»", "‘", "’", false},
	{"no", "«", "»", "‘", "’", false},     {"am", "«", "»", "‹", "›", false},
	{"fa", "«", "»", "‹", "›", false},     {"gsw", "«", "»", "‹", "›", false},
	{"ast", "«", "»", "“", "”", false},    {"br", "«", "»", "“", "”", false},
	{"ca", "«", "»", "“", "”", false},     {"el", "«", "»", "“", "”", false},
	{"eu", "«", "»", "“", "”", false},     {"hy", "«", "»", "“", "”", false},
	{"kk", "«", "»", "“", "”", false},     {"sq", "«", "»", "“", "”", false},
	{"", "“", "”", "‘", "’", false},
};

static bool has_subtag(struct str tag, const char *subtag)
{
	while (tag.n)
		if (str_is_fold(str_cut(&tag, '-'), subtag))
			return true;
	return false;
}

static const struct marks *find_marks(const char *lang)
{
	struct str tag = str_from(lang);
	struct str primary = str_cut(&tag, '-');
	const struct marks *m = MARKS;

	for (; *m->lang; m++) {
		struct str subtag = str_from(m->lang);
		struct str language = str_cut(&subtag, '-');
		if (str_eq_fold(primary, language) && (!subtag.n || has_subtag(tag, subtag.p)))
			break;
	}
	return m;
}

/* ---- state ---- */

/* What a quote can stand beside. */
enum side {
	SPACE, /* and the border of a block */
	WORD,
	DIGIT,
	HEBREW,
	UNSPACED, /* a letter of a script without spaces or apostrophes */
	OPENING,  /* brackets and quotes that open */
	DASH,     /* dashes and slashes: a quotation may begin or end at them */
	POINT,    /* the rest: what may end a sentence, symbols, closing quotes */
	QUOTE,    /* a straight quote, as the next character only */
};

enum decision {
	KEEP,
	APOSTROPHE,
	OPEN,
	CLOSE,
	OPEN_BARE, /* a space stands inside already */
	CLOSE_BARE,
	INNER_OPEN,
	INNER_CLOSE,
};

enum { WAITING = 8 };

/* Bytes of a text that only quotes at the ends may change. */
struct span {
	const char *start, *end;
	bool quotes_too; /* an address; otherwise only dashes and dots are safe in it */
};

struct typographer {
	const struct marks *marks;
	bool plain;            /* the text is no HTML: & is an ampersand */
	struct buf *out;       /* NULL in the first pass */
	struct buf *decisions; /* one byte for each straight quote, in order */
	size_t next;           /* second pass: index of the next decision */

	enum side before;      /* of the quote that is undecided, or of what comes */
	char undecided;        /* ' or " until its next character is known, or 0 */
	bool leading;          /* that ' begins '90s, 'tis, 'n' */
	bool open;             /* an outer quotation is open */
	size_t outside;        /* waiters that were there when it opened */
	size_t waiting[WAITING]; /* indices of ' that may open, oldest first */
	size_t waiters;
};

/* ---- first pass: deciding ---- */

static bool listed(uint32_t c, const uint32_t *list)
{
	while (*list && *list != c)
		list++;
	return *list != 0;
}

static enum side side_of(uint32_t c)
{
	static const uint32_t opening[] = {
		'(',    '[',    '{',    '<',    0xab,   0x2018, 0x201a, 0x201c, 0x201e, 0x2039,
		0xa1,   0xbf,   0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x3016, 0xff08,
		0xff3b, 0xff5b, 0};
	static const uint32_t dashes[] = {'-',    '/',    '=',    '|',    0x2010, 0x2011, 0x2012,
					  0x2013, 0x2014, 0x2015, 0xff1a, 0x3001, 0xff0c, 0};

	if (c == UTF8_INVALID)
		return POINT;
	if (c < 0x80 && ascii_alnum((char)c)) /* most of all text */
		return ascii_digit((char)c) ? DIGIT : WORD;
	if (unicode_is_space(c) || c == 0xa0 || c == 0x202f || c == 0x2007)
		return SPACE;
	if (listed(c, opening))
		return OPENING;
	if (listed(c, dashes))
		return DASH;
	if (unicode_in_unspaced_script(c) || (c >= 0xac00 && c <= 0xd7a3))
		return UNSPACED; /* Hangul has spaces, but suffixes follow a quote at once */
	if (c >= 0x591 && c <= 0x5f2)
		return HEBREW;
	return unicode_is_word(c) ? WORD : POINT;
}

static bool is_letter(enum side s)
{
	return s == WORD || s == DIGIT || s == HEBREW;
}

/* For a double quote that could stand on either side. */
static enum decision by_state(const struct typographer *t, enum side next)
{
	if (t->open)
		return CLOSE;
	if (t->before == SPACE || (t->before == DASH && next != SPACE))
		return OPEN;
	return next == SPACE || next == POINT ? CLOSE : OPEN;
}

static enum decision decide_double(const struct typographer *t, enum side next)
{
	bool ends = next == SPACE || next == POINT;

	switch (t->before) {
	case SPACE:
		return next == SPACE ? by_state(t, next) : OPEN;
	case OPENING:
		return next == SPACE || (next == POINT && t->open) ? CLOSE : OPEN;
	case DIGIT:
		if (!t->open)
			return KEEP;
		break;
	case HEBREW:
		/* Gershayim, as in the acronym for "army". */
		if (next == HEBREW)
			return KEEP;
		break;
	default:
		break;
	}
	if (is_letter(t->before) && (ends || next == QUOTE || next == OPENING))
		return CLOSE;
	return by_state(t, next);
}

/* INNER_OPEN is only a proposal: see settle(). */
static enum decision decide_single(const struct typographer *t, enum side next)
{
	bool letters = is_letter(t->before) && is_letter(next);
	bool ends = next == SPACE || next == POINT || next == QUOTE;

	if (t->leading)
		return APOSTROPHE;
	if (letters && t->before == DIGIT && next == DIGIT)
		return KEEP;
	if (letters)
		return t->before == HEBREW && next == HEBREW ? KEEP : APOSTROPHE;
	if (t->before == SPACE && next != SPACE)
		return INNER_OPEN;
	if (t->before == OPENING && next != SPACE)
		return INNER_OPEN;
	if (t->waiters)
		return INNER_CLOSE;
	if (t->before == DIGIT || t->before == HEBREW)
		return KEEP;
	return ends || (is_letter(t->before) && next != UNSPACED) ? APOSTROPHE : INNER_OPEN;
}

static void wait_for_partner(struct typographer *t, size_t index)
{
	if (t->waiters == WAITING) {
		memmove(t->waiting, t->waiting + 1, (WAITING - 1) * sizeof(t->waiting[0]));
		t->waiters--;
		t->outside -= t->outside > 0;
	}
	t->waiting[t->waiters++] = index;
}

/* The undecided quote's next character is known. */
static void settle(struct typographer *t, enum side next)
{
	enum decision d = t->undecided == '"' ? decide_double(t, next) : decide_single(t, next);
	size_t index = t->decisions->n - 1;

	t->undecided = 0;
	if (buf_failed(t->decisions))
		return;
	if (d == OPEN)
		t->outside = t->waiters;
	/* A ' that waits inside a quotation finds no partner outside it. */
	if (d == CLOSE && t->open && t->waiters > t->outside)
		t->waiters = t->outside;
	if (d == OPEN || d == CLOSE)
		t->open = d == OPEN;
	if (d == INNER_OPEN)
		wait_for_partner(t, index);
	if (d == INNER_CLOSE)
		t->decisions->p[t->waiting[--t->waiters]] = INNER_OPEN;
	bool opens = d == OPEN || d == INNER_OPEN;
	if (d == INNER_OPEN)
		d = APOSTROPHE;
	if (d == OPEN && next == SPACE)
		d = OPEN_BARE;
	if (d == CLOSE && t->before == SPACE)
		d = CLOSE_BARE;
	t->decisions->p[index] = (char)d;
	t->before = opens ? OPENING : POINT;
}

static void see(struct typographer *t, enum side side)
{
	if (t->undecided)
		settle(t, side);
	t->before = side;
}

/* The border of a block, or the end. */
static void end_block(struct typographer *t)
{
	see(t, SPACE);
	t->open = false;
	t->waiters = 0;
}

/* Whether the text after a ' that follows a space makes it an apostrophe:
 * '90s (but not '1984' or '42'), rock 'n' roll, and English words that lost
 * their beginning. */
static bool begins_clipped(struct str after)
{
	static const char *const words[] = {"tis",  "twas", "twere", "twill", "em",
					    "til",  "till", "cause", "bout",  "round"};
	struct str word = after;
	size_t n = 0;

	while (n < word.n && n < 8 && ascii_alnum(word.p[n]))
		n++;
	word = str_head(after, n);
	after = str_skip(after, n);
	bool quoted = str_starts(after, "'") || str_starts(after, "&#39;");
	if (str_is_fold(word, "n") && quoted)
		return true;
	if (word.n >= 2 && ascii_digit(word.p[0]) && ascii_digit(word.p[1]))
		return (word.n == 2 && !quoted) || (word.n == 3 && ascii_alpha(word.p[2]));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is_fold(word, words[i]))
			return !quoted;
	return false;
}

/* The second ' of 'n' belongs to the first. */
static bool ends_clipped(const struct typographer *t, const char *start, const char *at)
{
	size_t last = t->decisions->n - 1;

	return at - start >= 2 && ascii_lower(at[-1]) == 'n' && (at[-2] == '\'' || at[-2] == ';') &&
	       t->decisions->n && t->decisions->p[last] == APOSTROPHE;
}

static void see_quote(struct typographer *t, char quote, struct str text, const char *at,
		      size_t length)
{
	if (t->undecided)
		settle(t, QUOTE);
	bool clipped = false;
	if (quote == '\'' && (t->before == SPACE || t->before == OPENING || t->before == DASH))
		clipped = begins_clipped((struct str){at + length,
						      (size_t)(text.p + text.n - at) - length});
	else if (quote == '\'' && t->before == WORD)
		clipped = ends_clipped(t, text.p, at);
	t->undecided = quote;
	t->leading = clipped;
	buf_char(t->decisions, KEEP);
}

/* ---- second pass: writing ---- */

static void write_quote(struct typographer *t, struct str as_written)
{
	const struct marks *m = t->marks;
	enum decision d = KEEP;

	if (t->next < t->decisions->n)
		d = (enum decision)t->decisions->p[t->next++];
	if (d == KEEP)
		buf_str(t->out, as_written);
	else if (d == APOSTROPHE)
		buf_puts(t->out, "’");
	else if (d == OPEN || d == OPEN_BARE)
		buf_puts(t->out, m->open);
	else if (d == INNER_OPEN || d == INNER_CLOSE)
		buf_puts(t->out, d == INNER_OPEN ? m->inner_open : m->inner_close);
	if (d == OPEN && m->spaced)
		buf_puts(t->out, "\xc2\xa0");
	if (d == CLOSE && m->spaced)
		buf_puts(t->out, "\xc2\xa0");
	if (d == CLOSE || d == CLOSE_BARE)
		buf_puts(t->out, m->close);
}

/* ---- both passes: reading ---- */

/* The character at the start of s, references resolved in HTML. */
static uint32_t read_character(const struct typographer *t, struct str s, size_t *length)
{
	uint32_t c;

	if (!t->plain && s.n && s.p[0] == '&') {
		*length = text_reference(s, &c);
		if (*length)
			return c;
	}
	return utf8_decode(s, length);
}

static bool take_prefix(struct str *s, const char *const *list)
{
	for (; *list; list++) {
		if (!str_starts(*s, *list))
			continue;
		*s = str_skip(*s, strlen(*list));
		return true;
	}
	return false;
}

static bool drop_suffix(struct str *s, const char *const *list)
{
	for (; *list; list++) {
		if (!str_ends(*s, *list))
			continue;
		s->n -= strlen(*list);
		return true;
	}
	return false;
}

/* ".txt" at the end: up to five letters or digits after a dot after a letter. */
static bool has_extension(struct str word)
{
	size_t n = 0;

	while (n < word.n && n < 6 && ascii_alnum(word.p[word.n - 1 - n]))
		n++;
	return n > 0 && n < 6 && word.n > n + 1 && word.p[word.n - 1 - n] == '.' &&
	       ascii_alnum(word.p[word.n - 2 - n]);
}

static bool is_address(struct str word)
{
	static const char *const starts[] = {"www.", "/", "./", "../", "~/", "mailto:", NULL};
	struct str rest = word;
	size_t at = str_find_char(word, '@');

	if (take_prefix(&rest, starts))
		return rest.n > 0 && (rest.p[0] == '.' || ascii_alnum(rest.p[0]));
	if (word.n > 2 && ascii_alpha(word.p[0]) && word.p[1] == ':' && word.p[2] == '\\')
		return true;
	if (at && at < word.n && str_find_char(str_skip(word, at), '.') < word.n - at)
		return true;
	return str_find(word, "://") < word.n;
}

/* The part of the word at the start of s that is an address or a file name. */
static struct span find_span(struct str s)
{
	static const char *const before[] = {"\"", "'", "(", "[", "&quot;", "&#39;", "&lt;", NULL};
	static const char *const after[] = {"\"", "'", ")", "]", ".", ",", ";", ":", "!", "?",
					    "&quot", "&#39", "&gt", NULL};
	bool plain = true;
	size_t n = 0;

	for (; n < s.n && !ascii_space(s.p[n]); n++)
		plain = plain && !(s.p[n] && strchr("/.:@\\", s.p[n]));
	if (plain)
		return (struct span){0};
	struct str word = str_head(s, n);
	while (take_prefix(&word, before))
		;
	struct str whole = word;
	while (drop_suffix(&word, after))
		;
	if (str_ends(word, "/") && str_starts(str_skip(whole, word.n), "..."))
		word.n += 3; /* "./..." */
	if (!word.n || str_is(word, "/"))
		return (struct span){0};
	if (is_address(word))
		return (struct span){word.p, word.p + word.n, true};
	if (str_find_char(word, '/') < word.n || has_extension(word))
		return (struct span){word.p, word.p + word.n, false};
	return (struct span){0};
}

static size_t run_length(struct str s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] == s.p[0])
		n++;
	return n;
}

/* "--verbose", and not the first dash of an aside --like this-- one. */
static bool is_option(enum side before, struct str after)
{
	enum { FAR = 300 };

	if ((before != SPACE && before != OPENING && before != QUOTE) || !after.n ||
	    !ascii_alpha(after.p[0]))
		return false;
	after = str_head(after, FAR);
	size_t at = str_find(after, "--");
	struct str rest = str_skip(after, at + 2);
	return at == after.n || ascii_space(after.p[at - 1]) || (rest.n && ascii_alnum(rest.p[0]));
}

/* What a run of hyphens or dots becomes, or NULL. */
static const char *replacement(const struct typographer *t, struct str text, struct str run,
			       enum side before)
{
	static const char around[] = "<>|+=_*~#\\";
	size_t unused;
	struct str after = {run.p + run.n, (size_t)(text.p + text.n - run.p) - run.n};

	if (run.p[0] == '.')
		return run.n == 3 ? "…" : NULL;
	if (run.n != 2 && run.n != 3)
		return NULL;
	uint32_t next = read_character(t, after, &unused);
	char last = run.p > text.p ? run.p[-1] : ' ';
	if ((next < 0x80 && next && strchr(around, (int)next)) || (last && strchr(around, last)))
		return NULL;
	if (last == ';' && run.p - text.p >= 4 && !memcmp(run.p - 4, "&lt;", 4))
		return NULL;
	if (run.n == 3)
		return "—";
	return is_option(before, after) ? NULL : "–";
}

/* One text node, in either pass. */
static void read_text(struct typographer *t, struct str text)
{
	struct str rest = text;
	const char *copied = text.p;
	struct span span = {0};
	enum side last = SPACE; /* within this text */

	while (rest.n) {
		size_t n;
		const char *at = rest.p;
		if (at == text.p || ascii_space(at[-1]))
			span = find_span(rest);
		bool inside = span.start && at >= span.start && at < span.end;
		uint32_t c = read_character(t, rest, &n);
		bool quote = (c == '"' || c == '\'') && !(inside && span.quotes_too);
		const char *mark = NULL;
		if (rest.p[0] == '-' || rest.p[0] == '.') {
			n = run_length(rest);
			mark = inside ? NULL : replacement(t, text, str_head(rest, n), last);
		}
		rest = str_skip(rest, n);
		last = quote ? QUOTE : side_of(c);
		if (!t->out) {
			if (quote)
				see_quote(t, (char)c, text, at, n);
			else
				see(t, last);
		} else if (quote || mark) {
			buf_add(t->out, copied, (size_t)(at - copied));
			copied = rest.p;
			if (quote)
				write_quote(t, (struct str){at, n});
			else
				buf_puts(t->out, mark);
		}
	}
	if (t->out)
		buf_add(t->out, copied, (size_t)(rest.p - copied));
}

/* Tags as a quote sees them: a block is a border, a line break a space, code
 * or an image something like a word. */
static void see_tag(struct typographer *t, const struct html_token *token)
{
	if (html_is(token, "br") || html_is(token, "wbr"))
		see(t, SPACE);
	else if (html_is_block(token->name))
		end_block(t);
	else if (html_is_verbatim(token->name) || html_is(token, "img"))
		if (!html_is(token, "script") && !html_is(token, "style"))
			see(t, WORD);
}

static void read_html(struct typographer *t, struct str html)
{
	struct html_reader reader;
	struct html_token token;
	struct str verbatim = {"", 0}; /* the outermost element of code we are in */
	size_t depth = 0;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		bool tag = token.kind == HTML_OPEN || token.kind == HTML_CLOSE;
		bool open = token.kind == HTML_OPEN && !token.self_closing;
		if (token.kind == HTML_TEXT && !depth) {
			read_text(t, token.bytes);
			continue;
		}
		if (t->out)
			buf_str(t->out, token.bytes);
		if (!tag || token.unfinished)
			continue;
		if (!t->out && (!depth || html_is_block(token.name)))
			see_tag(t, &token);
		if (depth && str_eq_fold(token.name, verbatim))
			depth = open ? depth + 1 : depth - (token.kind == HTML_CLOSE);
		else if (!depth && open && html_is_verbatim(token.name)) {
			verbatim = token.name;
			depth = 1;
		}
	}
}

static void run(struct str input, const char *lang, bool plain, struct buf *out)
{
	struct buf decisions = BUF_EMPTY;
	struct typographer t = {.marks = find_marks(lang), .plain = plain, .decisions = &decisions};

	for (int pass = 0; pass < 2; pass++) {
		if (plain)
			read_text(&t, input);
		else
			read_html(&t, input);
		end_block(&t);
		t.out = out;
	}
	if (buf_failed(&decisions))
		out->failed = true;
	buf_release(&decisions);
}

void typographer_apply(struct str html, const char *lang, struct buf *out)
{
	run(html, lang, false, out);
}

void typographer_text(struct str text, const char *lang, struct buf *out)
{
	run(text, lang, true, out);
}
