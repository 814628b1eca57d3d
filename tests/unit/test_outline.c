/* test_outline.c: heading ids as GitHub and Hugo make them; the outline. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "html.h"
#include "outline.h"
#include "unicode.h"

/* The id of a first heading with this content (HTML). */
static const struct {
	const char *content, *id;
} IDS[] = {
	{"Hello World", "hello-world"},
	{"  Trimmed  ", "trimmed"},
	{"Question?", "question"},
	{"1+2=3", "123"},
	{"Special !&quot;#$%&amp;(parens)=?´* chars", "special-parens-chars"},
	{"One-Hyphen", "one-hyphen"},
	{"Multiple--Hyphens", "multiple--hyphens"},
	{"Trailing hyphen-", "trailing-hyphen-"},
	{"Many   spaces  here", "many---spaces--here"},
	{"Forward/slash", "forwardslash"},
	{"Backward\\slash", "backwardslash"},
	{"Under_score", "under_score"},
	{"Non\xc2\xa0" "breaking &nbsp;Space", "nonbreaking-space"},
	{"Milano &amp; dintorni", "milano--dintorni"},
	{"don't don’t", "dont-dont"},
	{"<code>foo()</code> and <em>bar</em>", "foo-and-bar"},
	{"<a href=\"/x\">Link</a>!", "link"},
	{"<img src=x alt=\"An Icon\"> Title", "an-icon-title"},
	{"a<br>b", "a-b"},
	{"line\none", "line-one"},
	{"C++ &lt;vector&gt;", "c-vector"},
	{"", "heading"},
	{"???", "heading"},
	{"😀", "heading"},
	{"<script>x</script>", "heading"},
	{"Perché È Così", "perché-è-così"},
	{"ÀÉÎÕÜ ŁÓDŹ ŸÆ İ ẞ", "àéîõü-łódź-ÿæ-i-ß"},
	{"God is good: 神真美好", "god-is-good-神真美好"},
	{"Привет МИР Ёлка", "привет-мир-ёлка"},
	{"ΓΕΙΆ ΣΟΥ ΚΌΣΜΕ", "γειά-σου-κόσμε"},
	{"ԲԱՐԵՎ", "բարեվ"},
	{"ႠႡ ᲐᲑ აბ", "ⴀⴁ-აბ-აბ"},
	{"مرحبا، العالم؟", "مرحبا-العالم"},
	{"שלום עולם", "שלום-עולם"},
	{"हिन्दी में।", "हिन्दी-में"},
	{"สวัสดีชาวโลก", "สวัสดีชาวโลก"},
	{"안녕하세요 세계", "안녕하세요-세계"},
	{"こんにちは、世界", "こんにちは世界"},
	{"e\u0301te\u0301", "e\u0301te\u0301"},
	{"٣ ½ ²", "٣--"},
	{"𐐀𐐁 𞤀", "𐐨𐐩-𞤢"},
	{"a\xff" "b", "ab"},
};

static void check(const char *what, struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("%s\n got  %.*s\n want %s", what, STR_ARG(got), want);
}

static void makes_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(IDS) / sizeof(IDS[0]); i++) {
		struct arena arena;
		struct outline outline;
		struct buf html = BUF_EMPTY, out = BUF_EMPTY, want = BUF_EMPTY;
		arena_init(&arena, 0);
		buf_printf(&html, "<h2 class=x>%s</h2>\n", IDS[i].content);
		buf_printf(&want, "<h2 id=\"%s\" class=x>%s</h2>\n", IDS[i].id, IDS[i].content);
		outline_apply(&arena, buf_view(&html), &out, &outline);
		check(IDS[i].content, buf_view(&out), buf_z(&want));
		assert_int_equal(outline.count, 1);
		assert_int_equal(outline.entries[0].level, 2);
		check(IDS[i].content, outline.entries[0].id, IDS[i].id);
		buf_release(&html);
		buf_release(&out);
		buf_release(&want);
		arena_release(&arena);
	}
}

/* Whole documents; `outline` is "level id text" for each line. */
static const struct {
	const char *html, *out, *outline;
} DOCUMENTS[] = {
	{"", "", ""},
	{"<figure><h4>a</h4></figure></figure><h2>b</h2>",
	 "<figure><h4>a</h4></figure></figure><h2 id=\"b\">b</h2>", "2 b b|"},
	{"<p>No heading</p>", "<p>No heading</p>", ""},
	{"<h1>A</h1><h2>A</h2><h3>a</h3><h4>A 1</h4>",
	 "<h1 id=\"a\">A</h1><h2 id=\"a-1\">A</h2><h3 id=\"a-2\">a</h3><h4 id=\"a-1-1\">A 1</h4>",
	 "1 a A|2 a-1 A|3 a-2 a|4 a-1-1 A 1|"},
	{"<h2>A-1</h2><h2>A</h2><h2>A</h2>",
	 "<h2 id=\"a-1\">A-1</h2><h2 id=\"a\">A</h2><h2 id=\"a-2\">A</h2>",
	 "2 a-1 A-1|2 a A|2 a-2 A|"},
	/* The author's ids stay, wherever they are, and nobody else gets them. */
	{"<h2>Intro</h2><h2 id=\"intro\">Other</h2>",
	 "<h2 id=\"intro-1\">Intro</h2><h2 id=\"intro\">Other</h2>",
	 "2 intro-1 Intro|2 intro Other|"},
	{"<h2>Notes</h2><div id=notes><p id='notes-1'>",
	 "<h2 id=\"notes-2\">Notes</h2><div id=notes><p id='notes-1'>", "2 notes-2 Notes|"},
	{"<h2 class='a' ID = x>A</h2><h2 id=x>B</h2>", "<h2 class='a' ID = x>A</h2><h2 id=x>B</h2>",
	 "2 x A|2 x B|"},
	{"<h2 id=\"a&amp;b\">A</h2>", "<h2 id=\"a&amp;b\">A</h2>", "2 a&b A|"},
	{"<h2>Fn:1</h2><li id=\"fn:1\">", "<h2 id=\"fn1\">Fn:1</h2><li id=\"fn:1\">",
	 "2 fn1 Fn:1|"},
	{"<h2 id=\"\" class=b>A</h2>", "<h2 id=\"a\" class=b>A</h2>", "2 a A|"},
	{"<h2 class=b id>A</h2>", "<h2 id=\"a\" class=b>A</h2>", "2 a A|"},
	{"<H2\n>A</H2>", "<H2 id=\"a\"\n>A</H2>", "2 a A|"},
	{"<h2/>A</h2>", "<h2 id=\"a\"/>A</h2>", "2 a A|"},
	{"<h2>A  <b>b</b>\n&amp; c</h2>", "<h2 id=\"a--b--c\">A  <b>b</b>\n&amp; c</h2>",
	 "2 a--b--c A b & c|"},
	{"<h2>A<sup><a rel=footnote>1</a></sup></h2>",
	 "<h2 id=\"a1\">A<sup><a rel=footnote>1</a></sup></h2>", "2 a1 A|"},
	{"<h1>A<h2>B</h1>C</h3>", "<h1 id=\"a\">A<h2 id=\"b\">B</h1>C</h3>", "1 a A|2 b B|"},
	{"<h1>A <p>b", "<h1 id=\"a-b\">A <p>b", "1 a-b A b|"},
	{"<h7>a</h7><h0>b</h0><h>c</h><hr>", "<h7>a</h7><h0>b</h0><h>c</h><hr>", ""},
	{"<!-- <h1>a</h1> --><script><h1>b</h1></script>",
	 "<!-- <h1>a</h1> --><script><h1>b</h1></script>", ""},
	{"<h1", "<h1", ""},
	{"<h1 id='a", "<h1 id='a", ""},
	{"</h1>a<h1>", "</h1>a<h1 id=\"heading\">", "1 heading |"},
	/* The title of a figure is part of it, unless the caption never ends. */
	{"<h2>A</h2><figure><figcaption><h4>B</h4><h5 id=c>C</h5></figcaption></figure><h2>B</h2>",
	 "<h2 id=\"a\">A</h2><figure><figcaption><h4>B</h4><h5 id=c>C</h5></figcaption></figure>"
	 "<h2 id=\"b\">B</h2>", "2 a A|2 b B|"},
	{"<figure><figcaption><h4>A</h4></figure><h2>B</h2>",
	 "<figure><figcaption><h4>A</h4></figure><h2 id=\"b\">B</h2>", "2 b B|"},
	{"<figure></figure><figcaption><h4>A</h4>",
	 "<figure></figure><figcaption><h4 id=\"a\">A</h4>", "4 a A|"},
	{"<h2>heading</h2><h2></h2>", "<h2 id=\"heading\">heading</h2><h2 id=\"heading-1\"></h2>",
	 "2 heading heading|2 heading-1 |"},
};

static void outlines_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(DOCUMENTS) / sizeof(DOCUMENTS[0]); i++) {
		struct arena arena;
		struct outline outline;
		struct buf out = BUF_EMPTY, list = BUF_EMPTY;
		arena_init(&arena, 0);
		outline_apply(&arena, str_from(DOCUMENTS[i].html), &out, &outline);
		for (size_t k = 0; k < outline.count; k++)
			buf_printf(&list, "%u %.*s %.*s|", outline.entries[k].level,
				   STR_ARG(outline.entries[k].id),
				   STR_ARG(outline.entries[k].text));
		check(DOCUMENTS[i].html, buf_view(&out), DOCUMENTS[i].out);
		check(DOCUMENTS[i].html, buf_view(&list), DOCUMENTS[i].outline);
		buf_release(&out);
		buf_release(&list);
		arena_release(&arena);
	}
}

static void bounds_the_id_of_an_unclosed_heading(void **state)
{
	struct arena arena;
	struct outline outline;
	struct buf html = BUF_EMPTY, out = BUF_EMPTY;

	(void)state;
	arena_init(&arena, 0);
	buf_puts(&html, "<h1>");
	for (int i = 0; i < 5000; i++)
		buf_puts(&html, "神a");
	outline_apply(&arena, buf_view(&html), &out, &outline);
	assert_int_equal(outline.count, 1);
	assert_in_range(outline.entries[0].id.n, 900, 1010);
	assert_int_equal(outline.entries[0].text.n, 20000);
	buf_release(&html);
	buf_release(&out);
	arena_release(&arena);
}

static void numbers_ten_thousand_namesakes(void **state)
{
	struct arena arena;
	struct outline outline;
	struct buf html = BUF_EMPTY, out = BUF_EMPTY;

	(void)state;
	arena_init(&arena, 0);
	for (int i = 0; i < 10000; i++)
		buf_puts(&html, "<h2>Same</h2>");
	buf_puts(&html, "<i id=same-5000>");
	outline_apply(&arena, buf_view(&html), &out, &outline);
	assert_int_equal(outline.count, 10000);
	check("last", outline.entries[9999].id, "same-10000");
	check("before", outline.entries[4999].id, "same-4999");
	check("after", outline.entries[5000].id, "same-5001");
	buf_release(&html);
	buf_release(&out);
	arena_release(&arena);
}

static void knows_characters(void **state)
{
	static const struct {
		uint32_t c, lower;
		bool word;
	} cases[] = {
		{'A', 'a', true},
		{'z', 'z', true},
		{'0', '0', true},
		{'_', '_', false},
		{' ', ' ', false},
		{0xaa, 0xaa, true},
		{0xd7, 0xd7, false},
		{0xc0, 0xe0, true},
		{0x130, 0x69, true},
		{0x178, 0xff, true},
		{0x179, 0x17a, true},
		{0x17a, 0x17a, true},
		{0x1c5, 0x1c6, true},
		{0x3a3, 0x3c3, true},
		{0x2160, 0x2170, false},
		{0x24b6, 0x24d0, false},
		{0x300, 0x300, true},
		{0x2014, 0x2014, false},
		{0x1e9e, 0xdf, true},
		{0x13a0, 0xab70, true},
		{0xa7ff, 0xa7ff, true},
		{0x1e921, 0x1e943, true},
		{0x10ffff, 0x10ffff, false},
		{UINT32_MAX, UINT32_MAX, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (unicode_lower(cases[i].c) != cases[i].lower)
			fail_msg("U+%04X -> U+%04X", cases[i].c, unicode_lower(cases[i].c));
		if (unicode_is_word(cases[i].c) != cases[i].word)
			fail_msg("U+%04X is %s", cases[i].c,
				 cases[i].word ? "no letter" : "a letter");
	}
}

static void apply(struct str html)
{
	struct arena arena;
	struct outline outline;
	struct buf out = BUF_EMPTY;

	arena_init(&arena, 0);
	outline_apply(&arena, html, &out, &outline);
	assert_true(out.n >= html.n || str_find(html, "id") < html.n);
	buf_release(&out);
	arena_release(&arena);
}

static void never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(DOCUMENTS) / sizeof(DOCUMENTS[0]); i++)
		guard_prefixes(str_from(DOCUMENTS[i].html), apply);
}

static void takes_a_megabyte(void **state)
{
	(void)state;
	hostile_time("outline", apply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_ids),
		cmocka_unit_test(outlines_documents),
		cmocka_unit_test(bounds_the_id_of_an_unclosed_heading),
		cmocka_unit_test(numbers_ten_thousand_namesakes),
		cmocka_unit_test(knows_characters),
		cmocka_unit_test(never_reads_past_the_end),
		cmocka_unit_test(takes_a_megabyte),
	};

	return cmocka_run_group_tests_name("outline", tests, NULL, NULL);
}
