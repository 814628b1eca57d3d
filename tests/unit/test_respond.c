/* test_respond.c: requests to a small site -> responses, whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "date.h"
#include "index.h"
#include "indexer.h"
#include "respond.h"
#include "value.h"

#define LANGUAGES "languages: [en, it, {tag: de, fallback: [it]}]\nbase_url: https://example.org/blog\n"
#define OTHERS "index: cache/index.db\nrefresh: 1000\ntypographer: false\ntitle: All Things Posted\n"
#define YAML LANGUAGES OTHERS
#define AT "https://example.org/blog"

static struct tempsite t;
static struct site *site;
static struct arena arena;
static struct response response;
static int64_t now;

#ifndef __SANITIZE_ADDRESS__
/* A system without memory: malloc and realloc give nothing from that call on. */
static long mallocs_left = -1;

extern void *__libc_malloc(size_t n), *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *realloc(void *p, size_t n);

static bool no_memory(void)
{
	if (mallocs_left > 0)
		mallocs_left--;
	return mallocs_left == 0;
}

void *malloc(size_t n)
{
	return no_memory() ? NULL : __libc_malloc(n);
}

void *realloc(void *p, size_t n)
{
	return no_memory() ? NULL : __libc_realloc(p, n);
}
#endif

/* --- the site -------------------------------------------------------------------------- */

static void post(const char *name, const char *fields, const char *body)
{
	tempsite_write(&t, arena_printf(&t.arena, "content/%s", name).p,
		       arena_printf(&t.arena, "---\n%s\n---\n%s\n", fields, body).p);
}

static const char *iso(int64_t seconds)
{
	char text[DATE_ISO_SIZE];

	date_format_iso(seconds, text);
	return arena_z(&t.arena, str_from(text));
}

/* One post whose only fields are its title and one moment. */
static void timed(const char *name, const char *key, int64_t seconds)
{
	post(name, arena_printf(&t.arena, "title: Timed\n%s: %s", key, iso(seconds)).p, "x");
}

static void open_site(void)
{
	struct indexer_report report;
	struct buf err = BUF_EMPTY, problems = BUF_EMPTY;

	site_free(site);
	site = NULL;
	if (indexer_run(&t.config, INDEXER_NOW, &report, &problems, &err) || problems.n ||
	    site_open(&site, &t.config, SITE_REFRESH_OTHER, &err))
		fail_msg("%s%s", buf_z(&problems), buf_z(&err));
	buf_release(&problems);
	buf_release(&err);
}

static int set_up_empty(void **state)
{
	(void)state;
	tempsite_make(&t, YAML);
	arena_init(&arena, 0);
	site = NULL;
	now = time(NULL) + 10;
	return 0;
}

static int set_up(void **state)
{
	set_up_empty(state);
	post("posts/both.en.md", "title: Both\ndate: 2020-01-03", "One *paragraph*.\n\n<!--more-->\n\n## Heading\n\nThe rest.");
	post("posts/both.it.md", "title: Entrambi", "Un *paragrafo*.\n\n<!--more-->\n\n## Titolo\n\nIl resto.");
	post("posts/english.md", "title: English only\ndate: 2020-01-02", "Only in English.");
	post("posts/italiano.it.md", "title: Solo italiano\ndate: 2020-01-01", "Solo in italiano.");
	post("posts/hill.en.md", "title: The Hill\ndate: 2019-01-01\naliases: [/old-hill]", "A hill.");
	post("posts/hill.it.md", "title: Il colle\nslug: colle\naliases: [/vecchio-colle]", "Un colle.");
	open_site();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	site_free(site);
	tempsite_release(&t);
	arena_release(&arena);
	return 0;
}

/* --- asking ------------------------------------------------------------------------------- */

struct asked {
	const char *method, *path, *query, *uri, *none_match, *modified_since, *match, *accept_language;
};

static const char *variable(void *context, const char *name)
{
	const struct asked *asked = context;
	const struct {
		const char *name, *value;
	} all[] = {
		{"REQUEST_METHOD", asked->method ? asked->method : "GET"}, {"DOCUMENT_URI", asked->path},
		{"QUERY_STRING", asked->query}, {"REQUEST_URI", asked->uri ? asked->uri : asked->path},
		{"HTTP_IF_NONE_MATCH", asked->none_match}, {"HTTP_IF_MODIFIED_SINCE", asked->modified_since},
		{"HTTP_IF_MATCH", asked->match}, {"HTTP_ACCEPT_LANGUAGE", asked->accept_language},
		{"HTTP_HOST", "evil.example"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].name, name))
			return all[i].value;
	return NULL;
}

/* True of every response there is. */
static void assert_sound(void)
{
	struct str length = response_get(&response, "Content-Length");

	assert_string_not_equal(response_reason(response.status), "Unknown");
	assert_true(response.field_count > 0);
	assert_non_null(response.body.p);
	if (response.status != 304 && length.n)
		assert_true(str_is(length, arena_printf(&arena, "%zu", response.body.n).p));
	assert_int_equal(response.status == 301, response_get(&response, "Location").n > 0);
	assert_int_equal(response.status == 405, response_get(&response, "Allow").n > 0);
	if (response.status == 200 || response.status == 304)
		assert_true(response_get(&response, "ETag").n > 0);
	if (response.status != 304)
		assert_true(response_get(&response, "Content-Type").n > 0);
	for (size_t i = 0; i < response.field_count; i++) {
		struct str value = response.fields[i].value;
		for (size_t k = 0; k < value.n; k++)
			assert_true(value.p[k] >= ' ' && value.p[k] < 127);
		assert_true(str_find(value, "evil.example") == value.n);
		for (size_t k = 0; k < i; k++)
			assert_false(str_is_fold(str_from(response.fields[k].name), response.fields[i].name));
	}
}

static struct request request_for(struct asked asked)
{
	struct request request;

	request_read(&arena, &t.config, variable, &asked, now, &request);
	return request;
}

static int ask_with(struct asked asked)
{
	struct request request = request_for(asked);

	respond(site, &request, &arena, &response);
	assert_sound();
	return response.status;
}

/* "/posts/x?lang=it", below the mount. */
static struct asked at(const char *address)
{
	struct str rest = str_from(address);
	struct str path = str_cut(&rest, '?');

	return (struct asked){.path = arena_printf(&arena, "/blog%.*s", STR_ARG(path)).p,
			      .query = arena_z(&arena, rest)};
}

static int ask(const char *address)
{
	return ask_with(at(address));
}

static const char *field(const char *name)
{
	return arena_z(&arena, response_get(&response, name));
}

static bool says(const char *text)
{
	return str_find(response.body, text) < response.body.n;
}

/* A member of a JSON answer, as JSON; "" for none. */
static const char *json(const char *key)
{
	struct buf err = BUF_EMPTY, out = BUF_EMPTY;

	value_pool(&arena);
	struct value *whole = value_read(response.body, &err);
	assert_non_null(whole);
	const struct value *member = value_get(whole, str_from(key));
	if (member)
		value_write(member, false, &out);
	const char *text = arena_z(&arena, buf_view(&out));
	buf_release(&out);
	buf_release(&err);
	return text;
}

static long max_age(void)
{
	const char *control = field("Cache-Control"), *at_age = strstr(control, "max-age=");
	return at_age ? strtol(at_age + 8, NULL, 10) : -1;
}

/* Status, language and, for a redirect, where to. */
static void assert_answer(const char *address, int status, const char *language, const char *location)
{
	ask(address);
	if (response.status != status || strcmp(field("Content-Language"), language) ||
	    strcmp(field("Location"), location))
		fail_msg("%s: %d in '%s' to '%s'", address, response.status, field("Content-Language"),
			 field("Location"));
}

/* --- which post, which language -------------------------------------------------------------- */

static const struct {
	const char *address;
	int status;
	const char *language, *location;
} ANSWERS[] = {
	{"/posts/both", 200, "en", ""},
	{"/posts/both?lang=en", 200, "en", ""},
	{"/posts/both?lang=it", 200, "it", ""},
	{"/posts/both?lang=IT_ch", 200, "it", ""},
	{"/posts/both?lang=de", 200, "it", ""},
	{"/posts/both?lang=fr", 200, "en", ""},
	{"/posts/both?lang=", 200, "en", ""},
	{"/posts/both?lang=de&fallback=no", 404, "de", ""},
	{"/posts/both?lang=it-CH&fallback=no", 200, "it", ""},
	{"/posts/both?lang=nonsense1", 400, "en", ""},
	{"/posts/both?lang=it&lang=it", 200, "it", ""},
	{"/posts/both?lang=it&lang=en", 400, "it", ""},
	{"/posts/english?lang=it", 200, "en", ""},
	{"/posts/english?lang=it&fallback=no", 404, "it", ""},
	{"/posts/italiano", 200, "it", ""},
	{"/posts/italiano?lang=en", 200, "it", ""},
	{"/posts/nowhere", 404, "en", ""},
	{"/posts/nowhere?lang=it", 404, "it", ""},
	{"/posts/nowhere?lang=fr", 404, "en", ""},

	/* A translated slug says the language; lang against it leads to the other. */
	{"/posts/hill", 200, "en", ""},
	{"/posts/colle", 200, "it", ""},
	{"/posts/colle?lang=it", 200, "it", ""},
	{"/posts/colle?lang=it-IT", 200, "it", ""},
	{"/posts/colle?lang=fr", 200, "it", ""},
	{"/posts/hill?lang=it", 301, "", AT "/posts/colle?lang=it"},
	{"/posts/colle?lang=en", 301, "", AT "/posts/hill"},
	{"/posts/hill?view=excerpt&lang=it&utm=1&format=json", 301, "",
	 AT "/posts/colle?lang=it&view=excerpt&utm=1&format=json"},
	{"/posts/colle?a=%22%3E&lang=en&b=\"><script>", 301, "", AT "/posts/hill?a=%22%3E&b=%22%3E%3Cscript%3E"},
	{"/posts/hill?%6Cang=it&x=1", 301, "", AT "/posts/colle?lang=it&x=1"},

	/* Aliases lead on, in their own language unless the request says another. */
	{"/old-hill", 301, "", AT "/posts/hill"},
	{"/old-hill?x=1", 301, "", AT "/posts/hill?x=1"},
	{"/old-hill?lang=it", 301, "", AT "/posts/hill?lang=it"},
	{"/vecchio-colle", 301, "", AT "/posts/colle?lang=it"},
	{"/vecchio-colle?x=1", 301, "", AT "/posts/colle?lang=it&x=1"},
	{"/vecchio-colle?lang=&x=1", 301, "", AT "/posts/colle?lang=it&x=1"},
	{"/vecchio-colle?lang=en&x=1", 301, "", AT "/posts/colle?lang=en&x=1"},
	{"/old-hill/", 301, "", AT "/posts/hill"},

	/* The other slash. */
	{"/posts/both/", 301, "", AT "/posts/both"},
	{"/posts/both/?lang=it&x=%20", 301, "", AT "/posts/both?lang=it&x=%20"},
	{"/posts", 301, "", AT "/posts/"},
	{"/posts?page=2", 301, "", AT "/posts/?page=2"},
	{"/nowhere/", 404, "en", ""},

	/* Lists. */
	{"/", 200, "en", ""},
	{"/?lang=it", 200, "it", ""},
	{"/?lang=de", 200, "de", ""},
	{"/?lang=fr", 200, "en", ""},
	{"/?lang=fr&fallback=no", 404, "en", ""},
	{"/posts/", 200, "en", ""},
	{"/posts/?lang=it", 200, "it", ""},
	{"/?page=2", 404, "en", ""},
	{"/?page=9999999&limit=100", 404, "en", ""},
	{"/posts/?page=2", 404, "en", ""},
	{"/?limit=2&page=2", 200, "en", ""},
	{"/?limit=2&page=3", 404, "en", ""},
	{"/posts/both/x/", 404, "en", ""},
	{"/%2e%2e", 404, "en", ""},
	{"/?view=nonsense", 400, "en", ""},
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++)
		assert_answer(ANSWERS[i].address, ANSWERS[i].status, ANSWERS[i].language, ANSWERS[i].location);
}

/* Whatever a redirect leads to is there: not another redirect without end. */
static void test_redirects_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
		int hops = 0;
		ask(ANSWERS[i].address);
		while (response.status == 301) {
			assert_true(++hops < 4);
			ask(field("Location") + strlen(AT));
		}
		if (ANSWERS[i].status == 301)
			assert_int_equal(response.status == 200, !strstr(ANSWERS[i].address, "page=2"));
	}
}

static void test_honest_fallback(void **state)
{
	(void)state;
	ask("/posts/english?lang=it-CH&format=json");
	assert_string_equal(json("lang"), "\"en\"");
	assert_string_equal(json("requested_lang"), "\"it-CH\"");
	assert_string_equal(json("fallback"), "true");
	assert_string_equal(json("url"), "\"" AT "/posts/english\"");
	assert_string_equal(field("Content-Location"), AT "/posts/english");
	ask("/posts/english?lang=it");
	assert_true(says("<html lang=\"en\""));
	assert_true(says("role=\"note\" lang=\"it\""));
	assert_true(says("<link rel=\"canonical\" href=\"" AT "/posts/english\""));
	ask("/posts/both?lang=it&format=json");
	assert_string_equal(json("fallback"), "false");
	assert_string_equal(json("title"), "\"Entrambi\"");
	ask("/posts/both?format=json");
	assert_string_equal(json("requested_lang"), "null");
	assert_string_equal(json("fallback"), "false");
	ask("/posts/english?lang=it&fallback=no&format=json");
	assert_string_equal(json("available"), "[\"en\"]");
	assert_string_equal(json("status"), "404");
}

static void test_links_of_a_page(void **state)
{
	(void)state;
	ask("/posts/hill");
	assert_string_equal(field("Link"), "<" AT "/posts/hill>; rel=\"canonical\", "
					   "<" AT "/posts/hill>; rel=\"alternate\"; hreflang=\"en\", "
					   "<" AT "/posts/colle?lang=it>; rel=\"alternate\"; hreflang=\"it\", "
					   "<" AT "/posts/hill>; rel=\"alternate\"; hreflang=\"x-default\"");
	ask("/posts/italiano?utm_source=x&fbclid=%zz");
	assert_string_equal(field("Link"), "<" AT "/posts/italiano?lang=it>; rel=\"canonical\", "
					   "<" AT "/posts/italiano?lang=it>; rel=\"alternate\"; hreflang=\"it\", "
					   "<" AT "/posts/italiano?lang=it>; rel=\"alternate\"; hreflang=\"x-default\"");
	assert_false(says("utm_source"));
}

static void test_vary(void **state)
{
	static const struct {
		const char *address, *accept, *language;
		bool vary;
	} cases[] = {
		{"/posts/both", "it", "it", true},        {"/posts/both", NULL, "en", true},
		{"/posts/both", "fr", "en", true},        {"/posts/both?lang=it", "en", "it", false},
		{"/posts/colle", "en", "it", false},      {"/posts/english", "it", "en", true},
		{"/", "it", "it", true},                  {"/?lang=en", "it", "en", false},
		{"/posts/nowhere", "it", "it", true},     {"/posts/nowhere?lang=en", "it", "en", false},
		{"/posts/both?view=x", "it", "it", true},
	};

	(void)state;
	tempsite_configure(&t, YAML "accept_language: true\n");
	open_site();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct asked asked = at(cases[i].address);
		asked.accept_language = cases[i].accept;
		ask_with(asked);
		assert_string_equal(field("Content-Language"), cases[i].language);
		assert_string_equal(field("Vary"), cases[i].vary ? "Accept-Language" : "");
	}
	struct asked asked = at("/posts/both");
	asked.none_match = "*";
	assert_int_equal(ask_with(asked), 304);
	assert_string_equal(field("Vary"), "Accept-Language");
}

static void test_prefixes(void **state)
{
	static const struct {
		const char *address;
		int status;
		const char *language, *location;
	} cases[] = {
		{"/it/posts/both", 200, "it", ""},
		{"/posts/both", 200, "en", ""},
		{"/posts/both?lang=it", 301, "", AT "/it/posts/both"},
		{"/it/posts/both?lang=en&x=1", 301, "", AT "/posts/both?x=1"},
		{"/it/posts/colle", 200, "it", ""},
		{"/it/posts/hill", 301, "", AT "/it/posts/colle"},
		{"/posts/colle?lang=en", 301, "", AT "/posts/hill"},
		{"/it/posts/english", 200, "en", ""},
		{"/it", 200, "it", ""},
		{"/it/", 200, "it", ""},
		{"/it/posts", 301, "", AT "/it/posts/"},
		{"/it/posts/both/", 301, "", AT "/it/posts/both"},
		{"/it/nowhere", 404, "it", ""},
		{"/it/posts/both?lang=fr", 200, "it", ""},
		{"/it/posts/both?lang=fr&fallback=no", 404, "it", ""},
		{"/en/posts/both", 404, "en", ""},
		{"/it/vecchio-colle", 301, "", AT "/it/posts/colle"},
		{"/vecchio-colle", 301, "", AT "/it/posts/colle"},
		{"/it/old-hill", 301, "", AT "/it/posts/hill"},
	};

	(void)state;
	tempsite_configure(&t, YAML "urls: prefix\n");
	open_site();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_answer(cases[i].address, cases[i].status, cases[i].language, cases[i].location);
}

/* --- times -------------------------------------------------------------------------------------- */

static void test_the_very_second(void **state)
{
	static const struct {
		const char *path, *key;
		int before, after;
	} cases[] = {
		{"/future", "date", 404, 200}, {"/publish", "publishDate", 404, 200}, {"/expiry", "expiryDate", 200, 404},
	};
	int64_t moment = now + 1000;

	(void)state;
	timed("future.md", "date", moment);
	timed("publish.md", "publishDate", moment);
	timed("expiry.md", "expiryDate", moment);
	post("draft.md", "title: Draft\ndraft: true\ndate: 2020-01-01", "x");
	post("later.md", arena_printf(&arena, "title: x\ndate: %s\npublishDate: 2020-01-01", iso(moment)).p, "x");
	post("draft.it.md", "title: Bozza pubblica", "x");
	open_site();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		now = moment - 1;
		assert_int_equal(ask(cases[i].path), cases[i].before);
		now = moment;
		assert_int_equal(ask(cases[i].path), cases[i].after);
	}
	now = moment - 1;
	assert_int_equal(ask("/later"), 200); /* publishDate decides */
	/* A draft is no translation either. */
	assert_answer("/draft", 200, "it", "");
	assert_answer("/draft?lang=en", 200, "it", "");
	assert_int_equal(ask("/draft?lang=en&fallback=no"), 404);
	assert_false(says("Draft"));
	ask("/?format=json");
	assert_string_equal(json("total"), "3");
	now = moment;
	ask("/?format=json");
	assert_string_equal(json("total"), "4");
}

/* max-age never passes a moment at which the answer changes by itself. */
static void test_max_age(void **state)
{
	int64_t moment = now + 30;

	(void)state;
	timed("plain.md", "date", now - 86400);
	timed("expires.md", "expiryDate", moment);
	timed("half.en.md", "date", now - 86400);
	timed("half.it.md", "publishDate", moment);
	timed("elsewhere/x.md", "date", now - 86400);
	timed("soon.md", "publishDate", moment + 10);
	open_site();
	static const char *const limited[] = {"/expires", "/half", "/", "/?format=json", "/?limit=1&page=2", "/tags/"};
	for (int64_t before = 29; before > 0; before -= 7) {
		now = moment - before;
		for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++) {
			assert_int_equal(ask(limited[i]), 200);
			assert_int_equal(max_age(), before);
			assert_null(strstr(field("Cache-Control"), "stale-while-revalidate"));
		}
		/* Who appears will be its neighbour; that is nothing to an excerpt. */
		ask("/plain");
		assert_int_equal(max_age(), before);
		ask("/plain?view=excerpt");
		assert_int_equal(max_age(), 60);
		ask("/elsewhere/x");
		assert_int_equal(max_age(), 60);
		ask("/elsewhere/");
		assert_int_equal(max_age(), 60);
	}
	now = moment;
	ask("/half?view=excerpt");
	assert_int_equal(max_age(), 60);
	ask("/");
	assert_int_equal(max_age(), 10);
	now = moment - 65;
	ask("/expires");
	assert_string_equal(field("Cache-Control"), "public, max-age=60, stale-while-revalidate=5");
	now = moment + 3600;
	ask("/");
	assert_string_equal(field("Cache-Control"), "public, max-age=60, stale-while-revalidate=600");
}

static int64_t last_modified(void)
{
	int64_t seconds = 0;

	assert_int_equal(date_parse_http(response_get(&response, "Last-Modified"), now, &seconds), 0);
	return seconds;
}

/* What appears or expires modifies the pages it is on, although no file changed. */
static void test_last_modified(void **state)
{
	struct asked asked = at("/");
	int64_t moment = now + 1000, before;

	(void)state;
	timed("a.en.md", "date", now - 86400);
	timed("a.it.md", "expiryDate", moment);
	timed("b.md", "date", moment + 5);
	open_site();
	now = moment - 1;
	ask("/");
	before = last_modified();
	assert_true(before < moment - 500);
	static const char *const pages[] = {"/?lang=it", "/a"};
	for (int i = 0; i < 2; i++) {
		asked = at(pages[i]);
		now = moment - 1;
		ask_with(asked);
		asked.modified_since = arena_z(&arena, response_get(&response, "Last-Modified"));
		assert_int_equal(ask_with(asked), 304);
		now = moment;
		assert_int_equal(ask_with(asked), 200);
		assert_int_equal(last_modified(), moment);
	}
	now = moment + 5;
	ask("/");
	assert_int_equal(last_modified(), moment + 5);
	/* A file from the future is from now, RFC 9110 §8.8.2.1. */
	now = 1000000000;
	ask("/");
	assert_int_equal(last_modified(), 1000000000);
}

/* The page around a fragment knows no more than what it asked for. */
static void test_fragment_language(void **state)
{
	(void)state;
	ask("/posts/both?format=fragment");
	assert_true(str_starts(response.body, "<p>One"));
	ask("/posts/both?format=fragment&lang=it");
	assert_true(str_starts(response.body, "<p>Un "));
	ask("/posts/english?format=fragment&lang=it");
	assert_true(str_starts(response.body, "<div lang=\"en\" dir=\"ltr\">\n<p>Only"));
	/* Not asked for, but not what an address without lang means either. */
	ask("/posts/italiano?format=fragment");
	assert_true(str_starts(response.body, "<div lang=\"it\" dir=\"ltr\">\n<p>Solo"));
	/* The path says it. */
	ask("/posts/colle?format=fragment");
	assert_true(str_starts(response.body, "<p>Un colle"));
}

/* --- includes, methods, conditions --------------------------------------------------------------- */

static struct asked included(const char *address)
{
	struct asked asked = at(address);

	asked.uri = "/landing.shtml?lang=xx";
	asked.none_match = "*";
	asked.match = "\"other\"";
	asked.modified_since = "Fri, 01 Jan 2100 00:00:00 GMT";
	return asked;
}

/* No 304, no 412, no redirect: each would be a hole in the page around it. */
static void test_includes(void **state)
{
	static const struct {
		const char *address, *language;
	} cases[] = {
		{"/posts/both?format=fragment", "en"},  {"/posts/both/?format=fragment", "en"},
		{"/posts/hill?lang=it", "it"},          {"/posts/colle?lang=en", "en"},
		{"/old-hill?format=fragment", "en"},    {"/vecchio-colle?format=fragment", "it"},
		{"/posts?format=fragment", "en"},       {"/posts/?format=fragment&lang=it", "it"},
		{"/vecchio-colle?lang=en", "en"},       {"/posts?lang=it", "it"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask_with(included(cases[i].address)), 200);
		assert_string_equal(field("Content-Language"), cases[i].language);
		if (!response.body.n || response.without_body)
			fail_msg("%s is a hole", cases[i].address);
	}
	struct asked posted = included("/posts/both?format=fragment");
	posted.method = "POST";
	assert_int_equal(ask_with(posted), 200);
	assert_true(response.body.n && !response.without_body);
	/* A page has no place in a page: nothing, which servers can have a word of their own for. */
	assert_int_equal(ask_with(included("/nowhere")), 404);
	assert_true(says("<html"));
	assert_int_equal(ask_with(included("/nowhere?format=fragment")), 404);
	assert_int_equal(response.body.n, 0);
	assert_int_equal(ask_with(included("/posts/both?format=fragment&view=x")), 400);
	assert_int_equal(response.body.n, 0);
	ask("/nowhere?format=fragment");
	assert_true(says("<html"));
	/* The same bytes as without. */
	ask("/posts/both?format=fragment");
	struct str body = response.body;
	ask_with(included("/posts/both/?format=fragment"));
	assert_true(str_eq(body, response.body));
	ask("/posts/?format=fragment");
	body = response.body;
	ask_with(included("/posts?format=fragment"));
	assert_true(str_eq(body, response.body));
}

static void test_methods(void **state)
{
	static const char *const addresses[] = {"/posts/both", "/", "/posts/nowhere", "/posts/both/", "/?view=x",
						"/posts/both?format=json", "/nowhere?format=json"};
	static const char *const others[] = {"POST", "PUT", "DELETE", "OPTIONS", "BREW", "get"};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct asked asked = at(addresses[i]);
		ask_with(asked);
		struct response get = response;
		asked.method = "HEAD";
		ask_with(asked);
		assert_true(response.without_body && !get.without_body);
		assert_int_equal(response.status, get.status);
		assert_int_equal(response.field_count, get.field_count);
		assert_true(str_eq(response.body, get.body));
		for (size_t k = 0; k < get.field_count; k++) {
			assert_string_equal(response.fields[k].name, get.fields[k].name);
			assert_true(str_eq(response.fields[k].value, get.fields[k].value));
		}
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct asked asked = at("/posts/both");
		asked.method = others[i];
		assert_int_equal(ask_with(asked), 405);
		assert_string_equal(field("Allow"), "GET, HEAD");
	}
	struct asked asked = at("/posts/both");
	asked.method = "";
	assert_int_equal(ask_with(asked), 400);
}

static void test_conditions(void **state)
{
	struct asked asked = at("/posts/both");

	(void)state;
	assert_int_equal(ask_with(asked), 200);
	const char *etag = arena_z(&arena, response_get(&response, "ETag"));
	const char *modified = arena_z(&arena, response_get(&response, "Last-Modified"));
	asked.none_match = etag;
	assert_int_equal(ask_with(asked), 304);
	assert_true(response.without_body);
	assert_string_equal(field("ETag"), etag);
	assert_string_equal(field("Last-Modified"), modified);
	assert_true(max_age() == 60);
	asked.none_match = NULL;
	asked.modified_since = modified;
	assert_int_equal(ask_with(asked), 304);
	asked.match = "\"other\"";
	assert_int_equal(ask_with(asked), 412);
	assert_int_equal(response.body.n, 0);
	assert_string_equal(field("Content-Length"), "0");
	/* Every representation has its own. */
	static const char *const others[] = {"?lang=it", "?view=excerpt", "?view=rest", "?format=json", "?format=md",
					     "?format=text", "?format=fragment", "?lang=de"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ask(arena_printf(&arena, "/posts/both%s", others[i]).p);
		assert_string_not_equal(field("ETag"), etag);
	}
	ask("/posts/both?lang=en&utm=1");
	assert_string_equal(field("ETag"), etag);
	/* There is nothing to be conditional about. */
	asked = at("/nowhere");
	asked.none_match = "*";
	assert_int_equal(ask_with(asked), 404);
	asked = at("/posts/both/");
	asked.none_match = "*";
	assert_int_equal(ask_with(asked), 301);
}

/* --- views and formats ------------------------------------------------------------------------------ */

static void test_formats(void **state)
{
	static const struct {
		const char *address, *type, *text;
	} cases[] = {
		{"/posts/both", "text/html; charset=utf-8", "<p>One <em>paragraph</em>.</p>"},
		{"/posts/both?format=fragment", "text/html; charset=utf-8", "<p>One <em>paragraph</em>.</p>"},
		{"/posts/both?format=json", "application/json", "\"title\":\"Both\""},
		{"/posts/both?format=text", "text/plain; charset=utf-8", "One paragraph."},
		{"/posts/both?format=md", "text/markdown; charset=utf-8", "One *paragraph*."},
		{"/?format=json", "application/json", "\"items\":["},
		{"/?format=fragment", "text/html; charset=utf-8", "<article lang=\"en\""},
		{"/?format=text", "text/plain; charset=utf-8", "One paragraph."},
		{"/?format=md", "text/markdown; charset=utf-8", "One *paragraph*."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(cases[i].address), 200);
		assert_string_equal(field("Content-Type"), cases[i].type);
		if (!says(cases[i].text))
			fail_msg("%s: %.*s", cases[i].address, STR_ARG(response.body));
		bool page = !strstr(cases[i].address, "format");
		assert_int_equal(page, response_get(&response, "Content-Security-Policy").n > 0);
		assert_string_equal(field("X-Robots-Tag"), page ? "" : "noindex");
		bool shared = strstr(cases[i].address, "json") || strstr(cases[i].address, "fragment");
		assert_string_equal(field("Access-Control-Allow-Origin"), shared ? "*" : "");
	}
}

static void test_views(void **state)
{
	(void)state;
	ask("/posts/both?view=excerpt&format=json");
	const char *excerpt = json("html");
	assert_string_equal(json("view"), "\"excerpt\"");
	assert_string_equal(json("excerpt_source"), "\"divider\"");
	assert_string_equal(json("truncated"), "true");
	ask("/posts/both?view=rest&format=json");
	const char *rest = json("html");
	ask("/posts/both?format=json");
	const char *full = json("html");
	assert_string_equal(json("view"), "\"full\"");
	/* The prefix law; the quotes are JSON's. */
	size_t cut = strlen(excerpt) - 1;
	assert_true(cut > 10 && !strncmp(full, excerpt, cut));
	assert_string_equal(full + cut, rest + 1);
	assert_null(strstr(full, "more"));
	ask("/posts/both?view=excerpt");
	assert_true(says("One <em>") && !says("The rest."));
	ask("/posts/both?view=rest");
	assert_true(says("The rest.") && !says("One <em>"));
}

static void test_problems(void **state)
{
	static const struct {
		const char *address;
		int status;
	} cases[] = {
		{"/nowhere?format=json", 404}, {"/posts/both?format=json&view=x", 400},
		{"/posts/both?format=json&lang=nonsense1", 400}, {"/?page=77&format=json", 404},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(cases[i].address), cases[i].status);
		assert_string_equal(field("Content-Type"), "application/problem+json");
		assert_string_equal(field("Access-Control-Allow-Origin"), "*");
		assert_string_equal(json("status"), arena_printf(&arena, "%d", cases[i].status).p);
		assert_string_equal(json("type"), "\"about:blank\"");
		assert_true(strlen(json("title")) > 2);
		assert_string_equal(field("ETag"), "");
	}
	/* Without these a page elsewhere is told of a network error and nothing more. */
	static const char *const shared[] = {"/nowhere?format=fragment", "/posts/both?format=fragment&view=x",
					     "/posts/both/?format=json", "/old-hill?format=fragment",
					     "/posts/both?format=json", "/posts/both?format=fragment"};
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		ask(shared[i]);
		assert_string_equal(field("Access-Control-Allow-Origin"), "*");
		assert_string_equal(field("Access-Control-Expose-Headers"),
				    "Content-Language, Content-Location, ETag, Link");
	}
	ask("/nowhere");
	assert_string_equal(field("Access-Control-Allow-Origin"), "");
	ask("/posts/both?view=<script>");
	assert_int_equal(response.status, 400);
	assert_string_equal(field("Content-Type"), "text/html; charset=utf-8");
	assert_false(says("<script>"));
	struct str query = {memset(arena_alloc(&arena, 9001), 'x', 9001), 9001};
	struct asked asked = at("/");
	asked.query = arena_z(&arena, query);
	assert_int_equal(ask_with(asked), 414);
}

/* --- lists -------------------------------------------------------------------------------------------- */

static const char *item_views(const char *address)
{
	struct buf err = BUF_EMPTY, out = BUF_EMPTY;

	assert_int_equal(ask(address), 200);
	value_pool(&arena);
	const struct value *items = value_get(value_read(response.body, &err), STR_LIT("items"));
	for (size_t i = 0; i < value_count(items); i++)
		buf_printf(&out, "%s%.*s:%.*s", i ? " " : "",
			   STR_ARG(value_text(value_get(value_at(items, i), STR_LIT("title")))),
			   STR_ARG(value_text(value_get(value_at(items, i), STR_LIT("view")))));
	const char *views = arena_z(&arena, buf_view(&out));
	buf_release(&out);
	buf_release(&err);
	return views;
}

/* useexcerpt decides how a post shows in lists, and nowhere else. */
static void test_useexcerpt(void **state)
{
	(void)state;
	post("a.md", "title: A\ndate: 2020-01-03\nuseexcerpt: true", "One.\n\n<!--more-->\n\nTwo.");
	post("b.md", "title: B\ndate: 2020-01-02\nuseexcerpt: false", "One.\n\n<!--more-->\n\nTwo.");
	post("c.md", "title: C\ndate: 2020-01-01", "One.\n\n<!--more-->\n\nTwo.");
	open_site();
	assert_string_equal(item_views("/?format=json"), "A:excerpt B:full C:excerpt");
	assert_string_equal(item_views("/?format=json&view=full"), "A:full B:full C:full");
	assert_string_equal(item_views("/?format=json&view=excerpt"), "A:excerpt B:excerpt C:excerpt");
	tempsite_configure(&t, YAML "list_view: full\n");
	open_site();
	assert_string_equal(item_views("/?format=json"), "A:excerpt B:full C:full");
	ask("/a");
	assert_true(says("Two."));
	ask("/b?view=excerpt");
	assert_false(says("Two."));
}

static void test_lists(void **state)
{
	(void)state;
	/* Newest first; of each post the reader's language, or what it falls back to. */
	assert_string_equal(item_views("/?format=json&view=full"),
			    "Both:full English only:full Solo italiano:full The Hill:full");
	assert_string_equal(item_views("/?format=json&view=full&lang=it"),
			    "Entrambi:full English only:full Solo italiano:full Il colle:full");
	assert_string_equal(item_views("/?format=json&view=full&lang=de"),
			    "Entrambi:full English only:full Solo italiano:full Il colle:full");
	assert_string_equal(item_views("/?format=json&limit=3&page=2"), "The Hill:excerpt");
	assert_string_equal(json("total"), "4");
	assert_string_equal(json("pages"), "2");
	assert_string_equal(json("page"), "2");
	assert_string_equal(field("Content-Location"), AT "/?limit=3&page=2");
	ask("/");
	assert_string_equal(field("Cache-Tag"), "list,posts/both,posts/english,posts/italiano,posts/hill");
	ask("/posts/both?view=excerpt");
	assert_string_equal(field("Cache-Tag"), "posts/both");
	/* The page links to the next one, whose title may change. */
	ask("/posts/both");
	assert_string_equal(field("Cache-Tag"), "posts/both,posts/english");
	/* A section's own text, and a list of nothing. */
	post("posts/_index.md", "title: The Posts", "About the posts.");
	open_site();
	ask("/posts/");
	assert_true(says("The Posts") && says("About the posts.") && says("<li>Posts: 4</li>"));
	assert_int_equal(ask("/empty/"), 404);
}

/* Web servers have little room for header fields. */
static void test_many_with_long_names(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		timed(arena_printf(&t.arena, "%03d-\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1-%0*d.md", i, 90, 0).p, "date",
		      now - 1000 - i);
	open_site();
	ask("/?limit=100");
	const char *tags = field("Cache-Tag");
	assert_true(strlen(tags) > 1800 && strlen(tags) <= 2000);
	assert_int_equal(strncmp(tags, "list,000-%E0%B8%AA", 18), 0);
	assert_string_equal(tags + strlen(tags) - 5, "00000");
	assert_int_equal((strlen(tags) - 4) % strlen(strrchr(tags, ',')), 0);
}

static void test_empty_site(void **state)
{
	(void)state;
	open_site();
	assert_int_equal(ask("/"), 200);
	assert_int_equal(ask("/?format=json&lang=it"), 200);
	assert_string_equal(json("total"), "0");
	assert_string_equal(json("pages"), "1");
	assert_int_equal(ask("/?page=2"), 404);
	assert_int_equal(ask("/posts/"), 404);
}

/* --- what goes wrong meanwhile -------------------------------------------------------------------------- */

static void ask_quietly(const char *address)
{
	tempsite_listen(&t);
	ask(address);
	tempsite_unheard(&t);
}

static void test_damaged_in_service(void **state)
{
	(void)state;
	ask("/posts/both");
	struct str before = response.body;
	struct buf whole = tempsite_read(&t, "cache/index.db");
	for (size_t length = 0; length < whole.n; length += 4096 * 3) {
		tempsite_write_str(&t, "cache/index.db", str_head(buf_view(&whole), length));
		ask_quietly("/posts/both");
		assert_int_equal(response.status, 200);
		assert_true(str_eq(response.body, before));
		site_catch_up(site);
	}
	for (size_t page = 0; page + 4096 <= whole.n; page += 4096) {
		memset(whole.p + page, 0x5a, 4096);
		tempsite_write_str(&t, "cache/index.db", buf_view(&whole));
		open_site();
		static const char *const addresses[] = {"/posts/both", "/", "/posts/?lang=it", "/old-hill", "/nowhere"};
		static const int statuses[] = {200, 200, 200, 301, 404};
		for (int i = 0; i < 5; i++) {
			ask_quietly(addresses[i]);
			assert_int_equal(response.status, statuses[i]);
		}
		buf_release(&whole);
		whole = tempsite_read(&t, "cache/index.db");
	}
	buf_release(&whole);
}

/* Nothing left to mend it from: an error, and again a site when there is. */
static void test_beyond_mending(void **state)
{
	(void)state;
	assert_int_equal(rename(tempsite_path(&t, "content"), tempsite_path(&t, "away")), 0);
	tempsite_write(&t, "cache/index.db", "");
	ask_quietly("/posts/both?lang=it");
	assert_int_equal(response.status, 500);
	assert_string_equal(field("Content-Language"), "it");
	ask_quietly("/posts/both?format=json");
	assert_int_equal(response.status, 500);
	assert_string_equal(json("status"), "500");
	assert_int_equal(rename(tempsite_path(&t, "away"), tempsite_path(&t, "content")), 0);
	ask_quietly("/posts/both?lang=it");
	assert_int_equal(response.status, 200);
}

static void test_failing_theme(void **state)
{
	(void)state;
	tempsite_write(&t, "theme/post.mustache", "{{#post}}{{> post}}{{/post}}");
	tempsite_configure(&t, YAML "theme: theme\n");
	open_site();
	tempsite_listen(&t);
	ask("/posts/both");
	struct buf heard = tempsite_heard(&t);
	assert_non_null(strstr(buf_z(&heard), "/theme/post.mustache:1:10: error: partials nest too deep, perhaps in a loop: "
					      "{{>post}} [template/partial-depth]\n"));
	assert_null(strchr(buf_z(&heard), '\\'));
	buf_release(&heard);
	assert_int_equal(response.status, 500);
	assert_string_equal(field("Cache-Control"), "no-cache");
	assert_true(says("<html lang=\"en\""));
	assert_int_equal(ask("/posts/both?format=json"), 200);
	tempsite_write(&t, "theme/error.mustache", "{{#error}}{{> error}}{{/error}}");
	open_site();
	ask_quietly("/posts/both");
	assert_int_equal(response.status, 500);
	assert_true(says("The reason is in the server's log."));
	ask_quietly("/nowhere");
	assert_int_equal(response.status, 500);
	assert_int_equal(ask("/"), 200);
}

/* An arena in which exactly `room` bytes are left. */
static void limit_arena(struct arena *limited, size_t room)
{
	enum { BLOCK = 4 * 1024 * 1024 };

	arena_init(limited, BLOCK);
	arena_alloc(limited, BLOCK - room);
}

/* Memory runs out at every point there is, one after the other. */
static void run_out_of_memory(const char *address, int status, size_t step)
{
	struct request request = request_for(at(address));
	size_t room = 0, failures = 0;
	struct arena limited;

	do {
		limit_arena(&limited, room);
		response = (struct response){0};
		respond(site, &request, &limited, &response);
		assert_sound();
		assert_true(response.status == status || response.status == 500);
		assert_null(limited.oom);
		failures += response.status == 500;
		if (response.status == status)
			assert_true(response.body.n > 20);
		arena_release(&limited);
		room += step;
	} while (response.status == 500 && room < 4 * 1024 * 1024);
	assert_int_equal(response.status, status);
	assert_true(failures > 10);
	print_message("%s: %zu kB, %zu points\n", address, room / 1024, failures);
}

static void test_out_of_memory(void **state)
{
	(void)state;
	tempsite_listen(&t);
	run_out_of_memory("/posts/both", 200, 112);
	run_out_of_memory("/posts/both?lang=it&view=excerpt&format=fragment&base=absolute", 200, 16);
	run_out_of_memory("/posts/both?format=json&base=absolute", 200, 48);
	run_out_of_memory("/posts/hill?lang=it", 301, 16);
	run_out_of_memory("/vecchio-colle?x=1", 301, 16);
	run_out_of_memory("/nowhere", 404, 112);
	run_out_of_memory("/?format=json", 200, 80);
	run_out_of_memory("/?lang=it", 200, 240);
	tempsite_unheard(&t);
	/* And none of it did any harm. */
	assert_int_equal(ask("/posts/both"), 200);
	assert_int_equal(ask("/"), 200);
}

#ifndef __SANITIZE_ADDRESS__ /* malloc is the sanitizer's */
/* Nobody finds memory: the answer is a 500 or whole, and the index, which is not
 * damaged, is not made anew. */
static void test_no_memory_at_all(void **state)
{
	static const char *const addresses[] = {"/posts/both", "/", "/posts/hill?lang=it", "/vecchio-colle", "/nowhere",
						"/?format=json", "/posts/both?format=fragment&base=absolute",
						"/posts/?format=text", "/posts/both?format=md"};
	struct stat before, after;

	(void)state;
	assert_int_equal(stat(t.config.index, &before), 0);
	tempsite_listen(&t);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		long n = 0;
		int status = 500, failures = -1;
		while (status == 500) {
			struct request request = request_for(at(addresses[i]));
			struct arena fresh;
			open_site(); /* nothing is prepared yet */
			arena_init(&fresh, 0);
			mallocs_left = ++n;
			respond(site, &request, &fresh, &response);
			mallocs_left = -1;
			assert_sound();
			status = response.status;
			failures++;
			assert_false(index_damaged(site_index(site)));
			struct str body = response.body;
			ask(addresses[i]);
			assert_int_not_equal(response.status, 500);
			assert_true(status == 500 || (status == response.status && str_eq(body, response.body)));
			arena_release(&fresh);
			arena_reset(&arena);
		}
		print_message("%s: %d points\n", addresses[i], failures);
		assert_true(failures > 2);
	}
	tempsite_unheard(&t);
	assert_int_equal(stat(t.config.index, &after), 0);
	assert_true(before.st_ino == after.st_ino);
}
#endif

static void test_explain(void **state)
{
	struct request request = request_for(at("/posts/both?lang=it-CH&view=excerpt"));
	struct buf why = BUF_EMPTY;

	(void)state;
	respond_explain(site, &request, &arena, &response, &why);
	static const char *const parts[] = {"posts/both", "it, by the lang parameter", "excerpt, by the view parameter",
					    "content/posts/both.it.md"};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_non_null(strstr(buf_z(&why), parts[i]));
	struct str body = response.body;
	ask("/posts/both?lang=it-CH&view=excerpt");
	assert_true(str_eq(body, response.body));
	buf_release(&why);
}

/* Requests put together by chance: assert_sound() holds of every answer. */
static void test_chance(void **state)
{
	static const char *const words[] = {
		"/", "posts", "both", "/posts/both", "/posts/hill", "/posts/colle", "/old-hill", "%", "%2e", "?", "&", "=",
		"lang=it", "lang=en", "&lang=de", "&format=json", "&format=md", "&format=fragment", "&view=excerpt",
		"&view=rest", "&page=2", "&limit=1", "&base=absolute", "&fallback=no", "\xc3\xa8", "\xff", "\"", "<", "\r\n",
		"x", "..", "#", "+",
	};
	unsigned random = 4711;
	int seen[600] = {0};

	(void)state;
	for (int i = 0; i < 1500; i++) {
		struct str address = STR_LIT("/");
		random = random * 1103515245u + 12345u;
		for (unsigned n = random >> 16 & 7; n; n--) {
			random = random * 1103515245u + 12345u;
			address = arena_printf(&arena, "%.*s%s", STR_ARG(address),
					       words[(random >> 8) % (sizeof(words) / sizeof(words[0]))]);
		}
		seen[ask(address.p)]++;
		arena_reset(&arena);
	}
	assert_true(seen[200] > 50 && seen[301] > 10 && seen[400] > 50 && seen[404] > 50);
	assert_int_equal(seen[500], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_EMPTY(name) cmocka_unit_test_setup_teardown(name, set_up_empty, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers),
		TEST(test_redirects_end),
		TEST(test_honest_fallback),
		TEST(test_links_of_a_page),
		TEST(test_vary),
		TEST(test_prefixes),
		TEST_EMPTY(test_the_very_second),
		TEST_EMPTY(test_max_age),
		TEST_EMPTY(test_last_modified),
		TEST(test_fragment_language),
		TEST(test_includes),
		TEST(test_methods),
		TEST(test_conditions),
		TEST(test_formats),
		TEST(test_views),
		TEST(test_problems),
		TEST_EMPTY(test_useexcerpt),
		TEST(test_lists),
		TEST_EMPTY(test_many_with_long_names),
		TEST_EMPTY(test_empty_site),
		TEST(test_damaged_in_service),
		TEST(test_beyond_mending),
		TEST(test_failing_theme),
		TEST(test_out_of_memory),
#ifndef __SANITIZE_ADDRESS__
		TEST(test_no_memory_at_all),
#endif
		TEST(test_explain),
		TEST(test_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
