/* lang.c: well-formed language tags, and the choice of a language.
 *
 * In:  a tag from the query string, the path, a file name or Accept-Language;
 *      the configured languages and which of them are at hand.
 * Out: an index into the configured languages, or -1.
 * No registry is read: a tag must be well-formed, it need not exist, and
 * deprecated tags are not replaced ("iw" stays, "no-bok" too).
 * Spec: RFC 5646 §2.1 (grammar), RFC 4647 §3.3.1 and §3.4 (matching),
 * RFC 9110 §12.4.2 and §12.5.4 (weights, Accept-Language).
 */
#include "lang.h"

enum {
	SUBTAG_LIMIT = (LANG_LIMIT + 1) / 2, /* one-letter subtags and their hyphens */
	RANGE_LIMIT = 32,                    /* elements of Accept-Language */
	CHAIN_LIMIT = 64,                    /* languages visited along fallback chains */
};

/* The subtags of a tag in lower case, taken off one by one. */
struct subtags {
	struct str all[SUBTAG_LIMIT];
	size_t count;
	size_t next;
};

static bool all_of(struct str s, bool (*is)(char))
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i]))
			return false;
	return true;
}

/* Takes the next subtag if it has min to max characters of that kind. */
static bool take(struct subtags *t, bool (*is)(char), size_t min, size_t max)
{
	if (t->next == t->count)
		return false;
	struct str s = t->all[t->next];
	if (s.n < min || s.n > max || !all_of(s, is))
		return false;
	t->next++;
	return true;
}

static bool take_language(struct subtags *t)
{
	if (take(t, ascii_alpha, 4, 8))
		return true;
	if (!take(t, ascii_alpha, 2, 3))
		return false;
	/* extlang: three at most */
	for (int i = 0; i < 3 && take(t, ascii_alpha, 3, 3); i++)
		;
	return true;
}

/* Whether the subtag just taken stands among those from `first` on. */
static bool is_repeated(const struct subtags *t, size_t first)
{
	for (size_t i = first; i + 1 < t->next; i++)
		if (str_eq(t->all[i], t->all[t->next - 1]))
			return true;
	return false;
}

static bool take_variant(struct subtags *t)
{
	if (take(t, ascii_alnum, 5, 8))
		return true;
	if (t->next == t->count || !t->all[t->next].n || !ascii_digit(t->all[t->next].p[0]))
		return false;
	return take(t, ascii_alnum, 4, 4);
}

/* False when one is there twice. */
static bool take_variants(struct subtags *t)
{
	size_t first = t->next;

	while (take_variant(t))
		if (is_repeated(t, first))
			return false;
	return true;
}

/* False when a singleton is there twice, or is followed by nothing. */
static bool take_extensions(struct subtags *t)
{
	bool seen[128] = {false};

	while (t->next < t->count && !str_is(t->all[t->next], "x") && take(t, ascii_alnum, 1, 1)) {
		unsigned char singleton = (unsigned char)t->all[t->next - 1].p[0];
		if (seen[singleton] || !take(t, ascii_alnum, 2, 8))
			return false;
		seen[singleton] = true;
		while (take(t, ascii_alnum, 2, 8))
			;
	}
	return true;
}

static bool take_private(struct subtags *t)
{
	if (t->next == t->count)
		return true;
	if (!str_is(t->all[t->next++], "x") || !take(t, ascii_alnum, 1, 8))
		return false;
	while (take(t, ascii_alnum, 1, 8))
		;
	return true;
}

static bool is_langtag(struct subtags *t)
{
	if (!take_language(t))
		return false;
	take(t, ascii_alpha, 4, 4); /* script */
	if (!take(t, ascii_alpha, 2, 2))
		take(t, ascii_digit, 3, 3); /* region */
	return take_variants(t) && take_extensions(t) && take_private(t) && t->next == t->count;
}

/* The grandfathered tags that the rest of the grammar does not produce.  It
 * does produce the nine "regular" ones (art-lojban, zh-min-nan and so on). */
static bool is_irregular(struct str tag)
{
	static const char *const tags[] = {
		"en-gb-oed", "i-ami", "i-bnn",     "i-default", "i-enochian", "i-hak",
		"i-klingon", "i-lux", "i-mingo",   "i-navajo",  "i-pwn",      "i-tao",
		"i-tay",     "i-tsu", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de",
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (str_is(tag, tags[i]))
			return true;
	return false;
}

static char fold(char c)
{
	return c == '_' ? '-' : ascii_lower(c);
}

int lang_normalise(struct str tag, char out[LANG_LIMIT + 1])
{
	char normal[LANG_LIMIT + 1] = "";
	struct subtags t = {.count = 0};

	if (!tag.n || tag.n > LANG_LIMIT)
		return -1;
	for (size_t i = 0; i < tag.n; i++)
		normal[i] = fold(tag.p[i]);
	struct str whole = {normal, tag.n}, rest = whole;
	while (rest.n) {
		struct str subtag = str_cut(&rest, '-');
		if (!subtag.n)
			return -1;
		t.all[t.count++] = subtag;
	}
	if (normal[tag.n - 1] == '-')
		return -1;
	bool good = str_is(t.all[0], "x") ? take_private(&t) && t.next == t.count : is_langtag(&t);
	if (!good && !is_irregular(whole))
		return -1;
	memcpy(out, normal, sizeof(normal));
	return 0;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

void lang_format(struct str tag, char out[LANG_LIMIT + 1])
{
	bool first = true;

	tag = str_head(tag, LANG_LIMIT);
	for (size_t i = 0; i < tag.n; i++)
		out[i] = fold(tag.p[i]);
	out[tag.n] = 0;
	for (size_t i = 0, n; i < tag.n; i += n + 1) {
		n = str_find_char((struct str){out + i, tag.n - i}, '-');
		if (!first && (n == 2 || n == 4))
			out[i] = upper(out[i]);
		if (!first && n == 2)
			out[i + 1] = upper(out[i + 1]);
		if (n == 1)
			break; /* all that follows a singleton stays in lower case */
		first = false;
	}
}

bool lang_covers(struct str range, struct str tag)
{
	if (str_is(range, "*"))
		return tag.n > 0;
	if (!range.n || tag.n < range.n || !str_eq_fold(range, str_head(tag, range.n)))
		return false;
	return tag.n == range.n || tag.p[range.n] == '-';
}

struct range {
	struct str tag;
	int weight; /* thousandths */
};

/* What a choice is made from. */
struct choice {
	const struct lang_known *known;
	const bool *available; /* NULL for all */
	size_t count;
	const struct range *ranges; /* Accept-Language, heaviest first */
	size_t range_count;
};

/* The weight that Accept-Language gives to just this language, by the longest
 * range that covers it, "*" aside; -1 when none does.  Of equal ranges the
 * lightest counts, so that q=0 excludes. */
static int named_weight(const struct choice *c, struct str tag)
{
	size_t longest = 0;
	int weight = -1;

	for (size_t i = 0; i < c->range_count; i++) {
		const struct range *r = &c->ranges[i];
		if (str_is(r->tag, "*") || r->tag.n < longest || !lang_covers(r->tag, tag))
			continue;
		longest = r->tag.n;
		weight = r->weight;
	}
	return weight;
}

static bool may_choose(const struct choice *c, size_t i)
{
	return (!c->available || c->available[i]) &&
	       named_weight(c, str_from(c->known[i].tag)) != 0;
}

/* One step of RFC 4647 §3.4: without the last subtag, and without the
 * single-character subtags that then stand last. */
static struct str shorten(struct str tag)
{
	do {
		const char *hyphen = memrchr(tag.p, '-', tag.n);
		tag.n = hyphen ? (size_t)(hyphen - tag.p) : 0;
	} while (tag.n == 1 || (tag.n > 1 && tag.p[tag.n - 2] == '-'));
	return tag;
}

static int match(struct str wanted, const struct choice *c)
{
	for (struct str tag = wanted; tag.n; tag = shorten(tag))
		for (size_t i = 0; i < c->count; i++)
			if (str_is_fold(tag, c->known[i].tag) && may_choose(c, i))
				return (int)i;
	for (size_t i = 0; i < c->count; i++)
		if (lang_covers(wanted, str_from(c->known[i].tag)) && may_choose(c, i))
			return (int)i;
	return -1;
}

int lang_match(struct str wanted, const struct lang_known *known, const bool *available,
	       size_t count)
{
	const struct choice c = {.known = known, .available = available, .count = count};

	return match(wanted, &c);
}

/* Languages in the order in which their chains are tried, each once. */
struct visits {
	int all[CHAIN_LIMIT];
	size_t count;
};

static void visit(struct visits *v, int language)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->all[i] == language)
			return;
	if (language >= 0 && v->count < CHAIN_LIMIT)
		v->all[v->count++] = language;
}

int lang_match_chain(struct str wanted, const struct lang_known *known, const bool *available,
		     size_t count, bool *fallback)
{
	const struct choice configured = {.known = known, .count = count};
	struct visits v = {.count = 0};
	int found = lang_match(wanted, known, available, count);

	*fallback = false;
	if (found >= 0)
		return found;
	visit(&v, match(wanted, &configured));
	/* a language's own chain goes before the chains of those in it */
	for (size_t i = 0; i < v.count; i++) {
		const char *const *chain = known[v.all[i]].fallback;
		for (; chain && *chain; chain++) {
			found = lang_match(str_from(*chain), known, available, count);
			if (found >= 0) {
				*fallback = true;
				return found;
			}
			visit(&v, match(str_from(*chain), &configured));
		}
	}
	return -1;
}

/* qvalue of RFC 9110 §12.4.2 in thousandths, or -1. */
static int read_weight(struct str s)
{
	int weight = 0;

	if (!s.n || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
		return -1;
	for (size_t i = 0; i < 5; i++) {
		if (i == 1)
			continue;
		char digit = i < s.n ? s.p[i] : '0';
		if (!ascii_digit(digit))
			return -1;
		weight = weight * 10 + (digit - '0');
	}
	return weight <= 1000 ? weight : -1;
}

/* RFC 4647 §2.1: "*", or letters and then letters and digits, 8 at most. */
static bool is_range(struct str s)
{
	if (str_is(s, "*"))
		return true;
	bool (*is)(char) = ascii_alpha;
	for (bool more = true; more; is = ascii_alnum) {
		more = str_find_char(s, '-') < s.n;
		struct str subtag = str_cut(&s, '-');
		if (!subtag.n || subtag.n > 8 || !all_of(subtag, is))
			return false;
	}
	return true;
}

/* One element of the list: range [OWS ";" OWS "q=" qvalue]. */
static bool read_range(struct str element, struct range *range)
{
	bool weighted = str_find_char(element, ';') < element.n;

	*range = (struct range){.tag = str_trim(str_cut(&element, ';')), .weight = 1000};
	if (weighted) {
		element = str_trim(element);
		if (!str_is_fold(str_head(element, 2), "q="))
			return false;
		range->weight = read_weight(str_skip(element, 2));
	}
	return range->weight >= 0 && is_range(range->tag);
}

/* Heaviest first, as they came among equals. */
static size_t read_ranges(struct str header, struct range ranges[RANGE_LIMIT])
{
	size_t count = 0;

	for (int read = 0; header.n && read < RANGE_LIMIT;) {
		struct str element = str_trim(str_cut(&header, ','));
		struct range range;
		read += element.n > 0;
		if (!element.n || !read_range(element, &range))
			continue;
		size_t at = count++;
		for (; at && ranges[at - 1].weight < range.weight; at--)
			ranges[at] = ranges[at - 1];
		ranges[at] = range;
	}
	return count;
}

int lang_accept(struct str header, const struct lang_known *known, const bool *available,
		size_t count)
{
	struct range ranges[RANGE_LIMIT];
	struct choice c = {.known = known, .available = available, .count = count};

	c.ranges = ranges;
	c.range_count = read_ranges(header, ranges);
	for (size_t r = 0; r < c.range_count && ranges[r].weight > 0; r++) {
		if (!str_is(ranges[r].tag, "*")) {
			int found = match(ranges[r].tag, &c);
			if (found >= 0)
				return found;
			continue;
		}
		for (size_t i = 0; i < count; i++)
			if (named_weight(&c, str_from(known[i].tag)) < 0 && may_choose(&c, i))
				return (int)i;
	}
	return -1;
}
