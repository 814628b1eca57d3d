/* test_check_source.c: Markdown -> what stands where in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "../lib/testarena.h"
#include "buf.h"
#include "check_source.h"

/* One line for each thing, by kind: "L3:/x" is a link that begins at 3, "I" an
 * image, "?" a reference and "^" a note without definition, "<" a tag, "D" a
 * divider and "C" one in code, with "!" when it is alone on its line. */
static struct str listed(struct str source, bool definitions)
{
	struct check_source s;
	struct buf out = BUF_EMPTY;

	check_source_read(&arena, source, definitions, &s);
	assert_int_equal(s.n, source.n);
	for (size_t i = 0; i < s.links.count; i++)
		buf_printf(&out, "%s%zu:%.*s@%zu%s ", s.links.at[i].image ? "I" : "L", s.links.at[i].at,
			   STR_ARG(s.links.at[i].url), s.links.at[i].target, s.links.at[i].no_alt ? "-" : "");
	for (size_t i = 0; i < s.links_dangling.count; i++)
		buf_printf(&out, "?%zu:%.*s ", s.links_dangling.at[i].at, STR_ARG(s.links_dangling.at[i].label));
	for (size_t i = 0; i < s.notes_dangling.count; i++)
		buf_printf(&out, "^%zu:%.*s ", s.notes_dangling.at[i].at, STR_ARG(s.notes_dangling.at[i].label));
	for (size_t i = 0; i < s.tags.count; i++)
		buf_printf(&out, "<%zu:%s%.*s ", s.tags.at[i].at, s.tags.at[i].token.kind == HTML_CLOSE ? "/" : "",
			   STR_ARG(s.tags.at[i].token.name));
	for (size_t i = 0; i < s.dividers.count; i++)
		buf_printf(&out, "%s%zu%s ", s.dividers.at[i].in_code ? "C" : "D", s.dividers.at[i].at,
			   s.dividers.at[i].alone ? "!" : "");
	check_source_release(&s);
	struct str list = arena_str(&arena, str_trim(buf_view(&out)));
	buf_release(&out);
	return list;
}

static void finds_everything(void **state)
{
	static const struct {
		const char *source, *expected;
	} cases[] = {
		{"", ""},
		{"[a](/x)", "L0:/x@4"},
		{"[a](</x y> 'title')", "L0:/x y@5"},
		{"[a](/x\\)y&amp;z)", "L0:/x)y&z@4"},
		{"![](/x) ![b](/y)", "I0:/x@4- I8:/y@13"},
		{"[![](/i)](/x)", "I1:/i@5- L0:/x@10"},
		{"[a]()", "L0:@4"},
		{"[a] (b) [c](d e)", ""},
		{"[`]`](/x)", "L0:/x@6"},
		{"[a](/x \"t)", ""},
		{"\\[a](/x) [b\\](/y)", ""},
		{"<https://e.org/[a](/x)> <a href=\"/y\">", "L24:/y@33 <24:a"},
		{"<!-- [a](/x) --> [b](/y)", ""},
		{"a <!-- [a](/x) --> [b](/y)", "L19:/y@23"},
		/* references */
		{"[a][r] [r][] [r]\n\n[r]: /x", "L0:/x@23 L7:/x@23 L13:/x@23"},
		{"[r]\n\n[r]:\n/x 'title'\n[s]: /y\n\n[s]", "L0:/x@10 L30:/y@26"},
		{"[a][r] [bbb][] [c] [d][]e", "?0:r ?7:bbb ?19:d"},
		{"[^a] [^b][c] b[^c]\n\n[^a]: x", "^5:^b ^14:^c"},
		{"[^a]: x\n\n    [b](/y) [^a]\n", "L13:/y@17"},
		/* containers */
		{"> [a](/x)\n> b [c](\n> /y)", "L2:/x@6 L14:/y@21"},
		{"> a\n[b](/x)", "L4:/x@8"},
		{"- [a](/x)\n\n  [b](/y)\n\n      [c](/z)\n", "L2:/x@6 L13:/y@17"},
		{"1. > - [a](/x)", "L7:/x@11"},
		{"-\t[a](/x)\n\n\t[b](/y)", "L2:/x@6 L12:/y@16"},
		{"a\n: [b](/x)\n\n  [c](/y)", "L4:/x@8 L15:/y@19"},
		{"# [a](/x) #\n[b](/y)\n---\n[c](/z)\n===\n", "L2:/x@6 L12:/y@16 L24:/z@28"},
		{"| `a | [b](/x) |\n|---|---|\n| ` | [c](/y) |", "L7:/x@11 L33:/y@37"},
		/* code */
		{"`[a](/x)` ``[a]`(/x)`` `[b](/y)", "L24:/y@28"},
		{"```\n[a](/x)\n```\n[b](/y)", "L16:/y@20"},
		{"~~~ x\n[a](/x)", ""},
		{"> ```\n> [a](/x)\n[b](/y)", "L16:/y@20"},
		{"    [a](/x)\n\n    [b](/y)\n[c](/z)", "L25:/z@29"},
		{"a\n    [b](/x)", "L6:/x@10"},
		/* HTML */
		{"<div>\n[a](/x) <img src='/i'>\n\n[b](/y)</div>", "I14:/i@24- L30:/y@34 <0:div <14:img <37:/div"},
		{"<p>\n<pre><a href=/x></pre>\n</p>\n", "L9:/x@17 <0:p <4:pre <9:a <20:/pre <27:/p"},
		{"a <b>c</b> <i\n title='>'>", "<2:b <6:/b <11:i"},
		{"<script>\n'<b>'\n\n</script>", "<0:script <16:/script"},
		{"<svg><path/></svg>", "<0:svg <5:path <12:/svg"},
		{"a < b <3 <c", ""},
		/* dividers */
		{"a\n\n<!--more-->\n\n> <!-- MORE x -->\n\nb <!--more--> c\n", "D3! D18! D37"},
		{"`<!--more-->` a\n\n    <!--more-->\n\n```\n <!--more-->\n```\n", "C21! C39! C1"},
		{"<!--moreover--> <!-- <!--more--> -->", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str source = guard_copy(str_from(cases[i].source));
		struct str got = listed(source, true);
		if (!str_is(got, cases[i].expected))
			fail_msg("%s\nexpected %s\nfound    %.*s", cases[i].source, cases[i].expected, STR_ARG(got));
		guard_free(source);
	}
}

/* Everything else stands where it stood. */
static void writes_over_code_only(void **state)
{
	static const char *const cases[][2] = {
		{"a `b` c", "a     c"},
		{"> - `è`\n>\n>   ```\n>   x\n>   ```\n", "        \n \n       \n     \n       \n"},
		{"<pre>a</pre>b", "<pre> </pre>b"},
		{"[^n]: a\n", "      a\n"},
		{"1. a\n2. b", "   a\n   b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct check_source s;
		check_source_read(&arena, str_from(cases[i][0]), true, &s);
		assert_string_equal(s.text, cases[i][1]);
		check_source_release(&s);
	}
}

/* As many of a thing as fit into 300 kB: linear, or this does not end. */
static void survives_much(void **state)
{
	static const char *const parts[] = {"[", "]", "![", "`", "<", "<!--", "<a b=\"", "[a](", "[a]('", "[a][", "> ",
					    "- ", "`<!--more-->` ", "``` ", "<b>", "</b>", "\\", "|a|\n|-|\n", "[a]: b\n",
					    "[^a]: b\n", "[^a] ", "<pre>", "&#", "\t", "1. ", ": a\n", "[a][b] "};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct buf text = BUF_EMPTY;
		while (text.n < 300000)
			buf_puts(&text, parts[i]);
		struct arena own;
		struct check_source s;
		arena_init(&own, 0);
		check_source_read(&own, buf_view(&text), true, &s);
		assert_int_equal(strlen(s.text), text.n);
		check_source_release(&s);
		arena_release(&own);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_everything),
		cmocka_unit_test(writes_over_code_only),
		cmocka_unit_test(survives_much),
	};

	return cmocka_run_group_tests(tests, testarena_set_up, testarena_tear_down);
}
