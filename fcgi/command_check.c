/* command_check.c: check: every problem in the content, for people and editors.
 *
 * Reads the files, not the index: what it says is true of the folder as it is.
 */
#include "command.h"

#include "log.h"
#include "renderer.h"
#include "sweep.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct found {
	struct arena *arena;
	struct str *problems; /* by job */
};

static void take(void *context, const struct renderer_result *result)
{
	struct found *found = context;

	found->problems[result->job] = arena_str(found->arena, result->problems);
}

/* "path:line:column: level: message [rule]" taken apart; the path may hold
 * colons, so the numbers are looked for from the level backwards. */
static bool parse_line(struct str line, struct value *out)
{
	static const char *const levels[] = {"error", "warning", NULL};

	for (size_t i = 0; levels[i]; i++) {
		char mark[16];
		snprintf(mark, sizeof(mark), ": %s: ", levels[i]);
		size_t at = str_find(line, mark), rule = line.n, n = at;
		if (at == line.n)
			continue;
		while (rule && line.p[rule - 1] != '[')
			rule--;
		int colons = 0;
		while (n && (colons += line.p[n - 1] == ':') < 2)
			n--;
		struct str message = str_skip(line, at + strlen(mark));
		value_set_str(out, "path", str_head(line, n ? n - 1 : 0));
		value_set(out, "line", value_integer(atoi(line.p + n)));
		struct str column = str_skip(line, n);
		str_cut(&column, ':');
		value_set(out, "column", value_integer(atoi(column.p)));
		value_set(out, "level", value_z(levels[i]));
		value_set_str(out, "message", str_trim(str_head(message, message.n - (line.n - rule) - 1)));
		value_set_str(out, "rule", str_head(str_skip(line, rule), line.n - rule - 1));
		return true;
	}
	return false;
}

static int print_json(struct arena *arena, struct str problems)
{
	struct value *list;
	struct buf out = BUF_EMPTY;
	struct str line;

	value_pool(arena);
	list = value_array();
	while (str_line(&problems, &line)) {
		struct value *item = value_object();
		if (parse_line(line, item))
			value_append(list, item);
	}
	value_write(list, false, &out);
	buf_char(&out, '\n');
	int result = command_print(buf_view(&out));
	buf_release(&out);
	return result;
}

static size_t count_of(struct str problems, const char *level)
{
	char mark[16];
	struct str line;
	size_t n = 0;

	snprintf(mark, sizeof(mark), ": %s: ", level);
	while (str_line(&problems, &line))
		n += str_find(line, mark) < line.n;
	return n;
}

static int print_text(struct str problems, size_t files)
{
	int result = command_print(problems);

	fprintf(stderr, "%zu posts: %zu errors, %zu warnings\n", files, count_of(problems, "error"),
		count_of(problems, "warning"));
	return result;
}

/* All problems of all files, in the order of their names. */
static int collect(struct arena *arena, const struct config *config, struct sweep *sweep, struct buf *problems)
{
	struct buf err = BUF_EMPTY;
	int result = sweep_read(arena, config->content, config->content_shown, sweep, problems, &err);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (!result) {
		struct renderer_job *jobs = ARENA_ARRAY(arena, sweep->count + 1, struct renderer_job);
		struct found found = {arena, ARENA_ARRAY(arena, sweep->count + 1, struct str)};
		for (size_t i = 0; i < sweep->count; i++)
			jobs[i] = (struct renderer_job){.file = sweep->files[i].file, .check = true};
		result = renderer_run(config, jobs, sweep->count, cores < 1 ? 1 : (unsigned)cores, take, &found, &err);
		for (size_t i = 0; i < sweep->count; i++)
			buf_str(problems, found.problems[i]);
	}
	log_lines(buf_view(&err));
	buf_release(&err);
	return result ? 1 : 0;
}

int command_check(const struct command_context *context, int argc, char **argv)
{
	struct arena arena;
	struct config config;
	struct sweep sweep;
	struct buf problems = BUF_EMPTY;
	bool json = argc == 2 && !strcmp(argv[1], "--json");

	if (argc > 1 && !json)
		return command_usage(argv[0], "unknown argument %s", argv[1]);
	arena_init(&arena, 0);
	int result = command_config(context, &arena, &config);
	if (!result)
		result = collect(&arena, &config, &sweep, &problems);
	if (!result)
		result = json ? print_json(&arena, buf_view(&problems)) : print_text(buf_view(&problems), sweep.count);
	if (!result)
		result = count_of(buf_view(&problems), "error") > 0;
	buf_release(&problems);
	arena_release(&arena);
	return result;
}
