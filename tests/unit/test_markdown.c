/* test_markdown.c: what an author writes, and the HTML that comes of it, with
 * both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "html.h"
#include "markdown.h"
#include "markdown_prepare.h"
#include "markdown_repair.h"

static const char *const ENGINES[] = {"discount", "commonmark"};

static void render(enum markdown_engine engine, struct markdown_options options, struct str source,
		   struct buf *html)
{
	struct buf err = BUF_EMPTY;
	struct str body = guard_copy(source);

	options.engine = engine;
	buf_reset(html);
	if (markdown_render(body, &options, html, &err) != 0)
		fail_msg("%s: %s", ENGINES[engine], buf_z(&err));
	guard_free(body);
	buf_release(&err);
}

struct rendering {
	const char *rule, *source, *html;
};

static unsigned check(const struct rendering *c, enum markdown_engine engine,
		      struct markdown_options options)
{
	struct buf html = BUF_EMPTY;

	render(engine, options, str_from(c->source), &html);
	unsigned wrong = strcmp(buf_z(&html), c->html) != 0;
	if (wrong)
		print_error("%s, %s:\n%s\n--- want\n%s\n--- got\n%s\n", c->rule, ENGINES[engine],
			    c->source, c->html, buf_z(&html));
	buf_release(&html);
	return wrong;
}

static void check_engine(const struct rendering *cases, size_t n, enum markdown_engine engine,
			 struct markdown_options options)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += check(&cases[i], engine, options);
	assert_int_equal(wrong, 0);
}

#define CHECK_ENGINE(engine, cases, ...) \
	check_engine(cases, sizeof(cases) / sizeof((cases)[0]), engine, \
		     (struct markdown_options){__VA_ARGS__})
#define CHECK_BOTH(cases, ...) \
	CHECK_ENGINE(MARKDOWN_DISCOUNT, cases, __VA_ARGS__); \
	CHECK_ENGINE(MARKDOWN_COMMONMARK, cases, __VA_ARGS__)

/* Blocks ------------------------------------------------------------------- */

static const struct rendering BLOCKS[] = {
	{"nothing", "", ""},
	{"blank lines", "\n \n\t\n", ""},
	{"paragraphs", "one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"},
	{"list right under a text", "text\n- a\n- b\n",
	 "<p>text</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
	{"a number other than 1 does not interrupt", "In\n1984. Then.", "<p>In\n1984. Then.</p>\n"},
	{"1) is a list", "1) a\n2) b\n", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"},
	{"a list starts with its number", "7. a\n8. b\n",
	 "<ol start=\"7\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
	{"another marker, another list", "- a\n* b\n1. c\n1) d\n",
	 "<ul>\n<li>a</li>\n</ul>\n<ul>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n</ol>\n"
	 "<ol>\n<li>d</li>\n</ol>\n"},
	{"two columns nest under a bullet", "- a\n  - b\n    - c\n",
	 "<ul>\n<li>a\n<ul>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>\n"},
	{"loose items are paragraphs", "- a\n\n- b\n",
	 "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"},
	{"a loose list in a tight one", "- a\n  1. b\n\n     c\n- d\n",
	 "<ul>\n<li>a\n<ol>\n<li>\n<p>b</p>\n<p>c</p>\n</li>\n</ol>\n</li>\n<li>d</li>\n</ul>\n"},
	{"an empty item", "- a\n-\n- c\n", "<ul>\n<li>a</li>\n<li></li>\n<li>c</li>\n</ul>\n"},
	{"a lazy line in an item", "- a\nb\n\nc\n", "<ul>\n<li>a\nb</li>\n</ul>\n<p>c</p>\n"},
	{"task list", "- [ ] a\n- [x] b\n",
	 "<ul>\n<li><input type=\"checkbox\" disabled> a</li>\n"
	 "<li><input type=\"checkbox\" checked disabled> b</li>\n</ul>\n"},
	{"a link named x is no task", "- [x](u) a\n",
	 "<ul>\n<li><a href=\"u\">x</a> a</li>\n</ul>\n"},
	{"two quotes in a row", "> a\n\n> b\n",
	 "<blockquote>\n<p>a</p>\n</blockquote>\n<blockquote>\n<p>b</p>\n</blockquote>\n"},
	{"a quote ends before a list", "> a\n- b\n",
	 "<blockquote>\n<p>a</p>\n</blockquote>\n<ul>\n<li>b</li>\n</ul>\n"},
	{"a lazy line in a quote", "> a\nb\n", "<blockquote>\n<p>a\nb</p>\n</blockquote>\n"},
	{"a list in a quote in a list", "- > 1. a\n  >    b\n",
	 "<ul>\n<li>\n<blockquote>\n<ol>\n<li>a\nb</li>\n</ol>\n</blockquote>\n</li>\n</ul>\n"},
	{"headings", "# a\n### b ###\n#c\n####### d\n",
	 "<h1>a</h1>\n<h3>b</h3>\n<p>#c\n####### d</p>\n"},
	{"a heading that ends in #", "## C#\n", "<h2>C#</h2>\n"},
	{"an empty heading", "##\n", "<h2></h2>\n"},
	{"underlined headings", "a\n=\n\nb\n---\n", "<h1>a</h1>\n<h2>b</h2>\n"},
	{"rules", "a\n***\n- - -\n___\n", "<p>a</p>\n<hr />\n<hr />\n<hr />\n"},
	{"heading ids", "# a {#x}\n\nb {#y-1}\n---\n\n# c {#z", 
	 "<h1 id=\"x\">a</h1>\n<h2 id=\"y-1\">b</h2>\n<h1>c {#z</h1>\n"},
	{"an id with a quote is text", "# a {#x\"y}\n", "<h1>a {#x&quot;y}</h1>\n"},
	{"what looks like another block", "\\# a\n\n+1. a\n\n\\- a\n\n= a =\n\n->a<-\n",
	 "<p># a</p>\n<p>+1. a</p>\n<p>- a</p>\n<p>= a =</p>\n<p>-&gt;a&lt;-</p>\n"},
	{"a table", "a|b\n-|:-:\nc|d\ne\n",
	 "<table>\n<thead>\n<tr>\n<th>a</th>\n<th style=\"text-align: center\">b</th>\n"
	 "</tr>\n</thead>\n"
	 "<tbody>\n<tr>\n<td>c</td>\n<td style=\"text-align: center\">d</td>\n</tr>\n"
	 "<tr>\n<td>e</td>\n<td style=\"text-align: center\"></td>\n</tr>\n</tbody>\n</table>\n"},
	{"a table without rows", "| a |\n|---|\n",
	 "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n</table>\n"},
	{"a table under a text", "text\n| a |\n|---|\n| `x\\|y` |\n",
	 "<p>text</p>\n<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n"
	 "<tbody>\n<tr>\n<td><code>x|y</code></td>\n</tr>\n</tbody>\n</table>\n"},
	{"pipes are no table", "a | b\n--- | --- | ---\n", "<p>a | b\n--- | --- | ---</p>\n"},
};

/* What the engines rightly show otherwise. */
static const struct rendering DISCOUNT[] = {
	{"definition lists", "a\n: b *c*\n\nd\n\n: e\n",
	 "<dl>\n<dt>a</dt>\n<dd>b <em>c</em></dd>\n<dt>d</dt>\n<dd>\n<p>e</p>\n</dd>\n</dl>\n"},
	{"two terms, two definitions", "a\nb\n:   c\n    d\n: e\n\n  f\n",
	 "<dl>\n<dt>a</dt>\n<dt>b</dt>\n<dd>c\nd</dd>\n<dd>\n<p>e</p>\n<p>f</p>\n</dd>\n</dl>\n"},
	{"an underlined heading of two lines", "a\nb\n===\n", "<h1>a b</h1>\n"},
};

static const struct rendering COMMONMARK[] = {
	{"no definition lists", "a\n: b *c*\n", "<p>a\n: b <em>c</em></p>\n"},
	{"an underlined heading of two lines", "a\nb\n===\n", "<h1>a\nb</h1>\n"},
};

static void test_blocks(void **state)
{
	(void)state;
	CHECK_BOTH(BLOCKS, .safe = false);
	CHECK_ENGINE(MARKDOWN_DISCOUNT, DISCOUNT, .safe = false);
	CHECK_ENGINE(MARKDOWN_COMMONMARK, COMMONMARK, .safe = false);
}

static const struct rendering CODE[] = {
	{"a language", "```bash\na\n```\n",
	 "<pre><code class=\"language-bash\">a\n</code></pre>\n"},
	{"right under a text", "a\n```\nb\n```\nc\n",
	 "<p>a</p>\n<pre><code>b\n</code></pre>\n<p>c</p>\n"},
	{"empty", "```\n```\n", "<pre><code></code></pre>\n"},
	{"open to the end", "~~~\na\n\nb", "<pre><code>a\n\nb\n</code></pre>\n"},
	{"an info string with = and *", "~~~ r, echo=F *x*\na\n~~~\n",
	 "<pre><code class=\"language-r,\">a\n</code></pre>\n"},
	{"longer fences hold shorter ones", "````\n```\n````\n", "<pre><code>```\n</code></pre>\n"},
	{"in an item", "1. a\n   ```c\n   int  x;\n     y\n   ```\n2. b\n",
	 "<ol>\n<li>a\n<pre><code class=\"language-c\">int  x;\n  y\n</code></pre>\n</li>\n"
	 "<li>b</li>\n</ol>\n"},
	{"ends with its quote", "> ```\n> a\nb\n",
	 "<blockquote>\n<pre><code>a\n</code></pre>\n</blockquote>\n<p>b</p>\n"},
	{"indented", "a\n\n    b\n\n\tc\n\nd\n",
	 "<p>a</p>\n<pre><code>b\n\nc\n</code></pre>\n<p>d</p>\n"},
	{"as it is written", "    \\* &amp; <b> \"'*x*\n",
	 "<pre><code>\\* &amp;amp; &lt;b&gt; &quot;'*x*\n</code></pre>\n"},
	{"tabs stay", "```\n\ta\tb\n```\n", "<pre><code>\ta\tb\n</code></pre>\n"},
	{"a divider in it is code", "```\n<!--more-->\n```\n",
	 "<pre><code>&lt;!--more--&gt;\n</code></pre>\n"},
	{"spans", "`` a`b `` and `\\*` and ` ` and `a\nb`",
	 "<p><code>a`b</code> and <code>\\*</code> and <code> </code> and <code>a b</code></p>\n"},
	{"an open span", "`a ``b", "<p>`a ``b</p>\n"},
	{"a divider in a span", "`<!--more-->`", "<p><code>&lt;!--more--&gt;</code></p>\n"},
};

static void test_code(void **state)
{
	(void)state;
	CHECK_BOTH(CODE, .safe = false);
}

static const struct rendering SPANS[] = {
	{"an escaped apostrophe", "l\\'apertura", "<p>l'apertura</p>\n"},
	{"every escape", 
	 "\\!\\\"\\#\\$\\%\\&\\'\\(\\)\\*"
	 "\\+\\,\\-\\.\\/\\:\\;\\<\\=\\>\\?\\@\\[\\\\\\]\\^\\_\\`\\{\\|\\}\\~",
	 "<p>!&quot;#$%&amp;'()*+,-./:;&lt;=&gt;?@[\\]^_`{|}~</p>\n"},
	{"a backslash before a letter", "C:\\dir", "<p>C:\\dir</p>\n"},
	{"line breaks", "a  \nb\\\nc\nd  ", "<p>a<br />\nb<br />\nc\nd</p>\n"},
	{"emphasis in a word", "t**he [link](x)**. un*frigging*able",
	 "<p>t<strong>he <a href=\"x\">link</a></strong>. un<em>frigging</em>able</p>\n"},
	{"no emphasis", "2 * 3 * 4, a * b*, snake_case_name, 5*6", 
	 "<p>2 * 3 * 4, a * b*, snake_case_name, 5*6</p>\n"},
	{"both", "***a** b* **a *b***",
	 "<p><em><strong>a</strong> b</em> <strong>a <em>b</em></strong></p>\n"},
	{"next to CJK punctuation", "**日本。**語 **日本**語",
	 "<p>**日本。**語 <strong>日本</strong>語</p>\n"},
	{"struck out", "~~a~~ ~b~ ~~~c~~~ ~", "<p><del>a</del> <del>b</del> ~~~c~~~ ~</p>\n"},
	{"references", "&copy; &amp; &#42; &lt; & &x", "<p>© &amp; * &lt; &amp; &amp;x</p>\n"},
	{"link targets", "[a](<x y>) [b](x(y)z) [c](x 'it\"s') [d]() [e](x\n\"t\")",
	 "<p><a href=\"x%20y\">a</a> <a href=\"x(y)z\">b</a> "
	 "<a href=\"x\" title=\"it&quot;s\">c</a> <a href=\"\">d</a> "
	 "<a href=\"x\" title=\"t\">e</a></p>\n"},
	{"what is no link", "[a](x y) [b] [c][d] ](", "<p>[a](x y) [b] [c][d] ](</p>\n"},
	{"references to definitions", "[A b][x] [X] [x][]\n\n[x]:\n  /u\n  'T'\n",
	 "<p><a href=\"/u\" title=\"T\">A b</a> <a href=\"/u\" title=\"T\">X</a> "
	 "<a href=\"/u\" title=\"T\">x</a></p>\n"},
	{"definitions anywhere", "- [x]\n\n> [x]: /u\n",
	 "<ul>\n<li><a href=\"/u\">x</a></li>\n</ul>\n<blockquote>\n</blockquote>\n"},
	{"of two definitions the first", "[x]\n\n[x]: /1\n[x]: /2\n",
	 "<p><a href=\"/1\">x</a></p>\n"},
	{"images", "![a *b* `c`](u \"t\") [![i](u)](v)",
	 "<p><img src=\"u\" alt=\"a b c\" title=\"t\" /> "
	 "<a href=\"v\"><img src=\"u\" alt=\"i\" /></a></p>\n"},
	{"no link in a link", "[a [b](c) d](e)", "<p>[a <a href=\"c\">b</a> d](e)</p>\n"},
	{"autolinks", "<https://a.b/?c=d&e> <x@y.org>",
	 "<p><a href=\"https://a.b/?c=d&amp;e\">https://a.b/?c=d&amp;e</a> "
	 "<a href=\"mailto:x@y.org\">x@y.org</a></p>\n"},
	{"bare URLs", "(see http://a.b/c_d_e). www.a.org, x@y.org; no@where",
	 "<p>(see <a href=\"http://a.b/c_d_e\">http://a.b/c_d_e</a>). "
	 "<a href=\"http://www.a.org\">www.a.org</a>, "
	 "<a href=\"mailto:x@y.org\">x@y.org</a>; no@where</p>\n"},
	{"a bare URL in a link is its text", "[http://a.b x@y.org](c)",
	 "<p><a href=\"c\">http://a.b x@y.org</a></p>\n"},
	{"not the dialect", "(c) (tm) 1/2 A^B 'x' -- ...\n\n=a=\n\n%x%\n\n[a](class:b)\n",
	 "<p>(c) (tm) 1/2 A^B 'x' -- ...</p>\n<p>=a=</p>\n<p>%x%</p>\n"
	 "<p><a href=\"class:b\">a</a></p>\n"},
	{"what looks like a placeholder", "Zabcdefg0z <!--Zabcdefg0z-->",
	 "<p>Zabcdefg0z <!--Zabcdefg0z--></p>\n"},
};

static void test_spans(void **state)
{
	(void)state;
	CHECK_BOTH(SPANS, .safe = false);
}

static const struct rendering RAW[] = {
	{"a block ends at a blank line", "<div>\n*a*\n\n*b*\n</div>\n",
	 "<div>\n*a*\n<p><em>b</em></p>\n</div>\n"},
	{"blocks of HTML 5", "<figure>\n<video src=x></video>\n</figure>\n\n<details>\n",
	 "<figure>\n<video src=x></video>\n</figure>\n<details>\n"},
	{"a tag alone on its line", "<x-y a='b'>\n*a*\n", "<x-y a='b'>\n*a*\n"},
	{"a script to its end", "<script>\n\n*a*\n</script>\n*b*\n",
	 "<script>\n\n*a*\n</script>\n<p><em>b</em></p>\n"},
	{"in an item", "- a\n\n  <div>\n  b\n  </div>\n",
	 "<ul>\n<li>\n<p>a</p>\n<div>\nb\n</div>\n</li>\n</ul>\n"},
	{"inline", "a <b class=\"c\">*d*</b> <br/> <3 a<b <!-- *x* -->",
	 "<p>a <b class=\"c\"><em>d</em></b> <br/> &lt;3 a&lt;b <!-- *x* --></p>\n"},
	{"an open comment", "<!-- a\n\nb", "<!-- a\n\nb\n"},
	{"no tag", "a <b c=> d <e", "<p>a &lt;b c=&gt; d &lt;e</p>\n"},
	{"dividers", "a\n\n<!--more-->\n\nb <!-- MORE  Read on --> c\n<!--more-->\nd\n",
	 "<p>a</p>\n<!--more-->\n<p>b <!-- MORE  Read on --> c</p>\n<!--more-->\n<p>d</p>\n"},
	{"a divider in an item", "- a\n\n  <!--more-->\n- b\n",
	 "<ul>\n<li>\n<p>a</p>\n<!--more-->\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"},
};

static void test_raw_html(void **state)
{
	(void)state;
	CHECK_BOTH(RAW, .safe = false);
}

/* With raw HTML allowed, too. */
static const struct rendering LINKS[] = {
	{"no links that run",
	 "[a](javascript:x) [b](JAVA&#83;CRIPT:x) [c](vbscript:x) [d](data:text/html,x) [e]\n\n[e]: <javascript:x>\n",
	 "<p><a href=\"\">a</a> <a href=\"\">b</a> <a href=\"\">c</a> <a href=\"\">d</a> <a href=\"\">e</a></p>\n"},
	{"autolinks, images", "<javascript:x> ![a](data:image/png;base64,AA) ![b](data:image/svg+xml,x)",
	 "<p><a href=\"\">javascript:x</a> <img src=\"data:image/png;base64,AA\" alt=\"a\" /> <img src=\"\" alt=\"b\" /></p>\n"},
	{"raw HTML is its author's", "<a href=\"javascript:x\">a</a> [b](mailto:x@y.z) [c](tel:1&2) [d](x?a&b:c)",
	 "<p><a href=\"javascript:x\">a</a> <a href=\"mailto:x@y.z\">b</a> <a href=\"tel:1&amp;2\">c</a> "
	 "<a href=\"x?a&amp;b:c\">d</a></p>\n"},
};

static const struct rendering SAFE[] = {
	{"no blocks", "<script>\nalert(1)\n</script>\n\na\n", "<p>a</p>\n"},
	{"no tags", "a <b onclick=x>b</b> <!-- c -->", "<p>a b </p>\n"},
	{"dividers stay", "a <!--more--> b\n\n<div><!-- More --><i>\n\nc\n",
	 "<p>a <!--more--> b</p>\n<!-- More -->\n<p>c</p>\n"},
	{"no links that run",
	 "[a](javascript:x) [b](JAVA&#83;CRIPT:x) [c](vbscript:x) [d](data:text/html,x)",
	 "<p><a href=\"\">a</a> <a href=\"\">b</a> <a href=\"\">c</a> <a href=\"\">d</a></p>\n"},
	{"nor by definition or autolink", "[a] <javascript:x>\n\n[a]: javascript:x\n",
	 "<p><a href=\"\">a</a> <a href=\"\">javascript:x</a></p>\n"},
	{"images may hold data", "![a](data:image/png;base64,AA) ![b](data:image/svg+xml,x)",
	 "<p><img src=\"data:image/png;base64,AA\" alt=\"a\" /> <img src=\"\" alt=\"b\" /></p>\n"},
	{"others may", "[a](mailto:x@y.z) [b](tel:1) [c](/javascript:) [d](x?data:)",
	 "<p><a href=\"mailto:x@y.z\">a</a> <a href=\"tel:1\">b</a> <a href=\"/javascript:\">c</a> "
	 "<a href=\"x?data:\">d</a></p>\n"},
	{"attributes stay closed", "[a](x\"onclick=y) ![b\" c](x 'd\" e')",
	 "<p><a href=\"x%22onclick=y\">a</a> <img src=\"x\" "
	 "alt=\"b&quot; c\" title=\"d&quot; e\" /></p>\n"},
	{"notes and tasks are ours", "- [ ] a[^1]\n\n[^1]: b\n",
	 "<ul>\n<li><input type=\"checkbox\" disabled> a<sup id=\"fnref:1\"><a href=\"#fn:1\" "
	 "class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup></li>\n</ul>\n"
	 "<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n<li id=\"fn:1\">\n"
	 "<p>b&#160;<a href=\"#fnref:1\" class=\"footnote-backref\" role=\"doc-backlink\">"
	 "&#x21a9;&#xfe0e;</a></p>\n</li>\n</ol>\n</div>\n"},
};

static void test_safe(void **state)
{
	(void)state;
	CHECK_BOTH(LINKS, .safe = false);
	CHECK_BOTH(SAFE, .safe = true);
}

#define REF(id, n) \
	"<sup id=\"" id "\"><a href=\"#fn:" n "\" class=\"footnote-ref\" role=\"doc-noteref\">" n \
	"</a></sup>"
#define BACK(id) \
	"&#160;<a href=\"#" id "\" class=\"footnote-backref\" role=\"doc-backlink\">" \
	"&#x21a9;&#xfe0e;</a>"
#define NOTES(items) \
	"<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n" items "</ol>\n</div>\n"

static const struct rendering FOOTNOTES[] = {
	{"by first reference, twice referred to",
	 "a[^y] b[^x] c[^y]\n\n[^x]: X\n[^y]: Y\n[^z]: Z\n",
	 "<p>a" REF("fnref:1", "1") " b" REF("fnref:2", "2") " c" REF("fnref1:1", "1") "</p>\n"
	 NOTES("<li id=\"fn:1\">\n<p>Y" BACK("fnref:1") BACK("fnref1:1") "</p>\n</li>\n"
	       "<li id=\"fn:2\">\n<p>X" BACK("fnref:2") "</p>\n</li>\n")},
	{"of several blocks", "a[^1]\n\n[^1]: b\n\n    c\n\n    ```\n    d\n    ```\n\ne\n",
	 "<p>a" REF("fnref:1", "1") "</p>\n<p>e</p>\n"
	 NOTES("<li id=\"fn:1\">\n<p>b</p>\n<p>c</p>\n<pre><code>d\n</code></pre>\n" BACK("fnref:1")
	       "\n</li>\n")},
	{"undefined", "a[^1] `[^2]`\n\n[^2]: x\n", "<p>a[^1] <code>[^2]</code></p>\n"},
	{"none at all", "[^a b\nc d] e\n", "<p>[^a b\nc d] e</p>\n"},
	{"after an exclamation mark", "Wow![^1]\n\n[^1]: b\n",
	 "<p>Wow!" REF("fnref:1", "1") "</p>\n"
	 NOTES("<li id=\"fn:1\">\n<p>b" BACK("fnref:1") "</p>\n</li>\n")},
};

static void test_footnotes(void **state)
{
	(void)state;
	CHECK_BOTH(FOOTNOTES, .safe = false);
}

static const struct rendering STRICT[] = {
	{"{#id} is text", "# a {#b}\n", "<h1>a {#b}</h1>\n"},
	{": is text", "a\n: b\n", "<p>a\n: b</p>\n"},
};

static void test_strict(void **state)
{
	(void)state;
	CHECK_BOTH(STRICT, .strict = true);
}

/* Properties ---------------------------------------------------------------------- */

/* Nothing that an author can write is taken for a placeholder: not even one
 * that was right for the text without it. */
static void test_guessed_placeholder(void **state)
{
	struct markdown_options options = {.engine = MARKDOWN_DISCOUNT};
	struct str source = STR_LIT("# `a` {#b}\n\n- <i>c</i>\n");
	struct buf text = BUF_EMPTY, body = BUF_EMPTY, html = BUF_EMPTY;
	struct markdown_slots slots;
	struct arena arena;
	bool definitions;

	(void)state;
	arena_init(&arena, 0);
	markdown_prepare(source, &options, &arena, &slots, &text, &definitions);
	buf_str(&body, source);
	buf_printf(&body, "\n%s8z <!--%s8z--> <%s8z>\n", slots.nonce, slots.nonce, slots.nonce);
	render(MARKDOWN_DISCOUNT, options, buf_view(&body), &html);
	struct str want = arena_printf(&arena, "<p>%s8z <!--%s8z--> <%s8z></p>\n", slots.nonce,
				       slots.nonce, slots.nonce);
	assert_true(str_ends(buf_view(&html), want.p));
	assert_true(str_starts(buf_view(&html), "<h1 id=\"b\"><code>a</code></h1>\n"));
	buf_release(&text);
	buf_release(&body);
	buf_release(&html);
	arena_release(&arena);
}

/* Every prefix of a text with everything in it: constructs without an end. */
static void test_cut_anywhere(void **state)
{
	static const char source[] =
		"# a {#b}\n\n> - [x] *c* `d` <b title=\"e\">f</b>\n>   1. g[^1]\n\n"
		"```sh\nh\n```\n\n| i | j |\n|--:|---|\n| k | ![l](m \"n\") |\n\n"
		"term\n: def\n\n<div>\n\n<!--more Read-->\n\n"
		"[o][p] <http://q.r> www.s.t u@v.w ~~x~~\n\n[p]: <y> 'z'\n[^1]: note\n\n    more\n";
	struct buf html = BUF_EMPTY;

	(void)state;
	for (size_t n = 0; n < sizeof(source); n++) {
		struct str cut = {source, n};
		for (int safe = 0; safe < 2; safe++) {
			struct markdown_options options = {.safe = safe};
			render(MARKDOWN_DISCOUNT, options, cut, &html);
			render(MARKDOWN_COMMONMARK, options, cut, &html);
		}
	}
	buf_release(&html);
}

/* What costs discount or a careless parser quadratic time, 64 kB of it.  The
 * bound is some 50 times what a slow machine needs. */
static void test_hostile(void **state)
{
	static const char *const pieces[] = {
		"[", "![", "<", "`", "``` ", "*a", "***a", "a*b_", "[a](", "[a](x '", "[a](<",
		"<!--", "<a b='", "<?", "&a", "\\", "a@", "http://", "- ", "> ", "1. ", "- a\n",
		"a\n", "|a", "|-|\n", "[a]", "[a]: b\n", "[^a]", "[^a]:\n", "a\n: b\n", "```\n",
		"Z", "(", "<div>\n"};
	struct markdown_options options = {.engine = MARKDOWN_DISCOUNT};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buf body = BUF_EMPTY, text = BUF_EMPTY, html = BUF_EMPTY;
		struct markdown_slots slots;
		struct arena arena;
		bool definitions;
		while (body.n < 64 * 1024)
			buf_puts(&body, pieces[i]);
		clock_t start = clock();
		arena_init(&arena, 0);
		markdown_prepare(buf_view(&body), &options, &arena, &slots, &text, &definitions);
		markdown_repair(buf_view(&text), &slots, &html);
		double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		if (seconds > 1.5)
			fail_msg("\"%s\" took %.2f s", pieces[i], seconds);
		arena_release(&arena);
		buf_release(&body);
		buf_release(&text);
		buf_release(&html);
	}
}

/* Deep nesting becomes text, and discount's stack is safe. */
static void test_deep(void **state)
{
	static const char *const markers[] = {"> ", "- ", "1. "};
	struct markdown_options options = {.engine = MARKDOWN_DISCOUNT};
	struct buf body = BUF_EMPTY, html = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		buf_reset(&body);
		for (size_t k = 0; k < 20000; k++)
			buf_puts(&body, markers[i]);
		buf_puts(&body, "end");
		render(MARKDOWN_DISCOUNT, options, buf_view(&body), &html);
		assert_true(str_find(buf_view(&html), "end") < html.n);
	}
	buf_release(&body);
	buf_release(&html);
}

/* The two posts that the site was made for. */
static void test_seeds(void **state)
{
	const char *shared = getenv("CARTOLINA_SHARED");
	struct markdown_options options = {.engine = MARKDOWN_DISCOUNT};
	struct buf path = BUF_EMPTY, source = BUF_EMPTY, html = BUF_EMPTY;

	(void)state;
	buf_printf(&path, "%s/seeds/milan.it.md", shared ? shared : "../shared");
	FILE *file = fopen(buf_z(&path), "r");
	if (!file) {
		fprintf(stderr, "test_markdown: no %s: skipped\n", buf_z(&path));
		buf_release(&path);
		skip();
	}
	assert_int_equal(buf_read_fd(&source, fileno(file)), 0);
	fclose(file);
	struct str body = str_skip(buf_view(&source), str_find(buf_view(&source), "\n---\n") + 5);
	for (int engine = 0; engine < 2; engine++) {
		render((enum markdown_engine)engine, options, body, &html);
		struct str out = buf_view(&html);
		assert_int_equal(str_find(out, "\\"), out.n);
		assert_true(str_find(out, ">l'apertura\ndella Regione AWS Europe\n(") < out.n);
		assert_true(str_find(out, "\n<!--more-->\n") < out.n);
	}
	buf_release(&path);
	buf_release(&source);
	buf_release(&html);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_raw_html),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_footnotes),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_guessed_placeholder),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
