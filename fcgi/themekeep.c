/* themekeep.c: theme/ -> INDEX.theme-SIGNATURE/, and INDEX.theme that points there.
 *
 * A copy is filled under a name of its own and renamed when it is whole, and
 * so is the link to it: whoever reads meanwhile sees one copy or the other.
 * Several processes may do this at a time; the last one's link stays.
 * Modification times are kept, for Last-Modified.
 */
#include "themekeep.h"

#include "buf.h"
#include "str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	FILE_LIMIT = 1024 * 1024, /* as in theme.c */
	FORGOTTEN = 60,           /* seconds */
};

static bool is_part(struct str name, const char *end)
{
	return name.p[0] != '.' && str_ends(name, end);
}

static bool copy_file(int from, int to, const char *name)
{
	struct buf text = {.ceiling = FILE_LIMIT};
	struct stat st;
	int in = openat(from, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK), out = -1;
	bool fine = in >= 0 && !fstat(in, &st) && S_ISREG(st.st_mode) && !buf_read_fd(&text, in);

	if (fine)
		out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (out >= 0) {
		struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st.st_mtim};
		fine = !buf_write_fd(out, buf_view(&text)) && !futimens(out, times);
		close(out);
	}
	if (in >= 0)
		close(in);
	buf_release(&text);
	return fine && out >= 0;
}

/* The files of that kind in one folder. */
static bool copy_folder(const char *from, const char *to, const char *end)
{
	DIR *dir = opendir(from);
	int target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool fine = dir && target >= 0;

	for (struct dirent *entry; fine && (entry = readdir(dir));)
		if (is_part(str_from(entry->d_name), end))
			fine = copy_file(dirfd(dir), target, entry->d_name);
	if (target >= 0)
		close(target);
	if (dir)
		closedir(dir);
	return fine;
}

static void empty_folder(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static void remove_copy(struct arena *arena, const char *folder)
{
	const char *locale = arena_printf(arena, "%s/locale", folder).p;

	empty_folder(locale);
	rmdir(locale);
	empty_folder(folder);
	rmdir(folder);
}

static bool fill_copy(struct arena *arena, const char *theme, const char *folder)
{
	const char *from = arena_printf(arena, "%s/locale", theme).p;
	const char *to = arena_printf(arena, "%s/locale", folder).p;

	if (!copy_folder(theme, folder, ".mustache"))
		return false;
	return access(from, F_OK) || (!mkdir(to, 0755) && copy_folder(from, to, ".yaml"));
}

static const char *link_path(struct arena *arena, const struct config *config)
{
	return arena_printf(arena, "%s.theme", config->index).p;
}

/* The last part of the path: links are relative, so that the folder can be moved. */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What the link says, or "". */
static const char *linked(struct arena *arena, const struct config *config)
{
	char target[256];
	ssize_t n = readlink(link_path(arena, config), target, sizeof(target));

	if (n <= 0 || (size_t)n == sizeof(target))
		return "";
	return arena_z(arena, (struct str){target, (size_t)n});
}

/* Beside the index. */
static const char *beside(struct arena *arena, const struct config *config, const char *name)
{
	struct str folder = str_from(config->index);

	folder.n -= strlen(last_part(config->index));
	return arena_printf(arena, "%.*s%s", STR_ARG(folder), name).p;
}

static bool point_to(struct arena *arena, const struct config *config, const char *copy)
{
	const char *fresh = arena_printf(arena, "%s.theme.%ld", config->index, (long)getpid()).p;

	unlink(fresh);
	if (symlink(last_part(copy), fresh))
		return false;
	if (!rename(fresh, link_path(arena, config)))
		return true;
	unlink(fresh);
	return false;
}

/* A copy or a link that whoever made it did not come to remove: it was killed, or two
 * of us replaced the same copy.  A young one may be somebody's work. */
static void remove_forgotten(struct arena *arena, const struct config *config)
{
	const char *current = linked(arena, config);
	struct str start = arena_printf(arena, "%s.theme", last_part(config->index));
	DIR *dir = opendir(beside(arena, config, "."));
	struct stat st;

	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct str name = str_from(entry->d_name);
		if (!str_starts(name, start.p) || !strcmp(entry->d_name, current) ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    time(NULL) - st.st_mtime < FORGOTTEN)
			continue;
		if (name.p[start.n] == '.' && S_ISLNK(st.st_mode))
			unlinkat(dirfd(dir), entry->d_name, 0);
		else if (name.p[start.n] == '-' && S_ISDIR(st.st_mode))
			remove_copy(arena, beside(arena, config, entry->d_name));
	}
	closedir(dir);
}

static bool save(struct arena *arena, const struct config *config, uint64_t signature)
{
	const char *copy = arena_printf(arena, "%s.theme-%016" PRIx64, config->index, signature).p;
	const char *before = linked(arena, config);
	char *work = arena_z(arena, arena_printf(arena, "%s.theme-XXXXXX", config->index));

	if (!strcmp(before, last_part(copy)) || !mkdtemp(work))
		return false;
	bool whole = !chmod(work, 0755) && fill_copy(arena, config->theme, work);
	/* Somebody else's of the same name is as good. */
	if (!whole || rename(work, copy))
		remove_copy(arena, work);
	if (!whole || access(copy, F_OK) || !point_to(arena, config, copy))
		return false;
	if (before[0])
		remove_copy(arena, beside(arena, config, before));
	remove_forgotten(arena, config);
	return before[0];
}

bool themekeep_save(const struct config *config, uint64_t signature)
{
	struct arena arena;

	arena_init(&arena, 0);
	bool replaced = save(&arena, config, signature);
	arena_release(&arena);
	return replaced;
}

const char *themekeep_folder(struct arena *arena, const struct config *config)
{
	const char *name = linked(arena, config);

	/* Only what we made: a link may lead anywhere. */
	if (!str_starts(str_from(name), arena_printf(arena, "%s.theme-", last_part(config->index)).p) ||
	    strchr(name, '/'))
		return NULL;
	return beside(arena, config, name);
}

uint64_t themekeep_signature(const struct config *config)
{
	uint64_t signature = 0;
	struct arena arena;

	arena_init(&arena, 0);
	const char *folder = themekeep_folder(&arena, config);
	const char *dash = folder ? strrchr(folder, '-') : NULL;
	if (!dash || sscanf(dash, "-%16" SCNx64, &signature) != 1)
		signature = 0;
	arena_release(&arena);
	return signature;
}
