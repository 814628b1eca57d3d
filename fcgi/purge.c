/* purge.c: tags -> HTTP requests "PURGE" with `xkey-purge: tag tag...`, one process
 * for each cache.
 *
 * A page that was being made when the index changed may get into the cache behind
 * the first request; so a second later, or when the process that called ends, a
 * second one marks the same pages as stale (`xkey-softpurge`).  No TLS, no
 * redirects, no second attempt: what is missed is late by max_age.  HTTP/1.1 by
 * RFC 9112; the fields are those of conf/varnish/cartolina.vcl.
 */
#include "purge.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FIELD_BYTES = 4000, /* of tags in one request; Varnish takes 8 kB */
	PATIENCE = 3,       /* seconds for each step of a request; nobody waits for it */
	AGAIN_MS = 1000,
	LIFETIME = 30,      /* seconds; whatever happens, the process is gone then */
};

/* --- one request ---------------------------------------------------------------- */

/* A connection, or -1 with errno set; 0 there when no address was found. */
static int connect_to(const struct config_purge *cache)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	const struct timeval patience = {.tv_sec = PATIENCE};
	struct addrinfo *list = NULL;
	int fd = -1, reason = 0;

	if (getaddrinfo(cache->host, cache->port, &hints, &list))
		list = NULL;
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
		    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
		    !connect(fd, a->ai_addr, a->ai_addrlen))
			break;
		reason = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (list)
		freeaddrinfo(list);
	errno = reason;
	return fd;
}

static int send_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes = str_skip(bytes, (size_t)n);
	}
	return 0;
}

/* The three digits of "HTTP/1.1 200", or -1. */
static int read_status(int fd)
{
	enum { NEEDED = sizeof("HTTP/1.1 200") - 1 };
	char line[NEEDED + 1] = "";
	size_t have = 0;
	int status = -1;

	while (have < NEEDED) {
		ssize_t n = recv(fd, line + have, NEEDED - have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return sscanf(line, "HTTP/1.%*1[01] %3d", &status) == 1 ? status : -1;
}

/* 0, or -1 with the reason. */
static int ask(const struct config_purge *cache, const char *field, struct str tags, struct buf *why)
{
	struct buf request = BUF_EMPTY;
	int status = -1, fd = connect_to(cache);

	if (fd < 0) {
		buf_puts(why, errno ? strerror(errno) : "no such host");
		return -1;
	}
	buf_printf(&request, "PURGE %s HTTP/1.1\r\nHost: %s\r\n%s: %.*s\r\nConnection: close\r\n\r\n", cache->path,
		   cache->authority, field, STR_ARG(tags));
	errno = 0;
	if (buf_failed(&request) || send_all(fd, buf_view(&request)) || (status = read_status(fd)) < 0)
		buf_puts(why, errno == EAGAIN ? "no answer" : errno ? strerror(errno) : "no HTTP answer");
	else if (status < 200 || status > 299)
		buf_printf(why, "it answers %d", status);
	buf_release(&request);
	close(fd);
	return why->n ? -1 : 0;
}

/* As many requests as the tags need. */
static int ask_all(const struct config_purge *cache, const char *field, struct str tags, struct buf *why)
{
	while (tags.n) {
		size_t n = tags.n;
		if (n > FIELD_BYTES)
			for (n = FIELD_BYTES; n > 0 && tags.p[n] != ' '; n--)
				;
		if (!n) /* one tag that is too long */
			n = str_find_char(tags, ' ');
		if (ask(cache, field, str_head(tags, n), why))
			return -1;
		tags = str_skip(tags, n + 1);
	}
	return 0;
}

/* --- the processes ---------------------------------------------------------------- */

/* Each call is another process's: a file beside the index remembers that the
 * last one did not get through. */
static void report(const struct config *config, size_t which, const struct buf *why)
{
	const char *url = config->purges[which].url;
	struct buf mark = BUF_EMPTY;

	buf_printf(&mark, "%s.unpurged-%zu", config->index, which);
	if (!why->n) {
		if (!unlink(buf_z(&mark)))
			log_notice("the cache %s is told of changes again", url);
	} else {
		int fd = open(buf_z(&mark), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd >= 0 || errno != EEXIST)
			log_warning("the cache %s cannot be told of changes, so edits take up to %u s: %s", url,
				    config->max_age, buf_z(why));
		if (fd >= 0)
			close(fd);
	}
	buf_release(&mark);
}

static void tell(const struct config *config, size_t which, struct str tags, int caller, bool quiet)
{
	const struct config_purge *cache = &config->purges[which];
	struct pollfd end = {.fd = caller, .events = POLLIN};
	struct buf why = BUF_EMPTY;

	alarm(LIFETIME);
	int result = ask_all(cache, "xkey-purge", tags, &why);
	if (!quiet)
		report(config, which, &why);
	if (!result) {
		poll(&end, 1, AGAIN_MS);
		(void)!ask_all(cache, "xkey-softpurge", tags, &why);
	}
	buf_release(&why);
}

/* Nothing of the caller's may be held open: web servers wait for the end of what a
 * CGI process writes, and locks live as long as their descriptors. */
static int let_go(pid_t caller, bool quiet)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL); /* the supervisor blocks what ends us */

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		if (quiet)
			dup2(null, STDERR_FILENO);
	}
	if (close_range(STDERR_FILENO + 1, ~0U, 0))
		_exit(EXIT_FAILURE);
	return pidfd_open(caller, 0); /* or -1, which poll() passes over */
}

static void be_sender(const struct config *config, struct str tags, pid_t caller, bool quiet)
{
	int end = let_go(caller, quiet);

	for (size_t i = 0; i < config->purge_count; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			tell(config, i, tags, end, quiet);
			_exit(EXIT_SUCCESS);
		}
		if (pid < 0)
			log_warning("the cache %s is not told of a change: %s", config->purges[i].url, strerror(errno));
	}
	_exit(EXIT_SUCCESS);
}

void purge_send(const struct config *config, struct str tags, bool quiet)
{
	pid_t caller = getpid();

	if (!config->purge_count || !tags.n)
		return;
	/* Its children are nobody's when it ends, so that nobody has to wait for them. */
	pid_t pid = fork();
	if (pid == 0)
		be_sender(config, tags, caller, quiet);
	if (pid < 0 && !quiet)
		log_warning("caches are not told of a change: %s", strerror(errno));
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* --- what was promised -------------------------------------------------------------- */

static struct buf note_of(const struct config *config)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "%s.untold", config->index);
	return path;
}

void purge_promise(const struct config *config, struct str tags)
{
	if (!config->purge_count)
		return;
	struct buf path = note_of(config);
	if (!tags.n) {
		unlink(buf_z(&path));
	} else {
		int fd = open(buf_z(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
		/* A note that cannot be made is none: caches are told all the same, but for a death. */
		(void)!(fd >= 0 && buf_write_fd(fd, tags));
		if (fd >= 0)
			close(fd);
	}
	buf_release(&path);
}

void purge_owed(const struct config *config, struct buf *tags)
{
	if (!config->purge_count)
		return;
	struct buf path = note_of(config);
	int fd = open(buf_z(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		buf_puts(tags, tags->n ? " " : "");
		(void)!buf_read_fd(tags, fd);
		close(fd);
	}
	buf_release(&path);
}
