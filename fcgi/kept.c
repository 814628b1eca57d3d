/* kept.c: idle connections, a few, in an array. */
#include "kept.h"

#include "clock.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int take_out(struct kept *kept, size_t i)
{
	int fd = kept->at[i].fd;

	kept->count--;
	memmove(&kept->at[i], &kept->at[i + 1], (kept->count - i) * sizeof(kept->at[0]));
	return fd;
}

void kept_add(struct kept *kept, int fd, int64_t until)
{
	if (kept->count == KEPT_LIMIT)
		close(take_out(kept, 0));
	kept->at[kept->count].fd = fd;
	kept->at[kept->count].until = until;
	kept->count++;
}

int kept_take(struct kept *kept)
{
	char first;

	for (size_t i = 0; i < kept->count;) {
		ssize_t n = recv(kept->at[i].fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
		if (n > 0)
			return take_out(kept, i);
		/* An error will be met again, or is EAGAIN. */
		if (n == 0 || clock_ms() >= kept->at[i].until)
			close(take_out(kept, i));
		else
			i++;
	}
	return -1;
}

size_t kept_poll(const struct kept *kept, struct pollfd *fds)
{
	for (size_t i = 0; i < kept->count; i++)
		fds[i] = (struct pollfd){.fd = kept->at[i].fd, .events = POLLIN};
	return kept->count;
}

int64_t kept_patience(const struct kept *kept)
{
	if (!kept->count)
		return -1;
	int64_t left = kept->at[0].until - clock_ms();
	return left > 0 ? left : 0;
}

void kept_close_all(struct kept *kept)
{
	while (kept->count)
		close(take_out(kept, kept->count - 1));
}
