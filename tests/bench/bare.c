/* bare.c: a FastCGI responder that does nothing but send one file: the floor that
 * Cartolina's requests per second are compared with.
 *
 *   bare SOCKET WORKERS FILE
 *
 * FILE is a whole response in CGI form.  The accept loop is the library's own, as in its
 * documentation; no deadlines, no replacement of workers.  Until SIGTERM.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 511, RESPONSE_LIMIT = 1 << 20, MOST_WORKERS = 64 };

static void serve(int listen_fd, const char *response, int n)
{
	FCGX_Request request;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, listen_fd, 0) != 0)
		return;
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(response, n, request.out);
		FCGX_Finish_r(&request);
	}
}

static int read_response(const char *path, char *response)
{
	FILE *file = fopen(path, "rb");
	size_t n = file ? fread(response, 1, RESPONSE_LIMIT, file) : 0;

	if (file)
		fclose(file);
	return n < RESPONSE_LIMIT ? (int)n : 0;
}

static pid_t start_worker(int listen_fd, const char *response, int n, const sigset_t *mask)
{
	const pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (getppid() == parent)
		serve(listen_fd, response, n);
	_exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	static char response[RESPONSE_LIMIT];
	pid_t workers[MOST_WORKERS];
	sigset_t stop, mask;
	int signal_number, started = 0;
	int wanted = argc == 4 ? atoi(argv[2]) : 0;
	int n = argc == 4 ? read_response(argv[3], response) : 0;

	if (wanted < 1 || wanted > MOST_WORKERS || n == 0) {
		fputs("usage: bare SOCKET WORKERS FILE\n", stderr);
		return 2;
	}
	int listen_fd = FCGX_OpenSocket(argv[1], BACKLOG);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGCHLD); /* none of them should end before us */
	sigprocmask(SIG_BLOCK, &stop, &mask);
	while (started < wanted && (workers[started] = start_worker(listen_fd, response, n, &mask)) > 0)
		started++;
	if (started < wanted)
		perror("bare");
	else
		sigwait(&stop, &signal_number);
	int status = started == wanted && signal_number == SIGTERM ? EXIT_SUCCESS : EXIT_FAILURE;
	for (int i = 0; i < started; i++)
		kill(workers[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	return status;
}
