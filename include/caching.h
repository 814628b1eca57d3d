/* caching.h: validators: made, and compared (RFC 9110 §8.8, §13). */
#ifndef CARTOLINA_CACHING_H
#define CARTOLINA_CACHING_H

#include "request.h"
#include "response.h"

/* A strong ETag: a hash of the representation's bytes, in quotes. */
struct str caching_etag(struct arena *arena, struct str body);

/* What a conditional request comes to, for a representation that exists:
 * 200, 304 or 412.  Preconditions in the order of RFC 9110 §13.2.2; dates that
 * are no dates are passed over.  last_modified: seconds since the epoch. */
int caching_status(const struct request *request, struct str etag, int64_t last_modified);

/* "public, max-age=…, stale-while-revalidate=…": max-age seconds, but neither
 * past the next moment at which a post on the page appears or expires
 * (seconds since the epoch, or INT64_MAX for none). */
struct str caching_control(struct arena *arena, unsigned max_age, int64_t now, int64_t next_change);

/* Makes of the whole representation (status 200, body, ETag, last_modified and
 * next_change are there) the answer to this request: sets what depends on the
 * time of day, then turns it into a 304 or 412 if the preconditions say so. */
void caching_finish(struct arena *arena, const struct request *request, unsigned max_age,
		    struct response *response);

#endif
