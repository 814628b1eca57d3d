/* test_shortcode.c: shortcodes as readers meet them: Markdown in, HTML out, with
 * both engines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "../lib/tempsite.h"
#include "post.h"
#include "shortcode.h"
#include "shortcode_ref.h"
#include "shortcode_tag.h"
#include "value.h"

enum { REPORT_SIZE = 1000 };

struct page {
	struct arena arena;
	struct shortcode_context context;
	char reports[REPORT_SIZE]; /* "name@offset=problem " */
	struct buf html;
};

static void note(void *reporting, struct str name, size_t offset, enum shortcode_problem problem)
{
	struct page *page = reporting;
	size_t n = strnlen(page->reports, REPORT_SIZE - 1);

	snprintf(page->reports + n, REPORT_SIZE - n, "%.*s@%zu=%d ", STR_ARG(name), offset,
		 (int)problem);
}

static void start(struct page *page)
{
	*page = (struct page){.context = {
		.place = {
			.mount = "/blog",
			.lang = "en",
			.folder = STR_LIT("posts"),
			.path = STR_LIT("/posts/x"),
		},
		.title = STR_LIT("The title"),
		.params = STR_LIT("{\"foo\":\"a & *b*\",\"n\":42,\"yes\":true,\"list\":[1],"
				  "\"Deep\":{\"er\":\"down\"},\"bad\":\"javascript\","
				  "\"url\":\"https://example.org/x_y\"}"),
		.report = note,
		.reporting = page,
	}};
	arena_init(&page->arena, 0);
	value_pool(&page->arena);
}

static void end(struct page *page)
{
	buf_release(&page->html);
	arena_release(&page->arena);
}

/* The HTML, lines joined: where they break is the engines' affair. */
static const char *show(struct page *page, struct str markdown, enum markdown_engine engine)
{
	struct buf err = BUF_EMPTY;

	page->context.markdown.engine = engine;
	page->reports[0] = 0;
	buf_reset(&page->html);
	int result = shortcode_render(&page->arena, markdown, &page->context, &page->html, &err);
	assert_int_equal(result, 0);
	assert_int_equal(err.n, 0);
	buf_release(&err);
	size_t n = 0;
	for (size_t i = 0; i < page->html.n; i++)
		if (page->html.p[i] != '\n')
			page->html.p[n++] = page->html.p[i];
	buf_truncate(&page->html, n);
	return buf_z(&page->html);
}

static void expect(const char *markdown, const char *html)
{
	for (int engine = MARKDOWN_DISCOUNT; engine <= MARKDOWN_COMMONMARK; engine++) {
		struct page page;
		start(&page);
		const char *shown = show(&page, str_from(markdown), (enum markdown_engine)engine);
		assert_string_equal(shown, html);
		end(&page);
	}
}

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

struct both {
	const char *markdown, *html;
};

static void expect_all(const struct both *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(cases[i].markdown, cases[i].html);
}

static void figures(void **state)
{
	static const struct both cases[] = {
		{"{{< figure src=\"a.png\" alt=\"A & B\" title=\"T *it*\" caption=\"C *it* "
		 "[l](http://x)\" >}}",
		 "<figure><img src=\"a.png\" alt=\"A &amp; B\"><figcaption><h4>T *it*</h4>"
		 "<p>C <em>it</em> <a href=\"http://x\">l</a></p></figcaption></figure>"},
		{"{{% figure src=a.png caption=\"only **cap**\" %}}",
		 "<figure><img src=\"a.png\" alt=\"only cap\"><figcaption><p>only <strong>"
		 "cap</strong></p>"
		 "</figcaption></figure>"},
		{"{{<figure src = \"a.png\" class = `c \"d\"` link=/x target=_blank rel=r "
		 "width=1 height=2 loading=lazy>}}",
		 "<figure class=\"c &quot;d&quot;\"><a href=\"/x\" target=\"_blank\" rel=\"r\">"
		 "<img src=\"a.png\" width=\"1\" height=\"2\" loading=\"lazy\"></a></figure>"},
		{"{{< figure src=a.png alt=\"\" attr=\"by *me*\" attrlink=https://y >}}",
		 "<figure><img src=\"a.png\" alt=\"\"><figcaption><p><a href=\"https://y\">by "
		 "<em>me</em></a></p>"
		 "</figcaption></figure>"},
		{"{{< figure src=\"a.png\" alt=\"say \\\"x\\\"\" >}}",
		 "<figure><img src=\"a.png\" alt=\"say &quot;x&quot;\"></figure>"},
		{"{{< figure\n  src=\"a.png\"\n\n  alt=\"x\"\n>}}", "<figure><img src=\"a.png\" "
		 "alt=\"x\"></figure>"},
		/* Nothing in an argument reaches out of the figure. */
		{"{{< figure src=a.png caption=\"a</p></figure><b>x\" >}}",
		 "<figure><img src=\"a.png\" alt=\"ax\"><figcaption><p>a<b>x</b></p></figcaption>"
		 "</figure>"},
		{"{{< figure src=a.png caption=\"- a\" >}}",
		 "<figure><img src=\"a.png\" alt=\"a\"><figcaption><p>a</p></figcaption></figure>"},
		{"{{< figure src=\"javascript:x\" link=\"JavaScript:y\" attr=z "
		 "attrlink=\"vbscript:z\" >}}",
		 "<figure><figcaption><p>z</p></figcaption></figure>"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void places(void **state)
{
	static const char item[] = "{{< figure src=a >}}";
	static const struct {
		const char *before, *after, *html;
	} cases[] = {
		{"text\n\n", "\n\n*more*", "<p>text</p>F<p><em>more</em></p>"},
		{"text\n", "\nmore", "<p>text</p>F<p>more</p>"},
		{"a ", " b", "<p>a </p>F <p>b</p>"},
		{"*a ", " b*", "<p><em>a </em></p>F <p><em>b</em></p>"},
		{"*", "*", "F"},
		{"- ", "\n- b", "<ul><li>F</li><li>b</li></ul>"},
		{"> ", "", "<blockquote>F</blockquote>"},
		{"<div>\n", "\n</div>", "<div>F</div>"},
		{"<div>\n    ", "\n</div>", "<div>F</div>"},
		{"", "\n---\n\nx", "F<hr /><p>x</p>"},
		/* A link stays one. */
		{"[", "](/y)", "<a href=\"/y\">F</a>"},
		{"[a ", " b](/y \"t\")", "<p><a href=\"/y\" title=\"t\">a </a></p><a href=\"/y\" "
		 "title=\"t\">F</a> <p><a href=\"/y\" title=\"t\">b</a></p>"},
	};
	(void)state;

	for (size_t i = 0; i < N_OF(cases); i++) {
		char markdown[200], html[400];
		const char *f = strchr(cases[i].html, 'F');
		snprintf(markdown, sizeof(markdown), "%s%s%s", cases[i].before, item,
			 cases[i].after);
		snprintf(html, sizeof(html), "%.*s<figure><img src=\"a\"></figure>%s",
			 (int)(f - cases[i].html), cases[i].html, f + 1);
		expect(markdown, html);
	}
}

/* An indented list item is no code, and what is in one keeps its place. */
static void in_items(void **state)
{
	struct str item = STR_LIT("1.  one\n\n    {{< figure src=a >}}\n\n    end\n");
	struct page page;
	(void)state;

	for (int engine = MARKDOWN_DISCOUNT; engine <= MARKDOWN_COMMONMARK; engine++) {
		start(&page);
		const char *html = show(&page, item, (enum markdown_engine)engine);
		const char *figure = strstr(html, "<figure>");
		assert_non_null(figure);
		assert_non_null(strstr(figure, "<p>end</p></li></ol>"));
		assert_null(strstr(html, "<code>"));
		end(&page);
	}
}

static void code(void **state)
{
	static const struct both cases[] = {
		{"`{{< figure src=a >}}`", "<p><code>{{&lt; figure src=a &gt;}}</code></p>"},
		{"``a\n` {{< x >}}``", "<p><code>a ` {{&lt; x &gt;}}</code></p>"},
		{"```\n{{< x >}}\n```", "<pre><code>{{&lt; x &gt;}}</code></pre>"},
		{"~~~\n```\n{{< x >}}\n~~~", "<pre><code>```{{&lt; x &gt;}}</code></pre>"},
		{"- ```\n  {{< x >}}\n  ```", "<ul><li><pre><code>{{&lt; x &gt;}}</code></pre>"
		 "</li></ul>"},
		{"> ```\n> {{< x >}}\n\n{{< x >}}",
		 "<blockquote><pre><code>{{&lt; x &gt;}}</code></pre></blockquote>"},
		{"    {{< x >}}", "<pre><code>{{&lt; x &gt;}}</code></pre>"},
		{"a\n\n\t{{< x >}}", "<p>a</p><pre><code>{{&lt; x &gt;}}</code></pre>"},
		/* An indented line that goes on a paragraph is text, and so is an odd backtick. */
		{"a\n    {{< param n >}}", "<p>a42</p>"},
		{"a ` {{< param n >}}", "<p>a ` 42</p>"},
		{"a \\` {{< param n >}} `", "<p>a ` 42 `</p>"},
		{"a ` b\n\n{{< param n >}} `", "<p>a ` b</p><p>42 `</p>"},
		{"<!-- {{< x >}} -->", "<!-- {{< x >}} -->"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void comments(void **state)
{
	static const struct both cases[] = {
		{"see {{</* figure src=\"x\" */>}} and {{%/* a */%}}",
		 "<p>see {{&lt; figure src=&quot;x&quot; &gt;}} and {{% a %}}</p>"},
		{"{{</*b*/>}}", "<p>{{&lt;b&gt;}}</p>"},
		{"{{</* *a* */>}}", "<p>{{&lt; *a* &gt;}}</p>"},
		{"`{{</* x */>}}`", "<p><code>{{&lt; x &gt;}}</code></p>"},
		{"```\n{{</* x\n  y */>}}\n```\n\n{{< param n >}}",
		 "<pre><code>{{&lt; x  y &gt;}}</code></pre><p>42</p>"},
		{"    {{%/* x */%}}", "<pre><code>{{% x %}}</code></pre>"},
		{"{{</* x", "<p>{{&lt;/* x</p>"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void enclosing(void **state)
{
	static const struct both cases[] = {
		{"{{< highlight go >}}\n  a < b && \"x\"\n\n*y*\n{{< /highlight >}}\n\nz",
		 "<pre><code class=\"language-go\">  a &lt; b &amp;&amp; &quot;x&quot;*y*</code>"
		 "</pre><p>z</p>"},
		{"{{< highlight md >}}\n```\n{{</* x */>}} {{< y >}}\n{{< /highlight >}}\n\nz",
		 "<pre><code class=\"language-md\">```{{&lt; x &gt;}} {{&lt; y &gt;}}</code>"
		 "</pre><p>z</p>"},
		{"a {{< highlight go \"hl_inline=true\" >}}<b>{{< /highlight >}} c",
		 "<p>a <code class=\"language-go\">&lt;b&gt;</code> c</p>"},
		/* The marks of a block quote are not what is enclosed. */
		{"> {{< highlight go >}}\n> a\n>   > b\n>\n> c\n> {{< /highlight >}}",
		 "<blockquote><pre><code class=\"language-go\">a  &gt; bc</code></pre></blockquote>"},
		{"> - > a {{< details >}}\n>   > - b\nc\n>   > {{< /details >}}",
		 "<blockquote><ul><li><blockquote><p>a </p><details><summary>Details</summary>"
		 "<ul><li>bc</li></ul></details></blockquote></li></ul></blockquote>"},
		{"{{% highlight %}}x{{% /highlight %}}", "<pre><code>x</code></pre>"},
		{"{{< details summary=\"See *it*\" open=true class=k >}}\nA **bold** word.\n\n- "
		 "x\n{{< /details >}}",
		 "<details class=\"k\" open><summary>See <em>it</em></summary>"
		 "<p>A <strong>bold</strong> word.</p><ul><li>x</li></ul></details>"},
		{"{{< details >}}a{{% details \"two\" %}}b{{% /details %}}{{< /details >}}c",
		 "<details><summary>Details</summary><p>a</p><details><summary>two</summary><p>"
		 "b</p></details>"
		 "</details><p>c</p>"},
		{"1.  a\n\n    {{< details >}}\n    b\n    {{< /details >}}",
		 "<ol><li><p>a</p><details><summary>Details</summary><p>b</p></details></li></ol>"},
		{"{{< details >}}\n<p><b>a</p></b>\n{{< /details >}}",
		 "<details><summary>Details</summary><p><b>a</p></b></details>"},
		{"{{< details >}}<div>{{< /details >}}\n\nafter",
		 "<details><summary>Details</summary><div></div></details><p>after</p>"},
		{"a {{< comment >}} {{< x >}} `b {{< /comment >}}c `d`", "<p>a c <code>d</code>"
		 "</p>"},
		{"{{< x.inline >}}{{ .Page }}{{< /x.inline >}}z", "<p>z</p>"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void strangers(void **state)
{
	static const struct both cases[] = {
		{"{{< alert >}}\n*a* [l][r]\n{{< /alert >}}\n\n[r]: /u", "<p><em>a</em> <a "
		 "href=\"/u\">l</a></p>"},
		{"{{% tabs %}} {{% tab \"x\" %}}\n\n```sh\nls\n```\n\n{{% /tab %}} {{% /tabs %}}",
		 "<pre><code class=\"language-sh\">ls</code></pre>"},
		{"a {{< icon x >}} b", "<p>a  b</p>"},
		{"a\n\n{{< toc >}}\n\nb", "<p>a</p><p>b</p>"},
		{"a {{< b >}}c{{< /b >}} d {{< e />}}", "<p>a c d </p>"},
		/* Indentation between the tags of a pair is layout. */
		{"{{< gallery >}}\n\n    {{< figure src=a >}}\n\n{{< /gallery >}}",
		 "<figure><img src=\"a\"></figure>"},
		{"{{< t >}} {{% u %}}\n\n```\na\n```\n\n    {{% /u %}} {{< /t >}}\n\nb",
		 "<pre><code>a</code></pre><p>b</p>"},
		{"{{< a >}}b{{< c >}}d{{< /a >}}e{{< /c >}}f", "<p>bdef</p>"},
		{"{{< figure src=a >}}in{{< /figure >}}", "<figure><img src=\"a\"></figure><p>"
		 "in</p>"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

#define SHAPE " style=\"position:relative;padding-bottom:56.25%;height:0;overflow:hidden\""
#define FILL " style=\"position:absolute;top:0;left:0;width:100%;height:100%;border:0\""
#define FRAME " loading=\"lazy\" referrerpolicy=\"strict-origin-when-cross-origin\""

static void embeds(void **state)
{
	static const struct both cases[] = {
		{"{{< youtube a-b_C >}}",
		 "<div" SHAPE "><iframe src=\"https://www.youtube-nocookie.com/embed/a-b_C\"" FILL
		 " title=\"YouTube video\"" FRAME " allowfullscreen></iframe></div>"},
		{"{{<youtube id=\"a\\\"&<\" class=k title=\"T & t\" autoplay=true start=30 "
		 "allowFullScreen=false>}}",
		 "<div class=\"k\"><iframe "
		 "src=\"https://www.youtube-nocookie.com/embed/a%22%26%3C?autoplay=1&amp;mute=1"
		 "&amp;start=30\" title=\"T &amp; t\"" FRAME "></iframe></div>"},
		{"{{< vimeo 55073825 >}}",
		 "<div" SHAPE "><iframe src=\"https://player.vimeo.com/video/55073825?dnt=1\"" FILL
		 " title=\"Vimeo video\"" FRAME " allowfullscreen></iframe></div>"},
		{"{{< gist spf13 7896402 >}}",
		 "<p><a href=\"https://gist.github.com/spf13/7896402\">"
		 "gist.github.com/spf13/7896402</a></p>"},
		{"{{< gist spf13 7896402 \"Img.html\" >}}",
		 "<p><a href=\"https://gist.github.com/spf13/7896402#file-img-html\">"
		 "gist.github.com/spf13/7896402</a></p>"},
		{"{{< x user=\"a\" id=1 >}} {{< tweet 2 >}} {{< twitter b 3 >}}",
		 "<p><a href=\"https://x.com/a/status/1\">x.com/a/status/1</a> "
		 "<a href=\"https://x.com/i/status/2\">x.com/i/status/2</a> "
		 "<a href=\"https://x.com/b/status/3\">x.com/b/status/3</a></p>"},
		{"{{< instagram BWN >}}",
		 "<p><a href=\"https://www.instagram.com/p/BWN/\">www.instagram.com/p/BWN/</a>"
		 "</p>"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void params(void **state)
{
	static const struct both cases[] = {
		{"{{< param foo >}} {{% param foo %}} {{< param FOO >}}", "<p>a &amp; *b* a "
		 "&amp; <em>b</em> a &amp; *b*</p>"},
		{"{{< param n >}} {{< param yes >}} {{< param deep.er >}} {{< param \"title\" >}}",
		 "<p>42 true down The title</p>"},
		{"[{{< param n >}}]({{< param url >}}) <{{% param url %}}>",
		 "<p><a href=\"https://example.org/x_y\">42</a> "
		 "<a href=\"https://example.org/x_y\">https://example.org/x_y</a></p>"},
		{"[r]\n\n[r]: <{{% param url %}}>", "<p><a href=\"https://example.org/x_y\">r</a>"
		 "</p>"},
		{"a {{< param none >}}{{< param list >}} b", "<p>a  b</p>"},
		{"<a title=\"{{< param foo >}}\">x</a>", "<p><a title=\"a &amp; *b*\">x</a></p>"},
		{"![{{< param n >}}](i.png)", "<p><img src=\"i.png\" alt=\"42\" /></p>"},
		{"a <{{< param n >}}>", "<p>a &lt;42&gt;</p>"},
		{"{{< param n >}}\n===\n\n{{< param none >}}\n---", "<h1>42</h1><hr />"},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void broken(void **state)
{
	static const struct both cases[] = {
		{"{{< figure src=\"x\ny", "<p>{{&lt; figure src=&quot;xy</p>"},
		{"{{<b", "<p>{{&lt;b</p>"},
		{"{{<b a=1> c", "<p>{{&lt;b a=1&gt; c</p>"},
		{"{{< a %}}", "<p>{{&lt; a %}}</p>"},
		{"{{< a {{< param n >}}", "<p>{{&lt; a 42</p>"},
		{"{{<>}} {{< >}} {{</ >}}", "<p>{{&lt;&gt;}} {{&lt; &gt;}} {{&lt;/ &gt;}}</p>"},
		{"{{< details >}}x", "<p>x</p>"},
		{"{{< highlight go >}}*x*", "<p><em>x</em></p>"},
		{"x{{< /details >}}", "<p>x</p>"},
		{"{{< youtube >}}", ""},
	};
	(void)state;

	expect_all(cases, N_OF(cases));
}

static void reports(void **state)
{
	static const struct {
		const char *markdown, *reports;
	} cases[] = {
		{"{{< figure src=a >}} {{< param n >}} {{</* x */>}} `{{< y >}}`", ""},
		{"a {{< alert >}}b {{% icon %}}{{< /alert >}}", "alert@2=1 icon@17=1 "},
		{"{{< details >}} {{< /alert >}}", "details@0=2 alert@16=3 "},
		{"\xc3\xa9 {{< figure src=\"", "figure@3=4 "},
		{"{{< youtube >}}{{< param none >}}{{< ref \"no.md\" >}}",
		 "youtube@0=5 param@15=7 ref@33=6 "},
		{"{{< details >}}{{< in >}}{{< /details >}}", "in@15=1 "},
		{"{{< comment >}}{{< in >}}{{< /comment >}}{{< out >}}", "out@41=1 "},
	};
	(void)state;

	for (size_t i = 0; i < N_OF(cases); i++) {
		struct page page;
		start(&page);
		show(&page, str_from(cases[i].markdown), MARKDOWN_COMMONMARK);
		assert_string_equal(page.reports, cases[i].reports);
		end(&page);
	}
}

/* Raw HTML is not allowed: shortcodes are, but bring in no scripts. */
static void safe(void **state)
{
	static const struct both cases[] = {
		{"{{< figure src=a caption=\"<b>x</b>\" >}}",
		 "<figure><img src=\"a\" alt=\"x\"><figcaption><p>x</p></figcaption></figure>"},
		{"{{< highlight >}}x{{< /highlight >}}", "<pre><code>x</code></pre>"},
		{"[a]({{< param url >}})", "<p><a href=\"https://example.org/x_y\">a</a></p>"},
		{"[a]({{< param bad >}}:x)", "<p><a>a</a></p>"},
		{"[a]({{< ref \"javascript:x\" >}})", "<p><a>a</a></p>"},
		{"[a {{< youtube 1 >}}{{< gist u 1 >}}]({{< param bad >}}:x)\n{{< figure src=a >}}",
		 NULL},
	};
	(void)state;

	for (int engine = MARKDOWN_DISCOUNT; engine <= MARKDOWN_COMMONMARK; engine++) {
		for (size_t i = 0; i < N_OF(cases); i++) {
			struct page page;
			start(&page);
			page.context.markdown.safe = true;
			const char *html = show(&page, str_from(cases[i].markdown),
						(enum markdown_engine)engine);
			if (cases[i].html)
				assert_string_equal(html, cases[i].html);
			assert_null(strstr(html, "javascript:"));
			end(&page);
		}
	}
}

static void strict(void **state)
{
	struct page page;
	(void)state;

	start(&page);
	page.context.markdown.strict = true;
	assert_string_equal(show(&page, STR_LIT("{{% param n %}}"), MARKDOWN_COMMONMARK),
			    "<p>{{% param n %}}</p>");
	end(&page);
}

static void arguments(void **state)
{
	static const struct {
		const char *tag;
		size_t length;
		const char *first, *key;
	} cases[] = {
		{"{{< a b key=c >}}x", 17, "b", "c"},
		{"{{<a`b >}}`key=\"c\\\"\">}}", 23, "b >}}", "c\""},
		{"{{% a key = `c` \"b\"/%}}", 23, "b", "c"},
		{"{{< a https://x/?y=1 key= >}}", 29, "https://x/?y=1", ""},
		{"{{</a>}}", 8, "", ""},
		{"{{< a.b/c-d_e >}}", 17, "", ""},
		{"{{< a \"b\\\" >}}", 0, "", ""},
		{"{{< a \"b\nc\" >}}", 0, "", ""},
		{"{{< a", 0, "", ""},
		{"{{<", 0, "", ""},
	};
	struct arena arena;
	(void)state;

	arena_init(&arena, 0);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct shortcode_tag tag;
		struct str first, key;
		size_t looked;
		size_t length = shortcode_tag_read(str_from(cases[i].tag), &tag, &looked);
		assert_int_equal(length, cases[i].length);
		if (!cases[i].length)
			continue;
		shortcode_argument(&arena, &tag, NULL, 0, &first);
		shortcode_argument(&arena, &tag, "key", -1, &key);
		assert_true(str_is(first, cases[i].first));
		assert_true(str_is(key, cases[i].key));
	}
	arena_release(&arena);
}

/* --- references ------------------------------------------------------------------ */

static struct tempsite site;

static int make_content(void **state)
{
	static const char *const files[] = {
		"posts/x.md", "posts/other.md", "posts/two.en.md", "posts/two.it.md",
		"posts/only.it.md", "posts/a b.md", "posts/v1.js.md", "docs/_index.md",
		"docs/2020-04-28-old.md", "docs/bundle/index.md", "it/posts/tre.md",
	};
	(void)state;

	tempsite_make(&site, "base_url: https://example.org/blog/\nlanguages: [en, it]\n");
	for (size_t i = 0; i < N_OF(files); i++)
		tempsite_post(&site, files[i], "T", "text");
	return 0;
}

static int remove_content(void **state)
{
	(void)state;
	tempsite_release(&site);
	return 0;
}

static void references(void **state)
{
	static const struct {
		const char *to, *asked, *own, *default_lang, *url; /* NULL url: not found */
	} cases[] = {
		{"other.md", "", "en", NULL, "/blog/posts/other"},
		{"other", "", "en", NULL, "/blog/posts/other"},
		{"/posts/other.md#part", "", "en", NULL, "/blog/posts/other#part"},
		{"posts/other", "", "en", NULL, "/blog/posts/other"},
		{"../posts/./other", "", "en", NULL, "/blog/posts/other"},
		{"a b.md", "", "en", NULL, "/blog/posts/a%20b"},
		{"v1.js", "", "en", NULL, "/blog/posts/v1.js"},
		{"v1.js.md", "", "en", NULL, "/blog/posts/v1.js"},
		{"2020-04-28-old", "", "en", NULL, "/blog/docs/old"},
		{"../docs/bundle/index.md", "", "en", NULL, "/blog/docs/bundle"},
		{"bundle", "", "en", NULL, "/blog/docs/bundle"},
		{"/docs/_index.md", "", "en", NULL, "/blog/docs/"},
		{"/docs", "", "en", NULL, "/blog/docs/"},
		{"/posts/", "", "en", NULL, "/blog/posts/"},
		{"/", "", "en", NULL, "/blog/"},
		{"two", "", "en", NULL, "/blog/posts/two"},
		{"two", "it", "en", NULL, "/blog/posts/two?lang=it"},
		{"two#p", "", "it", "en", "/blog/posts/two?lang=it#p"},
		{"two", "", "it", "it", "/blog/posts/two"},
		{"two", "en", "it", "it", "/blog/posts/two?lang=en"},
		{"two.it.md", "", "en", "en", "/blog/posts/two?lang=it"},
		{"only", "", "en", "en", "/blog/posts/only?lang=it"},
		{"/posts/tre", "it", "en", "en", "/blog/posts/tre?lang=it"},
		{"tre", "", "it", "en", "/blog/posts/tre?lang=it"},
		{"#here", "", "en", NULL, "#here"},
		{"https://example.org/", "", "en", NULL, "https://example.org/"},
		{"none.md", "", "en", NULL, NULL},
		{".md", "", "en", NULL, NULL},
		{"../../../../etc/passwd", "", "en", NULL, NULL},
		{"two\\..", "", "en", NULL, NULL},
		{"two", "../..", "en", NULL, "/blog/posts/two"},
	};
	struct arena arena;
	(void)state;

	arena_init(&arena, 0);
	for (size_t i = 0; i < N_OF(cases); i++) {
		bool italian = !strcmp(cases[i].to, "tre");
		struct reference_place place = {
			.content = site.config.content,
			.mount = "/blog",
			.lang = cases[i].own,
			.folder = italian ? STR_LIT("it/posts") : STR_LIT("posts"),
		};
		struct str url;
		bool found = shortcode_ref(&arena, &place, cases[i].default_lang,
					   str_from(cases[i].to), str_from(cases[i].asked), &url);
		assert_int_equal(found, cases[i].url != NULL);
		const char *expected = cases[i].url ? cases[i].url : cases[i].to;
		assert_string_equal(arena_z(&arena, url), expected);
	}
	arena_release(&arena);
}

static void reference_in_text(void **state)
{
	struct str markdown = STR_LIT("[a]({{< ref \"other.md\" >}}) "
				      "[b]({{% relref path=\"none.md\" %}}) "
				      "<a href=\"{{< relref \"other#x\" >}}\">c</a>");
	struct page page;
	(void)state;

	for (int engine = MARKDOWN_DISCOUNT; engine <= MARKDOWN_COMMONMARK; engine++) {
		start(&page);
		page.context.place.content = site.config.content;
		assert_string_equal(show(&page, markdown, (enum markdown_engine)engine),
				    "<p><a href=\"/blog/posts/other\">a</a> "
				    "<a href=\"none.md\">b</a> "
				    "<a href=\"/blog/posts/other#x\">c</a></p>");
		assert_string_equal(page.reports, "relref@32=6 ");
		end(&page);
	}
}

/* The whole way of a post: the shortcodes' HTML is the article's like any other. */
static void in_a_post(void **state)
{
	struct arena arena;
	struct post post;
	struct buf problems = BUF_EMPTY;
	struct str text = STR_LIT("---\ntitle: T\nfoo: bar\nsummary: \"S {{< param foo >}}\"\n---\n"
				  "{{< param foo >}} [o]({{< ref \"other\" >}})\n\n"
				  "{{< details >}}\n## Inside\n{{< /details >}}\n\n"
				  "{{< figure src=p.png >}}\n");
	(void)state;

	arena_init(&arena, 0);
	int result = post_read(&arena, &site.config, STR_LIT("posts/x.md"), text, 0, &post,
			       &problems);
	assert_int_equal(result, 0);
	assert_int_equal(problems.n, 0);
	struct str html = post.body.html;
	assert_true(str_starts(html, "<p>bar <a href=\"/blog/posts/other\">o</a></p>"));
	assert_true(str_find(html, "<h2 id=\"inside\">Inside</h2>") < html.n);
	assert_true(str_find(html, "<img src=\"/blog/posts/x/p.png\"") < html.n);
	assert_true(str_is(str_trim(post.body.summary_html), "<p>S bar</p>"));
	assert_true(str_find(post.body.source, "{{< figure") < post.body.source.n);
	/* From an Italian post to the Italian one. */
	text = STR_LIT("---\ntitle: T\n---\n[o]({{< ref \"two\" >}})\n");
	result = post_read(&arena, &site.config, STR_LIT("posts/x.it.md"), text, 0, &post, &problems);
	assert_int_equal(result, 0);
	html = post.body.html;
	assert_true(str_find(html, "href=\"/blog/posts/two?lang=it\"") < html.n);
	buf_release(&problems);
	arena_release(&arena);
}

/* --- hostile ------------------------------------------------------------------------ */

/* Every beginning of a text that has everything in it, without a byte too many
 * being looked at. */
static void read_and_fill(struct str text)
{
	struct page page;
	struct shortcodes made;
	struct buf err = BUF_EMPTY, out = BUF_EMPTY;

	start(&page);
	assert_int_equal(shortcode_expand(&page.arena, text, &page.context, &made, &err), 0);
	shortcode_fill(&made, made.markdown, &out);
	if (made.slots.arena)
		assert_int_equal(str_find(buf_view(&out), made.slots.nonce), out.n);
	buf_release(&err);
	buf_release(&out);
	end(&page);
}

static void beginnings(void **state)
{
	(void)state;

	guard_prefixes(STR_LIT("a {{< figure src=\"a\" b=`c` d >}}\n\n> - {{% t /%}}\n\n"
			       "    {{</* x */>}} ``` ` ```\n~~~ x\n{{%/* y */%}}\n~~~\n"
			       "\\`{{< details \"*s*\" >}}\n\tz\n{{< /details >}}<!-- {{< -->"
			       "{{<highlight go>}}{{</* z */>}}{{< /highlight >}}"
			       "[a]({{< ref \"b\" >}})<p><em>{{< youtube 1 >}}</em></p>"
			       "<a href=\"{{< param n >}}\">"),
		       read_and_fill);
}

/* Half a megabyte of it, read and put together again.  The engines are left
 * out: hostile Markdown is markdown.h's affair. */
static void takes_no_time(const char *unit, const char *last)
{
	struct buf text = BUF_EMPTY;

	while (text.n < 512 * 1024)
		buf_puts(&text, unit);
	buf_puts(&text, last);
	double spent = hostile_seconds(buf_view(&text), read_and_fill);
	if (spent > 5) /* 0.2 s on a slow machine */
		fail_msg("%s: %.1f s", unit, spent);
	buf_release(&text);
}

static void hostile(void **state)
{
	static const char *const units[] = {
		"{{<", "{{< ", "{{%", "{{</", "{{<a ", "{{< a \"", "{{< a `", "{{< a b=",
		"{{< a >}}", "{{< /a >}}", "{{<a>}}{{<b>}}{{</a>}}", "{{</*", "{{</* */>}}",
		"*/>}}", "{{< highlight >}}", "{{< highlight >}}{{</ highlight",
		"{{< highlight >}}{{</* x */>}}", "{{< details >}}",
		"{{< details >}}x{{< /details >}}", "{{< x.inline >}}{{< comment >}}", "`",
		"``` ` ``", "`{{< a >}}", "> - {{< a >}}\n", "- ", ">", "<!-- ",
		"    {{< a >}}\n\n", "{{< figure src=a caption=*b >}}",
		"<p><em>{{< figure src=a >}}", "<em>{{< vimeo 1 >}}", "{{% param foo %}}",
		"\\{{<", "\t{{< a\n",
	};
	(void)state;

	for (size_t i = 0; i < N_OF(units); i++) {
		takes_no_time(units[i], "");
		takes_no_time(units[i], ">}}");
	}
}

/* A link whose address is long is not written again for each of its figures. */
static void no_blow_up(void **state)
{
	struct page page;
	struct shortcodes made;
	struct buf text = BUF_EMPTY, err = BUF_EMPTY, out = BUF_EMPTY;
	(void)state;

	buf_puts(&text, "<p><a href=\"");
	for (int i = 0; i < 100000; i++)
		buf_char(&text, 'u');
	buf_puts(&text, "\">");
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "{{< figure src=a >}}x");
	start(&page);
	assert_int_equal(shortcode_expand(&page.arena, buf_view(&text), &page.context, &made, &err), 0);
	shortcode_fill(&made, made.markdown, &out);
	assert_in_range(out.n, 1, 1000000);
	buf_release(&text);
	buf_release(&err);
	buf_release(&out);
	end(&page);
}

/* Words of ours in the author's text are the author's. */
static void no_collision(void **state)
{
	struct page page;
	struct shortcodes made;
	struct buf err = BUF_EMPTY;
	(void)state;

	start(&page);
	struct str text = STR_LIT("{{< param n >}} Zabcdef8z");
	assert_int_equal(shortcode_expand(&page.arena, text, &page.context, &made, &err), 0);
	struct str again = arena_printf(&page.arena, "{{< param n >}} %s8z", made.slots.nonce);
	const char *html = show(&page, again, MARKDOWN_DISCOUNT);
	assert_non_null(strstr(html, made.slots.nonce));
	assert_non_null(strstr(html, "<p>42 "));
	end(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures),
		cmocka_unit_test(places),
		cmocka_unit_test(in_items),
		cmocka_unit_test(code),
		cmocka_unit_test(comments),
		cmocka_unit_test(enclosing),
		cmocka_unit_test(strangers),
		cmocka_unit_test(embeds),
		cmocka_unit_test(params),
		cmocka_unit_test(broken),
		cmocka_unit_test(reports),
		cmocka_unit_test(safe),
		cmocka_unit_test(strict),
		cmocka_unit_test(arguments),
		cmocka_unit_test(references),
		cmocka_unit_test(reference_in_text),
		cmocka_unit_test(in_a_post),
		cmocka_unit_test(beginnings),
		cmocka_unit_test(hostile),
		cmocka_unit_test(no_blow_up),
		cmocka_unit_test(no_collision),
	};
	return cmocka_run_group_tests(tests, make_content, remove_content);
}
