/* text.c: rendered HTML -> what a reader reads, its length, and its beginning.
 *
 * In:  HTML from the renderer or an author, as tokens of html.h; no tree.
 * Out: UTF-8 text, counts of words, a beginning for a meta description.
 * Character references: HTML standard §13.2.5.72 and on, with the names of
 * HTML 4, which is what prose uses; a name needs its semicolon, so that
 * "?a=1&copy=2" stays a query.  Words are found by the scripts' spacing, not by
 * dictionaries: Thai is measured by letters.
 */
#include "text.h"

#include "html.h"
#include "unicode.h"
#include "utf8.h"

#include <stdlib.h>

struct name {
	const char *z;
	uint32_t scalar;
};

/* In strcmp order. */
/* clang-format off */
static const struct name NAMES[] = {
	{"AElig", 0xc6}, {"Aacute", 0xc1}, {"Acirc", 0xc2}, {"Agrave", 0xc0}, {"Alpha", 0x391},
	{"Aring", 0xc5}, {"Atilde", 0xc3}, {"Auml", 0xc4}, {"Beta", 0x392}, {"Ccedil", 0xc7},
	{"Chi", 0x3a7}, {"Dagger", 0x2021}, {"Delta", 0x394}, {"ETH", 0xd0}, {"Eacute", 0xc9},
	{"Ecirc", 0xca}, {"Egrave", 0xc8}, {"Epsilon", 0x395}, {"Eta", 0x397}, {"Euml", 0xcb},
	{"Gamma", 0x393}, {"Iacute", 0xcd}, {"Icirc", 0xce}, {"Igrave", 0xcc}, {"Iota", 0x399},
	{"Iuml", 0xcf}, {"Kappa", 0x39a}, {"Lambda", 0x39b}, {"Mu", 0x39c}, {"Ntilde", 0xd1},
	{"Nu", 0x39d}, {"OElig", 0x152}, {"Oacute", 0xd3}, {"Ocirc", 0xd4}, {"Ograve", 0xd2},
	{"Omega", 0x3a9}, {"Omicron", 0x39f}, {"Oslash", 0xd8}, {"Otilde", 0xd5},
	{"Ouml", 0xd6}, {"Phi", 0x3a6}, {"Pi", 0x3a0}, {"Prime", 0x2033}, {"Psi", 0x3a8},
	{"Rho", 0x3a1}, {"Scaron", 0x160}, {"Sigma", 0x3a3}, {"THORN", 0xde}, {"Tau", 0x3a4},
	{"Theta", 0x398}, {"Uacute", 0xda}, {"Ucirc", 0xdb}, {"Ugrave", 0xd9},
	{"Upsilon", 0x3a5}, {"Uuml", 0xdc}, {"Xi", 0x39e}, {"Yacute", 0xdd}, {"Yuml", 0x178},
	{"Zeta", 0x396}, {"aacute", 0xe1}, {"acirc", 0xe2}, {"acute", 0xb4}, {"aelig", 0xe6},
	{"agrave", 0xe0}, {"alefsym", 0x2135}, {"alpha", 0x3b1}, {"amp", 0x26},
	{"and", 0x2227}, {"ang", 0x2220}, {"apos", 0x27}, {"aring", 0xe5}, {"asymp", 0x2248},
	{"atilde", 0xe3}, {"auml", 0xe4}, {"bdquo", 0x201e}, {"beta", 0x3b2}, {"brvbar", 0xa6},
	{"bull", 0x2022}, {"cap", 0x2229}, {"ccedil", 0xe7}, {"cedil", 0xb8}, {"cent", 0xa2},
	{"chi", 0x3c7}, {"circ", 0x2c6}, {"clubs", 0x2663}, {"cong", 0x2245}, {"copy", 0xa9},
	{"crarr", 0x21b5}, {"cup", 0x222a}, {"curren", 0xa4}, {"dArr", 0x21d3},
	{"dagger", 0x2020}, {"darr", 0x2193}, {"deg", 0xb0}, {"delta", 0x3b4},
	{"diams", 0x2666}, {"divide", 0xf7}, {"eacute", 0xe9}, {"ecirc", 0xea},
	{"egrave", 0xe8}, {"empty", 0x2205}, {"emsp", 0x2003}, {"ensp", 0x2002},
	{"epsilon", 0x3b5}, {"equiv", 0x2261}, {"eta", 0x3b7}, {"eth", 0xf0}, {"euml", 0xeb},
	{"euro", 0x20ac}, {"exist", 0x2203}, {"fnof", 0x192}, {"forall", 0x2200},
	{"frac12", 0xbd}, {"frac14", 0xbc}, {"frac34", 0xbe}, {"frasl", 0x2044},
	{"gamma", 0x3b3}, {"ge", 0x2265}, {"gt", 0x3e}, {"hArr", 0x21d4}, {"harr", 0x2194},
	{"hearts", 0x2665}, {"hellip", 0x2026}, {"iacute", 0xed}, {"icirc", 0xee},
	{"iexcl", 0xa1}, {"igrave", 0xec}, {"image", 0x2111}, {"infin", 0x221e},
	{"int", 0x222b}, {"iota", 0x3b9}, {"iquest", 0xbf}, {"isin", 0x2208}, {"iuml", 0xef},
	{"kappa", 0x3ba}, {"lArr", 0x21d0}, {"lambda", 0x3bb}, {"lang", 0x27e8},
	{"laquo", 0xab}, {"larr", 0x2190}, {"lceil", 0x2308}, {"ldquo", 0x201c},
	{"le", 0x2264}, {"lfloor", 0x230a}, {"lowast", 0x2217}, {"loz", 0x25ca},
	{"lrm", 0x200e}, {"lsaquo", 0x2039}, {"lsquo", 0x2018}, {"lt", 0x3c}, {"macr", 0xaf},
	{"mdash", 0x2014}, {"micro", 0xb5}, {"middot", 0xb7}, {"minus", 0x2212}, {"mu", 0x3bc},
	{"nabla", 0x2207}, {"nbsp", 0xa0}, {"ndash", 0x2013}, {"ne", 0x2260}, {"ni", 0x220b},
	{"not", 0xac}, {"notin", 0x2209}, {"nsub", 0x2284}, {"ntilde", 0xf1}, {"nu", 0x3bd},
	{"oacute", 0xf3}, {"ocirc", 0xf4}, {"oelig", 0x153}, {"ograve", 0xf2},
	{"oline", 0x203e}, {"omega", 0x3c9}, {"omicron", 0x3bf}, {"oplus", 0x2295},
	{"or", 0x2228}, {"ordf", 0xaa}, {"ordm", 0xba}, {"oslash", 0xf8}, {"otilde", 0xf5},
	{"otimes", 0x2297}, {"ouml", 0xf6}, {"para", 0xb6}, {"part", 0x2202},
	{"permil", 0x2030}, {"perp", 0x22a5}, {"phi", 0x3c6}, {"pi", 0x3c0}, {"piv", 0x3d6},
	{"plusmn", 0xb1}, {"pound", 0xa3}, {"prime", 0x2032}, {"prod", 0x220f},
	{"prop", 0x221d}, {"psi", 0x3c8}, {"quot", 0x22}, {"rArr", 0x21d2}, {"radic", 0x221a},
	{"rang", 0x27e9}, {"raquo", 0xbb}, {"rarr", 0x2192}, {"rceil", 0x2309},
	{"rdquo", 0x201d}, {"real", 0x211c}, {"reg", 0xae}, {"rfloor", 0x230b}, {"rho", 0x3c1},
	{"rlm", 0x200f}, {"rsaquo", 0x203a}, {"rsquo", 0x2019}, {"sbquo", 0x201a},
	{"scaron", 0x161}, {"sdot", 0x22c5}, {"sect", 0xa7}, {"shy", 0xad}, {"sigma", 0x3c3},
	{"sigmaf", 0x3c2}, {"sim", 0x223c}, {"spades", 0x2660}, {"sub", 0x2282},
	{"sube", 0x2286}, {"sum", 0x2211}, {"sup", 0x2283}, {"sup1", 0xb9}, {"sup2", 0xb2},
	{"sup3", 0xb3}, {"supe", 0x2287}, {"szlig", 0xdf}, {"tau", 0x3c4}, {"there4", 0x2234},
	{"theta", 0x3b8}, {"thetasym", 0x3d1}, {"thinsp", 0x2009}, {"thorn", 0xfe},
	{"tilde", 0x2dc}, {"times", 0xd7}, {"trade", 0x2122}, {"uArr", 0x21d1},
	{"uacute", 0xfa}, {"uarr", 0x2191}, {"ucirc", 0xfb}, {"ugrave", 0xf9}, {"uml", 0xa8},
	{"upsih", 0x3d2}, {"upsilon", 0x3c5}, {"uuml", 0xfc}, {"weierp", 0x2118},
	{"xi", 0x3be}, {"yacute", 0xfd}, {"yen", 0xa5}, {"yuml", 0xff}, {"zeta", 0x3b6},
	{"zwj", 0x200d}, {"zwnj", 0x200c},};
/* clang-format on */

enum { LONGEST_NAME = 8 };

static int compare_names(const void *key, const void *element)
{
	return strcmp(key, ((const struct name *)element)->z);
}

static size_t named_reference(struct str s, uint32_t *scalar)
{
	char name[LONGEST_NAME + 1];
	size_t n = 1;

	while (n < s.n && n <= LONGEST_NAME && ascii_alnum(s.p[n]))
		n++;
	if (n == 1 || n == s.n || s.p[n] != ';')
		return 0;
	memcpy(name, s.p + 1, n - 1);
	name[n - 1] = 0;
	const struct name *found = bsearch(name, NAMES, sizeof(NAMES) / sizeof(NAMES[0]),
					   sizeof(NAMES[0]), compare_names);
	if (!found)
		return 0;
	*scalar = found->scalar;
	return n + 1;
}

/* What a browser shows for a number that is no character (§13.2.5.80): the
 * C1 controls are read as windows-1252, the rest as U+FFFD. */
static uint32_t mend_number(uint32_t c)
{
	static const uint16_t c1[32] = {
		0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
		0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
	};

	if (c >= 0x80 && c < 0xa0 && c1[c - 0x80])
		return c1[c - 0x80];
	return c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0xfffd : c;
}

static int digit_value(char c, uint32_t base)
{
	char low = ascii_lower(c);

	if (ascii_digit(c))
		return c - '0';
	return base == 16 && low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static size_t numeric_reference(struct str s, uint32_t *scalar)
{
	bool hex = s.n > 2 && ascii_lower(s.p[2]) == 'x';
	size_t start = hex ? 3 : 2, n = start;
	uint32_t base = hex ? 16 : 10, value = 0;

	for (int digit; n < s.n && (digit = digit_value(s.p[n], base)) >= 0; n++)
		if (value <= 0x10ffff)
			value = value * base + (uint32_t)digit;
	if (n == start)
		return 0;
	*scalar = mend_number(value);
	return n < s.n && s.p[n] == ';' ? n + 1 : n;
}

size_t text_reference(struct str s, uint32_t *scalar)
{
	if (s.n < 3 || s.p[0] != '&')
		return 0;
	return s.p[1] == '#' ? numeric_reference(s, scalar) : named_reference(s, scalar);
}

void text_unescape(struct str html, struct buf *out)
{
	while (html.n) {
		uint32_t c;
		size_t plain = str_find_char(html, '&');
		buf_str(out, str_head(html, plain));
		html = str_skip(html, plain);
		size_t n = text_reference(html, &c);
		if (n)
			buf_utf8(out, c);
		else
			buf_str(out, str_head(html, 1));
		html = str_skip(html, n ? n : 1);
	}
}

/* ---- HTML -> text ---- */

enum gap { GAP_NONE, GAP_SPACE, GAP_LINE };

struct writer {
	struct buf *out;
	size_t start;     /* where our text begins in out */
	enum gap gap;     /* owed before the next character */
	unsigned pre;     /* depth of <pre> */
	bool image_last;  /* two images side by side are two words */
	struct str skip;  /* element whose content is left out, or empty */
	unsigned depth;   /* of elements of that name */
};

static void owe(struct writer *w, enum gap gap)
{
	if (w->gap < gap)
		w->gap = gap;
}

static void pay(struct writer *w)
{
	if (w->gap != GAP_NONE && w->out->n > w->start)
		buf_char(w->out, w->gap == GAP_LINE ? '\n' : ' ');
	w->gap = GAP_NONE;
	w->image_last = false;
}

static void trim_end(struct writer *w)
{
	size_t n = w->out->n;

	while (n > w->start && ascii_space(w->out->p[n - 1]))
		n--;
	if (n < w->out->n)
		buf_truncate(w->out, n);
}

static void write_space(struct writer *w, char c)
{
	bool fresh = w->gap == GAP_LINE || w->out->n == w->start;

	if (!w->pre) {
		owe(w, GAP_SPACE);
	} else if (c != '\r' && !(fresh && c == '\n')) {
		pay(w);
		if (w->out->n > w->start)
			buf_char(w->out, c);
	}
}

/* A run without references. */
static void write_run(struct writer *w, struct str run)
{
	while (run.n) {
		size_t n = 0;
		while (n < run.n && !ascii_space(run.p[n]))
			n++;
		if (n) {
			pay(w);
			buf_str(w->out, str_head(run, n));
		}
		run = str_skip(run, n);
		if (!run.n)
			return;
		write_space(w, run.p[0]);
		run = str_skip(run, 1);
	}
}

static void write_text(struct writer *w, struct str html)
{
	while (html.n) {
		uint32_t c;
		size_t plain = str_find_char(html, '&');
		write_run(w, str_head(html, plain));
		html = str_skip(html, plain);
		size_t n = text_reference(html, &c);
		if (n && c < 0x80) {
			char byte = (char)c;
			write_run(w, (struct str){&byte, 1});
		} else if (n) {
			pay(w);
			buf_utf8(w->out, c);
		} else {
			write_run(w, str_head(html, 1));
		}
		html = str_skip(html, n ? n : 1);
	}
}

static void write_image(struct writer *w, const struct html_token *token)
{
	struct str alt;

	if (!html_attribute_find(token, "alt", &alt) || !str_trim(alt).n)
		return;
	if (w->image_last)
		owe(w, GAP_SPACE);
	write_text(w, alt);
	w->image_last = true;
}

/* A footnote's reference or back link, as discount, cmark-gfm, pandoc and
 * goldmark write them. */
static bool is_footnote_mark(const struct html_token *token)
{
	struct str rest = token->attributes;
	struct html_attribute a;

	while (html_attribute_next(&rest, &a)) {
		if ((str_is_fold(a.name, "rel") || str_is_fold(a.name, "rev")) &&
		    str_is_fold(a.value, "footnote"))
			return true;
		if (str_is_fold(a.name, "role") &&
		    (str_is_fold(a.value, "doc-noteref") || str_is_fold(a.value, "doc-backlink")))
			return true;
		if (str_is_fold(a.name, "class") &&
		    (str_find(a.value, "footnote-ref") < a.value.n ||
		     str_find(a.value, "footnote-back") < a.value.n))
			return true;
		if (str_is_fold(a.name, "data-footnote-ref") ||
		    str_is_fold(a.name, "data-footnote-backref"))
			return true;
	}
	return false;
}

static bool starts_skip(const struct html_token *token)
{
	static const char *const unseen[] = {"template", "noscript", "video",
					     "audio",    "canvas",   "object"};

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (html_is(token, unseen[i]))
			return true;
	return html_is(token, "a") && is_footnote_mark(token);
}

/* Whether the token lies in an element that is left out.  A link ends at the
 * next link or block even when nobody closed it. */
static bool skipping(struct writer *w, const struct html_token *token)
{
	bool link = str_is_fold(w->skip, "a");

	if (!w->skip.n)
		return false;
	if (token->kind != HTML_OPEN && token->kind != HTML_CLOSE)
		return true;
	bool same = str_eq_fold(token->name, w->skip);
	if (link && (html_is_block(token->name) || (same && token->kind == HTML_OPEN))) {
		w->skip.n = 0;
		return false;
	}
	if (same && token->kind == HTML_OPEN)
		w->depth++;
	else if (same && --w->depth == 0)
		w->skip.n = 0;
	return true;
}

static void write_tag(struct writer *w, const struct html_token *token)
{
	bool open = token->kind == HTML_OPEN;

	if (html_is(token, "pre")) {
		if (open)
			w->pre++;
		else if (w->pre && --w->pre == 0)
			trim_end(w);
	}
	if (html_is_block(token->name))
		owe(w, GAP_LINE);
	if (!open)
		return;
	if (html_is(token, "img")) {
		write_image(w, token);
	} else if (starts_skip(token)) {
		w->skip = token->name;
		w->depth = 1;
	}
}

void text_from_html(struct str html, struct buf *out)
{
	struct writer w = {.out = out, .start = out->n};
	struct html_reader reader;
	struct html_token token;
	struct str element = {"", 0}; /* the tag read last, whose raw text may follow */

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_OPEN)
			element = token.name;
		if (skipping(&w, &token))
			continue;
		if (token.kind == HTML_TEXT)
			write_text(&w, token.bytes);
		else if (token.kind == HTML_RAW && str_is_fold(element, "textarea"))
			write_text(&w, token.bytes);
		else if (token.kind == HTML_RAW && str_is_fold(element, "xmp"))
			write_run(&w, token.bytes);
		else if ((token.kind == HTML_OPEN || token.kind == HTML_CLOSE) && !token.unfinished)
			write_tag(&w, &token);
	}
	trim_end(&w);
}

struct str text_line(struct arena *arena, struct str html)
{
	struct buf text = BUF_EMPTY;

	text_from_html(html, &text);
	for (size_t i = 0; i < text.n; i++)
		if (ascii_space(text.p[i]))
			text.p[i] = ' ';
	struct str line = arena_str(arena, buf_view(&text));
	buf_release(&text);
	return line;
}

/* ---- measure ---- */

/* Marks that stand between words where there is no space: dashes, the
 * ellipsis, and the punctuation of East Asia. */
static bool separates_words(uint32_t c)
{
	return unicode_is_space(c) || c == 0xa0 || c == 0x202f || (c >= 0x2012 && c <= 0x2015) ||
	       c == 0x2026 || (c >= 0x3001 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
	       c == 0x30fb || (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20);
}

struct text_measure text_measure(struct str text)
{
	struct text_measure m = {0};
	bool inside = false;

	while (text.n) {
		size_t n;
		uint32_t c = utf8_decode(text, &n);
		text = str_skip(text, n);
		if (unicode_in_unspaced_script(c)) {
			m.characters += unicode_is_unspaced(c);
			inside = false;
		} else if (separates_words(c)) {
			inside = false;
		} else if (!inside && unicode_is_word(c)) {
			m.words++;
			inside = true;
		}
	}
	return m;
}

size_t text_weight(struct text_measure m)
{
	return m.words + m.characters / 2 + m.characters % 2;
}

unsigned text_minutes(struct text_measure m)
{
	enum { WORDS = 220, CHARACTERS = 500 };
	size_t parts = m.words * CHARACTERS + m.characters * WORDS;

	return (unsigned)((parts + WORDS * CHARACTERS - 1) / (WORDS * CHARACTERS));
}

/* ---- shortening ---- */

/* Whether a word may end before c where no space stands: between letters of
 * the unspaced scripts, but neither before a mark or a vowel sign that
 * belongs to the letter before it, nor after a Thai or Lao vowel that is
 * written before its consonant. */
static bool breaks_before(uint32_t last, uint32_t c)
{
	bool leads = (last >= 0xe40 && last <= 0xe44) || (last >= 0xec0 && last <= 0xec4);
	bool trails = c == 0xe30 || c == 0xe32 || c == 0xe33 || c == 0xe45 || c == 0xe46 ||
		      c == 0xeb0 || c == 0xeb2 || c == 0xeb3 || c == 0xec6 || c == 0x30fc;

	if (separates_words(c))
		return true;
	if (unicode_in_unspaced_script(c))
		return unicode_is_unspaced(c) && !trails && !leads;
	return unicode_in_unspaced_script(last) ||
	       (separates_words(last) && !unicode_is_space(last));
}

/* Characters that change the one before them: accents, emoji modifiers. */
static bool joins(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f) ||
	       (c >= 0x1f3fb && c <= 0x1f3ff);
}

/* Marks that look lost before an ellipsis. */
static void strip_marks(struct buf *out, size_t start)
{
	static const char *const marks[] = {
		" ", ",", ";", ":", ".", "!", "?", "-", "(", "[", "{", "/", "…", "–", "—",
		"«", "“", "„", "‘", "‚", "¿", "¡", "、", "。", "，", "．", "！", "？", "；",
		"：", "（", "「", "『", "・", "\xc2\xa0", "\xe2\x80\xaf"};
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			struct str tail = str_skip(buf_view(out), start);
			if (!str_ends(tail, marks[i]))
				continue;
			buf_truncate(out, out->n - strlen(marks[i]));
			again = true;
		}
	}
}

void text_shorten(struct str text, size_t limit, struct buf *out)
{
	size_t start = out->n, count = 0;
	size_t best = start; /* end of the last whole word that leaves room for the ellipsis */
	size_t hard = start; /* where the room ends */
	uint32_t last = ' ';
	bool space = false;

	for (text = str_trim(text); text.n && limit;) {
		size_t n;
		uint32_t c = utf8_decode(text, &n);
		if (c < 0x80 && ascii_space((char)c)) {
			space = true;
			text = str_skip(text, n);
			continue;
		}
		if (space)
			c = ' ';
		else
			text = str_skip(text, n);
		space = false;
		if (count + 1 <= limit) {
			hard = joins(c) || last == 0x200d ? hard : out->n;
			if (breaks_before(last, c))
				best = out->n;
		}
		if (count++ == limit) {
			buf_truncate(out, best > start ? best : hard);
			strip_marks(out, start);
			buf_puts(out, "…");
			return;
		}
		buf_utf8(out, c);
		last = c;
	}
}
