/* test_lang.c: tags by RFC 5646's grammar, and every way of choosing one.
 *
 * Every text lies at the end of a page that is followed by one that may not be
 * read, so that a read past the end is a crash and not luck.
 */
#include "lang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <regex.h>
#include <sys/mman.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A copy of s against a forbidden page; two at a time, by slot. */
static struct str guarded(int slot, struct str s)
{
	static char *pages[2];
	enum { ROOM = 256 * 1024 };

	assert_true(s.n <= ROOM);
	if (!pages[slot]) {
		size_t guard = (size_t)sysconf(_SC_PAGESIZE);
		pages[slot] = mmap(NULL, ROOM + guard, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(pages[slot] != MAP_FAILED);
		assert_int_equal(mprotect(pages[slot] + ROOM, guard, PROT_NONE), 0);
	}
	char *copy = pages[slot] + ROOM - s.n;
	memcpy(copy, s.p, s.n);
	return (struct str){copy, s.n};
}

static struct str guarded_z(int slot, const char *z)
{
	return guarded(slot, str_from(z));
}

static const struct {
	const char *tag, *normal;
} WELL_FORMED[] = {
	{"it", "it"},
	{"IT", "it"},
	{"pt_BR", "pt-br"},
	{"zh_Hant_TW", "zh-hant-tw"},
	/* RFC 5646, appendix A */
	{"de", "de"},
	{"i-enochian", "i-enochian"},
	{"zh-Hant", "zh-hant"},
	{"sr-Cyrl", "sr-cyrl"},
	{"zh-cmn-Hans-CN", "zh-cmn-hans-cn"},
	{"cmn-Hans-CN", "cmn-hans-cn"},
	{"zh-yue-HK", "zh-yue-hk"},
	{"yue-HK", "yue-hk"},
	{"sr-Latn-RS", "sr-latn-rs"},
	{"sl-rozaj", "sl-rozaj"},
	{"sl-rozaj-biske", "sl-rozaj-biske"},
	{"sl-nedis", "sl-nedis"},
	{"de-CH-1901", "de-ch-1901"},
	{"sl-IT-nedis", "sl-it-nedis"},
	{"hy-Latn-IT-arevela", "hy-latn-it-arevela"},
	{"es-419", "es-419"},
	{"de-CH-x-phonebk", "de-ch-x-phonebk"},
	{"az-Arab-x-AZE-derbend", "az-arab-x-aze-derbend"},
	{"x-whatever", "x-whatever"},
	{"qaa-Qaaa-QM-x-southern", "qaa-qaaa-qm-x-southern"},
	{"de-Qaaa", "de-qaaa"},
	{"sr-Qaaa-RS", "sr-qaaa-rs"},
	{"en-US-u-islamcal", "en-us-u-islamcal"},
	{"zh-CN-a-myext-x-private", "zh-cn-a-myext-x-private"},
	{"en-a-myext-b-another", "en-a-myext-b-another"},
	/* the corners of the grammar */
	{"abcd", "abcd"},
	{"abcde", "abcde"},
	{"abcdefgh", "abcdefgh"},
	{"abcd-Latn-IT", "abcd-latn-it"},
	{"zh-aaa-bbb-ccc", "zh-aaa-bbb-ccc"},
	{"zh-aaa-bbb-ccc-Hant-TW", "zh-aaa-bbb-ccc-hant-tw"},
	{"de-1996", "de-1996"},
	{"de-1a2b", "de-1a2b"},
	{"de-abcde-fghij-12345678", "de-abcde-fghij-12345678"},
	{"de-Latn-1996", "de-latn-1996"},
	{"de-001-1996", "de-001-1996"},
	{"en-0-ab", "en-0-ab"},
	{"en-a-bb-cc-b-dd", "en-a-bb-cc-b-dd"},
	{"en-a-12345678", "en-a-12345678"},
	{"en-a-bb-bb", "en-a-bb-bb"},                   /* only singletons must differ */
	{"de-abcde-a-abcde", "de-abcde-a-abcde"},       /* not a variant there */
	{"en-a-bb-x-a-a-a", "en-a-bb-x-a-a-a"},         /* nor a singleton here */
	{"x-a", "x-a"},
	{"x-x-x", "x-x-x"},
	{"x-1-12345678", "x-1-12345678"},
	{"en-x-1", "en-x-1"},
	{"x-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f-g-h", "x-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f-g-h"},
	{"zh-aaa-bbb-ccc-Hant-TW-abcde-x-1234", "zh-aaa-bbb-ccc-hant-tw-abcde-x-1234"}, /* 35 */
	/* grandfathered */
	{"en-GB-oed", "en-gb-oed"},
	{"i-ami", "i-ami"},
	{"i-bnn", "i-bnn"},
	{"i-default", "i-default"},
	{"i-hak", "i-hak"},
	{"I-KLINGON", "i-klingon"},
	{"i_lux", "i-lux"},
	{"i-mingo", "i-mingo"},
	{"i-navajo", "i-navajo"},
	{"i-pwn", "i-pwn"},
	{"i-tao", "i-tao"},
	{"i-tay", "i-tay"},
	{"i-tsu", "i-tsu"},
	{"sgn-BE-FR", "sgn-be-fr"},
	{"sgn-BE-NL", "sgn-be-nl"},
	{"sgn-CH-DE", "sgn-ch-de"},
	{"art-lojban", "art-lojban"},
	{"cel-gaulish", "cel-gaulish"},
	{"no-bok", "no-bok"},
	{"no-nyn", "no-nyn"},
	{"zh-guoyu", "zh-guoyu"},
	{"zh-hakka", "zh-hakka"},
	{"zh-min", "zh-min"},
	{"zh-min-nan", "zh-min-nan"},
	{"zh-xiang", "zh-xiang"},
};

static void test_normalise(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(WELL_FORMED); i++) {
		char out[LANG_LIMIT + 1], again[LANG_LIMIT + 1];
		if (lang_normalise(guarded_z(0, WELL_FORMED[i].tag), out) != 0)
			fail_msg("'%s' is refused", WELL_FORMED[i].tag);
		assert_string_equal(out, WELL_FORMED[i].normal);
		assert_int_equal(lang_normalise(guarded_z(0, out), again), 0);
		assert_string_equal(again, out);
	}
}

static const struct str MALFORMED[] = {
	STR_LIT(""),
	STR_LIT("-"),
	STR_LIT("_"),
	STR_LIT("i"),
	STR_LIT("x"),
	STR_LIT("x-"),
	STR_LIT("x--a"),
	STR_LIT("x-123456789"),
	STR_LIT("-en"),
	STR_LIT("en-"),
	STR_LIT("en_"),
	STR_LIT("en--US"),
	STR_LIT("en-_US"),
	STR_LIT("e"),
	STR_LIT("1"),
	STR_LIT("e1"),
	STR_LIT("12"),
	STR_LIT("abcdefghi"),
	STR_LIT("abcdefg1"),
	STR_LIT("de-419-DE"), /* RFC 5646, appendix A: two regions */
	STR_LIT("a-DE"),      /* and a singleton as language */
	STR_LIT("ar-a-aaa-b-bbb-a-ccc"), /* and "a" twice */
	STR_LIT("en-A-bb-a-cc"),
	STR_LIT("en-US-US"),
	STR_LIT("en-Latn-Latn"),
	STR_LIT("en-US-Latn"),
	STR_LIT("zh-aaa-bbb-ccc-ddd"),
	STR_LIT("abcd-aaa"), /* extlang only after two or three letters */
	STR_LIT("abcde-aaa"),
	STR_LIT("de-Latn-aaa"),
	STR_LIT("de-1996-1996"),
	STR_LIT("de-abcde-1996-ABCDE"),
	STR_LIT("de-1996-DE"),
	STR_LIT("de-123-456"),
	STR_LIT("de-12"),
	STR_LIT("de-1"),
	STR_LIT("de-a1bc"),
	STR_LIT("de-123456789"),
	STR_LIT("en-a"),
	STR_LIT("en-a-"),
	STR_LIT("en-a-b"),
	STR_LIT("en-a-b-cc"),
	STR_LIT("en-a-x-bb"),
	STR_LIT("en-a-123456789"),
	STR_LIT("en-x"),
	STR_LIT("en-x-"),
	STR_LIT("en-x-123456789"),
	STR_LIT("en-a-bb-x"),
	STR_LIT("i-unknown"),
	STR_LIT("i-klingon-x-a"),
	STR_LIT("en-GB-oed-x-a"),
	STR_LIT("sgn-BE-ES"),
	STR_LIT("en us"),
	STR_LIT(" en"),
	STR_LIT("en "),
	STR_LIT("en\n"),
	STR_LIT("*"),
	STR_LIT("en-*"),
	STR_LIT("en.US"),
	STR_LIT("en_US.UTF-8"),
	STR_LIT("en@euro"),
	STR_LIT("it/../en"),
	STR_LIT("caf\xc3\xa9"),
	STR_LIT("\xc4\xb1t"), /* dotless i */
	STR_LIT("en\0"),
	STR_LIT("en\0-US"),
	STR_LIT("\0"),
	STR_LIT("zh-aaa-bbb-ccc-Hant-TW-abcde-x-12345"), /* 36 bytes */
	STR_LIT("x-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f-g-h-"),
	STR_LIT("-----------------------------------"),
};

static void test_normalise_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(MALFORMED); i++) {
		char out[LANG_LIMIT + 1] = "untouched";
		if (lang_normalise(guarded(0, MALFORMED[i]), out) != -1)
			fail_msg("'%.*s' is accepted", STR_ARG(MALFORMED[i]));
		assert_string_equal(out, "untouched");
	}
	static char endless[200 * 1024];
	char out[LANG_LIMIT + 1];
	memset(endless, 'a', sizeof(endless));
	struct str long_tag = {endless, sizeof(endless)};
	assert_int_equal(lang_normalise(guarded(0, long_tag), out), -1);
}

/* RFC 5646 §2.1 once more, as a regular expression; repetitions aside. */
static const char GRAMMAR[] =
	"^(([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
	"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*"
	"(-x(-[a-z0-9]{1,8})+)?|x(-[a-z0-9]{1,8})+)$";

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static bool repeats_a_subtag(const char *tag)
{
	for (const char *a = tag; a; a = strchr(a, '-') ? strchr(a, '-') + 1 : NULL) {
		size_t n = strcspn(a, "-");
		for (const char *b = a + n; *b; b += strcspn(b, "-")) {
			b++;
			if (strcspn(b, "-") == n && !memcmp(a, b, n))
				return true;
		}
	}
	return false;
}

/* Tags put together from pieces of every kind mean the same to both. */
static void test_normalise_random(void **state)
{
	static const char *const pieces[] = {
		"de", "zh", "aaa", "bbb", "ccc", "latn", "abcde", "abcdefgh", "123", "1996", "1abc",
		"a",  "b",  "x",   "1",   "12",  "a1",   "ab1",   "a1234",    "",    "A"
	};
	regex_t grammar;
	unsigned seed = 1, good = 0;

	(void)state;
	assert_int_equal(regcomp(&grammar, GRAMMAR, REG_EXTENDED | REG_NOSUB | REG_ICASE), 0);
	for (int round = 0; round < 20000; round++) {
		char tag[128] = "", out[LANG_LIMIT + 1];
		unsigned count = 1 + next_random(&seed) % 6;
		strcpy(tag, pieces[next_random(&seed) % 8]);
		for (unsigned i = 1; i < count; i++) {
			strcat(tag, "-");
			strcat(tag, pieces[next_random(&seed) % COUNT(pieces)]);
		}
		if (repeats_a_subtag(tag))
			continue;
		bool expected = strlen(tag) <= LANG_LIMIT && !regexec(&grammar, tag, 0, NULL, 0);
		/* "a" and "A" are one singleton, which the expression cannot say */
		if (expected && strstr(tag, "-a-") && strstr(tag, "-A-"))
			continue;
		if (lang_normalise(guarded_z(0, tag), out) != (expected ? 0 : -1))
			fail_msg("'%s' should be %s", tag, expected ? "accepted" : "refused");
		good += expected;
	}
	regfree(&grammar);
	assert_true(good > 500);
}

static void test_format(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"IT", "it"},
		{"pt_br", "pt-BR"},
		{"ZH-HANT-TW", "zh-Hant-TW"},
		{"zh-cmn-hans-cn", "zh-cmn-Hans-CN"},
		{"mn-cyrl-mn", "mn-Cyrl-MN"},
		{"es-419", "es-419"},
		{"de-ch-1901", "de-CH-1901"},
		{"EN-ca-X-CA", "en-CA-x-ca"}, /* the examples of RFC 5646 §2.1.1 */
		{"SGN-be-fr", "sgn-BE-FR"},
		{"AZ-latn-X-LATN", "az-Latn-x-latn"},
		{"en-us-u-ca-islm", "en-US-u-ca-islm"},
		{"i-klingon", "i-klingon"},
		{"x-ab-abcd", "x-ab-abcd"},
		{"en-gb-oed", "en-GB-oed"},
		{"abcd-it", "abcd-IT"},
		/* not tags: no crash, no byte past the limit */
		{"-", "-"},
		{"--ab", "--AB"},
		{"aa-bb-cc-dd-ee-ff-gg-hh-ii-jj-kk-ll-mm", "aa-BB-CC-DD-EE-FF-GG-HH-II-JJ-KK-LL"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[LANG_LIMIT + 2];
		memset(out, '#', sizeof(out));
		lang_format(guarded_z(0, cases[i][0]), out);
		assert_string_equal(out, cases[i][1]);
		assert_int_equal(out[LANG_LIMIT + 1], '#');
	}
}

static void test_covers(void **state)
{
	static const struct {
		const char *range, *tag;
		bool covers;
	} cases[] = {
		{"pt", "pt", true},        {"pt", "pt-BR", true},   {"PT", "pt-br", true},
		{"pt-BR", "pt", false},    {"pt", "ptx", false},    {"de-de", "de-DE-1996", true},
		{"de-de", "de-Deva", false}, {"de-de", "de-Latn-DE", false},
		{"p", "pt", false},        {"pt-", "pt-BR", false}, {"*", "pt", true},
		{"*", "", false},          {"", "pt", false},       {"", "", false},
		{"pt", "", false},         {"pt-BR", "pt-B", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (lang_covers(guarded_z(0, cases[i].range), guarded_z(1, cases[i].tag)) !=
		    cases[i].covers)
			fail_msg("'%s' and '%s'", cases[i].range, cases[i].tag);
}

/* Languages from "en it! fr", where "!" says: configured, not available. */
struct site {
	char text[256];
	struct lang_known known[16];
	bool available[16];
	size_t count;
};

static void make_site(struct site *site, const char *languages)
{
	*site = (struct site){.count = 0};
	snprintf(site->text, sizeof(site->text), "%s", languages);
	for (char *at = strtok(site->text, " "); at; at = strtok(NULL, " ")) {
		char *mark = strchr(at, '!');
		if (mark)
			*mark = 0;
		site->known[site->count].tag = at;
		site->available[site->count++] = !mark;
	}
}

static void assert_choice(const struct site *site, int got, const char *expected, const char *input)
{
	assert_true(got >= -1 && got < (int)site->count);
	const char *tag = got < 0 ? "none" : site->known[got].tag;
	if (got >= 0)
		assert_true(site->available[got]);
	if (strcmp(tag, expected ? expected : "none") != 0)
		fail_msg("'%s' gave %s, not %s", input, tag, expected ? expected : "none");
}

static const struct {
	const char *languages, *wanted, *choice; /* NULL: none */
} MATCHES[] = {
	{"en it fr", "it", "it"},
	{"en it fr", "IT", "it"},
	{"EN It fr", "it", "It"},
	{"en it fr", "it-CH", "it"},
	{"en it it-CH", "it-ch", "it-CH"},
	{"en it it-CH", "it", "it"},
	{"en it it-CH!", "it-ch", "it"},
	{"en it! fr", "it", NULL},
	{"en it!", "it-CH", NULL},
	{"en", "it", NULL},
	{"", "it", NULL},
	{"en it", "", NULL},
	{"en it", "i", NULL},
	{"en it", "ita", NULL},
	{"en ita", "it", NULL},
	/* lookup takes the longest, filtering the first in order */
	{"zh zh-Hant zh-Hant-TW", "zh-hant-tw-x-a", "zh-Hant-TW"},
	{"zh zh-Hant zh-Hant-TW!", "zh-hant-tw-x-a", "zh-Hant"},
	{"en pt-BR pt-PT", "pt", "pt-BR"},
	{"en pt-PT pt-BR", "pt", "pt-PT"},
	{"en pt-PT! pt-BR", "pt", "pt-BR"},
	{"en pt-BR", "pt-PT", NULL},
	{"en de-Latn-DE", "de-DE", NULL},
	{"pt-BR pt", "pt", "pt"},
	/* a singleton goes with what followed it: RFC 4647 §3.4's example */
	{"zh-Hant-CN-x en", "zh-hant-cn-x-private1-private2", NULL},
	{"zh-Hant-CN-x zh-Hant-CN", "zh-hant-cn-x-private1-private2", "zh-Hant-CN"},
	{"zh-Hant-CN-x-private1 zh", "zh-hant-cn-x-private1-private2", "zh-Hant-CN-x-private1"},
	{"en-a en", "en-a-bbb", "en"},
	{"x i", "x-foo", NULL},
	{"x i", "i-klingon", NULL},
	{"x-foo en", "x-foo", "x-foo"},
	{"x-foo en", "x-foo-bar", "x-foo"},
	{"i-klingon en", "i-klingon", "i-klingon"},
	/* never a crash on what is no tag */
	{"en", "-", NULL},
	{"en", "--", NULL},
	{"en", "-en", NULL},
	{"en", "en-", "en"},
	{"en", "en--", "en"},
};

static void test_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(MATCHES); i++) {
		struct site site;
		make_site(&site, MATCHES[i].languages);
		int got = lang_match(guarded_z(0, MATCHES[i].wanted), site.known, site.available,
				     site.count);
		assert_choice(&site, got, MATCHES[i].choice, MATCHES[i].wanted);
	}
}

static const char *const TO_FR[] = {"fr", NULL};
static const char *const TO_FR_CA[] = {"fr-CA", NULL};
static const char *const TO_AR[] = {"ar", NULL};
static const char *const TO_DE_ES[] = {"de", "es", NULL};
static const char *const TO_UNKNOWN_IT[] = {"tlh", "it", NULL};
static const char *const TO_NOTHING[] = {NULL};

static const struct {
	const char *languages;
	const char *const *chains[8]; /* in the order of the languages */
	const char *wanted, *choice;
	bool fallback;
} CHAINS[] = {
	{"en ar! fr", {NULL, TO_FR}, "ar", "fr", true},
	{"en ar fr", {NULL, TO_FR}, "ar", "ar", false},
	{"en ar! fr", {NULL, TO_FR}, "ar-EG", "fr", true},
	{"en ar-EG! fr", {NULL, TO_FR}, "ar", "fr", true},
	{"en ar! fr!", {NULL, TO_FR}, "ar", NULL, false},
	{"en ar! fr", {NULL, NULL}, "ar", NULL, false},
	{"en ar! fr", {NULL, TO_NOTHING}, "ar", NULL, false},
	{"en ar! fr", {NULL, TO_FR}, "tr", NULL, false},
	{"en ar! fr", {NULL, TO_FR}, "", NULL, false},
	{"", {NULL}, "ar", NULL, false},
	/* each tag of a chain by lang_match */
	{"en ar! fr", {NULL, TO_FR_CA}, "ar", "fr", true},
	{"en ar! fr-CA", {NULL, TO_FR}, "ar", "fr-CA", true},
	/* chains of chains, after the whole of the first */
	{"en ar! fr! it", {NULL, TO_FR, TO_UNKNOWN_IT}, "ar", "it", true},
	{"ca! de! es fr", {TO_DE_ES, TO_FR}, "ca", "es", true},
	{"ca! de! es! fr", {TO_DE_ES, TO_FR}, "ca", "fr", true},
	/* circles end */
	{"en ar! fr!", {NULL, TO_FR, TO_AR}, "ar", NULL, false},
	{"en ar!", {NULL, TO_AR}, "ar", NULL, false},
	{"ar! fr! it", {TO_FR, TO_UNKNOWN_IT}, "ar", "it", true},
	/* the chain of a language that is not configured is nobody's */
	{"it", {TO_FR}, "de", NULL, false},
};

static void test_match_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(CHAINS); i++) {
		struct site site;
		bool fallback = !CHAINS[i].fallback;
		make_site(&site, CHAINS[i].languages);
		for (size_t k = 0; k < COUNT(CHAINS[i].chains); k++)
			site.known[k].fallback = CHAINS[i].chains[k];
		int got = lang_match_chain(guarded_z(0, CHAINS[i].wanted), site.known,
					   site.available, site.count, &fallback);
		assert_choice(&site, got, CHAINS[i].choice, CHAINS[i].wanted);
		assert_int_equal(fallback, CHAINS[i].fallback);
	}
}

/* A chain through more languages than are followed ends without a result. */
static void test_match_chain_long(void **state)
{
	enum { MANY = 200 };
	static char tags[MANY][8];
	static const char *next[MANY][2];
	static struct lang_known known[MANY];
	static bool available[MANY];
	bool fallback;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(tags[i], sizeof(tags[i]), "q%c%c", 'a' + i / 26, 'a' + i % 26);
		next[i][0] = tags[(i + 1) % MANY];
		known[i] = (struct lang_known){.tag = tags[i], .fallback = next[i]};
	}
	assert_int_equal(lang_match_chain(STR_LIT("qaa"), known, available, MANY, &fallback), -1);
	available[60] = true;
	assert_int_equal(lang_match_chain(STR_LIT("qaa"), known, available, MANY, &fallback), 60);
	assert_true(fallback);
}

/* A language named over and over does not use up what may be followed. */
static void test_match_chain_repeated(void **state)
{
	const char *repeated[100];
	struct site site;
	bool fallback;

	(void)state;
	make_site(&site, "ar! de! es! it");
	for (size_t i = 0; i < COUNT(repeated); i++)
		repeated[i] = i < 98 ? "de" : "es";
	repeated[99] = NULL;
	site.known[0].fallback = repeated;
	site.known[2].fallback = TO_UNKNOWN_IT;
	int got = lang_match_chain(STR_LIT("ar"), site.known, site.available, site.count,
				   &fallback);
	assert_choice(&site, got, "it", "ar");
}

static const struct {
	const char *languages, *header, *choice; /* NULL: none */
} ACCEPTS[] = {
	{"en it fr", "", NULL},
	{"en it fr", "it", "it"},
	{"en it fr", "it-IT,it;q=0.9,en-US;q=0.8,en;q=0.7", "it"},
	{"en it fr", "de,fr;q=0.8,it;q=0.9", "it"},
	{"en it fr", "fr;q=0.5,it;q=0.5", "fr"}, /* of equals the first */
	{"en it fr", "fr;q=0.123,it;q=0.124", "it"},
	{"en it fr", "fr;q=1,it;q=1.000,en", "fr"},
	{"en it fr", "en;q=0.9,it", "it"},
	{"en it fr", "de", NULL},
	{"en it! fr", "it,fr;q=0.1", "fr"},
	{"en it fr", "\tfr ; q=0.5 ,\t it ;\tQ=0.6", "it"},
	{"en it fr", "IT", "it"},
	{"en it fr", ",, ,it,", "it"},
	/* lookup, then filtering, range by range */
	{"en it", "it-CH,en;q=0.9", "it"},
	{"en pt-BR", "pt,en;q=0.5", "pt-BR"},
	{"en pt-BR", "pt-PT,en;q=0.5", "en"},
	{"en pt-BR", "pt-PT,pt;q=0.9,en;q=0.5", "pt-BR"},
	{"en zh-Hant", "zh-Hant-HK,en;q=0.5", "zh-Hant"},
	/* "*" */
	{"en it fr", "*", "en"},
	{"en it fr", "de,*;q=0.1", "en"},
	{"en it fr", "*,en;q=0.5", "it"}, /* en is named */
	{"en it fr", "*,en;q=0.5,it;q=0.4,fr;q=0.3", "en"},
	{"en-US it fr", "*,en;q=0.5", "it"},
	{"en it fr", "*;q=0.1,fr;q=0.5", "fr"},
	{"en it fr", "*,en;q=0,it;q=0", "fr"},
	{"en it", "*,en;q=0,it;q=0", NULL},
	/* q=0 */
	{"en it fr", "it;q=0", NULL},
	{"en it fr", "it;q=0,en;q=0.1", "en"},
	{"en it fr", "it;q=0.000,it-CH", NULL},
	{"en it fr", "it,it;q=0", NULL},
	{"en it fr", "*;q=0", NULL},
	{"en it fr", "fr,*;q=0", "fr"},
	{"en it fr", "fr-CA,*;q=0", "fr"},
	{"pt-BR pt-PT", "pt,pt-BR;q=0", "pt-PT"},
	{"pt-BR", "pt,pt-BR;q=0", NULL},
	{"en-GB en-US", "*,en;q=0", NULL},
	{"en-GB en-US", "en-GB,en;q=0", "en-GB"},
	{"en-US en-GB", "*,en;q=0,en-GB;q=0.2", "en-GB"},
	{"en it", "en-GB;q=0,en", "en"},
	/* malformed elements are passed over, the others count */
	{"en it fr", "it;q=1.1,fr;q=0.1", "fr"},
	{"en it fr", "it;q=1.001,fr;q=0.1", "fr"},
	{"en it fr", "it;q=2,fr;q=0.1", "fr"},
	{"en it fr", "it;q=-1,fr;q=0.1", "fr"},
	{"en it fr", "it;q=.5,fr;q=0.1", "fr"},
	{"en it fr", "it;q=0.5000,fr;q=0.1", "fr"},
	{"en it fr", "it;q=00.5,fr;q=0.1", "fr"},
	{"en it fr", "it;q=0.x,fr;q=0.1", "fr"},
	{"en it fr", "it;q=1e0,fr;q=0.1", "fr"},
	{"en it fr", "it;q= 1,fr;q=0.1", "fr"},
	{"en it fr", "it;q =1,fr;q=0.1", "fr"},
	{"en it fr", "it;q=,fr;q=0.1", "fr"},
	{"en it fr", "it;q,fr;q=0.1", "fr"},
	{"en it fr", "it;,fr;q=0.1", "fr"},
	{"en it fr", "it;level=1,fr;q=0.1", "fr"},
	{"en it fr", "it;q=1;q=1,fr;q=0.1", "fr"},
	{"en it fr", ";q=1,fr;q=0.1", "fr"},
	{"en it fr", "it fr,fr;q=0.1", "fr"},
	{"en it fr", "it_IT,fr;q=0.1", "fr"},
	{"en it fr", "it-,fr;q=0.1", "fr"},
	{"en it fr", "-it,fr;q=0.1", "fr"},
	{"en it fr", "it--CH,fr;q=0.1", "fr"},
	{"en it fr", "it-*,fr;q=0.1", "fr"},
	{"en it fr", "**,fr;q=0.1", "fr"},
	{"en it fr", "it-123456789,fr;q=0.1", "fr"},
	{"en it fr", "i1,fr;q=0.1", "fr"},
	{"en it fr", "it\xc3\xa9,fr;q=0.1", "fr"},
	{"en it fr", "it;q=0.,fr", "fr"}, /* "0." is zero by the grammar */
	{"en it fr", "it;q=1.,fr;q=0.9", "it"},
};

static void test_accept(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ACCEPTS); i++) {
		struct site site;
		make_site(&site, ACCEPTS[i].languages);
		int got = lang_accept(guarded_z(0, ACCEPTS[i].header), site.known, site.available,
				      site.count);
		assert_choice(&site, got, ACCEPTS[i].choice, ACCEPTS[i].header);
	}
}

/* The 32nd element is read and the 33rd is not; empty ones do not count. */
static void test_accept_limit(void **state)
{
	struct site site;

	(void)state;
	make_site(&site, "en it");
	for (int before = 30; before < 34; before++) {
		char header[512] = ",, ,";
		for (int i = 0; i < before; i++)
			strcat(header, i % 2 ? "de, " : "?;q=9,,");
		strcat(header, "it");
		int got = lang_accept(guarded_z(0, header), site.known, site.available, site.count);
		assert_choice(&site, got, before < 32 ? "it" : NULL, header);
	}
}

static void fill(char *text, size_t size, const char *pattern)
{
	size_t n = strlen(pattern);

	for (size_t i = 0; i < size; i++)
		text[i] = pattern[i % n];
}

/* Headers of 200 kB of any kind end soon; the time limit of the run tells. */
static void test_accept_hostile(void **state)
{
	static const char *const patterns[] = {
		",", ", ", ";",    "*,",         "a-", "a",   "en-a-",
		"-", "=",  "q=0;", "it;q=0.5,", "\t", "it,",
	};
	static char text[200 * 1024];
	struct site site;

	(void)state;
	make_site(&site, "en it");
	for (size_t i = 0; i < COUNT(patterns); i++) {
		fill(text, sizeof(text), patterns[i]);
		struct str header = guarded(0, (struct str){text, sizeof(text)});
		int got = lang_accept(header, site.known, site.available, site.count);
		assert_true(got >= -1 && got < 2);
	}
}

/* Whatever is left of a header after a cut is not read past its end. */
static void test_accept_cut(void **state)
{
	static const char header[] = "it-CH;q=0.875, en-x-a;q=0.5, *;q=0.001, fr;q=0";
	struct site site;

	(void)state;
	make_site(&site, "en it fr");
	for (size_t n = 0; n < sizeof(header); n++) {
		struct str text = guarded(0, (struct str){header, n});
		int got = lang_accept(text, site.known, site.available, site.count);
		assert_true(got >= -1 && got < 3);
	}
	assert_int_equal(lang_accept(STR_LIT("it\0"), site.known, site.available, 3), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_normalise_refuses),
		cmocka_unit_test(test_normalise_random),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_match_chain),
		cmocka_unit_test(test_match_chain_long),
		cmocka_unit_test(test_match_chain_repeated),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_accept_limit),
		cmocka_unit_test(test_accept_hostile),
		cmocka_unit_test(test_accept_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
