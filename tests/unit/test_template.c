/* test_template.c: the official Mustache cases, each a check of its own, and
 * ours for what the specification leaves open: errors and where they are,
 * loops, limits, hostile text.
 *
 * The cases are read from mustache-spec/NAME.yml in $CARTOLINA_SHARED or
 * ../shared; without that folder only our own run.
 */
#include "template.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <yaml.h>

enum { CASES_MAX = 400, PARTIALS_MAX = 8, TESTS_MAX = 450, PATIENCE = 120 /* seconds */ };

struct partial {
	const char *name, *text;
};

struct spec_case {
	const char *name;
	struct str template, expected;
	const struct value *data;
	struct partial partials[PARTIALS_MAX + 1];
};

static struct arena arena;
static struct spec_case cases[CASES_MAX];
static size_t case_count;

/* Compiling and rendering as a caller does. */

struct compiled {
	const char *name;
	struct template *t;
};

static const struct template *find_partial(void *context, struct str name)
{
	for (const struct compiled *p = context; p->t; p++)
		if (str_is(name, p->name))
			return p->t;
	return NULL;
}

/* Copies that end where their memory does, for templates to borrow from. */
static struct copy {
	struct copy *next;
	char bytes[];
} *copies;

static void free_copies(void)
{
	for (struct copy *next; copies; copies = next) {
		next = copies->next;
		free(copies);
	}
}

static struct template *compile(const char *name, struct str source, struct buf *err)
{
	struct copy *copy = malloc(sizeof(*copy) + source.n);

	assert_non_null(copy);
	copy->next = copies;
	copies = copy;
	if (source.n)
		memcpy(copy->bytes, source.p, source.n);
	return template_compile(&arena, str_from(name), (struct str){copy->bytes, source.n}, err);
}

static struct template *must_compile(const char *name, struct str source)
{
	struct buf err = BUF_EMPTY;
	struct template *t = compile(name, source, &err);

	assert_string_equal(buf_z(&err), "");
	assert_non_null(t);
	return t;
}

static int render(struct str source, const struct partial *partials, const struct value *data,
		  struct buf *out, struct buf *err)
{
	struct compiled found[PARTIALS_MAX + 1] = {{0}};
	struct template *t = must_compile("page", source);

	for (size_t i = 0; partials[i].name; i++) {
		assert_true(i < PARTIALS_MAX);
		found[i].name = partials[i].name;
		found[i].t = must_compile(partials[i].name, str_from(partials[i].text));
	}
	return template_render(t, data, find_partial, found, out, err);
}

static const struct value *json(const char *text)
{
	struct buf err = BUF_EMPTY;
	const struct value *v = value_read(str_from(text), &err);

	assert_string_equal(buf_z(&err), "");
	return v;
}

/* The specification's files. */

static struct str scalar_text(const yaml_node_t *node)
{
	return (struct str){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static struct value *scalar_value(const yaml_node_t *node)
{
	struct str text = scalar_text(node);
	char *end;

	if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return value_string(text);
	if (!text.n || str_is(text, "null") || str_is(text, "~"))
		return value_null();
	if (str_is(text, "true") || str_is(text, "false"))
		return value_bool(str_is(text, "true"));
	long long n = strtoll(text.p, &end, 10);
	if (end == text.p + text.n)
		return value_integer(n);
	double x = strtod(text.p, &end);
	return end == text.p + text.n ? value_real(x) : value_string(text);
}

static struct value *node_value(yaml_document_t *doc, const yaml_node_t *node)
{
	struct value *v;

	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		v = value_array();
		for (yaml_node_item_t *i = node->data.sequence.items.start;
		     i < node->data.sequence.items.top; i++)
			value_append(v, node_value(doc, yaml_document_get_node(doc, *i)));
		return v;
	case YAML_MAPPING_NODE:
		v = value_object();
		for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
		     p < node->data.mapping.pairs.top; p++) {
			struct str key = scalar_text(yaml_document_get_node(doc, p->key));
			value_set(v, arena_z(&arena, key),
				  node_value(doc, yaml_document_get_node(doc, p->value)));
		}
		return v;
	case YAML_SCALAR_NODE: return scalar_value(node);
	case YAML_NO_NODE: break;
	}
	return value_null();
}

static struct str member_text(const struct value *object, const char *key)
{
	return value_text(value_get(object, str_from(key)));
}

static void add_case(const char *file, const struct value *spec)
{
	struct spec_case *c = &cases[case_count];
	const struct value *member;
	struct str key;
	size_t n = 0;

	assert_true(case_count < CASES_MAX);
	c->name = arena_printf(&arena, "%s: %s", file, member_text(spec, "name").p).p;
	c->template = member_text(spec, "template");
	c->expected = member_text(spec, "expected");
	c->data = value_get(spec, STR_LIT("data"));
	member = value_get(spec, STR_LIT("partials"));
	const struct value *text;
	for (void *at = NULL; value_each(member, &at, &key, &text);) {
		assert_true(n < PARTIALS_MAX);
		c->partials[n++] = (struct partial){key.p, value_text(text).p};
	}
	case_count++;
}

static void read_spec_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	yaml_parser_t parser;
	yaml_document_t doc;

	if (!file || !yaml_parser_initialize(&parser)) {
		fprintf(stderr, "test_template: cannot read %s\n", path);
		exit(1);
	}
	yaml_parser_set_input_file(&parser, file);
	if (!yaml_parser_load(&parser, &doc)) {
		fprintf(stderr, "test_template: %s is not YAML\n", path);
		exit(1);
	}
	const struct value *root = node_value(&doc, yaml_document_get_root_node(&doc));
	const struct value *tests = value_get(root, STR_LIT("tests"));
	for (size_t i = 0; i < value_count(tests); i++)
		add_case(strrchr(path, '/') + 1, value_at(tests, i));
	yaml_document_delete(&doc);
	yaml_parser_delete(&parser);
	fclose(file);
}

/* Files whose name begins with ~ are the specification's optional parts. */
static bool read_spec(void)
{
	const char *shared = getenv("CARTOLINA_SHARED");
	struct str pattern = arena_printf(&arena, "%s/mustache-spec/[!~]*.yml",
					  shared ? shared : "../shared");
	glob_t found;

	if (glob(pattern.p, 0, NULL, &found) != 0) {
		fprintf(stderr, "test_template: skipped the specification: no %s\n", pattern.p);
		return false;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_spec_file(found.gl_pathv[i]);
	globfree(&found);
	return true;
}

static void test_spec_case(void **state)
{
	const struct spec_case *c = *state;
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;

	if (render(c->template, c->partials, c->data, &out, &err) != 0)
		fail_msg("%s: %s", c->name, buf_z(&err));
	if (!str_eq(buf_view(&out), c->expected))
		fail_msg("%s:\n-- expected\n%s\n-- rendered\n%s\n-- end", c->name, c->expected.p,
			 buf_z(&out));
	buf_release(&out);
	buf_release(&err);
}

static void test_spec_is_all_there(void **state)
{
	static const char *const files[] = {
		"comments.yml:", "delimiters.yml:", "interpolation.yml:",
		"inverted.yml:", "partials.yml:", "sections.yml:",
	};

	(void)state;
	if (!case_count)
		return; /* read_spec() has said so */
	for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++) {
		size_t n = 0;
		for (size_t i = 0; i < case_count; i++)
			n += str_starts(str_from(cases[i].name), files[f]);
		if (n < 10)
			fail_msg("%s %zu cases only", files[f], n);
	}
}

/* A template cut anywhere, as a half-saved file is, compiles or says why not. */
static void test_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < case_count; i++) {
		for (size_t n = 0; n <= cases[i].template.n; n++) {
			struct buf err = BUF_EMPTY, out = BUF_EMPTY;
			struct template *t = compile("cut", str_head(cases[i].template, n), &err);
			if (t)
				assert_int_equal(template_render(t, cases[i].data, NULL, NULL, &out,
								 &err), 0);
			assert_true(t ? err.n == 0 : str_ends(buf_view(&err), "]\n"));
			buf_release(&err);
			buf_release(&out);
		}
	}
}

/* What the specification leaves open. */

struct example {
	const char *template, *data, *expected;
	struct partial partials[3];
};

static const struct example examples[] = {
	/* What is false, and what is not. */
	{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": \"\"}", "no", {{0}}},
	{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": 0}", "yes", {{0}}},
	{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": 0.0}", "yes", {{0}}},
	{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": {}}", "yes", {{0}}},
	{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": \" \"}", "yes", {{0}}},
	{"{{#a}}<{{.}}>{{/a}}", "{\"a\": [null, false, \"\", 0]}", "<><false><><0>", {{0}}},
	{"{{#a}}{{b}}{{/a}}", "{\"b\": 1, \"a\": {\"b\": null}}", "", {{0}}},
	/* Elements by their number. */
	{"{{#a.0}}<{{#a}}{{.}}{{/a}}>{{/a.0}}", "{\"a\": [1, 2]}", "<12>", {{0}}},
	{"{{#a.0}}yes{{/a.0}}{{^a.0}}no{{/a.0}}", "{\"a\": []}", "no", {{0}}},
	{"{{a.1.b}}{{a.2.b}}{{a.b}}{{a.-1}}{{a.99999999999999999999}}", "{\"a\": [0, {\"b\": 7}]}", "7", {{0}}},
	{"{{a.0}}", "{\"a\": {\"0\": \"member\"}}", "member", {{0}}},
	{"{{a.0}}", "{\"a\": \"text\"}", "", {{0}}},
	/* How values print. */
	{"{{a}} {{b}}", "{\"a\": true, \"b\": false}", "true false", {{0}}},
	{"{{a}}", "{\"a\": -9223372036854775808}", "-9223372036854775808", {{0}}},
	{"{{#a}}{{.}} {{/a}}", "{\"a\": [1.1, 0.1, 3.0, -0.5, 1e300, 0.30000000000000004]}",
	 "1.1 0.1 3 -0.5 1e+300 0.30000000000000004 ", {{0}}},
	{"{{a}}", "{\"a\": \"it's <b> & \\\"c\\\"\"}",
	 "it&#39;s &lt;b&gt; &amp; &quot;c&quot;", {{0}}},
	{"{{a}}", "{\"a\": [1, \"<\"]}", "[1,&quot;&lt;&quot;]", {{0}}},
	{"{{{a}}}", "{\"a\": {\"b\": \"</script>\"}}", "{\"b\":\"\\u003c/script\\u003e\"}", {{0}}},
	/* Tags as people write them. */
	{"{{ #a }}{{ . }}{{ /a }}{{ ^b }}-{{ /b }}{{ ! x }}{{ & c }}{{ { c }}}{{ > p }}",
	 "{\"a\": [1, 2], \"c\": \"<\"}", "12-<<P", {{"p", "P"}}},
	{"{{\n  a\n}}", "{\"a\": 1}", "1", {{0}}},
	{"{{{a}}}}", "{\"a\": 1}", "1}", {{0}}},
	{"{ {a} } }} }}}", "{\"a\": 1}", "{ {a} } }} }}}", {{0}}},
	{"{{è.ü}}", "{\"è\": {\"ü\": \"ñ\"}}", "ñ", {{0}}},
	{"\xef\xbb\xbf{{#a}}\nx\n{{/a}}\n", "{\"a\": 1}", "x\n", {{0}}},
	{"", "{}", "", {{0}}},
	/* Delimiters. */
	{"{{=<% %>=}}<%{ a }%><%& a%><%a%>{{a}}", "{\"a\": \"<\"}", "<<&lt;{{a}}", {{0}}},
	{"{{=| |=}}|a||={{ }}=|{{a}}|a|", "{\"a\": 1}", "11|a|", {{0}}},
	{"{{={{ }}=}}{{a}}", "{\"a\": 1}", "1", {{0}}},
	{"{{=\n<<\t>>\n=}}<<a>>", "{\"a\": 1}", "1", {{0}}},
	{"{{#l}}{{=( )=}}(.)|{{.}}|(/l)(l)", "{\"l\": [1, 2]}", "1|{{.}}|2|{{.}}|[1,2]", {{0}}},
	/* Lines. */
	{"{{#a}}\r\n{{/a}}\rx", "{\"a\": 1}", "\rx", {{0}}},
	{"a\n \t{{! one\n two }} \t\nb", "{}", "a\nb", {{0}}},
	{"{{! x }} {{! y }}\n", "{}", " \n", {{0}}},
	/* Indentation of partials: by source line, through partials in partials;
	 * what stands inside a line keeps to it. */
	{" {{>p}}\n", "{\"l\": [1, 2]}", " a\n b 1\n c\n b 2\n c\n",
	 {{"p", "a\n{{#l}}\nb {{.}}\nc\n{{/l}}\n"}}},
	{" {{>p}}\n", "{\"l\": [1, 2]}", " a1\n b2\n b\n", {{"p", "a{{#l}}{{.}}\nb{{/l}}\n"}}},
	{" {{>p}}\n|", "{\"x\": \"1\\n2\"}", " 1\n2-\n 1\n2|", {{"p", "{{x}}-\n{{x}}"}}},
	{" {{>p}}\n", "{}", " \n  a\n  b\n", {{"p", "\n {{>q}}\n"}, {"q", "a\nb\n"}}},
	{" {{>p}}\n", "{}", " a\n b\n c", {{"p", "{{>q}}\nc"}, {"q", "a\nb\n"}}},
	{" {{>p}}\n", "{}", " -a\nb-", {{"p", "-{{>q}}-"}, {"q", "a\nb"}}},
	{" {{>p}}\n", "{}", " a\nb-", {{"p", "{{>q}}-"}, {"q", "a\nb"}}},
	{" {{>p}}\n", "{}", " x", {{"p", "{{! y }}x"}}},
	{" {{>p}}\n.", "{}", ".", {{"p", ""}}},
	/* Recursion that the data end. */
	{"{{>li}}",
	 "{\"n\": 1, \"l\": [{\"n\": 2, \"l\": [{\"n\": 3, \"l\": \"\"}]}, {\"n\": 4, \"l\": []}]}",
	 "(1(2(3))(4))", {{"li", "({{n}}{{#l}}{{>li}}{{/l}})"}}},
	{"{{>missing}}{{>dir/p.html}}", "{}", "ok", {{"dir/p.html", "ok"}}},
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		struct buf out = BUF_EMPTY, err = BUF_EMPTY;
		int failed = render(str_from(e->template), e->partials, json(e->data), &out, &err);
		assert_int_equal(failed, 0);
		if (!str_is(buf_view(&out), e->expected))
			fail_msg("%s with %s:\n-- expected\n%s\n-- rendered\n%s\n-- end",
				 e->template, e->data, e->expected, buf_z(&out));
		buf_release(&out);
		buf_release(&err);
	}
}

/* Data and finder may be absent; output is appended; a template serves again. */
static void test_used_again(void **state)
{
	struct template *t = must_compile("page", STR_LIT("[{{a}}{{.}}{{#.}}x{{/.}}{{>p}}]"));
	const struct value *object = json("{\"a\": 1, \"b\": \"'\"}");
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;

	(void)state;
	buf_puts(&out, "so far ");
	assert_int_equal(template_render(t, NULL, NULL, NULL, &out, &err), 0);
	assert_int_equal(template_render(t, object, NULL, NULL, &out, &err), 0);
	assert_int_equal(template_render(t, json("\"s\""), NULL, NULL, &out, &err), 0);
	assert_string_equal(buf_z(&out), "so far [][1{&quot;a&quot;:1,&quot;b&quot;:&quot;&#39;"
					 "&quot;}x][sx]");
	assert_int_equal(err.n, 0);
	buf_release(&out);
}

/* Bytes that C strings cannot carry. */
static void test_nul_bytes(void **state)
{
	struct str source = STR_LIT("\0{{a}}{{a\0}}{{=\0 \0\0=}}\0a\0\0\0!\0\0");
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;
	struct value *data = value_object();

	(void)state;
	value_set_str(data, "a", STR_LIT("x\0y"));
	struct template *t = must_compile("page", source);
	assert_int_equal(template_render(t, data, NULL, NULL, &out, &err), 0);
	assert_true(str_eq(buf_view(&out), STR_LIT("\0x\0yx\0y")));
	buf_release(&out);
}

/* Errors. */

static const struct {
	const char *template, *message;
} errors[] = {
	{"{{", "1:1: error: a tag without its }}: {{ [template/unclosed-tag]"},
	{"a\n  è{{name\nb", "2:4: error: a tag without its }}: {{name [template/unclosed-tag]"},
	{"{{{a}}", "1:1: error: a tag without its }}}: {{{a}} [template/unclosed-tag]"},
	{"{{{a}} {{{b}}}", "1:1: error: a tag without its }}}: {{{a}} {{{b}}} "
			   "[template/unclosed-tag]"},
	{"{{a <p>\n{{b}}", "1:1: error: a tag without its }}: {{a <p> [template/unclosed-tag]"},
	{"{{! never", "1:1: error: a tag without its }}: {{! never [template/unclosed-tag]"},
	{"{{=<% %>=}}\n{{a}}<%a", "2:6: error: a tag without its %>: <%a [template/unclosed-tag]"},
	{"x{{#a}}\n{{#b}}{{/b}}",
	 "1:2: error: a section that is not closed: {{#a}} [template/unclosed-section]"},
	{"{{^a}}", "1:1: error: a section that is not closed: {{^a}} [template/unclosed-section]"},
	{"{{/a}}", "1:1: error: no section is open here: {{/a}} [template/close]"},
	{"{{#a}}{{/a}}\n{{/a}}", "2:1: error: no section is open here: {{/a}} [template/close]"},
	{"{{#a}}\n{{#b}}\n {{/a}}",
	 "3:2: error: the section open here is \"b\", not {{/a}} [template/close]"},
	{"{{#a.b}}{{/a}}",
	 "1:9: error: the section open here is \"a.b\", not {{/a}} [template/close]"},
	{"{{}}", "1:1: error: a tag without a name: {{}} [template/name]"},
	{"{{ }}", "1:1: error: a tag without a name: {{ }} [template/name]"},
	{"{{{}}}", "1:1: error: a tag without a name: {{{}}} [template/name]"},
	{"{{#}}", "1:1: error: a tag without a name: {{#}} [template/name]"},
	{"{{#a}}{{/}}", "1:7: error: a tag without a name: {{/}} [template/name]"},
	{"{{>\n}}", "1:1: error: a tag without a name: {{>\\x0A}} [template/name]"},
	{"{{if x}}", "1:1: error: a name with white space in it: {{if x}} [template/name]"},
	{"{{a..b}}", "1:1: error: a name with an empty part: {{a..b}} [template/name]"},
	{"{{.a}}", "1:1: error: a name with an empty part: {{.a}} [template/name]"},
	{"{{#a.}}", "1:1: error: a name with an empty part: {{#a.}} [template/name]"},
	{"{{=<%%>=}}", "1:1: error: a delimiter tag takes two delimiters: {{=<%%>=}} "
		       "[template/delimiters]"},
	{"{{=a b c=}}", "1:1: error: a delimiter tag takes two delimiters: {{=a b c=}} "
			"[template/delimiters]"},
	{"{{= =}}", "1:1: error: a delimiter tag takes two delimiters: {{= =}} "
		    "[template/delimiters]"},
	{"{{=<% %>}}", "1:1: error: a delimiter tag that does not end with =}}: {{=<% %>}} "
		       "[template/delimiters]"},
	{"{{=}}", "1:1: error: a delimiter tag that does not end with =}}: {{=}} "
		  "[template/delimiters]"},
	/* One printable line, however long or odd the tag is. */
	{"{{a\033[31m\n\nb}}", "1:1: error: a name with white space in it: "
			      "{{a\\x1B[31m\\x0A\\x0Ab}} [template/name]"},
	{"{{/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
	 "1:1: error: no section is open here: "
	 "{{/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa... [template/close]"},
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct buf err = BUF_EMPTY;
		struct str want = arena_printf(&arena, "post.html:%s\n", errors[i].message);
		assert_null(compile("post.html", str_from(errors[i].template), &err));
		assert_string_equal(buf_z(&err), want.p);
		buf_release(&err);
	}
}

static void test_error_is_appended(void **state)
{
	struct buf err = BUF_EMPTY;

	(void)state;
	buf_puts(&err, "before\n");
	assert_null(compile("a\nb", STR_LIT("{{"), &err));
	assert_string_equal(buf_z(&err), "before\na\\x0Ab:1:1: error: a tag without its }}: {{ "
					 "[template/unclosed-tag]\n");
	buf_release(&err);
}

static struct str repeat(const char *piece, size_t n)
{
	struct buf b = BUF_EMPTY;

	while (n--)
		buf_puts(&b, piece);
	struct str copy = arena_str(&arena, buf_view(&b));
	buf_release(&b);
	return copy;
}

static void test_nesting_limit(void **state)
{
	struct str most = arena_printf(&arena, "%s{{.}}%s",
				       repeat("{{#a}}", TEMPLATE_NESTING_LIMIT).p,
				       repeat("{{/a}}", TEMPLATE_NESTING_LIMIT).p);
	const struct partial none[1] = {{0}};
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;

	(void)state;
	assert_int_equal(render(most, none, json("{\"a\": 7}"), &out, &err), 0);
	assert_string_equal(buf_z(&out), "7");
	assert_null(compile("deep", repeat("\n{{#a}}", 100000), &err));
	assert_string_equal(buf_z(&err), "deep:66:1: error: sections nest too deep: {{#a}} "
					 "[template/nesting]\n");
	buf_release(&out);
	buf_release(&err);
}

/* Rendering that must end. */

static void expect_stop(struct str source, const struct partial *partials, const char *data,
			size_t ceiling, const char *message)
{
	struct buf out = {.ceiling = ceiling}, err = BUF_EMPTY;

	buf_puts(&out, "as it was");
	assert_int_equal(render(source, partials, json(data), &out, &err), -1);
	assert_string_equal(buf_z(&out), "as it was");
	assert_string_equal(buf_z(&err), message);
	buf_release(&out);
	buf_release(&err);
}

static void test_partial_loops(void **state)
{
	static const struct partial self[] = {{"p", "line\n {{>p}}\n"}, {0}};
	static const struct partial two[] = {{"p", "{{#a}}{{>q}}{{/a}}"}, {"q", "x{{>p}}"}, {0}};
	struct partial deep[2] = {{0}};

	(void)state;
	expect_stop(STR_LIT("text {{>p}}"), self, "{}", 0,
		    "p:2:2: error: partials nest too deep, perhaps in a loop: {{>p}} "
		    "[template/partial-depth]\n");
	expect_stop(STR_LIT("text {{>p}}"), two, "{\"a\": true}", 0,
		    "q:1:2: error: partials nest too deep, perhaps in a loop: {{>p}} "
		    "[template/partial-depth]\n");
	/* The most contexts that can be on the stack at a time. */
	deep[0].name = "p";
	deep[0].text = arena_printf(&arena, "%s{{missing}}{{>p}}%s",
				    repeat("{{#a}}", TEMPLATE_NESTING_LIMIT).p,
				    repeat("{{/a}}", TEMPLATE_NESTING_LIMIT).p).p;
	expect_stop(STR_LIT("{{>p}}"), deep, "{\"a\": {}}", 0,
		    "p:1:396: error: partials nest too deep, perhaps in a loop: {{>p}} "
		    "[template/partial-depth]\n");
}

/* A chain without a loop may be as long as the limit, and no longer. */
static void test_partial_chain(void **state)
{
	struct compiled chain[TEMPLATE_DEPTH_LIMIT + 2] = {{0}};
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;

	(void)state;
	for (unsigned i = 0; i <= TEMPLATE_DEPTH_LIMIT; i++) {
		chain[i].name = arena_printf(&arena, "p%u", i).p;
		chain[i].t = must_compile(chain[i].name,
					  arena_printf(&arena, "%u {{>p%u}}", i, i + 1));
	}
	struct template *good = must_compile("page", STR_LIT("{{>p1}}"));
	struct template *bad = must_compile("page", STR_LIT("{{>p0}}"));
	assert_int_equal(template_render(good, NULL, find_partial, chain, &out, &err), 0);
	assert_true(str_ends(buf_view(&out), " 31 32 "));
	buf_reset(&out);
	assert_int_equal(template_render(bad, NULL, find_partial, chain, &out, &err), -1);
	assert_int_equal(out.n, 0);
	assert_true(str_starts(buf_view(&err), "p31:1:4: error: "));
	buf_release(&out);
	buf_release(&err);
}

/* Each would run for years. */
static void test_work_limit(void **state)
{
	static const struct partial none[1] = {{0}};
	static const struct partial tripling[] = {
		{"p", "{{#a}}{{>q}}{{>q}}{{>q}}{{/a}}"},
		{"q", "{{#a}}{{>r}}{{>r}}{{>r}}{{/a}}"},
		{"r", "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{b}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"},
		{0},
	};
	const char *ten = "{\"a\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}";
	struct buf out = BUF_EMPTY, err = BUF_EMPTY;
	struct str nested = arena_printf(&arena, "%s%s", repeat("{{#a}}", 64).p,
					 repeat("{{/a}}", 64).p);

	(void)state;
	alarm(PATIENCE);
	assert_int_equal(render(nested, none, json(ten), &out, &err), -1);
	assert_true(str_ends(buf_view(&err), ": error: this page takes too much work: {{#a}} "
					     "[template/work]\n"));
	buf_reset(&err);
	assert_int_equal(render(STR_LIT("{{>p}}"), tripling, json(ten), &out, &err), -1);
	assert_true(str_ends(buf_view(&err), " [template/work]\n"));
	assert_int_equal(out.n, 0);
	/* Repetitions of nothing count too. */
	struct str list = arena_printf(&arena, "{\"a\": [0%s]}", repeat(",0", 9999).p);
	buf_reset(&err);
	struct str twice = STR_LIT("{{#a}}{{#a}}{{/a}}{{/a}}");
	assert_int_equal(render(twice, none, json(list.p), &out, &err), -1);
	alarm(0);
	buf_release(&out);
	buf_release(&err);
}

static void test_output_ceiling(void **state)
{
	static const struct partial none[1] = {{0}};

	(void)state;
	expect_stop(STR_LIT("ab\n{{#l}}\n{{x}}\n{{/l}}"), none,
		    "{\"l\": [1, 2, 3, 4, 5, 6, 7, 8], \"x\": \"0123456789\"}", 60,
		    "page:3:1: error: the output is larger than it may be: {{x}} "
		    "[template/output]\n");
	expect_stop(STR_LIT("0123456789"), none, "{}", 12,
		    "page:1:1: error: the output is larger than it may be: [template/output]\n");
}

/* A megabyte of each, and some of the same within a tag: in time that grows
 * with the length.  Quadratic would be hours. */
static void test_hostile_text(void **state)
{
	static const char *const pieces[] = {
		"{", "{{", "{{{", "{{a}}", "{{a", "{{a.", "{{{a}}", "\t{{{a}}}", "{{#a}}", "}",
		"{{#a}}{{/a}}", "{{^a}}\n{{/a}}\n", "{{>p}}\n", "{{! ", "{{!\n}}", " {{!}} ",
		"\n{{!}}", "{{=", "{{= ", "{{=a", "{{=}", "{{= |", "{{=| |=}}|={{ }}=|",
		"{{={{ }}=}}", " ", "\n", "\r", "\r\n", "\xff{{\xff}}",
	};
	enum { SIZE = 1 << 20 };
	const struct value *data = json("{\"a\": 1}");
	struct arena big;

	(void)state;
	alarm(PATIENCE);
	arena_init(&big, 0);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct str text = repeat(pieces[i], SIZE / strlen(pieces[i]));
		struct str inside[] = {text, arena_printf(&big, "{{%s}}", text.p),
				       arena_printf(&big, "{{=%s >=}}x", text.p),
				       arena_printf(&big, "{{=< %s=}}<<<x", text.p)};
		for (size_t k = 0; k < sizeof(inside) / sizeof(inside[0]); k++) {
			struct buf out = BUF_EMPTY, err = BUF_EMPTY;
			struct template *t = template_compile(&big, STR_LIT("x"), inside[k], &err);
			assert_true(t ? err.n == 0 : err.n > 0 && err.n < 1000);
			if (t)
				assert_int_equal(template_render(t, data, NULL, NULL, &out, &err),
						 0);
			buf_release(&out);
			buf_release(&err);
		}
		arena_reset(&big);
	}
	arena_release(&big);
	alarm(0);
}

int main(void)
{
	/* Entries without a function are not tests, so the tail may stay empty. */
	static struct CMUnitTest tests[TESTS_MAX] = {
		cmocka_unit_test(test_spec_is_all_there),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_used_again),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_error_is_appended),
		cmocka_unit_test(test_nesting_limit),
		cmocka_unit_test(test_partial_loops),
		cmocka_unit_test(test_partial_chain),
		cmocka_unit_test(test_work_limit),
		cmocka_unit_test(test_output_ceiling),
		cmocka_unit_test(test_hostile_text),
	};
	size_t own = 0;

	arena_init(&arena, 0);
	value_pool(&arena);
	read_spec();
	while (tests[own].test_func)
		own++;
	for (size_t i = 0; i < case_count; i++)
		tests[own + i] = (struct CMUnitTest){
			.name = cases[i].name,
			.test_func = test_spec_case,
			.initial_state = &cases[i],
		};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	free_copies();
	return failed;
}
