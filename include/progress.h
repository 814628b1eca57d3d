/* progress.h: one line on the terminal that tells how far a long run is. */
#ifndef CARTOLINA_PROGRESS_H
#define CARTOLINA_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	int fd;
	bool terminal; /* otherwise nothing is written */
	size_t columns; /* that are written to now */
	int64_t next;  /* ms, monotonic: when the line may be written again */
};

/* fd: standard error, as what is printed is the result. */
void progress_start(struct progress *progress, int fd);
/* Fits indexer_progress; context is the struct progress. */
void progress_show(void *context, size_t done, size_t total);
/* Leaves the line empty. */
void progress_end(struct progress *progress);

#endif
