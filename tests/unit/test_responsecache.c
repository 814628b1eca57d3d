/* test_responsecache.c: what comes from memory is what respond() says, always. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/tempsite.h"
#include "date.h"
#include "indexer.h"
#include "respond.h"
#include "responsecache.h"

#define YAML "languages: [en, it]\nbase_url: https://example.org/\nindex: cache/index.db\nrefresh: 0\nmax_age: 60\n" \
	     "theme: theme\n"
enum { ROOMY = 1024 * 1024 };

static struct tempsite t;
static struct site *site;
static struct arena arena;
static struct responsecache *cache;
static int64_t now;

struct asked {
	const char *method, *address;
	const char *if_match, *if_none_match, *if_modified_since, *accept_language;
	const char *asked_uri; /* of the page around an include */
};

static const char *variable(void *context, const char *name)
{
	const struct asked *asked = context;
	const char *mark = strchr(asked->address, '?');
	size_t n = mark ? (size_t)(mark - asked->address) : strlen(asked->address);

	if (!strcmp(name, "REQUEST_METHOD"))
		return asked->method ? asked->method : "GET";
	if (!strcmp(name, "PATH_INFO"))
		return arena_z(&arena, (struct str){asked->address, n});
	if (!strcmp(name, "QUERY_STRING"))
		return mark ? mark + 1 : "";
	if (!strcmp(name, "HTTP_IF_MATCH"))
		return asked->if_match;
	if (!strcmp(name, "HTTP_IF_NONE_MATCH"))
		return asked->if_none_match;
	if (!strcmp(name, "HTTP_IF_MODIFIED_SINCE"))
		return asked->if_modified_since;
	if (!strcmp(name, "HTTP_ACCEPT_LANGUAGE"))
		return asked->accept_language;
	return strcmp(name, "REQUEST_URI") ? NULL : asked->asked_uri;
}

static void bring_up_to_date(void)
{
	struct indexer_report report;
	struct buf err = BUF_EMPTY, problems = BUF_EMPTY;

	if (indexer_run(&t.config, INDEXER_NOW, &report, &problems, &err))
		fail_msg("%s", buf_z(&err));
	buf_release(&problems);
	buf_release(&err);
}

static void open_site(void)
{
	struct buf err = BUF_EMPTY;

	site_free(site);
	site = NULL;
	bring_up_to_date();
	if (site_open(&site, &t.config, SITE_REFRESH_OTHER, &err))
		fail_msg("%s", buf_z(&err));
	buf_release(&err);
}

static int make(void **state)
{
	(void)state;
	now = time(NULL);
	arena_init(&arena, 0);
	tempsite_make(&t, YAML);
	tempsite_folder(&t, "theme");
	tempsite_write(&t, "content/posts/both.en.md", "---\ntitle: Both\ndate: 2020-01-02\ntags: [a, b]\n---\nText\n\n<!--more-->\n\nRest\n");
	tempsite_write(&t, "content/posts/both.it.md", "---\ntitle: Tutti e due\nslug: due\n---\nTesto\n");
	tempsite_write(&t, "content/posts/one.en.md", "---\ntitle: One\ndate: 2020-01-03\ntags: [a]\naliases: [/old]\n---\nOne\n");
	open_site();
	cache = responsecache_new(ROOMY);
	return 0;
}

static int release(void **state)
{
	(void)state;
	responsecache_free(cache);
	site_free(site);
	site = NULL;
	arena_release(&arena);
	tempsite_release(&t);
	return 0;
}

/* Asks both ways; what the cache's was. */
static enum responsecache_verdict ask_with(struct asked asked, struct response *response)
{
	struct request request;
	struct response plain;
	struct buf one = BUF_IN(&arena), other = BUF_IN(&arena);

	request_read(&arena, site_config(site), variable, &asked, now, &request);
	site_catch_up(site);
	enum responsecache_verdict verdict = responsecache_respond(cache, site, &request, &arena, response);
	assert_null(arena.oom);
	response_write(response, &one);
	respond(site, &request, &arena, &plain);
	response_write(&plain, &other);
	if (!str_eq(buf_view(&one), buf_view(&other)))
		fail_msg("%s, at %lld, verdict %d:\n%.*s\n--- but without the cache:\n%.*s", asked.address,
			 (long long)now, verdict, STR_ARG(buf_view(&one)), STR_ARG(buf_view(&other)));
	assert_true(responsecache_bytes(cache) <= ROOMY);
	return verdict;
}

static enum responsecache_verdict ask(const char *address)
{
	struct response response;

	return ask_with((struct asked){.address = address}, &response);
}

/* No file is that young any more that it is looked at twice. */
static void settle_down(void)
{
	usleep(60 * 1000);
}

/* --- hits ------------------------------------------------------------------------------ */

static void the_second_time_is_a_hit(void **state)
{
	static const char *const addresses[] = {
		"/posts/both", "/posts/due", "/", "/posts/", "/tags/a/", "/posts/both?format=json",
		"/posts/both?view=excerpt&format=fragment&base=absolute", "/posts/one?lang=it", "/?q=text",
		"/-/excerpts?id=posts/both&id=posts/one", "/posts/both?format=md", "/sitemap.xml", "/feed.atom",
	};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
			if (ask(addresses[i]) != (round ? RESPONSECACHE_HIT : RESPONSECACHE_MISS))
				fail_msg("%s, round %d", addresses[i], round);
	assert_int_equal(responsecache_count(cache), sizeof(addresses) / sizeof(addresses[0]));
}

static void errors_and_redirects_are_not_kept(void **state)
{
	static const char *const addresses[] = {"/nowhere", "/old", "/posts/both/", "/posts/one?lang=it&fallback=no",
						"/-/health", "/posts/due?lang=en"};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
			assert_int_equal(ask(addresses[i]), RESPONSECACHE_MISS);
	assert_int_equal(ask("/posts/both?view=none"), RESPONSECACHE_NONE);
	assert_int_equal(ask("/posts/both?lang=%"), RESPONSECACHE_NONE);
	struct response response;
	assert_int_equal(ask_with((struct asked){.method = "POST", .address = "/"}, &response), RESPONSECACHE_NONE);
	assert_int_equal(responsecache_count(cache), 0);
}

static void the_order_of_a_query_does_not_matter(void **state)
{
	static const char *const same[] = {"/posts/both?lang=it&view=full", "/posts/both?view=full&lang=IT&lang=it",
					   "/posts/both?utm_source=x&lang=it&view=full&y", "/posts//both?lang=it&view=full"};

	(void)state;
	/* It has another path in Italian: what an include gets is a page. */
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct response response;
		struct asked asked = {.address = same[i], .asked_uri = "/around"};
		assert_int_equal(ask_with(asked, &response), i ? RESPONSECACHE_HIT : RESPONSECACHE_MISS);
		assert_int_equal(response.status, 200);
	}
	ask(same[0]); /* a redirect: not an include */
	assert_int_equal(responsecache_count(cache), 1);
}

/* Whatever respond() looks at makes another answer: ask_with() would tell. */
static void what_differs_is_kept_apart(void **state)
{
	static const char *const parts[] = {"", "lang=it", "lang=de", "view=excerpt", "view=rest", "format=json",
					    "format=fragment", "base=absolute", "page=2", "limit=1", "q=text", "tag=a",
					    "tag=b", "fields=title", "fallback=no", "q=texts"};
	enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < PARTS; i++)
			for (size_t k = i; k < PARTS; k++) {
				ask(arena_printf(&arena, "/?%s&%s", parts[i], parts[k]).p);
				ask(arena_printf(&arena, "/posts/both?%s&%s", parts[i], parts[k]).p);
			}
	ask("/-/excerpts?id=posts/both&id=posts/one");
	ask("/-/excerpts?id=posts/one&id=posts/both");
	ask("/-/excerpts?id=posts/both");
	ask("/-/oembed?url=https://example.org/posts/both");
	ask("/-/oembed?url=https://example.org/posts/both&maxwidth=100");
	ask("/-/oembed?url=https://example.org/posts/both&maxheight=100");
	ask("/-/oembed?url=https://example.org/posts/both&format=xml");
	assert_true(responsecache_count(cache) > 50);
}

static void accept_language_counts_where_it_is_enabled(void **state)
{
	static const char *const readers[] = {"it", "en", "it;q=0.1, en", "", "it"};
	struct response response;

	(void)state;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		assert_int_equal(ask_with((struct asked){.address = "/", .accept_language = readers[i]}, &response),
				 i ? RESPONSECACHE_HIT : RESPONSECACHE_MISS);
	tempsite_configure(&t, YAML "accept_language: true\n");
	open_site();
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		assert_int_equal(ask_with((struct asked){.address = "/", .accept_language = readers[i]}, &response),
				 i == 4 ? RESPONSECACHE_HIT : RESPONSECACHE_MISS);
}

static void preconditions_and_head_are_the_readers(void **state)
{
	struct response response;
	struct asked head = {.address = "/posts/both", .method = "HEAD"};

	(void)state;
	/* The first reader's copy must not decide what the second one gets. */
	for (int round = 0; round < 2; round++) {
		struct asked asked = {.address = "/posts/both", .if_none_match = "*"};
		ask_with(asked, &response);
		assert_int_equal(response.status, 304);
		assert_int_equal(ask_with(head, &response), RESPONSECACHE_HIT);
		assert_true(response.without_body);
		assert_int_equal(ask("/posts/both"), RESPONSECACHE_HIT);
		ask_with((struct asked){.address = "/posts/both", .if_match = "\"x\""}, &response);
		assert_int_equal(response.status, 412);
		ask_with((struct asked){.address = "/posts/both", .if_none_match = "\"x\""}, &response);
		assert_int_equal(response.status, 200);
		asked = (struct asked){.address = "/posts/both"};
		ask_with(asked, &response);
		asked.if_modified_since = arena_z(&arena, response_get(&response, "Last-Modified"));
		ask_with(asked, &response);
		assert_int_equal(response.status, 304);
	}
}

/* --- when it ends ------------------------------------------------------------------------- */

static const char *iso(int64_t seconds)
{
	char text[DATE_ISO_SIZE];

	date_format_iso(seconds, text);
	return arena_z(&arena, str_from(text));
}

static void time_ends_it(void **state)
{
	struct response response;
	int64_t start = now;

	(void)state;
	tempsite_write(&t, "content/posts/later.en.md",
		       arena_printf(&arena, "---\ntitle: Later\ndate: %s\n---\nLater\n", iso(start + 90)).p);
	bring_up_to_date();
	assert_int_equal(ask("/"), RESPONSECACHE_MISS);
	for (now = start; now < start + 90; now += 7) {
		assert_int_equal(ask_with((struct asked){.address = "/"}, &response), RESPONSECACHE_HIT);
		int64_t left = start + 90 - now;
		const char *age = arena_printf(&arena, "max-age=%d", (int)(left < 60 ? left : 60)).p;
		assert_non_null(strstr(arena_z(&arena, response_get(&response, "Cache-Control")), age));
	}
	now = start + 89;
	assert_int_equal(ask("/"), RESPONSECACHE_HIT);
	now = start + 90;
	assert_int_equal(ask("/"), RESPONSECACHE_MISS);
	assert_int_equal(ask("/"), RESPONSECACHE_HIT);
	now = start + 10; /* a clock that is set back */
	assert_int_equal(ask("/"), RESPONSECACHE_MISS);
}

/* Its time is now, again at every request, until the time comes. */
static void a_file_from_the_future(void **state)
{
	struct timespec times[] = {{now + 1000, 0}, {now + 1000, 0}};

	(void)state;
	assert_int_equal(utimensat(AT_FDCWD, tempsite_path(&t, "content/posts/one.en.md"), times, 0), 0);
	bring_up_to_date();
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_MISS);
	for (int i = 0; i < 3; i++, now += 600)
		assert_int_equal(ask("/posts/one"), RESPONSECACHE_HIT);
}

static void a_commit_ends_it(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
		/* As soon after each other as can be. */
		const char *text = arena_printf(&arena, "---\ntitle: One\n---\nNumber %d\n", i).p;
		tempsite_write(&t, "content/posts/one.en.md", text);
		bring_up_to_date();
		assert_int_equal(ask("/posts/one"), RESPONSECACHE_MISS);
		assert_int_equal(ask("/posts/one"), RESPONSECACHE_HIT);
	}
	assert_int_equal(responsecache_count(cache), 1);
	/* What is that young is read once more; then a sweep finds nothing, and
	 * changes nothing but the file's time. */
	settle_down();
	bring_up_to_date();
	ask("/posts/one");
	bring_up_to_date();
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_HIT);
	/* Another file in its place does. */
	unlink(t.config.index);
	bring_up_to_date();
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_MISS);
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_HIT);
}

static void a_theme_ends_it(void **state)
{
	struct response response;

	(void)state;
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_MISS);
	tempsite_write(&t, "theme/post.mustache", "mine");
	ask_with((struct asked){.address = "/posts/one"}, &response);
	assert_true(str_is(response.body, "mine"));
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_HIT);
	tempsite_remove(&t, "theme/post.mustache");
	assert_int_equal(ask("/posts/one"), RESPONSECACHE_MISS);
}

/* --- how much ------------------------------------------------------------------------------ */

static void it_is_bounded(void **state)
{
	enum { SMALL = 40000 };

	(void)state;
	responsecache_free(cache);
	cache = responsecache_new(SMALL);
	for (int i = 0; i < 200; i++) {
		ask(arena_printf(&arena, "/posts/one?format=json&lang=x-%d", i).p);
		ask("/posts/both?format=text"); /* used again and again: it stays */
		assert_true(responsecache_bytes(cache) <= SMALL);
	}
	assert_true(responsecache_count(cache) > 3);
	assert_true(responsecache_bytes(cache) > SMALL / 2);
	assert_int_equal(ask("/posts/both?format=text"), RESPONSECACHE_HIT);
	assert_int_equal(ask("/posts/one?format=json&lang=x-199"), RESPONSECACHE_HIT);
	assert_int_equal(ask("/posts/one?format=json&lang=x-0"), RESPONSECACHE_MISS);
	/* More than its share */
	responsecache_free(cache);
	cache = responsecache_new(4000);
	assert_int_equal(ask("/posts/both"), RESPONSECACHE_MISS);
	assert_int_equal(ask("/posts/both"), RESPONSECACHE_MISS);
	assert_int_equal(responsecache_bytes(cache), 0);
}

static void none_at_all(void **state)
{
	(void)state;
	responsecache_free(cache);
	cache = responsecache_new(0);
	assert_null(cache);
	assert_int_equal(ask("/posts/both"), RESPONSECACHE_NONE);
	assert_int_equal(ask("/posts/both"), RESPONSECACHE_NONE);
}

static void out_of_memory(void **state)
{
	struct asked asked = {.address = "/posts/both"};
	struct request request;

	(void)state;
	tempsite_listen(&t);
	for (int hit = 0; hit < 2; hit++) {
		int failures = 0;
		request_read(&arena, site_config(site), variable, &asked, now, &request);
		for (size_t room = 0;; room += hit ? 16 : 2048) {
			struct arena limited;
			struct response response;
			arena_init(&limited, room + 1);
			responsecache_respond(cache, site, &request, &limited, &response);
			assert_null(limited.oom);
			int status = response.status;
			assert_true(status == 200 || status == 500);
			arena_release(&limited);
			if (status == 200)
				break;
			failures++;
		}
		assert_true(failures > 2);
		assert_int_equal(ask("/posts/both"), RESPONSECACHE_HIT);
	}
	tempsite_unheard(&t);
}

/* --- by chance ------------------------------------------------------------------------------ */

static unsigned seed = 20201122;

static unsigned below(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void edit(void)
{
	const char *name = arena_printf(&arena, "content/%s/p%u.%s.md", below(2) ? "posts" : "notes", below(5),
					below(3) ? "en" : "it").p;
	static const char *const fields[] = {"tags: [a]\n", "tags: [a, b]\n", "draft: true\n", "slug: other\n",
					     "aliases: [/old, /posts/p1]\n", "series: S\n", ""};

	if (below(4) == 0) {
		unlink(tempsite_path(&t, name));
	} else {
		int64_t when = below(4) ? now - below(1000000) : now + below(900);
		tempsite_write(&t, name, arena_printf(&arena, "---\ntitle: T%u\ndate: %s\n%s---\nText %u\n", below(99),
						     iso(when), fields[below(7)], below(9999)).p);
	}
	bring_up_to_date();
}

static void edits_and_requests_by_chance(void **state)
{
	static const char *const paths[] = {"/", "/posts/", "/notes/", "/tags/", "/tags/a/", "/posts/p1", "/posts/p2",
					    "/notes/p1", "/notes/p3", "/posts/other", "/old", "/2020/", "/feed.json",
					    "/sitemap.xml", "/series/s/"};
	static const char *const queries[] = {"", "", "lang=it", "format=json", "format=fragment&view=excerpt",
					      "q=text", "limit=2", "limit=2&page=2", "tag=b", "lang=it&fallback=no"};
	static const char *const matches[] = {NULL, NULL, NULL, "*", "\"x\""};
	unsigned seen[3] = {0};

	(void)state;
	tempsite_folder(&t, "content/notes");
	responsecache_free(cache);
	cache = responsecache_new(200 * 1024);
	for (int i = 0; i < 3000; i++) {
		struct response response;
		if (below(50) == 0)
			edit();
		if (below(20) == 0)
			now += below(40);
		struct asked asked = {
			.address = arena_printf(&arena, "%s?%s", paths[below(1 + below(15))], queries[below(1 + below(10))]).p,
			.if_none_match = matches[below(5)],
			.method = below(8) ? "GET" : "HEAD",
			.asked_uri = below(8) ? NULL : "/around",
		};
		seen[ask_with(asked, &response)]++;
		arena_reset(&arena);
	}
	print_message("%u hits, %u misses\n", seen[RESPONSECACHE_HIT], seen[RESPONSECACHE_MISS]);
	assert_true(seen[RESPONSECACHE_HIT] > 500 && seen[RESPONSECACHE_MISS] > 300);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_second_time_is_a_hit),
		TEST(errors_and_redirects_are_not_kept),
		TEST(the_order_of_a_query_does_not_matter),
		TEST(what_differs_is_kept_apart),
		TEST(accept_language_counts_where_it_is_enabled),
		TEST(preconditions_and_head_are_the_readers),
		TEST(time_ends_it),
		TEST(a_file_from_the_future),
		TEST(a_commit_ends_it),
		TEST(a_theme_ends_it),
		TEST(it_is_bounded),
		TEST(none_at_all),
		TEST(out_of_memory),
		TEST(edits_and_requests_by_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
