/* check_report.c: findings and facts as lines of text, for they come out of a
 * child process with everything else that it says of a post.
 */
#include "check_report.h"

#include "escape.h"

enum { SHOWN_BYTES = 200 };
static const char FACT_MARK = 0x1f; /* no path begins with it, nor any finding */

void check_report_start(struct check_report *report, struct arena *arena,
			const struct config *config, const struct post *post, struct buf *out)
{
	*report = (struct check_report){
		.arena = arena,
		.path = post_shown_path(arena, config, post->head.file),
		.source = post->body.source,
		.first_line = post->body_line,
		.out = out,
		.line = post->body_line,
		.column = 1,
	};
}

/* --- positions --------------------------------------------------------------- */

static void locate(struct check_report *r, size_t offset)
{
	if (offset < r->offset) {
		r->offset = 0;
		r->line = r->first_line;
		r->column = 1;
	}
	for (; r->offset < offset && r->offset < r->source.n; r->offset++) {
		char c = r->source.p[r->offset];
		if (c == '\n') {
			r->line++;
			r->column = 1;
		} else if (((unsigned char)c & 0xc0) != 0x80) {
			r->column++;
		}
	}
}

/* --- writing ----------------------------------------------------------------- */

static void warn(struct check_report *r, unsigned line, unsigned column, const char *rule,
		 const char *format, va_list args)
{
	buf_printf(r->out, "%s:%u:%u: warning: ", r->path, line, column);
	buf_vprintf(r->out, format, args);
	buf_printf(r->out, " [%s]\n", rule);
}

void check_report_warn(struct check_report *r, unsigned line, unsigned column, const char *rule,
		       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	warn(r, line, column, rule, format, args);
	va_end(args);
}

void check_report_at(struct check_report *r, size_t offset, const char *rule, const char *format,
		     ...)
{
	va_list args;

	locate(r, offset);
	va_start(args, format);
	warn(r, r->line, r->column, rule, format, args);
	va_end(args);
}

const char *check_report_shown(struct arena *arena, struct str text)
{
	struct buf out = BUF_EMPTY;

	escape_log(&out, text, SHOWN_BYTES);
	const char *z = arena_z(arena, buf_view(&out));
	buf_release(&out);
	return z;
}

void check_report_fact(struct check_report *r, const struct check_fact *fact)
{
	buf_printf(r->out, "%c%d %u %u ", FACT_MARK, fact->kind, fact->line, fact->column);
	for (size_t i = 0; i < fact->text.n; i++)
		buf_char(r->out, fact->text.p[i] == '\n' ? ' ' : fact->text.p[i]);
	buf_char(r->out, '\n');
}

void check_report_fact_at(struct check_report *r, enum check_fact_kind kind, size_t offset,
			  struct str text)
{
	locate(r, offset);
	check_report_fact(r, &(struct check_fact){kind, r->line, r->column, text});
}

/* --- reading ----------------------------------------------------------------- */

static unsigned number(struct str text)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.n && ascii_digit(text.p[i]); i++)
		n = n * 10 + (unsigned)(text.p[i] - '0');
	return n;
}

bool check_report_read_fact(struct str line, struct check_fact *fact)
{
	if (!line.n || line.p[0] != FACT_MARK)
		return false;
	line = str_skip(line, 1);
	fact->kind = (enum check_fact_kind)number(str_cut(&line, ' '));
	fact->line = number(str_cut(&line, ' '));
	fact->column = number(str_cut(&line, ' '));
	fact->text = line;
	return true;
}

/* The first of ": error: " and ": warning: " from `from` on: a message may quote
 * the other. */
static size_t find_level(struct str line, size_t from, struct str *level)
{
	static const struct str marks[] = {{": error: ", 9}, {": warning: ", 11}};
	size_t first = line.n;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t at = from + str_find(str_skip(line, from), marks[i].p);
		if (at < first) {
			first = at;
			*level = str_head(str_skip(line, at + 2), marks[i].n - 4);
		}
	}
	return first;
}

/* Takes ":number" off the end of *path. */
static bool take_number(struct str *path, unsigned *value)
{
	size_t n = path->n;

	while (n && ascii_digit(path->p[n - 1]))
		n--;
	if (n < 2 || n == path->n || path->p[n - 1] != ':')
		return false;
	*value = number(str_skip(*path, n));
	path->n = n - 1;
	return true;
}

/* The path may hold colons, and even what looks like a level. */
bool check_report_read(struct str line, struct check_finding *finding)
{
	struct str level = STR_LIT("");
	size_t rule = line.n;

	if (!line.n || line.p[line.n - 1] != ']')
		return false;
	while (rule && line.p[rule - 1] != '[')
		rule--;
	for (size_t at = 0; (at = find_level(line, at, &level)) < line.n; at++) {
		struct str path = str_head(line, at);
		size_t message = at + level.n + 4;
		if (!take_number(&path, &finding->column) || !take_number(&path, &finding->line) ||
		    rule <= message)
			continue;
		finding->path = path;
		finding->level = level;
		finding->message = str_trim(str_head(str_skip(line, message), rule - 1 - message));
		finding->rule = str_head(str_skip(line, rule), line.n - rule - 1);
		return true;
	}
	return false;
}
