/* test_htmlstack.c: which elements are open, by the HTML standard's rules for
 * end tags that are left out or stray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "buf.h"
#include "htmlstack.h"

/* HTML, the end tags it owes, and the start tags that open it again. */
static void knows_what_is_open(void **state)
{
	static const char *const cases[][3] = {
		{"", "", ""},
		{"text &lt;p&gt;", "", ""},
		{"<p>a</p>", "", ""},
		{"<p>a", "</p>", "<p>"},
		{"<P>a <EM>b", "</EM></P>", "<P><EM>"},
		{"<blockquote><ul><li><p><a href=x>b", "</a></p></li></ul></blockquote>",
		 "<blockquote><ul><li><p><a href=x>"},
		{"<div id=\"a\" class='b' ID=c hidden><p id>x", "</p></div>",
		 "<div class='b' hidden><p>"},
		{"<a href=/x/ id=y title=\"a > b\">", "</a>", "<a href=/x/ title=\"a > b\">"},
		{"<br><img src=a><hr/><input><wbr>", "", ""},
		/* the slash means nothing in HTML, but it does in SVG */
		{"<div/>a", "</div>", "<div>"},
		{"<svg><path/><g>", "</g></svg>", "<svg><g>"},
		{"<svg viewBox='0 0 1 1'/><p>", "</p>", "<p>"},
		{"<!-- <p> --><!doctype html><?php <b> ?>", "", ""},
		{"<script>'<p>'</script><style><b></style>", "", ""},
		{"<textarea><p>", "</textarea>", "<textarea>"},
		/* an unfinished tag is none */
		{"<p>a<div", "</p>", "<p>"},

		/* left out: §13.1.2.4 */
		{"<p>a<p>b", "</p>", "<p>"},
		{"<p>a<ul><li>b<li>c", "</li></ul>", "<ul><li>"},
		{"<p>a<hr>b", "", ""},
		{"<p><em>a<h2>b", "</h2></em>", "<em><h2>"},
		{"<ul><li>a<ul><li>b</ul><li>c", "</li></ul>", "<ul><li>"},
		{"<dl><dt>a<dd>b<dt>c", "</dt></dl>", "<dl><dt>"},
		{"<table><tr><td>a<td>b<tr><th>c", "</th></tr></table>", "<table><tr><th>"},
		{"<table><thead><tr><th>a<tbody><tr><td>b", "</td></tr></tbody></table>",
		 "<table><tbody><tr><td>"},
		{"<table><caption>a<tr><td>b", "</td></tr></table>", "<table><tr><td>"},
		{"<table><colgroup><col><tbody><tr>", "</tr></tbody></table>",
		 "<table><tbody><tr>"},
		{"<ruby>a<rp>(<rt>b<rp>)", "</rp></ruby>", "<ruby><rp>"},
		{"<select><optgroup><option>a<option>b<optgroup><option>c",
		 "</option></optgroup></select>",
		 "<select><optgroup><option>"},
		/* a table in a list in a table: each its own */
		{"<table><tr><td><ul><li><table><tr><td>a<tr><td>",
		 "</td></tr></table></li></ul></td></tr></table>",
		 "<table><tr><td><ul><li><table><tr><td>"},
		{"<p><button><p>a", "</p></button></p>", "<p><button><p>"},

		/* stray and crossed */
		{"</p></div></nothing>", "", ""},
		{"<div><b>a</div>", "</b>", "<b>"},
		{"<div><a href=x><i id=y>a</div><p>b", "</p></a></i>", "<i><a href=x><p>"},
		{"<p><b>a</p><p>b</b>c</p>", "", ""},
		{"<b><i>a</b></i>", "", ""},
		{"<div><p><b>a</p></div></b>", "", ""},
		{"<table><tr><td><b>a<td><p><i>b</p><td>c</table>", "", ""},
		{"<svg><a>b</svg>", "", ""},
		{"<div><p>a</b>b", "</p></div>", "<div><p>"},
		{"<ul><li>a</ul></li><p>b", "</p>", "<p>"},
		{"<ul><li><table><tr><td>a</li></ul>", "</td></tr></table></li></ul>",
		 "<ul><li><table><tr><td>"},
		{"<div><table><tr><td>a</div>", "</td></tr></table></div>", "<div><table><tr><td>"},
		{"<table><tr><td><p>a</td></tr></table>b", "", ""},
		{"<table><tr><td><p>a</tr><tr>", "</tr></table>", "<table><tr>"},
		{"<table><tr><td><table></td>", "</table></td></tr></table>",
		 "<table><tr><td><table>"},
		{"<div><svg><g></div>", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena;
		struct htmlstack stack;
		struct str html = guard_copy(str_from(cases[i][0]));
		arena_init(&arena, 0);
		htmlstack_read(&stack, &arena, html);
		struct str ends = htmlstack_end_tags(&stack, &arena),
			starts = htmlstack_start_tags(&stack, &arena);
		if (!str_is(ends, cases[i][1]) || !str_is(starts, cases[i][2]))
			fail_msg("%s: %s %s", cases[i][0], ends.p, starts.p);
		/* what is owed closes all, and what is opened again is the same again */
		htmlstack_read(&stack, &arena, arena_printf(&arena, "%s%s", cases[i][0], ends.p));
		assert_true((!stack.depth && !stack.lost_count) || str_ends(html, "<div"));
		htmlstack_read(&stack, &arena, starts);
		assert_string_equal(htmlstack_end_tags(&stack, &arena).p, ends.p);
		arena_release(&arena);
		guard_free(html);
	}
}

static void feed_only(struct str html)
{
	struct arena arena;
	struct htmlstack stack;

	arena_init(&arena, 0);
	htmlstack_read(&stack, &arena, html);
	htmlstack_end_tags(&stack, &arena);
	arena_release(&arena);
}

/* Depth costs memory, neither the stack nor time. */
static void goes_deep(void **state)
{
	static const char *const ends[] = {"<i>", "<i/>", "</b>", "<p></p>", "<li></li>", "<svg>",
		"</td>", "<td>"};
	struct buf html = BUF_EMPTY;

	(void)state;
	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
		buf_reset(&html);
		for (int i = 0; i < 30 * 1000; i++)
			buf_puts(&html, "<i>");
		for (int i = 0; i < 30 * 1000; i++)
			buf_puts(&html, ends[k]);
		double seconds = hostile_seconds(buf_view(&html), feed_only);
		if (seconds > 5)
			fail_msg("60,000 tags and %s: %.1f s", ends[k], seconds);
	}
	buf_release(&html);
	hostile_time("htmlstack", feed_only);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_is_open),
		cmocka_unit_test(goes_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
