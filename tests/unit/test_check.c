/* test_check.c: sites of a few posts -> exactly the findings that they deserve.
 *
 * Each case is a whole site; what is expected is the list of all its findings
 * but for their messages.  A case without any is a near miss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "../lib/tempsite.h"
#include "../lib/testarena.h"
#include "check.h"
#include "check_front.h"
#include "check_site.h"
#include "postpack.h"
#include "sweep.h"

enum { FILES = 6 };

struct site_case {
	const char *name;
	const char *yaml; /* of the configuration, besides the languages en and it; NULL: none */
	struct {
		const char *path, *text;
	} files[FILES];
	const char *expected;
};

#define HEAD "---\ntitle: A title\n---\n"
#define POST(text) {"content/x.md", HEAD text}

static struct tempsite t;

/* What `check` does, in this process. */
static void check_file(struct check_file *file)
{
	struct buf text = tempsite_read(&t, arena_printf(&arena, "content/%s", file->file).p);
	struct buf problems = BUF_EMPTY, head = BUF_EMPTY;
	struct post post;

	if (!post_read(&arena, &t.config, str_from(file->file), arena_str(&arena, buf_view(&text)), 0, &post, &problems)) {
		check_post(&arena, &t.config, &post, &problems);
		postpack_head(&post.head, &head);
	}
	check_site_take(&arena, file, buf_view(&head), buf_view(&problems));
	buf_release(&text);
	buf_release(&problems);
	buf_release(&head);
}

/* "file:line:column rule" for each; *messages gets the whole lines. */
static void check_all(struct buf *found, struct buf *messages)
{
	struct buf problems = BUF_EMPTY, err = BUF_EMPTY;
	struct check_finding finding;
	struct sweep sweep;

	assert_int_equal(sweep_read(&arena, t.config.content, "", &sweep, &problems, &err), 0);
	struct check_file *files = ARENA_ARRAY(&arena, sweep.count + 1, struct check_file);
	for (size_t i = 0; i < sweep.count; i++) {
		files[i].file = sweep.files[i].file;
		check_file(&files[i]);
	}
	check_site(&arena, &t.config, files, sweep.count);
	for (size_t i = 0; i < sweep.count; i++) {
		struct str rest = buf_view(&files[i].findings), line;
		while (str_line(&rest, &line)) {
			assert_true(check_report_read(line, &finding));
			assert_true(str_ends(finding.path, files[i].file));
			buf_printf(found, "%s:%u:%u %.*s%s\n", files[i].file, finding.line, finding.column,
				   STR_ARG(finding.rule), str_is(finding.level, "error") ? " error" : "");
			buf_str(messages, line);
			buf_char(messages, '\n');
		}
		buf_release(&files[i].findings);
	}
	buf_release(&problems);
	buf_release(&err);
}

static void run_case(const struct site_case *c)
{
	struct buf found = BUF_EMPTY, messages = BUF_EMPTY;
	bool languages = c->yaml && strstr(c->yaml, "languages");

	tempsite_make(&t, arena_printf(&arena, "%s%s", languages ? "" : "languages: [en, it]\n", c->yaml ? c->yaml : "").p);
	for (size_t i = 0; i < FILES && c->files[i].path; i++)
		tempsite_write(&t, c->files[i].path, c->files[i].text);
	check_all(&found, &messages);
	tempsite_release(&t);
	if (strcmp(buf_z(&found), c->expected))
		fail_msg("%s\n--- expected\n%s--- found\n%s%s", c->name, c->expected, buf_z(&found), buf_z(&messages));
	buf_release(&found);
	buf_release(&messages);
	arena_reset(&arena);
}

#define RUN(cases)                                                      \
	for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++) \
	run_case(&(cases)[i])

/* --- names and translations -------------------------------------------------------- */

static void looks_at_file_names(void **state)
{
	static const struct site_case cases[] = {
		{"a language that is not configured", NULL,
		 {{"content/posts/x.fr.md", HEAD "a"}}, "posts/x.fr.md:1:1 language/unknown-suffix\n"},
		{"with a region or a script", NULL,
		 {{"content/a.pt-BR.md", HEAD "a"}, {"content/b.zh_hant.md", HEAD "a"}, {"content/c.fil.md", HEAD "a"}},
		 "a.pt-BR.md:1:1 language/unknown-suffix\nb.zh_hant.md:1:1 language/unknown-suffix\n"
		 "c.fil.md:1:1 language/unknown-suffix\n"},
		{"a bundle, and a post that cannot be read", NULL,
		 {{"content/x/index.de.md", HEAD "a"}, {"content/y.de.md", "---\nbroken"}},
		 "x/index.de.md:1:1 language/unknown-suffix\n"
		 "y.de.md:1:1 frontmatter/unclosed error\ny.de.md:1:1 language/unknown-suffix\n"},
		{"parts of names that are no languages", NULL,
		 {{"content/a.min.md", HEAD "a"}, {"content/v1.2.md", HEAD "a"}, {"content/c.js.md", HEAD "a"},
		  {"content/.fr.md", HEAD "a"}, {"content/fr.md", HEAD "a"}, {"content/d.io.md", HEAD "a"}}, ""},
		{"a configured one, in any case", "languages: [en, pt-BR]\n",
		 {{"content/a.md", HEAD "a"}, {"content/a.pt-br.md", HEAD "a"}}, ""},
		{"a folder with the same files as another", NULL,
		 {{"content/posts/x.md", HEAD "a"}, {"content/fr/posts/x.md", HEAD "a"}, {"content/fr/posts/y.md", HEAD "a"}},
		 "fr/posts/x.md:1:1 language/unknown-folder\n"},
		{"two such folders", "languages: [en]\n",
		 {{"content/fr/x.md", HEAD "a"}, {"content/de/x.md", HEAD "a"}},
		 "de/x.md:1:1 language/unknown-folder\nfr/x.md:1:1 language/unknown-folder\n"},
		{"a department", "languages: [en]\n", {{"content/it/printers.md", HEAD "a"}, {"content/x.md", HEAD "a"}}, ""},
	};

	(void)state;
	RUN(cases);
}

#define LONG "description: Five words and one more"
static void compares_translations(void **state)
{
	static const struct site_case cases[] = {
		{"the same language twice", NULL,
		 {{"content/it/x.md", HEAD "a"}, {"content/x.it.md", HEAD "a"}, {"content/x.md", HEAD "a"}},
		 "x.it.md:1:1 translation/duplicate error\n"},
		{"twice by a key", NULL,
		 {{"content/a.md", HEAD "a"}, {"content/b.md", "---\ntitle: x\ntranslationKey: a\n---\na"}},
		 "b.md:3:17 translation/duplicate error\n"},
		{"a default-language post twice, once without suffix", NULL,
		 {{"content/a.en.md", HEAD "a"}, {"content/a.md", HEAD "a"}}, "a.md:1:1 translation/duplicate error\n"},
		{"a section is no article", NULL, {{"content/a/_index.md", HEAD "a"}, {"content/a/index.md", HEAD "a"}}, ""},
		{"a translation without its source", NULL, {{"content/x.it.md", HEAD "a"}},
		 "x.it.md:1:1 translation/no-source\n"},
		{"which cannot be read", NULL, {{"content/x.it.md", HEAD "a"}, {"content/x.en.md", "---\nbroken"}},
		 "x.en.md:1:1 frontmatter/unclosed error\n"},
		{"which needs none", NULL, {{"content/x.md", "---\ntitle: x\nlang: it\n---\na"}}, ""},
		{"with one language there is no other", "languages: [en]\n", {{"content/x.md", HEAD "a"}}, ""},
		{"texts that were not translated", NULL,
		 {{"content/x.md", "---\ntitle: One two three four five\ntwittercard: six seven eight nine ten\n---\na"},
		  {"content/x.it.md", "---\ntitle: One two three four five\n"
		   "twittercard: 'six seven\n  eight nine ten'\nsummary: other\n---\na"}},
		 "x.it.md:2:8 translation/untranslated\nx.it.md:3:14 translation/untranslated\n"},
		{"a draft is in the making", NULL,
		 {{"content/x.md", "---\ntitle: x\n" LONG "\n---\na"},
		  {"content/x.it.md", "---\ntitle: x\ndraft: true\n" LONG "\n---\na"}}, ""},
		{"a short one is a name", NULL,
		 {{"content/x.md", "---\ntitle: Rust 1.93.1\n---\na"}, {"content/x.it.md", "---\ntitle: Rust 1.93.1\n---\na"}}, ""},
		{"another one is a translation", NULL,
		 {{"content/x.md", "---\ntitle: x\n" LONG "\n---\na"}, {"content/x.it.md", "---\ntitle: x\n" LONG "!\n---\na"}}, ""},
		{"a text in another field", NULL,
		 {{"content/x.md", "---\ntitle: x\n" LONG "\n---\na"},
		  {"content/x.it.md", "---\ntitle: x\ntwittercard: Five words and one more\n---\na"}}, ""},
		{"of one language with itself nobody asks a translation", "languages: [en, en-GB]\n",
		 {{"content/x.md", "---\ntitle: x\n" LONG "\n---\na"}, {"content/x.en-GB.md", "---\ntitle: x\n" LONG "\n---\na"}}, ""},
		{"scripts without spaces", "languages: [ja, zh]\n",
		 {{"content/x.md", "---\ntitle: 東京都の新しい図書館\n---\na"},
		  {"content/x.zh.md", "---\ntitle: 東京都の新しい図書館\n---\na"}},
		 "x.zh.md:2:8 translation/untranslated\n"},
	};

	(void)state;
	RUN(cases);
}

/* --- paths ------------------------------------------------------------------------------ */

static void finds_clashes(void **state)
{
	static const struct site_case cases[] = {
		{"two posts at one path", NULL,
		 {{"content/2020-01-01-x.md", HEAD "a"}, {"content/2021-01-01-x.md", HEAD "a"}},
		 "2021-01-01-x.md:1:1 path/clash error\n"},
		{"by a slug", NULL, {{"content/a.md", HEAD "a"}, {"content/b.md", "---\ntitle: x\nslug: a\n---\na"}},
		 "b.md:3:7 path/clash error\n"},
		{"each group is told once", NULL,
		 {{"content/a.md", HEAD "a"}, {"content/a.it.md", HEAD "a"}, {"content/b.md", "---\ntitle: x\nurl: /a\n---\na"},
		  {"content/b.it.md", "---\ntitle: x\nurl: /a\n---\na"}},
		 "b.it.md:3:6 path/clash error\n"},
		{"translations share their path", NULL, {{"content/a.md", HEAD "a"}, {"content/a.it.md", HEAD "a"}}, ""},
		{"a post where a section's list would be", NULL,
		 {{"content/posts/a.md", HEAD "a"}, {"content/posts.md", HEAD "a"}}, ""},
		{"an alias that is a path", NULL,
		 {{"content/a.md", HEAD "a"}, {"content/b.md", "---\ntitle: x\naliases: [/old, /a/]\n---\na"}},
		 "b.md:3:17 alias/clash error\n"},
		{"an alias that is an alias", NULL,
		 {{"content/a.md", "---\ntitle: x\naliases: /old\n---\na"},
		  {"content/b.md", "---\ntitle: x\naliases:\n  - /older\n  - /old\n---\na"}},
		 "b.md:5:5 alias/clash error\n"},
		{"translations may share aliases, and name their own path", NULL,
		 {{"content/a.md", "---\ntitle: x\naliases: [/old, /a]\n---\na"},
		  {"content/a.it.md", "---\ntitle: x\naliases: [/old]\n---\na"}}, ""},
		{"an alias for a section's path", NULL,
		 {{"content/posts/a.md", "---\ntitle: x\naliases: [/posts]\n---\na"}}, ""},
		{"an alias that no request is for", NULL, {{"content/a.md", "---\ntitle: x\naliases: ['https://e.org/x', /a?b]\n---\na"}},
		 "a.md:3:11 alias/address\na.md:3:30 alias/address\n"},
		{"aliases from where the posts are", NULL,
		 {{"content/c/a.md", "---\ntitle: x\naliases: [manual, ../o]\n---\na"}, {"content/d/b.md", "---\ntitle: x\naliases: manual\n---\n"}}, ""},
		{"an alias without its slash is one all the same", NULL,
		 {{"content/a.md", "---\ntitle: x\naliases: [old/x]\n---\na"}, {"content/b.md", "---\ntitle: x\naliases: [a]\n---\n[b](/old/x)"}},
		 "b.md:3:11 alias/clash error\n"},
		{"a path by a date from the first language", "permalinks: {posts: '/:year/:slug'}\n",
		 {{"content/posts/a.md", "---\ntitle: x\ndate: 2020-02-03\n---\na"}, {"content/posts/a.it.md", HEAD "[b](/2020/a) [c](/posts/a)"}},
		 "posts/a.it.md:4:18 link/broken\n"},
	};

	(void)state;
	RUN(cases);
}

#define TARGET {"content/posts/y.md", HEAD "a"}
static void follows_links(void **state)
{
	static const struct site_case cases[] = {
		{"to nothing", NULL, {POST("See [this](/nowhere) and\n<a href='/none'>that</a>.\n")},
		 "x.md:4:12 link/broken\nx.md:5:10 link/broken\n"},
		{"to posts, lists, files and elsewhere", NULL,
		 {POST("[a](/posts/y) [b](posts/y) [b](../posts/y/) [c](/posts/y/?lang=it#top) [d](/posts/) [e](/) [f](/x)\n"
		       "[g](#top) [h](?lang=it) [i](https://example.org/nowhere) [j](//example.org/x) [k](mailto:a@b)\n"
		       "[l](/files/a%20b.txt) [m](files/a%20b.txt) [n](/old) [o](/feed.atom) [p](/2020/04/) [q]() <a>r</a>\n"),
		  {"content/posts/y.md", "---\ntitle: x\naliases: [/old]\n---\na"}, {"content/files/a b.txt", "a"}},
		 "x.md:4:19 link/broken\n"},
		{"relative ones go on from the post", NULL,
		 {TARGET, {"content/posts/x.md", HEAD "[a](../y) [b](y) [c](z/../../y) [d](../../../posts/y)"}},
		 "posts/x.md:4:15 link/broken\n"},
		{"sources are not sent", NULL, {TARGET, {"content/posts/x.md", HEAD "[a](y.md) [b](/posts/y.md)"}},
		 "posts/x.md:4:5 link/broken\nposts/x.md:4:15 link/broken\n"},
		{"only what is below the mount is ours", "base_url: https://example.org/blog\n",
		 {TARGET, POST("[a](/blog/posts/y) [b](/posts/z) [c](/blog/posts/z) [d](/blogs) [e](/blog) [f](/blog/?x)")},
		 "x.md:4:38 link/broken\n"},
		{"languages in the path", "urls: prefix\n",
		 {TARGET, POST("[a](/it/posts/y) [b](/it/) [c](/it) [d](/it/z) [e](/fr/posts/y)")},
		 "x.md:4:41 link/broken\nx.md:4:52 link/broken\n"},
		{"a definition is told once, where the address is", NULL,
		 {POST("[a][r], [b][R], [r].\n\n> text\n>\n> [r]: </nowhere> 'title'\n")}, "x.md:8:9 link/broken\n"},
		{"references, autolinks and letters of two bytes", NULL,
		 {POST("[è][r] <https://e.org/x> è[ü](/nò) [r]: /x\n\n[r]: /x\n")}, "x.md:4:31 link/broken\n"},
		{"code and comments are no links", NULL,
		 {POST("`[a](/n)` \\[a](/n) <!-- [a](/n) -->\n\n```\n[a](/n)\n```\n\n    [a](/n)\n\n- a\n\n      [a](/n)\n")}, ""},
		{"in lists, quotes, tables and headings", NULL,
		 {POST("# [a](/n)\n\n- > 1. [a](/n)\n\n| a | b |\n|---|---|\n| x | [a](/n) |\n\n\t- [a](/n)\n")},
		 "x.md:4:7 link/broken\nx.md:6:12 link/broken\nx.md:10:11 link/broken\n"},
		{"what a template was to fill in", NULL, {POST("[a](/{{x}}) [b]({{x}}/y)")}, ""},
		{"to a post that cannot be read", NULL, {POST("[a](/posts/z)"), {"content/posts/z.md", "---\nx"}},
		 "posts/z.md:1:1 frontmatter/unclosed error\n"},
		{"no address at all", NULL, {POST("[a](/100%)")}, "x.md:4:5 link/broken\n"},
		{"raw HTML that nobody sees", "html: safe\n", {POST("<a href='/n'>a</a> [b](/n)")}, "x.md:4:24 link/broken\n"},
	};

	(void)state;
	RUN(cases);
}

static void looks_for_images(void **state)
{
	static const struct site_case cases[] = {
		{"missing", NULL, {POST("![a](/a.png) ![a](a.png) <img src='/a.png' alt=''>\n\n![a][r]\n\n[r]: /b.png\n")},
		 "x.md:4:6 image/missing\nx.md:4:19 image/missing\nx.md:4:36 image/missing\nx.md:8:6 image/missing\n"},
		{"beside the post, from the root, in its language, below its path", NULL,
		 {{"content/p/x.md", HEAD "![a](a.png) ![a](../i/a%20b.png) ![a](/i/a%20b.png) ![a](c.png?v=1) ![a](d.png)"},
		  {"content/p/a.png", ""}, {"content/i/a b.png", ""}, {"content/p/c.en.png", ""}, {"content/p/x/d.png", ""}}, ""},
		{"elsewhere", "base_url: https://example.org/blog\n",
		 {POST("![a](https://e.org/a.png) ![a](//e.org/a.png) ![a](data:image/png;base64,AAAA) ![a](/a.png)")}, ""},
		{"in the front matter", NULL,
		 {{"content/x.md", "---\ntitle: x\ntwitterimage: /a.png\nimages: [https://e.org/x.png, /b.png]\n---\na"}},
		 "x.md:3:15 image/missing\nx.md:4:31 image/missing\n"},
		{"a source is no image", NULL, {POST("![a](x.md)")}, "x.md:4:6 image/missing\n"},
		{"without a text", NULL,
		 {POST("![](a.png) ![ ](a.png) <img src=a.png> [![](a.png)](https://e.org)\n"), {"content/a.png", ""}},
		 "x.md:4:1 image/no-alt\nx.md:4:12 image/no-alt\nx.md:4:24 image/no-alt\nx.md:4:41 image/no-alt\n"},
		{"with a text, or a word that it needs none", NULL,
		 {POST("![`a`](a.png) ![a][] <img src=a.png alt> <img src=a.png role=presentation>\n"
		       "<img src=a.png aria-hidden=true> `![](a.png)`\n\n[a]: a.png\n"), {"content/a.png", ""}}, ""},
	};

	(void)state;
	RUN(cases);
}

/* --- front matter --------------------------------------------------------------------------- */

static void reads_front_matter(void **state)
{
	static const struct site_case cases[] = {
		{"no title", NULL, {{"content/x.md", "---\ndate: 2020-01-01\n---\ntext\n"}}, "x.md:1:1 frontmatter/no-title\n"},
		{"an empty one, or no front matter", NULL,
		 {{"content/x.md", "---\ntitle: \"\"\n---\ntext\n"}, {"content/y.md", "text"}},
		 "x.md:1:1 frontmatter/no-title\ny.md:1:1 frontmatter/no-title\n"},
		{"a heading is one", NULL, {{"content/x.md", "---\ndate: 2020-01-01\n---\n\n# Title\n"}, {"content/y.md", "# Title\n"}}, ""},
		{"in JSON", NULL, {{"content/x.md", "{\n  \"title\": \"x\",\n  \"taggs\": [\"a\"]\n}\ntext\n"}},
		 "x.md:3:3 frontmatter/unknown-key\n"},
		{"mistyped keys", NULL,
		 {{"content/x.md", "---\ntitel: x\ntitle: y\ndescripton: x\n'tag': [x]\npublish_date: 2020-01-01\nè: x\n---\na"}},
		 "x.md:2:1 frontmatter/unknown-key\nx.md:4:1 frontmatter/unknown-key\nx.md:5:1 frontmatter/unknown-key\n"
		 "x.md:6:1 frontmatter/unknown-key\n"},
		{"with a byte order mark and \\r\\n", NULL,
		 {{"content/x.md", "\xef\xbb\xbf---\r\ntitle: x\r\nauthr: y\r\n---\r\n![](a.png)\r\n"}, {"content/a.png", ""}},
		 "x.md:3:1 frontmatter/unknown-key\nx.md:5:1 image/no-alt\n"},
		{"keys of others", NULL,
		 {{"content/x.md", "---\nTITLE: x\nLastMod: 2020-01-01\nheight: 400\nimageAlt: x\nauthor_id: 3\nupdate: 2020-01-01\n"
		   "rate: 5\nimage2: x\ntwitterAlt: a long text\ntype: post\nmenu: main\nsubtitle: x\nparams: {titel: x}\nlinkTitle: x\n---\na"}},
		 ""},
		{"a value that the field could not take", NULL, {{"content/x.md", "---\ntitle: x\ndat: soon\ndrft: x\n---\na"}}, ""},
		{"in the future", NULL, {{"content/x.md", "---\ntitle: x\ndate: 2999-01-01\n---\na"}}, "x.md:3:7 time/future\n"},
		{"by its publish date, or its name", NULL,
		 {{"content/x.md", "---\ntitle: x\ndate: 2020-01-01\npublishDate: 2999-01-01\n---\na"},
		  {"content/2999-01-01-y.md", HEAD "a"}},
		 "2999-01-01-y.md:1:1 time/future\nx.md:4:14 time/future\n"},
		{"published before its date", NULL,
		 {{"content/x.md", "---\ntitle: x\ndate: 2999-01-01\npublishDate: 2020-01-01\n---\na"}}, ""},
		{"expired", NULL, {{"content/x.md", "---\ntitle: x\nexpiryDate: 2020-01-01\n---\na"}}, "x.md:3:13 time/expired\n"},
		{"not yet, and a draft", NULL,
		 {{"content/x.md", "---\ntitle: x\nexpiryDate: 2999-01-01\n---\na"},
		  {"content/y.md", "---\ntitle: x\ndraft: true\ndate: 2999-01-01\nexpiryDate: 2020-01-01\n---\na"}}, ""},
		{"errors that were there before", NULL,
		 {{"content/x.md", "---\ntitle: a: b\n---\na"}, {"content/y.md", "+++\ntitle = 'x'\n+++\na"},
		  {"content/z.md", "---\ntitle: x\ndate: soon\n---\na"}},
		 "x.md:2:9 yaml/colon error\ny.md:1:1 frontmatter/toml error\nz.md:3:7 frontmatter/date error\n"},
	};

	(void)state;
	RUN(cases);
}

/* Also of texts that nobody took for posts. */
static void finds_the_front_matter(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column; /* of the first key; 0: there is none */
	} cases[] = {
		{"---\na: b\n---\n", 2, 1}, {"\xef\xbb\xbf---\r\n a: b\r\n...\r\n", 2, 2}, {"{ \"a\": {\"b\": \"}\"} }\nx", 1, 3},
		{"{\n\"a\": 1}", 2, 1},     {"", 0, 0},	{"---", 0, 0},	       {"---\n", 0, 0},
		{"---\n---\n", 0, 0},	      {"---\na: b", 0, 0}, {"---\na: b\n", 0, 0}, {"{", 0, 0},
		{"{\"a\"", 0, 0},	      {"{a: b}", 0, 0},	{"{{< a >}}", 0, 0},   {"---\n- a\n---\n", 0, 0},
		{"---\na: b: c\n---\n", 0, 0}, {"text\n---\na: b\n---\n", 0, 0},
		{"---\n---\na: b\n---\n", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = guard_copy(str_from(cases[i].text));
		const struct yaml_node *root = check_front_tree(&arena, text);
		if ((root != NULL) != (cases[i].line > 0))
			fail_msg("%s", cases[i].text);
		if (root) {
			assert_int_equal(root->first->key->line, cases[i].line);
			assert_int_equal(root->first->key->column, cases[i].column);
		}
		guard_free(text);
	}
}

/* The list of fields here and the one in frontmatter.c are one list: of each
 * name there, a letter less is a mistake. */
static void knows_every_field(void **state)
{
	FILE *source = fopen("fcgi/frontmatter.c", "r");
	char line[200], name[64];
	int count = 0;

	(void)state;
	if (!source)
		skip();
	while (fgets(line, sizeof(line), source)) {
		if (sscanf(line, "\t{\"%63[a-z]\", read_", name) != 1)
			continue;
		count++;
		const char *text = arena_printf(&arena, "---\n%s:\n---\n", name).p;
		assert_null(check_front_meant(check_front_tree(&arena, str_from(text))->first));
		struct str all = str_from(name);
		text = arena_printf(&arena, "---\n%.*s:\n---\n", (int)all.n - 1, name).p;
		/* These are others without their last letter, or too short to tell. */
		if (all.n < 5 || !strcmp(name, "authors") || !strcmp(name, "images"))
			continue;
		if (!check_front_meant(check_front_tree(&arena, str_from(text))->first))
			fail_msg("check_front.c does not know %s", name);
	}
	fclose(source);
	assert_true(count > 20);
}

/* --- text ---------------------------------------------------------------------------------------- */

static void judges_dividers(void **state)
{
	static const struct site_case cases[] = {
		{"nothing before it", NULL, {POST("\n<!--more-->\n\ntext\n")}, "x.md:5:1 divider/first\n"},
		{"only a comment", NULL, {POST("<!-- note -->\n\n<!-- More go on -->\n\ntext\n")}, "x.md:6:1 divider/first\n"},
		{"an image is something", NULL, {POST("<img src='https://e.org/x' alt=''>\n\n<!--more-->\n\ntext\n")}, ""},
		{"twice", NULL, {POST("a\n\n<!--more-->\n\nb <!--more-->\n\n> <!--more-->\n")},
		 "x.md:8:3 divider/second\nx.md:10:3 divider/second\n"},
		{"only in code", NULL, {POST("a\n\n```\n  <!--more-->\n```\n\n    <!--more-->\n")}, "x.md:7:3 divider/in-code\n"},
		{"in code by a mistake", NULL, {POST("a\n\n```sh\nls\n\n<!--more-->\n\nb\n")}, "x.md:9:1 divider/in-code\n"},
		{"in code too", NULL, {POST("a\n\n<!--more-->\n\n```\n<!--more-->\n```\n")}, ""},
		{"only mentioned", NULL, {POST("Write `<!--more-->` for it.\n\n    put <!--more--> there\n")}, ""},
		{"no dividers", NULL, {POST("<!--moreover-->\n\na <!-- no more -->\n\n<!-- <!--more-->\n")}, ""},
		{"without raw HTML they still count", "html: safe\n", {POST("<!--more-->\n\na\n")}, "x.md:4:1 divider/first\n"},
	};

	(void)state;
	RUN(cases);
}

static void judges_references(void **state)
{
	static const struct site_case cases[] = {
		{"undefined", NULL, {POST("è [a text][ref], [`code`][] and ![img][r].\n\n参见[文本][引用] [2019][x]\n\n[other]: https://e.org\n")},
		 "x.md:4:3 reference/undefined\nx.md:4:18 reference/undefined\nx.md:4:33 reference/undefined\n"
		 "x.md:6:3 reference/undefined\nx.md:6:12 reference/undefined\n"},
		{"defined, in any case and spacing", NULL,
		 {POST("[a][Ref], [ref][], [ref], [b][ ref\n  x ].\n\n[REF]: https://e.org\n[ref x]: https://e.org\n")}, ""},
		{"a definition that is none", NULL, {POST("[a text][r]\n\n[r]: {{ site.url }}/x y\n")}, "x.md:4:1 reference/undefined\n"},
		{"brackets that are text", NULL,
		 {POST("[just text] and matrix[i][j], f(x)[0][1], a[b][], [1][2], [a-z][0-9]+, [^a][b], [][x], [ ][x], x[y][z]\n\n"
		       "- [ ] task\n- [x] done\n\n`[a text][ref]` \\[a text][ref]\n\n    [a text][ref]\n")}, ""},
		{"a note without a text", NULL, {POST("Said[^1] and [^two].\n\n[^1]: here\n")}, "x.md:4:14 footnote/undefined\n"},
		{"notes with a text, anywhere", NULL,
		 {POST("a[^1] b[^Two] c[^3]\n\n> [^1]: x\n\n[^two]: y\n    z\n[^3]:\n    text\n")}, ""},
		{"regular expressions", NULL, {POST("[^a-z], [^,]+, [^abc]*, [^ ] and `[^x]` are none, nor is \\[^x].\n")}, ""},
		{"with the other engine", "markdown: commonmark\n", {POST("[a text][r] b[^n]\n")},
		 "x.md:4:1 reference/undefined\nx.md:4:14 footnote/undefined\n"},
	};

	(void)state;
	RUN(cases);
}

static void judges_html(void **state)
{
	static const struct site_case cases[] = {
		{"left open", NULL, {POST("a <b>c\n\n<div>\n\n<span>d</span>\n")}, "x.md:4:3 html/unbalanced\nx.md:6:1 html/unbalanced\n"},
		{"ends nothing", NULL, {POST("a</b>\n\n</div>\n")}, "x.md:4:2 html/unbalanced\nx.md:6:1 html/unbalanced\n"},
		{"crossed: told once", NULL, {POST("<b><i>x</b></i>\n")}, "x.md:4:4 html/unbalanced\n"},
		{"closed by its slash", NULL, {POST("<a name='x'/> text <br/> <img src='https://e.org/x' alt=''/>\n")},
		 "x.md:4:1 html/unbalanced\n"},
		{"words in angle brackets, each once", NULL, {POST("A Vec<T> and <name> and <T>.\n")},
		 "x.md:4:6 html/unbalanced\nx.md:4:14 html/unbalanced\n"},
		{"balanced over blank lines", NULL,
		 {POST("<details><summary>a</summary>\n\ntext <em>x</em>\n\n</details>\n\n<DIV>\n</div>\n")}, ""},
		{"end tags that may be missing", NULL,
		 {POST("<ul><li>a<li>b</ul>\n\n<table><tr><td>a<td>b</table>\n\n<p>text\n\n<dl><dt>a<dd>b</dl>\n")}, ""},
		{"SVG, scripts and comments", NULL,
		 {POST("<svg><path d='x'/><g><title/></g></svg>\n\n<script>\nif (a<b) x('</div>');\n</script>\n\n<!-- <div> -->\n")}, ""},
		{"code, escapes and links", NULL,
		 {POST("`<div>` \\<div> a < b > c <https://e.org> &lt;div>\n\n    <div>\n\n```html\n<div>\n```\n")}, ""},
		{"a comment without an end", NULL, {POST("a\n\n<div>\n<!-- b\n\nc -->\n</div>\n\n<!-- note\n\n> d\n\n<!-- e\n")},
		 "x.md:12:1 html/unbalanced\n"},
		{"in a quote", NULL, {POST("> <!-- note\n> a\n\nb\n")}, "x.md:4:3 html/unbalanced\n"},
		{"a tag without an end", NULL, {POST("a\n\n<div class=\"b\n\nc\n")}, "x.md:6:1 html/unbalanced\n"},
		{"none of either", NULL, {POST("a <!-- b\n\n`<!--` \\<!-- <b\n\n    <!-- c\n")}, ""},
		{"not shown", "html: safe\n", {POST("<div>\n\ntext <b>\n\n<!-- a\n")}, ""},
		{"inside a shortcode", NULL, {POST("{{<figure src=\"https://e.org/x\" alt=\"<b>x\">}}\n")}, ""},
		{"in a shortcode's code", NULL,
		 {POST("{{< highlight html >}}\n<b>\n{{< /highlight >}}\n\n<i>x\n")}, "x.md:8:1 html/unbalanced\n"},
	};

	(void)state;
	RUN(cases);
}

/* A chat log: <names> enough between a tag and its end. */
static void looks_past_many_names(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	buf_puts(&text, HEAD "<div>\n<p><b>");
	for (int i = 0; i < 700; i++)
		buf_printf(&text, "<name%d> <other>\n", i % 300);
	buf_puts(&text, "</b></p></div>\n");
	struct site_case c = {"many names", NULL, {{"content/x.md", buf_z(&text)}}, ""};
	struct buf expected = BUF_EMPTY;
	for (int i = 0; i < 300; i++)
		buf_printf(&expected, "x.md:%d:%d html/unbalanced\n%s", i + 5, i ? 1 : 7,
			   i ? "" : "x.md:5:15 html/unbalanced\n");
	c.expected = buf_z(&expected);
	run_case(&c);
	buf_release(&text);
	buf_release(&expected);
}

static void judges_shortcodes(void **state)
{
	static const struct site_case cases[] = {
		{"a theme's, of both kinds, also in tags", NULL,
		 {POST("{{< figure src=\"//e.org/x\" alt=x >}} a\n\n{{% notice %}}\nb {{</ notice >}}\n\n"
		       "<p title='{{<w>}}'>\na\n{{< y\nz >}}\n</p>\n")},
		 "x.md:6:1 shortcode/unknown\nx.md:9:11 shortcode/unknown\nx.md:11:1 shortcode/unknown\n"},
		{"broken", NULL,
		 {POST("{{< details >}} {{< /a >}} {{< youtube >}} {{% param x %}} {{< b \"\n\n"
		       "[a]({{< ref \"none\" >}}) [b]({{< ref \"x\" >}})\n")},
		 "x.md:4:1 shortcode/broken\nx.md:4:17 shortcode/broken\nx.md:4:28 shortcode/broken\n"
		 "x.md:4:44 shortcode/broken\nx.md:4:60 shortcode/broken\nx.md:6:5 link/broken\n"},
		{"figures of nothing, for nobody", NULL,
		 {POST("{{< figure src=\"no.png\" >}}\n\n> {{% figure \"/no.png\" caption=\"\" %}}\n\n"
		       "- {{< figure caption=c link=\"/none\" src=none/x.png />}}\n\n{{< figure src=\"a\\\"b.png\" alt=a >}}\n")},
		 "x.md:4:1 image/no-alt\nx.md:4:17 image/missing\nx.md:6:3 image/no-alt\nx.md:6:15 image/missing\n"
		 "x.md:8:41 image/missing\nx.md:10:1 image/missing\nx.md:8:30 link/broken\n"},
		{"figures of something, or none", NULL,
		 {POST("{{< figure src=\"dot.png\" alt=\"\" >}} {{< figure src=\"https://e.org/x\" caption=\"a\" link=\"#x\" >}}\n\n"
		       "`{{< figure src=\"no.png\" >}}` {{</* figure src=\"no.png\" */>}}\n\n"
		       "{{< highlight md >}}\n{{< figure src=\"no.png\" >}}\n{{< /highlight >}}\n"),
		  {"content/dot.png", "x"}}, ""},
		{"both engines, one text", NULL,
		 {POST("{{< figure src=\"https://e.org/x\" alt=x caption=\"a *b*\" >}}\n\n- {{< youtube 1 >}}\n")}, ""},
		{"shown on purpose, or none", NULL,
		 {POST("`{{< a >}}` {{</* a */>}} {{ a }} {{ .Title }} {{% %}} {{<>}}\n\n```\n{{< a >}}\n```\n\n    {{% a %}}\n")}, ""},
	};

	(void)state;
	RUN(cases);
}

#define FIVE "> > > > > "
static void compares_engines(void **state)
{
	static const struct site_case cases[] = {
		{"deeper than discount goes", NULL, {POST("text\n\n" FIVE FIVE FIVE FIVE FIVE "a\n")}, "x.md:6:1 markdown/dialect\n"},
		{"not with the other engine", "markdown: commonmark\n", {POST(FIVE FIVE FIVE FIVE FIVE "a\n")}, ""},
		{"not where the post chooses it", NULL,
		 {{"content/x.md", "---\ntitle: x\nmarkdown: commonmark\n---\n" FIVE FIVE FIVE FIVE FIVE "a\n"}}, ""},
		{"a definition list is meant", NULL, {POST("term\n: what it means\n")}, ""},
		{"where both show the same", NULL,
		 {POST("# A *b* `c`\n\n1) x\n2) y\n   - z\n\n| a | b |\n|---|---|\n| c | d |\n\n~~~ sh\nls\n~~~\n<details>\n\ne\n\n</details>\n")}, ""},
	};

	(void)state;
	RUN(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_at_file_names), cmocka_unit_test(compares_translations),
		cmocka_unit_test(finds_clashes),       cmocka_unit_test(follows_links),
		cmocka_unit_test(looks_for_images),    cmocka_unit_test(reads_front_matter),
		cmocka_unit_test(knows_every_field),   cmocka_unit_test(judges_dividers),
		cmocka_unit_test(judges_references),   cmocka_unit_test(judges_html),
		cmocka_unit_test(looks_past_many_names), cmocka_unit_test(judges_shortcodes),   cmocka_unit_test(compares_engines),
		cmocka_unit_test(finds_the_front_matter),
	};

	return cmocka_run_group_tests(tests, testarena_set_up, testarena_tear_down);
}
