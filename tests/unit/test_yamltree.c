/* test_yamltree.c: YAML as a tree with positions; what is refused, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "yamltree.h"

static const struct yaml_source SOURCE = {.path = "f.md", .line = 2};

/* {key: "value", list: [a, b]}; with `places`, each value after its line:column. */
static void dump(const struct yaml_node *node, bool places, struct buf *out)
{
	const char *quote = node->quoted ? "\"" : "";

	if (places)
		buf_printf(out, "%u:%u ", node->line, node->column);
	if (node->kind == YAML_SCALAR) {
		assert_int_equal(node->text.p[node->text.n], 0);
		buf_printf(out, "%s%.*s%s", quote, STR_ARG(node->text), quote);
		return;
	}
	buf_char(out, node->kind == YAML_MAP ? '{' : '[');
	for (const struct yaml_node *n = node->first; n; n = n->next) {
		if (n != node->first)
			buf_puts(out, ", ");
		if (node->kind == YAML_MAP) {
			dump(n->key, places, out);
			buf_puts(out, ": ");
		}
		dump(n, places, out);
	}
	buf_char(out, node->kind == YAML_MAP ? '}' : ']');
}

/* The tree, or the message, as text: buf_release it. */
static struct buf result(struct str text, bool places)
{
	struct arena arena;
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;
	struct str copy = guard_copy(text);

	arena_init(&arena, 0);
	const struct yaml_node *root = yamltree_read(&arena, copy, &SOURCE, &err);
	assert_true(!root || !err.n);
	if (root)
		dump(root, places, &out);
	buf_str(&out, buf_view(&err));
	arena_release(&arena);
	guard_free(copy);
	buf_release(&err);
	return out;
}

static void check(struct str text, bool places, const char *want)
{
	struct buf got = result(text, places);

	if (strcmp(buf_z(&got), want))
		fail_msg("%.300s\n got  %.300s\n want %s", text.p, buf_z(&got), want);
	buf_release(&got);
}

static void reads_trees(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"# nothing\n", ""},
		{"a", "a"},
		{"a: 1\nb: 'x'\nc: \"y\"\nd:\n", "{a: 1, b: \"x\", c: \"y\", d: }"},
		{"a: {b: [1, {c: d}]}", "{a: {b: [1, {c: d}]}}"},
		{"a:\n- 1\n- x: 2\n  y: 3\n", "{a: [1, {x: 2, y: 3}]}"},
		{"a: one\n  two\n", "{a: one two}"},
		{"a: 'one: two\n  three'\n", "{a: \"one: two three\"}"},
		{"a: |\n  one\n   two\nb: >-\n  one\n  two\n",
		 "{a: \"one\n two\n\", b: \"one two\"}"},
		{"a: \"\\u00e8\\t\\\"\"", "{a: \"è\t\"\"}"},
		{"a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"},
		{"a: yes # but\nb: a#b\n", "{a: yes, b: a#b}"},
		{"\"a b\": 1\n? c\n: 2\n", "{\"a b\": 1, c: 2}"},
		{"a: &x 1\nb: *x\n", "{a: 1, b: 1}"},
		{"a: &x [1, {b: 2}]\nc: *x\nd: [*x]\n",
		 "{a: [1, {b: 2}], c: [1, {b: 2}], d: [[1, {b: 2}]]}"},
		{"a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"},
		{"\"<<\": {a: 1}", "{\"<<\": {a: 1}}"},
		{"---\na: 1\n...\n", "{a: 1}"},
		{"日本語: はい", "{日本語: はい}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(str_from(cases[i][0]), false, cases[i][1]);
}

/* From line 2: the block begins after the file's first "---". */
static void remembers_positions(void **state)
{
	static const char *const cases[][2] = {
		{"a: 1\n\n  # x\nb:   'x'\n", "2:1 {2:1 a: 2:4 1, 5:1 b: 5:6 \"x\"}"},
		{"a:\n  - x\n  - {y: z}\n", "2:1 {2:1 a: 3:3 [3:5 x, 4:5 {4:6 y: 4:9 z}]}"},
		{"è: é\n", "2:1 {2:1 è: 2:4 é}"},
		{"a: 1\r\nb: 2\r\n", "2:1 {2:1 a: 2:4 1, 3:1 b: 3:4 2}"},
		{"\xef\xbb\xbf" "a: 1", "2:1 {2:1 a: 2:4 1}"},
		{"a: &x 1\nb: *x", "2:1 {2:1 a: 2:4 1, 3:1 b: 3:4 1}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(str_from(cases[i][0]), true, cases[i][1]);
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		struct str text;
		const char *message;
	} cases[] = {
		{STR_LIT("title: Italy: open\n"),
		 "2:13: error: a text with \": \" in it needs quotes [yaml/colon]"},
		{STR_LIT("a: 1\ntitle: è: b"),
		 "3:9: error: a text with \": \" in it needs quotes [yaml/colon]"},
		{STR_LIT("a: !!str x"), "2:4: error: tags (!…) are not supported [yaml/tag]"},
		{STR_LIT("a: ! x"), "2:4: error: tags (!…) are not supported [yaml/tag]"},
		{STR_LIT("a: !!map {b: 1}"), "2:4: error: tags (!…) are not supported [yaml/tag]"},
		{STR_LIT("!x [1]"), "2:1: error: tags (!…) are not supported [yaml/tag]"},
		{STR_LIT("a: 1\n---\nb: 2"), "3:1: error: a second document [yaml/document]"},
		{STR_LIT("a: 1\nb: 2\n'a': 3"),
		 "4:1: error: this key stands here twice [yaml/duplicate-key]"},
		{STR_LIT("[a]: 1"), "2:1: error: a key must be a plain text [yaml/key]"},
		{STR_LIT("a: 1\n? {b: c}\n: 2"),
		 "3:3: error: a key must be a plain text [yaml/key]"},
		{STR_LIT("a: &x 1\n*x : 2"), "3:1: error: a key must be a plain text [yaml/key]"},
		{STR_LIT("a: {b: 1}\n<<: {c: 1}"),
		 "3:1: error: merge keys (<<) are not supported [yaml/key]"},
		{STR_LIT("a: *x"),
		 "2:4: error: an alias to nothing that was named before it [yaml/alias]"},
		{STR_LIT("a: &x [*x]"),
		 "2:8: error: an alias to nothing that was named before it [yaml/alias]"},
		{STR_LIT("\xff\xfe" "a\0:\0"), "2:1: error: not UTF-8 [yaml/encoding]"},
		{STR_LIT("a\0:\0 \0b\0"),
		 "2:2: error: control characters are not allowed [yaml/control]"},
		{STR_LIT("a: 1\nb: caf\xe9\n"), "3:7: error: not UTF-8 [yaml/encoding]"},
		{STR_LIT("è: caf\xe9\n"), "2:7: error: not UTF-8 [yaml/encoding]"},
		{STR_LIT("a: \xed\xa0\x80"), "2:4: error: not UTF-8 [yaml/encoding]"},
		{STR_LIT("a: 1\r\nb: è\x01"),
		 "3:5: error: control characters are not allowed [yaml/control]"},
		{STR_LIT("a: x\nb: \"a\\0b\""),
		 "3:4: error: control characters are not allowed [yaml/control]"},
		{STR_LIT("a: \"\\e[31m\""),
		 "2:4: error: control characters are not allowed [yaml/control]"},
		{STR_LIT("\"a\\x07\": 1"),
		 "2:1: error: control characters are not allowed [yaml/control]"},
		{STR_LIT("a: 'open\nb: 1\n"),
		 "4:1: error: found unexpected end of stream [yaml/syntax]"},
		{STR_LIT("a: [1, 2\nb: 3"),
		 "3:2: error: did not find expected ',' or ']' [yaml/syntax]"},
		{STR_LIT("a:\n\t- b"),
		 "3:1: error: found character that cannot start any token [yaml/syntax]"},
		{STR_LIT("a: @b"),
		 "2:4: error: found character that cannot start any token [yaml/syntax]"},
		{STR_LIT("a: \"\\q\""), "2:5: error: found unknown escape character [yaml/syntax]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf want = BUF_EMPTY;
		buf_printf(&want, "f.md:%s\n", cases[i].message);
		check(cases[i].text, false, buf_z(&want));
		buf_release(&want);
	}
}

static void repeat(struct buf *out, const char *before, const char *unit, size_t times,
		   const char *after)
{
	buf_puts(out, before);
	for (size_t i = 0; i < times; i++)
		buf_puts(out, unit);
	buf_puts(out, after);
}

/* At the limit all is well; one more is refused by the rule. */
static void keeps_the_limits(void **state)
{
	static const struct {
		const char *before, *unit, *after;
		size_t fine;
		const char *rule;
	} cases[] = {
		{"", "[", "", YAMLTREE_DEPTH, "[yaml/limit]"},
		{"", "- ", "x", YAMLTREE_DEPTH, "[yaml/limit]"},
		{"", "{a: ", "", YAMLTREE_DEPTH, "[yaml/limit]"},
		{"[", "a,", "]", YAMLTREE_NODES - 1, "[yaml/limit]"},
		{"a: &x 1\nb: [", "*x,", "]", YAMLTREE_NODES - 5, "[yaml/limit]"},
		{"a: ", "x", "", YAMLTREE_BYTES - 3, "[yaml/limit]"},
		{"# ", "x", "\n[", YAMLTREE_BYTES - 4, "[yaml/limit]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int more = 0; more < 2; more++) {
			struct buf text = BUF_EMPTY;
			size_t times = cases[i].fine + (size_t)more;
			repeat(&text, cases[i].before, cases[i].unit, times, cases[i].after);
			struct buf got = result(buf_view(&text), false);
			bool refused = str_find(buf_view(&got), cases[i].rule) < got.n;
			if (refused != (more > 0))
				fail_msg("%zu of %s: %.100s", times, cases[i].unit, buf_z(&got));
			buf_release(&text);
			buf_release(&got);
		}
	}
}

/* What an alias stands for counts: values, depth and text. */
static void aliases_cannot_multiply(void **state)
{
	struct buf laughs = BUF_EMPTY, deep = BUF_EMPTY, text = BUF_EMPTY;

	(void)state;
	buf_puts(&laughs, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++) {
		buf_printf(&laughs, "a%d: &a%d [", i, i);
		for (int k = 0; k < 9; k++)
			buf_printf(&laughs, "*a%d, ", i - 1);
		buf_puts(&laughs, "]\n");
	}
	check(buf_view(&laughs), false,
		"f.md:5:15: error: aliases stand for too much [yaml/alias]\n");

	buf_puts(&deep, "a: &a [[[[[[x]]]]]]\nb: [*a]\nc: [[*a]]\n");
	check(buf_view(&deep), false, "f.md:4:6: error: aliases stand for too much [yaml/alias]\n");

	repeat(&text, "a: &a ", "long ", 5000, "\nb: [*a, *a, *a]\n");
	check(buf_view(&text), false,
		"f.md:3:13: error: aliases stand for too much [yaml/alias]\n");
	buf_release(&laughs);
	buf_release(&deep);
	buf_release(&text);
}

static void read_only(struct str text)
{
	struct buf got = result(text, false);

	buf_release(&got);
}

/* libyaml is quadratic on some of these; the limits end it early. */
static void is_not_slow_on_hostile_texts(void **state)
{
	static const char *const units[] = {"[", "{", "- ", "? ", "a: ", "'", "\"", "*a ", "&a ",
		"!a ", "\n", "#",
					    "[]", "{}", ",", "\t", "a\n", "? a\n", "a: \n", "- a\n",
					    "%", "|\n", "\\"};

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct str text = hostile_repeat(units[i], YAMLTREE_BYTES);
		double seconds = hostile_seconds(text, read_only);
		if (seconds > 1)
			fail_msg("64 kB of '%s' took %.1f s", units[i], seconds);
		free((char *)text.p);
	}
}

static void finds_members_and_nulls(void **state)
{
	struct arena arena;
	struct buf err = BUF_EMPTY;
	static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

	(void)state;
	arena_init(&arena, 0);
	const struct yaml_node *map = yamltree_read(
		&arena, STR_LIT("a:\nb: ~\nc: NULL\nd: ''\ne: 'null'\nf: []\ng: nil\nh: |\n"),
			&SOURCE, &err);
	for (int i = 0; i < 8; i++)
		assert_int_equal(yamltree_is_null(yamltree_get(map, keys[i])), i < 3);
	assert_null(yamltree_get(map, "A"));
	assert_null(yamltree_get(map, ""));
	assert_null(yamltree_get(NULL, "a"));
	assert_null(yamltree_get(yamltree_get(map, "f"), "a"));
	arena_release(&arena);
	buf_release(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_trees),
		cmocka_unit_test(remembers_positions),
		cmocka_unit_test(refuses_with_the_place),
		cmocka_unit_test(keeps_the_limits),
		cmocka_unit_test(aliases_cannot_multiply),
		cmocka_unit_test(is_not_slow_on_hostile_texts),
		cmocka_unit_test(finds_members_and_nulls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
