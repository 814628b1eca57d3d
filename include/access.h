/* access.h: what is written down of a request that was answered: a line in the
 * log, and the numbers for /-/metrics.
 */
#ifndef CARTOLINA_ACCESS_H
#define CARTOLINA_ACCESS_H

#include "metrics.h"
#include "request.h"
#include "response.h"

struct access {
	const struct config *config;
	const struct request *request;
	const struct response *response;
	struct str id; /* access_id() */
	enum metrics_cache cache;
	uint64_t microseconds; /* from the whole request to the last byte of its answer */
	bool cut_off;          /* not all of the answer was taken */
};

/* The number that the web server gave the request (REQUEST_ID, X-Request-ID) if it
 * is one of at most 128 letters, digits and -._~:/+=@, else one that nobody else has. */
struct str access_id(struct arena *arena, request_variable *variable, void *context);

/* Counts, and logs if the configuration says so.  `metrics` may be NULL. */
void access_note(const struct access *access, struct metrics *metrics);

#endif
