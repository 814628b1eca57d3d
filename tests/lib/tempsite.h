/* tempsite.h: for tests that need a site on disk: a folder of their own under
 * $TMPDIR, with content/ and cartolina.yaml in it, and standard error kept in
 * a file.  What cannot be made ends the program: that is no result of a test.
 * Header only, for one test program each.
 */
#ifndef TESTS_TEMPSITE_H
#define TESTS_TEMPSITE_H

#include "arena.h"
#include "buf.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct tempsite {
	struct arena arena; /* of paths and of the configuration */
	const char *root;
	struct config config;
	int stderr_copy; /* while standard error is a file; else -1 */
};

static inline void tempsite_fail(const char *what, const char *path)
{
	fprintf(stderr, "tempsite: %s %s: %s\n", what, path, strerror(errno));
	abort();
}

/* The whole path of a name below the folder; lives as long as the site. */
static inline const char *tempsite_path(struct tempsite *t, const char *name)
{
	return arena_printf(&t->arena, "%s/%s", t->root, name).p;
}

static inline void tempsite_folder(struct tempsite *t, const char *name)
{
	char *path = arena_z(&t->arena, str_from(tempsite_path(t, name)));

	for (char *c = path + strlen(t->root) + 1; ; c++) {
		char here = *c;
		if (here && here != '/')
			continue;
		*c = 0;
		if (mkdir(path, 0755) && errno != EEXIST)
			tempsite_fail("mkdir", path);
		*c = here;
		if (!here)
			return;
	}
}

/* Writes a file, and the folders it lies in. */
static inline void tempsite_write_str(struct tempsite *t, const char *name, struct str text)
{
	const char *path = tempsite_path(t, name), *slash = strrchr(name, '/');

	if (slash)
		tempsite_folder(t, arena_z(&t->arena, (struct str){name, (size_t)(slash - name)}));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || (text.n && write(fd, text.p, text.n) != (ssize_t)text.n))
		tempsite_fail("write", path);
	close(fd);
}

static inline void tempsite_write(struct tempsite *t, const char *name, const char *text)
{
	tempsite_write_str(t, name, str_from(text));
}

/* A post with a title and one paragraph. */
static inline void tempsite_post(struct tempsite *t, const char *name, const char *title, const char *body)
{
	tempsite_write_str(t, arena_printf(&t->arena, "content/%s", name).p,
			   arena_printf(&t->arena, "---\ntitle: \"%s\"\n---\n%s\n", title, body));
}

static inline void tempsite_remove(struct tempsite *t, const char *name)
{
	if (unlink(tempsite_path(t, name)))
		tempsite_fail("unlink", name);
}

/* What is in a file; free with buf_release(). */
static inline struct buf tempsite_read(struct tempsite *t, const char *name)
{
	struct buf b = BUF_EMPTY;
	int fd = open(tempsite_path(t, name), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || buf_read_fd(&b, fd))
		tempsite_fail("read", name);
	close(fd);
	return b;
}

/* Older than the file system's clock can confuse, and than `refresh`. */
static inline void tempsite_age(struct tempsite *t, const char *name)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - 3600}};

	if (utimensat(AT_FDCWD, tempsite_path(t, name), times, 0))
		tempsite_fail("utimensat", name);
}

static inline bool tempsite_exists(struct tempsite *t, const char *name)
{
	return access(tempsite_path(t, name), F_OK) == 0;
}

/* Reads the configuration anew.  Older ones stay valid. */
static inline void tempsite_configure(struct tempsite *t, const char *yaml)
{
	struct buf err = BUF_EMPTY;

	tempsite_write(t, "cartolina.yaml", yaml);
	if (config_load(&t->arena, tempsite_path(t, "cartolina.yaml"), NULL, &t->config, &err)) {
		fprintf(stderr, "tempsite: %s\n", buf_z(&err));
		abort();
	}
	buf_release(&err);
}

static inline void tempsite_make(struct tempsite *t, const char *yaml)
{
	const char *folder = getenv("TMPDIR");

	*t = (struct tempsite){.stderr_copy = -1};
	arena_init(&t->arena, 0);
	char *root = arena_z(&t->arena, arena_printf(&t->arena, "%s/cartolina.XXXXXX",
						     folder && folder[0] ? folder : "/tmp"));
	if (!mkdtemp(root))
		tempsite_fail("mkdtemp", root);
	t->root = root;
	tempsite_folder(t, "content");
	tempsite_configure(t, yaml);
}

/* For tests of what may not be read: root gives its rights up for a while.
 * False where that is not possible. */
static inline bool tempsite_be_nobody(struct tempsite *t)
{
	return geteuid() || (!chmod(t->root, 0755) && !seteuid(65534));
}

static inline void tempsite_be_somebody(void)
{
	if (geteuid() != getuid() && seteuid(getuid()))
		tempsite_fail("seteuid", "");
}

/* From here on standard error goes to a file... */
static inline void tempsite_listen(struct tempsite *t)
{
	int fd = open(tempsite_path(t, "stderr"), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);

	fflush(stderr);
	t->stderr_copy = dup(STDERR_FILENO);
	if (fd < 0 || t->stderr_copy < 0 || dup2(fd, STDERR_FILENO) < 0)
		tempsite_fail("redirect", "stderr");
	close(fd);
}

static inline void tempsite_unheard(struct tempsite *t)
{
	fflush(stderr);
	dup2(t->stderr_copy, STDERR_FILENO);
	close(t->stderr_copy);
	t->stderr_copy = -1;
}

/* ... until here; returns what was said. */
static inline struct buf tempsite_heard(struct tempsite *t)
{
	tempsite_unheard(t);
	return tempsite_read(t, "stderr");
}

static inline int tempsite_unlink(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* Also after a test that failed in the middle. */
static inline void tempsite_release(struct tempsite *t)
{
	tempsite_be_somebody();
	if (t->stderr_copy >= 0)
		tempsite_unheard(t);
	if (nftw(t->root, tempsite_unlink, 16, FTW_DEPTH | FTW_PHYS))
		tempsite_fail("nftw", t->root);
	arena_release(&t->arena);
}

#endif
