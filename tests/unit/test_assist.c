/* test_assist.c: labels and tab stops, and nothing else changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "assist.h"

#define BOX "<input type=\"checkbox\" disabled>"
#define LABELLED(text) "<input aria-label=\"" text "\" type=\"checkbox\" disabled>"
#define SIXTY "123456789 123456789 123456789 123456789 123456789 123456789 "
#define WIDE "<td>a cell with words in it</td><td>another one</td>"

static struct arena arena;

static const struct row {
	const char *html, *expected; /* NULL: the same */
} rows[] = {
	{"", NULL},
	{"<p>a &amp; b <i>c</p>", NULL},
	/* Tasks. */
	{"<ul><li>" BOX " write</li></ul>", "<ul><li>" LABELLED("write") " write</li></ul>"},
	{"<ul><li><p>" BOX " a <b>\"b\" &amp; c</b></p><p>d</p></li></ul>",
	 "<ul><li><p>" LABELLED("a &quot;b&quot; &amp; c") " a <b>\"b\" &amp; c</b></p><p>d</p></li></ul>"},
	{"<li>" BOX " outer<ul><li>" BOX " inner</li></ul></li>",
	 "<li>" LABELLED("outer") " outer<ul><li>" LABELLED("inner") " inner</li></ul></li>"},
	{"<li>" BOX " one<br>two</li>", "<li>" LABELLED("one") " one<br>two</li>"},
	{"<li>" BOX "<img src=a alt=\"a map\"></li>", "<li>" LABELLED("a map") "<img src=a alt=\"a map\"></li>"},
	{"<LI><INPUT TYPE=CheckBox DISABLED/>x", "<LI><INPUT aria-label=\"x\" TYPE=CheckBox DISABLED/>x"},
	{"<li>" BOX, NULL},
	{"<li>" BOX "</li>after", NULL},
	{"<p>" BOX " no task</p>", NULL},
	{"<li>a</li>" BOX " outside", NULL},
	{"<li><input type=checkbox> of a form</li>", NULL},
	{"<li><input type=text disabled> x</li>", NULL},
	{"<li><input type=checkbox disabled aria-label=mine> x</li>", NULL},
	{"<li><input type=checkbox disabled id=a><label for=a>x</label></li>", NULL},
	{"<li><code>&lt;input type=checkbox disabled></code> x</li>", NULL},
	{"<li><!-- " BOX " --> x</li>", NULL},
	/* Code. */
	{"<pre>short\nlines</pre>", NULL},
	{"<pre>" SIXTY "</pre>", NULL},
	{"<pre><code>" SIXTY "x</code></pre>", "<pre tabindex=\"0\"><code>" SIXTY "x</code></pre>"},
	{"<pre class=\"a\">x\n" SIXTY "<b>x</b>\n</pre>", "<pre tabindex=\"0\" class=\"a\">x\n" SIXTY "<b>x</b>\n</pre>"},
	{"<pre>12345678 12345678 12345678 12345678\n12345678 12345678 12345678 12345678</pre>", NULL},
	{"<pre>&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;</pre>", NULL},
	{"<pre>\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tx</pre>", "<pre tabindex=\"0\">\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tx</pre>"},
	{"<pre>漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢</pre>",
	 "<pre tabindex=\"0\">漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢</pre>"},
	{"<pre tabindex=-1>" SIXTY "x</pre>", NULL},
	/* Tables. */
	{"<table><tr><td>a</td><td>b</td></tr></table>",
	 "<div class=\"table-scroll\"><table><tr><td>a</td><td>b</td></tr></table></div>"},
	{"<table><tr>" WIDE "</tr></table>",
	 "<div class=\"table-scroll\" tabindex=\"0\"><table><tr>" WIDE "</tr></table></div>"},
	{"<table><tr><th>A</th><th><i>B</i> &amp; C</th></tr><tr>" WIDE "</tr></table>",
	 "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"A, B &amp; C\">"
	 "<table><tr><th>A</th><th><i>B</i> &amp; C</th></tr><tr>" WIDE "</tr></table></div>"},
	{"<table><caption>The \"plan\"</caption><tr><th>A<tr>" WIDE "</table>x",
	 "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"The &quot;plan&quot;\">"
	 "<table><caption>The \"plan\"</caption><tr><th>A<tr>" WIDE "</table></div>x"},
	{"<table><tr><td>x</td></tr><tr><th>row</th>" WIDE "</tr></table>",
	 "<div class=\"table-scroll\" tabindex=\"0\"><table><tr><td>x</td></tr><tr><th>row</th>" WIDE "</tr></table></div>"},
	{"<table><tr><td><table><tr><td>a</table></table>b",
	 "<div class=\"table-scroll\"><table><tr><td><table><tr><td>a</table></table></div>b"},
	{"<TABLE></TABLE><table></table>",
	 "<div class=\"table-scroll\"><TABLE></TABLE></div><div class=\"table-scroll\"><table></table></div>"},
	{"</table><table><tr><td>never closed", NULL},
	{"<table><table></table>", NULL},
	{"<p title='<table></table>'>x", NULL},
};

static struct str applied(struct str html)
{
	struct buf out = BUF_IN(&arena);

	assist_apply(&arena, html, &out);
	assert_false(buf_failed(&out));
	return buf_view(&out);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str out = applied(str_from(rows[i].html));
		const char *expected = rows[i].expected ? rows[i].expected : rows[i].html;
		if (!str_is(out, expected))
			fail_msg("%s\n  gave %.*s", rows[i].html, STR_ARG(out));
	}
}

/* What was added is not added again: an article that is rendered twice, or an
 * author who copied the result. */
static void test_twice(void **state)
{
	static const char html[] = "<li>" BOX " a</li><pre>" SIXTY "x</pre>";

	(void)state;
	struct str once = applied(STR_LIT(html));
	assert_true(str_eq(applied(once), once));
}

static void test_long_label(void **state)
{
	struct buf html = BUF_IN(&arena);

	(void)state;
	buf_puts(&html, "<li>" BOX);
	for (int i = 0; i < 1000; i++)
		buf_puts(&html, " word");
	struct str out = applied(buf_view(&html));
	assert_true(out.n < html.n + ASSIST_LABEL_LIMIT + 20);
	assert_non_null(memmem(out.p, out.n, "word…\"", strlen("word…\"")));
}

static void parse(struct str html)
{
	applied(html);
	arena_reset(&arena);
}

static void test_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		guard_prefixes(str_from(rows[i].html), parse);
}

static void test_hostile_is_fast(void **state)
{
	static const char *const units[] = {"<table>", "</table>", "<table><tr><td>", "<li>" BOX, "<pre>", "<td>",
					    "<caption>", "<table></table>", "<li>", "<table><pre>", "<table><caption>a"};

	(void)state;
	alarm(60);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct buf html = BUF_EMPTY;
		buf_puts(&html, "<table>");
		while (html.n < 512 * 1024)
			buf_puts(&html, units[i]);
		buf_puts(&html, "</table>");
		parse(buf_view(&html));
		buf_release(&html);
	}
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),       cmocka_unit_test(test_twice),
		cmocka_unit_test(test_long_label), cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_hostile_is_fast),
	};

	arena_init(&arena, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
