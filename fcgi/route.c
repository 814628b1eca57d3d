/* route.c: path -> what it is the address of.
 *
 * Says nothing about whether there is such a thing: a post goes before a list
 * of the same address, but not before what reserved.h keeps for the program.
 */
#include "route.h"

#include "taxonomy.h"

static const struct {
	const char *folder;
	enum index_scope scope;
} TAXONOMIES[] = {
	{"tags", SCOPE_TAG},
	{"categories", SCOPE_CATEGORY},
	{"series", SCOPE_SERIES},
	{"authors", SCOPE_AUTHOR},
};

static const struct {
	const char *path;
	enum route_kind kind;
} FIXED[] = {
	{"/-/excerpts", ROUTE_BATCH}, {"/-/oembed", ROUTE_OEMBED},    {"/-/health", ROUTE_HEALTH},
	{"/-/metrics", ROUTE_METRICS}, {"/robots.txt", ROUTE_ROBOTS}, {"/sitemap.xml", ROUTE_SITEMAP},
};

static const char *const FEEDS[] = {[FEED_ATOM] = "feed.atom", [FEED_RSS] = "feed.rss", [FEED_JSON] = "feed.json"};

/* A whole number of at most seven digits, without zeros before it; 0 for none. */
static int number(struct str s, size_t digits)
{
	int n = 0;

	if (s.n == 0 || s.n > 7 || (digits && s.n != digits) || (!digits && s.p[0] == '0'))
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return 0;
		n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

/* "/sitemap-2.xml" */
static bool is_sitemap_part(struct str path, struct route *out)
{
	static const char before[] = "/sitemap-", after[] = ".xml";
	size_t around = sizeof(before) - 1 + sizeof(after) - 1;

	if (!str_starts(path, before) || !str_ends(path, after) || path.n <= around)
		return false;
	out->part = (size_t)number(str_head(str_skip(path, sizeof(before) - 1), path.n - around), 0);
	out->kind = out->part ? ROUTE_SITEMAP : ROUTE_NONE;
	return true;
}

/* "2020" or "2020/04" */
static bool is_date(struct str inner, struct route *out)
{
	struct str rest = inner, year = str_cut(&rest, '/');
	bool has_month = year.n < inner.n;

	out->year = number(year, 4);
	out->month = has_month ? number(rest, 2) : 0;
	if (out->year && (!has_month || (out->month >= 1 && out->month <= 12)))
		return true;
	out->year = out->month = 0;
	return false;
}

static bool is_taxonomy(struct arena *arena, struct str inner, struct route *out)
{
	struct str rest = inner, folder = str_cut(&rest, '/');

	for (size_t i = 0; i < sizeof(TAXONOMIES) / sizeof(TAXONOMIES[0]); i++) {
		if (!str_is(folder, TAXONOMIES[i].folder))
			continue;
		out->scope = TAXONOMIES[i].scope;
		if (folder.n == inner.n) {
			out->kind = ROUTE_TERMS;
			return true;
		}
		/* /tags/Open%20Source/ is at /tags/open-source/ */
		out->name = taxonomy_key(arena, rest);
		out->path = route_term_path(arena, out->scope, out->name);
		out->kind = out->name.n ? ROUTE_LIST : ROUTE_NONE;
		return true;
	}
	return false;
}

/* `path` begins and ends with a slash. */
static void find_list(struct arena *arena, struct str path, struct route *out)
{
	struct str inner = path.n > 2 ? str_head(str_skip(path, 1), path.n - 2) : STR_LIT("");

	out->kind = ROUTE_LIST;
	out->path = path;
	out->scope = SCOPE_ALL;
	out->name = STR_LIT("");
	if (!inner.n || is_date(inner, out))
		return;
	if (str_is(inner, "archive")) {
		out->kind = ROUTE_ARCHIVE;
		return;
	}
	if (is_taxonomy(arena, inner, out))
		return;
	out->kind = ROUTE_LIST;
	out->scope = SCOPE_SECTION;
	out->name = inner;
}

void route_find(struct arena *arena, struct str path, struct route *out)
{
	*out = (struct route){.path = path, .name = STR_LIT("")};
	for (size_t i = 0; i < sizeof(FIXED) / sizeof(FIXED[0]); i++) {
		if (str_is(path, FIXED[i].path)) {
			out->kind = FIXED[i].kind;
			return;
		}
	}
	if (is_sitemap_part(path, out))
		return;
	if (str_ends(path, "/")) {
		find_list(arena, path, out);
		return;
	}
	for (int i = FEED_ATOM; i <= FEED_JSON; i++) {
		struct str name = str_from(FEEDS[i]);
		if (!str_ends(path, FEEDS[i]) || path.p[path.n - name.n - 1] != '/')
			continue;
		find_list(arena, str_head(path, path.n - name.n), out);
		out->feed = (enum route_feed)i;
		if (out->kind != ROUTE_LIST)
			*out = (struct route){.path = path, .name = STR_LIT("")};
	}
}

struct str route_feed_path(struct arena *arena, struct str list, enum route_feed feed)
{
	return arena_printf(arena, "%.*s%s", STR_ARG(list), FEEDS[feed]);
}

struct str route_term_path(struct arena *arena, enum index_scope scope, struct str key)
{
	for (size_t i = 0; i < sizeof(TAXONOMIES) / sizeof(TAXONOMIES[0]); i++)
		if (TAXONOMIES[i].scope == scope)
			return arena_printf(arena, "/%s/%.*s/", TAXONOMIES[i].folder, STR_ARG(key));
	return STR_LIT("/");
}
