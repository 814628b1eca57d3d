/* responsecache.c: request -> key -> the answer that respond() gave last time.
 *
 * The key is what respond() looks at, in the form that request_read() brings it
 * into: readers who write a query in another order, or with a tracker's
 * parameters, share an answer.  The whole cache is emptied when the index or the
 * theme changes; which posts an answer was made from is not followed.
 * The least recently used answers make room for new ones.
 * Source: RFC 9111 §4 (what a stored response may be used for), though this is
 * an origin server's memory and not a cache in that sense.
 */
#include "responsecache.h"

#include "caching.h"
#include "hash.h"
#include "log.h"
#include "respond.h"

#include <stdlib.h>

enum {
	LARGEST_SHARE = 4,      /* an answer of more than a quarter would push out all others */
	BYTES_A_BUCKET = 8192,
	LEAST_BUCKETS = 64,
	MOST_BUCKETS = 65536,
};

struct entry {
	struct entry *newer, *older; /* by last use */
	struct entry *chain;         /* the next in the same bucket */
	uint64_t hash;
	struct str key;
	int64_t made;
	struct response response; /* to a GET without preconditions */
	size_t size;
	char bytes[]; /* the key, the fields' values, the body */
};

struct responsecache {
	size_t limit, used, count;
	struct site_version version; /* of all that is in it */
	struct entry *newest, *oldest;
	size_t bucket_count; /* a power of two */
	struct entry *buckets[];
};

struct responsecache *responsecache_new(size_t bytes)
{
	size_t buckets = LEAST_BUCKETS;

	while (buckets < MOST_BUCKETS && buckets < bytes / BYTES_A_BUCKET)
		buckets *= 2;
	struct responsecache *cache = bytes ? calloc(1, sizeof(*cache) + buckets * sizeof(cache->buckets[0])) : NULL;
	if (cache) {
		cache->limit = bytes;
		cache->bucket_count = buckets;
	}
	return cache;
}

/* --- entries -------------------------------------------------------------------------- */

static void unlink_use(struct responsecache *cache, struct entry *e)
{
	*(e->newer ? &e->newer->older : &cache->newest) = e->older;
	*(e->older ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(struct responsecache *cache, struct entry *e)
{
	e->newer = NULL;
	e->older = cache->newest;
	*(e->older ? &e->older->newer : &cache->oldest) = e;
	cache->newest = e;
}

static struct entry **bucket_of(struct responsecache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static void drop(struct responsecache *cache, struct entry *e)
{
	struct entry **at = bucket_of(cache, e->hash);

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	unlink_use(cache, e);
	cache->used -= e->size;
	cache->count--;
	free(e);
}

static void drop_all(struct responsecache *cache)
{
	while (cache->newest)
		drop(cache, cache->newest);
}

void responsecache_free(struct responsecache *cache)
{
	if (!cache)
		return;
	drop_all(cache);
	free(cache);
}

static struct entry *find(struct responsecache *cache, uint64_t hash, struct str key)
{
	struct entry *e = *bucket_of(cache, hash);

	while (e && (e->hash != hash || !str_eq(e->key, key)))
		e = e->chain;
	return e;
}

static struct str keep(char **at, struct str s)
{
	char *copy = *at;

	if (s.n)
		memcpy(copy, s.p, s.n);
	*at += s.n;
	return (struct str){copy, s.n};
}

static void add(struct responsecache *cache, uint64_t hash, struct str key, int64_t now,
		const struct response *response)
{
	size_t size = sizeof(struct entry) + key.n + response->body.n;

	for (size_t i = 0; i < response->field_count; i++)
		size += response->fields[i].value.n;
	if (size > cache->limit / LARGEST_SHARE)
		return;
	while (cache->used + size > cache->limit)
		drop(cache, cache->oldest);
	struct entry *e = malloc(size);
	if (!e)
		return;
	char *at = e->bytes;
	*e = (struct entry){.hash = hash, .made = now, .response = *response, .size = size};
	e->key = keep(&at, key);
	for (size_t i = 0; i < response->field_count; i++)
		e->response.fields[i].value = keep(&at, response->fields[i].value);
	e->response.body = keep(&at, response->body);
	e->chain = *bucket_of(cache, hash);
	*bucket_of(cache, hash) = e;
	link_newest(cache, e);
	cache->used += size;
	cache->count++;
}

/* --- the key -------------------------------------------------------------------------- */

static void add_text(struct buf *key, struct str s)
{
	buf_add(key, (const char *)&s.n, sizeof(s.n));
	buf_str(key, s);
}

/* A new member of struct request belongs here, if respond() looks at it. */
#if defined(__x86_64__)
_Static_assert(sizeof(struct request) == 328, "struct request has changed: does key_of() know?");
#endif

/* Not in it: the query as sent, which only redirects repeat; preconditions and
 * HEAD, which change nothing of the answer that is kept; the time. */
static struct str key_of(const struct request *r, bool accept_language, struct arena *arena)
{
	const long numbers[] = {
		r->path_language, r->view, r->format, r->no_fallback, r->base_absolute, r->page, r->limit,
		r->max_width, r->max_height, r->included, (long)r->id_count,
	};
	const struct str texts[] = {
		r->path, r->lang, r->search, r->tag, r->fields, r->url,
		accept_language ? r->accept_language : STR_LIT(""),
	};
	struct buf key = BUF_IN(arena);

	buf_add(&key, (const char *)numbers, sizeof(numbers));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		add_text(&key, texts[i]);
	for (size_t i = 0; i < r->id_count; i++)
		add_text(&key, r->ids[i]);
	return buf_failed(&key) ? STR_LIT("") : buf_view(&key);
}

/* --- answering -------------------------------------------------------------------------- */

/* Back in time (a clock that was set) nothing is known of what was public then. */
static bool is_current(const struct entry *e, int64_t now)
{
	return now >= e->made && now < e->response.next_change;
}

/* Empties a cache that is not of this version.  False: the version is not known. */
static bool follow(struct responsecache *cache, struct site *site)
{
	struct site_version version;

	if (!site_version(site, &version))
		return false;
	if (version.index != cache->version.index || version.theme != cache->version.theme)
		drop_all(cache);
	cache->version = version;
	return true;
}

/* From memory, or what goes into it. */
static enum responsecache_verdict look_up(struct responsecache *cache, struct site *site, struct str key,
					  const struct request *request, struct arena *arena,
					  struct response *response)
{
	uint64_t hash = hash64(key);
	struct entry *e = find(cache, hash, key);

	if (e && is_current(e, request->now)) {
		unlink_use(cache, e);
		link_newest(cache, e);
		*response = e->response;
		return RESPONSECACHE_HIT;
	}
	if (e)
		drop(cache, e);
	struct request plain = *request;
	plain.if_match = plain.if_none_match = STR_LIT("");
	plain.if_modified_since = plain.if_unmodified_since = STR_LIT("");
	respond(site, &plain, arena, response);
	if (response->has_validators)
		add(cache, hash, key, request->now, response);
	return RESPONSECACHE_MISS;
}

static enum responsecache_verdict answer(struct responsecache *cache, struct site *site,
					 const struct request *request, struct arena *arena,
					 struct response *response)
{
	const struct config *config = site_config(site);
	struct str key = STR_LIT("");

	if (cache && request->problem == REQUEST_FINE && request->readable && follow(cache, site))
		key = key_of(request, config->accept_language, arena);
	if (!key.n) {
		respond(site, request, arena, response);
		return RESPONSECACHE_NONE;
	}
	enum responsecache_verdict verdict = look_up(cache, site, key, request, arena, response);
	if (response->has_validators)
		caching_finish(arena, request, config->max_age, response);
	return verdict;
}

/* Total, as respond() is. */
enum responsecache_verdict responsecache_respond(struct responsecache *cache, struct site *site,
						 const struct request *request, struct arena *arena,
						 struct response *response)
{
	jmp_buf oom, *outer = arena->oom;

	if (setjmp(oom)) {
		log_error("out of memory while answering a request");
		response_internal_error(response);
		response->without_body = request->head;
		arena->oom = outer;
		return RESPONSECACHE_NONE;
	}
	arena->oom = &oom;
	enum responsecache_verdict verdict = answer(cache, site, request, arena, response);
	arena->oom = outer;
	return verdict;
}

size_t responsecache_count(const struct responsecache *cache)
{
	return cache ? cache->count : 0;
}

size_t responsecache_bytes(const struct responsecache *cache)
{
	return cache ? cache->used : 0;
}
