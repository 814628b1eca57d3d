/* test_fmedit.c: front matter in every writing -> one line changed, all else byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fmedit.h"

#include <stdio.h>

static struct arena arena;
static struct buf out, err;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	value_pool(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	buf_release(&out);
	buf_release(&err);
	return 0;
}

static int open_text(const char *text, struct fmedit *file)
{
	buf_reset(&err);
	/* A copy of just its size: sanitizers see the first byte too far. */
	struct str s = str_from(text);
	char *copy = arena_alloc(&arena, s.n);
	memcpy(copy, s.p, s.n);
	return fmedit_open(&arena, "f.md", (struct str){copy, s.n}, file, &err);
}

/* The text with translatedFrom set to "new"; what is wrong with it, if it cannot be. */
static const char *edited(const char *text)
{
	struct fmedit file;

	buf_reset(&out);
	if (open_text(text, &file) ||
	    fmedit_set(&arena, &file, "translatedFrom", "new", &out, &err)) {
		assert_int_equal(out.n, 0);
		return buf_z(&err);
	}
	assert_string_equal(buf_z(&err), "");
	return buf_z(&out);
}

struct edit {
	const char *before, *after;
};

static void check_edits(const struct edit *edits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *after = edited(edits[i].before);
		if (strcmp(after, edits[i].after))
			print_message("from %s\n", edits[i].before);
		assert_string_equal(after, edits[i].after);
		/* Done again it changes nothing. */
		char *once = arena_z(&arena, str_from(after));
		assert_string_equal(edited(once), once);
	}
}
#define CHECK_EDITS(edits) check_edits(edits, sizeof(edits) / sizeof((edits)[0]))

static void test_add(void **state)
{
	static const struct edit edits[] = {
		{"---\ntitle: x\n---\nBody\n", "---\ntitle: x\ntranslatedFrom: new\n---\nBody\n"},
		{"---\ntitle: x\n---", "---\ntitle: x\ntranslatedFrom: new\n---"},
		{"---\ntitle: 'a\n  b'\ntags:\n- c\n- d\n# e\n\n---\nB",
		 "---\ntitle: 'a\n  b'\ntags:\n- c\n- d\n# e\n\n"
		 "translatedFrom: new\n---\nB"},
		{"---\nsummary: |\n  two\n\n  lines\n\n---\nB",
		 "---\nsummary: |\n  two\n\n  lines\n\ntranslatedFrom: new\n---\nB"},
		{"---\nsummary: |+\n  kept\n\n\n---\n",
		 "---\nsummary: |+\n  kept\n\n\ntranslatedFrom: new\n---\n"},
		{"---  \ntitle: x\n...\nBody\n",
		 "---  \ntitle: x\ntranslatedFrom: new\n...\nBody\n"},
		{"---\n---\nBody\n", "---\ntranslatedFrom: new\n---\nBody\n"},
		{"---\n# only this\n---\n", "---\n# only this\ntranslatedFrom: new\n---\n"},
		{"---\n  title: x\n  date: 2020-01-01\n---\n",
		 "---\n  title: x\n  date: 2020-01-01\n  translatedFrom: new\n---\n"},
		{"---\nparams:\n  translatedFrom: theirs\n---\n",
		 "---\nparams:\n  translatedFrom: theirs\ntranslatedFrom: new\n---\n"},
		{"---\nt: \"a\n---b\"\n---\n", "---\nt: \"a\n---b\"\ntranslatedFrom: new\n---\n"},
		/* No front matter. */
		{"", "---\ntranslatedFrom: new\n---\n"},
		{"Text\n", "---\ntranslatedFrom: new\n---\nText\n"},
		{"\n---\nno: front matter\n---\n",
		 "---\ntranslatedFrom: new\n---\n\n---\nno: front matter\n---\n"},
	};

	(void)state;
	CHECK_EDITS(edits);
}

static void test_line_ends_and_marks(void **state)
{
	static const struct edit edits[] = {
		{"---\r\ntitle: x\r\n---\r\nBody\r\n",
		 "---\r\ntitle: x\r\ntranslatedFrom: new\r\n---\r\nBody\r\n"},
		{"---\r\ntranslatedFrom: old\r\nb: c\r\n---\r\nA\nB\r\nC\r",
		 "---\r\ntranslatedFrom: new\r\nb: c\r\n---\r\nA\nB\r\nC\r"},
		{"---\rtitle: x\r---\rBody\r", "---\rtitle: x\rtranslatedFrom: new\r---\rBody\r"},
		{"---\ntitle: x\r\nb: 'c\r\n  d'\n---\r\n",
		 "---\ntitle: x\r\nb: 'c\r\n  d'\ntranslatedFrom: new\n---\r\n"},
		{"\xef\xbb\xbf---\ntitle: x\n---\n",
		 "\xef\xbb\xbf---\ntitle: x\ntranslatedFrom: new\n---\n"},
		{"\xef\xbb\xbf---\r\ntranslatedFrom: old\r\n---\r\n",
		 "\xef\xbb\xbf---\r\ntranslatedFrom: new\r\n---\r\n"},
		{"\xef\xbb\xbfText\n", "\xef\xbb\xbf---\ntranslatedFrom: new\n---\nText\n"},
		/* libyaml counts these as ends of lines, too. */
		{"---\na: \"x\xe2\x80\xa8 y\xc2\x85 z\"\ntranslatedFrom: old\nb: c\n---\n",
		 "---\na: \"x\xe2\x80\xa8 y\xc2\x85 z\"\ntranslatedFrom: new\nb: c\n---\n"},
		{"---\n\"caff\xc3\xa8 \xf0\x9f\x98\x80\": x\ntranslatedFrom: old\n---\n",
		 "---\n\"caff\xc3\xa8 \xf0\x9f\x98\x80\": x\ntranslatedFrom: new\n---\n"},
	};

	(void)state;
	CHECK_EDITS(edits);
}

static void test_replace(void **state)
{
	static const struct edit edits[] = {
		{"---\na: b\ntranslatedFrom: 0123456789abcdef\nc: d\n---\nB",
		 "---\na: b\ntranslatedFrom: new\nc: d\n---\nB"},
		{"---\ntranslatedFrom:   old   # by Ann\n---\n",
		 "---\ntranslatedFrom:   new   # by Ann\n---\n"},
		{"---\ntranslatedFrom: old#er\n---\n", "---\ntranslatedFrom: new\n---\n"},
		{"---\ntranslatedFrom: \"o\\\"ld\" # x\n---\n",
		 "---\ntranslatedFrom: \"new\" # x\n---\n"},
		{"---\ntranslatedFrom: 'old'\n---\n", "---\ntranslatedFrom: 'new'\n---\n"},
		{"---\ntranslatedFrom: \"o\n  ld\"\n---\n", "---\ntranslatedFrom: \"new\"\n---\n"},
		{"---\ntranslatedFrom:\nb: c\n---\n", "---\ntranslatedFrom: new\nb: c\n---\n"},
		{"---\ntranslatedFrom: \nb: c\n---\n", "---\ntranslatedFrom: new \nb: c\n---\n"},
		{"---\ntranslatedFrom: ~\n---\n", "---\ntranslatedFrom: new\n---\n"},
		{"---\ntranslatedfrom : old\n---\n", "---\ntranslatedfrom : new\n---\n"},
		{"---\n\"translatedFrom\": old\n---\n", "---\n\"translatedFrom\": new\n---\n"},
		{"---\nb: &x old\ntranslatedFrom: *x\n---\n",
		 "---\nb: &x old\ntranslatedFrom: new\n---\n"},
		{"---\ntranslatedFrom: a\nTRANSLATEDFROM: b\n---\n",
		 "---\ntranslatedFrom: a\nTRANSLATEDFROM: new\n---\n"},
		{"---\n? translatedFrom\n: old\n---\n", "---\n? translatedFrom\n: new\n---\n"},
	};

	(void)state;
	CHECK_EDITS(edits);
}

static void test_braces(void **state)
{
	static const struct edit edits[] = {
		{"{\n  \"title\": \"x\",\n  \"tags\": [\"a\"]\n}\nBody\n",
		 "{\n  \"translatedFrom\": \"new\",\n  \"title\": \"x\",\n"
		 "  \"tags\": [\"a\"]\n}\nBody\n"},
		{"{\"title\": \"x\"}\nBody\n",
		 "{\"translatedFrom\": \"new\", \"title\": \"x\"}\nBody\n"},
		{"{\r\n\t\"title\": \"x\"\r\n}\r\n",
		 "{\r\n\t\"translatedFrom\": \"new\",\r\n\t\"title\": \"x\"\r\n}\r\n"},
		{"{\"a\": \"}\", \"translatedFrom\": \"old\", \"b\": [1]}\n",
		 "{\"a\": \"}\", \"translatedFrom\": \"new\", \"b\": [1]}\n"},
		{"{\"translatedFrom\":\"old\"}\n", "{\"translatedFrom\": \"new\"}\n"},
		{"{\"translatedFrom\": 12}\n", "{\"translatedFrom\": \"new\"}\n"},
		{"---\n{title: x}\n---\n", "---\n{\"translatedFrom\": \"new\", title: x}\n---\n"},
		{"---\n{}\n---\n", "---\n{\"translatedFrom\": \"new\"}\n---\n"},
		{"---\n# c\n{ translatedFrom: old, b: c }\n---\n",
		 "---\n# c\n{ translatedFrom: \"new\", b: c }\n---\n"},
	};

	(void)state;
	CHECK_EDITS(edits);
}

/* What is refused leaves nothing, and says where. */
static void test_refused(void **state)
{
	static const struct edit edits[] = {
		{"---\ntitle: x\n",
		 "f.md:1:1: error: the front matter has no closing --- line "
		 "[frontmatter/unclosed]\n"},
		{"+++\ntitle = 1\n+++\n", "[frontmatter/toml]"},
		{"---\na: b: c\n---\n", "f.md:2:5: error: "},
		{"---\r\na: x\r\nb: c: d\r\n---\r\n", "f.md:3:5: error: "},
		{"---\ntranslatedFrom: [old]\n---\n",
		 "must be a text, not a list [frontmatter/type]"},
		{"---\n- a\n---\n", "[frontmatter/type]"},
		{"---\ntranslatedFrom: |\n  old\n---\n",
		 "f.md:1:1: error: the front matter is written in a way"},
		{"---\ntranslatedFrom: two\n  lines\n---\n",
		 "set `translatedFrom: new` by hand [frontmatter/edit]\n"},
		{"---\ntranslatedFrom: &x old\nb: *x\n---\n", "[frontmatter/edit]"},
		{"---\n? a\n: b\n---\n", "[frontmatter/edit]"},
		{"---\na: \xff\n---\n", "f.md:1:1: error: not a text in UTF-8 [post/encoding]\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *message = edited(edits[i].before);
		if (!strstr(message, edits[i].after))
			print_message("from %s: %s\n", edits[i].before, message);
		assert_non_null(strstr(message, edits[i].after));
		assert_int_equal(out.n, 0);
	}
}

static void test_nul(void **state)
{
	struct fmedit file;

	(void)state;
	assert_int_equal(fmedit_open(&arena, "f.md", STR_LIT("---\na: \0b\n---\n"), &file, &err),
			 -1);
}

/* --- members ----------------------------------------------------------------- */

/* "before|text|" of every member, then what follows them, and the body. */
static const char *members(const char *text)
{
	struct fmedit file;

	assert_int_equal(open_text(text, &file), 0);
	buf_reset(&out);
	for (size_t i = 0; i < file.count; i++)
		buf_printf(&out, "%.*s|%.*s|", STR_ARG(file.members[i].before),
			   STR_ARG(file.members[i].text));
	buf_printf(&out, "%.*s|%.*s", STR_ARG(file.after), STR_ARG(file.body));
	return buf_z(&out);
}

static void test_members(void **state)
{
	(void)state;
	assert_string_equal(
		members("---\n# one\na: 'x\n  y'\n\n# two\nb:\n- 1\n- 2\n# three\n\n---\nBody\n"),
		"# one\n|a: 'x\n  y'\n|\n# two\n|b:\n- 1\n- 2\n|# three\n\n|Body\n");
	assert_string_equal(
		members("---\r\na: |\r\n  # text\r\n\r\n  text\r\nb: c\r\n---\r\nBody\r\n"),
		"|a: |\r\n  # text\r\n\r\n  text\r\n||b: c\r\n||Body\r\n");
	assert_string_equal(members("---\n  a: b\n  # inside\n  c: d\n---\n"),
			    "|  a: b\n  # inside\n||  c: d\n||");
	assert_string_equal(members("{\"a\": [1, {\"b\": 2}] ,\n \"c\": \"x,y\" }\nBody"),
			    "|\"a\": [1, {\"b\": 2}]||\"c\": \"x,y\"||Body");
	assert_string_equal(members("---\n{a: b, c: [d,\ne], }\n---\n"), "|a: b||c: [d,\ne]||");
	assert_string_equal(members("Only a body\r\n"), "|Only a body\r\n");
	assert_string_equal(members("---\n---\n"), "|");
}

static void test_agree(void **state)
{
	static const char *const none[] = {NULL}, *const but_b[] = {"B", NULL};
	struct fmedit a, same, body, value, missing, kind;

	(void)state;
	assert_int_equal(open_text("---\na: [1, {x: y}]\nb: c\n---\nT", &a), 0);
	assert_int_equal(open_text("---\nb: c\nmore: 1\na:\n- 1\n- x: y\n---\nT", &same), 0);
	assert_int_equal(open_text("---\na: [1, {x: y}]\nb: c\n---\nU", &body), 0);
	assert_int_equal(open_text("---\na: [1, {x: y}]\nb: d\n---\nT", &value), 0);
	assert_int_equal(open_text("---\na: [1, {x: y}]\n---\nT", &missing), 0);
	assert_int_equal(open_text("---\na: [1, {z: y}]\nb: c\n---\nT", &kind), 0);
	assert_true(fmedit_agree(&a, &a, none));
	assert_true(fmedit_agree(&a, &same, none));
	assert_false(fmedit_agree(&same, &a, none));
	assert_false(fmedit_agree(&a, &body, but_b));
	assert_false(fmedit_agree(&a, &value, none));
	assert_true(fmedit_agree(&a, &value, but_b));
	assert_false(fmedit_agree(&a, &missing, none));
	assert_true(fmedit_agree(&a, &missing, but_b));
	assert_false(fmedit_agree(&a, &kind, none));
}

/* Whatever bytes come: a message, or a file that says the new word and whose
 * other bytes are all there in their order. */
static void test_noise(void **state)
{
	static const char *const pieces[] = {
		"---\n",
		"---\r\n",
		"a: b\n",
		"translatedFrom: old\n",
		"translatedFrom",
		": ",
		"\n",
		"\r",
		"\"",
		"'",
		"{",
		"}",
		"[",
		"]",
		",",
		"# c\n",
		"|\n",
		"  x\n",
		"- y\n",
		"&z ",
		"*z",
		"? ",
		"\xe2\x80\xa8",
		"...\n",
		"\xef\xbb\xbf",
		"\t",
		"\xc3\xa8",
		"b: \"c\n",
		"d\"\n",
		">-\n",
	};
	uint32_t seed = 12345;
	unsigned good = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf text = BUF_EMPTY;
		if (round % 3)
			buf_puts(&text, round % 2 ? "---\na: b\n" : "{\"a\": \"b\"");
		for (int i = 0; i < round % 11; i++) {
			seed = seed * 1664525 + 1013904223;
			buf_puts(&text,
				 pieces[(seed >> 16) % (sizeof(pieces) / sizeof(pieces[0]))]);
		}
		buf_puts(&text, round % 3 ? round % 2 ? "---\nBody\n" : "}\nBody\n" : "");
		struct fmedit file;
		if (buf_failed(&text) || open_text(buf_z(&text), &file)) {
			assert_true(err.n > 0);
		} else {
			buf_reset(&out);
			if (!fmedit_set(&arena, &file, "translatedFrom", "new", &out, &err)) {
				struct fmedit after;
				assert_int_equal(
					fmedit_open(&arena, "f.md", buf_view(&out), &after, &err),
					0);
				assert_true(str_is(after.fm.translated_from, "new"));
				assert_true(str_eq(after.body, file.body));
				good++;
			}
		}
		buf_release(&text);
		arena_reset(&arena);
		value_pool(&arena);
	}
	assert_true(good > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_add),     TEST(test_line_ends_and_marks),
		TEST(test_replace), TEST(test_braces),
		TEST(test_refused), TEST(test_nul),
		TEST(test_members), TEST(test_agree),
		TEST(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
