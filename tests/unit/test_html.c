/* test_html.c: where tags, comments and raw text begin and end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "buf.h"
#include "html.h"

/* Tokens as "T(text) O(name|attributes) …"; "/" after self-closing, "~" after
 * unfinished ones. */
static void describe(struct str html, struct buf *out)
{
	static const char letters[] = "TROC!";
	struct html_reader reader;
	struct html_token t;

	html_start(&reader, html);
	while (html_next(&reader, &t)) {
		bool tag = t.kind == HTML_OPEN || t.kind == HTML_CLOSE;
		if (out->n)
			buf_char(out, ' ');
		buf_char(out, letters[t.kind]);
		buf_char(out, '(');
		buf_str(out, tag ? t.name : t.bytes);
		if (tag && t.attributes.n) {
			buf_char(out, '|');
			buf_str(out, t.attributes);
		}
		buf_char(out, ')');
		if (t.self_closing)
			buf_char(out, '/');
		if (t.unfinished)
			buf_char(out, '~');
	}
}

static const struct {
	const char *html, *tokens;
} TOKENS[] = {
	{"", ""},
	{"plain", "T(plain)"},
	{"a<b>c</b>d", "T(a) O(b) T(c) C(b) T(d)"},
	{"<P CLASS=x>y</P >", "O(P| CLASS=x) T(y) C(P| )"},
	{"1 < 2 > 0 & <", "T(1 < 2 > 0 & <)"},
	{"a<<b>", "T(a<) O(b)"},
	{"</", "T(</)"},
	{"</>x", "!(</>) T(x)"},
	{"</3>", "!(</3>)"},
	{"<3 you", "T(<3 you)"},
	{"<br/><br /><br / >", "O(br)/ O(br| )/ O(br| / )"},
	{"<a href=/x/>y", "O(a| href=/x/) T(y)"},
	{"<a href=x/ >y", "O(a| href=x/ ) T(y)"},
	{"<a href='x'/>", "O(a| href='x')/"},
	{"<a title=\"1 > 0\">x", "O(a| title=\"1 > 0\") T(x)"},
	{"<a title = '>'>x", "O(a| title = '>') T(x)"},
	{"<a b=c=\"d>e", "O(a| b=c=\"d) T(e)"},
	{"<a =\"b>c", "O(a| =\"b) T(c)"},
	{"<a b\"c>d", "O(a| b\"c) T(d)"},
	{"<a b=>c", "O(a| b=) T(c)"},
	{"<a\nb\n>c", "O(a|\nb\n) T(c)"},
	{"<a b=\"c", "O(a| b=\"c)~"},
	{"<a", "O(a)~"},
	{"</a", "C(a)~"},
	{"</a b='>'>c", "C(a| b='>') T(c)"},
	{"<!-- a -- b --!>c", "!(<!-- a -- b --!>) T(c)"},
	{"<!-->a<!--->b<!---->c", "!(<!-->) T(a) !(<!--->) T(b) !(<!---->) T(c)"},
	{"<!----->x", "!(<!----->) T(x)"},
	{"<!--a-->b<!--c", "!(<!--a-->) T(b) !(<!--c)~"},
	{"<!DOCTYPE html>a", "!(<!DOCTYPE html>) T(a)"},
	{"<?php a ?>b", "!(<?php a ?>) T(b)"},
	{"<![CDATA[a]]>b", "!(<![CDATA[a]]>) T(b)"},
	{"<script>a<b>\"</p></script >c", "O(script) R(a<b>\"</p>) C(script| ) T(c)"},
	{"<SCRIPT></Script>", "O(SCRIPT) C(Script)"},
	{"<style>a</styles></style>", "O(style) R(a</styles>) C(style)"},
	{"<title>a</titl", "O(title) R(a</titl)"},
	{"<title>a</title", "O(title) R(a</title)"},
	{"<title/>a</title>", "O(title)/ R(a) C(title)"},
	{"<textarea><b></textarea>", "O(textarea) R(<b>) C(textarea)"},
	{"<svg><title/><path d=''/></svg><title>a",
	 "O(svg) O(title)/ O(path| d='')/ C(svg) O(title) R(a)"},
	{"\xc3\xa9<\xc3\xa9>", "T(\xc3\xa9<\xc3\xa9>)"},
};

static void splits_into_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TOKENS) / sizeof(TOKENS[0]); i++) {
		struct buf out = BUF_EMPTY;
		describe(str_from(TOKENS[i].html), &out);
		if (strcmp(buf_z(&out), TOKENS[i].tokens))
			fail_msg("%s\n got  %s\n want %s", TOKENS[i].html, buf_z(&out),
				 TOKENS[i].tokens);
		buf_release(&out);
	}
}

static void reads_attributes(void **state)
{
	static const struct {
		const char *tag, *attributes;
	} cases[] = {
		{"<a>", ""},
		{"<a b>", "b[]"},
		{"<a b=c d='e' f=\"g\">", "b[c] d[e] f[g]"},
		{"<a b = c>", "b[c]"},
		{"<a b=\"c\"d=e>", "b[c] d[e]"},
		{"<a b=/c/d/>", "b[/c/d/]"},
		{"<a/b/c=d>", "b[] c[d]"},
		{"<a b='&quot;>'>", "b[&quot;>]"},
		{"<a b=>", "b[]"},
		{"<a b= c>", "b[c]"},
		{"<a b='' c>", "b[] c[]"},
		{"<a b\t=\n'c'\rd>", "b[c] d[]"},
		{"<a =b=c>", "=b[c]"},
		{"<a b='c", "b[c]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct html_reader reader;
		struct html_token token;
		struct html_attribute a;
		struct buf out = BUF_EMPTY;
		html_start(&reader, str_from(cases[i].tag));
		assert_true(html_next(&reader, &token));
		struct str rest = token.attributes;
		while (html_attribute_next(&rest, &a))
			buf_printf(&out, "%s%.*s[%.*s]", out.n ? " " : "", STR_ARG(a.name),
				   STR_ARG(a.value));
		if (strcmp(buf_z(&out), cases[i].attributes))
			fail_msg("%s: %s", cases[i].tag, buf_z(&out));
		buf_release(&out);
	}
}

static void finds_the_first_of_two_attributes(void **state)
{
	struct html_reader reader;
	struct html_token token;
	struct str value;

	(void)state;
	html_start(&reader, str_from("<a ID=one id=two title></a id=x>"));
	assert_true(html_next(&reader, &token));
	assert_true(html_attribute_find(&token, "id", &value));
	assert_true(str_is(value, "one"));
	assert_true(html_attribute_find(&token, "title", &value));
	assert_int_equal(value.n, 0);
	assert_false(html_attribute_find(&token, "tit", &value));
	assert_true(html_is(&token, "A"));
	assert_true(html_next(&reader, &token));
	assert_false(html_attribute_find(&token, "id", &value));
}

static void knows_elements(void **state)
{
	(void)state;
	assert_true(html_is_void(str_from("BR")));
	assert_false(html_is_void(str_from("b")));
	assert_true(html_is_block(str_from("Li")));
	assert_false(html_is_block(str_from("span")));
	static const char *const known[] = {"a", "DIV", "br", "code", "input", "rt", "svg", "my-own", NULL};
	for (size_t i = 0; known[i]; i++)
		assert_true(html_is_known(str_from(known[i])));
	assert_false(html_is_known(str_from("T")) || html_is_known(str_from("name")) || html_is_known(STR_LIT("")));
	assert_true(html_is_verbatim(str_from("code")));
	assert_false(html_is_verbatim(str_from("codes")));
	assert_false(html_is_void(STR_LIT("")));
}

/* Tokens, joined, are the document; slices stay inside it. */
static void rejoin(struct str html)
{
	struct html_reader reader;
	struct html_token t;
	struct html_attribute a;
	const char *at = html.p, *end = html.p + html.n;

	html_start(&reader, html);
	while (html_next(&reader, &t)) {
		assert_ptr_equal(t.bytes.p, at);
		assert_true(t.bytes.n > 0 && t.bytes.n <= (size_t)(end - at));
		at += t.bytes.n;
		struct str rest = t.attributes;
		while (html_attribute_next(&rest, &a))
			assert_true(a.name.n && a.bytes.p >= t.bytes.p &&
				    a.bytes.p + a.bytes.n <= at);
	}
	assert_ptr_equal(at, end);
}

static void joins_to_the_input_and_never_reads_past_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TOKENS) / sizeof(TOKENS[0]); i++)
		guard_prefixes(str_from(TOKENS[i].html), rejoin);
	for (int i = 0; i < HOSTILE_COUNT; i++) {
		struct str s = hostile_repeat(HOSTILE[i], 60);
		guard_prefixes(s, rejoin);
		free((char *)s.p);
	}
}

static void takes_a_megabyte(void **state)
{
	(void)state;
	hostile_time("html", rejoin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_into_tokens),
		cmocka_unit_test(reads_attributes),
		cmocka_unit_test(finds_the_first_of_two_attributes),
		cmocka_unit_test(knows_elements),
		cmocka_unit_test(joins_to_the_input_and_never_reads_past_it),
		cmocka_unit_test(takes_a_megabyte),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
