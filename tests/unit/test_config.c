/* test_config.c: cartolina.yaml: every key, every mistake, where it is looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"

static struct {
	char start[4096], folder[4096]; /* where the test began; where it works */
	struct arena arena;
	struct config config;
	struct buf err;
} t;

/* A new empty working folder. */
static int enter(void **state)
{
	char name[] = "/tmp/cartolina-config-XXXXXX";

	(void)state;
	unsetenv("CARTOLINA_CONFIG");
	if (!getcwd(t.start, sizeof(t.start)) || !mkdtemp(name) || chdir(name) ||
	    !getcwd(t.folder, sizeof(t.folder)))
		return -1;
	arena_init(&t.arena, 0);
	t.err = BUF_EMPTY;
	return 0;
}

static int leave(void **state)
{
	char command[5000];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", t.folder);
	arena_release(&t.arena);
	buf_release(&t.err);
	unsetenv("CARTOLINA_CONFIG");
	return chdir(t.start) || system(command) ? -1 : 0;
}

static void write_file(const char *path, struct str text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	fclose(f);
}

static int load(const char *yaml)
{
	write_file("cartolina.yaml", str_from(yaml));
	arena_reset(&t.arena);
	buf_reset(&t.err);
	return config_load(&t.arena, NULL, NULL, &t.config, &t.err);
}

static void load_well(const char *yaml)
{
	if (load(yaml) || t.err.n)
		fail_msg("%s\n%s", yaml, buf_z(&t.err));
}

/* `path` is the working folder and `rest`. */
static void check_below(const char *path, const char *rest)
{
	size_t n = strlen(t.folder);

	if (strncmp(path, t.folder, n) || strcmp(path + n, rest))
		fail_msg("%s is not %s%s", path, t.folder, rest);
}

static void works_without_a_file(void **state)
{
	const struct config *c = &t.config;

	(void)state;
	assert_int_equal(config_load(&t.arena, NULL, NULL, &t.config, &t.err), 0);
	assert_string_equal(c->file, "");
	check_below(c->root, "");
	check_below(c->content, "/content");
	check_below(c->index, "/.cartolina/index.db");
	assert_string_equal(c->content_shown, "content");
	assert_string_equal(c->base_url, "");
	assert_string_equal(c->feed_id, "");
	assert_string_equal(c->mount, "");
	assert_string_equal(c->theme, "");
	assert_int_equal(c->language_count, 1);
	assert_string_equal(c->languages[0].tag, "en");
	assert_string_equal(c->languages[0].title, "");
	assert_int_equal(c->permalink_count, 0);
	assert_int_equal(c->accept_language, false);
	assert_int_equal(c->urls, URLS_QUERY);
	assert_int_equal(c->list_view, LIST_EXCERPT);
	assert_int_equal(c->markdown.engine, MARKDOWN_DISCOUNT);
	assert_int_equal(c->markdown.safe, false);
	assert_int_equal(c->typographer, true);
	assert_int_equal(c->refresh, 2);
	assert_int_equal(c->max_age, 60);
	assert_int_equal(c->workers, 0);
	assert_int_equal(c->log, LOG_TO_STDERR);
	assert_int_equal(c->log_format, LOG_PLAIN);
	assert_false(c->access_log);
	assert_int_equal(c->metrics, METRICS_FOR_LOOPBACK);
	assert_int_equal(c->mtime, 0);
}

static void reads_every_key(void **state)
{
	const struct config *c = &t.config;

	(void)state;
	load_well("title: All Things Posted\nbase_url: https://example.org/blog/\n"
		  "feed_id: http://old.example/\ncontent: texts/\n"
		  "theme: ./theme\nindex: /var/cache/c/index.db\nlanguages: [en, it]\naccept_language: true\n"
		  "urls: prefix\nlist_view: full\nmarkdown: commonmark\ntypographer: no\nhtml: safe\n"
		  "permalinks: {posts: '/:year/:month/:day/:slug', '': '/:section-:title.:filename/'}\n"
		  "refresh: 0\nmax_age: '3600'\nmax_post_size: 2048\nrender_timeout: 5\nworkers: 4\n"
		  "max_requests: 7\nworker_cache: 65536\nrequest_timeout: 8\nshutdown_timeout: 9\n"
		  "log: syslog\nlog_format: json\naccess_log: true\nmetrics: any\n");
	assert_string_equal(c->file, "cartolina.yaml");
	assert_string_equal(c->base_url, "https://example.org/blog");
	assert_string_equal(c->feed_id, "http://old.example");
	assert_string_equal(c->mount, "/blog");
	check_below(c->content, "/texts");
	check_below(c->theme, "/theme");
	assert_string_equal(c->index, "/var/cache/c/index.db");
	assert_int_equal(c->language_count, 2);
	assert_string_equal(c->languages[1].tag, "it");
	assert_string_equal(c->languages[1].title, "All Things Posted");
	assert_int_equal(c->accept_language, true);
	assert_int_equal(c->urls, URLS_PREFIX);
	assert_int_equal(c->list_view, LIST_FULL);
	assert_int_equal(c->markdown.engine, MARKDOWN_COMMONMARK);
	assert_int_equal(c->markdown.safe, true);
	assert_int_equal(c->typographer, false);
	assert_int_equal(c->permalink_count, 2);
	assert_string_equal(c->permalinks[0].section, "posts");
	assert_string_equal(c->permalinks[0].pattern, "/:year/:month/:day/:slug");
	assert_string_equal(c->permalinks[1].section, "");
	assert_int_equal(c->refresh, 0);
	assert_int_equal(c->max_age, 3600);
	assert_int_equal(c->max_post_size, 2048);
	assert_int_equal(c->render_timeout, 5);
	assert_int_equal(c->workers, 4);
	assert_int_equal(c->max_requests, 7);
	assert_int_equal(c->worker_cache, 65536);
	assert_int_equal(c->request_timeout, 8);
	assert_int_equal(c->shutdown_timeout, 9);
	assert_int_equal(c->log, LOG_TO_SYSLOG);
	assert_int_equal(c->log_format, LOG_JSON);
	assert_true(c->access_log);
	assert_int_equal(c->metrics, METRICS_FOR_ANY);
	assert_true(c->mtime > 0);
}

static void empty_values_keep_the_defaults(void **state)
{
	(void)state;
	load_well("title:\nbase_url:\ncontent:\ntheme: ''\nindex: ~\nlanguages:\naccept_language:\nurls:\n"
		  "markdown: null\npermalinks:\nrefresh:\n");
	check_below(t.config.content, "/content");
	check_below(t.config.index, "/.cartolina/index.db");
	assert_string_equal(t.config.theme, "");
	assert_int_equal(t.config.language_count, 1);
	assert_int_equal(t.config.refresh, 2);
	load_well("");
	load_well("# nothing\n");
}

static void knows_the_forms_of_base_url(void **state)
{
	static const struct {
		const char *url, *base, *mount; /* base NULL: refused */
	} cases[] = {
		{"https://example.org", "https://example.org", ""},
		{"https://example.org/", "https://example.org", ""},
		{"http://example.org:8080/a/b///", "http://example.org:8080/a/b", "/a/b"},
		{"HTTP://Example.ORG/Blog", "HTTP://Example.ORG/Blog", "/Blog"},
		{"http://[::1]:8080/x", "http://[::1]:8080/x", "/x"},
		{"/", "", ""},
		{"/blog/", "/blog", "/blog"},
		{"''", "", ""},
		{"example.org/blog", NULL, NULL},
		{"//example.org/blog", NULL, NULL},
		{"ftp://example.org/", NULL, NULL},
		{"https://", NULL, NULL},
		{"https:///blog", NULL, NULL},
		{"https://example.org/?a=b", NULL, NULL},
		{"'https://example.org/#a'", NULL, NULL},
		{"/blog?a", NULL, NULL},
		{"/a b", NULL, NULL},
		{"/a/../b", NULL, NULL},
		{"https://example.org/a//b", NULL, NULL},
		{"https://example.org/caf%C3%A9", NULL, NULL},
		{"https://user:secret@example.org/", NULL, NULL},
		{"https://example.org:0/", NULL, NULL},
		{"\"https://example.org/\\nx\"", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char yaml[200];
		snprintf(yaml, sizeof(yaml), "base_url: %s", cases[i].url);
		int result = load(yaml);
		if (cases[i].base) {
			assert_int_equal(result, 0);
			assert_string_equal(t.config.base_url, cases[i].base);
			assert_string_equal(t.config.mount, cases[i].mount);
		} else if (!result ||
			   str_find(buf_view(&t.err), ":1:11: error: base_url must be ") == t.err.n) {
			fail_msg("%s: %s", cases[i].url, buf_z(&t.err));
		}
	}
}

static void reads_languages_written_out(void **state)
{
	const struct config *c = &t.config;
	const struct config_language *l;

	(void)state;
	load_well("title: {en: Posted, AR: كل}\n"
		  "languages:\n- en\n- {tag: ar, name: العربية, dir: rtl, fallback: [fr, en]}\n"
		  "- {tag: pt_br, title: Postal, fallback: pt}\n- zh-hant-tw\n");
	l = c->languages;
	assert_int_equal(c->language_count, 4);
	assert_string_equal(l[0].title, "Posted");
	assert_string_equal(l[0].name, "");
	assert_string_equal(l[0].dir, "");
	assert_string_equal(l[1].tag, "ar");
	assert_string_equal(l[1].name, "العربية");
	assert_string_equal(l[1].dir, "rtl");
	assert_string_equal(l[1].title, "كل");
	assert_string_equal(l[1].fallback[0], "fr");
	assert_string_equal(l[1].fallback[1], "en");
	assert_null(l[1].fallback[2]);
	assert_string_equal(l[2].tag, "pt-BR");
	assert_string_equal(l[2].title, "Postal");
	assert_string_equal(l[2].fallback[0], "pt");
	assert_string_equal(l[3].tag, "zh-Hant-TW");
	assert_string_equal(l[3].title, "Posted"); /* the default language's */
	assert_int_equal(config_language_at(c, STR_LIT("PT-br")), 2);
	assert_int_equal(config_language_at(c, STR_LIT("pt")), -1);
	assert_int_equal(config_language_at(c, STR_LIT("")), -1);
	load_well("languages: [{tag: it, title: Tutto}, en]");
	assert_string_equal(c->languages[1].title, "Tutto");
}

static void reads_caches_to_purge(void **state)
{
	static const struct {
		const char *yaml, *authority, *host, *port, *path;
	} cases[] = {
		{"purge: http://127.0.0.1:6081/", "127.0.0.1:6081", "127.0.0.1", "6081", "/"},
		{"purge: HTTP://varnish", "varnish", "varnish", "80", "/"},
		{"purge: ['http://[::1]:6081/a/b']", "[::1]:6081", "::1", "6081", "/a/b"},
		{"purge:\n- http://[::1]", "[::1]", "::1", "80", "/"},
	};
	static const char *const wrong[] = {
		"https://cache", "127.0.0.1:6081", "/", "http://", "http://a b/", "http://a/?b", "http://u:p@a/",
		"\"http://a/\\r\\nX: y\"", "{a: b}", "[[http://a]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load_well(cases[i].yaml);
		const struct config_purge *p = t.config.purges;
		assert_int_equal(t.config.purge_count, 1);
		assert_string_equal(p->authority, cases[i].authority);
		assert_string_equal(p->host, cases[i].host);
		assert_string_equal(p->port, cases[i].port);
		assert_string_equal(p->path, cases[i].path);
	}
	load_well("purge: [http://a, http://b/c]");
	assert_int_equal(t.config.purge_count, 2);
	assert_string_equal(t.config.purges[1].url, "http://b/c");
	load_well("purge: []");
	assert_int_equal(t.config.purge_count, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char yaml[100];
		snprintf(yaml, sizeof(yaml), "purge: %s", wrong[i]);
		if (!load(yaml) || !strstr(buf_z(&t.err), "purge must be the address of a cache"))
			fail_msg("%s: %s", yaml, buf_z(&t.err));
	}
}

static void reports_every_mistake_with_its_place(void **state)
{
	static const char *const cases[][2] = {
		{"titel: x", "1:1: error: unknown key titel; did you mean title? [config/key]\n"},
		{"a: 1\nbaseurl: /x", "1:1: error: unknown key a [config/key]\n"
				     "2:1: error: unknown key baseurl; did you mean base_url? [config/key]\n"},
		{"\"a\\nb\": 1", "1:1: error: unknown key a\\x0Ab [config/key]\n"},
		{"- a",
		 "1:1: error: the configuration is a list of `key: value` lines [config/type]\n"},
		{"just text",
		 "1:1: error: the configuration is a list of `key: value` lines [config/type]\n"},
		{"title: [a]",
		 "1:8: error: title must be a text, or one text for each language [config/type]\n"},
		{"title: {en: [a]}", "1:13: error: en must be a text [config/type]\n"},
		{"title: {it: a}",
		 "1:9: error: it is not one of the languages [config/language]\n"},
		{"base_url: [a]", "1:11: error: base_url must be a text [config/type]\n"},
		{"feed_id: [a]", "1:10: error: feed_id must be a text [config/type]\n"},
		{"feed_id: /blog", "1:10: error: feed_id must be an address such as https://old.example.org/blog, "
				   "or tag:example.org,2020:blog [config/value]\n"},
		{"feed_id: 'https://example.org/ x'",
		 "1:10: error: feed_id must be an address such as https://old.example.org/blog, "
		 "or tag:example.org,2020:blog [config/value]\n"},
		{"content: {a: b}", "1:10: error: content must be a text [config/type]\n"},
		{"languages: en",
		 "1:12: error: languages must be a list of tags, such as [en, it] [config/type]\n"},
		{"languages: []",
		 "1:12: error: languages must be a list of tags, such as [en, it] [config/type]\n"},
		{"languages: [en, e!, it]",
		 "1:17: error: a language must be a tag such as en or pt-BR [config/language]\n"},
		{"languages: [en, EN]", "1:17: error: en stands here twice [config/language]\n"},
		{"languages: [en, {name: x}]",
		 "1:17: error: a language needs a tag [config/language]\n"},
		{"languages: [en, {tag: '!'}]",
		 "1:23: error: a language must be a tag such as en or pt-BR [config/language]\n"},
		{"languages: [{tag: en, dri: rtl}]",
		 "1:23: error: a language has no dri; it has tag, name, dir, title and "
						     "fallback [config/key]\n"},
		{"languages: [{tag: en, dir: up}]",
		 "1:28: error: dir must be ltr or rtl [config/value]\n"},
		{"languages: [{tag: en, fallback: [i!]}]",
		 "1:34: error: a language must be a tag such as en or pt-BR "
							   "[config/language]\n"},
		{"accept_language: maybe",
		 "1:18: error: accept_language must be true or false [config/type]\n"},
		{"urls: path", "1:7: error: urls must be query or prefix [config/value]\n"},
		{"urls: [query]", "1:7: error: urls must be query or prefix [config/value]\n"},
		{"list_view: rest",
		 "1:12: error: list_view must be excerpt or full [config/value]\n"},
		{"markdown: gfm",
		 "1:11: error: markdown must be discount or commonmark [config/value]\n"},
		{"html: true", "1:7: error: html must be trusted or safe [config/value]\n"},
		{"refresh: -1",
		 "1:10: error: refresh must be a whole number from 0 to 86400 [config/type]\n"},
		{"log: journal", "1:6: error: log must be stderr or syslog [config/value]\n"},
		{"metrics: all", "1:10: error: metrics must be loopback, any or off [config/value]\n"},
		{"workers: 1e3",
		 "1:10: error: workers must be a whole number from 0 to 1024 [config/type]\n"},
		{"workers: 99999999999999999999",
		 "1:10: error: workers must be a whole number from 0 to 1024 [config/type]\n"},
		{"max_post_size: 1",
		 "1:16: error: max_post_size must be a whole number from 1024 to 67108864 [config/type]\n"},
		{"permalinks: /a",
		 "1:13: error: permalinks must be a pattern for each section [config/type]\n"},
		{"permalinks: {a: b}",
		 "1:17: error: a permalink pattern is a text that begins with / [config/value]\n"},
		{"permalinks: {a: [/b]}",
		 "1:17: error: a permalink pattern is a text that begins with / [config/value]\n"},
		{"permalinks: {a: '/:yaer/:slug'}",
		 "1:17: error: a permalink pattern has no :yaer; it has :year, :month, :day, :slug, :title, "
		 ":filename and :section [config/value]\n"},
		{"title: a: b", "1:9: error: a text with \": \" in it needs quotes [yaml/colon]\n"},
		{"refresh: x\nurls: x\ncontnet: x\n",
		 "1:10: error: refresh must be a whole number from 0 to 86400 [config/type]\n"
		 "2:7: error: urls must be query or prefix [config/value]\n"
		 "3:1: error: unknown key contnet; did you mean content? [config/key]\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf want = BUF_EMPTY;
		struct str rest = str_from(cases[i][1]), line;
		while (str_line(&rest, &line))
			buf_printf(&want, "cartolina.yaml:%.*s\n", STR_ARG(line));
		assert_int_equal(load(cases[i][0]), -1);
		assert_string_equal(buf_z(&t.err), buf_z(&want));
		buf_release(&want);
	}
}

static void reports_files_it_cannot_read(void **state)
{
	struct buf big = BUF_EMPTY;
	static const char *const cases[][2] = {
		{"none.yaml", "none.yaml:1:1: error: No such file or directory [config/read]\n"},
		{"folder", "folder:1:1: error: Is a directory [config/read]\n"},
		{"big.yaml", "big.yaml:1:1: error: longer than 64 kB [yaml/limit]\n"},
		{"huge.yaml", "huge.yaml:1:1: error: longer than 64 kB [config/read]\n"},
		{"latin.yaml", "latin.yaml:2:13: error: not UTF-8 [yaml/encoding]\n"},
	};

	(void)state;
	for (int i = 0; i < 65537; i++)
		buf_char(&big, '#');
	write_file("big.yaml", buf_view(&big));
	buf_puts(&big, "##");
	write_file("huge.yaml", buf_view(&big));
	buf_release(&big);
	write_file("latin.yaml", STR_LIT("# \xc3\xa9\ntitle: \xc3\xa8 caf\xe9\n"));
	assert_int_equal(mkdir("folder", 0700), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&t.err);
		assert_int_equal(config_load(&t.arena, cases[i][0], NULL, &t.config, &t.err), -1);
		assert_string_equal(buf_z(&t.err), cases[i][1]);
	}
}

/* Named, by environment, here, beside the script. */
static void looks_for_its_file_in_order(void **state)
{
	char script[5000];

	(void)state;
	assert_int_equal(mkdir("cgi", 0700) | mkdir("named", 0700) | mkdir("env", 0700), 0);
	snprintf(script, sizeof(script), "%s/cgi/cartolina.cgi", t.folder);
	write_file("cgi/cartolina.yaml", STR_LIT("theme: t"));
	write_file("env/e.yaml", STR_LIT("theme: t"));
	write_file("named/n.yaml", STR_LIT("theme: t"));

	assert_int_equal(config_load(&t.arena, NULL, script, &t.config, &t.err), 0);
	check_below(t.config.theme, "/cgi/t");
	check_below(t.config.content, "/cgi/content");
	assert_string_equal(t.config.content_shown, "cgi/content");
	write_file("cartolina.yaml", STR_LIT("theme: t"));
	assert_int_equal(config_load(&t.arena, NULL, script, &t.config, &t.err), 0);
	check_below(t.config.theme, "/t");
	setenv("CARTOLINA_CONFIG", "env/e.yaml", 1);
	assert_int_equal(config_load(&t.arena, NULL, script, &t.config, &t.err), 0);
	check_below(t.config.theme, "/env/t");
	assert_int_equal(config_load(&t.arena, "named/n.yaml", script, &t.config, &t.err), 0);
	check_below(t.config.theme, "/named/t");
	setenv("CARTOLINA_CONFIG", "gone.yaml", 1);
	assert_int_equal(config_load(&t.arena, NULL, script, &t.config, &t.err), -1);
}

static void without_a_file_follows_the_content(void **state)
{
	char script[5000];

	(void)state;
	snprintf(script, sizeof(script), "%s/cgi/cartolina.cgi", t.folder);
	assert_int_equal(mkdir("cgi", 0700) | mkdir("cgi/content", 0700), 0);
	assert_int_equal(config_load(&t.arena, NULL, script, &t.config, &t.err), 0);
	check_below(t.config.content, "/cgi/content");
	assert_int_equal(mkdir("content", 0700), 0);
	assert_int_equal(config_load(&t.arena, NULL, script, &t.config, &t.err), 0);
	check_below(t.config.content, "/content");
}

static void names_folders_relative_to_the_file(void **state)
{
	static const struct {
		const char *content, *below, *shown; /* below NULL: absolute as written */
	} cases[] = {
		{"posts", "/posts", "posts"}, {"./posts//", "/posts", "posts"}, {".//a/b", "/a/b",
		 "a/b"},
		{".", "", ""},                {"./", "", ""},                   {"../x", "/../x",
		 "../x"},
		{"/srv/x/", NULL, "/srv/x"},  {"/", NULL, "/"},                 {"a b è", "/a b è",
		 "a b è"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char yaml[100];
		snprintf(yaml, sizeof(yaml), "content: %s", cases[i].content);
		load_well(yaml);
		if (cases[i].below)
			check_below(t.config.content, cases[i].below);
		else
			assert_string_equal(t.config.content, cases[i].shown);
		assert_string_equal(t.config.content_shown, cases[i].shown);
	}
}

static void the_fingerprint_follows_what_the_index_holds(void **state)
{
	static const struct {
		const char *yaml;
		bool same;
	} cases[] = {
		{"# nothing", true},
		{"title: x\nlist_view: full\nrefresh: 9\nworkers: 3\nmax_age: 1\nurls: prefix\ntheme: x\n", true},
		{"base_url: https://example.org", true},
		{"languages: [en]", true},
		{"languages: [en, it]", false},
		{"languages: [it]", false},
		{"content: x", false},
		{"base_url: /blog", false},
		{"permalinks: {posts: /:slug}", false},
		{"markdown: commonmark", false},
		{"html: safe", false},
		{"typographer: false", false},
		{"render_timeout: 2", false},
	};

	(void)state;
	load_well("");
	uint64_t plain = t.config.fingerprint;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		load_well(cases[i].yaml);
		if ((t.config.fingerprint == plain) != cases[i].same)
			fail_msg("%s", cases[i].yaml);
	}
	load_well("permalinks: {posts: /:slug}");
	plain = t.config.fingerprint;
	load_well("permalinks: {posts: /:title}");
	assert_true(t.config.fingerprint != plain);
}

static void the_shipped_example_is_right(void **state)
{
	char path[5000];

	(void)state;
	snprintf(path, sizeof(path), "%s/conf/cartolina.yaml", t.start);
	if (config_load(&t.arena, path, NULL, &t.config, &t.err))
		fail_msg("%s", buf_z(&t.err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(works_without_a_file, enter, leave),
		cmocka_unit_test_setup_teardown(reads_every_key, enter, leave),
		cmocka_unit_test_setup_teardown(empty_values_keep_the_defaults, enter, leave),
		cmocka_unit_test_setup_teardown(knows_the_forms_of_base_url, enter, leave),
		cmocka_unit_test_setup_teardown(reads_languages_written_out, enter, leave),
		cmocka_unit_test_setup_teardown(reads_caches_to_purge, enter, leave),
		cmocka_unit_test_setup_teardown(reports_every_mistake_with_its_place, enter, leave),
		cmocka_unit_test_setup_teardown(reports_files_it_cannot_read, enter, leave),
		cmocka_unit_test_setup_teardown(looks_for_its_file_in_order, enter, leave),
		cmocka_unit_test_setup_teardown(without_a_file_follows_the_content, enter, leave),
		cmocka_unit_test_setup_teardown(names_folders_relative_to_the_file, enter, leave),
		cmocka_unit_test_setup_teardown(the_fingerprint_follows_what_the_index_holds, enter,
			leave),
		cmocka_unit_test_setup_teardown(the_shipped_example_is_right, enter, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
