/* listener.c: an address, or what the parent process left us -> a listening
 * socket.
 *
 * Knows nothing of what is spoken on it.  FCGX_OpenSocket does the same job, but
 * deletes whatever lies at the path, leaves the mode to the umask, cannot read
 * [::1]:9000, and exits on failure.
 * Sources: sd_listen_fds(3), FastCGI 1.0 §2.2 and §3.2, unix(7).
 */
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 511,          /* what nginx, Apache and PHP ask for */
	SOCKET_MODE = 0660,     /* the web server shares a group with us */
	FIRST_FREE_FD = 3,      /* also where systemd's sockets begin */
	LOCK_TRIES = 20,
	LOCK_PAUSE = 50 * 1000, /* microseconds */
};

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

static int fail(struct buf *err, const char *address, const char *why)
{
	buf_printf(err, "cannot listen at %s: %s", address, why);
	return -1;
}

bool listener_is_listening(int fd)
{
	int listening = 0, type = 0;
	socklen_t size = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
		return false;
	size = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

/* ---- describing ---- */

void listener_describe(int fd, struct buf *out)
{
	union address at = {.storage = {0}};
	const char *path = at.local.sun_path;
	socklen_t size = sizeof(at);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, &at.any, &size) != 0) {
		buf_puts(out, "no socket");
	} else if (at.any.sa_family == AF_UNIX) {
		size_t length = size - offsetof(struct sockaddr_un, sun_path);
		bool abstract = length > 0 && !path[0];
		buf_puts(out, abstract ? "unix:@" : "unix:");
		if (abstract)
			buf_add(out, path + 1, length - 1);
		else
			buf_add(out, path, strnlen(path, length));
	} else if (getnameinfo(&at.any, size, host, sizeof(host), port,
			       sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		buf_puts(out, "a socket of an unknown family");
	} else {
		buf_printf(out, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	}
}

static bool reaches_beyond_loopback(int fd)
{
	union address at = {.storage = {0}};
	socklen_t size = sizeof(at);

	if (getsockname(fd, &at.any, &size) != 0)
		return false;
	if (at.any.sa_family == AF_INET)
		return ntohl(at.v4.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET;
	return at.any.sa_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&at.v6.sin6_addr);
}

/* ---- Unix sockets ---- */

/* Two processes that start at once must not each take the other's new socket,
 * bound but not listening yet, for a stale one.  Whoever can read the folder
 * can hold this lock, so it is not waited for without end. */
static int lock_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;

	memcpy(folder, path, length);
	strcpy(folder + length, ".");
	int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; lock >= 0 && i < LOCK_TRIES; i++) {
		if (flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		usleep(LOCK_PAUSE);
	}
	return lock;
}

/* 0 when nothing is in the way (any more). */
static int clear_stale(const struct sockaddr_un *address, struct buf *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : fail(err, path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fail(err, path, "a file that is not a socket is there; it was left alone");
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return fail(err, path, strerror(errno));
	bool stale = connect(probe, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
		     errno == ECONNREFUSED;
	close(probe);
	if (!stale)
		return fail(err, path, "another process is using that socket");
	if (st.st_uid != geteuid() && geteuid() != 0)
		return fail(err, path, "an old socket of another user is there; remove it");
	return unlink(path) == 0 ? 0 : fail(err, path, strerror(errno));
}

static int bind_unix(struct listener *out, const struct sockaddr_un *address, struct buf *err)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(err, path, strerror(errno));
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		fail(err, path, errno == ENOENT ? "its folder does not exist" : strerror(errno));
		close(fd);
		return -1;
	}
	/* Nobody can connect before listen(), so the umask's mode never counts. */
	if (chmod(path, SOCKET_MODE) != 0 || lstat(path, &st) != 0 || listen(fd, BACKLOG) != 0) {
		fail(err, path, strerror(errno));
		unlink(path);
		close(fd);
		return -1;
	}
	out->device = st.st_dev;
	out->inode = st.st_ino;
	memcpy(out->path, path, strlen(path) + 1);
	return fd;
}

static int open_unix(struct listener *out, const char *path, struct buf *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(path);

	_Static_assert(sizeof(out->path) == sizeof(address.sun_path), "room for every path");
	if (!length)
		return fail(err, "unix:", "the path is missing");
	if (length >= sizeof(address.sun_path))
		return fail(err, path, "a socket's path has at most 107 bytes");
	memcpy(address.sun_path, path, length);
	int lock = lock_folder(path);
	int fd = clear_stale(&address, err) == 0 ? bind_unix(out, &address, err) : -1;
	if (lock >= 0)
		close(lock);
	return fd;
}

/* ---- TCP ---- */

/* A descriptor, or -1 with errno. */
static int listen_on(const struct addrinfo *info, bool every)
{
	int yes = 1, no = 0;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (every && info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* One socket has to do.  Of a name's addresses the IPv4 one is taken, because
 * web servers try both; "*" is an IPv6 socket that takes IPv4 too. */
static int open_tcp(const char *address, const char *host, const char *port, struct buf *err)
{
	bool every = strcmp(host, "*") == 0;
	const int families[] = {every ? AF_INET6 : AF_INET, every ? AF_INET : AF_INET6};
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	int fd = -1, cause = 0;

	if (address[0] == '[')
		hints.ai_flags |= AI_NUMERICHOST;
	int answer = getaddrinfo(every ? NULL : host, port, &hints, &found);
	if (answer != 0)
		return fail(err, address, gai_strerror(answer));
	for (int i = 0; i < 2 && fd < 0; i++) {
		for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
			if (a->ai_family == families[i] && (fd = listen_on(a, every)) < 0)
				cause = errno;
		}
	}
	freeaddrinfo(found);
	return fd >= 0 ? fd : fail(err, address, strerror(cause));
}

/* Splits HOST:PORT in its own copy.  NULL, or what is wrong with it. */
static const char *split_address(char *copy, const char **host, const char **port)
{
	char *colon = strrchr(copy, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	if (!colon)
		return "neither unix:PATH nor HOST:PORT";
	if (digits < 1 || digits > 5 || colon[1 + digits] || atoi(colon + 1) > 65535)
		return "the port must be a number up to 65535";
	*colon = 0;
	*port = colon + 1;
	*host = copy;
	if (copy[0] == '[' && colon - copy > 2 && colon[-1] == ']') {
		colon[-1] = 0;
		*host = copy + 1;
	} else if (!copy[0]) {
		return "the host is missing (127.0.0.1 for this machine, * for every address)";
	} else if (strchr(copy, ':')) {
		return "an IPv6 address needs brackets, as in [::1]:9000";
	}
	return NULL;
}

static int open_address(struct listener *out, const char *address, struct buf *err)
{
	const char *host = NULL, *port = NULL;

	if (strncmp(address, "unix:", 5) == 0)
		return open_unix(out, address + 5, err);
	if (address[0] == '/')
		return open_unix(out, address, err);
	char *copy = strdup(address);
	if (!copy)
		return fail(err, address, strerror(errno));
	const char *wrong = split_address(copy, &host, &port);
	int fd = wrong ? fail(err, address, wrong) : open_tcp(address, host, port, err);
	free(copy);
	return fd;
}

/* ---- inherited sockets ---- */

/* systemd's first descriptor, or -1 when there is none for this process. */
static int systemd_fd(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	bool present = pid && count && atol(pid) == (long)getpid() && atoi(count) >= 1;

	if (present) {
		unsetenv("LISTEN_PID");
		unsetenv("LISTEN_FDS");
		unsetenv("LISTEN_FDNAMES");
	}
	return present ? FIRST_FREE_FD : -1;
}

/* Frees descriptor 0, so that nothing in our children takes a listening socket
 * for its input. */
static int move_from_stdin(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && null >= 0)
		dup2(null, STDIN_FILENO);
	if (null >= 0)
		close(null);
	return fd;
}

static int inherit(struct buf *err)
{
	int fd = systemd_fd();

	if (fd >= 0 && !listener_is_listening(fd))
		return fail(err, "systemd's socket", "it is not a listening stream socket (Accept=no)");
	if (fd < 0 && !listener_is_listening(STDIN_FILENO))
		return fail(err, "standard input", "it is not a listening socket; "
			    "say where with --listen unix:PATH or --listen HOST:PORT");
	if (fd < 0)
		fd = move_from_stdin();
	int flags = fd >= 0 ? fcntl(fd, F_GETFL) : -1;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return fail(err, "an inherited socket", strerror(errno));
	return fd;
}

int listener_open(struct listener *out, const char *address, struct buf *err)
{
	struct listener listener = {.ours = address != NULL};

	listener.fd = address ? open_address(&listener, address, err) : inherit(err);
	if (listener.fd < 0)
		return -1;
	listener.exposed = reaches_beyond_loopback(listener.fd);
	*out = listener;
	return 0;
}

/* Linux: a Unix socket that is shut down refuses connect() and still gives what
 * waits; a TCP socket would reset what waits, so there a filter drops every
 * SYN, and the peer's next attempt finds no socket any more. */
static void let_nobody_in(int fd)
{
	struct sock_filter drop_all = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = {.len = 1, .filter = &drop_all};
	int domain = AF_UNIX;
	socklen_t size = sizeof(domain);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
	if (domain == AF_UNIX)
		shutdown(fd, SHUT_RD);
	else
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

void listener_withdraw(struct listener *listener)
{
	struct stat st;

	if (!listener->ours)
		return;
	if (listener->path[0] && lstat(listener->path, &st) == 0 &&
	    st.st_dev == listener->device && st.st_ino == listener->inode)
		unlink(listener->path);
	listener->path[0] = 0;
	let_nobody_in(listener->fd);
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}

/* ---- accepting ---- */

static bool peer_is_welcome(const struct sockaddr *peer, socklen_t size)
{
	struct str welcome = str_from(getenv("FCGI_WEB_SERVER_ADDRS"));
	char text[NI_MAXHOST];

	if (!welcome.n)
		return true;
	if (getnameinfo(peer, size, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
		return false;
	const char *plain = strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text;
	while (welcome.n) {
		if (str_is(str_trim(str_cut(&welcome, ',')), plain))
			return true;
	}
	return false;
}

int listener_accept(int listen_fd)
{
	union address peer = {.storage = {0}};
	socklen_t size = sizeof(peer);
	int yes = 1;
	int fd = accept4(listen_fd, &peer.any, &size, SOCK_CLOEXEC);

	if (fd < 0 || peer.any.sa_family == AF_UNIX)
		return fd;
	if (!peer_is_welcome(&peer.any, size)) {
		close(fd);
		errno = ECONNABORTED;
		return -1;
	}
	/* A response's last record must not wait for the peer's delayed ACK. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}
