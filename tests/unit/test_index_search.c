/* test_index_search.c: which articles a reader finds, in which order, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "date.h"
#include "index.h"
#include "postpack.h"
#include "search.h"

enum { FINGERPRINT = 4711, NOON = 1600000000, DAY = 86400 };
enum { EN, IT, JA, ZH, AR, DE };

static struct tempsite t;
static struct arena arena;
static struct buf err;
static struct index *index_;

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, "languages: [en, it, ja, zh, ar, de]\n");
	arena_init(&arena, 0);
	assert_int_equal(index_open_writer(":memory:", FINGERPRINT, true, &index_, &err), INDEX_FINE);
	assert_int_equal(index_write_begin(index_, &err), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_false(index_damaged(index_));
	index_close(index_);
	arena_release(&arena);
	tempsite_release(&t);
	buf_release(&err);
	return 0;
}

/* --- making ----------------------------------------------------------------------- */

struct article {
	const char *file, *group, *lang, *title, *text;
	const char *tags, *categories, *authors, *series, *section;
	int64_t date, publish, expiry;
	bool draft, inherits, is_section;
};

static void put_article(const struct article *a)
{
	struct post_head head = {
		.file = str_from(a->file), .group = str_from(a->group), .lang = str_from(a->lang),
		.path = str_from(a->file), .section = str_from(a->section ? a->section : "posts"),
		.title = str_from(a->title), .description = STR_LIT(""), .aliases = STR_LIT("[]"),
		.tags = str_from(a->tags ? a->tags : "[]"), .categories = str_from(a->categories ? a->categories : "[]"),
		.authors = str_from(a->authors ? a->authors : "[]"),
		.images = STR_LIT("[]"), .twitter_image = STR_LIT(""), .series = str_from(a->series),
		.layout = STR_LIT(""), .robots = STR_LIT(""), .more_text = STR_LIT(""), .params = STR_LIT("{}"),
		.source_hash = STR_LIT(""), .translated_from = STR_LIT(""),
		.kind = a->is_section ? POST_SECTION : POST_ARTICLE, .date = a->date ? a->date : NOON,
		.lastmod = TIME_ABSENT, .publish = a->publish ? a->publish : TIME_ABSENT,
		.expiry = a->expiry ? a->expiry : TIME_ABSENT, .draft = a->draft,
		.use_excerpt = TRISTATE_ABSENT, .excerpt_source = EXCERPT_FULL,
		.inherits = a->inherits ? INHERIT_DATE | INHERIT_TAGS : 0,
	};
	struct post_body body = {
		.html = STR_LIT(""), .owed = STR_LIT(""), .reopened = STR_LIT(""), .summary_html = STR_LIT(""),
		.summary = STR_LIT(""), .source = STR_LIT(""), .outline = STR_LIT("[]"),
	};
	struct buf packed_head = BUF_EMPTY, packed_body = BUF_EMPTY;

	if (a->inherits)
		head.date = TIME_ABSENT;
	postpack_head(&head, &packed_head);
	postpack_body(&body, &packed_body);
	assert_int_equal(index_put_post(index_, buf_view(&packed_head), buf_view(&packed_body), str_from(a->text), &err),
			 0);
	buf_release(&packed_head);
	buf_release(&packed_body);
}
#define PUT(file_, group_, lang_, title_, text_, ...)                                                   \
	put_article(&(struct article){.file = (file_), .group = (group_), .lang = (lang_), .title = (title_), \
				      .text = (text_), __VA_ARGS__})

static void settle(void)
{
	assert_int_equal(index_settle(index_, &t.config, &err), 0);
	assert_int_equal(err.n, 0);
}

static struct index_results results;

/* The files that are found, in order.  What is 0 in the list is no limit. */
static const char *search_in(struct index_list list, const char *q)
{
	struct buf out = BUF_IN(&arena);

	list.from = list.from ? list.from : INT64_MIN;
	list.until = list.until ? list.until : INT64_MAX;
	list.now = list.now ? list.now : NOON + 100 * (int64_t)DAY;
	list.limit = list.limit ? list.limit : 100;
	if (index_search(index_, &arena, &list, search_match(&arena, str_from(q)), &results))
		fail_msg("no answer to %s", q);
	for (size_t i = 0; i < results.count; i++)
		buf_printf(&out, "%s%.*s", i ? " " : "", STR_ARG(results.at[i].head.file));
	return arena_str(&arena, buf_view(&out)).p;
}
#define SEARCH(language_, q, ...) search_in((struct index_list){.language = (language_), __VA_ARGS__}, (q))

static const char *snippet(size_t i)
{
	assert_true(i < results.count);
	return arena_z(&arena, search_snippet_html(&arena, results.at[i].snippet));
}

/* --- words ---------------------------------------------------------------------------- */

static void finds_words_of_every_language(void **state)
{
	static const struct {
		size_t language;
		const char *q, *found;
	} cases[] = {
		{EN, "fox", "a.md"}, {EN, "FOX", "a.md"}, {EN, "quick fox", "a.md"}, {EN, "quick wolf", ""},
		{EN, "qui", "a.md"}, {EN, "qui ", ""}, {EN, "qui fox", ""}, {EN, "fox qui", "a.md"},
		{EN, "\"quick brown\"", "a.md"}, {EN, "\"quick fox\"", ""}, {EN, "fox -brown", ""},
		{EN, "fox -wolf", "a.md"}, {EN, "fox -\"brown dog\"", "a.md"}, {EN, "-wolf", ""},
		{EN, "don't", "a.md"}, {EN, "dont", ""},
		{IT, "citta", "b.md"}, {IT, "Città", "b.md"}, {IT, "CITTA", "b.md"}, {IT, "perche", "b.md"},
		{IT, "cit", "b.md"}, {IT, "cittadella", ""},
		{DE, "Straße?", "c.md"}, {DE, "straße", "c.md"}, {DE, "uber", "c.md"}, {DE, "über", "c.md"},
		{JA, "東京", "d.md"}, {JA, "京東", ""}, {JA, "東京へ", "d.md"}, {JA, "タワー", "d.md"}, {JA, "東", "d.md"},
		{JA, "iPhone", "d.md"}, {JA, "iPhone発売", "d.md"}, {JA, "発売 iph", "d.md"},
		{ZH, "明信片", "e.md"}, {ZH, "信片", "e.md"}, {ZH, "片明", ""}, {ZH, "\"明信片 在\"", "e.md"},
		{AR, "مرحبا", "f.md"}, {AR, "بالع", "f.md"}, {AR, "سلام", ""},
		{EN, "กิน", "g.md"}, {EN, "ข้าว", "g.md"}, {EN, "학교", "g.md"}, {EN, "학교에", "g.md"},
		{EN, "हिन्दी", "g.md"}, {EN, "Москва", "g.md"}, {EN, "москва", "g.md"},
	};

	(void)state;
	PUT("a.md", "a", "en", "One", "The quick brown fox. We don't jump.");
	PUT("b.md", "b", "it", "Due", "Una città, perché no?");
	PUT("c.md", "c", "de", "Drei", "Die Straße führt über den Berg.");
	PUT("d.md", "d", "ja", "四", "東京タワーへ行く。iPhone発売。東京へ。");
	PUT("e.md", "e", "zh", "五", "明信片在哪里");
	PUT("f.md", "f", "ar", "ستة", "مرحبا بالعالم");
	PUT("g.md", "g", "en", "Seven", "กินข้าว 학교에서 हिन्दी Москва");
	settle();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *found = SEARCH(cases[i].language, cases[i].q);
		if (strcmp(found, cases[i].found))
			fail_msg("%s: wanted %s, got %s", cases[i].q, cases[i].found, found);
	}
}

static void finds_titles_and_tags(void **state)
{
	(void)state;
	PUT("text.md", "text", "en", "One", "lemon in the text, and lemon again, lemon");
	PUT("tag.md", "tag", "en", "Two", "nothing", .tags = "[\"Sour things\", \"Lemon\"]");
	PUT("title.md", "title", "en", "A lemon", "nothing", .date = NOON - 900 * (int64_t)DAY);
	PUT("both.md", "both", "en", "Lemon", "lemon");
	settle();
	assert_string_equal(SEARCH(EN, "lemon"), "both.md title.md tag.md text.md");
	assert_string_equal(SEARCH(EN, "\"sour things\""), "tag.md");
	/* The words that stand for lists, and what they are made of, are no text. */
	assert_string_equal(SEARCH(EN, "en"), "");
	assert_string_equal(SEARCH(EN, "posts"), "");
}

static void ranks_the_newest_first_among_equals(void **state)
{
	(void)state;
	PUT("old.md", "old", "en", "T", "lemon", .date = NOON - DAY);
	PUT("b.md", "b", "en", "T", "lemon");
	PUT("a.md", "a", "en", "T", "lemon");
	PUT("new.md", "new", "en", "T", "lemon", .date = NOON + DAY);
	PUT("long.md", "long", "en", "T", "lemon and a great many other words that are not so much about that",
	    .date = NOON + 2 * DAY);
	settle();
	assert_string_equal(SEARCH(EN, "lemon"), "new.md a.md b.md old.md long.md");
	assert_string_equal(SEARCH(EN, "lemon", .limit = 2), "new.md a.md");
	assert_int_equal(results.total, 5);
	assert_string_equal(SEARCH(EN, "lemon", .limit = 2, .offset = 4), "long.md");
	assert_string_equal(SEARCH(EN, "lemon", .limit = 2, .offset = 5), "");
	assert_string_equal(SEARCH(EN, "lemon", .limit = 2, .offset = SIZE_MAX), "");
	assert_int_equal(results.total, 5);
}

/* --- translations ---------------------------------------------------------------------- */

static void puts_the_list_s_language_first(void **state)
{
	(void)state;
	PUT("x.md", "x", "en", "Radio radio", "radio radio");
	PUT("x.it.md", "x", "it", "Uno", "la radio e altre cose");
	PUT("y.md", "y", "en", "Radio", "radio");
	PUT("z.de.md", "z", "de", "Radio", "radio radio");
	PUT("z.ja.md", "z", "ja", "T", "ein wort radio");
	settle();
	/* One of each group: in the language, else the best. */
	assert_string_equal(SEARCH(IT, "radio"), "x.it.md z.de.md y.md");
	assert_int_equal(results.total, 3);
	assert_string_equal(SEARCH(EN, "radio"), "x.md y.md z.de.md");
	assert_string_equal(SEARCH(JA, "radio"), "z.ja.md x.md y.md");
	/* A group's translation that does not match is not shown. */
	assert_string_equal(SEARCH(IT, "cose"), "x.it.md");
	assert_string_equal(SEARCH(EN, "cose"), "x.it.md");
	assert_string_equal(SEARCH(IT, "radio", .own = true), "x.it.md");
	assert_string_equal(SEARCH(AR, "radio", .own = true), "");
}

static void finds_no_second_file_of_a_language(void **state)
{
	(void)state;
	PUT("b.md", "x", "en", "T", "served word");
	PUT("c.md", "x", "en", "T", "hidden word");
	settle();
	assert_string_equal(SEARCH(EN, "word"), "b.md");
	assert_string_equal(SEARCH(EN, "hidden"), "");
	assert_int_equal(index_remove(index_, "b.md", &err), 0);
	settle();
	assert_string_equal(SEARCH(EN, "hidden"), "c.md");
	PUT("a.md", "x", "en", "T", "first word");
	settle();
	assert_string_equal(SEARCH(EN, "hidden"), "");
	assert_string_equal(SEARCH(EN, "word"), "a.md");
}

static void inherits_tags_and_dates(void **state)
{
	const struct index_list tagged = {.language = IT, .scope = SCOPE_TAG, .name = STR_LIT("sour")};
	const struct index_list from = {.language = IT, .from = NOON - 10 * DAY, .until = NOON - 9 * DAY};

	(void)state;
	PUT("x.it.md", "x", "it", "Uno", "limone", .inherits = true);
	settle();
	assert_string_equal(search_in(tagged, "limone"), "");
	PUT("x.md", "x", "en", "One", "lemon", .tags = "[\"Sour\"]", .date = NOON - 10 * DAY);
	settle();
	assert_string_equal(search_in(tagged, "limone"), "x.it.md");
	assert_string_equal(search_in(from, "limone"), "x.it.md");
	assert_string_equal(SEARCH(IT, "sour"), "x.it.md");
	PUT("x.md", "x", "en", "One", "lemon", .tags = "[\"Sweet\"]", .date = NOON);
	settle();
	assert_string_equal(search_in(tagged, "limone"), "");
	assert_string_equal(search_in(from, "limone"), "");
	assert_string_equal(SEARCH(IT, "sour"), "");
	assert_string_equal(SEARCH(IT, "sweet limone"), "x.it.md");
}

/* --- moments ------------------------------------------------------------------------------ */

static void finds_only_what_is_public(void **state)
{
	(void)state;
	PUT("draft.md", "draft", "en", "T", "word", .draft = true);
	PUT("_index.md", "_index", "en", "T", "word", .is_section = true);
	PUT("later.md", "later", "en", "T", "word", .publish = NOON + 50);
	PUT("gone.md", "gone", "en", "T", "word", .date = NOON - 5, .expiry = NOON + 10);
	settle();
	assert_string_equal(SEARCH(EN, "word", .now = NOON), "gone.md");
	assert_string_equal(SEARCH(EN, "word", .now = NOON + 9), "gone.md");
	assert_string_equal(SEARCH(EN, "word", .now = NOON + 10), "");
	assert_string_equal(SEARCH(EN, "word", .now = NOON + 49), "");
	assert_string_equal(SEARCH(EN, "word", .now = NOON + 50), "later.md");
	assert_int_equal(results.total, 1);
	PUT("draft.md", "draft", "en", "T", "word");
	PUT("later.md", "later", "en", "T", "word", .draft = true);
	settle();
	assert_string_equal(SEARCH(EN, "word"), "draft.md");
}

static void forgets_old_words(void **state)
{
	(void)state;
	PUT("a.md", "a", "en", "Before", "first version", .tags = "[\"early\"]");
	PUT("b.md", "b", "en", "Other", "second");
	settle();
	PUT("a.md", "a", "en", "After", "another", .tags = "[\"late\"]", .date = NOON + 3 * DAY);
	settle();
	assert_string_equal(SEARCH(EN, "first"), "");
	assert_string_equal(SEARCH(EN, "before"), "");
	assert_string_equal(SEARCH(EN, "early"), "");
	assert_string_equal(SEARCH(EN, "another late after"), "a.md");
	assert_int_equal(index_remove(index_, "a.md", &err), 0);
	assert_int_equal(index_remove(index_, "b.md", &err), 0);
	settle();
	assert_string_equal(SEARCH(EN, "another"), "");
	assert_string_equal(SEARCH(EN, "sec"), "");
	PUT("b.md", "b", "en", "Other", "second");
	settle();
	assert_string_equal(SEARCH(EN, "second"), "b.md");
}

/* --- lists --------------------------------------------------------------------------------- */

static void stays_in_its_list(void **state)
{
	struct str sour = STR_LIT("sour"), sweet = STR_LIT("sweet");

	(void)state;
	PUT("a.md", "a", "en", "T", "word", .tags = "[\"Sour\", \"Sweet\"]", .section = "posts/deep");
	PUT("b.md", "b", "en", "T", "word", .tags = "[\"Sour\"]", .section = "posts", .date = NOON - DAY);
	PUT("c.md", "c", "en", "T", "word", .tags = "[]", .section = "notes", .date = NOON - 40 * DAY);
	PUT("c.it.md", "c", "it", "T", "word", .tags = "[\"Sour\"]", .section = "notes", .date = NOON);
	settle();
	assert_string_equal(SEARCH(EN, "word"), "a.md b.md c.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_SECTION, .name = STR_LIT("posts")), "a.md b.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_SECTION, .name = STR_LIT("posts/deep")), "a.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_SECTION, .name = STR_LIT("none")), "");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_TAG, .name = sour), "a.md b.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_TAG, .name = sour, .tag = sweet), "a.md");
	assert_string_equal(SEARCH(EN, "word", .tag = sweet), "a.md");
	assert_string_equal(SEARCH(EN, "word", .tag = STR_LIT("none")), "");
	/* In the Italian list of the tag is what Italian readers get under it. */
	assert_string_equal(SEARCH(IT, "word", .scope = SCOPE_TAG, .name = sour), "c.it.md a.md b.md");
	assert_string_equal(SEARCH(EN, "word", .from = NOON - DAY), "a.md b.md");
	assert_string_equal(SEARCH(EN, "word", .from = NOON - DAY + 1), "a.md");
	assert_string_equal(SEARCH(EN, "word", .until = NOON), "b.md c.md");
	assert_string_equal(SEARCH(EN, "word", .until = NOON + 1), "a.md b.md c.md");
	/* A group has one date. */
	assert_string_equal(SEARCH(IT, "word", .until = NOON - 39 * DAY), "c.it.md");
}

static void stays_under_every_kind_of_term(void **state)
{
	(void)state;
	PUT("a.md", "a", "en", "T", "word", .categories = "[\"Food\"]");
	PUT("b.md", "b", "en", "T", "word", .authors = "[\"Food\"]");
	PUT("c.md", "c", "en", "T", "word", .series = "Food");
	PUT("d.md", "d", "en", "T", "word", .tags = "[\"Food\"]");
	settle();
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_CATEGORY, .name = STR_LIT("food")), "a.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_AUTHOR, .name = STR_LIT("food")), "b.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_SERIES, .name = STR_LIT("food")), "c.md");
	assert_string_equal(SEARCH(EN, "word", .scope = SCOPE_TAG, .name = STR_LIT("food")), "d.md");
}

static struct str many_words(const char *before, size_t n, const char *after)
{
	struct buf out = BUF_IN(&arena);

	buf_puts(&out, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(&out, " filler");
	buf_puts(&out, after);
	return arena_str(&arena, buf_view(&out));
}

static void stops_at_so_many(void **state)
{
	char newest[2][8];

	(void)state;
	for (int i = 0; i < INDEX_FOUND_LIMIT + 20; i++) {
		char name[32];
		snprintf(name, sizeof(name), "p%04d", i);
		PUT(name, name, "en", "T", i == 5 ? "common rare" : "common",
		    .date = NOON / DAY * DAY + i * (int64_t)DAY / 20); /* whole days */
	}
	settle();
	for (int i = 0; i < 2; i++)
		snprintf(newest[i], sizeof(newest[i]), "p%04d", INDEX_FOUND_LIMIT + 19 - i);
	assert_string_equal(SEARCH(EN, "common", .limit = 2), arena_printf(&arena, "%s %s", newest[0], newest[1]).p);
	assert_int_equal(results.total, INDEX_FOUND_LIMIT);
	assert_string_equal(SEARCH(EN, "common", .limit = 1, .offset = INDEX_FOUND_LIMIT - 1), "p0020");
	assert_string_equal(SEARCH(EN, "common rare"), "p0005");
	assert_string_equal(SEARCH(EN, "com", .limit = 1), newest[0]);
	assert_string_equal(SEARCH(EN, "common -rare", .limit = 1), newest[0]);
}

/* One's own language is found behind whatever there is in others. */
static void finds_what_is_one_s_own_behind_all_others(void **state)
{
	(void)state;
	PUT("old.it.md", "old", "it", "T", "common", .date = NOON - 30 * (int64_t)DAY);
	PUT("both.it.md", "both", "it", "T", "common", .date = NOON - 20 * (int64_t)DAY);
	PUT("both.en.md", "both", "en", "T", "common common", .date = NOON - 20 * (int64_t)DAY);
	for (int i = 0; i < 5 * INDEX_FOUND_LIMIT; i++) {
		char name[32];
		snprintf(name, sizeof(name), "p%04d", i);
		PUT(name, name, "en", "T", "common");
	}
	settle();
	assert_string_equal(SEARCH(IT, "common", .limit = 2), "both.it.md old.it.md");
	assert_int_equal(results.total, INDEX_FOUND_LIMIT);
	assert_string_equal(SEARCH(IT, "common", .own = true), "both.it.md old.it.md");
	assert_string_equal(SEARCH(IT, "common", .scope = SCOPE_SECTION, .name = STR_LIT("posts"), .limit = 2),
			    "both.it.md old.it.md");
}

/* A word says more about a short text than about a long one. */
static void ranks_by_how_much_else_there_is(void **state)
{
	(void)state;
	PUT("a.md", "a", "en", "T", many_words("word", 2000, "").p);
	PUT("b.md", "b", "en", "T", many_words("word", 20, "").p);
	PUT("c.md", "c", "en", "A title of very many words, one of them pear, and so on", "");
	PUT("d.md", "d", "en", "A pear", "");
	settle();
	assert_string_equal(SEARCH(EN, "word "), "b.md a.md");
	assert_string_equal(SEARCH(EN, "pear"), "d.md c.md");
}

/* --- snippets ------------------------------------------------------------------------------ */

static void shows_the_words_it_found(void **state)
{
	(void)state;
	PUT("a.md", "a", "en", "Apple", "Start. A pear & a <b>plum</b>, a pear-tree.");
	PUT("b.md", "b", "ja", "T", "東京タワーへ行く");
	PUT("c.md", "c", "it", "T", many_words("pear", 50, ", a cherry and a pear. Then a fig").p);
	PUT("d.md", "d", "it", "Grape", many_words("Begin", 50, "").p);
	PUT("e.md", "e", "it", "T", "\002Forged\003 lime");
	settle();
	SEARCH(EN, "pear plum");
	assert_string_equal(snippet(0), "Start. A <mark>pear</mark> &amp; a &lt;b&gt;<mark>plum</mark>&lt;/b&gt;, "
					"a <mark>pear</mark>-tree.");
	SEARCH(EN, "\"a pear\" plu");
	assert_string_equal(snippet(0), "Start. <mark>A pear</mark> &amp; a &lt;b&gt;<mark>plum</mark>&lt;/b&gt;, "
					"<mark>a pear</mark>-tree.");
	SEARCH(EN, "apple");
	assert_string_equal(snippet(0), "Start. A pear &amp; a &lt;b&gt;plum&lt;/b&gt;, a pear-tree.");
	SEARCH(JA, "タワー");
	assert_string_equal(snippet(0), "東京<mark>タワー</mark>へ行く");
	/* Where both words are, not where the first one is. */
	SEARCH(IT, "pear cherry");
	assert_string_equal(snippet(0), "…filler filler filler filler filler filler, a <mark>cherry</mark> and a "
					"<mark>pear</mark>. Then a fig");
	SEARCH(IT, "grape");
	assert_string_equal(snippet(0), arena_printf(&arena, "%.*s…", STR_ARG(many_words("Begin", 29, ""))).p);
	SEARCH(IT, "lime");
	assert_string_equal(snippet(0), " Forged  <mark>lime</mark>");
}

/* As many characters as readers of a script without spaces take for so many words. */
static void counts_characters_of_chinese(void **state)
{
	struct buf text = BUF_IN(&arena), wanted = BUF_IN(&arena);

	(void)state;
	for (int i = 0; i < 90; i++)
		buf_puts(&text, "字");
	for (int i = 0; i < 60; i++)
		buf_puts(&wanted, "字");
	PUT("a.md", "a", "zh", "明信片", arena_str(&arena, buf_view(&text)).p);
	settle();
	SEARCH(ZH, "明信片");
	assert_string_equal(snippet(0), arena_printf(&arena, "%.*s…", STR_ARG(buf_view(&wanted))).p);
}

/* A snippet takes time in proportion to the text: this one would take minutes
 * if each hit were compared with each. */
static void shows_a_text_full_of_hits(void **state)
{
	struct buf text = BUF_IN(&arena);

	(void)state;
	for (int i = 0; i < 200000; i++)
		buf_puts(&text, "hit ");
	buf_puts(&text, "miss");
	PUT("a.md", "a", "en", "T", arena_str(&arena, buf_view(&text)).p);
	settle();
	assert_string_equal(SEARCH(EN, "hit \"hit hit hit\" miss"), "a.md");
	const char *shown = snippet(0);
	assert_non_null(strstr(shown, "<mark>miss</mark>"));
	assert_ptr_equal(strstr(shown, "…"), shown);
}

/* --- hostile queries ----------------------------------------------------------------------- */

static void takes_any_query(void **state)
{
	static const char *const pieces[] = {"\"", "-", "*", "(", ")", " ", " AND ", " OR ", " NOT ", "NEAR(", "^", ":",
					     "text:", "{title}", "+", ",", "\\", "'", ";", "a", "wor", "word", "東", "京",
					     "ก", "\xcc\x81", "\xff", "\002", "\xe2\x80\x8b", "é", "🎉", "\xf0\x90", "½",
					     "\U0001e900", "\u093f"};
	uint64_t x = 88172645463325252u;
	size_t found = 0;

	(void)state;
	PUT("a.md", "a", "en", "a word", "a wor word 東京 é");
	PUT("b.md", "b", "it", "T", "AND OR NOT NEAR text title word");
	settle();
	for (int i = 0; i < 10000; i++) {
		char q[256];
		size_t n = 0, count;
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		uint64_t r = x;
		for (count = x % 16; count; count--, r = r * 6364136223846793005u + 1442695040888963407u) {
			const char *piece = pieces[(r >> 33) % (sizeof(pieces) / sizeof(pieces[0]))];
			if (i % 3 == 0) {
				q[n++] = (char)(r >> 40); /* NUL, too */
			} else {
				memcpy(q + n, piece, strlen(piece));
				n += strlen(piece);
			}
		}
		struct index_list list = INDEX_LIST(.language = EN, .now = NOON + DAY, .limit = 10);
		struct str match = search_match(&arena, (struct str){q, n});
		if (index_search(index_, &arena, &list, match, &results))
			fail_msg("query %d: %.*s", i, STR_ARG(match));
		found += results.total;
		if (i % 16 == 0)
			arena_reset(&arena);
	}
	assert_true(found > 100);
}

static void an_empty_index_has_nothing(void **state)
{
	(void)state;
	assert_string_equal(SEARCH(EN, "word"), "");
	settle();
	assert_string_equal(SEARCH(EN, "word"), "");
	assert_string_equal(SEARCH(99, "word"), "");
	assert_string_equal(SEARCH(EN, ""), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(finds_words_of_every_language),
		TEST(finds_titles_and_tags),
		TEST(ranks_the_newest_first_among_equals),
		TEST(puts_the_list_s_language_first),
		TEST(finds_no_second_file_of_a_language),
		TEST(inherits_tags_and_dates),
		TEST(finds_only_what_is_public),
		TEST(forgets_old_words),
		TEST(stays_in_its_list),
		TEST(stays_under_every_kind_of_term),
		TEST(stops_at_so_many),
		TEST(finds_what_is_one_s_own_behind_all_others),
		TEST(ranks_by_how_much_else_there_is),
		TEST(shows_the_words_it_found),
		TEST(counts_characters_of_chinese),
		TEST(shows_a_text_full_of_hits),
		TEST(takes_any_query),
		TEST(an_empty_index_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
