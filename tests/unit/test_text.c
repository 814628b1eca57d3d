/* test_text.c: HTML -> plain text, references, word counts, shortening. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "text.h"
#include "utf8.h"

struct pair {
	const char *in, *out;
};

static void check(const char *in, struct buf *got, const char *want)
{
	if (strcmp(buf_z(got), want))
		fail_msg("%s\n got  [%s]\n want [%s]", in, buf_z(got), want);
	buf_release(got);
}

static const struct pair HTML[] = {
	{"", ""},
	{"  \n ", ""},
	{"<p></p><p> </p>", ""},
	{"plain", "plain"},
	{"<p>One</p>\n<p>Two</p>\n", "One\nTwo"},
	{"<p>One  two\n\tthree</p>", "One two three"},
	{"a<b>b</b>c <i> d </i> e", "abc d e"},
	{"a<br>b<br/>c", "a\nb\nc"},
	{"<ul><li>a<li>b</ul>c", "a\nb\nc"},
	{"<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"},
	{"<h1>T</h1>x<hr>y", "T\nx\ny"},
	{"<p>1 &lt; 2 &amp;&amp; &quot;x&quot;</p>", "1 < 2 && \"x\""},
	{"&#32;a&#10;&#9;b&#32;", "a b"},
	{"a&nbsp;b &nbsp;", "a\xc2\xa0" "b \xc2\xa0"},
	{"<script>a</script><style>b</style>c<!-- d --><!--more-->e", "ce"},
	{"<p>a</p><script>unclosed <p>b", "a"},
	{"<template>a<template>b</template>c</template>d", "d"},
	{"<noscript><img alt=a></noscript><video>b</video><object>c</object>d", "d"},
	{"<textarea>a &amp; b</textarea>", "a & b"},
	{"<p>a <img src=x alt=\"b &amp; c\"> d</p>", "a b & c d"},
	{"<img alt=a><img alt='b'><img alt=''><img>", "a b"},
	{"<a><img alt=a></a>x", "ax"},
	{"<pre><code>  if x\n\n\ty &gt; z\n</code></pre>after", "if x\n\n\ty > z\nafter"},
	{"x<pre>  a\n b</pre>", "x\n  a\n b"},
	{"<pre>a\r\nb\n\n", "a\nb"},
	{"<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>", "漢(かん)"},
	{"a<sup id=\"fnref:1\"><a href=\"#fn:1\" rel=\"footnote\">1</a></sup>.", "a."},
	{"a<sup><a href=\"#fn1\" class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup>", "a"},
	{"<li>note <a href=\"#fnref-1\" class=\"footnote-backref\">↩</a></li>x", "note\nx"},
	{"<li>note <a href=\"#fnref:1\" rev=\"footnote\">&#8617;</a></li>", "note"},
	{"<p><a rel=footnote>1<p>kept", "kept"},
	{"<a rel=footnote>1<a href=x>kept</a>", "kept"},
	{"<a rel=nofollow>kept</a>", "kept"},
	{"a <b", "a"},
	{"a </b", "a"},
	{"a <!-- b", "a"},
	{"a < b > c", "a < b > c"},
	{"<a title='>'>b</a>", "b"},
	{"<svg><title/><text>a</text></svg>", "a"},
	{"مرحبا <b>بالعالم</b>", "مرحبا بالعالم"},
	{"\xff\xfe<p>\xf0\x9f", "\xff\xfe\n\xf0\x9f"},
};

static void takes_the_text_out_of_html(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(HTML) / sizeof(HTML[0]); i++) {
		struct buf out = BUF_EMPTY;
		text_from_html(str_from(HTML[i].in), &out);
		check(HTML[i].in, &out, HTML[i].out);
	}
}

static void appends_to_what_is_there(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	buf_puts(&out, "Title: ");
	text_from_html(STR_LIT("<p>a</p> <pre> \n</pre>"), &out);
	check("append", &out, "Title: a");
}

static const struct pair REFERENCES[] = {
	{"", ""},
	{"&amp;&lt;&gt;&quot;&apos;&nbsp;", "&<>\"'\xc2\xa0"},
	{"&eacute;&Eacute;&thetasym;&hearts;&euro;&AElig;&zwnj;&yuml;", "éÉϑ♥€Æ\u200cÿ"},
	{"&lang;&rang;", "⟨⟩"},
	{"&#65;&#x42;&#X63;&#0065;", "ABcA"},
	{"&#65&#x42x&#66", "ABxB"},
	{"&#8217;&#x1F600;", "’😀"},
	{"&#0;&#xD800;&#x110000;&#99999999999999999999;", "����"},
	{"&#128;&#x92;&#159;", "€’Ÿ"},
	{"&#x10FFFF;", "\xf4\x8f\xbf\xbf"},
	{"& &; &# &#; &#x; &#xg; &nope; &Amp; &am &amp",
	 "& &; &# &#; &#x; &#xg; &nope; &Amp; &am &amp"},
	{"a&copy=1&amp;b", "a&copy=1&b"},
	{"&amp;amp;", "&amp;"},
	{"&thetasymx;&aaaaaaaaaaaaaaaaaaaaaaaa;", "&thetasymx;&aaaaaaaaaaaaaaaaaaaaaaaa;"},
};

static void resolves_references(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(REFERENCES) / sizeof(REFERENCES[0]); i++) {
		struct buf out = BUF_EMPTY;
		text_unescape(str_from(REFERENCES[i].in), &out);
		check(REFERENCES[i].in, &out, REFERENCES[i].out);
	}
}

/* From all over the table: names out of order would not be found. */
static void finds_names_all_over_the_table(void **state)
{
	static const struct pair names[] = {
		{"&AElig;", "Æ"},  {"&Aacute;", "Á"},   {"&Zeta;", "Ζ"},
		{"&aacute;", "á"}, {"&zwj;", "\u200d"}, {"&sup2;", "²"},
		{"&frac14;", "¼"}, {"&there4;", "∴"},   {"&alefsym;", "ℵ"}};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf out = BUF_EMPTY;
		text_unescape(str_from(names[i].in), &out);
		check(names[i].in, &out, names[i].out);
	}
}

static void counts_words_by_script(void **state)
{
	static const struct {
		const char *text;
		size_t words, characters;
	} cases[] = {
		{"", 0, 0},
		{" \n\t", 0, 0},
		{"one two  three", 3, 0},
		{"don't well-known 3.14 and/or e.g.", 5, 0},
		{"— … ! ½ → 😀 ()", 0, 0},
		{"one—two three…four", 4, 0},
		{"a\xc2\xa0" "b\xe2\x80\xaf" "c", 3, 0},
		{"Привет, мир", 2, 0},
		{"Γειά σου Κόσμε", 3, 0},
		{"مرحبا بالعالم", 2, 0},
		{"नमस्ते दुनिया", 2, 0},
		{"안녕하세요 세계", 2, 0},
		{"你好，世界。", 0, 4},
		{"こんにちは、カタカナー", 0, 10},
		{"สวัสดีครับ", 0, 7},
		{"ສະບາຍດີ", 0, 6},
		{"សួស្តី", 0, 3},
		{"မင်္ဂလာပါ", 0, 5},
		{"AWS在米兰的region很好2020年", 3, 7},
		{"\xff\xfe x", 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text_measure m = text_measure(str_from(cases[i].text));
		if (m.words != cases[i].words || m.characters != cases[i].characters)
			fail_msg("%s: %zu words, %zu characters", cases[i].text, m.words,
				 m.characters);
	}
}

static void weighs(void **state)
{
	static const struct {
		struct text_measure m;
		size_t weight;
		unsigned minutes;
	} cases[] = {
		{{0, 0}, 0, 0},     {{1, 0}, 1, 1},    {{0, 1}, 1, 1},       {{0, 4}, 2, 1},
		{{220, 0}, 220, 1}, {{221, 0}, 221, 2}, {{0, 500}, 250, 1}, {{0, 501}, 251, 2},
		{{110, 250}, 235, 1}, {{110, 251}, 236, 2}, {{2200, 0}, 2200, 10},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(text_weight(cases[i].m), cases[i].weight);
		assert_int_equal(text_minutes(cases[i].m), cases[i].minutes);
	}
}

static const struct {
	const char *text;
	size_t limit;
	const char *out;
} SHORT[] = {
	{"", 10, ""},
	{"one two", 0, ""},
	{"one two", 7, "one two"},
	{"one two", 100, "one two"},
	{" one \n two\t", 7, "one two"},
	{"one two", 6, "one…"},
	{"one two", 4, "one…"},
	{"one two", 3, "on…"},
	{"one two", 1, "…"},
	{"one two three", 8, "one two…"},
	{"one two three", 12, "one two…"},
	{"Hello, world again", 7, "Hello…"},
	{"Hello, world again", 8, "Hello…"},
	{"One. Two three", 10, "One. Two…"},
	{"One two. Three", 10, "One two…"},
	{"a (b c)", 5, "a (b…"},
	{"a (bcd ef)", 5, "a…"},
	{"say “word here”", 7, "say…"},
	{"don't stop now", 6, "don't…"},
	{"one—two three", 6, "one…"},
	{"extraordinary", 5, "extr…"},
	{"perché così tardi", 12, "perché così…"},
	{"你好，世界。再见", 4, "你好…"},
	{"你好，世界。再见", 5, "你好，世…"},
	{"你好，世界。再见", 7, "你好，世界…"},
	{"你好，世界。再见", 8, "你好，世界。再见"},
	{"สวัสดีครับ", 6, "สวัส…"},
	{"สวัสดีครับ", 7, "สวัสดี…"},
	{"เเเเเเ", 4, "เเเ…"},
	{"e\u0301e\u0301e\u0301", 4, "e\u0301…"},
	{"a\xc2\xa0" "b c", 3, "a…"},
	{"a\xff" "b", 10, "a\xef\xbf\xbd" "b"},
	{"........ x", 4, "…"},
};

static void shortens_at_the_end_of_a_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(SHORT) / sizeof(SHORT[0]); i++) {
		struct buf out = BUF_EMPTY;
		buf_puts(&out, "> ");
		text_shorten(str_from(SHORT[i].text), SHORT[i].limit, &out);
		if (strcmp(buf_z(&out) + 2, SHORT[i].out))
			fail_msg("%s at %zu\n got  %s\n want %s", SHORT[i].text, SHORT[i].limit,
				 buf_z(&out), SHORT[i].out);
		buf_release(&out);
	}
}

static size_t characters(struct str s)
{
	size_t count = 0, n;

	for (; s.n; s = str_skip(s, n), count++)
		utf8_decode(s, &n);
	return count;
}

/* At every limit: never too long, always valid, and more room never costs more
 * than the punctuation before the ellipsis. */
static void keeps_every_limit(void **state)
{
	static const char text[] = "Le Regioni AWS: 你好，世界。 สวัสดี — “don't” (well) e\u0301\u0301, "
				   "नमस्ते… 👩\u200d💻 end.";
	size_t last = 0;

	(void)state;
	for (size_t limit = 0; limit < 100; limit++) {
		struct buf out = BUF_EMPTY;
		text_shorten(STR_LIT(text), limit, &out);
		size_t n = characters(buf_view(&out));
		assert_true(n <= limit);
		assert_true(utf8_valid(buf_view(&out)));
		assert_true(n + 1 >= last);
		last = n;
		buf_release(&out);
	}
	assert_int_equal(last, characters(STR_LIT(text)));
}

static void parse_all(struct str s)
{
	struct buf out = BUF_EMPTY, more = BUF_EMPTY;

	text_from_html(s, &out);
	text_unescape(s, &more);
	assert_true(more.n <= s.n);
	text_measure(s);
	buf_reset(&more);
	text_shorten(s, 1 + s.n / 2, &more);
	buf_release(&more);
	buf_release(&out);
}

static void never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(HTML) / sizeof(HTML[0]); i++)
		guard_prefixes(str_from(HTML[i].in), parse_all);
	for (size_t i = 0; i < sizeof(REFERENCES) / sizeof(REFERENCES[0]); i++)
		guard_prefixes(str_from(REFERENCES[i].in), parse_all);
}

static void stops_at_a_full_buffer(void **state)
{
	(void)state;
	for (size_t ceiling = 1; ceiling < 20; ceiling++) {
		struct buf out = {.ceiling = ceiling};
		text_from_html(STR_LIT("<p>one</p><pre>two  \n </pre>&eacute;<img alt=three> four"),
			       &out);
		text_shorten(STR_LIT("one two three four"), 12, &out);
		assert_true(buf_failed(&out));
		assert_true(out.n <= ceiling);
		buf_release(&out);
	}
}

static void takes_a_megabyte(void **state)
{
	(void)state;
	hostile_time("text", parse_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_text_out_of_html),
		cmocka_unit_test(appends_to_what_is_there),
		cmocka_unit_test(resolves_references),
		cmocka_unit_test(finds_names_all_over_the_table),
		cmocka_unit_test(counts_words_by_script),
		cmocka_unit_test(weighs),
		cmocka_unit_test(shortens_at_the_end_of_a_word),
		cmocka_unit_test(keeps_every_limit),
		cmocka_unit_test(never_reads_past_the_end),
		cmocka_unit_test(stops_at_a_full_buffer),
		cmocka_unit_test(takes_a_megabyte),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
