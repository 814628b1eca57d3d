/* supervisor.c: a configuration and an address -> a listening socket, N
 * workers and one indexer, kept alive until SIGTERM.
 *
 * The supervisor itself reads no request and no post: whatever can crash, hang
 * or grow happens in a child.  It owns the socket and never closes it on a
 * reload, so no connection is refused then.  A first child, the preparer,
 * brings the index up to date and opens the site; only when that went well does
 * a configuration count as good.  Signals are blocked and fetched one by one,
 * so there are no handlers.  Sources: sd_notify(3), signal(7), prctl(2).
 */
#include "supervisor.h"

#include "children.h"
#include "clock.h"
#include "follow.h"
#include "gateway_fcgi.h"
#include "index.h"
#include "indexer.h"
#include "listener.h"
#include "log.h"
#include "metrics.h"
#include "notify.h"
#include "pidfile.h"
#include "purge.h"
#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	FEWEST_WORKERS = 4,
	BUSY_SECONDS = 60,    /* for another process that is at the index; */
	BUSY_AT_START = 5,    /* where there is one to serve from */
	PATIENCE_MS = 2000,   /* for a retired worker, beyond the deadline of its request */
	NEXT_MS = 1000,       /* after which a reload no longer waits for the worker before */
	LOOK_MS = 50,         /* while something is due, */
	REST_MS = 1000,       /* otherwise, if no signal wakes us: is a worker stuck? */
	BEATS = 4,            /* signs of life of an idle worker in a watchdog's interval */
	MESSAGE_LIMIT = 4096, /* PIPE_BUF: written and read in one piece */
};

enum { EXIT_NO_INDEX = 10, EXIT_NO_SITE = 11, EXIT_BUSY = 12 };

/* Where the preparer wants the index, one after the other until one will do. */
enum attempt {
	AS_CONFIGURED,
	TEMPORARY, /* in a folder of our own, for this run */
	AS_IT_IS,  /* no new index at all: serve what there is */
};

struct setup {
	struct arena arena;
	struct config config;
};

struct supervisor {
	const struct supervisor_options *options;
	struct listener listener;
	struct setup *setup;     /* what children are started with, or NULL before the first */
	struct setup *candidate; /* what the preparer tries, or NULL */
	struct children children;
	struct metrics *metrics; /* or NULL */
	pid_t self;
	sigset_t inherited, handled;
	struct pidfile pidfile;
	int64_t watchdog;        /* ms between two signs of life to systemd; 0: none */
	int64_t next_sign;
	bool silent;             /* no worker answers, and this was said */
	bool reloading;          /* and systemd knows */
	enum attempt attempt;    /* of the preparer */
	bool again;              /* it was killed, and started once more */
	int message[2];          /* the pipe for what it says when it fails; -1 when closed */
	struct buf failure;      /* what it said the first time */
	const char *configured_index; /* of the candidate, when it could not be had */
	char temporary[108];     /* the folder of a temporary index, or "" */
	bool reload;             /* asked for while a preparer was at work */
	bool stopping;
	struct buf *err;         /* why it could not start */
	int status;
};

/* ---- small services ---- */

/* A socket must not become descriptor 0, 1 or 2, where others read and write. */
static void fill_standard_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR);

	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = dup(fd);
	if (fd >= 0)
		close(fd);
}

static void setup_free(struct setup *setup)
{
	if (!setup)
		return;
	arena_release(&setup->arena);
	free(setup);
}

/* NULL with the reason in err. */
static struct setup *setup_load(const char *file, struct buf *err)
{
	struct setup *setup = calloc(1, sizeof(*setup));

	if (!setup) {
		buf_puts(err, "out of memory");
		return NULL;
	}
	arena_init(&setup->arena, 0);
	if (config_load(&setup->arena, file, NULL, &setup->config, err) == 0)
		return setup;
	setup_free(setup);
	return NULL;
}

static void set_up_log(const struct supervisor *s, const struct config *config)
{
	log_setup(&(struct log_options){
		.target = s->options->log ? *s->options->log : config->log,
		.format = config->log_format,
		.with_time = true,
	});
}

static unsigned wanted_workers(const struct supervisor *s)
{
	cpu_set_t cores;
	unsigned n = s->options->workers ? s->options->workers : s->setup->config.workers;

	if (n)
		return n;
	if (sched_getaffinity(0, sizeof(cores), &cores) == 0)
		n = (unsigned)CPU_COUNT(&cores);
	return n > FEWEST_WORKERS ? n : FEWEST_WORKERS;
}

/* ---- what the children do ---- */

/* One complete run, although an indexer that was just told to leave, or somebody's
 * `cartolina index`, may still be at it.  On a reload nobody is kept waiting. */
static int index_once(const struct config *config, bool reload, struct buf *err)
{
	const struct indexer_task task = {
		.mode = INDEXER_NOW,
		.patience = reload || access(config->index, F_OK) ? BUSY_SECONDS : BUSY_AT_START,
	};
	struct indexer_report report;
	struct buf problems = BUF_EMPTY;

	int result = indexer_do(config, &task, &report, &problems, err);
	log_lines(buf_view(&problems));
	buf_release(&problems);
	return !result ? EXIT_SUCCESS : report.skipped ? EXIT_BUSY : EXIT_NO_INDEX;
}

static int prepare(const struct config *config, enum attempt attempt, bool reload, int message_fd)
{
	struct buf err = BUF_EMPTY;
	struct site *site = NULL;
	int status = attempt == AS_IT_IS ? EXIT_SUCCESS : index_once(config, reload, &err);

	if (status == EXIT_SUCCESS && site_open(&site, config, SITE_REFRESH_OTHER, &err) != 0)
		status = EXIT_NO_SITE;
	site_free(site);
	struct str message = str_head(str_trim(buf_view(&err)), MESSAGE_LIMIT);
	if (status != EXIT_SUCCESS && write(message_fd, message.p, message.n) < 0)
		log_error("%.*s", STR_ARG(message));
	buf_release(&err);
	return status;
}

static int work(const struct supervisor *s, const struct config *config, struct metrics_slot *slot)
{
	const struct gateway_fcgi_watch watch = {s->metrics, slot, (unsigned)((s->watchdog + BEATS - 1) / BEATS)};
	struct buf err = BUF_EMPTY;
	struct site *site = NULL;
	int status = EXIT_FAILURE;

	if (site_open(&site, config, SITE_REFRESH_OTHER, &err) == 0) {
		status = gateway_fcgi_serve(site, s->listener.fd, &watch);
		site_free(site);
	} else {
		log_error("a worker cannot open the site: %s", buf_z(&err));
	}
	buf_release(&err);
	return status;
}

/* The exit status of a fresh child. */
static int be_child(void *supervisor, enum child_role role, struct metrics_slot *slot)
{
	struct supervisor *s = supervisor;
	const struct config *config = role == CHILD_PREPARER ? &s->candidate->config : &s->setup->config;

	/* The supervisor may have died before prctl() could tell us. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != s->self)
		return EXIT_FAILURE;
	signal(SIGINT, SIG_IGN); /* a terminal sends it to us all; the supervisor decides */
	sigprocmask(SIG_SETMASK, &s->inherited, NULL);
	if (role == CHILD_WORKER)
		return work(s, config, slot);
	listener_close(&s->listener);
	if (role == CHILD_PREPARER)
		return prepare(config, s->attempt, s->setup, s->message[1]);
	follow_content(config, s->metrics);
	return EXIT_FAILURE;
}

/* ---- starting and retiring them ---- */

static int start(struct supervisor *s, enum child_role role)
{
	const struct setup *setup = role == CHILD_PREPARER ? s->candidate : s->setup;
	int64_t longest = (int64_t)setup->config.request_timeout * 1000 + PATIENCE_MS;

	return children_start(&s->children, role, longest, be_child, s);
}

/* ---- preparing a configuration ---- */

static void start_stopping(struct supervisor *s);

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int start_preparer(struct supervisor *s)
{
	if (pipe2(s->message, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	int result = start(s, CHILD_PREPARER);
	close_end(&s->message[1]);
	if (result != 0)
		close_end(&s->message[0]);
	return result;
}

static void give_up_candidate(struct supervisor *s, struct str why)
{
	setup_free(s->candidate);
	s->candidate = NULL;
	if (s->setup) {
		log_lines(why);
		log_error("the new configuration was not taken; the old one stays in force");
		if (s->metrics)
			metrics_add(&s->metrics->refused_reloads);
		s->reloading = false;
		notify_send("READY=1\nSTATUS=the new configuration was not taken; the log says why");
		return;
	}
	buf_str(s->err, why);
	s->status = EXIT_FAILURE;
	start_stopping(s);
}

static void consider(struct supervisor *s, struct setup *candidate)
{
	s->candidate = candidate;
	s->attempt = AS_CONFIGURED;
	s->again = false;
	buf_reset(&s->failure);
	if (start_preparer(s) != 0)
		give_up_candidate(s, STR_LIT("there can be no process for the index"));
}

static void reload(struct supervisor *s)
{
	struct buf why = BUF_EMPTY;

	s->reload = false;
	s->reloading = true;
	notify_send("RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reading the configuration",
		    (long long)clock_ms() * 1000);
	struct setup *candidate = setup_load(s->options->config_file, &why);
	if (candidate)
		consider(s, candidate);
	else
		give_up_candidate(s, buf_view(&why));
	buf_release(&why);
}

static bool make_temporary_folder(struct supervisor *s)
{
	const char *parent = getenv("TMPDIR");

	if (s->temporary[0])
		return true;
	int n = snprintf(s->temporary, sizeof(s->temporary), "%s/cartolina-XXXXXX",
			 parent && parent[0] == '/' ? parent : "/tmp");
	if (n > 0 && (size_t)n < sizeof(s->temporary) && mkdtemp(s->temporary))
		return true;
	s->temporary[0] = 0;
	return false;
}

/* False when there is nothing left to try.  Who finds the index busy needs no other one. */
static bool try_again(struct supervisor *s, bool busy, struct str why)
{
	struct config *config = &s->candidate->config;

	if (s->attempt == AS_CONFIGURED) {
		buf_str(&s->failure, why);
		s->configured_index = config->index;
	}
	if (s->attempt == AS_CONFIGURED && !busy && make_temporary_folder(s)) {
		s->attempt = TEMPORARY;
		config->index = arena_printf(&s->candidate->arena, "%s/index.db", s->temporary).p;
	} else if (s->attempt != AS_IT_IS) {
		s->attempt = AS_IT_IS;
		config->index = s->configured_index;
	} else {
		return false;
	}
	return start_preparer(s) == 0;
}

static void say_how_to_mend(const struct supervisor *s)
{
	const struct passwd *user = getpwuid(geteuid());

	if (s->attempt == AS_CONFIGURED)
		return;
	log_error("%s", buf_z(&s->failure));
	if (s->attempt == TEMPORARY)
		log_warning("for this run the index is in %s; to keep it, let user %s write to the "
			    "folder of %s, or set `index:` to a file elsewhere",
			    s->temporary, user ? user->pw_name : "(unnamed)", s->configured_index);
	else
		log_warning("the index cannot be brought up to date; what it has is served");
}

static void accept_candidate(struct supervisor *s)
{
	bool first = !s->setup;
	struct buf where = BUF_EMPTY;

	say_how_to_mend(s);
	setup_free(s->setup);
	s->setup = s->candidate;
	s->candidate = NULL;
	s->children.generation++;
	if (!first) {
		set_up_log(s, &s->setup->config);
		purge_send(&s->setup->config, STR_LIT(INDEX_EVERY_TAG), false); /* title, theme, languages */
	}
	if (s->metrics)
		metrics_add(&s->metrics->reloads);
	listener_describe(s->listener.fd, &where);
	log_notice("%s %s with %u workers", first ? "listening at" : "new configuration at",
		   buf_z(&where), wanted_workers(s));
	if (first && s->listener.exposed)
		log_warning("who can reach %s can make this site say anything: FastCGI has no "
			    "passwords, use a Unix socket or a loopback address",
			    buf_z(&where));
	if (first) {
		s->next_sign = clock_ms() + s->watchdog;
		notify_send("READY=1\nSTATUS=%u workers at %s", wanted_workers(s), buf_z(&where));
	}
	buf_release(&where);
}

static void preparer_ended(struct supervisor *s, int status)
{
	static const char died[] = "the process that makes the index died";
	char message[MESSAGE_LIMIT];
	ssize_t n = read(s->message[0], message, sizeof(message));
	struct str why = n > 0 ? (struct str){message, (size_t)n} : STR_LIT(died);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_NO_INDEX;

	close_end(&s->message[0]);
	if (s->stopping)
		return;
	if (WIFSIGNALED(status) && !s->again) {
		/* By an administrator, or for want of memory: no reason to go elsewhere. */
		log_warning("%s: %s; it is started again", died, strsignal(WTERMSIG(status)));
		s->again = true;
		if (start_preparer(s) == 0)
			return;
	}
	if (code == EXIT_SUCCESS)
		accept_candidate(s);
	else if ((code != EXIT_NO_INDEX && code != EXIT_BUSY) || !try_again(s, code == EXIT_BUSY, why))
		give_up_candidate(s, s->failure.n ? buf_view(&s->failure) : why);
}

/* ---- the house ---- */

static void reap(struct supervisor *s)
{
	struct child *child;
	int status;

	while ((child = children_reap(&s->children, &status))) {
		if (child->role == CHILD_PREPARER)
			preparer_ended(s, status);
		else
			children_died(&s->children, child, status);
		free(child);
	}
}

/* Idle and seen lately, or at a request that is not overdue. */
static bool answers(const struct supervisor *s, const struct child *c)
{
	if (c->role != CHILD_WORKER || !c->slot)
		return false;
	int64_t silence = clock_ms() - atomic_load(&c->slot->since);
	switch (atomic_load(&c->slot->state)) {
	case METRICS_IDLE: return silence < s->watchdog;
	case METRICS_BUSY: return silence < c->longest;
	default: return s->stopping && c->retired; /* it has children_kill_late() behind it */
	}
}

static void give_sign_of_life(struct supervisor *s)
{
	bool alive = !s->metrics; /* without memory for it nothing is known */

	if (!s->watchdog || !s->setup || clock_ms() < s->next_sign)
		return;
	for (const struct child *c = s->children.first; c && !alive; c = c->next)
		alive = answers(s, c);
	if (alive) {
		notify_send("WATCHDOG=1");
		s->next_sign = clock_ms() + s->watchdog;
		s->silent = false;
	} else if (!s->silent && clock_ms() > s->next_sign + s->watchdog / 2) {
		log_warning("no worker answers, so systemd is not told that all is well");
		s->silent = true;
	}
}

/* Told when the last process with the old configuration was asked to leave. */
static void end_reload(struct supervisor *s)
{
	if (!s->reloading || s->reload || s->candidate || !s->setup ||
	    children_find(&s->children, CHILD_WORKER, false))
		return;
	s->reloading = false;
	notify_send("READY=1\nSTATUS=%u workers with the new configuration", wanted_workers(s));
}

/* While a preparer is at work there is none: with another configuration it would
 * make the index anew, its own way. */
static void keep_indexer(struct supervisor *s)
{
	struct children *all = &s->children;

	for (struct child *c = all->first; c; c = c->next)
		if (c->role == CHILD_INDEXER && !c->retired && (s->candidate || c->generation != all->generation))
			children_retire(c, SIGTERM, s->setup->config.shutdown_timeout * 1000);
	if (!s->candidate && !children_find(all, CHILD_INDEXER, true) && children_may_start(all, CHILD_INDEXER))
		start(s, CHILD_INDEXER);
}

/* Each new worker is there before an old one leaves, and one leaves after the
 * other, so that a reload is never a gap. */
static void keep_workers(struct supervisor *s)
{
	int64_t patience = (int64_t)s->setup->config.request_timeout * 1000 + PATIENCE_MS;
	unsigned wanted = wanted_workers(s);
	struct children *all = &s->children;

	while (children_find(all, CHILD_WORKER, false)) {
		if (children_leaving(all, NEXT_MS) || !children_may_start(all, CHILD_WORKER))
			return;
		if (children_count(all, CHILD_WORKER, true) < wanted && start(s, CHILD_WORKER) != 0)
			return;
		children_retire(children_find(all, CHILD_WORKER, false), SIGUSR1, patience);
	}
	while (children_count(all, CHILD_WORKER, true) > wanted)
		children_retire(children_find(all, CHILD_WORKER, true), SIGUSR1, patience);
	while (children_count(all, CHILD_WORKER, true) < wanted && children_may_start(all, CHILD_WORKER))
		if (start(s, CHILD_WORKER) != 0)
			return;
}

/* Does what is due now.  True when there will be something to do without a signal. */
static bool keep_house(struct supervisor *s)
{
	struct children *all = &s->children;

	children_kill_late(all);
	children_kill_stuck(all);
	give_sign_of_life(s);
	if (s->stopping)
		return true;
	if (s->reload && !s->candidate)
		reload(s);
	if (!s->setup || s->stopping)
		return s->stopping;
	keep_indexer(s);
	keep_workers(s);
	end_reload(s);
	for (const struct child *c = all->first; c; c = c->next)
		if (c->retired)
			return true;
	return children_find(all, CHILD_WORKER, false) ||
	       (!s->candidate && !children_find(all, CHILD_INDEXER, true)) ||
	       children_count(all, CHILD_WORKER, true) != wanted_workers(s);
}

static void start_stopping(struct supervisor *s)
{
	const struct setup *setup = s->setup ? s->setup : s->candidate;
	int64_t patience = setup ? setup->config.shutdown_timeout * 1000 : 0;

	if (s->stopping)
		patience = 0; /* asked twice: whoever asks is in a hurry */
	else
		notify_send("STOPPING=1\nSTATUS=answering what was begun");
	s->stopping = true;
	listener_withdraw(&s->listener);
	children_retire_all(&s->children, SIGTERM, patience);
}

static void handle_signal(struct supervisor *s, int signal_number)
{
	switch (signal_number) {
	case SIGTERM:
	case SIGINT:
		start_stopping(s);
		break;
	case SIGHUP:
		s->reload = true;
		break;
	case SIGUSR1:
		s->children.generation++;
		break;
	default: /* SIGCHLD; reap() looks every time */
		break;
	}
}

/* ---- the beginning and the end ---- */

static void block_signals(struct supervisor *s)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};

	sigemptyset(&s->handled);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		signal(signals[i], SIG_DFL); /* an ignored SIGCHLD would reap for us */
		sigaddset(&s->handled, signals[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &s->handled, &s->inherited);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigdelset(&s->inherited, signals[i]);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* The index, and a copy of the theme beside it. */
static void remove_temporary(const struct supervisor *s)
{
	if (s->temporary[0] && nftw(s->temporary, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0)
		log_warning("%s could not be removed: %s", s->temporary, strerror(errno));
}

/* ms until there is something to look at, if no signal comes before. */
static int64_t pause_of(const struct supervisor *s, bool due)
{
	int64_t pause = due ? LOOK_MS : REST_MS, to_sign = s->next_sign - clock_ms();

	if (!s->watchdog || !s->setup || to_sign >= pause)
		return pause;
	return to_sign > 0 ? to_sign : LOOK_MS;
}

static void run(struct supervisor *s)
{
	while (!s->stopping || s->children.first) {
		bool due = keep_house(s);
		if (s->stopping && !s->children.first)
			break;
		int64_t pause = pause_of(s, due);
		const struct timespec nap = {.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000};
		int signal_number = sigtimedwait(&s->handled, NULL, &nap);
		reap(s);
		if (signal_number > 0)
			handle_signal(s, signal_number);
	}
}

/* -1 with a message in err. */
static int begin(struct supervisor *s, struct buf *err)
{
	const struct supervisor_options *options = s->options;
	struct setup *setup = setup_load(options->config_file, err);

	if (!setup)
		return -1;
	set_up_log(s, &setup->config);
	if (options->pid_file && pidfile_open(&s->pidfile, options->pid_file, err) != 0) {
		setup_free(setup);
		return -1;
	}
	if (listener_open(&s->listener, options->listen, err) != 0) {
		setup_free(setup);
		return -1;
	}
	if (!(s->children.metrics = s->metrics = metrics_new(time(NULL))))
		log_warning("there is no memory for numbers: /-/metrics has few, and systemd's watchdog sees less");
	consider(s, setup);
	return 0;
}

int supervisor_run(const struct supervisor_options *options, struct buf *err)
{
	struct supervisor s = {
		.options = options,
		.self = getpid(),
		.listener.fd = -1,
		.pidfile.fd = -1,
		.message = {-1, -1},
		.watchdog = notify_watchdog_interval(),
		.err = err,
		.status = EXIT_SUCCESS,
	};

	fill_standard_descriptors();
	block_signals(&s); /* from here on nothing is left behind */
	if (begin(&s, err) == 0)
		run(&s);
	else
		s.status = EXIT_FAILURE;
	struct str lines = buf_view(err), first;
	if (s.status != EXIT_SUCCESS && str_line(&lines, &first))
		notify_send("STATUS=%.*s", STR_ARG(first));
	listener_close(&s.listener);
	remove_temporary(&s);
	pidfile_remove(&s.pidfile);
	setup_free(s.candidate);
	setup_free(s.setup);
	metrics_free(s.metrics);
	buf_release(&s.failure);
	return s.status;
}
