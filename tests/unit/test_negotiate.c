/* test_negotiate.c: design §3, Language, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "negotiate.h"

enum { LANGUAGES = 5 };

static const char *const none[] = {NULL}, *const it_de[] = {"it", "de", NULL}, *const de[] = {"de", NULL};
static struct config_language languages[LANGUAGES] = {
	{.tag = "en", .fallback = none}, {.tag = "it", .fallback = none}, {.tag = "pt-BR", .fallback = none},
	{.tag = "de", .fallback = it_de}, {.tag = "gsw", .fallback = de},
};
static struct config config = {.languages = languages, .language_count = LANGUAGES};

struct expected {
	const char *language; /* "" for none */
	enum negotiate_by by;
	bool fallback, elsewhere, vary;
};

static const struct {
	const char *lang;      /* normalised, as struct request has it */
	const char *accept;    /* NULL: accept_language is off */
	bool no_fallback;
	const char *available, *here;
	struct expected expected;
} CASES[] = {
	/* Nothing asked: the site's default, else the first there is. */
	{"", NULL, false, "en it", "en it", {"en", BY_DEFAULT, false, false, false}},
	{"", NULL, false, "it de", "it de", {"it", BY_FIRST, false, false, false}},
	{"", NULL, false, "gsw", "gsw", {"gsw", BY_FIRST, false, false, false}},
	{"", NULL, true, "it", "it", {"it", BY_FIRST, false, false, false}},

	/* lang: Lookup, then Basic Filtering. */
	{"it", NULL, false, "en it", "en it", {"it", BY_QUERY, false, false, false}},
	{"en", NULL, false, "en it", "en it", {"en", BY_QUERY, false, false, false}},
	{"it-ch", NULL, false, "en it", "en it", {"it", BY_QUERY, false, false, false}},
	{"pt-br", NULL, false, "en pt-BR", "en pt-BR", {"pt-BR", BY_QUERY, false, false, false}},
	{"pt", NULL, false, "en pt-BR", "en pt-BR", {"pt-BR", BY_QUERY, false, false, false}},
	{"pt-br-x-y", NULL, false, "en pt-BR", "en pt-BR", {"pt-BR", BY_QUERY, false, false, false}},
	{"pt-pt", NULL, false, "en pt-BR", "en pt-BR", {"en", BY_DEFAULT, true, false, false}},
	{"it-ch", NULL, true, "en it", "en it", {"it", BY_QUERY, false, false, false}},

	/* Then the chain of the configured language. */
	{"de", NULL, false, "en it", "en it", {"it", BY_CHAIN, true, false, false}},
	{"de-at", NULL, false, "en it", "en it", {"it", BY_CHAIN, true, false, false}},
	{"gsw", NULL, false, "en it de", "en it de", {"de", BY_CHAIN, true, false, false}},
	{"gsw", NULL, false, "en it", "en it", {"it", BY_CHAIN, true, false, false}},
	{"de", NULL, false, "en", "en", {"en", BY_DEFAULT, true, false, false}},

	/* Nothing fits: the rest of the order, honestly; or nothing. */
	{"fr", NULL, false, "en it", "en it", {"en", BY_DEFAULT, true, false, false}},
	{"fr", NULL, false, "it de", "it de", {"it", BY_FIRST, true, false, false}},
	{"fr", NULL, true, "en it", "en it", {"", BY_QUERY, false, false, false}},
	{"de", NULL, true, "en it", "en it", {"", BY_QUERY, false, false, false}},
	{"it", NULL, true, "en", "en", {"", BY_QUERY, false, false, false}},

	/* A path that not all translations have decides before anything but lang. */
	{"", NULL, false, "en it", "it", {"it", BY_PATH, false, false, false}},
	{"", "en", false, "en it", "it", {"it", BY_PATH, false, false, false}},
	{"", NULL, false, "en it de", "it de", {"it", BY_PATH, false, false, false}},
	{"it", NULL, false, "en it", "it", {"it", BY_QUERY, false, false, false}},
	{"en", NULL, false, "en it", "it", {"en", BY_QUERY, false, true, false}},
	{"it", NULL, false, "en it", "en", {"it", BY_QUERY, false, true, false}},
	{"fr", NULL, false, "en it", "it", {"it", BY_PATH, true, false, false}},
	{"fr", NULL, true, "en it", "it", {"", BY_QUERY, false, false, false}},

	/* Accept-Language, when the site wants it; then the answer varies. */
	{"", "it", false, "en it", "en it", {"it", BY_HEADER, false, false, true}},
	{"", "fr, it;q=0.5", false, "en it", "en it", {"it", BY_HEADER, false, false, true}},
	{"", "pt", false, "en pt-BR", "en pt-BR", {"pt-BR", BY_HEADER, false, false, true}},
	{"", "", false, "en it", "en it", {"en", BY_DEFAULT, false, false, true}},
	{"", "fr", false, "en it", "en it", {"en", BY_DEFAULT, false, false, true}},
	{"", "fr", false, "it de", "it de", {"it", BY_FIRST, false, false, true}},
	{"", "en;q=0", false, "en it", "en it", {"en", BY_DEFAULT, false, false, true}},
	{"", ";;,,=\"", false, "en it", "en it", {"en", BY_DEFAULT, false, false, true}},
	{"it", "en", false, "en it", "en it", {"it", BY_QUERY, false, false, false}},
	/* lang was given, but did not decide. */
	{"fr", "it", false, "en it", "en it", {"it", BY_HEADER, true, false, true}},
	{"fr", "it", true, "en it", "en it", {"", BY_QUERY, false, false, false}},
};

static void make_set(const char *tags, bool set[LANGUAGES])
{
	struct str rest = str_from(tags);

	memset(set, 0, LANGUAGES * sizeof(*set));
	while (rest.n) {
		struct str tag = str_cut(&rest, ' ');
		for (int i = 0; i < LANGUAGES; i++)
			set[i] |= str_is(tag, languages[i].tag);
	}
}

static void test_cases(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		bool available[LANGUAGES], here[LANGUAGES];
		struct request request = {
			.lang = str_from(CASES[i].lang), .no_fallback = CASES[i].no_fallback,
			.accept_language = str_from(CASES[i].accept), .path_language = -1,
		};
		struct negotiation out;
		make_set(CASES[i].available, available);
		make_set(CASES[i].here, here);
		config.accept_language = CASES[i].accept != NULL;
		negotiate(&arena, &config, &request, available, here, &out);
		const struct expected *e = &CASES[i].expected;
		const char *got = out.language < 0 ? "" : languages[out.language].tag;
		if (strcmp(got, e->language) || (out.language >= 0 && out.by != e->by) || out.fallback != e->fallback ||
		    out.elsewhere != e->elsewhere || out.vary != e->vary)
			fail_msg("row %zu (lang %s, accept %s): '%s' %s, fallback %d, elsewhere %d, vary %d", i,
				 CASES[i].lang, CASES[i].accept ? CASES[i].accept : "-", got,
				 negotiate_reason(out.by), out.fallback, out.elsewhere, out.vary);
	}
	arena_release(&arena);
}

/* urls: prefix.  lang may come from the path, and then it is the path that decides. */
static void test_prefixes(void **state)
{
	static const struct {
		const char *lang;
		int path_language;
		const char *language;
		enum negotiate_by by;
		bool elsewhere;
	} cases[] = {
		{"", -1, "en", BY_DEFAULT, false},   {"it", 1, "it", BY_PATH, false},   {"it", -1, "it", BY_QUERY, true},
		{"en", -1, "en", BY_QUERY, false},   {"en", 1, "en", BY_QUERY, true},   {"it-ch", 1, "it", BY_QUERY, false},
		{"it-ch", -1, "it", BY_QUERY, true}, {"pt-br", 2, "pt-BR", BY_PATH, false},
	};
	struct arena arena;
	bool all[LANGUAGES];

	(void)state;
	arena_init(&arena, 0);
	memset(all, true, sizeof(all));
	config.accept_language = false;
	config.urls = URLS_PREFIX;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request = {.lang = str_from(cases[i].lang), .path_language = cases[i].path_language};
		struct negotiation out;
		negotiate(&arena, &config, &request, all, all, &out);
		if (strcmp(languages[out.language].tag, cases[i].language) || out.by != cases[i].by ||
		    out.elsewhere != cases[i].elsewhere || out.fallback)
			fail_msg("row %zu: %s %s, elsewhere %d", i, languages[out.language].tag,
				 negotiate_reason(out.by), out.elsewhere);
	}
	/* When lang leads nowhere, the path still says a language; if it has that text. */
	struct request request = {.lang = STR_LIT("fr"), .accept_language = STR_LIT("en"), .path_language = 1};
	struct negotiation out;
	config.accept_language = true;
	negotiate(&arena, &config, &request, all, all, &out);
	assert_string_equal(languages[out.language].tag, "it");
	assert_true(out.by == BY_PATH && out.fallback && !out.elsewhere && !out.vary);
	all[1] = false;
	negotiate(&arena, &config, &request, all, all, &out);
	assert_string_equal(languages[out.language].tag, "en");
	config.accept_language = false;
	config.urls = URLS_QUERY;
	arena_release(&arena);
}

/* Whatever is asked, what is chosen is there. */
static void test_never_what_is_not_there(void **state)
{
	static const char *const langs[] = {"", "en", "it", "pt", "pt-pt", "de", "gsw", "fr", "de-at-1996", "x-y"};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t l = 0; l < sizeof(langs) / sizeof(langs[0]); l++) {
		for (unsigned bits = 1; bits < 1u << LANGUAGES; bits++) {
			for (unsigned some = bits; some; some = (some - 1) & bits) {
				bool available[LANGUAGES], here[LANGUAGES];
				struct request request = {.lang = str_from(langs[l]), .path_language = -1,
							  .accept_language = STR_LIT("de, pt;q=0.5, *;q=0.1")};
				struct negotiation out;
				for (int i = 0; i < LANGUAGES; i++) {
					available[i] = bits >> i & 1;
					here[i] = some >> i & 1;
				}
				config.accept_language = bits & 1;
				negotiate(&arena, &config, &request, available, here, &out);
				assert_in_range(out.language, 0, LANGUAGES - 1);
				assert_true(available[out.language]);
				assert_int_equal(out.elsewhere, !here[out.language]);
				assert_true(request.lang.n || !out.elsewhere);
				assert_true(request.lang.n || !out.fallback);
				arena_reset(&arena);
			}
		}
	}
	arena_release(&arena);
}

static void test_reasons(void **state)
{
	(void)state;
	for (int by = BY_QUERY; by <= BY_FIRST; by++)
		for (int other = BY_QUERY; other < by; other++)
			assert_string_not_equal(negotiate_reason((enum negotiate_by)by),
						negotiate_reason((enum negotiate_by)other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_never_what_is_not_there),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
