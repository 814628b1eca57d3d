/* test_frontmatter.c: the leading YAML of a post: fields, body, mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "date.h"
#include "frontmatter.h"

static struct {
	struct arena arena;
	struct frontmatter fm;
	struct buf err, dump;
} t;

static int begin(void **state)
{
	(void)state;
	arena_init(&t.arena, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&t.arena);
	buf_release(&t.err);
	buf_release(&t.dump);
	return 0;
}

static int read_post(struct str text)
{
	arena_reset(&t.arena);
	value_pool(&t.arena);
	buf_reset(&t.err);
	return frontmatter_read(&t.arena, "p.md", text, &t.fm, &t.err);
}

/* YAML lines between fences. */
static int read_yaml(const char *yaml)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text, "---\n%s\n---\nBody\n", yaml);
	arena_reset(&t.arena);
	value_pool(&t.arena);
	struct str copy = arena_str(&t.arena, buf_view(&text));
	buf_release(&text);
	buf_reset(&t.err);
	return frontmatter_read(&t.arena, "p.md", copy, &t.fm, &t.err);
}

static void read_well(const char *yaml)
{
	if (read_yaml(yaml) || t.err.n)
		fail_msg("%s\n%s", yaml, buf_z(&t.err));
}

static void check_text(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got [%.*s], want [%s]", STR_ARG(got), want);
}

static const char *json(const struct value *v)
{
	buf_reset(&t.dump);
	value_write(v, false, &t.dump);
	return buf_z(&t.dump);
}

static const char *iso(int64_t seconds)
{
	static char out[DATE_ISO_SIZE];

	date_format_iso(seconds, out);
	return seconds == TIME_ABSENT ? "absent" : out;
}

/* As exporters write it: dates and booleans in quotes, a title in single
 * quotes that goes on in the next line, with a colon and an apostrophe. */
static void reads_what_exporters_write(void **state)
{
	(void)state;
	read_well("date: \"2019-11-05T00:00:00Z\"\n"
		  "title: 'L''autunno a Torino: foglie e\n  tram'\n"
		  "twittercard: Two words about trams\n"
		  "twitterimage: /images/tram.jpg\n"
		  "twitterlargeimage: \"true\"\n"
		  "useexcerpt: \"false\"\n");
	assert_string_equal(iso(t.fm.date), "2019-11-05T00:00:00Z");
	check_text(t.fm.title, "L'autunno a Torino: foglie e tram");
	check_text(t.fm.twitter_card, "Two words about trams");
	check_text(t.fm.twitter_image, "/images/tram.jpg");
	assert_int_equal(t.fm.twitter_large_image, TRISTATE_TRUE);
	assert_int_equal(t.fm.use_excerpt, TRISTATE_FALSE);
	assert_int_equal(t.fm.draft, TRISTATE_ABSENT);
	assert_string_equal(json(t.fm.params), "{}");
	check_text(t.fm.body, "Body\n");
}

static void reads_every_text(void **state)
{
	(void)state;
	read_well("Title: 42\nSLUG: a-b\nurl: /x\nlang: it\ntranslationKey: k\ndescription: \" d \"\n"
		  "summary: |\n  Two\n\n  lines\nseries: s\nlayout: l\nrobots: noindex\nmarkdown: commonmark\n");
	check_text(t.fm.title, "42");
	check_text(t.fm.slug, "a-b");
	check_text(t.fm.url, "/x");
	check_text(t.fm.lang, "it");
	check_text(t.fm.translation_key, "k");
	check_text(t.fm.description, "d");
	check_text(t.fm.summary, "Two\n\nlines");
	check_text(t.fm.series, "s");
	check_text(t.fm.layout, "l");
	check_text(t.fm.robots, "noindex");
	check_text(t.fm.markdown, "commonmark");
	read_well("series: [one, two]\ntitle: 'null'\nslug: no\ndescription: 2020-01-01");
	check_text(t.fm.series, "one");
	check_text(t.fm.title, "null");
	check_text(t.fm.slug, "no");
	check_text(t.fm.description, "2020-01-01");
}

static void coerces_by_field(void **state)
{
	static const struct {
		const char *value;
		int flag; /* 2: refused */
	} flags[] = {
		{"true", 1}, {"'true'", 1}, {"True", 1}, {"YES", 1}, {"on", 1}, {"1", 1},
		 {"\" yes \"", 1},
		{"false", 0}, {"\"false\"", 0}, {"no", 0}, {"Off", 0}, {"0", 0},
		{"", -1}, {"null", -1}, {"~", -1}, {"''", -1},
		{"maybe", 2}, {"2", 2}, {"[true]", 2}, {"'~'", 2}, {"truely", 2},
	};
	static const struct {
		const char *value;
		int64_t number; /* INT64_MIN: refused */
	} numbers[] = {
		{"7", 7}, {"'7'", 7}, {"-3", -3}, {"+3", 3}, {"\" 8 \"", 8}, {"007", 7},
		 {"2147483647", INT32_MAX},
		{"", 0}, {"~", 0}, {"''", 0},
		{"1.5", INT64_MIN}, {"1e3", INT64_MIN}, {"0x10", INT64_MIN}, {"ten", INT64_MIN},
		 {"-", INT64_MIN},
		{"[1]", INT64_MIN}, {"2147483648", INT64_MIN}, {"99999999999999999999", INT64_MIN},
		 {"- 3", INT64_MIN},
	};
	char yaml[100];

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(yaml, sizeof(yaml), "draft: %s", flags[i].value);
		int result = read_yaml(yaml);
		if (result != (flags[i].flag == 2 ? -1 : 0) ||
		    (!result && (int)t.fm.draft != flags[i].flag))
			fail_msg("%s: %d %s", yaml, t.fm.draft, buf_z(&t.err));
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(yaml, sizeof(yaml), "weight: %s", numbers[i].value);
		int result = read_yaml(yaml);
		if (result != (numbers[i].number == INT64_MIN ? -1 : 0) ||
		    (!result && t.fm.weight != numbers[i].number))
			fail_msg("%s: %lld %s", yaml, (long long)t.fm.weight, buf_z(&t.err));
	}
}

static void reads_dates(void **state)
{
	static const char *const cases[][2] = {
		{"2020-04-28", "2020-04-28T00:00:00Z"},
		{"'2020-04-28'", "2020-04-28T00:00:00Z"},
		{"\" 2020-04-28 \"", "2020-04-28T00:00:00Z"},
		{"2020-04-28T10:30:00+02:00", "2020-04-28T08:30:00Z"},
		{"2020-04-28 10:30:00 +0200", "2020-04-28T08:30:00Z"},
		{"", "absent"},
		{"null", "absent"},
		{"~", "absent"},
		{"''", "absent"},
		{"'null'", NULL},
		{"2020-02-30", NULL},
		{"28/04/2020", NULL},
		{"yesterday", NULL},
		{"[2020-04-28]", NULL},
	};
	char yaml[100];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(yaml, sizeof(yaml), "publishDate: %s", cases[i][0]);
		if (read_yaml(yaml) != (cases[i][1] ? 0 : -1))
			fail_msg("%s: %s", yaml, buf_z(&t.err));
		if (cases[i][1])
			assert_string_equal(iso(t.fm.publish), cases[i][1]);
	}
	read_well("date: 2020-01-01\nlastmod: 2020-01-02\npublishdate: 2020-01-03\nexpiryDate: 2020-01-04");
	assert_string_equal(iso(t.fm.date), "2020-01-01T00:00:00Z");
	assert_string_equal(iso(t.fm.lastmod), "2020-01-02T00:00:00Z");
	assert_string_equal(iso(t.fm.publish), "2020-01-03T00:00:00Z");
	assert_string_equal(iso(t.fm.expiry), "2020-01-04T00:00:00Z");
}

static void reads_lists(void **state)
{
	(void)state;
	read_well("tags: [a, 'b c', 3, '', ~, \" d \"]\ncategories: One\nauthors:\n- Anna\n- {name: Bo, url: /b}\n"
		  "author: {name: Cy}\nimages: [/a.jpg]\nimage: /b.jpg\naliases:\n- /old\n- /older/\n");
	assert_string_equal(json(t.fm.tags), "[\"a\",\"b c\",\"3\",\"d\"]");
	assert_string_equal(json(t.fm.categories), "[\"One\"]");
	assert_string_equal(json(t.fm.authors), "[\"Anna\",\"Bo\",\"Cy\"]");
	assert_string_equal(json(t.fm.images), "[\"/a.jpg\",\"/b.jpg\"]");
	assert_string_equal(json(t.fm.aliases), "[\"/old\",\"/older/\"]");
	read_well("tags:\ncategories: []\nauthors: ~\n");
	assert_string_equal(json(t.fm.tags), "[]");
	assert_string_equal(json(t.fm.authors), "[]");
}

static void keeps_unknown_keys(void **state)
{
	static const char *const cases[][2] = {
		{"Colour: red\nn: 3\nx: -0.5\ny: .5\nz: 1e3\np: +4\nyes: yes",
		 "{\"Colour\":\"red\",\"n\":3,\"x\":-0.5,"
		 "\"y\":0.5,\"z\":1000.0,\"p\":4,\"yes\":\"yes\"}"},
		{"a: true\nb: FALSE\nc: 'true'\nd: ~\ne:\nf: ''",
		 "{\"a\":true,\"b\":false,\"c\":\"true\",\"d\":null,"
		 "\"e\":null,\"f\":\"\"}"},
		{"phone: 0115551234\nneg: -012\nzip: '10100'\nv: 1.2.3\nd: 2020-01-01\nt: 10:30\ndot: .\nminus: '-'",
		 "{\"phone\":\"0115551234\",\"neg\":\"-012\",\"zip\":\"10100\",\"v\":\"1.2.3\",\"d\":\"2020-01-01\","
		 "\"t\":\"10:30\",\"dot\":\".\",\"minus\":\"-\"}"},
		{"a: 1e999\nb: [1, -1e999, 2]\nc: nan\nd: 0x1f\ne: 123456789012345678901\nf: 9007199254740993",
		 "{\"a\":\"1e999\",\"b\":[1,\"-1e999\",2],\"c\":\"nan\",\"d\":\"0x1f\",\"e\":\"123456789012345678901\","
		 "\"f\":9007199254740993}"},
		{"params: {a: 1, b: {c: [x, {d: y}]}}\ne: 2",
		 "{\"a\":1,\"b\":{\"c\":[\"x\",{\"d\":\"y\"}]},\"e\":2}"},
		{"params: [1]", "{\"params\":[1]}"},
		{"a: &x {k: v}\nb: *x", "{\"a\":{\"k\":\"v\"},\"b\":{\"k\":\"v\"}}"},
		{"'': empty\n\"a b\": 1", "{\"\":\"empty\",\"a b\":1}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_well(cases[i][0]);
		assert_string_equal(json(t.fm.params), cases[i][1]);
	}
}

static void finds_the_body(void **state)
{
	static const struct {
		const char *text, *title, *body;
		unsigned line;
	} cases[] = {
		{"", "", "", 1},
		{"Just text\n", "", "Just text\n", 1},
		{"---\ntitle: a\n---\nBody\n---\nmore\n", "a", "Body\n---\nmore\n", 4},
		{"---\r\ntitle: a\r\n---\r\nBody\r\n", "a", "Body\r\n", 4},
		{"\xef\xbb\xbf---\ntitle: a\n---\nBody", "a", "Body", 4},
		{"\xef\xbb\xbfText", "", "Text", 1},
		{"--- \t\ntitle: a\n---  \nBody", "a", "Body", 4},
		{"---\ntitle: a\n...\nBody", "a", "Body", 4},
		{"---\n---\n\nBody", "", "\nBody", 3},
		{"---\n# only this\n---\n", "", "", 4},
		{"---\ntitle: a\n---", "a", "", 4},
		{"---\ntitle: |\n  a\n  ---\n---\nBody", "a\n---", "Body", 6},
		{"\n---\ntitle: a\n---\n", "", "\n---\ntitle: a\n---\n", 1},
		{" ---\ntitle: a\n---\n", "", " ---\ntitle: a\n---\n", 1},
		{"----\ntitle: a\n---\n", "", "----\ntitle: a\n---\n", 1},
		{"{\n\t\"title\": \"a\",\n\t\"tags\": [\"x\"]\n}\nBody", "a", "Body", 5},
		{"{\"title\":\"}\\\"{\",\"o\":{\"p\":[]}} \r\nBody", "}\"{", "Body", 2},
		{"{ \"title\": \"a\\/\\u00e8\" }", "a/è", "", 2},
		{"{{ template }}", "", "{{ template }}", 1},
		{"{not: json}\n", "", "{not: json}\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = guard_copy(str_from(cases[i].text));
		if (read_post(text))
			fail_msg("%s\n%s", cases[i].text, buf_z(&t.err));
		check_text(t.fm.title, cases[i].title);
		check_text(t.fm.body, cases[i].body);
		assert_int_equal(t.fm.body_line, cases[i].line);
		assert_int_equal(t.fm.present, cases[i].line > 1);
		guard_free(text);
	}
}

static void refuses_with_the_place(void **state)
{
	static const char *const cases[][2] = {
		{"---\ntitle: a\n",
		 "1:1: error: the front matter has no closing --- line [frontmatter/unclosed]\n"},
		{"---",
		 "1:1: error: the front matter has no closing --- line [frontmatter/unclosed]\n"},
		{"+++\ntitle = 'a'\n+++\n",
		 "1:1: error: TOML front matter is not read; write it as YAML between --- lines "
					   "(`hugo convert toYAML` does) [frontmatter/toml]\n"},
		{"\xef\xbb\xbf+++\r\n",
		 "1:1: error: TOML front matter is not read; write it as YAML between --- lines "
					   "(`hugo convert toYAML` does) [frontmatter/toml]\n"},
		{"---\ntitle: a\ndate:   2020-13-01\n---\n",
		 "3:9: error: date is not a date such as 2020-04-28 or 2020-04-28T10:30:00Z [frontmatter/date]\n"},
		{"\xef\xbb\xbf---\r\n\r\nDate: \"soon\"\r\n---\r\n",
		 "3:7: error: Date is not a date such as 2020-04-28 or 2020-04-28T10:30:00Z [frontmatter/date]\n"},
		{"---\ntitle: [a, b]\n---\n",
		 "2:8: error: title must be a text, not a list [frontmatter/type]\n"},
		{"---\ntitle: {a: b}\n---\n",
		 "2:8: error: title must be a text [frontmatter/type]\n"},
		{"---\ntags:\n  - a\n  - [b]\n---\n",
		 "4:5: error: this value must be a text [frontmatter/type]\n"},
		{"---\nauthors: [{url: x}]\n---\n",
		 "2:11: error: this value must be a text [frontmatter/type]\n"},
		{"---\ndraft: maybe\nweight: heavy\n---\n",
		 "2:8: error: draft must be true or false [frontmatter/type]\n"
							 "p.md:3:9: error: weight must be a whole number [frontmatter/type]\n"},
		{"---\ntitle: Milan: open\n---\n",
		 "2:13: error: a text with \": \" in it needs quotes [yaml/colon]\n"},
		{"---\ntitle: a\ntitle: b\n---\n",
		 "3:1: error: this key stands here twice [yaml/duplicate-key]\n"},
		{"---\ndate: !!timestamp 2020-01-01\n---\n",
		 "2:7: error: tags (!…) are not supported [yaml/tag]\n"},
		{"{\n\"date\": \"soon\"\n}\n",
		 "2:9: error: date is not a date such as 2020-04-28 or 2020-04-28T10:30:00Z [frontmatter/date]\n"},
		{"{\"title\": \"a\"",
		 "1:1: error: the front matter has no closing } [frontmatter/unclosed]\n"},
		{"{\"title\": \"a\"} text",
		 "1:1: error: the front matter has no closing } [frontmatter/unclosed]\n"},
		{"{\"title\": \"a\",\n\"title\": \"b\"}\n",
		 "2:1: error: this key stands here twice [yaml/duplicate-key]\n"},
		{"---\nSome text\n---\n",
		 "2:1: error: this value must be a list of `key: value` lines [frontmatter/type]\n"},
		{"---\n- a\n---\n",
		 "2:1: error: this value must be a list of `key: value` lines [frontmatter/type]\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = guard_copy(str_from(cases[i][0]));
		if (!read_post(text))
			fail_msg("%s was read", cases[i][0]);
		if (strncmp(buf_z(&t.err), "p.md:", 5) || strcmp(buf_z(&t.err) + 5, cases[i][1]))
			fail_msg("got  %s want p.md:%s", buf_z(&t.err), cases[i][1]);
		guard_free(text);
	}
}

/* Every beginning of a post is read or refused, and nothing behind it. */
static void read_quietly(struct str text)
{
	if (read_post(text))
		assert_true(t.err.n > 0);
}

static void survives_any_beginning(void **state)
{
	(void)state;
	guard_prefixes(STR_LIT("\xef\xbb\xbf---\r\ntitle: 'a: \"b'\ntags: [x, {y: z}]\ndate: \"2020-01-01\"\n"
			       "k: &a |\n  t\nl: *a\n...\r\nBody <!--more-->\n"), read_quietly);
	guard_prefixes(STR_LIT("{\"title\": \"\\\"}\", \"tags\": [{\"name\": 1}]}\r\nBody"),
		read_quietly);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_exporters_write),
		TEST(reads_every_text),
		TEST(coerces_by_field),
		TEST(reads_dates),
		TEST(reads_lists),
		TEST(keeps_unknown_keys),
		TEST(finds_the_body),
		TEST(refuses_with_the_place),
		TEST(survives_any_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
