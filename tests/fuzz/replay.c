/* replay.c: gives files to a fuzz target, without a fuzzer: what was found once
 * is tried at every `make check`.  TAP on standard output. */
#include "buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(int folder, const char *name)
{
	struct buf text = BUF_EMPTY;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && !buf_read_fd(&text, fd))
		LLVMFuzzerTestOneInput((const uint8_t *)buf_z(&text), text.n);
	else
		printf("Bail out! %s cannot be read\n", name);
	if (fd >= 0)
		close(fd);
	buf_release(&text);
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	int n = 0;

	if (!dir) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		replay(dirfd(dir), entry->d_name);
		printf("ok %d - %s\n", ++n, entry->d_name);
		fflush(stdout);
	}
	closedir(dir);
	printf("1..%d\n", n);
	return n ? 0 : 1;
}
