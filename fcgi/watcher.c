/* watcher.c: inotify events of every folder below one -> names of files, or "all".
 *
 * Whatever is about folders, or cannot be told for sure, is answered by walking
 * the folders anew, which is cheap next to the sweep that follows.  A watch is
 * set before the folder is read, so nothing falls in between.  A file counts
 * when it is closed, not at every write: half of it is no news.  Names that begin
 * with a dot are passed over, and so a .git at work is silent.  Source: inotify(7).
 */
#include "watcher.h"

#include "arena.h"
#include "clock.h"
#include "post.h"
#include "sweep.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum {
	QUIET_MS = 20,       /* nothing more for so long: done */
	LONGEST_MS = 250,    /* but then at the latest */
	SETTLED_MS = 1000,   /* after which a new file that nobody closed is looked at */
	ROOT_MS = 1000,      /* between two looks whether the folder is still the same */
	MOST_FILES = 256,    /* more of them are a sweep */
	READ_BYTES = 64 * 1024,
};

enum {
	OF_FILES = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE,
	OF_FOLDER = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT,
	WATCHED = OF_FILES | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK,
};

struct folder {
	int watch;
	char *path;    /* "" or "a/b/" */
	unsigned walk; /* the last one that met it */
	bool shared;   /* it has another name, too: a link leads to it */
};

struct watcher {
	char *root;
	int fd;
	struct folder *folders; /* in order of their watches */
	size_t count, room;
	unsigned walk;
	dev_t root_device, known_device;
	ino_t root_inode;
	bool shares;    /* some folder has several names, of which one is known */
	bool unwatched; /* some folder, or it may be changed unseen */
	int trouble;    /* the errno that a watch failed with */
	bool told;

	struct arena arena; /* of what is collected */
	const char **files;
	size_t file_count;
	bool all;
	int64_t look_at; /* when a sweep is due for what was created and not closed; or 0 */
	_Alignas(struct inotify_event) char events[READ_BYTES]; /* the kernel aligns within */
};

/* --- the folders ------------------------------------------------------------------- */

/* Position of the first watch that is not before this one. */
static size_t position(const struct watcher *w, int watch)
{
	size_t low = 0, high = w->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (w->folders[middle].watch < watch)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct folder *find(const struct watcher *w, int watch)
{
	size_t at = position(w, watch);

	return at < w->count && w->folders[at].watch == watch ? &w->folders[at] : NULL;
}

static void forget(struct watcher *w, struct folder *folder)
{
	size_t at = (size_t)(folder - w->folders);

	free(folder->path);
	memmove(folder, folder + 1, (--w->count - at) * sizeof(*folder));
}

static int insert(struct watcher *w, int watch, const char *path)
{
	size_t at = position(w, watch);
	char *copy = strdup(path);

	if (copy && w->count == w->room) {
		size_t room = w->room ? w->room * 2 : 64;
		struct folder *grown = realloc(w->folders, room * sizeof(*grown));
		if (grown) {
			w->folders = grown;
			w->room = room;
		}
	}
	if (!copy || w->count == w->room) {
		free(copy);
		return -1;
	}
	memmove(&w->folders[at + 1], &w->folders[at], (w->count - at) * sizeof(*w->folders));
	w->folders[at] = (struct folder){.watch = watch, .path = copy, .walk = w->walk};
	w->count++;
	return 0;
}

/* File systems that only this machine changes.  On others (network, FUSE) events
 * may come, but not all of them. */
static bool tells_everything(const char *path)
{
	static const long list[] = {
		EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC, F2FS_SUPER_MAGIC,
		OVERLAYFS_SUPER_MAGIC, MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC,
		0x2fc12fc1 /* ZFS */, 0x3153464a /* JFS */, 0xca451a4e /* bcachefs */,
	};
	struct statfs fs;

	if (statfs(path, &fs))
		return false;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		if ((unsigned)fs.f_type == (unsigned)list[i])
			return true;
	return false;
}

static void watch_folder(void *context, const char *path, dev_t device)
{
	struct watcher *w = context;
	struct str whole = arena_printf(&w->arena, "%s/%s", w->root, path);

	int watch = inotify_add_watch(w->fd, whole.p, WATCHED);
	if (watch < 0) {
		w->unwatched = true;
		/* What is gone meanwhile its parent tells, what may not be read the sweep. */
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			w->trouble = errno;
		return;
	}
	if (device != w->known_device && !tells_everything(whole.p))
		w->unwatched = true;
	w->known_device = device;
	struct folder *known = find(w, watch);
	if (known && known->walk == w->walk) {
		known->shared = w->shares = true;
		return;
	}
	if (known)
		forget(w, known); /* its name may be another by now */
	if (insert(w, watch, path))
		w->unwatched = true;
}

static void note_root(struct watcher *w)
{
	struct stat st;
	bool there = !stat(w->root, &st);

	w->root_device = there ? st.st_dev : 0;
	w->root_inode = there ? st.st_ino : 0;
}

/* Watches what is there now, and only that. */
static void walk(struct watcher *w)
{
	bool links;

	w->walk++;
	w->unwatched = w->shares = false;
	w->trouble = 0;
	w->known_device = 0;
	note_root(w);
	if (sweep_folders(&w->arena, w->root, watch_folder, w, &links) || links)
		w->unwatched = true;
	for (size_t i = w->count; i-- > 0;) {
		if (w->folders[i].walk == w->walk)
			continue;
		inotify_rm_watch(w->fd, w->folders[i].watch);
		forget(w, &w->folders[i]);
	}
}

/* --- events -------------------------------------------------------------------------- */

static void note_file(struct watcher *w, const char *folder, const char *name)
{
	const char *file = arena_printf(&w->arena, "%s%s", folder, name).p;

	for (size_t i = 0; i < w->file_count; i++)
		if (!strcmp(w->files[i], file))
			return;
	if (w->file_count == MOST_FILES)
		w->all = true;
	else
		w->files[w->file_count++] = file;
}

static bool is_there(const struct watcher *w, const struct folder *folder, const char *name, struct stat *st)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s%s", w->root, folder->path, name);

	return n > 0 && (size_t)n < sizeof(path) && !lstat(path, st);
}

/* A name that came or went may be a link to a folder. */
static bool is_folder_link(const struct watcher *w, const struct folder *folder, const char *name)
{
	struct stat st;
	size_t n = strlen(folder->path), length = strlen(name);

	if (is_there(w, folder, name, &st) ? S_ISLNK(st.st_mode) : w->shares)
		return true;
	for (size_t i = 0; i < w->count; i++) {
		const char *path = w->folders[i].path;
		if (!strncmp(path, folder->path, n) && !strncmp(path + n, name, length) &&
		    !strcmp(path + n + length, "/"))
			return true;
	}
	return false;
}

/* Created: whoever did it may be about to write it, and will close it then.  But
 * a link is whole from the beginning, and is never closed. */
static void note_created(struct watcher *w, const struct folder *folder, const char *name)
{
	struct stat st;

	if (!is_there(w, folder, name, &st))
		return;
	if (S_ISLNK(st.st_mode))
		w->all = true; /* and it is to be known that there are linked files */
	else if (st.st_nlink > 1)
		note_file(w, folder->path, name);
	else if (st.st_size > 0 && !w->look_at)
		w->look_at = clock_ms() + SETTLED_MS;
}

/* A picture, say, and not what an editor puts down for a moment: a.md~, #a.md#, 4913. */
static bool is_shown(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot[1] && name[0] != '#' && name[strlen(name) - 1] != '~';
}

static void note(struct watcher *w, const struct inotify_event *event)
{
	struct folder *folder = find(w, event->wd);

	if (event->mask & IN_Q_OVERFLOW) {
		w->all = true;
	} else if (!folder) {
		return; /* of a watch that was given up */
	} else if (event->mask & IN_IGNORED) {
		forget(w, folder); /* the kernel did */
		w->all = true;
	} else if (event->mask & OF_FOLDER) {
		w->all = true;
	} else if (!event->len || event->name[0] == '.') {
		w->all |= !event->len && (event->mask & IN_ATTRIB); /* of the folder itself */
	} else if ((event->mask & IN_ISDIR) || folder->shared) {
		w->all = true;
	} else if (!post_is_source(str_from(event->name))) {
		if (event->mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO))
			w->all |= is_folder_link(w, folder, event->name);
		if (is_shown(event->name) && !(event->mask & IN_CREATE))
			note_file(w, folder->path, event->name);
	} else if (event->mask & IN_CREATE) {
		note_created(w, folder, event->name);
	} else {
		note_file(w, folder->path, event->name);
	}
}

static void read_events(struct watcher *w)
{
	ssize_t n = read(w->fd, w->events, sizeof(w->events));

	for (const char *p = w->events; p < w->events + n;) {
		const struct inotify_event *event = (const void *)p;
		note(w, event);
		p += sizeof(*event) + event->len;
	}
}

/* True when there is something to read before `end`. */
static bool wait_until(const struct watcher *w, int64_t end)
{
	struct pollfd polled = {.fd = w->fd, .events = POLLIN};
	int64_t left = end - clock_ms();

	return poll(&polled, 1, left > 0 ? (int)left : 0) > 0;
}

static void collect_the_rest(struct watcher *w)
{
	int64_t latest = clock_ms() + LONGEST_MS, quiet;

	do {
		quiet = clock_ms() + QUIET_MS;
		if (!wait_until(w, quiet < latest ? quiet : latest))
			return;
		read_events(w);
	} while (clock_ms() < latest);
}

/* A link that was turned to another folder, maybe far above this one. */
static bool is_root_replaced(const struct watcher *w)
{
	struct stat st;

	if (stat(w->root, &st))
		return w->root_inode != 0;
	return st.st_dev != w->root_device || st.st_ino != w->root_inode;
}

static bool has_news(const struct watcher *w)
{
	return w->all || w->file_count;
}

static void wait_for_news(struct watcher *w, int64_t end)
{
	while (!has_news(w)) {
		int64_t now = clock_ms(), next = now + ROOT_MS;
		if (w->look_at && w->look_at <= now)
			w->all = true;
		w->all |= is_root_replaced(w);
		if (w->all || now >= end)
			return;
		if (w->look_at && w->look_at < next)
			next = w->look_at;
		if (wait_until(w, next < end ? next : end))
			read_events(w);
	}
}

/* --- the outside ------------------------------------------------------------------------ */

enum watcher_sight watcher_wait(struct watcher *w, int64_t milliseconds, const char *const **files, size_t *count)
{
	int64_t end = clock_ms() + milliseconds;

	arena_reset(&w->arena);
	w->files = ARENA_ARRAY(&w->arena, MOST_FILES, const char *);
	w->file_count = 0;
	w->all = false;
	wait_for_news(w, end);
	if (has_news(w))
		collect_the_rest(w);
	*files = w->files;
	*count = w->file_count;
	/* Where not all can be watched, this is the time to try again. */
	if (w->all || (!w->file_count && w->trouble))
		walk(w);
	if (w->all)
		w->look_at = 0;
	return w->all ? WATCHER_ALL : w->file_count ? WATCHER_FILES : WATCHER_NOTHING;
}

bool watcher_is_complete(const struct watcher *w)
{
	return !w->unwatched;
}

struct str watcher_complaint(struct watcher *w)
{
	if (!w->trouble || w->told)
		return STR_LIT("");
	w->told = true;
	if (w->trouble == ENOSPC)
		return STR_LIT("more folders than this user may watch (sysctl fs.inotify.max_user_watches)");
	return str_from(strerror(w->trouble));
}

int watcher_open(const char *folder, struct watcher **out, struct buf *err)
{
	struct watcher *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (!w) {
		buf_puts(err, "out of memory");
		return -1;
	}
	arena_init(&w->arena, 0);
	w->root = strdup(folder);
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->fd < 0 || !w->root) {
		buf_puts(err, w->fd >= 0 ? "out of memory" : errno == EMFILE
			 ? "this user has too many watchers (sysctl fs.inotify.max_user_instances)"
			 : strerror(errno));
		watcher_close(w);
		return -1;
	}
	walk(w);
	*out = w;
	return 0;
}

void watcher_close(struct watcher *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	for (size_t i = 0; i < w->count; i++)
		free(w->folders[i].path);
	free(w->folders);
	free(w->root);
	arena_release(&w->arena);
	free(w);
}
