/* index_search.c: the articles that match, the best first.
 *
 * What a search costs does not grow with how common a word is: FTS5 gives the
 * newest matches first and is stopped after SCANNED of them, or when enough
 * groups are found.  Those are ranked by weigh() (db.c), which, other than
 * bm25(), does not read every row that has a word only to learn how rare it is:
 * all words must be there anyway.  Whose language a match has `texts` tells, for
 * to ask FTS5 for one that half of all articles have costs more than to find a
 * rare word.  Nothing depends on the order in which files came into the index.
 *
 * Common words that never stand together, and the beginnings of thousands of words,
 * are long looked for in vain: when time is up, what is found is all.
 */
#include "hash.h"
#include "index_rows.h"
#include "search.h"

#include <stdlib.h>

enum {
	SCANNED = 1000,      /* matches looked at, of all languages and of the list's own */
	SNIPPET_WORDS = 30,
	MILLISECONDS = 100,  /* of work on finding, and on snippets */
	MOST_HITS = 2 * INDEX_FOUND_LIMIT, /* one half in other languages */
	SLOTS = 2 * MOST_HITS,             /* of the hash table of groups */
};

struct hit {
	int64_t key, post, date, score;
	struct str group;
	bool foreign; /* in another language than the list's */
	bool chosen;  /* the one that the list shows */
};

struct search {
	struct index *index;
	struct arena *arena;
	const struct index_list *list;
	int64_t scope, tag;
	struct str *own; /* languages that are the list's own */
	size_t own_languages;

	struct hit *hits; /* MOST_HITS */
	size_t count, foreign;
	unsigned short *slots; /* 1 + position in hits, by the group's hash */
};

/* --- expressions ------------------------------------------------------------------------- */

static int read_own_languages(struct search *search)
{
	struct db *db = search->index->db;
	struct db_statement *s = db_use(db, "SELECT tag FROM languages WHERE lang = ?1 ORDER BY tag");
	size_t room = 0;
	int more;

	db_bind_int(s, 1, (int64_t)search->list->language);
	while ((more = db_step(db, s)) == 1) {
		size_t size = sizeof(*search->own), wider = room ? room * 2 : 4;
		if (search->own_languages == room) {
			search->own = arena_grow(search->arena, search->own, room * size, wider * size);
			room = wider;
		}
		search->own[search->own_languages++] = arena_str(search->arena, db_bytes(s, 0));
	}
	return more;
}

static bool is_foreign(const struct search *search, struct str language)
{
	for (size_t i = 0; i < search->own_languages; i++)
		if (str_eq(search->own[i], language))
			return false;
	return true;
}

static void add_scope(struct buf *out, enum index_scope kind, struct str name)
{
	char token[INDEX_TOKEN_SIZE];

	index_text_token(kind, name, token);
	buf_printf(out, " AND lists : \"%s\"", token);
}

static void add_own_languages(const struct search *search, struct buf *out)
{
	for (size_t i = 0; i < search->own_languages; i++) {
		char token[INDEX_TOKEN_SIZE];
		index_text_token(SCOPE_ALL, search->own[i], token);
		buf_printf(out, "%s\"%s\"", i ? " OR " : " AND lists : (", token);
	}
	buf_char(out, ')');
}

static struct str expression(struct search *search, struct str match, bool own)
{
	const struct index_list *list = search->list;
	struct buf out = BUF_IN(search->arena);

	buf_printf(&out, "({title tags text} : (%.*s))", STR_ARG(match));
	if (list->scope != SCOPE_ALL)
		add_scope(&out, list->scope, list->name);
	if (list->tag.n)
		add_scope(&out, SCOPE_TAG, list->tag);
	if (own)
		add_own_languages(search, &out);
	return buf_view(&out);
}

/* --- finding ------------------------------------------------------------------------------- */

static int compare(const void *one, const void *other)
{
	const struct hit *a = one, *b = other;

	if (a->foreign != b->foreign)
		return a->foreign ? 1 : -1;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->date != b->date)
		return a->date > b->date ? -1 : 1;
	return str_compare(a->group, b->group);
}

/* Of two translations of a group. */
static bool is_better(const struct hit *a, const struct hit *b)
{
	if (a->foreign != b->foreign)
		return b->foreign;
	if (a->chosen != b->chosen && !a->foreign)
		return a->chosen;
	return a->score != b->score ? a->score > b->score : a->key < b->key;
}

static void add(struct search *search, const struct hit *hit)
{
	size_t slot = hash64(hit->group) % SLOTS;

	for (; search->slots[slot]; slot = (slot + 1) % SLOTS) {
		struct hit *seen = &search->hits[search->slots[slot] - 1];
		if (!str_eq(seen->group, hit->group))
			continue;
		if (!is_better(hit, seen))
			return;
		search->foreign -= seen->foreign && !hit->foreign;
		*seen = (struct hit){hit->key, hit->post, hit->date, hit->score, seen->group, hit->foreign,
				     hit->chosen};
		return;
	}
	if (hit->foreign && search->foreign == INDEX_FOUND_LIMIT)
		return;
	struct hit *mine = &search->hits[search->count];
	*mine = *hit;
	mine->group = arena_str(search->arena, hit->group);
	search->foreign += hit->foreign;
	search->slots[slot] = (unsigned short)++search->count;
}

/* Matches, newest day first; `shown` is whether the list has the group now, or 0,
 * and which post of it. */
#define MATCHES(shown, entries)                                                                      \
	"SELECT search.rowid, texts.post, texts.grp, texts.date, texts.lang, texts.start, texts.stop, "  \
	"weigh(search, title_size, text_size), " shown                                                 \
	" FROM search CROSS JOIN texts ON texts.key = search.rowid " entries                          \
	"WHERE search MATCH ?1 AND search.rowid >= ?2 AND search.rowid <= ?3 ORDER BY search.rowid DESC"

/* What is public is in the list of all; which of its translations stands there is
 * no question where one language is the list's own. */
static bool is_plain(const struct search *search)
{
	return search->list->scope == SCOPE_ALL && !search->list->tag.n && search->own_languages == 1;
}

static struct db_statement *ask(struct search *search, struct str expression)
{
	const struct index_list *list = search->list;
	struct db *db = search->index->db;
	struct db_statement *s =
		is_plain(search)
		? db_use(db, MATCHES("texts.post", ""))
		: db_use(db, MATCHES("e.post",
				     "LEFT JOIN entries e ON e.scope = ?4 AND e.date = texts.date AND "
				     "e.grp = texts.grp AND e.start <= ?5 AND e.stop > ?5 AND (NOT ?6 OR e.own) "
				     "AND (NOT ?7 OR EXISTS (SELECT 1 FROM entries t WHERE t.scope = ?8 AND "
				     "t.date = e.date AND t.grp = e.grp AND t.start = e.start)) "));

	db_bind_str(s, 1, expression);
	db_bind_int(s, 2, list->from == INT64_MIN ? INT64_MIN : index_text_key(list->from));
	db_bind_int(s, 3, list->until == INT64_MAX ? INT64_MAX : index_text_key(list->until) + INDEX_TEXT_DAY);
	if (is_plain(search))
		return s;
	db_bind_int(s, 4, search->scope);
	db_bind_int(s, 5, list->now);
	db_bind_int(s, 6, list->own);
	db_bind_int(s, 7, list->tag.n > 0);
	db_bind_int(s, 8, search->tag);
	return s;
}

/* The row's, if the list has it now. */
static bool read_hit(const struct search *search, struct db_statement *s, struct hit *hit)
{
	const struct index_list *list = search->list;
	int64_t shown = db_int_or(s, 8, 0);

	*hit = (struct hit){.key = db_int(s, 0), .post = db_int(s, 1), .group = db_bytes(s, 2),
			    .date = db_int(s, 3), .foreign = is_foreign(search, db_bytes(s, 4))};
	if (!shown || db_int(s, 5) > list->now || db_int(s, 6) <= list->now ||
	    hit->date < list->from || hit->date >= list->until || (hit->foreign && list->own))
		return false;
	hit->score = db_int(s, 7);
	hit->chosen = shown == hit->post;
	return true;
}

/* -1, or whether there may be more. */
static int scan(struct search *search, struct str words)
{
	struct db *db = search->index->db;
	struct db_statement *s = ask(search, words);
	int more = 1;

	for (size_t i = 0; i < SCANNED && search->count - search->foreign < INDEX_FOUND_LIMIT &&
			   (more = db_step(db, s)) == 1; i++) {
		struct hit hit;
		if (read_hit(search, s, &hit))
			add(search, &hit);
	}
	bool late = more < 0 && db_exhausted(db);
	db_reset(s);
	return late ? 0 : more;
}

/* Of those that have an article in the list's own language none is to be missed
 * because there are so many others. */
static int scan_all(struct search *search, struct str match)
{
	search->count = search->foreign = 0;
	memset(search->slots, 0, SLOTS * sizeof(*search->slots));
	int more = scan(search, expression(search, match, false));
	if (more == 1 && search->count - search->foreign < INDEX_FOUND_LIMIT)
		more = scan(search, expression(search, match, true));
	return more < 0 ? -1 : 0;
}

/* --- snippets -------------------------------------------------------------------------------- */

/* One pass for all: to begin with a word's beginning is what costs. */
static int read_snippets(struct search *search, struct str match, const struct hit *hits, struct index_found *found,
			 size_t count)
{
	struct db *db = search->index->db;
	struct db_statement *s =
		db_use(db, "SELECT rowid, CASE WHEN +rowid IN (SELECT value FROM json_each(?4)) "
			   "THEN excerpt(search, 3, ?5) END FROM search "
			   "WHERE search MATCH ?1 AND rowid >= ?2 AND rowid <= ?3 ORDER BY rowid DESC");
	struct buf keys = BUF_IN(search->arena);
	int64_t low = INT64_MAX, high = INT64_MIN;
	struct str words = arena_printf(search->arena, "{title tags text} : (%.*s)", STR_ARG(match));
	int more = 0;

	for (size_t i = 0; i < count; i++) {
		low = hits[i].key < low ? hits[i].key : low;
		high = hits[i].key > high ? hits[i].key : high;
		buf_printf(&keys, "%s%lld", i ? "," : "[", (long long)hits[i].key);
	}
	buf_char(&keys, ']');
	db_bind_str(s, 1, words);
	db_bind_int(s, 2, low);
	db_bind_int(s, 3, high);
	db_bind_str(s, 4, buf_view(&keys));
	db_bind_int(s, 5, SNIPPET_WORDS);
	while (count && (more = db_step(db, s)) == 1)
		for (size_t i = 0; i < count; i++)
			if (hits[i].key == db_int(s, 0))
				found[i].snippet = arena_str(search->arena, db_bytes(s, 1));
	bool late = more < 0 && db_exhausted(db);
	db_reset(s);
	return more < 0 && !late ? -1 : 0;
}

/* --- all of it ------------------------------------------------------------------------------- */

static int read_results(struct search *search, struct str match, struct index_results *out)
{
	const struct index_list *list = search->list;
	size_t total = search->count < INDEX_FOUND_LIMIT ? search->count : INDEX_FOUND_LIMIT;
	size_t offset = list->offset < total ? list->offset : total;
	size_t left = total - offset, count = list->limit < left ? list->limit : left;

	out->total = total;
	if (search->count)
		qsort(search->hits, search->count, sizeof(search->hits[0]), compare);
	out->at = ARENA_ARRAY(search->arena, count + 1, struct index_found);
	for (; out->count < count; out->count++) {
		struct index_found *found = &out->at[out->count];
		int there = index_head(search->index, search->arena, search->hits[offset + out->count].post,
				       &found->head);
		found->snippet = STR_LIT("");
		if (there == 0) /* a text without its post */
			db_note_bad_value(search->index->db);
		if (there != 1)
			return -1;
	}
	return read_snippets(search, match, search->hits + offset, out->at, count);
}

static int search_words(struct search *search, struct str match, struct index_results *out)
{
	struct db *db = search->index->db;
	struct str whole = search_match_whole(search->arena, match);

	db_limit(db, MILLISECONDS);
	if (whole.n && scan_all(search, whole))
		return -1;
	/* A word that is in so many articles itself need not be completed. */
	bool completed = !whole.n || search->count < INDEX_FOUND_LIMIT;
	if (completed && scan_all(search, match))
		return -1;
	if (whole.n && completed && db_exhausted(db)) {
		completed = false;
		db_limit(db, MILLISECONDS);
		if (scan_all(search, whole))
			return -1;
	}
	db_limit(db, MILLISECONDS);
	return read_results(search, completed ? match : whole, out);
}

int index_search(struct index *index, struct arena *arena, const struct index_list *list, struct str match,
		 struct index_results *out)
{
	struct search search = {.index = index, .arena = arena, .list = list};
	struct scope scope, tag = {0};

	*out = (struct index_results){0};
	if (!match.n)
		return 0;
	if (db_add_text_functions(index->db) ||
	    index_find_scope(index, list->language, list->scope, list->name, &scope) ||
	    (list->tag.n && index_find_scope(index, list->language, SCOPE_TAG, list->tag, &tag)) ||
	    read_own_languages(&search))
		return -1;
	if (!search.own_languages) /* nothing was ever put in */
		return 0;
	search.scope = scope.id;
	search.tag = tag.id;
	search.hits = arena_alloc(arena, MOST_HITS * sizeof(*search.hits));
	search.slots = arena_alloc(arena, SLOTS * sizeof(*search.slots));
	return search_words(&search, match, out);
}
