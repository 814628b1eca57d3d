/* negotiate.c: the order of precedence: lang, path, Accept-Language, the
 * site's default, the first there is. */
#include "negotiate.h"

#include "lang.h"

static int first_of(const bool *set, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (set[i])
			return (int)i;
	return -1;
}

static bool same_set(const bool *a, const bool *b, size_t count)
{
	return memcmp(a, b, count * sizeof(*a)) == 0;
}

static void without_query(const struct config *config, const struct request *request, const bool *here,
			  const struct lang_known *known, bool by_path, struct negotiation *out)
{
	size_t count = config->language_count;

	out->language = -1;
	out->by = BY_PATH;
	if (request->path_language > 0 && here[request->path_language]) {
		out->language = request->path_language;
		return;
	}
	if (!by_path && config->accept_language) {
		out->vary = true;
		out->language = lang_accept(request->accept_language, known, here, count);
		out->by = BY_HEADER;
	}
	if (out->language < 0) {
		out->language = first_of(here, count);
		out->by = by_path ? BY_PATH : here[0] ? BY_DEFAULT : BY_FIRST;
	}
}

/* lang is what the path's own prefix says. */
static bool is_by_prefix(const struct config *config, const struct request *request)
{
	return request->path_language > 0 &&
	       str_is_fold(request->lang, config->languages[request->path_language].tag);
}

void negotiate(struct arena *arena, const struct config *config, const struct request *request,
	       const bool *available, const bool *here, struct negotiation *out)
{
	size_t count = config->language_count;
	struct lang_known *known = ARENA_ARRAY(arena, count, struct lang_known);

	for (size_t i = 0; i < count; i++)
		known[i] = (struct lang_known){config->languages[i].tag, config->languages[i].fallback};
	*out = (struct negotiation){.language = -1};
	if (request->lang.n) {
		bool chain = false;
		out->by = BY_QUERY;
		out->language = lang_match(request->lang, known, available, count);
		if (out->language < 0 && !request->no_fallback) {
			out->language = lang_match_chain(request->lang, known, available, count, &chain);
			out->by = BY_CHAIN;
			out->fallback = true;
		}
		if (out->language >= 0) {
			bool by_prefix = is_by_prefix(config, request);
			if (by_prefix && out->by == BY_QUERY)
				out->by = BY_PATH;
			out->elsewhere = !here[out->language] ||
					 (out->by == BY_QUERY && config->urls == URLS_PREFIX &&
					  out->language != (request->path_language > 0 ? request->path_language : 0));
			return;
		}
		if (request->no_fallback)
			return;
	}
	without_query(config, request, here, known, !same_set(available, here, count), out);
	out->fallback = request->lang.n > 0;
}

const char *negotiate_reason(enum negotiate_by by)
{
	switch (by) {
	case BY_QUERY: return "by the lang parameter";
	case BY_CHAIN: return "by the fallback chain of the language that lang asks for";
	case BY_PATH: return "by the path, which only this translation has";
	case BY_HEADER: return "by the Accept-Language header";
	case BY_DEFAULT: return "because it is the site's default";
	case BY_FIRST: break;
	}
	return "because it is the first that the post has";
}
