/* sweep.h: which source files there are below the content folder. */
#ifndef CARTOLINA_SWEEP_H
#define CARTOLINA_SWEEP_H

#include "arena.h"
#include "buf.h"

#include <stdint.h>
#include <sys/types.h>

struct sweep_file {
	const char *file; /* relative to the folder */
	int64_t inode, size;
	int64_t mtime, changed; /* nanoseconds since the epoch */
};

struct sweep {
	struct sweep_file *files; /* in byte order of their names */
	size_t count;
	struct sweep_file *others; /* plain files that are no sources, likewise; not of sweep_files() */
	size_t other_count;
	bool incomplete; /* some folder could not be read: absence proves nothing */
	bool links;      /* some file is a symbolic link */
};

/* Follows symbolic links, but not into a folder that they lie in, to a depth
 * of 32 folders; passes over names that begin with a dot.  -1 when the folder itself cannot be read (reason in
 * err); folders below it that cannot are noted in problems. */
int sweep_read(struct arena *arena, const char *folder, const char *shown, struct sweep *out,
	       struct buf *problems, struct buf *err) __attribute__((warn_unused_result));

/* The same of these files only, if they are there; each is named once. */
int sweep_files(struct arena *arena, const char *folder, const char *shown, const char *const *files, size_t count,
		struct sweep *out, struct buf *problems, struct buf *err) __attribute__((warn_unused_result));

/* Tells of every folder that sweep_read() would read, as "" or "a/b/", before its
 * entries are read.  *links: some source file is a symbolic link.  -1 when some
 * folder cannot be read. */
typedef void sweep_folder(void *context, const char *path, dev_t device);
int sweep_folders(struct arena *arena, const char *folder, sweep_folder *seen, void *context, bool *links)
	__attribute__((warn_unused_result));

#endif
