/* sourcefile.c: files of the content folder, written by the authors' commands.
 *
 * A new text goes into a hidden file beside the old one, which the indexer
 * passes over, and is renamed when it is on the disk.  Deliberately without
 * backups: what is written was read and checked a moment before.
 */
#include "sourcefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int complain(struct buf *err, const char *path, const char *reason)
{
	buf_printf(err, "%s: %s\n", path, reason);
	return -1;
}

int sourcefile_read(const char *path, const char *shown, size_t limit, struct sourcefile *out, struct buf *err)
{
	*out = (struct sourcefile){.shown = shown, .text = {.ceiling = limit}};
	out->path = realpath(path, NULL);
	if (!out->path)
		return complain(err, shown, strerror(errno));
	/* Not blocking: a pipe with a post's name must not hang the command. */
	int fd = open(out->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return complain(err, shown, strerror(errno));
	int result = 0;
	if (fstat(fd, &out->st))
		result = complain(err, shown, strerror(errno));
	else if (!S_ISREG(out->st.st_mode))
		result = complain(err, shown, "not a file");
	else if (buf_read_fd(&out->text, fd))
		result = complain(err, shown,
				  errno == EFBIG ? "larger than max_post_size" : strerror(errno));
	close(fd);
	return result;
}

void sourcefile_release(struct sourcefile *file)
{
	free(file->path);
	buf_release(&file->text);
	file->path = NULL;
}

static int make_folders(const char *path, struct buf *err)
{
	char *copy = strdup(path);
	int result = 0;

	if (!copy)
		return complain(err, path, strerror(ENOMEM));
	for (char *slash = strchr(copy + 1, '/'); slash && !result;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(copy, 0777) && errno != EEXIST)
			result = complain(err, copy, strerror(errno));
		*slash = '/';
	}
	free(copy);
	return result;
}

int sourcefile_create(const char *path, struct str text, struct buf *err)
{
	if (make_folders(path, err))
		return -1;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return complain(err, path, errno == EEXIST ? "is there already" : strerror(errno));
	int result = buf_write_fd(fd, text) || fsync(fd) ? -1 : 0;
	if (close(fd) || result) {
		complain(err, path, strerror(errno));
		unlink(path);
		return -1;
	}
	return 0;
}

static bool is_unchanged(const struct sourcefile *file)
{
	struct stat now;

	return !stat(file->path, &now) && now.st_dev == file->st.st_dev &&
	       now.st_ino == file->st.st_ino && now.st_size == file->st.st_size &&
	       now.st_mtim.tv_sec == file->st.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == file->st.st_mtim.tv_nsec;
}

/* The owner first: chown takes special bits away.  Only root gives a file away, but
 * without its group a web server might no longer read it. */
static int dress(int fd, const struct stat *like, enum sourcefile_time time)
{
	const struct timespec times[2] = {like->st_atim, like->st_mtim};
	struct stat now;

	if (fstat(fd, &now))
		return -1;
	if (now.st_uid != like->st_uid && fchown(fd, like->st_uid, (gid_t)-1) && errno != EPERM)
		return -1;
	if (now.st_gid != like->st_gid && fchown(fd, (uid_t)-1, like->st_gid))
		return -1;
	if (fchmod(fd, like->st_mode & 07777))
		return -1;
	return time == SOURCEFILE_SAME_TIME ? futimens(fd, times) : 0;
}

static int fill_and_rename(int fd, const char *temporary, const struct sourcefile *file,
			   struct str text, enum sourcefile_time time, struct buf *err)
{
	if (buf_write_fd(fd, text) || dress(fd, &file->st, time) || fsync(fd))
		return complain(err, file->shown, strerror(errno));
	if (!is_unchanged(file))
		return complain(err, file->shown, "was changed at this moment; try again");
	if (rename(temporary, file->path))
		return complain(err, file->shown, strerror(errno));
	return 0;
}

int sourcefile_replace(const struct sourcefile *file, struct str text, enum sourcefile_time time, struct buf *err)
{
	const char *slash = strrchr(file->path, '/');
	char *temporary;

	/* A folder lets anybody who may write in it rename over a file that says no. */
	if (faccessat(AT_FDCWD, file->path, W_OK, AT_EACCESS))
		return complain(err, file->shown, strerror(errno));
	if (file->st.st_nlink > 1)
		return complain(err, file->shown, "has several names (hard links)");
	if (asprintf(&temporary, "%.*s/.cartolina-XXXXXX", (int)(slash - file->path), file->path) < 0)
		return complain(err, file->shown, strerror(ENOMEM));
	int fd = mkostemp(temporary, O_CLOEXEC);
	int result = fd < 0 ? complain(err, file->shown, strerror(errno))
			    : fill_and_rename(fd, temporary, file, text, time, err);
	if (fd >= 0)
		close(fd);
	if (result && fd >= 0)
		unlink(temporary);
	free(temporary);
	return result;
}
