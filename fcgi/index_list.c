/* index_list.c: which articles a list has, at a moment, in a language.
 *
 * A list is a range of `entries` (index_place.c), so that a page costs what is
 * on it and not what is in the list.  How many there are is kept, too; `timed`
 * has the few that are not there yet or any more.
 */
#include "date.h"
#include "index_rows.h"
#include "taxonomy.h"
#include "value.h"

#include <stdlib.h>

int index_find_scope(struct index *index, size_t language, enum index_scope kind, struct str name,
		     struct scope *out)
{
	struct db_statement *s = db_use(index->db, "SELECT id, count, modified FROM scopes "
						   "WHERE lang = ?1 AND kind = ?2 AND name = ?3");

	*out = (struct scope){.modified = TIME_ABSENT};
	db_bind_int(s, 1, (int64_t)language);
	db_bind_int(s, 2, kind);
	db_bind_str(s, 3, name);
	int found = db_step(index->db, s);
	if (found == 1)
		*out = (struct scope){db_int(s, 0), db_int(s, 1), db_int(s, 2)};
	db_reset(s);
	return found < 0 ? -1 : 0;
}

static int find_scopes(struct index *index, const struct index_list *list, struct scope *scope, struct scope *tag)
{
	*tag = (struct scope){0};
	if (index_find_scope(index, list->language, list->scope, list->name, scope))
		return -1;
	return list->tag.n ? index_find_scope(index, list->language, SCOPE_TAG, list->tag, tag) : 0;
}

/* --- entries ----------------------------------------------------------------------- */

#define IN_LIST                                                                                       \
	" FROM entries e WHERE scope = ?1 AND start <= ?2 AND stop > ?2 AND date >= ?3 AND date < ?4 " \
	"AND (NOT ?5 OR own) AND (NOT ?6 OR EXISTS (SELECT 1 FROM entries t WHERE t.scope = ?7 "       \
	"AND t.date = e.date AND t.grp = e.grp AND t.start = e.start)) "

static void bind_list(struct db_statement *s, const struct index_list *list, const struct scope *scope,
		      const struct scope *tag)
{
	db_bind_int(s, 1, scope->id);
	db_bind_int(s, 2, list->now);
	db_bind_int(s, 3, list->from);
	db_bind_int(s, 4, list->until);
	db_bind_int(s, 5, list->own);
	db_bind_int(s, 6, list->tag.n > 0);
	db_bind_int(s, 7, tag->id);
}

/* The rows' posts, in their order. */
static int read_posts(struct index *index, struct arena *arena, struct db_statement *s, size_t limit,
		      struct index_heads *out)
{
	size_t room = 0, count = 0;
	int64_t *ids = NULL;
	int more;

	*out = (struct index_heads){0};
	while (count < limit && (more = db_step(index->db, s)) == 1) {
		if (count == room) {
			size_t wider = room ? room * 2 : 16;
			ids = arena_grow(arena, ids, room * sizeof(*ids), wider * sizeof(*ids));
			room = wider;
		}
		ids[count++] = db_int(s, 0);
	}
	db_reset(s);
	if (count < limit && more < 0)
		return -1;
	out->at = ARENA_ARRAY(arena, count + 1, struct post_head);
	for (; out->count < count; out->count++) {
		int found = index_head(index, arena, ids[out->count], &out->at[out->count]);
		if (found == 0) /* an entry without its post */
			db_note_bad_value(index->db);
		if (found != 1)
			return -1;
	}
	return 0;
}

/* `timed` leaves out what was there before the lists were made: nothing can be
 * said by it of a time before that, on a machine whose clock is behind. */
static bool is_kept(const struct index *index, const struct index_list *list)
{
	return list->now >= index->settled && !list->own && !list->tag.n && list->from == INT64_MIN &&
	       list->until == INT64_MAX;
}

/* One number of one row. */
static int one(struct index *index, struct db_statement *s, int64_t *value)
{
	int found = db_step(index->db, s);

	if (found == 1)
		*value = db_int_or(s, 0, 0);
	db_reset(s);
	return found == 1 ? 0 : -1;
}

/* How many of a scope are not there yet or any more: each half is one look, where
 * all have an end, too. */
#define AWAY(scope, now)                                                               \
	"((SELECT count(*) FROM timed WHERE scope = " scope " AND start > " now ") + "  \
	"(SELECT count(*) FROM timed WHERE scope = " scope " AND stop <= " now "))"

static int count(struct index *index, const struct index_list *list, const struct scope *scope,
		 const struct scope *tag, size_t *total)
{
	struct db_statement *s;
	int64_t n = 0;

	if (is_kept(index, list)) {
		s = db_use(index->db, "SELECT " AWAY("?1", "?2"));
		db_bind_int(s, 1, scope->id);
		db_bind_int(s, 2, list->now);
	} else {
		s = db_use(index->db, "SELECT count(*)" IN_LIST);
		bind_list(s, list, scope, tag);
	}
	if (one(index, s, &n))
		return -1;
	*total = (size_t)(is_kept(index, list) ? scope->count - n : n);
	return 0;
}

#define TIMES_OF(table)                                                                       \
	"SELECT (SELECT max(start) FROM " table " WHERE scope = ?1 AND start <= ?2), "         \
	"(SELECT max(stop) FROM " table " WHERE scope = ?1 AND stop <= ?2), "                  \
	"(SELECT min(start) FROM " table " WHERE scope = ?1 AND start > ?2), "                 \
	"(SELECT min(stop) FROM " table " WHERE scope = ?1 AND stop > ?2)"

static void take_time(struct index_page *out, int64_t time, int64_t now)
{
	if (time > now && time < out->next_change)
		out->next_change = time; /* INT64_MAX is never */
	else if (time <= now && time > out->modified)
		out->modified = time;
}

/* As a rule there are none or a few: 1, or 0 when there are more.  To prepare the
 * statement for many costs a CGI process five times as much. */
static int note_few_times(struct index *index, const struct index_list *list, const struct scope *scope,
			  struct index_page *out)
{
	enum { FEW = 32 };
	struct db_statement *s = db_use(index->db, "SELECT start, stop FROM timed WHERE scope = ?1");
	int count = 0, more;

	db_bind_int(s, 1, scope->id);
	while ((more = db_step(index->db, s)) == 1 && count++ < FEW) {
		take_time(out, db_int(s, 0), list->now);
		take_time(out, db_int(s, 1), list->now);
	}
	db_reset(s);
	return more < 0 ? -1 : more == 0;
}

/* Between which moments time alone changes nothing: modified and next_change. */
static int note_times(struct index *index, const struct index_list *list, const struct scope *scope,
		      struct index_page *out)
{
	out->modified = scope->modified;
	out->next_change = INT64_MAX;
	int few = list->now >= index->settled ? note_few_times(index, list, scope, out) : 0;
	if (few)
		return few < 0 ? -1 : 0;
	struct db_statement *s =
		list->now >= index->settled ? db_use(index->db, TIMES_OF("timed"))
					    : db_use(index->db, TIMES_OF("entries"));

	db_bind_int(s, 1, scope->id);
	db_bind_int(s, 2, list->now);
	if (db_step(index->db, s) != 1)
		return -1;
	int64_t started = db_int_or(s, 0, TIME_ABSENT), stopped = db_int_or(s, 1, TIME_ABSENT);
	int64_t starts = db_int_or(s, 2, INT64_MAX), stops = db_int_or(s, 3, INT64_MAX);
	db_reset(s);
	int64_t last = started > stopped ? started : stopped;
	out->modified = last > scope->modified ? last : scope->modified;
	out->next_change = starts < stops ? starts : stops; /* INT64_MAX is never */
	return 0;
}

int index_times(struct index *index, size_t language, int64_t now, struct index_page *out)
{
	struct index_list list = INDEX_LIST(.language = language, .now = now);
	struct scope scope;

	*out = (struct index_page){.label = STR_LIT("")};
	if (index_find_scope(index, list.language, list.scope, STR_LIT(""), &scope))
		return -1;
	return note_times(index, &list, &scope, out);
}

static struct str json_of(const struct post_head *head, enum index_scope scope)
{
	switch (scope) {
	case SCOPE_TAG: return head->tags;
	case SCOPE_CATEGORY: return head->categories;
	case SCOPE_AUTHOR: return head->authors;
	case SCOPE_ALL:
	case SCOPE_SECTION:
	case SCOPE_SERIES: /* a text, of one */
	case SCOPE_COUNT: break;
	}
	return STR_LIT("[]");
}

/* A term as the newest of its articles writes it: the same on every machine,
 * whatever the order in which files came. */
static int read_label(struct index *index, struct arena *arena, int64_t scope_id, enum index_scope scope,
		      struct str key, int64_t now, struct str *label)
{
	struct db_statement *s = db_use(index->db, "SELECT post FROM entries WHERE scope = ?1 AND start <= ?2 "
						   "AND stop > ?2 ORDER BY date DESC, grp LIMIT 1");
	struct index_heads newest;
	struct buf ignored = BUF_EMPTY;

	value_pool(arena);
	*label = key;
	db_bind_int(s, 1, scope_id);
	db_bind_int(s, 2, now);
	if (read_posts(index, arena, s, 1, &newest))
		return -1;
	if (newest.count && scope == SCOPE_SERIES)
		*label = newest.at[0].series;
	const struct value *terms = newest.count ? value_read(json_of(&newest.at[0], scope), &ignored) : NULL;
	buf_release(&ignored);
	for (size_t i = 0; i < value_count(terms); i++)
		if (str_eq(taxonomy_key(arena, value_text(value_at(terms, i))), key))
			*label = str_trim(value_text(value_at(terms, i)));
	return 0;
}

static bool is_term(enum index_scope scope)
{
	return scope != SCOPE_ALL && scope != SCOPE_SECTION;
}

int index_list(struct index *index, struct arena *arena, const struct index_list *list, struct index_page *out)
{
	struct scope scope, tag;

	*out = (struct index_page){.label = STR_LIT("")};
	if (find_scopes(index, list, &scope, &tag) || count(index, list, &scope, &tag, &out->total) ||
	    note_times(index, list, &scope, out))
		return -1;
	if (is_term(list->scope) &&
	    read_label(index, arena, scope.id, list->scope, list->name, list->now, &out->label))
		return -1;
	struct db_statement *s = list->oldest_first
		? db_use(index->db, "SELECT post" IN_LIST "ORDER BY date, grp DESC LIMIT ?8 OFFSET ?9")
		: db_use(index->db, "SELECT post" IN_LIST "ORDER BY date DESC, grp LIMIT ?8 OFFSET ?9");
	bind_list(s, list, &scope, &tag);
	db_bind_int(s, 8, (int64_t)list->limit);
	db_bind_int(s, 9, (int64_t)list->offset);
	return read_posts(index, arena, s, list->limit, &out->heads);
}

int index_has(struct index *index, const struct index_list *list)
{
	struct db_statement *s = db_use(index->db, "SELECT 1" IN_LIST "LIMIT 1");
	struct scope scope, tag;

	if (find_scopes(index, list, &scope, &tag))
		return -1;
	bind_list(s, list, &scope, &tag);
	int found = db_step(index->db, s);
	db_reset(s);
	return found;
}

int index_languages(struct index *index, enum index_scope scope, struct str name, int64_t now, bool *available,
		    size_t number)
{
	struct db_statement *s =
		db_use(index->db, "SELECT lang FROM scopes WHERE kind = ?1 AND name = ?2 AND count > "
				  AWAY("scopes.id", "?3"));
	int more;

	memset(available, 0, number * sizeof(*available));
	db_bind_int(s, 1, scope);
	db_bind_str(s, 2, name);
	db_bind_int(s, 3, now);
	while ((more = db_step(index->db, s)) == 1)
		if (db_int(s, 0) >= 0 && db_int(s, 0) < (int64_t)number)
			available[db_int(s, 0)] = true;
	return more;
}

/* --- the lists there are --------------------------------------------------------------- */

static void add_term(struct arena *arena, struct index_terms *out, struct index_term term)
{
	size_t room = out->count; /* a power of two, when it is full */

	if (!(room & (room - 1)) && (room == 0 || room >= 8)) {
		size_t more = room ? room * 2 : 8;
		out->at = arena_grow(arena, out->at, room * sizeof(*out->at), more * sizeof(*out->at));
	}
	out->at[out->count++] = term;
}

static bool is_child(struct str name, struct str parent)
{
	struct str rest = str_skip(name, parent.n ? parent.n + 1 : 0);

	return rest.n && str_find_char(rest, '/') == rest.n;
}

int index_terms(struct index *index, struct arena *arena, size_t language, enum index_scope scope, struct str parent,
		int64_t now, struct index_terms *out)
{
	struct db_statement *s =
		db_use(index->db, "SELECT id, name, count - " AWAY("scopes.id", "?5") " AS shown FROM scopes "
				  "WHERE lang = ?1 AND kind = ?2 AND name >= ?3 AND (?4 = '' OR name < ?4) "
				  "AND shown > 0 ORDER BY name");
	struct str from = parent.n ? arena_printf(arena, "%.*s/", STR_ARG(parent)) : STR_LIT("");
	struct str until = parent.n ? arena_printf(arena, "%.*s0", STR_ARG(parent)) : STR_LIT("");
	int more, result = 0;

	*out = (struct index_terms){0};
	db_bind_int(s, 1, (int64_t)language);
	db_bind_int(s, 2, scope);
	db_bind_str(s, 3, from);
	db_bind_str(s, 4, until); /* "0" comes after "/" */
	db_bind_int(s, 5, now);
	while (!result && (more = db_step(index->db, s)) == 1) {
		struct index_term term = {arena_str(arena, db_bytes(s, 1)), STR_LIT(""), (size_t)db_int(s, 2)};
		if (scope == SCOPE_SECTION && !is_child(term.name, parent))
			continue;
		if (is_term(scope))
			result = read_label(index, arena, db_int(s, 0), scope, term.name, now, &term.label);
		add_term(arena, out, term);
	}
	db_reset(s);
	return result || more < 0 ? -1 : 0;
}

static int64_t month_of(int64_t seconds)
{
	struct date date = date_split(seconds);

	return date_join(&(struct date){.year = date.year, .month = date.month, .day = 1});
}

/* From month to month by one look each: a month's own articles are passed over. */
int index_months(struct index *index, struct arena *arena, const struct index_list *list, struct index_months *out)
{
	struct db_statement *s = db_use(index->db, "SELECT date" IN_LIST "ORDER BY date DESC LIMIT 1");
	struct index_list left = *list;
	struct scope scope, tag;
	size_t room = 0;
	int found;

	*out = (struct index_months){0};
	if (left.from == INT64_MIN)
		left.from++; /* without a date, in no month */
	if (find_scopes(index, &left, &scope, &tag))
		return -1;
	for (;;) {
		bind_list(s, &left, &scope, &tag);
		found = db_step(index->db, s);
		if (found != 1)
			break;
		left.until = month_of(db_int(s, 0));
		db_reset(s);
		if (out->count == room) {
			size_t more = room ? room * 2 : 16;
			out->at = arena_grow(arena, out->at, room * sizeof(*out->at), more * sizeof(*out->at));
			room = more;
		}
		out->at[out->count++] = left.until;
	}
	return found;
}

/* --- around one article ------------------------------------------------------------------ */

/* As a rule the date is the post's own, and those beside it are on the page that
 * is looked at. */
static int has_date(struct index *index, const struct post_head *head, int64_t scope)
{
	struct db_statement *s = db_use(index->db, "SELECT 1 FROM entries WHERE scope = ?1 AND date = ?2 AND grp = ?3");

	db_bind_int(s, 1, scope);
	db_bind_int(s, 2, head->date);
	db_bind_str(s, 3, head->group);
	int found = db_step(index->db, s);
	db_reset(s);
	return found;
}

static int64_t date_in(struct str spots, int64_t scope, int64_t absent)
{
	int64_t spot[3]; /* index_place.c: scope, date, start */

	for (; spots.n >= sizeof(spot); spots = str_skip(spots, sizeof(spot))) {
		memcpy(spot, spots.p, sizeof(spot));
		if (spot[0] == scope)
			return spot[1];
	}
	return absent;
}

/* The entry's own date, which is the group's: 1 or 0. */
static int entry_date(struct index *index, const struct post_head *head, int64_t scope, int64_t *date)
{
	const int64_t nowhere = INT64_MAX;
	int found = has_date(index, head, scope);

	*date = head->date;
	if (found)
		return found;
	struct db_statement *s = db_use(index->db, "SELECT entries FROM placed WHERE grp = ?1");
	db_bind_str(s, 1, head->group);
	found = db_step(index->db, s);
	if (found == 1)
		*date = date_in(db_bytes(s, 0), scope, nowhere);
	db_reset(s);
	return found == 1 && *date == nowhere ? 0 : found;
}

#define BESIDE(condition, order)                                                                      \
	"SELECT post, date, grp FROM entries WHERE scope = ?1 AND start <= ?2 AND stop > ?2 AND "      \
	condition " ORDER BY " order " LIMIT ?4"

enum { CLOSE_BY = 8 /* entries that are looked through before SQLite is asked for the exact one */ };

struct side {
	const char *from, *same_date, *other_date; /* statements; the first begins at the article's date */
	int sign; /* of the order of names there, next to the article's */
};

static const struct side OLDER = {
	BESIDE("date <= ?3", "date DESC, grp"),
	BESIDE("date = ?3 AND grp > ?5", "grp"),
	BESIDE("date < ?3", "date DESC, grp"),
	1,
};
static const struct side NEWER = {
	BESIDE("date >= ?3", "date, grp DESC"),
	BESIDE("date = ?3 AND grp < ?5", "grp DESC"),
	BESIDE("date > ?3", "date, grp DESC"),
	-1,
};

static struct db_statement *ask_beside(struct index *index, const char *constant, const struct index_list *list,
				       const struct scope *scope, int64_t date, int64_t limit)
{
	struct db_statement *s = db_use(index->db, constant);

	db_bind_int(s, 1, scope->id);
	db_bind_int(s, 2, list->now);
	db_bind_int(s, 3, date);
	db_bind_int(s, 4, limit);
	return s;
}

/* The first that is on its side: 1; those of the article's date which are on the
 * other one come before it. */
static int close_by(struct index *index, struct db_statement *s, const struct side *side,
		    const struct post_head *head, int64_t date, int64_t *post, int *passed)
{
	int more;

	for (*passed = 0; (more = db_step(index->db, s)) == 1; ++*passed) {
		int order = str_compare(db_bytes(s, 2), head->group);
		if (db_int(s, 1) == date && (side->sign > 0 ? order <= 0 : order >= 0))
			continue;
		*post = db_int(s, 0);
		break;
	}
	db_reset(s);
	return more;
}

/* By one statement as a rule, for to prepare one costs a CGI process more than
 * what it finds; by two more where many articles have one date. */
static int beside(struct index *index, struct arena *arena, const struct side *side, const struct index_list *list,
		  const struct post_head *head, const struct scope *scope, int64_t date, struct index_heads *out)
{
	const char *const exact[] = {side->same_date, side->other_date};
	struct db_statement *s = ask_beside(index, side->from, list, scope, date, CLOSE_BY);
	int64_t post = 0;
	int passed, found = close_by(index, s, side, head, date, &post, &passed);

	out->count = 0;
	if (found < 0)
		return -1;
	if (found) {
		out->at = ARENA_NEW(arena, struct post_head);
		found = index_head(index, arena, post, out->at);
		if (found == 0) /* an entry without its post */
			db_note_bad_value(index->db);
		out->count = found == 1;
		return found == 1 ? 0 : -1;
	}
	for (size_t i = 0; i < 2 && passed == CLOSE_BY && !out->count; i++) {
		s = ask_beside(index, exact[i], list, scope, date, 1);
		if (i == 0)
			db_bind_str(s, 5, head->group);
		if (read_posts(index, arena, s, 1, out))
			return -1;
	}
	return 0;
}

int index_neighbours(struct index *index, struct arena *arena, const struct index_list *list,
		     const struct post_head *head, struct index_heads *older, struct index_heads *newer,
		     int64_t *next_change)
{
	struct index_page times;
	struct scope scope;
	int64_t date = 0;

	*older = *newer = (struct index_heads){0};
	if (index_find_scope(index, list->language, list->scope, list->name, &scope) ||
	    note_times(index, list, &scope, &times))
		return -1;
	*next_change = times.next_change;
	int found = entry_date(index, head, scope.id, &date);
	if (found != 1)
		return found;
	if (beside(index, arena, &OLDER, list, head, &scope, date, older))
		return -1;
	return beside(index, arena, &NEWER, list, head, &scope, date, newer);
}

enum { RELATED_TAGS = 8, RELATED_SCALE = 1 << 20 };

struct candidate {
	int64_t post, date, score;
	struct str group;
};

struct candidates {
	struct candidate at[RELATED_TAGS * INDEX_NEWEST];
	size_t count;
};

static void add_candidate(struct candidates *out, const struct index_newest *entry, struct str group, int64_t score)
{
	struct candidate *c = out->at, *end = out->at + out->count;

	while (c < end && c->post != entry->post)
		c++;
	if (c == end) {
		*c = (struct candidate){entry->post, entry->date, 0, group};
		out->count++;
	}
	c->score += score;
}

/* The newest of a tag's articles; a rare tag says more than a common one. */
static int add_candidates(struct index *index, struct arena *arena, size_t language, struct str tag,
			  const struct post_head *head, int64_t now, struct candidates *out)
{
	struct db_statement *s = db_use(index->db, "SELECT count, newest FROM scopes "
						   "WHERE lang = ?1 AND kind = ?2 AND name = ?3");
	struct str packed = STR_LIT("");
	int64_t count = 0;

	db_bind_int(s, 1, (int64_t)language);
	db_bind_int(s, 2, SCOPE_TAG);
	db_bind_str(s, 3, tag);
	int found = db_step(index->db, s);
	if (found == 1) {
		count = db_int(s, 0);
		packed = arena_str(arena, db_bytes(s, 1));
	}
	db_reset(s);
	struct index_newest entry;
	for (int taken = 0; taken < INDEX_NEWEST && packed.n >= sizeof(entry);) {
		memcpy(&entry, packed.p, sizeof(entry));
		packed = str_skip(packed, sizeof(entry));
		struct str group = str_head(packed, entry.name_length);
		packed = str_skip(packed, entry.name_length);
		if (entry.start > now || entry.stop <= now)
			continue;
		taken++;
		if (!str_eq(group, head->group))
			add_candidate(out, &entry, group, RELATED_SCALE / (count + 1));
	}
	return found < 0 ? -1 : 0;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	if (a->date != b->date)
		return a->date > b->date;
	return str_compare(a->group, b->group) < 0;
}

/* Puts the best of those from `at` on there: to sort all for the sake of three costs more. */
static void pick_best(struct candidates *all, size_t at)
{
	size_t best = at;

	for (size_t i = at + 1; i < all->count; i++)
		if (is_better(&all->at[i], &all->at[best]))
			best = i;
	struct candidate first = all->at[at];
	all->at[at] = all->at[best];
	all->at[best] = first;
}

int index_related(struct index *index, struct arena *arena, size_t language, const struct post_head *head,
		  int64_t now, size_t limit, struct index_heads *out)
{
	struct candidates *all = arena_alloc(arena, sizeof(*all));
	struct buf ignored = BUF_EMPTY;

	all->count = 0; /* and no more: most of it stays unused */
	value_pool(arena);
	const struct value *tags = value_read(head->tags, &ignored);
	buf_release(&ignored);
	*out = (struct index_heads){0};
	for (size_t i = 0; i < value_count(tags) && i < RELATED_TAGS; i++) {
		struct str key = taxonomy_key(arena, value_text(value_at(tags, i)));
		if (add_candidates(index, arena, language, key, head, now, all))
			return -1;
	}
	out->at = ARENA_ARRAY(arena, limit + 1, struct post_head);
	for (size_t i = 0; i < all->count && out->count < limit; i++) {
		pick_best(all, i);
		if (index_head(index, arena, all->at[i].post, &out->at[out->count++]) != 1)
			return -1;
	}
	return 0;
}

/* --- everything -------------------------------------------------------------------------- */

int index_groups(struct index *index, struct arena *arena, struct str after, size_t limit, struct str **names,
		 size_t *number)
{
	struct db_statement *s = db_use(index->db, "SELECT grp FROM placed WHERE grp > ?2 ORDER BY grp LIMIT ?1");
	int more = 0;

	*names = ARENA_ARRAY(arena, limit + 1, struct str);
	*number = 0;
	db_bind_int(s, 1, (int64_t)limit);
	db_bind_str(s, 2, after);
	while (*number < limit && (more = db_step(index->db, s)) == 1)
		(*names)[(*number)++] = arena_str(arena, db_bytes(s, 0));
	db_reset(s);
	return more < 0 ? -1 : 0;
}
