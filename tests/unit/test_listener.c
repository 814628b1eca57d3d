/* test_listener.c: addresses, modes, what may be removed, inherited sockets. */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_listener.XXXXXX";
static char path[64];  /* of a socket in it */
static char address[80]; /* unix:path */

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(address, sizeof(address), "unix:%s", path);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int connect_to(const char *where)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", where);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static struct listener open_fine(const char *where)
{
	struct listener listener;
	struct buf err = BUF_EMPTY;

	if (listener_open(&listener, where, &err) != 0)
		fail_msg("%s", buf_z(&err));
	assert_int_equal(err.n, 0);
	assert_true(listener.fd > 2);
	assert_true(listener_is_listening(listener.fd));
	assert_true(fcntl(listener.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(listener.fd, F_GETFL) & O_NONBLOCK);
	return listener;
}

static void assert_refused(const char *where, const char *because)
{
	struct listener listener = {.fd = -7};
	struct buf err = BUF_EMPTY;

	int result = listener_open(&listener, where, &err);
	if (result != -1 || !strstr(buf_z(&err), because) || strchr(buf_z(&err), '\n'))
		fail_msg("%s: %d, \"%s\" without \"%s\"", where, result, buf_z(&err), because);
	assert_int_equal(listener.fd, -7);
	buf_release(&err);
}

static bool machine_has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	close(fd);
	return fd >= 0 && access("/proc/net/if_inet6", R_OK) == 0;
}

static void tcp_addresses(void **state)
{
	static const struct {
		const char *address, *described;
		bool exposed, v6;
	} cases[] = {
		{"127.0.0.1:0", "127.0.0.1:", false, false},
		{"localhost:0", "127.0.0.1:", false, false},
		{"127.3.2.1:0", "127.3.2.1:", false, false},
		{"0.0.0.0:0", "0.0.0.0:", true, false},
		{"[::1]:0", "[::1]:", false, true},
		{"[::]:0", "[::]:", true, true},
		{"*:0", "[::]:", true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (cases[i].v6 && !machine_has_ipv6()) {
			fprintf(stderr, "skipped without IPv6: %s\n", cases[i].address);
			continue;
		}
		struct listener listener = open_fine(cases[i].address);
		struct buf text = BUF_EMPTY;
		listener_describe(listener.fd, &text);
		assert_true(str_starts(buf_view(&text), cases[i].described));
		assert_true(text.n > strlen(cases[i].described)); /* the port that the system chose */
		assert_int_equal(listener.exposed, cases[i].exposed);
		assert_true(listener.ours);
		buf_release(&text);
		listener_withdraw(&listener);
		assert_true(listener_is_listening(listener.fd));
		listener_close(&listener);
		assert_int_equal(listener.fd, -1);
	}
}

static void a_taken_port_is_an_error(void **state)
{
	struct listener listener = open_fine("127.0.0.1:0");
	struct buf text = BUF_EMPTY;

	(void)state;
	listener_describe(listener.fd, &text);
	assert_refused(buf_z(&text), "in use");
	buf_release(&text);
	listener_close(&listener);
}

static void wrong_addresses(void **state)
{
	static const struct {
		const char *address, *because;
	} cases[] = {
		{"", "neither"},
		{"nonsense", "neither"},
		{"9000", "neither"},
		{":9000", "host is missing"},
		{"127.0.0.1:", "port"},
		{"127.0.0.1:x", "port"},
		{"127.0.0.1:90x", "port"},
		{"127.0.0.1:-1", "port"},
		{"127.0.0.1:65536", "port"},
		{"127.0.0.1:99999999999999999999", "port"},
		{"::1:9000", "brackets"},
		{"[]:9000", "cannot listen at []:9000"},
		{"[::1:9000", "brackets"},
		{"[nonsense]:9000", "cannot listen"},
		{"203.0.113.9:0", "annot assign"},
		{"unix:", "path is missing"},
		{"unix:/nonexistent/folder/s", "folder does not exist"},
		{"/nonexistent/folder/s", "folder does not exist"},
		{"/dev/null", "not a socket"},
	};
	char longest[200] = "unix:/tmp/";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_refused(cases[i].address, cases[i].because);
	memset(longest + 10, 'x', 150);
	assert_refused(longest, "107 bytes");
}

static void unix_sockets_have_their_own_mode(void **state)
{
	static const mode_t umasks[] = {0, 022, 077, 0777};
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(umasks) / sizeof(*umasks); i++) {
		mode_t old = umask(umasks[i]);
		struct listener listener = open_fine(i % 2 ? path : address);
		umask(old);
		struct buf text = BUF_EMPTY;
		listener_describe(listener.fd, &text);
		assert_string_equal(buf_z(&text), address);
		buf_release(&text);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0660);
		assert_false(listener.exposed);
		listener_withdraw(&listener);
		listener_close(&listener);
		assert_int_equal(access(path, F_OK), -1);
	}
}

static void paths_may_be_relative(void **state)
{
	char *before = getcwd(NULL, 0);

	(void)state;
	assert_int_equal(chdir(folder), 0);
	struct listener listener = open_fine("unix:s");
	assert_int_equal(access(path, F_OK), 0);
	listener_withdraw(&listener);
	listener_close(&listener);
	assert_int_equal(chdir(before), 0);
	free(before);
}

static void a_stale_socket_is_replaced_and_a_live_one_is_not(void **state)
{
	struct listener first = open_fine(address);

	(void)state;
	assert_refused(address, "another process");
	close(connect_to(path)); /* it is still there */
	listener_close(&first);  /* without withdrawing it: a crash */
	assert_int_equal(access(path, F_OK), 0);
	struct listener second = open_fine(address);
	listener_withdraw(&second);
	listener_close(&second);
}

static void only_sockets_are_ever_removed(void **state)
{
	(void)state;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_refused(address, "not a socket");
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);

	assert_int_equal(symlink("/nonexistent/target", path), 0);
	assert_refused(address, "not a socket");
	assert_int_equal(unlink(path), 0);

	/* A datagram socket, such as a logger's, refuses in another way. */
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_refused(address, "another process");
	close(fd);
	assert_int_equal(unlink(path), 0);
}

static void a_successors_socket_is_not_removed(void **state)
{
	struct listener first = open_fine(address);

	(void)state;
	assert_int_equal(unlink(path), 0);
	struct listener second = open_fine(address);
	listener_withdraw(&first);
	assert_int_equal(access(path, F_OK), 0);
	listener_close(&first);
	close(connect_to(path));
	listener_withdraw(&second);
	listener_close(&second);
	assert_int_equal(access(path, F_OK), -1);
}

/* A connection to a listener's own address, without waiting for it. */
static int connect_back(int listen_fd)
{
	struct sockaddr_storage to;
	socklen_t size = sizeof(to);

	getsockname(listen_fd, (struct sockaddr *)&to, &size);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connect(fd, (struct sockaddr *)&to, size) == 0)
		return fd;
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	if (errno == EINPROGRESS && poll(&wait, 1, 200) == 1)
		return fd;
	close(fd);
	return -1;
}

static void what_waits_survives_the_withdrawal(void **state)
{
	const char *const addresses[] = {address, "127.0.0.1:0"};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		struct listener listener = open_fine(addresses[i]);
		char hello[3] = "";
		errno = 0;
		assert_int_equal(listener_accept(listener.fd), -1);
		assert_int_equal(errno, EAGAIN);
		int client = connect_back(listener.fd);
		assert_int_equal(write(client, "hi", 2), 2);
		listener_withdraw(&listener);
		assert_int_equal(connect_back(listener.fd), -1);
		int accepted = listener_accept(listener.fd);
		assert_true(accepted >= 0);
		assert_true(fcntl(accepted, F_GETFD) & FD_CLOEXEC);
		assert_false(fcntl(accepted, F_GETFL) & O_NONBLOCK);
		assert_int_equal(read(accepted, hello, 2), 2);
		assert_string_equal(hello, "hi");
		assert_int_equal(write(accepted, "ho", 2), 2);
		close(accepted);
		struct pollfd wait = {.fd = client, .events = POLLIN};
		assert_int_equal(poll(&wait, 1, 1000), 1);
		assert_int_equal(read(client, hello, 2), 2);
		assert_string_equal(hello, "ho");
		assert_int_equal(listener_accept(listener.fd), -1);
		close(client);
		listener_close(&listener);
	}
}

static void descriptor_0_is_inherited(void **state)
{
	struct listener given = open_fine(address);
	int stdin_before = dup(STDIN_FILENO);

	(void)state;
	fcntl(given.fd, F_SETFL, fcntl(given.fd, F_GETFL) & ~O_NONBLOCK);
	dup2(given.fd, STDIN_FILENO);
	struct listener inherited = open_fine(NULL);
	assert_false(inherited.ours);
	assert_false(listener_is_listening(STDIN_FILENO));
	char byte;
	assert_int_equal(read(STDIN_FILENO, &byte, 1), 0);
	dup2(stdin_before, STDIN_FILENO);
	close(stdin_before);
	listener_withdraw(&inherited);
	listener_close(&inherited);
	close(connect_to(path)); /* given goes on */
	listener_withdraw(&given);
	listener_close(&given);
	assert_refused(NULL, "not a listening socket");
}

static void systemds_socket_is_inherited(void **state)
{
	struct listener given = open_fine(address);
	char pid[32];
	int before = dup(3);

	(void)state;
	if (given.fd != 3)
		dup2(given.fd, 3);
	setenv("LISTEN_FDS", "1", 1);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid() + 1);
	setenv("LISTEN_PID", pid, 1);
	assert_refused(NULL, "standard input"); /* meant for somebody else */
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	struct listener inherited = open_fine(NULL);
	assert_int_equal(inherited.fd, 3);
	assert_false(inherited.ours);
	assert_null(getenv("LISTEN_FDS"));
	assert_null(getenv("LISTEN_PID"));
	if (given.fd != 3)
		close(3);
	if (before >= 0) {
		if (given.fd != 3)
			dup2(before, 3);
		close(before);
	}
	listener_withdraw(&given);
	listener_close(&given);
}

static void tcp_peers_can_be_named(void **state)
{
	static const struct {
		const char *allowed;
		bool welcome;
	} cases[] = {
		{NULL, true}, {"", true}, {"127.0.0.1", true}, {"10.0.0.1, 127.0.0.1", true},
		{"10.0.0.1", false}, {"127.0.0.10", false}, {"nonsense,", false},
	};
	struct listener listener = open_fine("127.0.0.1:0");
	struct sockaddr_storage to;
	socklen_t size = sizeof(to);

	(void)state;
	getsockname(listener.fd, (struct sockaddr *)&to, &size);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (cases[i].allowed)
			setenv("FCGI_WEB_SERVER_ADDRS", cases[i].allowed, 1);
		int client = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(client, (struct sockaddr *)&to, size), 0);
		int accepted = listener_accept(listener.fd);
		assert_int_equal(accepted >= 0, cases[i].welcome);
		if (!cases[i].welcome)
			assert_int_equal(errno, ECONNABORTED);
		else
			close(accepted);
		close(client);
	}
	unsetenv("FCGI_WEB_SERVER_ADDRS");
	listener_close(&listener);
}

static void not_every_descriptor_listens(void **state)
{
	int pair[2], file = open("/dev/null", O_RDONLY), plain = socket(AF_UNIX, SOCK_STREAM, 0);
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_false(listener_is_listening(pair[0]));
	assert_false(listener_is_listening(file));
	assert_false(listener_is_listening(plain));
	assert_false(listener_is_listening(-1));
	listener_describe(file, &text);
	listener_describe(pair[0], &text);
	assert_string_equal(buf_z(&text), "no socketunix:");
	buf_release(&text);
	close(pair[0]);
	close(pair[1]);
	close(file);
	close(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_addresses),
		cmocka_unit_test(a_taken_port_is_an_error),
		cmocka_unit_test(wrong_addresses),
		cmocka_unit_test(unix_sockets_have_their_own_mode),
		cmocka_unit_test(paths_may_be_relative),
		cmocka_unit_test(a_stale_socket_is_replaced_and_a_live_one_is_not),
		cmocka_unit_test(only_sockets_are_ever_removed),
		cmocka_unit_test(a_successors_socket_is_not_removed),
		cmocka_unit_test(what_waits_survives_the_withdrawal),
		cmocka_unit_test(descriptor_0_is_inherited),
		cmocka_unit_test(systemds_socket_is_inherited),
		cmocka_unit_test(tcp_peers_can_be_named),
		cmocka_unit_test(not_every_descriptor_listens),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
