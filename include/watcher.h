/* watcher.h: what changed below the content folder, as the kernel tells it.
 *
 * It is a shortcut, never the truth: what it cannot see (other machines' changes
 * on a network file system, a linked file's target, more folders than may be
 * watched) a sweep finds.
 */
#ifndef CARTOLINA_WATCHER_H
#define CARTOLINA_WATCHER_H

#include "buf.h"

struct watcher;

/* Starts to watch the folder and all below it that a sweep reads.  -1 where that
 * is not possible, with the reason in err; a folder that is not there (yet) and
 * too few watches are no reason: see watcher_is_complete(). */
int watcher_open(const char *folder, struct watcher **out, struct buf *err) __attribute__((warn_unused_result));
void watcher_close(struct watcher *watcher);

/* True while every change makes itself known. */
bool watcher_is_complete(const struct watcher *watcher);

enum watcher_sight {
	WATCHER_NOTHING, /* the time is over */
	WATCHER_FILES,   /* these may have changed, appeared or gone */
	WATCHER_ALL,     /* anything may have: sweep */
};

/* Waits for changes, and then until no more come for a moment, but not for long:
 * a thousand files that are written at once are a few changes.  The files' names
 * are relative to the folder and live until the next call.  A file that is being
 * written is told of when it is closed. */
enum watcher_sight watcher_wait(struct watcher *watcher, int64_t milliseconds, const char *const **files,
				size_t *count);

/* Something to tell the administrator, once: why not all is watched. */
struct str watcher_complaint(struct watcher *watcher);

#endif
