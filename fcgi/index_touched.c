/* index_touched.c: what one transaction changes -> the tags of the pages that
 * showed it, or now would (Cache-Tag), for caches.
 *
 * A page is tagged with every group that it shows, so a changed group's own tag
 * finds almost all.  Lists, which may have it from now on, have "list"; articles
 * that it comes to stand beside do not know it yet and are named themselves.
 * Whom a tag more or less makes related to whom is not followed beyond the
 * article's own: such a page is late by max_age at most.
 */
#include "escape.h"
#include "hash.h"
#include "index_rows.h"
#include "postpack.h"
#include "taxonomy.h"

#include <time.h>

enum {
	TAG_BYTES = 32 * 1024, /* with more it is cheaper to name all */
	RELATED = 20,
	PARTS = 50,
};

void index_collect_tags(struct index *index, struct buf *tags)
{
	index->tags = tags;
}

/* --- what lists show of a group ----------------------------------------------------- */

/* Hashes of a group, 0 for one without posts. */
struct prints {
	uint64_t place; /* what decides beside which others it stands */
	uint64_t shown; /* what lists show that do not show the post itself */
	uint64_t whole;
};

static struct post_head without_times(const struct post_head *head)
{
	struct post_head kept = *head;

	kept.id = kept.mtime = 0;
	return kept;
}

static struct post_head as_listed(const struct post_head *head)
{
	struct post_head kept = without_times(head);

	kept.words = kept.minutes = kept.truncated = 0;
	kept.source_hash = kept.translated_from = STR_LIT("");
	return kept;
}

static uint64_t add_head(struct arena *arena, uint64_t print, struct post_head head)
{
	struct buf packed = BUF_IN(arena);

	postpack_head(&head, &packed);
	return hash64_add(print, buf_view(&packed));
}

static uint64_t add_place(uint64_t print, const struct post_head *head)
{
	const int64_t times[] = {head->date, post_start(head), post_stop(head), head->draft, head->kind};

	print = hash64_add(print, (struct str){(const char *)times, sizeof(times)});
	print = hash64_add(hash64_add(print, head->lang), head->section);
	return hash64_add(hash64_add(print, head->tags), head->series);
}

static int read_prints(struct index *index, struct arena *arena, const struct index_heads *heads, struct prints *out)
{
	*out = (struct prints){0};
	for (size_t i = 0; i < heads->count; i++) {
		const struct post_head *head = &heads->at[i];
		struct post_body body;
		if (index_body(index, arena, head->id, &body))
			return -1;
		out->place = add_place(out->place, head);
		out->shown = add_head(arena, out->shown, as_listed(head));
		out->shown = hash64_add(hash64_add(out->shown, body.summary_html),
					str_head(body.html, (size_t)body.cut));
		out->whole = add_head(arena, out->whole, without_times(head));
		out->whole = hash64_add(hash64_add(out->whole, body.source), body.html);
	}
	return 0;
}

/* For when nobody asks what it was. */
static int touch_only(struct index *index, struct str file)
{
	struct db_statement *s =
		db_use(index->db, "INSERT OR IGNORE INTO touched SELECT grp, 0, 0, 0 FROM posts WHERE file = ?1");

	db_bind_str(s, 1, file);
	return db_run(index->db, s);
}

static int is_touched(struct index *index, struct str group)
{
	struct db_statement *s = db_use(index->db, "SELECT 1 FROM touched WHERE grp = ?1");

	db_bind_str(s, 1, group);
	int found = db_step(index->db, s);
	db_reset(s);
	return found;
}

static int put_touched(struct index *index, struct str group, const struct prints *prints)
{
	struct db_statement *s = db_use(index->db, "INSERT OR IGNORE INTO touched VALUES(?1, ?2, ?3, ?4)");

	db_bind_str(s, 1, group);
	db_bind_int(s, 2, (int64_t)prints->place);
	db_bind_int(s, 3, (int64_t)prints->shown);
	db_bind_int(s, 4, (int64_t)prints->whole);
	return db_run(index->db, s);
}

/* The group that a file's post is in: 1 or 0. */
static int group_of(struct index *index, struct arena *arena, struct str file, struct str *group)
{
	struct db_statement *s = db_use(index->db, "SELECT grp FROM posts WHERE file = ?1");

	db_bind_str(s, 1, file);
	int found = db_step(index->db, s);
	if (found == 1)
		*group = arena_str(arena, db_bytes(s, 0));
	db_reset(s);
	return found;
}

int index_touch(struct index *index, struct str file, bool is_new, struct buf *err)
{
	struct arena arena;
	struct index_heads heads;
	struct str group;
	struct prints prints;

	if (is_new || !index->tags)
		return touch_only(index, file) ? db_failed(index->db, err) : 0;
	arena_init(&arena, 0);
	int result = group_of(index, &arena, file, &group);
	if (result == 1 && !(result = is_touched(index, group)))
		result = index_group(index, &arena, group, &heads) || read_prints(index, &arena, &heads, &prints) ||
			 put_touched(index, group, &prints) ? -1 : 0;
	arena_release(&arena);
	return result < 0 ? db_failed(index->db, err) : 0;
}

/* --- the tags ----------------------------------------------------------------------- */

/* In the order of appearance, each once. */
static void add_tag(struct buf *tags, struct str group)
{
	struct buf tag = BUF_EMPTY;
	struct str rest = buf_view(tags);
	bool there = false;

	escape_path(&tag, group);
	while (rest.n && !there)
		there = str_eq(str_cut(&rest, ' '), buf_view(&tag));
	if (!there) {
		if (tags->n)
			buf_char(tags, ' ');
		buf_str(tags, buf_view(&tag));
	}
	buf_release(&tag);
}

static void add_tags(struct buf *tags, const struct index_heads *heads)
{
	for (size_t i = 0; i < heads->count; i++)
		add_tag(tags, heads->at[i].group);
}

/* Where an article links to others, they link back: as answer_post.c has it. */
static int add_those_around(struct index *index, struct arena *arena, size_t language, const struct post_head *head)
{
	struct index_list list = INDEX_LIST(.language = language, .now = (int64_t)time(NULL), .limit = PARTS);
	struct index_heads older, newer, related;
	int64_t ignored;
	struct index_page series = {.heads = {.count = 0}};
	struct str section = head->section;

	list.scope = section.n ? SCOPE_SECTION : SCOPE_ALL;
	list.name = str_cut(&section, '/');
	if (index_neighbours(index, arena, &list, head, &older, &newer, &ignored) ||
	    index_related(index, arena, language, head, list.now, RELATED, &related))
		return -1;
	list.scope = SCOPE_SERIES;
	list.name = taxonomy_key(arena, head->series);
	list.oldest_first = true;
	if (list.name.n && index_list(index, arena, &list, &series))
		return -1;
	add_tags(index->tags, &older);
	add_tags(index->tags, &newer);
	add_tags(index->tags, &related);
	add_tags(index->tags, &series.heads);
	return 0;
}

static int tag_group(struct index *index, struct arena *arena, const struct config *config, struct str group,
		     const struct prints *before)
{
	struct index_heads heads;
	struct prints now;
	int result = 0;

	if (index_group(index, arena, group, &heads) || read_prints(index, arena, &heads, &now))
		return -1;
	if (now.whole != before->whole)
		add_tag(index->tags, group);
	if (now.shown != before->shown)
		add_tag(index->tags, STR_LIT("list"));
	if (now.place == before->place)
		return 0;
	for (size_t i = 0; !result && i < heads.count; i++)
		for (size_t k = 0; !result && k < config->language_count; k++)
			if (heads.at[i].kind == POST_ARTICLE)
				result = add_those_around(index, arena, k, &heads.at[i]);
	return result;
}

int index_tag_touched(struct index *index, const struct config *config, struct buf *err)
{
	struct db_statement *s;
	struct arena arena;
	int more = 0, result = 0;

	if (!index->tags)
		return 0;
	s = db_use(index->db, "SELECT grp, place, shown, whole FROM touched");
	arena_init(&arena, 0);
	while (!result && index->tags->n <= TAG_BYTES && (more = db_step(index->db, s)) == 1) {
		struct str group = arena_str(&arena, db_bytes(s, 0));
		struct prints before = {(uint64_t)db_int(s, 1), (uint64_t)db_int(s, 2), (uint64_t)db_int(s, 3)};
		result = tag_group(index, &arena, config, group, &before);
		arena_reset(&arena);
	}
	db_reset(s);
	arena_release(&arena);
	if (index->tags->n > TAG_BYTES) {
		buf_reset(index->tags);
		buf_puts(index->tags, INDEX_EVERY_TAG);
	}
	return result || more < 0 ? db_failed(index->db, err) : 0;
}
