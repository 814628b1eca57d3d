/* negotiate.h: which of the languages at hand a request gets, and why. */
#ifndef CARTOLINA_NEGOTIATE_H
#define CARTOLINA_NEGOTIATE_H

#include "arena.h"
#include "config.h"
#include "request.h"

enum negotiate_by { BY_QUERY, BY_CHAIN, BY_PATH, BY_HEADER, BY_DEFAULT, BY_FIRST };

struct negotiation {
	int language;         /* position in config->languages, or -1: nothing to serve */
	enum negotiate_by by;
	bool fallback;        /* another language than the one `lang` asked for */
	bool elsewhere;       /* `lang` asked for a translation that has another path */
	bool vary;            /* Accept-Language had a say */
};

/* available[i], here[i]: config->languages[i] has a public translation; has it
 * at the requested path.  Pass the same array twice where paths do not matter. */
void negotiate(struct arena *arena, const struct config *config, const struct request *request,
	       const bool *available, const bool *here, struct negotiation *out);

/* "by the lang parameter", for explain. */
const char *negotiate_reason(enum negotiate_by by);

#endif
