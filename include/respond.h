/* respond.h: the whole read side as one function.
 *
 * Total: it always fills the response, with a 500 at worst.  It reads nothing
 * but the site and the request (the time of day is request->now, the Host
 * header is never looked at), and writes nothing but the response.
 * The response borrows from the arena, whose `oom` point it sets and restores.
 */
#ifndef CARTOLINA_RESPOND_H
#define CARTOLINA_RESPOND_H

#include "arena.h"
#include "request.h"
#include "response.h"
#include "site.h"

void respond(struct site *site, const struct request *request, struct arena *arena,
	     struct response *response);

/* The same, and what was decided on the way, and why, as lines of text. */
void respond_explain(struct site *site, const struct request *request, struct arena *arena,
		     struct response *response, struct buf *explanation);

#endif
