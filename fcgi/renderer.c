/* renderer.c: a few forked children, each fed one job at a time over a socket
 * pair, each answering with one frame.
 *
 * The limits are set in the child: CPU time by a timer that is armed for every
 * job (its default action ends the child), memory by RLIMIT_AS, no core files.  The parent
 * adds a deadline in wall time for whatever does not use CPU.  A child that
 * ends without an answer has named the culprit: it is the job it had.
 */
#include "renderer.h"

#include "arena.h"
#include "check.h"
#include "clock.h"
#include "hash.h"
#include "limit.h"
#include "post.h"
#include "postpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MEMORY_LIMIT = 512 * 1024 * 1024, /* bytes of address space beyond the parent's own */
	WALL_FACTOR = 10,                 /* seconds of wall time for each of CPU time */
	FRAME_LIMIT = 1024 * 1024 * 1024,
	CHILDREN = 64,
};

enum outcome { OUTCOME_RENDERED, OUTCOME_REFUSED, OUTCOME_GONE };

struct frame {
	uint64_t outcome;
	uint64_t hash, asked_state;
	uint64_t head, body, text, asked, problems; /* bytes that follow */
};

/* --- the child -------------------------------------------------------------- */

static int write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int read_all(int fd, void *bytes, size_t n)
{
	char *p = bytes;

	while (n) {
		ssize_t k = read(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static void limit_this_process(void)
{
	struct rlimit none = {0, 0};
	sigset_t nothing;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	limit_growth(RLIMIT_AS, MEMORY_LIMIT);
	/* The parent's handlers are not for this process, and a signal that is
	 * blocked ends nobody. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPROF, SIG_DFL);
	sigemptyset(&nothing);
	sigprocmask(SIG_SETMASK, &nothing, NULL);
}

static void arm_timer(unsigned seconds)
{
	struct itimerval timer = {.it_value = {.tv_sec = seconds}};

	setitimer(ITIMER_PROF, &timer, NULL);
}

static void say(struct arena *arena, const struct config *config, const char *file, struct buf *problems,
		const char *message, const char *rule)
{
	buf_printf(problems, "%s:1:1: error: %s [post/%s]\n", post_shown_path(arena, config, str_from(file)),
		   message, rule);
}

/* A reader that opens a FIFO would wait for ever: only plain files are posts. */
static enum outcome read_source(struct arena *arena, const struct config *config, const char *file,
				struct buf *text, struct stat *st, struct buf *problems)
{
	int fd = open(arena_printf(arena, "%s/%s", config->content, file).p,
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum outcome outcome = OUTCOME_RENDERED;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return OUTCOME_GONE;
	text->ceiling = (size_t)config->max_post_size + 1;
	if (fd < 0 || fstat(fd, st)) {
		say(arena, config, file, problems, strerror(errno), "read");
		outcome = OUTCOME_REFUSED;
	} else if (!S_ISREG(st->st_mode)) {
		say(arena, config, file, problems, "not a plain file", "read");
		outcome = OUTCOME_REFUSED;
	} else if (st->st_size > (off_t)config->max_post_size || buf_read_fd(text, fd)) {
		say(arena, config, file, problems,
		    arena_printf(arena, "larger than %u bytes (max_post_size)", config->max_post_size).p, "size");
		outcome = OUTCOME_REFUSED;
	}
	if (fd >= 0)
		close(fd);
	return outcome;
}

static int answer(int fd, const struct config *config, const struct renderer_job *job)
{
	const char *file = job->file;
	struct buf text = BUF_EMPTY, head = BUF_EMPTY, body = BUF_EMPTY, problems = BUF_EMPTY;
	struct arena arena;
	struct post post = {.text = {"", 0}};
	struct stat st = {0};
	struct frame frame = {0};

	arena_init(&arena, 0);
	enum outcome outcome = OUTCOME_RENDERED;
	if (job->text.p)
		buf_str(&text, job->text);
	else
		outcome = read_source(&arena, config, file, &text, &st, &problems);
	if (outcome == OUTCOME_RENDERED) {
		frame.hash = hash64(buf_view(&text));
		if (post_read(&arena, config, str_from(file), buf_view(&text), st.st_mtime, &post, &problems))
			outcome = OUTCOME_REFUSED;
	}
	if (outcome == OUTCOME_RENDERED && job->check)
		check_post(&arena, config, &post, &problems);
	if (outcome == OUTCOME_RENDERED) {
		postpack_head(&post.head, &head);
		postpack_body(&post.body, &body);
	}
	frame.outcome = outcome;
	frame.head = head.n;
	frame.body = body.n;
	frame.text = outcome == OUTCOME_RENDERED ? post.text.n : 0;
	frame.asked = outcome == OUTCOME_RENDERED ? post.asked.n : 0;
	frame.asked_state = post.asked_state;
	frame.problems = problems.n;
	int result = write_all(fd, &frame, sizeof(frame)) || write_all(fd, head.p, head.n) ||
		     write_all(fd, body.p, body.n) || write_all(fd, post.text.p, frame.text) ||
		     write_all(fd, post.asked.p, frame.asked) ||
		     write_all(fd, problems.p, problems.n);
	buf_release(&text);
	buf_release(&head);
	buf_release(&body);
	buf_release(&problems);
	arena_release(&arena);
	return result;
}

static void child_main(int fd, const struct config *config, const struct renderer_job *jobs)
{
	uint64_t job;

	limit_this_process();
	while (!read_all(fd, &job, sizeof(job))) {
		arm_timer(config->render_timeout);
		if (answer(fd, config, &jobs[job]))
			break;
		arm_timer(0);
	}
	_exit(0);
}

/* --- the parent -------------------------------------------------------------- */

struct child {
	pid_t pid;
	int fd;
	bool busy;
	size_t job;
	int64_t deadline; /* milliseconds of the monotonic clock */
};

struct pool {
	const struct config *config;
	const struct renderer_job *jobs;
	size_t count, next;
	struct child child[CHILDREN];
	unsigned size;
	renderer_done *done;
	void *context;
	struct buf *err;
};

static int start_child(struct pool *pool, struct child *child)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		buf_printf(pool->err, "cannot make a socket pair: %s\n", strerror(errno));
		return -1;
	}
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		/* A sibling's open end would keep its parent from seeing it die. */
		for (unsigned i = 0; i < pool->size; i++)
			if (pool->child[i].pid)
				close(pool->child[i].fd);
		child_main(pair[1], pool->config, pool->jobs);
	}
	close(pair[1]);
	if (pid < 0) {
		buf_printf(pool->err, "cannot start a renderer: %s\n", strerror(errno));
		close(pair[0]);
		return -1;
	}
	*child = (struct child){.pid = pid, .fd = pair[0]};
	return 0;
}

static int stop_child(struct child *child, bool force)
{
	int status = 0;

	if (force)
		kill(child->pid, SIGKILL);
	close(child->fd);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	child->busy = false;
	return status;
}

static const char *cause_of_death(int status, bool too_late, unsigned seconds, struct arena *arena)
{
	if (too_late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF))
		return arena_printf(arena, "rendering it took more than %u s of CPU time (render_timeout)", seconds).p;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
		return "rendering it needs too much memory";
	if (WIFSIGNALED(status))
		return arena_printf(arena, "rendering it crashed the Markdown library (signal %d); "
				    "is something nested very deeply?", WTERMSIG(status)).p;
	return "rendering it failed";
}

/* The child's job is done, by the child's own death. */
static void bury(struct pool *pool, struct child *child, bool too_late)
{
	struct arena arena;
	struct buf problems = BUF_EMPTY;
	size_t job = child->job;

	int status = stop_child(child, true);
	arena_init(&arena, 0);
	say(&arena, pool->config, pool->jobs[job].file, &problems,
	    cause_of_death(status, too_late, pool->config->render_timeout, &arena), "limit");
	struct renderer_result result = {.job = job, .problems = buf_view(&problems)};
	pool->done(pool->context, &result);
	buf_release(&problems);
	arena_release(&arena);
}

static void collect(struct pool *pool, struct child *child)
{
	struct frame frame;
	struct buf bytes = BUF_EMPTY;

	if (read_all(child->fd, &frame, sizeof(frame)) || frame.head > FRAME_LIMIT || frame.body > FRAME_LIMIT ||
	    frame.text > FRAME_LIMIT || frame.asked > FRAME_LIMIT || frame.problems > FRAME_LIMIT) {
		bury(pool, child, false);
		return;
	}
	size_t n = frame.head + frame.body + frame.text + frame.asked + frame.problems;
	buf_reserve(&bytes, n);
	if (buf_failed(&bytes) || (n && read_all(child->fd, bytes.p, n))) {
		buf_release(&bytes);
		bury(pool, child, false);
		return;
	}
	struct renderer_result result = {
		.job = child->job,
		.rendered = frame.outcome == OUTCOME_RENDERED,
		.gone = frame.outcome == OUTCOME_GONE,
		.hash = frame.hash,
		.head = {bytes.p, frame.head},
		.body = {bytes.p + frame.head, frame.body},
		.text = {bytes.p + frame.head + frame.body, frame.text},
		.asked = {bytes.p + frame.head + frame.body + frame.text, frame.asked},
		.asked_state = frame.asked_state,
		.problems = {bytes.p + n - frame.problems, frame.problems},
	};
	child->busy = false;
	pool->done(pool->context, &result);
	buf_release(&bytes);
}

static int feed(struct pool *pool, struct child *child)
{
	uint64_t job = pool->next;

	if (!child->pid && start_child(pool, child))
		return -1;
	child->job = pool->next++;
	child->busy = true;
	child->deadline = clock_ms() + (int64_t)pool->config->render_timeout * 1000 * WALL_FACTOR;
	if (write_all(child->fd, &job, sizeof(job)))
		bury(pool, child, false);
	return 0;
}

static void wait_for_answers(struct pool *pool)
{
	struct pollfd polled[CHILDREN];
	int64_t now = clock_ms(), soonest = INT64_MAX;

	for (unsigned i = 0; i < pool->size; i++) {
		struct child *c = &pool->child[i];
		polled[i] = (struct pollfd){.fd = c->busy ? c->fd : -1, .events = POLLIN};
		if (c->busy && c->deadline < soonest)
			soonest = c->deadline;
	}
	int timeout = soonest <= now ? 0 : (int)(soonest - now);
	if (poll(polled, pool->size, timeout) < 0)
		return;
	now = clock_ms();
	for (unsigned i = 0; i < pool->size; i++) {
		struct child *c = &pool->child[i];
		if (!c->busy)
			continue;
		if (polled[i].revents)
			collect(pool, c);
		else if (c->deadline <= now)
			bury(pool, c, true);
	}
}

static bool any_busy(const struct pool *pool)
{
	for (unsigned i = 0; i < pool->size; i++)
		if (pool->child[i].busy)
			return true;
	return false;
}

int renderer_run(const struct config *config, const struct renderer_job *jobs, size_t count,
		 unsigned parallel, renderer_done *done, void *context, struct buf *err)
{
	struct pool pool = {
		.config = config, .jobs = jobs, .count = count, .done = done, .context = context, .err = err,
	};
	struct sigaction before, plain = {.sa_handler = SIG_DFL};
	int result = 0;

	/* Who inherited an ignored SIGCHLD never learns how a child ended. */
	sigaction(SIGCHLD, &plain, &before);
	pool.size = parallel < 1 ? 1 : parallel < CHILDREN ? parallel : CHILDREN;
	if (pool.size > count)
		pool.size = (unsigned)count;
	while (!result && (pool.next < count || any_busy(&pool))) {
		size_t said = err->n;
		bool fed = true;
		for (unsigned i = 0; i < pool.size && fed && pool.next < count; i++)
			if (!pool.child[i].busy)
				fed = !feed(&pool, &pool.child[i]);
		/* Where no more processes are allowed, fewer will do. */
		if (!fed && any_busy(&pool))
			buf_truncate(err, said);
		else if (!fed)
			result = -1;
		if (!result)
			wait_for_answers(&pool);
	}
	for (unsigned i = 0; i < pool.size; i++)
		if (pool.child[i].pid)
			stop_child(&pool.child[i], pool.child[i].busy);
	sigaction(SIGCHLD, &before, NULL);
	return result;
}
