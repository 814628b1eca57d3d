/* indexer.h: the write side as one call: files -> index, in one transaction. */
#ifndef CARTOLINA_INDEXER_H
#define CARTOLINA_INDEXER_H

#include "buf.h"
#include "config.h"

enum indexer_mode {
	INDEXER_IF_DUE, /* only when the last sweep is older than config->refresh */
	INDEXER_NOW,
	INDEXER_REBUILD, /* forget the old index first (readers keep it until the new one is there) */
	INDEXER_FILES,   /* look at some files only; at all where there is no index yet */
};

struct indexer_report {
	size_t files;    /* posts found (of those that were looked for) */
	size_t rendered; /* of them, rendered now */
	size_t removed;
	size_t errors;   /* files that are served as they were before, or not at all */
	bool changed;    /* the index has a new generation */
	bool skipped;    /* not due, or another process is at it (and was for too long, with -1) */
};

/* Brings config->index up to date.  Problems of single files go to `problems`
 * as "path:line:column: level: message [rule]\n"; each is reported again by a
 * later run only when it changed.  -1 when nothing could be done (no content folder, index
 * not writable): the old index stays as it was. */
int indexer_run(const struct config *config, enum indexer_mode mode, struct indexer_report *report,
		struct buf *problems, struct buf *err) __attribute__((warn_unused_result));

/* Called now and then in a run that renders. */
typedef void indexer_progress(void *context, size_t done, size_t total);

/* The same with more to say. */
struct indexer_task {
	enum indexer_mode mode;
	const char *const *files; /* for INDEXER_FILES: below config->content, each named once */
	size_t file_count;
	indexer_progress *progress; /* or NULL */
	void *context;
	unsigned patience; /* s for another process that is at it; 0: for ever */
};
int indexer_do(const struct config *config, const struct indexer_task *task, struct indexer_report *report,
	       struct buf *problems, struct buf *err) __attribute__((warn_unused_result));

/* The same into an index in this process's memory, for where no file can be
 * written.  The caller closes *out. */
struct index;
int indexer_run_in_memory(const struct config *config, struct index **out, struct indexer_report *report,
			  struct buf *problems, struct buf *err) __attribute__((warn_unused_result));

#endif
