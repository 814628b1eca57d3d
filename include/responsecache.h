/* responsecache.h: finished answers, kept in a FastCGI worker's memory.
 *
 * An answer is used again as long as respond() would give the same: the index
 * and the theme are as they were, and no post has appeared or expired since.
 * What depends on the reader's copy or on the time of day (304, 412, HEAD,
 * max-age) is worked out anew for every request.  Only answers with validators
 * are kept: no errors, no redirects, nothing that says no-store.
 */
#ifndef CARTOLINA_RESPONSECACHE_H
#define CARTOLINA_RESPONSECACHE_H

#include "arena.h"
#include "request.h"
#include "response.h"
#include "site.h"

struct responsecache;

enum responsecache_verdict {
	RESPONSECACHE_NONE, /* not asked: it is off, or the request is none for it */
	RESPONSECACHE_HIT,
	RESPONSECACHE_MISS,
};

/* At most `bytes` of answers, their keys and what is known of them; 0: none.
 * NULL when there is no memory, which is a cache of none, too. */
struct responsecache *responsecache_new(size_t bytes);
void responsecache_free(struct responsecache *cache);

/* respond(), or the same bytes from memory.  After site_catch_up().  The
 * response borrows from the arena and, until the next call, from the cache. */
enum responsecache_verdict responsecache_respond(struct responsecache *cache, struct site *site,
						 const struct request *request, struct arena *arena,
						 struct response *response);

/* What is in it, for tests and for numbers: answers and bytes. */
size_t responsecache_count(const struct responsecache *cache);
size_t responsecache_bytes(const struct responsecache *cache);

#endif
