/* test_locale.c: the locale files themselves, and which one answers for a tag. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "date.h"
#include "locale.h"
#include "localefile.h"
#include "resource.h"
#include "utf8.h"
#include "yamltree.h"

/* What CLDR 48 writes, as Intl.DateTimeFormat(tag, {dateStyle: 'long', calendar:
 * 'gregory', numberingSystem: 'latn'}) says it: a second source beside the one
 * that the files are made from. */
static const struct expected {
	const char *tag, *dir, *name, *april, *january;
} LOCALES[] = {
	{"ar", "rtl", "العربية", "28 أبريل 2020", "3 يناير 2021"},
	{"de", "ltr", "Deutsch", "28. April 2020", "3. Januar 2021"},
	{"en", "ltr", "English", "April 28, 2020", "January 3, 2021"},
	{"es", "ltr", "Español", "28 de abril de 2020", "3 de enero de 2021"},
	{"fa", "rtl", "فارسی", "28 آوریل 2020", "3 ژانویهٔ 2021"},
	{"fr", "ltr", "Français", "28 avril 2020", "3 janvier 2021"},
	{"he", "rtl", "עברית", "28 באפריל 2020", "3 בינואר 2021"},
	{"hi", "ltr", "हिन्दी", "28 अप्रैल 2020", "3 जनवरी 2021"},
	{"it", "ltr", "Italiano", "28 aprile 2020", "3 gennaio 2021"},
	{"ja", "ltr", "日本語", "2020年4月28日", "2021年1月3日"},
	{"ko", "ltr", "한국어", "2020년 4월 28일", "2021년 1월 3일"},
	{"nl", "ltr", "Nederlands", "28 april 2020", "3 januari 2021"},
	{"pl", "ltr", "Polski", "28 kwietnia 2020", "3 stycznia 2021"},
	{"pt", "ltr", "Português", "28 de abril de 2020", "3 de janeiro de 2021"},
	{"ru", "ltr", "Русский", "28 апреля 2020 г.", "3 января 2021 г."},
	{"sv", "ltr", "Svenska", "28 april 2020", "3 januari 2021"},
	{"tr", "ltr", "Türkçe", "28 Nisan 2020", "3 Ocak 2021"},
	{"uk", "ltr", "Українська", "28 квітня 2020 р.", "3 січня 2021 р."},
	{"zh", "ltr", "中文", "2020年4月28日", "2021年1月3日"},
	{"zh-Hant", "ltr", "繁體中文", "2020年4月28日", "2021年1月3日"},
};
enum { LOCALE_COUNT = sizeof(LOCALES) / sizeof(LOCALES[0]) };

enum { STRINGS = 46, SAME_WORD = 6 }; /* "Pages" is French too, "Tags" Dutch */

static int make(void **state)
{
	struct tempsite *t = malloc(sizeof(*t));

	if (!t)
		abort();
	tempsite_make(t, "languages: [en]\n");
	*state = t;
	return 0;
}

static int release(void **state)
{
	tempsite_release(*state);
	free(*state);
	return 0;
}

static int64_t at(const char *text)
{
	int64_t seconds = 0;

	assert_int_equal(date_parse(str_from(text), &seconds), 0);
	return seconds;
}

/* The built-in file of this very tag, whole and without complaint. */
static const struct yaml_node *built_in(struct arena *arena, const char *tag)
{
	const char *name = arena_printf(arena, "locale/%s.yaml", tag).p;
	struct yaml_source source = {.path = name, .line = 1};
	struct buf err = BUF_EMPTY;
	struct str text;

	if (!resource_find(name, &text))
		fail_msg("%s is not built in", name);
	if (!utf8_valid(text))
		fail_msg("%s is no UTF-8", name);
	const struct yaml_node *root = yamltree_read(arena, text, &source, &err);
	if (!root || root->kind != YAML_MAP || err.n)
		fail_msg("%s", err.n ? buf_z(&err) : name);
	buf_release(&err);
	return root;
}

/* A built-in locale, with nothing reported. */
static struct locale loaded(struct arena *arena, const char *tag, const char *theme)
{
	struct buf err = BUF_EMPTY;
	struct locale locale;

	locale_load(arena, tag, theme, &locale, &err);
	if (err.n)
		fail_msg("%s: %s", tag, buf_z(&err));
	buf_release(&err);
	return locale;
}

/* --- the files --------------------------------------------------------------------- */

static void every_file_has_a_row_above(void **state)
{
	const char *name;
	size_t files = 0;

	(void)state;
	for (size_t i = 0; (name = resource_name(i)); i++) {
		size_t row = 0;
		if (!str_starts(str_from(name), "locale/"))
			continue;
		files++;
		struct str tag = str_skip(str_from(name), strlen("locale/"));
		assert_true(str_ends(tag, ".yaml"));
		tag.n -= strlen(".yaml");
		while (row < LOCALE_COUNT && !str_is(tag, LOCALES[row].tag))
			row++;
		if (row == LOCALE_COUNT)
			fail_msg("%s: no date of it stands in this test", name);
	}
	assert_int_equal(files, LOCALE_COUNT);
}

static void check_months(const struct yaml_node *root, const char *tag)
{
	const struct yaml_node *months = yamltree_get(root, "months");
	int count = 0;

	if (!months || months->kind != YAML_LIST)
		fail_msg("%s: no list of months", tag);
	for (const struct yaml_node *m = months->first; m; m = m->next, count++) {
		if (m->kind != YAML_SCALAR || !m->text.n || str_find_char(m->text, '{') < m->text.n)
			fail_msg("%s:%u: no month", tag, m->line);
		for (const struct yaml_node *other = months->first; other != m; other = other->next)
			if (str_eq(m->text, other->text))
				fail_msg("%s: %s is there twice", tag, m->text.p);
	}
	if (count != 12)
		fail_msg("%s: %d months", tag, count);
}

static void every_file_is_complete(void **state)
{
	static const char *const keys[] = {"name", "dir", "months", "date_long", "strings"};
	enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
	struct tempsite *t = *state;

	for (size_t i = 0; i < LOCALE_COUNT; i++) {
		const char *tag = LOCALES[i].tag;
		const struct yaml_node *root = built_in(&t->arena, tag), *m = root->first;
		for (size_t k = 0; k < KEYS; k++, m = m->next)
			if (!m || !str_is(m->key->text, keys[k]))
				fail_msg("%s: %s instead of %s", tag, m ? m->key->text.p : "nothing", keys[k]);
		if (m)
			fail_msg("%s: %s is no key of a locale", tag, m->key->text.p);
		check_months(root, tag);
		assert_string_equal(yamltree_get(root, "name")->text.p, LOCALES[i].name);
		assert_string_equal(yamltree_get(root, "dir")->text.p, LOCALES[i].dir);
	}
}

static unsigned count_of(struct str text, struct str part)
{
	unsigned n = 0;

	for (; text.n >= part.n; text = str_skip(text, 1))
		n += str_eq(str_head(text, part.n), part);
	return n;
}

/* Takes the next {name} off *rest, with its braces. */
static bool placeholder(struct str *rest, struct str *name)
{
	size_t open = str_find_char(*rest, '{');

	if (open == rest->n)
		return false;
	struct str from = str_skip(*rest, open);
	size_t close = str_find_char(from, '}');
	*name = str_head(from, close + 1);
	*rest = str_skip(from, close + 1);
	return true;
}

static void check_string(const char *tag, const struct yaml_node *english, const struct yaml_node *ours)
{
	struct str name, rest;

	if (!str_eq(english->key->text, ours->key->text))
		fail_msg("%s:%u: %s instead of %s", tag, ours->line, ours->key->text.p, english->key->text.p);
	if (ours->kind != YAML_SCALAR || !ours->text.n || !str_eq(ours->text, str_trim(ours->text)) ||
	    str_find_char(ours->text, '<') < ours->text.n || str_find_char(ours->text, '\n') < ours->text.n)
		fail_msg("%s:%u: %s is no line of text", tag, ours->line, ours->key->text.p);
	for (rest = english->text; placeholder(&rest, &name);)
		if (count_of(ours->text, name) != 1)
			fail_msg("%s:%u: %s needs %.*s once", tag, ours->line, ours->key->text.p, STR_ARG(name));
	if (count_of(ours->text, STR_LIT("{")) != count_of(english->text, STR_LIT("{")) ||
	    count_of(ours->text, STR_LIT("}")) != count_of(english->text, STR_LIT("}")))
		fail_msg("%s:%u: %s has a brace too many", tag, ours->line, ours->key->text.p);
}

static void every_string_is_translated(void **state)
{
	struct tempsite *t = *state;
	const struct yaml_node *english = yamltree_get(built_in(&t->arena, "en"), "strings");

	for (size_t i = 0; i < LOCALE_COUNT; i++) {
		const char *tag = LOCALES[i].tag;
		const struct yaml_node *strings = yamltree_get(built_in(&t->arena, tag), "strings");
		const struct yaml_node *ours = strings->first;
		unsigned same = 0, count = 0;
		for (const struct yaml_node *e = english->first; e; e = e->next, ours = ours->next, count++) {
			if (!ours)
				fail_msg("%s: has no %s", tag, e->key->text.p);
			check_string(tag, e, ours);
			same += str_eq(e->text, ours->text);
		}
		if (ours)
			fail_msg("%s:%u: English has no %s", tag, ours->line, ours->key->text.p);
		if (same > SAME_WORD && strcmp(tag, "en") != 0)
			fail_msg("%s: %u strings are the English ones", tag, same);
		assert_int_equal(count, STRINGS);
	}
}

static void compare(const char *tag, const struct yaml_node *one, const struct yaml_node *other)
{
	if (one->kind != other->kind || one->quoted != other->quoted || !str_eq(one->text, other->text) ||
	    !one->key != !other->key || (one->key && !str_eq(one->key->text, other->key->text)))
		fail_msg("%s:%u: is read as %.*s", tag, one->line, STR_ARG(other->text));
	const struct yaml_node *a = one->first, *b = other->first;
	for (; a && b; a = a->next, b = b->next)
		compare(tag, a, b);
	if (a || b)
		fail_msg("%s:%u: too many or too few", tag, one->line);
}

/* The reader of the program's own files against libyaml. */
static void every_file_is_read_as_yaml(void **state)
{
	struct tempsite *t = *state;

	for (size_t i = 0; i < LOCALE_COUNT; i++) {
		struct str text;
		assert_true(resource_find(arena_printf(&t->arena, "locale/%s.yaml", LOCALES[i].tag).p, &text));
		const struct yaml_node *root = localefile_read(&t->arena, text);
		if (!root)
			fail_msg("%s: a line of another form", LOCALES[i].tag);
		compare(LOCALES[i].tag, built_in(&t->arena, LOCALES[i].tag), root);
	}
}

static void another_form_is_refused(void **state)
{
	static const char *const texts[] = {
		"a", "a: \"b\"", "a: 'b", "a: {b: c}", "a: b: c", "a: b # c", "a: &b c", "a: *b", "a: !t b", "a: |\n  b",
		"a: >\n  b", "a:\n   b: c", "- a", "a: - b", "a: [b", "a: [[b]]", "  a: b", " a: b", "a:\n  b: [c]\n", "a:\n  b:\n    c: d\n",
		"a: b\n  c: d\n", "a: [b, ]", "? a", ": a", "a: %b", "a: @b", "a: `b", "a: ~", "'a: b",
	};
	struct tempsite *t = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (localefile_read(&t->arena, str_from(texts[i])))
			fail_msg("%s: was read", texts[i]);
}

/* --- dates -------------------------------------------------------------------------- */

static void dates_are_written_as_cldr_has_them(void **state)
{
	struct tempsite *t = *state;

	for (size_t i = 0; i < LOCALE_COUNT; i++) {
		struct locale locale = loaded(&t->arena, LOCALES[i].tag, "");
		struct str april = locale_date(&t->arena, &locale, at("2020-04-28T23:59:59Z"));
		struct str january = locale_date(&t->arena, &locale, at("2021-01-03"));
		if (!str_is(april, LOCALES[i].april))
			fail_msg("%s: %.*s", LOCALES[i].tag, STR_ARG(april));
		if (!str_is(january, LOCALES[i].january))
			fail_msg("%s: %.*s", LOCALES[i].tag, STR_ARG(january));
	}
}

static void dates_at_the_ends_of_time(void **state)
{
	static const struct {
		const char *when, *text;
	} cases[] = {
		{"1969-12-31T23:59:59Z", "December 31, 1969"},
		{"1970-01-01", "January 1, 1970"},
		{"2020-02-29", "February 29, 2020"},
		{"0001-01-01", "January 1, 1"},
		{"9999-12-31", "December 31, 9999"},
	};
	struct tempsite *t = *state;
	struct locale locale = loaded(&t->arena, "en", "");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = locale_date(&t->arena, &locale, at(cases[i].when));
		if (!str_is(text, cases[i].text))
			fail_msg("%s: %.*s", cases[i].when, STR_ARG(text));
	}
}

/* --- which file answers --------------------------------------------------------------- */

static void a_tag_finds_its_beginning(void **state)
{
	static const struct {
		const char *tag, *name, *dir, *read_more;
	} cases[] = {
		{"it", "Italiano", "ltr", "Continua a leggere"},
		{"it-CH", "Italiano", "ltr", "Continua a leggere"},
		{"pt-BR", "Português", "ltr", "Ler mais"},
		{"qaa-Qaaa-QM-x-southern", "qaa-Qaaa-QM-x-southern", "ltr", "Read more"},
		{"de-DE-u-co-phonebk", "Deutsch", "ltr", "Weiterlesen"},
		{"ar-EG", "العربية", "rtl", "تابع القراءة"},
		{"zh-Hant-TW", "繁體中文", "ltr", "繼續閱讀"},
		{"zh-Hans-CN", "中文", "ltr", "继续阅读"},
		{"zh-TW", "中文", "ltr", "继续阅读"},
		/* No file: the tag is the only name there is, the words are English. */
		{"xx", "xx", "ltr", "Read more"},
		{"xx-Latn-YY", "xx-Latn-YY", "ltr", "Read more"},
		{"i-klingon", "i-klingon", "ltr", "Read more"},
		{"ita", "ita", "ltr", "Read more"}, /* not "it" */
		/* Nor a direction, but that of their script. */
		{"ur", "ur", "rtl", "Read more"},
		{"ckb-IQ", "ckb-IQ", "rtl", "Read more"},
		{"ur-Latn", "ur-Latn", "ltr", "Read more"},
		{"pa", "pa", "ltr", "Read more"},
		{"pa-arab-PK", "pa-arab-PK", "rtl", "Read more"},
		{"i", "i", "ltr", "Read more"},
		{"", "", "ltr", "Read more"},
	};
	struct tempsite *t = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct locale locale = loaded(&t->arena, cases[i].tag, "");
		struct str more = locale_string(&locale, "read_more");
		if (strcmp(locale.name, cases[i].name) || strcmp(locale.dir, cases[i].dir) ||
		    !str_is(more, cases[i].read_more))
			fail_msg("%s: %s, %s, %.*s", cases[i].tag, locale.name, locale.dir, STR_ARG(more));
	}
}

static void the_theme_goes_before(void **state)
{
	struct tempsite *t = *state;
	const char *theme = tempsite_path(t, "theme");

	tempsite_write(t, "theme/locale/it.yaml",
		       "name: Toscano\ndir: rtl\nmonths: [g, f, m, a]\ndate_long: '{year}/{month}/{day}, {day}'\n"
		       "strings: {read_more: Avanti, sent_with: '', page_label: [1, 2]}\n");
	tempsite_write(t, "theme/locale/tlh.yaml", "name: tlhIngan Hol\nstrings: {home: juH}\n");

	struct locale locale = loaded(&t->arena, "it-CH", theme);
	assert_string_equal(locale.name, "Toscano");
	assert_string_equal(locale.dir, "rtl");
	assert_true(str_is(locale_string(&locale, "read_more"), "Avanti"));
	assert_int_equal(locale_string(&locale, "sent_with").n, 0); /* wanted so */
	assert_true(str_is(locale_date(&t->arena, &locale, at("2020-04-28")), "2020/a/28, 28"));
	/* Months that are missing are numbers. */
	assert_true(str_is(locale_date(&t->arena, &locale, at("2020-05-01")), "2020/05/1, 1"));
	assert_true(locale_string(&locale, "home").n > 0);

	locale = loaded(&t->arena, "tlh", theme);
	assert_string_equal(locale.name, "tlhIngan Hol");
	assert_true(str_is(locale_string(&locale, "home"), "juH"));
	assert_true(str_is(locale_string(&locale, "read_more"), "Read more"));

	/* Others are as they were, and so is Italian without the theme. */
	assert_string_equal(loaded(&t->arena, "fr", theme).name, "Français");
	assert_string_equal(loaded(&t->arena, "it", "").name, "Italiano");
	assert_string_equal(loaded(&t->arena, "it", tempsite_path(t, "nowhere")).name, "Italiano");
}

static void what_the_theme_leaves_out_is_built_in(void **state)
{
	struct tempsite *t = *state;
	const char *theme = tempsite_path(t, "part");

	tempsite_write(t, "part/locale/ar.yaml", "strings: {read_more: هنا, home: [1]}\n");
	struct locale locale = loaded(&t->arena, "ar-EG", theme);
	assert_string_equal(locale.name, "العربية");
	assert_string_equal(locale.dir, "rtl");
	assert_true(str_is(locale_string(&locale, "read_more"), "هنا"));
	assert_true(str_is(locale_string(&locale, "language"), "اللغة"));
	assert_true(str_is(locale_string(&locale, "home"), "الصفحة الرئيسية"));
	assert_true(str_is(locale_date(&t->arena, &locale, at("2020-04-28")), "28 أبريل 2020"));

	/* The longer tag's built-in file is nearer than the shorter one's in the theme. */
	tempsite_write(t, "part/locale/zh.yaml", "strings: {home: 到头了}\n");
	locale = loaded(&t->arena, "zh-Hant", theme);
	assert_true(str_is(locale_string(&locale, "home"), "首頁"));
	/* But not the other way round. */
	tempsite_write(t, "part/locale/pt-BR.yaml", "name: Brasileiro\n");
	locale = loaded(&t->arena, "pt-BR", theme);
	assert_string_equal(locale.name, "Brasileiro");
	assert_true(str_is(locale_string(&locale, "read_more"), "Ler mais"));
}

static void a_broken_file_is_reported_and_passed_over(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"name: [unclosed\nstrings: {}\n", "it.yaml:"},
		{"name: A\nname: B\n", "it.yaml:2:1: error:"},
		{"name: !!str A\n", "it.yaml:1:7: error:"},
		{"strings:\n\thome: Casa\n", "it.yaml:2:"},
		{"name: A\n---\nname: B\n", "it.yaml:2:"},
		{"name: \"\\x00\"\n", "it.yaml:1:"},
		{"name: \xff\n", "it.yaml:1:"},
		{"- name\n- strings\n", "it.yaml:1:1: error:"},
		{"name\n", "it.yaml:1:1: error:"},
	};
	struct tempsite *t = *state;
	const char *theme = tempsite_path(t, "broken");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf err = BUF_EMPTY;
		struct locale locale;
		tempsite_write(t, "broken/locale/it.yaml", cases[i].text);
		locale_load(&t->arena, "it-CH", theme, &locale, &err);
		struct str report = buf_view(&err);
		if (!str_starts(report, theme) || str_find(report, cases[i].message) == report.n ||
		    count_of(report, STR_LIT("\n")) != 1)
			fail_msg("%s: reported as '%s'", cases[i].text, buf_z(&err));
		assert_string_equal(locale.name, "Italiano");
			assert_true(str_is(locale_string(&locale, "read_more"), "Continua a leggere"));
		buf_release(&err);
	}
	/* One with nothing in it says nothing. */
	tempsite_write(t, "broken/locale/it.yaml", "");
	assert_string_equal(loaded(&t->arena, "it", theme).name, "Italiano");
}

/* --- strings --------------------------------------------------------------------------- */

static void placeholders_are_filled(void **state)
{
	struct tempsite *t = *state;
	struct locale en = loaded(&t->arena, "en", ""), ja = loaded(&t->arena, "ja", "");
	struct arena *a = &t->arena;

	assert_true(str_is(locale_format(a, &en, "page_label", "page", "2", "pages", "10", NULL), "Page 2 of 10"));
	assert_true(str_is(locale_format(a, &en, "page_label", "pages", "10", "page", "2", NULL), "Page 2 of 10"));
	assert_true(str_is(locale_format(a, &ja, "page_label", "page", "2", "pages", "10", NULL),
			   "10ページ中2ページ目"));
	assert_true(str_is(locale_format(a, &en, "page_label", "page", "2", NULL), "Page 2 of {pages}"));
	assert_true(str_is(locale_format(a, &en, "home", "page", "2", NULL), "Home"));
	assert_true(str_is(locale_format(a, &en, "list_tag", "tag", "", NULL), "Posts tagged “”"));
	/* What readers type is not looked into. */
	assert_true(str_is(locale_format(a, &en, "list_search", "query", "{query} %s {", NULL),
			   "Posts about “{query} %s {”"));
	assert_int_equal(locale_format(a, &en, "no such", "page", "2", NULL).n, 0);
	assert_int_equal(locale_string(&en, "no such").n, 0);
	assert_int_equal(locale_string(&en, "").n, 0);
}

static void each_gives_all_of_them(void **state)
{
	struct tempsite *t = *state;
	const char *tags[] = {"en", "ko", "xx"};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct locale locale = loaded(&t->arena, tags[i], "");
		const void *last = NULL;
		struct str key, text;
		int count = 0;
		for (; locale_each(&locale, &last, &key, &text); count++) {
			if (!count)
				assert_true(str_is(key, "skip_to_content"));
			assert_true(str_eq(text, locale_string(&locale, key.p)));
			assert_true(text.n > 0);
		}
		assert_int_equal(count, STRINGS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_has_a_row_above),
		cmocka_unit_test(every_file_is_complete),
		cmocka_unit_test(every_string_is_translated),
		cmocka_unit_test(every_file_is_read_as_yaml),
		cmocka_unit_test(another_form_is_refused),
		cmocka_unit_test(dates_are_written_as_cldr_has_them),
		cmocka_unit_test(dates_at_the_ends_of_time),
		cmocka_unit_test(a_tag_finds_its_beginning),
		cmocka_unit_test(the_theme_goes_before),
		cmocka_unit_test(what_the_theme_leaves_out_is_built_in),
		cmocka_unit_test(a_broken_file_is_reported_and_passed_over),
		cmocka_unit_test(placeholders_are_filled),
		cmocka_unit_test(each_gives_all_of_them),
	};

	return cmocka_run_group_tests(tests, make, release);
}
