/* test_gateway_fcgi.c: a worker in a child process, and a peer that speaks raw
 * records to it.  That a worker serves at all shows that this libfcgi takes a
 * connection through the fields which its header calls internal. */
#include "gateway_fcgi.h"

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "listener.h"

#include <errno.h>
#include <fastcgi.h>
#include <setjmp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	MAX_REQUESTS = 7,
	TIMEOUT = 1,       /* seconds */
	LONG_TIMEOUT = 20, /* where what is looked at must not be the deadline's doing */
	AT_LAST = 8000,    /* ms: more than a busy machine takes */
};

static char folder[] = "/tmp/test_gateway.XXXXXX";
static char socket_path[64];

/* ---- the worker ---- */

static void write_file(const char *name, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void configure(int request_timeout)
{
	char text[96];

	snprintf(text, sizeof(text), "index: index.db\nrequest_timeout: %d\nmax_requests: 7\n", request_timeout);
	write_file("cartolina.yaml", text);
}

static int make_site(void **state)
{
	char path[96];

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(socket_path, sizeof(socket_path), "%s/s", folder);
	snprintf(path, sizeof(path), "%s/content", folder);
	if (mkdir(path, 0755) != 0)
		return -1;
	write_file("content/uno.md", "---\ntitle: Uno\n---\nCiao a tutti.\n");
	configure(TIMEOUT);
	return 0;
}

static int remove_site(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static int be_worker(const struct listener *listener)
{
	struct arena arena;
	struct config config;
	struct buf err = BUF_EMPTY;
	struct site *site;
	char file[96];

	snprintf(file, sizeof(file), "%s/cartolina.yaml", folder);
	arena_init(&arena, 0);
	if (config_load(&arena, file, NULL, &config, &err) != 0 ||
	    site_open(&site, &config, SITE_REFRESH_SELF, &err) != 0) {
		fprintf(stderr, "%s\n", buf_z(&err));
		return 99;
	}
	int status = gateway_fcgi_serve(site, listener->fd, &(struct gateway_fcgi_watch){0});
	site_free(site);
	arena_release(&arena);
	buf_release(&err);
	return status;
}

struct worker {
	struct listener listener;
	pid_t pid;
};

static struct worker start_worker(void)
{
	struct worker worker;
	struct buf err = BUF_EMPTY;

	if (listener_open(&worker.listener, socket_path, &err) != 0)
		fail_msg("%s", buf_z(&err));
	fflush(NULL);
	worker.pid = fork();
	if (worker.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that failed does not stop it */
		_exit(be_worker(&worker.listener));
	}
	assert_true(worker.pid > 0);
	return worker;
}

/* Its exit status, -signal, or 1000 when it had to be killed. */
static int wait_for(struct worker *worker, int milliseconds)
{
	const struct timespec nap = {.tv_nsec = 5000000};
	int status, late = 0;

	while (waitpid(worker->pid, &status, WNOHANG) == 0) {
		if ((milliseconds -= 5) < 0 && !late++)
			kill(worker->pid, SIGKILL);
		nanosleep(&nap, NULL);
	}
	listener_withdraw(&worker->listener);
	listener_close(&worker->listener);
	if (late)
		return 1000;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void stop_worker(struct worker *worker)
{
	kill(worker->pid, SIGTERM);
	assert_int_equal(wait_for(worker, 1000), GATEWAY_FCGI_LEFT);
}

/* ---- the peer ---- */

static int dial(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", socket_path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void add_record(struct buf *out, int type, const void *content, size_t n)
{
	const unsigned char header[8] = {1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8),
					 (unsigned char)n};

	buf_add(out, header, sizeof(header));
	buf_add(out, content, n);
}

static void add_pair(struct buf *out, const char *name, const char *value)
{
	buf_char(out, (char)strlen(name));
	buf_char(out, (char)strlen(value));
	buf_puts(out, name);
	buf_puts(out, value);
}

static struct buf make_request(int role, int flags, const char *path, size_t body)
{
	const unsigned char begin[8] = {0, (unsigned char)role, (unsigned char)flags};
	struct buf out = BUF_EMPTY, params = BUF_EMPTY;
	char *bytes = calloc(1, body + 1);

	add_pair(&params, "REQUEST_METHOD", "GET");
	add_pair(&params, "SCRIPT_NAME", path);
	add_pair(&params, "QUERY_STRING", "");
	add_record(&out, FCGI_BEGIN_REQUEST, begin, sizeof(begin));
	add_record(&out, FCGI_PARAMS, params.p, params.n);
	add_record(&out, FCGI_PARAMS, "", 0);
	if (body)
		add_record(&out, FCGI_STDIN, bytes, body);
	add_record(&out, FCGI_STDIN, "", 0);
	buf_release(&params);
	free(bytes);
	return out;
}

struct reply {
	struct buf out;   /* STDOUT */
	bool ended;       /* END_REQUEST came */
	int protocol_status;
};

static bool read_exactly(int fd, unsigned char *to, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t k = read(fd, to + done, n - done);
		if (k <= 0)
			return false;
		done += (size_t)k;
	}
	return true;
}

static struct reply read_reply(int fd)
{
	struct reply reply = {.protocol_status = -1};
	unsigned char header[8], content[65535 + 255];

	while (!reply.ended && read_exactly(fd, header, sizeof(header))) {
		size_t n = (size_t)header[4] << 8 | header[5];
		assert_int_equal(header[0], 1);
		if (!read_exactly(fd, content, n + header[6]))
			break;
		if (header[1] == FCGI_STDOUT)
			buf_add(&reply.out, content, n);
		reply.ended = header[1] == FCGI_END_REQUEST;
		if (reply.ended)
			reply.protocol_status = content[4];
	}
	return reply;
}

static struct reply ask(int fd, struct buf request)
{
	send(fd, request.p, request.n, MSG_NOSIGNAL);
	buf_release(&request);
	return read_reply(fd);
}

static void assert_answered(struct reply reply)
{
	if (!reply.ended || !str_starts(buf_view(&reply.out), "Status: 200") ||
	    str_find(buf_view(&reply.out), "Ciao a tutti") == reply.out.n)
		fail_msg("ended %d: %.300s", reply.ended, buf_z(&reply.out));
	assert_int_equal(reply.protocol_status, FCGI_REQUEST_COMPLETE);
	buf_release(&reply.out);
}

static void assert_no_answer(struct reply reply, const char *when, size_t at)
{
	if (str_starts(buf_view(&reply.out), "Status: 200") ||
	    (reply.out.n && !str_starts(buf_view(&reply.out), "Status: ")))
		fail_msg("%s at %zu: %.300s", when, at, buf_z(&reply.out));
	buf_release(&reply.out);
}

static struct buf plain(void)
{
	return make_request(FCGI_RESPONDER, 0, "/uno", 0);
}

/* The worker has read all that was written. */
static void assert_taken(int fd)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	int left = 1;

	for (int i = 0; i < AT_LAST && left; i++) {
		assert_int_equal(ioctl(fd, SIOCOUTQ, &left), 0);
		nanosleep(&nap, NULL);
	}
	assert_int_equal(left, 0);
}

static bool has_hung_up(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) <= 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the tests ---- */

static void answers_and_hangs_up(void **state)
{
	struct worker worker = start_worker();
	int fd = dial();

	(void)state;
	assert_answered(ask(fd, plain()));
	assert_true(has_hung_up(fd));
	close(fd);
	stop_worker(&worker);
}

static void serves_a_kept_connection_whatever_the_body(void **state)
{
	static const size_t bodies[] = {60000, 1, 8192};

	(void)state;
	configure(LONG_TIMEOUT);
	struct worker worker = start_worker();
	int fd = dial();
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_answered(
			ask(fd, make_request(FCGI_RESPONDER, FCGI_KEEP_CONN, "/uno", bodies[i])));
	/* Idle, it is in nobody's way, although the only worker is here; and it goes on. */
	int64_t before = now_ms();
	int other = dial();
	assert_answered(ask(other, plain()));
	assert_answered(ask(fd, make_request(FCGI_RESPONDER, FCGI_KEEP_CONN, "/uno", 0)));
	assert_true(now_ms() - before < AT_LAST);
	assert_answered(ask(fd, plain()));
	assert_true(has_hung_up(fd));
	close(other);
	close(fd);
	stop_worker(&worker);
	configure(TIMEOUT);
}

static void a_cut_request_is_not_answered(void **state)
{
	struct buf whole = plain();

	(void)state;
	for (size_t at = 0; at < whole.n;) {
		struct worker worker = start_worker(); /* for MAX_REQUESTS at most */
		for (int i = 0; i < MAX_REQUESTS / 2 && at < whole.n; i++, at += 3) {
			int fd = dial();
			assert_int_equal(write(fd, whole.p, at), at);
			shutdown(fd, SHUT_WR);
			assert_no_answer(read_reply(fd), "cut", at);
			close(fd);
		}
		stop_worker(&worker);
	}
	buf_release(&whole);
}

static void a_request_without_a_method_is_not_answered(void **state)
{
	struct worker worker = start_worker();
	struct buf request = plain();
	int fd = dial();

	(void)state;
	memcpy(request.p + str_find(buf_view(&request), "REQUEST_METHOD"), "REQUEST_MYTHOD", 14);
	assert_no_answer(ask(fd, request), "no method", 0);
	close(fd);
	stop_worker(&worker);
}

static void other_roles_are_told_so(void **state)
{
	static const int roles[] = {FCGI_AUTHORIZER, FCGI_FILTER};
	struct worker worker = start_worker();

	(void)state;
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		int fd = dial();
		struct reply reply = ask(fd, make_request(roles[i], 0, "/uno", 0));
		assert_int_equal(reply.out.n, 0);
		assert_true(reply.ended);
		assert_int_equal(reply.protocol_status, FCGI_UNKNOWN_ROLE);
		close(fd);
	}
	stop_worker(&worker);
}

static void silence_ends_at_the_deadline(void **state)
{
	static const size_t sent[] = {0, 3, 16, 40};
	struct buf whole = plain();

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(*sent); i++) {
		struct worker worker = start_worker();
		int64_t before = now_ms();
		int fd = dial();
		assert_int_equal(write(fd, whole.p, sent[i]), sent[i]);
		assert_true(has_hung_up(fd));
		int64_t took = now_ms() - before;
		assert_in_range(took, TIMEOUT * 1000 - 50, TIMEOUT * 1000 + AT_LAST);
		close(fd);
		int next = dial();
		assert_answered(ask(next, plain()));
		close(next);
		stop_worker(&worker);
	}
	buf_release(&whole);
}

static void leaves_after_its_share_of_requests(void **state)
{
	struct worker worker = start_worker();

	(void)state;
	for (int i = 0; i < MAX_REQUESTS; i++) {
		int fd = dial();
		assert_answered(ask(fd, plain()));
		close(fd);
	}
	assert_int_equal(wait_for(&worker, AT_LAST), GATEWAY_FCGI_LEFT);
}

static void leaves_at_once_when_idle(void **state)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGUSR1};

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct worker worker = start_worker();
		int fd = dial();
		assert_answered(ask(fd, plain())); /* so it is past its start */
		close(fd);
		kill(worker.pid, signals[i]);
		assert_int_equal(wait_for(&worker, AT_LAST), GATEWAY_FCGI_LEFT);
	}
}

static void sigterm_answers_what_waits_and_sighup_leaves_it(void **state)
{
	(void)state;
	for (int stopping = 0; stopping < 2; stopping++) {
		struct worker worker = start_worker();
		struct buf whole = plain();
		int first = dial(), waiting[3];
		/* Held at its first half, it has no time for the others yet. */
		assert_int_equal(write(first, whole.p, 30), 30);
		for (int i = 0; i < 3; i++) {
			waiting[i] = dial();
			assert_int_equal(write(waiting[i], whole.p, whole.n), whole.n);
		}
		assert_taken(first);
		kill(worker.pid, stopping ? SIGTERM : SIGHUP);
		assert_int_equal(write(first, whole.p + 30, whole.n - 30), whole.n - 30);
		assert_answered(read_reply(first)); /* what was begun is finished */
		if (stopping)
			for (int i = 0; i < 3; i++)
				assert_answered(read_reply(waiting[i]));
		assert_int_equal(wait_for(&worker, AT_LAST), GATEWAY_FCGI_LEFT);
		for (int i = 0; i < 3 && !stopping; i++) {
			struct reply reply = read_reply(waiting[i]);
			assert_false(reply.ended); /* the socket went with this test's listener */
			assert_int_equal(reply.out.n, 0);
		}
		for (int i = 0; i < 3; i++)
			close(waiting[i]);
		close(first);
		buf_release(&whole);
	}
}

#ifndef __SANITIZE_ADDRESS__ /* which needs all the address space */
static void endless_variables_meet_a_limit(void **state)
{
	struct buf records = BUF_EMPTY, request = plain();
	char *empty = calloc(1, 65534); /* 32,767 pairs of nothing and nothing */
	size_t sent = 0;

	(void)state;
	configure(LONG_TIMEOUT);
	struct worker worker = start_worker();
	int fd = dial();
	add_record(&records, FCGI_PARAMS, empty, 65534);
	assert_int_equal(write(fd, request.p, 16), 16); /* BEGIN_REQUEST */
	while (sent < (64u << 20)) {
		ssize_t n = send(fd, records.p, records.n, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	assert_true(sent < (64u << 20));
	close(fd);
	int status = wait_for(&worker, AT_LAST);
	assert_int_not_equal(status, 1000);
	assert_int_not_equal(status, GATEWAY_FCGI_LEFT);
	free(empty);
	buf_release(&records);
	buf_release(&request);
	configure(TIMEOUT);
}
#endif

static void a_listening_socket_is_told_from_others(void **state)
{
	struct listener listener;
	struct buf err = BUF_EMPTY;

	(void)state;
	assert_int_equal(listener_open(&listener, "127.0.0.1:0", &err), 0);
	assert_true(gateway_fcgi_is_listening(listener.fd));
	assert_false(gateway_fcgi_is_listening(STDERR_FILENO));
	assert_false(gateway_fcgi_is_listening(-1));
	listener_close(&listener);
	assert_false(gateway_fcgi_is_listening(listener.fd));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listening_socket_is_told_from_others),
		cmocka_unit_test(answers_and_hangs_up),
		cmocka_unit_test(serves_a_kept_connection_whatever_the_body),
		cmocka_unit_test(a_cut_request_is_not_answered),
		cmocka_unit_test(a_request_without_a_method_is_not_answered),
		cmocka_unit_test(other_roles_are_told_so),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(leaves_after_its_share_of_requests),
		cmocka_unit_test(leaves_at_once_when_idle),
		cmocka_unit_test(sigterm_answers_what_waits_and_sighup_leaves_it),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(endless_variables_meet_a_limit),
#endif
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_site, remove_site);
}
