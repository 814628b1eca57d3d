/* request.c: server parameters -> struct request.
 *
 * The path comes from PATH_INFO, else DOCUMENT_URI, else SCRIPT_NAME, less the
 * mount of base_url.  REQUEST_URI never decides it: in a server-side include
 * it is the parent page's, which is how an include is recognised.  The server
 * has decoded the path already; it is not decoded again.
 */
#include "request.h"

#include "lang.h"
#include "uri.h"
#include "utf8.h"

#include <arpa/inet.h>
#include <stdlib.h>

struct reading {
	struct arena *arena;
	const struct config *config;
	request_variable *variable;
	void *context;
	struct request *out;
	unsigned seen; /* parameters that may stand only once, one bit each */
};

static struct str get(struct reading *r, const char *name)
{
	return arena_str(r->arena, str_from(r->variable(r->context, name)));
}

static void problem(struct reading *r, enum request_problem what, const char *detail)
{
	if (r->out->problem == REQUEST_FINE) {
		r->out->problem = what;
		r->out->problem_detail = str_from(detail);
	}
}

/* --- path ------------------------------------------------------------------- */

/* True when path is `prefix` or goes on below it. */
static bool below(struct str path, struct str prefix)
{
	return path.n >= prefix.n && str_eq(str_head(path, prefix.n), prefix) &&
	       (path.n == prefix.n || path.p[prefix.n] == '/');
}

/* A path as the server was asked for it, decoded, for comparing. */
static bool asked_path(struct reading *r, struct str uri, struct str *out)
{
	bool changed;

	if (uri.n && uri.p[0] != '/') { /* absolute-form, RFC 9112 §3.2.2 */
		uri = str_skip(uri, str_find(uri, "://") + 3);
		uri = str_skip(uri, str_find_char(uri, '/'));
	}
	uri = str_head(uri, str_find_char(uri, '?'));
	return uri.n && !uri_decode(r->arena, uri, false, out) && !uri_normalise(r->arena, *out, out, &changed);
}

static struct str without_mount(struct reading *r, struct str path, struct str path_info, struct str script)
{
	struct str mount = str_from(r->config->mount);

	if (!mount.n || !below(path, mount))
		return path;
	/* RFC 3875 §4.1.5: behind a script below the mount, PATH_INFO starts
	 * after the script.  Servers that send the same in both mean the whole,
	 * unless both together are what was asked for (/blog/blog). */
	if (path_info.n && below(script, mount)) {
		struct str asked, whole = arena_printf(r->arena, "%.*s%.*s", STR_ARG(script), STR_ARG(path_info));
		bool both = asked_path(r, get(r, "REQUEST_URI"), &asked) && str_eq(asked, whole);
		if (both || !str_eq(script, path_info))
			return path;
	}
	path = str_skip(path, mount.n);
	return path.n ? path : STR_LIT("/");
}

static bool is_include(struct reading *r, struct str raw, struct str path_info, struct str script)
{
	struct str asked, whole = arena_printf(r->arena, "%.*s%.*s", STR_ARG(script), STR_ARG(path_info));
	struct str mounted = arena_printf(r->arena, "%s%.*s", r->config->mount, STR_ARG(raw));
	const struct str same[] = {raw, whole, mounted, script};
	bool changed;

	if (!asked_path(r, get(r, "REQUEST_URI"), &asked))
		return false;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct str normal;
		if (same[i].n && !uri_normalise(r->arena, same[i], &normal, &changed) && str_eq(normal, asked))
			return false;
	}
	return true;
}

/* "/it/posts/x" -> "/posts/x".  The default language has no prefix. */
static void take_language(struct reading *r)
{
	struct str rest = str_skip(r->out->path, 1);
	int at = config_language_at(r->config, str_cut(&rest, '/'));

	if (at <= 0)
		return;
	r->out->path_language = at;
	r->out->path = arena_printf(r->arena, "/%.*s", STR_ARG(rest));
}

static void read_path(struct reading *r)
{
	struct str path_info = get(r, "PATH_INFO"), script = get(r, "SCRIPT_NAME");
	struct str raw = path_info.n ? path_info : get(r, "DOCUMENT_URI");
	bool changed;

	if (!raw.n)
		raw = script;
	if (!raw.n)
		raw = STR_LIT("/");
	r->out->path = STR_LIT("/");
	if (raw.n > REQUEST_PATH_LIMIT) {
		problem(r, REQUEST_QUERY_LONG, "The path is too long.");
		return;
	}
	struct str path = without_mount(r, raw, path_info, script);
	if (uri_normalise(r->arena, path, &r->out->path, &changed)) {
		r->out->path = STR_LIT("/");
		problem(r, REQUEST_BAD_PATH, "The path is malformed.");
	}
	if (r->config->urls == URLS_PREFIX)
		take_language(r);
	r->out->included = is_include(r, raw, path_info, script);
}

/* --- query -------------------------------------------------------------------- */

/* The position of value among the words, or -1. */
static int choice(struct str value, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (str_is(value, words[i]))
			return i;
	return -1;
}

static void read_lang(struct reading *r, struct str value)
{
	char tag[LANG_LIMIT + 1];

	if (!value.n)
		return;
	if (lang_normalise(value, tag))
		problem(r, REQUEST_BAD_VALUE, "lang is not a language tag (RFC 5646).");
	else if (r->out->lang.n && !str_is(r->out->lang, tag))
		problem(r, REQUEST_BAD_VALUE, "lang is given twice, and not the same.");
	else
		r->out->lang = arena_str(r->arena, str_from(tag));
}

static void set_lang_from_path(struct reading *r)
{
	read_lang(r, str_from(r->config->languages[r->out->path_language].tag));
}

static void read_view(struct reading *r, struct str value)
{
	static const char *const words[] = {"full", "excerpt", "rest", NULL};
	int i = choice(value, words);

	if (i < 0)
		problem(r, REQUEST_BAD_VALUE, "view must be full, excerpt or rest.");
	else
		r->out->view = (enum request_view)(VIEW_FULL + i);
}

const char *const request_formats[] = {"html", "fragment", "json", "text", "md", "xml", NULL};

static void read_format(struct reading *r, struct str value)
{
	int i = choice(value, request_formats);
	bool card = str_is(r->out->path, "/-/oembed");

	if (card && i != FORMAT_JSON && i != FORMAT_XML)
		problem(r, REQUEST_BAD_CARD, "format must be json or xml.");
	else if (i < 0 || (i == FORMAT_XML && !card))
		problem(r, REQUEST_BAD_VALUE, "format must be html, fragment, json, text or md.");
	else
		r->out->format = (enum request_format)i;
}

static void read_fallback(struct reading *r, struct str value)
{
	static const char *const words[] = {"no", "yes", NULL};
	int i = choice(value, words);

	if (i < 0)
		problem(r, REQUEST_BAD_VALUE, "fallback must be yes or no.");
	r->out->no_fallback = i == 0;
}

static void read_base(struct reading *r, struct str value)
{
	static const char *const words[] = {"absolute", "relative", NULL};
	int i = choice(value, words);

	if (i < 0)
		problem(r, REQUEST_BAD_VALUE, "base must be absolute or relative.");
	r->out->base_absolute = i == 0;
}

static long number(struct reading *r, struct str value, long most, const char *complaint)
{
	long n = 0;
	bool fine = value.n > 0 && value.n < 8;

	for (size_t i = 0; fine && i < value.n; i++) {
		fine = ascii_digit(value.p[i]);
		n = n * 10 + (value.p[i] - '0');
	}
	if (!fine || n < 1 || n > most) {
		problem(r, REQUEST_BAD_VALUE, complaint);
		return 1;
	}
	return n;
}

static void read_page(struct reading *r, struct str value)
{
	r->out->page = number(r, value, 9999999, "page must be a whole number from 1.");
}

static void read_limit(struct reading *r, struct str value)
{
	r->out->limit = number(r, value, 100, "limit must be a whole number from 1 to 100.");
}

/* Longer than anybody types; the answer's header repeats it. */
enum { SEARCH_BYTES = 256 };

static void read_search(struct reading *r, struct str value)
{
	r->out->search = str_trim(utf8_head(value, SEARCH_BYTES));
}

static void read_tag(struct reading *r, struct str value)
{
	r->out->tag = str_trim(utf8_head(value, SEARCH_BYTES));
}

/* Which names there are is the JSON view's business. */
static void read_fields(struct reading *r, struct str value)
{
	r->out->fields = value;
}

static void read_id(struct reading *r, struct str value)
{
	struct str *ids = (struct str *)r->out->ids;

	if (!ids)
		r->out->ids = ids = ARENA_ARRAY(r->arena, REQUEST_MAX_IDS, struct str);
	if (r->out->id_count == REQUEST_MAX_IDS)
		problem(r, REQUEST_BAD_VALUE, "There are more than 50 ids.");
	else
		ids[r->out->id_count++] = value;
}

static void read_url(struct reading *r, struct str value)
{
	r->out->url = value;
}

static void read_max_width(struct reading *r, struct str value)
{
	r->out->max_width = number(r, value, 9999999, "maxwidth must be a whole number from 1.");
}

static void read_max_height(struct reading *r, struct str value)
{
	r->out->max_height = number(r, value, 9999999, "maxheight must be a whole number from 1.");
}

static const struct {
	const char *name;
	void (*read)(struct reading *, struct str value);
	bool may_repeat;
} PARAMETERS[] = {
	{"format", read_format, false}, /* first: it decides how a problem is told */
	{"lang", read_lang, true},
	{"view", read_view, false},
	{"fallback", read_fallback, false},
	{"base", read_base, false},
	{"page", read_page, false},
	{"limit", read_limit, false},
	{"q", read_search, false},
	{"tag", read_tag, false},
	{"fields", read_fields, false},
	{"id", read_id, true},
	{"url", read_url, false},
	{"maxwidth", read_max_width, false},
	{"maxheight", read_max_height, false},
};

static void read_parameter(struct reading *r, size_t which, struct str raw)
{
	struct str value;

	if (uri_decode(r->arena, raw, true, &value)) {
		problem(r, REQUEST_BAD_QUERY, "The query string is malformed.");
		return;
	}
	if ((r->seen & 1u << which) && !PARAMETERS[which].may_repeat)
		problem(r, REQUEST_BAD_VALUE,
			arena_printf(r->arena, "%s is given twice.", PARAMETERS[which].name).p);
	r->seen |= 1u << which;
	PARAMETERS[which].read(r, value);
}

/* Unknown parameters are passed over, malformed ones too: links are shared
 * with whatever trackers append. */
static void read_query(struct reading *r)
{
	r->out->query = get(r, "QUERY_STRING");
	if (r->out->query.n > REQUEST_QUERY_LIMIT) {
		problem(r, REQUEST_QUERY_LONG, "The query string is too long.");
		return;
	}
	for (size_t i = 0; i < sizeof(PARAMETERS) / sizeof(PARAMETERS[0]); i++) {
		struct str rest = r->out->query, name;
		struct uri_pair pair;
		while (uri_pair_next(&rest, &pair))
			if (!uri_decode(r->arena, pair.name, true, &name) && str_is(name, PARAMETERS[i].name))
				read_parameter(r, i, pair.value);
	}
}

/* --- who asks ----------------------------------------------------------------------- */

static bool is_loopback(const char *text)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == IN_LOOPBACKNET);
}

/* Behind a proxy on the same machine every reader comes from there. */
static bool is_local(struct reading *r)
{
	static const char *const of_proxies[] = {"HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP",
						 "HTTP_VIA", "HTTP_X_VARNISH"};
	const char *address = r->variable(r->context, "REMOTE_ADDR");

	for (size_t i = 0; i < sizeof(of_proxies) / sizeof(of_proxies[0]); i++)
		if (r->variable(r->context, of_proxies[i]))
			return false;
	return address && is_loopback(address);
}

void request_read(struct arena *arena, const struct config *config, request_variable *variable,
		  void *context, int64_t now, struct request *out)
{
	struct reading r = {arena, config, variable, context, out, 0};

	*out = (struct request){.now = now, .page = 1, .path_language = -1};
	out->method = get(&r, "REQUEST_METHOD");
	out->head = str_is(out->method, "HEAD");
	if (!out->method.n)
		problem(&r, REQUEST_INCOMPLETE, "The web server sent no REQUEST_METHOD.");
	read_path(&r);
	/* nginx gives an include the method of the page around it, a form's POST too. */
	out->readable = out->head || out->included || str_is(out->method, "GET");
	read_query(&r);
	if (!out->lang.n && out->path_language > 0)
		set_lang_from_path(&r);
	if (str_is(out->path, "/-/metrics"))
		out->local = is_local(&r);
	out->accept_language = get(&r, "HTTP_ACCEPT_LANGUAGE");
	if (out->included)
		return;
	out->if_match = get(&r, "HTTP_IF_MATCH");
	out->if_none_match = get(&r, "HTTP_IF_NONE_MATCH");
	out->if_modified_since = get(&r, "HTTP_IF_MODIFIED_SINCE");
	out->if_unmodified_since = get(&r, "HTTP_IF_UNMODIFIED_SINCE");
}
