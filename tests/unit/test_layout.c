/* test_layout.c: which files are there -> where the next one goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout.h"

static struct arena arena;
static const char *const no_fallback[] = {NULL};
static struct config_language languages[] = {
	{.tag = "en", .fallback = no_fallback},
	{.tag = "it", .fallback = no_fallback},
	{.tag = "pt-BR", .fallback = no_fallback},
};
static struct config config = {.languages = languages};

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	config.language_count = 3;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void test_of(void **state)
{
	static const struct {
		const char *file;
		enum layout_style style;
		bool bundle;
		const char *tag, *extension;
	} cases[] = {
		{"posts/x.md", LAYOUT_BARE, false, "", "md"},
		{"x.md", LAYOUT_BARE, false, "", "md"},
		{"posts/x.it.md", LAYOUT_SUFFIX, false, "it", "md"},
		{"posts/v1.2.pt-br.markdown", LAYOUT_SUFFIX, false, "pt-br", "markdown"},
		{"posts/x.de.md", LAYOUT_BARE, false, "", "md"},
		{"it/posts/x.md", LAYOUT_FOLDER, false, "it", "md"},
		{"IT/x.md", LAYOUT_FOLDER, false, "IT", "md"},
		{"it/posts/x.en.md", LAYOUT_SUFFIX, false, "en", "md"},
		{"posts/it/x.md", LAYOUT_BARE, false, "", "md"},
		{"it.md", LAYOUT_BARE, false, "", "md"},
		{".it.md", LAYOUT_BARE, false, "", "md"},
		{"posts/x/index.md", LAYOUT_BARE, true, "", "md"},
		{"posts/x/index.it.md", LAYOUT_SUFFIX, true, "it", "md"},
		{"it/posts/x/index.md", LAYOUT_FOLDER, true, "it", "md"},
		{"posts/_index.it.md", LAYOUT_SUFFIX, false, "it", "md"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layout layout = layout_of(&config, str_from(cases[i].file));
		assert_int_equal(layout.style, cases[i].style);
		assert_int_equal(layout.bundle, cases[i].bundle);
		assert_true(str_is(layout.tag, cases[i].tag));
		assert_true(str_is(layout.extension, cases[i].extension));
	}
}

enum { FILES = 10 };

/* A list that need not be on disk. */
static struct sweep listed(const char *const files[FILES])
{
	struct sweep sweep = {.files = ARENA_ARRAY(&arena, FILES, struct sweep_file)};

	for (; sweep.count < FILES && files[sweep.count]; sweep.count++)
		sweep.files[sweep.count].file = files[sweep.count];
	return sweep;
}

static void test_new(void **state)
{
	static const struct {
		const char *files[FILES];
		const char *folder;
		size_t language;
		const char *expected; /* for a post x */
	} cases[] = {
		/* Nothing tells. */
		{{NULL}, "posts", 0, "posts/x.en.md"},
		{{NULL}, "posts", 2, "posts/x.pt-BR.md"},
		{{NULL}, "", 0, "x.en.md"},
		{{"pages/a.md", "pages/b.md"}, "posts", 0, "posts/x.en.md"},
		/* The language's own files. */
		{{"posts/a.md"}, "posts", 0, "posts/x.md"},
		{{"posts/a.md"}, "posts", 1, "posts/x.it.md"},
		{{"posts/a.md", "posts/a.it.md"}, "posts", 0, "posts/x.md"},
		{{"posts/a.md", "posts/b.md", "posts/c.en.md"}, "posts", 0, "posts/x.md"},
		{{"posts/a.md", "posts/c.en.md"}, "posts", 0, "posts/x.en.md"},
		{{"posts/a.pt-br.md"}, "posts", 2, "posts/x.pt-br.md"},
		/* Those of the others. */
		{{"posts/a.it.md"}, "posts", 0, "posts/x.en.md"},
		{{"posts/a.en.md"}, "posts", 1, "posts/x.it.md"},
		{{"en/posts/a.md"}, "posts", 1, "it/posts/x.md"},
		{{"it/posts/a.md"}, "posts", 0, "en/posts/x.md"},
		{{"posts/a.md", "it/posts/a.md"}, "posts", 0, "posts/x.md"},
		{{"about.md", "it/posts/a.md"}, "posts", 0, "posts/x.md"},
		{{"posts/a.md", "it/posts/a.md"}, "posts", 2, "pt-BR/posts/x.md"},
		/* The site's. */
		{{"en/posts/a.md", "it/posts/a.md"}, "notes", 0, "en/notes/x.md"},
		{{"en/posts/a.md", "pt-br/posts/a.md"}, "notes", 2, "pt-br/notes/x.md"},
		{{"posts/a.md", "it/posts/a.md"}, "notes", 0, "notes/x.md"},
		{{"posts/a.md", "it/posts/a.md"}, "", 1, "it/x.md"},
		/* Folders of their own. */
		{{"posts/a/index.md", "posts/b/index.md"}, "posts", 0, "posts/x/index.md"},
		{{"posts/a/index.md", "posts/b/index.it.md"}, "posts", 1, "posts/x/index.it.md"},
		{{"posts/a/index.md", "posts/b.md"}, "posts", 0, "posts/x.md"},
		{{"posts/_index.md"}, "posts", 0, "posts/x.md"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sweep sweep = listed(cases[i].files);
		struct layout layout = layout_for_new(&arena, &config, &sweep,
						      str_from(cases[i].folder), cases[i].language);
		const char *plain = cases[i].folder[0]
					    ? arena_printf(&arena, "%s/x", cases[i].folder).p
					    : "x";
		assert_string_equal(layout_file(&arena, &layout, str_from(plain)).p,
				    cases[i].expected);
	}
}

static void test_one_language(void **state)
{
	struct sweep sweep = {0};

	(void)state;
	config.language_count = 1;
	struct layout layout = layout_for_new(&arena, &config, &sweep, STR_LIT("posts"), 0);
	assert_string_equal(layout_file(&arena, &layout, STR_LIT("posts/x")).p, "posts/x.md");
	sweep = listed((const char *const[FILES]){"posts/a.en.md"});
	layout = layout_for_new(&arena, &config, &sweep, STR_LIT("posts"), 0);
	assert_string_equal(layout_file(&arena, &layout, STR_LIT("posts/x")).p, "posts/x.en.md");
}

static void test_translation(void **state)
{
	static const struct {
		const char *files[FILES]; /* of the site */
		const char *group[3];     /* the source first */
		size_t language;
		const char *expected;
	} cases[] = {
		{{"posts/x.md"}, {"posts/x.md"}, 1, "posts/x.it.md"},
		{{"posts/x.en.md"}, {"posts/x.en.md"}, 1, "posts/x.it.md"},
		{{"posts/x.en.markdown"}, {"posts/x.en.markdown"}, 2, "posts/x.pt-BR.markdown"},
		{{"en/posts/x.md"}, {"en/posts/x.md"}, 1, "it/posts/x.md"},
		{{"posts/x/index.md"}, {"posts/x/index.md"}, 1, "posts/x/index.it.md"},
		{{"en/posts/x/index.md"}, {"en/posts/x/index.md"}, 2, "pt-BR/posts/x/index.md"},
		{{"posts/_index.md"}, {"posts/_index.md"}, 1, "posts/_index.it.md"},
		{{"_index.en.md"}, {"_index.en.md"}, 1, "_index.it.md"},
		{{"index.md"}, {"index.md"}, 1, "index.it.md"},
		{{"posts/2020-04-28-x.md"},
		 {"posts/2020-04-28-x.md"},
		 1,
		 "posts/2020-04-28-x.it.md"},
		/* The group goes before the folder. */
		{{"posts/x.md", "it/posts/x.md", "posts/a.pt-BR.md"},
		 {"posts/x.md", "it/posts/x.md"},
		 2,
		 "pt-BR/posts/x.md"},
		{{"posts/x.md", "posts/x.it.md", "pt-BR/posts/a.md"},
		 {"posts/x.md", "posts/x.it.md"},
		 2,
		 "posts/x.pt-BR.md"},
		/* Nothing but a bare source: as others have it. */
		{{"posts/x.md", "posts/a.md", "it/posts/a.md"}, {"posts/x.md"}, 1, "it/posts/x.md"},
		{{"posts/x.md", "posts/a.md", "it/pages/a.md"}, {"posts/x.md"}, 1, "it/posts/x.md"},
		{{"posts/x.md", "posts/a.it.md", "it/pages/a.md"},
		 {"posts/x.md"},
		 1,
		 "posts/x.it.md"},
		{{"posts/x.md", "posts/a.pt-br.md"}, {"posts/x.md"}, 2, "posts/x.pt-br.md"},
		/* Into the default language. */
		{{"posts/x.it.md"}, {"posts/x.it.md"}, 0, "posts/x.en.md"},
		{{"posts/x.it.md", "posts/a.md"}, {"posts/x.it.md"}, 0, "posts/x.md"},
		{{"it/posts/x.md"}, {"it/posts/x.md"}, 0, "en/posts/x.md"},
		{{"it/posts/x.md", "posts/a.md"}, {"it/posts/x.md"}, 0, "posts/x.md"},
		{{"it/posts/x.md", "about.md"}, {"it/posts/x.md"}, 0, "posts/x.md"},
		/* Bare, but another language by its front matter. */
		{{"posts/x.md", "posts/a.md"}, {"posts/x.md"}, 0, "posts/x.en.md"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sweep sweep = listed(cases[i].files);
		struct str group[3];
		size_t count = 0;
		for (; count < 3 && cases[i].group[count]; count++)
			group[count] = str_from(cases[i].group[count]);
		struct str file = layout_translation(&arena, &config, &sweep, group, count,
						     cases[i].language);
		assert_string_equal(file.p, cases[i].expected);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_of),
		TEST(test_new),
		TEST(test_one_language),
		TEST(test_translation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
