/* renderer.h: posts are read and rendered in child processes with limits.
 *
 * A post that crashes the Markdown library, hangs it or eats the memory costs
 * itself; the next one is rendered by a fresh child.
 */
#ifndef CARTOLINA_RENDERER_H
#define CARTOLINA_RENDERER_H

#include "buf.h"
#include "config.h"

struct renderer_job {
	const char *file; /* relative to the content folder */
	struct str text;  /* what is in it; p == NULL: the child reads the file */
	bool check;       /* look for what check.h warns of, too */
};

struct renderer_result {
	size_t job;
	bool rendered;
	struct str head, body; /* packed; empty unless rendered */
	struct str text;       /* plain, for the search */
	struct str asked;      /* the files that it depends on, */
	uint64_t asked_state;  /* and how they were: reference.h */
	uint64_t hash;         /* of the file's bytes; 0 when it could not be read */
	struct str problems;   /* lines "path:line:column: level: message [rule]\n" */
	bool gone;             /* the file was not there any more */
};

/* Called for each job once, in any order; slices are valid during the call. */
typedef void renderer_done(void *context, const struct renderer_result *result);

/* Runs all jobs in up to `parallel` children.  -1 when no child could be
 * started (reason in err); what was done till then has been reported. */
int renderer_run(const struct config *config, const struct renderer_job *jobs, size_t count,
		 unsigned parallel, renderer_done *done, void *context, struct buf *err)
	__attribute__((warn_unused_result));

#endif
