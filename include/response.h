/* response.h: status, header fields and body, whole before the first byte leaves. */
#ifndef CARTOLINA_RESPONSE_H
#define CARTOLINA_RESPONSE_H

#include "arena.h"
#include "buf.h"

enum { RESPONSE_MAX_FIELDS = 32 };

struct response_field {
	const char *name; /* a constant */
	struct str value;
};

struct response {
	int status;
	struct response_field fields[RESPONSE_MAX_FIELDS]; /* in the order in which they are sent */
	size_t field_count;
	struct str body;   /* the whole representation, also when it is not sent */
	bool without_body; /* HEAD and 304: the fields describe the body, it stays here */

	/* Of a representation that can be asked for again: caching_finish(). */
	bool has_validators;
	int64_t last_modified; /* seconds since the epoch */
	int64_t next_change;   /* when time alone makes another of it, or INT64_MAX */
};

/* Adds a field; the value must not hold CR, LF or NUL (asserted). */
void response_field(struct response *response, const char *name, struct str value);
/* The same, in place of the field if it is there already. */
void response_set(struct response *response, const char *name, struct str value);
/* The value of a field, or an empty slice. */
struct str response_get(const struct response *response, const char *name);

/* The CGI form (RFC 3875 §6): Status, fields, blank line, body.  FastCGI sends
 * the same bytes. */
void response_write(const struct response *response, struct buf *out);
/* What of that stands before the body. */
void response_write_head(const struct response *response, struct buf *out);

/* "Not Found" for 404. */
const char *response_reason(int status);

/* A 500 that needs no memory and no site. */
void response_internal_error(struct response *response);

#endif
