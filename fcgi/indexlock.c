/* indexlock.c: flock(), patience, and who it is that one waits for.
 *
 * It is asked for again and again, because a signal to end the waiting could come
 * just before it begins.  Sources: flock(2), proc(5).
 */
#include "indexlock.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	NAP_NANOSECONDS = 5 * 1000 * 1000,
	TELL_MS = 2000, /* a usual edit takes some hundredths of it */
};

static void make_folder_for(const char *file)
{
	char *folder = strdup(file);
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (slash && slash != folder) {
		*slash = 0;
		mkdir(folder, 0755);
	}
	free(folder);
}

/* Its number, or 0 where that cannot be known (another container's). */
static unsigned long owner_of(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	unsigned long inode, pid, owner = 0;
	char line[256];
	struct stat st;

	if (!locks)
		return 0;
	while (!fstat(fd, &st) && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*s FLOCK %*s WRITE %lu %*x:%*x:%lu", &pid, &inode) == 2 && inode == st.st_ino)
			owner = pid;
	fclose(locks);
	return owner;
}

/* "process 4711 (cartolina)" */
static const char *name_owner(struct arena *arena, int fd)
{
	unsigned long owner = owner_of(fd);
	char name[32] = "?";

	if (!owner)
		return "another process";
	FILE *comm = fopen(arena_printf(arena, "/proc/%lu/comm", owner).p, "re");
	if (comm) {
		if (fgets(name, sizeof(name), comm))
			name[strcspn(name, "\n")] = 0;
		fclose(comm);
	}
	return arena_printf(arena, "process %lu (%s)", owner, name).p;
}

static int wait_for_it(struct arena *arena, int fd, unsigned seconds, struct buf *err)
{
	const struct timespec nap = {.tv_nsec = NAP_NANOSECONDS};
	const int64_t begun = clock_ms();
	bool told = false;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK) {
			buf_printf(err, "the index cannot be locked: %s\n", strerror(errno));
			return INDEXLOCK_IMPOSSIBLE;
		}
		int64_t waited = clock_ms() - begun;
		if (waited >= (int64_t)seconds * 1000) {
			if (seconds)
				buf_printf(err, "%s has been at the index for more than %u s\n",
					   name_owner(arena, fd), seconds);
			return INDEXLOCK_BUSY;
		}
		if (!told && waited >= TELL_MS) {
			log_notice("waiting for %s, which is at the index", name_owner(arena, fd));
			told = true;
		}
		nanosleep(&nap, NULL);
	}
	return fd;
}

int indexlock_take(struct arena *arena, const char *index, unsigned seconds, struct buf *err)
{
	const char *path = arena_printf(arena, "%s.lock", index).p;

	make_folder_for(path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		buf_printf(err, "the index cannot be written: %s: %s\n", path, strerror(errno));
		return INDEXLOCK_IMPOSSIBLE;
	}
	int lock = wait_for_it(arena, fd, seconds, err);
	if (lock < 0)
		close(fd);
	return lock;
}

void indexlock_release(int lock)
{
	flock(lock, LOCK_UN); /* a process that was forked meanwhile may have it open */
	close(lock);
}
