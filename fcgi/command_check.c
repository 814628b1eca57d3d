/* command_check.c: check: every problem in the content, for people and editors.
 *
 * Reads the files, not the index: what it says is true of the folder as it is.
 */
#include "command.h"

#include "check_fix.h"
#include "check_site.h"
#include "log.h"
#include "renderer.h"
#include "sweep.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct checking {
	struct arena arena;
	struct config config;
	struct check_file *files;
	size_t count;
	struct buf findings; /* all, in the order of files and lines */
	size_t errors, warnings;
};

struct options {
	bool json, fix, yes;
};

/* --- finding ----------------------------------------------------------------- */

static void take(void *context, const struct renderer_result *result)
{
	struct checking *c = context;

	check_site_take(&c->arena, &c->files[result->job], result->head, result->problems);
}

struct line {
	struct str text;
	unsigned line, column;
	size_t order;
};

static int by_position(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void add_sorted(struct checking *c, struct str findings)
{
	size_t room = 1, count = 0;
	struct str text;

	for (size_t i = 0; i < findings.n; i++)
		room += findings.p[i] == '\n';
	struct line *lines = ARENA_ARRAY(&c->arena, room, struct line);
	while (str_line(&findings, &text)) {
		struct check_finding finding = {.level = STR_LIT("")};
		check_report_read(text, &finding);
		lines[count] = (struct line){text, finding.line, finding.column, count};
		count++;
		c->errors += str_is(finding.level, "error");
		c->warnings += str_is(finding.level, "warning");
	}
	qsort(lines, count, sizeof(*lines), by_position);
	for (size_t i = 0; i < count; i++) {
		buf_str(&c->findings, lines[i].text);
		buf_char(&c->findings, '\n');
	}
}

static void forget(struct checking *c)
{
	for (size_t i = 0; i < c->count; i++)
		buf_release(&c->files[i].findings);
	c->count = 0;
	c->errors = c->warnings = 0;
	buf_reset(&c->findings);
}

/* 0, or 1 when not everything could be looked at. */
static int collect(struct checking *c)
{
	struct buf err = BUF_EMPTY, unreadable = BUF_EMPTY;
	struct sweep sweep;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	forget(c);
	int result = sweep_read(&c->arena, c->config.content, c->config.content_shown, &sweep,
				&unreadable, &err);
	if (!result) {
		struct renderer_job *jobs =
			ARENA_ARRAY(&c->arena, sweep.count + 1, struct renderer_job);
		c->count = sweep.count;
		c->files = ARENA_ARRAY(&c->arena, sweep.count + 1, struct check_file);
		for (size_t i = 0; i < sweep.count; i++) {
			c->files[i].file = sweep.files[i].file;
			jobs[i] = (struct renderer_job){.file = sweep.files[i].file, .check = true};
		}
		result = renderer_run(&c->config, jobs, c->count, cores < 1 ? 1 : (unsigned)cores,
				      take, c, &err);
	}
	if (!result) {
		check_site(&c->arena, &c->config, c->files, c->count);
		add_sorted(c, buf_view(&unreadable));
		for (size_t i = 0; i < c->count; i++)
			add_sorted(c, buf_view(&c->files[i].findings));
	}
	log_lines(buf_view(&err));
	buf_release(&err);
	buf_release(&unreadable);
	return result ? 1 : 0;
}

/* --- telling ----------------------------------------------------------------- */

static int print_json(struct checking *c)
{
	struct str rest = buf_view(&c->findings), line;
	struct buf out = BUF_EMPTY;

	value_pool(&c->arena);
	struct value *list = value_array();
	while (str_line(&rest, &line)) {
		struct check_finding finding;
		if (!check_report_read(line, &finding))
			continue;
		struct value *item = value_append(list, value_object());
		value_set_str(item, "path", finding.path);
		value_set(item, "line", value_integer(finding.line));
		value_set(item, "column", value_integer(finding.column));
		value_set_str(item, "level", finding.level);
		value_set_str(item, "message", finding.message);
		value_set_str(item, "rule", finding.rule);
	}
	value_write(list, false, &out);
	buf_char(&out, '\n');
	int result = command_print(buf_view(&out));
	buf_release(&out);
	return result;
}

static int print_text(struct checking *c)
{
	int result = command_print(buf_view(&c->findings));

	fprintf(stderr, "%zu posts: %zu errors, %zu warnings\n", c->count, c->errors, c->warnings);
	return result;
}

/* --- mending ----------------------------------------------------------------- */

/* Whoever pipes the answer in has not seen the question. */
static bool may_write(const struct options *options, size_t count)
{
	char answer[16];

	if (options->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr,
			"nothing was changed: `check --fix --yes` does it without asking\n");
		return false;
	}
	fprintf(stderr, "change %zu files? [y/N] ", count);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Mends what can be mended; *changed when some file is another now. */
static int mend(struct checking *c, const struct options *options, bool *changed)
{
	struct check_fix *fixes;
	struct buf diff = BUF_EMPTY, err = BUF_EMPTY;
	size_t count;
	int result =
		check_fix_plan(&c->arena, &c->config, c->files, c->count, &fixes, &count, &err);

	for (size_t i = 0; i < count; i++)
		check_fix_diff(&c->arena, &c->config, &fixes[i], &diff);
	/* With --json standard output is one JSON text. */
	if (options->json)
		fwrite(buf_z(&diff), 1, diff.n, stderr);
	else if (!result)
		result = command_print(buf_view(&diff));
	if (!result && count && may_write(options, count)) {
		*changed = true;
		for (size_t i = 0; i < count; i++)
			result |= check_fix_write(&c->arena, &c->config, &fixes[i], &err);
	}
	log_lines(buf_view(&err));
	buf_release(&diff);
	buf_release(&err);
	return result ? 1 : 0;
}

/* --- the command ------------------------------------------------------------- */

static int run(struct checking *c, const struct options *options)
{
	bool changed = false;
	int result = 0;

	if (collect(c))
		return 1;
	if (options->fix)
		result = mend(c, options, &changed);
	if (changed && collect(c))
		return 1;
	if (options->json ? print_json(c) : print_text(c))
		return 1;
	return result || c->errors ? 1 : 0;
}

int command_check(const struct command_context *context, int argc, char **argv)
{
	struct checking c = {.findings = BUF_EMPTY};
	struct options options = {false, false, false};

	for (int i = 1; i < argc; i++) {
		bool *option = !strcmp(argv[i], "--json")  ? &options.json
			       : !strcmp(argv[i], "--fix") ? &options.fix
			       : !strcmp(argv[i], "--yes") ? &options.yes
							   : NULL;
		if (!option)
			return command_usage(argv[0], "unknown argument %s", argv[i]);
		*option = true;
	}
	if (options.yes && !options.fix)
		return command_usage(argv[0], "--yes needs --fix");
	arena_init(&c.arena, 0);
	int result = command_config(context, &c.arena, &c.config);
	if (!result)
		result = run(&c, &options);
	forget(&c);
	buf_release(&c.findings);
	arena_release(&c.arena);
	return result;
}
