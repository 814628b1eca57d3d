/* gateway_fcgi.c: FastCGI requests on a listening socket -> respond() -> the
 * bytes that CGI would give, in FastCGI records.
 *
 * libfcgi reads the records and nothing else: its accept loop loses signals,
 * waits for silent peers for ever and answers requests that were cut off, and it
 * writes an answer in pieces.  So connections are accepted here, one timer is the
 * deadline of a whole request, and a connection is handed to FCGX_Accept_r by
 * setting fields of FCGX_Request that its header calls internal; library_fits()
 * tries that out at every start.  Sources: FastCGI 1.0 §3, §5 and §6; libfcgi 2.4.2.
 */
#include "gateway_fcgi.h"

#include "access.h"
#include "clock.h"
#include "fcgireply.h"
#include "kept.h"
#include "limit.h"
#include "listener.h"
#include "log.h"
#include "responsecache.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	TICK_MS = 50,        /* after the deadline, every blocking call ends within this */
	PATIENCE = 20,       /* ticks after the deadline until the process gives up */
	GRACE_MS = 250,      /* for the first byte of a connection, when asked to leave */
	DRAIN_MS = 1000,     /* for answering what waits, after SIGTERM */
	SHORTAGE_MS = 100,   /* between attempts when there is no descriptor or memory */
	SELF_TEST_SECONDS = 2,
	SPREAD = 8,          /* workers are replaced up to 1/8 early */
	MEMORY = 256 << 20,  /* bytes that a worker may grow by; PARAMS have no limit of their own */
	RESPONSE_LIMIT = 64 << 20,
};

struct worker {
	struct site *site;
	struct responsecache *cache;
	const struct gateway_fcgi_watch *watch;
	int listen_fd;
	sigset_t waiting; /* the signal mask while no request is at hand */
	int64_t leave_by; /* ms, monotonic: the end of draining; 0 before it */
	unsigned long served, limit;
	bool complained;  /* about a peer that is not a web server's responder client */
	bool kept_first;  /* the next request is from a kept connection if there is one */
	struct kept kept;
	struct arena arena;
	struct buf out;
	FCGX_Request fcgi; /* ipcFd is the connection at hand, or -1 */
};

/* Written by signal handlers, hence not in struct worker. */
static volatile sig_atomic_t leave;   /* the signal that asked us to, or 0 */
static volatile sig_atomic_t overdue; /* ticks since the deadline of the request at hand */

static void on_leave(int signal_number)
{
	leave = signal_number;
}

static void on_tick(int signal_number)
{
	(void)signal_number;
	overdue = overdue + 1;
	if (overdue > PATIENCE)
		_exit(GATEWAY_FCGI_STUCK);
}

/* One tick would be lost if it came just before a blocking call, so they go on. */
static void set_deadline(unsigned seconds)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = seconds},
		.it_interval = {.tv_usec = seconds ? TICK_MS * 1000 : 0},
	};

	overdue = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static struct timespec milliseconds(int n)
{
	return (struct timespec){.tv_sec = n / 1000, .tv_nsec = n % 1000 * 1000000L};
}

bool gateway_fcgi_is_listening(int fd)
{
	return listener_is_listening(fd);
}

/* ---- one request ---- */

/* Closes without a word and without libfcgi's linger of two seconds. */
static void drop(struct worker *w)
{
	w->fcgi.detached = 1;
	FCGX_Free(&w->fcgi, 1);
}

static void complain_once(struct worker *w, const char *message)
{
	if (!w->complained)
		log_warning("%s", message);
	w->complained = true;
}

/* Only responders are here. */
static void refuse_role(struct worker *w)
{
	if (fcgireply_refuse(w->fcgi.ipcFd, w->fcgi.requestId))
		complain_once(w, "a web server asked for a FastCGI role other than responder");
	/* With the linger: a TCP reset for unread input could overtake the record. */
	w->fcgi.detached = 0;
	FCGX_Free(&w->fcgi, 1);
}

/* True when PARAMS and STDIN came whole and in time.  A body is never used,
 * but what is left of it would be taken for the next request. */
static bool read_to_the_end(FCGX_Stream *in)
{
	char sink[16 * 1024];

	while (!FCGX_GetError(in) && !overdue && FCGX_GetStr(sink, sizeof(sink), in) > 0)
		;
	return !FCGX_GetError(in) && !overdue;
}

static const char *variable(void *context, const char *name)
{
	FCGX_Request *fcgi = context;

	return FCGX_GetParam(name, fcgi->envp);
}

static enum metrics_cache verdict_for_metrics(enum responsecache_verdict verdict)
{
	switch (verdict) {
	case RESPONSECACHE_HIT: return METRICS_CACHE_HIT;
	case RESPONSECACHE_MISS: return METRICS_CACHE_MISS;
	case RESPONSECACHE_NONE: break;
	}
	return METRICS_CACHE_NONE;
}

/* conf/nginx/cartolina-cache.conf asks for this.  nginx counts whole seconds: what it
 * is told to keep for one it keeps for up to two; until the end of this one is less.
 * It takes the field out. */
static void limit_cache(struct worker *w, const struct request *request, struct response *response)
{
	const char *wanted = variable(&w->fcgi, "CARTOLINA_CACHE");

	if (wanted && str_is(str_from(wanted), "second"))
		response_field(response, "X-Accel-Expires", arena_printf(&w->arena, "@%lld", (long long)request->now));
}

static bool answer(struct worker *w)
{
	struct request request;
	struct response response = {0};
	const struct config *config = site_config(w->site);
	int64_t begun = clock_us();

	site_catch_up(w->site);
	request_read(&w->arena, config, variable, &w->fcgi, time(NULL), &request);
	enum responsecache_verdict verdict =
		responsecache_respond(w->cache, w->site, &request, &w->arena, &response);
	limit_cache(w, &request, &response);
	buf_reset(&w->out);
	response_write_head(&response, &w->out);
	if (buf_failed(&w->out)) {
		buf_reset(&w->out);
		response_internal_error(&response);
		response_write_head(&response, &w->out);
	}
	bool sent = !buf_failed(&w->out) &&
		    fcgireply_send(w->fcgi.ipcFd, w->fcgi.requestId, buf_view(&w->out),
				   response.without_body ? STR_LIT("") : response.body, &overdue);
	access_note(&(struct access){
		.config = config,
		.request = &request,
		.response = &response,
		.id = config->access_log ? access_id(&w->arena, variable, &w->fcgi) : STR_LIT(""),
		.cache = verdict_for_metrics(verdict),
		.microseconds = (uint64_t)(clock_us() - begun),
		.cut_off = !sent,
	}, w->watch->metrics);
	arena_reset(&w->arena);
	return sent;
}

/* True when the connection stays open for another request. */
static bool serve_request(struct worker *w)
{
	FCGX_Request *fcgi = &w->fcgi;

	fcgi->keepConnection = 1; /* or FCGX_Accept_r would close it as the one before */
	fcgi->detached = 1;
	if (FCGX_Accept_r(fcgi) != 0)
		return false;
	w->served++;
	if (FCGX_GetError(fcgi->in) == 0 && fcgi->role != FCGI_RESPONDER) {
		refuse_role(w);
		return false;
	}
	if (!read_to_the_end(fcgi->in)) {
		metrics_dropped(w->watch->metrics);
		drop(w);
		return false;
	}
	if (!answer(w)) {
		drop(w);
		return false;
	}
	bool stays = fcgi->keepConnection && !leave && w->served < w->limit;
	fcgi->detached = 1;
	FCGX_Free(fcgi, !stays);
	return stays;
}

/* ---- connections ---- */

/* Waits for the first byte of a request.  False: nothing came, or not FastCGI. */
static bool request_begins(struct worker *w)
{
	struct pollfd ready = {.fd = w->fcgi.ipcFd, .events = POLLIN};
	const struct timespec grace = milliseconds(GRACE_MS);
	unsigned char first = 0;

	while (!ready.revents) {
		if (overdue)
			return false;
		int n = ppoll(&ready, 1, leave ? &grace : NULL, &w->waiting);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
	}
	if (recv(w->fcgi.ipcFd, &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
		return false;
	if (first != FCGI_VERSION_1)
		complain_once(w, "a peer does not speak FastCGI (a web server that uses HTTP here?)");
	return first == FCGI_VERSION_1;
}

static void set_state(struct worker *w, enum metrics_state state)
{
	metrics_state(w->watch->slot, state, clock_ms());
}

static void serve_connection(struct worker *w, int fd)
{
	const unsigned timeout = site_config(w->site)->request_timeout;
	bool stays = false;

	w->fcgi.ipcFd = fd;
	set_deadline(timeout);
	set_state(w, METRICS_BUSY);
	if (request_begins(w)) {
		stays = serve_request(w);
		if (overdue)
			log_warning("a request was not over after %u s and was dropped", timeout);
	} else {
		drop(w);
	}
	set_deadline(0);
	if (stays)
		kept_add(&w->kept, fd, clock_ms() + (int64_t)timeout * 1000);
	set_state(w, METRICS_IDLE);
}

/* While connections keep coming, ppoll() finds one each time and lets no signal
 * in; so it is asked about nothing from time to time. */
static int asked_to_leave(const struct worker *w)
{
	const struct timespec at_once = {0};

	if (!leave)
		ppoll(NULL, 0, &at_once, &w->waiting);
	return leave;
}

static bool may_go_on(struct worker *w)
{
	int asked = asked_to_leave(w);

	if (asked != SIGTERM)
		return !asked;
	if (!w->leave_by)
		w->leave_by = clock_ms() + DRAIN_MS;
	return clock_ms() < w->leave_by;
}

/* For a connection, new or kept; or until there is something else to do. */
static void wait_for_peers(struct worker *w)
{
	struct pollfd fds[1 + KEPT_LIMIT] = {{.fd = w->listen_fd, .events = POLLIN}};
	nfds_t count = 1 + kept_poll(&w->kept, fds + 1);
	int64_t patience = kept_patience(&w->kept);

	if (w->watch->beat && (patience < 0 || patience > (int64_t)w->watch->beat))
		patience = (int64_t)w->watch->beat;
	const struct timespec timeout = milliseconds((int)patience);
	ppoll(fds, count, patience < 0 ? NULL : &timeout, &w->waiting);
}

/* One with a request on it, or a new one; -1 with errno as of accept().  By turns, so that
 * neither kind has to wait for the other to pause. */
static int peer(struct worker *w)
{
	int fd = w->kept_first ? kept_take(&w->kept) : -1;

	w->kept_first = fd < 0;
	if (fd < 0)
		fd = listener_accept(w->listen_fd);
	return fd;
}

/* A connection, or -1 when it is time to leave. */
static int next_connection(struct worker *w)
{
	const struct timespec shortage = milliseconds(SHORTAGE_MS);

	while (w->served < w->limit && may_go_on(w)) {
		if (leave)
			kept_close_all(&w->kept);
		int fd = peer(w);
		if (fd >= 0)
			return fd;
		if (errno == EBADF || errno == ENOTSOCK || errno == EINVAL)
			break;
		if (errno == EAGAIN && leave)
			break;
		if (errno == EAGAIN) {
			set_state(w, METRICS_IDLE);
			wait_for_peers(w);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			ppoll(NULL, 0, &shortage, &w->waiting);
		}
	}
	return -1;
}

/* ---- starting ---- */

/* One request to ourselves, the way serve_request() does it. */
static bool library_fits(FCGX_Request *fcgi)
{
	static const unsigned char request[] = {
		1, FCGI_BEGIN_REQUEST, 0, 1, 0, 8, 0, 0, 0, FCGI_RESPONDER, 0, 0, 0, 0, 0, 0,
		1, FCGI_PARAMS, 0, 1, 0, 7, 0, 0, 1, 4, 'A', 'f', 'i', 't', 's',
		1, FCGI_PARAMS, 0, 1, 0, 0, 0, 0,
		1, FCGI_STDIN, 0, 1, 0, 0, 0, 0,
	};
	unsigned char reply;
	int pair[2];
	bool fits = false;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	set_deadline(SELF_TEST_SECONDS);
	fcgi->ipcFd = pair[0];
	fcgi->keepConnection = 1;
	fcgi->detached = 1;
	if (write(pair[1], request, sizeof(request)) == sizeof(request) && FCGX_Accept_r(fcgi) == 0) {
		const char *value = FCGX_GetParam("A", fcgi->envp);
		fits = fcgi->role == FCGI_RESPONDER && !fcgi->keepConnection && fcgi->ipcFd == pair[0] &&
		       value && strcmp(value, "fits") == 0 && read_to_the_end(fcgi->in);
		fcgi->detached = 1;
		FCGX_Free(fcgi, 1);
	}
	/* The end of the file and nothing before it. */
	fits = fits && recv(pair[1], &reply, 1, MSG_DONTWAIT) == 0 && fcgi->ipcFd < 0 && !overdue;
	close(pair[1]);
	set_deadline(0);
	return fits;
}

static void take_signals(sigset_t *waiting)
{
	static const int leaving[] = {SIGTERM, SIGHUP, SIGUSR1};
	struct sigaction action = {.sa_handler = on_leave};
	sigset_t blocked;

	/* No SA_RESTART anywhere: to interrupt is what they are for. */
	sigemptyset(&action.sa_mask);
	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(leaving) / sizeof(*leaving); i++) {
		sigaction(leaving[i], &action, NULL);
		sigaddset(&blocked, leaving[i]);
	}
	action.sa_handler = on_tick;
	sigaction(SIGALRM, &action, NULL);
	sigprocmask(SIG_BLOCK, &blocked, waiting);
	for (size_t i = 0; i < sizeof(leaving) / sizeof(*leaving); i++)
		sigdelset(waiting, leaving[i]);
	sigdelset(waiting, SIGALRM);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

/* Neighbouring process numbers give distant limits. */
static unsigned long request_limit(unsigned max_requests)
{
	unsigned step = (unsigned)getpid() * 2654435761u;

	return max_requests ? max_requests - step % (max_requests / SPREAD + 1) : ULONG_MAX;
}

int gateway_fcgi_serve(struct site *site, int listen_fd, const struct gateway_fcgi_watch *watch)
{
	struct worker w = {
		.site = site,
		.watch = watch,
		.listen_fd = listen_fd,
		.limit = request_limit(site_config(site)->max_requests),
		.out = {.ceiling = RESPONSE_LIMIT},
	};
	int fd;

	/* In this order FCGX_Init() leaves our handlers alone, but for SIGPIPE. */
	take_signals(&w.waiting);
	bool fits = FCGX_Init() == 0 && FCGX_InitRequest(&w.fcgi, -1, 0) == 0;
	signal(SIGPIPE, SIG_IGN);
	if (!fits || !library_fits(&w.fcgi)) {
		log_error("this libfcgi does not work as libfcgi 2.4.2 does");
		return GATEWAY_FCGI_UNFIT;
	}
	site_set_metrics(site, watch->metrics);
	/* RLIMIT_DATA and not RLIMIT_AS, because the index may be mapped, and may grow. */
	limit_growth(RLIMIT_DATA, MEMORY);
	arena_init(&w.arena, RESPONSE_LIMIT);
	w.cache = responsecache_new(site_config(site)->worker_cache);
	while ((fd = next_connection(&w)) >= 0)
		serve_connection(&w, fd);
	kept_close_all(&w.kept);
	responsecache_free(w.cache);
	arena_release(&w.arena);
	buf_release(&w.out);
	return leave || w.served >= w.limit ? GATEWAY_FCGI_LEFT : GATEWAY_FCGI_DEAF;
}
