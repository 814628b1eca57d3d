/* test_theme.c: the built-in theme over every kind of page that there is.
 *
 * The data lies in tests/browser/pages/KIND.json, in the shape that views
 * give templates, with the template's name beside it.  The browser tests take
 * the pages themselves: CARTOLINA_THEME_PAGES=FOLDER writes them there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>

#include "../lib/tempsite.h"
#include "html.h"
#include "resource.h"
#include "theme.h"
#include "value.h"

#define PAGES "tests/browser/pages/"
/* Every character that HTML gives a meaning, and what escapes nothing would let in. */
#define HOSTILE "</title><script>alert(1)</script><b x='\" y=\"' z=&amp;{{t.home}}"

static struct tempsite t;
static struct theme *theme;
static glob_t files;

static int start(void **state)
{
	struct buf problems = BUF_EMPTY;

	(void)state;
	tempsite_make(&t, "languages: [en, it, ar]\n");
	value_pool(&t.arena);
	theme = theme_load(&t.config, &problems);
	assert_string_equal(buf_z(&problems), "");
	assert_int_equal(glob(PAGES "*.json", 0, NULL, &files), 0);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	globfree(&files);
	theme_free(theme);
	tempsite_release(&t);
	return 0;
}

/* What the page's data says, with the strings of its language. */
static struct value *page_data(const char *path)
{
	struct buf text = BUF_EMPTY, err = BUF_EMPTY;
	struct value *strings = value_object();
	const void *at = NULL;
	struct str key, string;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || buf_read_fd(&text, fd))
		fail_msg("%s cannot be read", path);
	close(fd);
	struct value *data = value_read(buf_view(&text), &err);
	if (!data)
		fail_msg("%s: %s", path, buf_z(&err));
	while (locale_each(theme_locale(theme, 0), &at, &key, &string))
		value_set_str(strings, key.p, string);
	value_set(data, "t", strings);
	buf_release(&text);
	return data;
}

/* They are compiled at their first use, when nobody would be told of an error. */
static void test_built_in_templates_have_no_errors(void **state)
{
	struct buf problems = BUF_EMPTY;
	const char *name;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; (name = resource_name(i)); i++) {
		struct str source;
		if (!str_ends(str_from(name), ".mustache"))
			continue;
		assert_true(resource_find(name, &source));
		count++;
		if (!template_compile(&t.arena, str_from(name), source, &problems) || problems.n)
			fail_msg("%s", buf_z(&problems));
	}
	assert_true(count > 5);
}

static struct str render(const struct value *data)
{
	struct str name = value_text(value_get(data, STR_LIT("template")));
	struct buf out = BUF_IN(&t.arena), err = BUF_EMPTY;

	if (theme_render(theme, arena_z(&t.arena, name), data, &out, &err))
		fail_msg("%s", buf_z(&err));
	assert_false(buf_failed(&out));
	return buf_view(&out);
}

static bool holds(struct str s, const char *needle)
{
	return memmem(s.p, s.n, needle, strlen(needle)) != NULL;
}

/* The inside of the file's name, without its folder and its end. */
static char *kind_of(const char *path)
{
	struct str name = str_skip(str_from(path), strlen(PAGES));

	return arena_z(&t.arena, str_head(name, name.n - strlen(".json")));
}

static struct str page(const char *kind)
{
	return render(page_data(arena_printf(&t.arena, PAGES "%s.json", kind).p));
}

/* --- each page -------------------------------------------------------------------------- */

static void save(const char *kind, struct str html)
{
	const char *folder = getenv("CARTOLINA_THEME_PAGES");
	FILE *out = folder ? fopen(arena_printf(&t.arena, "%s/%s.html", folder, kind).p, "w") : NULL;

	if (!folder)
		return;
	assert_non_null(out);
	assert_int_equal(fwrite(html.p, 1, html.n, out), html.n);
	assert_int_equal(fclose(out), 0);
}

/* Every element that was opened is closed, in order; void ones aside. */
static void expect_well_formed(const char *kind, struct str html)
{
	struct str open[64];
	size_t depth = 0;
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.unfinished)
			fail_msg("%s: %.*s does not end", kind, STR_ARG(token.bytes));
		if (token.kind == HTML_OPEN && !token.self_closing && !html_is_void(token.name)) {
			assert_true(depth < 64);
			open[depth++] = token.name;
		} else if (token.kind == HTML_CLOSE && (!depth || !str_eq(open[--depth], token.name))) {
			fail_msg("%s: %.*s closes nothing", kind, STR_ARG(token.bytes));
		}
	}
	assert_int_equal(depth, 0);
}

static void test_every_page_renders(void **state)
{
	(void)state;
	assert_true(files.gl_pathc >= 10);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *kind = kind_of(files.gl_pathv[i]);
		const struct value *data = page_data(files.gl_pathv[i]);
		struct str html = render(data);
		assert_true(str_starts(html, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n"));
		assert_true(str_ends(html, "</html>\n"));
		expect_well_formed(kind, html);
		/* One heading of the first rank, and no list or landmark with nothing in it. */
		const char *h1 = memmem(html.p, html.n, "<h1", 3);
		assert_non_null(h1);
		assert_null(memmem(h1 + 1, html.n - (size_t)(h1 + 1 - html.p), "<h1", 3));
		if (holds(html, "<ul class=\"tags\">\n</ul>") || holds(html, "href=\"\"") ||
		    holds(html, "datetime=\"\""))
			fail_msg("%s has an empty place", kind);
		save(kind, html);
	}
}

/* The page with nothing but what every page has. */
static void test_absent_data_leaves_nothing(void **state)
{
	static const char *const never[] = {"<nav", "<form", "<details", "class=\"tags", "class=\"entries",
					    "class=\"notice", "<time", "undefined", "{{"};
	static const char *const pages[] = {"{\"template\": \"list\", \"list\": {\"title\": \"x\"}}",
					    "{\"template\": \"post\", \"post\": {\"title\": \"x\"}}",
					    "{\"template\": \"error\", \"error\": {\"title\": \"x\"}}"};
	struct buf err = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct str html = render(value_read(str_from(pages[i]), &err));
		const char *body = memmem(html.p, html.n, "<body>", 6);
		assert_non_null(body);
		struct str shown = str_skip(html, (size_t)(body - html.p));
		for (size_t n = 0; n < sizeof(never) / sizeof(never[0]); n++)
			if (holds(shown, never[n]))
				fail_msg("%s: %s", pages[i], never[n]);
	}
}

/* --- hostile text ----------------------------------------------------------------------- */

/* The data with every text hostile, save those that are HTML, and what decides. */
static struct value *poisoned(const struct value *v, struct str key)
{
	static const char *const markup[] = {"html", "intro", "snippet", "template"};
	void *at = NULL;
	struct str name;
	const struct value *member;

	if (value_kind(v) == VALUE_STRING) {
		for (size_t i = 0; i < sizeof(markup) / sizeof(markup[0]); i++)
			if (str_is(key, markup[i]))
				return value_copy(v);
		return value_z(HOSTILE);
	}
	if (value_kind(v) == VALUE_ARRAY) {
		struct value *list = value_array();
		for (size_t i = 0; i < value_count(v); i++)
			value_append(list, poisoned(value_at(v, i), key));
		return list;
	}
	if (value_kind(v) != VALUE_OBJECT)
		return value_copy(v);
	struct value *object = value_object();
	while (value_each(v, &at, &name, &member))
		value_set(object, arena_z(&t.arena, name), poisoned(member, name));
	return object;
}

static void test_every_page_escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct value *data = poisoned(page_data(files.gl_pathv[i]), STR_LIT(""));
		struct str html = render(data);
		struct html_reader reader;
		struct html_token token;
		size_t found = 0;

		html_start(&reader, html);
		while (html_next(&reader, &token)) {
			struct str value;
			if (token.kind != HTML_OPEN)
				continue;
			if (html_is(&token, "script") || html_is(&token, "b"))
				fail_msg("%s: %.*s", files.gl_pathv[i], STR_ARG(token.bytes));
			/* A name that begins with < or an attribute of ours that was ended early. */
			if (html_attribute_find(&token, "y", &value) || html_attribute_find(&token, "z", &value))
				fail_msg("%s: %.*s", files.gl_pathv[i], STR_ARG(token.bytes));
		}
		for (struct str rest = html; holds(rest, "{{t.home}}"); found++)
			rest = str_skip(rest, (size_t)((char *)memmem(rest.p, rest.n, "{{t.home}}", 10) - rest.p) + 1);
		assert_true(found > 10);
	}
}

/* --- what each page is for -------------------------------------------------------------- */

static void test_what_pages_hold(void **state)
{
	static const struct {
		const char *kind, *has, *lacks;
	} rows[] = {
		{"home", "<a href=\"/?page=2\" rel=\"next\">", "class=\"name\""},
		{"home", "<a href=\"/2023/\">2023</a> <small>31</small>", "aria-current=\"page\""},
		{"home", "<a href=\"/notes/\"><bdi>Notes</bdi> <small>30</small></a>", "rel=\"prev\""},
		{"home", "<h2 class=\"title\" lang=\"it\" dir=\"ltr\">", "<h1><a"},
		{"tag", "<li>Page 2 of 3</li>", "class=\"years\""},
		{"terms", "<a href=\"/tags/2/\" rel=\"tag\"><bdi>بريد</bdi> <small>2</small></a>", "class=\"entries"},
		{"terms", "<h1>Tags</h1>", "<h2>Tags</h2>"},
		{"archive", "<a href=\"/2024/03/\" aria-current=\"page\">March</a>", "<h2>Archive</h2>"},
		{"search", "<input type=\"hidden\" name=\"lang\" value=\"it\">", "class=\"more\""},
		{"search", "value=\"ferry &quot;late&quot;\"", "&lt;mark"},
		{"search-nothing", "No post has these words.", "Nothing has been posted"},
		{"post", "<li class=\"h3\"><a href=\"#two\">Before breakfast</a></li>", "class=\"more\""},
		{"post", "<span aria-current=\"page\">Letters from the coast, part 2</span>", "rel=\"canonical\" href=\"\""},
		{"post", "<span lang=\"ar\" dir=\"rtl\">رسائل من الساحل</span>", "<span lang=\"en\""},
		{"post", "<span><bdi>no page</bdi></span>", "<a href=\"\""},
		{"post", "<a href=\"/feed.atom\">Feed</a>", "name=\"lang\""},
		{"post-rest", "<a href=\"/posts/coast-1?view=excerpt\">", "<details"},
		{"post-rest", "rel=\"next\"><small>Next post</small>", "rel=\"prev\"><small>"},
		{"post-excerpt", "<a href=\"/posts/coast-1\">Read the whole article</a>", "Continued from"},
		{"error", "<a href=\"/posts/x?lang=it\" hreflang=\"it\" lang=\"it\">Italiano</a>", "rel=\"alternate\" hreflang=\"\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str html = page(rows[i].kind);
		if (!holds(html, rows[i].has))
			fail_msg("%s lacks %s", rows[i].kind, rows[i].has);
		if (holds(html, rows[i].lacks))
			fail_msg("%s has %s", rows[i].kind, rows[i].lacks);
	}
}

/* A stylesheet travels with every page, so it stays small; and it asks nobody. */
static void test_style(void **state)
{
	enum { STYLE_LIMIT = 12 * 1024 };
	struct str style;

	(void)state;
	assert_true(resource_find("theme/style.mustache", &style));
	assert_true(style.n < STYLE_LIMIT);
	assert_false(holds(style, "url(") || holds(style, "@import") || holds(style, "</"));
	/* Left and right are written as start and end: half of the scripts begin on the other side. */
	assert_false(holds(style, "margin-left") || holds(style, "margin-right") || holds(style, "padding-left") ||
		     holds(style, "padding-right") || holds(style, "float:left") || holds(style, "float:right"));
}

/* --- strings ---------------------------------------------------------------------------- */

/* The theme's files, joined. */
static struct str all_templates(void)
{
	struct buf all = BUF_IN(&t.arena);
	const char *path;
	struct str source;

	for (size_t i = 0; (path = resource_name(i)); i++)
		if (str_starts(str_from(path), "theme/") && resource_find(path, &source))
			buf_str(&all, source);
	return buf_view(&all);
}

/* A name that is mistyped would show as nothing. */
static void test_templates_name_strings_that_exist(void **state)
{
	struct str rest = all_templates();
	const char *at;
	size_t found = 0;

	(void)state;
	for (; (at = memmem(rest.p, rest.n, "{{t.", 4)); found++) {
		rest = str_skip(rest, (size_t)(at - rest.p) + 4);
		struct str key = str_head(rest, str_find_char(rest, '}'));
		if (!locale_string(theme_locale(theme, 0), arena_z(&t.arena, key)).n)
			fail_msg("no string is called %.*s", STR_ARG(key));
	}
	assert_true(found > 20);
}

/* Twenty translations of what nobody reads are work for nothing. */
static void test_strings_are_used(void **state)
{
	/* Looked up by the program, whole or by their beginning. */
	static const char *const by_program[] = {"error_", "list_", "fallback_notice", "page_label", "read_more",
						 "reading_time", "count_posts", "authors"};
	struct str all = all_templates(), key, text;
	const void *at = NULL;

	(void)state;
	while (locale_each(theme_locale(theme, 0), &at, &key, &text)) {
		bool used = holds(all, arena_printf(&t.arena, "{{t.%.*s}}", STR_ARG(key)).p);
		for (size_t i = 0; i < sizeof(by_program) / sizeof(by_program[0]); i++)
			used = used || str_starts(key, by_program[i]);
		if (!used)
			fail_msg("%.*s is used nowhere", STR_ARG(key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_in_templates_have_no_errors),
		cmocka_unit_test(test_every_page_renders),
		cmocka_unit_test(test_absent_data_leaves_nothing),
		cmocka_unit_test(test_every_page_escapes),
		cmocka_unit_test(test_what_pages_hold),
		cmocka_unit_test(test_style),
		cmocka_unit_test(test_templates_name_strings_that_exist),
		cmocka_unit_test(test_strings_are_used),
	};

	return cmocka_run_group_tests(tests, start, finish);
}
