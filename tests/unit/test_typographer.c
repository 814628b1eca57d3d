/* test_typographer.c: quotes, apostrophes, dashes and ellipses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/hostile.h"
#include "typographer.h"

struct test {
	const char *lang, *in, *out;
};

static void check(const struct test *t, void (*apply)(struct str, const char *, struct buf *))
{
	struct buf out = BUF_EMPTY;

	apply(str_from(t->in), t->lang, &out);
	if (strcmp(buf_z(&out), t->out))
		fail_msg("%s: %s\n got  %s\n want %s", t->lang, t->in, buf_z(&out), t->out);
	buf_release(&out);
}

#define CHECK_ALL(table, apply) \
	for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++) \
		check(&(table)[i], apply)

static const struct test LANGUAGES[] = {
	{"en", "\"a 'b' c\"", "“a ‘b’ c”"},
	{"en-GB", "\"a 'b' c\"", "“a ‘b’ c”"},
	{"it", "\"a 'b' c\" l'apertura", "“a ‘b’ c” l’apertura"},
	{"it-CH", "\"a\" l'arte", "«a» l’arte"},
	{"de", "\"a 'b' c\" geht's", "„a ‚b‘ c“ geht’s"},
	{"de-CH", "\"a 'b' c\"", "«a ‹b› c»"},
	{"de-Latn-ch-1996", "\"a\"", "«a»"},
	{"DE", "\"a\"", "„a“"},
	{"fr", "\"a 'b' c\" l'art", "«\xc2\xa0" "a “b” c\xc2\xa0» l’art"},
	{"fr-CA", "\"a\"", "«\xc2\xa0" "a\xc2\xa0»"},
	{"fr-CH", "\"a\"", "«a»"},
	{"fr", "\" a \"", "« a »"},
	{"es", "¿\"a 'b'\"?", "¿“a ‘b’”?"},
	{"pt-BR", "\"a\"", "“a”"},
	{"pt-PT", "\"a 'b'\"", "«a “b”»"},
	{"nl", "\"a\" 'b' 's avonds", "“a” ‘b’ ’s avonds"},
	{"pl", "\"a 'b' c\"", "„a «b» c”"},
	{"ru", "\"а 'б' в\"", "«а „б“ в»"},
	{"uk", "\"м'ята\"", "«м’ята»"},
	{"sv", "\"a 'b' c\"", "”a ’b’ c”"},
	{"tr", "\"a\" Türkiye'nin", "“a” Türkiye’nin"},
	{"ja", "彼は\"おはよう\"と", "彼は「おはよう」と"},
	{"zh", "他说\"你'好'\"。", "他说“你‘好’”。"},
	{"zh-Hant-TW", "他說\"你好\"。", "他說「你好」。"},
	{"zh-TW", "\"你'好'\"", "「你『好』」"},
	{"ar", "\"a\"", "”a“"},
	{"", "\"a\"", "“a”"},
	{"xx-YY", "\"a\"", "“a”"},
	{"d", "\"a\"", "“a”"},
	{"dee", "\"a\"", "“a”"},
	{"--", "\"a\"", "“a”"},
};

static void uses_the_marks_of_the_language(void **state)
{
	(void)state;
	CHECK_ALL(LANGUAGES, typographer_apply);
	CHECK_ALL(LANGUAGES, typographer_text);
}

static const struct test QUOTES[] = {
	{"en", "", ""},
	{"en", "\"", "“"},
	{"en", "a\"", "a”"},
	{"en", "\"\"", "“”"},
	{"en", "\"What?\" \"Really!\"", "“What?” “Really!”"},
	{"en", "(\"a\") [\"b\"] {'c'}", "(“a”) [“b”] {‘c’}"},
	{"en", "\"(a)\", \"b\"; \"c\": \"d\"...", "“(a)”, “b”; “c”: “d”…"},
	{"en", "\"one\"—\"two\"—'three'", "“one”—“two”—‘three’"},
	{"en", "\"Wait—\" he said, \"—no.\"", "“Wait—” he said, “—no.”"},
	{"en", "said,\"Hello\",she", "said,“Hello”,she"},
	{"en", "\"...and\" \"so...\"", "“…and” “so…”"},
	{"en", "'\"nested\" inner' \"'nested' outer\"", "‘“nested” inner’ “‘nested’ outer”"},
	{"en", "\"He said 'go.'\"", "“He said ‘go.’”"},
	{"en", "\"a\"/\"b\"=\"c\"", "“a”/“b”=“c”"},
	{"en", "\"$5\" '@me' \"#1\"", "“$5” ‘@me’ “#1”"},
	{"en", "\" apart \"", "“ apart ”"},
	{"en", "it's don't I'd've O'Neil", "it’s don’t I’d’ve O’Neil"},
	{"en", "rock 'n' roll rock-'N'-roll", "rock ’n’ roll rock-’N’-roll"},
	{"en", "the '90s, '68 and '05.", "the ’90s, ’68 and ’05."},
	{"en", "'1984' and '42' and '7 up'", "‘1984’ and ‘42’ and ‘7 up’"},
	{"en", "1990's 80's", "1990’s 80’s"},
	{"en", "'Tis the season, 'twas; get 'em", "’Tis the season, ’twas; get ’em"},
	{"en", "the merchants' goods", "the merchants’ goods"},
	{"en", "\"the merchants' goods\" and boys'", "“the merchants’ goods” and boys’"},
	{"en", "\"go 'way\" said the boys'", "“go ’way” said the boys’"},
	{"en", "a ' b", "a ’ b"},
	{"en", "'never closed", "’never closed"},
	{"en", "'a 'b' c'", "‘a ‘b’ c’"},
	{"en", "6'2\" tall, 5\" wide, 40° 26' 46\"", "6'2\" tall, 5\" wide, 40° 26' 46\""},
	{"en", "\"class of 99\" 'in 1999'", "“class of 99” ‘in 1999’"},
	{"it", "l'\"amore\" dell'\"arte\" un po' di '68", "l’“amore” dell’“arte” un po’ di ’68"},
	{"it", "\"l'\"", "“l’”"},
	{"zh", "\"你好。\"他说：\"再见\"，'好'吧", "“你好。”他说：“再见”，‘好’吧"},
	{"zh", "用AWS\"很好\"吗", "用AWS“很好”吗"},
	{"ko", "그는 \"안녕\"이라고 '반갑'다고", "그는 “안녕”이라고 ‘반갑’다고"},
	{"he", "צה\"ל אמר \"שלום\" צ'ק", "צה\"ל אמר ”שלום” צ'ק"},
	{"hi", "\"नमस्ते\" 'दुनिया'।", "“नमस्ते” ‘दुनिया’।"},
	{"th", "เขาพูดว่า\"สวัสดี\"ครับ", "เขาพูดว่า“สวัสดี”ครับ"},
	{"en", "“done” ‘already’ l’arte «là»", "“done” ‘already’ l’arte «là»"},
	{"en", "501(c)(3) 1/2 (R) (tm) -> 1,000", "501(c)(3) 1/2 (R) (tm) -> 1,000"},
	{"en", "\xff\"a\"\xff", "\xff“a”\xff"},
};

static const struct test DASHES[] = {
	{"en", "a -- b --- c", "a – b — c"},
	{"en", "a--b---c 1990--2000", "a–b—c 1990–2000"},
	{"en", "a-b a - b ---- -----", "a-b a - b ---- -----"},
	{"en", "--verbose and (--quiet)", "--verbose and (--quiet)"},
	{"en", "it is --as said-- so", "it is –as said– so"},
	{"en", "run --a --b -- x", "run --a --b – x"},
	{"en", "a --", "a –"},
	{"en", "a... b ...c", "a… b …c"},
	{"en", "a.. b.... c", "a.. b.... c"},
	{"en", "+--+ |--| <-- -->", "+--+ |--| <-- -->"},
	{"en", "C-- --", "C– –"},
};

static const struct test ADDRESSES[] = {
	{"en", "http://x.org/a--b'c...d\"e.", "http://x.org/a--b'c...d\"e."},
	{"en", "\"http://x.org/a--b\"...", "“http://x.org/a--b”…"},
	{"en", "(see 'www.x.org/a--b').", "(see ‘www.x.org/a--b’)."},
	{"en", "mail o'neil--x@example.org it's", "mail o'neil--x@example.org it’s"},
	{"en", "/usr/it's ./a--b ../a...b ~/x--y", "/usr/it's ./a--b ../a...b ~/x--y"},
	{"en", "C:\\a--b'c.txt \"/etc\"", "C:\\a--b'c.txt “/etc”"},
	{"en", "file--name.txt a/b--c he/she's", "file--name.txt a/b--c he/she’s"},
	{"en", "go test ./... now", "go test ./... now"},
	{"en", "wait...what, end.", "wait…what, end."},
};

static void turns_quotes(void **state)
{
	(void)state;
	CHECK_ALL(QUOTES, typographer_apply);
	CHECK_ALL(QUOTES, typographer_text);
}

static void turns_dashes_and_dots(void **state)
{
	(void)state;
	CHECK_ALL(DASHES, typographer_text);
	CHECK_ALL(ADDRESSES, typographer_apply);
	CHECK_ALL(ADDRESSES, typographer_text);
}

static const struct test MARKUP[] = {
	{"en", "\"<em>a</em>\" <em>\"b\"</em> \"<a href='\"'>c</a>\"",
	 "“<em>a</em>” <em>“b”</em> “<a href='\"'>c</a>”"},
	{"en", "<b>'a</b> b' don<b>'</b>t <i>l</i>'<i>a</i>",
	 "<b>‘a</b> b’ don<b>’</b>t <i>l</i>’<i>a</i>"},
	{"it", "l'<em>arte</em> \"<strong>'a'</strong>\"",
	 "l’<em>arte</em> “<strong>‘a’</strong>”"},
	{"en", "<p>\"open<p>\"new\" it's 'x</p><p>y'</p>", "<p>“open<p>“new” it’s ’x</p><p>y’</p>"},
	{"en", "<li>a\"</li><li>\"b\"</li>", "<li>a”</li><li>“b”</li>"},
	{"en", "<p>\"open</p><p>5\" wide</p>", "<p>“open</p><p>5\" wide</p>"},
	{"en", "\"a<br>1999\"<hr>5\" wide", "“a<br>1999”<hr>5\" wide"},
	{"en", "\"a<br>b\"<br>\"c\"", "“a<br>b”<br>“c”"},
	{"en", "<code>\"x\" -- ...</code>'s \"<code>y</code>\" '<kbd>z</kbd>'",
	 "<code>\"x\" -- ...</code>’s “<code>y</code>” ‘<kbd>z</kbd>’"},
	{"en", "<pre>\"a\"\n<code>--</code></pre>\"b\"", "<pre>\"a\"\n<code>--</code></pre>“b”"},
	{"en", "<code>a<code>'</code>'</code>'b'", "<code>a<code>'</code>'</code>’b’"},
	{"en", "<script>'a'</script><style>\"b\"</style><!-- \"c\" -- -->\"d\"",
	 "<script>'a'</script><style>\"b\"</style><!-- \"c\" -- -->“d”"},
	{"en", "<svg><text>\"a\"</text></svg> <math>'</math> <textarea>'</textarea>",
	 "<svg><text>\"a\"</text></svg> <math>'</math> <textarea>'</textarea>"},
	{"en", "<title>\"a\"</title>", "<title>\"a\"</title>"},
	{"en", "&quot;a&quot; it&#39;s &#34;b&#x22; &apos;c&apos;", "“a” it’s “b” ‘c’"},
	{"en", "5&quot; &amp;quot; &quot", "5&quot; &amp;quot; &quot"},
	{"en", "a --&gt; b &lt;-- c&nbsp;-- d", "a --&gt; b &lt;-- c&nbsp;– d"},
	{"en", "&quot;http://x.org/?a=1&amp;b--c&quot;", "“http://x.org/?a=1&amp;b--c”"},
	{"en", "rock &#39;n&#39; roll &#39;90s", "rock ’n’ roll ’90s"},
	{"en", "\"a.\"<sup><a href='#1'>1</a></sup> \"b\"",
	 "“a.”<sup><a href='#1'>1</a></sup> “b”"},
	{"en", "<img alt=\"'a'\">\"b\" \"<img>\"", "<img alt=\"'a'\">“b” “<img>”"},
	{"en", "\"a <b", "“a <b"},
	{"en", "'a</b>' </code>\"c\" <code>'", "‘a</b>’ </code>“c” <code>'"},
	{"fr", "\"<b>a</b>\"", "«\xc2\xa0<b>a</b>\xc2\xa0»"},
	{"en", "a < \"b\" > c", "a < “b” > c"},
};

static void minds_the_markup(void **state)
{
	(void)state;
	CHECK_ALL(MARKUP, typographer_apply);
}

static void takes_a_title_as_text(void **state)
{
	static const struct test cases[] = {
		{"en", "\"R&D\" <b> & 'x'", "“R&D” <b> & ‘x’"},
		{"en", "&quot;a&quot; it&#39;s", "&quot;a&quot; it&#39;s"},
		{"en", "<p>\"a", "<p>“a"},
		{"it", "L'apertura della \"Regione\"", "L’apertura della “Regione”"},
	};

	(void)state;
	CHECK_ALL(cases, typographer_text);
}

static void apply(struct str s)
{
	struct buf out = BUF_EMPTY;

	typographer_apply(s, "fr", &out);
	typographer_text(s, "de", &out);
	assert_false(buf_failed(&out));
	buf_release(&out);
}

static void never_reads_past_the_end(void **state)
{
	static const struct {
		const struct test *tests;
		size_t count;
	} tables[] = {
		{QUOTES, sizeof(QUOTES) / sizeof(QUOTES[0])},
		{DASHES, sizeof(DASHES) / sizeof(DASHES[0])},
		{ADDRESSES, sizeof(ADDRESSES) / sizeof(ADDRESSES[0])},
		{MARKUP, sizeof(MARKUP) / sizeof(MARKUP[0])},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (size_t k = 0; k < tables[i].count; k++)
			guard_prefixes(str_from(tables[i].tests[k].in), apply);
}

static void stops_at_a_full_buffer(void **state)
{
	struct buf out = {.ceiling = 6};

	(void)state;
	typographer_apply(STR_LIT("\"a\" -- \"b\""), "en", &out);
	assert_true(buf_failed(&out));
	assert_true(out.n <= 6);
	buf_release(&out);
}

static void takes_a_megabyte(void **state)
{
	(void)state;
	hostile_time("typographer", apply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_the_marks_of_the_language),
		cmocka_unit_test(turns_quotes),
		cmocka_unit_test(turns_dashes_and_dots),
		cmocka_unit_test(minds_the_markup),
		cmocka_unit_test(takes_a_title_as_text),
		cmocka_unit_test(never_reads_past_the_end),
		cmocka_unit_test(stops_at_a_full_buffer),
		cmocka_unit_test(takes_a_megabyte),
	};

	return cmocka_run_group_tests_name("typographer", tests, NULL, NULL);
}
