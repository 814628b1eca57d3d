/* access.c: a request and its response -> one line of the log, and counters.
 *
 * The line is what helps to find a request again, and what the web server's own log
 * does not know: the post, its language, the cache.  The query is not in it: it has
 * what readers searched for.
 */
#include "access.h"

#include "log.h"
#include "uri.h"

#include <inttypes.h>
#include <sys/random.h>
#include <unistd.h>

enum { ID_BYTES = 128 };

static bool is_id(struct str id)
{
	bool fine = id.n > 0 && id.n <= ID_BYTES;

	for (size_t i = 0; fine && i < id.n; i++)
		fine = ascii_alnum(id.p[i]) || (id.p[i] && strchr("-._~:/+=@", id.p[i]));
	return fine;
}

struct str access_id(struct arena *arena, request_variable *variable, void *context)
{
	/* The server's own before the reader's; UNIQUE_ID is Apache's. */
	static const char *const names[] = {"REQUEST_ID", "UNIQUE_ID", "HTTP_X_REQUEST_ID"};
	uint64_t made[2] = {0};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str id = str_from(variable(context, names[i]));
		if (is_id(id))
			return arena_str(arena, id);
	}
	if (getrandom(made, sizeof(made), GRND_NONBLOCK) != sizeof(made))
		made[0] = (uint64_t)getpid();
	return arena_printf(arena, "%016" PRIx64 "%016" PRIx64, made[0], made[1]);
}

/* What stands at addresses that have one format of their own. */
static enum metrics_format format_of(const struct request *request)
{
	static const struct {
		const char *end;
		enum metrics_format format;
	} fixed[] = {
		{"/feed.atom", METRICS_FEED}, {"/feed.rss", METRICS_FEED},    {"/feed.json", METRICS_FEED},
		{".xml", METRICS_XML},        {"/robots.txt", METRICS_TEXT},  {"/-/health", METRICS_TEXT},
		{"/-/metrics", METRICS_TEXT}, {"/-/excerpts", METRICS_JSON},  {"/-/oembed", METRICS_JSON},
	};

	_Static_assert((int)METRICS_FRAGMENT == (int)FORMAT_FRAGMENT && (int)METRICS_XML == (int)FORMAT_XML,
		       "formats are counted in their order");
	if (request->format == FORMAT_HTML)
		for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
			if (str_ends(request->path, fixed[i].end))
				return fixed[i].format;
	return (enum metrics_format)request->format;
}

/* The first Cache-Tag of an article is its own, of a list "list". */
static struct str post_of(struct arena *arena, const struct response *response)
{
	struct str tags = response_get(response, "Cache-Tag"), first = str_cut(&tags, ','), post;

	if (!first.n || str_is(first, "list") || uri_decode(arena, first, false, &post))
		return STR_LIT("");
	return post;
}

static void write_line(const struct access *a, uint64_t bytes)
{
	struct arena arena;

	arena_init(&arena, 0);
	const struct log_field fields[] = {
		{"id", a->id, false},
		{"method", str_head(a->request->method, 32), false},
		{"path", a->request->path, false},
		{"status", arena_printf(&arena, "%d", a->response->status), true},
		{"bytes", arena_printf(&arena, "%" PRIu64, bytes), true},
		{"lang", response_get(a->response, "Content-Language"), false},
		{"post", post_of(&arena, a->response), false},
		{"ms", arena_printf(&arena, "%" PRIu64 ".%03u", a->microseconds / 1000,
				    (unsigned)(a->microseconds % 1000)), true},
		{"cache", str_from(metrics_verdicts[a->cache]), false},
		{"cut_off", STR_LIT("true"), true},
	};
	size_t count = sizeof(fields) / sizeof(fields[0]);
	log_event("access", fields, a->cut_off ? count : count - 1);
	arena_release(&arena);
}

void access_note(const struct access *a, struct metrics *metrics)
{
	uint64_t bytes = a->response->without_body ? 0 : a->response->body.n;

	metrics_request(metrics, &(struct metrics_request){
		.status = a->response->status,
		.format = format_of(a->request),
		.cache = a->cache,
		.microseconds = a->microseconds,
		.bytes = bytes,
	});
	if (a->cut_off)
		metrics_dropped(metrics);
	if (a->config->access_log)
		write_line(a, bytes);
}
