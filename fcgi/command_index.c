/* command_index.c: index: bring the index up to date now, and say what was done. */
#include "command.h"

#include "indexer.h"
#include "log.h"

#include <stdio.h>

int command_index(const struct command_context *context, int argc, char **argv)
{
	struct arena arena;
	struct config config;
	struct indexer_report report;
	struct buf problems = BUF_EMPTY, err = BUF_EMPTY;
	bool rebuild = argc == 2 && !strcmp(argv[1], "--rebuild");

	if (argc > 1 && !rebuild)
		return command_usage(argv[0], "unknown argument %s", argv[1]);
	arena_init(&arena, 0);
	int result = command_config(context, &arena, &config);
	if (!result) {
		result = indexer_run(&config, rebuild ? INDEXER_REBUILD : INDEXER_NOW, &report, &problems, &err) ? 1 : 0;
		log_lines(buf_view(&problems));
		log_lines(buf_view(&err));
	}
	if (!result)
		printf("%zu posts: %zu rendered, %zu removed, %zu with errors\n", report.files, report.rendered,
		       report.removed, report.errors);
	buf_release(&problems);
	buf_release(&err);
	arena_release(&arena);
	return result || report.errors ? 1 : 0;
}
