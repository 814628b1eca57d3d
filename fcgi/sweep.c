/* sweep.c: one walk over the folder tree, by descriptor, so that a folder that
 * is renamed meanwhile confuses nobody. */
#include "sweep.h"

#include "post.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_LIMIT = 32 };

struct list {
	struct sweep_file *at;
	size_t count, room;
};

struct walk {
	struct arena *arena;
	struct sweep *out;
	struct list files, others;
	const char *shown;
	struct buf *problems;
	sweep_folder *seen; /* only folders are asked for: told of each of them */
	void *context;
};

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void add(struct arena *arena, struct list *list, const char *file, const struct stat *st)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		list->at = arena_grow(arena, list->at, list->room * sizeof(*list->at), room * sizeof(*list->at));
		list->room = room;
	}
	list->at[list->count++] = (struct sweep_file){
		.file = file,
		.inode = (int64_t)st->st_ino,
		.size = st->st_size,
		.mtime = nanoseconds(st->st_mtim),
		.changed = nanoseconds(st->st_ctim),
	};
}

/* A folder that is being walked, and the one it was found in. */
struct place {
	const struct place *outer;
	dev_t device;
	ino_t inode;
	unsigned depth;
};

static void walk_folder(struct walk *w, int fd, const char *prefix, const struct place *outer);

/* What went away in the meantime, or is a link to nothing, is not there. */
static void trouble(struct walk *w, const char *name)
{
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return;
	buf_printf(w->problems, "%s/%s:1:1: error: %s [content/read]\n", w->shown, name, strerror(errno));
	w->out->incomplete = true;
}

/* A link to a folder that it lies in would be walked for ever. */
static bool is_inside_itself(const struct place *place, const struct stat *st)
{
	for (; place; place = place->outer)
		if (place->device == st->st_dev && place->inode == st->st_ino)
			return true;
	return false;
}

static void walk_entry(struct walk *w, int folder, const char *prefix, const struct dirent *entry,
		       const struct place *place)
{
	const char *name = entry->d_name;
	struct stat st;

	if (name[0] == '.' || (w->seen && entry->d_type == DT_REG))
		return;
	const char *path = arena_printf(w->arena, "%s%s", prefix, name).p;
	if (fstatat(folder, name, &st, 0)) {
		trouble(w, path);
		return;
	}
	if (S_ISDIR(st.st_mode) && place->depth < DEPTH_LIMIT) {
		if (is_inside_itself(place, &st))
			return;
		int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			trouble(w, path);
		else
			walk_folder(w, fd, arena_printf(w->arena, "%s/", path).p, place);
	} else if (!S_ISDIR(st.st_mode) && post_is_source(str_from(name))) {
		w->out->links |= entry->d_type == DT_LNK;
		if (!w->seen)
			add(w->arena, &w->files, path, &st);
	} else if (S_ISREG(st.st_mode) && !w->seen) {
		add(w->arena, &w->others, path, &st);
	}
}

/* Takes fd over. */
static void walk_folder(struct walk *w, int fd, const char *prefix, const struct place *outer)
{
	struct place place = {.outer = outer, .depth = outer ? outer->depth + 1 : 0};
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (!dir || fstat(fd, &st)) {
		trouble(w, prefix);
		if (dir)
			closedir(dir);
		else
			close(fd);
		return;
	}
	place.device = st.st_dev;
	place.inode = st.st_ino;
	if (w->seen)
		w->seen(w->context, prefix, st.st_dev);
	while ((errno = 0, entry = readdir(dir)))
		walk_entry(w, dirfd(dir), prefix, entry, &place);
	if (errno)
		trouble(w, prefix);
	closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sweep_file *)a)->file, ((const struct sweep_file *)b)->file);
}

static int open_folder(const char *folder, struct buf *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		buf_printf(err, "the content folder %s cannot be read: %s\n", folder, strerror(errno));
	return fd;
}

static void sort(struct list *list)
{
	if (list->count)
		qsort(list->at, list->count, sizeof(*list->at), by_name);
}

static void finish(struct walk *w)
{
	sort(&w->files);
	sort(&w->others);
	w->out->files = w->files.at;
	w->out->count = w->files.count;
	w->out->others = w->others.at;
	w->out->other_count = w->others.count;
}

int sweep_read(struct arena *arena, const char *folder, const char *shown, struct sweep *out,
	       struct buf *problems, struct buf *err)
{
	struct walk w = {.arena = arena, .out = out, .shown = shown, .problems = problems};
	int fd = open_folder(folder, err);

	*out = (struct sweep){0};
	if (fd < 0)
		return -1;
	walk_folder(&w, fd, "", NULL);
	finish(&w);
	return 0;
}

int sweep_files(struct arena *arena, const char *folder, const char *shown, const char *const *files, size_t count,
		struct sweep *out, struct buf *problems, struct buf *err)
{
	struct walk w = {.arena = arena, .out = out, .shown = shown, .problems = problems};
	int fd = open_folder(folder, err);
	struct stat st;

	*out = (struct sweep){0};
	if (fd < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (fstatat(fd, files[i], &st, 0))
			trouble(&w, files[i]);
		else if (!S_ISDIR(st.st_mode))
			add(arena, &w.files, arena_z(arena, str_from(files[i])), &st);
	}
	close(fd);
	finish(&w);
	return 0;
}

int sweep_folders(struct arena *arena, const char *folder, sweep_folder *seen, void *context, bool *links)
{
	struct buf ignored = BUF_EMPTY;
	struct sweep out = {0};
	struct walk w = {.arena = arena, .out = &out, .shown = folder, .problems = &ignored,
			 .seen = seen, .context = context};
	int fd = open_folder(folder, &ignored);

	if (fd >= 0)
		walk_folder(&w, fd, "", NULL);
	buf_release(&ignored);
	*links = out.links;
	return fd < 0 || out.incomplete ? -1 : 0;
}
