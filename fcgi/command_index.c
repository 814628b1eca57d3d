/* command_index.c: index: bring the index up to date now, and say what was done. */
#include "command.h"

#include "index.h"
#include "indexer.h"
#include "log.h"
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

/* All that is known to be wrong, not only what this run found. */
static int report_problems(const struct config *config, size_t *files)
{
	struct index *index;
	struct buf problems = BUF_EMPTY, err = BUF_EMPTY;
	int result = 1;

	if (index_open(config->index, config->fingerprint, &index, &err) == INDEX_FINE) {
		result = index_problems(index, &problems, files) ? 1 : 0;
		index_close(index);
	}
	log_lines(buf_view(&problems));
	log_lines(buf_view(&err));
	buf_release(&problems);
	buf_release(&err);
	return result;
}

int command_index(const struct command_context *context, int argc, char **argv)
{
	struct arena arena;
	struct config config;
	struct indexer_report report;
	struct buf found = BUF_EMPTY, err = BUF_EMPTY;
	size_t broken = 0;
	bool rebuild = argc == 2 && !strcmp(argv[1], "--rebuild");
	struct progress progress;
	struct indexer_task task = {
		.mode = rebuild ? INDEXER_REBUILD : INDEXER_NOW,
		.progress = progress_show,
		.context = &progress,
	};

	if (argc > 1 && !rebuild)
		return command_usage(argv[0], "unknown argument %s", argv[1]);
	arena_init(&arena, 0);
	int result = command_config(context, &arena, &config);
	progress_start(&progress, STDERR_FILENO);
	if (!result)
		result = indexer_do(&config, &task, &report, &found, &err) ? 1 : 0;
	progress_end(&progress);
	log_lines(buf_view(&err));
	if (!result)
		result = report_problems(&config, &broken);
	if (!result)
		printf("%zu posts: %zu rendered, %zu removed, %zu with errors\n", report.files, report.rendered,
		       report.removed, broken);
	buf_release(&found);
	buf_release(&err);
	arena_release(&arena);
	return result || broken ? 1 : 0;
}
