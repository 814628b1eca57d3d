/* index_place.c: a group of translations -> its rows in every list.
 *
 * For each of the site's languages the translations are put in the order in
 * which a reader of that language would get them; each has the time that the
 * ones before it leave.  So a list is one range of rows, and time alone, not a
 * new index, makes a post appear, expire, or stand in for another.
 */
#include "index_rows.h"
#include "lang.h"
#include "taxonomy.h"
#include "value.h"

#include <time.h>

struct span {
	int64_t start, stop; /* start <= t < stop */
};

struct spans {
	struct span *at;
	size_t count;
};

/* What `placed` keeps of an entry. */
struct spot {
	int64_t scope, date, start;
};

struct placing {
	struct index *index;
	struct arena *arena;
	const struct config *config;
	struct str group;
	int64_t date, now;
	struct buf spots;
	struct buf *err;
};

static int trouble(struct placing *p)
{
	return db_failed(p->index->db, p->err);
}

/* What is stale of a list that changes; the others' newest entries nobody asks for. */
#define OF_TAGS "2 * (kind = 2)"
_Static_assert(SCOPE_TAG == 2, "as OF_TAGS has it");

/* --- out of the lists ------------------------------------------------------------ */

static void bind_spot(struct placing *p, struct db_statement *s, const struct spot *spot)
{
	db_bind_int(s, 1, spot->scope);
	db_bind_int(s, 2, spot->date);
	db_bind_str(s, 3, p->group);
	db_bind_int(s, 4, spot->start);
}

static int leave(struct placing *p, const struct spot *spot)
{
	struct db *db = p->index->db;
	struct db_statement *s = db_use(db, "DELETE FROM entries WHERE scope = ?1 AND date = ?2 AND grp = ?3 "
					    "AND start = ?4 RETURNING modified");
	int64_t modified = TIME_ABSENT;
	int found;

	bind_spot(p, s, spot);
	while ((found = db_step(db, s)) == 1)
		modified = db_int(s, 0);
	if (found < 0)
		return trouble(p);
	s = db_use(db, "DELETE FROM timed WHERE scope = ?1 AND grp = ?2 AND start = ?3");
	db_bind_int(s, 1, spot->scope);
	db_bind_str(s, 2, p->group);
	db_bind_int(s, 3, spot->start);
	if (db_run(db, s))
		return trouble(p);
	/* When the newest of a list goes, somebody has to look for the next. */
	s = db_use(db, "UPDATE scopes SET count = count - 1, stale = stale | (modified <= ?2) | " OF_TAGS
		       " WHERE id = ?1");
	db_bind_int(s, 1, spot->scope);
	db_bind_int(s, 2, modified);
	return db_run(db, s) ? trouble(p) : 0;
}

static int leave_all(struct placing *p)
{
	struct db *db = p->index->db;
	struct db_statement *s = db_use(db, "DELETE FROM placed WHERE grp = ?1 RETURNING entries");
	struct str old = STR_LIT("");
	int found;

	db_bind_str(s, 1, p->group);
	while ((found = db_step(db, s)) == 1)
		old = arena_str(p->arena, db_bytes(s, 0));
	if (found < 0)
		return trouble(p);
	for (struct spot spot; old.n >= sizeof(spot); old = str_skip(old, sizeof(spot))) {
		memcpy(&spot, old.p, sizeof(spot));
		if (leave(p, &spot))
			return -1;
	}
	return 0;
}

/* --- into the lists ---------------------------------------------------------------- */

struct entry {
	size_t language;
	const struct post_head *head;
	struct span span;
	int64_t modified;
	bool own;
};

static int find_scope(struct placing *p, const struct entry *e, enum index_scope kind, struct str name, int64_t *id)
{
	struct db *db = p->index->db;
	struct db_statement *s =
		db_use(db, "INSERT INTO scopes(lang, kind, name, count, modified, stale, newest) "
			   "VALUES(?1, ?2, ?3, 1, ?4, 2 * (?2 = 2), x'') "
			   "ON CONFLICT(kind, name, lang) DO UPDATE SET count = count + 1, "
			   "stale = stale & (2 + (modified > ?4)) | " OF_TAGS ", "
			   "modified = max(modified, ?4) RETURNING id");
	int found;

	db_bind_int(s, 1, (int64_t)e->language);
	db_bind_int(s, 2, kind);
	db_bind_str(s, 3, name);
	db_bind_int(s, 4, e->modified);
	while ((found = db_step(db, s)) == 1)
		*id = db_int(s, 0);
	return found < 0 ? trouble(p) : 0;
}

static int put_timed(struct placing *p, const struct spot *spot, const struct span *span)
{
	struct db *db = p->index->db;
	struct db_statement *s = db_use(db, "INSERT INTO timed VALUES(?1, ?2, ?3, ?4)");

	if (span->start <= p->now && span->stop == INT64_MAX)
		return 0;
	db_bind_int(s, 1, spot->scope);
	db_bind_str(s, 2, p->group);
	db_bind_int(s, 3, span->start);
	db_bind_int(s, 4, span->stop);
	return db_run(db, s) ? trouble(p) : 0;
}

static int enter(struct placing *p, const struct entry *e, enum index_scope kind, struct str name)
{
	struct db *db = p->index->db;
	struct spot spot = {.date = p->date, .start = e->span.start};

	if (find_scope(p, e, kind, name, &spot.scope))
		return -1;
	struct db_statement *s = db_use(db, "INSERT INTO entries(scope, date, grp, start, stop, post, own, modified) "
					    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	bind_spot(p, s, &spot);
	db_bind_int(s, 5, e->span.stop);
	db_bind_int(s, 6, e->head->id);
	db_bind_int(s, 7, e->own);
	db_bind_int(s, 8, e->modified);
	if (db_run(db, s))
		return trouble(p);
	buf_add(&p->spots, &spot, sizeof(spot));
	return put_timed(p, &spot, &e->span);
}

/* "posts/a/b": posts, posts/a and posts/a/b. */
static int enter_sections(struct placing *p, const struct entry *e)
{
	struct str section = e->head->section;

	for (size_t i = 1; i <= section.n; i++)
		if ((i == section.n || section.p[i] == '/') && enter(p, e, SCOPE_SECTION, str_head(section, i)))
			return -1;
	return 0;
}

static int enter_terms(struct placing *p, const struct entry *e, enum index_scope kind, struct str json)
{
	struct buf ignored = BUF_EMPTY;
	const struct value *terms = value_read(json, &ignored);
	size_t count = value_count(terms);
	struct str *keys = ARENA_ARRAY(p->arena, count + 1, struct str);
	int result = 0;

	buf_release(&ignored);
	for (size_t i = 0; !result && i < count; i++) {
		bool again = false;
		keys[i] = taxonomy_key(p->arena, value_text(value_at(terms, i)));
		for (size_t k = 0; k < i; k++)
			again |= str_eq(keys[k], keys[i]);
		if (keys[i].n && !again)
			result = enter(p, e, kind, keys[i]);
	}
	return result;
}

static int enter_series(struct placing *p, const struct entry *e)
{
	struct str key = taxonomy_key(p->arena, e->head->series);

	return key.n ? enter(p, e, SCOPE_SERIES, key) : 0;
}

static int enter_all(struct placing *p, const struct entry *e)
{
	const struct post_head *head = e->head;

	return enter(p, e, SCOPE_ALL, STR_LIT("")) || enter_sections(p, e) ||
	       enter_terms(p, e, SCOPE_TAG, head->tags) || enter_terms(p, e, SCOPE_CATEGORY, head->categories) ||
	       enter_series(p, e) ||
	       enter_terms(p, e, SCOPE_AUTHOR, head->authors) ? -1 : 0;
}

/* --- who gets what, when -------------------------------------------------------------- */

/* The translation that a reader of `language` gets of those left, taken out of
 * them; *own: because it is in that language. */
static const struct post_head *take_best(struct placing *p, size_t language, const struct index_heads *heads,
					 bool *left, bool *own)
{
	size_t count = p->config->language_count;
	struct lang_known *known = ARENA_ARRAY(p->arena, count, struct lang_known);
	struct str wanted = str_from(p->config->languages[language].tag);
	bool chain;

	for (size_t i = 0; i < count; i++)
		known[i] = (struct lang_known){p->config->languages[i].tag, p->config->languages[i].fallback};
	int at = lang_match(wanted, known, left, count);
	*own = at >= 0;
	if (at < 0)
		at = lang_match_chain(wanted, known, left, count, &chain);
	for (size_t i = 0; at < 0 && i < count; i++)
		if (left[i])
			at = (int)i;
	if (at < 0)
		return NULL;
	left[at] = false;
	for (size_t i = 0; i < heads->count; i++)
		if (config_language_at(p->config, heads->at[i].lang) == at)
			return &heads->at[i];
	return NULL;
}

static int enter_span(struct placing *p, struct entry *e, struct span span)
{
	if (span.start >= span.stop)
		return 0;
	e->span = span;
	e->modified = e->head->mtime;
	/* To appear is a modification, too. */
	if (span.start <= p->now && span.start > e->modified)
		e->modified = span.start;
	return enter_all(p, e);
}

/* Gives a post what it can have of the free time, and keeps the rest. */
static int share_out(struct placing *p, struct entry *e, struct spans *free)
{
	int64_t start = post_start(e->head), stop = post_stop(e->head);
	struct spans rest = {ARENA_ARRAY(p->arena, free->count + 1, struct span), 0};

	if (start >= stop)
		return 0;
	for (size_t i = 0; i < free->count; i++) {
		struct span f = free->at[i];
		struct span mine = {f.start > start ? f.start : start, f.stop < stop ? f.stop : stop};
		if (mine.start >= mine.stop) {
			rest.at[rest.count++] = f;
			continue;
		}
		if (enter_span(p, e, mine))
			return -1;
		if (f.start < mine.start)
			rest.at[rest.count++] = (struct span){f.start, mine.start};
		if (mine.stop < f.stop)
			rest.at[rest.count++] = (struct span){mine.stop, f.stop};
	}
	*free = rest;
	return 0;
}

static int enter_language(struct placing *p, size_t language, const struct index_heads *heads)
{
	bool *left = ARENA_ARRAY(p->arena, p->config->language_count, bool);
	struct span ever = {INT64_MIN, INT64_MAX};
	struct spans free = {&ever, 1};
	struct entry entry = {.language = language};

	for (size_t i = 0; i < heads->count; i++) {
		int at = config_language_at(p->config, heads->at[i].lang);
		if (at >= 0 && !heads->at[i].draft && heads->at[i].kind == POST_ARTICLE)
			left[at] = true;
	}
	while (free.count && (entry.head = take_best(p, language, heads, left, &entry.own)))
		if (share_out(p, &entry, &free))
			return -1;
	return 0;
}

/* Lists are ordered by one date for a whole group, the default language's or
 * the newest: an article has the same neighbours in every language. */
int64_t index_group_date(const struct config *config, const struct index_heads *heads)
{
	int64_t date = TIME_ABSENT;

	for (size_t i = 0; i < heads->count; i++) {
		if (str_is(heads->at[i].lang, config->languages[0].tag))
			return heads->at[i].date;
		if (heads->at[i].date > date)
			date = heads->at[i].date;
	}
	return date;
}

static int remember(struct placing *p)
{
	struct db *db = p->index->db;
	struct db_statement *s = db_use(db, "INSERT INTO placed VALUES(?1, ?2)");

	db_bind_str(s, 1, p->group);
	db_bind_bytes(s, 2, buf_view(&p->spots));
	return db_run(db, s) ? trouble(p) : 0;
}

int index_place_group(struct index *index, struct arena *arena, const struct config *config, struct str group,
		      const struct index_heads *heads, struct buf *err)
{
	struct placing p = {
		.index = index,
		.arena = arena,
		.config = config,
		.group = group,
		.date = index_group_date(config, heads),
		.now = (int64_t)time(NULL),
		.spots = BUF_IN(arena),
		.err = err,
	};

	value_pool(arena);
	if (leave_all(&p))
		return -1;
	for (size_t i = 0; heads->count && i < config->language_count; i++)
		if (enter_language(&p, i, heads))
			return -1;
	return heads->count ? remember(&p) : 0;
}

/* --- the first of a list ---------------------------------------------------------------- */

enum { TIMED_AMONG = 3 * INDEX_NEWEST /* with those that time has yet to bring */ };

/* As many as are public now, and those between them that will be. */
static int pack_newest(struct index *index, int64_t scope, int64_t now, struct buf *out)
{
	struct db_statement *s = db_use(index->db, "SELECT post, date, start, stop, grp FROM entries WHERE scope = ?1 "
						   "AND stop > ?2 ORDER BY date DESC, grp, start LIMIT ?3");
	int more = 1;

	db_bind_int(s, 1, scope);
	db_bind_int(s, 2, now);
	db_bind_int(s, 3, TIMED_AMONG);
	for (size_t listed = 0; listed < INDEX_NEWEST && (more = db_step(index->db, s)) == 1;) {
		struct str name = db_bytes(s, 4);
		struct index_newest entry = {db_int(s, 0), db_int(s, 1), db_int(s, 2), db_int(s, 3), name.n};
		listed += entry.start <= now;
		buf_add(out, &entry, sizeof(entry));
		buf_str(out, name);
	}
	db_reset(s);
	return more;
}

static int keep_newest(struct index *index, int64_t scope, int64_t now)
{
	struct db_statement *s = db_use(index->db, "UPDATE scopes SET newest = ?2, stale = stale & 1 WHERE id = ?1");
	struct buf packed = BUF_EMPTY;
	int result = pack_newest(index, scope, now, &packed) < 0 || buf_failed(&packed) ? -1 : 0;

	db_bind_int(s, 1, scope);
	db_bind_bytes(s, 2, buf_view(&packed));
	if (!result)
		result = db_run(index->db, s);
	buf_release(&packed);
	return result;
}

static int keep_all_newest(struct index *index, struct arena *arena)
{
	int64_t now = (int64_t)time(NULL), *ids = NULL;
	struct db_statement *s = db_use(index->db, "SELECT id FROM scopes WHERE stale AND stale & 2");
	size_t count = 0, room = 0;
	int more, result = 0;

	/* First all of them: what is put in changes the index that is walked along. */
	while ((more = db_step(index->db, s)) == 1) {
		ARENA_ROOM(arena, ids, count, room);
		ids[count++] = db_int(s, 0);
	}
	for (size_t i = 0; !result && i < count; i++)
		result = keep_newest(index, ids[i], now);
	return result || more < 0 ? -1 : 0;
}

int index_place_end(struct index *index, struct buf *err)
{
	struct arena arena;

	arena_init(&arena, 0);
	int result = keep_all_newest(index, &arena);
	arena_release(&arena);
	if (result ||
	    db_run(index->db, db_use(index->db, "DELETE FROM scopes WHERE stale AND count = 0")) ||
	    db_run(index->db, db_use(index->db, "UPDATE scopes SET stale = 0, modified = (SELECT max(modified) "
						"FROM entries WHERE scope = scopes.id) WHERE stale")))
		return db_failed(index->db, err);
	return 0;
}
