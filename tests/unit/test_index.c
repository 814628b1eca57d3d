/* test_index.c: what is put in comes out, whoever else writes, and whatever
 * was done to the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "index.h"
#include "postpack.h"

#include <signal.h>
#include <sqlite3.h>

enum { FINGERPRINT = 4711 };
static const int64_t NOON = 4102488000; /* in the year 2100: all of it is still to come */

static struct tempsite t;
static struct arena arena;
static struct buf err;
static const char *path;

static int set_up(void **state)
{
	(void)state;
	tempsite_make(&t, "languages: [en, it, de]\n");
	arena_init(&arena, 0);
	path = tempsite_path(&t, "index.db");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tempsite_release(&t);
	arena_release(&arena);
	buf_release(&err);
	return 0;
}

/* --- making ----------------------------------------------------------------------- */

/* A post that is public and has nothing special. */
static struct post_head plain_head(const char *file, const char *group, const char *lang, const char *address)
{
	return (struct post_head){
		.file = str_from(file), .group = str_from(group), .lang = str_from(lang),
		.path = str_from(address), .section = STR_LIT("posts"), .title = str_from(file),
		.description = STR_LIT(""), .aliases = STR_LIT("[]"), .tags = STR_LIT("[]"),
		.categories = STR_LIT("[]"), .authors = STR_LIT("[]"), .images = STR_LIT("[]"),
		.twitter_image = STR_LIT(""), .series = STR_LIT(""), .layout = STR_LIT(""),
		.robots = STR_LIT(""), .more_text = STR_LIT(""), .params = STR_LIT("{}"),
		.kind = POST_ARTICLE, .date = NOON, .lastmod = TIME_ABSENT, .publish = TIME_ABSENT,
		.expiry = TIME_ABSENT, .use_excerpt = TRISTATE_ABSENT, .excerpt_source = EXCERPT_FULL,
	};
}

static void put_with(struct index *index, const struct post_head *head, struct str html)
{
	struct buf packed_head = BUF_EMPTY, packed_body = BUF_EMPTY;
	struct post_body body = {
		.html = html, .owed = STR_LIT(""), .reopened = STR_LIT(""), .summary_html = STR_LIT(""),
		.summary = STR_LIT(""), .source = STR_LIT("source"), .outline = STR_LIT("[]"),
	};
	struct index_file file = {.file = arena_z(&arena, head->file), .inode = 1, .size = 2, .mtime = 3,
				  .changed = 4, .hash = 5};

	postpack_head(head, &packed_head);
	postpack_body(&body, &packed_body);
	assert_int_equal(index_put_post(index, buf_view(&packed_head), buf_view(&packed_body), STR_LIT("some text"), &err), 0);
	assert_int_equal(index_put_file(index, &file, STR_LIT(""), &err), 0);
	buf_release(&packed_head);
	buf_release(&packed_body);
}

static void put(struct index *index, const char *file, const char *group, const char *lang, const char *address)
{
	struct post_head head = plain_head(file, group, lang, address);
	put_with(index, &head, head.file);
}

static struct index *create(void)
{
	struct index *index;

	assert_int_equal(index_open_writer(path, FINGERPRINT, true, &index, &err), INDEX_FINE);
	assert_int_equal(index_write_begin(index, &err), 0);
	return index;
}

static struct index *change(void)
{
	struct index *index;

	assert_int_equal(index_open_writer(path, FINGERPRINT, false, &index, &err), INDEX_FINE);
	assert_int_equal(index_write_begin(index, &err), 0);
	return index;
}

static void settle(struct index *index)
{
	assert_int_equal(index_settle(index, &t.config, &err), 0);
}

static void commit(struct index *index)
{
	settle(index);
	assert_int_equal(index_commit(index, &err), 0);
	index_close(index);
	assert_int_equal(err.n, 0);
}

static struct index *open_it(void)
{
	struct index *index = NULL;

	assert_int_equal(index_open(path, FINGERPRINT, &index, &err), INDEX_FINE);
	assert_int_equal(index_begin(index), 0);
	return index;
}

/* The files of a list, in order. */
static const char *names(const struct index_heads *heads)
{
	struct buf list = BUF_EMPTY;

	for (size_t i = 0; i < heads->count; i++)
		buf_printf(&list, "%s%.*s", i ? " " : "", STR_ARG(heads->at[i].file));
	const char *z = arena_z(&arena, buf_view(&list));
	buf_release(&list);
	return z;
}

static struct index_list all_of(const char *section, int64_t now)
{
	struct index_list list = INDEX_LIST(.now = now, .limit = 1000);

	if (section[0]) {
		list.scope = SCOPE_SECTION;
		list.name = str_from(section);
	}
	return list;
}

static const char *listed_in(struct index *index, size_t language, const char *section, int64_t now)
{
	struct index_list list = all_of(section, now);
	struct index_page page;

	list.language = language;
	assert_int_equal(index_list(index, &arena, &list, &page), 0);
	assert_int_equal(page.total, page.heads.count);
	assert_int_equal(index_has(index, &list), page.heads.count > 0);
	return names(&page.heads);
}

static const char *listed(struct index *index, const char *section, int64_t now)
{
	return listed_in(index, 0, section, now);
}

static const char *group_at(struct index *index, const char *address)
{
	struct str group;
	int found = index_find_path(index, &arena, str_from(address), NOON, &group);

	assert_true(found >= 0);
	return found ? arena_z(&arena, group) : NULL;
}

static const char *translations(struct index *index, const char *group)
{
	struct index_heads heads;

	assert_int_equal(index_group(index, &arena, str_from(group), &heads), 0);
	return names(&heads);
}

/* --- in and out --------------------------------------------------------------------- */

static void test_in_and_out(void **state)
{
	struct post_head head = plain_head("posts/x.md", "posts/x", "en", "/posts/x"), *out;
	struct index_heads heads;
	struct post_body body;
	struct str html = STR_LIT("<p>NUL \0 and 'quotes' \xff</p>");

	(void)state;
	head.title = STR_LIT("O'Reilly; DROP TABLE posts; -- \"\\");
	head.params = STR_LIT("{\"a\":[1,2]}");
	head.weight = -5;
	struct index *index = create();
	put_with(index, &head, html);
	commit(index);
	index = open_it();
	assert_int_equal(index_begin(index), 0);
	assert_string_equal(group_at(index, "/posts/x"), "posts/x");
	assert_null(group_at(index, "/posts/"));
	assert_null(group_at(index, "/POSTS/x"));
	assert_null(group_at(index, ""));
	assert_int_equal(index_group(index, &arena, STR_LIT("posts/x"), &heads), 0);
	assert_int_equal(heads.count, 1);
	out = &heads.at[0];
	assert_true(str_eq(out->title, head.title));
	assert_true(str_eq(out->params, head.params));
	assert_int_equal(out->weight, -5);
	assert_int_equal(out->expiry, TIME_ABSENT);
	assert_int_equal(index_body(index, &arena, out->id, &body), 0);
	assert_true(str_eq(body.html, html));
	assert_int_equal(index_group(index, &arena, STR_LIT("posts"), &heads), 0);
	assert_int_equal(heads.count, 0);
	assert_false(index_damaged(index));
	assert_int_equal(index_body(index, &arena, 999, &body), -1);
	assert_true(index_damaged(index));
	index_end(index);
	index_close(index);
}

static void test_groups(void **state)
{
	struct index *index = create();

	(void)state;
	put(index, "posts/b.it.md", "posts/b", "it", "/posts/bi");
	put(index, "posts/b.md", "posts/b", "en", "/posts/b");
	put(index, "posts/b.de.md", "posts/b", "de", "/posts/b");
	/* The same language twice, and the same address twice. */
	put(index, "de/posts/b.md", "posts/b", "de", "/posts/b");
	put(index, "posts/a-thief.md", "posts/a-thief", "en", "/posts/b");
	commit(index);
	index = open_it();
	assert_string_equal(translations(index, "posts/b"), "de/posts/b.md posts/b.it.md posts/b.md");
	assert_string_equal(group_at(index, "/posts/b"), "posts/b");
	assert_string_equal(group_at(index, "/posts/bi"), "posts/b");
	index_close(index);

	index = change();
	assert_int_equal(index_remove(index, "de/posts/b.md", &err), 0);
	assert_int_equal(index_remove(index, "never/was.md", &err), 0);
	commit(index);
	index = open_it();
	assert_string_equal(translations(index, "posts/b"), "posts/b.de.md posts/b.it.md posts/b.md");
	assert_string_equal(group_at(index, "/posts/b"), "posts/a-thief");
	index_close(index);
}

/* A version that is being prepared does not hide the one that is public. */
static void test_public_first(void **state)
{
	struct post_head draft = plain_head("a-draft.md", "a-draft", "en", "/x");
	struct post_head future = plain_head("b-future.md", "b-future", "en", "/x"), found;
	struct index *index = create();
	struct str group;

	(void)state;
	draft.draft = 1;
	draft.aliases = future.aliases = STR_LIT("[\"/old\"]");
	future.publish = NOON + 10;
	put_with(index, &draft, STR_LIT("x"));
	assert_string_equal(group_at(index, "/x"), "a-draft");
	put_with(index, &future, STR_LIT("x"));
	put(index, "c.md", "c", "en", "/x");
	assert_string_equal(group_at(index, "/x"), "c");
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/old"), NOON + 9, &found), 1);
	assert_true(str_is(found.file, "a-draft.md"));
	assert_int_equal(index_find_path(index, &arena, STR_LIT("/x"), NOON + 10, &group), 1);
	assert_true(str_is(group, "b-future"));
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/old"), NOON + 10, &found), 1);
	assert_true(str_is(found.file, "b-future.md"));
	commit(index);
}

static void test_aliases(void **state)
{
	struct post_head a = plain_head("a.md", "a", "en", "/a"), b = plain_head("b.md", "b", "it", "/b"), found;
	struct index *index = create();

	(void)state;
	a.aliases = STR_LIT("[\"/old\",\"/older\",\"/old\"]");
	b.aliases = STR_LIT("[\"/old\"]");
	put_with(index, &b, STR_LIT("b"));
	put_with(index, &a, STR_LIT("a"));
	commit(index);
	index = change();
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/older"), NOON, &found), 1);
	assert_true(str_is(found.path, "/a"));
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/old"), NOON, &found), 1);
	assert_true(str_is(found.path, "/a"));
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/a"), NOON, &found), 0);
	/* Aliases go with their post, and with its new version. */
	a.aliases = STR_LIT("[]");
	put_with(index, &a, STR_LIT("a"));
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/older"), NOON, &found), 0);
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/old"), NOON, &found), 1);
	assert_true(str_is(found.path, "/b"));
	assert_int_equal(index_remove(index, "b.md", &err), 0);
	assert_int_equal(index_find_alias(index, &arena, STR_LIT("/old"), NOON, &found), 0);
	commit(index);
}

static void put_dated(struct index *index, const char *name, int64_t date, int64_t publish, int64_t expiry)
{
	struct post_head head = plain_head(name, name, "en", arena_printf(&arena, "/%s", name).p);

	head.date = date;
	head.publish = publish;
	head.expiry = expiry;
	put_with(index, &head, STR_LIT("x"));
}

static void test_lists_and_times(void **state)
{
	struct index *index = create();
	struct post_head draft = plain_head("draft", "draft", "en", "/draft");
	struct post_head section = plain_head("posts/_index.md", "posts/_index", "en", "/posts/");
	struct post_head other = plain_head("notes/n", "notes/n", "en", "/notes/n");

	(void)state;
	put_dated(index, "old", NOON - 100, TIME_ABSENT, TIME_ABSENT);
	put_dated(index, "new", NOON, TIME_ABSENT, TIME_ABSENT);
	put_dated(index, "future", NOON + 10, TIME_ABSENT, TIME_ABSENT);
	put_dated(index, "early", NOON + 1000, NOON - 5, TIME_ABSENT);
	put_dated(index, "late", NOON - 50, NOON + 10, TIME_ABSENT);
	put_dated(index, "brief", NOON - 70, TIME_ABSENT, NOON + 10);
	put_dated(index, "dateless", TIME_ABSENT, TIME_ABSENT, TIME_ABSENT);
	draft.draft = 1;
	section.kind = POST_SECTION;
	other.section = STR_LIT("notes");
	other.date = 0;
	put_with(index, &draft, STR_LIT("x"));
	put_with(index, &section, STR_LIT("x"));
	put_with(index, &other, STR_LIT("x"));
	commit(index);
	index = open_it();
	assert_string_equal(listed(index, "", NOON), "early new brief old notes/n dateless");
	assert_string_equal(listed(index, "posts", NOON), "early new brief old dateless");
	assert_string_equal(listed(index, "", NOON + 9), "early new brief old notes/n dateless");
	assert_string_equal(listed(index, "", NOON + 10), "early future new late old notes/n dateless");
	assert_string_equal(listed(index, "notes", NOON), "notes/n");
	assert_string_equal(listed(index, "note", NOON), "");
	index_close(index);
}

/* The moments between which lists stay as they are. */
static void test_times_of_change(void **state)
{
	struct index *index = create();
	struct post_head draft = plain_head("draft", "draft", "en", "/draft");
	struct index_list list;
	struct index_page page;

	(void)state;
	put_dated(index, "new", NOON, TIME_ABSENT, TIME_ABSENT);
	put_dated(index, "future", NOON + 10, TIME_ABSENT, TIME_ABSENT);
	put_dated(index, "brief", NOON - 70, TIME_ABSENT, NOON + 5);
	put_dated(index, "dateless", TIME_ABSENT, TIME_ABSENT, NOON - 20);
	draft.draft = 1;
	draft.date = NOON + 1;
	draft.expiry = NOON + 2;
	put_with(index, &draft, STR_LIT("x"));
	commit(index);
	index = open_it();
	static const struct {
		int64_t now, modified, next;
	} cases[] = {
		{NOON - 71, 0, NOON - 70}, {NOON - 70, NOON - 70, NOON - 20}, {NOON - 20, NOON - 20, NOON},
		{NOON - 1, NOON - 20, NOON},         {NOON, NOON, NOON + 5},            {NOON + 4, NOON, NOON + 5},
		{NOON + 5, NOON + 5, NOON + 10},     {NOON + 10, NOON + 10, INT64_MAX},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list = all_of("", cases[i].now);
		assert_int_equal(index_list(index, &arena, &list, &page), 0);
		assert_int_equal(page.modified, cases[i].modified);
		assert_int_equal(page.next_change, cases[i].next);
	}
	list = all_of("posts", NOON);
	assert_int_equal(index_list(index, &arena, &list, &page), 0);
	assert_int_equal(page.next_change, NOON + 5);
	list = all_of("elsewhere", NOON);
	assert_int_equal(index_list(index, &arena, &list, &page), 0);
	assert_int_equal(page.modified, TIME_ABSENT);
	assert_int_equal(page.next_change, INT64_MAX);
	index_close(index);
}

/* --- lists against a naive one --------------------------------------------------------- */

enum { GROUPS = 12, LANGUAGES = 3 };
static const char *const TAGS[] = {"[]", "[\"a\"]", "[\"a\",\"B c\"]", "[\"A\",\"a\",\"d\"]"};
static const char *const SECTIONS[] = {"", "posts", "posts/deep", "notes"};

/* What was put last: a model of the index. */
static struct post_head model[GROUPS][LANGUAGES];
static bool there[GROUPS][LANGUAGES];

static void put_at_random(struct index *index, unsigned *seed)
{
	size_t g = (size_t)rand_r(seed) % GROUPS, l = (size_t)rand_r(seed) % LANGUAGES;
	const char *lang = t.config.languages[l].tag;
	static char files[GROUPS][LANGUAGES][24], groups[GROUPS][8];

	snprintf(files[g][l], sizeof(files[g][l]), "g%02zu.%s.md", g, lang);
	snprintf(groups[g], sizeof(groups[g]), "g%02zu", g);
	there[g][l] = rand_r(seed) % 4 != 0;
	if (!there[g][l]) {
		assert_int_equal(index_remove(index, files[g][l], &err), 0);
		return;
	}
	struct post_head head = plain_head(files[g][l], groups[g], lang, files[g][l]);
	head.date = NOON + rand_r(seed) % 4;
	head.publish = rand_r(seed) % 3 ? TIME_ABSENT : NOON + rand_r(seed) % 8;
	head.expiry = rand_r(seed) % 3 ? TIME_ABSENT : NOON + rand_r(seed) % 8;
	head.draft = rand_r(seed) % 6 == 0;
	head.mtime = rand_r(seed) % 100;
	head.tags = str_from(TAGS[rand_r(seed) % 4]);
	head.section = str_from(SECTIONS[rand_r(seed) % 4]);
	model[g][l] = head;
	put_with(index, &head, STR_LIT("x"));
}

static bool model_public(const struct post_head *head, int64_t now)
{
	return !head->draft && post_start(head) <= now && now < post_stop(head);
}

/* Its own language, else the first there is. */
static const struct post_head *model_choice(size_t g, size_t language, int64_t now)
{
	if (there[g][language] && model_public(&model[g][language], now))
		return &model[g][language];
	for (size_t l = 0; l < LANGUAGES; l++)
		if (there[g][l] && model_public(&model[g][l], now))
			return &model[g][l];
	return NULL;
}

static int64_t model_date(size_t g)
{
	int64_t date = TIME_ABSENT;

	if (there[g][0])
		return model[g][0].date;
	for (size_t l = 1; l < LANGUAGES; l++)
		if (there[g][l] && model[g][l].date > date)
			date = model[g][l].date;
	return date;
}

static bool model_has(const struct post_head *head, const struct index_list *list)
{
	struct str section = head->section;

	if (list->scope == SCOPE_SECTION)
		return str_eq(section, list->name) ||
		       (section.n > list->name.n && section.p[list->name.n] == '/' &&
			str_eq(str_head(section, list->name.n), list->name));
	if (list->scope == SCOPE_TAG)
		return str_is(list->name, "a") ? !str_is(head->tags, TAGS[0]) : str_is(head->tags, TAGS[2]);
	return true;
}

static const char *model_list(const struct index_list *list)
{
	struct buf out = BUF_EMPTY;

	for (int64_t date = NOON + 3; date >= NOON; date--) {
		for (size_t g = 0; g < GROUPS; g++) {
			const struct post_head *head = model_choice(g, list->language, list->now);
			if (head && model_date(g) == date && model_has(head, list))
				buf_printf(&out, "%s%.*s", out.n ? " " : "", STR_ARG(head->file));
		}
	}
	const char *z = arena_z(&arena, buf_view(&out));
	buf_release(&out);
	return z;
}

static void compare_lists(struct index *index)
{
	static const struct {
		enum index_scope scope;
		const char *name;
	} scopes[] = {{SCOPE_ALL, ""},      {SCOPE_SECTION, "posts"}, {SCOPE_SECTION, "posts/deep"},
		      {SCOPE_TAG, "a"},     {SCOPE_TAG, "b-c"},       {SCOPE_SECTION, "notes"}};

	for (int64_t moment = NOON - 1; moment < NOON + 10; moment++) {
		for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
			for (size_t language = 0; language < LANGUAGES; language++) {
				struct index_list list = INDEX_LIST(.language = language, .scope = scopes[i].scope,
								    .now = moment, .limit = 100);
				struct index_page page;
				list.name = str_from(scopes[i].name);
				assert_int_equal(index_list(index, &arena, &list, &page), 0);
				assert_string_equal(names(&page.heads), model_list(&list));
				assert_int_equal(page.total, page.heads.count);
			}
		}
		arena_reset(&arena);
	}
}

/* However they came about, lists are what the posts make of them. */
static void test_lists_by_chance(void **state)
{
	struct index *index = create();
	unsigned seed = 20261122;

	(void)state;
	for (int round = 0; round < 60; round++) {
		for (int i = rand_r(&seed) % 8; i >= 0; i--)
			put_at_random(index, &seed);
		settle(index);
		compare_lists(index);
	}
	commit(index);
}

/* An article's neighbours are those beside it in the list, also where more have
 * its date than are looked through one by one, and of a translation with a date
 * of its own. */
static void test_neighbours(void **state)
{
	enum { POSTS = 301, MANY_OF_A_DATE = 130, NOW = 5000 };
	struct index *index = create();
	struct index_list list = all_of("", NOW);
	struct index_page page;

	(void)state;
	for (int i = 0; i < POSTS; i++) {
		const char *name = arena_printf(&arena, "n%03d", i * 37 % POSTS).p;
		struct post_head head = plain_head(arena_printf(&arena, "%s.md", name).p, name, "en",
						   arena_printf(&arena, "/%s", name).p);
		head.date = i < MANY_OF_A_DATE ? 500 : i < MANY_OF_A_DATE + 3 ? TIME_ABSENT : 480 + i / 2;
		head.publish = i % 11 == 5 ? NOW + 1 : TIME_ABSENT;
		put_with(index, &head, head.file);
	}
	commit(index);
	index = open_it();
	assert_int_equal(index_list(index, &arena, &list, &page), 0);
	assert_true(page.heads.count > MANY_OF_A_DATE + 10 && page.heads.count < POSTS);
	for (size_t i = 0; i < page.heads.count; i++) {
		struct index_heads older, newer;
		int64_t next_change = 0;
		struct post_head *at = page.heads.at;
		at[i].date += i % 3 == 1 ? (int64_t)i - 150 : 0;
		assert_int_equal(index_neighbours(index, &arena, &list, &at[i], &older, &newer, &next_change), 0);
		assert_int_equal(next_change, NOW + 1);
		assert_int_equal(older.count, i + 1 < page.heads.count);
		assert_int_equal(newer.count, i > 0);
		if (older.count && !str_eq(older.at[0].file, at[i + 1].file))
			fail_msg("%s is older than %s", names(&older), at[i].file.p);
		if (newer.count && !str_eq(newer.at[0].file, at[i - 1].file))
			fail_msg("%s is newer than %s", names(&newer), at[i].file.p);
	}
	index_end(index);
	index_close(index);
}

/* A translation stands where its group does, whatever its own date. */
static void test_neighbours_of_a_translation(void **state)
{
	static const struct {
		const char *file, *group, *lang;
		int64_t date;
	} posts[] = {
		{"a.md", "a", "en", 100}, {"b.md", "b", "en", 200}, {"b.it.md", "b", "it", 400}, {"c.md", "c", "en", 300},
	};
	struct index *index = create();
	struct index_list list = all_of("", 5000);
	struct index_heads older, newer, group;
	int64_t next_change;

	(void)state;
	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++) {
		struct post_head head = plain_head(posts[i].file, posts[i].group, posts[i].lang, posts[i].file);
		head.date = posts[i].date;
		put_with(index, &head, head.file);
	}
	commit(index);
	index = open_it();
	list.language = 1;
	assert_int_equal(index_group(index, &arena, STR_LIT("b"), &group), 0);
	for (size_t i = 0; i < group.count; i++) {
		assert_int_equal(index_neighbours(index, &arena, &list, &group.at[i], &older, &newer, &next_change), 0);
		assert_string_equal(names(&older), "a.md");
		assert_string_equal(names(&newer), "c.md");
	}
	index_end(index);
	index_close(index);
}

static struct post_head tagged(int number, const char *tags)
{
	const char *name = arena_printf(&arena, "r%02d", number).p;
	struct post_head head = plain_head(arena_printf(&arena, "%s.md", name).p, name, "en",
					   arena_printf(&arena, "/%s", name).p);

	head.date = 1000 + number;
	head.tags = str_from(tags);
	return head;
}

static const char *related_to(struct index *index, const struct post_head *head, int64_t now)
{
	struct index_heads related;

	assert_int_equal(index_related(index, &arena, 0, head, now, 3, &related), 0);
	return names(&related);
}

/* Those with the rarest tags in common, of the newest of each tag; whoever comes,
 * goes, is still to be published or loses a tag. */
static void test_related(void **state)
{
	enum { NOW = 5000 };
	struct index *index = create();
	struct post_head head = tagged(0, "[\"rare\", \"Common\"]"), more;

	(void)state;
	put_with(index, &head, head.file);
	for (int i = 1; i < 40; i++) {
		more = tagged(i, i == 7 ? "[\"common\", \"rare\"]" : i == 8 ? "[\"RARE\"]" : "[\"common\"]");
		put_with(index, &more, more.file);
	}
	for (int i = 40; i < 80; i++) { /* newer, but for later */
		more = tagged(i, "[\"common\"]");
		more.publish = NOON + i;
		put_with(index, &more, more.file);
	}
	commit(index);
	index = open_it();
	assert_string_equal(related_to(index, &head, NOW), "r08.md r07.md r39.md");
	assert_string_equal(related_to(index, &head, NOON + 41), "r08.md r07.md r41.md");
	index_end(index);
	index_close(index);

	index = change();
	assert_int_equal(index_remove(index, "r08.md", &err), 0);
	more = tagged(39, "[]");
	put_with(index, &more, more.file);
	more = tagged(20, "[\"rare\"]");
	put_with(index, &more, more.file);
	commit(index);
	index = open_it();
	assert_string_equal(related_to(index, &head, NOW), "r20.md r07.md r38.md");
	index_end(index);
	index_close(index);
}

/* Dates, images and tags come from the default language; text never does. */
static void test_inheritance(void **state)
{
	struct post_head en = plain_head("x.en.md", "x", "en", "/x"), it = plain_head("x.it.md", "x", "it", "/x");
	struct post_head de = plain_head("x.de.md", "x", "de", "/x");
	struct index_heads heads;
	struct index *index = create();

	(void)state;
	en.date = NOON - 1000;
	en.tags = STR_LIT("[\"milan\"]");
	en.images = STR_LIT("[\"/a.png\"]");
	en.twitter_image = STR_LIT("/t.png");
	it.date = TIME_ABSENT;
	it.inherits = INHERIT_DATE | INHERIT_IMAGES | INHERIT_TAGS;
	de.date = NOON;
	de.tags = STR_LIT("[\"eigen\"]");
	put_with(index, &it, STR_LIT("it"));
	put_with(index, &en, STR_LIT("en"));
	put_with(index, &de, STR_LIT("de"));
	put_dated(index, "between", NOON - 500, TIME_ABSENT, TIME_ABSENT);
	commit(index);
	index = change();
	assert_int_equal(index_group(index, &arena, STR_LIT("x"), &heads), 0);
	assert_string_equal(names(&heads), "x.de.md x.en.md x.it.md");
	assert_int_equal(heads.at[2].date, NOON - 1000);
	assert_true(str_is(heads.at[2].tags, "[\"milan\"]"));
	assert_true(str_is(heads.at[2].images, "[\"/a.png\"]"));
	assert_true(str_is(heads.at[2].twitter_image, "/t.png"));
	assert_true(str_is(heads.at[2].title, "x.it.md"));
	assert_int_equal(heads.at[0].date, NOON);
	assert_true(str_is(heads.at[0].tags, "[\"eigen\"]"));
	/* In lists the whole group stands where the default language's date puts it. */
	assert_string_equal(listed(index, "", NOON), "between x.en.md");
	assert_string_equal(listed_in(index, 1, "", NOON), "between x.it.md");
	assert_string_equal(listed_in(index, 2, "", NOON), "between x.de.md");

	/* The default language changes, and goes. */
	en.date = NOON - 1;
	en.tags = STR_LIT("[]");
	put_with(index, &en, STR_LIT("en"));
	settle(index);
	assert_int_equal(index_group(index, &arena, STR_LIT("x"), &heads), 0);
	assert_int_equal(heads.at[2].date, NOON - 1);
	assert_true(str_is(heads.at[2].tags, "[]"));
	assert_string_equal(listed_in(index, 2, "", NOON), "x.de.md between");
	assert_int_equal(index_remove(index, "x.en.md", &err), 0);
	settle(index);
	assert_int_equal(index_group(index, &arena, STR_LIT("x"), &heads), 0);
	assert_string_equal(names(&heads), "x.de.md x.it.md");
	assert_int_equal(heads.at[1].date, TIME_ABSENT);
	assert_true(str_is(heads.at[1].images, "[]"));
	commit(index);
}

/* A translation without a date is not public before the default language is. */
static void test_inherited_publishing(void **state)
{
	struct post_head en = plain_head("x.en.md", "x", "en", "/x"), it = plain_head("x.it.md", "x", "it", "/x");
	struct index *index = create();

	(void)state;
	en.date = NOON + 60;
	it.date = TIME_ABSENT;
	it.inherits = INHERIT_DATE;
	put_with(index, &it, STR_LIT("it"));
	put_with(index, &en, STR_LIT("en"));
	settle(index);
	assert_string_equal(listed(index, "", NOON + 59), "");
	assert_string_equal(listed(index, "", NOON + 60), "x.en.md");
	assert_string_equal(listed_in(index, 1, "", NOON + 59), "");
	assert_string_equal(listed_in(index, 1, "", NOON + 60), "x.it.md");
	commit(index);
}

/* A post moves from one group to another: both are settled. */
static void test_moved_between_groups(void **state)
{
	struct post_head en = plain_head("x.en.md", "x", "en", "/x"), it = plain_head("x.it.md", "x", "it", "/x");
	struct post_head y = plain_head("y.en.md", "y", "en", "/y");
	struct index_heads heads;
	struct index *index = create();

	(void)state;
	en.tags = STR_LIT("[\"of x\"]");
	y.tags = STR_LIT("[\"of y\"]");
	it.inherits = INHERIT_TAGS;
	put_with(index, &en, STR_LIT("en"));
	put_with(index, &y, STR_LIT("y"));
	put_with(index, &it, STR_LIT("it"));
	settle(index);
	it.group = STR_LIT("y");
	put_with(index, &it, STR_LIT("it"));
	settle(index);
	assert_string_equal(translations(index, "x"), "x.en.md");
	assert_int_equal(index_group(index, &arena, STR_LIT("y"), &heads), 0);
	assert_string_equal(names(&heads), "x.it.md y.en.md");
	assert_true(str_is(heads.at[0].tags, "[\"of y\"]"));
	commit(index);
}

struct seen {
	int count;
	struct index_file file;
};

static void see(void *context, const struct index_file *file)
{
	struct seen *seen = context;

	seen->count++;
	seen->file = *file;
	seen->file.file = arena_z(&arena, str_from(file->file));
	seen->file.asked = arena_str(&arena, file->asked);
}

static void test_files(void **state)
{
	struct index_file file = {"posts/x.md", -1, INT64_MAX, INT64_MIN, 0, UINT64_MAX,
				  STR_LIT("/a.png\n"), UINT64_MAX};
	struct seen seen = {0};
	struct index *index = create();

	(void)state;
	assert_int_equal(index_put_file(index, &file, STR_LIT("a problem\n"), &err), 0);
	file.size = 12;
	assert_int_equal(index_put_file(index, &file, STR_LIT(""), &err), 0);
	commit(index);
	index = open_it();
	assert_int_equal(index_each_file(index, see, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.file.file, "posts/x.md");
	assert_int_equal(seen.file.inode, -1);
	assert_int_equal(seen.file.size, 12);
	assert_int_equal(seen.file.mtime, INT64_MIN);
	assert_true(seen.file.hash == UINT64_MAX);
	assert_true(str_is(seen.file.asked, "/a.png\n") && seen.file.asked_state == UINT64_MAX);
	assert_int_equal(index_each_asking(index, STR_LIT("/a.png"), see, &seen), 0);
	assert_int_equal(index_each_asking(index, STR_LIT("/a.pn"), see, &seen), 0);
	assert_int_equal(index_each_asking(index, STR_LIT("/b.png"), see, &seen), 0);
	assert_int_equal(seen.count, 2);
	index_close(index);
}

static void test_damaged_answers_of_a_renderer(void **state)
{
	struct post_head head = plain_head("a.md", "a", "en", "/a");
	struct buf packed = BUF_EMPTY;
	struct index *index = create();

	(void)state;
	postpack_head(&head, &packed);
	for (size_t n = 0; n < packed.n; n += 7)
		assert_int_equal(index_put_post(index, str_head(buf_view(&packed), n), STR_LIT(""), STR_LIT(""), &err), -1);
	packed.p[packed.n / 2] ^= 1;
	assert_int_equal(index_put_post(index, buf_view(&packed), STR_LIT(""), STR_LIT(""), &err), -1);
	buf_reset(&err);
	assert_string_equal(listed(index, "", NOON), "");
	buf_release(&packed);
	commit(index);
}

/* --- transactions --------------------------------------------------------------------- */

static void test_generations(void **state)
{
	struct index *index = create();
	uint64_t last = index_generation(index);

	(void)state;
	commit(index);
	for (int i = 0; i < 5; i++) {
		index = change();
		commit(index);
		index = open_it();
		assert_true(index_generation(index) > last);
		last = index_generation(index);
		index_close(index);
	}
	index = change();
	put(index, "a.md", "a", "en", "/a");
	index_rollback(index);
	index_rollback(index);
	assert_int_equal(index_generation(index), last);
	assert_null(group_at(index, "/a"));
	index_close(index);
}

/* In a process of its own: SQLite's locks are the process's.  No assertions. */
static pid_t commit_elsewhere(int after)
{
	struct post_head head = plain_head("b.md", "b", "en", "/b");
	struct buf packed = BUF_EMPTY, body = BUF_EMPTY;
	struct index *index;
	char go;

	pid_t child = fork();
	if (child)
		return child;
	postpack_head(&head, &packed);
	postpack_body(&(struct post_body){.html = STR_LIT("b")}, &body);
	bool done = read(after, &go, 1) == 1 &&
		    index_open_writer(path, FINGERPRINT, false, &index, &err) == INDEX_FINE &&
		    !index_write_begin(index, &err) &&
		    !index_put_post(index, buf_view(&packed), buf_view(&body), STR_LIT("text"), &err) &&
		    !index_remove(index, "a.md", &err) && !index_settle(index, &t.config, &err) &&
		    !index_commit(index, &err);
	_exit(done ? 0 : 1);
}

/* A reader in mid-request sees the old site, whole, while a new one is committed. */
static void test_reader_keeps_its_version(void **state)
{
	struct index *index = create();
	int status, pipes[2];

	(void)state;
	put(index, "a.md", "a", "en", "/a");
	commit(index);
	assert_int_equal(pipe(pipes), 0);
	pid_t child = commit_elsewhere(pipes[0]);
	struct index *reader = open_it();
	uint64_t before = index_generation(reader);
	assert_int_equal(index_begin(reader), 0);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	usleep(100 * 1000);
	assert_string_equal(group_at(reader, "/a"), "a");
	assert_null(group_at(reader, "/b"));
	assert_int_equal(index_generation(reader), before);
	index_end(reader);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(index_begin(reader), 0);
	assert_null(group_at(reader, "/a"));
	assert_string_equal(group_at(reader, "/b"), "b");
	assert_int_not_equal(index_generation(reader), before);
	index_end(reader);
	index_end(reader);
	index_close(reader);
	close(pipes[0]);
	close(pipes[1]);
}

/* --- what may have happened to the file -------------------------------------------------- */

static enum index_status status_of(uint64_t fingerprint)
{
	struct index *index = NULL, *writer = NULL;
	enum index_status status = index_open(path, fingerprint, &index, &err);
	enum index_status writing = index_open_writer(path, fingerprint, false, &writer, &err);

	assert_int_equal(status == INDEX_FINE, index != NULL);
	assert_int_equal(writing == INDEX_FINE, writer != NULL);
	assert_int_equal(status == INDEX_FINE, writing == INDEX_FINE);
	index_close(index);
	index_close(writer);
	buf_reset(&err);
	return status;
}

static void execute(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_other_versions(void **state)
{
	(void)state;
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	assert_false(tempsite_exists(&t, "index.db"));
	commit(create());
	assert_int_equal(status_of(FINGERPRINT), INDEX_FINE);
	assert_int_equal(status_of(FINGERPRINT + 1), INDEX_UNUSABLE);
	execute("UPDATE meta SET value = value + 1 WHERE key = 'schema'");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	execute("UPDATE meta SET value = value - 2 WHERE key = 'schema'");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	execute("DELETE FROM meta");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	execute("DROP TABLE meta");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	tempsite_remove(&t, "index.db");
	execute("CREATE TABLE somebody_else(x)");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
}

static void test_no_database(void **state)
{
	(void)state;
	tempsite_write(&t, "index.db", "");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	tempsite_write(&t, "index.db", "This is a text, and not a short one: it is longer than any header.\n"
				       "This is a text, and not a short one: it is longer than any header.\n");
	assert_int_equal(status_of(FINGERPRINT), INDEX_UNUSABLE);
	tempsite_remove(&t, "index.db");
	tempsite_folder(&t, "index.db");
	assert_int_not_equal(status_of(FINGERPRINT), INDEX_FINE);
}

/* Everything that a reader may ask.  No answer may be a wrong post: the heads
 * and bodies that come back are those that were put in. */
static void ask_everything(struct index *index)
{
	struct index_heads heads;
	struct post_head alias;
	struct post_body body;
	struct str group;
	struct seen seen = {0};
	struct index_list list = all_of("posts", NOON);
	struct index_page page;

	if (index_begin(index) == 0) {
		(void)index_generation(index);
		if (index_find_path(index, &arena, STR_LIT("/posts/17"), NOON, &group) == 1)
			(void)index_group(index, &arena, group, &heads);
		(void)index_find_alias(index, &arena, STR_LIT("/old"), NOON, &alias);
		(void)index_has(index, &list);
		if (index_list(index, &arena, &list, &page) == 0) {
			for (size_t i = 0; i < page.heads.count; i++) {
				assert_true(str_starts(page.heads.at[i].file, "posts/"));
				assert_true(str_is(page.heads.at[i].lang, "en"));
				if (!index_body(index, &arena, page.heads.at[i].id, &body))
					assert_true(str_starts(body.html, "posts/"));
			}
		}
		index_end(index);
	}
	(void)index_each_file(index, see, &seen);
	arena_reset(&arena);
}

static void use_damaged(struct str bytes, unsigned long *opened)
{
	struct index *index;

	tempsite_write_str(&t, "index.db", bytes);
	if (index_open(path, FINGERPRINT, &index, &err) == INDEX_FINE) {
		++*opened;
		ask_everything(index);
		index_close(index);
	}
	if (index_open_writer(path, FINGERPRINT, false, &index, &err) == INDEX_FINE) {
		ask_everything(index);
		if (index_write_begin(index, &err) || index_remove(index, "posts/17.md", &err) ||
		    index_settle(index, &t.config, &err) || index_commit(index, &err))
			index_rollback(index);
		index_close(index);
	}
	(void)unlink(tempsite_path(&t, "index.db-journal"));
	buf_reset(&err);
}

static struct buf sample_index(void)
{
	struct index *index = create();
	struct post_head head;

	for (int i = 0; i < 60; i++) {
		const char *name = arena_printf(&arena, "posts/%d.md", i).p;
		head = plain_head(name, name, "en", arena_printf(&arena, "/posts/%d", i).p);
		head.aliases = i ? STR_LIT("[]") : STR_LIT("[\"/old\"]");
		put_with(index, &head, arena_printf(&arena, "%s%0*d", name, i * 97, 0));
	}
	commit(index);
	arena_reset(&arena);
	return tempsite_read(&t, "index.db");
}

static void test_truncated(void **state)
{
	struct buf whole = sample_index();
	unsigned long opened = 0;

	(void)state;
	for (size_t n = 0; n < whole.n; n = n < 120 ? n + 1 : n + 1311)
		use_damaged(str_head(buf_view(&whole), n), &opened);
	print_message("%zu bytes; cut off, it could be opened %lu times\n", whole.n, opened);
	buf_release(&whole);
}

static void test_overwritten(void **state)
{
	struct buf whole = sample_index();
	unsigned long opened = 0;
	unsigned random = 1;

	(void)state;
	for (int round = 0; round < 400; round++) {
		struct buf bytes = BUF_EMPTY;
		buf_str(&bytes, buf_view(&whole));
		/* One byte, a few, a run, or a whole page. */
		for (int k = 0; k < (round % 4 == 1 ? 20 : 1); k++) {
			random = random * 1103515245u + 12345u;
			size_t at = (random >> 4) % bytes.n;
			size_t n = round % 4 == 2 ? 100 : round % 4 == 3 ? 4096 : 1;
			if (round < 100)
				at %= 4096; /* the header and the schema */
			for (size_t i = at; i < at + n && i < bytes.n; i++)
				bytes.p[i] ^= (char)((random >> 16) | 1);
		}
		use_damaged(buf_view(&bytes), &opened);
		buf_release(&bytes);
	}
	print_message("with wrong bytes in it, it could be opened %lu times of 400\n", opened);
	buf_release(&whole);
}

/* While it is open. */
static void test_damaged_in_use(void **state)
{
	struct buf whole = sample_index();
	struct index *index = open_it();

	(void)state;
	assert_int_equal(index_begin(index), 0);
	index_end(index);
	tempsite_write(&t, "index.db", "");
	assert_int_equal(index_begin(index), -1);
	assert_true(index_damaged(index));
	index_close(index);

	tempsite_write_str(&t, "index.db", buf_view(&whole));
	index = open_it();
	tempsite_write_str(&t, "index.db", str_head(buf_view(&whole), whole.n / 2));
	ask_everything(index);
	assert_true(index_damaged(index));
	index_close(index);

	/* Deleted: what is open stays. */
	tempsite_write_str(&t, "index.db", buf_view(&whole));
	index = open_it();
	tempsite_remove(&t, "index.db");
	assert_int_equal(index_begin(index), 0);
	assert_string_equal(group_at(index, "/posts/17"), "posts/17.md");
	index_end(index);
	assert_false(index_damaged(index));
	index_close(index);
	buf_release(&whole);
}

/* A writer killed in mid-commit: pages are changed, the journal has the old ones. */
static void leave_hot_journal(void)
{
	pid_t child = fork();

	if (!child) {
		sqlite3 *db;
		sqlite3_open(path, &db);
		sqlite3_exec(db, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;"
				 "UPDATE posts SET path = 'wrong' || path, grp = 'wrong' || grp;"
				 "UPDATE bodies SET body = zeroblob(5000)", NULL, NULL, NULL);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, NULL, 0);
}

static void test_hot_journal(void **state)
{
	struct buf whole = sample_index();

	(void)state;
	leave_hot_journal();
	struct buf changed = tempsite_read(&t, "index.db");
	assert_true(tempsite_exists(&t, "index.db-journal"));
	assert_false(str_eq(buf_view(&changed), buf_view(&whole)));
	buf_release(&changed);
	struct index *index = open_it();
	assert_false(tempsite_exists(&t, "index.db-journal"));
	assert_string_equal(group_at(index, "/posts/17"), "posts/17.md");
	ask_everything(index);
	assert_false(index_damaged(index));
	index_close(index);
	changed = tempsite_read(&t, "index.db");
	assert_true(str_eq(buf_view(&changed), buf_view(&whole)));
	buf_release(&changed);

	/* And one that appears while a reader has the file open. */
	index = open_it();
	assert_int_equal(index_begin(index), 0);
	index_end(index);
	leave_hot_journal();
	assert_int_equal(index_begin(index), 0);
	assert_string_equal(group_at(index, "/posts/17"), "posts/17.md");
	index_end(index);
	assert_false(index_damaged(index));
	index_close(index);

	/* A journal that is none. */
	tempsite_write(&t, "index.db-journal", "This is no journal.");
	index = open_it();
	assert_string_equal(group_at(index, "/posts/17"), "posts/17.md");
	index_close(index);
	buf_release(&whole);
}

/* --- which pages a change touches ---------------------------------------------------- */

static const int64_t PAST = 1704110400; /* 2024-01-01 12:00 UTC */

static void put_article(struct index *index, const char *name, int64_t date, const char *title, const char *html)
{
	struct post_head head = plain_head(arena_printf(&arena, "posts/%s.md", name).p,
					   arena_printf(&arena, "posts/%s", name).p, "en",
					   arena_printf(&arena, "/posts/%s", name).p);

	head.date = date;
	head.title = str_from(title);
	put_with(index, &head, str_from(html));
}

static struct index *collect(struct buf *tags)
{
	struct index *index = change();

	buf_reset(tags);
	index_collect_tags(index, tags);
	return index;
}

static void test_tags_of_changes(void **state)
{
	struct index *index = create();
	struct buf tags = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 5; i++)
		put_article(index, arena_printf(&arena, "p%d", i).p, PAST + i * 100, "title", "html");
	commit(index);

	index = collect(&tags);
	put_article(index, "p1", PAST + 100, "title", "html"); /* as it was */
	commit(index);
	assert_string_equal(buf_z(&tags), "");

	index = collect(&tags);
	put_article(index, "p1", PAST + 100, "title", "other html"); /* the excerpt is cut at 0 */
	commit(index);
	assert_string_equal(buf_z(&tags), "posts/p1");

	index = collect(&tags);
	put_article(index, "p1", PAST + 100, "other title", "other html");
	commit(index);
	assert_string_equal(buf_z(&tags), "posts/p1 list");

	index = collect(&tags);
	put_article(index, "p1", PAST + 350, "other title", "other html"); /* between p3 and p4 */
	commit(index);
	assert_string_equal(buf_z(&tags), "posts/p1 list posts/p3 posts/p4");

	index = collect(&tags);
	put_article(index, "new, one", PAST - 50, "title", "html");
	commit(index);
	assert_string_equal(buf_z(&tags), "posts/new%2C%20one list posts/p0");

	index = collect(&tags);
	assert_int_equal(index_remove(index, "posts/p0.md", &err), 0);
	commit(index);
	assert_string_equal(buf_z(&tags), "posts/p0 list");

	index = collect(&tags);
	for (int i = 0; i < 4000; i++)
		put_article(index, arena_printf(&arena, "many-%d", i).p, PAST + i, "title", "html");
	commit(index);
	assert_string_equal(buf_z(&tags), INDEX_EVERY_TAG);
	buf_release(&tags);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_in_and_out),
		TEST(test_groups),
		TEST(test_public_first),
		TEST(test_aliases),
		TEST(test_lists_and_times),
		TEST(test_times_of_change),
		TEST(test_lists_by_chance),
		TEST(test_neighbours),
		TEST(test_neighbours_of_a_translation),
		TEST(test_related),
		TEST(test_inheritance),
		TEST(test_inherited_publishing),
		TEST(test_moved_between_groups),
		TEST(test_files),
		TEST(test_damaged_answers_of_a_renderer),
		TEST(test_generations),
		TEST(test_reader_keeps_its_version),
		TEST(test_other_versions),
		TEST(test_no_database),
		TEST(test_truncated),
		TEST(test_overwritten),
		TEST(test_damaged_in_use),
		TEST(test_hot_journal),
		TEST(test_tags_of_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
