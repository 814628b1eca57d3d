/* pidfile.c: a path -> a locked file with our process number in it.
 *
 * The number alone does not tell who runs: it may be of a process that was killed,
 * and by now another's.  So the file is locked, by fcntl(2), whose locks end with
 * the process and are not handed on to its children.
 */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { NUMBER_BYTES = 32 };

static int fail(int fd, const char *path, const char *why, struct buf *err)
{
	buf_printf(err, "cannot write the pid file %s: %s", path, why);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A mistyped path must not cost anybody a file. */
static bool may_be_overwritten(int fd)
{
	char text[NUMBER_BYTES];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	bool fine = n >= 0 && n < (ssize_t)sizeof(text);

	for (ssize_t i = 0; fine && i < n; i++)
		fine = ascii_digit(text[i]) || (text[i] == '\n' && i == n - 1);
	return fine;
}

/* Whoever ends removes the file: between open and lock it may be gone. */
static bool is_at(int fd, const char *path)
{
	struct stat open_file, there;

	return !fstat(fd, &open_file) && !lstat(path, &there) && S_ISREG(open_file.st_mode) &&
	       open_file.st_dev == there.st_dev && open_file.st_ino == there.st_ino;
}

int pidfile_open(struct pidfile *out, const char *path, struct buf *err)
{
	const struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	*out = (struct pidfile){.fd = -1, .path = path};
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0)
		return fail(fd, path, errno == ELOOP ? "it is a symbolic link" : strerror(errno), err);
	if (fcntl(fd, F_SETLK, &lock) != 0)
		return fail(fd, path, errno == EACCES || errno == EAGAIN ? "another process runs and holds it"
									  : strerror(errno), err);
	if (!is_at(fd, path) || !may_be_overwritten(fd))
		return fail(fd, path, "something else is there; it was left alone", err);
	if (ftruncate(fd, 0) != 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		return fail(fd, path, strerror(errno), err);
	out->fd = fd;
	return 0;
}

void pidfile_remove(struct pidfile *pidfile)
{
	if (pidfile->fd < 0)
		return;
	if (is_at(pidfile->fd, pidfile->path))
		unlink(pidfile->path);
	close(pidfile->fd);
	pidfile->fd = -1;
}
