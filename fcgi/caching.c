/* caching.c: ETag and dates, both halves: what we send is what we compare. */
#include "caching.h"

#include "date.h"
#include "hash.h"

#include <stdio.h>

enum { STALE_SECONDS = 600 };

struct str caching_etag(struct arena *arena, struct str body)
{
	char hex[HASH_HEX_SIZE];

	hash128_hex(body, hex);
	return arena_printf(arena, "\"%s\"", hex);
}

/* RFC 9110 §8.8.3.2.  A list of entity tags; commas may stand inside them. */
static bool list_has(struct str list, struct str etag, bool weak)
{
	if (str_is(str_trim(list), "*"))
		return true;
	while (list.n) {
		while (list.n && (ascii_space(list.p[0]) || list.p[0] == ','))
			list = str_skip(list, 1);
		bool is_weak = str_starts(list, "W/");
		if (is_weak)
			list = str_skip(list, 2);
		if (!list.n || list.p[0] != '"')
			return false;
		size_t n = str_find_char(str_skip(list, 1), '"') + 2;
		if (str_eq(str_head(list, n), etag) && (weak || !is_weak))
			return true;
		list = str_skip(list, n);
	}
	return false;
}

static bool not_after(struct str field, int64_t now, int64_t last_modified, bool otherwise)
{
	int64_t since;

	if (date_parse_http(str_trim(field), now, &since))
		return otherwise;
	return last_modified <= since;
}

int caching_status(const struct request *request, struct str etag, int64_t last_modified)
{
	if (request->if_match.n) {
		if (!list_has(request->if_match, etag, false))
			return 412;
	} else if (request->if_unmodified_since.n) {
		if (!not_after(request->if_unmodified_since, request->now, last_modified, true))
			return 412;
	}
	if (request->if_none_match.n)
		return list_has(request->if_none_match, etag, true) ? 304 : 200;
	if (request->if_modified_since.n && not_after(request->if_modified_since, request->now, last_modified, false))
		return 304;
	return 200;
}

struct str caching_control(struct arena *arena, unsigned max_age, int64_t now, int64_t next_change)
{
	int64_t left = next_change > now ? next_change - now : INT64_MAX;

	if (left <= (int64_t)max_age)
		return arena_printf(arena, "public, max-age=%u", (unsigned)left);
	/* What is served while revalidating must not be past its time either. */
	int64_t stale = left - max_age < STALE_SECONDS ? left - max_age : STALE_SECONDS;
	return arena_printf(arena, "public, max-age=%u, stale-while-revalidate=%d", max_age, (int)stale);
}

/* RFC 9110 §15.4.5: a 304 says what the cache needs, and not what it has. */
static void keep_for_304(struct response *response)
{
	static const char *const kept[] = {"Content-Location", "Vary", "Cache-Tag", "ETag", "Last-Modified",
					   "Cache-Control", "Access-Control-Allow-Origin", NULL};
	size_t count = 0;

	for (size_t i = 0; i < response->field_count; i++)
		for (size_t k = 0; kept[k]; k++)
			if (!strcmp(response->fields[i].name, kept[k]))
				response->fields[count++] = response->fields[i];
	response->field_count = count;
}

void caching_finish(struct arena *arena, const struct request *request, unsigned max_age,
		    struct response *response)
{
	/* A file from the future was modified now, at the latest: RFC 9110 §8.8.2.1. */
	int64_t now = request->now;
	int64_t modified = response->last_modified < now ? response->last_modified : now;
	char date[DATE_HTTP_SIZE];

	date_format_http(modified, date);
	response_set(response, "Last-Modified", arena_str(arena, str_from(date)));
	response_set(response, "Cache-Control", caching_control(arena, max_age, now, response->next_change));
	response->status = caching_status(request, response_get(response, "ETag"), modified);
	if (response->status == 412)
		response->body = STR_LIT("");
	if (response->status == 304)
		keep_for_304(response);
	else
		response_set(response, "Content-Length", arena_printf(arena, "%zu", response->body.n));
	response->without_body = request->head || response->status == 304;
}
