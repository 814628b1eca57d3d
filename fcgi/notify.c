/* notify.c: a message -> a datagram to $NOTIFY_SOCKET, a path or, after an @, an
 * abstract address.
 *
 * Knows nothing of vsock addresses, which are for virtual machines as a whole.
 * Sources: sd_notify(3), sd_watchdog_enabled(3).
 */
#include "notify.h"

#include "buf.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* READY is worth waiting for when systemd has much to read, but who sends it
 * has children to look after. */
enum { PATIENCE_MS = 500 };

/* Its length, or 0 when there is none. */
static socklen_t find_address(struct sockaddr_un *address)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (n < 2 || n >= sizeof(address->sun_path) || (path[0] != '/' && path[0] != '@'))
		return 0;
	memcpy(address->sun_path, path, n);
	if (path[0] == '@')
		address->sun_path[0] = 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

void notify_send(const char *format, ...)
{
	struct sockaddr_un address;
	socklen_t size = find_address(&address);
	struct buf message = BUF_EMPTY;
	va_list args;

	if (!size)
		return;
	va_start(args, format);
	buf_vprintf(&message, format, args);
	va_end(args);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = {.tv_usec = PATIENCE_MS * 1000};
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
	    sendto(fd, buf_z(&message), message.n, MSG_NOSIGNAL, (const struct sockaddr *)&address, size) < 0)
		log_warning("systemd could not be told %s: %s", buf_z(&message), strerror(errno));
	if (fd >= 0)
		close(fd);
	buf_release(&message);
}

int64_t notify_watchdog_interval(void)
{
	const char *allowed = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char *end;

	if (!allowed || !ascii_digit(allowed[0]) || (pid && atol(pid) != (long)getpid()))
		return 0;
	errno = 0;
	long long microseconds = strtoll(allowed, &end, 10);
	if (*end || errno || microseconds <= 0)
		return 0;
	return microseconds < 2000 ? 1 : microseconds / 2000;
}
