/* index_text.c: the rows that are searched, on the write side.
 *
 * A row of the FTS5 table has a public article's title, tags and text, and one
 * word for its language, its sections and each of its terms, so that a search
 * in a list is one look, too.  Its rowid begins with its day: FTS5 finds the
 * newest first and can be stopped.  But FTS5 writes a segment whenever a rowid is
 * lower than the one before, so the rows of a whole new index wait in a table
 * until they can come in order.  `texts` tells whose row it is and when it is
 * public: nobody has to read a post's head to pass it over.
 */
#include "date.h"
#include "hash.h"
#include "index_rows.h"
#include "lang.h"
#include "search.h"
#include "taxonomy.h"
#include "value.h"

#include <stdio.h>

enum {
	DAY = 86400,
	LAST_DAY = 1 << 24,
	GATHERED_AT_FIRST = 16 * 1024 * 1024,
	MOST_SEGMENTS = 2000, /* FTS5's limit */
	/* Bytes that are gathered before they are written, and segments of a size that
	 * are merged little by little, and at once: FTS5's defaults. */
	GATHERED_LATER = 1024 * 1024,
	AUTOMERGE = 4,
	CRISISMERGE = 16,
};

int64_t index_text_key(int64_t date)
{
	int64_t day = date / DAY - (date % DAY < 0);

	if (date == TIME_ABSENT || day < -LAST_DAY)
		day = -LAST_DAY;
	return (day < LAST_DAY ? day : LAST_DAY) * INDEX_TEXT_DAY;
}

void index_text_token(enum index_scope kind, struct str name, char out[INDEX_TOKEN_SIZE])
{
	char letter = (char)('a' + kind);

	snprintf(out, INDEX_TOKEN_SIZE, "%c%016llx", letter,
		 (unsigned long long)hash64_add(hash64((struct str){&letter, 1}), name));
}

/* --- what is in a row ------------------------------------------------------------------ */

static void add_token(struct buf *out, enum index_scope kind, struct str name)
{
	char token[INDEX_TOKEN_SIZE];

	index_text_token(kind, name, token);
	buf_printf(out, "%s ", token);
}

static void add_terms(struct arena *arena, struct buf *out, enum index_scope kind, struct str json)
{
	struct buf ignored = BUF_EMPTY;
	const struct value *terms = value_read(json, &ignored);

	buf_release(&ignored);
	for (size_t i = 0; i < value_count(terms); i++)
		add_token(out, kind, taxonomy_key(arena, value_text(value_at(terms, i))));
}

static struct str lists_of(struct arena *arena, const struct post_head *head)
{
	struct buf out = BUF_IN(arena);
	struct str section = head->section;

	add_token(&out, SCOPE_ALL, head->lang);
	add_token(&out, SCOPE_SERIES, taxonomy_key(arena, head->series));
	for (size_t i = 1; i <= section.n; i++)
		if (i == section.n || section.p[i] == '/')
			add_token(&out, SCOPE_SECTION, str_head(section, i));
	add_terms(arena, &out, SCOPE_TAG, head->tags);
	add_terms(arena, &out, SCOPE_CATEGORY, head->categories);
	add_terms(arena, &out, SCOPE_AUTHOR, head->authors);
	return buf_view(&out);
}

static struct str tags_of(struct arena *arena, const struct post_head *head)
{
	struct buf out = BUF_IN(arena), ignored = BUF_EMPTY;
	const struct value *tags = value_read(head->tags, &ignored);

	buf_release(&ignored);
	for (size_t i = 0; i < value_count(tags); i++) {
		search_text(value_text(value_at(tags, i)), &out);
		buf_char(&out, ',');
	}
	return buf_view(&out);
}

/* --- a whole index ------------------------------------------------------------------------ */

int index_load_texts_begin(struct index *index)
{
	index->loading = true;
	return db_execute(index->db, "CREATE TEMP TABLE loading(key INTEGER PRIMARY KEY, title TEXT, tags TEXT, "
				     "lists TEXT, text TEXT)");
}

/* The table's own settings, kept with it. */
static int set(struct index *index, const char *name, int64_t value)
{
	struct db_statement *s = db_use(index->db, "INSERT INTO search(search, rank) VALUES(?1, ?2)");

	db_bind_str(s, 1, str_from(name));
	db_bind_int(s, 2, value);
	return db_run(index->db, s);
}

/* A search asks every segment for each of its words.  Those of a new index are
 * written large, left as they are, and made one at the end: FTS5 would merge them
 * again and again. */
static int load(struct index *index)
{
	return set(index, "hashsize", GATHERED_AT_FIRST) || set(index, "automerge", 0) ||
	       set(index, "crisismerge", MOST_SEGMENTS) ||
	       db_run(index->db, db_use(index->db, "INSERT INTO search(rowid, title, tags, lists, text) "
						   "SELECT key, title, tags, lists, text FROM loading "
						   "ORDER BY key")) ||
	       db_run(index->db, db_use(index->db, "INSERT INTO search(search) VALUES('optimize')")) ||
	       set(index, "hashsize", GATHERED_LATER) || set(index, "automerge", AUTOMERGE) ||
	       set(index, "crisismerge", CRISISMERGE) ||
	       db_run(index->db, db_use(index->db, "DELETE FROM loading"));
}

int index_load_texts_end(struct index *index, struct buf *err)
{
	if (!index->loading)
		return 0;
	index->loading = false;
	return load(index) ? db_failed(index->db, err) : 0;
}

/* A key of the day that no other text has.  Where among the day's it lies does
 * not depend on the order in which files come. */
static int find_key(struct index *index, int64_t day, struct str file, int64_t *key)
{
	int found;

	*key = day + (int64_t)(hash64(file) % INDEX_TEXT_DAY);
	for (;; ++*key) {
		struct db_statement *s = db_use(index->db, "SELECT 1 FROM texts WHERE key = ?1");
		db_bind_int(s, 1, *key);
		found = db_step(index->db, s);
		db_reset(s);
		if (found != 1)
			return found;
	}
}

/* --- a post's row ------------------------------------------------------------------------ */

static bool is_searched(const struct post_head *head)
{
	return !head->draft && head->kind == POST_ARTICLE;
}

static int insert(struct index *index, struct arena *arena, int64_t key, const struct post_head *head,
		  struct str text)
{
	struct db_statement *s = db_use(index->db, index->loading
		? "INSERT INTO loading(key, title, tags, lists, text) VALUES(?1, ?2, ?3, ?4, ?5)"
		: "INSERT INTO search(rowid, title, tags, lists, text) VALUES(?1, ?2, ?3, ?4, ?5)");
	struct buf title = BUF_IN(arena), body = BUF_IN(arena);

	search_text(head->title, &title);
	search_text(text, &body);
	db_bind_int(s, 1, key);
	db_bind_str(s, 2, buf_view(&title));
	db_bind_str(s, 3, tags_of(arena, head));
	db_bind_str(s, 4, lists_of(arena, head));
	db_bind_str(s, 5, buf_view(&body));
	return db_run(index->db, s);
}

int index_put_text(struct index *index, int64_t id, const struct post_head *head, struct str text, struct buf *err)
{
	struct arena arena;
	int64_t key;

	if (!is_searched(head))
		return 0;
	arena_init(&arena, 0);
	value_pool(&arena);
	int result = find_key(index, index_text_key(head->date), head->file, &key);
	if (!result)
		result = insert(index, &arena, key, head, text);
	arena_release(&arena);
	struct db_statement *s = db_use(index->db, "INSERT INTO texts VALUES(?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)");
	db_bind_int(s, 1, key);
	db_bind_int(s, 2, id);
	db_bind_str(s, 3, head->group);
	db_bind_int(s, 4, head->date);
	db_bind_int(s, 5, INT64_MAX);
	db_bind_str(s, 6, head->lang);
	db_bind_int(s, 7, (int64_t)head->title.n);
	db_bind_int(s, 8, (int64_t)text.n);
	return result || db_run(index->db, s) ? db_failed(index->db, err) : 0;
}

int index_remove_text(struct index *index, struct str file, struct buf *err)
{
#define KEY_OF_FILE "(SELECT key FROM texts JOIN posts ON posts.id = texts.post WHERE file = ?1)"
	struct db_statement *s = db_use(index->db, index->loading ? "DELETE FROM loading WHERE key = " KEY_OF_FILE
								  : "DELETE FROM search WHERE rowid = " KEY_OF_FILE);

	db_bind_str(s, 1, file);
	return db_run(index->db, s) ? db_failed(index->db, err) : 0;
}

/* --- settling ------------------------------------------------------------------------------ */

/* What a sibling's date and tags change of a row that is there. */
static int rewrite(struct index *index, struct arena *arena, int64_t key, int64_t new_key,
		   const struct post_head *head)
{
	struct db_statement *s = db_use(index->db, index->loading
		? "UPDATE loading SET key = ?2, tags = ?3, lists = ?4 WHERE key = ?1"
		: "UPDATE search SET rowid = ?2, tags = ?3, lists = ?4 WHERE rowid = ?1");

	db_bind_int(s, 1, key);
	db_bind_int(s, 2, new_key);
	db_bind_str(s, 3, tags_of(arena, head));
	db_bind_str(s, 4, lists_of(arena, head));
	return db_run(index->db, s);
}

static int settle_one(struct index *index, struct arena *arena, const struct post_head *head, int64_t date,
		      bool fresh)
{
	struct db_statement *s = db_use(index->db, "SELECT key FROM texts WHERE post = ?1");
	int64_t key = 0, day = index_text_key(date);

	db_bind_int(s, 1, head->id);
	int found = db_step(index->db, s);
	if (found == 1)
		key = db_int(s, 0);
	db_reset(s);
	if (found != 1)
		return found;
	int64_t new_key = key;
	bool moved = key < day || key - day >= INDEX_TEXT_DAY;
	if (moved && find_key(index, day, head->file, &new_key))
		return -1;
	if ((moved || fresh) && rewrite(index, arena, key, new_key, head))
		return -1;
	s = db_use(index->db, "UPDATE texts SET key = ?2, date = ?3, start = ?4, stop = ?5 WHERE key = ?1");
	db_bind_int(s, 1, key);
	db_bind_int(s, 2, new_key);
	db_bind_int(s, 3, date);
	db_bind_int(s, 4, post_start(head));
	db_bind_int(s, 5, post_stop(head));
	return db_run(index->db, s);
}

int index_settle_texts(struct index *index, struct arena *arena, const struct index_heads *heads, struct str group,
		       int64_t date, const bool *fresh, struct buf *err)
{
	/* A second file of one language is in no list either. */
	struct db_statement *s = db_use(index->db, "UPDATE texts SET start = ?2, stop = ?2 WHERE post IN "
						   "(SELECT id FROM posts WHERE grp = ?1)");
	value_pool(arena);
	db_bind_str(s, 1, group);
	db_bind_int(s, 2, INT64_MAX);
	int result = db_run(index->db, s);

	for (size_t i = 0; !result && i < heads->count; i++)
		result = settle_one(index, arena, &heads->at[i], date, fresh[i]);
	return result ? db_failed(index->db, err) : 0;
}

static int put_language(struct index *index, size_t language, const char *tag)
{
	struct db_statement *s = db_use(index->db, "INSERT OR IGNORE INTO languages VALUES(?1, ?2)");

	db_bind_int(s, 1, (int64_t)language);
	db_bind_str(s, 2, str_from(tag));
	return db_run(index->db, s);
}

int index_settle_languages(struct index *index, const struct config *config, struct buf *err)
{
	size_t count = config->language_count;
	struct arena arena;
	int result = 0;

	arena_init(&arena, 0);
	struct lang_known *known = ARENA_ARRAY(&arena, count, struct lang_known);
	bool *available = ARENA_ARRAY(&arena, count, bool);
	for (size_t i = 0; i < count; i++)
		known[i] = (struct lang_known){config->languages[i].tag, config->languages[i].fallback};
	for (size_t i = 0; i < count * count && !result; i++) {
		size_t wanted = i / count, other = i % count;
		available[other] = true;
		if (lang_match(str_from(known[wanted].tag), known, available, count) >= 0)
			result = put_language(index, wanted, known[other].tag);
		available[other] = false;
	}
	arena_release(&arena);
	return result ? db_failed(index->db, err) : 0;
}
