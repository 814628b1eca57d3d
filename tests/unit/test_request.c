/* test_request.c: CGI variables as real servers send them, and as nobody
 * should -> struct request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "../lib/testarena.h"
#include "lang.h"
#include "request.h"
#include "utf8.h"

#include <stdlib.h>

static struct config_language languages[] = {{.tag = "en"}, {.tag = "it"}, {.tag = "pt-BR"}};

/* --- variables ------------------------------------------------------------------- */

/* NULL: the server does not send it. */
struct variables {
	const char *method, *path_info, *document_uri, *script, *uri, *query;
	const char *if_none_match, *accept_language;
	const char *remote, *forwarded;
};

static const char *variable(void *context, const char *name)
{
	const struct variables *v = context;
	const struct {
		const char *name, *value;
	} all[] = {
		{"REQUEST_METHOD", v->method ? v->method : "GET"}, {"PATH_INFO", v->path_info},
		{"DOCUMENT_URI", v->document_uri}, {"SCRIPT_NAME", v->script}, {"REQUEST_URI", v->uri},
		{"QUERY_STRING", v->query}, {"HTTP_IF_NONE_MATCH", v->if_none_match},
		{"HTTP_ACCEPT_LANGUAGE", v->accept_language}, {"HTTP_IF_MATCH", v->if_none_match},
		{"HTTP_IF_MODIFIED_SINCE", v->if_none_match}, {"HTTP_IF_UNMODIFIED_SINCE", v->if_none_match},
		{"REMOTE_ADDR", v->remote}, {"HTTP_X_FORWARDED_FOR", v->forwarded},
		/* Which must never matter. */
		{"DOCUMENT_ROOT", "/posts/from-document-root"}, {"HTTP_HOST", "evil.example"},
		{"REDIRECT_URL", "/posts/from-redirect-url"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].name, name))
			return all[i].value;
	return NULL;
}

static struct request read_with(const struct config *config, struct variables v)
{
	struct request request;

	request_read(&arena, config, variable, &v, 1600000000, &request);
	return request;
}

static struct config config_for(const char *mount)
{
	return (struct config){.mount = mount, .languages = languages, .language_count = 3};
}

/* --- routing ------------------------------------------------------------------------ */

static const struct {
	const char *who, *mount;
	struct variables v;
	const char *path;
	bool included;
} ROUTES[] = {
	/* design §3, Routing: PATH_INFO, else DOCUMENT_URI, else SCRIPT_NAME. */
	{"Apache mod_cgi", "", {.path_info = "/posts/x", .script = "/cartolina.cgi", .uri = "/cartolina.cgi/posts/x"},
	 "/posts/x", false},
	{"stock nginx fastcgi_params", "", {.document_uri = "/posts/x", .script = "/posts/x", .uri = "/posts/x?lang=it"},
	 "/posts/x", false},
	{"Apache ProxyPass fcgi:", "", {.script = "/posts/x", .uri = "/posts/x"}, "/posts/x", false},
	{"PATH_INFO before the others", "", {.path_info = "/a", .document_uri = "/b", .script = "/c", .uri = "/a"},
	 "/a", false},
	{"DOCUMENT_URI before SCRIPT_NAME", "", {.document_uri = "/b", .script = "/c", .uri = "/b"}, "/b", false},
	{"an empty PATH_INFO is none", "", {.path_info = "", .document_uri = "/b", .script = "/b", .uri = "/b"},
	 "/b", false},
	{"nothing at all", "", {0}, "/", false},
	{"never from REQUEST_URI", "", {.uri = "/posts/x"}, "/", true},
	{"a script at the root", "", {.path_info = "/", .script = "/index.cgi", .uri = "/"}, "/", false},
	{"a script at the root, included", "", {.path_info = "/x", .script = "/index.cgi", .uri = "/"}, "/x", true},

	/* Less the mount of base_url. */
	{"nginx, mounted", "/blog", {.document_uri = "/blog/posts/x", .script = "/blog/posts/x", .uri = "/blog/posts/x"},
	 "/posts/x", false},
	{"the mount itself", "/blog", {.document_uri = "/blog", .uri = "/blog"}, "/", false},
	{"the mount with a slash", "/blog", {.document_uri = "/blog/", .uri = "/blog/"}, "/", false},
	{"only a whole segment is the mount", "/blog", {.document_uri = "/blogging/x", .uri = "/blogging/x"},
	 "/blogging/x", false},
	{"the server has taken it off", "/blog", {.path_info = "/posts/x", .script = "/blog", .uri = "/blog/posts/x"},
	 "/posts/x", false},
	{"taken off by a rewrite", "/blog", {.document_uri = "/posts/x", .uri = "/blog/posts/x"}, "/posts/x", false},
	{"a script below the mount", "/blog",
	 {.path_info = "/posts/x", .script = "/blog/cartolina.cgi", .uri = "/blog/cartolina.cgi/posts/x"},
	 "/posts/x", false},
	{"a section named as the mount, behind a script", "/blog",
	 {.path_info = "/blog/x", .script = "/blog/cartolina.cgi", .uri = "/blog/cartolina.cgi/blog/x"},
	 "/blog/x", false},
	{"a post named as the mount", "/blog", {.path_info = "/blog", .script = "/blog", .uri = "/blog/blog"},
	 "/blog", false},
	{"the same in both", "/blog", {.path_info = "/blog/x", .script = "/blog/x", .uri = "/blog/x"}, "/x", false},
	{"a mount of two segments", "/a/b", {.document_uri = "/a/b/c", .uri = "/a/b/c"}, "/c", false},
	{"half of it", "/a/b", {.document_uri = "/a/c", .uri = "/a/c"}, "/a/c", false},
	{".htaccess front controller", "/blog",
	 {.path_info = "/posts/x", .script = "/blog/cartolina.cgi", .uri = "/blog/posts/x"}, "/posts/x", false},

	/* The server has decoded once, and we do not decode again. */
	{"a percent sign", "", {.document_uri = "/100%25", .uri = "/100%2525"}, "/100%25", false},
	{"UTF-8", "", {.document_uri = "/perch\xc3\xa9", .uri = "/perch%C3%A9"}, "/perch\xc3\xa9", false},
	{"a question mark that was encoded", "", {.document_uri = "/a?b", .uri = "/a%3Fb"}, "/a?b", false},
	{"slashes merged", "", {.document_uri = "//posts///x", .uri = "/posts/x"}, "/posts/x", false},
	{"dots resolved", "", {.document_uri = "/posts/./y/../x", .uri = "/posts/x"}, "/posts/x", false},
	{"the asked path may be unclean", "", {.document_uri = "/posts/x", .uri = "/posts/y/..//./x"}, "/posts/x", false},
	{"absolute-form", "", {.document_uri = "/posts/x", .uri = "http://example.org/posts/x?a"}, "/posts/x", false},
	{"absolute-form of nothing", "", {.document_uri = "/", .uri = "http://example.org"}, "/", false},
	{"asterisk-form", "", {.document_uri = "/", .uri = "*"}, "/", false},

	/* design §3.6: in an include the asked path is the parent's. */
	{"nginx include", "", {.document_uri = "/posts/x", .script = "/posts/x", .uri = "/index.shtml"}, "/posts/x", true},
	{"nginx include, mounted", "/blog", {.document_uri = "/blog/posts/x", .script = "/blog/posts/x", .uri = "/"},
	 "/posts/x", true},
	{"Apache include of mod_cgi", "",
	 {.path_info = "/posts/x", .script = "/cartolina.cgi/posts/x", .uri = "/index.shtml"}, "/posts/x", true},
	{"an include in a page below the mount", "/blog",
	 {.document_uri = "/blog/posts/x", .script = "/blog/posts/x", .uri = "/blog/landing.html?a=b"}, "/posts/x", true},
	{"no REQUEST_URI: no include", "", {.document_uri = "/posts/x"}, "/posts/x", false},
	{"an unreadable REQUEST_URI: no include", "", {.document_uri = "/posts/x", .uri = "/%zz"}, "/posts/x", false},
};

static void test_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
		struct config config = config_for(ROUTES[i].mount);
		struct request request = read_with(&config, ROUTES[i].v);
		if (!str_is(request.path, ROUTES[i].path) || request.included != ROUTES[i].included ||
		    request.problem != REQUEST_FINE)
			fail_msg("%s: %.*s, included %d, problem %d", ROUTES[i].who, STR_ARG(request.path),
				 request.included, (int)request.problem);
	}
}

static void test_bad_paths(void **state)
{
	static const char *const bad[] = {
		"/..", "/../etc/passwd", "/posts/../../x", "/./../x", "posts/x", "*", "\x7f", "/a\nb", "/a\r\nSet-Cookie: x",
		"/a\tb", "/a\\b", "/..\\..\\x", "/\xff", "/\xc0\xaf", "/\xed\xa0\x80", "/a\xc2\x85", "/a\x7f", "/a\x01",
	};
	struct config config = config_for("/blog");

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request request = read_with(&config, (struct variables){.document_uri = bad[i]});
		assert_int_equal(request.problem, REQUEST_BAD_PATH);
		assert_true(str_is(request.path, "/"));
		assert_string_equal(request.problem_detail.p, "The path is malformed.");
	}
	/* Out of the mount is nowhere else than what it says. */
	struct request request = read_with(&config, (struct variables){.document_uri = "/blog/../x"});
	assert_int_equal(request.problem, REQUEST_BAD_PATH);
}

static void test_path_lengths(void **state)
{
	struct config config = config_for("");
	struct str path = hostile_repeat("/abc", REQUEST_PATH_LIMIT + 1);
	char *z = (char *)path.p;

	(void)state;
	struct request request = read_with(&config, (struct variables){.document_uri = z});
	assert_int_equal(request.problem, REQUEST_QUERY_LONG);
	assert_true(str_is(request.path, "/"));
	z[REQUEST_PATH_LIMIT] = 0;
	request = read_with(&config, (struct variables){.document_uri = z});
	assert_int_equal(request.problem, REQUEST_FINE);
	assert_int_equal(request.path.n, REQUEST_PATH_LIMIT);
	free(z);
}

static void test_language_in_the_path(void **state)
{
	static const struct {
		const char *path, *query, *rest;
		int language;
		const char *lang;
	} cases[] = {
		{"/blog/it/posts/x", "", "/posts/x", 1, "it"}, {"/blog/it", "", "/", 1, "it"},
		{"/blog/it/", "", "/", 1, "it"},               {"/blog/pt-br/x", "", "/x", 2, "pt-br"},
		{"/blog/pt-BR/x", "", "/x", 2, "pt-br"},       {"/blog/en/x", "", "/en/x", -1, ""},
		{"/blog/de/x", "", "/de/x", -1, ""},           {"/blog/italy/x", "", "/italy/x", -1, ""},
		{"/blog/it/x", "lang=en", "/x", 1, "en"},      {"/blog/it/it/x", "", "/it/x", 1, "it"},
	};
	struct config config = config_for("/blog");

	(void)state;
	config.urls = URLS_PREFIX;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request = read_with(&config, (struct variables){
			.document_uri = cases[i].path, .query = cases[i].query, .uri = cases[i].path});
		assert_int_equal(request.problem, REQUEST_FINE);
		assert_string_equal(request.path.p, cases[i].rest);
		assert_int_equal(request.path_language, cases[i].language);
		assert_true(str_is(request.lang, cases[i].lang));
		assert_false(request.included);
	}
	config.urls = URLS_QUERY;
	struct request request = read_with(&config, (struct variables){.document_uri = "/blog/it/posts/x"});
	assert_string_equal(request.path.p, "/it/posts/x");
	assert_int_equal(request.path_language, -1);
}

/* --- methods and header fields ------------------------------------------------------------ */

static void test_methods(void **state)
{
	static const struct {
		const char *method;
		bool head, readable;
		enum request_problem problem;
	} cases[] = {
		{"GET", false, true, REQUEST_FINE},  {"HEAD", true, true, REQUEST_FINE},
		{"POST", false, false, REQUEST_FINE}, {"get", false, false, REQUEST_FINE},
		{"GETX", false, false, REQUEST_FINE}, {"", false, false, REQUEST_INCOMPLETE},
	};
	struct config config = config_for("");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request = read_with(&config, (struct variables){.method = cases[i].method});
		assert_int_equal(request.head, cases[i].head);
		assert_int_equal(request.readable, cases[i].readable);
		assert_int_equal(request.problem, cases[i].problem);
		assert_string_equal(request.method.p, cases[i].method);
	}
}

static const char *nothing(void *context, const char *name)
{
	(void)context;
	(void)name;
	return NULL;
}

static void test_nothing_at_all(void **state)
{
	struct config config = config_for("");
	struct request request;

	(void)state;
	request_read(&arena, &config, nothing, NULL, 17, &request);
	assert_int_equal(request.problem, REQUEST_INCOMPLETE);
	assert_int_equal(request.now, 17);
	assert_int_equal(request.page, 1);
	assert_int_equal(request.limit, 0);
	assert_true(str_is(request.path, "/"));
}

/* nginx gives an include the method of the page around it. */
static void test_method_of_an_include(void **state)
{
	static const struct {
		const char *method, *uri;
		bool readable, head;
	} cases[] = {
		{"GET", "/x", true, false},        {"HEAD", "/x", true, true},        {"POST", "/x", false, false},
		{"POST", "/parent", true, false},  {"DELETE", "/parent", true, false}, {"HEAD", "/parent", true, true},
		{"get", "/x", false, false},
	};
	struct config config = config_for("");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct variables v = {.document_uri = "/x", .uri = cases[i].uri, .method = cases[i].method};
		struct request request = read_with(&config, v);
		assert_int_equal(request.readable, cases[i].readable);
		assert_int_equal(request.head, cases[i].head);
	}
}

/* An include has the parent's conditions; they are not for what is included. */
static void test_header_fields(void **state)
{
	struct config config = config_for("");
	struct variables v = {.document_uri = "/x", .uri = "/x", .if_none_match = "*", .accept_language = "it"};

	(void)state;
	struct request request = read_with(&config, v);
	assert_true(str_is(request.if_none_match, "*"));
	assert_true(str_is(request.if_match, "*"));
	assert_true(str_is(request.if_modified_since, "*"));
	assert_true(str_is(request.if_unmodified_since, "*"));
	assert_true(str_is(request.accept_language, "it"));
	v.uri = "/parent";
	request = read_with(&config, v);
	assert_true(request.included);
	assert_int_equal(request.if_none_match.n + request.if_match.n + request.if_modified_since.n +
			 request.if_unmodified_since.n, 0);
	assert_true(str_is(request.accept_language, "it"));
}

/* --- parameters ------------------------------------------------------------------------------ */

static struct request read_query(const char *query)
{
	struct config config = config_for("");
	return read_with(&config, (struct variables){.document_uri = "/x", .query = query});
}

static const struct {
	const char *query, *lang;
} LANGS[] = {
	{"", ""}, {"lang=it", "it"}, {"lang=IT", "it"}, {"lang=it-CH", "it-ch"}, {"lang=it_CH", "it-ch"},
	{"lang=zh-Hant-TW", "zh-hant-tw"}, {"lang=", ""}, {"lang", ""}, {"lang=&lang=it", "it"},
	{"lang=it&lang=it", "it"}, {"lang=it-CH&lang=it_ch", "it-ch"}, {"lang=it&lang=", "it"},
	{"%6Cang=i%74", "it"}, {"&&lang=it&&", "it"}, {"LANG=it", ""}, {"lang=x-klingon", "x-klingon"},
	{"a=b&lang=it&c", "it"}, {"lang=i-navajo", "i-navajo"}, {"language=it", ""}, {"lang[]=it", ""},
	{"a%26lang=it", ""}, {"a=%26lang=it", ""}, {";lang=it", ""},
};

static const char *const BAD_LANGS[] = {
	"lang=i", "lang=italiano1", "lang=it-", "lang=-it", "lang=it--CH", "lang=it%20", "lang=+it", "lang=it%00",
	"lang=it&lang=en", "lang=en&lang=it-IT", "lang=it&lang=%", "lang=*", "lang=it/../..", "lang=it%0d%0aX:y",
	"lang=abcdefghi", "lang=en-a-bbb-a-ccc", "lang=%C3%A8", "lang=%ff", "lang=it%", "lang=it%2", "lang=it%2g",
	"lang=it&lang=italiano1", "lang=it=it",
	"lang=aa-x-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
};

static void test_lang(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(LANGS) / sizeof(LANGS[0]); i++) {
		struct request request = read_query(LANGS[i].query);
		if (request.problem != REQUEST_FINE || !str_is(request.lang, LANGS[i].lang))
			fail_msg("%s: %.*s, problem %d", LANGS[i].query, STR_ARG(request.lang), (int)request.problem);
	}
	for (size_t i = 0; i < sizeof(BAD_LANGS) / sizeof(BAD_LANGS[0]); i++)
		if (read_query(BAD_LANGS[i]).problem == REQUEST_FINE)
			fail_msg("%s", BAD_LANGS[i]);
}

static const struct {
	const char *query;
	enum request_view view;
	enum request_format format;
} WORDS[] = {
	{"", VIEW_ABSENT, FORMAT_HTML},
	{"view=full", VIEW_FULL, FORMAT_HTML},
	{"view=excerpt&format=html", VIEW_EXCERPT, FORMAT_HTML},
	{"view=rest&format=fragment", VIEW_REST, FORMAT_FRAGMENT},
	{"format=json", VIEW_ABSENT, FORMAT_JSON},
	{"format=te%78t", VIEW_ABSENT, FORMAT_TEXT},
	{"format=md", VIEW_ABSENT, FORMAT_MD},
	{"View=nonsense&FORMAT=nonsense", VIEW_ABSENT, FORMAT_HTML},
	{"utm_source=%zz&fbclid=%00&x=%ff&%=1&%zz=2&=3", VIEW_ABSENT, FORMAT_HTML},
	{"unknown=1&unknown=2", VIEW_ABSENT, FORMAT_HTML},
};

static const struct {
	const char *query;
	enum request_problem problem;
	const char *detail; /* a part of it */
} BAD_VALUES[] = {
	{"view=", REQUEST_BAD_VALUE, "view must be"},
	{"view", REQUEST_BAD_VALUE, "view must be"},
	{"view=Full", REQUEST_BAD_VALUE, "view must be"},
	{"view=full%20", REQUEST_BAD_VALUE, "view must be"},
	{"view=<script>", REQUEST_BAD_VALUE, "view must be"},
	{"view=full&view=full", REQUEST_BAD_VALUE, "view is given twice."},
	{"view=full&view=rest", REQUEST_BAD_VALUE, "view is given twice."},
	{"view=full&%76iew=rest", REQUEST_BAD_VALUE, "view is given twice."},
	{"format=xml", REQUEST_BAD_VALUE, "format must be"},
	{"format=json&format=json", REQUEST_BAD_VALUE, "format is given twice."},
	{"fallback=false", REQUEST_BAD_VALUE, "fallback must be"},
	{"fallback=no&fallback=no", REQUEST_BAD_VALUE, "fallback is given twice."},
	{"base=/", REQUEST_BAD_VALUE, "base must be"},
	{"base=absolute&base=absolute", REQUEST_BAD_VALUE, "base is given twice."},
	{"page=0", REQUEST_BAD_VALUE, "page must be"},
	{"page=-1", REQUEST_BAD_VALUE, "page must be"},
	{"page=1.0", REQUEST_BAD_VALUE, "page must be"},
	{"page=+1", REQUEST_BAD_VALUE, "page must be"},
	{"page=1e3", REQUEST_BAD_VALUE, "page must be"},
	{"page=0x10", REQUEST_BAD_VALUE, "page must be"},
	{"page=", REQUEST_BAD_VALUE, "page must be"},
	{"page=99999999999999999999999", REQUEST_BAD_VALUE, "page must be"},
	{"page=18446744073709551617", REQUEST_BAD_VALUE, "page must be"},
	{"page=1&page=1", REQUEST_BAD_VALUE, "page is given twice."},
	{"limit=0", REQUEST_BAD_VALUE, "limit must be"},
	{"limit=101", REQUEST_BAD_VALUE, "limit must be"},
	{"limit=ten", REQUEST_BAD_VALUE, "limit must be"},
	{"limit=\xd9\xa1", REQUEST_BAD_VALUE, "limit must be"},
	{"lang=nonsense1", REQUEST_BAD_VALUE, "lang is not a language tag"},
	{"lang=it&lang=en", REQUEST_BAD_VALUE, "lang is given twice"},
	{"view=%", REQUEST_BAD_QUERY, "malformed"},
	{"view=%0", REQUEST_BAD_QUERY, "malformed"},
	{"lang=%00", REQUEST_BAD_QUERY, "malformed"},
	{"lang=%c0%af", REQUEST_BAD_QUERY, "malformed"},
	{"format=\xff", REQUEST_BAD_QUERY, "malformed"},
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		struct request request = read_query(WORDS[i].query);
		if (request.problem != REQUEST_FINE || request.view != WORDS[i].view ||
		    request.format != WORDS[i].format)
			fail_msg("%s: problem %d", WORDS[i].query, (int)request.problem);
	}
	for (size_t i = 0; i < sizeof(BAD_VALUES) / sizeof(BAD_VALUES[0]); i++) {
		struct request request = read_query(BAD_VALUES[i].query);
		if (request.problem != BAD_VALUES[i].problem ||
		    !strstr(request.problem_detail.p, BAD_VALUES[i].detail))
			fail_msg("%s: problem %d, %s", BAD_VALUES[i].query, (int)request.problem,
				 request.problem_detail.n ? request.problem_detail.p : "");
		/* Never an echo of what was sent. */
		assert_null(strstr(request.problem_detail.p, "script"));
		assert_null(strstr(request.problem_detail.p, "nonsense"));
	}
}

static void test_switches(void **state)
{
	(void)state;
	assert_false(read_query("").no_fallback);
	assert_true(read_query("fallback=no").no_fallback);
	assert_false(read_query("fallback=yes").no_fallback);
	assert_false(read_query("").base_absolute);
	assert_true(read_query("base=absolute").base_absolute);
	assert_false(read_query("base=relative").base_absolute);
	assert_int_equal(read_query("page=7&limit=100").page, 7);
	assert_int_equal(read_query("page=7&limit=100").limit, 100);
	assert_int_equal(read_query("page=007&limit=1").page, 7);
	assert_int_equal(read_query("page=9999999").page, 9999999);
}

/* A problem is told in the format that was asked for, wherever that stands. */
static void test_format_of_problems(void **state)
{
	(void)state;
	struct request request = read_query("view=nonsense&lang=nonsense1&format=json");
	assert_int_equal(request.problem, REQUEST_BAD_VALUE);
	assert_int_equal(request.format, FORMAT_JSON);
	request = read_query("lang=it&view=nonsense");
	assert_true(str_is(request.lang, "it"));
	struct config config = config_for("");
	request = read_with(&config, (struct variables){.document_uri = "/..", .query = "format=json"});
	assert_int_equal(request.problem, REQUEST_BAD_PATH);
	assert_int_equal(request.format, FORMAT_JSON);
}

static void test_query_lengths(void **state)
{
	struct str query = hostile_repeat("lang=it&", REQUEST_QUERY_LIMIT + 1);
	char *z = (char *)query.p;

	(void)state;
	struct request request = read_query(z);
	assert_int_equal(request.problem, REQUEST_QUERY_LONG);
	assert_int_equal(request.lang.n, 0);
	z[REQUEST_QUERY_LIMIT] = 0;
	request = read_query(z);
	assert_int_equal(request.problem, REQUEST_FINE);
	assert_true(str_is(request.lang, "it"));
	assert_int_equal(request.query.n, REQUEST_QUERY_LIMIT);
	free(z);
}

/* --- hostile ------------------------------------------------------------------------------------ */

static void assert_sane(const struct request *request)
{
	assert_true(request->path.n > 0 && request->path.p[0] == '/');
	assert_true(request->path.n <= REQUEST_PATH_LIMIT);
	assert_true(utf8_valid(request->path));
	assert_true(str_find(request->path, "//") == request->path.n);
	assert_true(str_find(request->path, "/../") == request->path.n && !str_ends(request->path, "/.."));
	assert_true(request->lang.n <= LANG_LIMIT);
	assert_true(request->page >= 1 && request->limit >= 0 && request->limit <= 100);
	assert_true(request->problem_detail.n == 0 || request->problem != REQUEST_FINE);
}

/* Words that matter, put together by chance. */
static const char *random_text(unsigned *random)
{
	static const char *const words[] = {
		"/", "..", ".", "/blog", "/it", "posts", "%2e", "%2F", "%", "%0", "?", "&", "=", "lang", "it", "view",
		"full", "format", "json", "page", "1", "limit", "\xff", "\xc3\xa9", "\\", "\n", "http://", "+", "#",
		"fallback", "no", "-", "_", "x",
	};
	struct str out = STR_LIT("");

	*random = *random * 1103515245u + 12345u;
	for (unsigned n = *random >> 16 & 15; n; n--) {
		*random = *random * 1103515245u + 12345u;
		out = arena_printf(&arena, "%.*s%s", STR_ARG(out),
				   words[(*random >> 8) % (sizeof(words) / sizeof(words[0]))]);
	}
	return out.n ? out.p : "";
}

static void test_who_asks(void **state)
{
	static const struct {
		const char *path, *remote, *forwarded;
		bool local;
	} cases[] = {
		{"/-/metrics", "127.0.0.1", NULL, true},	{"/-/metrics", "127.255.0.9", NULL, true},
		{"/-/metrics", "::1", NULL, true},		{"/-/metrics", "::ffff:127.0.0.1", NULL, true},
		{"/-/metrics", NULL, NULL, false},		{"/-/metrics", "", NULL, false},
		{"/-/metrics", "128.0.0.1", NULL, false},	{"/-/metrics", "::ffff:128.0.0.1", NULL, false},
		{"/-/metrics", "127.1", NULL, false},		{"/-/metrics", "127.0.0.1 ", NULL, false},
		{"/-/metrics", "::127.0.0.1", NULL, false},	{"/-/metrics", "unix:", NULL, false},
		{"/-/metrics", "127.0.0.1", "", false},		{"/-/metrics", "127.0.0.1", "127.0.0.1", false},
		{"/posts/x", "127.0.0.1", NULL, false},
	};
	struct config config = config_for("/blog");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request = read_with(&config, (struct variables){
			.document_uri = cases[i].path, .remote = cases[i].remote, .forwarded = cases[i].forwarded});
		if (request.local != cases[i].local)
			fail_msg("case %zu: local is %d", i, request.local);
	}
}

static void test_chance(void **state)
{
	struct config configs[] = {config_for(""), config_for("/blog"), config_for("/blog")};
	unsigned random = 4711;

	(void)state;
	configs[2].urls = URLS_PREFIX;
	for (int i = 0; i < 20000; i++) {
		struct request request = read_with(&configs[i % 3], (struct variables){
			.path_info = i % 2 ? random_text(&random) : NULL,
			.document_uri = i % 5 ? random_text(&random) : NULL,
			.script = i % 7 ? random_text(&random) : NULL,
			.uri = random_text(&random),
			.query = random_text(&random),
		});
		assert_sane(&request);
		arena_reset(&arena);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, testarena_set_up, testarena_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_routes),
		TEST(test_bad_paths),
		TEST(test_path_lengths),
		TEST(test_language_in_the_path),
		TEST(test_methods),
		TEST(test_nothing_at_all),
		TEST(test_method_of_an_include),
		TEST(test_header_fields),
		TEST(test_lang),
		TEST(test_words),
		TEST(test_switches),
		TEST(test_format_of_problems),
		TEST(test_query_lengths),
		TEST(test_who_asks),
		TEST(test_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
