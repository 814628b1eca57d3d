/* check_fix.c: findings -> changed lines -> files.
 *
 * Works on the bytes of single lines, never on a parsed and printed text, so
 * that a diff shows what was wrong and nothing else.  Each new text is rendered
 * before it is offered: a mended post must look like the old one.
 */
#include "check_fix.h"

#include "check_front.h"
#include "hash.h"
#include "html.h"
#include "markdown.h"
#include "postpack.h"
#include "renderer.h"
#include "sourcefile.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	COLONS = 50 /* values that are quoted in one file */,
	CONTEXT = 3 /* lines around a change */
};

/* --- lines ------------------------------------------------------------------- */

static void split(struct arena *arena, struct str text, struct check_fix *fix)
{
	size_t room = 1;

	for (size_t i = 0; i < text.n; i++)
		room += text.p[i] == '\n';
	*fix = (struct check_fix){.before = text,
				  .lines = ARENA_ARRAY(arena, room, struct check_fix_line)};
	while (text.n) {
		size_t end = str_find_char(text, '\n');
		fix->lines[fix->line_count++].before = str_head(text, end + 1);
		text = str_skip(text, end + 1);
	}
}

static void join(struct arena *arena, struct check_fix *fix)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < fix->line_count; i++)
		if (!fix->lines[i].removed)
			buf_str(&out,
				fix->lines[i].changed ? fix->lines[i].after : fix->lines[i].before);
	fix->after = arena_str(arena, buf_view(&out));
	buf_release(&out);
}

static struct check_fix_line *line_at(const struct check_fix *fix, unsigned number)
{
	return number && number <= fix->line_count ? &fix->lines[number - 1] : NULL;
}

static bool is_blank(const struct check_fix *fix, size_t index)
{
	return index >= fix->line_count || !str_trim(fix->lines[index].before).n;
}

static struct str line_end(struct str line)
{
	size_t n = line.n;

	while (n && (line.p[n - 1] == '\n' || line.p[n - 1] == '\r'))
		n--;
	return str_skip(line, n);
}

static void change(struct arena *arena, struct check_fix_line *line, struct str head,
		   struct str middle, struct str tail)
{
	line->after =
		arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(middle), STR_ARG(tail));
	line->changed = true;
}

/* --- divider/first, divider/second ------------------------------------------- */

static void remove_divider(struct arena *arena, struct check_fix *fix, unsigned number)
{
	struct check_fix_line *line = line_at(fix, number);

	if (!line || line->changed || !markdown_is_divider(str_trim(line->before)))
		return;
	size_t index = number - 1;
	/* It keeps the blocks around it apart, where no blank line does. */
	if (index > 0 && !is_blank(fix, index - 1) && !is_blank(fix, index + 1)) {
		change(arena, line, line_end(line->before), STR_LIT(""), STR_LIT(""));
		return;
	}
	line->changed = line->removed = true;
}

/* --- frontmatter/unknown-key ------------------------------------------------- */

static size_t byte_of(struct str line, unsigned column)
{
	size_t i = str_starts(line, "\xef\xbb\xbf") ? 3 : 0;

	for (; i < line.n && (column > 1 || ((unsigned char)line.p[i] & 0xc0) == 0x80); i++)
		column -= ((unsigned char)line.p[i] & 0xc0) != 0x80;
	return i;
}

static bool has_key(const struct yaml_node *root, const char *name)
{
	for (const struct yaml_node *m = root->first; m; m = m->next)
		if (str_is_fold(m->key->text, name))
			return true;
	return false;
}

static bool meant_before(const struct yaml_node *root, const struct yaml_node *member,
			 const char *meant)
{
	for (const struct yaml_node *m = root->first; m != member; m = m->next) {
		const char *other = check_front_meant(m);
		if (other && !strcmp(other, meant))
			return true;
	}
	return false;
}

static void rename_key(struct arena *arena, struct check_fix *fix, unsigned number, unsigned column)
{
	const struct yaml_node *root = check_front_tree(arena, fix->before);
	struct check_fix_line *line = line_at(fix, number);

	for (const struct yaml_node *m = root && line && !line->changed ? root->first : NULL; m;
	     m = m->next) {
		if (m->key->line != number || m->key->column != column)
			continue;
		const char *meant = check_front_meant(m);
		size_t at = byte_of(line->before, column);
		at += at < line->before.n && strchr("\"'", line->before.p[at]) != NULL;
		struct str rest = str_skip(line->before, at);
		if (meant && !has_key(root, meant) && !meant_before(root, m, meant) &&
		    str_eq(str_head(rest, m->key->text.n), m->key->text))
			change(arena, line, str_head(line->before, at), str_from(meant),
			       str_skip(rest, m->key->text.n));
	}
}

/* --- yaml/colon -------------------------------------------------------------- */

static size_t spaces(struct str s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i;
}

/* "  - key: a value: with a colon" -> where the value starts; 0 when the line is
 * no such thing. */
static size_t value_start(struct str line)
{
	size_t i = spaces(line, 0), key;

	while (i + 1 < line.n && line.p[i] == '-' && line.p[i + 1] == ' ')
		i = spaces(line, i + 1);
	for (key = i; i < line.n && (ascii_alnum(line.p[i]) || strchr("_-.", line.p[i]));)
		i++;
	if (i == key || i + 1 >= line.n || line.p[i] != ':' || line.p[i + 1] != ' ')
		return 0;
	return spaces(line, i + 1);
}

/* A plain value that ends with its line, and holds no comment. */
static bool is_plain_value(struct str value)
{
	return value.n && !strchr("'\"[{|>&*!%@`#?-", value.p[0]) &&
	       str_find(value, " #") == value.n && str_find(value, "\t#") == value.n;
}

/* The next line goes on with the value: it is indented further. */
static bool is_continued(const struct check_fix *fix, size_t index)
{
	if (is_blank(fix, index + 1))
		return false;
	return spaces(fix->lines[index + 1].before, 0) > spaces(fix->lines[index].before, 0);
}

static struct str quoted(struct arena *arena, struct str value)
{
	bool single = str_find_char(value, '\'') < value.n;
	struct buf out = BUF_EMPTY;

	if (single && str_find_char(value, '"') == value.n && str_find_char(value, '\\') == value.n)
		return arena_printf(arena, "\"%.*s\"", STR_ARG(value));
	buf_char(&out, '\'');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\'')
			buf_char(&out, '\'');
		buf_char(&out, value.p[i]);
	}
	buf_char(&out, '\'');
	struct str text = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return text;
}

static bool quote_value(struct arena *arena, struct check_fix *fix, unsigned number,
			unsigned column)
{
	struct check_fix_line *line = line_at(fix, number);

	if (!line || line->changed || is_continued(fix, number - 1))
		return false;
	size_t start = value_start(line->before), end = line->before.n - line_end(line->before).n;
	/* The colon that YAML stumbled over is the value's, not the key's. */
	if (!start || byte_of(line->before, column) < start)
		return false;
	while (end > start && ascii_space(line->before.p[end - 1]))
		end--;
	struct str value = {line->before.p + start, end - start};
	if (!is_plain_value(value))
		return false;
	change(arena, line, str_head(line->before, start), quoted(arena, value),
	       str_skip(line->before, end));
	return true;
}

/* The first finding of a rule among lines of findings. */
static bool find_rule(struct str findings, const char *rule, struct check_finding *finding)
{
	struct str line;

	while (str_line(&findings, &line))
		if (check_report_read(line, finding) && str_is(finding->rule, rule))
			return true;
	return false;
}

/* YAML stops at the first mistake: one is mended, then the next one shows. */
static void quote_values(struct arena *arena, struct check_fix *fix, struct str findings)
{
	struct check_finding finding;
	bool more = find_rule(findings, "yaml/colon", &finding);

	for (int i = 0; more && i < COLONS && quote_value(arena, fix, finding.line, finding.column);
	     i++) {
		struct frontmatter fm;
		struct buf err = BUF_EMPTY;
		join(arena, fix);
		value_pool(arena);
		more = frontmatter_read(arena, "x", fix->after, &fm, &err) &&
		       find_rule(arena_str(arena, buf_view(&err)), "yaml/colon", &finding);
		/* Quotes were not what it wanted. */
		if (more && line_at(fix, finding.line) && line_at(fix, finding.line)->changed)
			line_at(fix, finding.line)->changed = more = false;
		buf_release(&err);
	}
}

bool check_fix_text(struct arena *arena, struct str text, struct str findings,
		    struct check_fix *fix)
{
	struct check_finding finding;
	struct str rest = findings, line;
	bool changed = false;

	split(arena, text, fix);
	while (str_line(&rest, &line)) {
		if (!check_report_read(line, &finding))
			continue;
		if (str_is(finding.rule, "divider/first") || str_is(finding.rule, "divider/second"))
			remove_divider(arena, fix, finding.line);
		else if (str_is(finding.rule, "frontmatter/unknown-key"))
			rename_key(arena, fix, finding.line, finding.column);
	}
	quote_values(arena, fix, findings);
	join(arena, fix);
	for (size_t i = 0; i < fix->line_count; i++)
		changed |= fix->lines[i].changed;
	return changed;
}

/* --- does a reader see the same? --------------------------------------------- */

struct look {
	bool rendered;
	uint64_t html; /* a hash, of tags and words */
};

static uint64_t look_of(struct str html)
{
	struct html_reader reader;
	struct html_token token;
	uint64_t hash = 0;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		struct str rest = token.kind == HTML_TEXT ? str_trim(token.bytes) : token.bytes;
		if (rest.n)
			hash = hash64_add(hash, rest);
	}
	return hash;
}

static void take_look(void *context, const struct renderer_result *result)
{
	struct look *look = (struct look *)context + result->job;
	struct post_body body;

	if (result->rendered && !postpack_read_body(result->body, &body))
		*look = (struct look){true, look_of(body.html)};
}

/* Keeps those that look alike; what was refused before may still be. */
static int keep_alike(struct arena *arena, const struct config *config, struct check_fix *fixes,
		      size_t *count, struct buf *err)
{
	struct renderer_job *jobs = ARENA_ARRAY(arena, 2 * *count + 1, struct renderer_job);
	struct look *looks = ARENA_ARRAY(arena, 2 * *count + 1, struct look);
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		jobs[2 * i] = (struct renderer_job){.file = fixes[i].file, .text = fixes[i].before};
		jobs[2 * i + 1] =
			(struct renderer_job){.file = fixes[i].file, .text = fixes[i].after};
	}
	if (renderer_run(config, jobs, 2 * *count, 2, take_look, looks, err))
		return -1;
	for (size_t i = 0; i < *count; i++) {
		const struct look *before = &looks[2 * i], *after = &looks[2 * i + 1];
		if (!before->rendered || (after->rendered && after->html == before->html))
			fixes[kept++] = fixes[i];
	}
	*count = kept;
	return 0;
}

/* --- files ------------------------------------------------------------------- */

static bool read_text(struct arena *arena, const struct config *config, const char *file, struct str *text)
{
	struct buf err = BUF_EMPTY;
	struct sourcefile source;
	const char *path = arena_printf(arena, "%s/%s", config->content, file).p;
	bool fine = !sourcefile_read(path, file, config->max_post_size, &source, &err);

	*text = arena_str(arena, buf_view(&source.text));
	sourcefile_release(&source);
	buf_release(&err);
	return fine;
}

static bool has_mendable(struct str findings)
{
	static const char *const rules[] = {"yaml/colon", "frontmatter/unknown-key",
					    "divider/first", "divider/second", NULL};
	struct check_finding finding;

	for (size_t i = 0; rules[i]; i++)
		if (find_rule(findings, rules[i], &finding))
			return true;
	return false;
}

int check_fix_plan(struct arena *arena, const struct config *config, const struct check_file *files,
		   size_t count, struct check_fix **fixes, size_t *fix_count, struct buf *err)
{
	struct str text;

	*fixes = ARENA_ARRAY(arena, count + 1, struct check_fix);
	*fix_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct check_fix *fix = &(*fixes)[*fix_count];
		struct str findings = buf_view(&files[i].findings);
		if (!has_mendable(findings) ||
		    !read_text(arena, config, files[i].file, &text) ||
		    !check_fix_text(arena, text, findings, fix))
			continue;
		fix->file = files[i].file;
		++*fix_count;
	}
	return *fix_count ? keep_alike(arena, config, *fixes, fix_count, err) : 0;
}

/* --- the diff ---------------------------------------------------------------- */

static void put_line(struct buf *out, char mark, struct str line)
{
	buf_char(out, mark);
	buf_str(out, line);
	if (!str_ends(line, "\n"))
		buf_puts(out, "\n\\ No newline at end of file\n");
}

/* Lines from..to; `shift`: lines added before it, less those removed. */
static long put_hunk(const struct check_fix *fix, size_t from, size_t to, long shift,
		     struct buf *out)
{
	size_t removed = 0;

	for (size_t i = from; i < to; i++)
		removed += fix->lines[i].removed;
	size_t before = to - from, after = before - removed;
	/* An empty side is numbered by the line before it. */
	buf_printf(out, "@@ -%zu,%zu +%ld,%zu @@\n", from + 1, before,
		   (long)from + shift + (after > 0), after);
	for (size_t i = from; i < to; i++) {
		const struct check_fix_line *line = &fix->lines[i];
		put_line(out, line->changed ? '-' : ' ', line->before);
		if (line->changed && !line->removed)
			put_line(out, '+', line->after);
	}
	return shift - (long)removed;
}

void check_fix_diff(struct arena *arena, const struct config *config, const struct check_fix *fix,
		    struct buf *out)
{
	const char *path = post_shown_path(arena, config, str_from(fix->file));
	const char *slash = path[0] == '/' ? "" : "/";
	long shift = 0;

	buf_printf(out, "--- a%s%s\n+++ b%s%s\n", slash, path, slash, path);
	for (size_t i = 0; i < fix->line_count; i++) {
		if (!fix->lines[i].changed)
			continue;
		size_t from = i > CONTEXT ? i - CONTEXT : 0, last = i;
		for (size_t k = i; k < fix->line_count && k <= last + 2 * CONTEXT + 1; k++)
			if (fix->lines[k].changed)
				last = k;
		size_t to =
			last + CONTEXT + 1 < fix->line_count ? last + CONTEXT + 1 : fix->line_count;
		shift = put_hunk(fix, from, to, shift, out);
		i = to - 1;
	}
}

/* --- writing ----------------------------------------------------------------- */

int check_fix_write(struct arena *arena, const struct config *config, const struct check_fix *fix,
		    struct buf *err)
{
	const char *path = arena_printf(arena, "%s/%s", config->content, fix->file).p;
	const char *shown = arena_printf(arena, "%s: not changed",
					 post_shown_path(arena, config, str_from(fix->file))).p;
	struct sourcefile file;
	int result = sourcefile_read(path, shown, config->max_post_size, &file, err);

	if (!result && !str_eq(buf_view(&file.text), fix->before)) {
		buf_printf(err, "%s: is another file by now\n", shown);
		result = -1;
	}
	if (!result)
		result = sourcefile_replace(&file, fix->after, SOURCEFILE_SAME_TIME, err);
	sourcefile_release(&file);
	return result;
}
