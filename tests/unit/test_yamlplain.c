/* test_yamlplain.c: whatever is read without libyaml is read as libyaml reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "resource.h"
#include "yamlplain.h"

#include <fcntl.h>
#include <unistd.h>

static const char *differs(const struct yaml_node *a, const struct yaml_node *b)
{
	const char *what = NULL;

	if (a->kind != b->kind)
		return "kind";
	if (a->quoted != b->quoted)
		return "quotes";
	if (!str_eq(a->text, b->text) || a->text.p[a->text.n])
		return "text";
	if (a->line != b->line)
		return "line";
	if (a->column != b->column)
		return "column";
	if (a->count != b->count)
		return "count";
	if (!a->key != !b->key)
		return "key";
	if (a->key)
		what = differs(a->key, b->key);
	const struct yaml_node *m = a->first, *n = b->first;
	for (; !what && m && n; m = m->next, n = n->next)
		what = differs(m, n);
	return what ? what : m || n ? "members" : NULL;
}

/* Reads a text that ends where its memory ends; says whether it was read. */
static bool agrees(const char *bytes, size_t n)
{
	static const struct yaml_source SOURCE = {.path = "f", .line = 1};
	struct arena arena;
	struct buf err = BUF_EMPTY;
	char *copy = malloc(n + !n);

	arena_init(&arena, 0);
	memcpy(copy, bytes, n);
	struct str text = {copy, n};
	const struct yaml_node *plain = yamlplain_read(&arena, text);
	if (plain) {
		const struct yaml_node *tree = yamltree_read(&arena, text, &SOURCE, &err);
		const char *what = tree ? differs(plain, tree) : buf_z(&err);
		if (what)
			fail_msg("%s\n%.*s", what, STR_ARG(text));
	}
	buf_release(&err);
	arena_release(&arena);
	free(copy);
	return plain != NULL;
}

static const char *const PLAIN[] = {
	"a: b", "a: b\n", "a:   b  \n\n\n", "# c\n\na: b\n# d\n", "  # c\na: b", "a: b\nc: d\ne-f_1: g\n_x: y",
	"a: /srv/x", "a: ./x", "a: http://127.0.0.1:8080/x#y", "a: b:c", "a: b#c", "a: 'b'", "a: 'It''s'", "a: ''''",
	"a: ''", "a: \"b 'c' # d: e\"", "a: \"\"", "a: [b]", "a: [ b , c d,e ]", "a: [è, ü ö, 日本]\nb: c",
	"a: è\nb: 日", "a:\n  b: c\n  d: e\nf: g", "a:\n\n  # c\n  b: c\n\n  d: 'e'\n",
	"a:\n  b: >-\n    c\n    d # e: 'f'\n  g: h", "a:\n  b: >-\n    c\n\n\n  g: h", "a: >-\n    b\n    c\nd: e",
	"a: >-\n    # b", "a: true\nb: 12\nc: 1.5", "a: (b)", "a: b, [c] {d}", "a: b - c", "a: b ? c",
	"a: b & c * d ! e | f > g ' h \" i % j @ k ` l", "a: no\xc2\xa0" "break", "a:\n  b: [c, d]\n",
};

static const char *const OTHERS[] = {
	"", "\n", "# c", "a", "a: \"b\\n\"", "a: \"b\"c\"", "a: 'b", "a: 'b'c'", "a: 'b' c", "a: \"b", "a: '", "a: \"",
	"a: {b: c}", "a: b: c", "a: b:", "a: b # c", "a: 'b' # c", "a: &b c", "a: *b", "a: !t b", "a: |\n  b",
	"a: >\n  b", "a: >-\n  b", "a:\n   b: c", "- a", "a: - b", "a: [b", "a: [[b]]", "a: []", "a: [b,]", "a: [b, ]",
	"a: [,]", "a: [b: c]", "a: [b]c", "a: ['b']", "a: [#b]", "a: [b #c]", "  a: b", " a: b", "a:\n  b:\n    c: d\n",
	"a: b\n  c: d\n", "a: b\n  c\n", "? a", ": a", "a: %b", "a: @b", "a: `b", "a: ~", "a:", "a:\n", "a:\nb: c",
	"a:\n  b:\n", "a:\n  - b\n", "a:\n- b\n", "'a: b", "a : b", "a:b", "\"a\": b", "<<: b", "a: b\na: c",
	"a: b\nc: d\na: e", "a:\n  b: c\n  b: d", "a: b\r\nc: d", "a:\tb", "a: b\tc", "\xef\xbb\xbf" "a: b", "a: b\x01",
	"a: b\x7f", "a: b\xc2\x85" "c: d", "a: b\xe2\x80\xa8" "c", "a: b\xff", "a: \xed\xa0\x80", "---\na: b",
	"a: b\n---\n", "a: b\n...\n", "%YAML 1.1\n---\na: b", "a:\n  b: >-\n    c \n    d", "a:\n  b: >-\n    c\n\n    d",
	"a:\n  b: >-\n    c\n     d", "a:\n  b: >-\n    c\n    \n    d", "a:\n  b: >-\n  c: d",
	"a: >-\n    b\n  # c\n    d", "a:\n  b: >-\n    c\n      \n  d: e", "a: b\n    # c\nd: e", "a:\n  b: c\n    d\n",
	"è: b", "a: -1", "a: ?", "a: -", "a: ,b", "a: ]", "a: }", "a: #b", "---a: b", "a: b\n\xef\xbb\xbf" "c: d",
};

static void plain_lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(PLAIN) / sizeof(PLAIN[0]); i++)
		if (!agrees(PLAIN[i], strlen(PLAIN[i])))
			fail_msg("%s\nwas not read", PLAIN[i]);
}

static void others_are_left_to_libyaml(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
		if (agrees(OTHERS[i], strlen(OTHERS[i])))
			fail_msg("%s\nwas read", OTHERS[i]);
	assert_false(agrees("a: b\0c", 6));
}

static void limits_are_yamltrees(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 999; i++)
		buf_printf(&text, "k%d: v\n", i);
	assert_true(agrees(text.p, text.n));
	buf_puts(&text, "x: y\n");
	assert_false(agrees(text.p, text.n));
	buf_reset(&text);
	buf_puts(&text, "a: b\n# ");
	while (text.n < YAMLTREE_BYTES)
		buf_char(&text, 'c');
	assert_true(agrees(text.p, text.n));
	buf_char(&text, 'c');
	assert_false(agrees(text.p, text.n));
	buf_release(&text);
}

static void our_own_files_are_plain(void **state)
{
	struct buf text = BUF_EMPTY;
	int fd = open("conf/cartolina.yaml", O_RDONLY);
	const char *name;

	(void)state;
	assert_true(fd >= 0 && !buf_read_fd(&text, fd));
	close(fd);
	assert_true(agrees(text.p, text.n));
	buf_release(&text);
	for (size_t i = 0; (name = resource_name(i)); i++) {
		struct str file;
		if (!strncmp(name, "locale/", 7) && (!resource_find(name, &file) || !agrees(file.p, file.n)))
			fail_msg("%s is not read", name);
	}
}

static unsigned draw(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % below;
}

/* Pieces that mean something to YAML, one after the other, or in one of the texts above. */
static void whatever_is_read_is_read_alike(void **state)
{
	static const char *const pieces[] = {
		"a", "b: ", ": ", ":", "\n", "\n  ", "\n    ", "  ", " ", "#", " # ", "'", "\"", "[", "]", ", ", ">-", "-",
		"- ", "{", "}", "&x ", "*x", "!", "|", "%", "?", "~", "è", "\xc2\xa0", "\t", "\r", "---", "...", "<<", "\\",
		"null", "c: d\n", "  e: f\n", ">-\n    g\n    h\n", "[i, j]\n", "k:\n  l: m\n", "/", "(", ".",
	};
	enum { PIECES = sizeof(pieces) / sizeof(pieces[0]), TEXTS = sizeof(PLAIN) / sizeof(PLAIN[0]), ROUNDS = 60000 };
	unsigned seed = 1, read = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct buf text = BUF_EMPTY;
		struct str base = str_from(i % 3 ? PLAIN[draw(&seed, TEXTS)] : "");
		size_t cut = draw(&seed, (unsigned)base.n + 1);
		buf_str(&text, str_head(base, cut));
		for (unsigned k = i % 3 ? 1 + draw(&seed, 2) : 1 + draw(&seed, 8); k > 0; k--)
			buf_puts(&text, pieces[draw(&seed, PIECES)]);
		buf_str(&text, str_skip(base, cut + draw(&seed, 2)));
		read += agrees(text.p, text.n);
		buf_release(&text);
	}
	assert_true(read > ROUNDS / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_are_read),
		cmocka_unit_test(others_are_left_to_libyaml),
		cmocka_unit_test(limits_are_yamltrees),
		cmocka_unit_test(our_own_files_are_plain),
		cmocka_unit_test(whatever_is_read_is_read_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
